"""boto3, unmodified, at one URL: our operations, and others of Glue, S3, SQS, STS and KMS
that the server passes on to a stand-in. Also the example with operations of its own.

Usage: upstream_test.py SERVER EXAMPLE
"""

import subprocess
import sys
import unittest

import boto3
import botocore.config
import botocore.exceptions

import harness
import stand_in

EXAMPLE = sys.argv.pop(2)
SERVER = sys.argv.pop(1)
ACCOUNT = "111122223333"


def client(service, url, attempts=1, **config):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key=stand_in.SECRET,
        config=botocore.config.Config(
            retries={"total_max_attempts": attempts, "mode": "standard"}, **config
        ),
    )


class UpstreamTest(unittest.TestCase):
    def setUp(self):
        self.others = self.enterContext(stand_in.StandIn())

    def start(self, *flags, upstream=None, **how):
        flag = "--upstream=" + (upstream or self.others.url)
        return self.enterContext(harness.Server(SERVER, flag, *flags, **how))

    def test_a_data_lake_at_one_url(self):
        server = self.start()
        glue = client("glue", server.url)
        glue.create_database(DatabaseInput={"Name": "db", "Description": "caf\u00e9"})
        glue.put_resource_policy(PolicyInJson=harness.policy())
        glue.create_table(DatabaseName="db", TableInput={"Name": "t"})
        glue.create_security_configuration(
            Name="sc",
            EncryptionConfiguration={"S3Encryption": [{"S3EncryptionMode": "SSE-S3"}]},
        )
        glue.create_job(
            Name="j", Role="r", Command={"Name": "glueetl"}, SecurityConfiguration="sc"
        )
        self.assertEqual(glue.get_database(Name="db")["Database"]["Description"], "caf\u00e9")
        self.assertEqual(glue.get_table(DatabaseName="db", Name="t")["Table"]["Name"], "t")
        self.assertEqual(glue.get_job(JobName="j")["Job"]["SecurityConfiguration"], "sc")
        self.assertEqual(
            glue.get_security_configuration(Name="sc")["SecurityConfiguration"]["Name"], "sc"
        )
        self.assertIn("PolicyInJson", glue.get_resource_policy())
        with self.assertRaises(glue.exceptions.EntityNotFoundException) as raised:
            glue.get_table(DatabaseName="db", Name="none")
        self.assertIn("the stand-in has no", str(raised.exception))
        self.assertEqual(
            self.others.seen,
            ["AWSGlue." + name for name in (
                "CreateDatabase", "CreateTable", "CreateJob", "GetDatabase", "GetTable",
                "GetJob", "GetTable",
            )],
        )
        self.assertEqual(self.others.wrong, [])

    def test_other_protocols(self):
        server = self.start()
        s3 = client("s3", server.url, s3={"addressing_style": "path"})
        body = bytes(range(256)) * 20_000
        # A signature of a path with everything in it.
        key = "a//b/../c d+e%20\u00fc~"
        s3.put_object(Bucket="bucket", Key=key, Body=body)
        self.assertEqual(s3.get_object(Bucket="bucket", Key=key)["Body"].read(), body)
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            s3.get_object(Bucket="bucket", Key="none")
        self.assertEqual(raised.exception.response["Error"]["Code"], "NoSuchKey")
        self.assertEqual(client("sts", server.url).get_caller_identity()["Account"], "1")
        self.assertEqual(self.others.wrong, [])

    def test_kms_of_the_upstream(self):
        server = self.start()
        kms = client("kms", server.url)
        sealed = kms.encrypt(KeyId="k", Plaintext=b"plain")["CiphertextBlob"]
        self.assertEqual(sealed, b"standin:nialp")
        # The engine has keys of its own.
        self.connect(client("glue", server.url), "alias/aws/glue")
        self.assertEqual(self.others.seen, ["TrentService.Encrypt"])

    def test_kms_for_the_engine(self):
        server = self.start("--kms=upstream")
        glue = client("glue", server.url)
        password = self.connect(glue, stand_in.NO_KEY)
        self.assertEqual(password, "c3RhbmRpbjpyZXRuaQ==")
        self.assertIn("TrentService.Encrypt", self.others.seen)
        self.assertEqual(
            client("kms", server.url).decrypt(CiphertextBlob=b"standin:retni")["Plaintext"],
            b"inter",
        )

    def test_kms_here(self):
        server = self.start("--kms=local")
        kms = client("kms", server.url)
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        self.connect(client("glue", server.url), key)
        self.assertEqual(self.others.seen, [])

    def connect(self, glue, key):
        """Makes a connection with an encrypted password, and returns that."""
        glue.put_data_catalog_encryption_settings(
            DataCatalogEncryptionSettings={
                "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
                "ConnectionPasswordEncryption": {
                    "ReturnConnectionPasswordEncrypted": True, "AwsKmsKeyId": key,
                },
            }
        )
        glue.create_connection(
            ConnectionInput={
                "Name": "n", "ConnectionType": "JDBC",
                "ConnectionProperties": {"PASSWORD": "inter"},
            }
        )
        properties = glue.get_connection(Name="n")["Connection"]["ConnectionProperties"]
        return properties["ENCRYPTED_PASSWORD"]

    def test_errors_as_sdks_see_them(self):
        with stand_in.StandIn() as gone:
            url = gone.url
        server = self.start(upstream=url)
        text = "cannot connect to the upstream %s: Connection refused" % url
        calls = {
            "glue": lambda c: c.get_database(Name="d"),
            "s3": lambda c: c.get_object(Bucket="b", Key="k"),
            "sts": lambda c: c.get_caller_identity(),
            "sqs": lambda c: c.list_queues(),
            "ec2": lambda c: c.describe_regions(),
            "lambda": lambda c: c.list_functions(),
        }
        for service, call in calls.items():
            with self.subTest(service):
                with self.assertRaises(botocore.exceptions.ClientError) as raised:
                    call(client(service, server.url))
                error = raised.exception.response["Error"]
                self.assertEqual(error["Code"], "UpstreamUnavailableException")
                self.assertEqual(error["Message"], text)
                status = raised.exception.response["ResponseMetadata"]["HTTPStatusCode"]
                self.assertEqual(status, 502)

    def test_two_servers_in_a_circle(self):
        first = harness.Server(SERVER, "--upstream=" + self.others.url)
        first.stop()
        port = first.url.rsplit(":", 1)[1]
        second = self.start(upstream=first.url)
        # In the place of the first, now that the second has a URL.
        again = self.start(upstream=second.url, port=port)
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            client("glue", again.url).get_database(Name="d")
        self.assertEqual(
            raised.exception.response["Error"],
            {
                "Code": "UpstreamLoopException",
                "Message": "the upstream leads back to this server",
            },
        )

    def test_kms_upstream_needs_an_upstream(self):
        ended = subprocess.run(
            [SERVER, "--kms=upstream"], capture_output=True, text=True, timeout=60
        )
        self.assertEqual(ended.returncode, 2)
        self.assertIn("--kms upstream needs --upstream", ended.stderr)


class OwnOperationsTest(unittest.TestCase):
    def test_the_example(self):
        process = subprocess.Popen(
            [EXAMPLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        try:
            glue = client("glue", process.stdout.readline().strip())
            glue.create_database(DatabaseInput={"Name": "db"})
            self.assertEqual(glue.get_database(Name="db")["Database"], {"Name": "db"})
            for wrong, call in {
                "AlreadyExistsException":
                    lambda: glue.create_database(DatabaseInput={"Name": "db"}),
                "EntityNotFoundException": lambda: glue.get_database(Name="none"),
                "InvalidInputException": lambda: glue.get_database(Name='a"b'),
            }.items():
                with self.assertRaises(botocore.exceptions.ClientError) as raised:
                    call()
                self.assertEqual(raised.exception.response["Error"]["Code"], wrong)
            glue.put_resource_policy(PolicyInJson=harness.policy())
            self.assertIn("PolicyInJson", glue.get_resource_policy())
        finally:
            process.stdin.close()
            self.assertEqual(process.wait(timeout=60), 0)
            process.stdout.close()


if __name__ == "__main__":
    unittest.main()
