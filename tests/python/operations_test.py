"""All operations through boto3, with their errors and pages, signed and fast.

Usage: operations_test.py LIBRARY
"""

import functools
import pathlib
import re
import sys
import unittest

import door

import botocore.exceptions

sys.path.insert(0, str(pathlib.Path("tests/clients").absolute()))

import cases  # noqa: E402

from glue_security import _operations, mock_glue_security

CONFIGURATIONS = {"EncryptionConfiguration": {}}


def connection(name):
    properties = {"USERNAME": "u", "PASSWORD": "correct horse"}
    return {"Name": name, "ConnectionType": "JDBC", "ConnectionProperties": properties}


class InProcess:
    """A mock as a transport of the cases that all clients play."""

    def __init__(self, mock, behavior):
        self.behavior = behavior
        self.add_fault = lambda rule: mock.faults.add(**rule)
        self.advance_clock = mock.clock.advance
        self.save = mock.save
        self.restore = mock.restore
        self._clock = mock.clock

    @staticmethod
    @functools.lru_cache(None)
    def client(account="111122223333", region="us-east-1"):
        """Returns a client, which whatever mock is active answers."""
        return door.client(region=region, key=account, parameter_validation=False)

    def set_clock(self, change):
        assert change["frozen"]
        self._clock.freeze(change["now"])


class SignedTest(unittest.TestCase):
    FAST = False

    def setUp(self):
        self.mock = mock_glue_security(fast=self.FAST)
        self.mock.start()
        self.addCleanup(self.mock.stop)
        self.glue = door.client(parameter_validation=False)

    def assertFails(self, error, call, **members):
        with self.assertRaises(getattr(self.glue.exceptions, error)) as raised:
            call(**members)
        response = raised.exception.response
        self.assertEqual(response["Error"]["Code"], error)
        self.assertTrue(response["ResponseMetadata"]["RequestId"])
        return response

    def test_the_cases_of_all_clients(self):
        for behavior in ("current", "observed", "documented"):
            for case in cases.for_behavior(behavior):
                with self.subTest(f"{case['name']}, {behavior}"):
                    with mock_glue_security(fast=self.FAST, behavior=behavior) as mock:
                        cases.play(self, case, InProcess(mock, behavior))

    def test_every_operation_is_answered(self):
        for operation in door.OPERATIONS:
            with self.subTest(operation):
                call = door.method(self.glue, operation)
                try:
                    call(**door.OPERATIONS[operation]["request"])
                except botocore.exceptions.ClientError as error:
                    self.assertNotEqual(
                        error.response["Error"]["Code"], "UnknownOperationException"
                    )
        self.assertEqual(
            {call["operation"] for call in self.mock.history}, set(door.OPERATIONS)
        )

    def test_every_listed_error_is_an_exception(self):
        for operation, entry in door.OPERATIONS.items():
            call = door.method(self.glue, operation)
            for error in entry["errors"]:
                if not hasattr(self.glue.exceptions, error):
                    continue  # Newer than this boto3.
                with self.subTest(f"{operation} {error}"):
                    self.mock.faults.clear()
                    self.mock.faults.add(operation, error=error, message="injected")
                    response = self.assertFails(error, call, **entry["request"])
                    self.assertEqual(response["Error"]["Message"], "injected")
                    self.assertEqual(response["ResponseMetadata"]["RetryAttempts"], 0)

    def test_paginators(self):
        names = [f"name{i}" for i in range(7)]
        for name in names:
            self.glue.create_security_configuration(Name=name, **CONFIGURATIONS)
            self.glue.create_connection(ConnectionInput=connection(name))
        for operation, members, key in [
            ("get_security_configurations", "SecurityConfigurations", "Name"),
            ("get_connections", "ConnectionList", "Name"),
        ]:
            with self.subTest(operation):
                paginator = self.glue.get_paginator(operation)
                pages = list(paginator.paginate(PaginationConfig={"PageSize": 3}))
                self.assertEqual([len(page[members]) for page in pages], [3, 3, 1])
                found = [entry[key] for page in pages for entry in page[members]]
                self.assertEqual(sorted(found), names)
        self.glue.put_resource_policy(PolicyInJson=door.POLICY)
        pages = list(self.glue.get_paginator("get_resource_policies").paginate())
        policies = [p for page in pages for p in page["GetResourcePoliciesResponseList"]]
        self.assertEqual(len(policies), 1)

    def test_the_region_is_the_clients_and_the_account_its_key(self):
        clients = [
            door.client(region=region, key=key)
            for region in ("us-east-1", "eu-central-1")
            for key in ("111122223333", "444455556666")
        ]
        for number, glue in enumerate(clients):
            glue.create_security_configuration(Name=f"n{number}", **CONFIGURATIONS)
        for number, glue in enumerate(clients):
            listed = glue.get_security_configurations()["SecurityConfigurations"]
            self.assertEqual([c["Name"] for c in listed], [f"n{number}"])
        door.client(key="AKIAIOSFODNN7EXAMPLE").get_data_catalog_encryption_settings()
        last = self.mock.history[-1]
        self.assertEqual((last["account"], last["region"]), ("123456789012", "us-east-1"))

    def test_keys_of_kms(self):
        kms = door.client("kms")
        key = kms.create_key(Description="d")["KeyMetadata"]["Arn"]
        sealed = kms.encrypt(KeyId=key, Plaintext=b"\0text")["CiphertextBlob"]
        self.assertEqual(kms.decrypt(CiphertextBlob=sealed)["Plaintext"], b"\0text")
        kms.disable_key(KeyId=key)
        with self.assertRaises(kms.exceptions.DisabledException):
            kms.encrypt(KeyId=key, Plaintext=b"text")
        # Glue uses the same keys.
        self.glue.put_data_catalog_encryption_settings(
            DataCatalogEncryptionSettings={
                "EncryptionAtRest": {
                    "CatalogEncryptionMode": "SSE-KMS",
                    "SseAwsKmsKeyId": key,
                }
            }
        )
        self.assertFails(
            "GlueEncryptionException",
            self.glue.create_connection,
            ConnectionInput=connection("n"),
        )
        self.assertEqual(self.mock.history[-1]["operation"], "CreateConnection")

    def test_unsigned_requests_have_the_accounts_of_the_options(self):
        glue = door.client(signature_version=botocore.UNSIGNED)
        glue.get_data_catalog_encryption_settings()
        self.assertEqual(self.mock.history[-1]["account"], "123456789012")


class FastTest(SignedTest):
    FAST = True


class ListTest(unittest.TestCase):
    def test_the_operations_are_those_of_the_engine(self):
        self.assertEqual(
            set(_operations.GLUE_TARGETS),
            {f"AWSGlue.{operation}".encode() for operation in door.OPERATIONS},
        )

    def test_the_operations_on_keys_are_those_of_the_page(self):
        page = pathlib.Path("docs/reference/kms.md").read_text()
        table = page.split("| operation | members |")[1].split("\n\n")[0]
        names = [
            name
            for cells in re.findall(r"^\| ([A-Z][A-Za-z, ]+) \|", table, re.M)
            for name in cells.split(", ")
        ]
        self.assertEqual(
            set(_operations.KMS_TARGETS),
            {f"TrentService.{name}".encode() for name in names},
        )
        self.assertEqual(len(names), 16)


if __name__ == "__main__":
    unittest.main()
