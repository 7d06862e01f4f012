// Tests the presets of Behavior: the order of checks for every operation
// (docs/reference/constraints.md and the errors on each operation's page), the
// levels of the checks of a policy document, and page tokens.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_fixture.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr size_t kRequestBytesMax = 20'000;

class PresetTest : public EngineTest,
                   public testing::WithParamInterface<BackendPreset> {
 protected:
  PresetTest() { Restart(Options()); }

  // True for the presets with the recorded behavior.
  static bool observed() { return GetParam() != BackendPreset::kDocumented; }

  static EngineOptions Options() {
    EngineOptions options = LooseOptions();
    options.behavior = Loose(BehaviorOf(GetParam()));
    options.limits.request_bytes_max = kRequestBytesMax;
    return options;
  }

  // Each test starts with a request that breaks every check, then repairs one
  // group of checks after the other. These methods expect the error of a group.
  void FailsBySize() {
    const v1::Error error =
        FailsToExecute(v1::ERROR_CODE_INVALID_INPUT, request_);
    EXPECT_THAT(error.message(), HasSubstr("more than the limit of 20000"));
    EXPECT_THAT(error.violations(), IsEmpty());
  }
  void FailsByConstraints(int violations) {
    EXPECT_EQ(FailsToExecute(observed() ? v1::ERROR_CODE_VALIDATION
                                        : v1::ERROR_CODE_INVALID_INPUT,
                             request_)
                  .violations_size(),
              violations);
  }
  void FailsByRule(const std::string& text) {
    const v1::Error error =
        FailsToExecute(v1::ERROR_CODE_INVALID_INPUT, request_);
    EXPECT_THAT(error.message(), HasSubstr(text));
    EXPECT_THAT(error.violations(), IsEmpty());
  }
  void FailsWith(v1::ErrorCode code) { FailsToExecute(code, request_); }
  void Succeeds() {
    const v1::Response response = engine_->Execute(kCaller, request_);
    EXPECT_FALSE(response.has_error()) << response.ShortDebugString();
  }

  v1::Request request_;
};

std::string NameOf(const testing::TestParamInfo<BackendPreset>& info) {
  return std::string(BackendPresetName(info.param));
}

INSTANTIATE_TEST_SUITE_P(All, PresetTest, testing::ValuesIn(kBackendPresets),
                         NameOf);

// ---- The order of checks: request size, constraints, business rules,
// existence, hash condition, number limit. The first group that fails answers.

TEST_P(PresetTest, OrderOfChecks_GetDataCatalogEncryptionSettings) {
  auto* get = request_.mutable_get_data_catalog_encryption_settings();
  get->set_catalog_id(std::string(kRequestBytesMax, 'x'));
  FailsBySize();
  get->set_catalog_id(std::string(255, 'x') + "\n");
  FailsByConstraints(2);
  get->set_catalog_id("x");
  Succeeds();
}

TEST_P(PresetTest, OrderOfChecks_PutDataCatalogEncryptionSettings) {
  auto* put = request_.mutable_put_data_catalog_encryption_settings();
  put->set_catalog_id(std::string(kRequestBytesMax, 'x'));
  FailsBySize();
  put->set_catalog_id("");
  FailsByConstraints(2);
  put->set_catalog_id("x");
  FailsByConstraints(1);
  put->mutable_data_catalog_encryption_settings();
  Succeeds();
}

TEST_P(PresetTest, OrderOfChecks_PutResourcePolicy) {
  EngineOptions options = Options();
  // The code differs from that of the hash.
  options.behavior.must_exist_error_code = v1::ERROR_CODE_ENTITY_NOT_FOUND;
  Restart(options);
  auto* put = request_.mutable_put_resource_policy();
  put->set_policy_in_json(std::string(kRequestBytesMax, 'x'));
  put->set_policy_hash_condition("stale");
  put->set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_MUST_EXIST);
  FailsBySize();
  put->set_policy_in_json("x");
  FailsByConstraints(1);
  put->set_policy_in_json("not json");
  FailsByRule("not a JSON object");
  put->set_policy_in_json("{}");
  FailsWith(v1::ERROR_CODE_ENTITY_NOT_FOUND);
  // A policy exists now, and both conditions fail. Existence is checked first.
  const auto hash = Put("{}")->policy_hash();
  put->set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_NOT_EXIST);
  EXPECT_THAT(FailsToExecute(v1::ERROR_CODE_CONDITION_CHECK_FAILURE, request_)
                  .message(),
              HasSubstr("must not exist"));
  put->set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_MUST_EXIST);
  EXPECT_THAT(FailsToExecute(v1::ERROR_CODE_CONDITION_CHECK_FAILURE, request_)
                  .message(),
              HasSubstr("another hash"));
  put->set_policy_hash_condition(hash);
  Succeeds();
}

// The request has no members. Enum texts that a codec could not parse count
// towards its size.
TEST_P(PresetTest, OrderOfChecks_GetResourcePolicy) {
  request_.mutable_get_resource_policy();
  request_.add_unparsed_values()->set_text(std::string(kRequestBytesMax, 'x'));
  FailsBySize();
  request_.clear_unparsed_values();
  FailsWith(v1::ERROR_CODE_ENTITY_NOT_FOUND);
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  Succeeds();
}

TEST_P(PresetTest, OrderOfChecks_DeleteResourcePolicy) {
  auto* remove = request_.mutable_delete_resource_policy();
  remove->set_policy_hash_condition(std::string(kRequestBytesMax, 'x'));
  FailsBySize();
  remove->set_policy_hash_condition("");
  FailsByConstraints(1);
  remove->set_policy_hash_condition("stale");
  FailsWith(v1::ERROR_CODE_ENTITY_NOT_FOUND);
  const auto hash = Put("{}")->policy_hash();
  FailsWith(v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
  remove->set_policy_hash_condition(hash);
  Succeeds();
}

TEST_P(PresetTest, OrderOfChecks_CreateSecurityConfiguration) {
  EngineOptions options = Options();
  options.limits.security_configurations_max = 1;
  Restart(options);
  ASSERT_EQ(Create("taken"), absl::OkStatus());

  auto* create = request_.mutable_create_security_configuration();
  auto* body = create->mutable_encryption_configuration();
  auto* list = body->mutable_s3_encryption();
  list->add_elements()->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_KMS);
  list->add_elements()->set_kms_key_arn("arn:aws:kms:" +
                                        std::string(kRequestBytesMax, 'x'));
  FailsBySize();
  list->mutable_elements(1)->set_kms_key_arn("no key");
  FailsByConstraints(2);
  create->set_name("taken");
  FailsByConstraints(1);
  list->mutable_elements(1)->clear_kms_key_arn();
  if (observed()) {
    FailsByRule("list cannot be greater than one");
    list->mutable_elements()->RemoveLast();
    FailsByRule("kmsKeyArn must be given");
    list->mutable_elements(0)->set_kms_key_arn("arn:aws:kms:key");
  }
  FailsWith(v1::ERROR_CODE_ALREADY_EXISTS);
  create->set_name("free");
  FailsWith(v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED);
  ASSERT_EQ(Delete("taken"), absl::OkStatus());
  Succeeds();
}

TEST_P(PresetTest, OrderOfChecks_DeleteSecurityConfiguration) {
  auto* remove = request_.mutable_delete_security_configuration();
  FailsByConstraints(1);
  remove->set_name(std::string(kRequestBytesMax, 'x'));
  FailsBySize();
  remove->set_name("");
  FailsByConstraints(1);
  remove->set_name("a");
  FailsWith(v1::ERROR_CODE_ENTITY_NOT_FOUND);
  ASSERT_EQ(Create("a"), absl::OkStatus());
  Succeeds();
}

TEST_P(PresetTest, OrderOfChecks_GetSecurityConfiguration) {
  auto* get = request_.mutable_get_security_configuration();
  FailsByConstraints(1);
  get->set_name(std::string(kRequestBytesMax, 'x'));
  FailsBySize();
  get->set_name("");
  FailsByConstraints(1);
  get->set_name("a");
  FailsWith(v1::ERROR_CODE_ENTITY_NOT_FOUND);
  ASSERT_EQ(Create("a"), absl::OkStatus());
  Succeeds();
}

TEST_P(PresetTest, OrderOfChecks_GetSecurityConfigurations) {
  auto* list = request_.mutable_get_security_configurations();
  list->set_max_results(1001);
  list->set_next_token(std::string(kRequestBytesMax, 'x'));
  FailsBySize();
  list->set_next_token("made up");
  FailsByConstraints(1);
  list->set_max_results(201);
  if (observed()) {
    FailsByRule("MaxResults size must be between 1 and 200");
    list->set_max_results(200);
  }
  FailsByRule("NextToken is not a token of this catalog");
  list->clear_next_token();
  Succeeds();
}

// ---- Policy checks, which are the same in all presets

TEST_P(PresetTest, PolicyChecks_DefaultIsGlue) {
  EXPECT_EQ(Behavior::Documented().policy_checks, PolicyChecks::kGlue);
  EXPECT_EQ(Behavior::Observed().policy_checks, PolicyChecks::kGlue);
  EXPECT_EQ(Behavior::Current().policy_checks, PolicyChecks::kGlue);
  EXPECT_EQ(EngineOptions().behavior.policy_checks, PolicyChecks::kGlue);
  EngineOptions options = Options();
  options.behavior = BehaviorOf(GetParam());
  Restart(options);
  // The text is a JSON object and not a policy.
  request_.mutable_put_resource_policy()->set_policy_in_json("{}");
  FailsByRule("the policy document breaks ");
  EXPECT_EQ(Put(R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",)"
                R"("Principal": {"AWS": "210987654321"}, "Action": "glue:*",)"
                R"("Resource": "arn:aws:glue:us-east-1:123456789012:*"}]})")
                .status(),
            absl::OkStatus());
}

TEST_P(PresetTest, PolicyChecks_Json_TakesAnyJsonObject) {
  for (const char* text : {"not json", "[]", R"({"a":1} x)", "\"\""}) {
    request_.mutable_put_resource_policy()->set_policy_in_json(text);
    FailsByRule("the policy document is not a JSON object: ");
  }
  for (const char* text : {"{}", R"( {"Resource": "*"} )"}) {
    EXPECT_EQ(Put(text).status(), absl::OkStatus());
  }
}

TEST_P(PresetTest, PolicyChecks_None_TakesAnyTextOfLegalLength) {
  EngineOptions options = Options();
  options.behavior.policy_checks = PolicyChecks::kNone;
  Restart(options);
  for (const char* text : {"not json", "[]", "{}", "\n\t"}) {
    EXPECT_EQ(Put(text).status(), absl::OkStatus());
    // At kNone the text is stored as it was put.
    EXPECT_EQ(engine_->GetResourcePolicy(kCaller, {})->policy_in_json(), text);
  }
  // The constraints hold at every level.
  for (const std::string& text : {std::string("x"), std::string("{\xFF}")}) {
    request_.mutable_put_resource_policy()->set_policy_in_json(text);
    FailsByConstraints(1);
  }
}

// ---- The last page has no NextToken in Documented(), an empty one in
// Observed()

TEST_P(PresetTest, LastPage_OfANonEmptyList) {
  for (const char* name : {"a", "b", "c"}) {
    ASSERT_EQ(Create(name), absl::OkStatus());
  }
  // The page sizes are the number of entries and more.
  for (const int page_size : {3, 4, 200}) {
    v1::GetSecurityConfigurationsRequest request;
    request.set_max_results(page_size);
    const auto page = engine_->GetSecurityConfigurations(kCaller, request);
    ASSERT_EQ(page.status(), absl::OkStatus());
    EXPECT_EQ(page->security_configurations_size(), 3);
    EXPECT_EQ(page->has_next_token(), observed());
    EXPECT_EQ(page->next_token(), "");
  }
}

// Tokens lead through all pages in every preset. An empty NextToken in a
// request is the first page.
TEST_P(PresetTest, PageTokens_LeadThroughAllPages) {
  std::vector<std::string> all;
  for (int i = 0; i < 7; ++i) {
    all.push_back(absl::StrCat("n", i));
    ASSERT_EQ(Create(all.back()), absl::OkStatus());
  }
  for (int page_size = 1; page_size <= 8; ++page_size) {
    v1::GetSecurityConfigurationsRequest request;
    request.set_max_results(page_size);
    request.set_next_token("");
    std::vector<std::string> seen;
    do {
      const auto page = engine_->GetSecurityConfigurations(kCaller, request);
      ASSERT_EQ(page.status(), absl::OkStatus());
      for (const std::string& name : Names(*page)) seen.push_back(name);
      ASSERT_LE(seen.size(), all.size());
      request.set_next_token(page->next_token());
    } while (!request.next_token().empty());
    EXPECT_EQ(seen, all);
  }
}

// A token that is damaged, made up or of another catalog is
// InvalidInputException in Observed(), too, since it breaks a rule and not a
// constraint.
TEST_P(PresetTest, PageTokens_MadeUpOrOfAnotherCatalog_AreRefused) {
  for (const Caller& caller : {kCaller, kOtherAccount, kOtherRegion}) {
    ASSERT_EQ(Create("a", caller), absl::OkStatus());
    ASSERT_EQ(Create("b", caller), absl::OkStatus());
  }
  v1::GetSecurityConfigurationsRequest first;
  first.set_max_results(1);
  const auto token_of = [&](const Caller& caller) {
    return engine_->GetSecurityConfigurations(caller, first)->next_token();
  };
  const std::string good = token_of(kCaller);
  auto* list = request_.mutable_get_security_configurations();
  list->set_max_results(1);
  for (const std::string& token :
       {std::string("x"), good + "A", good.substr(1), token_of(kOtherAccount),
        token_of(kOtherRegion)}) {
    list->set_next_token(token);
    FailsByRule("NextToken is not a token of this catalog");
  }
  list->set_next_token(good);
  EXPECT_THAT(Names(*engine_->GetSecurityConfigurations(
                  kCaller, request_.get_security_configurations())),
              ElementsAre("b"));
}

// A token of one preset is valid in the others.
TEST_P(PresetTest, PageTokens_AreTheSameInAllPresets) {
  ASSERT_EQ(Create("a"), absl::OkStatus());
  ASSERT_EQ(Create("b"), absl::OkStatus());
  v1::GetSecurityConfigurationsRequest request;
  request.set_max_results(1);
  const auto here = engine_->GetSecurityConfigurations(kCaller, request);
  RestartAs(observed() ? Loose(Behavior::Documented())
                       : Loose(Behavior::Current()));
  const auto there = engine_->GetSecurityConfigurations(kCaller, request);
  EXPECT_TRUE(MessageDifferencer::Equals(*here, *there));
}

}  // namespace
}  // namespace glue_security
