"""Starts the server for a test and ends it, by its own process id."""

import http.client
import http.server
import json
import os
import pathlib
import subprocess
import threading
import urllib.request

import boto3
import botocore.config


# True when the server is built with a sanitizer, which needs memory of its own.
SANITIZED = "GLUE_SECURITY_SHORT_TESTS" in os.environ
TOKEN_HEADER = "x-glue-security-token"


def not_on_the_wire():
    """Returns the reasons for which glue-conformance may skip a check of our own mocks."""
    return set(json.loads((pathlib.Path(__file__).parent / "not_on_the_wire.json").read_text()))


class ServerInThread(http.server.ThreadingHTTPServer):
    """A server of this process, on a port of its own until the end of the block."""

    daemon_threads = True

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        self.url = "http://127.0.0.1:%d" % self.server_address[1]
        self._thread = threading.Thread(target=self.serve_forever)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *unused):
        self.shutdown()
        self._thread.join()
        self.server_close()


class Server:
    """The mock server on a port of its own, with its control endpoints."""

    def __init__(
        self,
        binary,
        *flags,
        usual=("--control", "--log=off"),
        under=(),
        stderr=None,
        token=None,
        makes_token=False,
        port=0,
    ):
        """`under` is a command that runs the server's command line.

        `token` is the token that control requires. With `makes_token` the server makes
        one and prints it on the line below its URL.
        """
        if token is not None:
            flags = (*flags, "--control-token=" + token)
        self.token = token
        self.process = subprocess.Popen(
            [*under, binary, f"--port={port}", *usual, *flags],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
        self.url = self.process.stdout.readline().strip()
        if not self.url.startswith("http://"):
            self.stop()
            raise RuntimeError("the server printed no URL")
        if makes_token:
            name, self.token = self.process.stdout.readline().strip().split(": ")
            if name != TOKEN_HEADER:
                self.stop()
                raise RuntimeError("the server printed no token")

    def stop(self):
        """Returns the exit status."""
        self.process.terminate()
        try:
            return self.process.wait(timeout=60)
        finally:
            self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()

    def control(self, method, path, body=None):
        """Calls a control endpoint and returns its answer as a value."""
        request = urllib.request.Request(
            self.url + "/_glue_security" + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={} if self.token is None else {TOKEN_HEADER: self.token},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            text = response.read()
        return json.loads(text) if text else None

    def fail_next(self, operation, error, message="injected"):
        self.control(
            "POST",
            "/faults",
            {"operation": operation, "fault": "error", "error": error, "message": message},
        )


# Every operation, with a request that succeeds, the exceptions that its page lists, and
# the date since when it is, unless it is as old as the contract. The tests in other
# languages read the same file.
_OPERATIONS = json.loads(
    (pathlib.Path(__file__).parent / "operations.json").read_text()
)
LISTED_ERRORS = {name: entry["errors"] for name, entry in _OPERATIONS.items()}
GOOD_REQUESTS = {name: entry["request"] for name, entry in _OPERATIONS.items()}
# The operations of the contract.
CONTRACT = [name for name, entry in _OPERATIONS.items() if "since" not in entry]


def call(server, operation, **members):
    """Makes an unsigned call; returns the status and the body."""
    address = server.url.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=60)
    try:
        connection.request(
            "POST",
            "/",
            json.dumps(members),
            {
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "AWSGlue." + operation,
            },
        )
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def client(server, account="111122223333", region="us-east-1", attempts=1, **config):
    """Returns boto3's client for an account."""
    return boto3.client(
        "glue",
        endpoint_url=server.url,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="secret",
        config=botocore.config.Config(
            retries={"total_max_attempts": attempts, "mode": "standard"}, **config
        ),
    )


def snippet(test, server):
    """Returns the snippet of docs/clients.md that `test` runs, changed to reach
    `server`."""
    text = (pathlib.Path(__file__).parents[2] / "docs" / "clients.md").read_text()
    block = text.split(f"<!-- run by: tests/clients/{test} -->\n```")[1].split("\n```\n")[0]
    code = block.split("\n", 1)[1]  # Without the language.
    return code.replace("http://127.0.0.1:4566", server.url)


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


def policy_without_blanks(size=None, **place):
    """Returns the same policy with `size` bytes, none of them an insignificant blank."""
    document = json.loads(policy(**place))
    if size is not None:
        document = {"Id": "", **document}
    text = json.dumps(document, separators=(",", ":"))
    if size is None:
        return text
    return text.replace('"Id":""', '"Id":"%s"' % ("i" * (size - len(text))))


def reprinted(text):
    """Returns a policy as the service prints it, and this server unless its behavior is
    documented."""

    def show(value, indent):
        if isinstance(value, list):
            shown = ", ".join(show(element, indent) for element in value)
            return f"[ {shown} ]" if value else "[ ]"
        if not isinstance(value, dict):
            return json.dumps(value, ensure_ascii=False)
        inner = indent + "  "
        members = (f'{inner}"{key}" : {show(member, inner)}' for key, member in value.items())
        return "{\n" + ",\n".join(members) + f"\n{indent}}}" if value else "{ }"

    return show(json.loads(text), "")
