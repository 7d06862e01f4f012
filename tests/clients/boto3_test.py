"""boto3, unmodified, against the server in each of its behaviors: all operations,
errors, pages.

Usage: boto3_test.py SERVER
"""

import datetime
import sys
import unittest

import boto3
import botocore.exceptions

import harness

SERVER = sys.argv.pop(1)
ACCOUNT = "111122223333"
KEY = "arn:aws:kms:us-east-1:1:key/k"
NAME = "\u00fcn\u00efcode \U0001f600 \"quoted\" \\"
SETTINGS_DEFAULT = {
    "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
    "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
}


class Boto3Test:
    """The tests, which each behavior runs with its flags and what it expects."""

    FLAGS = ()
    # The exception of a broken constraint.
    CONSTRAINT = "ValidationException"
    # The form in which a policy comes back.
    shown = staticmethod(harness.reprinted)
    # The answer to a policy of 10241 bytes, not counting blanks.
    TOO_LONG = "ValidationException", "length less than or equal to 10240"
    # The members of keys that nobody gave.
    DEFAULT_KEYS = ("alias/aws/glue",)
    # The texts of a configuration that exists, and of one that does not.
    EXISTS, MISSING = "", ""
    # The NextToken of a last page.
    LAST_TOKEN = ""
    PAGE_SIZE_MAX = 200
    # The characters of a value that a message quotes at most.
    QUOTED = 256
    OPERATIONS = harness.CONTRACT
    ERRORS = 58

    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server(SERVER, *cls.FLAGS)
        cls.glue = harness.client(cls.server)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def setUp(self):
        self.server.control("POST", "/reset")

    def assertFails(self, error, call, *args, **kwargs):
        with self.assertRaises(getattr(self.glue.exceptions, error)) as raised:
            call(*args, **kwargs)
        self.assertEqual(raised.exception.response["Error"]["Code"], error)
        return raised.exception.response["Error"]["Message"]

    def test_encryption_settings(self):
        glue = self.glue
        self.assertEqual(
            glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"],
            SETTINGS_DEFAULT,
        )
        settings = {
            "EncryptionAtRest": {
                "CatalogEncryptionMode": "SSE-KMS",
                "SseAwsKmsKeyId": "alias/schl\u00fcssel",
            },
            "ConnectionPasswordEncryption": {
                "ReturnConnectionPasswordEncrypted": True,
                "AwsKmsKeyId": "key",
            },
        }
        glue.put_data_catalog_encryption_settings(DataCatalogEncryptionSettings=settings)
        self.assertEqual(
            glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"],
            settings,
        )
        glue.put_data_catalog_encryption_settings(DataCatalogEncryptionSettings={})
        self.assertEqual(
            glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"],
            SETTINGS_DEFAULT,
        )

    def test_keys_that_are_not_given(self):
        at_rest = {"CatalogEncryptionMode": "SSE-KMS"}
        passwords = {"ReturnConnectionPasswordEncrypted": True}
        self.glue.put_data_catalog_encryption_settings(
            DataCatalogEncryptionSettings={
                "EncryptionAtRest": at_rest,
                "ConnectionPasswordEncryption": passwords,
            }
        )
        for key in self.DEFAULT_KEYS:
            at_rest["SseAwsKmsKeyId"] = key
            passwords["AwsKmsKeyId"] = key
        got = self.glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]
        self.assertEqual(got["EncryptionAtRest"], at_rest)
        self.assertEqual(got["ConnectionPasswordEncryption"], passwords)

    def test_resource_policy(self):
        glue = self.glue
        self.assertEqual(
            self.assertFails("EntityNotFoundException", glue.get_resource_policy),
            "Policy not found",
        )
        first = glue.put_resource_policy(
            PolicyInJson=harness.policy(), PolicyExistsCondition="NOT_EXIST"
        )["PolicyHash"]
        self.assertFails(
            "ConditionCheckFailureException",
            glue.put_resource_policy,
            PolicyInJson=harness.policy(),
            PolicyExistsCondition="NOT_EXIST",
        )
        got = glue.get_resource_policy()
        self.assertEqual(got["PolicyInJson"], self.shown(harness.policy()))
        self.assertEqual(got["PolicyHash"], first)
        self.assertIsInstance(got["CreateTime"], datetime.datetime)
        self.assertEqual(got["CreateTime"], got["UpdateTime"])
        self.assertFails(
            "ConditionCheckFailureException",
            glue.put_resource_policy,
            PolicyInJson=harness.policy(),
            PolicyHashCondition="stale",
        )
        second = glue.put_resource_policy(
            PolicyInJson=harness.policy().replace("Allow", "Deny"),
            PolicyHashCondition=first,
            PolicyExistsCondition="MUST_EXIST",
        )["PolicyHash"]
        self.assertNotEqual(first, second)
        self.assertFails(
            "ConditionCheckFailureException",
            glue.delete_resource_policy,
            PolicyHashCondition=first,
        )
        glue.delete_resource_policy(PolicyHashCondition=second)
        self.assertFails("EntityNotFoundException", glue.delete_resource_policy)

    def test_what_get_returns_can_be_put_back(self):
        """The hash is that of the text that Get returns."""
        put = self.glue.put_resource_policy(PolicyInJson=harness.policy() + " ")["PolicyHash"]
        got = self.glue.get_resource_policy()
        self.assertEqual(got["PolicyInJson"], self.shown(harness.policy() + " "))
        again = self.glue.put_resource_policy(PolicyInJson=got["PolicyInJson"])["PolicyHash"]
        self.assertEqual(put, again)

    def test_policy_of_10240_bytes(self):
        text = harness.policy_without_blanks(10240)
        self.glue.put_resource_policy(PolicyInJson=text)
        self.assertEqual(self.glue.get_resource_policy()["PolicyInJson"], self.shown(text))
        error, words = self.TOO_LONG
        message = self.assertFails(
            error,
            self.glue.put_resource_policy,
            PolicyInJson=harness.policy_without_blanks(10241),
        )
        self.assertIn(words, message)
        self.assertEqual(self.glue.get_resource_policy()["PolicyInJson"], self.shown(text))

    def test_policy_of_10241_bytes_with_blanks(self):
        """Insignificant blanks do not count where policies are re-printed."""
        text = harness.policy(size=10241)
        self.glue.put_resource_policy(PolicyInJson=text)
        self.assertEqual(self.glue.get_resource_policy()["PolicyInJson"], self.shown(text))

    def test_times_are_the_servers(self):
        self.server.control("PUT", "/clock", {"now": "2019-09-01T00:00:00.123Z", "frozen": True})
        self.glue.put_resource_policy(PolicyInJson=harness.policy())
        self.server.control("POST", "/clock/advance", {"seconds": 1.5})
        self.glue.put_resource_policy(PolicyInJson=harness.policy())
        got = self.glue.get_resource_policy()
        utc = datetime.timezone.utc
        self.assertEqual(
            got["CreateTime"].astimezone(utc),
            datetime.datetime(2019, 9, 1, 0, 0, 0, 123000, utc),
        )
        self.assertEqual(
            got["UpdateTime"].astimezone(utc),
            datetime.datetime(2019, 9, 1, 0, 0, 1, 623000, utc),
        )

    def test_security_configurations(self):
        glue = self.glue
        name = NAME
        configuration = {
            "S3Encryption": [{"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": KEY}],
            "CloudWatchEncryption": {},
            "JobBookmarksEncryption": {
                "JobBookmarksEncryptionMode": "CSE-KMS", "KmsKeyArn": KEY
            },
        }
        created = glue.create_security_configuration(
            Name=name, EncryptionConfiguration=configuration
        )
        self.assertEqual(created["Name"], name)
        self.assertIsInstance(created["CreatedTimestamp"], datetime.datetime)
        got = glue.get_security_configuration(Name=name)["SecurityConfiguration"]
        self.assertEqual(got["EncryptionConfiguration"], configuration)
        self.assertEqual(got["CreatedTimeStamp"], created["CreatedTimestamp"])
        message = self.assertFails(
            "AlreadyExistsException",
            glue.create_security_configuration,
            Name=name,
            EncryptionConfiguration=configuration,
        )
        self.assertEqual(message, self.EXISTS)
        glue.delete_security_configuration(Name=name)
        for call in (glue.get_security_configuration, glue.delete_security_configuration):
            message = self.assertFails("EntityNotFoundException", call, Name=name)
            self.assertEqual(message, self.MISSING)
        self.assertEqual(glue.get_security_configurations()["SecurityConfigurations"], [])

    def test_encryptions_that_the_service_refuses(self):
        for configuration, words in (
            (
                {"S3Encryption": [{"S3EncryptionMode": "SSE-S3"}] * 2},
                "S3 EncryptionConfiguration list cannot be greater than one",
            ),
            (
                {"JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "CSE-KMS"}},
                "kmsKeyArn can only be empty for jobBookmarksEncryptionMode CSE_KMS",
            ),
            (
                {"CloudWatchEncryption": {
                    "CloudWatchEncryptionMode": "SSE-KMS", "KmsKeyArn": ""}},
                "kmsKeyArn must be given for cloudWatchEncryptionMode SSE-KMS",
            ),
        ):
            message = self.assertFails(
                "InvalidInputException",
                self.glue.create_security_configuration,
                Name="n",
                EncryptionConfiguration=configuration,
            )
            self.assertEqual(message, words)

    def test_keys_of_other_partitions(self):
        configuration = {
            "S3Encryption": [{"S3EncryptionMode": "SSE-S3", "KmsKeyArn": ""}],
            "CloudWatchEncryption": {
                "CloudWatchEncryptionMode": "SSE-KMS",
                "KmsKeyArn": KEY.replace("aws", "aws-us-gov"),
            },
        }
        self.glue.create_security_configuration(Name="n", EncryptionConfiguration=configuration)
        got = self.glue.get_security_configuration(Name="n")["SecurityConfiguration"]
        self.assertEqual(got["EncryptionConfiguration"], configuration)

    def test_pages(self):
        names = [f"name {i:03}" for i in range(250)]
        for name in reversed(names):
            self.glue.create_security_configuration(Name=name, EncryptionConfiguration={})
        self.assertFails(
            "ResourceNumberLimitExceededException",
            self.glue.create_security_configuration,
            Name="one more",
            EncryptionConfiguration={},
        )
        paginator = self.glue.get_paginator("get_security_configurations")
        for size in (1, 7, 100, 200, 201, 1000):
            pages = paginator.paginate(PaginationConfig={"PageSize": size})
            if size > self.PAGE_SIZE_MAX:
                self.assertEqual(
                    self.assertFails("InvalidInputException", list, pages),
                    "MaxResults size must be between 1 and 200",
                )
                continue
            listed = [c["Name"] for page in pages for c in page["SecurityConfigurations"]]
            self.assertEqual(listed, names)
        pages = list(paginator.paginate())
        self.assertEqual(
            [len(page["SecurityConfigurations"]) for page in pages], [100, 100, 50]
        )
        self.assertEqual(pages[-1].get("NextToken"), self.LAST_TOKEN)
        self.assertFails(
            "InvalidInputException", self.glue.get_security_configurations, NextToken="made up"
        )

    def test_wrong_input(self):
        loose = harness.client(self.server, parameter_validation=False)
        message = self.assertFails(
            self.CONSTRAINT,
            loose.create_security_configuration,
            Name="x" * 256,
            EncryptionConfiguration={"S3Encryption": [{"S3EncryptionMode": "SSEKMS"}]},
        )
        self.assertIn("2 validation errors detected: ", message)
        self.assertIn("encryptionConfiguration.s3Encryption.1.member.s3EncryptionMode", message)
        self.assertIn(f"Value '{'x' * self.QUOTED}' at 'name'", message)
        message = self.assertFails(self.CONSTRAINT, loose.put_resource_policy)
        self.assertEqual(
            message,
            "1 validation error detected: Value null at 'policyInJson' failed to satisfy "
            "constraint: Member must not be null",
        )
        self.assertFails(
            "InvalidInputException", loose.put_resource_policy, PolicyInJson="not json"
        )
        for value in (0, 1001, 2**40):
            self.assertFails(
                self.CONSTRAINT, loose.get_security_configurations, MaxResults=value
            )
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            loose.get_security_configurations(MaxResults="7")
        self.assertEqual(raised.exception.response["Error"]["Code"], "SerializationException")

    def test_the_listed_operations_are_known(self):
        for operation in harness.LISTED_ERRORS:
            request = harness.GOOD_REQUESTS[operation]
            with self.subTest(operation=operation):
                try:
                    getattr(self.glue, botocore.xform_name(operation))(**request)
                    code = None
                except botocore.exceptions.ClientError as error:
                    code = error.response["Error"]["Code"]
                unknown = operation not in self.OPERATIONS
                self.assertEqual(code == "UnknownOperationException", unknown)

    def test_every_error_of_every_operation(self):
        count = 0
        for operation in self.OPERATIONS:
            call = getattr(self.glue, botocore.xform_name(operation))
            for error in harness.LISTED_ERRORS[operation]:
                self.server.fail_next(operation, error, f"{operation} \u00e9")
                message = self.assertFails(error, call, **harness.GOOD_REQUESTS[operation])
                self.assertEqual(message, f"{operation} \u00e9")
                count += 1
        self.assertEqual(count, self.ERRORS)

    def test_an_internal_error_is_tried_again(self):
        patient = harness.client(self.server, attempts=3)
        self.server.fail_next("GetDataCatalogEncryptionSettings", "InternalServiceException")
        answer = patient.get_data_catalog_encryption_settings()
        self.assertEqual(answer["ResponseMetadata"]["RetryAttempts"], 1)

    def test_a_lost_answer_is_a_lost_connection(self):
        self.server.control(
            "POST", "/faults", {"operation": "PutResourcePolicy", "fault": "lose_answer"}
        )
        with self.assertRaises(botocore.exceptions.ConnectionClosedError):
            self.glue.put_resource_policy(PolicyInJson=harness.policy())
        # The call took effect although its answer was an error.
        self.glue.get_resource_policy()

    def test_accounts_and_regions_do_not_see_each_other(self):
        self.glue.put_resource_policy(PolicyInJson=harness.policy())
        for account, region in (("444455556666", "us-east-1"), (ACCOUNT, "eu-west-1")):
            other = harness.client(self.server, account, region)
            self.assertFails("EntityNotFoundException", other.get_resource_policy)
            other.put_resource_policy(PolicyInJson=harness.policy(account, region))
        self.assertEqual(
            self.glue.get_resource_policy()["PolicyInJson"], self.shown(harness.policy())
        )
        # Only a CatalogId reaches the catalog of another account.
        other = harness.client(self.server, "444455556666")
        settings = {
            "EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": "k"}
        }
        other.put_data_catalog_encryption_settings(
            CatalogId=ACCOUNT, DataCatalogEncryptionSettings=settings
        )
        self.assertEqual(
            self.glue.get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"][
                "EncryptionAtRest"
            ],
            settings["EncryptionAtRest"],
        )
        # A key that is not an account id belongs to the default account.
        named = harness.client(self.server, "AKIDEXAMPLE")
        self.assertFails("EntityNotFoundException", named.get_resource_policy)

    def test_snapshots(self):
        self.glue.put_resource_policy(PolicyInJson=harness.policy())
        self.server.control("PUT", "/snapshots/scene")
        self.glue.delete_resource_policy()
        self.server.control("POST", "/snapshots/scene/restore")
        self.assertEqual(
            self.glue.get_resource_policy()["PolicyInJson"], self.shown(harness.policy())
        )

    def test_the_snippet_of_the_documents(self):
        self.glue.put_resource_policy(PolicyInJson=harness.policy())
        names = {"boto3": boto3}
        exec(harness.snippet("boto3_test.py", self.server), names)
        self.assertEqual(
            names["glue"].get_resource_policy()["PolicyInJson"], self.shown(harness.policy())
        )
        self.assertEqual(names["glue"].meta.endpoint_url, self.server.url)


class CurrentTest(Boto3Test, unittest.TestCase):
    """The server's default."""

    TOO_LONG = "InvalidInputException", "has 10241 bytes, more than the limit of 10240"
    OPERATIONS = list(harness.LISTED_ERRORS)
    ERRORS = 62

    def test_newer_sdks_send_members_that_the_contract_does_not_have(self):
        self.glue.put_resource_policy(PolicyInJson=harness.policy(), EnableHybrid="TRUE")
        listed = self.glue.get_resource_policies()["GetResourcePoliciesResponseList"]
        self.assertEqual(
            [policy["PolicyInJson"] for policy in listed], [self.shown(harness.policy())]
        )


class ObservedTest(Boto3Test, unittest.TestCase):
    FLAGS = ("--behavior=observed",)


class DocumentedTest(Boto3Test, unittest.TestCase):
    FLAGS = ("--behavior=documented",)
    CONSTRAINT = "InvalidInputException"
    shown = staticmethod(lambda text: text)
    TOO_LONG = "InvalidInputException", "length less than or equal to 10240"
    DEFAULT_KEYS = ()
    QUOTED_NAME = "\u00fcn\u00efcode \U0001f600 \\\"quoted\\\" \\\\"
    EXISTS = f'security configuration "{QUOTED_NAME}" already exists'
    MISSING = f'security configuration "{QUOTED_NAME}" does not exist'
    LAST_TOKEN = None
    PAGE_SIZE_MAX = 1000
    QUOTED = 64

    def test_policy_of_10241_bytes_with_blanks(self):
        text = harness.policy(size=10240)
        self.glue.put_resource_policy(PolicyInJson=text)
        message = self.assertFails(
            "InvalidInputException",
            self.glue.put_resource_policy,
            PolicyInJson=harness.policy(size=10241),
        )
        self.assertIn("length less than or equal to 10240", message)
        self.assertEqual(self.glue.get_resource_policy()["PolicyInJson"], text)

    def test_encryptions_that_the_service_refuses(self):
        configuration = {
            "S3Encryption": [
                {"S3EncryptionMode": "SSE-KMS"},
                {"S3EncryptionMode": "SSE-S3"},
            ],
            "CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS"},
            "JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "CSE-KMS"},
        }
        self.glue.create_security_configuration(Name="n", EncryptionConfiguration=configuration)
        got = self.glue.get_security_configuration(Name="n")["SecurityConfiguration"]
        self.assertEqual(got["EncryptionConfiguration"], configuration)

    def test_keys_of_other_partitions(self):
        for key in ("", KEY.replace("aws", "aws-us-gov")):
            message = self.assertFails(
                "InvalidInputException",
                self.glue.create_security_configuration,
                Name="n",
                EncryptionConfiguration={"CloudWatchEncryption": {"KmsKeyArn": key}},
            )
            self.assertIn("must satisfy regular expression pattern: arn:aws:kms:.*", message)


if __name__ == "__main__":
    unittest.main()
