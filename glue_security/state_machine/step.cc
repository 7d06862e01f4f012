#include "glue_security/state_machine/step.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "glue_security/model/error.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/schema/later_members.h"
#include "glue_security/schema/request_names.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/state_machine/operation_handler.h"
#include "glue_security/state_machine/operation_table.h"
#include "glue_security/state_machine/record_time.h"
#include "glue_security/state_machine/resource_policy.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/state_machine/transition_steps.h"
#include "glue_security/validation/validator.h"

namespace glue_security {
namespace {

std::optional<v1::Error> CheckSize(RequestRef request, const Limits& limits) {
  size_t bytes = request.message().ByteSizeLong();
  for (const v1::UnparsedValue& unparsed : request.unparsed_values()) {
    bytes += unparsed.ByteSizeLong();
  }
  const size_t bytes_max = RequestBytesMax(limits);
  if (bytes <= bytes_max) return std::nullopt;
  return MakeError(v1::ERROR_CODE_INVALID_INPUT,
                   absl::StrCat("the request has ", bytes,
                                " bytes, more than the limit of ", bytes_max));
}

// Leaves out the members that are not in force.
void KeepMembersInForce(const StructureSchema& structure,
                        PreparedOperation* operation) {
  const google::protobuf::Message& message = operation->request.message();
  if (!SetsLaterMembers(structure, message)) return;
  OrEnd([&] {
    std::shared_ptr<google::protobuf::Message> copy(message.New());
    copy->CopyFrom(message);
    ClearLaterMembers(structure, copy.get());
    operation->request = operation->request.With(copy.get());
    operation->request_in_force = std::move(copy);
  });
}

// Returns the catalog of the call: its CatalogId, or the caller's account when
// it has none, in the caller's region.
CatalogKey CatalogOf(const Caller& caller, RequestRef request) {
  const std::string* const id = CatalogIdIn(request);
  return {id == nullptr ? caller.account_id : *id, caller.region};
}

// Returns true if the authorizer decides by the policy of the catalog.
bool AsksPolicy(RequestRef request) {
  return GetOperationInfo(request.operation()).catalog_call();
}

// Adds the policy, by which the authorizer decides, to the read set.
void PlanAccess(ReadSet* read_set) {
  const RecordKey key = ResourcePolicyKey();
  if (std::find(read_set->keys.begin(), read_set->keys.end(), key) ==
      read_set->keys.end()) {
    read_set->keys.push_back(key);
  }
}

// Returns the index of the policy in the snapshot.
size_t PolicyIndex(const PreparedOperation& operation) {
  const auto& keys = operation.read_set.keys;
  const auto found = std::find(keys.begin(), keys.end(), ResourcePolicyKey());
  return static_cast<size_t>(found - keys.begin());
}

std::optional<v1::Error> CheckAccess(const PreparedOperation& operation,
                                     const SnapshotView& snapshot) {
  StoredPolicy policy;
  if (AsksPolicy(operation.request)) {
    policy =
        ReadStoredPolicy(snapshot, PolicyIndex(operation), TextCheck::kUtf8);
    if (policy.damaged) return DamagedRecordError();
  }
  const std::vector<std::string> objects = ObjectNamesIn(operation.request);
  const auto refusal = operation.options->authorizer->Refuse(
      {*operation.caller, operation.request.operation(),
       operation.read_set.catalog, policy.get(), objects});
  if (!refusal.has_value()) return std::nullopt;
  return MakeError(v1::ERROR_CODE_ACCESS_DENIED, *refusal);
}

// Adds a precondition to a write: it applies only while the policy that allowed
// it is unchanged.
void GuardAccess(const PreparedOperation& operation,
                 const SnapshotView& snapshot, WriteBatch* batch) {
  const RecordKey key = ResourcePolicyKey();
  for (const Precondition& precondition : batch->preconditions) {
    if (precondition.key == key) return;
  }
  batch->preconditions.push_back(
      {key, snapshot.revision(PolicyIndex(operation))});
}

}  // namespace

std::variant<v1::Error, PreparedOperation> Prepare(const Caller& caller,
                                                   RequestRef request,
                                                   const CoreOptions* options) {
  // Returned on every path, so that it is constructed in place and never moved.
  std::variant<v1::Error, PreparedOperation> prepared(
      std::in_place_type<PreparedOperation>, caller, request, options);
  const OperationHandler* const handler = FindHandler(request.operation());
  if (handler == nullptr) {
    prepared = MakeError(v1::ERROR_CODE_INVALID_INPUT,
                         "the request names no operation");
    return prepared;
  }
  if (auto error = CheckSize(request, options->limits)) {
    prepared = *std::move(error);
    return prepared;
  }
  const Validator validator(options->behavior, options->limits);
  const StructureSchema* const structure =
      validator.api().operation(request.operation()).request;
  if (structure == nullptr) {
    prepared = MakeError(
        v1::ERROR_CODE_INVALID_INPUT,
        absl::StrCat("the API of ",
                     absl::FormatCivilTime(options->behavior.api_date),
                     " has no operation ", OperationName(request.operation())));
    return prepared;
  }
  auto& operation = *std::get_if<PreparedOperation>(&prepared);
  operation.handler = handler;
  KeepMembersInForce(*structure, &operation);
  request = operation.request;
  operation.read_set.catalog = CatalogOf(caller, request);
  auto error = validator.Validate(request);
  if (!error.has_value()) error = handler->plan(&operation);
  if (options->authorizer != nullptr) {
    if (AsksPolicy(request)) PlanAccess(&operation.read_set);
    operation.deferred_error = std::move(error);
  } else if (error.has_value()) {
    prepared = *std::move(error);
  }
  return prepared;
}

Transition Apply(const PreparedOperation& operation,
                 const SnapshotView& snapshot, absl::Time now,
                 const CommitId& commit_id, const KeyAnswers& answers) {
  const ApplyInput input = {operation, snapshot, ToRecordTime(now), commit_id,
                            answers};
  if (operation.options->authorizer == nullptr) {
    return operation.handler->apply(input);
  }
  if (auto error = CheckAccess(operation, snapshot)) {
    return Fail(*std::move(error));
  }
  if (operation.deferred_error.has_value()) {
    v1::Error error;
    OrEnd([&] { error = *operation.deferred_error; });
    return Fail(std::move(error));
  }
  Transition transition = operation.handler->apply(input);
  if (!transition.write_batch.empty() && AsksPolicy(operation.request)) {
    GuardAccess(operation, snapshot, &transition.write_batch);
  }
  return transition;
}

}  // namespace glue_security
