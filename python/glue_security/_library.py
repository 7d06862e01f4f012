"""The C door: finds libglue_security_c, and calls its functions.

glue_security/capi/glue_security.h says what each function does.
"""

from __future__ import annotations

import ctypes
import os
import pathlib
import threading
from typing import Any, Iterable, NamedTuple, Optional, Tuple

from ._errors import (
    ForkedError,
    InvalidArgumentError,
    LibraryError,
    NoRoomError,
    NotActiveError,
    SnapshotNotFoundError,
    StorageError,
)

NAME = "libglue_security_c.so.0"
VARIABLE = "GLUE_SECURITY_LIBRARY"
# The folder of a wheel's libraries.
BESIDE = pathlib.Path(__file__).parent / "lib" / NAME

OK = 0
INVALID_ARGUMENT = 1
_ERRORS = {
    INVALID_ARGUMENT: InvalidArgumentError,
    2: NotActiveError,
    3: ForkedError,
    4: SnapshotNotFoundError,
    5: NoRoomError,
    6: StorageError,
    7: MemoryError,
}


class _Text(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_size_t)]


class _Option(ctypes.Structure):
    _fields_ = [("name", _Text), ("value", _Text)]


class _Answer(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_int),
        ("message", ctypes.c_void_p),
        ("message_size", ctypes.c_size_t),
        ("http_status", ctypes.c_int),
        ("error_type", ctypes.c_void_p),
        ("error_type_size", ctypes.c_size_t),
        ("body", ctypes.c_void_p),
        ("body_size", ctypes.c_size_t),
        ("delay_seconds", ctypes.c_double),
        ("lost", ctypes.c_int),
    ]


_AnswerPointer = ctypes.POINTER(_Answer)
_OUT = ctypes.POINTER(_AnswerPointer)
_HANDLE = ctypes.c_uint64
_OPTIONS = [ctypes.POINTER(_Option), ctypes.c_size_t]
# The types of the arguments of each function.
_FUNCTIONS = {
    "open": [*_OPTIONS, ctypes.POINTER(_HANDLE), _OUT],
    "close": [_HANDLE],
    "call": [_HANDLE, _Text, _Text, _Text, _Text, _Text, _OUT],
    "reset": [_HANDLE, _OUT],
    "save": [_HANDLE, _Text, _OUT],
    "restore": [_HANDLE, _Text, _OUT],
    "set_clock": [_HANDLE, _Text, _OUT],
    "advance_clock": [_HANDLE, ctypes.c_double, _OUT],
    "restore_clock": [_HANDLE, _OUT],
    "add_fault": [_HANDLE, _Text, _OUT],
    "clear_faults": [_HANDLE, _OUT],
    "faults": [_HANDLE, _OUT],
    "history": [_HANDLE, _Text, _OUT],
    "check_policy": [*_OPTIONS, _Text, _OUT],
    "decide": [*_OPTIONS, _Text, _OUT],
}


class Answer(NamedTuple):
    """The answer of a function."""

    http_status: int
    error_type: str
    body: bytes
    delay_seconds: float
    lost: bool


def _text(value: bytes) -> _Text:
    return _Text(value, len(value))


class Library:
    """The functions of a loaded library."""

    def __init__(self, path: str) -> None:
        try:
            library = ctypes.CDLL(path)
            for name, types in _FUNCTIONS.items():
                function = getattr(library, "glue_security_" + name)
                function.argtypes = types
                setattr(self, "_" + name, function)
            self._free = library.glue_security_free
            self._free.argtypes = [_AnswerPointer]
            self._free.restype = None
            library.glue_security_version.restype = ctypes.c_char_p
            self.version: str = library.glue_security_version().decode()
            # Loads the engine now, under the lock of load(). No handle is 0.
            self._close(0)
        except (OSError, AttributeError) as error:
            raise LibraryError(
                f"{path} cannot be loaded: {error}. Install the wheel that "
                "tools/python_wheel.sh makes and the libraries that it needs, or the "
                "wheel that carries them (--whole), or set "
                f"{VARIABLE} to the path of {NAME}"
            ) from None

    def _take(self, code: int, pointer: Any, accepts: Tuple[int, ...]) -> Answer:
        """Copies an answer and frees it. Raises the exception of a code that is not
        accepted."""
        if not pointer:
            raise MemoryError("no memory for an answer")
        try:
            answer = pointer.contents
            if code not in accepts:
                message = ctypes.string_at(answer.message, answer.message_size)
                raise _ERRORS.get(code, LibraryError)(message.decode("utf-8", "replace"))
            return Answer(
                answer.http_status,
                ctypes.string_at(answer.error_type, answer.error_type_size).decode(),
                ctypes.string_at(answer.body, answer.body_size),
                answer.delay_seconds,
                answer.lost != 0,
            )
        finally:
            self._free(pointer)

    def open(self, options: Iterable[Tuple[str, str]]) -> int:
        array, count = _options(options)
        handle, pointer = _HANDLE(), _AnswerPointer()
        code = self._open(array, count, ctypes.byref(handle), ctypes.byref(pointer))
        self._take(code, pointer, (OK,))
        return handle.value

    def close(self, handle: int) -> None:
        self._close(handle)

    def call(
        self,
        handle: int,
        account: bytes,
        region: bytes,
        principal: bytes,
        target: bytes,
        body: bytes,
    ) -> Answer:
        pointer = _AnswerPointer()
        code = self._call(
            handle,
            _text(account),
            _text(region),
            _text(principal),
            _text(target),
            _text(body),
            ctypes.byref(pointer),
        )
        return self._take(code, pointer, (OK,))

    def run(self, function: str, handle: int, *arguments: Any) -> bytes:
        """Calls another function with a handle. Returns the body of its answer."""
        pointer = _AnswerPointer()
        given = [_text(a.encode()) if isinstance(a, str) else a for a in arguments]
        code = getattr(self, "_" + function)(handle, *given, ctypes.byref(pointer))
        return self._take(code, pointer, (OK,)).body

    def ask(self, function: str, options: Iterable[Tuple[str, str]], policy: str) -> bytes:
        """Calls a function about a policy. Returns its body, also when the policy has
        findings."""
        array, count = _options(options)
        pointer = _AnswerPointer()
        text = _text(policy.encode())
        code = getattr(self, "_" + function)(array, count, text, ctypes.byref(pointer))
        if code == INVALID_ARGUMENT and pointer and pointer.contents.body_size > 0:
            return self._take(code, pointer, (INVALID_ARGUMENT,)).body
        return self._take(code, pointer, (OK,)).body


def _options(options: Iterable[Tuple[str, str]]) -> Tuple[Any, int]:
    pairs = [(name.encode(), value.encode()) for name, value in options]
    array = (_Option * len(pairs))(*((_text(name), _text(value)) for name, value in pairs))
    # The array does not keep the bytes of a structure that was copied into it.
    array.pairs = pairs
    return array, len(pairs)


def find() -> str:
    """Returns what to load: beside the package, what the variable says, or the name
    alone, which the loader looks for."""
    if BESIDE.exists():
        return str(BESIDE)
    named = os.environ.get(VARIABLE)
    if named is None:
        return NAME
    if not os.path.isfile(named):
        raise LibraryError(f"{VARIABLE} names {named!r}, which is not a file")
    return os.path.abspath(named)


# A signal handler may come while its own thread loads.
_lock = threading.RLock()
_loaded: Optional[Library] = None


def _make_lock_again() -> None:
    global _lock
    _lock = threading.RLock()


# The child of a fork that comes while another thread loads would wait for it for ever.
os.register_at_fork(
    before=lambda: _lock.acquire(),
    after_in_parent=lambda: _lock.release(),
    after_in_child=_make_lock_again,
)


def load() -> Library:
    """Returns the library, which is loaded once. A failure is tried again."""
    global _loaded
    if _loaded is None:
        with _lock:
            if _loaded is None:
                _loaded = Library(find())
    return _loaded


def version() -> str:
    """Returns the version of the library, such as "0.1.0"."""
    return load().version
