// ReadForRun, CommitForRun, CallKeyForRun: ask a storage or a key service for
// what an `OperationRun` needs, and give the run the answer. A caller with
// several runs decides which one goes on next.

#ifndef GLUE_SECURITY_ENGINE_OPERATION_RUN_IO_H_
#define GLUE_SECURITY_ENGINE_OPERATION_RUN_IO_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/backend/clock.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/engine/guarded_storage.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/operation_run.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

// Reads what `run` asks for. `clock` gives the time of the read. The run
// continues while the record is borrowed. A read that throws has failed. An
// exception from the clock or from a hook of the run's options is passed on,
// and the run still needs its read. REQUIRES: run->need() is kRead.
inline void ReadForRun(Storage* storage, Clock* clock, OperationRun* run) {
  const absl::Status status =
      VisitGuarded(storage, run->read_set(), [&](const SnapshotView& snapshot) {
        run->SnapshotRead(snapshot, clock->Now());
      });
  if (status.ok()) return;
  if (FailureOf(status) == StorageFailure::kDataLoss) {
    run->ReadFoundDataLoss();
  } else {
    run->ReadFailed();
  }
}

// Commits what `run` asks for. The outcome of a commit that throws is unknown.
// REQUIRES: run->need() is kCommit.
inline void CommitForRun(Storage* storage, OperationRun* run) {
  const absl::StatusOr<CommitResult> result =
      CommitGuarded(storage, run->TakeWriteBatch());
  if (result.ok()) {
    *result == CommitResult::kCommitted ? run->Committed() : run->Conflicted();
    return;
  }
  switch (FailureOf(result.status())) {
    case StorageFailure::kNotApplied:
      return run->CommitNotApplied();
    case StorageFailure::kUnknown:
      return run->CommitUnknown();
    case StorageFailure::kDataLoss:
      return run->CommitFoundDataLoss();
  }
}

// Makes the key call that `run` asks for. An exception of the key service is
// passed on, and the run still needs the call. REQUIRES: run->need() is
// kKeyCall.
inline void CallKeyForRun(KeyService* keys, OperationRun* run) {
  run->KeyAnswered(keys->Answer(run->key_call()));
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENGINE_OPERATION_RUN_IO_H_
