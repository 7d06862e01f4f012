"""AWS Glue's Security API in this process, for tests that use boto3.

    import boto3
    from glue_security import mock_glue_security

    @mock_glue_security
    def test_policy():
        glue = boto3.client("glue", region_name="us-east-1")
        glue.put_resource_policy(PolicyInJson=POLICY)

docs/embedding.md of the project describes the package. It needs libglue_security_c.so.0,
which the wheel carries; GLUE_SECURITY_LIBRARY names another one.
"""

from . import _hooks
from ._controls import Clock, Faults, History
from ._errors import (
    ForkedError,
    GlueSecurityError,
    InvalidArgumentError,
    LibraryError,
    NoRoomError,
    NotActiveError,
    PolicyError,
    SnapshotNotFoundError,
    StorageError,
)
from ._library import version as library_version
from ._mock import GlueSecurityTestMixin, MockGlueSecurity, mock_glue_security
from ._policies import check_policy, decide

__version__ = "0.1.0"

__all__ = [
    "Clock",
    "Faults",
    "ForkedError",
    "GlueSecurityError",
    "GlueSecurityTestMixin",
    "History",
    "InvalidArgumentError",
    "LibraryError",
    "MockGlueSecurity",
    "NoRoomError",
    "NotActiveError",
    "PolicyError",
    "SnapshotNotFoundError",
    "StorageError",
    "check_policy",
    "decide",
    "library_version",
    "mock_glue_security",
]

_hooks.install()
