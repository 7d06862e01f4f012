// InterleavedRunner: makes the runs of storage_interleaved.h and judges them.

#ifndef GLUE_SECURITY_TESTING_INTERLEAVED_INTERLEAVED_RUN_H_
#define GLUE_SECURITY_TESTING_INTERLEAVED_INTERLEAVED_RUN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "glue_security/backend/fake_clock.h"
#include "glue_security/backend/history.h"
#include "glue_security/state_machine/step_types.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/histories/linearizability.h"
#include "glue_security/testing/interleaved/interleaved_statistics.h"
#include "glue_security/testing/interleaved/storage_interleaved_options.h"
#include "glue_security/testing/interleaved/storage_workload.h"
#include "glue_security/testing/storage_suite/storage_target.h"

namespace glue_security {
namespace interleaved_internal {

// Why a run failed.
enum class RunFault {
  kNone,
  // There was no storage.
  kNoStorage,
  // The storage did what no storage may do, whatever the history is.
  kStorage,
  // An answer said that a record is damaged.
  kDamaged,
  // No order of the calls explains their answers.
  kIllegal,
};

struct RunResult {
  RunFault fault = RunFault::kNone;
  // kStorage: the clause that is broken, if it is known.
  std::string clause;
  // The fault in words; empty for kIllegal.
  std::string text;

  History history;
  // The verdict on the history, unless the run failed before it ended.
  LinearizabilityResult judged;
  InterleavedStatistics counts;
  int64_t steps = 0;
  std::vector<std::string> lines;

  // For each choice, the call or event that it belongs to (shrink_steps.h).
  std::vector<size_t> steps_of_choices;
  // The choices that name a client, as its number + 1, or 0 for the client that
  // goes on.
  struct Turn {
    size_t place = 0;
    // The client that made a step, as its number + 1; 0: none did.
    uint64_t client = 0;
  };
  std::vector<Turn> turns;
};

// Returns true when both failed in the same way.
bool SameFault(const RunResult& a, const RunResult& b);

// Makes runs on new storages. Not thread-safe.
class InterleavedRunner {
 public:
  // REQUIRES: both outlive this.
  InterleavedRunner(const StorageUnderTest& target,
                    const StorageInterleavedOptions& options);

  // Makes one run. With `keeps_lines` the result has its steps as text, and a
  // violation is explained.
  RunResult Run(RecordingChoices& choices, bool keeps_lines);

  uint64_t clients() const { return clients_; }

 private:
  // Returns how many ways to fail the storage has.
  uint64_t CountWays() const;
  void Judge(bool explains, RunResult* result) const;

  const StorageUnderTest& target_;
  const StorageInterleavedOptions& options_;
  const uint64_t clients_;
  uint64_t ways_ = 0;
  CoreOptions core_;
  LinearizabilityOptions judging_;
  StorageWorkload workload_;
  FakeClock own_clock_;
  FakeClock& clock_;
  const absl::Time start_;
};

}  // namespace interleaved_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_INTERLEAVED_INTERLEAVED_RUN_H_
