// StorageUnderTest: describes a storage to the conformance suite.
//
// Two fields are enough for a storage in memory:
//
//   StorageUnderTest target;
//   target.name = "MyStorage";
//   target.create = [] { return std::make_unique<MyStorage>(); };
//
// Each further hook lets the suite look where it otherwise cannot: after a
// crash, into a fork, between two steps of one call, at failures. Without a
// hook the suite tests as much as it can from outside; see each hook.

#ifndef GLUE_SECURITY_TESTING_STORAGE_SUITE_STORAGE_TARGET_H_
#define GLUE_SECURITY_TESTING_STORAGE_SUITE_STORAGE_TARGET_H_

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

// A clause of storage.h that a storage does not keep, and why. Its test is
// skipped and shows the reason.
struct StorageDeviation {
  int clause = 0;
  std::string reason;
};

struct StorageUnderTest {
  // The name, which becomes part of the tests' names: letters, digits and
  // underscores.
  std::string name;

  // Makes a new, empty storage. Called for every example, some thousand times
  // in a run of the suite. The storages need not exist at the same time.
  std::function<std::unique_ptr<Storage>()> create;

  // The clauses that the storage does not keep on purpose.
  std::vector<StorageDeviation> deviations;

  // Optional, for a storage that survives its object (S11). Ends the given
  // storage as a crash would, and opens the same records again. Without it no
  // test goes across a restart.
  std::function<std::unique_ptr<Storage>(std::unique_ptr<Storage>)> reopen;

  // Optional, for a storage with branches (S10, S11). Makes another storage of
  // the same family, with the same records. Without it there is one branch.
  std::function<std::unique_ptr<Storage>(Storage&)> fork;

  // Optional, for interleavings that do not depend on luck (S2, S8, S9, S17,
  // S18). From now on the storage calls `step` on the thread of a call, at each
  // point of `Read`, `Commit` and `VisitRecord` where it holds no lock and a
  // call of another thread could come between: for example, between two
  // statements to its database. With an empty function it stops. The suite
  // makes a second call from another thread at each of these points in turn.
  // Without this hook there are only threads that run freely.
  std::function<void(Storage&, std::function<void()> step)> set_step;

  // Optional, for failures (S14 to S16). Makes the next `Commit` fail once, in
  // the `way`-th way that the storage knows, from 0: the disk is full, the
  // connection breaks after sending. Returns false when there are no more ways.
  // Without it the suite puts a FaultInjectingStorage in front. That shows what
  // a late or doubled batch does to the storage, but not how the storage
  // handles failures beneath it.
  std::function<bool(Storage&, int way)> fail_next_commit;

  // Optional, beside `fail_next_commit`. Before it returns, all that is still
  // under way of failed commits arrives.
  std::function<void(Storage&)> settle;

  // The rounds of each thread in an example with threads that run freely, and
  // the time after which such an example ends with fewer. Both are a quarter in
  // the settings that slow each call down. The defaults find a snapshot that is
  // torn between two locks, which takes some 2,000 rounds, and a race in one of
  // 64 commits, which takes some 20,000. At least one round is made, whatever
  // the time.
  int rounds = 20'000;
  absl::Duration rounds_time_max = absl::Seconds(10);
};

// Prints a parameter for GoogleTest.
inline void PrintTo(const StorageUnderTest& target, std::ostream* os) {
  *os << target.name;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_STORAGE_SUITE_STORAGE_TARGET_H_
