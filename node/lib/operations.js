// The operations that the engine knows, by the values of X-Amz-Target.

"use strict";

const GLUE = `
  BatchDeleteConnection CreateConnection CreateSecurityConfiguration DeleteConnection
  DeleteResourcePolicy DeleteSecurityConfiguration GetConnection GetConnections
  GetDataCatalogEncryptionSettings GetResourcePolicies GetResourcePolicy
  GetSecurityConfiguration GetSecurityConfigurations PutDataCatalogEncryptionSettings
  PutResourcePolicy UpdateConnection
`;
const KMS = `
  CancelKeyDeletion CreateAlias CreateGrant CreateKey Decrypt DescribeKey DisableKey
  EnableKey Encrypt GenerateDataKey GetKeyPolicy ListAliases ListGrants PutKeyPolicy
  RevokeGrant ScheduleKeyDeletion
`;

const named = (prefix, names) => names.trim().split(/\s+/).map((name) => prefix + name);

exports.TARGETS = new Set([...named("AWSGlue.", GLUE), ...named("TrentService.", KMS)]);
