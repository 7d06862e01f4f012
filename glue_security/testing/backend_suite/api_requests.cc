#include "glue_security/testing/backend_suite/api_requests.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/model/end_process.h"
#include "google/protobuf/text_format.h"

namespace glue_security::conformance_internal {
namespace {

template <typename Message>
Message Parse(absl::string_view text) {
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(std::string(text),
                                                     &message)) {
    EndProcess(absl::StrCat("not a message: ", text));
  }
  return message;
}

}  // namespace

Caller Home() { return Caller{"123456789012", "us-east-1", ""}; }
Caller OtherAccount() { return Caller{"210987654321", "us-east-1", ""}; }
Caller OtherRegion() { return Caller{"123456789012", "eu-west-1", ""}; }

std::string PolicyText(absl::string_view id, const Caller& caller) {
  return absl::StrCat(R"({
  "Id" : ")",
                      id, R"(",
  "Statement" : {
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::210987654321:root"
    },
    "Action" : "glue:Get*",
    "Resource" : "arn:aws:glue:)",
                      caller.region, ":", caller.account_id, R"(:*"
  }
})");
}

std::string CompactPolicyText(absl::string_view id) {
  return absl::StrCat(
      R"({"Id":")", id,
      R"(","Statement":{"Effect":"Allow","Principal":{"AWS":)"
      R"("arn:aws:iam::210987654321:root"},"Action":"glue:Get*",)"
      R"("Resource":"arn:aws:glue:us-east-1:123456789012:*"}})");
}

std::string PolicyOfBytes(size_t bytes, bool two_byte_characters) {
  const size_t empty = CompactPolicyText("").size();
  if (bytes < empty) {
    EndProcess(absl::StrCat("no policy of ", bytes, " bytes"));
  }
  size_t left = bytes - empty;
  std::string id;
  while (two_byte_characters && left >= 2) {
    id += "\xC3\xA9";
    left -= 2;
  }
  id.append(left, 'n');
  return CompactPolicyText(id);
}

v1::Request PutPolicy(absl::string_view text, std::optional<std::string> hash,
                      std::optional<v1::PolicyExistsCondition> exists) {
  v1::Request request;
  auto* put = request.mutable_put_resource_policy();
  put->set_policy_in_json(std::string(text));
  if (hash.has_value()) put->set_policy_hash_condition(*std::move(hash));
  if (exists.has_value()) put->set_policy_exists_condition(*exists);
  return request;
}

v1::Request GetPolicy() {
  v1::Request request;
  request.mutable_get_resource_policy();
  return request;
}

v1::Request DeletePolicy(std::optional<std::string> hash) {
  v1::Request request;
  auto* call = request.mutable_delete_resource_policy();
  if (hash.has_value()) call->set_policy_hash_condition(*std::move(hash));
  return request;
}

v1::Request WithArn(v1::Request request, absl::string_view arn) {
  if (request.has_put_resource_policy()) {
    request.mutable_put_resource_policy()->set_resource_arn(std::string(arn));
  } else if (request.has_get_resource_policy()) {
    request.mutable_get_resource_policy()->set_resource_arn(std::string(arn));
  } else {
    request.mutable_delete_resource_policy()->set_resource_arn(
        std::string(arn));
  }
  return request;
}

v1::Request ListPolicies(std::optional<int32_t> max_results,
                         std::optional<std::string> next_token) {
  v1::Request request;
  auto* list = request.mutable_get_resource_policies();
  if (max_results.has_value()) list->set_max_results(*max_results);
  if (next_token.has_value()) list->set_next_token(*std::move(next_token));
  return request;
}

v1::Request PutSettings(const v1::DataCatalogEncryptionSettings& settings,
                        std::optional<std::string> catalog_id) {
  v1::Request request;
  auto* put = request.mutable_put_data_catalog_encryption_settings();
  *put->mutable_data_catalog_encryption_settings() = settings;
  if (catalog_id.has_value()) put->set_catalog_id(*std::move(catalog_id));
  return request;
}

v1::Request GetSettings(std::optional<std::string> catalog_id) {
  v1::Request request;
  auto* get = request.mutable_get_data_catalog_encryption_settings();
  if (catalog_id.has_value()) get->set_catalog_id(*std::move(catalog_id));
  return request;
}

v1::Request Create(absl::string_view name,
                   const v1::EncryptionConfiguration& configuration) {
  v1::Request request;
  auto* create = request.mutable_create_security_configuration();
  create->set_name(std::string(name));
  *create->mutable_encryption_configuration() = configuration;
  return request;
}

v1::Request Delete(absl::string_view name) {
  v1::Request request;
  request.mutable_delete_security_configuration()->set_name(std::string(name));
  return request;
}

v1::Request Get(absl::string_view name) {
  v1::Request request;
  request.mutable_get_security_configuration()->set_name(std::string(name));
  return request;
}

v1::Request List(std::optional<int32_t> max_results,
                 std::optional<std::string> next_token) {
  v1::Request request;
  auto* list = request.mutable_get_security_configurations();
  if (max_results.has_value()) list->set_max_results(*max_results);
  if (next_token.has_value()) list->set_next_token(*std::move(next_token));
  return request;
}

v1::EncryptionConfiguration ConfigurationOf(absl::string_view text) {
  return Parse<v1::EncryptionConfiguration>(text);
}

v1::DataCatalogEncryptionSettings SettingsOf(absl::string_view text) {
  return Parse<v1::DataCatalogEncryptionSettings>(text);
}

}  // namespace glue_security::conformance_internal
