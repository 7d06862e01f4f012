#include "glue_security/state_machine/core.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/model/error.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/state_machine/catalog_encryption.h"
#include "glue_security/state_machine/resource_policy.h"
#include "glue_security/state_machine/security_configuration.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/state_machine/transitions.h"
#include "glue_security/validation/validator.h"

namespace glue_security {
namespace {

std::optional<v1::Error> CheckSize(RequestRef request, const Limits& limits) {
  size_t bytes = request.message().ByteSizeLong();
  for (const v1::UnparsedEnum& unparsed : request.unparsed_enums()) {
    bytes += unparsed.ByteSizeLong();
  }
  // Twice this is what protobuf can serialize.
  constexpr size_t kBytesMax = size_t{1} << 30;
  const size_t bytes_max =
      std::clamp<size_t>(limits.request_bytes_max, 1, kBytesMax);
  if (bytes <= bytes_max) return std::nullopt;
  return MakeError(v1::ERROR_CODE_INVALID_INPUT,
                   absl::StrCat("the request has ", bytes,
                                " bytes, more than the limit of ", bytes_max));
}

template <typename Request>
const std::string& CatalogIdOf(const Caller& caller, const Request& request) {
  return request.has_catalog_id() ? request.catalog_id() : caller.account_id;
}

// The catalog that the call is about.
CatalogKey CatalogOf(const Caller& caller, RequestRef request) {
  switch (request.operation()) {
    case v1::Request::kGetDataCatalogEncryptionSettings:
      return {CatalogIdOf(
                  caller,
                  request.as<v1::GetDataCatalogEncryptionSettingsRequest>()),
              caller.region};
    case v1::Request::kPutDataCatalogEncryptionSettings:
      return {CatalogIdOf(
                  caller,
                  request.as<v1::PutDataCatalogEncryptionSettingsRequest>()),
              caller.region};
    default:
      return {caller.account_id, caller.region};
  }
}

// Business rules and the read set, after the constraints hold.
std::optional<v1::Error> Plan(PreparedOperation* operation) {
  const RequestRef request = operation->request;
  const CoreOptions& options = *operation->options;
  ReadSet& read_set = operation->read_set;
  switch (request.operation()) {
    case v1::Request::kGetDataCatalogEncryptionSettings:
    case v1::Request::kPutDataCatalogEncryptionSettings:
      read_set.keys.push_back(EncryptionSettingsKey());
      return std::nullopt;
    case v1::Request::kPutResourcePolicy:
      read_set.keys.push_back(ResourcePolicyKey());
      return PreparePolicyDocument(operation);
    case v1::Request::kGetResourcePolicy:
    case v1::Request::kDeleteResourcePolicy:
      read_set.keys.push_back(ResourcePolicyKey());
      return std::nullopt;
    case v1::Request::kCreateSecurityConfiguration: {
      const auto& create = request.as<v1::CreateSecurityConfigurationRequest>();
      read_set.keys.push_back(SecurityConfigurationKey(create.name()));
      read_set.keys.push_back(ConfigurationCountKey());
      return CheckEncryptionConfiguration(create, options);
    }
    case v1::Request::kDeleteSecurityConfiguration:
      read_set.keys.push_back(SecurityConfigurationKey(
          request.as<v1::DeleteSecurityConfigurationRequest>().name()));
      read_set.keys.push_back(ConfigurationCountKey());
      return std::nullopt;
    case v1::Request::kGetSecurityConfiguration:
      read_set.keys.push_back(SecurityConfigurationKey(
          request.as<v1::GetSecurityConfigurationRequest>().name()));
      return std::nullopt;
    case v1::Request::kGetSecurityConfigurations: {
      auto page = PlanPage(request.as<v1::GetSecurityConfigurationsRequest>(),
                           read_set.catalog, options);
      if (auto* error = std::get_if<v1::Error>(&page)) {
        return std::move(*error);
      }
      read_set.range = std::get<RangeRead>(std::move(page));
      return std::nullopt;
    }
    // UNCOVERED-BEGIN: `Prepare` has refused it.
    case v1::Request::OPERATION_NOT_SET:
      break;
  }
  return std::nullopt;
  // UNCOVERED-END
}

// The policy that the authorizer judges by is read with all the rest.
void PlanAccess(ReadSet* read_set) {
  const RecordKey key = ResourcePolicyKey();
  if (std::find(read_set->keys.begin(), read_set->keys.end(), key) ==
      read_set->keys.end()) {
    read_set->keys.push_back(key);
  }
}

// Where the policy stands among what was read.
size_t PolicyIndex(const PreparedOperation& operation) {
  const auto& keys = operation.read_set.keys;
  const auto found = std::find(keys.begin(), keys.end(), ResourcePolicyKey());
  return static_cast<size_t>(found - keys.begin());
}

std::optional<v1::Error> CheckAccess(const PreparedOperation& operation,
                                     const SnapshotView& snapshot) {
  const size_t i = PolicyIndex(operation);
  std::optional<ResourcePolicyView> policy;
  if (snapshot.has(i)) {
    policy = DecodeResourcePolicy(snapshot.value(i));
    if (!policy.has_value()) return DamagedError();
    if (policy->deleted) policy.reset();
  }
  const auto refusal = operation.options->authorizer->Refuse(
      {*operation.caller, operation.request.operation(),
       operation.read_set.catalog, policy.has_value() ? &*policy : nullptr});
  if (!refusal.has_value()) return std::nullopt;
  return MakeError(v1::ERROR_CODE_ACCESS_DENIED, *refusal);
}

// A write that was allowed by a policy applies only while that is in force.
void GuardAccess(const PreparedOperation& operation,
                 const SnapshotView& snapshot, WriteBatch* batch) {
  const RecordKey key = ResourcePolicyKey();
  for (const Precondition& precondition : batch->preconditions) {
    if (precondition.key == key) return;
  }
  batch->preconditions.push_back(
      {key, snapshot.revision(PolicyIndex(operation))});
}

Transition ApplyOperation(const PreparedOperation& operation,
                          const SnapshotView& snapshot, int64_t now_ms,
                          const CommitId& commit_id) {
  switch (operation.request.operation()) {
    case v1::Request::kGetDataCatalogEncryptionSettings:
      return ApplyGetDataCatalogEncryptionSettings(operation, snapshot);
    case v1::Request::kPutDataCatalogEncryptionSettings:
      return ApplyPutDataCatalogEncryptionSettings(operation, snapshot,
                                                   commit_id);
    case v1::Request::kPutResourcePolicy:
      return ApplyPutResourcePolicy(operation, snapshot, now_ms, commit_id);
    case v1::Request::kGetResourcePolicy:
      return ApplyGetResourcePolicy(snapshot);
    case v1::Request::kDeleteResourcePolicy:
      return ApplyDeleteResourcePolicy(operation, snapshot, now_ms, commit_id);
    case v1::Request::kCreateSecurityConfiguration:
      return ApplyCreateSecurityConfiguration(operation, snapshot, now_ms,
                                              commit_id);
    case v1::Request::kDeleteSecurityConfiguration:
      return ApplyDeleteSecurityConfiguration(operation, snapshot, commit_id);
    case v1::Request::kGetSecurityConfiguration:
      return ApplyGetSecurityConfiguration(operation, snapshot);
    case v1::Request::kGetSecurityConfigurations:
      return ApplyGetSecurityConfigurations(operation, snapshot);
    // UNCOVERED-BEGIN: `Prepare` has refused it.
    case v1::Request::OPERATION_NOT_SET:
      break;
  }
  return Fail(v1::ERROR_CODE_INVALID_INPUT, "the request names no operation");
  // UNCOVERED-END
}

}  // namespace

std::variant<v1::Error, PreparedOperation> Prepare(const Caller& caller,
                                                   RequestRef request,
                                                   const CoreOptions* options) {
  // Returned by every return, so that what it holds is never moved.
  std::variant<v1::Error, PreparedOperation> prepared(
      std::in_place_type<PreparedOperation>, caller, request, options);
  if (request.operation() == kNoOperation) {
    prepared = MakeError(v1::ERROR_CODE_INVALID_INPUT,
                         "the request names no operation");
    return prepared;
  }
  if (auto error = CheckSize(request, options->limits)) {
    prepared = *std::move(error);
    return prepared;
  }
  auto& operation = *std::get_if<PreparedOperation>(&prepared);
  operation.read_set.catalog = CatalogOf(caller, request);
  const Validator validator(options->behavior, options->limits);
  auto error = validator.Validate(request);
  if (!error.has_value()) error = Plan(&operation);
  if (options->authorizer != nullptr) {
    PlanAccess(&operation.read_set);
    operation.deferred_error = std::move(error);
  } else if (error.has_value()) {
    prepared = *std::move(error);
  }
  return prepared;
}

Transition Apply(const PreparedOperation& operation,
                 const SnapshotView& snapshot, absl::Time now,
                 const CommitId& commit_id) {
  if (operation.options->authorizer == nullptr) {
    return ApplyOperation(operation, snapshot, ToRecordTime(now), commit_id);
  }
  if (auto error = CheckAccess(operation, snapshot)) {
    return Fail(*std::move(error));
  }
  if (operation.deferred_error.has_value()) {
    v1::Error error;
    OrEnd([&] { error = *operation.deferred_error; });
    return Fail(std::move(error));
  }
  Transition transition =
      ApplyOperation(operation, snapshot, ToRecordTime(now), commit_id);
  if (!transition.write_batch.empty()) {
    GuardAccess(operation, snapshot, &transition.write_batch);
  }
  return transition;
}

}  // namespace glue_security
