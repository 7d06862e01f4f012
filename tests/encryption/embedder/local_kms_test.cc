// Passwords, sealed objects and the checks of jobs over LocalKms: whatever
// depends on what a key service really answers.

#include "glue_security/encryption/keys/local_kms.h"

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/encryption/connection_passwords.h"
#include "glue_security/encryption/embedder/catalog_sealer.h"
#include "glue_security/encryption/embedder/job_encryption_check.h"
#include "glue_security/encryption/encryption_settings.h"
#include "glue_security/testing/matchers.h"
#include "glue_security/v1/stored_record.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

using Settings = v1::DataCatalogEncryptionSettings;

constexpr char kAccount[] = "123456789012";
constexpr char kRole[] = "arn:aws:iam::123456789012:role/glue";
const CatalogKey kCatalog = {kAccount, "us-east-1"};

Caller AliceIn(const std::string& region) {
  return {kAccount, region, "arn:aws:iam::123456789012:user/alice"};
}

Settings On(const std::string& key) {
  Settings settings;
  auto* at_rest = settings.mutable_encryption_at_rest();
  at_rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  if (!key.empty()) at_rest->set_sse_aws_kms_key_id(key);
  return settings;
}

// A statement by which the account's identity policies decide.
constexpr char kRootStatement[] =
    R"({"Effect": "Allow", "Principal": {"AWS": "123456789012"}, )"
    R"("Action": "kms:*", "Resource": "*"})";

std::string PolicyOf(const std::vector<std::string>& statements) {
  std::string policy = R"({"Version": "2012-10-17", "Statement": [)";
  for (size_t i = 0; i < statements.size(); ++i) {
    absl::StrAppend(&policy, i == 0 ? "" : ", ", statements[i]);
  }
  return policy + "]}";
}

class OverLocalKmsTest : public testing::Test {
 protected:
  KeyMetadata CreateKey(CreateKeyCall call = {}) {
    auto made = kms_.CreateKey({alice_}, call);
    if (const auto* refusal = std::get_if<KeyRefusal>(&made)) {
      ADD_FAILURE() << refusal->code << " " << refusal->message.value_or("");
      return {};
    }
    return std::get<KeyMetadata>(made);
  }

  absl::StatusOr<std::string> Seal(const Settings& settings) {
    return CatalogSealer(settings, &kms_)
        .Seal(alice_, kCatalog, "table", "default/orders", "bytes");
  }
  absl::StatusOr<std::string> Open(const Settings& settings,
                                   absl::string_view stored) {
    const auto opened =
        CatalogSealer(settings, &kms_)
            .Open(alice_, kCatalog, "table", "default/orders", stored);
    if (!opened.ok()) return opened.status();
    return std::string(opened->view());
  }

  LocalKms kms_;
  const Caller alice_ = AliceIn("us-east-1");
};

TEST_F(OverLocalKmsTest, TheKeyOfGlue_WorksThroughGlueInEveryPartition) {
  for (const char* region : {"us-east-1", "cn-north-1", "us-gov-west-1",
                             "us-iso-east-1", "eusc-de-east-1"}) {
    SCOPED_TRACE(region);
    Caller alice = AliceIn(region);
    const CatalogSealer sealer(On(""), &kms_);
    const CatalogKey catalog = {kAccount, region};
    const auto stored = sealer.Seal(alice, catalog, "table", "t", "bytes");
    ASSERT_THAT(stored, IsOk());
    const auto opened = sealer.Open(alice, catalog, "table", "t", *stored);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(opened->view(), "bytes");
  }
}

TEST_F(OverLocalKmsTest, APasswordUnderTheKeyOfGlue_IsReadThroughGlueOnly) {
  Settings settings;
  settings.mutable_connection_password_encryption()
      ->set_return_connection_password_encrypted(true);
  const std::map<std::string, std::string> given = {{"PASSWORD", "hunter2"}};
  const auto calls =
      PasswordsToEncrypt(Behavior::Documented(), settings, PropertiesOf(given));
  ASSERT_THAT(calls, SizeIs(1));
  auto answer = kms_.Encrypt(ThroughGlue(alice_), calls[0]);
  ASSERT_TRUE(std::holds_alternative<EncryptResult>(answer));
  const std::vector<EncryptResult> results = {std::get<EncryptResult>(answer)};
  std::map<std::string, std::string> stored = given;
  ApplyEdits(EditsOfWrite(Behavior::Documented(), settings, PropertiesOf(given),
                          results),
             &stored);
  ASSERT_THAT(stored, SizeIs(1));
  // As the real ones begin.
  EXPECT_THAT(stored.at("ENCRYPTED_PASSWORD"), StartsWith("AQICAH"));

  settings.Clear();
  const auto reads = PasswordsToDecrypt(settings, false, PropertiesOf(stored));
  ASSERT_THAT(reads, SizeIs(1));
  const auto through = kms_.Decrypt(ThroughGlue(alice_), reads[0]);
  ASSERT_TRUE(std::holds_alternative<DecryptResult>(through));
  EXPECT_EQ(std::get<DecryptResult>(through).plaintext.view(), "hunter2");
  const auto direct = kms_.Decrypt({alice_}, reads[0]);
  ASSERT_TRUE(std::holds_alternative<KeyRefusal>(direct));
  EXPECT_EQ(std::get<KeyRefusal>(direct).code, "AccessDeniedException");
}

TEST_F(OverLocalKmsTest, ARotatedKey_OpensWhatItSealedBefore) {
  const KeyMetadata key = CreateKey();
  const auto before = Seal(On(key.arn));
  ASSERT_THAT(before, IsOk());
  ASSERT_TRUE(std::holds_alternative<std::string>(
      kms_.RotateKeyOnDemand({alice_}, key.arn)));
  const auto after = Seal(On(key.arn));
  ASSERT_THAT(after, IsOk());
  EXPECT_THAT(Open(On(key.arn), *before), IsOkAndHolds("bytes"));
  EXPECT_THAT(Open(On(key.arn), *after), IsOkAndHolds("bytes"));
}

TEST_F(OverLocalKmsTest, Refusals_HaveTheTextsOfKms) {
  const KeyMetadata key = CreateKey();
  const auto stored = Seal(On(key.key_id));
  ASSERT_THAT(stored, IsOk());
  ASSERT_EQ(kms_.DisableKey({alice_}, key.arn), std::nullopt);
  for (const absl::Status& status :
       {Seal(On(key.key_id)).status(), Open({}, *stored).status()}) {
    EXPECT_THAT(status, HasErrorCode(v1::ERROR_CODE_GLUE_ENCRYPTION));
    EXPECT_THAT(status.message(),
                HasSubstr(absl::StrCat(
                    key.arn,
                    " is disabled. (Service: AWSKMS; Status Code: 400; Error "
                    "Code: DisabledException; Request ID: ")));
  }
  ASSERT_TRUE(std::holds_alternative<ScheduleKeyDeletionResult>(
      kms_.ScheduleKeyDeletion({alice_}, {key.arn, 7})));
  EXPECT_THAT(Seal(On(key.arn)).status().message(),
              HasSubstr(key.arn + " is pending deletion."));
  CreateKeyCall rsa;
  rsa.key_spec = "RSA_2048";
  rsa.key_usage = "SIGN_VERIFY";
  EXPECT_THAT(Seal(On(CreateKey(rsa).arn)).status().message(),
              HasSubstr("Error Code: InvalidKeyUsageException"));
  EXPECT_THAT(Seal(On("alias/nowhere")).status().message(),
              HasSubstr("alias/nowhere is not found."));
}

TEST_F(OverLocalKmsTest, AKeyPolicyOfOneCatalog_RefusesAnother) {
  CreateKeyCall call;
  call.policy = PolicyOf(
      {kRootStatement,
       R"({"Effect": "Deny", "Principal": "*", )"
       R"("Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": "*", )"
       R"("Condition": {"StringNotEquals": )"
       R"({"kms:EncryptionContext:glue_catalog_id": "123456789012"}}})"});
  const KeyMetadata key = CreateKey(call);
  const auto stored = Seal(On(key.arn));
  ASSERT_THAT(stored, IsOk());
  EXPECT_THAT(Open(On(key.arn), *stored), IsOkAndHolds("bytes"));
  EXPECT_THAT(CatalogSealer(On(key.arn), &kms_)
                  .Seal(alice_, {"another", "us-east-1"}, "table", "t", "x"),
              HasErrorCode(v1::ERROR_CODE_GLUE_ENCRYPTION));
}

TEST_F(OverLocalKmsTest, AKeyPolicyForTheServiceRole_AllowsNobodyElse) {
  CreateKeyCall call;
  call.policy = PolicyOf(
      {absl::StrCat(R"({"Effect": "Allow", "Principal": {"AWS": ")", kRole,
                    R"("}, "Action": ["kms:GenerateDataKey", "kms:Decrypt"], )"
                    R"("Resource": "*"})"),
       R"({"Effect": "Allow", "Principal": {"AWS": )"
       R"("arn:aws:iam::123456789012:user/alice"}, )"
       R"("Action": ["kms:PutKeyPolicy"], "Resource": "*"})"});
  const KeyMetadata key = CreateKey(call);
  Settings settings = On(key.arn);
  EXPECT_THAT(
      Seal(settings).status().message(),
      HasSubstr("User: arn:aws:iam::123456789012:user/alice is not authorized "
                "to perform: kms:GenerateDataKey"));
  auto* at_rest = settings.mutable_encryption_at_rest();
  at_rest->set_catalog_encryption_mode(
      v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE);
  at_rest->set_catalog_encryption_service_role(kRole);
  const auto stored = Seal(settings);
  ASSERT_THAT(stored, IsOk());
  EXPECT_THAT(Open(settings, *stored), IsOkAndHolds("bytes"));
  at_rest->set_catalog_encryption_service_role(absl::StrCat(kRole, "-2"));
  EXPECT_THAT(
      Open(settings, *stored).status().message(),
      HasSubstr("User: arn:aws:iam::123456789012:role/glue-2 is not authorized "
                "to perform: kms:Decrypt"));
}

TEST_F(OverLocalKmsTest, EverySingleBitFlip_OfASealedObject_IsFound) {
  const KeyMetadata key = CreateKey();
  const auto stored = Seal(On(key.arn));
  ASSERT_THAT(stored, IsOk());
  v1::CatalogObject object;
  ASSERT_TRUE(object.ParseFromString(*stored));
  EXPECT_THAT(absl::Base64Escape(object.sealed().encrypted_data_key()),
              StartsWith("AQIDAH"));
  for (size_t bit = 0; bit < 8 * stored->size(); ++bit) {
    std::string flipped = *stored;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(Open(On(key.arn), flipped).ok()) << "bit " << bit;
  }
}

TEST_F(OverLocalKmsTest, AJob_WorksWithThePolicyThatItsPlanAsksFor) {
  const KeyMetadata key = CreateKey();
  v1::EncryptionConfiguration configuration;
  auto* s3 = configuration.mutable_s3_encryption()->add_elements();
  s3->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_KMS);
  s3->set_kms_key_arn(key.arn);
  auto* logs = configuration.mutable_cloud_watch_encryption();
  logs->set_cloud_watch_encryption_mode(
      v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS);
  logs->set_kms_key_arn(key.arn);
  auto* bookmarks = configuration.mutable_job_bookmarks_encryption();
  bookmarks->set_job_bookmarks_encryption_mode(
      v1::JOB_BOOKMARKS_ENCRYPTION_MODE_CSE_KMS);
  bookmarks->set_kms_key_arn(key.arn);
  const Caller role = {kAccount, "us-east-1", kRole};
  JobEncryptionPlan plan =
      PlanJobEncryption(configuration, {kAccount, "us-east-1", "a group"});

  // The default policy delegates to the account, which services are not in.
  std::vector<JobEncryptionFailure> failures =
      CheckJobEncryption(plan, role, &kms_);
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].output, JobOutput::kCloudWatchLogs);
  EXPECT_EQ(failures[0].refusal->code, "AccessDeniedException");

  ASSERT_THAT(plan.steps, SizeIs(3));
  const std::string statement =
      KeyPolicyStatementJson(*plan.steps[1].key_policy);
  ASSERT_EQ(kms_.PutKeyPolicy({alice_},
                              {key.arn, PolicyOf({kRootStatement, statement})}),
            std::nullopt);
  EXPECT_THAT(CheckJobEncryption(plan, role, &kms_), IsEmpty());

  // The statement is for one log group.
  plan = PlanJobEncryption(configuration,
                           {kAccount, "us-east-1", "another group"});
  failures = CheckJobEncryption(plan, role, &kms_);
  ASSERT_THAT(failures, SizeIs(1));
  EXPECT_EQ(failures[0].output, JobOutput::kCloudWatchLogs);

  ASSERT_EQ(kms_.DisableKey({alice_}, key.arn), std::nullopt);
  EXPECT_THAT(CheckJobEncryption(plan, role, &kms_), SizeIs(3 + 1 + 2));
}

}  // namespace
}  // namespace glue_security
