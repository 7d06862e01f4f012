#include "glue_security/testing/oracle/naive_dates.h"

namespace glue_security {

bool NaiveOperationInForce(const Behavior& behavior,
                           const v1::Request& request) {
  return !request.has_get_resource_policies() ||
         behavior.api_date >= kPoliciesOfResources;
}

// A member is cleared only in the message of an operation that is set, because
// `mutable_` would set another one.
v1::Request NaiveInForce(const Behavior& behavior, v1::Request request) {
  const bool has_policies_of_resources =
      behavior.api_date >= kPoliciesOfResources;
  const bool has_resource_arn =
      has_policies_of_resources || behavior.refuse_resource_arns;
  if (request.has_put_resource_policy()) {
    auto* put = request.mutable_put_resource_policy();
    if (!has_resource_arn) put->clear_resource_arn();
    if (!has_policies_of_resources) put->clear_enable_hybrid();
  }
  if (request.has_get_resource_policy() && !has_resource_arn) {
    request.mutable_get_resource_policy()->clear_resource_arn();
  }
  if (request.has_delete_resource_policy() && !has_resource_arn) {
    request.mutable_delete_resource_policy()->clear_resource_arn();
  }
  if (request.has_put_data_catalog_encryption_settings() &&
      behavior.api_date < kServiceRole) {
    auto* put = request.mutable_put_data_catalog_encryption_settings();
    if (put->data_catalog_encryption_settings().has_encryption_at_rest()) {
      put->mutable_data_catalog_encryption_settings()
          ->mutable_encryption_at_rest()
          ->clear_catalog_encryption_service_role();
    }
  }
  if (request.has_create_security_configuration() &&
      behavior.api_date < kDataQuality) {
    auto* create = request.mutable_create_security_configuration();
    if (create->has_encryption_configuration()) {
      create->mutable_encryption_configuration()
          ->clear_data_quality_encryption();
    }
  }
  if (request.has_create_connection() &&
      behavior.api_date < kLaterConnections) {
    request.mutable_create_connection()->clear_tags();
  }
  return request;
}

}  // namespace glue_security
