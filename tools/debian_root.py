"""A root of Debian that steps change, and what the checks on such roots share."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

SUITE = "bookworm"
BEGIN = time.monotonic()

# The place of the mark of a process that has a mount namespace of its own.
APART = "CHECK_IS_APART"

POLICY = json.dumps({
    "Version": "2012-10-17",
    "Statement": [{
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
        "Action": "glue:Get*",
        "Resource": "arn:aws:glue:us-east-1:123456789012:*",
    }],
})


def say(text):
    print(f"{text} (after {time.monotonic() - BEGIN:.0f} s)", flush=True)


def expect(is_so, what):
    if not is_so:
        sys.exit(f"it is not so that {what}")
    say(what)


def run(*command, **options):
    """Runs a command whose output is of interest only if it fails."""
    done = subprocess.run(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", check=False, **options,
    )
    if done.returncode != 0:
        sys.exit(f"{done.stdout}\nstatus {done.returncode}: {' '.join(map(str, command))}")
    return done.stdout


def mount(*words):
    run("mount", *words)


def stay_apart():
    """Starts the program again in a mount namespace of its own, as root: every mount then
    ends with this process."""
    if os.geteuid() != 0:
        sys.exit("this needs root, for chroot and mounts")
    if APART not in os.environ:
        os.environ[APART] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation=private", "--",
                              sys.executable, *sys.argv])


def work_folder(stack, keep):
    """Returns the folder to keep, or one that ends with `stack`."""
    folder = keep or pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
    folder = folder.resolve()
    folder.mkdir(exist_ok=True)
    return folder


def make_base(folder, *packages):
    """Makes a root of Debian with some packages besides the smallest set."""
    base = folder / "base"
    run("mmdebstrap", "--variant=minbase", *[f"--include={one}" for one in packages], SUITE,
        base)
    say("a root of Debian")
    return base


class Root:
    """The files of a stage: what its steps change lies over a base."""

    def __init__(self, base, folder):
        self.path = folder / "root"
        self.changes = folder / "changes"
        for made in (self.path, self.changes, folder / "work"):
            made.mkdir(parents=True)
        layers = f"lowerdir={base},upperdir={self.changes},workdir={folder / 'work'}"
        mount("-t", "overlay", "-o", layers, "overlay", self.path)
        mount("-t", "proc", "proc", self.path / "proc")
        mount("--rbind", "/dev", self.path / "dev")
        # As an image of Debian: no documentation, no files that nobody reads.
        (self.path / "etc/dpkg/dpkg.cfg.d").mkdir(parents=True, exist_ok=True)
        (self.path / "etc/dpkg/dpkg.cfg.d/image").write_text("force-unsafe-io\n")

    def inner(self, path, workdir="/"):
        return self.path / (pathlib.PurePosixPath(workdir) / path).relative_to("/")

    def run(self, command, workdir="/"):
        """Runs a command of the shell there, with the names of this machine's network."""
        names = self.path / "etc/resolv.conf"
        if not names.is_symlink():
            shutil.copyfile("/etc/resolv.conf", names)
        run(
            "chroot", self.path, "env", "-i", f"--chdir={workdir}",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "DEBIAN_FRONTEND=noninteractive", "HOME=/root", "/bin/sh", "-c", command,
        )

    def copy(self, sources, target, workdir):
        """Copies as COPY does: of a folder, what is in it."""
        to = self.inner(target, workdir)
        if target.endswith("/") or len(sources) > 1:
            to.mkdir(parents=True, exist_ok=True)
        for source in sources:
            if source.is_dir():
                to.mkdir(parents=True, exist_ok=True)
                run("cp", "-a", "--no-preserve=ownership", f"{source}/.", to)
            else:
                run("cp", "-p", "--no-preserve=ownership", source, to)

    def megabytes(self):
        return int(run("du", "-sxm", self.changes).split()[0])

    def unmount_systems(self):
        """Leaves only the files of the root there."""
        run("umount", "--recursive", self.path / "dev")
        run("umount", self.path / "proc")
