// CheckStorageInterleaved: finds out whether the engine stays linearizable over
// a storage of your own, whatever the order in which its clients read and
// commit.
//
//   TEST(MyStorage, IsSafeForConcurrentClients) {
//     const StorageInterleavedReport report = CheckStorageInterleaved(
//         [] { return std::make_unique<MyStorage>(); });
//     EXPECT_TRUE(report.ok()) << report.text;
//   }
//
// Each run makes a new storage. Several clients of the engine's core call it on
// one thread, and choices decide which client makes the next step: starts a
// call, reads, commits, or takes its answer. The history of the calls is judged
// as linearizability.h says. A run also fails when the storage throws, answers
// with a status though nothing was made to fail, answers kConflict though
// nothing was committed, returns a snapshot of the wrong shape, or returns
// records that were never written.
//
// The first run that fails is shrunk to the fewest clients, calls and steps
// that fail in the same way. A storage that checks preconditions first and
// writes afterwards:
//
//   MyStorage failed in run 46 of GLUE_SECURITY_SEED=1, shrunk from 32 calls of
//       4 clients in 126 steps to 2 calls of 2 clients in 8 steps: no order of
//       the calls explains their answers
//   Begin with S9, which ACommitInsideACommit of StorageConformance breaks: ...
//   The steps:
//      1. client 0 calls #0 CreateSecurityConfiguration "a"
//      2. client 0 reads configuration "a", count -> none, none
//      3. client 0 commits configuration "a" = 31 bytes (if there is none), ...
//      4.   client 1 calls #1 CreateSecurityConfiguration "a"
//      5.   client 1 reads configuration "a", count -> none, none
//      6.   client 1 commits configuration "a" = 31 bytes ... -> committed
//         step 3 -> committed
//      ...
//   GLUE_SECURITY_REPLAY=0.0.0.0.0.0.5.0.0.0.0.0.2.0.0.5.0.0.2.2
//
// docs/testing_kit/storage.md shows a whole report.
//
// A `StorageUnderTest` (storage_target.h) in place of the function lets the
// check do more. `set_step`: clients also take turns within a call of the
// storage, each on another thread, where the storage holds no lock; without it
// every call of the storage is one step, and a race within a call cannot show.
// `fail_next_commit` and `settle`: commits fail and arrive late. `reopen`: the
// storage is opened again between two steps. The same choices must give the
// same run, so the storage must use no clock and no random source of its own.

#ifndef GLUE_SECURITY_TESTING_INTERLEAVED_STORAGE_INTERLEAVED_H_
#define GLUE_SECURITY_TESTING_INTERLEAVED_STORAGE_INTERLEAVED_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "glue_security/backend/history.h"
#include "glue_security/storage/storage.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/histories/linearizability.h"
#include "glue_security/testing/interleaved/interleaved_statistics.h"
#include "glue_security/testing/interleaved/storage_interleaved_options.h"
#include "glue_security/testing/storage_suite/storage_target.h"

namespace glue_security {

struct StorageInterleavedReport {
  bool ok() const { return text.empty(); }

  uint64_t seed = 0;
  // The counts of the random runs, the first failing one included.
  InterleavedStatistics statistics;

  // The rest describes a failure, and is empty when there is none.
  //
  // The clause of the storage contract to look at first, the steps and calls of
  // the smallest failing run, and how to repeat it.
  std::string text;
  // The choices of that run, which can be run again. They may be empty: the
  // simplest run fails, or `create` does.
  Choices choices;
  // The calls of that run, and the number of its steps.
  History history;
  int64_t steps = 0;
  // Why no order explains the answers; empty when the storage failed otherwise.
  std::optional<Violation> violation;
  // The history as a web page (history_timeline.h), if it was asked for.
  std::string timeline;
};

// Makes the runs, and shrinks and reports the first one that fails.
//
// Errors: an exception of `create`, and a storage that it does not return, are
// reported as failures; so is a clock that is refused, before the first run.
// Nothing is thrown.
// REQUIRES: `target.create` is set.
StorageInterleavedReport CheckStorageInterleaved(
    const StorageUnderTest& target,
    const StorageInterleavedOptions& options = StorageInterleavedOptions());

// Does so for a storage without hooks. `create` makes a new, empty storage.
StorageInterleavedReport CheckStorageInterleaved(
    std::function<std::unique_ptr<Storage>()> create,
    const StorageInterleavedOptions& options = StorageInterleavedOptions());

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_INTERLEAVED_STORAGE_INTERLEAVED_H_
