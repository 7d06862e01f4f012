#include "glue_security/testing/oracle/reference_model.h"

#include <openssl/sha.h>

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "glue_security/model/operation_list.h"
#include "glue_security/testing/oracle/naive_dates.h"
#include "glue_security/testing/oracle/naive_json.h"
#include "glue_security/testing/oracle/naive_rules.h"
#include "google/protobuf/util/time_util.h"

namespace glue_security {
namespace {

using google::protobuf::util::TimeUtil;

constexpr auto kOk = v1::ERROR_CODE_UNSPECIFIED;
constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;
constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;
constexpr auto kConditionFailed = v1::ERROR_CODE_CONDITION_CHECK_FAILURE;

std::string Sha256(const std::string& text) {
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(),
         digest);
  return std::string(reinterpret_cast<char*>(digest), sizeof(digest));
}

std::string Hash(const std::string& policy) {
  return absl::Base64Escape(Sha256(policy).substr(0, 16));
}

std::string MakeToken(const Caller& caller, const std::string& last_name) {
  const std::string token =
      absl::StrCat(absl::BytesToHexString(caller.account_id), ".",
                   absl::BytesToHexString(caller.region), ".",
                   absl::BytesToHexString(last_name), ".");
  return token + absl::BytesToHexString(Sha256(token).substr(0, 8));
}

// Returns the settings that Get shows after `settings` were put.
void ShowSettings(const v1::DataCatalogEncryptionSettings& settings,
                  bool show_default_keys,
                  v1::DataCatalogEncryptionSettings* shown) {
  auto& rest = *shown->mutable_encryption_at_rest();
  auto& passwords = *shown->mutable_connection_password_encryption();
  rest.set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_DISABLED);
  passwords.set_return_connection_password_encrypted(false);
  shown->MergeFrom(settings);
  if (!show_default_keys) return;
  const auto mode = rest.catalog_encryption_mode();
  if ((mode == v1::CATALOG_ENCRYPTION_MODE_SSE_KMS ||
       mode == v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE) &&
      !rest.has_sse_aws_kms_key_id()) {
    rest.set_sse_aws_kms_key_id("alias/aws/glue");
  }
  if (passwords.return_connection_password_encrypted() &&
      !passwords.has_aws_kms_key_id()) {
    passwords.set_aws_kms_key_id("alias/aws/glue");
  }
}

}  // namespace

v1::Response ReferenceModel::Execute(const Caller& caller,
                                     const v1::Request& request) {
  v1::Response response;
  v1::Error error = NaiveRefusal(behavior_, limits_, caller, request);
  if (error.code() == kOk && IsRefused(caller, request)) {
    error.set_code(kInvalid);
  }
  if (error.code() == kOk) {
    error.set_code(Run(caller, NaiveInForce(behavior_, request), &response));
  }
  if (error.code() != kOk) response.mutable_error()->Swap(&error);
  return response;
}

bool ReferenceModel::IsRefused(const Caller& caller,
                               const v1::Request& request) const {
  return request.has_put_resource_policy() &&
         behavior_.policy_checks > PolicyChecks::kJson && judge_ != nullptr &&
         !judge_(caller, request.put_resource_policy().policy_in_json());
}

// One call. Each operation fills in its response, or returns an error and
// changes nothing.
struct ReferenceModel::Call {
  ReferenceModel& model;
  const Caller& caller;
  v1::Response& response;
  // The catalog of the caller, and its policy.
  Catalog& catalog;
  Policy& policy;

  int64_t now_ms() const { return absl::ToUnixMillis(model.clock_->Now()); }

  // Returns the settings of the request's CatalogId.
  template <typename Request>
  v1::DataCatalogEncryptionSettings& SettingsOf(const Request& request) {
    return model
        .catalogs_[{
            request.has_catalog_id() ? request.catalog_id() : caller.account_id,
            caller.region}]
        .settings;
  }

  template <typename Request>
  v1::ErrorCode Do(const Request& /*request*/) {
    return kInvalid;
  }

  v1::ErrorCode Do(const v1::GetDataCatalogEncryptionSettingsRequest& get) {
    ShowSettings(SettingsOf(get), model.behavior_.show_default_keys,
                 response.mutable_get_data_catalog_encryption_settings()
                     ->mutable_data_catalog_encryption_settings());
    return kOk;
  }

  v1::ErrorCode Do(const v1::PutDataCatalogEncryptionSettingsRequest& put) {
    SettingsOf(put) = put.data_catalog_encryption_settings();
    response.mutable_put_data_catalog_encryption_settings();
    return kOk;
  }

  v1::ErrorCode Do(const v1::PutResourcePolicyRequest& put) {
    const Behavior& behavior = model.behavior_;
    const auto condition = put.policy_exists_condition();
    if (condition == v1::POLICY_EXISTS_CONDITION_MUST_EXIST && !policy.exists) {
      return behavior.must_exist_error_code;
    }
    if (condition == v1::POLICY_EXISTS_CONDITION_NOT_EXIST && policy.exists) {
      return kConditionFailed;
    }
    if (put.has_policy_hash_condition()
            ? !policy.exists || put.policy_hash_condition() != policy.hash
            : policy.exists && behavior.require_hash_to_overwrite) {
      return kConditionFailed;
    }
    policy.updated_ms = std::max(now_ms(), policy.updated_ms);
    if (!policy.exists) policy.created_ms = policy.updated_ms;
    policy.exists = true;
    policy.text = behavior.reprint_policies &&
                          behavior.policy_checks != PolicyChecks::kNone
                      ? NaiveReprint(put.policy_in_json())
                      : put.policy_in_json();
    policy.hash = Hash(policy.text);
    response.mutable_put_resource_policy()->set_policy_hash(policy.hash);
    return kOk;
  }

  v1::ErrorCode Do(const v1::GetResourcePolicyRequest&) {
    if (!policy.exists) return kNotFound;
    ShowPolicy(response.mutable_get_resource_policy());
    return kOk;
  }

  v1::ErrorCode Do(const v1::GetResourcePoliciesRequest&) {
    auto* page = response.mutable_get_resource_policies();
    if (policy.exists) ShowPolicy(page->add_policies());
    if (model.behavior_.empty_token_on_last_page) page->set_next_token("");
    return kOk;
  }

  // Fills in a response, or an element of one.
  template <typename Shown>
  void ShowPolicy(Shown* shown) const {
    shown->set_policy_in_json(policy.text);
    shown->set_policy_hash(policy.hash);
    *shown->mutable_create_time() =
        TimeUtil::MillisecondsToTimestamp(policy.created_ms);
    *shown->mutable_update_time() =
        TimeUtil::MillisecondsToTimestamp(policy.updated_ms);
  }

  v1::ErrorCode Do(const v1::DeleteResourcePolicyRequest& drop) {
    if (!policy.exists) return kNotFound;
    if (drop.has_policy_hash_condition() &&
        drop.policy_hash_condition() != policy.hash) {
      return kConditionFailed;
    }
    policy = Policy{false, "", "", 0, std::max(now_ms(), policy.updated_ms)};
    response.mutable_delete_resource_policy();
    return kOk;
  }

  v1::ErrorCode Do(const v1::CreateSecurityConfigurationRequest& create) {
    if (catalog.configurations.count(create.name()) > 0) {
      return v1::ERROR_CODE_ALREADY_EXISTS;
    }
    if (static_cast<int64_t>(catalog.configurations.size()) >=
        model.limits_.security_configurations_max) {
      return v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED;
    }
    auto& stored = catalog.configurations[create.name()];
    stored.set_name(create.name());
    *stored.mutable_encryption_configuration() =
        create.encryption_configuration();
    *stored.mutable_created_time_stamp() =
        TimeUtil::MillisecondsToTimestamp(now_ms());
    auto* answer = response.mutable_create_security_configuration();
    answer->set_name(create.name());
    *answer->mutable_created_timestamp() = stored.created_time_stamp();
    return kOk;
  }

  v1::ErrorCode Do(const v1::DeleteSecurityConfigurationRequest& drop) {
    if (catalog.configurations.erase(drop.name()) == 0) return kNotFound;
    response.mutable_delete_security_configuration();
    return kOk;
  }

  v1::ErrorCode Do(const v1::GetSecurityConfigurationRequest& get) {
    const auto found = catalog.configurations.find(get.name());
    if (found == catalog.configurations.end()) return kNotFound;
    *response.mutable_get_security_configuration()
         ->mutable_security_configuration() = found->second;
    return kOk;
  }

  v1::ErrorCode Do(const v1::GetSecurityConfigurationsRequest& list) {
    const auto& all = catalog.configurations;
    auto* page = response.mutable_get_security_configurations();
    int size = std::max(model.limits_.page_size_default, 1);
    if (list.has_max_results()) size = list.max_results();
    auto it = all.begin();
    if (const std::string& token = list.next_token(); !token.empty()) {
      const std::vector<std::string> parts = absl::StrSplit(token, '.');
      if (parts.size() != 4) return kInvalid;
      const std::string last = absl::HexStringToBytes(parts[2]);
      if (token != MakeToken(caller, last)) return kInvalid;
      it = all.upper_bound(last);
    }
    while (it != all.end() && page->security_configurations_size() < size) {
      *page->add_security_configurations() = (it++)->second;
    }
    if (it != all.end()) {
      page->set_next_token(MakeToken(caller, std::prev(it)->first));
    } else if (model.behavior_.empty_token_on_last_page) {
      page->set_next_token("");
    }
    return kOk;
  }
};

v1::ErrorCode ReferenceModel::Run(const Caller& caller,
                                  const v1::Request& request,
                                  v1::Response* response) {
  Catalog& catalog = catalogs_[{caller.account_id, caller.region}];
  Call call = {*this, caller, *response, catalog, catalog.policy};
  switch (request.operation_case()) {
#define GLUE_SECURITY_CALL(Name, field) \
  case v1::Request::k##Name:            \
    return call.Do(request.field());
    GLUE_SECURITY_FOR_EACH_OPERATION(GLUE_SECURITY_CALL)
#undef GLUE_SECURITY_CALL
    case v1::Request::OPERATION_NOT_SET:
      break;
  }
  return kInvalid;
}

std::string ReferenceModel::StateFingerprint() const {
  std::string text;
  for (const auto& [key, catalog] : catalogs_) {
    const Policy& policy = catalog.policy;
    const std::string settings = catalog.settings.ShortDebugString();
    if (policy.updated_ms == Policy().updated_ms && settings.empty() &&
        catalog.configurations.empty()) {
      continue;  // Never written.
    }
    absl::StrAppend(&text, absl::CEscape(key.first), "\n",
                    absl::CEscape(key.second), "\n", absl::CEscape(policy.text),
                    "\n", policy.exists, " ", policy.created_ms, " ",
                    policy.updated_ms, "\n", settings, "\n");
    for (const auto& [name, stored] : catalog.configurations) {
      absl::StrAppend(&text, stored.ShortDebugString(), "\n");
    }
  }
  return text;
}

}  // namespace glue_security
