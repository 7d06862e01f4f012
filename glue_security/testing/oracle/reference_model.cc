#include "glue_security/testing/oracle/reference_model.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "glue_security/model/operation_list.h"
#include "glue_security/testing/oracle/naive_dates.h"
#include "glue_security/testing/oracle/naive_json.h"
#include "glue_security/testing/oracle/naive_page_token.h"
#include "glue_security/testing/oracle/naive_rules.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/time_util.h"

namespace glue_security {
namespace {

using google::protobuf::util::TimeUtil;

constexpr auto kOk = v1::ERROR_CODE_UNSPECIFIED;
constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;
constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;
constexpr auto kConditionFailed = v1::ERROR_CODE_CONDITION_CHECK_FAILURE;

std::string Hash(const std::string& policy) {
  return absl::Base64Escape(NaiveSha256(policy).substr(0, 16));
}

// Returns what follows the account in an ARN; "" when it is not known.
std::string EndOfArn(const std::string& arn) {
  const std::vector<std::string> parts =
      absl::StrSplit(arn, absl::MaxSplits(':', 5));
  return parts.size() == 6 ? parts[5] : "";
}

// Returns a text that is the same for equal messages, also for those with maps.
std::string Printed(const google::protobuf::Message& message) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializePartialToCodedStream(&coded);
  coded.Trim();
  return absl::CEscape(bytes);
}

// True for a connection that a filter lets pass.
bool Passes(const v1::GetConnectionsFilter& filter,
            const v1::ConnectionInput& connection) {
  if (filter.has_connection_type() &&
      filter.connection_type() != connection.connection_type()) {
    return false;
  }
  const auto& list = connection.match_criteria().elements();
  const std::set<std::string> has(list.begin(), list.end());
  for (const std::string& wanted : filter.match_criteria().elements()) {
    if (has.count(wanted) == 0) return false;
  }
  return true;
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
    error.set_message(response.error().message());
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

// One call. Each operation fills in its response, or returns an error, whose
// message may be in the response, and changes nothing.
struct ReferenceModel::Call {
  ReferenceModel& model;
  const Caller& caller;
  v1::Response& response;
  // The catalog of the caller, and its policy.
  Catalog& catalog;
  Policy& policy;

  int64_t now_ms() const { return absl::ToUnixMillis(model.clock_->Now()); }

  // Returns the catalog of the request's CatalogId.
  template <typename Request>
  NaiveCatalogKey KeyOf(const Request& request) const {
    return {request.has_catalog_id() ? request.catalog_id() : caller.account_id,
            caller.region};
  }
  template <typename Request>
  Catalog& CatalogOf(const Request& request) {
    return model.catalogs_[KeyOf(request)];
  }
  template <typename Request>
  v1::DataCatalogEncryptionSettings& SettingsOf(const Request& request) {
    return CatalogOf(request).settings;
  }

  // Returns the error for a refusal of the key service.
  v1::ErrorCode RefusedBy(const std::string& key_code) {
    response.mutable_error()->set_message(
        absl::StrCat("(Service: AWSKMS; Error Code: ", key_code, ";)"));
    return v1::ERROR_CODE_GLUE_ENCRYPTION;
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
    if (model.behavior_.policies_need_catalog_key) {
      const std::string refusal =
          model.passwords_.MayDecrypt(catalog.settings, caller);
      if (!refusal.empty()) return RefusedBy(refusal);
    }
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
    const NaiveCatalogKey key = {caller.account_id, caller.region};
    const auto start = NaiveStartOfPage(all, key, list.next_token());
    if (!start.has_value()) return kInvalid;
    auto it = *start;
    while (it != all.end() && page->security_configurations_size() < size) {
      *page->add_security_configurations() = (it++)->second;
    }
    if (it != all.end()) {
      page->set_next_token(NaivePageToken(key, std::prev(it)->first));
    } else if (model.behavior_.empty_token_on_last_page) {
      page->set_next_token("");
    }
    return kOk;
  }

  // Writes a connection: `*stored` is that before.
  v1::ErrorCode Write(const v1::ConnectionInput& input,
                      const v1::DataCatalogEncryptionSettings& settings,
                      Connection* stored) {
    stored->input = input;
    stored->updated_by = EndOfArn(caller.principal_arn);
    const std::string refusal = model.passwords_.Store(
        model.behavior_, settings, caller,
        stored->input.mutable_connection_properties()->mutable_elements(),
        &stored->is_sealed, &stored->seal);
    return refusal.empty() ? kOk : RefusedBy(refusal);
  }

  v1::ErrorCode Do(const v1::CreateConnectionRequest& create) {
    Catalog& where = CatalogOf(create);
    const v1::ConnectionInput& input = create.connection_input();
    if (where.connections.count(input.name()) > 0) {
      return v1::ERROR_CODE_ALREADY_EXISTS;
    }
    if (static_cast<int64_t>(where.connections.size()) >=
        model.limits_.connections_max) {
      return v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED;
    }
    Connection stored;
    stored.created_ms = stored.updated_ms = now_ms();
    const v1::ErrorCode code = Write(input, where.settings, &stored);
    if (code != kOk) return code;
    where.connections[input.name()] = std::move(stored);
    response.mutable_create_connection();
    return kOk;
  }

  v1::ErrorCode Do(const v1::UpdateConnectionRequest& update) {
    Catalog& where = CatalogOf(update);
    const auto found = where.connections.find(update.name());
    if (found == where.connections.end()) return kNotFound;
    Connection stored = found->second;
    stored.updated_ms = std::max(stored.updated_ms, now_ms());
    const v1::ErrorCode code =
        Write(update.connection_input(), where.settings, &stored);
    if (code != kOk) return code;
    found->second = std::move(stored);
    response.mutable_update_connection();
    return kOk;
  }

  // Returns a connection without looking at its passwords.
  static v1::Connection Shown(const Connection& stored) {
    const v1::ConnectionInput& input = stored.input;
    v1::Connection shown;
    shown.set_name(input.name());
    if (input.has_description()) shown.set_description(input.description());
    shown.set_connection_type(input.connection_type());
    if (input.has_match_criteria()) {
      *shown.mutable_match_criteria() = input.match_criteria();
    }
    *shown.mutable_connection_properties() = input.connection_properties();
    if (input.has_physical_connection_requirements()) {
      *shown.mutable_physical_connection_requirements() =
          input.physical_connection_requirements();
    }
    *shown.mutable_creation_time() =
        TimeUtil::MillisecondsToTimestamp(stored.created_ms);
    *shown.mutable_last_updated_time() =
        TimeUtil::MillisecondsToTimestamp(stored.updated_ms);
    if (!stored.updated_by.empty()) {
      shown.set_last_updated_by(stored.updated_by);
    }
    return shown;
  }

  // Shows the passwords of a connection. Returns the refusal, or "".
  template <typename Request>
  std::string ShowPasswords(const Request& get, v1::Connection* shown) {
    return model.passwords_.Show(
        SettingsOf(get), caller, get.hide_password(),
        shown->mutable_connection_properties()->mutable_elements());
  }

  v1::ErrorCode Do(const v1::GetConnectionRequest& get) {
    const Catalog& where = CatalogOf(get);
    const auto found = where.connections.find(get.name());
    if (found == where.connections.end()) return kNotFound;
    const Connection& stored = found->second;
    std::string refusal;
    if (stored.is_sealed) {
      refusal = model.passwords_.Open(where.settings, caller, stored.seal);
    }
    v1::Connection shown = Shown(stored);
    if (refusal.empty()) refusal = ShowPasswords(get, &shown);
    if (!refusal.empty()) return RefusedBy(refusal);
    response.mutable_get_connection()->mutable_connection()->Swap(&shown);
    return kOk;
  }

  // A page is cut before the filter is applied. The keys are asked for all that
  // can be asked at once, in the order of the page: first for sealed
  // connections and for the passwords of others, then for the passwords within
  // those that were sealed.
  v1::ErrorCode Do(const v1::GetConnectionsRequest& list) {
    const NaiveCatalogKey key = KeyOf(list);
    const Catalog& where = CatalogOf(list);
    const auto& all = where.connections;
    const int size = list.has_max_results()
                         ? list.max_results()
                         : std::max(model.limits_.page_size_default, 1);
    const auto start = NaiveStartOfPage(all, key, list.next_token());
    if (!start.has_value()) return kInvalid;
    auto it = *start;
    std::vector<const Connection*> page;
    while (it != all.end() && static_cast<int>(page.size()) < size) {
      page.push_back(&(it++)->second);
    }
    std::map<const Connection*, v1::Connection> shown;
    for (const bool sealed_passwords : {false, true}) {
      for (const Connection* stored : page) {
        if (sealed_passwords && !stored->is_sealed) continue;
        std::string refusal;
        if (stored->is_sealed && !sealed_passwords) {
          refusal = model.passwords_.Open(where.settings, caller, stored->seal);
        } else if (Passes(list.filter(), stored->input)) {
          refusal = ShowPasswords(list, &(shown[stored] = Shown(*stored)));
        }
        if (!refusal.empty()) return RefusedBy(refusal);
      }
    }
    auto* answer = response.mutable_get_connections();
    for (const Connection* stored : page) {
      if (shown.count(stored) == 0) continue;
      answer->add_connection_list()->Swap(&shown[stored]);
    }
    if (it != all.end()) {
      answer->set_next_token(NaivePageToken(key, std::prev(it)->first));
    } else if (model.behavior_.empty_token_on_last_page) {
      answer->set_next_token("");
    }
    return kOk;
  }

  v1::ErrorCode Do(const v1::DeleteConnectionRequest& drop) {
    if (CatalogOf(drop).connections.erase(drop.connection_name()) == 0) {
      return kNotFound;
    }
    response.mutable_delete_connection();
    return kOk;
  }

  // The texts of the errors are not predicted.
  v1::ErrorCode Do(const v1::BatchDeleteConnectionRequest& drop) {
    auto* answer = response.mutable_batch_delete_connection();
    std::set<std::string> seen;
    for (const std::string& name : drop.connection_name_list().elements()) {
      if (!seen.insert(name).second) continue;
      if (CatalogOf(drop).connections.erase(name) > 0) {
        answer->add_succeeded(name);
      } else {
        (*answer->mutable_errors())[name].set_error_code(
            "EntityNotFoundException");
      }
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
        catalog.configurations.empty() && catalog.connections.empty()) {
      continue;  // Never written.
    }
    absl::StrAppend(&text, absl::CEscape(key.first), "\n",
                    absl::CEscape(key.second), "\n", absl::CEscape(policy.text),
                    "\n", policy.exists, " ", policy.created_ms, " ",
                    policy.updated_ms, "\n", settings, "\n");
    for (const auto& [name, stored] : catalog.configurations) {
      absl::StrAppend(&text, stored.ShortDebugString(), "\n");
    }
    for (const auto& [name, stored] : catalog.connections) {
      v1::ConnectionInput input = stored.input;
      auto* properties =
          input.mutable_connection_properties()->mutable_elements();
      *properties = passwords_.Revealed(*properties);
      absl::StrAppend(&text, Printed(input), "\n", stored.created_ms, " ",
                      stored.updated_ms, " ", absl::CEscape(stored.updated_by),
                      "\n");
      if (!stored.is_sealed) continue;
      absl::StrAppend(&text, "sealed under ", absl::CEscape(stored.seal.key),
                      " by ", absl::CEscape(stored.seal.by.account_id), " ",
                      absl::CEscape(stored.seal.by.region), " ",
                      absl::CEscape(stored.seal.by.principal_arn), "\n");
    }
  }
  return text;
}

}  // namespace glue_security
