"""Unmodified SDKs against a server that verifies signatures.

Usage: signatures_test.py SERVER
"""

import contextlib
import datetime
import os
import subprocess
import sys
import tempfile
import types
import unittest
import unittest.mock

import boto3
import botocore.auth
import botocore.config
import botocore.exceptions

import harness

# The modules in which boto3 signs; the C one needs Debian's python3-awscrt.
SIGNERS = [botocore.auth]
if botocore.auth.HAS_CRT:
    import botocore.crt.auth

    SIGNERS.append(botocore.crt.auth)
SERVER = sys.argv.pop(1)
CREDENTIALS = """
[alice]
aws_access_key_id = AKIDALICE
aws_secret_access_key = wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY
aws_account_id = 111122223333

[session]
aws_access_key_id = ASIASESSION
aws_secret_access_key = another secret
aws_session_token = a/token+of=hers

[expired]
aws_access_key_id = ASIAEXPIRED
aws_secret_access_key = a third secret
aws_session_token = an old token
expiration = 2019-09-01T00:00:00Z
"""
WRONG_SIGNATURE = (
    "The request signature we calculated does not match the signature you provided. "
    "Check your AWS Secret Access Key and signing method. Consult the service "
    "documentation for details."
)


class Shifted(datetime.datetime):
    """A clock that is wrong by `shift`."""

    shift = datetime.timedelta()

    @classmethod
    def utcnow(cls):
        return datetime.datetime.utcnow() + cls.shift


SHIFTED_MODULE = types.SimpleNamespace(datetime=Shifted, timezone=datetime.timezone)


class SignaturesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.file = cls.folder.name + "/credentials"
        with open(cls.file, "w") as file:
            file.write(CREDENTIALS)
        # The SDKs read the same file.
        os.environ["AWS_SHARED_CREDENTIALS_FILE"] = cls.file
        os.environ["AWS_CONFIG_FILE"] = cls.folder.name + "/none"
        cls.server = harness.Server(SERVER, "--credentials=" + cls.file)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        assert cls.server.stop() == 0

    def setUp(self):
        self.server.control("POST", "/reset")

    def client(self, profile="alice", change=None, **arguments):
        """`change` gets each request after it was signed."""
        glue = boto3.Session(profile_name=None if arguments else profile).client(
            "glue",
            endpoint_url=self.server.url,
            region_name="us-east-1",
            config=botocore.config.Config(retries={"total_max_attempts": 1}),
            **arguments,
        )
        self.addCleanup(glue.close)
        if change is not None:
            glue.meta.events.register(
                "before-send.glue", lambda request, **unused: change(request)
            )
        return glue

    def calls(self):
        return self.server.control("GET", "/history")["calls"]

    def assertRefused(self, glue, error, message):
        """Asserts that a write is refused and that the history does not have it."""
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            glue.create_security_configuration(Name="n", EncryptionConfiguration={})
        response = raised.exception.response
        self.assertEqual(response["Error"]["Code"], error)
        self.assertRegex(response["Error"]["Message"], f"^{message}$")
        self.assertEqual(response["ResponseMetadata"]["HTTPStatusCode"], 400)
        self.assertEqual(self.calls(), [])
        self.assertEqual(
            self.client().get_security_configurations()["SecurityConfigurations"], []
        )

    def test_a_good_signature_passes(self):
        glue = self.client()
        glue.put_resource_policy(PolicyInJson=harness.policy())
        name = "\u00fcn\u00efcode \U0001f600"
        glue.create_security_configuration(Name=name, EncryptionConfiguration={})
        self.assertEqual(
            glue.get_security_configuration(Name=name)["SecurityConfiguration"]["Name"], name
        )
        glue.get_resource_policy()
        # The account is the one in the file.
        self.assertEqual({call["account"] for call in self.calls()}, {"111122223333"})

    def test_a_session_token_passes_and_belongs_to_the_signature(self):
        self.client("session").get_security_configurations()
        invalid = "The security token included in the request is invalid."
        self.server.control("POST", "/reset")
        for token in ("another token", None):
            self.assertRefused(
                self.client(
                    aws_access_key_id="ASIASESSION",
                    aws_secret_access_key="another secret",
                    aws_session_token=token,
                ),
                "UnrecognizedClientException",
                invalid,
            )
            self.server.control("POST", "/reset")
        self.assertRefused(
            self.client("expired"),
            "ExpiredTokenException",
            "The security token included in the request is expired",
        )

    def test_a_key_that_nobody_has(self):
        self.assertRefused(
            self.client(aws_access_key_id="AKIDNOBODY", aws_secret_access_key="x"),
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )

    def test_a_wrong_secret(self):
        self.assertRefused(
            self.client(aws_access_key_id="AKIDALICE", aws_secret_access_key="x"),
            "InvalidSignatureException",
            WRONG_SIGNATURE,
        )

    def test_a_body_that_was_changed(self):
        def change(request):
            request.body = request.body.replace(b'"n"', b'"m"')

        self.assertRefused(
            self.client(change=change), "InvalidSignatureException", WRONG_SIGNATURE
        )

    def test_a_header_that_was_changed(self):
        # The headers that name the operation and the server.
        def change_target(request):
            request.headers["X-Amz-Target"] = "AWSGlue.DeleteSecurityConfiguration"

        def change_host(request):
            # The server accepts this name, but it is not the one that was signed.
            request.headers["Host"] = "localhost"

        def change_token(request):
            request.headers["X-Amz-Security-Token"] = "another"

        for change in (change_target, change_host):
            self.assertRefused(
                self.client(change=change), "InvalidSignatureException", WRONG_SIGNATURE
            )
            self.server.control("POST", "/reset")
        self.assertRefused(
            self.client("session", change=change_token),
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )

    def test_a_header_that_is_missing(self):
        def leave_out(name):
            def change(request):
                del request.headers[name]

            return change

        self.assertRefused(
            self.client(change=leave_out("Authorization")),
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        )
        self.server.control("POST", "/reset")
        self.assertRefused(
            self.client(change=leave_out("X-Amz-Date")),
            "IncompleteSignatureException",
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
            "header.",
        )

    def test_a_signature_without_the_header_under_it(self):
        def change(request):
            request.headers["Authorization"] = request.headers["Authorization"].replace(
                b";x-amz-target", b""
            )

        self.assertRefused(
            self.client(change=change),
            "IncompleteSignatureException",
            "'X-Amz-Target' must be a 'SignedHeader' in the AWS Authorization.",
        )

    def test_a_replay_passes_within_five_minutes_only(self):
        def call(minutes):
            Shifted.shift = datetime.timedelta(minutes=minutes)
            with contextlib.ExitStack() as stack:
                for module in SIGNERS:
                    stack.enter_context(
                        unittest.mock.patch.object(module, "datetime", SHIFTED_MODULE)
                    )
                return self.client().get_security_configurations()

        for minutes in (-4.5, 0, 4.5):
            call(minutes)
        self.server.control("POST", "/reset")
        for minutes, text in (
            (-5.5, r"Signature expired: \d{8}T\d{6}Z is now earlier than "
                   r"\d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min.\)"),
            (5.5, r"Signature not yet current: \d{8}T\d{6}Z is still later than "
                  r"\d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 5 min.\)"),
        ):
            with self.assertRaises(botocore.exceptions.ClientError) as raised:
                call(minutes)
            error = raised.exception.response["Error"]
            self.assertEqual(error["Code"], "InvalidSignatureException")
            self.assertRegex(error["Message"], f"^{text}$")
        self.assertEqual(self.calls(), [])

    def test_the_order_body_target_authentication(self):
        def change(request):
            request.headers["X-Amz-Target"] = "AWSGlue.Nothing"
            del request.headers["Authorization"]

        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            self.client(change=change).get_security_configurations()
        self.assertEqual(
            raised.exception.response["Error"]["Code"], "UnknownOperationException"
        )

    def test_the_cli_signs_too(self):
        def run(profile, secret=None):
            environment = {
                "PATH": os.environ["PATH"],
                "HOME": self.folder.name,
                "AWS_SHARED_CREDENTIALS_FILE": self.file,
                "AWS_CONFIG_FILE": self.folder.name + "/none",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_MAX_ATTEMPTS": "1",
            }
            if secret is None:
                environment["AWS_PROFILE"] = profile
            else:
                environment["AWS_ACCESS_KEY_ID"] = profile
                environment["AWS_SECRET_ACCESS_KEY"] = secret
            return subprocess.run(
                ["/usr/bin/aws", "--endpoint-url", self.server.url, "glue",
                 "get-security-configurations"],
                env=environment,
                capture_output=True,
                text=True,
                timeout=120,
            )

        good = run("session")
        self.assertEqual(good.returncode, 0, good.stderr)
        wrong = run("AKIDALICE", "x")
        self.assertEqual(wrong.returncode, 254)
        self.assertIn("(InvalidSignatureException)", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
