#!/usr/bin/python3
"""Boots a Debian that has packaging/glue-security.service, and tries what it promises.

Usage, as root: tools/check_unit.py --programs FILE... [--base FOLDER] [--keep FOLDER]

The Debian package of the programs is made and installed as docs/deployment.md says, and
the commands and the drop-in of that page are tried to the letter. QEMU emulates the
machine, with systemd as its process 1 and without a network. It boots three times on one
disk: the first boot ends by a reboot and the second by a loss of power. The third moves
the programs to /usr/local.

--programs takes glue-security-server, glue-storage and glue-policy as any build has made
them; the rules of CMake install them. --base takes a root that mmdebstrap has made before,
with the packages of `PACKAGES`. --keep keeps what is made, the console of the last boot
among it.

Needs the packages cmake, dpkg-dev, e2fsprogs, file, help2man, mmdebstrap, ninja-build,
qemu-system-x86, and those of tools/debian_packages.txt.
"""

import argparse
import contextlib
import json
import pathlib
import re
import shlex
import sys

import guest as machine
from debian_root import POLICY, Root, expect, make_base, run, say, stay_apart, work_folder

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/deployment.md"
UNIT = "glue-security"
# Packages of the guest: those of the machine, and what the commands below use.
PACKAGES = (*machine.PACKAGES, "bsdutils", "curl", "iproute2", "sqlite3", "util-linux")
PROGRAMS = {"glue-security-server", "glue-storage", "glue-policy"}
DATA = "/var/lib/glue-security/catalog.db"
DEFAULTS = "/etc/default/glue-security"
OTHER_ADDRESS = "192.0.2.1"  # One of those that the drop-in of the page allows.
STOP_SECONDS_MAX = 13
# The first and the last number of the users that systemd makes for a unit.
DYNAMIC_USERS = range(61184, 65520)

# The folders that the server may write: its records, and what ends with it.
WRITABLE = {"/var/lib/private/glue-security", "/dev/mqueue", "/tmp", "/var/tmp"}

# How systemd says that it cannot do what a unit asks for.
NOT_DONE = re.compile(
    r"ignor|not supported|unsupported|unknown|lacks|cannot|could not|"
    r"failed (to|at) (?!.*with result)", re.I)
# Lines with such words that say something else: the server's own, and failures that the
# checks here cause.
EXPECTED = re.compile(r"glue-security-server\[\d+\]: |: Failed to start glue-security")


def blocks_of_page():
    """Returns the commands and the drop-in of the page."""
    _, _, part = PAGE.read_text().partition("\n## As a service of systemd\n")
    part, _, _ = part.partition("\n## ")
    found = dict(re.findall(r"^```(shell|ini)\n(.*?)^```$", part, re.S | re.M))
    return found["shell"], found["ini"]


def make_packages(programs, folder):
    """Installs with CMake: returns a Debian package, and a folder with /usr/local."""
    if {program.name for program in programs} != PROGRAMS:
        sys.exit(f"--programs takes {', '.join(sorted(PROGRAMS))}")
    build = folder / "build"
    # Nothing is compiled: the programs are already there.
    run("cmake", "-S", ROOT, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
        "-DCMAKE_SKIP_INSTALL_ALL_DEPENDENCY=ON", "-DGLUE_SECURITY_PROGRAMS=ON",
        "-DGLUE_SECURITY_SERVER=ON", "-DGLUE_SECURITY_SQLITE=ON",
        "-DGLUE_SECURITY_ETCD=OFF", "-DGLUE_SECURITY_TESTING=OFF")
    for program in programs:
        run("install", "-m", "0755", program, build)
    component = "glue_security_programs"
    run("cpack", "-G", "DEB", "-D", f"CPACK_COMPONENTS_ALL={component}", cwd=build)
    (package,) = build.glob("*.deb")
    local = folder / "local"
    run("env", f"DESTDIR={local}", "cmake", "--install", build, "--prefix", "/usr/local",
        "--component", component)
    return package, local


def make_guest(base, programs, folder):
    package, local = make_packages(programs, folder)
    root = Root(base.resolve(), folder / "guest")
    try:
        run("cp", package, root.inner("/root/glue-security.deb"))
        run("cp", "-r", local, root.inner("/root/local"))
        root.run("apt-get update && apt-get install -y --no-install-recommends"
                 " /root/glue-security.deb")
        say("the Debian package is installed")
        machine.make_disk(root, folder)
    finally:
        run("umount", "--recursive", root.path)


class Service:
    """The service in a guest, as it is seen there."""

    def __init__(self, guest):
        self.guest = guest

    def get(self, *names):
        """Returns properties of the unit."""
        words = " ".join(f"-p {name}" for name in names)
        lines = self.guest.run(f"systemctl show {words} {UNIT}").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def is_in(self, **expected):
        return self.get(*expected) == expected

    def pid(self):
        return int(self.get("MainPID")["MainPID"])

    def dynamic_user(self):
        """Returns what systemd says about the user with the name of the unit."""
        manager = "org.freedesktop.systemd1 /org/freedesktop/systemd1"
        return self.guest.status(
            f"busctl call {manager} org.freedesktop.systemd1.Manager"
            f" LookupDynamicUserByName s {UNIT}")[1].strip()

    def ask_health(self, port=4566):
        self.guest.run(f"glue-security-health {port}")

    def wait_until_healthy(self, port=4566):
        self.guest.wait(f"glue-security-health {port}")

    def flags(self, text):
        """Writes the file of flags, or removes it."""
        if text is None:
            self.guest.run(f"rm {DEFAULTS}")
        else:
            self.guest.run(f"echo {shlex.quote(text)} > {DEFAULTS}")

    def systemctl(self, verb):
        # Only five starts within a minute are allowed.
        self.guest.run(f"systemctl reset-failed {UNIT}")
        self.guest.run(f"systemctl {verb} {UNIT}")

    def curl(self, url, body, *options):
        words = ["curl", "--silent", "--show-error", "--fail-with-body", "--max-time", "60",
                 "--data-binary", json.dumps(body), *options, url]
        return shlex.join(words)

    def call(self, operation, body, *options, host="127.0.0.1", port=4566):
        return self.curl(
            f"http://{host}:{port}/", body, *options,
            "-H", "Content-Type: application/x-amz-json-1.1",
            "-H", f"X-Amz-Target: AWSGlue.{operation}",
        )

    def put(self):
        put = json.loads(self.guest.run(self.call("PutResourcePolicy", {"PolicyInJson": POLICY})))
        got = self.read()
        expect(got["PolicyHash"] == put["PolicyHash"], "it answers calls")
        return got

    def read(self):
        return json.loads(self.guest.run(self.call("GetResourcePolicy", {})))

    def journal(self, *options):
        return self.guest.run(
            f"journalctl --boot --quiet --no-pager -u {UNIT} {' '.join(options)}")

    def expect_no_warning(self):
        """Nothing is unusual about the unit in this boot so far."""
        warnings = self.journal("--priority=warning")
        expect(not warnings, f"the journal has no warning about it{warnings and ': ' + warnings}")


def try_start(service, commands):
    """The commands of the page start it, and it answers."""
    guest = service.guest
    expect(guest.run("cat /proc/1/comm").strip() == "systemd", "systemd is the process 1")
    expect(guest.status(f"systemctl is-enabled {UNIT}")[1].strip() == "disabled"
           and service.is_in(ActiveState="inactive"), "the package does not start it")
    status, output = guest.status(f"set -e\n{commands}")
    expect(status == 0 and "active (running)" in output,
           f"the commands of the page start it: {output if status else 'active'}")
    expect(guest.run(f"systemctl is-enabled {UNIT}").strip() == "enabled", "it is enabled")
    expect(service.get("FragmentPath")["FragmentPath"] == f"/lib/systemd/system/{UNIT}.service",
           "its unit is that of the package")


def try_process(service):
    """The process has a user of its own, and no right."""
    guest = service.guest
    pid = service.pid()
    status = dict(re.findall(r"^(\w+):\t(.*)$", guest.run(f"cat /proc/{pid}/status"), re.M))
    uid = int(service.get("UID")["UID"])
    expect(uid in DYNAMIC_USERS and status["Uid"].split() == [str(uid)] * 4
           and status["Gid"].split() == [str(uid)] * 4, f"it is the dynamic user {uid}")
    expect(service.dynamic_user() == f"u {uid}", "its user has its name")
    capabilities = {status[f"Cap{name}"] for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")}
    expect(capabilities == {16 * "0"} and status["NoNewPrivs"] == "1"
           and status["Seccomp"] == "2", "it has no capability, gains none, and is filtered")
    spaces = ("cgroup", "ipc", "mnt", "net", "user", "uts")
    shared = [space for space in spaces if guest.run(f"readlink /proc/1/ns/{space}")
              == guest.run(f"readlink /proc/{pid}/ns/{space}")]
    expect(shared == ["cgroup", "net"], "its users, files, names and queues are its own")
    limits = guest.run(f"cat /proc/{pid}/limits")
    expect(re.search(r"Max open files +65536 +65536 ", limits)
           and re.search(r"Max core file size +0 +0 ", limits), "its limits are in force")
    group = "/sys/fs/cgroup" + service.get("ControlGroup")["ControlGroup"]
    expect(guest.run(f"cat {group}/memory.max {group}/pids.max").split()
           == [str(2 << 30), "512"], "the limits of its memory and its threads are in force")


def try_files(service):
    """It sees and writes its own files, and nobody else does."""
    guest = service.guest
    pid = service.pid()
    inside = f"nsenter --target {pid} --mount --"
    guest.run("install -d -m 0777 /home/somebody && echo text > /home/somebody/file")
    guest.run("echo text > /root/file && echo text > /tmp/file")
    for file in ("/home/somebody/file", "/root/file", "/tmp/file",
                 "/run/dbus/system_bus_socket"):
        guest.run(f"test -e {file}")
        expect(guest.status(f"{inside} test -e {file}")[0] == 1, f"it does not see {file}")
    expect(guest.run(f"{inside} ls /dev").split().count("vda") == 0, "it sees no disk")
    (options,) = re.findall("^.* /proc .*$", guest.run(f"cat /proc/{pid}/mountinfo"), re.M)
    expect("hidepid=invisible" in options and "subset=pid" in options,
           "it sees no process of others")
    uid = service.get("UID")["UID"]
    found = guest.run(
        f"{inside} setpriv --reuid={uid} --regid={uid} --clear-groups"
        " find / -path /proc -prune -o -type d -writable -print 2>/dev/null || true")
    wrong = set(found.split()) ^ WRITABLE
    expect(not wrong, f"it can write its own folders only, not {sorted(wrong)}")
    found = guest.run("stat -L -c '%a %u' /var/lib/glue-security " + DATA).split("\n")
    expect(found[:2] == [f"700 {uid}", f"600 {uid}"], "its records are its own")
    told = guest.run(f"systemd-analyze --no-pager security {UNIT}")
    (exposure,) = re.findall(r"Overall exposure level for \S+: ([\d.]+) ", told)
    expect(f"its exposure is {exposure} of 10" in PAGE.read_text(),
           f"its exposure is {exposure}, as the page says")


def try_restarts(service, record):
    """Records outlast a restart, a crash, and the lack of memory."""
    guest = service.guest
    before = service.pid()
    service.systemctl("restart")
    service.ask_health()
    expect(service.pid() != before and service.read() == record, "they survive a restart")
    expect(service.is_in(NRestarts="0", Result="success"), "the restart was no failure")
    service.expect_no_warning()
    for signal in ("KILL", "ABRT", "SEGV"):
        before = service.pid()
        service.systemctl(f"kill -s {signal}")  # The restarts are counted from here on.
        guest.wait(f"systemctl show -p NRestarts {UNIT} | grep -x NRestarts=1")
        service.wait_until_healthy()
        expect(service.pid() != before and service.read() == record,
               f"it is back after SIG{signal}, with its records")
    guest.run(f"systemctl set-property --runtime {UNIT} MemoryMax=1M")
    service.guest.wait(f"journalctl --boot --quiet -u {UNIT} | grep 'result .oom-kill'")
    guest.run(f"systemctl set-property --runtime {UNIT} MemoryMax=2G")
    service.wait_until_healthy()
    expect(service.read() == record, "it is back when memory had run out")
    expect(not guest.run("find / -xdev -name 'core*' -type f -size +64k -newer /proc/1"
                         " -not -path '/usr/*' -not -path '/boot/*'"),
           "no dump of its memory is left")


def try_stop(service, record):
    """A stop ends it with the status 0, also in the middle of a call."""
    guest = service.guest
    service.systemctl("stop")
    ended = {"ActiveState": "inactive", "Result": "success", "ExecMainCode": "1",
             "ExecMainStatus": "0"}
    expect(service.is_in(**ended), "a stop ends it with the status 0")
    expect("does not exist" in service.dynamic_user(), "its user is gone")
    expect(guest.status("glue-security-health")[0] == 1, "it is not healthy then")
    guest.run(f"glue-storage verify sqlite:{DATA}")
    service.flags("FLAGS=--port=4567 --control")
    service.systemctl("start")
    service.ask_health(4567)
    expect(guest.status("glue-security-health")[0] == 1, "the file of flags moves it")
    expect(json.loads(guest.run(service.call("GetResourcePolicy", {}, port=4567))) == record,
           "it is there again, with its records")
    guest.run(f"glue-storage verify sqlite:{DATA}")
    say("root reads its records with glue-storage, whether it runs or not")
    rule = {"operation": "GetResourcePolicy", "fault": "none", "delay_seconds": 300}
    guest.run(service.curl("http://127.0.0.1:4567/_glue_security/faults", rule))
    guest.run(f"{service.call('GetResourcePolicy', {}, port=4567)} > /dev/null 2>&1 &\n"
              "sleep 2")
    seconds = float(guest.run(
        f"begin=$EPOCHREALTIME; systemctl stop {UNIT}; end=$EPOCHREALTIME\n"
        "echo $(((${end/./} - ${begin/./}) / 1000))")) / 1000
    expect(service.is_in(**ended) and 8 < seconds < STOP_SECONDS_MAX,
           f"a stop in the middle of a call is clean: {seconds:.1f} s")


def expect_refusal(service, what):
    service.guest.wait(f"systemctl is-failed {UNIT}")
    failed = {"Result": "exit-code", "ExecMainStatus": "2", "NRestarts": "0",
              "ActiveState": "failed"}
    service.guest.run("sleep 3")
    expect(service.is_in(**failed), f"{what} ends it with the status 2, for good")
    service.guest.run(f"systemctl reset-failed {UNIT}")


def try_failures(service):
    """It says that it cannot start, or that its end was delayed, and stays failed."""
    guest = service.guest
    for flags in (f"--data={DATA}", "--no-such-flag"):
        service.flags(f"FLAGS={flags}")
        guest.status(f"systemctl start {UNIT}")
        expect_refusal(service, f"the flag {flags}")
    service.flags("FLAGS=")
    guest.run("systemd-run --quiet --unit=other glue-security-server")
    service.wait_until_healthy()
    guest.status(f"systemctl start {UNIT}")
    expect_refusal(service, "a port in use")
    guest.run("systemctl stop other")

    service.flags("FLAGS=--stop-seconds=0")
    service.systemctl("start")
    service.ask_health()
    # The write waits for the other one for longer than the end may take.
    guest.run(f"(echo 'BEGIN IMMEDIATE;'; sleep 20) | sqlite3 {DATA} > /dev/null 2>&1 &\n"
              "sleep 2\n"
              f"{service.call('PutResourcePolicy', {'PolicyInJson': POLICY})}"
              " > /dev/null 2>&1 &\nsleep 1")
    guest.run(f"systemctl stop {UNIT}")
    expect(service.is_in(ActiveState="failed", Result="exit-code", ExecMainStatus="3"),
           "a stop that was delayed leaves it failed, with the status 3")
    service.flags(None)
    guest.run("sleep 20")
    service.systemctl("start")
    service.ask_health()

    guest.status(f"""systemctl reset-failed {UNIT}
        for _ in $(seq 12); do systemctl kill -s KILL {UNIT}; sleep 2; done""")
    expect(service.is_in(ActiveState="failed")
           and "Start request repeated too quickly" in service.journal(),
           "five failures within a minute end the attempts")
    service.systemctl("start")


def try_drop_in(service, drop_in):
    """The drop-in of the page lets another address in, with credentials."""
    guest = service.guest
    guest.run(f"ip address add {OTHER_ADDRESS}/24 dev lo")
    service.flags("FLAGS=--bind=0.0.0.0")
    service.systemctl("restart")
    service.ask_health()
    unsigned = service.call("GetResourcePolicy", {}, "--connect-timeout", "5",
                            host=OTHER_ADDRESS)
    expect(guest.status(unsigned)[0] == 28, "packets of another address are dropped")
    service.flags(None)

    guest.run("install -d /etc/glue-security && umask 077 && printf '%s\\n' '[default]'"
              " aws_access_key_id=AKIDEXAMPLE aws_secret_access_key=example"
              " > /etc/glue-security/credentials")
    guest.run(f"cat > /root/drop-in <<'END'\n{drop_in}END")
    guest.run("SYSTEMD_EDITOR='cp /root/drop-in' script -qec 'systemctl edit glue-security'"
              " /dev/null")
    edited = guest.run(f"cat /etc/systemd/system/{UNIT}.service.d/override.conf")
    expect(edited.strip() == drop_in.strip(),
           "`systemctl edit` takes the drop-in of the page")
    service.systemctl("restart")
    service.ask_health()
    status, output = guest.status(unsigned)
    expect(status == 22 and "MissingAuthenticationToken" in output,
           "with it, a call without a signature is refused at another address")
    signed = ("--aws-sigv4", "aws:amz:us-east-1:glue", "--user", "AKIDEXAMPLE:example")
    body = {"PolicyInJson": POLICY}
    put = guest.run(service.call("PutResourcePolicy", body, *signed, host=OTHER_ADDRESS))
    expect("PolicyHash" in put, "a signed call is answered")
    service.guest.run(f"systemctl revert {UNIT} && systemctl restart {UNIT}")
    service.ask_health()


def try_journal(service):
    """systemd did all that the unit asks for."""
    lines = service.journal().splitlines()
    wrong = [line for line in lines if NOT_DONE.search(line) and not EXPECTED.search(line)]
    expect(lines and not wrong, "\n".join(["systemd did all that the unit asks for", *wrong]))


def try_local(service, record):
    """From /usr/local, it runs as from /usr."""
    guest = service.guest
    guest.run(f"systemctl disable --now {UNIT} && dpkg --purge glue-security")
    expect(guest.status(f"test -e /usr/bin/{UNIT}-server")[0] == 1, "the package is removed")
    guest.run("cp -r /root/local/usr/local/. /usr/local/")
    guest.run(f"set -e\n{blocks_of_page()[0]}")
    expect(service.get("FragmentPath")["FragmentPath"]
           == f"/usr/local/lib/systemd/system/{UNIT}.service" and service.read() == record,
           "from /usr/local it has the same records")
    service.expect_no_warning()


def try_boots(folder):
    commands, drop_in = blocks_of_page()
    with machine.Guest(folder) as guest:
        service = Service(guest)
        try_start(service, commands)
        record = service.put()
        try_process(service)
        try_files(service)
        try_restarts(service, record)
        try_stop(service, record)
        try_failures(service)
        try_drop_in(service, drop_in)
        try_journal(service)
        record = service.read()
        guest.end("reboot")
    with machine.Guest(folder) as guest:
        service = Service(guest)
        service.wait_until_healthy()
        expect(service.read() == record, "it runs after a reboot, with its records")
        service.expect_no_warning()
        record = service.put()
    with machine.Guest(folder) as guest:
        service = Service(guest)
        service.wait_until_healthy()
        expect(service.read() == record, "records survive a loss of power")
        service.expect_no_warning()
        try_local(service, record)
        try_journal(service)
        guest.end("poweroff")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--programs", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--base", type=pathlib.Path)
    parser.add_argument("--keep", type=pathlib.Path)
    return parser.parse_args()


def main():
    arguments = parse_arguments()
    stay_apart()
    with contextlib.ExitStack() as stack:
        folder = work_folder(stack, arguments.keep)
        base = arguments.base or make_base(folder, *PACKAGES)
        make_guest(base, arguments.programs, folder)
        try_boots(folder)


if __name__ == "__main__":
    main()
