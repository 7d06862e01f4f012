// Security configurations: CreateSecurityConfiguration,
// DeleteSecurityConfiguration, GetSecurityConfiguration,
// GetSecurityConfigurations.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/state_machine/operation_handler.h"
#include "glue_security/state_machine/page_token.h"
#include "glue_security/state_machine/record_time.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/state_machine/transition_steps.h"
#include "glue_security/validation/quote.h"

namespace glue_security {
namespace {

// The indices of the two keys that Create and Delete read and rewrite: the
// configuration, and the catalog's count of them. Get reads only the first.
constexpr size_t kConfiguration = 0;
constexpr size_t kCount = 1;

RecordKey SecurityConfigurationKey(absl::string_view name) {
  return {RecordKind::kSecurityConfiguration, std::string(name)};
}

RecordKey ConfigurationCountKey() {
  return {RecordKind::kConfigurationCount, ""};
}

// Returns an error about the configuration `name`.
Transition FailNamed(v1::ErrorCode code, const std::string& name,
                     absl::string_view what, const CoreOptions& options) {
  if (!options.behavior.name_configurations_in_errors) return Fail(code, "");
  return Fail(
      code, absl::StrCat("security configuration \"",
                         QuoteValue(name, QuotedCodePointsMax(options.behavior,
                                                              options.limits)),
                         "\" ", what));
}

// Checks the keys as the real service does: a KMS mode needs a key that is not
// empty.
std::optional<v1::Error> CheckKeys(const v1::EncryptionConfiguration& config) {
  constexpr char kText[] = "kmsKeyArn must be given for ";
  for (const v1::S3Encryption& s3 : config.s3_encryption().elements()) {
    if (s3.s3_encryption_mode() == v1::S3_ENCRYPTION_MODE_SSE_KMS &&
        s3.kms_key_arn().empty()) {
      return InvalidInput(absl::StrCat(kText, "s3EncryptionMode SSE-KMS"));
    }
  }
  const v1::CloudWatchEncryption& logs = config.cloud_watch_encryption();
  if (logs.cloud_watch_encryption_mode() ==
          v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS &&
      logs.kms_key_arn().empty()) {
    return InvalidInput(
        absl::StrCat(kText, "cloudWatchEncryptionMode SSE-KMS"));
  }
  const v1::JobBookmarksEncryption& bookmarks =
      config.job_bookmarks_encryption();
  if (bookmarks.job_bookmarks_encryption_mode() ==
          v1::JOB_BOOKMARKS_ENCRYPTION_MODE_CSE_KMS &&
      bookmarks.kms_key_arn().empty()) {
    return InvalidInput(
        "kmsKeyArn can only be empty for jobBookmarksEncryptionMode CSE_KMS");
  }
  const v1::DataQualityEncryption& quality = config.data_quality_encryption();
  if (quality.data_quality_encryption_mode() ==
          v1::DATA_QUALITY_ENCRYPTION_MODE_SSE_KMS &&
      quality.kms_key_arn().empty()) {
    return InvalidInput(
        absl::StrCat(kText, "dataQualityEncryptionMode SSE-KMS"));
  }
  return std::nullopt;
}

// Returns the count in the snapshot: 0 when it was never written, nullopt when
// the record is damaged.
std::optional<int64_t> ReadCount(const SnapshotView& snapshot) {
  if (!snapshot.has(kCount)) return 0;
  const auto stored = DecodeRecord(snapshot.value(kCount),
                                   v1::StoredRecord::kConfigurationCount);
  if (!stored.has_value()) return std::nullopt;
  return stored->configuration_count().count();
}

std::string EncodeCount(const CommitId& commit_id, int64_t count) {
  v1::StoredRecord record;
  OrEnd([&] { record.mutable_configuration_count()->set_count(count); });
  return EncodeRecord(commit_id, std::move(record));
}

// Decodes a configuration into the message that `add` returns. Returns false
// when the record is damaged; `add` is then not called.
template <typename AddFunction>
bool ReadConfiguration(absl::string_view name, absl::string_view value,
                       AddFunction&& add) {
  auto record = DecodeRecord(value, v1::StoredRecord::kSecurityConfiguration);
  if (!record.has_value()) return false;
  OrEnd([&] {
    v1::SecurityConfiguration* const configuration = add();
    v1::StoredSecurityConfiguration* const stored =
        record->mutable_security_configuration();
    configuration->set_name(name.data(), name.size());
    *configuration->mutable_created_time_stamp() =
        ToTimestamp(stored->created_time_ms());
    *configuration->mutable_encryption_configuration() =
        std::move(*stored->mutable_encryption_configuration());
  });
  return true;
}

std::optional<v1::Error> PlanCreate(PreparedOperation* operation) {
  const auto& request =
      operation->request.as<v1::CreateSecurityConfigurationRequest>();
  operation->read_set.keys.push_back(SecurityConfigurationKey(request.name()));
  operation->read_set.keys.push_back(ConfigurationCountKey());
  const CoreOptions& options = *operation->options;
  const v1::EncryptionConfiguration& config =
      request.encryption_configuration();
  if (options.behavior.limit_s3_encryption_to_one &&
      config.s3_encryption().elements_size() > 1) {
    return InvalidInput(
        "S3 EncryptionConfiguration list cannot be greater than one");
  }
  if (options.behavior.require_key_for_kms_modes) return CheckKeys(config);
  return std::nullopt;
}

std::optional<v1::Error> PlanDelete(PreparedOperation* operation) {
  const auto& request =
      operation->request.as<v1::DeleteSecurityConfigurationRequest>();
  operation->read_set.keys.push_back(SecurityConfigurationKey(request.name()));
  operation->read_set.keys.push_back(ConfigurationCountKey());
  return std::nullopt;
}

std::optional<v1::Error> PlanGet(PreparedOperation* operation) {
  const auto& request =
      operation->request.as<v1::GetSecurityConfigurationRequest>();
  operation->read_set.keys.push_back(SecurityConfigurationKey(request.name()));
  return std::nullopt;
}

// The page size is checked before the token.
std::optional<v1::Error> PlanGetPage(PreparedOperation* operation) {
  const auto& request =
      operation->request.as<v1::GetSecurityConfigurationsRequest>();
  const CoreOptions& options = *operation->options;
  const Limits& limits = options.limits;
  const int32_t observed_max = std::max(limits.page_size_observed_max, 1);
  if (options.behavior.limit_page_size && request.has_max_results() &&
      request.max_results() > observed_max) {
    return InvalidInput(
        absl::StrCat("MaxResults size must be between 1 and ", observed_max));
  }
  const int32_t page_size = request.has_max_results()
                                ? request.max_results()
                                : limits.page_size_default;
  RangeRead& range = operation->read_set.range.emplace();
  range.kind = RecordKind::kSecurityConfiguration;
  range.records_max = static_cast<size_t>(std::max(page_size, 1));
  range.bytes_max = std::max<size_t>(limits.response_bytes_max, 1);
  if (!request.next_token().empty()) {
    range.after =
        DecodePageToken(operation->read_set.catalog, request.next_token());
    if (!range.after.has_value()) {
      return InvalidInput(kWrongPageToken);
    }
  }
  return std::nullopt;
}

Transition ApplyCreate(const ApplyInput& input) {
  const SnapshotView& snapshot = input.snapshot;
  const auto& request =
      input.operation.request.as<v1::CreateSecurityConfigurationRequest>();
  const CoreOptions& options = *input.operation.options;
  if (snapshot.has(kConfiguration)) {
    return FailNamed(v1::ERROR_CODE_ALREADY_EXISTS, request.name(),
                     "already exists", options);
  }
  const std::optional<int64_t> count = ReadCount(snapshot);
  if (!count.has_value()) return FailDamaged();
  const int64_t count_max =
      std::max<int64_t>(options.limits.security_configurations_max, 0);
  if (*count >= count_max) {
    return Fail(v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED,
                absl::StrCat("the catalog is at its limit of ", count_max,
                             " security configurations"));
  }
  v1::StoredRecord record;
  OrEnd([&] {
    v1::StoredSecurityConfiguration* stored =
        record.mutable_security_configuration();
    stored->set_created_time_ms(input.now_ms);
    *stored->mutable_encryption_configuration() =
        request.encryption_configuration();
  });

  Transition transition;
  StartBatch(input, &transition.write_batch);
  Rewrite(SecurityConfigurationKey(request.name()),
          snapshot.revision(kConfiguration),
          EncodeRecord(input.commit_id, std::move(record)),
          &transition.write_batch);
  Rewrite(ConfigurationCountKey(), snapshot.revision(kCount),
          EncodeCount(input.commit_id, *count + 1), &transition.write_batch);
  auto& response =
      transition.outcome.emplace<v1::CreateSecurityConfigurationResponse>();
  OrEnd([&] {
    response.set_name(request.name());
    *response.mutable_created_timestamp() = ToTimestamp(input.now_ms);
  });
  return transition;
}

Transition ApplyDelete(const ApplyInput& input) {
  const SnapshotView& snapshot = input.snapshot;
  const auto& request =
      input.operation.request.as<v1::DeleteSecurityConfigurationRequest>();
  if (!snapshot.has(kConfiguration)) {
    return FailNamed(v1::ERROR_CODE_ENTITY_NOT_FOUND, request.name(),
                     "does not exist", *input.operation.options);
  }
  const std::optional<int64_t> count = ReadCount(snapshot);
  // The configuration exists, so the count is at least 1 unless it is damaged.
  if (!count.has_value() || *count < 1) return FailDamaged();

  Transition transition;
  StartBatch(input, &transition.write_batch);
  Rewrite(SecurityConfigurationKey(request.name()),
          snapshot.revision(kConfiguration), std::nullopt,
          &transition.write_batch);
  Rewrite(ConfigurationCountKey(), snapshot.revision(kCount),
          EncodeCount(input.commit_id, *count - 1), &transition.write_batch);
  transition.outcome.emplace<v1::DeleteSecurityConfigurationResponse>();
  return transition;
}

Transition ApplyGet(const ApplyInput& input) {
  const SnapshotView& snapshot = input.snapshot;
  const auto& request =
      input.operation.request.as<v1::GetSecurityConfigurationRequest>();
  if (!snapshot.has(kConfiguration)) {
    return FailNamed(v1::ERROR_CODE_ENTITY_NOT_FOUND, request.name(),
                     "does not exist", *input.operation.options);
  }
  Transition transition;
  auto& response =
      transition.outcome.emplace<v1::GetSecurityConfigurationResponse>();
  if (!ReadConfiguration(request.name(), snapshot.value(kConfiguration), [&] {
        return response.mutable_security_configuration();
      })) {
    return FailDamaged();
  }
  return transition;
}

Transition ApplyGetPage(const ApplyInput& input) {
  Transition transition;
  auto& response =
      transition.outcome.emplace<v1::GetSecurityConfigurationsResponse>();
  const RangeResult& range = input.snapshot.range();
  OrEnd([&] {
    response.mutable_security_configurations()->Reserve(
        static_cast<int>(range.records.size()));
  });
  for (const RangeRecord& record : range.records) {
    if (!ReadConfiguration(record.id, record.value, [&] {
          return response.add_security_configurations();
        })) {
      return FailDamaged();
    }
  }
  if (range.more) {
    std::string token = EncodePageToken(input.operation.read_set.catalog,
                                        range.records.back().id);
    OrEnd([&] { response.set_next_token(std::move(token)); });
  } else if (input.operation.options->behavior.empty_token_on_last_page) {
    OrEnd([&] { response.set_next_token(""); });
  }
  return transition;
}

}  // namespace

const OperationHandler kCreateSecurityConfigurationHandler = {PlanCreate,
                                                              ApplyCreate};
const OperationHandler kDeleteSecurityConfigurationHandler = {PlanDelete,
                                                              ApplyDelete};
const OperationHandler kGetSecurityConfigurationHandler = {PlanGet, ApplyGet};
const OperationHandler kGetSecurityConfigurationsHandler = {PlanGetPage,
                                                            ApplyGetPage};

}  // namespace glue_security
