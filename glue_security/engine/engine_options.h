// EngineOptions: what an engine does its work with.

#ifndef GLUE_SECURITY_ENGINE_ENGINE_OPTIONS_H_
#define GLUE_SECURITY_ENGINE_ENGINE_OPTIONS_H_

#include <functional>

#include "absl/strings/string_view.h"
#include "glue_security/backend/clock.h"
#include "glue_security/engine/observer.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/authorizer.h"
#include "glue_security/state_machine/policy_hasher.h"

namespace glue_security {

// The clock, the hasher and `next_commit_id` may be called while other writers
// of the catalog wait for this one, and the first two and the authorizer while
// the storage lends a record: they must neither block nor call the engine or
// its storage. `wait` and the observer may. What a hook throws ends the call in
// which it is thrown: see engine.h.
struct EngineOptions {
  Behavior behavior = Behavior::Documented();
  // `limits.attempts_max` bounds the retries of one call.
  Limits limits;
  // Not null.
  Clock* clock = Clock::System();
  // Not null.
  const PolicyHasher* hasher = PolicyHasher::Default();
  // Null: every operation is allowed. Pure; see there.
  const Authorizer* authorizer = nullptr;
  // At PolicyChecks::kGlue: whether there is the account, or the one with the
  // ARN or unique id, that a policy names. Pure. Empty: everybody exists.
  std::function<bool(absl::string_view)> principal_exists;
  // Null: nobody watches.
  Observer* observer = nullptr;
  // Waits before a call tries again; `attempts` counts from 1. Empty: yields at
  // first, then sleeps, 1 ms at most. Thread-safe.
  std::function<void(int attempts)> wait;
  // Gives a commit id that no run on this storage ever had or will have. Empty:
  // a random start and a counter. Thread-safe. Give your own to make a run's
  // stored bytes repeatable.
  std::function<CommitId()> next_commit_id;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENGINE_ENGINE_OPTIONS_H_
