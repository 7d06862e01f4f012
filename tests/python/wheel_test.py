"""Both wheels are made, and installed without a network into an environment of Debian's
Python, where the mock, the fixture and the libraries are those of the wheel.

Usage: wheel_test.py LIBRARY
"""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import door

USE = """
import boto3, pathlib, sys
import glue_security
assert pathlib.Path(glue_security.__file__).is_relative_to(sys.prefix)
with glue_security.mock_glue_security():
    glue = boto3.client("glue", region_name="us-east-1")
    glue.create_security_configuration(Name="n", EncryptionConfiguration={})
    assert glue.get_security_configuration(Name="n")["SecurityConfiguration"]["Name"] == "n"
    kms = boto3.client("kms", region_name="us-east-1")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    assert kms.encrypt(KeyId=key, Plaintext=b"text")["CiphertextBlob"]
import sqlite3, ssl, zlib
sqlite3.connect(":memory:").execute("create table t (c)")
ssl.create_default_context()
for line in open("/proc/self/maps"):
    if ".so" in line:
        print(line.split()[-1])
"""
PAGE = pathlib.Path("docs/embedding.md")
BLOCK = r"<!-- run by: tests/python/wheel_test.py -->\n```shell\n(.*?)```"
FIXTURE = """
def test_fixture(glue_security_mock):
    assert glue_security_mock.history == []
"""


class WheelTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        # Neither a package nor a library of the project, and no index of packages.
        self.variables = {
            "PATH": os.environ["PATH"],
            "HOME": folder.name,
            "PIP_NO_INDEX": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

        for name in ("LICENSE", "python", "tools"):
            (self.folder / name).symlink_to(pathlib.Path(name).absolute())

    def run_command(self, *command, **variables):
        run = subprocess.run(
            command, env={**self.variables, **variables}, capture_output=True, text=True,
            cwd=self.folder,
        )
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run.stdout

    def install(self, change=lambda commands: commands):
        """Runs the commands of the page, changed. Returns the folder of the programs."""
        commands = change(re.search(BLOCK, PAGE.read_text(), re.S).group(1))
        self.run_command(
            "/bin/bash", "-euc", commands,
            GLUE_SECURITY_LIBRARIES=str(pathlib.Path(door.LIBRARY).parent),
        )
        return self.folder / "venv" / "bin"

    def loaded(self, programs, **variables):
        """Returns the libraries that a process loads that uses the mock."""
        out = self.run_command(str(programs / "python"), "-c", USE, **variables)
        return {pathlib.Path(line) for line in out.split()}

    def test_plain(self):
        programs = self.install()
        self.assertIn("libglue_security_c.so.0", {p.name for p in self.loaded(programs)})
        (self.folder / "test_fixture.py").write_text(FIXTURE)
        self.run_command(str(programs / "python"), "-m", "pytest", "-q", "test_fixture.py")
        self.run_command(str(programs / "pip"), "uninstall", "--quiet", "-y", "glue-security")
        self.assertEqual(list(self.folder.glob("venv/**/libglue_security*")), [])

    def test_whole(self):
        programs = self.install(
            lambda commands: commands.replace("wheel.sh", "wheel.sh --whole").replace(
                "0.1.0-py3", "0.1.0-1whole-py3"
            )
        )
        with tempfile.TemporaryDirectory() as empty:
            # Libraries of the same names elsewhere are not taken.
            for library in ("libprotobuf.so.32", "libabsl_strings.so.20220623"):
                pathlib.Path(empty, library).write_text("")
                pathlib.Path(empty, "glue-security-" + library).write_text("")
            paths = self.loaded(programs, LD_LIBRARY_PATH=empty)
        outside = [
            path for path in paths
            if path.name.startswith(("libabsl", "libprotobuf", "libre2", "libsimdjson"))
        ]
        self.assertEqual(outside, [])
        ours = [path for path in paths if "site-packages/glue_security/lib" in str(path)]
        self.assertGreater(len(ours), 30)


if __name__ == "__main__":
    unittest.main()
