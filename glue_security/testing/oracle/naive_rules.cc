#include "glue_security/testing/oracle/naive_rules.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/testing/oracle/naive_constraints.h"
#include "glue_security/testing/oracle/naive_dates.h"
#include "glue_security/testing/oracle/naive_json.h"

namespace glue_security {
namespace {

constexpr auto kOk = v1::ERROR_CODE_UNSPECIFIED;
constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;

// Returns the size of a request. Members that are not in force, and texts that
// a codec could not parse, count, because they came with the request.
size_t BytesOf(const v1::Request& request) {
  const auto* field =
      v1::Request::descriptor()->FindFieldByNumber(request.operation_case());
  size_t bytes =
      request.GetReflection()->GetMessage(request, field).ByteSizeLong();
  for (const auto& item : request.unparsed_values()) {
    bytes += item.ByteSizeLong();
  }
  return bytes;
}

std::string PartitionOf(const Caller& caller) {
  const std::string& region = caller.region;
  if (!caller.partition.empty()) return caller.partition;
  if (absl::StartsWith(region, "cn-")) return "aws-cn";
  if (absl::StartsWith(region, "us-gov-")) return "aws-us-gov";
  if (absl::StartsWith(region, "us-iso-")) return "aws-iso";
  if (absl::StartsWith(region, "us-isob-")) return "aws-iso-b";
  if (absl::StartsWith(region, "eu-isoe-")) return "aws-iso-e";
  if (absl::StartsWith(region, "us-isof-")) return "aws-iso-f";
  if (absl::StartsWith(region, "eusc-")) return "aws-eusc";
  return "aws";
}

template <typename Request>
bool NamesAnotherResource(const Request& request, const Caller& caller) {
  return request.has_resource_arn() &&
         request.resource_arn() != NaiveCatalogArn(caller);
}

// The rule of the ResourceArn of a write.
template <typename Request>
bool BreaksArnRule(const Behavior& behavior, const Caller& caller,
                   const Request& request) {
  return NamesAnotherResource(request, caller) ||
         (behavior.refuse_resource_arns && request.has_resource_arn());
}

bool BreaksRule(const Behavior& behavior, const Limits& limits,
                const Caller& caller, const v1::PutResourcePolicyRequest& put) {
  if (BreaksArnRule(behavior, caller, put)) return true;
  if (behavior.api_date >= kPoliciesOfResources &&
      behavior.console_grants_exist &&
      put.enable_hybrid() != v1::ENABLE_HYBRID_VALUES_TRUE) {
    return true;
  }
  const std::string& text = put.policy_in_json();
  if (behavior.api_date >= kPolicyWithoutMaximum &&
      NaivePolicyBytes(behavior, text) >
          std::max<size_t>(limits.policy_bytes_max, 1)) {
    return true;
  }
  if (behavior.policy_checks == PolicyChecks::kNone) return false;
  if (!NaiveIsJsonObject(
          text, std::clamp<size_t>(limits.policy_depth_max, 1, 1024))) {
    return true;
  }
  // It must be possible to put back the text that Get returns, with 268 bytes
  // beside it (docs/decisions/reprint.md).
  return behavior.reprint_policies &&
         NaiveReprint(text).size() + 268 >
             std::clamp<size_t>(limits.request_bytes_max, 1, size_t{1} << 30);
}

bool BreaksRule(const Behavior& behavior,
                const v1::PutDataCatalogEncryptionSettingsRequest& put) {
  const auto& rest =
      put.data_catalog_encryption_settings().encryption_at_rest();
  return behavior.require_role_for_service_role_mode &&
         rest.catalog_encryption_mode() ==
             v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE &&
         !rest.has_catalog_encryption_service_role();
}

bool LacksKey(const v1::EncryptionConfiguration& configuration) {
  bool lacks_key = false;
  for (const auto& s3 : configuration.s3_encryption().elements()) {
    lacks_key |= s3.s3_encryption_mode() == v1::S3_ENCRYPTION_MODE_SSE_KMS &&
                 s3.kms_key_arn().empty();
  }
  const auto& logs = configuration.cloud_watch_encryption();
  lacks_key |= logs.cloud_watch_encryption_mode() ==
                   v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS &&
               logs.kms_key_arn().empty();
  const auto& bookmarks = configuration.job_bookmarks_encryption();
  lacks_key |= bookmarks.job_bookmarks_encryption_mode() ==
                   v1::JOB_BOOKMARKS_ENCRYPTION_MODE_CSE_KMS &&
               bookmarks.kms_key_arn().empty();
  const auto& quality = configuration.data_quality_encryption();
  lacks_key |= quality.data_quality_encryption_mode() ==
                   v1::DATA_QUALITY_ENCRYPTION_MODE_SSE_KMS &&
               quality.kms_key_arn().empty();
  return lacks_key;
}

bool BreaksRule(const Behavior& behavior,
                const v1::CreateSecurityConfigurationRequest& create) {
  const auto& configuration = create.encryption_configuration();
  return (behavior.require_key_for_kms_modes && LacksKey(configuration)) ||
         (behavior.limit_s3_encryption_to_one &&
          configuration.s3_encryption().elements_size() > 1);
}

}  // namespace

std::string NaiveCatalogArn(const Caller& caller) {
  return absl::StrCat("arn:", PartitionOf(caller), ":glue:", caller.region, ":",
                      caller.account_id, ":catalog");
}

v1::ErrorCode NaiveBrokenRule(const Behavior& behavior, const Limits& limits,
                              const Caller& caller,
                              const v1::Request& request) {
  bool broken = false;
  if (request.has_put_resource_policy()) {
    broken =
        BreaksRule(behavior, limits, caller, request.put_resource_policy());
  } else if (request.has_get_resource_policy()) {
    // Only catalogs have policies.
    if (NamesAnotherResource(request.get_resource_policy(), caller)) {
      return v1::ERROR_CODE_ENTITY_NOT_FOUND;
    }
  } else if (request.has_delete_resource_policy()) {
    broken = BreaksArnRule(behavior, caller, request.delete_resource_policy());
  } else if (request.has_get_resource_policies()) {
    // There is one page, so no token was ever given out.
    broken = !request.get_resource_policies().next_token().empty();
  } else if (request.has_put_data_catalog_encryption_settings()) {
    broken =
        BreaksRule(behavior, request.put_data_catalog_encryption_settings());
  } else if (request.has_create_security_configuration()) {
    broken = BreaksRule(behavior, request.create_security_configuration());
  } else if (request.has_get_security_configurations()) {
    broken = behavior.limit_page_size &&
             request.get_security_configurations().max_results() >
                 std::max(limits.page_size_observed_max, 1);
  } else if (request.has_update_connection()) {
    const auto& update = request.update_connection();
    broken = update.name() != update.connection_input().name();
  }
  return broken ? kInvalid : kOk;
}

v1::Error NaiveRefusal(const Behavior& behavior, const Limits& limits,
                       const Caller& caller, const v1::Request& request) {
  v1::Error error;
  if (request.operation_case() == v1::Request::OPERATION_NOT_SET ||
      BytesOf(request) > std::max<size_t>(limits.request_bytes_max, 1) ||
      !NaiveOperationInForce(behavior, request)) {
    error.set_code(kInvalid);
    return error;
  }
  const v1::Request in_force = NaiveInForce(behavior, request);
  error = NaiveViolations(behavior, in_force);
  error.set_code(error.violations().empty()
                     ? NaiveBrokenRule(behavior, limits, caller, in_force)
                     : behavior.constraint_error_code);
  const int listed = std::max(limits.violations_max, 1);
  while (error.violations_size() > listed) {
    error.mutable_violations()->RemoveLast();
  }
  return error;
}

}  // namespace glue_security
