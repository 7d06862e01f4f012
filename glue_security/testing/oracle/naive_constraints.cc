#include "glue_security/testing/oracle/naive_constraints.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/operation_list.h"
#include "glue_security/testing/oracle/naive_json.h"

namespace glue_security {
namespace {

using v1::Violation;

enum class Rule { kAny, kSingleLine, kArn, kObservedArn };

bool Obeys(Rule rule, absl::string_view text) {
  bool is_single_line = true;
  bool has_line_terminator = false;
  const bool is_well_formed = NaiveForEachCodePoint(text, [&](char32_t c) {
    is_single_line &= c == '\t' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
    has_line_terminator |=
        c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
  });
  if (!is_well_formed) return false;
  if (rule == Rule::kAny) return true;
  if (rule == Rule::kSingleLine) return is_single_line;
  if (rule == Rule::kObservedArn && text.empty()) return true;
  if (text.substr(0, 7) != "arn:aws") return false;
  size_t i = 7;  // Both are ASCII up to the rest: bytes = code points.
  if (rule == Rule::kObservedArn) {
    while (i < text.size() && (text[i] == '-' || absl::ascii_islower(text[i]) ||
                               absl::ascii_isdigit(text[i]))) {
      ++i;
    }
  }
  if (text.substr(i, 5) != ":kms:") return false;
  return !has_line_terminator;
}

// The constraints of each request, members in the order of the contract.
class Checker {
 public:
  Checker(const Behavior& behavior, const v1::Request& request)
      : arn_(behavior.observed_patterns ? Rule::kObservedArn : Rule::kArn),
        request_(request) {}

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
    Text("policyInJson", r.has_policy_in_json(), r.policy_in_json(), 2, 10240,
         Rule::kAny);
    Line("policyHashCondition", r.has_policy_hash_condition(),
         r.policy_hash_condition());
    Enum("policyExistsCondition", r.has_policy_exists_condition(),
         r.policy_exists_condition(), 3);
  }
  void Members(const v1::GetResourcePolicyRequest&) {}
  void Members(const v1::DeleteResourcePolicyRequest& r) {
    Line("policyHashCondition", r.has_policy_hash_condition(),
         r.policy_hash_condition());
  }
  void Members(const v1::CreateSecurityConfigurationRequest& r) {
    Name(r);
    Required("encryptionConfiguration", r.has_encryption_configuration());
    Configuration(r.encryption_configuration());
  }
  void Members(const v1::DeleteSecurityConfigurationRequest& r) { Name(r); }
  void Members(const v1::GetSecurityConfigurationRequest& r) { Name(r); }
  void Members(const v1::GetSecurityConfigurationsRequest& r) {
    if (r.has_max_results() && r.max_results() < 1) {
      Add("maxResults", Violation::CONSTRAINT_VALUE_MIN);
    }
    if (r.max_results() > 1000) {
      Add("maxResults", Violation::CONSTRAINT_VALUE_MAX);
    }
    Text("nextToken", r.has_next_token(), r.next_token(), 0, kUnbounded,
         Rule::kAny);
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
  // A text that the codec could not parse counts as a value outside the set.
  bool Unparsed(const Path& path) const {
    return std::any_of(
        request_.unparsed_enums().begin(), request_.unparsed_enums().end(),
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
           part.catalog_encryption_mode(), 2);
      Line({at, "sseAwsKmsKeyId"}, part.has_sse_aws_kms_key_id(),
           part.sse_aws_kms_key_id());
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
      Arn(at, s3);
    }
    if (configuration.has_cloud_watch_encryption()) {
      const auto& logs = configuration.cloud_watch_encryption();
      const char* at = "encryptionConfiguration.cloudWatchEncryption.";
      Enum({at, "cloudWatchEncryptionMode"},
           logs.has_cloud_watch_encryption_mode(),
           logs.cloud_watch_encryption_mode(), 2);
      Arn(at, logs);
    }
    if (configuration.has_job_bookmarks_encryption()) {
      const auto& bookmarks = configuration.job_bookmarks_encryption();
      const char* at = "encryptionConfiguration.jobBookmarksEncryption.";
      Enum({at, "jobBookmarksEncryptionMode"},
           bookmarks.has_job_bookmarks_encryption_mode(),
           bookmarks.job_bookmarks_encryption_mode(), 2);
      Arn(at, bookmarks);
    }
  }
  template <typename Block>
  void Arn(absl::string_view at, const Block& block) {
    Text({at, "kmsKeyArn"}, block.has_kms_key_arn(), block.kms_key_arn(), 0,
         kUnbounded, arn_);
  }

  const Rule arn_;
  const v1::Request& request_;
  v1::Error error_;
};

}  // namespace

v1::Error NaiveViolations(const Behavior& behavior,
                          const v1::Request& request) {
  return Checker(behavior, request).Check();
}

bool NaiveBreaksRule(const Behavior& behavior, const Limits& limits,
                     const v1::Request& request) {
  if (request.has_put_resource_policy()) {
    return behavior.policy_checks >= PolicyChecks::kJson &&
           !NaiveIsJsonObject(
               request.put_resource_policy().policy_in_json(),
               std::clamp<size_t>(limits.policy_depth_max, 1, 1024));
  }
  if (request.has_get_security_configurations()) {
    return behavior.limit_page_size &&
           request.get_security_configurations().max_results() >
               std::max(limits.page_size_observed_max, 1);
  }
  const auto& configuration =
      request.create_security_configuration().encryption_configuration();
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
  return (behavior.require_key_for_kms_modes && lacks_key) ||
         (behavior.limit_s3_encryption_to_one &&
          configuration.s3_encryption().elements_size() > 1);
}

}  // namespace glue_security
