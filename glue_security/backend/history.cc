#include "glue_security/backend/history.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/request_names.h"

namespace glue_security {
namespace {

// Returns the wire name of an enum value from its proto name: the part after
// `prefix`.
std::string WithoutPrefix(absl::string_view name, absl::string_view prefix) {
  return std::string(absl::StartsWith(name, prefix) ? name.substr(prefix.size())
                                                    : name);
}

// Writes the arguments and the results of calls.
class BriefWriter {
 public:
  explicit BriefWriter(BriefTexts texts) : texts_(texts) {}

  // Returns the arguments of `request`, without the operation. An operation
  // without a format of its own here shows only its Name, if it has one.
  std::string Arguments(const v1::Request& request) const;
  // Returns the contents of an answer that is not an error.
  std::string Result(const v1::Response& response) const;

 private:
  std::string Quote(absl::string_view text, size_t bytes_max = 24) const {
    return QuoteShort(text, texts_ == BriefTexts::kWhole
                                ? absl::string_view::npos
                                : bytes_max);
  }

  // Returns the resource that a request about a policy names, if it names one.
  template <typename Request>
  std::string ResourceOf(const Request& request) const {
    return request.has_resource_arn()
               ? absl::StrCat("of ", Quote(request.resource_arn(), 60))
               : "";
  }
  std::string CatalogOf(RequestRef request) const {
    const std::string* const id = CatalogIdIn(request);
    return id == nullptr ? "" : absl::StrCat("of ", Quote(*id));
  }

  std::string Brief(const v1::PutResourcePolicyRequest& put) const;
  std::string Brief(const v1::DeleteResourcePolicyRequest& drop) const;
  std::string Brief(const v1::DataCatalogEncryptionSettings& settings) const;
  std::string Brief(
      const v1::PutDataCatalogEncryptionSettingsRequest& put) const;
  std::string Brief(const v1::GetSecurityConfigurationsResponse& page) const;
  std::string Brief(const v1::GetResourcePoliciesResponse& page) const;

  // Returns the arguments of a request for a page.
  template <typename Request>
  std::string PageRequest(const Request& list) const {
    std::string text;
    if (list.has_max_results()) {
      absl::StrAppend(&text, "at most ", list.max_results());
    }
    if (list.has_next_token()) {
      absl::StrAppend(&text, text.empty() ? "" : " ", "token ",
                      Quote(list.next_token(), 8));
    }
    return text;
  }

  // Returns a shown policy: a response, or an element of one.
  template <typename Shown>
  std::string Policy(const Shown& shown) const {
    return absl::StrCat(Quote(shown.policy_in_json()), " hash ",
                        Quote(shown.policy_hash(), 6));
  }

  const BriefTexts texts_;
};

// Returns a page of a list. `shown` are its elements as text.
template <typename Response>
std::string BriefPage(const std::vector<std::string>& shown,
                      const Response& page) {
  return absl::StrCat("[", absl::StrJoin(shown, ", "), "]",
                      page.next_token().empty() ? "" : " and more");
}

std::string BriefWriter::Brief(const v1::PutResourcePolicyRequest& put) const {
  std::string text = Quote(put.policy_in_json());
  if (put.has_resource_arn()) absl::StrAppend(&text, " ", ResourceOf(put));
  if (put.has_enable_hybrid()) {
    absl::StrAppend(
        &text, " hybrid ",
        WithoutPrefix(v1::EnableHybridValues_Name(put.enable_hybrid()),
                      "ENABLE_HYBRID_VALUES_"));
  }
  std::vector<std::string> conditions;
  if (put.has_policy_exists_condition()) {
    conditions.push_back(WithoutPrefix(
        v1::PolicyExistsCondition_Name(put.policy_exists_condition()),
        "POLICY_EXISTS_CONDITION_"));
  }
  if (put.has_policy_hash_condition()) {
    conditions.push_back(
        absl::StrCat("hash ", Quote(put.policy_hash_condition(), 6)));
  }
  if (conditions.empty()) return text;
  return absl::StrCat(text, " if ", absl::StrJoin(conditions, ", "));
}

std::string BriefWriter::Brief(
    const v1::DataCatalogEncryptionSettings& settings) const {
  const auto& rest = settings.encryption_at_rest();
  const auto& passwords = settings.connection_password_encryption();
  std::vector<std::string> parts;
  if (settings.has_encryption_at_rest()) {
    parts.push_back(WithoutPrefix(
        v1::CatalogEncryptionMode_Name(rest.catalog_encryption_mode()),
        "CATALOG_ENCRYPTION_MODE_"));
    if (rest.has_sse_aws_kms_key_id()) {
      parts.push_back(Quote(rest.sse_aws_kms_key_id(), 16));
    }
    if (rest.has_catalog_encryption_service_role()) {
      parts.push_back(absl::StrCat(
          "role ", Quote(rest.catalog_encryption_service_role(), 60)));
    }
  }
  if (settings.has_connection_password_encryption()) {
    parts.emplace_back(passwords.return_connection_password_encrypted()
                           ? "passwords encrypted"
                           : "passwords plain");
    if (passwords.has_aws_kms_key_id()) {
      parts.push_back(Quote(passwords.aws_kms_key_id(), 16));
    }
  }
  return parts.empty() ? "{}" : absl::StrJoin(parts, " ");
}

std::string BriefWriter::Brief(
    const v1::PutDataCatalogEncryptionSettingsRequest& put) const {
  const std::string catalog = CatalogOf(put);
  return absl::StrCat(catalog, catalog.empty() ? "" : " ",
                      Brief(put.data_catalog_encryption_settings()));
}

std::string BriefWriter::Brief(
    const v1::DeleteResourcePolicyRequest& drop) const {
  std::string resource = ResourceOf(drop);
  if (!drop.has_policy_hash_condition()) return resource;
  return absl::StrCat(resource, resource.empty() ? "" : " ", "if hash ",
                      Quote(drop.policy_hash_condition(), 6));
}

std::string BriefWriter::Brief(
    const v1::GetSecurityConfigurationsResponse& page) const {
  std::vector<std::string> names;
  for (const auto& configuration : page.security_configurations()) {
    names.push_back(Quote(configuration.name()));
  }
  return BriefPage(names, page);
}

std::string BriefWriter::Brief(
    const v1::GetResourcePoliciesResponse& page) const {
  std::vector<std::string> policies;
  for (const v1::GluePolicy& policy : page.policies()) {
    policies.push_back(Policy(policy));
  }
  return BriefPage(policies, page);
}

std::string BriefWriter::Arguments(const v1::Request& request) const {
  if (request.has_get_data_catalog_encryption_settings()) {
    return CatalogOf(request);
  }
  if (request.has_put_data_catalog_encryption_settings()) {
    return Brief(request.put_data_catalog_encryption_settings());
  }
  if (request.has_put_resource_policy()) {
    return Brief(request.put_resource_policy());
  }
  if (request.has_get_resource_policy()) {
    return ResourceOf(request.get_resource_policy());
  }
  if (request.has_delete_resource_policy()) {
    return Brief(request.delete_resource_policy());
  }
  if (request.has_get_security_configurations()) {
    return PageRequest(request.get_security_configurations());
  }
  if (request.has_get_resource_policies()) {
    return PageRequest(request.get_resource_policies());
  }
  const std::string* const name = NameIn(request);
  return name == nullptr ? "" : Quote(*name);
}

std::string BriefWriter::Result(const v1::Response& response) const {
  if (response.has_get_data_catalog_encryption_settings()) {
    return Brief(response.get_data_catalog_encryption_settings()
                     .data_catalog_encryption_settings());
  }
  if (response.has_put_resource_policy()) {
    return absl::StrCat("hash ",
                        Quote(response.put_resource_policy().policy_hash(), 6));
  }
  if (response.has_get_resource_policy()) {
    return Policy(response.get_resource_policy());
  }
  if (response.has_get_security_configurations()) {
    return Brief(response.get_security_configurations());
  }
  if (response.has_get_resource_policies()) {
    return Brief(response.get_resource_policies());
  }
  return "";
}

}  // namespace

bool IsUnknown(const HistoryEntry& entry) {
  if (!entry.response.has_value()) return true;
  if (!entry.response->has_error()) return false;
  const v1::Error& error = entry.response->error();
  return error.code() == v1::ERROR_CODE_OPERATION_TIMEOUT ||
         error.detail() == v1::Error::DETAIL_OUTCOME_UNKNOWN;
}

std::string QuoteShort(absl::string_view text, size_t bytes_max) {
  const bool cut = text.size() > bytes_max;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, bytes_max)),
                      cut ? "...\"" : "\"");
}

std::string BriefRequest(const v1::Request& request, BriefTexts texts) {
  const absl::string_view name = OperationName(request.operation_case());
  if (name.empty()) return "(no operation)";
  const std::string arguments = BriefWriter(texts).Arguments(request);
  return absl::StrCat(name, arguments.empty() ? "" : " ", arguments);
}

std::string BriefResponse(const std::optional<v1::Response>& response,
                          BriefTexts texts) {
  if (!response.has_value()) return "no answer yet";
  if (response->has_error()) {
    const absl::string_view name = ErrorCodeName(response->error().code());
    return name.empty() ? "(an error without a code)" : std::string(name);
  }
  if (response->outcome_case() == v1::Response::OUTCOME_NOT_SET) {
    return "(an empty response)";
  }
  const std::string result = BriefWriter(texts).Result(*response);
  return absl::StrCat("ok", result.empty() ? "" : " ", result);
}

std::string FormatCall(size_t index, const HistoryEntry& entry) {
  const std::string end =
      entry.end == kNoEnd ? std::string("..") : absl::StrCat("..", entry.end);
  return absl::StrCat("#", index, " client ", entry.client, " [", entry.start,
                      end, "] ", absl::CHexEscape(entry.caller.account_id), "/",
                      absl::CHexEscape(entry.caller.region), " ",
                      BriefRequest(entry.request), " -> ",
                      BriefResponse(entry.response));
}

std::string FormatHistory(const History& history) {
  std::vector<size_t> order(history.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return history[a].start < history[b].start;
  });
  std::string text;
  for (const size_t i : order) {
    absl::StrAppend(&text, FormatCall(i, history[i]), "\n");
  }
  return text;
}

}  // namespace glue_security
