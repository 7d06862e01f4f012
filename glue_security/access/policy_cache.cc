#include "glue_security/access/policy_cache.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "glue_security/policy/policy.h"

namespace glue_security {
namespace {

// Uses the policy's own hash, which is at hand and shorter than the text.
size_t HashOf(const ResourcePolicyView& policy) {
  return absl::HashOf(policy.policy_hash, policy.policy_in_json.size());
}

// Estimates, from above, the memory of the text and its compiled form. An entry
// of a list has two quotes or a comma, and a wildcard is a piece of its own.
size_t EstimateBytes(absl::string_view text) {
  constexpr size_t kPieceBytes = 512;
  constexpr size_t kBytesPerByte = 4;
  const auto pieces =
      static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return c == '"' || c == ',' || c == '*' || c == '?' || c == '$';
      }));
  return sizeof(CachedPolicy) + kBytesPerByte * text.size() +
         kPieceBytes * pieces;
}

}  // namespace

std::shared_ptr<const CachedPolicy> PolicyCache::Find(
    const ResourcePolicyView& policy) const {
  auto found = memo_.Find(HashOf(policy));
  if (found != nullptr && found->text != policy.policy_in_json) found.reset();
  return found;
}

std::shared_ptr<const CachedPolicy> PolicyCache::Get(
    const ResourcePolicyView& policy) {
  if (auto found = Find(policy)) return found;
  const absl::string_view text = policy.policy_in_json;
  auto made = std::make_shared<CachedPolicy>();
  made->id = ++last_id_;
  made->text.assign(text.data(), text.size());
  const auto parsed =
      ParsePolicy(text, PolicyChecks::kGrammar, CatalogContext());
  if (const auto* checked = std::get_if<Policy>(&parsed)) {
    made->evaluator.emplace(*checked);
  }
  memo_.Put(HashOf(policy), made, EstimateBytes(text));
  return made;
}

}  // namespace glue_security
