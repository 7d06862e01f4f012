"""The handlers of botocore's events, which ask the mock that started last.

They are registered once, when the package is imported, and do nothing while no mock is
active, unless a call began under one. botocore calls all handlers of before-send and
takes the first answer, so that a second mock would execute the call, too. A request that
has been answered therefore gets a URL that no mock knows. Ours comes first, wherever it
was registered, because it names the service.
"""

from __future__ import annotations

import io
import itertools
import re
import time
from typing import Any, Dict, Iterator, Optional, Tuple

from ._errors import NotActiveError
from ._library import Answer

try:
    import botocore.awsrequest
    import botocore.exceptions
    import botocore.handlers
    import botocore.parsers
except ImportError:  # Policies can be checked without it.
    HAS_BOTOCORE = False
else:
    HAS_BOTOCORE = True

_ANSWERED = "glue-security-answered:"
_CREDENTIAL = re.compile(rb"Credential=([^/,\s]+)/[^/,\s]*/([^/,\s]+)/")
_SERVICES = ("glue", "kms")

# The active mocks in the order of their starts. Replaced as a whole, never changed.
active: Tuple[Any, ...] = ()
_request_numbers = itertools.count(1)
_parsers: Dict[str, Any] = {}


def _bytes(value: Any) -> bytes:
    if value is None:
        return b""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    return value.read()


class _Raw(io.BytesIO):
    """A body in the form of urllib3's."""

    def stream(self, amt: int = 65536, decode_content: Any = None) -> Iterator[bytes]:
        while True:
            part = self.read(amt)
            if not part:
                return
            yield part


def _response(url: str, answer: Answer) -> Any:
    """Returns the answer as botocore has it from a connection. Waits for its delay, and
    raises what a lost connection raises."""
    if answer.delay_seconds > 0:
        time.sleep(answer.delay_seconds)
    if answer.lost:
        raise botocore.exceptions.ConnectionClosedError(endpoint_url=url)
    headers = {
        "x-amzn-RequestId": f"00000000-0000-4000-8000-{next(_request_numbers):012x}",
        "Content-Type": "application/x-amz-json-1.1",
        "Content-Length": str(len(answer.body)),
    }
    if answer.error_type:
        headers["x-amzn-ErrorType"] = answer.error_type
    return botocore.awsrequest.AWSResponse(
        url, answer.http_status, headers, _Raw(answer.body)
    )


def _mock_for(target: bytes) -> Optional[Any]:
    """Returns the last mock if it answers an operation."""
    mocks = active
    return mocks[-1] if mocks and target in mocks[-1].targets else None


def _ask(mock: Any, key: bytes, region: bytes, target: bytes, body: bytes) -> Answer:
    """Returns the answer of a mock. If another thread has ended that one meanwhile, it has
    not executed the call, which then is for the mock that is the last now."""
    while True:
        try:
            return mock._call(key, region, target, body)
        except NotActiveError:
            mock = _mock_for(target)
            if mock is None:
                # It began under a mock, and must not reach the network.
                raise NotActiveError("the mock has ended during a call") from None


def request_created(request: Any, **unused: Any) -> None:
    """Lets no further attempt of a call that began under a mock reach the network."""
    has_mock = _mock_for(_bytes(request.headers.get("X-Amz-Target"))) is not None
    began_under_mock = request.context.setdefault("glue_security_began", has_mock)
    if began_under_mock and not has_mock:
        raise NotActiveError("the mock has ended during a call")


def before_send(request: Any, **unused: Any) -> Optional[Any]:
    """Answers a signed request."""
    if request.url == _ANSWERED:
        return None
    target = _bytes(request.headers.get("X-Amz-Target"))
    mock = _mock_for(target)
    if mock is None:
        return None
    found = _CREDENTIAL.search(_bytes(request.headers.get("Authorization")))
    key, region = found.groups() if found else (b"", b"")
    answer = _ask(mock, key, region, target, _bytes(request.body))
    response = _response(request.url, answer)
    request.url = _ANSWERED
    return response


def before_call(
    model: Any, params: Dict[str, Any], request_signer: Any, context: Any, **unused: Any
) -> Optional[Tuple[Any, Any]]:
    """Answers a call before it is signed, if the mock is a fast one."""
    target = _bytes(params["headers"].get("X-Amz-Target"))
    mock = _mock_for(target)
    if mock is None or not mock.fast:
        return None
    credentials = getattr(request_signer, "_credentials", None)
    key = "" if credentials is None else credentials.get_frozen_credentials().access_key
    region = context.get("client_region") or ""
    answer = _ask(mock, key.encode(), region.encode(), target, _bytes(params["body"]))
    response = _response(params["url"], answer)
    return response, _parsed(response, model)


def _parsed(response: Any, model: Any) -> Any:
    """Parses a response as botocore's Endpoint does."""
    # Newer versions of botocore choose among the protocols of a service.
    chosen = getattr(model.service_model, "resolved_protocol", None)
    protocol = chosen or model.metadata["protocol"]
    parser = _parsers.get(protocol)
    if parser is None:
        parser = _parsers[protocol] = botocore.parsers.create_parser(protocol)
    parts = {
        "headers": response.headers,
        "status_code": response.status_code,
        "body": response.content,
        "context": {"operation_name": model.name},
    }
    parsed = parser.parse(parts, model.output_shape)
    if response.status_code >= 300:
        code = parsed.get("Error", {}).get("Code")
        shape = code and model.service_model.shape_for_error_code(code)
        if shape:
            parsed.update(parser.parse(parts, shape))
    parsed["ResponseMetadata"]["RetryAttempts"] = 0
    return parsed


def _handlers() -> Iterator[Tuple[str, Any]]:
    for service in _SERVICES:
        yield f"request-created.{service}", request_created
        yield f"before-send.{service}", before_send
        yield f"before-call.{service}", before_call


def install() -> None:
    """Registers the handlers for every session that is made from now on."""
    if HAS_BOTOCORE:
        botocore.handlers.BUILTIN_HANDLERS.extend(_handlers())


def attach(target: Any) -> None:
    """Registers the handlers with a client or a session that exists."""
    if hasattr(target, "get_component"):  # A session of botocore.
        events = target.get_component("event_emitter")
    else:
        events = getattr(getattr(target, "meta", target), "events", None)
    if not hasattr(events, "register"):
        raise TypeError(f"neither a client nor a session: {type(target).__name__}")
    for event, handler in _handlers():
        # With an id, a second registration does nothing.
        events.register(event, handler, unique_id=f"glue-security-{event}")
