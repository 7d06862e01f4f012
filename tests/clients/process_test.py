"""The program glue-security-server as a process: its standard files, its log, the signals
that end it, and its exit status.

Usage: process_test.py SERVER
"""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.request

import harness

SERVER = sys.argv.pop(1)
# Enough calls to fill the pipe of the log and its queue many times.
CALLS = 4_000
JSON_LOG = ("--control", "--log=json")
DEADLINE_SECONDS = 60


def connect(server):
    host, port = server.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=DEADLINE_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def request_bytes(operation="GetResourcePolicy", headers=b"", body=b"{}"):
    return (
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n"
        b"X-Amz-Target: AWSGlue.%s\r\n%sContent-Length: %d\r\n\r\n%s"
        % (operation.encode(), headers, len(body), body)
    )


def call(server, number, **arguments):
    """Makes calls on one connection, a hundred at once; returns the answers' statuses."""
    statuses = []
    with connect(server) as connection:
        answers = connection.makefile("rb")
        while len(statuses) < number:
            count = min(100, number - len(statuses))
            connection.sendall(request_bytes(**arguments) * count)
            for _ in range(count):
                statuses.append(int(answers.readline().split()[1]))
                length = 0
                while (line := answers.readline().strip()) != b"":
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                answers.read(length)
    return statuses


def metric(server, name):
    with urllib.request.urlopen(server.url + "/_glue_security/metrics") as response:
        text = response.read().decode()
    return int(re.search(rf"^glue_security_{name} (\d+)$", text, re.M)[1])


def wait_until(condition):
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen")
        time.sleep(0.01)


def shell(redirection):
    """Returns a command that runs the server with a redirection."""
    return ("/bin/sh", "-c", f'exec "$0" "$@" {redirection}')


class DocumentTest(unittest.TestCase):
    """Compares docs/server.md with the program."""

    def setUp(self):
        path = pathlib.Path(__file__).parents[2] / "docs" / "server.md"
        self.text = path.read_text()

    def test_it_lists_the_flags_and_their_defaults(self):
        run = subprocess.run([SERVER, "--help"], capture_output=True, text=True, timeout=60)
        # Finds each flag, and its default if it has one.
        flags = re.findall(r"^  --([a-z-]+)(?: arg(?: \(=([^)]*)\))?)?", run.stdout, re.M)
        flags = dict(flags)
        del flags["help"], flags["version"]
        rows = re.findall(r"^\| `--([a-z-]+)` \|.*\| ([^|]*) \|$", self.text, re.M)
        self.assertEqual([name for name, _ in rows], list(flags))
        for name, default in rows:
            if flags[name]:
                self.assertEqual(default.strip("`").replace(",", ""), flags[name], name)

    def test_it_lists_the_metrics(self):
        with harness.Server(SERVER) as server:
            call(server, 1)
            with urllib.request.urlopen(server.url + "/_glue_security/metrics") as response:
                names = re.findall(r"^# TYPE (\w+) ", response.read().decode(), re.M)
        self.assertEqual(re.findall(r"^\| `(glue_security_\w+)` \|", self.text, re.M), names)


class LogTest(unittest.TestCase):
    def assertEnds(self, server, status=0):
        self.assertEqual(server.stop(), status)

    def test_a_log_that_nobody_reads_holds_up_nobody(self):
        server = harness.Server(
            SERVER, "--log-queue-lines=100", usual=JSON_LOG, stderr=subprocess.PIPE
        )
        self.addCleanup(server.process.stderr.close)
        self.assertEqual(call(server, CALLS), [400] * CALLS)
        dropped = metric(server, "log_dropped_lines_total")
        self.assertGreater(dropped, CALLS / 2)
        self.assertLess(dropped, CALLS)
        self.assertEqual(metric(server, "exceptions_total"), 0)
        # The server still ends: lines that do not fit into the pipe are dropped.
        self.assertEnds(server)

    def test_a_reader_who_comes_back_is_told_what_is_missing(self):
        server = harness.Server(
            SERVER, "--log-queue-lines=100", usual=JSON_LOG, stderr=subprocess.PIPE
        )
        self.assertEqual(call(server, CALLS), [400] * CALLS)
        dropped = metric(server, "log_dropped_lines_total")
        lines = []
        missing = 0
        while len(lines) + missing < CALLS:
            line = json.loads(server.process.stderr.readline())
            if "dropped_lines" in line:
                missing += line["dropped_lines"]
            else:
                lines.append(line["request_id"])
        self.assertEqual(missing, dropped)
        self.assertEqual(len(set(lines)), len(lines))
        # From here on no line is missing.
        self.assertEqual(call(server, 10), [400] * 10)
        for _ in range(10):
            self.assertEqual(
                json.loads(server.process.stderr.readline())["operation"], "GetResourcePolicy"
            )
        self.assertEqual(metric(server, "log_dropped_lines_total"), dropped)
        server.process.stderr.close()
        self.assertEnds(server)

    def test_a_reader_who_leaves_ends_nothing(self):
        server = harness.Server(SERVER, usual=JSON_LOG, stderr=subprocess.PIPE)
        server.process.stderr.close()
        self.assertEqual(call(server, 1000), [400] * 1000)
        wait_until(lambda: metric(server, "log_dropped_lines_total") == 1000)
        self.assertEnds(server)

    def test_a_log_that_cannot_be_written_is_counted(self):
        for redirection in ("2>&-", "2>/dev/full", "<&- 2>&-"):
            with self.subTest(redirection=redirection):
                server = harness.Server(SERVER, usual=JSON_LOG, under=shell(redirection))
                self.assertEqual(call(server, 100), [400] * 100)
                wait_until(lambda: metric(server, "log_dropped_lines_total") == 100)
                # No socket may take the number of a closed standard file.
                for fd in (0, 1, 2):
                    self.assertNotIn(
                        "socket", os.readlink(f"/proc/{server.process.pid}/fd/{fd}")
                    )
                self.assertEnds(server)

    def test_hostile_texts_leave_a_line_a_line(self):
        regions = [b"a\xffb", b"\xed\xa0\x80", b"a\tb", b'a"b', b"a\\b", b"\xe2\x80\xa8",
                   b"x" * 10_000, b"", b"a b c", b"\xc2\x85"]
        scopes = [b"k/20200101/%s/glue/aws4_request" % region for region in regions]
        headers = [
            b"Authorization: AWS4-HMAC-SHA256 Credential=%s, SignedHeaders=host, "
            b"Signature=0\r\n" % scope
            for scope in scopes + [b"\xff/\xff/\xff/\xff/aws4_request", b"a/b", b"\xff"]
        ] + [
            b"Authorization: \xff\xfe\r\n",
            b"X-Amzn-RequestId: a\xff\r\n",
            b"X-Amz-Security-Token: \xff\r\n",
        ]
        for log in ("json", "text"):
            server = harness.Server(
                SERVER, usual=("--control", "--log=" + log), stderr=subprocess.PIPE
            )
            operations = ["GetResourcePolicy", "a\xffb", "a b", ""]
            calls = 0
            for header in headers:
                for operation in operations:
                    call(server, 1, headers=header, operation=operation)
                    calls += 1
            server.process.terminate()
            text = server.process.stderr.read()
            server.process.stderr.close()
            self.assertEnds(server)
            self.assertTrue(text.isascii())
            # Every line has the seven parts of the format.
            lines = text.splitlines()
            self.assertEqual(len(lines), calls)
            for line in lines:
                self.assertTrue(line.isprintable(), line)
                if log == "json":
                    self.assertEqual(len(json.loads(line)), 7, line)
                else:
                    self.assertEqual(len(line.split(" ")), 7, line)


class StandardFilesTest(unittest.TestCase):
    def run_to_end(self, *flags, redirection="", stderr=subprocess.PIPE):
        return subprocess.run(
            [*shell(redirection), SERVER, *flags],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            timeout=DEADLINE_SECONDS,
        )

    def test_a_url_that_cannot_be_printed_is_an_error(self):
        for redirection, reason in (
            (">&-", "Bad file descriptor"),
            (">/dev/full", "No space left on device"),
            ("<&- >&-", "Bad file descriptor"),
        ):
            for flags in (("--port=0",), ("--help",)):
                result = self.run_to_end(*flags, redirection=redirection)
                self.assertEqual(result.returncode, 2, redirection)
                self.assertEqual(
                    result.stderr,
                    "glue-security-server: cannot print to the standard output: "
                    f"{reason}\n",
                )

    def test_nobody_reads_the_url(self):
        reader, writer = os.pipe()
        os.close(reader)
        result = subprocess.run(
            [SERVER, "--port=0"], stdout=writer, stderr=subprocess.PIPE, text=True,
            timeout=DEADLINE_SECONDS,
        )
        os.close(writer)
        self.assertEqual(result.returncode, 2)
        self.assertIn("Broken pipe", result.stderr)

    def test_an_error_that_cannot_be_printed_is_a_status(self):
        for redirection in ("2>&-", "2>/dev/full", "<&- >&- 2>&-"):
            for flags in (("--port=-1",), ("--bind=203.0.113.1",)):
                self.assertEqual(self.run_to_end(*flags, redirection=redirection).returncode, 2)


class ReadyTest(unittest.TestCase):
    """A service manager hears when the server can be reached."""

    def setUp(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.socket.close)
        self.socket.bind("")  # The system makes up a name that begins with a zero byte.
        self.socket.settimeout(DEADLINE_SECONDS)
        name = self.socket.getsockname().decode().replace("\0", "@")
        self.under = ("env", "NOTIFY_SOCKET=" + name)

    def test_it_is_told_once_calls_are_answered(self):
        server = harness.Server(SERVER, under=self.under)
        self.assertEqual(self.socket.recv(100), b"READY=1")
        self.assertEqual(call(server, 1), [400])
        self.assertEqual(server.stop(), 0)
        self.socket.setblocking(False)
        self.assertRaises(BlockingIOError, self.socket.recv, 100)

    def test_a_server_that_cannot_start_is_not_ready(self):
        for flag in ("--port=-1", "--bind=203.0.113.1"):
            run = subprocess.run([*self.under, SERVER, flag], capture_output=True,
                                 timeout=DEADLINE_SECONDS)
            self.assertEqual(run.returncode, 2, flag)
        self.socket.setblocking(False)
        self.assertRaises(BlockingIOError, self.socket.recv, 100)

    def test_a_socket_that_is_missing_ends_nothing(self):
        server = harness.Server(
            SERVER, under=("env", "NOTIFY_SOCKET=/nowhere"), stderr=subprocess.PIPE
        )
        self.assertEqual(call(server, 1), [400])
        self.assertEqual(server.stop(), 0)
        self.assertEqual(
            server.process.stderr.read(),
            "glue-security-server: cannot report readiness to NOTIFY_SOCKET: "
            "No such file or directory\n",
        )
        server.process.stderr.close()


class EndTest(unittest.TestCase):
    def start_with_a_call_under_way(self, *flags):
        server = harness.Server(SERVER, *flags)
        server.control(
            "POST",
            "/faults",
            {"operation": "GetResourcePolicy", "fault": "none", "delay_seconds": 300},
        )
        connection = connect(server)
        self.addCleanup(connection.close)
        connection.sendall(request_bytes())
        wait_until(lambda: server.control("GET", "/history")["calls"])
        return server

    def wait_until_it_ends(self, server):
        """Waits until the server has seen the first signal."""
        def is_refused():
            try:
                connect(server).close()
            # A connection that is not yet accepted when the listener closes is reset.
            except (ConnectionRefusedError, ConnectionResetError):
                return True
            return False

        wait_until(is_refused)

    def test_a_second_signal_ends_at_once(self):
        for first in (signal.SIGTERM, signal.SIGINT):
            for second in (signal.SIGTERM, signal.SIGINT):
                server = self.start_with_a_call_under_way("--stop-seconds=86400")
                server.process.send_signal(first)
                self.wait_until_it_ends(server)
                self.assertIsNone(server.process.poll())
                server.process.send_signal(second)
                self.assertEqual(
                    server.process.wait(timeout=DEADLINE_SECONDS), 128 + second
                )
                server.process.stdout.close()

    def test_calls_that_take_too_long_are_cut_off(self):
        server = self.start_with_a_call_under_way("--stop-seconds=1")
        self.assertEqual(server.stop(), 0)

    def test_the_deadline_depends_on_no_thread(self):
        """The main thread blocks because nobody reads the URL."""
        for second, status in ((False, 3), (True, 128 + signal.SIGTERM)):
            reader, writer = os.pipe()
            os.set_blocking(writer, False)
            try:
                while True:
                    os.write(writer, b"x" * 4096)
            except BlockingIOError:
                pass
            os.set_blocking(writer, True)
            process = subprocess.Popen(
                [SERVER, "--port=0", "--stop-seconds=0" if not second else "--stop-seconds=600"],
                stdout=writer,
                stderr=subprocess.PIPE,
                text=True,
            )
            # Once the main thread blocks the signal, another thread takes it.
            with open(f"/proc/{process.pid}/status") as file:
                wait_until(lambda: self.blocks_sigterm(file))
            process.terminate()
            if second:
                # Two pending signals of a kind would become one.
                wait_until(lambda: not self.has_pending(process.pid))
                process.terminate()
            self.assertEqual(process.wait(timeout=DEADLINE_SECONDS), status)
            stderr = process.stderr.read()
            process.stderr.close()
            if not second:
                self.assertIn("the time to end is over", stderr)
            os.close(reader)
            os.close(writer)

    def blocks_sigterm(self, file):
        file.seek(0)
        mask = int(re.search(r"^SigBlk:\s+([0-9a-f]+)$", file.read(), re.M)[1], 16)
        return mask >> (signal.SIGTERM - 1) & 1 == 1

    def has_pending(self, pid):
        with open(f"/proc/{pid}/status") as file:
            mask = int(re.search(r"^ShdPnd:\s+([0-9a-f]+)$", file.read(), re.M)[1], 16)
        return mask >> (signal.SIGTERM - 1) & 1 == 1


if __name__ == "__main__":
    unittest.main()
