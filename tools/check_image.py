#!/usr/bin/python3
"""Runs the steps of packaging/Dockerfile without Docker, and tries what they make.

Usage, as root: tools/check_image.py [--base FOLDER] [--programs FILE...] [--keep FOLDER]

Each stage is a root of its own over one of Debian 12, which mmdebstrap makes. The steps
are those of the Dockerfile itself. The server then runs as the image says: as its user,
as process 1, with a root that it cannot write, in a network of its own. It is asked for
its health, keeps records over a restart, and ends when it is told to. systemd checks the
unit packaging/glue-security.service.

--base takes a root that mmdebstrap has made before, or / for the files of this machine,
which must then be Debian 12; they are not changed. --programs takes programs in
the place of the stage that builds them. --keep keeps what is made there.
"""

import argparse
import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import urllib.request

import dockerfile
from debian_root import (
    POLICY, Root, expect, make_base, mount, run, say, stay_apart, work_folder
)

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCKERFILE = ROOT / "packaging/Dockerfile"
UNIT = ROOT / "packaging/glue-security.service"
EXPOSURE_MAX = 11  # In tenths, as `systemd-analyze security` counts.
SECONDS_MAX = 60  # For whatever the server does, on a loaded machine.
CLONE_NEWNET = 0x40000000

# These packages every image of Debian has, or another package brings them.
BASIC_PACKAGES = {"libc6", "libgcc-s1", "libstdc++6", "zlib1g"}


def context_files(sources):
    """Returns the files of COPY, as far as .dockerignore lets them in."""
    lines = (ROOT / ".dockerignore").read_text().split("\n")
    allowed = [line[1:] for line in lines if line.startswith("!")]
    assert "*" in lines, "everything else is left out"
    for source in sources:
        if not any(f"{source}/".startswith(f"{one}/") for one in allowed):
            sys.exit(f".dockerignore leaves out what is copied: {source}")
        if not (ROOT / source).exists():
            sys.exit(f"no such file: {source}")
    return [ROOT / source for source in sources]


def build(stage, root, others, programs):
    """Runs the steps of a stage."""
    workdir = "/"
    for instruction, value in stage.steps:
        if instruction == "WORKDIR":
            workdir = value
            root.inner(workdir).mkdir(parents=True, exist_ok=True)
        elif instruction == "RUN":
            root.run(value, workdir)
            say(f"RUN {value[:60]}…")
        else:
            name, sources, target = value
            if name is None:
                root.copy(context_files(sources), target, workdir)
            elif programs:
                root.copy([one.resolve() for one in programs], "/usr/bin/", workdir)
            else:
                root.copy([others[name].inner(one) for one in sources], target, workdir)
    return root


def check_packages(stage, root):
    """The packages that are named are those whose libraries the programs need."""
    named = set()
    for instruction, value in stage.steps:
        if instruction == "RUN":
            for words in re.findall(r"apt-get install ([^&]*)", value):
                named |= {word for word in words.split() if not word.startswith("-")}
    programs = sorted(root.inner("/usr/bin").glob("glue-*"))
    libraries = set()
    for program in programs:
        if program.read_bytes()[:4] != b"\x7fELF":
            continue
        found = run("chroot", root.path, "ldd", f"/usr/bin/{program.name}")
        if "not found" in found:
            sys.exit(f"{program.name} lacks a library:\n{found}")
        for library in re.findall(r"NEEDED +(\S+)", run("objdump", "-p", program)):
            path = re.search(rf"{re.escape(library)} => (\S+)", found)
            # The package may say /usr/lib or /lib.
            libraries |= {"*" + path[1].removeprefix("/usr")} if path else set()
    owners = run("chroot", root.path, "dpkg-query", "-S", *sorted(libraries))
    needed = set(re.findall(r"^([^:]+):", owners, re.MULTILINE))
    needed -= BASIC_PACKAGES
    if named != needed:
        sys.exit(f"not named: {sorted(needed - named)}, not needed: {sorted(named - needed)}")
    say(f"{len(programs)} programs need the {len(needed)} packages that are named")


def own_network():
    """Moves this process into a network that has only a loopback interface."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        sys.exit(f"unshare: {os.strerror(ctypes.get_errno())}")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        up = struct.pack("16sh14x", b"lo", 1)  # IFF_UP
        fcntl.ioctl(any_socket, 0x8914, up)  # SIOCSIFFLAGS


class Container:
    """The entry point of an image, running, with `flags` after it."""

    def __init__(self, stage, root, volume, *flags):
        self.stage = stage
        self.root = root
        self.process = subprocess.Popen(
            ["unshare", "--fork", "--pid", "--kill-child", "--mount", "sh", "-c",
             # A root that nobody can write, but for the volume.
             'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && '
             'mount --bind "$1" "$0/$2" && mount -t proc proc "$0/proc" && '
             'shift 2 && exec chroot "$0" "$@"',
             str(root.path), str(volume), stage.volumes[0],
             *self.as_user(), *stage.entrypoint, *(flags or stage.cmd)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            sys.exit(f"not started: {self.process.communicate()[1]}")

    def as_user(self):
        user, group = self.stage.user.split(":")
        return [
            "setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups",
            "--no-new-privs", "--bounding-set=-all", "--",
            "env", "-i", f"--chdir={self.stage.workdir}", "PATH=/usr/bin:/bin",
        ]

    def pid(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return int(children.read_text())

    def health(self):
        return health(self.stage, self.root, self.as_user())

    def call(self, operation, body):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.stage.ports[0]}/", json.dumps(body).encode(),
            {"Content-Type": "application/x-amz-json-1.1",
             "X-Amz-Target": f"AWSGlue.{operation}",
             "Authorization": "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/"
             "glue/aws4_request, SignedHeaders=host, Signature=" + 64 * "0"},
        )
        with urllib.request.urlopen(request, timeout=SECONDS_MAX) as answer:
            return json.load(answer)

    def stop(self):
        os.kill(self.pid(), getattr(signal, self.stage.stopsignal))
        errors = self.process.communicate(timeout=SECONDS_MAX)[1]
        if self.process.returncode != 0:
            sys.exit(f"the server ended with {self.process.returncode}: {errors}")


def health(stage, root, as_user):
    """Returns the exit status of the health check."""
    return subprocess.run(
        ["chroot", str(root.path), *as_user, *stage.health],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS_MAX, check=False,
    ).returncode


def try_image(stage, root, folder):
    """Runs the server as the image says, and judges what is seen from outside."""
    own_network()
    volume = folder / "volume"
    shutil.copytree(root.inner(stage.volumes[0]), volume)
    owner = root.inner(stage.volumes[0]).stat()
    os.chown(volume, owner.st_uid, owner.st_gid)
    uid = int(stage.user.split(":")[0])

    server = Container(stage, root, volume)
    as_user = server.as_user()
    expect(server.url == f"http://0.0.0.0:{stage.ports[0]}", "it is ready on the stated port")
    expect(server.health() == 0, "it is healthy")
    status = pathlib.Path(f"/proc/{server.pid()}/status").read_text()
    expect(
        uid != 0 and f"\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n" in status
        and "\nCapEff:\t0000000000000000\n" in status, "it is not root",
    )
    expect("\nNSpid:" in status and re.search(r"\nNSpid:.*\t1\n", status), "it is process 1")
    expect("PolicyHash" in server.call("PutResourcePolicy", {"PolicyInJson": POLICY}),
           "it answers from outside")
    # A stopped server takes connections and does not answer.
    os.kill(server.pid(), signal.SIGSTOP)
    expect(server.health() == 1, "it is not healthy when it does not answer")
    os.kill(server.pid(), signal.SIGCONT)
    server.stop()
    expect(True, f"{stage.stopsignal} ends it with the status 0")
    expect(health(stage, root, as_user) == 1, "it is not healthy when it has ended")

    data = f"--data={stage.volumes[0]}/catalog.db"
    server = Container(stage, root, volume, data)
    put = server.call("PutResourcePolicy", {"PolicyInJson": POLICY})
    server.stop()
    server = Container(stage, root, volume, data)
    got = server.call("GetResourcePolicy", {})
    server.stop()
    expect(got["PolicyHash"] == put["PolicyHash"], "records in its volume outlast it")
    kept = (volume / "catalog.db").stat()
    expect(kept.st_uid == uid and volume.stat().st_mode & 0o777 == 0o700,
           "nobody else reads them")


def check_unit(folder):
    """systemd finds nothing wrong in the unit, and much that it denies."""
    unit = folder / UNIT.name
    # The program is elsewhere. The rest of the line stays.
    unit.write_text(UNIT.read_text().replace("=glue-security-server ", "=/bin/true "))
    told = run("systemd-analyze", "verify", unit)
    if told:
        sys.exit(told)
    run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE_MAX}", UNIT)
    say("systemd takes the unit")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--base", type=pathlib.Path)
    parser.add_argument("--programs", type=pathlib.Path, nargs="+")
    parser.add_argument("--keep", type=pathlib.Path)
    return parser.parse_args()


def main():
    stay_apart()
    arguments = parse_arguments()
    stages = dockerfile.read_stages(DOCKERFILE)
    with contextlib.ExitStack() as stack:
        folder = work_folder(stack, arguments.keep)
        base = arguments.base or make_base(folder)
        if base == pathlib.Path("/"):
            # A layer cannot lie within another.
            mount("-t", "tmpfs", "tmpfs", folder)
            stack.callback(run, "umount", folder)
        roots = {}
        for stage in stages:
            if arguments.programs and stage is not stages[-1]:
                continue
            root = Root(base.resolve(), folder / (stage.name or "image"))
            stack.callback(run, "umount", "--recursive", root.path)
            roots[stage.name] = build(stage, root, roots, arguments.programs)
            say(f"stage {stage.name or 'of the image'}: {root.megabytes()} MB over the base")
        check_packages(stages[-1], root)
        try_image(stages[-1], root, folder)
        check_unit(folder)


if __name__ == "__main__":
    main()
