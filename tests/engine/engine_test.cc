// What the contract and behaviour.md promise of the nine operations, a sentence
// a test. Each test says in its comment which sentence it holds the engine to.

#include "glue_security/engine/engine.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/model/error.h"
#include "glue_security/simulation/settable_clock.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory_storage.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Caller kCaller{"123456789012", "us-east-1", ""};
const Caller kOtherAccount{"210987654321", "us-east-1", ""};
const Caller kOtherRegion{"123456789012", "us-west-2", ""};
constexpr char kArn[] = "arn:aws:kms:us-east-1:123456789012:key/k";

class EngineTest : public testing::Test {
 protected:
  EngineTest() { Restart(EngineOptions()); }

  void Restart(EngineOptions options) {
    options.clock = &clock_;
    engine_.emplace(&storage_, std::move(options));
  }
  void RestartObserved() {
    EngineOptions options;
    options.behavior = Behavior::Observed();
    Restart(options);
  }

  absl::StatusOr<v1::PutResourcePolicyResponse> Put(
      const std::string& text, const Caller& caller = kCaller) {
    v1::PutResourcePolicyRequest request;
    request.set_policy_in_json(text);
    return engine_->PutResourcePolicy(caller, request);
  }

  v1::CreateSecurityConfigurationRequest Named(const std::string& name) {
    v1::CreateSecurityConfigurationRequest request;
    request.set_name(name);
    request.mutable_encryption_configuration();
    return request;
  }

  absl::Status Create(const std::string& name, const Caller& caller = kCaller) {
    return engine_->CreateSecurityConfiguration(caller, Named(name)).status();
  }

  absl::Status Delete(const std::string& name, const Caller& caller = kCaller) {
    v1::DeleteSecurityConfigurationRequest request;
    request.set_name(name);
    return engine_->DeleteSecurityConfiguration(caller, request).status();
  }

  std::vector<std::string> Names(
      const v1::GetSecurityConfigurationsResponse& page) {
    std::vector<std::string> names;
    for (const auto& c : page.security_configurations()) {
      names.push_back(c.name());
    }
    return names;
  }

  // Everything that callers can see, of all catalogs that the tests use.
  std::string Everything() {
    Engine reader(&storage_);
    std::string all;
    for (const Caller& caller : {kCaller, kOtherAccount, kOtherRegion}) {
      for (const Operation operation :
           {v1::Request::kGetResourcePolicy,
            v1::Request::kGetDataCatalogEncryptionSettings,
            v1::Request::kGetSecurityConfigurations}) {
        v1::Request request;
        if (operation == v1::Request::kGetResourcePolicy) {
          request.mutable_get_resource_policy();
        } else if (operation ==
                   v1::Request::kGetDataCatalogEncryptionSettings) {
          request.mutable_get_data_catalog_encryption_settings();
        } else {
          request.mutable_get_security_configurations()->set_max_results(1000);
        }
        absl::StrAppend(&all,
                        reader.Execute(caller, request).SerializeAsString());
      }
    }
    return all;
  }

  // The call fails with `code`, and nothing has changed.
  template <typename Call>
  v1::Error Fails(v1::ErrorCode code, Call&& call) {
    const std::string before = Everything();
    const absl::Status status = call();
    EXPECT_EQ(Everything(), before);
    const auto error = ErrorFromStatus(status);
    EXPECT_TRUE(error.has_value()) << status;
    if (!error.has_value()) return v1::Error();
    EXPECT_EQ(v1::ErrorCode_Name(error->code()), v1::ErrorCode_Name(code))
        << status;
    return *error;
  }

  SettableClock clock_{absl::FromUnixMillis(1'700'000'000'123)};
  MemoryStorage storage_;
  std::optional<Engine> engine_;
};

// ---- Resource policy (behaviour, section 4)

// "A hash of the policy that has just been set"; "Put returns what the next Get
// returns"; "24 characters, base64 of 16 bytes".
TEST_F(EngineTest, PutResourcePolicy_HashIsWhatGetReturns) {
  const auto put = Put(R"({"Id": "x"})");
  ASSERT_EQ(put.status(), absl::OkStatus());
  EXPECT_EQ(put->policy_hash().size(), 24u);
  const auto get = engine_->GetResourcePolicy(kCaller, {});
  EXPECT_EQ(get->policy_hash(), put->policy_hash());
}

// "base64 of the first 16 bytes of SHA-256 of the stored text".
TEST_F(EngineTest, PutResourcePolicy_HashIsTheDocumentedOne) {
  EXPECT_EQ(Put("{}")->policy_hash(), "RBNvo1WzZ4oRRq0W9+hkng==");
}

// "Documented, the bytes that were put".
TEST_F(EngineTest, GetResourcePolicy_ReturnsTheBytesThatWerePut) {
  const std::string text =
      " {\n\t\"Id\" :  \"\\u00e9\xC3\xA9\" , \"Id\": [ ] } ";
  ASSERT_EQ(Put(text).status(), absl::OkStatus());
  EXPECT_EQ(engine_->GetResourcePolicy(kCaller, {})->policy_in_json(), text);
}

// "EntityNotFoundException, message exactly `Policy not found`".
TEST_F(EngineTest, GetResourcePolicy_NoneSet_IsPolicyNotFound) {
  const v1::Error error = Fails(v1::ERROR_CODE_ENTITY_NOT_FOUND, [&] {
    return engine_->GetResourcePolicy(kCaller, {}).status();
  });
  EXPECT_EQ(error.message(), "Policy not found");
}

// "CreateTime stays on replace, UpdateTime moves; equal on create"; "Times have
// millisecond precision".
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

// "UpdateTime = max(now, previous UpdateTime)"; "Times never go backwards
// within a record, whatever the clock does"; "A policy created after a delete
// has a new CreateTime".
TEST_F(EngineTest, PutResourcePolicy_TimesNeverGoBackwards) {
  const absl::Time start = absl::FromUnixSeconds(1000);
  int64_t last = 0;
  const absl::Time kTimes[] = {start,
                               start - absl::Hours(1),
                               start + absl::Seconds(1),
                               absl::UnixEpoch(),
                               absl::InfinitePast(),
                               start + absl::Seconds(2),
                               absl::InfiniteFuture(),
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
  // 9999-12-31T23:59:59Z, the last second that a timestamp can say.
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

// "The hash is of the content, so A->B->A satisfies an old condition".
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

// "not less than 2 or more than 10240 bytes long".
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

// "policy_checks": kNone takes any text of legal length, kJson a JSON object.
TEST_F(EngineTest, PutResourcePolicy_PolicyChecks_EachLevel) {
  for (const char* text : {"not json", "[]", R"({"a":1} x)", "\"\""}) {
    const v1::Error error =
        Fails(v1::ERROR_CODE_INVALID_INPUT, [&] { return Put(text).status(); });
    EXPECT_THAT(error.message(),
                HasSubstr("the policy document is not a JSON object: "));
    EXPECT_THAT(error.violations(), IsEmpty());
  }
  EngineOptions options;
  options.behavior.policy_checks = PolicyChecks::kNone;
  Restart(options);
  for (const char* text : {"not json", "[]", "{}"}) {
    EXPECT_EQ(Put(text).status(), absl::OkStatus());
    EXPECT_EQ(engine_->GetResourcePolicy(kCaller, {})->policy_in_json(), text);
  }
}

// "One policy per catalog, a catalog per account and region."
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

// ---- Catalog encryption settings (behaviour, section 5)

v1::DataCatalogEncryptionSettings Defaults() {
  v1::DataCatalogEncryptionSettings settings;
  settings.mutable_encryption_at_rest()->set_catalog_encryption_mode(
      v1::CATALOG_ENCRYPTION_MODE_DISABLED);
  settings.mutable_connection_password_encryption()
      ->set_return_connection_password_encrypted(false);
  return settings;
}

// "Get, never set: DISABLED and false, key members absent"; "{} is accepted and
// resets both"; "Put replaces everything; a part not given goes back to its
// default".
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

// "A key beside DISABLED or false is stored"; "Keys are stored as given".
TEST_F(EngineTest, EncryptionSettings_KeyBesideDisabled_IsKept) {
  v1::PutDataCatalogEncryptionSettingsRequest put;
  *put.mutable_data_catalog_encryption_settings() = Defaults();
  put.mutable_data_catalog_encryption_settings()
      ->mutable_encryption_at_rest()
      ->set_sse_aws_kms_key_id("k1");
  put.mutable_data_catalog_encryption_settings()
      ->mutable_connection_password_encryption()
      ->set_aws_kms_key_id("k2");
  for (const auto& behavior : {Behavior::Documented(), Behavior::Observed()}) {
    EngineOptions options;
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

// "SSE-KMS without a key, or passwords encrypted without a key: Documented,
// absent; Observed, Get shows `alias/aws/glue`."
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

// "CatalogId names a catalog in the caller's region; absent = the caller's
// account id. Whoever calls, the same id is the same record."
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

// ---- Security configurations (behaviour, section 6)

// "Exactly what was given is returned: no block is invented, none dropped;
// empty lists and blocks come back as given."
TEST_F(EngineTest, SecurityConfiguration_ComesBackExactlyAsGiven) {
  std::vector<v1::EncryptionConfiguration> bodies(6);
  bodies[1].mutable_s3_encryption();
  bodies[2].mutable_s3_encryption()->add_elements();
  bodies[3].mutable_cloud_watch_encryption();
  bodies[3].mutable_job_bookmarks_encryption();
  auto* s3 = bodies[4].mutable_s3_encryption()->add_elements();
  s3->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_S3);
  s3->set_kms_key_arn("arn:aws:kms:");
  bodies[5] = bodies[4];
  bodies[5].mutable_s3_encryption()->add_elements()->set_kms_key_arn(kArn);
  bodies[5]
      .mutable_job_bookmarks_encryption()
      ->set_job_bookmarks_encryption_mode(
          v1::JOB_BOOKMARKS_ENCRYPTION_MODE_CSE_KMS);
  for (size_t i = 0; i < bodies.size(); ++i) {
    v1::CreateSecurityConfigurationRequest create;
    create.set_name(absl::StrCat("c", i));
    *create.mutable_encryption_configuration() = bodies[i];
    const auto created = engine_->CreateSecurityConfiguration(kCaller, create);
    ASSERT_EQ(created.status(), absl::OkStatus());
    EXPECT_EQ(created->name(), create.name());
    v1::GetSecurityConfigurationRequest get;
    get.set_name(create.name());
    const auto got = engine_->GetSecurityConfiguration(kCaller, get);
    const auto& configuration = got->security_configuration();
    EXPECT_EQ(configuration.name(), create.name());
    EXPECT_TRUE(MessageDifferencer::Equals(
        configuration.encryption_configuration(), bodies[i]));
    // "Both show the same instant".
    EXPECT_TRUE(MessageDifferencer::Equals(configuration.created_time_stamp(),
                                           created->created_timestamp()));
    EXPECT_EQ(created->created_timestamp().nanos(), 123'000'000);
  }
}

// "Duplicate name: AlreadyExistsException, also for an identical body";
// "Unknown name (Get, Delete): EntityNotFoundException"; the message, both
// presets.
TEST_F(EngineTest, SecurityConfiguration_DuplicateAndUnknownNames) {
  ASSERT_EQ(Create("a\"b\\"), absl::OkStatus());
  for (const bool observed : {false, true}) {
    if (observed) RestartObserved();
    EXPECT_EQ(
        Fails(v1::ERROR_CODE_ALREADY_EXISTS, [&] { return Create("a\"b\\"); })
            .message(),
        observed ? "" : R"(security configuration "a\"b\\" already exists)");
    EXPECT_EQ(
        Fails(v1::ERROR_CODE_ENTITY_NOT_FOUND, [&] { return Delete("A"); })
            .message(),
        observed ? "" : R"(security configuration "A" does not exist)");
    v1::GetSecurityConfigurationRequest get;
    get.set_name("A");
    EXPECT_EQ(
        Fails(v1::ERROR_CODE_ENTITY_NOT_FOUND,
              [&] {
                return engine_->GetSecurityConfiguration(kCaller, get).status();
              })
            .message(),
        observed ? "" : R"(security configuration "A" does not exist)");
  }
}

// "More than one S3Encryption element: Documented, accepted; Observed,
// InvalidInputException `S3 EncryptionConfiguration list cannot be greater than
// one`."
TEST_F(EngineTest, CreateSecurityConfiguration_TwoS3Elements) {
  auto request = Named("two");
  auto* list =
      request.mutable_encryption_configuration()->mutable_s3_encryption();
  list->add_elements();
  list->add_elements();
  EXPECT_EQ(engine_->CreateSecurityConfiguration(kCaller, request).status(),
            absl::OkStatus());
  RestartObserved();
  request.set_name("three");
  EXPECT_EQ(Fails(v1::ERROR_CODE_INVALID_INPUT,
                  [&] {
                    return engine_
                        ->CreateSecurityConfiguration(kCaller, request)
                        .status();
                  })
                .message(),
            "S3 EncryptionConfiguration list cannot be greater than one");
}

// "A KMS mode without KmsKeyArn: Documented, accepted; Observed,
// InvalidInputException".
TEST_F(EngineTest, CreateSecurityConfiguration_KmsModeWithoutKey) {
  const auto bodies = [](const char* key) {
    std::map<std::string, v1::EncryptionConfiguration> result;
    auto* s3 = result["s3"].mutable_s3_encryption()->add_elements();
    s3->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_KMS);
    auto* logs = result["logs"].mutable_cloud_watch_encryption();
    logs->set_cloud_watch_encryption_mode(
        v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS);
    auto* bookmarks = result["bookmarks"].mutable_job_bookmarks_encryption();
    bookmarks->set_job_bookmarks_encryption_mode(
        v1::JOB_BOOKMARKS_ENCRYPTION_MODE_CSE_KMS);
    if (key != nullptr) {
      s3->set_kms_key_arn(key);
      logs->set_kms_key_arn(key);
      bookmarks->set_kms_key_arn(key);
    }
    return result;
  };
  const std::map<std::string, std::string> texts = {
      {"s3", "kmsKeyArn must be given for s3EncryptionMode SSE-KMS"},
      {"logs", "kmsKeyArn must be given for cloudWatchEncryptionMode SSE-KMS"},
      {"bookmarks",
       "kmsKeyArn can only be empty for jobBookmarksEncryptionMode CSE_KMS"}};
  const auto create = [&](const std::string& name,
                          const v1::EncryptionConfiguration& body) {
    auto request = Named(name);
    *request.mutable_encryption_configuration() = body;
    return engine_->CreateSecurityConfiguration(kCaller, request).status();
  };
  for (const auto& [name, body] : bodies(nullptr)) {
    EXPECT_EQ(create(name, body), absl::OkStatus());
  }
  RestartObserved();
  for (const char* key : {static_cast<const char*>(nullptr), ""}) {
    for (const auto& [name, body] : bodies(key)) {
      const auto& wanted = body;
      EXPECT_EQ(Fails(v1::ERROR_CODE_INVALID_INPUT,
                      [&] { return create("new", wanted); })
                    .message(),
                texts.at(name));
    }
  }
  for (const auto& [name, body] : bodies(kArn)) {
    EXPECT_EQ(create(absl::StrCat("keyed ", name), body), absl::OkStatus());
  }
}

// "KmsKeyArn beside DISABLED or SSE-S3 is accepted and kept" (also Observed).
TEST_F(EngineTest, CreateSecurityConfiguration_ModesWithoutKms_NeedNoKey) {
  RestartObserved();
  auto request = Named("no kms");
  auto* body = request.mutable_encryption_configuration();
  body->mutable_s3_encryption()->add_elements()->set_s3_encryption_mode(
      v1::S3_ENCRYPTION_MODE_SSE_S3);
  body->mutable_cloud_watch_encryption()->set_cloud_watch_encryption_mode(
      v1::CLOUD_WATCH_ENCRYPTION_MODE_DISABLED);
  body->mutable_cloud_watch_encryption()->set_kms_key_arn(kArn);
  body->mutable_job_bookmarks_encryption()->set_job_bookmarks_encryption_mode(
      v1::JOB_BOOKMARKS_ENCRYPTION_MODE_DISABLED);
  EXPECT_EQ(engine_->CreateSecurityConfiguration(kCaller, request).status(),
            absl::OkStatus());
}

// "Number limit: 250 per account and region, adjustable".
TEST_F(EngineTest, CreateSecurityConfiguration_AtTheLimit_IsRefused) {
  for (int i = 0; i < 250; ++i) {
    ASSERT_EQ(Create(absl::StrCat("c", i)), absl::OkStatus());
  }
  Fails(v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED,
        [&] { return Create("one more"); });
  // Existence is checked before the number limit.
  Fails(v1::ERROR_CODE_ALREADY_EXISTS, [&] { return Create("c0"); });
  EXPECT_EQ(Create("elsewhere", kOtherRegion), absl::OkStatus());
  ASSERT_EQ(Delete("c17"), absl::OkStatus());
  EXPECT_EQ(Create("one more"), absl::OkStatus());
  Fails(v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED,
        [&] { return Create("c17"); });

  EngineOptions options;
  options.limits.security_configurations_max = 0;
  Restart(options);
  Fails(v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED,
        [&] { return Create("none", kOtherAccount); });
}

// ---- Paging (behaviour, section 6)

// "ordered by name, bytewise"; "default page 100"; "Documented no NextToken" on
// the last page; "NextToken "" in a request is the first page".
TEST_F(EngineTest, GetSecurityConfigurations_PagesInByteOrder) {
  for (int i = 0; i < 120; ++i) {
    ASSERT_EQ(Create(absl::StrCat("n", 1000 + i)), absl::OkStatus());
  }
  for (const char* name : {"a", "A", "\xC3\xA9", "\t"}) {
    ASSERT_EQ(Create(name), absl::OkStatus());
  }
  v1::GetSecurityConfigurationsRequest request;
  const auto first = engine_->GetSecurityConfigurations(kCaller, request);
  EXPECT_EQ(first->security_configurations_size(), 100);
  EXPECT_EQ(first->security_configurations(0).name(), "\t");
  EXPECT_EQ(first->security_configurations(1).name(), "A");
  ASSERT_TRUE(first->has_next_token());
  request.set_next_token(first->next_token());
  const auto second = engine_->GetSecurityConfigurations(kCaller, request);
  EXPECT_EQ(second->security_configurations_size(), 24);
  EXPECT_EQ(second->security_configurations(23).name(), "\xC3\xA9");
  EXPECT_FALSE(second->has_next_token());

  request.set_next_token("");
  EXPECT_TRUE(MessageDifferencer::Equals(
      *engine_->GetSecurityConfigurations(kCaller, request), *first));
  // A page that ends exactly with the last entry has no successor.
  request.set_max_results(124);
  EXPECT_FALSE(
      engine_->GetSecurityConfigurations(kCaller, request)->has_next_token());
}

TEST_F(EngineTest, GetSecurityConfigurations_None_IsAnEmptyList) {
  const auto page = engine_->GetSecurityConfigurations(kCaller, {});
  ASSERT_EQ(page.status(), absl::OkStatus());
  EXPECT_EQ(page->security_configurations_size(), 0);
  EXPECT_FALSE(page->has_next_token());
  RestartObserved();
  const auto observed = engine_->GetSecurityConfigurations(kCaller, {});
  EXPECT_TRUE(observed->has_next_token());
  EXPECT_EQ(observed->next_token(), "");
}

// "Deleting or creating entries between two pages never skips or repeats an
// entry that existed all along": every page size, every place of the change.
TEST_F(EngineTest, GetSecurityConfigurations_ChangesBetweenPages_SkipNothing) {
  const auto scene = storage_.Fork();
  for (int page_size = 1; page_size <= 4; ++page_size) {
    for (int victim = 0; victim < 6; ++victim) {
      for (int change_after = 1; change_after <= 3; ++change_after) {
        ASSERT_EQ(storage_.Restore(*scene), absl::OkStatus());
        for (int i = 0; i < 6; ++i) {
          ASSERT_EQ(Create(absl::StrCat(i)), absl::OkStatus());
        }
        v1::GetSecurityConfigurationsRequest request;
        request.set_max_results(page_size);
        std::vector<std::string> seen;
        for (int page_number = 1;; ++page_number) {
          const auto page =
              engine_->GetSecurityConfigurations(kCaller, request);
          ASSERT_EQ(page.status(), absl::OkStatus());
          for (const std::string& name : Names(*page)) {
            if (name.size() == 1 && name != absl::StrCat(victim)) {
              seen.push_back(name);
            }
          }
          if (page_number == change_after) {
            ASSERT_EQ(Delete(absl::StrCat(victim)), absl::OkStatus());
            ASSERT_EQ(Create(absl::StrCat(victim, "+")), absl::OkStatus());
          }
          if (!page->has_next_token()) break;
          request.set_next_token(page->next_token());
        }
        std::vector<std::string> all_along;
        for (int i = 0; i < 6; ++i) {
          if (i != victim) all_along.push_back(absl::StrCat(i));
        }
        EXPECT_EQ(seen, all_along);
      }
    }
  }
}

// "a token that does not decode, fails its checksum, or belongs to another
// catalog is InvalidInputException".
TEST_F(EngineTest, GetSecurityConfigurations_BadTokens_AreInvalidInput) {
  for (const char* name : {"a", "b", "c"}) {
    ASSERT_EQ(Create(name), absl::OkStatus());
    ASSERT_EQ(Create(name, kOtherAccount), absl::OkStatus());
    ASSERT_EQ(Create(name, kOtherRegion), absl::OkStatus());
  }
  v1::GetSecurityConfigurationsRequest request;
  request.set_max_results(1);
  const std::string good =
      engine_->GetSecurityConfigurations(kCaller, request)->next_token();
  std::vector<std::string> bad = {
      "x",
      "!",
      std::string("\0", 1),
      " " + good,
      good + " ",
      good + "=",
      good + good,
      good.substr(1),
      std::string(100'000, 'A'),
      engine_->GetSecurityConfigurations(kOtherAccount, request)->next_token(),
      engine_->GetSecurityConfigurations(kOtherRegion, request)->next_token()};
  for (size_t i = 0; i < good.size(); ++i) {
    bad.push_back(good);
    bad.back()[i] = good[i] == 'A' ? 'B' : 'A';
    bad.push_back(good.substr(0, i));
  }
  for (const std::string& token : bad) {
    if (token.empty()) continue;
    request.set_next_token(token);
    EXPECT_EQ(
        ErrorCodeOf(
            engine_->GetSecurityConfigurations(kCaller, request).status()),
        v1::ERROR_CODE_INVALID_INPUT)
        << token;
  }
  request.set_next_token(good);
  EXPECT_THAT(Names(*engine_->GetSecurityConfigurations(kCaller, request)),
              ElementsAre("b"));
}

// "MaxResults of 0 or less and above 1000 breaks the constraint; Observed:
// 201..1000 gives InvalidInputException `MaxResults size must be between 1 and
// 200`."
TEST_F(EngineTest, GetSecurityConfigurations_MaxResultsBounds) {
  v1::GetSecurityConfigurationsRequest request;
  const auto list = [&] {
    return engine_->GetSecurityConfigurations(kCaller, request).status();
  };
  for (const int legal : {1, 200, 201, 1000}) {
    request.set_max_results(legal);
    EXPECT_EQ(list(), absl::OkStatus());
  }
  for (const int illegal : {0, -1, 1001, INT32_MAX, INT32_MIN}) {
    request.set_max_results(illegal);
    EXPECT_EQ(Fails(v1::ERROR_CODE_INVALID_INPUT, list).violations_size(), 1);
  }
  RestartObserved();
  for (const int legal : {1, 200}) {
    request.set_max_results(legal);
    EXPECT_EQ(list(), absl::OkStatus());
  }
  for (const int refused : {201, 1000}) {
    request.set_max_results(refused);
    EXPECT_EQ(Fails(v1::ERROR_CODE_INVALID_INPUT, list).message(),
              "MaxResults size must be between 1 and 200");
  }
  for (const int illegal : {0, 1001}) {
    request.set_max_results(illegal);
    Fails(v1::ERROR_CODE_VALIDATION, list);
  }
}

// "A page also ends, with a token, before it outgrows
// Limits.response_bytes_max."
TEST_F(EngineTest, GetSecurityConfigurations_LargeEntries_EndThePageEarly) {
  EngineOptions options;
  options.limits.response_bytes_max = 10'000;
  Restart(options);
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    auto request = Named(name);
    request.mutable_encryption_configuration()
        ->mutable_cloud_watch_encryption()
        ->set_kms_key_arn(absl::StrCat(
            "arn:aws:kms:", std::string(*name == 'c' ? 20'000 : 4'000, 'k')));
    ASSERT_EQ(engine_->CreateSecurityConfiguration(kCaller, request).status(),
              absl::OkStatus());
  }
  v1::GetSecurityConfigurationsRequest request;
  std::vector<std::vector<std::string>> pages;
  while (true) {
    const auto page = engine_->GetSecurityConfigurations(kCaller, request);
    ASSERT_EQ(page.status(), absl::OkStatus());
    pages.push_back(Names(*page));
    if (!page->has_next_token()) break;
    request.set_next_token(page->next_token());
  }
  EXPECT_THAT(pages, ElementsAre(ElementsAre("a", "b"), ElementsAre("c"),
                                 ElementsAre("d", "e")));
}

// ---- Order of checks and bad input (behaviour, sections 2 and 3)

// "request size, constraints, business rules, existence, hash condition, number
// limit. The first failing group answers."
TEST_F(EngineTest, OrderOfChecks_TheFirstFailingGroupAnswers) {
  EngineOptions options;
  options.limits.request_bytes_max = 11'000;
  options.behavior.must_exist_error_code = v1::ERROR_CODE_ENTITY_NOT_FOUND;
  Restart(options);
  v1::PutResourcePolicyRequest put;
  const auto answer = [&](v1::ErrorCode code) {
    return Fails(code, [&] {
      return engine_->PutResourcePolicy(kCaller, put).status();
    });
  };
  // Everything is wrong at once; then one group after the other is put right.
  put.set_policy_in_json(std::string(12'000, 'x'));
  put.set_policy_hash_condition("stale");
  put.set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_MUST_EXIST);
  EXPECT_THAT(answer(v1::ERROR_CODE_INVALID_INPUT).message(),
              HasSubstr("more than the limit of 11000"));
  put.set_policy_in_json(std::string(10'241, 'x'));
  EXPECT_EQ(answer(v1::ERROR_CODE_INVALID_INPUT).violations_size(), 1);
  put.set_policy_in_json("not json");
  EXPECT_THAT(answer(v1::ERROR_CODE_INVALID_INPUT).message(),
              HasSubstr("not a JSON object"));
  put.set_policy_in_json("{}");
  answer(v1::ERROR_CODE_ENTITY_NOT_FOUND);
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  answer(v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
}

// "Observed ValidationException" for constraints; business rules stay
// InvalidInputException.
TEST_F(EngineTest, Observed_ConstraintsAreValidationExceptionRulesAreNot) {
  RestartObserved();
  Fails(v1::ERROR_CODE_VALIDATION, [&] { return Put("x").status(); });
  Fails(v1::ERROR_CODE_INVALID_INPUT, [&] { return Put("xx").status(); });
  // "Observed: ^$|arn:aws[a-z0-9-]*:kms:.*"
  auto request = Named("china");
  request.mutable_encryption_configuration()
      ->mutable_cloud_watch_encryption()
      ->set_kms_key_arn("arn:aws-cn:kms:x");
  EXPECT_EQ(engine_->CreateSecurityConfiguration(kCaller, request).status(),
            absl::OkStatus());
  Restart(EngineOptions());
  request.set_name("china again");
  Fails(v1::ERROR_CODE_INVALID_INPUT, [&] {
    return engine_->CreateSecurityConfiguration(kCaller, request).status();
  });
}

TEST_F(EngineTest, Execute_NoOperation_IsInvalidInput) {
  const v1::Response response = engine_->Execute(kCaller, v1::Request());
  EXPECT_EQ(response.error().code(), v1::ERROR_CODE_INVALID_INPUT);
  EXPECT_EQ(response.error().message(), "the request names no operation");
}

// Every operation, with every member that it has set to nonsense.
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
      const std::string before = Everything();
      const v1::Response response = engine_->Execute(kCaller, request);
      EXPECT_EQ(response.error().code(), v1::ERROR_CODE_INVALID_INPUT)
          << request.ShortDebugString().substr(0, 200);
      EXPECT_EQ(Everything(), before);
    }
  }
}

TEST_F(EngineTest, UnparsedEnum_IsQuotedAmongTheOthers) {
  v1::Request request;
  request.mutable_put_resource_policy()->set_policy_in_json("x");
  auto* unparsed = request.add_unparsed_enums();
  unparsed->set_path("policyExistsCondition");
  unparsed->set_text("SOMETIMES");
  EXPECT_EQ(
      engine_->Execute(kCaller, request).error().message(),
      "2 validation errors detected: Value 'x' at 'policyInJson' failed to "
      "satisfy constraint: Member must have length greater than or equal to 2; "
      "Value 'SOMETIMES' at 'policyExistsCondition' failed to satisfy "
      "constraint: Member must satisfy enum value set: [MUST_EXIST, NOT_EXIST, "
      "NONE]");
}

// ---- Storage failures

// Answers every call with one status.
class FailingStorage : public ForwardingStorage {
 public:
  FailingStorage(Storage* base, absl::Status read, absl::Status commit)
      : ForwardingStorage(base),
        read_(std::move(read)),
        commit_(std::move(commit)) {}
  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override {
    if (!read_.ok()) return read_;
    return ForwardingStorage::Read(read_set);
  }
  absl::StatusOr<CommitResult> Commit(WriteBatch batch) override {
    if (!commit_.ok()) return commit_;
    return ForwardingStorage::Commit(std::move(batch));
  }
  absl::Status VisitRecord(
      const CatalogKey& catalog, const RecordKey& key,
      absl::FunctionRef<void(const RecordView*)> visitor) override {
    if (!read_.ok()) return read_;
    return ForwardingStorage::VisitRecord(catalog, key, visitor);
  }

 private:
  const absl::Status read_;
  const absl::Status commit_;
};

TEST_F(EngineTest, StorageFailures_AreToldAsTheyAreAndNeverRaw) {
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  const struct {
    absl::Status read;
    absl::Status commit;
    v1::ErrorCode code;
    v1::Error::Detail detail;
  } kCases[] = {
      {absl::UnavailableError("raw"), absl::OkStatus(),
       v1::ERROR_CODE_INTERNAL_SERVICE, v1::Error::DETAIL_NOT_APPLIED},
      {absl::DeadlineExceededError("raw"), absl::OkStatus(),
       v1::ERROR_CODE_INTERNAL_SERVICE, v1::Error::DETAIL_NOT_APPLIED},
      {absl::DataLossError("raw"), absl::OkStatus(),
       v1::ERROR_CODE_INTERNAL_SERVICE, v1::Error::DETAIL_DATA_LOSS},
      {absl::OkStatus(), absl::ResourceExhaustedError("raw"),
       v1::ERROR_CODE_INTERNAL_SERVICE, v1::Error::DETAIL_NOT_APPLIED},
      {absl::OkStatus(), absl::DataLossError("raw"),
       v1::ERROR_CODE_INTERNAL_SERVICE, v1::Error::DETAIL_DATA_LOSS},
      {absl::OkStatus(), absl::UnknownError("raw"),
       v1::ERROR_CODE_OPERATION_TIMEOUT, v1::Error::DETAIL_OUTCOME_UNKNOWN},
  };
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json(R"({"Id":"new"})");
  for (const auto& c : kCases) {
    FailingStorage failing(&storage_, c.read, c.commit);
    EngineOptions options;
    options.wait = [](int) {};
    Engine engine(&failing, options);
    const v1::Error error = Fails(c.code, [&] {
      return engine.PutResourcePolicy(kCaller, put).status();
    });
    EXPECT_EQ(error.detail(), c.detail);
    EXPECT_FALSE(absl::StrContains(error.message(), "raw"));
    if (c.read.ok()) continue;
    const absl::Status visit = engine.OpenCatalog(kCaller).VisitResourcePolicy(
        [](const ResourcePolicyView&) { FAIL() << "nothing to show"; });
    EXPECT_EQ(ErrorCodeOf(visit), c.code);
  }
}

TEST_F(EngineTest, DamagedRecords_AreDataLossAndStay) {
  const std::string damages[] = {"", "garbage", std::string(5, '\0'),
                                 "\x08\x02"};
  const auto damage = [&](RecordKind kind, const std::string& id,
                          const std::string& value) {
    const CatalogKey catalog{kCaller.account_id, kCaller.region};
    const BranchId branch = storage_.Read(ReadSet{catalog, {}, {}})->branch;
    ASSERT_EQ(*storage_.Commit({catalog, branch, {}, {{{kind, id}, value}}}),
              CommitResult::kCommitted);
  };
  for (const std::string& value : damages) {
    damage(RecordKind::kResourcePolicy, "", value);
    damage(RecordKind::kEncryptionSettings, "", value);
    damage(RecordKind::kSecurityConfiguration, "a", value);
    damage(RecordKind::kConfigurationCount, "", value);
    std::vector<v1::Request> requests(8);
    requests[0].mutable_get_resource_policy();
    requests[1].mutable_put_resource_policy()->set_policy_in_json("{}");
    requests[2].mutable_delete_resource_policy();
    requests[3].mutable_get_data_catalog_encryption_settings();
    *requests[4].mutable_create_security_configuration() = Named("b");
    requests[5].mutable_delete_security_configuration()->set_name("a");
    requests[6].mutable_get_security_configuration()->set_name("a");
    requests[7].mutable_get_security_configurations();
    for (const v1::Request& request : requests) {
      const v1::Error error = engine_->Execute(kCaller, request).error();
      EXPECT_EQ(error.code(), v1::ERROR_CODE_INTERNAL_SERVICE)
          << request.ShortDebugString();
      EXPECT_EQ(error.detail(), v1::Error::DETAIL_DATA_LOSS);
    }
    EXPECT_EQ(ErrorFromStatus(engine_->OpenCatalog(kCaller).VisitResourcePolicy(
                                  [](const ResourcePolicyView&) { FAIL(); }))
                  ->detail(),
              v1::Error::DETAIL_DATA_LOSS);
  }
}

// ---- The catalog handle and the observer

class OwningStorage : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  absl::Status VisitRecord(
      const CatalogKey& catalog, const RecordKey& key,
      absl::FunctionRef<void(const RecordView*)> visitor) override {
    return Storage::VisitRecord(catalog, key, visitor);
  }
};

TEST_F(EngineTest, VisitResourcePolicy_ShowsWhatGetReturns) {
  OwningStorage owning(&storage_);
  Engine fallback(&owning);
  for (Engine* engine : {&*engine_, &fallback}) {
    const Engine::Catalog catalog = engine->OpenCatalog(kCaller);
    int calls = 0;
    const auto visit = [&] {
      return catalog.VisitResourcePolicy([&](const ResourcePolicyView& view) {
        ++calls;
        const auto get = engine_->GetResourcePolicy(kCaller, {});
        EXPECT_EQ(std::string(view.policy_in_json), get->policy_in_json());
        EXPECT_EQ(std::string(view.policy_hash), get->policy_hash());
        EXPECT_EQ(view.create_time_ms, 1'700'000'000'123);
        EXPECT_EQ(view.update_time_ms, 1'700'000'000'123);
      });
    };
    EXPECT_EQ(ErrorCodeOf(visit()), v1::ERROR_CODE_ENTITY_NOT_FOUND);
    ASSERT_EQ(Put("{}").status(), absl::OkStatus());
    EXPECT_EQ(visit(), absl::OkStatus());
    EXPECT_EQ(calls, 1);
    ASSERT_EQ(engine_->DeleteResourcePolicy(kCaller, {}).status(),
              absl::OkStatus());
    EXPECT_EQ(ErrorCodeOf(visit()), v1::ERROR_CODE_ENTITY_NOT_FOUND);
    EXPECT_EQ(calls, 1);
  }
}

class RecordingObserver : public Observer {
 public:
  void OnOperation(const OperationEvent& event) override {
    events.push_back(
        absl::StrCat(OperationName(event.operation), " ", event.caller->region,
                     " ", ErrorCodeName(event.error_code), " ", event.attempts,
                     event.had_unknown_commit ? " unknown" : ""));
  }
  std::vector<std::string> events;
};

TEST_F(EngineTest, Observer_IsToldOfEveryOperationOnce) {
  RecordingObserver observer;
  EngineOptions options;
  options.observer = &observer;
  Restart(options);
  ASSERT_EQ(Put("{}").status(), absl::OkStatus());
  Put("x").status().IgnoreError();
  engine_->GetResourcePolicy(kOtherRegion, {}).status().IgnoreError();
  engine_->OpenCatalog(kCaller)
      .VisitResourcePolicy([](const ResourcePolicyView&) {})
      .IgnoreError();
  engine_->Execute(kCaller, v1::Request());
  EXPECT_THAT(
      observer.events,
      ElementsAre("PutResourcePolicy us-east-1  1",
                  "PutResourcePolicy us-east-1 InvalidInputException 0",
                  "GetResourcePolicy us-west-2 EntityNotFoundException 0",
                  "GetResourcePolicy us-east-1  0",
                  " us-east-1 InvalidInputException 0"));
}

// ---- Threads

// "8 threads of mixed operations on one engine: exactly one winner per
// revision, no lost update".
TEST_F(EngineTest, EightThreads_OneWinnerForEachHashAndNoLostUpdate) {
  constexpr int kThreads = 8;
  constexpr int kRounds = 60;
  EngineOptions options;
  options.limits.security_configurations_max = 1'000'000;
  Engine engine(&storage_, options);
  ASSERT_EQ(Put(R"({"n":0})").status(), absl::OkStatus());
  std::vector<std::thread> threads;
  std::vector<int> wins(kThreads, 0);
  std::vector<int> created(kThreads, 0);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < kRounds;) {
        // A compare-and-swap on the policy: the text holds a counter.
        const auto get = engine.GetResourcePolicy(kCaller, {});
        ASSERT_EQ(get.status(), absl::OkStatus());
        const int n = std::stoi(get->policy_in_json().substr(5));
        v1::PutResourcePolicyRequest put;
        put.set_policy_in_json(absl::StrCat(R"({"n":)", n + 1, "}"));
        put.set_policy_hash_condition(get->policy_hash());
        const auto answer = engine.PutResourcePolicy(kCaller, put);
        if (answer.ok()) {
          ++wins[t];
          ++round;
        } else {
          ASSERT_EQ(ErrorCodeOf(answer.status()),
                    v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
        }
        // All threads fight over the same few names.
        v1::CreateSecurityConfigurationRequest create;
        create.set_name(absl::StrCat(round % 3));
        create.mutable_encryption_configuration();
        if (engine.CreateSecurityConfiguration(kCaller, create).ok()) {
          ++created[t];
        }
        v1::DeleteSecurityConfigurationRequest remove;
        remove.set_name(absl::StrCat((round + t) % 3));
        if (engine.DeleteSecurityConfiguration(kCaller, remove).ok()) {
          --created[t];
        }
        ASSERT_EQ(engine.GetSecurityConfigurations(kCaller, {}).status(),
                  absl::OkStatus());
        ASSERT_EQ(engine.GetDataCatalogEncryptionSettings(kCaller, {}).status(),
                  absl::OkStatus());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int total_created = 0;
  for (const int n : created) total_created += n;
  EXPECT_EQ(engine.GetResourcePolicy(kCaller, {})->policy_in_json(),
            absl::StrCat(R"({"n":)", kThreads * kRounds, "}"));
  EXPECT_EQ(engine.GetSecurityConfigurations(kCaller, {})
                ->security_configurations_size(),
            total_created);
}

}  // namespace
}  // namespace glue_security
