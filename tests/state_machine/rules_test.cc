// The business rules at their bounds, and the texts of the errors, in the core.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/resource_policy.h"
#include "glue_security/state_machine/step.h"
#include "glue_security/state_machine/stored_record.h"
#include "gtest/gtest.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

const Caller kCaller{"123456789012", "us-east-1", ""};
constexpr CommitId kId = {9};

class RulesTest : public testing::Test {
 protected:
  // Runs a request on a snapshot in which every key has `record_`.
  Transition Run(RequestRef request) const {
    return Step(kCaller, request, options_, absl::UnixEpoch(), kId,
                [this](const ReadSet& read_set) {
                  Snapshot snapshot;
                  for (const RecordKey& key : read_set.keys) {
                    snapshot.records.push_back(
                        key.kind == RecordKind::kSecurityConfiguration
                            ? std::nullopt
                            : record_);
                  }
                  return snapshot;
                });
  }

  std::string MessageOf(RequestRef request) const {
    const Transition transition = Run(request);
    EXPECT_TRUE(transition.write_batch.empty());
    const auto* error = std::get_if<v1::Error>(&transition.outcome);
    return error == nullptr ? "" : error->message();
  }

  void Store(v1::StoredRecord record) {
    record_ = Record{1, EncodeRecord(kId, std::move(record))};
  }

  CoreOptions options_ = LooseCoreOptions();
  std::optional<Record> record_;
};

// A mode that needs a key and has none shows the service's own key; no other
// mode does (docs/reference/GetDataCatalogEncryptionSettings.md).
TEST_F(RulesTest, DefaultKeys_AreShownWhereAKeyIsMissing) {
  options_.behavior.show_default_keys = true;
  for (const auto mode : {v1::CATALOG_ENCRYPTION_MODE_DISABLED,
                          v1::CATALOG_ENCRYPTION_MODE_SSE_KMS}) {
    for (const bool encrypted : {false, true}) {
      for (const char* key : {"", "mine"}) {
        v1::StoredRecord record;
        auto* put = record.mutable_encryption_settings()->mutable_settings();
        put->mutable_encryption_at_rest()->set_catalog_encryption_mode(mode);
        auto* password = put->mutable_connection_password_encryption();
        password->set_return_connection_password_encrypted(encrypted);
        if (*key != '\0') {
          put->mutable_encryption_at_rest()->set_sse_aws_kms_key_id(key);
          password->set_aws_kms_key_id(key);
        }
        Store(std::move(record));
        const Transition transition =
            Run(v1::GetDataCatalogEncryptionSettingsRequest());
        const auto& settings =
            std::get<v1::GetDataCatalogEncryptionSettingsResponse>(
                transition.outcome)
                .data_catalog_encryption_settings();
        const std::string shown = *key != '\0' ? key : "alias/aws/glue";
        EXPECT_EQ(settings.encryption_at_rest().sse_aws_kms_key_id(),
                  mode == v1::CATALOG_ENCRYPTION_MODE_SSE_KMS ? shown : key);
        EXPECT_EQ(settings.connection_password_encryption().aws_kms_key_id(),
                  encrypted ? shown : key);
      }
    }
  }
}

TEST_F(RulesTest, RequestBytes_AtTheBoundArePassed) {
  // An empty CatalogId is two bytes: a tag and a length.
  v1::GetDataCatalogEncryptionSettingsRequest request;
  request.set_catalog_id("");
  ASSERT_EQ(request.ByteSizeLong(), 2u);
  options_.limits.request_bytes_max = 2;
  EXPECT_TRUE(absl::StartsWith(MessageOf(request), "1 validation error"));
  for (const size_t bound : {0, 1}) {
    options_.limits.request_bytes_max = bound;
    EXPECT_EQ(MessageOf(request),
              "the request has 2 bytes, more than the limit of 1");
  }
}

TEST_F(RulesTest, NoOperation_IsToldByItsMessage) {
  EXPECT_EQ(MessageOf(v1::Request()), "the request names no operation");
}

// The stored count may exceed a limit that was lowered later.
TEST_F(RulesTest, ACountAtOrAboveTheLimit_RefusesACreate) {
  v1::CreateSecurityConfigurationRequest request;
  request.set_name("new");
  request.mutable_encryption_configuration();
  for (const int64_t limit : {-5, 0, 2, 3, 4}) {
    options_.limits.security_configurations_max = limit;
    v1::StoredRecord record;
    record.mutable_configuration_count()->set_count(3);
    Store(std::move(record));
    const Transition transition = Run(request);
    const auto* error = std::get_if<v1::Error>(&transition.outcome);
    ASSERT_EQ(error != nullptr, limit <= 3) << limit;
    if (error == nullptr) continue;
    EXPECT_EQ(error->code(), v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED);
    EXPECT_EQ(error->message(),
              absl::StrCat("the catalog is at its limit of ",
                           limit < 0 ? 0 : limit, " security configurations"));
  }
}

TEST_F(RulesTest, BoundsOfAPageBelowOne_CountAsOne) {
  v1::GetSecurityConfigurationsRequest request;
  for (const int bound : {0, 1}) {
    options_.limits.page_size_default = bound;
    options_.limits.response_bytes_max = static_cast<size_t>(bound);
    const auto prepared = Prepare(kCaller, request, &options_);
    const auto& range = *std::get<PreparedOperation>(prepared).read_set.range;
    EXPECT_EQ(range.records_max, 1u);
    EXPECT_EQ(range.bytes_max, 1u);
  }
  options_.behavior.limit_page_size = true;
  for (const int bound : {-1, 0, 1}) {
    options_.limits.page_size_observed_max = bound;
    request.set_max_results(2);
    EXPECT_EQ(MessageOf(request), "MaxResults size must be between 1 and 1");
    request.set_max_results(1);
    EXPECT_TRUE(std::holds_alternative<PreparedOperation>(
        Prepare(kCaller, request, &options_)));
  }
}

TEST_F(RulesTest, Conditions_TellWhatDoesNotHold) {
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json("{}");
  put.set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_MUST_EXIST);
  EXPECT_EQ(MessageOf(put), "the policy must exist, but there is none");
  put.clear_policy_exists_condition();
  put.set_policy_hash_condition("stale");
  EXPECT_EQ(MessageOf(put), "a policy hash is given, but there is no policy");

  ResourcePolicyView policy;
  policy.policy_in_json = "{}";
  policy.policy_hash = "hash";
  record_ = Record{1, EncodeResourcePolicy(kId, policy)};
  EXPECT_EQ(MessageOf(put), "the policy has another hash");
  v1::DeleteResourcePolicyRequest remove;
  remove.set_policy_hash_condition("stale");
  EXPECT_EQ(MessageOf(remove), "the policy has another hash");
  put.clear_policy_hash_condition();
  put.set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_NOT_EXIST);
  EXPECT_EQ(MessageOf(put), "the policy must not exist, but it does");
  put.clear_policy_exists_condition();
  options_.behavior.require_hash_to_overwrite = true;
  EXPECT_EQ(MessageOf(put),
            "a policy exists, and its hash is needed to overwrite it");
}

// The message has three findings, and says when there are more.
TEST_F(RulesTest, BrokenRulesOfADocument_AreToldUpToThree) {
  options_.behavior.policy_checks = PolicyChecks::kGrammar;
  for (int count = 1; count <= 5; ++count) {
    std::string statements;
    for (int i = 0; i < count; ++i) {
      absl::StrAppend(&statements, i == 0 ? "" : ",",
                      R"({"Effect":"No","Principal":"*","Action":"glue:*",)",
                      R"("Resource":"*"})");
    }
    v1::PutResourcePolicyRequest put;
    put.set_policy_in_json(absl::StrCat(
        R"({"Version":"2012-10-17","Statement":[)", statements, "]}"));
    const std::string message = MessageOf(put);
    EXPECT_TRUE(absl::StartsWith(
        message, absl::StrCat("the policy document breaks ", count,
                              count == 1 ? " rule: " : " rules: ")))
        << message;
    size_t told = 0;
    for (size_t at = message.find("INVALID_EFFECT"); at != std::string::npos;
         at = message.find("INVALID_EFFECT", at + 1)) {
      ++told;
    }
    EXPECT_EQ(told, static_cast<size_t>(count < 3 ? count : 3)) << message;
    EXPECT_EQ(absl::EndsWith(message, "; and so on"), count > 3) << message;
  }
}

// The keys of the records are part of the stored format.
TEST(Keys, OfTheSingleRecords_HaveNoId) {
  EXPECT_EQ(ResourcePolicyKey(), (RecordKey{RecordKind::kResourcePolicy, ""}));
}

}  // namespace
}  // namespace glue_security
