"""The mock."""

from __future__ import annotations

import datetime
import functools
import inspect
import os
import re
import sys
import threading
import unittest
from typing import Any, Callable, Dict, Mapping, Optional, TypeVar, Union, overload

from . import _controls, _hooks, _library
from ._errors import NotActiveError
from ._operations import GLUE_TARGETS, TARGETS

Option = Union[str, bool, int, datetime.date]
_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

# The key is not an account id, so that the mock's `account` is that of the calls: a
# session keeps the key that it has seen first.
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAGLUESECURITYMOCK", "AWS_SECRET_ACCESS_KEY": "secret"}


_ARN = re.compile(r"arn:[^:]+:[^:]+:[^:]*:[0-9]{12}:[!-~ ]+")


def _option_text(name: str, value: Option) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    raise TypeError(f"{name} is a str, bool, int or date, not {type(value).__name__}")


# Guards `active` of _hooks, the counts of mocks, and the environment.
_lock = threading.RLock()
# The number of active mocks that want credentials, and the values before the first of
# them that set any.
_credential_users = 0
_values_before: Optional[Dict[str, Optional[str]]] = None


def _make_lock_again() -> None:
    global _lock
    _lock = threading.RLock()


# A thread that held the lock is not in the child.
os.register_at_fork(after_in_child=_make_lock_again)


def _use_credentials() -> None:
    """Gives the environment credentials, unless it has some: without any, botocore refuses
    to sign, after it has asked the network for them. It takes an empty value for none.
    Those of a mock may have been left by whoever restored the environment of its time."""
    global _credential_users, _values_before
    _credential_users += 1
    found = {name: os.environ.get(name) for name in _CREDENTIALS}
    key = found["AWS_ACCESS_KEY_ID"]
    if all(found.values()) and key != _CREDENTIALS["AWS_ACCESS_KEY_ID"]:
        return
    if _values_before is None:
        _values_before = {
            name: None if value == _CREDENTIALS[name] else value
            for name, value in found.items()
        }
    os.environ.update(_CREDENTIALS)


def _drop_credentials() -> None:
    """Restores the values that are still those of the mock."""
    global _credential_users, _values_before
    _credential_users -= 1
    if _credential_users > 0 or _values_before is None:
        return
    before, _values_before = _values_before, None
    for name, value in before.items():
        if os.environ.get(name) != _CREDENTIALS[name]:
            continue
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


class MockGlueSecurity:
    """A mock, which `mock_glue_security` makes.

    It is a context manager and a decorator, or is started and stopped by hand. It starts
    empty, with an engine of its own, and answers the calls of all threads until it ends.
    Of several active mocks, the one that started last answers. A mock that is entered
    again while it is active stays the same, and ends with its last exit.
    """

    def __init__(
        self,
        *,
        fast: bool = False,
        kms: bool = True,
        set_credentials: bool = True,
        principals: Optional[Mapping[str, str]] = None,
        behavior: str = "current",
        **options: Option,
    ) -> None:
        self.fast = bool(fast)
        self.targets = TARGETS if kms else GLUE_TARGETS
        self._sets_credentials = bool(set_credentials)
        self._principals: Dict[bytes, bytes] = {}
        for key, arn in (principals or {}).items():
            if not isinstance(key, str) or not isinstance(arn, str):
                raise TypeError("principals: a str is needed for each key and ARN")
            if not _ARN.fullmatch(arn):
                raise ValueError(f"principals: not the ARN of a principal: {arn!r}")
            self._principals[key.encode()] = arn.encode()
        options = {"behavior": behavior, **options}
        self._options = [(name, _option_text(name, options[name])) for name in options]
        self._library: Any = None
        self._handle = 0
        self._depth = 0
        self.clock = _controls.Clock(self._run)
        self.faults = _controls.Faults(self._run)

    # ---- start and end

    def start(self) -> "MockGlueSecurity":
        """Starts the mock. Raises InvalidArgumentError for a wrong option."""
        if not _hooks.HAS_BOTOCORE:
            raise ImportError("mock_glue_security needs botocore")
        library = _library.load()
        session = getattr(sys.modules.get("boto3"), "DEFAULT_SESSION", None)
        if session is not None:
            # boto3.client() uses it, and it may be older than this package.
            self.attach(session)
        with _lock:
            if self._depth == 0:
                self._handle = library.open(self._options)
                self._library = library
                _hooks.active = (*_hooks.active, self)
                if self._sets_credentials:
                    _use_credentials()
            self._depth += 1
        return self

    def stop(self) -> None:
        """Ends the mock, and forgets its records unless they are in a file."""
        with _lock:
            if self._depth == 0:
                raise NotActiveError("the mock is not active")
            self._depth -= 1
            if self._depth > 0:
                return
            _hooks.active = tuple(mock for mock in _hooks.active if mock is not self)
            if self._sets_credentials:
                _drop_credentials()
            handle, self._handle = self._handle, 0
        self._library.close(handle)

    def __enter__(self) -> "MockGlueSecurity":
        return self.start()

    def __exit__(self, *unused: Any) -> None:
        self.stop()

    def __call__(self, function: _Decorated) -> _Decorated:
        """Decorates a function, also one of async or a generator, or a class of tests,
        each of whose tests then has a fresh mock."""
        if not callable(function):
            raise TypeError(f"neither a function nor a class: {function!r}")
        if isinstance(function, type):
            return _decorate_class(function, self)  # type: ignore[return-value]
        return _decorate(function, self)  # type: ignore[return-value]

    def attach(self, target: Any) -> None:
        """Answers a client, or the clients of a session, that was made before
        glue_security was imported. Others are answered without this."""
        _hooks.attach(target)

    # ---- control

    def reset(self) -> None:
        """Empties the records, the keys, the fault rules and the history, and lets the
        clock follow the system's. Snapshots stay."""
        self._run("reset")

    def save(self, name: str = "default") -> None:
        """Saves the records, without keys, as a snapshot in memory."""
        self._run("save", _snapshot_name(name))

    def restore(self, name: str = "default") -> None:
        """Restores a snapshot. Raises SnapshotNotFoundError if there is none."""
        self._run("restore", _snapshot_name(name))

    @property
    def history(self) -> _controls.History:
        """The calls so far with their answers, a list of docs/reference/control.md's."""
        return _controls.history(self._run)

    # ---- calls

    def _run(self, function: str, *arguments: Any) -> bytes:
        handle = self._handle
        if handle == 0:
            raise NotActiveError("the mock is not active")
        return self._library.run(function, handle, *arguments)

    def _call(self, key: bytes, region: bytes, target: bytes, body: bytes) -> _library.Answer:
        """Makes a call for the owner of an access key."""
        principal = self._principals.get(key, b"")
        account = b""
        if principal:
            account = principal.split(b":")[4]
        elif len(key) == 12 and key.isdigit():
            account = key
        return self._library.call(self._handle, account, region, principal, target, body)


def _snapshot_name(name: str) -> str:
    if not isinstance(name, str):
        raise TypeError(f"the name of a snapshot is a str, not {type(name).__name__}")
    return name


def _decorate(function: Callable[..., Any], mock: MockGlueSecurity) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def run_async(*args: Any, **kwargs: Any) -> Any:
            with mock:
                return await function(*args, **kwargs)

        return run_async
    if inspect.isasyncgenfunction(function):
        raise TypeError("an async generator cannot be decorated: use `with` inside it")
    if inspect.isgeneratorfunction(function):

        @functools.wraps(function)
        def run_generator(*args: Any, **kwargs: Any) -> Any:
            with mock:
                return (yield from function(*args, **kwargs))

        return run_generator

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        with mock:
            result = function(*args, **kwargs)
        if inspect.isawaitable(result):
            # Nobody has awaited it, and the mock has ended.
            if inspect.iscoroutine(result):
                result.close()
            raise TypeError(
                f"{function.__qualname__} is not async, but returns an awaitable: "
                "use `with` inside it"
            )
        return result

    return run


def _decorate_method(method: Any, mock: MockGlueSecurity) -> Any:
    """Decorates a method of a class, under this mock alone if that of a base is on it."""
    for kind in (staticmethod, classmethod):
        if isinstance(method, kind):
            return kind(_decorate_method(method.__func__, mock))
    inner = getattr(method, "_without_mock", method)
    decorated = _decorate(inner, mock)
    decorated._without_mock = inner  # type: ignore[attr-defined]
    return decorated


def _decorate_class(decorated: type, mock: MockGlueSecurity) -> type:
    if issubclass(decorated, unittest.TestCase):
        # They run setUp, the test, tearDown and the cleanups.
        names = ["run", "debug"]
    else:
        names = [name for name in dir(decorated) if name.startswith("test")]
    for name in names:
        method = inspect.getattr_static(decorated, name)
        if inspect.isfunction(method) or isinstance(method, (staticmethod, classmethod)):
            setattr(decorated, name, _decorate_method(method, mock))
    return decorated


@overload
def mock_glue_security(function: _Decorated) -> _Decorated: ...


@overload
def mock_glue_security(
    *,
    fast: bool = ...,
    kms: bool = ...,
    set_credentials: bool = ...,
    principals: Optional[Mapping[str, str]] = ...,
    behavior: str = ...,
    **options: Option,
) -> MockGlueSecurity: ...


def mock_glue_security(function: Any = None, /, **options: Any) -> Any:
    """Answers the Security API of AWS Glue, and the keys of KMS, for boto3.

        @mock_glue_security
        def test_policy(): ...

        with mock_glue_security(storage="sqlite:/tmp/records", page_size_default=2) as mock:
            mock.clock.freeze("2026-01-31T12:00:00Z")

    fast             answers before requests are signed: three times as fast, but botocore
                     retries nothing, and a lost answer is an error at once
    kms              False leaves the operations of KMS to the next mock. The engine then
                     has keys of its own for what the settings encrypt
    set_credentials  False leaves the environment as it is. By default it has credentials
                     while a mock is active, if it has none
    principals       the ARNs of the owners of access keys, for `authorize`; each has an
                     account
    behavior         "current" (the default), "observed" or "documented"
    storage, account, region, authorize, identity, history
                     as glue_security_open of the C door describes them
    others           every field of Behavior and Limits, by its name

    An access key of 12 digits is the account of a call. Operations that the engine does
    not know go on to the next mock, such as moto's, or to the network.
    """
    mock = MockGlueSecurity(**options)
    return mock if function is None else mock(function)


class GlueSecurityTestMixin:
    """A base of unittest's test cases, named before TestCase. Each test has a fresh mock,
    `self.glue_security`, from before setUp until after the cleanups."""

    # The keywords of mock_glue_security.
    glue_security_options: Mapping[str, Any] = {}
    glue_security: MockGlueSecurity

    def run(self, result: Any = None) -> Any:
        self.glue_security = mock_glue_security(**self.glue_security_options)
        with self.glue_security:
            return super().run(result)  # type: ignore[misc]
