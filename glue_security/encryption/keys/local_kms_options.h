// LocalKmsOptions: the clock, the random source, the hooks and the quotas of a
// LocalKms.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_LOCAL_KMS_OPTIONS_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_LOCAL_KMS_OPTIONS_H_

#include <cstddef>
#include <functional>
#include <limits>

#include "glue_security/backend/clock.h"
#include "glue_security/encryption/keys/random_source.h"
#include "glue_security/policy/authorization.h"

namespace glue_security {

// The quotas that KMS lets its customers adjust. What would exceed one is
// refused with LimitExceededException.
struct LocalKmsLimits {
  // Customers' keys in an account and region, those that are pending deletion
  // included.
  size_t keys_max = 100'000;
  // Keys of all accounts and regions, those managed by AWS included. KMS has no
  // such quota: it bounds the memory. Beyond it `alias/aws/glue` of a new
  // account and region does not exist.
  size_t keys_in_all_max = std::numeric_limits<size_t>::max();
  size_t aliases_per_key_max = 50;
  // Has no effect on keys that are managed by AWS.
  size_t grants_per_key_max = 50'000;
  // Rotations on demand of one key.
  size_t rotations_per_key_max = 25;
};

// The hooks are called while other calls wait. They must not block, and must
// not call the LocalKms. An exception from a hook ends the call in which it is
// thrown, and has changed nothing.
struct LocalKmsOptions {
  // The dates of keys, and the time at which a key is gone. Not null.
  Clock* clock = Clock::System();
  // The keys, nonces, ids and data keys. Not null.
  RandomSource* random = RandomSource::System();
  // Returns the decision of the caller's identity policies about a request: the
  // principal, an action such as "kms:Encrypt", the ARN of the key, and the
  // condition keys. Pure, thread-safe. Empty: DecisionKind::kAllow.
  std::function<DecisionKind(const AuthorizationRequest&)> identity;
  LocalKmsLimits limits;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_LOCAL_KMS_OPTIONS_H_
