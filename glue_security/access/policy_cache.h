// PolicyCache: stored policies, compiled.

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

// A stored text and what came of it.
struct CachedPolicy {
  // From 1; no other policy of the cache ever had it.
  uint64_t id = 0;
  std::string text;
  // nullopt: the text breaks the grammar.
  std::optional<PolicyEvaluator> evaluator;

  // nullptr: the text breaks the grammar, and decides nothing.
  const PolicyEvaluator* policy() const {
    return evaluator.has_value() ? &*evaluator : nullptr;
  }
};

// Holds no truth: it is asked with the policy that is in force, and gives back
// what was compiled from exactly this text. So it serves any number of storages
// and catalogs, whose revisions and hashes may be alike. Thread-safe.
class PolicyCache {
 public:
  static constexpr size_t kPoliciesMax = 1024;
  // The memory that they take, as it is estimated from their texts.
  static constexpr size_t kBytesMax = size_t{32} << 20;

  PolicyCache() : memo_(kPoliciesMax, kBytesMax) {}

  // What `policy` was compiled to, where it is held; else nullptr.
  std::shared_ptr<const CachedPolicy> Find(
      const ResourcePolicyView& policy) const;

  // The same, compiled where it is not held: not null. Throws std::bad_alloc,
  // and knows then what it knew before.
  std::shared_ptr<const CachedPolicy> Get(const ResourcePolicyView& policy);

 private:
  std::atomic<uint64_t> last_id_{0};
  BoundedMemo<CachedPolicy> memo_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ACCESS_POLICY_CACHE_H_
