"""A stand-in for the other mocks behind `--upstream`: some operations of Glue, S3, SQS and
KMS, in memory. It verifies the signature of every request, which fails as soon as a
header, the path, the query or the body is changed on the way."""

import base64
import hashlib
import hmac
import http.server
import json
import threading
import urllib.parse

import harness

SECRET = "secret"
XML = '<?xml version="1.0"?>'


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _signature(request, body):
    """Returns what the signature of a request must be, and what it is."""
    header = request.headers["Authorization"].split(" ", 1)[1]
    parts = dict(part.strip().split("=", 1) for part in header.split(","))
    scope = parts["Credential"].split("/", 1)[1]
    date, region, service, end = scope.split("/")
    path, _, query = request.path.partition("?")
    if service != "s3":
        path = urllib.parse.quote(path, safe="/-_.~%")
    canonical = "\n".join(
        [
            request.command,
            path,
            "&".join(sorted(p if "=" in p else p + "=" for p in query.split("&") if p)),
            *(
                "%s:%s" % (name, " ".join(request.headers[name].split()))
                for name in parts["SignedHeaders"].split(";")
            ),
            "",
            parts["SignedHeaders"],
            request.headers.get("X-Amz-Content-SHA256") or hashlib.sha256(body).hexdigest(),
        ]
    )
    to_sign = "\n".join(
        [
            "AWS4-HMAC-SHA256",
            request.headers["X-Amz-Date"],
            scope,
            hashlib.sha256(canonical.encode()).hexdigest(),
        ]
    )
    key = ("AWS4" + SECRET).encode()
    for part in (date, region, service, end):
        key = _hmac(key, part)
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest(), parts["Signature"]


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *unused):
        pass

    def _body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline() not in (b"\r\n", b""):
            pass
        return body

    def _answer(self, status, body=b"", kind="application/x-amz-json-1.1", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _serve(self):
        body = self._body()
        wanted, got = _signature(self, body)
        target = self.headers.get("X-Amz-Target")
        with self.server.lock:
            self.server.seen.append(target or "%s %s" % (self.command, self.path))
            # HttpKms signs with a dummy when it has no credentials.
            if wanted != got and not (target or "").startswith("TrentService."):
                self.server.wrong.append(self.server.seen[-1])
            if target is None:
                return self._other(body)
            service, operation = target.split(".")
            try:
                answer = getattr(self, "_" + operation)(json.loads(body))
            except (AttributeError, KeyError) as error:
                code = "EntityNotFoundException" if isinstance(error, KeyError) else "Unknown"
                failure = {"__type": code, "Message": "the stand-in has no %s" % error}
                return self._answer(400, json.dumps(failure).encode())
        self._answer(200, json.dumps(answer).encode())

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _serve

    # Glue

    def _CreateDatabase(self, request):
        self.server.things["db", request["DatabaseInput"]["Name"]] = request["DatabaseInput"]
        return {}

    def _GetDatabase(self, request):
        return {"Database": self.server.things["db", request["Name"]]}

    def _CreateTable(self, request):
        table = request["TableInput"]
        self.server.things["table", request["DatabaseName"], table["Name"]] = table
        return {}

    def _GetTable(self, request):
        return {"Table": self.server.things["table", request["DatabaseName"], request["Name"]]}

    def _CreateJob(self, request):
        self.server.things["job", request["Name"]] = request
        return {"Name": request["Name"]}

    def _GetJob(self, request):
        return {"Job": self.server.things["job", request["JobName"]]}

    # KMS, with an encryption that only a test may have

    def _DescribeKey(self, request):
        arn = "arn:aws:kms:us-east-1:111122223333:key/" + NO_KEY
        return {
            "KeyMetadata": {
                "KeyId": NO_KEY, "Arn": arn, "AWSAccountId": "111122223333", "Enabled": True,
                "KeyState": "Enabled", "KeyManager": "CUSTOMER", "KeyUsage": "ENCRYPT_DECRYPT",
                "KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
                "Origin": "AWS_KMS", "CreationDate": 1700000000.0, "Description": "",
                "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"], "MultiRegion": False,
            }
        }

    def _Encrypt(self, request):
        plain = base64.b64decode(request["Plaintext"])
        return {
            "CiphertextBlob": base64.b64encode(b"standin:" + plain[::-1]).decode(),
            "KeyId": "arn:aws:kms:us-east-1:111122223333:key/" + NO_KEY,
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }

    def _Decrypt(self, request):
        cipher = base64.b64decode(request["CiphertextBlob"])
        return {
            "Plaintext": base64.b64encode(cipher[len(b"standin:"):][::-1]).decode(),
            "KeyId": "arn:aws:kms:us-east-1:111122223333:key/" + NO_KEY,
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        }

    # Query and REST protocols

    def _other(self, body):
        if self.path == "/" and b"Action=ListQueues" in body:
            text = XML + (
                "<ListQueuesResponse><ListQueuesResult><QueueUrl>http://q/1</QueueUrl>"
                "</ListQueuesResult><ResponseMetadata><RequestId>r</RequestId>"
                "</ResponseMetadata></ListQueuesResponse>"
            )
            return self._answer(200, text.encode(), "text/xml")
        if self.path == "/" and b"Action=GetCallerIdentity" in body:
            text = XML + (
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>1</Account>"
                "</GetCallerIdentityResult></GetCallerIdentityResponse>"
            )
            return self._answer(200, text.encode(), "text/xml")
        if self.command == "PUT":
            self.server.things[self.path.partition("?")[0]] = body
            return self._answer(200, ETag='"%s"' % hashlib.md5(body).hexdigest())
        stored = self.server.things.get(self.path.partition("?")[0])
        if stored is None:
            text = XML + "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>"
            return self._answer(404, text.encode(), "application/xml")
        return self._answer(200, stored, "binary/octet-stream")


NO_KEY = "01234567-89ab-cdef-0123-456789abcdef"


class StandIn(harness.ServerInThread):
    """Serves until the end of the block."""

    def __init__(self):
        super().__init__(_Handler)
        self.lock = threading.Lock()
        self.things = {}
        # The targets, or methods and paths, of all requests; those with a wrong signature.
        self.seen = []
        self.wrong = []
