// PolicyCache: a cache of compiled policies.

#ifndef GLUE_SECURITY_ACCESS_POLICY_CACHE_H_
#define GLUE_SECURITY_ACCESS_POLICY_CACHE_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "glue_security/access/bounded_memo.h"
#include "glue_security/policy/policy_evaluator.h"
#include "glue_security/state_machine/stored_record.h"

namespace glue_security {

// A stored policy text and its compiled form.
struct CachedPolicy {
  // Counts from 1. No other policy of the cache ever has the same id.
  uint64_t id = 0;
  std::string text;
  // nullopt: the text breaks the grammar.
  std::optional<PolicyEvaluator> evaluator;

  // Returns nullptr if the text breaks the grammar; such a text decides
  // nothing.
  const PolicyEvaluator* policy() const {
    return evaluator.has_value() ? &*evaluator : nullptr;
  }
};

// The caller brings the policy that is in force, and the cache returns what was
// compiled from exactly this text. One cache therefore serves any number of
// storages and catalogs, even if their revisions and hashes are equal.
// Thread-safe.
class PolicyCache {
 public:
  static constexpr size_t kPoliciesMax = 1024;
  // The bound of their memory, which is estimated from the texts.
  static constexpr size_t kBytesMax = size_t{32} << 20;

  PolicyCache() : memo_(kPoliciesMax, kBytesMax) {}

  // Returns the compiled form of `policy`, or nullptr if it is not held. What
  // one thread has compiled another may have to compile again.
  std::shared_ptr<const CachedPolicy> Find(
      const ResourcePolicyView& policy) const;

  // Returns the compiled form of `policy`, never null, and compiles it if it is
  // not held. Throws std::bad_alloc, which leaves the cache unchanged.
  std::shared_ptr<const CachedPolicy> Get(const ResourcePolicyView& policy);

 private:
  std::atomic<uint64_t> last_id_{0};
  ThreadedMemo<CachedPolicy> memo_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ACCESS_POLICY_CACHE_H_
