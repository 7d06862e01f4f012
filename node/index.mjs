// The package for `import`: what `require` gives, so that a process has it once.

import glueSecurity from "./index.js";

export const {
  GlueSecurityError,
  InvalidArgumentError,
  LibraryError,
  MockGlueSecurity,
  NoHandlerError,
  NoRoomError,
  NotActiveError,
  PolicyError,
  SnapshotNotFoundError,
  StorageError,
  checkPolicy,
  decide,
  libraryVersion,
  mockGlueSecurity,
} = glueSecurity;
