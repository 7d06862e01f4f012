#include "glue_security/testing/histories/workload.h"

namespace glue_security {
namespace {

std::string PickKnown(ChoiceSource& choices,
                      const std::vector<std::string>& known) {
  // Choice 0 is the latest.
  return known[known.size() - 1 - choices.Below(known.size())];
}

v1::PutResourcePolicyRequest PutPolicy(ChoiceSource& choices,
                                       const ClientKnowledge& known) {
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json(choices.Pick<std::string>(
      {"{}", R"({"Version":"2012-10-17"})", R"({"Id":"b"})"}));
  if (!known.policy_hashes.empty() && choices.OneIn(3)) {
    put.set_policy_hash_condition(PickKnown(choices, known.policy_hashes));
  }
  if (choices.OneIn(3)) {
    put.set_policy_exists_condition(
        choices.Pick({v1::POLICY_EXISTS_CONDITION_NONE,
                      v1::POLICY_EXISTS_CONDITION_MUST_EXIST,
                      v1::POLICY_EXISTS_CONDITION_NOT_EXIST}));
  }
  return put;
}

v1::DataCatalogEncryptionSettings Settings(ChoiceSource& choices) {
  v1::DataCatalogEncryptionSettings settings;
  if (choices.OneIn(2)) {
    auto* rest = settings.mutable_encryption_at_rest();
    rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
    rest->set_sse_aws_kms_key_id(choices.Pick<std::string>({"key-a", "key-b"}));
  }
  if (choices.OneIn(2)) {
    auto* passwords = settings.mutable_connection_password_encryption();
    passwords->set_return_connection_password_encrypted(true);
    passwords->set_aws_kms_key_id(
        choices.Pick<std::string>({"key-a", "key-b"}));
  }
  return settings;
}

std::string Name(ChoiceSource& choices) {
  return choices.Pick<std::string>({"a", "b", "c"});
}

v1::CreateSecurityConfigurationRequest Create(ChoiceSource& choices) {
  v1::CreateSecurityConfigurationRequest create;
  create.set_name(Name(choices));
  auto* configuration = create.mutable_encryption_configuration();
  if (choices.OneIn(2)) {
    auto* logs = configuration->mutable_cloud_watch_encryption();
    logs->set_cloud_watch_encryption_mode(
        v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS);
    logs->set_kms_key_arn("arn:aws:kms:us-east-1:111111111111:key/k");
  }
  return create;
}

v1::GetSecurityConfigurationsRequest List(ChoiceSource& choices,
                                          const ClientKnowledge& known) {
  v1::GetSecurityConfigurationsRequest list;
  if (choices.OneIn(2)) list.set_max_results(choices.Pick({1, 2}));
  if (!known.page_tokens.empty() && choices.OneIn(2)) {
    list.set_next_token(PickKnown(choices, known.page_tokens));
  }
  return list;
}

}  // namespace

void ClientKnowledge::Learn(const v1::Response& response) {
  if (response.has_put_resource_policy()) {
    policy_hashes.push_back(response.put_resource_policy().policy_hash());
  } else if (response.has_get_resource_policy()) {
    policy_hashes.push_back(response.get_resource_policy().policy_hash());
  } else if (!response.get_security_configurations().next_token().empty()) {
    page_tokens.push_back(response.get_security_configurations().next_token());
  }
}

Call SmallWorkload(ChoiceSource& choices, const ClientKnowledge& known) {
  Call call;
  call.caller = {"111111111111", "us-east-1", ""};
  v1::Request& request = call.request;
  switch (choices.Below(13)) {
    case 0:
    case 1:
      request.mutable_get_resource_policy();
      break;
    case 2:
    case 3:
      *request.mutable_put_resource_policy() = PutPolicy(choices, known);
      break;
    case 4: {
      auto* drop = request.mutable_delete_resource_policy();
      if (!known.policy_hashes.empty() && choices.OneIn(2)) {
        drop->set_policy_hash_condition(
            PickKnown(choices, known.policy_hashes));
      }
      break;
    }
    case 5:
      request.mutable_get_data_catalog_encryption_settings();
      break;
    case 6:
      *request.mutable_put_data_catalog_encryption_settings()
           ->mutable_data_catalog_encryption_settings() = Settings(choices);
      break;
    case 7:
    case 8:
      *request.mutable_create_security_configuration() = Create(choices);
      break;
    case 9:
      request.mutable_delete_security_configuration()->set_name(Name(choices));
      break;
    case 10:
      request.mutable_get_security_configuration()->set_name(Name(choices));
      break;
    default:
      *request.mutable_get_security_configurations() = List(choices, known);
  }
  return call;
}

}  // namespace glue_security
