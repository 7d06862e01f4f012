// RunConcurrently: runs clients on real threads against any backend, and
// records the history.
// RunInterleaved: runs clients of the engine's core on one thread, interleaves
// their steps by choices, and records the history.
//
//   ConcurrentClientsOptions options;
//   options.seed = 42;
//   History history = RunConcurrently(&backend, options);
//   LinearizabilityResult result = CheckLinearizable(history, {});
//
// Two threads on two cores seldom meet within a microsecond, so most histories
// of a fast backend have few overlaps. A slow backend, or many runs, give more.
// An interleaved run overlaps as much as the choices say, and is the same for
// the same choices.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_CONCURRENT_CLIENTS_H_
#define GLUE_SECURITY_TESTING_HISTORIES_CONCURRENT_CLIENTS_H_

#include <cstdint>

#include "glue_security/backend/backend.h"
#include "glue_security/backend/clock.h"
#include "glue_security/backend/history.h"
#include "glue_security/state_machine/step_types.h"
#include "glue_security/storage/storage.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/histories/workload.h"

namespace glue_security {

struct ConcurrentClientsOptions {
  int clients = 4;
  int calls_per_client = 8;
  // For `RunConcurrently` only. Decides, with the answers, what the clients
  // ask, but not how their calls overlap.
  uint64_t seed = 0;
  CallGenerator generator = SmallWorkload;
};

// Starts `clients` threads at once, waits for them, and returns the history.
// REQUIRES: nobody else calls the backend.
History RunConcurrently(Backend* backend,
                        const ConcurrentClientsOptions& options);

// Drives one `OperationRun` for each client over `storage`. At each step one
// client starts its next call, reads, commits, or takes its answer. `choices`
// decide which client it is and what it calls. The same choices on an equal
// storage give the same history. A commit that fails with an open outcome is an
// answer like any other. `storage` is called from this thread only; each call
// to it is one step. `commit_ids` of the runs count from 1.
//
// Ends the program when `clock` is the system's or a FakeClock that runs: the
// same choices would not give the same history, so it could be neither replayed
// nor shrunk. Give a FakeClock that stands still until it is moved.
// REQUIRES: no other run has written to `storage`.
//
// interleaved/storage_interleaved.h has such runs ready-made for a storage of
// your own, judged and shrunk.
History RunInterleaved(Storage* storage, const CoreOptions& core, Clock* clock,
                       ChoiceSource& choices,
                       const ConcurrentClientsOptions& options);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_CONCURRENT_CLIENTS_H_
