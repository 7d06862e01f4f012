"""The AWS CLI, unmodified, against the server in each of its behaviors: all operations,
errors, pages.

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
RUNS = pathlib.Path(__file__).parent / "awscli_runs.py"
ACCOUNT = "111122223333"
# A request for a connection, with the members that it must have.
CONNECTION = {"Name": "n", "ConnectionType": "JDBC", "ConnectionProperties": {}}


def kebab(operation):
    return "".join("-" + c.lower() if c.isupper() else c for c in operation).lstrip("-")


class AwsCli:
    """The CLI, with an environment of its own."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.environment = {
            "PATH": os.environ["PATH"],
            # Keeps out the settings of the user who runs this.
            "HOME": self.folder.name,
            "AWS_CONFIG_FILE": self.folder.name + "/none",
            "LC_ALL": "C.UTF-8",
        }
        self.runs = subprocess.Popen(
            [sys.executable, RUNS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **self.environment,
                "AWS_ACCESS_KEY_ID": ACCOUNT,
                "AWS_SECRET_ACCESS_KEY": "secret",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_MAX_ATTEMPTS": "1",
            },
        )

    def run(self, *arguments):
        """Returns the status, the output and the errors of a run."""
        self.runs.stdin.write(json.dumps(arguments) + "\n")
        self.runs.stdin.flush()
        result = json.loads(self.runs.stdout.readline())
        return result["status"], result["stdout"], result["stderr"]

    def run_in_shell(self, code):
        """Runs commands of a shell, without keys and region."""
        return subprocess.run(
            ["/bin/sh", "-e", "-c", code],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def close(self):
        self.runs.stdin.close()
        status = self.runs.wait()
        self.runs.stdout.close()
        self.folder.cleanup()
        return status


def setUpModule():
    global cli
    cli = AwsCli()


def tearDownModule():
    assert cli.close() == 0


class AwsCliTest:
    """The tests, which each behavior runs with its flags and what it expects."""

    FLAGS = ()
    # The exception of a broken constraint.
    CONSTRAINT = "ValidationException"
    # The form in which a policy comes back.
    shown = staticmethod(harness.reprinted)
    # The outcome of a delete that names a resource, where the catalog has no policy.
    NARROWER_DELETE = (
        "InvalidInputException", "Glue resource level policy is not currently supported"
    )
    OPERATIONS = harness.CONTRACT
    ERRORS = 58

    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server(SERVER, *cls.FLAGS)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def setUp(self):
        self.server.control("POST", "/reset")

    def run_aws(self, operation, *arguments):
        return cli.run(
            "--endpoint-url", self.server.url, "--output", "json", "glue", kebab(operation),
            *arguments,
        )

    def aws(self, operation, *arguments):
        status, output, errors = self.run_aws(operation, *arguments)
        self.assertEqual(status, 0, errors)
        return json.loads(output) if output.strip() else {}

    def assertFails(self, error, operation, *arguments):
        status, output, errors = self.run_aws(operation, *arguments)
        self.assertEqual(status, 254, output + errors)
        self.assertIn(f"({error})", errors)
        return errors

    def test_encryption_settings(self):
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

    def test_resource_policy(self):
        path = pathlib.Path(cli.folder.name) / "policy.json"
        text = harness.policy_without_blanks(10240)
        path.write_text(text)
        put = self.aws(
            "PutResourcePolicy", "--policy-in-json", f"file://{path}", "--enable-hybrid", "TRUE"
        )
        got = self.aws("GetResourcePolicy")
        self.assertEqual(got["PolicyInJson"], self.shown(text))
        self.assertEqual(got["PolicyHash"], put["PolicyHash"])
        if "GetResourcePolicies" in self.OPERATIONS:
            listed = self.aws("GetResourcePolicies")["GetResourcePoliciesResponseList"]
            self.assertEqual(listed, [got])
        else:
            self.assertFails("UnknownOperationException", "GetResourcePolicies")
        self.assertFails(
            "ConditionCheckFailureException",
            "DeleteResourcePolicy",
            "--policy-hash-condition",
            "stale",
        )
        self.aws("DeleteResourcePolicy", "--policy-hash-condition", put["PolicyHash"])
        self.assertFails("EntityNotFoundException", "GetResourcePolicy")

    def test_security_configurations(self):
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
            self.CONSTRAINT,
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
        error, words = self.NARROWER_DELETE
        message = self.assertFails(
            error,
            "DeleteResourcePolicy",
            "--resource-arn",
            f"arn:aws:glue:us-east-1:{ACCOUNT}:database/x",
        )
        self.assertIn(words, message)

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
        count = 0
        for operation in self.OPERATIONS:
            for error in harness.LISTED_ERRORS[operation]:
                self.server.fail_next(operation, error, f"{operation} \u00e9")
                message = self.assertFails(error, operation, *arguments.get(operation, []))
                self.assertIn(f"{operation} \u00e9", message)
                count += 1
        self.assertEqual(count, self.ERRORS)

    def test_the_snippet_of_the_documents(self):
        self.aws("PutResourcePolicy", "--policy-in-json", harness.policy())
        code = harness.snippet("awscli_test.py", self.server)
        self.assertIn(self.server.url, code)
        result = cli.run_in_shell(code)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(
            json.loads(result.stdout)["PolicyInJson"], self.shown(harness.policy())
        )


class CurrentTest(AwsCliTest, unittest.TestCase):
    """The server's default."""

    OPERATIONS = list(harness.LISTED_ERRORS)
    ERRORS = 62


class ObservedTest(AwsCliTest, unittest.TestCase):
    FLAGS = ("--behavior=observed",)


class DocumentedTest(AwsCliTest, unittest.TestCase):
    FLAGS = ("--behavior=documented",)
    CONSTRAINT = "InvalidInputException"
    shown = staticmethod(lambda text: text)
    # The contract does not have the member.
    NARROWER_DELETE = "EntityNotFoundException", "Policy not found"


if __name__ == "__main__":
    unittest.main()
