"""The fixture of pytest, in a run of its own.

Usage: pytest_test.py LIBRARY
"""

import os
import pathlib
import subprocess
import tempfile
import unittest

import door

TESTS = '''
import boto3
import pytest
from glue_security import mock_glue_security

OLDER = boto3.client("glue", "us-east-1", aws_access_key_id="k", aws_secret_access_key="s")


def names(glue):
    listed = glue.get_security_configurations()["SecurityConfigurations"]
    return [configuration["Name"] for configuration in listed]


@pytest.mark.parametrize("number", [1, 2])
def test_fixture(glue_security_mock, number):
    assert names(OLDER) == []
    OLDER.create_security_configuration(Name="n", EncryptionConfiguration={})
    assert names(boto3.client("glue", "us-east-1")) == ["n"]
    assert len(glue_security_mock.history) == 3


@pytest.mark.glue_security(behavior="documented", page_size_default=1)
def test_marker(glue_security_mock):
    with pytest.raises(OLDER.exceptions.InvalidInputException):
        OLDER.put_resource_policy(PolicyInJson="{}")


@pytest.fixture
@mock_glue_security
def catalog():
    OLDER.create_security_configuration(Name="n", EncryptionConfiguration={})
    yield OLDER


def test_decorated_fixture(catalog):
    assert names(catalog) == ["n"]


@mock_glue_security
def test_decorated(tmp_path):
    assert tmp_path.exists() and names(OLDER) == []


@mock_glue_security
class TestClass:
    def test_method(self, tmp_path):
        assert tmp_path.exists() and names(OLDER) == []


@pytest.fixture
def created():
    OLDER.create_security_configuration(Name="n", EncryptionConfiguration={})


@pytest.mark.glue_security(behavior="documented", security_configurations_max=1)
class TestMarked:
    @pytest.mark.glue_security(security_configurations_max=2)
    def test_marker_alone(self, created):
        OLDER.create_security_configuration(Name="o", EncryptionConfiguration={})
        with pytest.raises(OLDER.exceptions.ResourceNumberLimitExceededException):
            OLDER.create_security_configuration(Name="p", EncryptionConfiguration={})
        with pytest.raises(OLDER.exceptions.InvalidInputException):
            OLDER.put_resource_policy(PolicyInJson="{}")


@pytest.mark.glue_security(no_such=1)
def test_wrong_marker(glue_security_mock):
    pass


@pytest.mark.glue_security("documented")
def test_marker_with_a_positional_argument():
    pass
'''


class PytestTest(unittest.TestCase):
    def test_a_run(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "test_catalog.py").write_text(TESTS)
            run = subprocess.run(
                ["/usr/bin/python3", "-m", "pytest", "-p", "glue_security.pytest_plugin",
                 "-p", "no:cacheprovider", "--strict-markers", "-q"],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(door.PYTHON)},
                stdout=subprocess.PIPE,
                text=True,
            )
        self.assertIn("7 passed, 2 errors", run.stdout)
        self.assertIn("InvalidArgumentError: no_such: no such option", run.stdout)
        self.assertIn("TypeError: the marker glue_security takes keywords only", run.stdout)


if __name__ == "__main__":
    unittest.main()
