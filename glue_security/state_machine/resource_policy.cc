#include "glue_security/state_machine/resource_policy.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/encryption/decrypt_probe.h"
#include "glue_security/encryption/encryption_settings.h"
#include "glue_security/encryption/key_refusal.h"
#include "glue_security/json/json_blanks.h"
#include "glue_security/json/json_document.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_printer.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/state_machine/key_needs.h"
#include "glue_security/state_machine/operation_handler.h"
#include "glue_security/state_machine/page_token.h"
#include "glue_security/state_machine/record_time.h"
#include "glue_security/state_machine/settings_record.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/state_machine/transition_steps.h"
#include "glue_security/v1/resource_policy.pb.h"

namespace glue_security {
namespace {

// The one key that every operation here reads and every write here replaces.
constexpr size_t kPolicy = 0;
// The place of the settings, where GetResourcePolicies reads them.
constexpr size_t kSettingsBesidePolicy = 1;

// Returns the time to write. Times never go backwards within a record, not even
// across a deletion (docs/decisions/times.md).
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

// Reports the first findings.
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

// Checks the conditions of PutResourcePolicy: existence first, then the hash.
std::optional<v1::Error> CheckPutConditions(
    const v1::PutResourcePolicyRequest& request, const StoredPolicy& policy,
    const Behavior& behavior) {
  switch (request.policy_exists_condition()) {
    case v1::POLICY_EXISTS_CONDITION_MUST_EXIST:
      if (!policy.exists()) {
        return MakeError(behavior.must_exist_error_code,
                         "the policy must exist, but there is none");
      }
      break;
    case v1::POLICY_EXISTS_CONDITION_NOT_EXIST:
      if (policy.exists()) {
        return ConditionCheckFailure("the policy must not exist, but it does");
      }
      break;
    default:
      break;
  }
  if (request.has_policy_hash_condition()) {
    if (!policy.exists()) {
      return ConditionCheckFailure(
          "a policy hash is given, but there is no policy");
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

StoredPolicy ReadStoredPolicy(const SnapshotView& snapshot, size_t i,
                              TextCheck check) {
  StoredPolicy policy;
  if (snapshot.has(i)) {
    policy.view = DecodeResourcePolicy(snapshot.value(i), check);
    policy.damaged = !policy.view.has_value();
  }
  return policy;
}

v1::Error NoPolicyError(const StoredPolicy& policy) {
  return policy.damaged
             ? DamagedRecordError()
             : MakeError(v1::ERROR_CODE_ENTITY_NOT_FOUND, "Policy not found");
}

namespace {

// Returns true when `request` names a resource other than the caller's catalog.
template <typename Request>
bool NamesAnotherResource(const Request& request, const Caller& caller) {
  return request.has_resource_arn() &&
         request.resource_arn() !=
             CatalogArn({caller.region, caller.account_id, caller.partition});
}

// Checks the ResourceArn of a write.
template <typename Request>
std::optional<v1::Error> CheckResourceArn(const PreparedOperation& operation) {
  const auto& request = operation.request.as<Request>();
  if (NamesAnotherResource(request, *operation.caller) ||
      (operation.options->behavior.refuse_resource_arns &&
       request.has_resource_arn())) {
    return InvalidInput(
        "Glue resource level policy is not currently supported");
  }
  return std::nullopt;
}

std::optional<v1::Error> PlanDeletePolicy(PreparedOperation* operation) {
  operation->read_set.keys.push_back(ResourcePolicyKey());
  return CheckResourceArn<v1::DeleteResourcePolicyRequest>(*operation);
}

std::optional<v1::Error> PlanGetPolicy(PreparedOperation* operation) {
  operation->read_set.keys.push_back(ResourcePolicyKey());
  if (NamesAnotherResource(
          operation->request.as<v1::GetResourcePolicyRequest>(),
          *operation->caller)) {
    return NoPolicyError(StoredPolicy());
  }
  return std::nullopt;
}

std::optional<v1::Error> PlanListPolicies(PreparedOperation* operation) {
  operation->read_set.keys.push_back(ResourcePolicyKey());
  if (operation->options->behavior.policies_need_catalog_key) {
    operation->read_set.keys.push_back(EncryptionSettingsKey());
  }
  const auto& request = operation->request.as<v1::GetResourcePoliciesRequest>();
  // A catalog has one policy, so that there is one page, and no token.
  if (!request.next_token().empty()) return InvalidInput(kWrongPageToken);
  return std::nullopt;
}

// Returns the request of Put as it is in force.
const StructureSchema& PutSchema(const Behavior& behavior) {
  return *ApiSchema::For(behavior)
              .operation(v1::Request::kPutResourcePolicy)
              .request;
}

// Checks that the caller knows of the grants that were made in the console.
std::optional<v1::Error> CheckHybrid(const v1::PutResourcePolicyRequest& put,
                                     const Behavior& behavior) {
  if (!behavior.console_grants_exist ||
      put.enable_hybrid() == v1::ENABLE_HYBRID_VALUES_TRUE) {
    return std::nullopt;
  }
  if (PutSchema(behavior).Find("EnableHybrid") == nullptr) return std::nullopt;
  return InvalidInput(
      "EnableHybrid must be TRUE: there are grants that were made in the "
      "console");
}

std::optional<v1::Error> CheckPolicySize(const std::string& text,
                                         const CoreOptions& options) {
  const size_t bytes_max = std::max<size_t>(options.limits.policy_bytes_max, 1);
  if (text.size() <= bytes_max) return std::nullopt;
  const MemberSchema* const member =
      PutSchema(options.behavior).Find("PolicyInJson");
  // A size that a constraint of the member bounds is not a rule as well.
  if (member->constraints->has_length_bytes_max()) return std::nullopt;
  const size_t bytes = ReprintsPolicies(options.behavior)
                           ? SizeWithoutBlanks(text)
                           : text.size();
  if (bytes <= bytes_max) return std::nullopt;
  return InvalidInput(absl::StrCat("the policy document has ", bytes,
                                   " bytes, more than the limit of ",
                                   bytes_max));
}

// The most bytes that a Put of a stored policy has beside the text: the framing
// of the text (6), the longest hash (258) and two conditions (4).
constexpr size_t kPutBytesBesideText = 268;

// Keeps the text of `document` as the service prints it. A text that could not
// be put back is refused (docs/decisions/reprint.md).
std::optional<v1::Error> Reprint(const JsonDocument& document,
                                 PreparedOperation* operation) {
  operation->reprinted_policy = PrintLikeService(document);
  const size_t bytes = operation->reprinted_policy->size();
  const size_t bytes_max = RequestBytesMax(operation->options->limits);
  if (bytes + kPutBytesBesideText <= bytes_max) return std::nullopt;
  return InvalidInput(
      absl::StrCat("the policy document would be stored with ", bytes,
                   " bytes, more than could be put back in a request with the "
                   "limit of ",
                   bytes_max));
}

// Checks the policy document, of `catalog`, at a level above kNone.
std::optional<v1::Error> CheckDocument(const std::string& text,
                                       const CatalogContext& catalog,
                                       PreparedOperation* operation) {
  const CoreOptions& options = *operation->options;
  const PolicyChecks checks = options.behavior.policy_checks;
  const size_t depth_max = options.limits.policy_depth_max;
  if (!ReprintsPolicies(options.behavior)) {
    return ToError(CheckPolicy(text, checks, catalog, depth_max));
  }
  if (checks == PolicyChecks::kJson) {
    const auto parsed = JsonDocument::Parse(text, depth_max);
    if (const auto* error = std::get_if<JsonError>(&parsed)) {
      return NotAJsonObject(error->message, error->offset);
    }
    return Reprint(std::get<JsonDocument>(parsed), operation);
  }
  const auto parsed = ParsePolicy(text, checks, catalog, depth_max);
  if (const auto* findings = std::get_if<std::vector<Finding>>(&parsed)) {
    return ToError(*findings);
  }
  return Reprint(std::get<Policy>(parsed).document(), operation);
}

std::optional<v1::Error> PlanDocument(PreparedOperation* operation) {
  const CoreOptions& options = *operation->options;
  const std::string& text =
      operation->request.as<v1::PutResourcePolicyRequest>().policy_in_json();
  if (auto error = CheckPolicySize(text, options)) return error;
  switch (options.behavior.policy_checks) {
    case PolicyChecks::kNone:
      break;
    case PolicyChecks::kJson:
    case PolicyChecks::kGrammar: {
      // These levels do not use the catalog.
      static const auto* const kAnyCatalog = new CatalogContext();
      return CheckDocument(text, *kAnyCatalog, operation);
    }
    case PolicyChecks::kGlue: {
      const Caller& caller = *operation->caller;
      const CatalogContext catalog = {caller.account_id, caller.region,
                                      caller.partition, PrincipalOf(caller),
                                      options.principal_exists};
      return CheckDocument(text, catalog, operation);
    }
  }
  return std::nullopt;
}

std::optional<v1::Error> PlanPutPolicy(PreparedOperation* operation) {
  operation->read_set.keys.push_back(ResourcePolicyKey());
  if (auto error = CheckResourceArn<v1::PutResourcePolicyRequest>(*operation)) {
    return error;
  }
  const auto& request = operation->request.as<v1::PutResourcePolicyRequest>();
  if (auto error = CheckHybrid(request, operation->options->behavior)) {
    return error;
  }
  return PlanDocument(operation);
}

// Replaces `policy`. The conditions of the request hold.
Transition PutPolicy(const ApplyInput& input, const StoredPolicy& policy) {
  const PreparedOperation& operation = input.operation;
  const auto& request = operation.request.as<v1::PutResourcePolicyRequest>();
  const int64_t time_ms = TimeToWrite(policy, input.now_ms);
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
  StartBatch(input, &transition.write_batch);
  Rewrite(ResourcePolicyKey(), input.snapshot.revision(kPolicy),
          EncodeResourcePolicy(input.commit_id, stored),
          &transition.write_batch);
  auto& response = transition.outcome.emplace<v1::PutResourcePolicyResponse>();
  OrEnd([&] { response.set_policy_hash(std::move(hash)); });
  return transition;
}

Transition ApplyPutPolicy(const ApplyInput& input) {
  const auto& request =
      input.operation.request.as<v1::PutResourcePolicyRequest>();
  const StoredPolicy policy =
      ReadStoredPolicy(input.snapshot, kPolicy, TextCheck::kNone);
  if (policy.damaged) return FailDamaged();
  if (auto error = CheckPutConditions(request, policy,
                                      input.operation.options->behavior)) {
    return Fail(*std::move(error));
  }
  return PutPolicy(input, policy);
}

// Fills in a response, or an element of one. REQUIRES: called within OrEnd.
template <typename Shown>
void ShowPolicy(const ResourcePolicyView& view, Shown* shown) {
  shown->set_policy_in_json(view.policy_in_json.data(),
                            view.policy_in_json.size());
  shown->set_policy_hash(view.policy_hash.data(), view.policy_hash.size());
  *shown->mutable_create_time() = ToTimestamp(view.create_time_ms);
  *shown->mutable_update_time() = ToTimestamp(view.update_time_ms);
}

Transition ApplyGetPolicy(const ApplyInput& input) {
  const StoredPolicy policy =
      ReadStoredPolicy(input.snapshot, kPolicy, TextCheck::kUtf8);
  if (!policy.exists()) return Fail(NoPolicyError(policy));
  Transition transition;
  auto& response = transition.outcome.emplace<v1::GetResourcePolicyResponse>();
  OrEnd([&] { ShowPolicy(*policy.view, &response); });
  return transition;
}

// Returns what is in the way of a caller who may have no right to decrypt with
// the key of an encrypted catalog; nullopt: nothing.
std::optional<Transition> CheckCatalogKey(const ApplyInput& input) {
  if (!input.operation.options->behavior.policies_need_catalog_key) {
    return std::nullopt;
  }
  const auto settings =
      ReadEncryptionSettings(input.snapshot, kSettingsBesidePolicy);
  if (!settings.has_value()) return FailDamaged();
  if (!SealsObjects(*settings)) return std::nullopt;
  KeyNeeds needs(&input.key_answers);
  const KeyAnswer* const answer = needs.AskForAnswer(
      {ObjectKeyCaller(*input.operation.caller, *settings),
       DecryptProbe(ObjectKey(*settings),
                    CatalogEncryptionContext(
                        input.operation.read_set.catalog.catalog_id))});
  if (answer == nullptr) return needs.ToTransition();
  const auto* const refusal = std::get_if<KeyRefusal>(answer);
  if (refusal == nullptr || IsRefusalOfProbe(*refusal)) return std::nullopt;
  return Fail(GlueEncryptionError(*refusal));
}

Transition ApplyListPolicies(const ApplyInput& input) {
  const StoredPolicy policy =
      ReadStoredPolicy(input.snapshot, kPolicy, TextCheck::kUtf8);
  if (policy.damaged) return FailDamaged();
  if (auto refused = CheckCatalogKey(input)) return *std::move(refused);
  Transition transition;
  auto& response =
      transition.outcome.emplace<v1::GetResourcePoliciesResponse>();
  OrEnd([&] {
    if (policy.exists()) ShowPolicy(*policy.view, response.add_policies());
    if (input.operation.options->behavior.empty_token_on_last_page) {
      response.set_next_token("");
    }
  });
  return transition;
}

Transition ApplyDeletePolicy(const ApplyInput& input) {
  const auto& request =
      input.operation.request.as<v1::DeleteResourcePolicyRequest>();
  const StoredPolicy policy =
      ReadStoredPolicy(input.snapshot, kPolicy, TextCheck::kNone);
  if (!policy.exists()) return Fail(NoPolicyError(policy));
  if (request.has_policy_hash_condition() &&
      request.policy_hash_condition() != policy.view->policy_hash) {
    return Fail(ConditionCheckFailure("the policy has another hash"));
  }
  // The record stays and is marked as deleted, so that a run can find its own
  // id after an unknown commit.
  ResourcePolicyView stored;
  stored.deleted = true;
  stored.update_time_ms = TimeToWrite(policy, input.now_ms);

  Transition transition;
  StartBatch(input, &transition.write_batch);
  Rewrite(ResourcePolicyKey(), input.snapshot.revision(kPolicy),
          EncodeResourcePolicy(input.commit_id, stored),
          &transition.write_batch);
  transition.outcome.emplace<v1::DeleteResourcePolicyResponse>();
  return transition;
}

}  // namespace

const OperationHandler kPutResourcePolicyHandler = {PlanPutPolicy,
                                                    ApplyPutPolicy};
const OperationHandler kGetResourcePolicyHandler = {PlanGetPolicy,
                                                    ApplyGetPolicy};
const OperationHandler kDeleteResourcePolicyHandler = {PlanDeletePolicy,
                                                       ApplyDeletePolicy};
const OperationHandler kGetResourcePoliciesHandler = {PlanListPolicies,
                                                      ApplyListPolicies};

}  // namespace glue_security
