// The oracle itself, compared with cells written by hand from the contract.

#include "glue_security/testing/oracle/reference_model.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/loose.h"
#include "tests/testing/oracle/reference_model_fixture.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The hash of `{}`: base64 of the first 16 bytes of its SHA-256,
// 44136fa355b3678a1146ad16f7e8649e...
constexpr char kEmptyObjectHash[] = "RBNvo1WzZ4oRRq0W9+hkng==";

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

class ReferenceModelTest : public ReferenceModelFixture {
 protected:
  v1::ErrorCode Put(const std::string& policy, const std::string& more = "") {
    return CodeOf(absl::StrCat("put_resource_policy { policy_in_json: ",
                               Quoted(policy), " ", more, "}"));
  }
  v1::GetResourcePolicyResponse GetPolicy() {
    return Run("get_resource_policy {}").get_resource_policy();
  }
  v1::ErrorCode Create(const std::string& name, const std::string& more = "") {
    return CodeOf(
        absl::StrCat("create_security_configuration { name: ", Quoted(name),
                     " encryption_configuration {", more, "}}"));
  }
  v1::GetSecurityConfigurationsResponse List(const std::string& more = "") {
    return Run(absl::StrCat("get_security_configurations {", more, "}"))
        .get_security_configurations();
  }
  std::vector<std::string> Names(
      const v1::GetSecurityConfigurationsResponse& page) {
    std::vector<std::string> names;
    for (const auto& item : page.security_configurations()) {
      names.push_back(item.name());
    }
    return names;
  }
  void SetMillis(int64_t ms) { clock_.Set(absl::FromUnixMillis(ms)); }
};

constexpr v1::ErrorCode kFailed = v1::ERROR_CODE_CONDITION_CHECK_FAILURE;

TEST_F(ReferenceModelTest, ARequestWithoutAnOperationIsInvalidInput) {
  EXPECT_EQ(CodeOf(""), kInvalid);
}

// A row of PutResourcePolicy's table: the answers without a policy, with a
// policy that the hash matches, and with one that it does not match.
struct PutRow {
  std::string condition;
  bool hash;
  v1::ErrorCode absent;
  v1::ErrorCode matches;
  v1::ErrorCode differs;
};

TEST_F(ReferenceModelTest, PutFollowsEveryCellOfItsTable) {
  const std::vector<PutRow> rows = {
      {"", false, kOk, kOk, kOk},
      {"policy_exists_condition: POLICY_EXISTS_CONDITION_NONE", false, kOk, kOk,
       kOk},
      {"policy_exists_condition: POLICY_EXISTS_CONDITION_MUST_EXIST", false,
       kFailed, kOk, kOk},
      {"policy_exists_condition: POLICY_EXISTS_CONDITION_NOT_EXIST", false, kOk,
       kFailed, kFailed},
      {"", true, kFailed, kOk, kFailed},
      {"policy_exists_condition: POLICY_EXISTS_CONDITION_NONE", true, kFailed,
       kOk, kFailed},
      {"policy_exists_condition: POLICY_EXISTS_CONDITION_MUST_EXIST", true,
       kFailed, kOk, kFailed},
      {"policy_exists_condition: POLICY_EXISTS_CONDITION_NOT_EXIST", true,
       kFailed, kFailed, kFailed},
  };
  const std::string matching =
      absl::StrCat(" policy_hash_condition: \"", kEmptyObjectHash, "\"");
  const std::string differing = " policy_hash_condition: \"stale\"";
  for (const PutRow& row : rows) {
    SCOPED_TRACE(absl::StrCat(row.condition, " hash: ", row.hash));
    const std::string good = row.condition + (row.hash ? matching : "");
    const std::string bad = row.condition + (row.hash ? differing : "");

    Become(Loose(Behavior::Documented()));
    EXPECT_EQ(Put(R"({"a":1})", good), row.absent);
    EXPECT_EQ(GetPolicy().policy_in_json(),
              row.absent == kOk ? R"({"a":1})" : "");

    Become(Loose(Behavior::Documented()));
    ASSERT_EQ(Put("{}"), kOk);
    EXPECT_EQ(Put(R"({"a":1})", good), row.matches);
    EXPECT_EQ(GetPolicy().policy_in_json(),
              row.matches == kOk ? R"({"a":1})" : "{}");

    Become(Loose(Behavior::Documented()));
    ASSERT_EQ(Put("{}"), kOk);
    EXPECT_EQ(Put(R"({"a":1})", bad), row.differs);
    EXPECT_EQ(GetPolicy().policy_in_json(),
              row.differs == kOk ? R"({"a":1})" : "{}");
  }
}

TEST_F(ReferenceModelTest, DeleteFollowsEveryCellOfItsTable) {
  const std::string matching =
      absl::StrCat("delete_resource_policy { policy_hash_condition: \"",
                   kEmptyObjectHash, "\" }");
  EXPECT_EQ(CodeOf("delete_resource_policy {}"), kNotFound);
  EXPECT_EQ(CodeOf(matching), kNotFound);
  ASSERT_EQ(Put("{}"), kOk);
  EXPECT_EQ(CodeOf("delete_resource_policy { policy_hash_condition: \"x\" }"),
            kFailed);
  EXPECT_EQ(GetPolicy().policy_in_json(), "{}");
  EXPECT_TRUE(Run(matching).has_delete_resource_policy());
  EXPECT_EQ(CodeOf("get_resource_policy {}"), kNotFound);
  ASSERT_EQ(Put("{}"), kOk);
  EXPECT_TRUE(Run("delete_resource_policy {}").has_delete_resource_policy());
  EXPECT_EQ(CodeOf("delete_resource_policy {}"), kNotFound);
}

TEST_F(ReferenceModelTest, TheHashIsOfTheTextAndComparedByteForByte) {
  const v1::Response put =
      Run("put_resource_policy { policy_in_json: \"{}\" }");
  EXPECT_EQ(put.put_resource_policy().policy_hash(), kEmptyObjectHash);
  EXPECT_EQ(GetPolicy().policy_hash(), kEmptyObjectHash);
  EXPECT_EQ(Put("{}", "policy_hash_condition: \"rbNvo1WzZ4oRRq0W9+hkng==\""),
            kFailed);
}

TEST_F(ReferenceModelTest, AnOldHashHoldsAgainWhenTheOldTextIsBack) {
  ASSERT_EQ(Put("{}"), kOk);
  ASSERT_EQ(Put("{ }"), kOk);
  ASSERT_EQ(Put("{}"), kOk);
  EXPECT_EQ(Put("{ }", absl::StrCat("policy_hash_condition: \"",
                                    kEmptyObjectHash, "\"")),
            kOk);
}

TEST_F(ReferenceModelTest, TheFieldsOfBehaviorSwitchTheConditions) {
  Behavior behavior;
  behavior.must_exist_error_code = kNotFound;
  behavior.require_hash_to_overwrite = true;
  Become(behavior);
  const std::string must =
      "policy_exists_condition: POLICY_EXISTS_CONDITION_MUST_EXIST ";
  const std::string hash =
      absl::StrCat("policy_hash_condition: \"", kEmptyObjectHash, "\"");
  EXPECT_EQ(Put("{}", must), kNotFound);
  EXPECT_EQ(Put("{}", must + hash), kNotFound);
  EXPECT_EQ(Put("{}", hash), kFailed);
  EXPECT_EQ(Put("{}"), kOk);
  EXPECT_EQ(Put("{}"), kFailed);
  EXPECT_EQ(Put("{}", must), kFailed);
  EXPECT_EQ(Put("{}", must + hash), kOk);
}

TEST_F(ReferenceModelTest, TimesOfAPolicyNeverGoBack) {
  const auto times = [this] {
    const v1::GetResourcePolicyResponse got = GetPolicy();
    return std::make_pair(got.create_time().seconds() * 1000 +
                              got.create_time().nanos() / 1000000,
                          got.update_time().seconds() * 1000 +
                              got.update_time().nanos() / 1000000);
  };
  using Times = std::pair<int64_t, int64_t>;
  clock_.Set(absl::FromUnixMicros(5000999));
  ASSERT_EQ(Put("{}"), kOk);
  EXPECT_EQ(times(), Times(5000, 5000));
  SetMillis(4000);
  ASSERT_EQ(Put("{}"), kOk);
  EXPECT_EQ(times(), Times(5000, 5000));
  SetMillis(6000);
  ASSERT_EQ(Put("{}"), kOk);
  EXPECT_EQ(times(), Times(5000, 6000));
  SetMillis(5500);
  ASSERT_EQ(CodeOf("delete_resource_policy {}"), kOk);
  SetMillis(5600);
  ASSERT_EQ(Put("{}"), kOk);
  EXPECT_EQ(times(), Times(6000, 6000));
  SetMillis(8000);
  ASSERT_EQ(CodeOf("delete_resource_policy {}"), kOk);
  SetMillis(7000);
  ASSERT_EQ(Put("{}"), kOk);
  EXPECT_EQ(times(), Times(8000, 8000));
}

TEST_F(ReferenceModelTest, TimesBeforeTheEpochAreRoundedDown) {
  clock_.Set(absl::FromUnixMicros(-1));
  ASSERT_EQ(Put("{}"), kOk);
  EXPECT_EQ(GetPolicy().create_time().seconds(), -1);
  EXPECT_EQ(GetPolicy().create_time().nanos(), 999000000);
}

TEST_F(ReferenceModelTest, ThePolicyMustBeAJsonObjectUnlessNothingIsChecked) {
  EXPECT_EQ(Put("[]"), kInvalid);
  EXPECT_EQ(Put("{\"a\":}"), kInvalid);
  EXPECT_EQ(Put("{\"a\":1,\"a\":2}"), kOk);
  Behavior behavior;
  behavior.policy_checks = PolicyChecks::kNone;
  Become(behavior);
  EXPECT_EQ(Put("[}"), kOk);
  EXPECT_EQ(GetPolicy().policy_in_json(), "[}");
}

TEST_F(ReferenceModelTest, TheDocumentComesBeforeTheConditions) {
  EXPECT_EQ(
      Put("[]", "policy_exists_condition: POLICY_EXISTS_CONDITION_MUST_EXIST"),
      kInvalid);
}

TEST_F(ReferenceModelTest, AJudgeIsAskedOfDocumentsBeyondJson) {
  for (const PolicyChecks checks : {PolicyChecks::kJson, PolicyChecks::kGlue}) {
    Behavior behavior;
    behavior.policy_checks = checks;
    std::vector<std::string> asked;
    ReferenceModel model(
        behavior, Limits(), &clock_,
        [&](const Caller& caller, absl::string_view text) {
          asked.push_back(absl::StrCat(caller.account_id, text));
          return text == "{}";
        });
    v1::Request put;
    const auto code_of = [&](const char* text) {
      put.mutable_put_resource_policy()->set_policy_in_json(text);
      return model.Execute({"1", "r", ""}, put).error().code();
    };
    EXPECT_EQ(code_of("{}"), kOk);
    EXPECT_EQ(code_of("{ }"), checks == PolicyChecks::kJson ? kOk : kInvalid);
    // Invalid JSON is refused without asking.
    EXPECT_EQ(code_of("[]"), kInvalid);
    EXPECT_EQ(asked, checks == PolicyChecks::kJson
                         ? std::vector<std::string>()
                         : (std::vector<std::string>{"1{}", "1{ }"}));
  }
}

TEST_F(ReferenceModelTest, TheDepthOfThePolicyIsLimited) {
  Limits limits;
  limits.policy_depth_max = 2;
  Become(Loose(Behavior()), limits);
  EXPECT_EQ(Put(R"({"a":[]})"), kOk);
  EXPECT_EQ(Put(R"({"a":[[]]})"), kInvalid);
}

TEST_F(ReferenceModelTest, ARequestOfTooManyBytesIsInvalidInputBeforeAll) {
  Limits limits;
  limits.request_bytes_max = 7;  // A tag, a length, five bytes.
  Become(Loose(Behavior::Observed()), limits);
  EXPECT_EQ(CodeOf("get_security_configuration { name: \"abcde\" }"),
            kNotFound);
  EXPECT_EQ(CodeOf("get_security_configuration { name: \"abcdef\" }"),
            kInvalid);
  EXPECT_THAT(Broken("get_security_configuration { name: \"\\n-----\" }"),
              IsEmpty());
}

TEST_F(ReferenceModelTest, TextsThatWereNotParsedCountAsBytesOfTheRequest) {
  Limits limits;
  limits.request_bytes_max = 8;
  Become(Loose(Behavior::Observed()), limits);
  EXPECT_EQ(
      CodeOf("get_resource_policy {} unparsed_values { text: \"123456\" }"),
      kNotFound);
  EXPECT_EQ(
      CodeOf("get_resource_policy {} unparsed_values { text: \"1234567\" }"),
      kInvalid);
}

TEST_F(ReferenceModelTest, MissingMembersAreReported) {
  EXPECT_THAT(Broken("put_resource_policy {}"),
              ElementsAre("policyInJson REQUIRED"));
  EXPECT_THAT(Broken("create_security_configuration {}"),
              ElementsAre("name REQUIRED", "encryptionConfiguration REQUIRED"));
  EXPECT_THAT(Broken("get_security_configuration {}"),
              ElementsAre("name REQUIRED"));
  EXPECT_THAT(Broken("delete_security_configuration {}"),
              ElementsAre("name REQUIRED"));
  EXPECT_THAT(Broken("put_data_catalog_encryption_settings {}"),
              ElementsAre("dataCatalogEncryptionSettings REQUIRED"));
  EXPECT_THAT(
      Broken("put_data_catalog_encryption_settings { "
             "  data_catalog_encryption_settings { "
             "    encryption_at_rest {} connection_password_encryption {} } }"),
      ElementsAre("dataCatalogEncryptionSettings.encryptionAtRest."
                  "catalogEncryptionMode REQUIRED",
                  "dataCatalogEncryptionSettings.connectionPasswordEncryption."
                  "returnConnectionPasswordEncrypted REQUIRED"));
}

TEST_F(ReferenceModelTest, LengthsAreCountedInBytes) {
  const auto get = [](const std::string& name) {
    v1::Request request;
    request.mutable_get_security_configuration()->set_name(name);
    return request;
  };
  EXPECT_THAT(Broken(get("")), ElementsAre("name LENGTH_MIN"));
  EXPECT_THAT(Broken(get(std::string(255, 'a'))), IsEmpty());
  EXPECT_THAT(Broken(get(std::string(256, 'a'))),
              ElementsAre("name LENGTH_MAX"));
  std::string accents;
  while (accents.size() < 256) accents += "\xC3\xA9";
  EXPECT_THAT(Broken(get(accents)), ElementsAre("name LENGTH_MAX"));

  EXPECT_THAT(Broken("put_resource_policy { policy_in_json: \"{\" }"),
              ElementsAre("policyInJson LENGTH_MIN"));
  v1::Request put;
  put.mutable_put_resource_policy()->set_policy_in_json(
      "{}" + std::string(10238, ' '));
  EXPECT_THAT(Broken(put), IsEmpty());
  put.mutable_put_resource_policy()->mutable_policy_in_json()->push_back(' ');
  EXPECT_THAT(Broken(put), ElementsAre("policyInJson LENGTH_MAX"));
}

TEST_F(ReferenceModelTest, ASingleLineHasNoControlsButTab) {
  const auto broken = [this](const std::string& name) {
    v1::Request request;
    request.mutable_get_security_configuration()->set_name(name);
    return Broken(request);
  };
  for (const std::string name : {"\t", " ", "~\x7F", "\xC2\x85", "\xE2\x80\xA8",
                                 "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBD",
                                 "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_THAT(broken(name), IsEmpty()) << testing::PrintToString(name);
  }
  for (const std::string& name :
       {std::string(1, '\0'), std::string("a\n"), std::string("\r"),
        std::string("\x1F"), std::string("\xEF\xBF\xBE"),
        std::string("\xEF\xBF\xBF"), std::string("\xED\xA0\x80"),
        std::string("\xFF")}) {
    EXPECT_THAT(broken(name), ElementsAre("name PATTERN"))
        << testing::PrintToString(name);
  }
}

TEST_F(ReferenceModelTest, MalformedUtf8IsAPatternViolationWhereNoPatternIs) {
  v1::Request request;
  request.mutable_put_resource_policy()->set_policy_in_json("{\"\xFF\":1}");
  EXPECT_THAT(Broken(request), ElementsAre("policyInJson PATTERN"));
  request.mutable_get_security_configurations()->set_next_token("\xFF");
  EXPECT_THAT(Broken(request), ElementsAre("nextToken PATTERN"));
}

TEST_F(ReferenceModelTest, AKeyArnMatchesItsPatternAsAWhole) {
  const auto broken = [this](const std::string& arn) {
    v1::Request request;
    request.mutable_create_security_configuration()->set_name("n");
    request.mutable_create_security_configuration()
        ->mutable_encryption_configuration()
        ->mutable_cloud_watch_encryption()
        ->set_kms_key_arn(arn);
    return !Broken(request).empty();
  };
  struct Case {
    std::string arn;
    bool documented;
    bool observed;
  };
  const std::vector<Case> cases = {
      {"arn:aws:kms:", true, true},
      {"arn:aws:kms:eu-west-1:1:key/\t\xC3\xA9", true, true},
      {"arn:aws:kms:a:kms:b", true, true},
      {std::string("arn:aws:kms:\0", 13), true, true},
      {"arn:aws:kms:" + std::string(300, 'k'), true, true},
      {"", false, true},
      {"arn:aws-cn:kms:x", false, true},
      {"arn:aws-us-gov:kms:x", false, true},
      {"arn:aws9:kms:x", false, true},
      {"arn:awsCN:kms:x", false, false},
      {"arn:aws", false, false},
      {"arn:aws:kms", false, false},
      {" arn:aws:kms:x", false, false},
      {"arn:aws:s3:x", false, false},
      {"arn:aws:kms:x\n", false, false},
      {"arn:aws:kms:x\ry", false, false},
      {"arn:aws:kms:x\xC2\x85y", false, false},
      {"arn:aws:kms:x\xE2\x80\xA8y", false, false},
      {"arn:aws:kms:x\xE2\x80\xA9y", false, false},
      {"arn:aws:kms:\xFF", false, false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::PrintToString(c.arn));
    Become(Loose(Behavior::Documented()));
    EXPECT_EQ(!broken(c.arn), c.documented);
    Become(Loose(Behavior::Observed()));
    EXPECT_EQ(!broken(c.arn), c.observed);
  }
}

// docs/decisions/many-violations.md: the first are listed.
TEST_F(ReferenceModelTest, AsManyBrokenConstraintsAreListedAsTheLimitSays) {
  const char kThreeBroken[] = R"pb(
    create_security_configuration {
      name: ""
      encryption_configuration {
        s3_encryption {
          elements { kms_key_arn: "x" }
          elements { kms_key_arn: "y" }
        }
      }
    })pb";
  const std::vector<std::string> all = Broken(kThreeBroken);
  ASSERT_THAT(all, SizeIs(3));
  for (const int listed : {-1, 0, 1, 2, 3, 4}) {
    SCOPED_TRACE(listed);
    Limits limits;
    limits.violations_max = listed;
    Become(Loose(Behavior::Documented()), limits);
    EXPECT_EQ(CodeOf(kThreeBroken), kInvalid);
    const auto count = std::clamp<ptrdiff_t>(listed, 1, 3);
    EXPECT_EQ(Broken(kThreeBroken),
              std::vector<std::string>(all.begin(), all.begin() + count));
  }
}

TEST_F(ReferenceModelTest, EveryBrokenConstraintIsReportedInOrder) {
  v1::Request request = Parse(R"pb(
    create_security_configuration {
      name: "\n"
      encryption_configuration {
        s3_encryption {
          elements { s3_encryption_mode: S3_ENCRYPTION_MODE_SSE_S3 }
          elements {
            s3_encryption_mode: S3_ENCRYPTION_MODE_UNSPECIFIED
            kms_key_arn: "x"
          }
        }
        cloud_watch_encryption { kms_key_arn: "x" }
        job_bookmarks_encryption {
          job_bookmarks_encryption_mode:
              JOB_BOOKMARKS_ENCRYPTION_MODE_UNSPECIFIED
        }
      }
    })pb");
  request.mutable_create_security_configuration()
      ->mutable_encryption_configuration()
      ->mutable_cloud_watch_encryption()
      ->set_cloud_watch_encryption_mode(
          static_cast<v1::CloudWatchEncryptionMode>(77));
  const std::vector<std::string> broken = Broken(request);
  EXPECT_THAT(
      broken,
      ElementsAre(
          "name PATTERN",
          "encryptionConfiguration.s3Encryption.2.member.s3EncryptionMode ENUM",
          "encryptionConfiguration.s3Encryption.2.member.kmsKeyArn PATTERN",
          "encryptionConfiguration.cloudWatchEncryption."
          "cloudWatchEncryptionMode ENUM",
          "encryptionConfiguration.cloudWatchEncryption.kmsKeyArn PATTERN",
          "encryptionConfiguration.jobBookmarksEncryption."
          "jobBookmarksEncryptionMode ENUM"));
}

TEST_F(ReferenceModelTest,
       AnEnumTextThatTheCodecCouldNotParseIsAnEnumViolation) {
  EXPECT_THAT(Broken("put_resource_policy { policy_in_json: \"{}\" } "
                     "unparsed_values { path: \"policyExistsCondition\" "
                     "                 text: \"MAYBE\" }"),
              ElementsAre("policyExistsCondition ENUM"));
  EXPECT_THAT(Broken("put_data_catalog_encryption_settings { "
                     "  data_catalog_encryption_settings { "
                     "    encryption_at_rest {} } } "
                     "unparsed_values { "
                     "  path: \"dataCatalogEncryptionSettings.encryptionAtRest."
                     "catalogEncryptionMode\" text: \"\" }"),
              ElementsAre("dataCatalogEncryptionSettings.encryptionAtRest."
                          "catalogEncryptionMode ENUM"));
  // An unparsed enum counts only within a structure that is present.
  const std::string unparsed =
      "unparsed_values { path: \"encryptionConfiguration.cloudWatchEncryption."
      "cloudWatchEncryptionMode\" text: \"?\" }";
  EXPECT_THAT(Broken("create_security_configuration { name: \"a\" "
                     "encryption_configuration { } } " +
                     unparsed),
              ElementsAre());
  EXPECT_THAT(Broken("create_security_configuration { name: \"a\" "
                     "encryption_configuration { cloud_watch_encryption { } } "
                     "} " +
                     unparsed),
              ElementsAre("encryptionConfiguration.cloudWatchEncryption."
                          "cloudWatchEncryptionMode ENUM"));
}

TEST_F(ReferenceModelTest, BrokenConstraintsHaveTheCodeThatTheBehaviorSays) {
  EXPECT_EQ(CodeOf("get_security_configuration {}"), kInvalid);
  Become(Loose(Behavior::Observed()));
  EXPECT_EQ(CodeOf("get_security_configuration {}"), v1::ERROR_CODE_VALIDATION);
}

TEST_F(ReferenceModelTest, MaxResultsIsOneToAThousand) {
  const auto list = [](int n) {
    return absl::StrCat("get_security_configurations { max_results: ", n, "}");
  };
  EXPECT_THAT(Broken(list(0)), ElementsAre("maxResults VALUE_MIN"));
  EXPECT_THAT(Broken(list(-1)), ElementsAre("maxResults VALUE_MIN"));
  EXPECT_THAT(Broken(list(1001)), ElementsAre("maxResults VALUE_MAX"));
  EXPECT_EQ(CodeOf(list(201)), kOk);
  EXPECT_EQ(CodeOf(list(1000)), kOk);
  Become(Loose(Behavior::Observed()));
  EXPECT_EQ(CodeOf(list(200)), kOk);
  EXPECT_EQ(CodeOf(list(201)), kInvalid);
  EXPECT_EQ(CodeOf(list(1001)), v1::ERROR_CODE_VALIDATION);
}

TEST_F(ReferenceModelTest, SettingsNeverPutAreDisabled) {
  const v1::Response response = Run("get_data_catalog_encryption_settings {}");
  EXPECT_EQ(response.ShortDebugString(),
            "get_data_catalog_encryption_settings { "
            "data_catalog_encryption_settings { encryption_at_rest { "
            "catalog_encryption_mode: CATALOG_ENCRYPTION_MODE_DISABLED } "
            "connection_password_encryption { "
            "return_connection_password_encrypted: false } } }");
}

TEST_F(ReferenceModelTest, PutSettingsReplacesAllOfThem) {
  const std::string get = "get_data_catalog_encryption_settings {}";
  ASSERT_EQ(CodeOf(R"pb(put_data_catalog_encryption_settings {
                          data_catalog_encryption_settings {
                            encryption_at_rest {
                              catalog_encryption_mode:
                                  CATALOG_ENCRYPTION_MODE_DISABLED
                              sse_aws_kms_key_id: "k"
                            }
                          }
                        })pb"),
            kOk);
  auto settings = Run(get)
                      .get_data_catalog_encryption_settings()
                      .data_catalog_encryption_settings();
  EXPECT_EQ(settings.encryption_at_rest().sse_aws_kms_key_id(), "k");
  EXPECT_TRUE(settings.connection_password_encryption()
                  .has_return_connection_password_encrypted());
  ASSERT_EQ(CodeOf("put_data_catalog_encryption_settings { "
                   "  data_catalog_encryption_settings {} }"),
            kOk);
  settings = Run(get)
                 .get_data_catalog_encryption_settings()
                 .data_catalog_encryption_settings();
  EXPECT_FALSE(settings.encryption_at_rest().has_sse_aws_kms_key_id());
}

TEST_F(ReferenceModelTest, ObservedShowsTheDefaultKeysWhereOneIsInForce) {
  const std::string put =
      R"pb(put_data_catalog_encryption_settings {
             data_catalog_encryption_settings {
               encryption_at_rest {
                 catalog_encryption_mode: CATALOG_ENCRYPTION_MODE_SSE_KMS
               }
               connection_password_encryption {
                 return_connection_password_encrypted: true
               }
             }
           })pb";
  const std::string get = "get_data_catalog_encryption_settings {}";
  ASSERT_EQ(CodeOf(put), kOk);
  auto settings = Run(get)
                      .get_data_catalog_encryption_settings()
                      .data_catalog_encryption_settings();
  EXPECT_FALSE(settings.encryption_at_rest().has_sse_aws_kms_key_id());
  EXPECT_FALSE(settings.connection_password_encryption().has_aws_kms_key_id());

  Become(Loose(Behavior::Observed()));
  settings = Run(get)
                 .get_data_catalog_encryption_settings()
                 .data_catalog_encryption_settings();
  EXPECT_FALSE(settings.encryption_at_rest().has_sse_aws_kms_key_id());
  EXPECT_FALSE(settings.connection_password_encryption().has_aws_kms_key_id());
  ASSERT_EQ(CodeOf(put), kOk);
  settings = Run(get)
                 .get_data_catalog_encryption_settings()
                 .data_catalog_encryption_settings();
  EXPECT_EQ(settings.encryption_at_rest().sse_aws_kms_key_id(),
            "alias/aws/glue");
  EXPECT_EQ(settings.connection_password_encryption().aws_kms_key_id(),
            "alias/aws/glue");
}

TEST_F(ReferenceModelTest, ACatalogIdNamesTheSameSettingsWhoeverCalls) {
  const std::string put_other =
      R"pb(put_data_catalog_encryption_settings {
             catalog_id: "210987654321"
             data_catalog_encryption_settings {
               encryption_at_rest {
                 catalog_encryption_mode: CATALOG_ENCRYPTION_MODE_SSE_KMS
               }
             }
           })pb";
  ASSERT_EQ(CodeOf(put_other), kOk);
  const auto mode = [this](const std::string& id) {
    return Run("get_data_catalog_encryption_settings {" + id + "}")
        .get_data_catalog_encryption_settings()
        .data_catalog_encryption_settings()
        .encryption_at_rest()
        .catalog_encryption_mode();
  };
  EXPECT_EQ(mode(""), v1::CATALOG_ENCRYPTION_MODE_DISABLED);
  EXPECT_EQ(mode("catalog_id: \"210987654321\""),
            v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  caller_.account_id = "210987654321";
  EXPECT_EQ(mode(""), v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  caller_.region = "eu-west-1";
  EXPECT_EQ(mode(""), v1::CATALOG_ENCRYPTION_MODE_DISABLED);
}

TEST_F(ReferenceModelTest, AccountsAndRegionsDoNotSeeEachOther) {
  ASSERT_EQ(Put("{}"), kOk);
  ASSERT_EQ(Create("n"), kOk);
  caller_.region = "eu-west-1";
  EXPECT_EQ(CodeOf("get_resource_policy {}"), kNotFound);
  EXPECT_THAT(Names(List()), IsEmpty());
  caller_ = Caller{"210987654321", "us-east-1", ""};
  EXPECT_EQ(CodeOf("get_resource_policy {}"), kNotFound);
  EXPECT_EQ(CodeOf("get_security_configuration { name: \"n\" }"), kNotFound);
}

TEST_F(ReferenceModelTest, AConfigurationComesBackAsGiven) {
  SetMillis(1234);
  const v1::Response created = Run(
      "create_security_configuration { name: \"n\" encryption_configuration { "
      "s3_encryption {} cloud_watch_encryption {} } }");
  EXPECT_EQ(created.create_security_configuration().name(), "n");
  EXPECT_EQ(created.create_security_configuration()
                .created_timestamp()
                .ShortDebugString(),
            "seconds: 1 nanos: 234000000");
  SetMillis(9999);
  const v1::SecurityConfiguration got =
      Run("get_security_configuration { name: \"n\" }")
          .get_security_configuration()
          .security_configuration();
  EXPECT_EQ(got.ShortDebugString(),
            "name: \"n\" created_time_stamp { seconds: 1 nanos: 234000000 } "
            "encryption_configuration { s3_encryption { } "
            "cloud_watch_encryption { } }");
}

TEST_F(ReferenceModelTest, NamesAreUniqueAndDeletedOnesAreGone) {
  const std::string drop = "delete_security_configuration { name: \"n\" }";
  EXPECT_EQ(CodeOf(drop), kNotFound);
  EXPECT_EQ(Create("n"), kOk);
  EXPECT_EQ(Create("n"), v1::ERROR_CODE_ALREADY_EXISTS);
  EXPECT_TRUE(Run(drop).has_delete_security_configuration());
  EXPECT_EQ(CodeOf("get_security_configuration { name: \"n\" }"), kNotFound);
  EXPECT_EQ(CodeOf(drop), kNotFound);
  EXPECT_EQ(Create("n"), kOk);
}

TEST_F(ReferenceModelTest, TheNumberLimitComesAfterExistence) {
  Limits limits;
  limits.security_configurations_max = 1;
  Become(Behavior(), limits);
  EXPECT_EQ(Create("a"), kOk);
  EXPECT_EQ(Create("a"), v1::ERROR_CODE_ALREADY_EXISTS);
  EXPECT_EQ(Create("b"), v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED);
  caller_.region = "eu-west-1";
  EXPECT_EQ(Create("b"), kOk);
  limits.security_configurations_max = 0;
  Become(Behavior(), limits);
  EXPECT_EQ(Create("a"), v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED);
}

TEST_F(ReferenceModelTest, ObservedLimitsTheS3ListToOne) {
  const std::string two = "s3_encryption { elements {} elements {} }";
  EXPECT_EQ(Create("n", two), kOk);
  Become(Loose(Behavior::Observed()));
  EXPECT_EQ(Create("n", two), kInvalid);
  EXPECT_EQ(Create("n", "s3_encryption { elements {} }"), kOk);
}

TEST_F(ReferenceModelTest, ObservedWantsAKeyForAKmsMode) {
  const std::vector<std::string> blocks = {
      "s3_encryption { elements { "
      "s3_encryption_mode: S3_ENCRYPTION_MODE_SSE_KMS KEY } }",
      "cloud_watch_encryption { "
      "cloud_watch_encryption_mode: CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS KEY }",
      "job_bookmarks_encryption { job_bookmarks_encryption_mode: "
      "JOB_BOOKMARKS_ENCRYPTION_MODE_CSE_KMS KEY }",
  };
  for (std::string block : blocks) {
    SCOPED_TRACE(block);
    const auto with = [&block](const std::string& key) {
      std::string text = block;
      return text.replace(text.find("KEY"), 3, key);
    };
    Become(Loose(Behavior::Documented()));
    EXPECT_EQ(Create("n", with("")), kOk);
    Become(Loose(Behavior::Observed()));
    EXPECT_EQ(Create("n", with("")), kInvalid);
    EXPECT_EQ(Create("n", with("kms_key_arn: \"\"")), kInvalid);
    EXPECT_EQ(Create("n", with("kms_key_arn: \"arn:aws:kms:k\"")), kOk);
  }
  EXPECT_EQ(Create("free",
                   "s3_encryption { elements { "
                   "s3_encryption_mode: S3_ENCRYPTION_MODE_SSE_S3 } }"),
            kOk);
}

TEST_F(ReferenceModelTest, PagesAreOrderedByNameAndTheLastHasNoToken) {
  for (const std::string name : {"b", "a", "C", "\xC3\xA9"}) {
    ASSERT_EQ(Create(name), kOk);
  }
  EXPECT_THAT(Names(List()), ElementsAre("C", "a", "b", "\xC3\xA9"));
  EXPECT_FALSE(List().has_next_token());
  const auto first = List("max_results: 3");
  EXPECT_THAT(Names(first), ElementsAre("C", "a", "b"));
  ASSERT_TRUE(first.has_next_token());
  const auto second = List("next_token: \"" + first.next_token() + "\"");
  EXPECT_THAT(Names(second), ElementsAre("\xC3\xA9"));
  EXPECT_FALSE(second.has_next_token());
  EXPECT_FALSE(List("max_results: 4").has_next_token());
  EXPECT_THAT(Names(List("next_token: \"\"")), SizeIs(4));
}

TEST_F(ReferenceModelTest, ATokenOutlivesTheEntryThatItNames) {
  for (const std::string name : {"a", "b", "c"}) ASSERT_EQ(Create(name), kOk);
  const std::string token = List("max_results: 2").next_token();
  ASSERT_EQ(CodeOf("delete_security_configuration { name: \"b\" }"), kOk);
  ASSERT_EQ(Create("ab"), kOk);
  ASSERT_EQ(Create("bb"), kOk);
  EXPECT_THAT(Names(List("next_token: \"" + token + "\"")),
              ElementsAre("bb", "c"));
}

TEST_F(ReferenceModelTest, ATokenThatIsNotOursIsInvalidInput) {
  for (const std::string name : {"a", "b"}) ASSERT_EQ(Create(name), kOk);
  const std::string token = List("max_results: 1").next_token();
  const auto code = [this](const std::string& text) {
    return CodeOf("get_security_configurations { next_token: \"" + text +
                  "\" }");
  };
  EXPECT_EQ(code(token), kOk);
  EXPECT_EQ(code("x"), kInvalid);
  EXPECT_EQ(code("..."), kInvalid);
  EXPECT_EQ(code("zz.zz.z.zz"), kInvalid);
  EXPECT_EQ(code(token + "0"), kInvalid);
  EXPECT_EQ(code(token.substr(1)), kInvalid);
  caller_.region = "eu-west-1";
  EXPECT_EQ(code(token), kInvalid);
}

TEST_F(ReferenceModelTest, ObservedEndsWithAnEmptyToken) {
  Become(Loose(Behavior::Observed()));
  EXPECT_TRUE(List().has_next_token());
  EXPECT_EQ(List().next_token(), "");
  ASSERT_EQ(Create("a"), kOk);
  EXPECT_TRUE(List("max_results: 1").has_next_token());
  EXPECT_EQ(List("max_results: 1").next_token(), "");
}

TEST_F(ReferenceModelTest, TheDefaultPageSizeIsALimit) {
  Limits limits;
  limits.page_size_default = 1;
  Become(Behavior(), limits);
  for (const std::string name : {"a", "b"}) ASSERT_EQ(Create(name), kOk);
  EXPECT_THAT(Names(List()), ElementsAre("a"));
  EXPECT_THAT(Names(List("max_results: 2")), ElementsAre("a", "b"));
}

TEST_F(ReferenceModelTest, ACopyIsABranchAndReadsLeaveNoTrace) {
  const std::string empty = model_.StateFingerprint();
  CodeOf("get_resource_policy {}");
  CodeOf("get_data_catalog_encryption_settings { catalog_id: \"x\" }");
  CodeOf("delete_resource_policy {}");
  Put("[]");
  EXPECT_EQ(model_.StateFingerprint(), empty);
  ReferenceModel branch = model_;
  ASSERT_EQ(Put("{}"), kOk);
  EXPECT_EQ(branch.StateFingerprint(), empty);
  EXPECT_NE(model_.StateFingerprint(), empty);
  branch = model_;
  EXPECT_EQ(branch.StateFingerprint(), model_.StateFingerprint());
  ASSERT_EQ(Create("n"), kOk);
  EXPECT_NE(branch.StateFingerprint(), model_.StateFingerprint());
}

}  // namespace
}  // namespace glue_security
