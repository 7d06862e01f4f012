"""boto3 and the AWS CLI, unmodified, and KMS on the wire of the server: keys, aliases,
states, policies, grants, errors with their texts, rules of the control, and what Glue does
with the keys.

Usage: kms_test.py SERVER
"""

import base64
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

import boto3
import botocore.config
import botocore.exceptions

import harness

SERVER = sys.argv.pop(1)
RUNS = pathlib.Path(__file__).parent / "awscli_runs.py"
ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"
NO_KEY = "01234567-89ab-cdef-0123-456789abcdef"
ARN = "arn:aws:kms:us-east-1:%s:" % ACCOUNT
CONNECTION = {
    "Name": "n",
    "ConnectionType": "JDBC",
    "ConnectionProperties": {"PASSWORD": "correct horse battery staple"},
}


def kms_client(server, account=ACCOUNT, region="us-east-1", **config):
    return boto3.client(
        "kms",
        endpoint_url=server.url,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="secret",
        config=botocore.config.Config(
            retries={"total_max_attempts": 1, "mode": "standard"}, **config
        ),
    )


def policy_with(*statements, account=ACCOUNT):
    """Returns the default policy of a key with further statements."""
    default = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [default, *statements]})


def deny(*actions, **members):
    return {
        "Effect": "Deny", "Principal": "*", "Action": list(actions), "Resource": "*", **members
    }


class ServedTest:
    FLAGS = ()

    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server(SERVER, *cls.FLAGS)
        cls.kms = kms_client(cls.server)
        # Sends what its model does not allow.
        cls.loose = kms_client(cls.server, parameter_validation=False)
        cls.glue = harness.client(cls.server)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def setUp(self):
        self.server.control("POST", "/reset")

    def assertFails(self, error, call, *args, **kwargs):
        """Returns the text of the error."""
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            call(*args, **kwargs)
        self.assertEqual(raised.exception.response["Error"]["Code"], error)
        internal = ("DependencyTimeoutException", "KMSInternalException", "KeyUnavailableException")
        self.assertEqual(
            raised.exception.response["ResponseMetadata"]["HTTPStatusCode"],
            500 if error in internal else 400,
        )
        return raised.exception.response["Error"]["Message"]

    def new_key(self, **members):
        return self.kms.create_key(**members)["KeyMetadata"]["Arn"]

    def post(self, target, body, content_type="application/x-amz-json-1.1"):
        """Returns the status, the headers and the body of an unsigned call."""
        request = urllib.request.Request(
            self.server.url,
            data=body,
            headers={"Content-Type": content_type, "X-Amz-Target": target},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()


class Boto3Test(ServedTest, unittest.TestCase):
    def test_a_key_and_its_aliases(self):
        self.server.control("PUT", "/clock", {"now": "2024-02-05T12:00:00.25Z", "frozen": True})
        key = self.kms.create_key(Description="the orders")["KeyMetadata"]
        self.assertEqual(key["Arn"], ARN + "key/" + key["KeyId"])
        self.assertEqual(
            key["CreationDate"].astimezone(datetime.timezone.utc),
            datetime.datetime(2024, 2, 5, 12, 0, 0, 250000, datetime.timezone.utc),
        )
        self.assertEqual(
            {name: value for name, value in key.items() if name not in ("Arn", "CreationDate", "KeyId")},
            {
                "AWSAccountId": ACCOUNT,
                "Enabled": True,
                "Description": "the orders",
                "KeyUsage": "ENCRYPT_DECRYPT",
                "KeyState": "Enabled",
                "Origin": "AWS_KMS",
                "KeyManager": "CUSTOMER",
                "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
                "KeySpec": "SYMMETRIC_DEFAULT",
                "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
                "MultiRegion": False,
            },
        )
        self.assertEqual(
            self.kms.create_alias(AliasName="alias/orders", TargetKeyId=key["KeyId"])
            ["ResponseMetadata"]["HTTPStatusCode"],
            200,
        )
        for name in (key["KeyId"], key["Arn"], "alias/orders", ARN + "alias/orders"):
            self.assertEqual(self.kms.describe_key(KeyId=name)["KeyMetadata"], key)
        self.assertEqual(
            self.assertFails(
                "AlreadyExistsException",
                self.kms.create_alias,
                AliasName="alias/orders",
                TargetKeyId=key["KeyId"],
            ),
            f"An alias with the name {ARN}alias/orders already exists",
        )
        pages = list(self.kms.get_paginator("list_aliases").paginate(
            PaginationConfig={"PageSize": 1}
        ))
        self.assertEqual(
            [alias["AliasName"] for page in pages for alias in page["Aliases"]],
            ["alias/aws/glue", "alias/orders"],
        )

    def test_encryption_contexts(self):
        key = self.new_key()
        context = {"table": "orders", "\u00fc\U0001f600": "\"\\"}
        every_byte = bytes(range(256))
        encrypted = self.kms.encrypt(
            KeyId=key, Plaintext=every_byte, EncryptionContext=context
        )
        self.assertEqual(encrypted["KeyId"], key)
        self.assertEqual(base64.b64encode(encrypted["CiphertextBlob"])[:6], b"AQICAH")
        blob = encrypted["CiphertextBlob"]
        decrypted = self.kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
        self.assertEqual(decrypted["Plaintext"], every_byte)
        self.assertEqual(decrypted["KeyId"], key)
        # KMS gives no text; botocore says so in its own way.
        self.assertFails("InvalidCiphertextException", self.kms.decrypt, CiphertextBlob=blob)
        changed = blob[:-1] + bytes([blob[-1] ^ 1])
        self.assertFails(
            "InvalidCiphertextException",
            self.kms.decrypt,
            CiphertextBlob=changed,
            EncryptionContext=context,
        )
        self.assertEqual(
            self.assertFails(
                "IncorrectKeyException",
                self.kms.decrypt,
                CiphertextBlob=blob,
                EncryptionContext=context,
                KeyId=self.new_key(),
            ),
            "The key ID in the request does not identify a CMK that can perform this operation.",
        )

    def test_data_keys(self):
        key = self.new_key()
        for members, size in (
            ({"KeySpec": "AES_256"}, 32),
            ({"KeySpec": "AES_128"}, 16),
            ({"NumberOfBytes": 1024}, 1024),
        ):
            made = self.kms.generate_data_key(KeyId=key, **members)
            self.assertEqual(len(made["Plaintext"]), size)
            self.assertEqual(
                self.kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"],
                made["Plaintext"],
            )
        for members in ({}, {"KeySpec": "AES_256", "NumberOfBytes": 32}):
            self.assertEqual(
                self.assertFails(
                    "ValidationException", self.kms.generate_data_key, KeyId=key, **members
                ),
                "Please specify either number of bytes or key spec.",
            )

    def test_states(self):
        key = self.new_key()
        blob = self.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        uses = (
            lambda: self.kms.encrypt(KeyId=key, Plaintext=b"x"),
            lambda: self.kms.decrypt(CiphertextBlob=blob),
            lambda: self.kms.generate_data_key(KeyId=key, KeySpec="AES_256"),
        )
        self.kms.disable_key(KeyId=key)
        for use in uses:
            self.assertEqual(self.assertFails("DisabledException", use), f"{key} is disabled.")
        self.kms.enable_key(KeyId=key)
        for use in uses:
            use()
        scheduled = self.kms.schedule_key_deletion(KeyId=key)
        self.assertEqual(scheduled["KeyId"], key)
        self.assertEqual(scheduled["KeyState"], "PendingDeletion")
        self.assertEqual(scheduled["PendingWindowInDays"], 30)
        for use in uses:
            self.assertEqual(
                self.assertFails("KMSInvalidStateException", use), f"{key} is pending deletion."
            )
        self.assertEqual(self.kms.cancel_key_deletion(KeyId=key)["KeyId"], key)
        self.assertEqual(self.kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"], "Disabled")
        for days in (6, 31):
            self.assertIn(
                f"Value '{days}' at 'pendingWindowInDays' failed to satisfy constraint",
                self.assertFails(
                    "ValidationException",
                    self.loose.schedule_key_deletion,
                    KeyId=key,
                    PendingWindowInDays=days,
                ),
            )
        self.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        self.server.control("POST", "/clock/advance", {"seconds": 7 * 24 * 3600})
        self.assertEqual(
            self.assertFails("NotFoundException", self.kms.describe_key, KeyId=key),
            f"Key '{key}' does not exist",
        )

    def test_keys_that_are_not_symmetric(self):
        key = self.new_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
        self.assertEqual(
            self.assertFails(
                "InvalidKeyUsageException", self.kms.encrypt, KeyId=key, Plaintext=b"x"
            ),
            f"{key} key usage is SIGN_VERIFY which is not valid for Encrypt.",
        )
        blob = self.kms.encrypt(KeyId=self.new_key(), Plaintext=b"x")["CiphertextBlob"]
        self.assertFails("IncorrectKeyException", self.kms.decrypt, CiphertextBlob=blob, KeyId=key)

    def test_policies(self):
        key = self.new_key()
        policy = policy_with(deny("kms:Decrypt"))
        self.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
        self.assertEqual(
            self.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"], policy
        )
        blob = self.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        self.assertEqual(
            self.assertFails("AccessDeniedException", self.kms.decrypt, CiphertextBlob=blob, KeyId=key),
            f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: kms:Decrypt on "
            f"resource: {key} with an explicit deny in a resource-based policy",
        )
        # A condition on the context denies DescribeKey, which has none.
        context = {"StringNotEquals": {"kms:EncryptionContext:a": "b"}}
        self.kms.put_key_policy(
            KeyId=key,
            PolicyName="default",
            Policy=policy_with(deny("kms:Describe*", "kms:Encrypt", Condition=context)),
        )
        self.kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})
        self.assertFails("AccessDeniedException", self.kms.encrypt, KeyId=key, Plaintext=b"x")
        self.assertFails("AccessDeniedException", self.kms.describe_key, KeyId=key)
        locked = policy_with(account=OTHER_ACCOUNT)
        self.assertEqual(
            self.assertFails(
                "MalformedPolicyDocumentException",
                self.kms.put_key_policy,
                KeyId=key,
                PolicyName="default",
                Policy=locked,
            ),
            "The new key policy will not allow you to update the key policy in the future.",
        )
        self.kms.put_key_policy(
            KeyId=key, PolicyName="default", Policy=locked, BypassPolicyLockoutSafetyCheck=True
        )
        self.assertFails(
            "AccessDeniedException", self.kms.get_key_policy, KeyId=key, PolicyName="default"
        )

    def test_accounts_and_regions(self):
        key = self.new_key()
        other = kms_client(self.server, OTHER_ACCOUNT)
        there = (
            "because the resource does not exist in this Region, no resource-based policies "
            "allow access, or a resource-based policy explicitly denies access"
        )
        self.assertEqual(
            self.assertFails("AccessDeniedException", other.encrypt, KeyId=key, Plaintext=b"x"),
            f"User: arn:aws:iam::{OTHER_ACCOUNT}:root is not authorized to perform: kms:Encrypt "
            f"on this resource {there}",
        )
        blob = self.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        self.assertEqual(
            self.assertFails("AccessDeniedException", other.decrypt, CiphertextBlob=blob),
            f"User: arn:aws:iam::{OTHER_ACCOUNT}:root is not authorized to perform: kms:Decrypt "
            f"on the resource associated with this ciphertext {there}",
        )
        self.kms.create_grant(
            KeyId=key,
            GranteePrincipal=f"arn:aws:iam::{OTHER_ACCOUNT}:root",
            Operations=["Decrypt"],
        )
        self.assertEqual(other.decrypt(CiphertextBlob=blob)["Plaintext"], b"x")
        elsewhere = kms_client(self.server, region="eu-west-1")
        self.assertEqual(
            self.assertFails("NotFoundException", elsewhere.describe_key, KeyId=key),
            "Invalid arn us-east-1",
        )

    def test_grants(self):
        key = self.new_key()
        members = {
            "KeyId": key,
            "GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:root",
            "Operations": ["Encrypt", "Decrypt"],
            "Name": "mine",
            "Constraints": {"EncryptionContextSubset": {"a": "b"}},
        }
        grant = self.kms.create_grant(**members)
        self.assertEqual(self.kms.create_grant(**members)["GrantId"], grant["GrantId"])
        self.kms.create_grant(**{**members, "Name": "other"})
        listed = [
            entry
            for page in self.kms.get_paginator("list_grants").paginate(
                KeyId=key, PaginationConfig={"PageSize": 1}
            )
            for entry in page["Grants"]
        ]
        self.assertEqual([entry["Name"] for entry in listed], ["mine", "other"])
        self.assertEqual(listed[0]["Constraints"], members["Constraints"])
        self.assertEqual(listed[0]["IssuingAccount"], f"arn:aws:iam::{ACCOUNT}:root")
        self.kms.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[grant["GrantToken"]])
        self.assertFails(
            "InvalidGrantTokenException",
            self.kms.encrypt,
            KeyId=key,
            Plaintext=b"x",
            GrantTokens=["invented"],
        )
        self.kms.revoke_grant(KeyId=key, GrantId=grant["GrantId"])
        self.assertEqual(
            [entry["Name"] for entry in self.kms.list_grants(KeyId=key)["Grants"]], ["other"]
        )

    def test_names_that_are_none(self):
        for name, text in (
            (NO_KEY, f"Key '{ARN}key/{NO_KEY}' does not exist"),
            ("orders", "Invalid keyId 'orders'"),
            ("alias/none", f"Alias {ARN}alias/none is not found."),
            (f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{NO_KEY}", "Invalid arn eu-west-1"),
        ):
            self.assertEqual(
                self.assertFails("NotFoundException", self.kms.describe_key, KeyId=name), text
            )
        key = self.new_key()
        self.assertEqual(
            self.assertFails(
                "ValidationException",
                self.loose.create_alias,
                AliasName="orders",
                TargetKeyId=key,
            ),
            'Alias must start with the prefix "alias/". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        )
        self.assertFails(
            "NotAuthorizedException",
            self.kms.create_alias,
            AliasName="alias/aws/mine",
            TargetKeyId=key,
        )

    def test_constraints(self):
        key = self.new_key()
        self.assertEqual(
            self.assertFails(
                "ValidationException", self.loose.encrypt, KeyId=key, Plaintext=b"x" * 4097
            ),
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
            "Member must have length less than or equal to 4096",
        )
        self.assertEqual(
            self.assertFails("ValidationException", self.loose.encrypt),
            "2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: "
            "Member must not be null; Value null at 'plaintext' failed to satisfy constraint: "
            "Member must not be null",
        )
        self.assertFails("ValidationException", self.loose.list_aliases, Limit=101)
        self.assertFails("InvalidMarkerException", self.kms.list_aliases, Marker="x")

    def test_the_bytes_of_answers(self):
        status, headers, body = self.post("TrentService.CreateKey", b"{}")
        self.assertEqual(status, 200)
        self.assertEqual(headers["Content-Type"], "application/x-amz-json-1.1")
        self.assertEqual(len(headers["x-amzn-RequestId"]), 36)
        key = json.loads(body)["KeyMetadata"]["KeyId"]
        void = json.dumps({"KeyId": key, "Unknown": [{}]}).encode()
        status, headers, body = self.post("TrentService.DisableKey", void)
        self.assertEqual((status, headers["Content-Length"], body), (200, "0", b""))
        for target, request, error in (
            ("TrentService.ReEncrypt", b"{}", {"__type": "UnknownOperationException"}),
            ("TrentService.Encrypt", b"{", {"__type": "SerializationException"}),
            (
                "TrentService.EnableKey",
                b'{"KeyId": 1}',
                {
                    "__type": "SerializationException",
                    "message": "NUMBER_VALUE can not be converted to a String",
                },
            ),
            (
                "TrentService.EnableKey",
                json.dumps({"KeyId": NO_KEY}).encode(),
                {
                    "__type": "NotFoundException",
                    "message": "Key 'arn:aws:kms:us-east-1:123456789012:key/%s' does not exist"
                    % NO_KEY,
                },
            ),
        ):
            status, headers, body = self.post(target, request)
            self.assertEqual((status, json.loads(body)), (400, error))
        status, headers, body = self.post("TrentService.CreateKey", b"{}", "application/json")
        self.assertEqual(status, 404)


class ControlTest(ServedTest, unittest.TestCase):
    def rule(self, **members):
        return self.server.control("POST", "/faults", members)["id"]

    def protect_passwords(self, key):
        self.glue.put_data_catalog_encryption_settings(
            DataCatalogEncryptionSettings={
                "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
                "ConnectionPasswordEncryption": {
                    "ReturnConnectionPasswordEncrypted": False,
                    "AwsKmsKeyId": key,
                },
            }
        )

    def test_a_reset_deletes_the_keys(self):
        key = self.new_key()
        self.kms.create_alias(AliasName="alias/orders", TargetKeyId=key)
        self.server.control("POST", "/reset")
        self.assertFails("NotFoundException", self.kms.describe_key, KeyId=key)
        self.assertEqual(
            [alias["AliasName"] for alias in self.kms.list_aliases()["Aliases"]],
            ["alias/aws/glue"],
        )

    def test_keys_that_are_denied_are_seen_by_glue(self):
        key = self.new_key()
        self.protect_passwords(key)
        self.glue.create_connection(ConnectionInput=CONNECTION)
        read = lambda: self.glue.get_connection(Name="n")["Connection"]["ConnectionProperties"]
        self.assertEqual(read(), CONNECTION["ConnectionProperties"])
        self.kms.disable_key(KeyId=key)
        refused = self.assertFails("GlueEncryptionException", read)
        self.assertRegex(
            refused,
            rf"^{key} is disabled\. \(Service: AWSKMS; Status Code: 400; Error Code: "
            r"DisabledException; Request ID: [0-9a-f-]{36}; Proxy: null\)$",
        )
        self.kms.enable_key(KeyId=key)
        via = {"StringEquals": {"kms:ViaService": "glue.us-east-1.amazonaws.com"}}
        self.kms.put_key_policy(
            KeyId=key,
            PolicyName="default",
            Policy=policy_with(deny("kms:Decrypt", Condition=via)),
        )
        self.assertIn("Error Code: AccessDeniedException", self.assertFails("GlueEncryptionException", read))
        self.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy_with())
        self.assertEqual(read(), CONNECTION["ConnectionProperties"])

    def test_the_key_of_glue_is_not_for_others(self):
        self.protect_passwords("alias/aws/glue")
        self.glue.create_connection(ConnectionInput=CONNECTION)
        self.assertFails(
            "AccessDeniedException", self.kms.encrypt, KeyId="alias/aws/glue", Plaintext=b"x"
        )
        key = self.kms.describe_key(KeyId="alias/aws/glue")["KeyMetadata"]
        self.assertEqual(key["KeyManager"], "AWS")
        self.assertFails("AccessDeniedException", self.kms.disable_key, KeyId=key["Arn"])

    def test_rules_for_calls_on_the_wire(self):
        key = self.new_key()
        rule = self.rule(key_call="Encrypt", error="KeyUnavailableException", message="no luck")
        self.assertEqual(
            self.assertFails(
                "KeyUnavailableException", self.kms.encrypt, KeyId=key, Plaintext=b"x"
            ),
            "no luck",
        )
        self.kms.encrypt(KeyId=key, Plaintext=b"x")
        shown = self.server.control("GET", "/faults")
        self.assertEqual(
            {name: shown[0][name] for name in ("id", "key_call", "via", "error", "acted")},
            {
                "id": rule,
                "key_call": "Encrypt",
                "via": "any",
                "error": "KeyUnavailableException",
                "acted": 1,
            },
        )
        self.rule(key_call="any", fault="lose_answer")
        with self.assertRaises(botocore.exceptions.ConnectionClosedError):
            self.kms.create_alias(AliasName="alias/orders", TargetKeyId=key)
        # The call took effect.
        self.kms.describe_key(KeyId="alias/orders")
        self.rule(key_call="DisableKey", fault="lose_request")
        with self.assertRaises(botocore.exceptions.ConnectionClosedError):
            self.kms.disable_key(KeyId=key)
        self.assertTrue(self.kms.describe_key(KeyId=key)["KeyMetadata"]["Enabled"])
        self.rule(key_call="Encrypt", fault="none", delay_seconds=5)
        impatient = kms_client(self.server, read_timeout=1)
        with self.assertRaises(botocore.exceptions.ReadTimeoutError):
            impatient.encrypt(KeyId=key, Plaintext=b"x")

    def test_rules_for_calls_of_glue(self):
        key = self.new_key()
        self.protect_passwords(key)
        create = lambda: self.glue.create_connection(ConnectionInput=CONNECTION)
        self.rule(key_call="Encrypt", via="glue", error="DisabledException", message="off")
        # A direct call does not match.
        self.kms.encrypt(KeyId=key, Plaintext=b"x")
        self.assertIn(
            "off (Service: AWSKMS; Status Code: 400; Error Code: DisabledException;",
            self.assertFails("GlueEncryptionException", create),
        )
        self.assertFails("EntityNotFoundException", self.glue.get_connection, Name="n")
        self.rule(key_call="Encrypt", via="glue", fault="lose_request")
        self.assertIn(
            "null (Service: AWSKMS; Status Code: 500; Error Code: DependencyTimeoutException;",
            self.assertFails("GlueEncryptionException", create),
        )
        self.rule(key_call="Encrypt", via="direct", error="DisabledException")
        create()
        self.rule(key_call="Decrypt", via="glue", fault="none", delay_seconds=5)
        impatient = harness.client(self.server, read_timeout=1)
        with self.assertRaises(botocore.exceptions.ReadTimeoutError):
            impatient.get_connection(Name="n")
        self.assertFails("DisabledException", self.kms.encrypt, KeyId=key, Plaintext=b"x")
        self.assertEqual(
            self.glue.get_connection(Name="n")["Connection"]["ConnectionProperties"],
            CONNECTION["ConnectionProperties"],
        )

    def test_rules_that_are_wrong(self):
        for rule, text in (
            ({"key_call": "ReEncrypt"}, "key_call: not an operation of KMS that is known here, nor any"),
            ({"key_call": "any", "error": "EntityNotFoundException"}, "error: not an exception of KMS"),
            ({"error": "DisabledException"}, "error: not an exception of the API"),
            ({"key_call": "any", "via": "s3"}, "via: must be any, glue or direct"),
            ({"via": "glue"}, "via: only with key_call"),
            (
                {"key_call": "any", "operation": "GetConnection"},
                "a rule is for an operation or for a key call, not for both",
            ),
        ):
            with self.assertRaises(urllib.error.HTTPError) as raised:
                self.rule(**rule)
            with raised.exception as error:
                self.assertEqual(json.loads(error.read()), {"error": text})
        self.assertEqual(self.server.control("GET", "/faults"), [])

    def test_rules_can_be_posted_again(self):
        self.rule(key_call="any", via="direct", error="NotFoundException", account=ACCOUNT, skip=1)
        shown = self.server.control("GET", "/faults")[0]
        again = self.rule(**shown)
        self.assertEqual(
            self.server.control("GET", "/faults")[1], {**shown, "id": again}
        )

    def test_metrics_count_the_calls(self):
        key = self.new_key()
        self.protect_passwords(key)
        self.glue.create_connection(ConnectionInput=CONNECTION)
        self.assertFails("NotFoundException", self.kms.describe_key, KeyId=NO_KEY)
        with urllib.request.urlopen(self.server.url + "/_glue_security/metrics") as answer:
            text = answer.read().decode()
        for line in (
            'request_duration_seconds_count{operation="kms:CreateKey",outcome="ok"} ',
            'request_duration_seconds_count{operation="kms:DescribeKey",outcome="NotFoundException"} ',
            'key_calls_total{call="Encrypt",outcome="ok"} ',
        ):
            self.assertIn("glue_security_" + line, text)


class SnippetTest(unittest.TestCase):
    def test_the_snippet_of_the_documents(self):
        with harness.Server(SERVER) as server:
            exec(harness.snippet("kms_test.py", server), {})


class LogTest(unittest.TestCase):
    def test_the_log_has_nothing_of_what_a_call_has(self):
        with tempfile.TemporaryFile("w+") as log:
            with harness.Server(SERVER, usual=("--log=json",), stderr=log) as server:
                kms = kms_client(server)
                key = kms.create_key()["KeyMetadata"]["KeyId"]
                blob = kms.encrypt(KeyId=key, Plaintext=b"correct horse")["CiphertextBlob"]
                kms.decrypt(CiphertextBlob=blob)
                kms.generate_data_key(KeyId=key, KeySpec="AES_256")
            log.seek(0)
            text = log.read()
        lines = [json.loads(line) for line in text.splitlines()]
        self.assertEqual(
            [(line["operation"], line["outcome"], line["account"]) for line in lines],
            [
                (operation, "ok", ACCOUNT)
                for operation in (
                    "kms:CreateKey", "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"
                )
            ],
        )
        for secret in (key, base64.b64encode(b"correct horse").decode(), "correct horse"):
            self.assertNotIn(secret, text)


class CredentialsTest(unittest.TestCase):
    """Users with keys of their own: signatures are for the service kms, key policies name
    the user, and identity policies are asked."""

    def test_users(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "credentials"
            text = ""
            for name in ("alice", "bob", "carol"):
                text += (
                    f"[{name}]\naws_access_key_id = AKID{name.upper()}\n"
                    f"aws_secret_access_key = secret of {name}\naws_account_id = {ACCOUNT}\n"
                    f"principal_arn = arn:aws:iam::{ACCOUNT}:user/{name}\n"
                )
            path.write_text(text + "identity_policies = implicit_deny\n")
            flags = ("--credentials", str(path), "--authorize")
            with harness.Server(SERVER, *flags) as server:
                alice, bob, carol = (
                    boto3.client(
                        "kms",
                        endpoint_url=server.url,
                        region_name="us-east-1",
                        aws_access_key_id="AKID" + name.upper(),
                        aws_secret_access_key="secret of " + name,
                    )
                    for name in ("alice", "bob", "carol")
                )
                key = alice.create_key()["KeyMetadata"]["Arn"]
                bob.encrypt(KeyId=key, Plaintext=b"x")
                text = self.refusal(carol.encrypt, KeyId=key, Plaintext=b"x")
                self.assertEqual(
                    text,
                    f"AccessDeniedException: User: arn:aws:iam::{ACCOUNT}:user/carol is not "
                    f"authorized to perform: kms:Encrypt on resource: {key} because no "
                    "identity-based policy allows the kms:Encrypt action",
                )
                alice.put_key_policy(
                    KeyId=key,
                    PolicyName="default",
                    Policy=policy_with(
                        deny(
                            "kms:Encrypt",
                            Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"},
                        )
                    ),
                )
                self.assertTrue(
                    self.refusal(bob.encrypt, KeyId=key, Plaintext=b"x").startswith(
                        "AccessDeniedException: "
                    )
                )
                alice.encrypt(KeyId=key, Plaintext=b"x")
                stranger = kms_client(server)
                self.assertTrue(
                    self.refusal(stranger.create_key).startswith("UnrecognizedClientException: ")
                )
                wrong = boto3.client(
                    "kms",
                    endpoint_url=server.url,
                    region_name="us-east-1",
                    aws_access_key_id="AKIDALICE",
                    aws_secret_access_key="another",
                )
                self.assertTrue(
                    self.refusal(wrong.create_key).startswith("InvalidSignatureException: ")
                )

    def refusal(self, call, **members):
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            call(**members)
        error = raised.exception.response["Error"]
        return error["Code"] + ": " + error["Message"]


class RemoteTest(unittest.TestCase):
    """A server whose keys are those of another."""

    def test_keys_behind_an_endpoint(self):
        with harness.Server(SERVER) as keys:
            with harness.Server(SERVER, "--kms=" + keys.url) as server:
                kms, glue = kms_client(keys), harness.client(server)
                key = kms.create_key()["KeyMetadata"]["Arn"]
                glue.put_data_catalog_encryption_settings(
                    DataCatalogEncryptionSettings={
                        "EncryptionAtRest": {
                            "CatalogEncryptionMode": "SSE-KMS",
                            "SseAwsKmsKeyId": key,
                        },
                        "ConnectionPasswordEncryption": {
                            "ReturnConnectionPasswordEncrypted": False,
                            "AwsKmsKeyId": key,
                        },
                    }
                )
                glue.create_connection(ConnectionInput=CONNECTION)
                read = lambda: glue.get_connection(Name="n")["Connection"]
                self.assertEqual(
                    read()["ConnectionProperties"], CONNECTION["ConnectionProperties"]
                )
                kms.disable_key(KeyId=key)
                with self.assertRaises(botocore.exceptions.ClientError) as raised:
                    read()
                self.assertIn(f"{key} is disabled.", str(raised.exception))
                kms.enable_key(KeyId=key)
                # The server itself answers no calls of KMS.
                with self.assertRaises(botocore.exceptions.ClientError) as raised:
                    kms_client(server).create_key()
                self.assertEqual(
                    raised.exception.response["Error"]["Code"], "UnknownOperationException"
                )
                # A rule of its control reaches its calls to the endpoint.
                server.control(
                    "POST", "/faults", {"key_call": "Decrypt", "error": "KMSInternalException"}
                )
                with self.assertRaises(botocore.exceptions.ClientError) as raised:
                    read()
                self.assertIn("Error Code: KMSInternalException", str(raised.exception))
            self.assertEqual(keys.control("GET", "/faults"), [])

    def test_an_endpoint_that_is_gone(self):
        with harness.Server(SERVER) as keys:
            url = keys.url
        with harness.Server(SERVER, "--kms=" + url) as server:
            glue = harness.client(server)
            glue.put_data_catalog_encryption_settings(
                DataCatalogEncryptionSettings={
                    "EncryptionAtRest": {"CatalogEncryptionMode": "SSE-KMS", "SseAwsKmsKeyId": "k"}
                }
            )
            with self.assertRaises(botocore.exceptions.ClientError) as raised:
                glue.create_connection(ConnectionInput=CONNECTION)
            self.assertIn("Error Code: DependencyTimeoutException", str(raised.exception))


class AwsCliTest(ServedTest, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = tempfile.TemporaryDirectory()
        cls.runs = subprocess.Popen(
            [sys.executable, RUNS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={
                "PATH": os.environ["PATH"],
                # Keeps out the settings of the user who runs this.
                "HOME": cls.folder.name,
                "AWS_CONFIG_FILE": cls.folder.name + "/none",
                "LC_ALL": "C.UTF-8",
                "AWS_ACCESS_KEY_ID": ACCOUNT,
                "AWS_SECRET_ACCESS_KEY": "secret",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_MAX_ATTEMPTS": "1",
            },
        )

    @classmethod
    def tearDownClass(cls):
        cls.runs.stdin.close()
        status = cls.runs.wait()
        cls.runs.stdout.close()
        cls.folder.cleanup()
        super().tearDownClass()
        assert status == 0

    def run_aws(self, *arguments):
        arguments = ("--endpoint-url", self.server.url, "--output", "json", "kms", *arguments)
        self.runs.stdin.write(json.dumps(arguments) + "\n")
        self.runs.stdin.flush()
        return json.loads(self.runs.stdout.readline())

    def aws(self, *arguments):
        result = self.run_aws(*arguments)
        self.assertEqual(result["status"], 0, result["stderr"])
        return json.loads(result["stdout"]) if result["stdout"].strip() else None

    def assertRefused(self, text, *arguments):
        result = self.run_aws(*arguments)
        self.assertEqual(result["status"], 254, result)
        self.assertIn(text, result["stderr"])

    def test_a_key_from_its_making_to_its_end(self):
        key = self.aws("create-key", "--description", "the orders")["KeyMetadata"]["Arn"]
        self.assertIsNone(
            self.aws("create-alias", "--alias-name", "alias/orders", "--target-key-id", key)
        )
        self.assertEqual(
            [alias["AliasName"] for alias in self.aws("list-aliases")["Aliases"]],
            ["alias/aws/glue", "alias/orders"],
        )
        context = ("--encryption-context", "table=orders")
        plaintext = pathlib.Path(self.folder.name) / "plaintext"
        plaintext.write_bytes(b"hunter2")
        blob = self.aws(
            "encrypt", "--key-id", "alias/orders", "--plaintext", f"fileb://{plaintext}", *context
        )["CiphertextBlob"]
        sealed = pathlib.Path(self.folder.name) / "sealed"
        sealed.write_bytes(base64.b64decode(blob))
        decrypt = ("decrypt", "--ciphertext-blob", f"fileb://{sealed}")
        self.assertEqual(base64.b64decode(self.aws(*decrypt, *context)["Plaintext"]), b"hunter2")
        self.assertRefused("(InvalidCiphertextException)", *decrypt)
        self.assertIsNone(self.aws("disable-key", "--key-id", key))
        self.assertRefused(f": {key} is disabled.", *decrypt, *context)
        self.aws("enable-key", "--key-id", key)
        made = self.aws("generate-data-key", "--key-id", key, "--key-spec", "AES_256")
        self.assertEqual(len(base64.b64decode(made["Plaintext"])), 32)
        grant = self.aws(
            "create-grant", "--key-id", key, "--grantee-principal", f"arn:aws:iam::{ACCOUNT}:root",
            "--operations", "Decrypt",
        )["GrantId"]
        self.assertEqual(
            [entry["GrantId"] for entry in self.aws("list-grants", "--key-id", key)["Grants"]],
            [grant],
        )
        self.assertIsNone(self.aws("revoke-grant", "--key-id", key, "--grant-id", grant))
        policy = policy_with(deny("kms:GenerateDataKey"))
        self.aws(
            "put-key-policy", "--key-id", key, "--policy-name", "default", "--policy", policy
        )
        self.assertEqual(
            self.aws("get-key-policy", "--key-id", key, "--policy-name", "default")["Policy"],
            policy,
        )
        self.assertRefused(
            "(AccessDeniedException)", "generate-data-key", "--key-id", key, "--key-spec", "AES_256"
        )
        self.aws("schedule-key-deletion", "--key-id", key, "--pending-window-in-days", "7")
        self.assertRefused("(KMSInvalidStateException)", *decrypt, *context)
        self.assertEqual(self.aws("cancel-key-deletion", "--key-id", key), {"KeyId": key})
        self.assertRefused(
            f"Key '{ARN}key/{NO_KEY}' does not exist", "describe-key", "--key-id", NO_KEY
        )


if __name__ == "__main__":
    unittest.main()
