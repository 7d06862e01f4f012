"""What the tests of the Python package share. Their first argument is libglue_security_c.

Imported first, it makes the package importable and gives boto3 an environment of its own:
no credentials, no files, no region, and no network.
"""

import json
import os
import pathlib
import socket
import sys

LIBRARY = os.path.realpath(sys.argv.pop(1))
PYTHON = pathlib.Path("python").absolute()

for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ.update(
    GLUE_SECURITY_LIBRARY=LIBRARY,
    AWS_CONFIG_FILE="/dev/null",
    AWS_SHARED_CREDENTIALS_FILE="/dev/null",
    AWS_EC2_METADATA_DISABLED="true",
)
sys.path.insert(0, str(PYTHON))


def _refuse(*unused, **also_unused):
    raise AssertionError("a test reached for the network")


socket.getaddrinfo = _refuse

import boto3  # noqa: E402
import botocore.config  # noqa: E402

import glue_security  # noqa: E402,F401

OPERATIONS = json.loads(pathlib.Path("tests/clients/operations.json").read_text())
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
                "Action": "glue:Get*",
                "Resource": "arn:aws:glue:us-east-1:123456789012:*",
            }
        ],
    }
)


def client(service="glue", region="us-east-1", session=boto3, attempts=1, key=None, **config):
    """Returns a client that tries `attempts` times, with the access key `key`."""
    keys = {} if key is None else {"aws_access_key_id": key, "aws_secret_access_key": "s"}
    return session.client(
        service,
        region_name=region,
        config=botocore.config.Config(
            retries={"total_max_attempts": attempts, "mode": "standard"}, **config
        ),
        **keys,
    )


def method(glue, operation):
    """Returns the method of a client for an operation."""
    names = {name: attribute for attribute, name in glue.meta.method_to_api_mapping.items()}
    return getattr(glue, names[operation])


class OtherMock:
    """A second mock, which hooks into botocore as moto does: a handler for all services
    that matches URLs, knows no operation of its own but ListJobs, and counts its calls."""

    enabled = False
    calls = []

    def __call__(self, event_name, request, **unused):
        if not self.enabled or ".amazonaws.com" not in request.url:
            return None
        target = request.headers.get("X-Amz-Target", b"").decode()
        self.calls.append(target or request.url)
        if target and target != "AWSGlue.ListJobs":
            raise NotImplementedError(target)
        from botocore.awsrequest import AWSResponse

        from glue_security._hooks import _Raw

        body = b'{"JobNames":["job"]}' if target else b"<ListAllMyBucketsResult/>"
        return AWSResponse(request.url, 200, {}, _Raw(body))

    def __enter__(self):
        self.calls.clear()
        self.enabled = True
        return self

    def __exit__(self, *unused):
        self.enabled = False
