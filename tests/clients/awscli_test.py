"""The AWS CLI, unmodified, against the server: all operations, errors, pages. Each call
starts a process, so that only a few calls are made in the behaviors that are not the
default; boto3_test.py makes them all.

Usage: awscli_test.py SERVER
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import harness

SERVER = sys.argv.pop(1)
AWS = "/usr/bin/aws"
# A request for a connection, with the members that it must have.
CONNECTION = {"Name": "n", "ConnectionType": "JDBC", "ConnectionProperties": {}}


def kebab(operation):
    return "".join("-" + c.lower() if c.isupper() else c for c in operation).lstrip("-")


class AwsCli:
    """Runs the CLI against a server with FLAGS."""

    FLAGS = ()

    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server(SERVER, *cls.FLAGS)
        cls.folder = tempfile.TemporaryDirectory()
        cls.environment = {
            "PATH": os.environ["PATH"],
            # Keeps out the settings of the user who runs this.
            "HOME": cls.folder.name,
            "AWS_CONFIG_FILE": cls.folder.name + "/none",
            "AWS_ACCESS_KEY_ID": "111122223333",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_MAX_ATTEMPTS": "1",
            "LC_ALL": "C.UTF-8",
        }

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        assert cls.server.stop() == 0

    def setUp(self):
        self.server.control("POST", "/reset")

    def run_aws(self, operation, *arguments):
        return subprocess.run(
            [
                AWS,
                "--endpoint-url",
                self.server.url,
                "--output",
                "json",
                "glue",
                kebab(operation),
                *arguments,
            ],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def aws(self, operation, *arguments):
        result = self.run_aws(operation, *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(result.stdout) if result.stdout.strip() else {}

    def assertFails(self, error, operation, *arguments):
        result = self.run_aws(operation, *arguments)
        self.assertEqual(result.returncode, 254, result.stdout + result.stderr)
        self.assertIn(f"({error})", result.stderr)
        return result.stderr


class AwsCliTest(AwsCli, unittest.TestCase):
    """The server's default, the current behavior."""

    def test_all_operations(self):
        settings = {
            "EncryptionAtRest": {
                "CatalogEncryptionMode": "SSE-KMS",
                "SseAwsKmsKeyId": "schl\u00fcssel",
            },
            "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
        }
        self.aws(
            "PutDataCatalogEncryptionSettings",
            "--data-catalog-encryption-settings",
            json.dumps(settings),
        )
        self.assertEqual(
            self.aws("GetDataCatalogEncryptionSettings")["DataCatalogEncryptionSettings"],
            settings,
        )
        path = pathlib.Path(self.folder.name) / "policy.json"
        text = harness.policy_without_blanks(10240)
        path.write_text(text)
        put = self.aws(
            "PutResourcePolicy", "--policy-in-json", f"file://{path}", "--enable-hybrid", "TRUE"
        )
        got = self.aws("GetResourcePolicy")
        self.assertEqual(got["PolicyInJson"], harness.reprinted(text))
        self.assertEqual(got["PolicyHash"], put["PolicyHash"])
        self.assertEqual(
            self.aws("GetResourcePolicies")["GetResourcePoliciesResponseList"], [got]
        )
        self.assertFails(
            "ConditionCheckFailureException",
            "DeleteResourcePolicy",
            "--policy-hash-condition",
            "stale",
        )
        self.aws("DeleteResourcePolicy", "--policy-hash-condition", put["PolicyHash"])
        name = "\u00fcn\u00efcode \U0001f600"
        configuration = {"S3Encryption": [{"S3EncryptionMode": "SSE-S3"}]}
        created = self.aws(
            "CreateSecurityConfiguration",
            "--name",
            name,
            "--encryption-configuration",
            json.dumps(configuration),
        )
        self.assertEqual(created["Name"], name)
        got = self.aws("GetSecurityConfiguration", "--name", name)["SecurityConfiguration"]
        self.assertEqual(got["EncryptionConfiguration"], configuration)
        self.assertEqual(got["CreatedTimeStamp"], created["CreatedTimestamp"])
        self.aws("DeleteSecurityConfiguration", "--name", name)
        self.assertFails("EntityNotFoundException", "GetSecurityConfiguration", "--name", name)
        self.assertEqual(self.aws("GetSecurityConfigurations")["SecurityConfigurations"], [])

    def test_connections(self):
        given = {
            **CONNECTION,
            "Description": "two\nlines",
            "MatchCriteria": ["m", "\u00fc"],
            "ConnectionProperties": {"USERNAME": "bob", "PASSWORD": "a secret"},
            "PhysicalConnectionRequirements": {"SecurityGroupIdList": ["sg-1", "sg-2"]},
        }
        self.aws("CreateConnection", "--connection-input", json.dumps(given))
        got = self.aws("GetConnection", "--name", "n")["Connection"]
        self.assertEqual({key: got[key] for key in given}, given)
        hidden = self.aws("GetConnection", "--name", "n", "--hide-password")["Connection"]
        self.assertEqual(hidden["ConnectionProperties"], {"USERNAME": "bob"})
        # The CLI's own notation, with a tag.
        self.aws(
            "CreateConnection",
            "--connection-input",
            "Name=o,ConnectionType=SFTP,ConnectionProperties={HOST=h,PORT=22}",
            "--tags",
            "k=v",
        )
        listed = self.aws("GetConnections", "--page-size", "1", "--filter", "ConnectionType=SFTP")
        self.assertEqual(
            [c["ConnectionProperties"] for c in listed["ConnectionList"]],
            [{"HOST": "h", "PORT": "22"}],
        )
        settings = {"ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": True}}
        self.aws(
            "PutDataCatalogEncryptionSettings",
            "--data-catalog-encryption-settings",
            json.dumps(settings),
        )
        self.aws("UpdateConnection", "--name", "n", "--connection-input", json.dumps(given))
        shown = self.aws("GetConnection", "--name", "n")["Connection"]["ConnectionProperties"]
        self.assertEqual(set(shown), {"USERNAME", "ENCRYPTED_PASSWORD"})
        deleted = self.aws("BatchDeleteConnection", "--connection-name-list", "o", "p")
        self.assertEqual(deleted["Succeeded"], ["o"])
        self.assertEqual(deleted["Errors"]["p"]["ErrorCode"], "EntityNotFoundException")
        self.aws("DeleteConnection", "--connection-name", "n")
        self.assertEqual(self.aws("GetConnections")["ConnectionList"], [])

    def test_pages_are_put_together(self):
        names = [f"name {i}" for i in range(5)]
        for name in names:
            self.aws(
                "CreateSecurityConfiguration",
                "--name",
                name,
                "--encryption-configuration",
                "{}",
            )
        for size in ("1", "2", "5"):
            listed = self.aws("GetSecurityConfigurations", "--page-size", size)
            self.assertEqual([c["Name"] for c in listed["SecurityConfigurations"]], names)

    def test_wrong_input(self):
        message = self.assertFails(
            "ValidationException",
            "CreateSecurityConfiguration",
            "--name",
            "x" * 256,
            "--encryption-configuration",
            '{"S3Encryption": [{"S3EncryptionMode": "SSEKMS"}]}',
        )
        self.assertIn("2 validation errors detected", message)
        self.assertFails(
            "InvalidInputException", "PutResourcePolicy", "--policy-in-json", "not json"
        )
        message = self.assertFails(
            "InvalidInputException",
            "DeleteResourcePolicy",
            "--resource-arn",
            "arn:aws:glue:us-east-1:111122223333:database/x",
        )
        self.assertIn("Glue resource level policy is not currently supported", message)

    def test_every_error_of_every_operation(self):
        arguments = {
            "PutDataCatalogEncryptionSettings": ["--data-catalog-encryption-settings", "{}"],
            "PutResourcePolicy": ["--policy-in-json", "{}"],
            "CreateSecurityConfiguration": ["--name", "n", "--encryption-configuration", "{}"],
            "DeleteSecurityConfiguration": ["--name", "n"],
            "GetSecurityConfiguration": ["--name", "n"],
            "CreateConnection": ["--connection-input", json.dumps(CONNECTION)],
            "GetConnection": ["--name", "n"],
            "UpdateConnection": ["--name", "n", "--connection-input", json.dumps(CONNECTION)],
            "DeleteConnection": ["--connection-name", "n"],
            "BatchDeleteConnection": ["--connection-name-list", "n"],
        }
        for operation, errors in harness.LISTED_ERRORS.items():
            # Each error takes one process of the CLI, which has no sanitizer.
            few = harness.SANITIZED or "Connection" in operation
            for error in errors[-1:] if few else errors:
                self.server.fail_next(operation, error, f"{operation} \u00e9")
                message = self.assertFails(error, operation, *arguments.get(operation, []))
                self.assertIn(f"{operation} \u00e9", message)

    def test_the_snippet_of_the_documents(self):
        self.aws("PutResourcePolicy", "--policy-in-json", harness.policy())
        code = harness.snippet("awscli_test.py", self.server)
        self.assertIn(self.server.url, code)
        result = subprocess.run(
            ["/bin/sh", "-e", "-c", code],
            env={name: value for name, value in self.environment.items()
                 if not name.startswith("AWS_") or name == "AWS_CONFIG_FILE"},
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(
            json.loads(result.stdout)["PolicyInJson"], harness.reprinted(harness.policy())
        )


class ObservedTest(AwsCli, unittest.TestCase):
    FLAGS = ("--behavior=observed",)
    CONSTRAINT = "ValidationException"
    shown = staticmethod(harness.reprinted)

    def test_a_few_calls(self):
        self.aws("PutResourcePolicy", "--policy-in-json", harness.policy())
        self.assertEqual(
            self.aws("GetResourcePolicy")["PolicyInJson"], self.shown(harness.policy())
        )
        name = "x" * 256
        self.assertFails(self.CONSTRAINT, "DeleteSecurityConfiguration", "--name", name)
        # A newer operation.
        self.assertFails("UnknownOperationException", "GetResourcePolicies")


class DocumentedTest(ObservedTest):
    FLAGS = ("--behavior=documented",)
    CONSTRAINT = "InvalidInputException"
    shown = staticmethod(lambda text: text)


if __name__ == "__main__":
    unittest.main()
