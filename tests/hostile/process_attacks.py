"""Attacks on the process by the user who starts it: logs that nobody reads, signals,
limits of the system, wrong flags and files."""

import functools
import os
import pathlib
import signal
import subprocess
import tempfile
import threading

import program
import texts
import wire
from attack import attack, ended

GET = wire.request("GetResourcePolicy", {})
CALLS_OF_A_FULL_PIPE = 3000


def get_is_answered(attack_, times, what):
    """Checks that `times` calls get their answers, over successive connections."""
    for begin in range(0, times, 500):
        count = min(500, times - begin)
        try:
            with wire.Peer(attack_.address, patience=20) as peer:
                for number in range(count):
                    peer.send(GET)
                    answer = peer.answer()
                    ok = answer is not None and answer.status == 400
                    attack_.input(ok, f"{what}: call {begin + number}: no answer")
                    if not ok:
                        return False
        except OSError as error:
            attack_.input(False, f"{what}: after {begin}: {type(error).__name__}")
            return False
    return True


def end(attack_, what, statuses=(0,), seconds=program.END_SECONDS):
    """Ends the server of the attack with SIGTERM and checks its exit status."""
    status = attack_.server.stop(seconds)
    attack_.input(status in statuses, f"{what}: SIGTERM: {ended(status)}")
    attack_.server = None


@attack(about="stderr as a pipe that nobody reads, and as a broken pipe", server=False)
def undrained_log(attack_):
    for log in ("text", "json"):
        read, write = os.pipe()
        attack_.server = program.Program(attack_.binary, "--control", log=log, stderr=write)
        os.close(write)
        what = f"--log={log}, undrained"
        with attack_.honest_beside():
            get_is_answered(
                attack_, attack_.size(CALLS_OF_A_FULL_PIPE, least=1500), what)
        metrics = None
        try:
            metrics = attack_.server.control("GET", "/metrics")
        except OSError:
            pass
        attack_.input(metrics is not None and b"drop" in metrics.body,
                      f"{what}: the metrics count no dropped lines")
        end(attack_, what)
        os.close(read)
        read, write = os.pipe()
        attack_.server = program.Program(attack_.binary, log=log, stderr=write)
        os.close(write)
        os.close(read)
        what = f"--log={log}, a broken pipe"
        with attack_.honest_beside():
            get_is_answered(attack_, 100, what)
        end(attack_, what)


@attack(about="stdout and stderr that are closed, full or gone", server=False)
def closed_and_full_streams(attack_):
    shell = {
        "stderr full": "2>/dev/full",
        "stderr closed": "2>&-",
        "stdin closed": "<&-",
        "stdin and stderr closed": "<&- 2>&-",
    }
    for what, redirection in shell.items():
        for log in ("text", "off"):
            program_ = program.Program(
                attack_.binary, log=log, under=["sh", "-c", f'exec "$@" {redirection}', "sh"]
            )
            attack_.server = program_
            attack_.input(program_.has_started(), f"{what}: it does not start")
            if program_.has_started():
                with attack_.honest_beside():
                    get_is_answered(attack_, 100, what)
            end(attack_, what)
    # Nobody can learn a port that the server chose: it reports this and ends. A port
    # that the caller chose is served.
    for what, redirection in {
        "stdout full": ">/dev/full", "stdout closed": ">&-",
        "all closed": "<&- >&- 2>&-", "stdout and stderr full": ">/dev/full 2>/dev/full",
    }.items():
        process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" {redirection}', "sh", attack_.binary.path, "--port=0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        try:
            _, said = process.communicate(timeout=3)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
            try:
                _, said = process.communicate(timeout=program.END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                attack_.input(False, f"{what}: SIGTERM does not end it")
                continue
        status = process.returncode
        attack_.input(status is not None and status >= 0, f"{what}: {ended(status)}")
        if status not in (0, None) and "2>" not in redirection:
            attack_.input(said.count(b"\n") == 1, f"{what}: it says {said[:200]!r}")


@attack(about="SIGTERM under load, with a log that nobody reads and peers that wait",
        server=False)
def end_under_load(attack_):
    for number in range(attack_.size(3, least=2)):
        read, write = os.pipe()
        attack_.server = program.Program(attack_.binary, log="text", stderr=write)
        os.close(write)
        stop = threading.Event()
        address = attack_.address

        def load():
            try:
                with wire.Peer(address, patience=20) as peer:
                    while not stop.is_set() and peer.send(GET * 20):
                        for _ in range(20):
                            if peer.answer() is None:
                                return
            except (OSError, wire.MalformedAnswer):
                pass

        threads = [threading.Thread(target=load) for _ in range(6)]
        peers = [wire.Peer(address) for _ in range(20)]
        for peer in peers[::2]:
            peer.send(GET[:50])
        for thread in threads:
            thread.start()
        with attack_.honest_beside():
            get_is_answered(attack_, 200 + attack_.random.randrange(600), "under load")
        status = attack_.server.stop()
        attack_.input(status == 0, f"SIGTERM under load, {number}: {ended(status)}")
        attack_.server = None
        stop.set()
        for thread in threads:
            thread.join()
        for peer in peers:
            peer.close()
        os.close(read)


@attack(about="a second SIGTERM or SIGINT while the first waits for a call of ten minutes",
        server=False)
def second_signal(attack_):
    for first, second in ((signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGINT),
                          (signal.SIGTERM, signal.SIGINT), (signal.SIGINT, signal.SIGTERM)):
        attack_.server = program.Program(attack_.binary, "--control")
        attack_.server.control("POST", "/faults", {
            "fault": "none", "delay_seconds": 600, "count": "forever"})
        with wire.Peer(attack_.address) as peer:
            peer.send(GET)
            program.wait_until(
                lambda: b"GetResourcePolicy"
                in attack_.server.control("GET", "/history").body
            )
            attack_.server.process.send_signal(first)
            # The server accepts no more connections once it has seen the first signal.
            program.wait_until(lambda: not can_connect(attack_.address), seconds=20)
            attack_.server.process.send_signal(second)
            # Draining the connections would take ten seconds.
            status = attack_.server.wait(5)
            attack_.input(status is not None, f"{first.name}, {second.name}: it goes on")
        attack_.server = None


def can_connect(address):
    try:
        wire.Peer(address, patience=1).close()
        return True
    except OSError:
        return False


@attack(about="a limit of 3 to 64 open files, and more peers than that", server=False)
def few_descriptors(attack_):
    # The undefined-behavior sanitizer needs descriptors of its own to inspect memory.
    few = (24, 32, 64) if attack_.binary.sanitizers else (*range(3, 13), 16, 24, 32, 64)
    for descriptors in few:
        what = f"ulimit -n {descriptors}"
        server = program.Program(attack_.binary, descriptors=descriptors)
        attack_.server = server
        if not server.has_started():
            status = server.wait()
            attack_.input(status is not None and status > 0, f"{what}: {ended(status)}")
            attack_.input(server.said().count("\n") == 1, f"{what}: says {server.said()[:200]}")
            attack_.server = None
            continue
        peers = []
        with attack_.honest_beside():
            for _ in range(descriptors + 20):
                try:
                    peers.append(wire.Peer(attack_.address, patience=5))
                except OSError:
                    break
            # Idle connections are closed to make room.
            get_is_answered(attack_, 3, what)
        for peer in peers:
            peer.close()
        end(attack_, what)


MEMORY_MIB = (4, *range(16, 64, 8), *range(64, 200, 24), 220, 300)


@attack(about="ulimit -v from almost nothing upwards: the process serves or says why not",
        server=False, plain_only=True)
def little_memory_at_start(attack_):
    for mib in MEMORY_MIB:
        what = f"ulimit -v {mib} MiB"
        server = program.Program(attack_.binary, memory=mib * 2**20)
        attack_.server = server
        if not server.has_started():
            status = server.wait()
            said = server.said()
            # The system's loader has messages of its own.
            in_words = status == 2 and said.count("\n") == 1
            attack_.input(in_words or "shared librar" in said or "shared object" in said,
                          f"{what}: {ended(status)}: {said[:200]}")
        else:
            serves_or_ended_in_a_line(attack_, what)
        attack_.server = None


def serves_or_ended_in_a_line(attack_, what):
    """When memory runs out, only the call ends; inside protobuf, a table of Abseil or
    the C library the process ends at once, with a one-line message."""
    server = attack_.server
    try:
        for _ in range(20):
            with wire.Peer(attack_.address, patience=20) as peer:
                peer.send(GET)
                peer.answer()
    except (OSError, wire.MalformedAnswer):
        pass
    if program.wait_until(lambda: not server.is_alive(), seconds=0.3):
        status = server.wait()
        attack_.input(server.said().strip().count("\n") == 0 and server.said() != "",
                      f"{what}: {ended(status)}: {server.said()[:200]}")
    else:
        get_is_answered(attack_, 20, what)
        attack_.input(server.stop() == 0, f"{what}: SIGTERM")


LARGE_BODY = (
    b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 240000\r\n\r\n"
    + b" " * 239_000
)


def large_configuration(number):
    arn = "arn:aws:kms:us-east-1:111122223333:key/" + "k" * 100_000
    return wire.request("CreateSecurityConfiguration", {
        "Name": f"n{number}",
        "EncryptionConfiguration": {
            "CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS", "KmsKeyArn": arn}
        },
    })


@attack(about="bodies and answers that use up ulimit -v while the server runs",
        server=False, plain_only=True)
def memory_runs_out(attack_):
    for extra in attack_.random.sample(range(4, 60), attack_.size(4, least=4)):
        mib = lowest_memory(attack_.binary) + extra
        server = program.Program(attack_.binary, "--control", memory=mib * 2**20)
        attack_.server = server
        if not server.has_started():
            attack_.input(server.wait() == 2, f"{mib} MiB: it does not start and does not say why")
            attack_.server = None
            continue
        peers = []
        try:
            for number in range(200):
                peer = wire.Peer(attack_.address, patience=10)
                peers.append(peer)
                peer.send_what_fits(LARGE_BODY)
                with wire.Peer(attack_.address, patience=10) as other:
                    other.send(large_configuration(number))
                    other.answer()
        except (OSError, wire.MalformedAnswer):
            # The later clients judge the outcome, below.
            pass
        for peer in peers:
            peer.close()
        serves_or_ended_in_a_line(attack_, f"{mib} MiB")
        attack_.server = None


@functools.lru_cache(maxsize=1)
def lowest_memory(binary):
    """Returns the first limit, in MiB, with which the server starts."""
    for mib in MEMORY_MIB:
        server = program.Program(binary, memory=mib * 2**20)
        started = server.has_started()
        if started:
            server.stop()
            return mib
        server.wait()
    return MEMORY_MIB[-1]


def run_to_end(binary, arguments, memory=None):
    """Returns the exit status and the output of a start that should be refused. Ends a
    server that starts. The status is None when it hangs."""
    process = subprocess.Popen(
        [binary.path, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, preexec_fn=program.limits(memory=memory),
    )
    timer = threading.Timer(program.END_SECONDS, process.kill)
    timer.start()
    # The line is the server's URL, or empty.
    url = process.stdout.readline()
    if url.startswith(b"http://"):
        process.send_signal(signal.SIGTERM)
    out, said = process.communicate()
    is_hanging = not timer.is_alive()
    timer.cancel()
    return (None if is_hanging else process.returncode, url + out,
            said.decode("utf-8", "replace"))


@attack(about="thread counts that are illegal, or too high for the system", server=False)
def many_threads(attack_):
    for threads in ("0", "-1", "10000", "1000000000", "99999999999999999999", "x", ""):
        status, out, said = run_to_end(
            attack_.binary, ["--port=0", "--log=off", f"--threads={threads}"])
        attack_.input(
            status == 2 and out == b"" and said.count("\n") == 1,
            f"--threads={threads}: {ended(status)}: {out[:80]!r} {said[:200]}",
        )
    if attack_.binary.sanitizers:
        return
    least = lowest_memory(attack_.binary)
    for extra in range(0, 200, 40):
        mib = least + extra
        status, out, said = run_to_end(
            attack_.binary, ["--port=0", "--log=off", "--threads=16"], memory=mib * 2**20)
        attack_.input(
            (status == 0 and out.startswith(b"http://"))
            or (status == 2 and said.count("\n") == 1),
            f"16 threads in {mib} MiB: {ended(status)}: {said[:200]}",
        )


BAD_VALUES = ("", " ", "-1", "-9223372036854775809", "99999999999999999999999", "1e9",
              "0x10", "1 ", "+", "x", "\u00e9", "\udcff", "a" * 10_000, "/", "/dev/null",
              "..", "%s%n", "1,2", "true", "-", "--")
# Flags that must be refused before anything starts: (flag, value).
MUST_BE_REFUSED = (
    ("port", "-1"), ("port", ""), ("port", "65536"), ("port", "x"), ("port", "1.5"),
    ("account-id", ""), ("account-id", "1"), ("account-id", "12345678901x"),
    ("account-id", "1234567890123"), ("account-id", "-12345678901"),
    ("account-id", "12345678901 "), ("account-id", "１23456789012"),
    ("threads", "0"), ("threads", "-1"), ("number-limit", "-1"), ("number-limit", ""),
    ("bind", ""), ("bind", "here"), ("bind", "256.0.0.1"), ("credentials", "/"),
    ("credentials", "/dev/null"), ("credentials", "/nowhere"), ("log", ""),
    ("behavior", ""), ("api-date", ""), ("api-date", "2020-02-30"), ("policy-checks", ""),
    ("storage", ""), ("storage", "memory "),
)


def judge_start(attack_, arguments, must_be_refused):
    """Starts with odd flags, which must be accepted or refused in one line."""
    status, out, said = run_to_end(attack_.binary, arguments)
    shown = " ".join(arguments)[:100]
    refused = status == 2 and out == b"" and said.count("\n") == 1
    started = status == 0 and out.startswith(b"http://")
    attack_.input(
        refused or (started and not must_be_refused),
        f"{shown}: {ended(status)}: {out[:60]!r} {said[:120]}",
    )


@attack(about="every flag × empty, negative, huge, not a number, twice, a folder",
        server=False)
def bad_flags(attack_):
    usual = ["--port=0", "--log=off"]
    for flag, value in MUST_BE_REFUSED:
        judge_start(attack_, [*(u for u in usual if flag not in u), f"--{flag}={value}"], True)
    for flag in attack_.binary.flags:
        if flag in ("help", "version"):
            continue
        rest = [argument for argument in usual if not argument.startswith(f"--{flag}=")]
        values = attack_.random.sample(BAD_VALUES, min(attack_.size(4, least=3), len(BAD_VALUES)))
        for value in values:
            if flag == "bind" and value in ("0x10", "1e9"):
                continue
            value = value.encode("utf-8", "surrogateescape").decode(
                "utf-8", "surrogateescape")
            judge_start(attack_, [*rest, f"--{flag}={value}"], False)
        # The flag without a value, twice, and cut short.
        takes_value = attack_.binary.flags[flag] is not None
        judge_start(attack_, [*rest, f"--{flag}"], takes_value)
        if takes_value:
            default = attack_.binary.flags[flag] or "x"
            twice = [f"--{flag}={default}"] * 2
            judge_start(attack_, [*rest, *twice], True)
        judge_start(attack_, [*usual, f"--{flag[:-1]}=1"], True)
    for arguments in (["x"], ["-p"], ["--"], ["--port"], ["-"], ["--no-such-flag"], [""]):
        judge_start(attack_, [*usual, *arguments], arguments not in (["--"], ["-p"]))


GOOD_CREDENTIALS = (
    "[default]\naws_access_key_id = AKIDA\naws_secret_access_key = secret\n",
    "[default]\nAWS_ACCESS_KEY_ID = AKIDA\nAWS_SECRET_ACCESS_KEY = secret\n",
    "[default]\naws_access_key_id=AKIDA\naws_secret_access_key=se=cr=et\n"
    "[role]\nrole_arn = arn:aws:iam::111122223333:role/r\nsource_profile = default\n",
    "[default]\naws_access_key_id=AKIDA\naws_secret_access_key=secret\n"
    "[sso]\nsso_session = s\nsso_account_id = 111122223333\nsso_role_name = r\n",
    "# comment\n; comment\n\n[default]\naws_access_key_id = AKIDA\n"
    "aws_secret_access_key = secret\nregion = us-east-1\n",
    "[default]\r\naws_access_key_id = AKIDA\r\naws_secret_access_key = secret\r\n",
    "[default]\naws_access_key_id = AKIDA\naws_secret_access_key = secret\n"
    "[process]\ncredential_process = /bin/true\n",
)


@attack(about="credentials files: empty, binary, huge, folders, and those that every SDK reads",
        server=False)
def credentials_files(attack_):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "credentials"
        flags = ["--port=0", "--log=off", f"--credentials={path}"]
        for text in GOOD_CREDENTIALS:
            path.write_text(text)
            status, out, said = run_to_end(attack_.binary, flags)
            attack_.input(status == 0 and out.startswith(b"http://"),
                          f"{text!r}: {ended(status)}: {said[:200]}")
        for data in (b"", b"\n", b"# only a comment\n", b"[default]\n", b"\x00" * 100,
                     b"\xff" * 100, b"[", b"]", b"=", b"[a]\nx\n", b"a = b\n",
                     b"[a]\naws_access_key_id = A\n", b"[a]\n" + b"x" * 10_000_000):
            path.write_bytes(data)
            judge_start(attack_, flags, True)
        for _ in range(attack_.size(30)):
            good = attack_.random.choice(GOOD_CREDENTIALS).encode()
            path.write_bytes(texts.mutated(attack_.random, good, texts.TEXTS))
            judge_start(attack_, flags, False)
        judge_start(attack_, ["--port=0", f"--credentials={folder}"], True)
        os.chmod(path, 0)
        if os.geteuid() != 0:
            judge_start(attack_, flags, True)
