#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "glue_security/encryption/keys/key_names.h"
#include "glue_security/encryption/keys/kms_constraints.h"
#include "glue_security/encryption/keys/kms_core.h"
#include "glue_security/encryption/keys/kms_refusal.h"
#include "glue_security/encryption/keys/local_kms.h"

// The operations that make keys and change their state.

namespace glue_security {
namespace {

// How long a key is pending deletion unless the call says it.
constexpr int64_t kPendingDays = 30;

// Returns the refusal of a spec and a usage that do not go together.
std::optional<KeyRefusal> RefuseSpec(const CreateKeyCall& call,
                                     const KeySpec& spec) {
  if (!call.key_usage.has_value()) {
    if (spec.kind == KeyKind::kSymmetric) return std::nullopt;
    return Refuse("ValidationException",
                  "You must specify a KeyUsage value for all KMS keys except "
                  "for symmetric encryption keys.");
  }
  if (!spec.algorithms(*ParseKeyUsage(*call.key_usage)).empty()) {
    return std::nullopt;
  }
  return Refuse("ValidationException",
                absl::StrCat("KeyUsage ", *call.key_usage,
                             " is not compatible with KeySpec ", spec.name));
}

// Opens a key for an operation that needs its id or ARN and nothing else.
std::optional<KeyRefusal> OpenById(KmsCall* call, absl::string_view operation,
                                   absl::string_view text, KeyRecord** key) {
  KeyRequest request;
  request.operation = operation;
  request.key = text;
  return call->Open(request, key);
}

// Moves a key that is not pending deletion into `state`.
std::optional<KeyRefusal> MoveTo(KmsCore* core, const KeyCaller& caller,
                                 absl::string_view operation,
                                 absl::string_view text, KeyState state) {
  KmsConstraints constraints;
  constraints.Key(text);
  if (auto refusal = constraints.Refusal()) return refusal;
  KmsCall call(core, caller);
  KeyRecord* key = nullptr;
  if (auto refusal = OpenById(&call, operation, text, &key)) return refusal;
  if (auto refusal =
          RefuseIfPendingDeletion(key->metadata.state, key->metadata.arn)) {
    return refusal;
  }
  key->metadata.state = state;
  return std::nullopt;
}

}  // namespace

KeyAnswerOf<KeyMetadata> LocalKms::CreateKey(const KeyCaller& caller,
                                             const CreateKeyCall& call) {
  return core_->Answer([&]() -> KeyAnswerOf<KeyMetadata> {
    if (auto refusal = RefuseBroken(call)) return *std::move(refusal);
    const KeySpec& spec = *FindKeySpec(call.key_spec);
    if (auto refusal = RefuseSpec(call, spec)) return *std::move(refusal);
    const KeyUsage usage = call.key_usage.has_value()
                               ? *ParseKeyUsage(*call.key_usage)
                               : KeyUsage::kEncryptDecrypt;
    KmsCall run(core_.get(), caller);
    if (auto refusal = run.RefuseNewKey()) return *std::move(refusal);
    ContextKeys more = BypassKey(call.bypass_policy_lockout_safety_check);
    more["kms:KeySpec"] = {std::string(spec.name)};
    more["kms:KeyUsage"] = {std::string(KeyUsageName(usage))};
    more["kms:KeyOrigin"] = {"AWS_KMS"};
    more["kms:MultiRegion"] = {"false"};
    if (auto refusal = run.RefuseAccessTo("CreateKey", "*", std::move(more))) {
      return *std::move(refusal);
    }
    auto policy = ParseKeyPolicy(
        call.policy.has_value()
            ? *call.policy
            : DefaultKeyPolicy(caller.caller, caller.caller.account_id));
    if (auto* const refusal = std::get_if<KeyRefusal>(&policy)) {
      return std::move(*refusal);
    }
    KeyRecord key = run.MakeKey(spec, usage, KeyManager::kCustomer,
                                std::get<KeyPolicy>(std::move(policy)));
    key.metadata.description = call.description;
    if (auto refusal =
            run.RefuseLockOut(key, key.policy.evaluator,
                              call.bypass_policy_lockout_safety_check)) {
      return *std::move(refusal);
    }
    const LocalKmsLimits& limits = core_->options.limits;
    if (run.store().CustomerKeys(key.scope) >= limits.keys_max) {
      return Refuse("LimitExceededException",
                    "the account has as many keys in the region as it may "
                    "have");
    }
    if (run.store().Keys() >= limits.keys_in_all_max) {
      return Refuse("LimitExceededException",
                    "there are as many keys in all as there may be");
    }
    KeyMetadata metadata = key.metadata;
    run.store().Add(std::move(key));
    return metadata;
  });
}

std::optional<KeyRefusal> LocalKms::EnableKey(const KeyCaller& caller,
                                              absl::string_view key) {
  return core_->Answer([&] {
    return MoveTo(core_.get(), caller, "EnableKey", key, KeyState::kEnabled);
  });
}

std::optional<KeyRefusal> LocalKms::DisableKey(const KeyCaller& caller,
                                               absl::string_view key) {
  return core_->Answer([&] {
    return MoveTo(core_.get(), caller, "DisableKey", key, KeyState::kDisabled);
  });
}

KeyAnswerOf<ScheduleKeyDeletionResult> LocalKms::ScheduleKeyDeletion(
    const KeyCaller& caller, const ScheduleKeyDeletionCall& call) {
  return core_->Answer([&]() -> KeyAnswerOf<ScheduleKeyDeletionResult> {
    if (auto refusal = RefuseBroken(call)) return *std::move(refusal);
    const int64_t days = call.pending_window_in_days.value_or(kPendingDays);
    KmsCall run(core_.get(), caller);
    KeyRequest request;
    request.operation = "ScheduleKeyDeletion";
    request.key = call.key;
    request.more["kms:ScheduleKeyDeletionPendingWindowInDays"] = {
        absl::StrCat(days)};
    KeyRecord* key = nullptr;
    if (auto refusal = run.Open(request, &key)) return *std::move(refusal);
    if (auto refusal =
            RefuseIfPendingDeletion(key->metadata.state, key->metadata.arn)) {
      return *std::move(refusal);
    }
    ScheduleKeyDeletionResult result;
    result.key_arn = key->metadata.arn;
    result.deletion_date = run.now() + absl::Hours(24) * days;
    result.pending_window_in_days = days;
    run.store().ScheduleDeletion(key, result.deletion_date);
    return result;
  });
}

KeyAnswerOf<std::string> LocalKms::CancelKeyDeletion(const KeyCaller& caller,
                                                     absl::string_view key) {
  return core_->Answer([&]() -> KeyAnswerOf<std::string> {
    KmsConstraints constraints;
    constraints.Key(key);
    if (auto refusal = constraints.Refusal()) return *std::move(refusal);
    KmsCall run(core_.get(), caller);
    KeyRecord* record = nullptr;
    if (auto refusal = OpenById(&run, "CancelKeyDeletion", key, &record)) {
      return *std::move(refusal);
    }
    std::string arn = record->metadata.arn;
    if (record->metadata.state != KeyState::kPendingDeletion) {
      return Refuse("KMSInvalidStateException",
                    absl::StrCat(arn, " is not pending deletion."));
    }
    run.store().CancelDeletion(record);
    return arn;
  });
}

KeyAnswerOf<std::string> LocalKms::RotateKeyOnDemand(const KeyCaller& caller,
                                                     absl::string_view key) {
  return core_->Answer([&]() -> KeyAnswerOf<std::string> {
    KmsConstraints constraints;
    constraints.Key(key);
    if (auto refusal = constraints.Refusal()) return *std::move(refusal);
    KmsCall run(core_.get(), caller);
    KeyRecord* record = nullptr;
    if (auto refusal = OpenById(&run, "RotateKeyOnDemand", key, &record)) {
      return *std::move(refusal);
    }
    std::string arn = record->metadata.arn;
    if (auto refusal = RefuseUnlessEnabled(record->metadata.state, arn)) {
      return *std::move(refusal);
    }
    if (!record->is_symmetric()) {
      return RefuseWithoutText("UnsupportedOperationException");
    }
    if (record->material.size() > core_->options.limits.rotations_per_key_max) {
      return Refuse(
          "LimitExceededException",
          absl::StrCat("The on-demand rotations limit has been reached for the "
                       "given keyId. No more on-demand rotations can be "
                       "performed for this key: ",
                       arn));
    }
    record->material.push_back(run.NewMaterial());
    return arn;
  });
}

}  // namespace glue_security
