// The errors of the package.

"use strict";

/** The base of what the package throws, but for TypeErrors and RangeErrors. */
class GlueSecurityError extends Error {
  get name() {
    return this.constructor.name;
  }
}

/** An option, a rule or another argument is wrong. */
class InvalidArgumentError extends GlueSecurityError {}

/** The mock is closed. */
class NotActiveError extends GlueSecurityError {}

/** There is no snapshot of that name. */
class SnapshotNotFoundError extends GlueSecurityError {}

/** A bound would be exceeded. */
class NoRoomError extends GlueSecurityError {}

/** The storage cannot be opened, or failed. */
class StorageError extends GlueSecurityError {}

/** The addon or the shared library cannot be loaded, or made a mistake. */
class LibraryError extends GlueSecurityError {}

/** A request is not for the mock, and there is no handler for it. */
class NoHandlerError extends GlueSecurityError {}

/** A policy document has errors, which `findings` lists. */
class PolicyError extends InvalidArgumentError {
  constructor(findings) {
    const [{ code, message }] = findings;
    super(`the policy has findings, first ${code}: ${message}`);
    this.findings = findings;
  }
}

module.exports = {
  GlueSecurityError,
  InvalidArgumentError,
  LibraryError,
  NoHandlerError,
  NoRoomError,
  NotActiveError,
  PolicyError,
  SnapshotNotFoundError,
  StorageError,
};
