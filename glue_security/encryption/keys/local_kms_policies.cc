#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "glue_security/encryption/keys/kms_constraints.h"
#include "glue_security/encryption/keys/kms_core.h"
#include "glue_security/encryption/keys/kms_refusal.h"
#include "glue_security/encryption/keys/local_kms.h"

// The operations on key policies.

namespace glue_security {
namespace {

std::optional<KeyRefusal> RefusePolicyName(absl::string_view name) {
  if (name == "default") return std::nullopt;
  return Refuse("NotFoundException", "No such policy exists");
}

}  // namespace

std::optional<KeyRefusal> LocalKms::PutKeyPolicy(const KeyCaller& caller,
                                                 const PutKeyPolicyCall& call) {
  return core_->Answer([&]() -> std::optional<KeyRefusal> {
    if (auto refusal = RefuseBroken(call)) return refusal;
    KmsCall run(core_.get(), caller);
    KeyRequest request;
    request.operation = "PutKeyPolicy";
    request.key = call.key;
    request.more = BypassKey(call.bypass_policy_lockout_safety_check);
    KeyRecord* key = nullptr;
    if (auto refusal = run.Open(request, &key)) return refusal;
    if (auto refusal = RefusePolicyName(call.policy_name)) return refusal;
    auto policy = ParseKeyPolicy(call.policy);
    if (auto* const refusal = std::get_if<KeyRefusal>(&policy)) {
      return std::move(*refusal);
    }
    auto& parsed = std::get<KeyPolicy>(policy);
    if (auto refusal = run.RefuseLockOut(
            *key, parsed.evaluator, call.bypass_policy_lockout_safety_check)) {
      return refusal;
    }
    key->policy = std::move(parsed);
    return std::nullopt;
  });
}

KeyAnswerOf<std::string> LocalKms::GetKeyPolicy(const KeyCaller& caller,
                                                const GetKeyPolicyCall& call) {
  return core_->Answer([&]() -> KeyAnswerOf<std::string> {
    if (auto refusal = RefuseBroken(call)) return *std::move(refusal);
    KmsCall run(core_.get(), caller);
    KeyRequest request;
    request.operation = "GetKeyPolicy";
    request.key = call.key;
    KeyRecord* key = nullptr;
    if (auto refusal = run.Open(request, &key)) return *std::move(refusal);
    if (auto refusal = RefusePolicyName(call.policy_name)) {
      return *std::move(refusal);
    }
    return key->policy.text;
  });
}

}  // namespace glue_security
