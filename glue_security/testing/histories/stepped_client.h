// SteppedClient: a client of an interleaved run. It makes its calls of the
// engine's core one after another, step by step.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_STEPPED_CLIENT_H_
#define GLUE_SECURITY_TESTING_HISTORIES_STEPPED_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "glue_security/backend/clock.h"
#include "glue_security/backend/history.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/keys/random_source.h"
#include "glue_security/state_machine/operation_run.h"
#include "glue_security/state_machine/step_types.h"
#include "glue_security/storage/storage.h"
#include "glue_security/testing/histories/workload.h"

namespace glue_security {
namespace history_internal {

// Keys of a run, which are the same when it is made again.
class RunKeys {
 public:
  // REQUIRES: `clock` outlives this.
  explicit RunKeys(Clock* clock) : kms_(Options(clock)) {}

  KeyService* service() { return &kms_; }

 private:
  LocalKmsOptions Options(Clock* clock) {
    LocalKmsOptions options;
    options.clock = clock;
    options.random = &random_;
    return options;
  }

  SeededRandom random_{0};
  LocalKms kms_;
};

class SteppedClient {
 public:
  // REQUIRES: `storage`, `core`, `clock` and `keys` outlive this.
  SteppedClient(int number, Storage* storage, const CoreOptions* core,
                Clock* clock, KeyService* keys)
      : number_(number),
        storage_(*storage),
        core_(*core),
        clock_(*clock),
        keys_(*keys) {}

  // True when no call is under way.
  bool idle() const { return run_ == nullptr; }
  // The number of calls that were started.
  int calls() const { return calls_; }
  // The place in the history of the last call that was started.
  size_t entry() const { return entry_; }
  // The kind of the next step. REQUIRES: !idle().
  OperationRun::Need need() const { return run_->need(); }
  const ClientKnowledge& known() const { return known_; }

  // Starts a call, at `position` of `history`. `number` counts the calls of all
  // clients from 1 and becomes the commit id. REQUIRES: idle().
  void Start(Call call, uint64_t number, uint64_t position, History* history);

  // Makes one step of the call: a read, a key call, a commit, a wait, or
  // the answer.
  // REQUIRES: !idle().
  void Step(uint64_t position, History* history);

 private:
  const int number_;
  Storage& storage_;
  const CoreOptions& core_;
  Clock& clock_;
  KeyService& keys_;
  Call call_;  // outlives `run_`
  std::unique_ptr<OperationRun> run_;
  size_t entry_ = 0;
  int calls_ = 0;
  ClientKnowledge known_;
};

}  // namespace history_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_STEPPED_CLIENT_H_
