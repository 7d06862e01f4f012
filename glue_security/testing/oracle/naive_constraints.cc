#include "glue_security/testing/oracle/naive_constraints.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "glue_security/model/operation_list.h"
#include "glue_security/testing/oracle/naive_dates.h"
#include "glue_security/testing/oracle/naive_json.h"

namespace glue_security {
namespace {

using v1::Violation;

// The patterns of texts. A rule of an ARN that has a year is that of the models
// since then.
enum class Rule {
  kAny,
  kSingleLine,
  kMultiLine,
  kKeyArn,
  kWiderKeyArn,
  kGlueArn2020,
  kGlueArn2022,
  kGlueArn2024,
  kRoleArn,
};

bool IsPartitionOf2024(absl::string_view partition) {
  return partition == "aws" || partition == "aws-cn" ||
         partition == "aws-us-gov" || partition == "aws-iso" ||
         partition == "aws-iso-b" || partition == "aws-iso-e" ||
         partition == "aws-iso-f";
}

bool IsPartition(Rule rule, absl::string_view partition) {
  switch (rule) {
    case Rule::kKeyArn:
    case Rule::kGlueArn2020:
      return partition == "aws";
    case Rule::kGlueArn2022:
      return partition == "aws" || partition == "aws-us-gov" ||
             partition == "aws-cn";
    case Rule::kWiderKeyArn:
      return absl::ConsumePrefix(&partition, "aws") &&
             std::all_of(partition.begin(), partition.end(), [](char c) {
               return c == '-' || absl::ascii_islower(c) ||
                      absl::ascii_isdigit(c);
             });
    default:
      return IsPartitionOf2024(partition);
  }
}

// Returns true when `text` is an ARN as `rule` has it. The rest after the
// service may hold anything but line terminators, which the caller checks.
bool ObeysArn(Rule rule, absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, ':');
  if (parts.size() < 4 || parts[0] != "arn" || !IsPartition(rule, parts[1])) {
    return false;
  }
  if (rule == Rule::kKeyArn || rule == Rule::kWiderKeyArn) {
    return parts[2] == "kms";
  }
  if (rule != Rule::kRoleArn) return parts[2] == "glue";
  if (parts.size() < 6 || parts[2] != "iam" || !parts[3].empty()) return false;
  const absl::string_view account = parts[4];
  const bool digits = std::all_of(account.begin(), account.end(), [](char c) {
    return absl::ascii_isdigit(c);
  });
  return account.size() == 12 && digits &&
         absl::StartsWith(parts[5], "role/") &&
         (parts[5] != "role/" || parts.size() > 6);
}

bool Obeys(Rule rule, absl::string_view text) {
  bool is_single_line = true;
  bool is_multi_line = true;
  bool has_line_terminator = false;
  const bool is_well_formed = NaiveForEachCodePoint(text, [&](char32_t c) {
    const bool is_in_line =
        c == '\t' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
    is_single_line &= is_in_line;
    is_multi_line &= is_in_line || c == '\r' || c == '\n';
    has_line_terminator |=
        c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
  });
  if (!is_well_formed) return false;
  if (rule == Rule::kAny) return true;
  if (rule == Rule::kSingleLine) return is_single_line;
  if (rule == Rule::kMultiLine) return is_multi_line;
  if (rule == Rule::kWiderKeyArn && text.empty()) return true;
  return !has_line_terminator && ObeysArn(rule, text);
}

// The keys of ConnectionProperties.
std::set<std::string> PropertyKeys(const Behavior& behavior) {
  std::set<std::string> keys = {"HOST",
                                "PORT",
                                "USERNAME",
                                "PASSWORD",
                                "ENCRYPTED_PASSWORD",
                                "JDBC_DRIVER_JAR_URI",
                                "JDBC_DRIVER_CLASS_NAME",
                                "JDBC_ENGINE",
                                "JDBC_ENGINE_VERSION",
                                "CONFIG_FILES",
                                "INSTANCE_ID",
                                "JDBC_CONNECTION_URL",
                                "JDBC_ENFORCE_SSL"};
  if (behavior.api_date < kLaterConnections) return keys;
  keys.insert({"CUSTOM_JDBC_CERT", "SKIP_CUSTOM_JDBC_CERT_VALIDATION",
               "CUSTOM_JDBC_CERT_STRING", "CONNECTION_URL",
               "KAFKA_BOOTSTRAP_SERVERS", "KAFKA_SSL_ENABLED",
               "KAFKA_CUSTOM_CERT", "KAFKA_SKIP_CUSTOM_CERT_VALIDATION",
               "KAFKA_CLIENT_KEYSTORE", "KAFKA_CLIENT_KEYSTORE_PASSWORD",
               "KAFKA_CLIENT_KEY_PASSWORD",
               "ENCRYPTED_KAFKA_CLIENT_KEYSTORE_PASSWORD",
               "ENCRYPTED_KAFKA_CLIENT_KEY_PASSWORD", "SECRET_ID",
               "CONNECTOR_URL", "CONNECTOR_TYPE", "CONNECTOR_CLASS_NAME"});
  return keys;
}

// Returns a key as paths show it: escaped as in JSON, at most 255 characters,
// with U+FFFD for each byte that is in no character.
std::string QuotedKey(absl::string_view key) {
  std::string quoted;
  for (int i = 0; i < 255 && !key.empty(); ++i) {
    size_t bytes = 1;
    while (bytes < 4 && bytes < key.size() &&
           !NaiveCodePoints(key.substr(0, bytes)).has_value()) {
      ++bytes;
    }
    const absl::string_view character = key.substr(0, bytes);
    if (NaiveCodePoints(character).has_value()) {
      quoted += NaiveEscaped(std::string(character));
    } else {
      bytes = 1;
      quoted += "\xEF\xBF\xBD";
    }
    key.remove_prefix(bytes);
  }
  return quoted;
}

// The constraints of each request, members in the order of the contract.
class Checker {
 public:
  Checker(const Behavior& behavior, const v1::Request& request)
      : behavior_(behavior), request_(request) {}

  v1::Error Check() {
    switch (request_.operation_case()) {
#define GLUE_SECURITY_CHECK(Name, field) \
  case v1::Request::k##Name:             \
    Members(request_.field());           \
    break;
      GLUE_SECURITY_FOR_EACH_OPERATION(GLUE_SECURITY_CHECK)
#undef GLUE_SECURITY_CHECK
      case v1::Request::OPERATION_NOT_SET:
        break;
    }
    return error_;
  }

 private:
  static constexpr size_t kUnbounded = std::numeric_limits<size_t>::max();

  void Members(const v1::GetDataCatalogEncryptionSettingsRequest& r) {
    Line("catalogId", r.has_catalog_id(), r.catalog_id());
  }
  void Members(const v1::PutDataCatalogEncryptionSettingsRequest& r) {
    Line("catalogId", r.has_catalog_id(), r.catalog_id());
    Settings(r);
  }
  void Members(const v1::PutResourcePolicyRequest& r) {
    Required("policyInJson", r.has_policy_in_json());
    PolicyText(r);
    ResourceArn(r);
    Line("policyHashCondition", r.has_policy_hash_condition(),
         r.policy_hash_condition());
    Enum("policyExistsCondition", r.has_policy_exists_condition(),
         r.policy_exists_condition(), 3);
    if (behavior_.api_date >= kPoliciesOfResources) {
      Enum("enableHybrid", r.has_enable_hybrid(), r.enable_hybrid(), 2);
    }
  }
  void Members(const v1::GetResourcePolicyRequest& r) { ResourceArn(r); }
  void Members(const v1::DeleteResourcePolicyRequest& r) {
    Line("policyHashCondition", r.has_policy_hash_condition(),
         r.policy_hash_condition());
    ResourceArn(r);
  }
  void Members(const v1::CreateSecurityConfigurationRequest& r) {
    Name(r);
    Required("encryptionConfiguration", r.has_encryption_configuration());
    Configuration(r.encryption_configuration());
  }
  void Members(const v1::DeleteSecurityConfigurationRequest& r) { Name(r); }
  void Members(const v1::GetSecurityConfigurationRequest& r) { Name(r); }
  void Members(const v1::GetSecurityConfigurationsRequest& r) {
    PageSize(r);
    Token(r);
  }
  void Members(const v1::GetResourcePoliciesRequest& r) {
    Token(r);
    PageSize(r);
  }
  void Members(const v1::CreateConnectionRequest& r) {
    Line("catalogId", r.has_catalog_id(), r.catalog_id());
    Input(r);
    Map(
        "tags", r.tags(), 50,
        [this](const std::string& key) {
          Text("tags", true, key, 1, 128, Rule::kAny);
        },
        256);
  }
  void Members(const v1::GetConnectionRequest& r) {
    Line("catalogId", r.has_catalog_id(), r.catalog_id());
    Name(r);
  }
  void Members(const v1::GetConnectionsRequest& r) {
    Line("catalogId", r.has_catalog_id(), r.catalog_id());
    if (r.has_filter()) {
      Lines({"filter.", "matchCriteria"}, r.filter().match_criteria(), 10);
      Type({"filter.", "connectionType"}, r.filter());
    }
    Token(r);
    PageSize(r);
  }
  void Members(const v1::UpdateConnectionRequest& r) {
    Line("catalogId", r.has_catalog_id(), r.catalog_id());
    Name(r);
    Input(r);
  }
  void Members(const v1::DeleteConnectionRequest& r) {
    Line("catalogId", r.has_catalog_id(), r.catalog_id());
    Required("connectionName", r.has_connection_name());
    Line("connectionName", r.has_connection_name(), r.connection_name());
  }
  void Members(const v1::BatchDeleteConnectionRequest& r) {
    Line("catalogId", r.has_catalog_id(), r.catalog_id());
    Required("connectionNameList", r.has_connection_name_list());
    Lines("connectionNameList", r.connection_name_list(), 25);
  }

  // The path of a member in the structure `parent`, which ends with a dot or is
  // empty.
  struct Path {
    // Most members are the request's own.
    // NOLINTNEXTLINE(google-explicit-constructor)
    Path(const char* of_request) : name(of_request) {}
    Path(absl::string_view structure, const char* member)
        : parent(structure), name(member) {}

    std::string Join() const { return absl::StrCat(parent, name); }

    absl::string_view parent;
    absl::string_view name;
  };

  void Add(const Path& path, Violation::Constraint constraint) {
    Violation* violation = error_.add_violations();
    violation->set_path(path.Join());
    violation->set_constraint(constraint);
  }
  void Required(const Path& path, bool present) {
    if (!present) Add(path, Violation::CONSTRAINT_REQUIRED);
  }
  void Text(const Path& path, bool present, absl::string_view text, size_t min,
            size_t max, Rule rule) {
    if (!present) return;
    if (text.size() < min) Add(path, Violation::CONSTRAINT_LENGTH_MIN);
    if (text.size() > max) Add(path, Violation::CONSTRAINT_LENGTH_MAX);
    if (!Obeys(rule, text)) Add(path, Violation::CONSTRAINT_PATTERN);
  }
  void Line(const Path& path, bool present, absl::string_view text) {
    Text(path, present, text, 1, 255, Rule::kSingleLine);
  }
  template <typename Request>
  void Name(const Request& r) {
    Required("name", r.has_name());
    Line("name", r.has_name(), r.name());
  }
  void PolicyText(const v1::PutResourcePolicyRequest& r) {
    if (!r.has_policy_in_json()) return;
    const std::string& text = r.policy_in_json();
    if (text.size() < 2) Add("policyInJson", Violation::CONSTRAINT_LENGTH_MIN);
    // Later, the maximum is a business rule.
    if (behavior_.api_date < kPolicyWithoutMaximum &&
        NaivePolicyBytes(behavior_, text) > 10240) {
      Add("policyInJson", Violation::CONSTRAINT_LENGTH_MAX);
    }
    if (!Obeys(Rule::kAny, text)) {
      Add("policyInJson", Violation::CONSTRAINT_PATTERN);
    }
  }
  template <typename Request>
  void ResourceArn(const Request& r) {
    Rule rule = Rule::kGlueArn2020;
    if (behavior_.api_date >= kPolicyWithoutMaximum) rule = Rule::kGlueArn2022;
    if (behavior_.api_date >= kNewerPartitions) rule = Rule::kGlueArn2024;
    Text("resourceArn", r.has_resource_arn(), r.resource_arn(), 1, 10240, rule);
  }
  template <typename Request>
  void PageSize(const Request& r) {
    if (r.has_max_results() && r.max_results() < 1) {
      Add("maxResults", Violation::CONSTRAINT_VALUE_MIN);
    }
    if (r.max_results() > 1000) {
      Add("maxResults", Violation::CONSTRAINT_VALUE_MAX);
    }
  }
  template <typename Request>
  void Token(const Request& r) {
    Text("nextToken", r.has_next_token(), r.next_token(), 0, kUnbounded,
         Rule::kAny);
  }
  // A text that the codec could not parse counts as a value outside the set.
  bool Unparsed(const Path& path) const {
    return std::any_of(
        request_.unparsed_values().begin(), request_.unparsed_values().end(),
        [&](const auto& item) { return item.path() == path.Join(); });
  }
  void Enum(const Path& path, bool present, int value, int last) {
    if (present ? value < 1 || value > last : Unparsed(path)) {
      Add(path, Violation::CONSTRAINT_ENUM);
    }
  }
  void Settings(const v1::PutDataCatalogEncryptionSettingsRequest& r) {
    Required("dataCatalogEncryptionSettings",
             r.has_data_catalog_encryption_settings());
    const auto& settings = r.data_catalog_encryption_settings();
    if (settings.has_encryption_at_rest()) {
      const auto& part = settings.encryption_at_rest();
      const char* at = "dataCatalogEncryptionSettings.encryptionAtRest.";
      const Path mode = {at, "catalogEncryptionMode"};
      Required(mode, part.has_catalog_encryption_mode() || Unparsed(mode));
      Enum(mode, part.has_catalog_encryption_mode(),
           part.catalog_encryption_mode(),
           behavior_.api_date < kServiceRole ? 2 : 3);
      Line({at, "sseAwsKmsKeyId"}, part.has_sse_aws_kms_key_id(),
           part.sse_aws_kms_key_id());
      Text({at, "catalogEncryptionServiceRole"},
           part.has_catalog_encryption_service_role(),
           part.catalog_encryption_service_role(), 0, kUnbounded,
           Rule::kRoleArn);
    }
    if (settings.has_connection_password_encryption()) {
      const auto& part = settings.connection_password_encryption();
      const char* at =
          "dataCatalogEncryptionSettings.connectionPasswordEncryption.";
      Required({at, "returnConnectionPasswordEncrypted"},
               part.has_return_connection_password_encrypted());
      Line({at, "awsKmsKeyId"}, part.has_aws_kms_key_id(),
           part.aws_kms_key_id());
    }
  }
  void Configuration(const v1::EncryptionConfiguration& configuration) {
    int number = 0;
    for (const auto& s3 : configuration.s3_encryption().elements()) {
      const std::string at = absl::StrCat(
          "encryptionConfiguration.s3Encryption.", ++number, ".member.");
      Enum({at, "s3EncryptionMode"}, s3.has_s3_encryption_mode(),
           s3.s3_encryption_mode(), 3);
      KeyArn(at, s3);
    }
    if (configuration.has_cloud_watch_encryption()) {
      const auto& logs = configuration.cloud_watch_encryption();
      const char* at = "encryptionConfiguration.cloudWatchEncryption.";
      Enum({at, "cloudWatchEncryptionMode"},
           logs.has_cloud_watch_encryption_mode(),
           logs.cloud_watch_encryption_mode(), 2);
      KeyArn(at, logs);
    }
    if (configuration.has_job_bookmarks_encryption()) {
      const auto& bookmarks = configuration.job_bookmarks_encryption();
      const char* at = "encryptionConfiguration.jobBookmarksEncryption.";
      Enum({at, "jobBookmarksEncryptionMode"},
           bookmarks.has_job_bookmarks_encryption_mode(),
           bookmarks.job_bookmarks_encryption_mode(), 2);
      KeyArn(at, bookmarks);
    }
    if (configuration.has_data_quality_encryption()) {
      const auto& quality = configuration.data_quality_encryption();
      const char* at = "encryptionConfiguration.dataQualityEncryption.";
      Enum({at, "dataQualityEncryptionMode"},
           quality.has_data_quality_encryption_mode(),
           quality.data_quality_encryption_mode(), 2);
      KeyArn(at, quality);
    }
  }
  // A list of names.
  void Lines(const Path& path, const v1::StringList& list, int size_max) {
    if (list.elements_size() > size_max) {
      Add(path, Violation::CONSTRAINT_LENGTH_MAX);
    }
    int number = 0;
    for (const std::string& text : list.elements()) {
      const std::string element =
          absl::StrCat(path.Join(), ".", ++number, ".member");
      Line(element.c_str(), true, text);
    }
  }
  // A map whose keys `check_key` checks.
  void Map(const Path& path, const v1::StringMap& map, size_t size_max,
           absl::FunctionRef<void(const std::string& key)> check_key,
           size_t value_bytes_max) {
    if (map.elements().size() > size_max) {
      Add(path, Violation::CONSTRAINT_LENGTH_MAX);
    }
    const std::map<std::string, std::string> sorted(map.elements().begin(),
                                                    map.elements().end());
    for (const auto& [key, value] : sorted) {
      check_key(key);
      const std::string at =
          absl::StrCat(path.Join(), ".", QuotedKey(key), ".member");
      Text(at.c_str(), true, value, 0, value_bytes_max, Rule::kAny);
    }
  }
  template <typename Holder>
  void Type(const Path& path, const Holder& holder) {
    Enum(path, holder.has_connection_type(), holder.connection_type(),
         behavior_.api_date < kLaterConnections ? 2 : 7);
  }
  template <typename Request>
  void Input(const Request& r) {
    Required("connectionInput", r.has_connection_input());
    if (!r.has_connection_input()) return;
    const v1::ConnectionInput& input = r.connection_input();
    const char* at = "connectionInput.";
    Required({at, "name"}, input.has_name());
    Line({at, "name"}, input.has_name(), input.name());
    Text({at, "description"}, input.has_description(), input.description(), 0,
         2048, Rule::kMultiLine);
    const Path type = {at, "connectionType"};
    Required(type, input.has_connection_type() || Unparsed(type));
    Type(type, input);
    Lines({at, "matchCriteria"}, input.match_criteria(), 10);
    const Path properties = {at, "connectionProperties"};
    Required(properties, input.has_connection_properties());
    const std::set<std::string> keys = PropertyKeys(behavior_);
    const auto check_key = [&](const std::string& key) {
      Text(properties, true, key, 0, kUnbounded, Rule::kAny);
      if (keys.count(key) == 0) Add(properties, Violation::CONSTRAINT_ENUM);
    };
    Map(properties, input.connection_properties(), 100, check_key, 1024);
    if (!input.has_physical_connection_requirements()) return;
    const auto& place = input.physical_connection_requirements();
    at = "connectionInput.physicalConnectionRequirements.";
    Line({at, "subnetId"}, place.has_subnet_id(), place.subnet_id());
    Lines({at, "securityGroupIdList"}, place.security_group_id_list(), 50);
    Line({at, "availabilityZone"}, place.has_availability_zone(),
         place.availability_zone());
  }
  template <typename Block>
  void KeyArn(absl::string_view at, const Block& block) {
    const bool wider =
        behavior_.observed_patterns || behavior_.api_date >= kWiderKeyArn;
    Text({at, "kmsKeyArn"}, block.has_kms_key_arn(), block.kms_key_arn(), 0,
         kUnbounded, wider ? Rule::kWiderKeyArn : Rule::kKeyArn);
  }

  const Behavior& behavior_;
  const v1::Request& request_;
  v1::Error error_;
};

}  // namespace

size_t NaivePolicyBytes(const Behavior& behavior, absl::string_view text) {
  return behavior.reprint_policies &&
                 behavior.policy_checks != PolicyChecks::kNone
             ? NaiveBytesWithoutBlanks(text)
             : text.size();
}

v1::Error NaiveViolations(const Behavior& behavior,
                          const v1::Request& request) {
  return Checker(behavior, request).Check();
}

}  // namespace glue_security
