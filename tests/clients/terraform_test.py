"""The calls that Terraform's provider makes, for aws_glue_resource_policy,
aws_glue_security_configuration and aws_glue_data_catalog_encryption_settings, through
create, read, update, drift and destroy, in each behavior of the server.

Usage: terraform_test.py SERVER
"""

import json
import sys
import unittest

import harness

SERVER = sys.argv.pop(1)
ACCOUNT = "111122223333"
KEY = "arn:aws:kms:us-east-1:111122223333:key/k"


class Gone(Exception):
    """Raised when a read finds no resource; Terraform then creates it again."""


class Provider:
    """The provider's functions, under the names that the provider gives them."""

    def __init__(self, server):
        self.glue = harness.client(server, ACCOUNT)
        self.errors = self.glue.exceptions

    # aws_glue_resource_policy

    def put_policy(self, policy, condition, **hybrid):
        self.glue.put_resource_policy(
            PolicyInJson=policy, PolicyExistsCondition=condition, **hybrid
        )
        return self.read_policy()

    def create_policy(self, policy, **hybrid):
        return self.put_policy(policy, "NOT_EXIST", **hybrid)

    def update_policy(self, policy, **hybrid):
        return self.put_policy(policy, "MUST_EXIST", **hybrid)

    def read_policy(self):
        try:
            got = self.glue.get_resource_policy()
        except self.errors.EntityNotFoundException as error:
            raise Gone from error
        if not got.get("PolicyInJson"):
            raise Gone
        return got["PolicyInJson"]

    def delete_policy(self):
        try:
            self.glue.delete_resource_policy()
        except self.errors.EntityNotFoundException:
            pass

    # aws_glue_security_configuration has no update.

    def create_configuration(self, name, configuration):
        self.glue.create_security_configuration(
            Name=name, EncryptionConfiguration=configuration
        )
        return self.read_configuration(name)

    def read_configuration(self, name):
        try:
            got = self.glue.get_security_configuration(Name=name)
        except self.errors.EntityNotFoundException as error:
            raise Gone from error
        return got["SecurityConfiguration"]

    def delete_configuration(self, name):
        try:
            self.glue.delete_security_configuration(Name=name)
        except self.errors.EntityNotFoundException:
            pass

    # A delete of aws_glue_data_catalog_encryption_settings puts empty settings.

    def put_settings(self, settings):
        self.glue.put_data_catalog_encryption_settings(
            CatalogId=ACCOUNT, DataCatalogEncryptionSettings=settings
        )
        return self.read_settings()

    def read_settings(self):
        return self.glue.get_data_catalog_encryption_settings(CatalogId=ACCOUNT)[
            "DataCatalogEncryptionSettings"
        ]

    def delete_settings(self):
        self.glue.put_data_catalog_encryption_settings(
            CatalogId=ACCOUNT, DataCatalogEncryptionSettings={}
        )


class TerraformTest(unittest.TestCase):
    """The server's default."""

    FLAGS = ()
    CONSTRAINT = "ValidationException"

    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server(SERVER, *cls.FLAGS)
        cls.provider = Provider(cls.server)

    @classmethod
    def tearDownClass(cls):
        cls.provider.glue.close()
        assert cls.server.stop() == 0

    def setUp(self):
        self.server.control("POST", "/reset")

    def assertSamePolicy(self, policy, expected):
        """Compares as the provider does: by what the documents say."""
        self.assertEqual(json.loads(policy), json.loads(expected))

    def test_resource_policy(self):
        provider = self.provider
        with self.assertRaises(Gone):
            provider.read_policy()
        self.assertSamePolicy(provider.create_policy(harness.policy()), harness.policy())
        # A second resource for the same catalog fails.
        with self.assertRaises(provider.errors.ConditionCheckFailureException):
            provider.create_policy(harness.policy() + " ")
        self.assertSamePolicy(provider.read_policy(), harness.policy())
        changed = harness.policy().replace("Allow", "Deny")
        self.assertSamePolicy(provider.update_policy(changed), changed)
        provider.delete_policy()
        with self.assertRaises(Gone):
            provider.read_policy()
        # Another writer was quicker.
        provider.delete_policy()
        with self.assertRaises(provider.errors.ConditionCheckFailureException):
            provider.update_policy(harness.policy())
        with self.assertRaises(Gone):
            provider.read_policy()
        # After drift the policy is created again. The provider's enable_hybrid is a member
        # that an older model ignores.
        provider.create_policy(harness.policy(), EnableHybrid="TRUE")
        provider.update_policy(harness.policy(), EnableHybrid="FALSE")

    def test_a_policy_that_the_plan_did_not_check(self):
        with self.assertRaises(self.provider.errors.InvalidInputException):
            self.provider.create_policy('{"Version": "2012-10-17"}')
        with self.assertRaises(Gone):
            self.provider.read_policy()

    def test_security_configuration(self):
        provider = self.provider
        configuration = {
            "CloudWatchEncryption": {
                "CloudWatchEncryptionMode": "SSE-KMS",
                "KmsKeyArn": KEY,
            },
            "JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "DISABLED"},
            "S3Encryption": [{"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": KEY}],
        }
        with self.assertRaises(Gone):
            provider.read_configuration("example")
        created = provider.create_configuration("example", configuration)
        self.assertEqual(created["EncryptionConfiguration"], configuration)
        with self.assertRaises(provider.errors.AlreadyExistsException):
            provider.create_configuration("example", configuration)
        # An update destroys and creates.
        provider.delete_configuration("example")
        with self.assertRaises(Gone):
            provider.read_configuration("example")
        disabled = {
            "CloudWatchEncryption": {"CloudWatchEncryptionMode": "DISABLED"},
            "JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "DISABLED"},
            "S3Encryption": [{"S3EncryptionMode": "DISABLED"}],
        }
        replaced = provider.create_configuration("example", disabled)
        self.assertEqual(replaced["EncryptionConfiguration"], disabled)
        provider.delete_configuration("example")
        provider.delete_configuration("example")

    def test_data_catalog_encryption_settings(self):
        provider = self.provider
        default = {
            "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
            "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
        }
        self.assertEqual(provider.read_settings(), default)
        settings = {
            "EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": KEY},
            "ConnectionPasswordEncryption": {
                "ReturnConnectionPasswordEncrypted": True,
                "AwsKmsKeyId": KEY,
            },
        }
        self.assertEqual(provider.put_settings(settings), settings)
        self.assertEqual(provider.put_settings(default), default)
        provider.put_settings(settings)
        provider.delete_settings()
        self.assertEqual(provider.read_settings(), default)

    def test_settings_without_a_catalog_id(self):
        """A provider without an account sends an empty one, as docs/clients.md says."""
        glue = harness.client(self.server, ACCOUNT, parameter_validation=False)
        for call, arguments in (
            (glue.get_data_catalog_encryption_settings, {}),
            (glue.put_data_catalog_encryption_settings, {"DataCatalogEncryptionSettings": {}}),
        ):
            with self.assertRaises(getattr(glue.exceptions, self.CONSTRAINT)) as raised:
                call(CatalogId="", **arguments)
            self.assertIn("'catalogId' failed to satisfy constraint", str(raised.exception))
        glue.close()

    def test_a_plan_reads_what_an_apply_wrote(self):
        """A second read gives the same values: there is no drift."""
        provider = self.provider
        provider.create_policy(harness.policy())
        provider.create_configuration("c", {"S3Encryption": [{"S3EncryptionMode": "SSE-S3"}]})
        first = (provider.read_policy(), provider.read_configuration("c"),
                 provider.read_settings())
        second = (provider.read_policy(), provider.read_configuration("c"),
                  provider.read_settings())
        self.assertEqual(first, second)


class ObservedTest(TerraformTest):
    FLAGS = ("--behavior=observed",)


class DocumentedTest(TerraformTest):
    FLAGS = ("--behavior=documented",)
    CONSTRAINT = "InvalidInputException"


if __name__ == "__main__":
    unittest.main()
