#include "glue_security/encryption/keys/job_encryption_check.h"

#include <string>
#include <variant>
#include <vector>

#include "glue_security/encryption/key_refusal.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_evaluator.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/encryption/fake_key_service.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kLogs[] = "logs.us-east-1.amazonaws.com";
constexpr char kLogGroup[] = "/aws-glue/jobs/logs-v2-gold";
constexpr char kLogGroupArn[] =
    "arn:aws:logs:us-east-1:123456789012:log-group:/aws-glue/jobs/logs-v2-gold";

const Caller kRole = {"123456789012", "us-east-1",
                      "arn:aws:iam::123456789012:role/job"};
const JobLocation kLocation = {"123456789012", "us-east-1", kLogGroup};

class JobEncryptionCheckTest : public testing::Test {
 protected:
  JobEncryptionCheckTest()
      : s3_(AddKey("s3")),
        logs_(AddKey("logs")),
        bookmarks_(AddKey("bookmarks")),
        quality_(AddKey("quality")) {
    auto* s3 = configuration_.mutable_s3_encryption()->add_elements();
    s3->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_KMS);
    s3->set_kms_key_arn(s3_);
    auto* logs = configuration_.mutable_cloud_watch_encryption();
    logs->set_cloud_watch_encryption_mode(
        v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS);
    logs->set_kms_key_arn(logs_);
    auto* bookmarks = configuration_.mutable_job_bookmarks_encryption();
    bookmarks->set_job_bookmarks_encryption_mode(
        v1::JOB_BOOKMARKS_ENCRYPTION_MODE_CSE_KMS);
    bookmarks->set_kms_key_arn(bookmarks_);
    auto* quality = configuration_.mutable_data_quality_encryption();
    quality->set_data_quality_encryption_mode(
        v1::DATA_QUALITY_ENCRYPTION_MODE_SSE_KMS);
    quality->set_kms_key_arn(quality_);
  }

  std::string AddKey(const char* name) {
    return keys_.AddKey("123456789012", "us-east-1", name);
  }

  std::vector<JobEncryptionFailure> Check() {
    return CheckJobEncryption(PlanJobEncryption(configuration_, kLocation),
                              kRole, &keys_);
  }

  // The outputs and actions of the failures: "S3Encryption kms:Encrypt".
  std::vector<std::string> Failed() {
    std::vector<std::string> failed;
    for (const JobEncryptionFailure& failure : Check()) {
      failed.push_back(std::string(JobOutputName(failure.output)) + " " +
                       failure.action);
    }
    return failed;
  }

  FakeKeyService keys_;
  const std::string s3_;
  const std::string logs_;
  const std::string bookmarks_;
  const std::string quality_;
  v1::EncryptionConfiguration configuration_;
};

TEST_F(JobEncryptionCheckTest, KeysInOrder_FailNothing) {
  EXPECT_THAT(Check(), IsEmpty());
}

TEST_F(JobEncryptionCheckTest, Calls_AreMadeAsTheJobMakesThem) {
  Check();
  const std::vector<KeyCall> calls = keys_.TakeCalls();
  const KeyCaller via_s3 = {kRole, "s3.us-east-1.amazonaws.com"};
  const KeyCaller logs = {{"123456789012", "us-east-1", kLogs}, ""};
  const KeyCaller direct = {kRole, ""};
  const KeyCaller via_glue = {kRole, "glue.us-east-1.amazonaws.com"};
  const std::vector<KeyCaller> expected = {via_s3,   via_s3,  via_s3, logs,
                                           logs,     logs,    direct, direct,
                                           via_glue, via_glue};
  ASSERT_THAT(calls, SizeIs(expected.size()));
  for (size_t i = 0; i < calls.size(); ++i) {
    EXPECT_EQ(calls[i].caller, expected[i]) << i;
  }
  EXPECT_EQ(std::get<GenerateDataKeyCall>(calls[3].call).context,
            (EncryptionContext{{"aws:logs:arn", kLogGroupArn}}));
  EXPECT_THAT(std::get<EncryptCall>(calls[6].call).context, IsEmpty());
  // The texts that are decrypted are those that were encrypted before.
  EXPECT_EQ(std::get<EncryptCall>(calls[6].call).key, bookmarks_);
  EXPECT_EQ(std::get<DecryptCall>(calls[7].call).key, bookmarks_);
}

TEST_F(JobEncryptionCheckTest, EachDeniedAction_IsReported) {
  struct Row {
    std::string key;
    const char* action;
    const char* failed;
  };
  const Row kRows[] = {
      {s3_, "kms:Decrypt", "S3Encryption kms:Decrypt"},
      {s3_, "kms:Encrypt", "S3Encryption kms:Encrypt"},
      {s3_, "kms:GenerateDataKey", "S3Encryption kms:GenerateDataKey"},
      {logs_, "kms:Decrypt", "CloudWatchEncryption logs:AssociateKmsKey"},
      {logs_, "kms:Encrypt", "CloudWatchEncryption logs:AssociateKmsKey"},
      {logs_, "kms:GenerateDataKey",
       "CloudWatchEncryption logs:AssociateKmsKey"},
      {bookmarks_, "kms:Decrypt", "JobBookmarksEncryption kms:Decrypt"},
      {bookmarks_, "kms:Encrypt", "JobBookmarksEncryption kms:Encrypt"},
      {quality_, "kms:Decrypt", "DataQualityEncryption kms:Decrypt"},
      {quality_, "kms:GenerateDataKey",
       "DataQualityEncryption kms:GenerateDataKey"},
  };
  for (const Row& row : kRows) {
    keys_.Deny(row.action, row.key);
    EXPECT_THAT(Failed(), ElementsAre(row.failed));
    keys_.AllowOnly(row.action, row.key,
                    row.key == logs_ ? kLogs : kRole.principal_arn);
    EXPECT_THAT(Failed(), IsEmpty()) << row.failed;
  }
}

TEST_F(JobEncryptionCheckTest, ADeniedDecrypt_IsFoundWithoutACiphertext) {
  keys_.Deny("kms:Encrypt", bookmarks_);
  EXPECT_THAT(Failed(), ElementsAre("JobBookmarksEncryption kms:Encrypt"));
  keys_.Deny("kms:Decrypt", bookmarks_);
  EXPECT_THAT(Failed(), ElementsAre("JobBookmarksEncryption kms:Decrypt",
                                    "JobBookmarksEncryption kms:Encrypt"));
}

TEST_F(JobEncryptionCheckTest, ADisabledKey_FailsEveryActionWithTheText) {
  keys_.Disable(s3_);
  const auto failures = Check();
  ASSERT_THAT(failures, SizeIs(3));
  const char* const kActions[] = {"kms:Decrypt", "kms:Encrypt",
                                  "kms:GenerateDataKey"};
  for (size_t i = 0; i < failures.size(); ++i) {
    EXPECT_EQ(failures[i].action, kActions[i]);
    EXPECT_EQ(failures[i].output, JobOutput::kS3);
    ASSERT_TRUE(failures[i].refusal.has_value());
    EXPECT_EQ(failures[i].refusal->code, "DisabledException");
    EXPECT_EQ(failures[i].message, KeyRefusalText(*failures[i].refusal));
  }
}

TEST_F(JobEncryptionCheckTest, AKeyThatIsNoKey_FailsLogsWithTheirText) {
  configuration_.mutable_cloud_watch_encryption()->set_kms_key_arn(
      "arn:aws:kms:us-east-1:123456789012:key/nowhere");
  const auto failures = Check();
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].output, JobOutput::kCloudWatchLogs);
  EXPECT_EQ(failures[0].action, "logs:AssociateKmsKey");
  EXPECT_EQ(failures[0].message,
            "The specified KMS key does not exist or is not allowed to be used "
            "with Arn 'arn:aws:logs:us-east-1:123456789012:log-group:"
            "/aws-glue/jobs/logs-v2-gold'");
  EXPECT_EQ(failures[0].refusal->code, "NotFoundException");
}

TEST_F(JobEncryptionCheckTest, AProblemOfThePlan_IsReportedWithoutACall) {
  configuration_.clear_s3_encryption();
  configuration_.clear_cloud_watch_encryption();
  configuration_.clear_data_quality_encryption();
  configuration_.mutable_job_bookmarks_encryption()->clear_kms_key_arn();
  const auto failures = Check();
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].output, JobOutput::kJobBookmarks);
  EXPECT_EQ(failures[0].action, "");
  EXPECT_EQ(failures[0].message, "JobBookmarksEncryption has no KmsKeyArn");
  EXPECT_FALSE(failures[0].refusal.has_value());
  EXPECT_THAT(keys_.TakeCalls(), IsEmpty());
}

TEST_F(JobEncryptionCheckTest, S3WithoutAKeyOfItsOwn_AsksNothing) {
  for (const auto mode :
       {v1::S3_ENCRYPTION_MODE_SSE_S3, v1::S3_ENCRYPTION_MODE_SSE_KMS}) {
    configuration_.Clear();
    configuration_.mutable_s3_encryption()
        ->add_elements()
        ->set_s3_encryption_mode(mode);
    EXPECT_THAT(Check(), IsEmpty());
  }
  EXPECT_THAT(keys_.TakeCalls(), IsEmpty());
}

TEST(KeyPolicyStatement, AsJson_IsAStatementThatAllowsTheServiceItsLogGroup) {
  v1::EncryptionConfiguration configuration;
  auto* logs = configuration.mutable_cloud_watch_encryption();
  logs->set_cloud_watch_encryption_mode(
      v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS);
  logs->set_kms_key_arn("arn:aws:kms:us-east-1:123456789012:key/1234abcd");
  const JobEncryptionPlan plan = PlanJobEncryption(configuration, kLocation);
  const std::string statement =
      KeyPolicyStatementJson(*plan.steps.at(0).key_policy);
  EXPECT_EQ(statement,
            R"({"Effect": "Allow", "Principal": {"Service": )"
            R"("logs.us-east-1.amazonaws.com"}, "Action": ["kms:Encrypt*", )"
            R"("kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", )"
            R"("kms:Describe*"], "Resource": "*", "Condition": {"ArnEquals": )"
            R"({"kms:EncryptionContext:aws:logs:arn": )"
            R"("arn:aws:logs:us-east-1:123456789012:log-group:)"
            R"(/aws-glue/jobs/logs-v2-gold"}}})");

  const auto parsed = ParsePolicy(
      R"({"Version": "2012-10-17", "Statement": [)" + statement + "]}",
      PolicyChecks::kGrammar, {});
  ASSERT_TRUE(std::holds_alternative<Policy>(parsed));
  const PolicyEvaluator evaluator(std::get<Policy>(parsed));
  AuthorizationRequest request;
  request.principal.service = kLogs;
  request.action = "kms:GenerateDataKey";
  request.resource = "arn:aws:kms:us-east-1:123456789012:key/1234abcd";
  request.context["kms:EncryptionContext:aws:logs:arn"] = {kLogGroupArn};
  EXPECT_EQ(evaluator.Decide(request), DecisionKind::kAllow);
  request.context["kms:EncryptionContext:aws:logs:arn"] = {
      std::string(kLogGroupArn) + "en"};
  EXPECT_EQ(evaluator.Decide(request), DecisionKind::kImplicitDeny);
}

TEST(KeyPolicyStatement, AsJson_EscapesItsTexts) {
  const std::string statement =
      KeyPolicyStatementJson({"a\"b", {"c\\d"}, {"aws:logs:arn", "e\nf"}});
  EXPECT_EQ(
      statement,
      R"({"Effect": "Allow", "Principal": {"Service": "a\"b"}, "Action": )"
      R"(["c\\d"], "Resource": "*", "Condition": {"ArnEquals": )"
      R"({"kms:EncryptionContext:aws:logs:arn": "e\nf"}}})");
}

}  // namespace
}  // namespace glue_security
