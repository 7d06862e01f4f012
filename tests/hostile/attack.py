"""The definition of an attack, how it runs and how it is judged.

An attack is a function that takes an `Attack`. The decorator `attack` registers it
under its name, with the flags of the server that it needs. It counts its inputs with
`attack.input`. The rest of the judgement is the same for all attacks: the server
lives, an honest client beside it gets right answers, memory stays within its bound,
the server is healthy afterwards and ends on request, and no sanitizer reports anything.
"""

import collections
import contextlib
import json
import random
import signal
import time
import traceback

import program
import wire

FAILURES_SHOWN = 8

# The attacks by name, in the order of the files: name -> Registered.
ATTACKS = collections.OrderedDict()


class Registered:
    def __init__(self, function, **options):
        self.function = function
        self.name = function.__name__
        self.group = function.__module__
        self.__dict__.update(options)


def attack(*, about, flags=(), needs=(), server=True, memory=None, honest=True,
           forgetful=False, descriptors=None, plain_only=False, library=False):
    """Registers an attack.

    about: one line for the table.
    flags: the server's flags.
    needs: flags that the attack depends on; it fails if the program lacks one.
    server: true when the runner starts a server.
    memory: the budget in MiB that bounds the server's memory, beside the overhead of
        any process.
    honest: true when an honest client runs beside it from start to end.
    forgetful: true when records may vanish meanwhile.
    descriptors: the limit of open files.
    plain_only: true when it is skipped for a program with sanitizers.
    library: true when it runs library_campaign.
    """

    def register(function):
        ATTACKS[function.__name__] = Registered(
            function, about=about, flags=flags, needs=needs, server=server,
            memory=memory, honest=honest, forgetful=forgetful, descriptors=descriptors,
            plain_only=plain_only, library=library,
        )
        return function

    return register


class Attack:
    """One run of an attack: its server, its random source, and its findings."""

    def __init__(self, binary, registered, seed, scale):
        self.binary = binary
        self.registered = registered
        self.random = random.Random(f"{seed}:{registered.name}")
        self.scale = scale
        self.server = None
        self.honest = None
        self.tried = 0
        self.survived = 0
        self.failures = []
        self.detail = {}
        self._held = contextlib.ExitStack()

    @property
    def address(self):
        return self.server.address

    def size(self, count, least=1):
        """Returns how many inputs to make for `count` in the short campaign: more in a
        long one, fewer under a sanitizer, where everything is slower."""
        if self.binary.sanitizers:
            count = count // 5
        return max(least, int(count * self.scale))

    def input(self, ok, failure):
        """Counts one input; `failure` describes the error when it is not `ok`."""
        self.tried += 1
        if ok:
            self.survived += 1
        else:
            self.fail(failure)

    def fail(self, what):
        self.failures.append(what if isinstance(what, str) else str(what))

    def hold(self, thing):
        """Keeps a peer open until the honest client has ended."""
        return self._held.enter_context(thing)

    def let_go(self):
        """Closes the peers that were held."""
        self._held.close()

    @contextlib.contextmanager
    def honest_beside(self, credentials=None):
        """Runs an honest client beside a server that the attack itself has started."""
        self.honest = program.HonestClient(
            self.address, self.registered.forgetful, credentials
        )
        try:
            self.honest_goes_on()
            yield
            self.honest_goes_on()
        finally:
            self._end_honest()

    def honest_goes_on(self, calls=20):
        """Checks that the honest client still gets answers."""
        if self.honest is not None and not self.honest.wait_for_calls(calls):
            self.fail("the honest client gets no answer")

    def call(self, data, body=True):
        """Returns the answer; records a failure and returns None for none or a bad one."""
        try:
            answer = wire.call(self.address, data, body)
        except (OSError, wire.MalformedAnswer) as error:
            self.fail(f"{type(error).__name__}: {error}")
            return None
        return answer

    # The parts of a run.

    def _start(self):
        missing = [flag for flag in self.registered.needs if not self.binary.has(flag)]
        if missing:
            self.fail(f"the program has no --{missing[0]}")
            self.tried += 1
            return False
        if not self.registered.server:
            return True
        self.server = program.Program(
            self.binary, *self.registered.flags, descriptors=self.registered.descriptors
        )
        if not self.server.has_started():
            self.fail(f"the server does not start: {self.server.said()[:200]}")
            self.tried += 1
            self.server.kill()
            self.server = None
            return False
        if self.registered.honest:
            self.honest = program.HonestClient(self.address, self.registered.forgetful)
        # Creates the health check's catalog before an attack can use up the limit.
        if (wrong := program.health(self.address)) is not None:
            self.fail(f"before the attack: {wrong}")
        self.honest_goes_on()
        return True

    def _check_memory(self):
        peak = self.server.status_bytes("VmHWM")
        self.detail["peak_mib"] = round(peak / 2**20, 1)
        if self.registered.memory is None or not self.binary.measures_memory():
            return
        bound = self.registered.memory * 2**20 + program.OVERHEAD_BYTES
        self.detail["bound_mib"] = round(bound / 2**20, 1)
        if peak >= bound:
            self.fail(f"memory: {peak / 2**20:.0f} of {bound / 2**20:.0f} MiB")

    def _end_honest(self):
        if self.honest is None:
            return
        report = self.honest.end()
        self.honest = None
        if report["wrong"]:
            self.fail(f"the honest client: {report['examples']}")
        # The client with the highest latency counts.
        worst = self.detail.get("honest")
        if worst is None or worst.get("p99_ms", 0) < report.get("p99_ms", 0):
            self.detail["honest"] = report

    def _end_server(self):
        if self.server is None:
            return
        self._check_memory()
        if not self.server.is_alive():
            self.fail(f"the server died: {ended(self.server.wait())}")
        else:
            if (wrong := program.health(self.address)) is not None:
                self.fail(f"afterwards: {wrong}")
            status = self.server.stop()
            if status != 0:
                self.fail(f"SIGTERM: {ended(status)}")
        report = self.server.sanitizer_report()
        if report is not None:
            self.fail(f"a sanitizer: {report}")

    def run(self):
        """Runs the attack; returns its result as a value for JSON."""
        begin = time.monotonic()
        try:
            if self._start():
                self.registered.function(self)
        except Exception as error:  # Whatever the server did to the attacker.
            if self.tried == self.survived:
                self.tried += 1
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.fail(f"{type(error).__name__}: {error} ({where.name}:{where.lineno})")
        finally:
            self._end_honest()
            self.let_go()
            self._end_server()
        if self.failures and self.tried == self.survived:
            # All inputs together failed, not one of them.
            self.survived = max(0, self.survived - 1)
        return {
            "class": self.registered.name,
            "about": self.registered.about,
            "tried": self.tried,
            "survived": self.survived,
            "ok": not self.failures,
            "failures": len(self.failures),
            "examples": list(dict.fromkeys(self.failures))[:FAILURES_SHOWN],
            "seconds": round(time.monotonic() - begin, 1),
            "sanitizers": self.binary.sanitizers,
            **self.detail,
        }


def ended(status):
    """Returns an exit status in words."""
    if status is None:
        return "it does not end"
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"


def line(result):
    return json.dumps(result, ensure_ascii=True)
