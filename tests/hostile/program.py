"""The program under attack: starts it, watches it, calls it and ends it."""

import collections
import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time

import wire

# The memory that a process may hold beside its budgets.
OVERHEAD_BYTES = 64 * 2**20
# The default budgets in MiB: HttpListenerOptions::buffered_bytes_max,
# HistoryRecorderOptions::bytes_max, MemoryStateOptions::snapshot_bytes_max.
BUFFERS_MIB = 64
HISTORY_MIB = 64
SNAPSHOTS_MIB = 256
# `Stop` takes up to ten seconds; a busy machine needs more.
END_SECONDS = 60
HEALTH_ACCOUNT = "999900002222"
REPORT_LINES = 30
SANITIZER_WORDS = (
    "AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:",
    "UndefinedBehaviorSanitizer",
)


class Binary:
    """The program's file, the sanitizers it was built with, and the flags it has."""

    def __init__(self, path, library=None):
        """`library` is the program of library_campaign.cc, or None."""
        self.path = path
        self.library = library and os.path.abspath(library)
        data = pathlib.Path(path).read_bytes()
        self.sanitizers = [
            name for name in ("asan", "tsan", "ubsan") if f"__{name}_".encode() in data
        ]
        self.help = subprocess.run(
            [path, "--help"], capture_output=True, text=True, timeout=END_SECONDS
        ).stdout
        # Parses the lines of the help: "  --port arg (=4566)      port to listen on".
        self.flags = {}
        for match in re.finditer(r"^\s+--([a-z-]+)( arg(?: \(=([^)]*)\))?)?", self.help, re.M):
            self.flags[match[1]] = match[3] if match[2] else None

    def has(self, flag):
        return flag in self.flags

    def measures_memory(self):
        """Returns false with sanitizers, which keep freed memory and shadow memory."""
        return not self.sanitizers


def limits(descriptors=None, memory=None):
    """Returns a function that sets the child's limits before it becomes the program."""

    def set_limits():
        if descriptors is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))
        if memory is not None:
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return set_limits


class Program:
    """The server on a port of its own."""

    def __init__(self, binary, *flags, descriptors=None, memory=None, stderr=None,
                 log="off", under=()):
        """`stderr` is a file or pipe of the caller; without it, a temporary file. `under`
        is a command that runs the program's command line."""
        self.binary = binary
        self._stderr = tempfile.TemporaryFile() if stderr is None else None
        # The attacks compare what comes back with what they sent, and send all members.
        usual = ["--port=0", "--behavior=documented", "--api-date=2025-12-01"]
        usual += [f"--log={log}"] if log is not None else []
        self.process = subprocess.Popen(
            [*under, binary.path, *usual, *flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._stderr if stderr is None else stderr,
            preexec_fn=limits(descriptors, memory),
        )
        self.url = self.process.stdout.readline().decode("utf-8", "replace").strip()
        match = re.match(r"http://(127\.0\.0\.1):([0-9]+)$", self.url)
        self.address = (match[1], int(match[2])) if match else None

    @property
    def pid(self):
        return self.process.pid

    def has_started(self):
        return self.address is not None

    def is_alive(self):
        return self.process.poll() is None

    def said(self):
        """Returns the text on stderr so far."""
        if self._stderr is None:
            return ""
        return os.pread(self._stderr.fileno(), 2**20, 0).decode("utf-8", "replace")

    def sanitizer_report(self):
        """Returns the start of a sanitizer's report with its first frames, or None."""
        lines = self.said().splitlines()
        for number, line in enumerate(lines):
            if any(word in line for word in SANITIZER_WORDS):
                return " | ".join(lines[number : number + REPORT_LINES])
        return None

    def wait(self, seconds=END_SECONDS):
        """Returns the exit status; kills a process that does not end and returns None."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = None
        self.process.stdout.close()
        return status

    def stop(self, seconds=END_SECONDS):
        """Ends the server as a harness does; see `wait`."""
        if self.is_alive():
            self.process.send_signal(signal.SIGTERM)
        return self.wait(seconds)

    def kill(self):
        self.process.kill()
        self.wait()

    def status_bytes(self, name):
        """Returns VmRSS or VmHWM in bytes, or 0 when the process has gone."""
        try:
            with open(f"/proc/{self.pid}/status") as file:
                for line in file:
                    if line.startswith(name + ":"):
                        return int(line.split()[1]) * 1024
        except OSError:
            pass
        return 0

    def descriptors(self):
        try:
            return len(os.listdir(f"/proc/{self.pid}/fd"))
        except OSError:
            return 0

    def processor_seconds(self):
        """Returns the processor time that all its threads have used."""
        total = 0
        for task in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def control(self, method, path, body=b"", **more):
        """Returns the answer of a control endpoint, or None when none came."""
        return wire.call(self.address, wire.control_request(method, path, body, **more))


class HonestClient:
    """A run of honest_client.py beside an attack."""

    def __init__(self, address, forgetful=False, credentials=None):
        """`credentials` is the key and the secret with which it signs."""
        script = pathlib.Path(__file__).parent / "honest_client.py"
        self.process = subprocess.Popen(
            [sys.executable, script, address[0], str(address[1]),
             *(["--forgetful"] if forgetful else []),
             *(["--sign=" + ":".join(credentials)] if credentials else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._condition = threading.Condition()
        self._calls = 0
        self._lines = collections.deque(maxlen=1)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            with self._condition:
                self._lines.append(line)
                if line.strip().isdigit():
                    self._calls = int(line)
                self._condition.notify_all()

    def wait_for_calls(self, number):
        """Waits for `number` more answers; returns false when they do not come."""
        with self._condition:
            goal = self._calls + number
            return self._condition.wait_for(
                lambda: self._calls >= goal, timeout=2 * wire.PATIENCE_SECONDS
            )

    def end(self):
        """Ends the client and returns its report."""
        self.process.stdin.close()
        try:
            self.process.wait(10 * wire.PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        self.process.stdout.close()
        try:
            report = json.loads(self._lines[-1])
        except (IndexError, ValueError):
            report = None
        if not isinstance(report, dict):
            return {"calls": 0, "wrong": 1, "examples": ["the honest client died"]}
        return report


def health(address):
    """Makes a fixed sequence of calls; returns an error in the answers, or None.
    REQUIRES: the catalog of HEALTH_ACCOUNT may be written."""

    def call(operation, **members):
        data = wire.request(operation, members, account=HEALTH_ACCOUNT)
        answer = wire.call(address, data)
        if answer is None:
            return "no answer", {}
        return answer.error_type(), answer.json()

    text = wire.policy(account=HEALTH_ACCOUNT)
    steps = (
        ("PutResourcePolicy", {"PolicyInJson": text}, None, lambda body: body["PolicyHash"]),
        ("GetResourcePolicy", {}, None, lambda body: body["PolicyInJson"] == text),
        ("CreateSecurityConfiguration", {"Name": "health", "EncryptionConfiguration": {}},
         None, lambda body: body["Name"] == "health"),
        ("CreateSecurityConfiguration", {"Name": "health", "EncryptionConfiguration": {}},
         "AlreadyExistsException", lambda body: True),
        ("GetSecurityConfigurations", {}, None,
         lambda body: [entry["Name"] for entry in body["SecurityConfigurations"]]
         == ["health"]),
        ("DeleteSecurityConfiguration", {"Name": "health"}, None, lambda body: True),
        ("GetSecurityConfiguration", {"Name": "health"}, "EntityNotFoundException",
         lambda body: True),
        ("DeleteResourcePolicy", {}, None, lambda body: True),
        ("GetResourcePolicy", {}, "EntityNotFoundException", lambda body: True),
    )
    for operation, members, expected, is_right in steps:
        try:
            outcome, body = call(operation, **members)
            if outcome != expected or not is_right(body):
                return f"{operation}: {outcome}, {str(body)[:200]}"
        except (OSError, wire.MalformedAnswer, KeyError) as error:
            return f"{operation}: {type(error).__name__}: {error}"
    return None


def wait_until(condition, seconds=END_SECONDS):
    """Returns true when the condition comes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
