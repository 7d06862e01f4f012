"""A machine that QEMU emulates, and commands in it.

Its console goes to a file. Commands come and answers go as lines over its second serial
port, where a unit of its own runs them.
"""

import base64
import socket
import subprocess
import sys
import time

from debian_root import run, say

PACKAGES = ("systemd-sysv", "dbus", "linux-image-cloud-amd64")
MEGABYTES = 1024
BOOT_SECONDS_MAX = 300
COMMAND_SECONDS_MAX = 120

# Each line is a command in base64. The answer is its status and its output.
AGENT = """#!/bin/bash
stty -F /dev/ttyS1 raw -echo
exec 3<>/dev/ttyS1
echo ready >&3
while read -r -u 3 line; do
  base64 -d <<<"$line" >/run/agent-command
  timeout --kill-after=5 %d bash /run/agent-command </dev/null >/run/agent-output 2>&1 3>&-
  echo "$? $(base64 -w 0 /run/agent-output)" >&3
done
""" % COMMAND_SECONDS_MAX

AGENT_UNIT = """[Unit]
Description=Commands from the machine outside
[Service]
ExecStart=/usr/local/sbin/agent
[Install]
WantedBy=multi-user.target
"""


def make_disk(root, folder):
    """Makes the disk of a guest from a root with `PACKAGES`; its kernel comes beside it."""
    agent = root.inner("/usr/local/sbin/agent")
    agent.write_text(AGENT)
    agent.chmod(0o755)
    root.inner("/etc/systemd/system/agent.service").write_text(AGENT_UNIT)
    root.inner("/etc/hostname").write_text("guest\n")
    root.inner("/etc/hosts").write_text("127.0.0.1 localhost guest\n::1 localhost\n")
    root.run("systemctl enable --quiet agent")
    # Without a number the first boot would enable every unit.
    root.inner("/etc/machine-id").unlink(missing_ok=True)
    root.run("systemd-machine-id-setup")
    root.unmount_systems()
    disk = folder / "disk"
    run("truncate", "--size=3G", disk)
    run("mke2fs", "-q", "-t", "ext4", "-d", root.path, disk)
    for name in ("vmlinuz", "initrd.img"):
        (kernel,) = root.inner("/boot").glob(f"{name}-*")
        run("cp", kernel, folder / name)
    say("a disk for the guest")


class Guest:
    """A boot of the disk in `folder`. Leaving it ends QEMU, as a loss of power would."""

    def __init__(self, folder):
        self.folder = folder
        ours, theirs = socket.socketpair()
        self.line = ours
        self.console = folder / "console"
        with self.console.open("wb") as console:
            self.process = subprocess.Popen(
                # Whatever ends this process ends QEMU.
                ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64",
                 "-machine", "q35", "-accel", "tcg", "-cpu", "max", "-smp", "2",
                 "-m", str(MEGABYTES), "-nodefaults", "-no-user-config", "-nic", "none",
                 "-display", "none", "-no-reboot", "-serial", "stdio",
                 "-chardev", f"socket,id=commands,fd={theirs.fileno()}",
                 "-serial", "chardev:commands",
                 # The host does not fail here. A flush by the guest still counts, since it
                 # loses what it has not written when QEMU ends.
                 "-drive", f"file={folder}/disk,format=raw,if=virtio,cache=unsafe",
                 "-kernel", str(folder / "vmlinuz"), "-initrd", str(folder / "initrd.img"),
                 "-append", "root=/dev/vda rw console=ttyS0 panic=-1"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
            )
        theirs.close()
        self.received = b""

    def __enter__(self):
        answer = self.read_line(BOOT_SECONDS_MAX)
        if answer != "ready":
            self.fail(f"the guest said {answer!r}")
        say("the guest runs")
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.line.close()

    def fail(self, why):
        console = self.console.read_text(errors="replace").splitlines()
        sys.exit("\n".join([*console[-40:], why]))

    def read_line(self, seconds):
        end = time.monotonic() + seconds
        while b"\n" not in self.received:
            self.line.settimeout(max(end - time.monotonic(), 0.001))
            try:
                piece = self.line.recv(65536)
            except TimeoutError:
                self.fail(f"no answer from the guest within {seconds} s")
            if not piece:
                self.fail(f"the guest ended with {self.process.wait()}")
            self.received += piece
        line, _, self.received = self.received.partition(b"\n")
        return line.decode().strip()

    def status(self, command):
        """Returns the exit status of a command of the shell, and its output."""
        self.line.sendall(base64.b64encode(command.encode()) + b"\n")
        status, _, output = self.read_line(COMMAND_SECONDS_MAX + 30).partition(" ")
        return int(status), base64.b64decode(output).decode(errors="replace")

    def run(self, command):
        """Runs a command that must succeed, and returns its output."""
        status, output = self.status(command)
        if status != 0:
            self.fail(f"{output}\nstatus {status} in the guest: {command}")
        return output

    def wait(self, command):
        """Waits until a command succeeds."""
        end = time.monotonic() + COMMAND_SECONDS_MAX
        while True:
            status, output = self.status(command)
            if status == 0:
                return output
            if time.monotonic() > end:
                self.fail(f"{output}\nnever so in the guest: {command}")

    def end(self, verb):
        """Has systemd end the machine, by `poweroff` or `reboot`."""
        self.line.sendall(base64.b64encode(f"systemctl --no-block {verb}".encode()) + b"\n")
        try:
            status = self.process.wait(BOOT_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.fail(f"systemd did not {verb}")
        if status != 0:
            self.fail(f"QEMU ended with {status}")
        say(f"the end of the guest by {verb}")
