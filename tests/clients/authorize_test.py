"""The server with --authorize: who is refused, and what the refused are told.

Usage: authorize_test.py SERVER
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import boto3
import botocore.exceptions

import harness

SERVER = sys.argv.pop(1)
ACCOUNT = "123456789012"
USER = f"arn:aws:iam::{ACCOUNT}:user/"
CATALOG = f"arn:aws:glue:us-east-1:{ACCOUNT}:catalog"

READER = {"Statement": {"Effect": "Allow", "Action": "glue:Get*", "Resource": "*"}}


def section(name, **settings):
    lines = [
        f"[{name}]",
        f"aws_access_key_id = AKID{name.upper()}",
        "aws_secret_access_key = secret",
        f"aws_account_id = {ACCOUNT}",
    ]
    return "\n".join(lines + [f"{key} = {value}" for key, value in settings.items()]) + "\n"


CREDENTIALS = (
    section("root")
    + section("alice", principal_arn=USER + "alice", identity_policies="allow")
    + section("bob", principal_arn=USER + "bob", identity_policies="implicit_deny")
    + section("reader", principal_arn=USER + "reader", identity_policies="reader.json")
    + section(
        "session",
        principal_arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/s1",
        principal_role_arn=f"arn:aws:iam::{ACCOUNT}:role/team/admin",
        principal_id="AROAABCDEFGHIJKLMNOP",
        identity_policies="implicit_deny",
    )
)


class Authorize(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "reader.json").write_text(json.dumps(READER))

    def write(self, credentials):
        path = self.folder / "credentials"
        path.write_text(credentials)
        return f"--credentials={path}"

    def serve(self, *flags):
        self.server = harness.Server(SERVER, self.write(CREDENTIALS), "--authorize", *flags)
        self.addCleanup(self.server.stop)

        def client(name):
            return boto3.client(
                "glue",
                endpoint_url=self.server.url,
                region_name="us-east-1",
                aws_access_key_id=f"AKID{name.upper()}",
                aws_secret_access_key="secret",
            )

        return client

    def refused(self, call, **request):
        """Returns the message of the refusal."""
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call(**request)
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], "AccessDeniedException")
        return error["Message"]

    def test_the_snippet_of_the_documents(self):
        with harness.Server(SERVER, "--authorize", stderr=subprocess.DEVNULL) as server:
            exec(harness.snippet("authorize_test.py", server), {})

    def test_identity_policies_decide_within_the_account(self):
        for flags, why in (
            ((), " because no identity-based policy allows the {} action"),
            (("--behavior=documented",), ""),
        ):
            client = self.serve(*flags)
            client("root").get_data_catalog_encryption_settings()
            client("alice").get_security_configurations()
            client("reader").get_security_configurations()
            self.assertEqual(
                self.refused(client("bob").get_security_configurations),
                f"User: {USER}bob is not authorized to perform: "
                "glue:GetSecurityConfigurations"
                + why.format("glue:GetSecurityConfigurations"),
            )
            self.assertEqual(
                self.refused(client("reader").delete_resource_policy),
                f"User: {USER}reader is not authorized to perform: "
                f"glue:DeleteResourcePolicy on resource: {CATALOG}"
                + why.format("glue:DeleteResourcePolicy"),
            )

    def test_a_reset_changes_what_the_refused_are_told(self):
        client = self.serve()
        told = (
            f"User: {USER}bob is not authorized to perform: glue:GetSecurityConfigurations"
        )
        for settings, why in (
            (None, " because no identity-based policy allows"),
            ({"behavior": "documented"}, ""),
            ({"explain_denials": False}, ""),
            ({}, " because no identity-based policy allows"),
        ):
            self.server.control("POST", "/reset", settings)
            client("alice").get_security_configurations()
            message = self.refused(client("bob").get_security_configurations)
            self.assertTrue(message.startswith(told + why), message)
            self.assertEqual(message == told, why == "")

    def test_a_newer_operation_is_refused_too(self):
        client = self.serve()
        client("reader").get_resource_policies()
        self.assertIn(
            f"{USER}bob is not authorized to perform: glue:GetResourcePolicies on resource: "
            f"{CATALOG} because",
            self.refused(client("bob").get_resource_policies),
        )

    def test_the_policy_of_the_catalog_decides_too(self):
        client = self.serve()

        def put(**members):
            statement = {"Effect": "Allow", "Action": "glue:*", "Resource": CATALOG}
            statement.update(members)
            client("root").put_resource_policy(
                PolicyInJson=json.dumps({"Statement": statement})
            )

        put(Principal={"AWS": USER + "bob"})
        client("bob").get_data_catalog_encryption_settings()
        # The catalog's policy says nothing about security configurations.
        self.refused(client("bob").get_security_configurations)
        # An entry that names the account delegates to the identity policies.
        put(Principal={"AWS": ACCOUNT})
        self.assertIn(
            "because no identity-based policy allows",
            self.refused(client("bob").get_data_catalog_encryption_settings),
        )
        # A role is known by its ARN with the path, and by its id.
        role = f"arn:aws:iam::{ACCOUNT}:role/team/admin"
        put(Principal="*", Condition={"ArnEquals": {"aws:PrincipalArn": role}})
        client("session").get_data_catalog_encryption_settings()
        put(Principal={"AWS": "AROAABCDEFGHIJKLMNOP"})
        client("session").get_data_catalog_encryption_settings()
        put(Principal={"AWS": "AROAABCDEFGHIJKLMNOQ"})
        self.refused(client("session").get_data_catalog_encryption_settings)
        put(Effect="Deny", Principal={"AWS": USER + "alice"})
        self.assertTrue(
            self.refused(client("alice").get_data_catalog_encryption_settings).endswith(
                " with an explicit deny in a resource-based policy"
            )
        )

    def test_without_credentials_the_start_says_who_the_callers_are(self):
        process = subprocess.Popen(
            [SERVER, "--port=0", "--log=off", "--authorize"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        process.stdout.readline()
        process.terminate()
        _, error = process.communicate(timeout=60)
        self.assertIn("--authorize without --credentials: every caller is the root", error)
        self.assertEqual(process.returncode, 0)

    def test_wrong_settings_are_refused_at_the_start(self):
        (self.folder / "bad.json").write_text(
            '{"Statement": {\n"Effect": "allow", "Action": "*", "Resource": "*"}}'
        )
        for credentials, error in (
            (section("a", identity_policies="allow"), "identity_policies and no principal"),
            (
                section("a", principal_arn=USER + "a", identity_policies="none.json"),
                "cannot read",
            ),
            (
                section("a", principal_arn=USER + "a", identity_policies="bad.json"),
                "bad.json:2:11: Effect must be",
            ),
            (
                section("a", principal_arn=USER + "a", identity_policies="allow")
                + section("b", principal_arn=USER + "a", identity_policies="reader.json"),
                "has different identity_policies for two keys",
            ),
        ):
            flags = [self.write(credentials), "--authorize", "--port=0"]
            done = subprocess.run(
                [SERVER, *flags], capture_output=True, text=True, timeout=60, check=False
            )
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(error, done.stderr)


if __name__ == "__main__":
    unittest.main()
