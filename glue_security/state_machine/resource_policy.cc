#include "glue_security/state_machine/resource_policy.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_document.h"
#include "glue_security/policy/policy_printer.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/state_machine/transitions.h"
#include "glue_security/v1/resource_policy.pb.h"

namespace glue_security {
namespace {

// The record of the policy. `damaged` when it cannot be read; else absent when
// nothing was ever put, and `deleted` when it was and is no more.
struct StoredPolicy {
  bool damaged = false;
  std::optional<ResourcePolicyView> view;

  bool exists() const { return view.has_value() && !view->deleted; }
};

// `check`: of the text, which not everybody needs.
StoredPolicy ReadPolicy(const SnapshotView& snapshot, TextCheck check) {
  StoredPolicy policy;
  if (snapshot.has(0)) {
    policy.view = DecodeResourcePolicy(snapshot.value(0), check);
    policy.damaged = !policy.view.has_value();
  }
  return policy;
}

// The time to write: times never go backwards within a record, whatever the
// clock does, across a deletion too.
int64_t TimeToWrite(const StoredPolicy& policy, int64_t now_ms) {
  return policy.view.has_value() ? std::max(now_ms, policy.view->update_time_ms)
                                 : now_ms;
}

v1::Error NotAJsonObject(absl::string_view why, size_t offset) {
  return MakeError(v1::ERROR_CODE_INVALID_INPUT,
                   absl::StrCat("the policy document is not a JSON object: at "
                                "byte ",
                                offset, ", ", why));
}

// Tells of the first findings.
v1::Error BrokenRules(const std::vector<Finding>& findings) {
  constexpr size_t kTold = 3;
  std::string message =
      absl::StrCat("the policy document breaks ",
                   findings.size() < kFindingsMax ? "" : "at least ",
                   findings.size(), findings.size() == 1 ? " rule" : " rules");
  const char* separator = ": ";
  for (size_t i = 0; i < findings.size() && i < kTold; ++i) {
    const Finding& finding = findings[i];
    absl::StrAppend(&message, separator, FindingCodeName(finding.code),
                    " at line ", finding.line, ", column ", finding.column,
                    ": ", finding.message);
    separator = "; ";
  }
  if (findings.size() > kTold) absl::StrAppend(&message, "; and so on");
  return MakeError(v1::ERROR_CODE_INVALID_INPUT, std::move(message));
}

// nullopt where there is no finding.
std::optional<v1::Error> ToError(const std::vector<Finding>& findings) {
  if (findings.empty()) return std::nullopt;
  const Finding& first = findings.front();
  return first.code == FindingCode::kJsonSyntaxError
             ? NotAJsonObject(first.message, first.offset)
             : BrokenRules(findings);
}

v1::Error ConditionCheckFailure(absl::string_view why) {
  return MakeError(v1::ERROR_CODE_CONDITION_CHECK_FAILURE, std::string(why));
}

// The conditions of PutResourcePolicy: existence first, then the hash.
std::optional<v1::Error> CheckPutConditions(
    const v1::PutResourcePolicyRequest& request, const StoredPolicy& policy,
    const Behavior& behavior) {
  switch (request.policy_exists_condition()) {
    case v1::POLICY_EXISTS_CONDITION_MUST_EXIST:
      if (!policy.exists()) {
        return MakeError(behavior.must_exist_error_code,
                         "the policy must exist, and there is none");
      }
      break;
    case v1::POLICY_EXISTS_CONDITION_NOT_EXIST:
      if (policy.exists()) {
        return ConditionCheckFailure("the policy must not exist, and it does");
      }
      break;
    default:
      break;
  }
  if (request.has_policy_hash_condition()) {
    if (!policy.exists()) {
      return ConditionCheckFailure(
          "a policy hash is given, and there is no policy");
    }
    if (request.policy_hash_condition() != policy.view->policy_hash) {
      return ConditionCheckFailure("the policy has another hash");
    }
  } else if (behavior.require_hash_to_overwrite && policy.exists()) {
    return ConditionCheckFailure(
        "a policy exists, and its hash is needed to overwrite it");
  }
  return std::nullopt;
}

}  // namespace

RecordKey ResourcePolicyKey() { return {RecordKind::kResourcePolicy, ""}; }

v1::Error PolicyNotFoundError() {
  return MakeError(v1::ERROR_CODE_ENTITY_NOT_FOUND, "Policy not found");
}

std::optional<v1::Error> PreparePolicyDocument(PreparedOperation* operation) {
  const CoreOptions& options = *operation->options;
  const PolicyChecks checks = options.behavior.policy_checks;
  if (checks == PolicyChecks::kNone) return std::nullopt;
  const std::string& text =
      operation->request.as<v1::PutResourcePolicyRequest>().policy_in_json();
  const size_t depth_max = options.limits.policy_depth_max;
  const Caller& caller = *operation->caller;
  const CatalogContext catalog = {caller.account_id, caller.region,
                                  caller.principal_arn,
                                  options.principal_exists};
  if (!options.behavior.reprint_policies) {
    return ToError(CheckPolicy(text, checks, catalog, depth_max));
  }
  if (checks == PolicyChecks::kJson) {
    const auto parsed = PolicyDocument::Parse(text, depth_max);
    if (const auto* error = std::get_if<JsonError>(&parsed)) {
      return NotAJsonObject(error->message, error->offset);
    }
    operation->reprinted_policy =
        PrintLikeService(std::get<PolicyDocument>(parsed));
    return std::nullopt;
  }
  const auto parsed = ParsePolicy(text, checks, catalog, depth_max);
  if (const auto* findings = std::get_if<std::vector<Finding>>(&parsed)) {
    return ToError(*findings);
  }
  operation->reprinted_policy =
      PrintLikeService(std::get<Policy>(parsed).document());
  return std::nullopt;
}

namespace {

// Puts the policy in the place of `policy`, whose conditions hold.
Transition PutPolicy(const PreparedOperation& operation,
                     const SnapshotView& snapshot, const StoredPolicy& policy,
                     int64_t now_ms, const CommitId& commit_id) {
  const auto& request = operation.request.as<v1::PutResourcePolicyRequest>();
  const int64_t time_ms = TimeToWrite(policy, now_ms);
  const std::string& text = operation.reprinted_policy.has_value()
                                ? *operation.reprinted_policy
                                : request.policy_in_json();
  std::string hash = operation.options->hasher->Hash(text);

  ResourcePolicyView stored;
  stored.policy_in_json = text;
  stored.policy_hash = hash;
  stored.create_time_ms =
      policy.exists() ? policy.view->create_time_ms : time_ms;
  stored.update_time_ms = time_ms;

  Transition transition;
  StartBatch(operation, snapshot, &transition.write_batch);
  Rewrite(ResourcePolicyKey(), snapshot.revision(0),
          EncodeResourcePolicy(commit_id, stored), &transition.write_batch);
  auto& response = transition.outcome.emplace<v1::PutResourcePolicyResponse>();
  OrEnd([&] { response.set_policy_hash(std::move(hash)); });
  return transition;
}

}  // namespace

Transition ApplyPutResourcePolicy(const PreparedOperation& operation,
                                  const SnapshotView& snapshot, int64_t now_ms,
                                  const CommitId& commit_id) {
  const auto& request = operation.request.as<v1::PutResourcePolicyRequest>();
  const StoredPolicy policy = ReadPolicy(snapshot, TextCheck::kNone);
  if (policy.damaged) return FailDamaged();
  if (auto error =
          CheckPutConditions(request, policy, operation.options->behavior)) {
    return Fail(*std::move(error));
  }
  return PutPolicy(operation, snapshot, policy, now_ms, commit_id);
}

Transition ApplyGetResourcePolicy(const SnapshotView& snapshot) {
  const StoredPolicy policy = ReadPolicy(snapshot, TextCheck::kUtf8);
  if (policy.damaged) return FailDamaged();
  if (!policy.exists()) return Fail(PolicyNotFoundError());
  Transition transition;
  auto& response = transition.outcome.emplace<v1::GetResourcePolicyResponse>();
  const ResourcePolicyView& view = *policy.view;
  OrEnd([&] {
    response.set_policy_in_json(view.policy_in_json.data(),
                                view.policy_in_json.size());
    response.set_policy_hash(view.policy_hash.data(), view.policy_hash.size());
    *response.mutable_create_time() = ToTimestamp(view.create_time_ms);
    *response.mutable_update_time() = ToTimestamp(view.update_time_ms);
  });
  return transition;
}

Transition ApplyDeleteResourcePolicy(const PreparedOperation& operation,
                                     const SnapshotView& snapshot,
                                     int64_t now_ms,
                                     const CommitId& commit_id) {
  const auto& request = operation.request.as<v1::DeleteResourcePolicyRequest>();
  const StoredPolicy policy = ReadPolicy(snapshot, TextCheck::kNone);
  if (policy.damaged) return FailDamaged();
  if (!policy.exists()) return Fail(PolicyNotFoundError());
  if (request.has_policy_hash_condition() &&
      request.policy_hash_condition() != policy.view->policy_hash) {
    return Fail(ConditionCheckFailure("the policy has another hash"));
  }
  // A mark stays in its place, so that a run whose commit got no answer can
  // find its own id.
  ResourcePolicyView stored;
  stored.deleted = true;
  stored.update_time_ms = TimeToWrite(policy, now_ms);

  Transition transition;
  StartBatch(operation, snapshot, &transition.write_batch);
  Rewrite(ResourcePolicyKey(), snapshot.revision(0),
          EncodeResourcePolicy(commit_id, stored), &transition.write_batch);
  transition.outcome.emplace<v1::DeleteResourcePolicyResponse>();
  return transition;
}

}  // namespace glue_security
