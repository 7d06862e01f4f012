"""Both wheels are made, and installed without a network into an environment of Debian's
Python, where the mock, the fixture and the libraries are those of the wheel.

Usage: wheel_test.py LIBRARY
"""

import os
import pathlib
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

    def run_command(self, *command, **variables):
        run = subprocess.run(
            command, env={**self.variables, **variables}, capture_output=True, text=True,
            cwd=None if command[0].startswith("tools/") else self.folder,
        )
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run.stdout

    def install(self, *flags):
        """Returns the name of the wheel and the folder of the programs."""
        wheel = self.run_command(
            "tools/python_wheel.sh", *flags, str(self.folder),
            GLUE_SECURITY_LIBRARIES=str(pathlib.Path(door.LIBRARY).parent),
        ).strip()
        place = self.folder / "venv"
        self.run_command("/usr/bin/python3", "-m", "venv", "--system-site-packages", str(place))
        self.run_command(str(place / "bin" / "pip"), "install", "--quiet", wheel)
        return pathlib.Path(wheel).name, place / "bin"

    def loaded(self, programs, **variables):
        """Returns the libraries that a process loads that uses the mock."""
        out = self.run_command(str(programs / "python"), "-c", USE, **variables)
        return {pathlib.Path(line) for line in out.split()}

    def test_plain(self):
        name, programs = self.install()
        self.assertEqual(name, "glue_security-0.1.0-py3-none-linux_x86_64.whl")
        self.assertIn("libglue_security_c.so.0", {p.name for p in self.loaded(programs)})
        (self.folder / "test_fixture.py").write_text(FIXTURE)
        self.run_command(str(programs / "python"), "-m", "pytest", "-q", "test_fixture.py")
        self.run_command(str(programs / "pip"), "uninstall", "--quiet", "-y", "glue-security")
        self.assertEqual(list(self.folder.glob("venv/**/libglue_security*")), [])

    def test_whole(self):
        name, programs = self.install("--whole")
        self.assertEqual(name, "glue_security-0.1.0-1whole-py3-none-linux_x86_64.whl")
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
