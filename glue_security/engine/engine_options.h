// EngineOptions: the behavior, limits and hooks of an engine.

#ifndef GLUE_SECURITY_ENGINE_ENGINE_OPTIONS_H_
#define GLUE_SECURITY_ENGINE_ENGINE_OPTIONS_H_

#include <functional>

#include "absl/strings/string_view.h"
#include "glue_security/backend/clock.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/engine/observer.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/authorizer.h"
#include "glue_security/state_machine/policy_hasher.h"

namespace glue_security {

// The clock, the hasher and `next_commit_id` may be called while other writers
// of the catalog wait for this one. The clock, the hasher and the authorizer
// may be called while the storage lends a record. They must neither block nor
// call the engine or its storage; `wait` and the observer may. An exception
// from a hook ends the call in which it is thrown (see engine.h).
struct EngineOptions {
  Behavior behavior = Behavior::Documented();
  // `limits.attempts_max` bounds the retries of one call.
  Limits limits;
  // Not null.
  Clock* clock = Clock::System();
  // Not null.
  const PolicyHasher* hasher = PolicyHasher::Default();
  // Null: every operation is allowed. Pure (see authorizer.h).
  const Authorizer* authorizer = nullptr;
  // Returns true if the account exists that a policy names, or the principal
  // with the ARN or unique id that it names. Asked at PolicyChecks::kGlue.
  // Pure. Empty: all of them exist.
  std::function<bool(absl::string_view)> principal_exists;
  // Encrypts passwords and objects of the catalog (docs/encryption.md). Asked
  // while the storage lends nothing and no other writer waits. Null: a LocalKms
  // of the engine's own, without any key but alias/aws/glue of each account.
  KeyService* key_service = nullptr;
  // Null: no observer.
  Observer* observer = nullptr;
  // Waits before a call tries again; `attempts` counts from 1. Empty: yields at
  // first, then sleeps, at most 1 ms. Thread-safe.
  std::function<void(int attempts)> wait;
  // Returns a commit id that no run on this storage has ever had or will ever
  // have. Empty: a random start and a counter. Thread-safe. Give your own to
  // make the stored bytes of a run repeatable.
  std::function<CommitId()> next_commit_id;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENGINE_ENGINE_OPTIONS_H_
