// Tests the rules of security configurations
// (docs/reference/CreateSecurityConfiguration.md and the pages of Get and
// Delete). Each test names the rule in its comment.

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_fixture.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

using google::protobuf::util::MessageDifferencer;
using ::testing::ElementsAre;

constexpr char kArn[] = "arn:aws:kms:us-east-1:123456789012:key/k";

// The given blocks are kept exactly: none is added, none is dropped; an empty
// list and an empty block come back as such.
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
    // Both members show the same instant.
    EXPECT_TRUE(MessageDifferencer::Equals(configuration.created_time_stamp(),
                                           created->created_timestamp()));
    EXPECT_EQ(created->created_timestamp().nanos(), 123'000'000);
  }
}

// A name that is taken is AlreadyExistsException, even for an identical
// configuration. An unknown name is EntityNotFoundException in Get and Delete.
// The messages are the same in all presets.
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

// More than one S3Encryption element is accepted in Documented(). In Observed()
// it is InvalidInputException `S3 EncryptionConfiguration list cannot be
// greater than one`.
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

// A KMS mode without a KmsKeyArn is accepted in Documented() and is
// InvalidInputException in Observed().
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

// A KmsKeyArn beside `DISABLED` or `SSE-S3` is accepted and kept. These modes
// are accepted without one, too.
TEST_F(EngineTest, CreateSecurityConfiguration_ModesWithoutKms_NeedNoKey) {
  for (const bool observed : {false, true}) {
    if (observed) RestartObserved();
    for (const bool with_keys : {false, true}) {
      auto request = Named(absl::StrCat(observed, with_keys));
      auto* body = request.mutable_encryption_configuration();
      auto* s3 = body->mutable_s3_encryption()->add_elements();
      s3->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_S3);
      auto* logs = body->mutable_cloud_watch_encryption();
      logs->set_cloud_watch_encryption_mode(
          v1::CLOUD_WATCH_ENCRYPTION_MODE_DISABLED);
      auto* bookmarks = body->mutable_job_bookmarks_encryption();
      bookmarks->set_job_bookmarks_encryption_mode(
          v1::JOB_BOOKMARKS_ENCRYPTION_MODE_DISABLED);
      if (with_keys) {
        s3->set_kms_key_arn(kArn);
        logs->set_kms_key_arn(kArn);
        bookmarks->set_kms_key_arn(kArn);
      }
      ASSERT_EQ(engine_->CreateSecurityConfiguration(kCaller, request).status(),
                absl::OkStatus());
      v1::GetSecurityConfigurationRequest get;
      get.set_name(request.name());
      const auto got = engine_->GetSecurityConfiguration(kCaller, get);
      ASSERT_EQ(got.status(), absl::OkStatus());
      EXPECT_TRUE(MessageDifferencer::Equals(
          got->security_configuration().encryption_configuration(), *body));
    }
  }
}

// A catalog has at most 250 configurations by default.
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

  EngineOptions options = LooseOptions();
  options.limits.security_configurations_max = 0;
  Restart(options);
  Fails(v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED,
        [&] { return Create("none", kOtherAccount); });
}

// ---- Paging (docs/reference/GetSecurityConfigurations.md)

// Entries are ordered by name, bytewise. A page has 100 entries by default. The
// last page has no NextToken in Documented(). An empty NextToken in a request
// is the first page.
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
  // A page that ends with the last entry has no next page.
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

// Creating or deleting entries between two pages never skips or repeats an
// entry that existed all along. Tests every page size and every place of the
// change.
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

// A token that does not decode, fails its checksum, or belongs to another
// catalog is InvalidInputException (docs/decisions/page-tokens.md).
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
    EXPECT_EQ(Fails(v1::ERROR_CODE_INVALID_INPUT,
                    [&] {
                      return engine_
                          ->GetSecurityConfigurations(kCaller, request)
                          .status();
                    })
                  .message(),
              "NextToken is not a token of this catalog")
        << token;
  }
  request.set_next_token(good);
  EXPECT_THAT(Names(*engine_->GetSecurityConfigurations(kCaller, request)),
              ElementsAre("b"));
}

// MaxResults below 1 or above 1000 breaks the constraint. In Observed() 201 to
// 1000 is InvalidInputException `MaxResults size must be between 1 and 200`.
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

// A page ends early, with a token, before it exceeds
// Limits::response_bytes_max.
TEST_F(EngineTest, GetSecurityConfigurations_LargeEntries_EndThePageEarly) {
  EngineOptions options = LooseOptions();
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

// Names count, too. The entries are little more than a name.
TEST_F(EngineTest, GetSecurityConfigurations_LongNames_EndThePageEarly) {
  EngineOptions options = LooseOptions();
  options.limits.response_bytes_max = 3'000;
  Restart(options);
  constexpr int kCount = 40;
  for (int i = 0; i < kCount; ++i) {
    const auto request = Named(absl::StrCat(std::string(250, 'n'), 100 + i));
    ASSERT_EQ(engine_->CreateSecurityConfiguration(kCaller, request).status(),
              absl::OkStatus());
  }
  v1::GetSecurityConfigurationsRequest request;
  int pages = 0;
  int entries = 0;
  while (true) {
    const auto page = engine_->GetSecurityConfigurations(kCaller, request);
    ASSERT_EQ(page.status(), absl::OkStatus());
    ++pages;
    entries += page->security_configurations_size();
    EXPECT_LE(page->ByteSizeLong() - page->next_token().size(),
              options.limits.response_bytes_max);
    if (!page->has_next_token()) break;
    request.set_next_token(page->next_token());
  }
  EXPECT_EQ(entries, kCount);
  EXPECT_EQ(pages, 4);
}

}  // namespace
}  // namespace glue_security
