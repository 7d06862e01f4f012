#include "glue_security/encryption/job_encryption.h"

#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/encryption/encryption_settings.h"
#include "glue_security/model/partition.h"

namespace glue_security {
namespace {

constexpr char kEncryptionHeader[] = "x-amz-server-side-encryption";
constexpr char kKeyHeader[] = "x-amz-server-side-encryption-aws-kms-key-id";

// The demand of an output's mode.
enum class Encryption { kNone, kWithoutKey, kWithKey, kUnknown };

Encryption EncryptionOf(v1::S3EncryptionMode mode) {
  switch (mode) {
    case v1::S3_ENCRYPTION_MODE_UNSPECIFIED:
    case v1::S3_ENCRYPTION_MODE_DISABLED:
      return Encryption::kNone;
    case v1::S3_ENCRYPTION_MODE_SSE_S3:
      return Encryption::kWithoutKey;
    case v1::S3_ENCRYPTION_MODE_SSE_KMS:
      return Encryption::kWithKey;
    default:
      return Encryption::kUnknown;
  }
}

Encryption EncryptionOf(v1::CloudWatchEncryptionMode mode) {
  switch (mode) {
    case v1::CLOUD_WATCH_ENCRYPTION_MODE_UNSPECIFIED:
    case v1::CLOUD_WATCH_ENCRYPTION_MODE_DISABLED:
      return Encryption::kNone;
    case v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS:
      return Encryption::kWithKey;
    default:
      return Encryption::kUnknown;
  }
}

Encryption EncryptionOf(v1::JobBookmarksEncryptionMode mode) {
  switch (mode) {
    case v1::JOB_BOOKMARKS_ENCRYPTION_MODE_UNSPECIFIED:
    case v1::JOB_BOOKMARKS_ENCRYPTION_MODE_DISABLED:
      return Encryption::kNone;
    case v1::JOB_BOOKMARKS_ENCRYPTION_MODE_CSE_KMS:
      return Encryption::kWithKey;
    default:
      return Encryption::kUnknown;
  }
}

Encryption EncryptionOf(v1::DataQualityEncryptionMode mode) {
  switch (mode) {
    case v1::DATA_QUALITY_ENCRYPTION_MODE_UNSPECIFIED:
    case v1::DATA_QUALITY_ENCRYPTION_MODE_DISABLED:
      return Encryption::kNone;
    case v1::DATA_QUALITY_ENCRYPTION_MODE_SSE_KMS:
      return Encryption::kWithKey;
    default:
      return Encryption::kUnknown;
  }
}

// Plans the steps, one after the other.
class Planner {
 public:
  explicit Planner(const JobLocation& location) { plan_.location = location; }

  void AddS3(const v1::S3EncryptionList& list) {
    if (list.elements_size() > 1) {
      Add(JobOutput::kS3, "").problem =
          absl::StrCat("S3Encryption has ", list.elements_size(),
                       " elements, and a job writes in one way");
      return;
    }
    if (list.elements_size() == 0) return;
    const v1::S3Encryption& s3 = list.elements(0);
    const Encryption encryption = EncryptionOf(s3.s3_encryption_mode());
    if (encryption == Encryption::kWithoutKey) {
      Add(JobOutput::kS3, "").headers = {{kEncryptionHeader, "AES256"}};
    } else if (encryption == Encryption::kWithKey && s3.kms_key_arn().empty()) {
      Add(JobOutput::kS3, "").headers = {{kEncryptionHeader, "aws:kms"}};
    } else if (JobEncryptionStep* step =
                   AddWithKey(JobOutput::kS3, encryption, s3.kms_key_arn())) {
      step->headers = {{kEncryptionHeader, "aws:kms"}, {kKeyHeader, step->key}};
      step->via_service = ServiceName("s3");
      Allow({"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}, step);
    }
  }

  void AddLogs(const v1::CloudWatchEncryption& logs) {
    JobEncryptionStep* const step = AddWithKey(
        JobOutput::kCloudWatchLogs,
        EncryptionOf(logs.cloud_watch_encryption_mode()), logs.kms_key_arn());
    if (step == nullptr) return;
    const std::string group = LogGroupArn();
    step->role_permissions = {{"logs:AssociateKmsKey", group}};
    step->key_policy = {
        ServiceName("logs"),
        {"kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*",
         "kms:GenerateDataKey*", "kms:Describe*"},
        {"aws:logs:arn", group},
    };
  }

  void AddBookmarks(const v1::JobBookmarksEncryption& bookmarks) {
    JobEncryptionStep* const step =
        AddWithKey(JobOutput::kJobBookmarks,
                   EncryptionOf(bookmarks.job_bookmarks_encryption_mode()),
                   bookmarks.kms_key_arn());
    if (step == nullptr) return;
    step->client_side = true;
    Allow({"kms:Decrypt", "kms:Encrypt"}, step);
  }

  void AddDataQuality(const v1::DataQualityEncryption& data_quality) {
    JobEncryptionStep* const step =
        AddWithKey(JobOutput::kDataQuality,
                   EncryptionOf(data_quality.data_quality_encryption_mode()),
                   data_quality.kms_key_arn());
    if (step == nullptr) return;
    step->via_service = ServiceName("glue");
    Allow({"kms:Decrypt", "kms:GenerateDataKey"}, step);
  }

  JobEncryptionPlan TakePlan() { return std::move(plan_); }

 private:
  JobEncryptionStep& Add(JobOutput output, const std::string& key) {
    JobEncryptionStep& step = plan_.steps.emplace_back();
    step.output = output;
    step.key = key;
    return step;
  }

  // Adds the step of an output whose mode needs a key. Returns nullptr when
  // there is no step, or one with a problem.
  JobEncryptionStep* AddWithKey(JobOutput output, Encryption encryption,
                                const std::string& key) {
    if (encryption == Encryption::kNone) return nullptr;
    JobEncryptionStep& step = Add(output, key);
    if (encryption == Encryption::kUnknown) {
      step.problem =
          absl::StrCat("the mode of ", JobOutputName(output), " is not known");
    } else if (key.empty()) {
      step.problem = absl::StrCat(JobOutputName(output), " has no KmsKeyArn");
    }
    return step.problem.empty() ? &step : nullptr;
  }

  static void Allow(std::initializer_list<const char*> actions,
                    JobEncryptionStep* step) {
    for (const char* action : actions) {
      step->role_permissions.push_back({action, step->key});
    }
  }

  std::string ServiceName(absl::string_view service) const {
    return RegionalServiceName(service, plan_.location.region,
                               plan_.location.partition);
  }

  std::string LogGroupArn() const {
    const JobLocation& location = plan_.location;
    return absl::StrCat("arn:",
                        location.partition.empty()
                            ? PartitionOfRegion(location.region)
                            : location.partition,
                        ":logs:", location.region, ":", location.account_id,
                        ":log-group:", location.log_group);
  }

  JobEncryptionPlan plan_;
};

}  // namespace

const char* JobOutputName(JobOutput output) {
  switch (output) {
    case JobOutput::kS3:
      return "S3Encryption";
    case JobOutput::kCloudWatchLogs:
      return "CloudWatchEncryption";
    case JobOutput::kJobBookmarks:
      return "JobBookmarksEncryption";
    case JobOutput::kDataQuality:
      return "DataQualityEncryption";
  }
  return "";
}

JobEncryptionPlan PlanJobEncryption(
    const v1::EncryptionConfiguration& configuration,
    const JobLocation& location) {
  Planner planner(location);
  planner.AddS3(configuration.s3_encryption());
  planner.AddLogs(configuration.cloud_watch_encryption());
  planner.AddBookmarks(configuration.job_bookmarks_encryption());
  planner.AddDataQuality(configuration.data_quality_encryption());
  return planner.TakePlan();
}

}  // namespace glue_security
