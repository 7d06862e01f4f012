#include "glue_security/access/policy_authorizer.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

#include "absl/hash/hash.h"
#include "glue_security/access/judge_access.h"
#include "glue_security/policy/access.h"

namespace glue_security {
namespace {

constexpr size_t kAnswersMax = 4096;
constexpr size_t kAnswerBytesMax = size_t{8} << 20;

size_t BytesOf(const Caller& caller) {
  return caller.account_id.size() + caller.region.size() +
         caller.principal_arn.size() + caller.partition.size() +
         caller.role_arn.size() + caller.unique_id.size();
}

}  // namespace

PolicyAuthorizer::PolicyAuthorizer(IdentityPolicy identity,
                                   const Behavior& behavior)
    : identity_(std::move(identity)),
      explain_denials_(behavior.explain_denials),
      denials_name_outermost_(behavior.denials_name_outermost),
      answers_(kAnswersMax, kAnswerBytesMax) {}

PolicyAuthorizer::PolicyAuthorizer(DecisionKind identity,
                                   const Behavior& behavior)
    : PolicyAuthorizer([identity](const OperationAccess&) { return identity; },
                       behavior) {}

std::optional<std::string> PolicyAuthorizer::Refuse(
    const OperationAccess& access) const {
  const DecisionKind identity =
      identity_ ? identity_(access) : DecisionKind::kImplicitDeny;
  std::shared_ptr<const CachedPolicy> policy;
  if (access.policy != nullptr) policy = policies_.Get(*access.policy);
  // The objects are too many to keep answers about them.
  if (!access.objects.empty()) {
    return Judge(access, identity,
                 policy == nullptr ? nullptr : policy->policy());
  }
  const uint64_t id = policy == nullptr ? 0 : policy->id;
  const size_t hash = absl::HashOf(
      access.caller.principal_arn, access.caller.partition,
      access.caller.role_arn, access.caller.unique_id, access.caller.account_id,
      access.catalog.catalog_id, access.catalog.region,
      static_cast<int>(access.operation), static_cast<int>(identity), id);
  const auto known = answers_.Find(hash);
  if (known != nullptr && IsAnswerTo(*known, access, identity, id)) {
    return known->refusal;
  }
  auto answer = std::make_shared<KnownAnswer>();
  answer->caller = access.caller;
  answer->operation = access.operation;
  answer->catalog = access.catalog;
  answer->identity = identity;
  answer->policy = id;
  answer->refusal =
      Judge(access, identity, policy == nullptr ? nullptr : policy->policy());
  const size_t bytes =
      sizeof(KnownAnswer) + BytesOf(answer->caller) +
      answer->catalog.catalog_id.size() + answer->catalog.region.size() +
      (answer->refusal.has_value() ? answer->refusal->size() : 0);
  answers_.Put(hash, answer, bytes);
  return answer->refusal;
}

bool PolicyAuthorizer::IsAnswerTo(const KnownAnswer& answer,
                                  const OperationAccess& access,
                                  DecisionKind identity, uint64_t policy) {
  return answer.policy == policy && answer.identity == identity &&
         answer.operation == access.operation &&
         answer.caller == access.caller && answer.catalog == access.catalog;
}

std::optional<std::string> PolicyAuthorizer::Judge(
    const OperationAccess& access, DecisionKind identity,
    const PolicyEvaluator* policy) const {
  NeededAccess needed;
  needed.action = access.action();
  for (AccessResource& resource : access.resources()) {
    needed.resources.push_back({std::move(resource.arn), resource.is_set});
  }
  if (denials_name_outermost_) {
    std::reverse(needed.resources.begin(), needed.resources.end());
  }
  AccessInputs inputs;
  inputs.same_account = access.caller.account_id == access.catalog.catalog_id;
  inputs.identity = identity;
  inputs.resource_policy = policy;
  return JudgeAll(access.caller, AccessFacts(), needed, inputs,
                  explain_denials_, nullptr);
}

}  // namespace glue_security
