"""The program glue-security-server: its flags, its limits, and how it ends.

Usage: program_test.py SERVER
"""

import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import harness
from harness import call

SERVER = sys.argv.pop(1)
IDLE_CONNECTIONS = 1_000 if harness.SANITIZED else 10_000
# The bound holds for a connection that has sent half of a header, too.
BYTES_PER_IDLE_CONNECTION_MAX = 8 * 1024
# The refused values of each flag, besides empty, negative, huge, a word, a folder.
WRONG_VALUES = {
    "port": ("65536", "70000", "4294967296", "0x10", "1e3", "+-1", "80 80"),
    "bind": ("localhost", "256.0.0.1", "1.2.3", "[::1]", "::1::", "127.0.0.1:80"),
    "account-id": ("12345678901", "1234567890123", "12345678901x", " 12345678901"),
    "behavior": ("Documented", "documented ", "current,observed"),
    "api-date": ("2019-09-11", "2025-12-02", "2023-02-29", "2020-7-7", "20200707", " 2020-07-07",
                 "2020-07-07 ", "+2020-07-07", "2020-07-07T00:00:00", "2020-07", "newest"),
    "strict": ("true", "on"),
    "policy-checks": ("GLUE", "glue,json"),
    "number-limit": ("1000000001", "9223372036854775808", "1.5"),
    "catalog-limit": ("1000000001", "1e3"),
    "storage": ("Memory", "sqlite:", "sqlite", "etcd:", "redis://localhost"),
    "data": (),
    "upstream": ("https://127.0.0.1:443", "http://127.0.0.1", "127.0.0.1:5000", "http://a:0",
                 "http://a:65536", "http://a:1/path"),
    "upstream-seconds": ("0", "86401", "0.5"),
    "upstream-connections": ("0", "100001"),
    "kms": ("Local", "upstream", "https://127.0.0.1:443", "http://127.0.0.1", "127.0.0.1:4566"),
    "credentials": ("/nowhere/at/all", "/dev/null", "/dev/zero", "/etc/passwd"),
    "log": ("JSON", "on"),
    "log-queue-bytes": ("0", "1023", "1000000001"),
    "log-queue-lines": ("0", "10000001"),
    "buffered-bytes": ("0", "16777215", "1000000000001", "64M"),
    "threads": ("0", "257", "10000", "2147483648"),
    "stop-seconds": ("86401", "0.5", "inf", "nan"),
    "authorize": ("true", "on"),
    "control": ("true", "on"),
    "control-token": ("a b", "a\n", "\u00e4", "a" * 257),
    "history-calls": ("1000000001",),
    "history-bytes": ("1000000000001", "64 MiB"),
    "snapshot-limit": ("1000000001",),
    "snapshot-bytes": ("1000000000001",),
    "allow-host": ("a b", "http://a", "a/", "a:x", "a:65536", "a@b", "[x]", "*.a"),
}
GOOD_VALUES = {
    "port": "0",
    "bind": "127.0.0.1",
    "account-id": "123456789012",
    "behavior": "documented",
    "api-date": "2020-07-07",
    "policy-checks": "glue",
    "number-limit": "1",
    "catalog-limit": "1",
    "storage": "memory",
    "data": "a.db",
    "upstream": "http://127.0.0.1:5000",
    "upstream-seconds": "1",
    "upstream-connections": "2",
    "kms": "local",
    "credentials": "/nowhere/at/all",
    "log": "off",
    "log-queue-bytes": "1024",
    "log-queue-lines": "1",
    "buffered-bytes": "16777216",
    "threads": "1",
    "stop-seconds": "1",
    "control-token": "a",
    "history-calls": "0",
    "history-bytes": "0",
    "snapshot-limit": "0",
    "snapshot-bytes": "0",
    "allow-host": "a",
}
SWITCHES = ("authorize", "control", "strict")
# Numbers, too, are valid values of these flags.
TEXTS = ("control-token", "allow-host", "data")
MAY_COME_TWICE = ("allow-host",)
POLICY_NO_GLUE_TAKES = {
    "json": '{"any": "object"}',
    "grammar": json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::bucket/*",
            },
        }
    ),
}


def request_bytes(operation, body="{}"):
    return (
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n"
        f"X-Amz-Target: AWSGlue.{operation}\r\nContent-Length: {len(body.encode())}\r\n"
        f"\r\n{body}"
    ).encode()


def connect(server):
    host, port = server.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=60)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def resident_bytes(process):
    with open(f"/proc/{process.pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class FlagsTest(unittest.TestCase):
    def run_to_end(self, *flags):
        return subprocess.run(
            [SERVER, *flags], capture_output=True, text=True, timeout=60
        )

    def assertRefused(self, message, *flags):
        result = self.run_to_end(*flags)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr, f"glue-security-server: {message}\n")

    def test_help(self):
        result = self.run_to_end("--help")
        self.assertEqual(result.returncode, 0)
        self.assertEqual(result.stderr, "")
        self.assertIn("--port arg (=4566)", result.stdout)

    def test_version(self):
        result = self.run_to_end("--version")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r"^glue-security-server \d+\.\d+\.\d+\n$")

    def test_what_is_wrong_with_a_flag_is_told(self):
        for message, flag in (
            ("--behavior must be documented, observed or current", "--behavior=other"),
            ("--api-date must be a date from 2019-09-12 to 2025-12-01", "--api-date=today"),
            ("--policy-checks must be none, json, grammar or glue", "--policy-checks=x"),
            ("--storage must be memory, sqlite:PATH or etcd://HOST:PORT[,HOST:PORT]/PREFIX",
             "--storage=disk"),
            ("--log must be json, text or off", "--log=xml"),
            ("--bind must be an IPv4 or IPv6 address of this machine", "--bind=here"),
            ("--account-id must be 12 digits", "--account-id=1"),
            ("--credentials: cannot read /nowhere/at/all: No such file or directory",
             "--credentials=/nowhere/at/all"),
            ("--credentials: cannot read /: Is a directory", "--credentials=/"),
            ("--credentials: cannot read /dev/zero: the file is larger than 1 MiB",
             "--credentials=/dev/zero"),
            ("--credentials: /dev/null: credentials: no section has aws_access_key_id "
             "and aws_secret_access_key", "--credentials=/dev/null"),
            ("unrecognised option '--nothing'", "--nothing"),
            # Flags cannot be abbreviated.
            ("unrecognised option '--por=0'", "--por=0"),
            ("too many positional options have been specified on the command line", "x"),
            ("--port must be a number from 0 to 65535", "--port=65536"),
            ("--port must be a number from 0 to 65535", "--port=-1"),
            ("--threads must be a number from 1 to 256", "--threads=10000"),
            ("--control-token needs --control", "--control-token=a"),
            ("--data must be the path of a file, without '?'", "--data=a?b.db"),
            ("--upstream-connections must be at least the number of threads, 2",
             "--upstream-connections=1"),
        ):
            self.assertRefused(message, flag)
        self.assertRefused(
            "--upstream-connections must be at least the number of threads, 8",
            "--upstream-connections=7", "--threads=8",
        )

    def test_an_error_is_one_line_of_visible_ascii(self):
        for flag in (
            "--data=no\nfolder/x\x1b.db",
            "--data=/nowhere/\u202e\u0085/x.db",
            "--storage=sqlite:/nowhere/a\nb.db",
            "--storage=sqlite:/nowhere/a.db?\n\u00e4",
            "--storage=etcd:\nx",
            "--credentials=/nowhere/a\nb",
            "--no\r\nflag",
            "--no\x9bflag=x",
            "a\nb",
            "--port=\n",
        ):
            with self.subTest(flag=flag):
                result = self.run_to_end("--port=0", flag)
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                self.assertRegex(result.stderr, r"\Aglue-security-server: [ -~]+\n\Z")

    def test_every_flag_is_refused_what_it_cannot_mean(self):
        """Fails for a flag that has no row here."""
        flags = set(re.findall(r"^  --([a-z-]+)", self.run_to_end("--help").stdout, re.M))
        self.assertEqual(flags - {"help", "version"}, set(WRONG_VALUES))
        for flag, more in WRONG_VALUES.items():
            usual = ("",) if flag in TEXTS else ("", "-1", "1" * 40, "x1", "/")
            forms = [(f"--{flag}", value) for value in usual]
            forms += [(f"--{flag}={value}",) for value in (*usual, *more)]
            for form in forms:
                with self.subTest(form=form):
                    # A value that is wrongly accepted must not fail because of the port.
                    other = () if flag == "port" else ("--port=0",)
                    result = self.run_to_end(*other, *form)
                    self.assertEqual(result.returncode, 2, result.stderr)
                    self.assertEqual(result.stdout, "")
                    self.assertRegex(result.stderr, r"\Aglue-security-server: [^\n]+\n\Z")
                    if flag not in SWITCHES:
                        self.assertIn("--" + flag, result.stderr)
            if flag not in MAY_COME_TWICE:
                good = f"--{flag}" if flag in SWITCHES else f"--{flag}={GOOD_VALUES[flag]}"
                twice = self.run_to_end(good, good)
                self.assertEqual(
                    (twice.returncode, twice.stderr),
                    (2, f"glue-security-server: --{flag} is given twice\n"),
                )
            if flag not in SWITCHES:
                self.assertEqual(self.run_to_end("--" + flag).returncode, 2)

    def test_the_ends_of_the_ranges_are_taken(self):
        for flags in (
            ("--threads=256", "--number-limit=0", "--stop-seconds=0", "--log-queue-lines=1",
             "--history-calls=0", "--snapshot-limit=0", "--catalog-limit=0",
             "--buffered-bytes=16777216", "--api-date=2019-09-12"),
            ("--threads=1", "--number-limit=1000000000", "--stop-seconds=86400",
             "--log-queue-bytes=1024", "--bind=127.0.0.2", "--account-id=000000000000",
             "--history-bytes=1000000000000", "--snapshot-bytes=1000000000000",
             "--history-calls=1000000000", "--buffered-bytes=1000000000000",
             "--api-date=2025-12-01"),
        ):
            with harness.Server(SERVER, *flags) as server:
                self.assertEqual(call(server, "GetResourcePolicy")[0], 400)
                self.assertEqual(server.stop(), 0)

    def test_a_port_that_is_taken(self):
        with harness.Server(SERVER) as server:
            port = server.url.rsplit(":", 1)[1]
            self.assertRefused(
                f"cannot listen on 127.0.0.1, port {port}: Address already in use",
                "--port=" + port,
            )

    def test_credentials_are_told_by_their_line(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("[a]\naws_access_key_id = A\nno setting\n")
            file.flush()
            result = self.run_to_end("--credentials=" + file.name)
            self.assertEqual(result.returncode, 2)
            self.assertIn("line 3", result.stderr)

    def test_the_behavior_and_the_date(self):
        text = harness.policy(account="123456789012")
        # Only some behaviors print a policy in a form of the service's own, and only newer
        # models have the list of policies.
        for flags, shown, lists in (
            ((), harness.reprinted(text), True),
            (("--behavior=current",), harness.reprinted(text), True),
            (("--behavior=observed",), harness.reprinted(text), False),
            (("--behavior=documented",), text, False),
            # The order of the flags does not matter.
            (("--behavior=documented", "--api-date=2020-07-07"), text, True),
            (("--api-date=2020-07-07", "--behavior=documented"), text, True),
            (("--api-date=2020-07-06", "--behavior=current"), harness.reprinted(text), False),
            (("--behavior=current", "--api-date=2020-07-06"), harness.reprinted(text), False),
            (("--policy-checks=none", "--behavior=current"), text, True),
        ):
            with self.subTest(flags=flags), harness.Server(SERVER, *flags) as server:
                self.assertEqual(call(server, "PutResourcePolicy", PolicyInJson=text)[0], 200)
                got = call(server, "GetResourcePolicy")[1]["PolicyInJson"]
                self.assertEqual(got, shown)
                status, answer = call(server, "GetResourcePolicies")
                self.assertEqual(status, 200 if lists else 400, answer)
                if not lists:
                    self.assertEqual(answer["__type"], "UnknownOperationException")

    def test_strict(self):
        for behavior in ("documented", "observed", "current"):
            for flags in (("--behavior=" + behavior,), ("--strict", "--behavior=" + behavior)):
                with self.subTest(flags=flags), harness.Server(SERVER, *flags) as server:
                    status, answer = call(server, "GetSecurityConfigurations", Nothing=[1])
                    if "--strict" not in flags:
                        self.assertEqual(status, 200, answer)
                        continue
                    self.assertEqual(
                        (status, answer["__type"], answer["Message"]),
                        (400, "SerializationException", "Unknown member 'Nothing'"),
                    )
                    self.assertEqual(
                        call(server, "GetSecurityConfigurations", MaxResults=1)[0], 200
                    )

    def test_policy_checks(self):
        documents = {
            "none": "not json",
            **POLICY_NO_GLUE_TAKES,
            "glue": harness.policy(account="123456789012"),
        }
        levels = list(documents)
        for level in levels:
            with harness.Server(SERVER, "--policy-checks=" + level) as server:
                for name, text in documents.items():
                    status, answer = call(server, "PutResourcePolicy", PolicyInJson=text)
                    taken = levels.index(name) >= levels.index(level)
                    self.assertEqual(status, 200 if taken else 400, (level, name, answer))

    def test_number_limit(self):
        with harness.Server(SERVER, "--number-limit=2") as server:
            for name in ("a", "b", "c"):
                status, answer = call(
                    server, "CreateSecurityConfiguration", Name=name, EncryptionConfiguration={}
                )
            self.assertEqual(status, 400)
            self.assertEqual(answer["__type"], "ResourceNumberLimitExceededException")

    def test_catalog_limit(self):
        with harness.Server(SERVER, "--catalog-limit=0") as server:
            text = harness.policy(account="123456789012")
            status, answer = call(server, "PutResourcePolicy", PolicyInJson=text)
            self.assertEqual((status, answer["__type"]), (500, "InternalServiceException"))

    def test_the_bounds_of_control(self):
        with harness.Server(SERVER, "--history-calls=2", "--snapshot-limit=1") as server:
            for _ in range(5):
                call(server, "GetResourcePolicy")
            history = server.control("GET", "/history")
            self.assertEqual((len(history["calls"]), history["left_out"]), (2, 3))
            server.control("PUT", "/snapshots/a")
            with self.assertRaises(urllib.error.HTTPError) as raised:
                server.control("PUT", "/snapshots/b")
            self.assertEqual(raised.exception.code, 503)
            raised.exception.close()
        for flag in ("--history-calls=0", "--history-bytes=0"):
            with harness.Server(SERVER, flag) as server:
                call(server, "GetResourcePolicy")
                self.assertEqual(server.control("GET", "/history")["calls"], [])
        with harness.Server(SERVER, "--snapshot-bytes=0") as server:
            server.control("PUT", "/snapshots/empty")
            text = harness.policy(account="123456789012")
            self.assertEqual(call(server, "PutResourcePolicy", PolicyInJson=text)[0], 200)
            with self.assertRaises(urllib.error.HTTPError) as raised:
                server.control("PUT", "/snapshots/full")
            self.assertEqual(raised.exception.code, 503)
            raised.exception.close()

    def test_a_reset_says_what_the_server_runs_with(self):
        text = harness.policy(account="123456789012")
        with harness.Server(SERVER, "--behavior=documented", "--number-limit=1") as server:
            started_with = server.control("GET", "/settings")
            self.assertEqual(started_with["api_date"], "2019-09-12")
            self.assertEqual(started_with["security_configurations_max"], 1)

            def create(name):
                status, answer = call(
                    server, "CreateSecurityConfiguration", Name=name, EncryptionConfiguration={}
                )
                return answer.get("__type", status)

            self.assertEqual(create("a"), 200)
            self.assertEqual(create("b"), "ResourceNumberLimitExceededException")
            server.control(
                "POST", "/reset", {"security_configurations_max": 2, "policy_checks": "json"}
            )
            self.assertEqual([create(name) for name in "ab"], [200, 200])
            self.assertEqual(create("c"), "ResourceNumberLimitExceededException")
            self.assertEqual(call(server, "PutResourcePolicy", PolicyInJson="{}")[0], 200)

            # The records are gone, and today's service answers.
            server.control("POST", "/reset", {"behavior": "current"})
            self.assertEqual(call(server, "GetSecurityConfigurations")[1]["NextToken"], "")
            self.assertEqual(call(server, "GetResourcePolicies")[0], 200)
            self.assertEqual(call(server, "PutResourcePolicy", PolicyInJson=text)[0], 200)
            shown = call(server, "GetResourcePolicy")[1]["PolicyInJson"]
            self.assertEqual(shown, harness.reprinted(text))

            # A wrong member changes nothing.
            with self.assertRaises(urllib.error.HTTPError) as raised:
                server.control("POST", "/reset", {"behavior": "documented", "policy": "json"})
            self.assertEqual(raised.exception.code, 400)
            self.assertEqual(
                json.loads(raised.exception.read()), {"error": "policy: no such member"}
            )
            raised.exception.close()
            shown = call(server, "GetResourcePolicy")[1]["PolicyInJson"]
            self.assertEqual(shown, harness.reprinted(text))

            server.control("POST", "/reset")
            self.assertEqual(server.control("GET", "/settings"), started_with)
            status, answer = call(server, "GetResourcePolicies")
            self.assertEqual((status, answer["__type"]), (400, "UnknownOperationException"))

    def test_the_account_of_calls_that_name_none(self):
        with harness.Server(SERVER, "--account-id=999988887777") as server:
            text = harness.policy(account="999988887777")
            self.assertEqual(call(server, "PutResourcePolicy", PolicyInJson=text)[0], 200)
            history = server.control("GET", "/history")
            self.assertEqual(history["calls"][0]["account"], "999988887777")

    def test_the_log(self):
        for flag in ("json", "text", "off"):
            server = harness.Server(
                SERVER, "--log=" + flag, "--threads=1", usual=(), stderr=subprocess.PIPE
            )
            process = server.process
            call(server, "GetResourcePolicy")
            process.terminate()
            stdout, log = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 0)
            # The program prints nothing but this line.
            self.assertEqual(stdout, "")
            if flag == "off":
                self.assertEqual(log, "")
                continue
            self.assertEqual(log.count("\n"), 1)
            if flag == "text":
                self.assertRegex(log, "123456789012 us-east-1 GetResourcePolicy "
                                      "EntityNotFoundException ")
                continue
            line = json.loads(log)
            self.assertEqual(line["operation"], "GetResourcePolicy")
            self.assertEqual(line["outcome"], "EntityNotFoundException")
            self.assertGreaterEqual(line["microseconds"], 0)
            self.assertRegex(line["request_id"], "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")

    def test_control_is_off_unless_it_is_asked_for(self):
        server = harness.Server(SERVER, usual=("--log=off",))
        try:
            with self.assertRaises(urllib.error.HTTPError) as raised:
                server.control("POST", "/reset")
            self.assertEqual(raised.exception.code, 404)
            raised.exception.close()
            # The metrics are served.
            with urllib.request.urlopen(server.url + "/_glue_security/metrics") as metrics:
                self.assertEqual(metrics.status, 200)
        finally:
            self.assertEqual(server.stop(), 0)


def ask(server, method, path, headers, body=None):
    """Sends a request to any path; returns the status and the body."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=60)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


class GuardTest(unittest.TestCase):
    """Access to control: by a web page, a stranger on the network, a harness."""

    RESET = ("POST", "/_glue_security/reset")

    def put_policy(self, server):
        text = harness.policy(account="123456789012")
        self.assertEqual(call(server, "PutResourcePolicy", PolicyInJson=text)[0], 200)

    def assertRefused(self, answer, reason):
        status, body = answer
        self.assertEqual(status, 403, body)
        self.assertIn(reason, body)

    def test_a_web_page_drives_nothing(self):
        with harness.Server(SERVER) as server:
            self.put_policy(server)
            own = server.url.removeprefix("http://")
            # The request of a form, which a browser sends without a preflight.
            for headers in (
                {"Content-Type": "text/plain", "Origin": "http://example.com"},
                {"Origin": "null"},
                {"Origin": "http://localhost:3000"},
                {"Sec-Fetch-Site": "cross-site"},
                {"Sec-Fetch-Site": "same-site"},
            ):
                self.assertRefused(ask(server, *self.RESET, headers), "may not use this server")
                call_headers = {
                    "X-Amz-Target": "AWSGlue.DeleteResourcePolicy",
                    **headers,
                    "Content-Type": "application/x-amz-json-1.1",
                }
                self.assertRefused(
                    ask(server, "POST", "/", call_headers, "{}"), "may not use this server"
                )
            # The question of a browser whether a page may send more than a form.
            preflight = {
                "Origin": "http://example.com",
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "content-type,x-amz-target",
            }
            self.assertRefused(ask(server, "OPTIONS", "/", preflight), "may not use this server")
            # DNS rebinding: a foreign name that resolves to this machine.
            for method, path in (
                self.RESET,
                ("GET", "/_glue_security/history"),
                ("GET", "/_glue_security/metrics"),
                ("POST", "/"),
            ):
                host = "example.com:" + own.split(":")[1]
                self.assertRefused(
                    ask(server, method, path, {"Host": host, "Origin": "http://" + host}),
                    "--allow-host adds it",
                )
            # The requests that a page can send to the API without a preflight.
            for content_type in ("text/plain", "application/x-www-form-urlencoded"):
                status, _ = ask(
                    server,
                    "POST",
                    "/",
                    {"Content-Type": content_type, "X-Amz-Target": "AWSGlue.DeleteResourcePolicy"},
                    "{}",
                )
                self.assertEqual(status, 404)
            # No refused request was executed; the server's own page may use control.
            self.assertEqual(call(server, "GetResourcePolicy")[0], 200)
            page = {"Origin": server.url, "Sec-Fetch-Site": "same-origin"}
            self.assertEqual(ask(server, *self.RESET, page)[0], 200)
            self.assertEqual(call(server, "GetResourcePolicy")[0], 400)

    def test_hosts_that_are_allowed(self):
        with harness.Server(SERVER, "--allow-host=mock", "--allow-host=other:1") as server:
            for host, expected in (
                ("mock:4566", 200),
                ("MOCK", 200),
                ("other:1", 200),
                ("other:2", 403),
                ("localhost", 200),
            ):
                status, _ = ask(server, "GET", "/_glue_security/health", {"Host": host})
                self.assertEqual(status, expected, host)

    def test_a_token_that_is_given(self):
        with harness.Server(SERVER, token="secret") as server:
            self.put_policy(server)
            for headers in ({}, {harness.TOKEN_HEADER: "secre"}, {harness.TOKEN_HEADER: "Secret"}):
                self.assertRefused(ask(server, *self.RESET, headers), harness.TOKEN_HEADER)
            self.assertEqual(call(server, "GetResourcePolicy")[0], 200)
            for path in ("health", "metrics"):
                self.assertEqual(ask(server, "GET", "/_glue_security/" + path, {})[0], 200)
            server.control("POST", "/reset")
            self.assertEqual(call(server, "GetResourcePolicy")[0], 400)

    def test_a_token_is_made_for_another_address(self):
        with harness.Server(SERVER, "--bind=0.0.0.0", makes_token=True) as server:
            self.assertRegex(server.token, "^[0-9a-f]{32}$")
            self.assertRefused(ask(server, *self.RESET, {}), harness.TOKEN_HEADER)
            # Any Host is accepted, since the machine has other names elsewhere.
            headers = {"Host": "mock:4566", harness.TOKEN_HEADER: server.token}
            self.assertEqual(ask(server, *self.RESET, headers)[0], 200)
            server.control("POST", "/reset")
        # Without control no token is made.
        with harness.Server(SERVER, "--bind=0.0.0.0", usual=("--log=off",)) as server:
            server.process.terminate()
            self.assertEqual(server.process.stdout.read(), "")


class ControlTest(unittest.TestCase):
    def test_what_is_full_says_so(self):
        """The answer names the bound, and the state stays as it was."""
        with harness.Server(SERVER) as server:
            for method, path, body, number in (
                ("PUT", "/_glue_security/snapshots/{}", None, 100),
                ("POST", "/_glue_security/faults", "{}", 1000),
            ):
                connection = http.client.HTTPConnection(
                    server.url.removeprefix("http://"), timeout=60
                )
                for index in range(number + 1):
                    connection.request(method, path.format(index), body)
                    response = connection.getresponse()
                    text = response.read().decode()
                    self.assertEqual(response.status, 200 if index < number else 503, text)
                connection.close()
                self.assertIn(f"no room for more than {number} ", text)
            self.assertEqual(len(server.control("GET", "/snapshots")), 100)
            self.assertEqual(len(server.control("GET", "/faults")), 1000)
            server.control("POST", "/reset")
            self.assertEqual(server.control("GET", "/faults"), [])

    def test_large_calls_do_not_fill_the_memory(self):
        with harness.Server(SERVER) as server:
            text = "x" * 1_000_000
            before = resident_bytes(server.process)
            for _ in range(150):
                call(server, "PutResourcePolicy", PolicyInJson=text)
            grown = (resident_bytes(server.process) - before) / 2**20
            print(f"{grown:.0f} MiB for a history of 150 calls of 1 MB")
            # The bound of the history, and the memory of a few calls at a time.
            if not harness.SANITIZED:
                self.assertLess(grown, 64 + 64)
            history = server.control("GET", "/history")
            self.assertGreater(history["left_out"], 80)
            self.assertIn("next", history)


class PeersTest(unittest.TestCase):
    def test_idle_connections(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.assertGreater(hard, IDLE_CONNECTIONS + 100, "this machine allows too few files")
        connections = []
        server = harness.Server(SERVER)
        try:
            call(server, "GetResourcePolicy")
            before = resident_bytes(server.process)
            for number in range(IDLE_CONNECTIONS):
                connections.append(connect(server))
                # Some connections send a part of a request and no more.
                if number % 4 == 1:
                    connections[-1].sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 400)
                if number % 4 == 2:
                    connections[-1].sendall(request_bytes("GetResourcePolicy"))
            status, answer = call(server, "GetResourcePolicy")
            self.assertEqual((status, answer["__type"]), (400, "EntityNotFoundException"))
            used = resident_bytes(server.process) - before
            print(f"{used / IDLE_CONNECTIONS:.0f} bytes for each idle connection")
            if not harness.SANITIZED:
                self.assertLess(used, IDLE_CONNECTIONS * BYTES_PER_IDLE_CONNECTION_MAX)
            # No connection was closed to make room for another.
            for connection in (connections[0], connections[-4]):
                connection.sendall(request_bytes("GetResourcePolicy"))
                self.assertTrue(connection.recv(65536).startswith(b"HTTP/1.1 400"))
        finally:
            for connection in connections:
                connection.close()
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            self.assertEqual(server.stop(), 0)

    def test_more_connections_than_there_is_room_for(self):
        """The connection that was idle longest is closed, and the server lives on."""
        # The limit leaves 100 connections beside 64 other files.
        server = harness.Server(
            SERVER, "--threads=1", under=("/bin/sh", "-c", 'ulimit -n 164 && exec "$0" "$@"')
        )
        connections = []
        try:
            for _ in range(400):
                connections.append(connect(server))
            self.assertEqual(call(server, "GetResourcePolicy")[0], 400)
            connections[0].settimeout(30)
            self.assertEqual(connections[0].recv(1), b"")
        finally:
            for connection in connections:
                connection.close()
            self.assertEqual(server.stop(), 0)


class EndTest(unittest.TestCase):
    def keep_asking(self, server, counts, index):
        """Asks until the server says that it closes; counts the answers."""
        with connect(server) as connection:
            answers = connection.makefile("rb")
            message = request_bytes(
                "CreateSecurityConfiguration",
                '{"Name":"%d","EncryptionConfiguration":{}}' % index,
            ) + request_bytes("DeleteSecurityConfiguration", '{"Name":"%d"}' % index)
            while True:
                # Two requests are sent at once, and both are accepted.
                connection.sendall(message)
                for last in (False, True):
                    status = answers.readline()
                    if not status:
                        counts[index]["lost"] += 1
                        return
                    headers = {}
                    while (line := answers.readline().strip()) != b"":
                        name, value = line.split(b": ", 1)
                        headers[name] = value
                    answers.read(int(headers[b"Content-Length"]))
                    counts[index]["answered"] += 1
                    counts[index]["good"] += status.startswith(b"HTTP/1.1 200")
                    if headers.get(b"Connection") == b"close":
                        counts[index]["closed"] += last
                        return

    def test_every_accepted_request_is_answered(self):
        for end in (signal.SIGTERM, signal.SIGINT):
            server = harness.Server(SERVER)
            counts = [
                {"answered": 0, "good": 0, "closed": 0, "lost": 0} for _ in range(8)
            ]
            threads = [
                threading.Thread(target=self.keep_asking, args=(server, counts, index))
                for index in range(len(counts))
            ]
            for thread in threads:
                thread.start()
            deadline = time.monotonic() + 60
            while any(count["answered"] < 20 for count in counts):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.01)
            begin = time.monotonic()
            server.process.send_signal(end)
            for thread in threads:
                thread.join()
            self.assertEqual(server.process.wait(timeout=60), 0)
            server.process.stdout.close()
            for count in counts:
                self.assertEqual(count["lost"], 0, counts)
                self.assertEqual(count["closed"], 1, counts)
                self.assertEqual(count["good"], count["answered"], counts)
            # No connection had to be cut off.
            self.assertLess(time.monotonic() - begin, 10)
            with self.assertRaises(ConnectionRefusedError):
                connect(server)

    def test_a_slow_answer_is_waited_for(self):
        server = harness.Server(SERVER)
        server.control(
            "POST",
            "/faults",
            {"operation": "GetResourcePolicy", "fault": "none", "delay_seconds": 1},
        )
        connection = connect(server)
        connection.sendall(request_bytes("GetResourcePolicy"))
        while not server.control("GET", "/history")["calls"]:
            time.sleep(0.01)
        server.process.terminate()
        answer = connection.recv(65536)
        connection.close()
        self.assertTrue(answer.startswith(b"HTTP/1.1 400"), answer)
        self.assertIn(b"Connection: close", answer)
        # One signal is enough; a second one would end the server at once.
        self.assertEqual(server.process.wait(timeout=60), 0)
        server.process.stdout.close()


if __name__ == "__main__":
    unittest.main()
