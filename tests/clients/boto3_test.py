"""boto3, unmodified, against the server: all operations, errors, pages.

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
SETTINGS_DEFAULT = {
    "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
    "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
}


class Boto3Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server(SERVER)
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
        self.assertEqual(got["PolicyInJson"], harness.policy())
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
            PolicyInJson=harness.policy() + " ",
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

    def test_policy_of_10240_bytes(self):
        text = harness.policy(size=10240)
        self.glue.put_resource_policy(PolicyInJson=text)
        self.assertEqual(self.glue.get_resource_policy()["PolicyInJson"], text)
        message = self.assertFails(
            "InvalidInputException",
            self.glue.put_resource_policy,
            PolicyInJson=harness.policy(size=10241),
        )
        self.assertIn("length less than or equal to 10240", message)
        self.assertEqual(self.glue.get_resource_policy()["PolicyInJson"], text)

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
        name = "\u00fcn\u00efcode \U0001f600 \"quoted\" \\"
        configuration = {
            "S3Encryption": [
                {"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": "arn:aws:kms:us-east-1:1:key/k"},
                {"S3EncryptionMode": "SSE-S3"},
            ],
            "CloudWatchEncryption": {},
            "JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "CSE-KMS"},
        }
        created = glue.create_security_configuration(
            Name=name, EncryptionConfiguration=configuration
        )
        self.assertEqual(created["Name"], name)
        self.assertIsInstance(created["CreatedTimestamp"], datetime.datetime)
        got = glue.get_security_configuration(Name=name)["SecurityConfiguration"]
        self.assertEqual(got["EncryptionConfiguration"], configuration)
        self.assertEqual(got["CreatedTimeStamp"], created["CreatedTimestamp"])
        self.assertIn(
            name.split()[0],
            self.assertFails(
                "AlreadyExistsException",
                glue.create_security_configuration,
                Name=name,
                EncryptionConfiguration=configuration,
            ),
        )
        glue.delete_security_configuration(Name=name)
        self.assertFails("EntityNotFoundException", glue.get_security_configuration, Name=name)
        self.assertFails("EntityNotFoundException", glue.delete_security_configuration, Name=name)
        self.assertEqual(glue.get_security_configurations()["SecurityConfigurations"], [])

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
        for size in (1, 7, 100, 250, 1000):
            pages = self.glue.get_paginator("get_security_configurations").paginate(
                PaginationConfig={"PageSize": size}
            )
            listed = [c["Name"] for page in pages for c in page["SecurityConfigurations"]]
            self.assertEqual(listed, names)
        whole = self.glue.get_paginator("get_security_configurations").paginate()
        self.assertEqual(
            [len(page["SecurityConfigurations"]) for page in whole], [100, 100, 50]
        )
        self.assertFails(
            "InvalidInputException", self.glue.get_security_configurations, NextToken="made up"
        )

    def test_wrong_input(self):
        loose = harness.client(self.server, parameter_validation=False)
        message = self.assertFails(
            "InvalidInputException",
            loose.create_security_configuration,
            Name="x" * 256,
            EncryptionConfiguration={"S3Encryption": [{"S3EncryptionMode": "SSEKMS"}]},
        )
        self.assertIn("2 validation errors detected: ", message)
        self.assertIn("encryptionConfiguration.s3Encryption.1.member.s3EncryptionMode", message)
        message = self.assertFails("InvalidInputException", loose.put_resource_policy)
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
                "InvalidInputException", loose.get_security_configurations, MaxResults=value
            )
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            loose.get_security_configurations(MaxResults="7")
        self.assertEqual(raised.exception.response["Error"]["Code"], "SerializationException")

    def test_every_error_of_every_operation(self):
        count = 0
        for operation, errors in harness.LISTED_ERRORS.items():
            call = getattr(self.glue, botocore.xform_name(operation))
            for error in errors:
                self.server.fail_next(operation, error, f"{operation} \u00e9")
                message = self.assertFails(error, call, **harness.GOOD_REQUESTS[operation])
                self.assertEqual(message, f"{operation} \u00e9")
                count += 1
        self.assertEqual(count, 37)

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
        self.assertEqual(self.glue.get_resource_policy()["PolicyInJson"], harness.policy())
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
        self.assertEqual(self.glue.get_resource_policy()["PolicyInJson"], harness.policy())

    def test_the_snippet_of_the_documents(self):
        self.glue.put_resource_policy(PolicyInJson=harness.policy())
        names = {"boto3": boto3}
        exec(harness.snippet("boto3_test.py", self.server), names)
        self.assertEqual(names["glue"].get_resource_policy()["PolicyInJson"], harness.policy())
        self.assertEqual(names["glue"].meta.endpoint_url, self.server.url)



if __name__ == "__main__":
    unittest.main()
