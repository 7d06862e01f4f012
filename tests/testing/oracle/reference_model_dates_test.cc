// The oracle on several dates of the API, compared with cells written by hand
// from docs/decisions/api-date.md.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/oracle/naive_rules.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/service.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/loose.h"
#include "tests/testing/oracle/reference_model_fixture.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kOwn[] =
    "resource_arn: \"arn:aws:glue:us-east-1:123456789012:catalog\"";
constexpr char kOther[] =
    "resource_arn: \"arn:aws:glue:us-east-1:123456789012:database/d\"";

std::string Put(const std::string& more = "") {
  return absl::StrCat("put_resource_policy { policy_in_json: \"{}\" ", more,
                      "}");
}
std::string Get(const std::string& more = "") {
  return absl::StrCat("get_resource_policy {", more, "}");
}
std::string Drop(const std::string& more = "") {
  return absl::StrCat("delete_resource_policy {", more, "}");
}
std::string List(const std::string& more = "") {
  return absl::StrCat("get_resource_policies {", more, "}");
}

class ReferenceModelDatesTest : public ReferenceModelFixture {
 protected:
  void Become(const Behavior& behavior, const Limits& limits = Limits()) {
    ReferenceModelFixture::Become(Loose(behavior), limits);
  }
  void BecomeDocumented(absl::CivilDay date) {
    Behavior behavior;
    behavior.api_date = date;
    Become(behavior);
  }
  void BecomeDocumented(int year, int month, int day) {
    BecomeDocumented(absl::CivilDay(year, month, day));
  }
};

// ---------------------------------------------------------------------------
// ResourceArn

TEST_F(ReferenceModelDatesTest, AResourceArnIsAsIfAbsentBeforeItsDate) {
  for (const absl::CivilDay date :
       {absl::CivilDay(2019, 9, 12), absl::CivilDay(2020, 7, 6)}) {
    BecomeDocumented(date);
    for (const std::string arn : {kOwn, kOther, "resource_arn: \"?\""}) {
      EXPECT_EQ(CodeOf(Put(arn)), kOk) << arn;
      EXPECT_EQ(CodeOf(Get(arn)), kOk) << arn;
      EXPECT_EQ(CodeOf(Drop(arn)), kOk) << arn;
      EXPECT_EQ(CodeOf(Get()), kNotFound) << arn;
    }
  }
}

TEST_F(ReferenceModelDatesTest, TheOwnCatalogsArnIsAsIfAbsentInDocumented) {
  for (const absl::CivilDay date :
       {absl::CivilDay(2020, 7, 7), absl::CivilDay(2025, 12, 1)}) {
    BecomeDocumented(date);
    EXPECT_EQ(CodeOf(Put(kOwn)), kOk);
    EXPECT_EQ(CodeOf(Put(kOther)), kInvalid);
    EXPECT_EQ(CodeOf(Get(kOwn)), kOk);
    EXPECT_EQ(CodeOf(Get(kOther)), kNotFound);
    EXPECT_EQ(CodeOf(Drop(kOther)), kInvalid);
    EXPECT_EQ(CodeOf(Get()), kOk);
    EXPECT_EQ(CodeOf(Drop(kOwn)), kOk);
  }
}

TEST_F(ReferenceModelDatesTest, ObservedRefusesAnyResourceArnInAWrite) {
  for (const Behavior& behavior : {Behavior::Observed(), Behavior::Current()}) {
    Become(behavior);
    EXPECT_EQ(CodeOf(Put(kOwn)), kInvalid);
    EXPECT_EQ(CodeOf(Put(kOther)), kInvalid);
    EXPECT_EQ(CodeOf(Get()), kNotFound);
    ASSERT_EQ(CodeOf(Put()), kOk);
    EXPECT_EQ(CodeOf(Get(kOwn)), kOk);
    EXPECT_EQ(CodeOf(Get(kOther)), kNotFound);
    EXPECT_EQ(CodeOf(Drop(kOwn)), kInvalid);
    EXPECT_EQ(CodeOf(Drop(kOther)), kInvalid);
    EXPECT_EQ(CodeOf(Get()), kOk);
  }
}

TEST_F(ReferenceModelDatesTest, AnArnIsOwnInThePartitionOfTheCatalog) {
  struct Case {
    std::string region;
    std::string partition;
    std::string arn;
  };
  for (const Case& c : std::vector<Case>{
           {"us-east-1", "", "arn:aws:glue:us-east-1:1:catalog"},
           {"cn-north-1", "", "arn:aws-cn:glue:cn-north-1:1:catalog"},
           {"us-gov-west-1", "", "arn:aws-us-gov:glue:us-gov-west-1:1:catalog"},
           {"us-iso-east-1", "", "arn:aws-iso:glue:us-iso-east-1:1:catalog"},
           {"us-isob-east-1", "",
            "arn:aws-iso-b:glue:us-isob-east-1:1:catalog"},
           {"eu-isoe-west-1", "",
            "arn:aws-iso-e:glue:eu-isoe-west-1:1:catalog"},
           {"us-isof-south-1", "",
            "arn:aws-iso-f:glue:us-isof-south-1:1:catalog"},
           {"eusc-de-east-1", "", "arn:aws-eusc:glue:eusc-de-east-1:1:catalog"},
           {"r", "aws-cn", "arn:aws-cn:glue:r:1:catalog"},
           {"cn-north-1", "aws", "arn:aws:glue:cn-north-1:1:catalog"},
       }) {
    EXPECT_EQ(NaiveCatalogArn({"1", c.region, "", c.partition}), c.arn);
  }
  BecomeDocumented(2025, 12, 1);
  caller_ = {"1", "cn-north-1", ""};
  EXPECT_EQ(
      CodeOf(Put("resource_arn: \"arn:aws-cn:glue:cn-north-1:1:catalog\"")),
      kOk);
  EXPECT_EQ(CodeOf(Put("resource_arn: \"arn:aws:glue:cn-north-1:1:catalog\"")),
            kInvalid);
}

TEST_F(ReferenceModelDatesTest, TheArnsPatternGrowsWithTheDate) {
  struct Case {
    std::string arn;
    bool in_2020;
    bool in_2022;
    bool in_2024;
  };
  const std::vector<Case> cases = {
      {"arn:aws:glue:", true, true, true},
      {"arn:aws:glue:a:b:\xC3\xA9", true, true, true},
      {"arn:aws-cn:glue:x", false, true, true},
      {"arn:aws-us-gov:glue:x", false, true, true},
      {"arn:aws-iso:glue:x", false, false, true},
      {"arn:aws-iso-b:glue:x", false, false, true},
      {"arn:aws-iso-e:glue:x", false, false, true},
      {"arn:aws-iso-f:glue:x", false, false, true},
      {"arn:aws-iso-g:glue:x", false, false, false},
      {"arn:aws-eusc:glue:x", false, false, false},
      {"arn:aws-:glue:x", false, false, false},
      {"arn:aws:glue", false, false, false},
      {"arn:aws:s3:x", false, false, false},
      {" arn:aws:glue:x", false, false, false},
      {"arn:aws:glue:x\n", false, false, false},
      {"arn:aws:glue:\xE2\x80\xA8", false, false, false},
      {"arn:aws:glue:\xFF", false, false, false},
  };
  const auto is_legal = [this](int year, int month, int day,
                               const std::string& arn) {
    BecomeDocumented(year, month, day);
    v1::Request request;
    request.mutable_get_resource_policy()->set_resource_arn(arn);
    return Broken(request).empty();
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::PrintToString(c.arn));
    EXPECT_EQ(is_legal(2020, 7, 7, c.arn), c.in_2020);
    EXPECT_EQ(is_legal(2022, 3, 17, c.arn), c.in_2020);
    EXPECT_EQ(is_legal(2022, 3, 18, c.arn), c.in_2022);
    EXPECT_EQ(is_legal(2024, 12, 2, c.arn), c.in_2022);
    EXPECT_EQ(is_legal(2024, 12, 3, c.arn), c.in_2024);
  }
}

TEST_F(ReferenceModelDatesTest, AResourceArnHasOneTo10240Bytes) {
  Become(Behavior::Observed());  // It is known at the date of the contract.
  v1::Request request;
  request.mutable_delete_resource_policy()->set_resource_arn("");
  EXPECT_THAT(Broken(request),
              ElementsAre("resourceArn LENGTH_MIN", "resourceArn PATTERN"));
  std::string arn = "arn:aws:glue:";
  arn.resize(10240, 'x');
  request.mutable_delete_resource_policy()->set_resource_arn(arn);
  EXPECT_THAT(Broken(request), IsEmpty());
  request.mutable_delete_resource_policy()->set_resource_arn(arn + "x");
  EXPECT_THAT(Broken(request), ElementsAre("resourceArn LENGTH_MAX"));
}

TEST_F(ReferenceModelDatesTest, ViolationsComeInTheOrderOfTheMembers) {
  const std::string put =
      R"pb(put_resource_policy {
             policy_in_json: "{"
             resource_arn: "x"
             policy_hash_condition: ""
             policy_exists_condition: POLICY_EXISTS_CONDITION_UNSPECIFIED
             enable_hybrid: ENABLE_HYBRID_VALUES_UNSPECIFIED
           })pb";
  EXPECT_THAT(Broken(put), ElementsAre("policyInJson LENGTH_MIN",
                                       "policyHashCondition LENGTH_MIN",
                                       "policyExistsCondition ENUM"));
  Become(Behavior::Current());
  EXPECT_THAT(Broken(put),
              ElementsAre("policyInJson LENGTH_MIN", "resourceArn PATTERN",
                          "policyHashCondition LENGTH_MIN",
                          "policyExistsCondition ENUM", "enableHybrid ENUM"));
  EXPECT_THAT(
      Broken(Drop("resource_arn: \"x\" policy_hash_condition: \"\"")),
      ElementsAre("policyHashCondition LENGTH_MIN", "resourceArn PATTERN"));
  EXPECT_THAT(Broken(List("max_results: 0 next_token: \"\\377\"")),
              ElementsAre("nextToken PATTERN", "maxResults VALUE_MIN"));
}

// ---------------------------------------------------------------------------
// EnableHybrid

TEST_F(ReferenceModelDatesTest, GrantsOfTheConsoleNeedEnableHybrid) {
  const std::string yes = "enable_hybrid: ENABLE_HYBRID_VALUES_TRUE";
  const std::string no = "enable_hybrid: ENABLE_HYBRID_VALUES_FALSE";
  for (Behavior behavior : {Behavior::Documented(), Behavior::Current()}) {
    Become(behavior);
    EXPECT_EQ(CodeOf(Put(yes)), kOk);
    EXPECT_EQ(CodeOf(Put(no)), kOk);
    behavior.console_grants_exist = true;
    behavior.api_date = absl::CivilDay(2020, 7, 6);
    Become(behavior);
    EXPECT_EQ(CodeOf(Put()), kOk);
    EXPECT_EQ(CodeOf(Put(no)), kOk);
    behavior.api_date = absl::CivilDay(2020, 7, 7);
    Become(behavior);
    EXPECT_EQ(CodeOf(Put()), kInvalid);
    EXPECT_EQ(CodeOf(Put(no)), kInvalid);
    EXPECT_EQ(CodeOf(Put(yes)), kOk);
  }
}

TEST_F(ReferenceModelDatesTest, ATextOfEnableHybridIsIgnoredBeforeItsDate) {
  const std::string put =
      Put() + " unparsed_values { path: \"enableHybrid\" text: \"MAYBE\" }";
  EXPECT_EQ(CodeOf(put), kOk);
  BecomeDocumented(2020, 7, 7);
  EXPECT_THAT(Broken(put), ElementsAre("enableHybrid ENUM"));
}

// ---------------------------------------------------------------------------
// GetResourcePolicies

TEST_F(ReferenceModelDatesTest, ThePoliciesAreAnOperationSince2020) {
  BecomeDocumented(2020, 7, 6);
  EXPECT_EQ(CodeOf(List()), kInvalid);
  // The operation is unknown before its members are looked at.
  EXPECT_THAT(Broken(List("max_results: 0")), IsEmpty());
  BecomeDocumented(2020, 7, 7);
  EXPECT_EQ(CodeOf(List()), kOk);
  EXPECT_THAT(Broken(List("max_results: 0")),
              ElementsAre("maxResults VALUE_MIN"));
  EXPECT_THAT(Broken(List("max_results: 1001")),
              ElementsAre("maxResults VALUE_MAX"));
}

TEST_F(ReferenceModelDatesTest, ThePoliciesAreTheCatalogsPolicyOrNothing) {
  BecomeDocumented(2020, 7, 7);
  EXPECT_EQ(Run(List()).ShortDebugString(), "get_resource_policies { }");
  ASSERT_EQ(CodeOf(Put()), kOk);
  const auto page = Run(List("max_results: 1")).get_resource_policies();
  EXPECT_FALSE(page.has_next_token());
  ASSERT_EQ(page.policies_size(), 1);
  EXPECT_EQ(page.policies(0).ShortDebugString(),
            Run(Get()).get_resource_policy().ShortDebugString());
  caller_.region = "eu-west-1";
  EXPECT_EQ(Run(List()).get_resource_policies().policies_size(), 0);
}

TEST_F(ReferenceModelDatesTest, ThePoliciesHaveOnePage) {
  Become(Behavior::Current());
  const auto page = Run(List()).get_resource_policies();
  EXPECT_TRUE(page.has_next_token());
  EXPECT_EQ(page.next_token(), "");
  EXPECT_EQ(CodeOf(List("next_token: \"\"")), kOk);
  EXPECT_EQ(CodeOf(List("next_token: \"x\"")), kInvalid);
  // The limit of 200 was recorded for security configurations only.
  EXPECT_EQ(CodeOf(List("max_results: 1000")), kOk);
}

// ---------------------------------------------------------------------------
// The size of a policy

v1::Request PutText(const std::string& text) {
  v1::Request request;
  request.mutable_put_resource_policy()->set_policy_in_json(text);
  return request;
}

TEST_F(ReferenceModelDatesTest, TheMaximumOfAPolicyBecomesARule) {
  const v1::Request longest = PutText("{}" + std::string(10238, ' '));
  const v1::Request too_long = PutText("{}" + std::string(10239, ' '));
  BecomeDocumented(2022, 3, 17);
  EXPECT_THAT(Broken(longest), IsEmpty());
  EXPECT_THAT(Broken(too_long), ElementsAre("policyInJson LENGTH_MAX"));
  BecomeDocumented(2022, 3, 18);
  EXPECT_EQ(CodeOf(longest), kOk);
  EXPECT_THAT(Broken(too_long), IsEmpty());
  EXPECT_EQ(CodeOf(too_long), kInvalid);

  Behavior behavior;
  behavior.api_date = absl::CivilDay(2022, 3, 18);
  Limits limits;
  limits.policy_bytes_max = 3;
  Become(behavior, limits);
  EXPECT_EQ(CodeOf(PutText("{ }")), kOk);
  EXPECT_EQ(CodeOf(PutText("{  }")), kInvalid);
  // Before the date the limit has no effect.
  behavior.api_date = absl::CivilDay(2022, 3, 17);
  Become(behavior, limits);
  EXPECT_EQ(CodeOf(PutText("{  }")), kOk);
}

TEST_F(ReferenceModelDatesTest, WherePoliciesAreReprintedBlanksDoNotCount) {
  const std::string blanks(20'000, ' ');
  // 10240 and 10241 bytes; blanks within strings count.
  const std::string text = R"({"a":")" + std::string(10232, ' ') + "\"}";
  const std::string longer = R"({"a":"\")" + std::string(10231, ' ') + "\"}";
  for (const Behavior& behavior : {Behavior::Observed(), Behavior::Current()}) {
    Become(behavior);
    EXPECT_EQ(CodeOf(PutText(blanks + text + "\r\n\t")), kOk);
    EXPECT_EQ(CodeOf(PutText(longer + blanks)),
              behavior.api_date == kContractDate ? v1::ERROR_CODE_VALIDATION
                                                 : kInvalid);
  }
  EXPECT_THAT(Broken(PutText(longer)), IsEmpty());
  Become(Behavior::Observed());
  EXPECT_THAT(Broken(PutText(longer)), ElementsAre("policyInJson LENGTH_MAX"));
  // A text that is stored as it was put counts as a whole.
  Behavior none = Behavior::Observed();
  none.policy_checks = PolicyChecks::kNone;
  ReferenceModelFixture::Become(none);
  EXPECT_THAT(Broken(PutText("{}" + blanks)),
              ElementsAre("policyInJson LENGTH_MAX"));
}

TEST_F(ReferenceModelDatesTest, AReprintMustFitIntoARequest) {
  // It is printed in 13 bytes: with a line feed, two blanks, blanks around the
  // colon, and a line feed. 268 bytes are left for a Put that puts it back.
  const v1::Request put = PutText(R"({"a":1})");
  Limits limits;
  for (const size_t bytes_max : {280, 281}) {
    limits.request_bytes_max = bytes_max;
    Become(Behavior::Observed(), limits);
    EXPECT_EQ(CodeOf(put), bytes_max == 280 ? kInvalid : kOk);
    Become(Behavior::Documented(), limits);
    EXPECT_EQ(CodeOf(put), kOk);
  }
}

// ---------------------------------------------------------------------------
// The role of a catalog's key

std::string PutRole(const std::string& more) {
  return absl::StrCat(
      "put_data_catalog_encryption_settings { "
      "data_catalog_encryption_settings { encryption_at_rest { ",
      more, "} } }");
}

constexpr char kRoleMode[] =
    "catalog_encryption_mode: "
    "CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE ";
constexpr char kRole[] =
    "catalog_encryption_service_role: \"arn:aws:iam::123456789012:role/r\" ";

TEST_F(ReferenceModelDatesTest, TheModeWithARoleIsAValueSince2024) {
  const std::string mode =
      "dataCatalogEncryptionSettings.encryptionAtRest.catalogEncryptionMode";
  BecomeDocumented(2024, 2, 4);
  EXPECT_THAT(Broken(PutRole(kRoleMode)), ElementsAre(mode + " ENUM"));
  BecomeDocumented(2024, 2, 5);
  EXPECT_EQ(CodeOf(PutRole(kRoleMode)), kOk);
  const auto rest = [this] {
    return Run("get_data_catalog_encryption_settings {}")
        .get_data_catalog_encryption_settings()
        .data_catalog_encryption_settings()
        .encryption_at_rest();
  };
  EXPECT_FALSE(rest().has_sse_aws_kms_key_id());
  Become(Behavior::Current());
  EXPECT_EQ(CodeOf(PutRole(kRoleMode)), kInvalid);
  EXPECT_EQ(CodeOf(PutRole(absl::StrCat(kRoleMode, kRole))), kOk);
  EXPECT_EQ(rest().sse_aws_kms_key_id(), "alias/aws/glue");
  EXPECT_EQ(rest().catalog_encryption_service_role(),
            "arn:aws:iam::123456789012:role/r");
}

TEST_F(ReferenceModelDatesTest, ARoleIsNotStoredBeforeItsDate) {
  const std::string mode =
      "catalog_encryption_mode: "
      "CATALOG_ENCRYPTION_MODE_SSE_KMS ";
  BecomeDocumented(2024, 2, 4);
  ASSERT_EQ(CodeOf(PutRole(mode)), kOk);
  const std::string without = model_.StateFingerprint();
  ASSERT_EQ(CodeOf(PutRole(absl::StrCat(mode, kRole))), kOk);
  EXPECT_EQ(model_.StateFingerprint(), without);
  ASSERT_EQ(CodeOf(PutRole(mode + "catalog_encryption_service_role: \"?\"")),
            kOk);
  EXPECT_EQ(model_.StateFingerprint(), without);
  BecomeDocumented(2024, 2, 5);
  ASSERT_EQ(CodeOf(PutRole(absl::StrCat(mode, kRole))), kOk);
  EXPECT_NE(model_.StateFingerprint(), without);
}

TEST_F(ReferenceModelDatesTest, ARoleMatchesItsPatternAsAWhole) {
  Become(Behavior::Current());
  const auto broken = [this](const std::string& role) {
    v1::Request request = Parse(PutRole(kRoleMode));
    request.mutable_put_data_catalog_encryption_settings()
        ->mutable_data_catalog_encryption_settings()
        ->mutable_encryption_at_rest()
        ->set_catalog_encryption_service_role(role);
    return Broken(request);
  };
  for (const std::string role :
       {"arn:aws:iam::123456789012:role/r",
        "arn:aws-cn:iam::123456789012:role/:",
        "arn:aws-iso-f:iam::000000000000:role/a/b:c \xC3\xA9"}) {
    EXPECT_THAT(broken(role), IsEmpty()) << role;
  }
  for (const std::string role :
       {"", "arn:aws:iam::123456789012:role/",
        "arn:aws:iam::12345678901:role/r", "arn:aws:iam::1234567890123:role/r",
        "arn:aws:iam::12345678901x:role/r", "arn:aws:iam:x:123456789012:role/r",
        "arn:aws:iam::123456789012:user/r", "arn:aws:sts::123456789012:role/r",
        "arn:aws-eusc:iam::123456789012:role/r",
        "arn:aws:iam::123456789012:role", "arn:aws:iam::123456789012:role/\n",
        "arn:aws:iam::123456789012:role/\xFF",
        "^arn:aws:iam::123456789012:role/r"}) {
    EXPECT_THAT(broken(role),
                ElementsAre("dataCatalogEncryptionSettings.encryptionAtRest."
                            "catalogEncryptionServiceRole PATTERN"))
        << testing::PrintToString(role);
  }
}

// ---------------------------------------------------------------------------
// Security configurations

std::string Create(const std::string& name, const std::string& more) {
  return absl::StrCat("create_security_configuration { name: \"", name,
                      "\" encryption_configuration { ", more, "} }");
}

TEST_F(ReferenceModelDatesTest, DataQualityIsNotStoredBeforeItsDate) {
  const std::string quality =
      R"pb(data_quality_encryption { kms_key_arn: "?" })pb";
  const auto is_stored = [this] {
    return Run("get_security_configuration { name: \"n\" }")
        .get_security_configuration()
        .security_configuration()
        .encryption_configuration()
        .has_data_quality_encryption();
  };
  BecomeDocumented(2024, 12, 11);
  EXPECT_EQ(CodeOf(Create("n", quality)), kOk);
  EXPECT_FALSE(is_stored());
  BecomeDocumented(2024, 12, 12);
  EXPECT_THAT(
      Broken(Create("n", quality)),
      ElementsAre(
          "encryptionConfiguration.dataQualityEncryption.kmsKeyArn PATTERN"));
  EXPECT_EQ(CodeOf(Create("n", "data_quality_encryption {}")), kOk);
  EXPECT_TRUE(is_stored());
  v1::Request request = Parse(Create("n", "data_quality_encryption {}"));
  request.mutable_create_security_configuration()
      ->mutable_encryption_configuration()
      ->mutable_data_quality_encryption()
      ->set_data_quality_encryption_mode(
          static_cast<v1::DataQualityEncryptionMode>(3));
  EXPECT_THAT(Broken(request),
              ElementsAre("encryptionConfiguration.dataQualityEncryption."
                          "dataQualityEncryptionMode ENUM"));
}

TEST_F(ReferenceModelDatesTest, DataQualityNeedsAKeyWhereKmsModesDo) {
  const std::string mode =
      "data_quality_encryption { data_quality_encryption_mode: "
      "DATA_QUALITY_ENCRYPTION_MODE_SSE_KMS ";
  BecomeDocumented(2025, 12, 1);
  EXPECT_EQ(CodeOf(Create("n", mode + "}")), kOk);
  Become(Behavior::Observed());
  EXPECT_EQ(CodeOf(Create("n", mode + "}")), kOk);  // Not in force.
  Become(Behavior::Current());
  EXPECT_EQ(CodeOf(Create("n", mode + "}")), kInvalid);
  EXPECT_EQ(CodeOf(Create("n", mode + "kms_key_arn: \"\" }")), kInvalid);
  EXPECT_EQ(CodeOf(Create("n", mode + "kms_key_arn: \"arn:aws:kms:k\" }")),
            kOk);
}

TEST_F(ReferenceModelDatesTest, AKeyArnIsWiderSinceTheEndOf2025) {
  for (const std::string arn : {"", "arn:aws-cn:kms:k"}) {
    const std::string create =
        Create("n", "cloud_watch_encryption { kms_key_arn: \"" + arn + "\" } ");
    BecomeDocumented(2025, 11, 30);
    EXPECT_THAT(Broken(create),
                ElementsAre("encryptionConfiguration.cloudWatchEncryption."
                            "kmsKeyArn PATTERN"));
    BecomeDocumented(2025, 12, 1);
    EXPECT_EQ(CodeOf(create), kOk);
    Become(Behavior::Observed());
    EXPECT_EQ(CodeOf(create), kOk);
  }
}

TEST_F(ReferenceModelDatesTest, MembersThatAreNotInForceCountAsBytes) {
  Limits limits;
  limits.request_bytes_max = 7;
  Become(Behavior::Documented(), limits);
  EXPECT_EQ(CodeOf(Get("resource_arn: \"12345\"")), kNotFound);
  EXPECT_EQ(CodeOf(Get("resource_arn: \"123456\"")), kInvalid);
}

}  // namespace
}  // namespace glue_security
