// The plans of jobs, compared with tables that are written from
// docs/encryption.md.

#include "glue_security/encryption/job_encryption.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr char kKey[] = "arn:aws:kms:us-east-1:123456789012:key/1234abcd";
constexpr char kEncryption[] = "x-amz-server-side-encryption";
constexpr char kLogGroupArn[] =
    "arn:aws:logs:us-east-1:123456789012:log-group:/aws-glue/jobs/logs-v2-gold";

const JobLocation kLocation = {"123456789012", "us-east-1",
                               "/aws-glue/jobs/logs-v2-gold"};

using Headers = std::vector<std::pair<std::string, std::string>>;

// The step of one output with one mode and one key.
struct Row {
  const char* name;
  int mode;
  const char* key;
  // No step: all that follows is empty.
  bool has_step;
  const char* problem;
  Headers headers;
  std::vector<std::string> kms_actions;
  const char* via_service;
};

const std::vector<Row>& S3Rows() {
  static const auto* const kRows = new std::vector<Row>{
      {"absent", 0, "", false, "", {}, {}, ""},
      {"absent, a key", 0, kKey, false, "", {}, {}, ""},
      {"DISABLED", 1, "", false, "", {}, {}, ""},
      {"DISABLED, a key", 1, kKey, false, "", {}, {}, ""},
      {"SSE-KMS", 2, "", true, "", {{kEncryption, "aws:kms"}}, {}, ""},
      {"SSE-KMS, a key",
       2,
       kKey,
       true,
       "",
       {{kEncryption, "aws:kms"},
        {"x-amz-server-side-encryption-aws-kms-key-id", kKey}},
       {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"},
       "s3.us-east-1.amazonaws.com"},
      {"SSE-S3", 3, "", true, "", {{kEncryption, "AES256"}}, {}, ""},
      {"SSE-S3, a key", 3, kKey, true, "", {{kEncryption, "AES256"}}, {}, ""},
      {"later",
       9,
       kKey,
       true,
       "the mode of S3Encryption is not known",
       {},
       {},
       ""},
      {"later, no key",
       9,
       "",
       true,
       "the mode of S3Encryption is not known",
       {},
       {},
       ""},
  };
  return *kRows;
}

const std::vector<Row>& LogRows() {
  static const auto* const kRows = new std::vector<Row>{
      {"absent", 0, "", false, "", {}, {}, ""},
      {"absent, a key", 0, kKey, false, "", {}, {}, ""},
      {"DISABLED", 1, "", false, "", {}, {}, ""},
      {"DISABLED, a key", 1, kKey, false, "", {}, {}, ""},
      {"SSE-KMS",
       2,
       "",
       true,
       "CloudWatchEncryption has no KmsKeyArn",
       {},
       {},
       ""},
      {"SSE-KMS, a key", 2, kKey, true, "", {}, {}, ""},
      {"later",
       9,
       kKey,
       true,
       "the mode of CloudWatchEncryption is not known",
       {},
       {},
       ""},
  };
  return *kRows;
}

const std::vector<Row>& BookmarkRows() {
  static const auto* const kRows = new std::vector<Row>{
      {"absent", 0, "", false, "", {}, {}, ""},
      {"absent, a key", 0, kKey, false, "", {}, {}, ""},
      {"DISABLED", 1, "", false, "", {}, {}, ""},
      {"DISABLED, a key", 1, kKey, false, "", {}, {}, ""},
      {"CSE-KMS",
       2,
       "",
       true,
       "JobBookmarksEncryption has no KmsKeyArn",
       {},
       {},
       ""},
      {"CSE-KMS, a key",
       2,
       kKey,
       true,
       "",
       {},
       {"kms:Decrypt", "kms:Encrypt"},
       ""},
      {"later",
       9,
       kKey,
       true,
       "the mode of JobBookmarksEncryption is not known",
       {},
       {},
       ""},
  };
  return *kRows;
}

const std::vector<Row>& DataQualityRows() {
  static const auto* const kRows = new std::vector<Row>{
      {"absent", 0, "", false, "", {}, {}, ""},
      {"absent, a key", 0, kKey, false, "", {}, {}, ""},
      {"DISABLED", 1, "", false, "", {}, {}, ""},
      {"DISABLED, a key", 1, kKey, false, "", {}, {}, ""},
      {"SSE-KMS",
       2,
       "",
       true,
       "DataQualityEncryption has no KmsKeyArn",
       {},
       {},
       ""},
      {"SSE-KMS, a key",
       2,
       kKey,
       true,
       "",
       {},
       {"kms:Decrypt", "kms:GenerateDataKey"},
       "glue.us-east-1.amazonaws.com"},
      {"later",
       9,
       kKey,
       true,
       "the mode of DataQualityEncryption is not known",
       {},
       {},
       ""},
  };
  return *kRows;
}

template <typename Block>
void SetKey(const char* key, Block* block) {
  if (*key != '\0') block->set_kms_key_arn(key);
}

v1::EncryptionConfiguration Configuration(const Row& s3, const Row& logs,
                                          const Row& bookmarks,
                                          const Row& data_quality) {
  v1::EncryptionConfiguration configuration;
  auto* element = configuration.mutable_s3_encryption()->add_elements();
  if (s3.mode != 0) {
    element->set_s3_encryption_mode(static_cast<v1::S3EncryptionMode>(s3.mode));
  }
  SetKey(s3.key, element);
  auto* log = configuration.mutable_cloud_watch_encryption();
  if (logs.mode != 0) {
    log->set_cloud_watch_encryption_mode(
        static_cast<v1::CloudWatchEncryptionMode>(logs.mode));
  }
  SetKey(logs.key, log);
  auto* bookmark = configuration.mutable_job_bookmarks_encryption();
  if (bookmarks.mode != 0) {
    bookmark->set_job_bookmarks_encryption_mode(
        static_cast<v1::JobBookmarksEncryptionMode>(bookmarks.mode));
  }
  SetKey(bookmarks.key, bookmark);
  auto* quality = configuration.mutable_data_quality_encryption();
  if (data_quality.mode != 0) {
    quality->set_data_quality_encryption_mode(
        static_cast<v1::DataQualityEncryptionMode>(data_quality.mode));
  }
  SetKey(data_quality.key, quality);
  return configuration;
}

// Checks the step at `*at`, if the row has one, and moves on.
void CheckStep(const Row& row, JobOutput output,
               const std::vector<JobEncryptionStep>& steps, size_t* at) {
  SCOPED_TRACE(testing::Message() << JobOutputName(output) << ": " << row.name);
  if (!row.has_step) return;
  ASSERT_LT(*at, steps.size());
  const JobEncryptionStep& step = steps[(*at)++];
  EXPECT_EQ(step.output, output);
  EXPECT_EQ(step.problem, row.problem);
  EXPECT_EQ(step.headers, row.headers);
  EXPECT_EQ(step.via_service, row.via_service);
  std::vector<RolePermission> permissions;
  for (const std::string& action : row.kms_actions) {
    permissions.push_back({action, kKey});
  }
  const bool is_fine = step.problem.empty();
  const bool is_log = output == JobOutput::kCloudWatchLogs && is_fine;
  if (is_log) permissions = {{"logs:AssociateKmsKey", kLogGroupArn}};
  EXPECT_EQ(step.role_permissions, permissions);
  EXPECT_EQ(step.key_policy.has_value(), is_log);
  EXPECT_EQ(step.client_side, output == JobOutput::kJobBookmarks && is_fine);
  EXPECT_EQ(step.key, permissions.empty() && is_fine ? "" : row.key);
}

TEST(JobEncryption, EveryCombinationOfModes_FollowsTheTables) {
  int combinations = 0;
  for (const Row& s3 : S3Rows()) {
    for (const Row& logs : LogRows()) {
      for (const Row& bookmarks : BookmarkRows()) {
        for (const Row& data_quality : DataQualityRows()) {
          ++combinations;
          const JobEncryptionPlan plan = PlanJobEncryption(
              Configuration(s3, logs, bookmarks, data_quality), kLocation);
          size_t at = 0;
          CheckStep(s3, JobOutput::kS3, plan.steps, &at);
          CheckStep(logs, JobOutput::kCloudWatchLogs, plan.steps, &at);
          CheckStep(bookmarks, JobOutput::kJobBookmarks, plan.steps, &at);
          CheckStep(data_quality, JobOutput::kDataQuality, plan.steps, &at);
          EXPECT_THAT(plan.steps, SizeIs(at));
        }
      }
    }
  }
  EXPECT_EQ(combinations, 10 * 7 * 7 * 7);
}

TEST(JobEncryption, NothingGiven_AsksForNothing) {
  v1::EncryptionConfiguration configuration;
  EXPECT_THAT(PlanJobEncryption(configuration, kLocation).steps, IsEmpty());
  // Empty blocks, and an empty list.
  configuration.mutable_s3_encryption();
  configuration.mutable_cloud_watch_encryption();
  configuration.mutable_job_bookmarks_encryption();
  configuration.mutable_data_quality_encryption();
  EXPECT_THAT(PlanJobEncryption(configuration, kLocation).steps, IsEmpty());
}

TEST(JobEncryption, AnEmptyKey_IsNone) {
  v1::EncryptionConfiguration configuration;
  auto* bookmarks = configuration.mutable_job_bookmarks_encryption();
  bookmarks->set_job_bookmarks_encryption_mode(
      v1::JOB_BOOKMARKS_ENCRYPTION_MODE_CSE_KMS);
  bookmarks->set_kms_key_arn("");
  const JobEncryptionPlan plan = PlanJobEncryption(configuration, kLocation);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_EQ(plan.steps[0].problem, "JobBookmarksEncryption has no KmsKeyArn");
}

TEST(JobEncryption, SeveralElementsOfS3_AreAProblem) {
  v1::EncryptionConfiguration configuration;
  auto* list = configuration.mutable_s3_encryption();
  list->add_elements()->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_S3);
  list->add_elements()->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_DISABLED);
  const JobEncryptionPlan plan = PlanJobEncryption(configuration, kLocation);
  ASSERT_THAT(plan.steps, SizeIs(1));
  EXPECT_EQ(plan.steps[0].problem,
            "S3Encryption has 2 elements, and a job writes in one way");
  EXPECT_THAT(plan.steps[0].headers, IsEmpty());
}

TEST(JobEncryption, Logs_NeedAStatementInThePolicyOfTheKey) {
  v1::EncryptionConfiguration configuration;
  auto* logs = configuration.mutable_cloud_watch_encryption();
  logs->set_cloud_watch_encryption_mode(
      v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS);
  logs->set_kms_key_arn(kKey);
  const JobEncryptionPlan plan = PlanJobEncryption(configuration, kLocation);
  ASSERT_THAT(plan.steps, SizeIs(1));
  ASSERT_TRUE(plan.steps[0].key_policy.has_value());
  const KeyPolicyStatement& statement = *plan.steps[0].key_policy;
  EXPECT_EQ(statement.service, "logs.us-east-1.amazonaws.com");
  EXPECT_THAT(statement.actions,
              ElementsAre("kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*",
                          "kms:GenerateDataKey*", "kms:Describe*"));
  EXPECT_THAT(statement.context, Pair("aws:logs:arn", kLogGroupArn));
}

TEST(JobEncryption, OtherPartitions_HaveTheirOwnNames) {
  v1::EncryptionConfiguration configuration;
  auto* logs = configuration.mutable_cloud_watch_encryption();
  logs->set_cloud_watch_encryption_mode(
      v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS);
  logs->set_kms_key_arn(kKey);
  auto* s3 = configuration.mutable_s3_encryption()->add_elements();
  s3->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_KMS);
  s3->set_kms_key_arn(kKey);
  const JobLocation kLocations[] = {
      {"123456789012", "cn-north-1", "g"},
      {"123456789012", "nowhere-1", "g", "aws-cn"},
  };
  for (const JobLocation& location : kLocations) {
    const JobEncryptionPlan plan = PlanJobEncryption(configuration, location);
    EXPECT_EQ(plan.location.region, location.region);
    ASSERT_THAT(plan.steps, SizeIs(2));
    EXPECT_EQ(plan.steps[0].via_service,
              "s3." + location.region + ".amazonaws.com.cn");
    EXPECT_EQ(plan.steps[1].key_policy->service,
              "logs." + location.region + ".amazonaws.com.cn");
    EXPECT_EQ(
        plan.steps[1].key_policy->context.second,
        "arn:aws-cn:logs:" + location.region + ":123456789012:log-group:g");
  }
}

}  // namespace
}  // namespace glue_security
