"""HTTP by hand: sends bytes unchanged, so that a request can be wrong in every way."""

import hashlib
import hmac
import json
import socket
import time

# A busy machine answers late; a server that hangs never answers.
PATIENCE_SECONDS = 60


class MalformedAnswer(Exception):
    """Raised when an answer is invalid HTTP."""


class Answer:
    """One answer of the server: status, headers in order, body."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name):
        """Returns the value of a header, or None."""
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None

    def json(self):
        """Returns the body as a value. Raises MalformedAnswer."""
        try:
            return json.loads(self.body.decode("utf-8"))
        except ValueError as error:
            raise MalformedAnswer(f"the body is not JSON: {self.body[:80]!r}") from error

    def error_type(self):
        """Returns the exception that the answer names, or None."""
        if self.status == 200:
            return None
        return self.header("x-amzn-ErrorType")


class Peer:
    """A connection that sends arbitrary bytes."""

    def __init__(self, address, receive_buffer=None, patience=PATIENCE_SECONDS):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(patience)
        try:
            self.socket.connect(address)
        except OSError:
            self.socket.close()
            raise
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        """Sends `data`; returns false when the server has closed the connection."""
        try:
            self.socket.sendall(data)
            return True
        except (ConnectionError, BrokenPipeError):
            return False

    def send_what_fits(self, data):
        """Sends what the system accepts without blocking; returns the number of bytes."""
        self.socket.setblocking(False)
        sent = 0
        try:
            while sent < len(data):
                sent += self.socket.send(data[sent : sent + 65536])
        except OSError:
            pass
        finally:
            self.socket.settimeout(PATIENCE_SECONDS)
        return sent

    def end_sending(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionError:
            data = b""
        self.received += data
        return bool(data)

    def _line(self):
        while b"\r\n" not in self.received:
            if not self._more():
                return None
        line, _, self.received = self.received.partition(b"\r\n")
        return line

    def answer(self, body=True):
        """Returns the next answer, or None when the connection ends before it is whole.
        Raises MalformedAnswer, and TimeoutError when nothing comes."""
        line = self._line()
        if line is None:
            return None
        parts = line.split(b" ", 2)
        if len(parts) < 2 or parts[0] != b"HTTP/1.1" or not parts[1].isdigit():
            raise MalformedAnswer(f"the status line is {line[:80]!r}")
        headers = []
        while (line := self._line()) != b"":
            if line is None:
                return None
            name, colon, value = line.partition(b":")
            if not colon or not name or name != name.strip():
                raise MalformedAnswer(f"a header is {line[:80]!r}")
            headers.append((name.decode("latin-1"), value.strip().decode("latin-1")))
        status = int(parts[1])
        answer = Answer(status, headers, b"")
        if status < 200 or not body:
            return answer
        lengths = [value for name, value in headers if name.lower() == "content-length"]
        if len(lengths) != 1 or not lengths[0].isdigit():
            raise MalformedAnswer(f"the lengths of the body are {lengths}")
        length = int(lengths[0])
        while len(self.received) < length:
            if not self._more():
                return None
        answer.body, self.received = self.received[:length], self.received[length:]
        return answer

    def answers_until_closed(self, limit=10_000):
        """Returns all answers until the server closes."""
        answers = []
        while len(answers) < limit and (answer := self.answer()) is not None:
            answers.append(answer)
        return answers

    def is_closed_within(self, seconds):
        """Returns true when the server closes the connection in that time; discards
        anything that it still sends."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                if not self.socket.recv(65536):
                    return True
            except ConnectionError:
                return True
            except TimeoutError:
                return False
        return False


def authorization(account="111122223333", region="us-east-1", service="glue"):
    """Returns an Authorization header for a server that verifies no signatures."""
    parts = [
        part if isinstance(part, bytes) else part.encode()
        for part in (account, region, service)
    ]
    return (
        b"AWS4-HMAC-SHA256 Credential=%s/20260101/%s/%s/aws4_request, "
        b"SignedHeaders=host;x-amz-date, Signature=%s" % (*parts, b"0" * 64)
    )


def request(operation, body, account="111122223333", region="us-east-1", headers=(),
            host="127.0.0.1", method="POST", path="/"):
    """Returns the bytes of a call. `body` is a value, or bytes."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = [
        f"{method} {path} HTTP/1.1".encode(),
        b"Host: " + host.encode(),
        b"Content-Type: application/x-amz-json-1.1",
        b"X-Amz-Target: AWSGlue." + operation.encode(),
        b"X-Amz-Date: 20260101T000000Z",
        b"Authorization: " + authorization(account, region),
        b"Content-Length: %d" % len(body),
        *headers,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def control_request(method, path, body=b"", headers=(), host="127.0.0.1"):
    """Returns the bytes of a request to a control endpoint."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    lines = [
        f"{method} /_glue_security{path} HTTP/1.1".encode(),
        b"Host: " + host.encode(),
        b"Content-Length: %d" % len(body),
        *headers,
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def call(address, data, body=True):
    """Sends one request on a connection of its own; returns the answer or None."""
    with Peer(address) as peer:
        if not peer.send(data) and not peer.received:
            pass
        return peer.answer(body)


def policy(account="111122223333", region="us-east-1", size=None):
    """Returns a policy of `size` bytes that a catalog accepts."""
    text = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
                    "Action": "glue:Get*",
                    "Resource": f"arn:aws:glue:{region}:{account}:*",
                }
            ],
        }
    )
    return text if size is None else text[:-1] + " " * (size - len(text)) + "}"


def signed(operation, body, key, secret, region="us-east-1", when=None, host="127.0.0.1"):
    """Returns a call signed correctly at `when`, by default time.time()."""
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(when))
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": host,
        "x-amz-date": stamp,
        "x-amz-target": "AWSGlue." + operation,
    }
    names = ";".join(headers)
    digest = hashlib.sha256(body).hexdigest()
    canonical = "\n".join(
        ["POST", "/", "", *(f"{name}:{value}" for name, value in headers.items()), "",
         names, digest]
    )
    scope = f"{stamp[:8]}/{region}/glue/aws4_request"
    to_sign = "\n".join(
        ["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()]
    )
    signing_key = ("AWS4" + secret).encode()
    for part in (stamp[:8], region, "glue", "aws4_request"):
        signing_key = hmac.new(signing_key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(signing_key, to_sign.encode(), hashlib.sha256).hexdigest()
    lines = [
        "POST / HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
        f"Authorization: AWS4-HMAC-SHA256 Credential={key}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
