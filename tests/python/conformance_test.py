"""The kit's checks of backends against mocks in the process: a server hands each request
to botocore's event, as a client of boto3 does, and sends the answer back.

Usage: conformance_test.py LIBRARY PROGRAM
"""

import http.server
import json
import pathlib
import subprocess
import sys
import unittest

import door

import botocore.awsrequest
import botocore.exceptions

sys.path.insert(0, str(pathlib.Path("tests/clients").absolute()))

import harness  # noqa: E402

from glue_security import mock_glue_security

PROGRAM = sys.argv.pop()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *unused):
        pass

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.body()
        if self.path == "/_glue_security/reset":
            self.server.replace_mock(json.loads(body or b"{}"))
            self.answer(200, {"Content-Length": "0"}, b"")
            return
        request = botocore.awsrequest.AWSPreparedRequest(
            "POST",
            "https://glue.us-east-1.amazonaws.com/",
            botocore.awsrequest.HeadersDict(
                {name: value.encode() for name, value in self.headers.items()}
            ),
            body,
            False,
        )
        try:
            answers = self.server.events.emit("before-send.glue.Any", request=request)
        except botocore.exceptions.ConnectionClosedError:
            self.close_connection = True
            return
        response = next(answer for _, answer in answers if answer is not None)
        self.answer(response.status_code, response.headers, response.content)

    def do_PUT(self):
        change = json.loads(self.body())
        self.server.mock.clock.freeze(change["now"])
        self.answer(204, {}, b"")


class Bridge(harness.ServerInThread):
    """A server in front of the mock that is active. Each reset makes a fresh one."""

    def __init__(self):
        super().__init__(Handler)
        self.events = door.client().meta.events
        self.mock = mock_glue_security().start()

    def replace_mock(self, settings):
        self.mock.stop()
        self.mock = mock_glue_security(**settings).start()

    def __exit__(self, *unused):
        super().__exit__()
        self.mock.stop()


def judge(bridge, *flags):
    """Returns the exit status and the report."""
    done = subprocess.run(
        [PROGRAM, bridge.url, "--profile=glue-security", "--format=json", *flags],
        capture_output=True,
        text=True,
    )
    if done.returncode not in (0, 1):
        raise AssertionError(done.stderr)
    return done.returncode, json.loads(done.stdout)


class ConformanceTest(unittest.TestCase):
    def test_it_keeps_the_contract_in_every_behavior(self):
        for behavior in ("current", "observed", "documented"):
            with self.subTest(behavior=behavior), Bridge() as bridge:
                status, report = judge(bridge, f"--behavior={behavior}")
                failed = [r for r in report["results"] if r["verdict"] == "failed"]
                self.assertEqual(failed, [])
                self.assertEqual(status, 0)
                self.assertGreaterEqual(report["judged"], 400)
                reasons = {reason["reason"] for reason in report["reasons"]}
                self.assertLessEqual(reasons, harness.not_on_the_wire())

    def test_a_reset_that_forgets_nothing_is_found(self):
        with Bridge() as bridge:
            bridge.replace_mock = lambda settings: None
            status, _ = judge(bridge, "--without=connections", "--without=settings")
        self.assertEqual(status, 1)


if __name__ == "__main__":
    unittest.main()
