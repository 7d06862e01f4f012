#include "glue_security/state_machine/core.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/model/error.h"
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

// The catalog that the call is about.
template <typename Request>
std::string CatalogIdOf(const Caller& caller, const Request& request) {
  return request.has_catalog_id() ? request.catalog_id() : caller.account_id;
}

// Business rules and the read set, after the constraints hold.
std::optional<v1::Error> Plan(const Caller& caller,
                              PreparedOperation* operation) {
  const RequestRef request = operation->request;
  const CoreOptions& options = *operation->options;
  ReadSet& read_set = operation->read_set;
  read_set.catalog.catalog_id = caller.account_id;
  read_set.catalog.region = caller.region;
  switch (request.operation()) {
    case v1::Request::kGetDataCatalogEncryptionSettings:
      read_set.catalog.catalog_id = CatalogIdOf(
          caller, request.as<v1::GetDataCatalogEncryptionSettingsRequest>());
      read_set.keys.push_back(EncryptionSettingsKey());
      return std::nullopt;
    case v1::Request::kPutDataCatalogEncryptionSettings:
      read_set.catalog.catalog_id = CatalogIdOf(
          caller, request.as<v1::PutDataCatalogEncryptionSettingsRequest>());
      read_set.keys.push_back(EncryptionSettingsKey());
      return std::nullopt;
    case v1::Request::kPutResourcePolicy:
      read_set.keys.push_back(ResourcePolicyKey());
      return PreparePolicyDocument(caller, operation);
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
    case v1::Request::OPERATION_NOT_SET:
      break;
  }
  return std::nullopt;
}

}  // namespace

std::variant<v1::Error, PreparedOperation> Prepare(const Caller& caller,
                                                   RequestRef request,
                                                   const CoreOptions* options) {
  if (request.operation() == kNoOperation) {
    return MakeError(v1::ERROR_CODE_INVALID_INPUT,
                     "the request names no operation");
  }
  if (auto error = CheckSize(request, options->limits)) {
    return *std::move(error);
  }
  const Validator validator(options->behavior, options->limits);
  if (auto error = validator.Validate(request)) return *std::move(error);
  PreparedOperation operation{request, options, ReadSet(), std::nullopt};
  if (auto error = Plan(caller, &operation)) return *std::move(error);
  return operation;
}

Transition Apply(const PreparedOperation& operation, const Snapshot& snapshot,
                 absl::Time now, const CommitId& commit_id) {
  const int64_t now_ms = ToRecordTime(now);
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
    case v1::Request::OPERATION_NOT_SET:
      break;
  }
  return Fail(v1::ERROR_CODE_INVALID_INPUT, "the request names no operation");
}

}  // namespace glue_security
