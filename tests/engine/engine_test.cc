// Tests the rules of the resource policy, of the encryption settings and of bad
// input. Each test names in its comment the rule of docs/reference/ or
// docs/decisions/ that it tests.

#include "glue_security/engine/engine.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/model/error.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_fixture.h"
#include "tests/storage/copying_storage.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

using google::protobuf::util::MessageDifferencer;

// ---- Resource policy (docs/reference/PutResourcePolicy.md,
// GetResourcePolicy.md)

// The hash is the one that the next Get returns, 24 characters of base64 for 16
// bytes (docs/decisions/content-hash.md).
TEST_F(EngineTest, PutResourcePolicy_HashIsWhatGetReturns) {
  const auto put = Put(R"({"Id": "x"})");
  ASSERT_EQ(put.status(), absl::OkStatus());
  EXPECT_EQ(put->policy_hash().size(), 24u);
  const auto get = engine_->GetResourcePolicy(kCaller, {});
  EXPECT_EQ(get->policy_hash(), put->policy_hash());
}

// The hash is the base64 form of the first 16 bytes of the stored text's
// SHA-256 (docs/decisions/content-hash.md).
TEST_F(EngineTest, PutResourcePolicy_HashIsTheDocumentedOne) {
  EXPECT_EQ(Put("{}")->policy_hash(), "RBNvo1WzZ4oRRq0W9+hkng==");
}

// In Documented() the text has the bytes that were put.
TEST_F(EngineTest, GetResourcePolicy_ReturnsTheBytesThatWerePut) {
  const std::string text =
      " {\n\t\"Id\" :  \"\\u00e9\xC3\xA9\" , \"Id\": [ ] } ";
  ASSERT_EQ(Put(text).status(), absl::OkStatus());
  EXPECT_EQ(engine_->GetResourcePolicy(kCaller, {})->policy_in_json(), text);
}

// No policy is EntityNotFoundException with the message `Policy not found`.
TEST_F(EngineTest, GetResourcePolicy_NoneSet_IsPolicyNotFound) {
  const v1::Error error = Fails(v1::ERROR_CODE_ENTITY_NOT_FOUND, [&] {
    return engine_->GetResourcePolicy(kCaller, {}).status();
  });
  EXPECT_EQ(error.message(), "Policy not found");
}

// CreateTime stays when a policy is replaced; UpdateTime moves. On creation
// they are equal. Times have millisecond precision.
TEST_F(EngineTest, PutResourcePolicy_CreateTimeStaysAndUpdateTimeMoves) {
  clock_.Set(absl::FromUnixMicros(1'700'000'000'123'999));
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  const auto created = engine_->GetResourcePolicy(kCaller, {});
  EXPECT_EQ(created->create_time().seconds(), 1'700'000'000);
  EXPECT_EQ(created->create_time().nanos(), 123'000'000);
  EXPECT_TRUE(MessageDifferencer::Equals(created->create_time(),
                                         created->update_time()));
  clock_.Advance(absl::Seconds(2));
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  const auto replaced = engine_->GetResourcePolicy(kCaller, {});
  EXPECT_EQ(replaced->create_time().seconds(), 1'700'000'000);
  EXPECT_EQ(replaced->update_time().seconds(), 1'700'000'002);
}

// Times never go backwards within a record: UpdateTime = max(now, previous
// UpdateTime). A policy created after a delete has a new CreateTime
// (docs/decisions/times.md).
TEST_F(EngineTest, PutResourcePolicy_TimesNeverGoBackwards) {
  const absl::Time start = absl::FromUnixSeconds(1000);
  int64_t last = 0;
  const absl::Time kTimes[] = {start,
                               start - absl::Hours(1),
                               start + absl::Seconds(1),
                               absl::UnixEpoch(),
                               FakeClock::Min(),
                               start + absl::Seconds(2),
                               FakeClock::Max(),
                               start};
  for (const absl::Time now : kTimes) {
    clock_.Set(now);
    ASSERT_EQ(Put("{}").status(), absl::OkStatus());
    const auto policy = engine_->GetResourcePolicy(kCaller, {});
    EXPECT_GE(policy->update_time().seconds(), last);
    EXPECT_LE(policy->create_time().seconds(), policy->update_time().seconds());
    last = policy->update_time().seconds();
    if (now == start - absl::Hours(1)) {
      ASSERT_EQ(engine_->DeleteResourcePolicy(kCaller, {}).status(),
                absl::OkStatus());
    }
  }
  // 9999-12-31T23:59:59Z is the last second that a timestamp can have.
  EXPECT_EQ(last, 253'402'300'799);
}

TEST_F(EngineTest, PutResourcePolicy_AfterADelete_HasANewCreateTime) {
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  clock_.Advance(absl::Seconds(5));
  ASSERT_EQ(engine_->DeleteResourcePolicy(kCaller, {}).status(),
            absl::OkStatus());
  clock_.Advance(absl::Seconds(5));
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  const auto policy = engine_->GetResourcePolicy(kCaller, {});
  EXPECT_EQ(policy->create_time().seconds(), 1'700'000'010);
  EXPECT_EQ(policy->update_time().seconds(), 1'700'000'010);
}

// The hash is of the text, so after A, B, A an old condition on A is satisfied
// again (docs/decisions/content-hash.md).
TEST_F(EngineTest, PutResourcePolicy_OldHashOfTheSameText_IsSatisfiedAgain) {
  const std::string hash = Put(R"({"Id":"A"})")->policy_hash();
  ASSERT_EQ(Put(R"({"Id":"B"})").status(), absl::OkStatus());
  ASSERT_EQ(Put(R"({"Id":"A"})").status(), absl::OkStatus());
  v1::PutResourcePolicyRequest request;
  request.set_policy_in_json("{}");
  request.set_policy_hash_condition(hash);
  EXPECT_EQ(engine_->PutResourcePolicy(kCaller, request).status(),
            absl::OkStatus());
}

// PolicyInJson has 2 to 10240 bytes.
TEST_F(EngineTest, PutResourcePolicy_LengthIsInBytesFrom2To10240) {
  const std::string frame = R"({"a":""})";
  const std::string longest = absl::StrCat(
      R"({"a":")", std::string(10240 - frame.size(), 'x'), R"("})");
  EXPECT_EQ(Put(longest).status(), absl::OkStatus());
  EXPECT_EQ(Put("{}").status(), absl::OkStatus());
  for (const std::string& text :
       {std::string(), std::string("{"), absl::StrCat(longest, " ")}) {
    const v1::Error error =
        Fails(v1::ERROR_CODE_INVALID_INPUT, [&] { return Put(text).status(); });
    EXPECT_EQ(error.violations_size(), 1);
  }
}

// There is one policy for each account and region.
TEST_F(EngineTest, ResourcePolicy_OfOneAccountAndRegionIsNotSeenInAnother) {
  ASSERT_EQ(Put(R"({"Id":"1"})").status(), absl::OkStatus());
  for (const Caller& other : {kOtherAccount, kOtherRegion}) {
    Fails(v1::ERROR_CODE_ENTITY_NOT_FOUND,
          [&] { return engine_->GetResourcePolicy(other, {}).status(); });
    Fails(v1::ERROR_CODE_ENTITY_NOT_FOUND,
          [&] { return engine_->DeleteResourcePolicy(other, {}).status(); });
    ASSERT_EQ(Put(R"({"Id":"2"})", other).status(), absl::OkStatus());
  }
  EXPECT_EQ(engine_->GetResourcePolicy(kCaller, {})->policy_in_json(),
            R"({"Id":"1"})");
}

// ---- Catalog encryption settings
// (docs/reference/PutDataCatalogEncryptionSettings.md,
// GetDataCatalogEncryptionSettings.md)

v1::DataCatalogEncryptionSettings Defaults() {
  v1::DataCatalogEncryptionSettings settings;
  settings.mutable_encryption_at_rest()->set_catalog_encryption_mode(
      v1::CATALOG_ENCRYPTION_MODE_DISABLED);
  settings.mutable_connection_password_encryption()
      ->set_return_connection_password_encrypted(false);
  return settings;
}

// Settings that were never put are the defaults. A part that is not given
// returns to its default, and empty settings reset both.
TEST_F(EngineTest, EncryptionSettings_DefaultsFullReplacementAndReset) {
  const auto get = [&] {
    return engine_->GetDataCatalogEncryptionSettings(kCaller, {})
        ->data_catalog_encryption_settings();
  };
  EXPECT_TRUE(MessageDifferencer::Equals(get(), Defaults()));

  v1::PutDataCatalogEncryptionSettingsRequest put;
  auto* at_rest = put.mutable_data_catalog_encryption_settings()
                      ->mutable_encryption_at_rest();
  at_rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  at_rest->set_sse_aws_kms_key_id("any id");
  ASSERT_EQ(engine_->PutDataCatalogEncryptionSettings(kCaller, put).status(),
            absl::OkStatus());
  v1::DataCatalogEncryptionSettings expected = Defaults();
  *expected.mutable_encryption_at_rest() = *at_rest;
  EXPECT_TRUE(MessageDifferencer::Equals(get(), expected));

  put.Clear();
  put.mutable_data_catalog_encryption_settings()
      ->mutable_connection_password_encryption()
      ->set_return_connection_password_encrypted(true);
  ASSERT_EQ(engine_->PutDataCatalogEncryptionSettings(kCaller, put).status(),
            absl::OkStatus());
  expected = Defaults();
  expected.mutable_connection_password_encryption()
      ->set_return_connection_password_encrypted(true);
  EXPECT_TRUE(MessageDifferencer::Equals(get(), expected));

  put.Clear();
  put.mutable_data_catalog_encryption_settings();
  ASSERT_EQ(engine_->PutDataCatalogEncryptionSettings(kCaller, put).status(),
            absl::OkStatus());
  EXPECT_TRUE(MessageDifferencer::Equals(get(), Defaults()));
}

// A key beside `DISABLED` or `false` is stored as given.
TEST_F(EngineTest, EncryptionSettings_KeyBesideDisabled_IsKept) {
  v1::PutDataCatalogEncryptionSettingsRequest put;
  *put.mutable_data_catalog_encryption_settings() = Defaults();
  put.mutable_data_catalog_encryption_settings()
      ->mutable_encryption_at_rest()
      ->set_sse_aws_kms_key_id("k1");
  put.mutable_data_catalog_encryption_settings()
      ->mutable_connection_password_encryption()
      ->set_aws_kms_key_id("k2");
  for (const auto& behavior :
       {Loose(Behavior::Documented()), Loose(Behavior::Observed())}) {
    EngineOptions options = LooseOptions();
    options.behavior = behavior;
    Restart(options);
    ASSERT_EQ(engine_->PutDataCatalogEncryptionSettings(kCaller, put).status(),
              absl::OkStatus());
    EXPECT_TRUE(MessageDifferencer::Equals(
        engine_->GetDataCatalogEncryptionSettings(kCaller, {})
            ->data_catalog_encryption_settings(),
        put.data_catalog_encryption_settings()));
  }
}

// `SSE-KMS` without a key and encrypted passwords without a key have no key in
// Documented() and show `alias/aws/glue` in Observed().
TEST_F(EngineTest,
       EncryptionSettings_NoKey_ShowsTheDefaultKeyOnlyWhenObserved) {
  v1::PutDataCatalogEncryptionSettingsRequest put;
  auto* settings = put.mutable_data_catalog_encryption_settings();
  settings->mutable_encryption_at_rest()->set_catalog_encryption_mode(
      v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  settings->mutable_connection_password_encryption()
      ->set_return_connection_password_encrypted(true);
  ASSERT_EQ(engine_->PutDataCatalogEncryptionSettings(kCaller, put).status(),
            absl::OkStatus());
  EXPECT_TRUE(MessageDifferencer::Equals(
      engine_->GetDataCatalogEncryptionSettings(kCaller, {})
          ->data_catalog_encryption_settings(),
      *settings));
  RestartObserved();
  settings->mutable_encryption_at_rest()->set_sse_aws_kms_key_id(
      "alias/aws/glue");
  settings->mutable_connection_password_encryption()->set_aws_kms_key_id(
      "alias/aws/glue");
  EXPECT_TRUE(MessageDifferencer::Equals(
      engine_->GetDataCatalogEncryptionSettings(kCaller, {})
          ->data_catalog_encryption_settings(),
      *settings));
}

// `CatalogId` names a catalog in the caller's region; absent, it is the
// caller's account id. An id names the same record for every caller.
TEST_F(EngineTest, EncryptionSettings_CatalogIdNamesTheSameRecordForAll) {
  v1::PutDataCatalogEncryptionSettingsRequest put;
  put.set_catalog_id(kCaller.account_id);
  put.mutable_data_catalog_encryption_settings()
      ->mutable_connection_password_encryption()
      ->set_return_connection_password_encrypted(true);
  ASSERT_EQ(
      engine_->PutDataCatalogEncryptionSettings(kOtherAccount, put).status(),
      absl::OkStatus());
  const auto is_set = [&](const Caller& caller, const std::string& catalog_id) {
    v1::GetDataCatalogEncryptionSettingsRequest get;
    if (!catalog_id.empty()) get.set_catalog_id(catalog_id);
    return engine_->GetDataCatalogEncryptionSettings(caller, get)
        ->data_catalog_encryption_settings()
        .connection_password_encryption()
        .return_connection_password_encrypted();
  };
  EXPECT_TRUE(is_set(kCaller, ""));
  EXPECT_TRUE(is_set(kCaller, kCaller.account_id));
  EXPECT_TRUE(is_set(kOtherAccount, kCaller.account_id));
  EXPECT_FALSE(is_set(kOtherAccount, ""));
  EXPECT_FALSE(is_set(kOtherRegion, ""));
  EXPECT_FALSE(is_set(kCaller, "anything legal"));
}

// ---- Bad input (docs/reference/constraints.md)

// In Observed() broken constraints are ValidationException; broken rules stay
// InvalidInputException.
TEST_F(EngineTest, Observed_ConstraintsAreValidationExceptionRulesAreNot) {
  RestartObserved();
  Fails(v1::ERROR_CODE_VALIDATION, [&] { return Put("x").status(); });
  Fails(v1::ERROR_CODE_INVALID_INPUT, [&] { return Put("xx").status(); });
  // The pattern in Observed() is ^$|arn:aws[a-z0-9-]*:kms:.*
  auto request = Named("china");
  request.mutable_encryption_configuration()
      ->mutable_cloud_watch_encryption()
      ->set_kms_key_arn("arn:aws-cn:kms:x");
  EXPECT_EQ(engine_->CreateSecurityConfiguration(kCaller, request).status(),
            absl::OkStatus());
  Restart(LooseOptions());
  request.set_name("china again");
  Fails(v1::ERROR_CODE_INVALID_INPUT, [&] {
    return engine_->CreateSecurityConfiguration(kCaller, request).status();
  });
}

TEST_F(EngineTest, Execute_NoOperation_IsInvalidInput) {
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  for (const auto& behavior :
       {Loose(Behavior::Documented()), Loose(Behavior::Observed())}) {
    RestartAs(behavior);
    EXPECT_EQ(
        FailsToExecute(v1::ERROR_CODE_INVALID_INPUT, v1::Request()).message(),
        "the request names no operation");
  }
}

// Tests every operation with all of its members set to nonsense.
TEST_F(EngineTest, Execute_Nonsense_IsAnErrorAndChangesNothing) {
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  ASSERT_EQ(Create("a"), absl::OkStatus());
  const std::vector<std::string> texts = {"",
                                          std::string("\0", 1),
                                          "\n",
                                          "\xFF",
                                          "\xED\xA0\x80",
                                          std::string(256, 'x'),
                                          std::string(300'000, 'x')};
  for (const std::string& text : texts) {
    std::vector<v1::Request> requests(8);
    requests[0].mutable_put_resource_policy()->set_policy_in_json("{}");
    requests[0].mutable_put_resource_policy()->set_policy_hash_condition(text);
    requests[1].mutable_delete_resource_policy()->set_policy_hash_condition(
        text);
    requests[2].mutable_get_data_catalog_encryption_settings()->set_catalog_id(
        text);
    auto* settings = requests[3].mutable_put_data_catalog_encryption_settings();
    settings->set_catalog_id(text);
    settings->mutable_data_catalog_encryption_settings();
    requests[4].mutable_create_security_configuration()->set_name(text);
    requests[4]
        .mutable_create_security_configuration()
        ->mutable_encryption_configuration();
    requests[5].mutable_delete_security_configuration()->set_name(text);
    requests[6].mutable_get_security_configuration()->set_name(text);
    auto* at_rest = requests[7]
                        .mutable_put_data_catalog_encryption_settings()
                        ->mutable_data_catalog_encryption_settings()
                        ->mutable_encryption_at_rest();
    at_rest->set_catalog_encryption_mode(
        static_cast<v1::CatalogEncryptionMode>(77));
    at_rest->set_sse_aws_kms_key_id(text);
    for (const v1::Request& request : requests) {
      SCOPED_TRACE(request.ShortDebugString().substr(0, 200));
      FailsToExecute(v1::ERROR_CODE_INVALID_INPUT, request);
    }
  }
}

TEST_F(EngineTest, UnparsedValue_IsQuotedAmongTheOthers) {
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  v1::Request request;
  request.mutable_put_resource_policy()->set_policy_in_json("x");
  auto* unparsed = request.add_unparsed_values();
  unparsed->set_path("policyExistsCondition");
  unparsed->set_text("SOMETIMES");
  for (const bool observed : {false, true}) {
    if (observed) RestartObserved();
    EXPECT_EQ(
        FailsToExecute(
            observed ? v1::ERROR_CODE_VALIDATION : v1::ERROR_CODE_INVALID_INPUT,
            request)
            .message(),
        "2 validation errors detected: Value 'x' at 'policyInJson' failed to "
        "satisfy constraint: Member must have length greater than or equal to "
        "2; Value 'SOMETIMES' at 'policyExistsCondition' failed to satisfy "
        "constraint: Member must satisfy enum value set: [MUST_EXIST, "
        "NOT_EXIST, NONE]");
  }
}

// ---- The catalog handle

TEST_F(EngineTest, VisitResourcePolicy_ShowsWhatGetReturns) {
  CopyingStorage copying(&storage_);
  Engine fallback(&copying, LooseOptions());
  for (Engine* engine : {&*engine_, &fallback}) {
    const Engine::Catalog catalog = engine->OpenCatalog(kCaller);
    const auto finds_none = [&] {
      Fails(v1::ERROR_CODE_ENTITY_NOT_FOUND, [&] {
        return catalog.VisitResourcePolicy(
            [](const ResourcePolicyView&) { FAIL() << "nothing to show"; });
      });
    };
    finds_none();
    ASSERT_EQ(Put("{}").status(), absl::OkStatus());
    const auto get = engine_->GetResourcePolicy(kCaller, {});
    int calls = 0;
    EXPECT_EQ(catalog.VisitResourcePolicy([&](const ResourcePolicyView& view) {
      ++calls;
      EXPECT_EQ(std::string(view.policy_in_json), get->policy_in_json());
      EXPECT_EQ(std::string(view.policy_hash), get->policy_hash());
      EXPECT_EQ(view.create_time_ms, 1'700'000'000'123);
      EXPECT_EQ(view.update_time_ms, 1'700'000'000'123);
    }),
              absl::OkStatus());
    EXPECT_EQ(calls, 1);
    ASSERT_EQ(engine_->DeleteResourcePolicy(kCaller, {}).status(),
              absl::OkStatus());
    finds_none();
  }
}

}  // namespace
}  // namespace glue_security
