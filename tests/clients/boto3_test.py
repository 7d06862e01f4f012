"""boto3, unmodified, against the server in each of its behaviors: all operations,
errors, pages. tests/python plays the same cases in the process.

Usage: boto3_test.py SERVER
"""

import sys
import unittest

import boto3
import botocore.exceptions

import cases
import harness

SERVER = sys.argv.pop(1)


class Boto3Test:
    """The tests, which each behavior runs with its flags and what it expects."""

    BEHAVIOR = "current"
    FLAGS = ()
    # The form in which a policy comes back.
    shown = staticmethod(harness.reprinted)
    # The NextToken of a last page.
    LAST_TOKEN = ""
    PAGE_SIZE_MAX = 200
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

    def test_the_cases_of_all_clients(self):
        transport = cases.OverHttp(self.server, self.BEHAVIOR)
        for case in cases.for_behavior(self.BEHAVIOR):
            with self.subTest(case["name"]):
                self.server.control("POST", "/reset")
                cases.play(self, case, transport)

    def test_policy_of_10241_bytes_with_blanks(self):
        """Insignificant blanks do not count where policies are re-printed."""
        text = harness.policy(size=10241)
        self.glue.put_resource_policy(PolicyInJson=text)
        self.assertEqual(self.glue.get_resource_policy()["PolicyInJson"], self.shown(text))

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

    OPERATIONS = list(harness.LISTED_ERRORS)
    ERRORS = 62


class ObservedTest(Boto3Test, unittest.TestCase):
    BEHAVIOR = "observed"
    FLAGS = ("--behavior=observed",)


class DocumentedTest(Boto3Test, unittest.TestCase):
    BEHAVIOR = "documented"
    FLAGS = ("--behavior=documented",)
    shown = staticmethod(lambda text: text)
    LAST_TOKEN = None
    PAGE_SIZE_MAX = 1000

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


if __name__ == "__main__":
    unittest.main()
