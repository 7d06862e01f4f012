/** AWS Glue's Security API in this process, for tests that use the AWS SDK v3.
 *
 *   const { GlueClient, PutResourcePolicyCommand } = require("@aws-sdk/client-glue");
 *   const { mockGlueSecurity } = require("glue-security");
 *
 *   const mock = mockGlueSecurity();
 *   const glue = new GlueClient(mock.clientConfig());
 *   await glue.send(new PutResourcePolicyCommand({ PolicyInJson }));
 *
 * index.d.ts describes all of it, and docs/embedding.md of the project how it is used.
 */

"use strict";

const errors = require("./lib/errors.js");
const library = require("./lib/library.js");
const { MockGlueSecurity, mockGlueSecurity } = require("./lib/mock.js");
const { checkPolicy, decide } = require("./lib/policies.js");

/** Returns the version of the shared library, such as "0.1.0". */
function libraryVersion() {
  return library.load().version;
}

module.exports = {
  GlueSecurityError: errors.GlueSecurityError,
  InvalidArgumentError: errors.InvalidArgumentError,
  LibraryError: errors.LibraryError,
  MockGlueSecurity,
  NoHandlerError: errors.NoHandlerError,
  NoRoomError: errors.NoRoomError,
  NotActiveError: errors.NotActiveError,
  PolicyError: errors.PolicyError,
  SnapshotNotFoundError: errors.SnapshotNotFoundError,
  StorageError: errors.StorageError,
  checkPolicy,
  decide,
  libraryVersion,
  mockGlueSecurity,
};
