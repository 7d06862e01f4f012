"""The operations that the engine knows, by the values of X-Amz-Target."""

from __future__ import annotations

_GLUE = """
    BatchDeleteConnection CreateConnection CreateSecurityConfiguration DeleteConnection
    DeleteResourcePolicy DeleteSecurityConfiguration GetConnection GetConnections
    GetDataCatalogEncryptionSettings GetResourcePolicies GetResourcePolicy
    GetSecurityConfiguration GetSecurityConfigurations PutDataCatalogEncryptionSettings
    PutResourcePolicy UpdateConnection
"""
_KMS = """
    CancelKeyDeletion CreateAlias CreateGrant CreateKey Decrypt DescribeKey DisableKey
    EnableKey Encrypt GenerateDataKey GetKeyPolicy ListAliases ListGrants PutKeyPolicy
    RevokeGrant ScheduleKeyDeletion
"""

GLUE_TARGETS = frozenset(("AWSGlue." + name).encode() for name in _GLUE.split())
KMS_TARGETS = frozenset(("TrentService." + name).encode() for name in _KMS.split())
TARGETS = GLUE_TARGETS | KMS_TARGETS
