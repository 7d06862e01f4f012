// Tests the date of the API (docs/decisions/api-date.md): what each date
// brings, that what is not in force yet is as if absent, and the rules of
// ResourceArn, EnableHybrid and GetResourcePolicies in every preset.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/keys/local_kms_options.h"
#include "glue_security/encryption/keys/random_source.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/generators/request_generator.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_fixture.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kCatalogArn[] = "arn:aws:glue:us-east-1:123456789012:catalog";
constexpr char kTableArn[] = "arn:aws:glue:us-east-1:123456789012:table/d/t";
constexpr char kKey[] = "arn:aws:kms:us-east-1:123456789012:key/k";
constexpr char kRole[] = "arn:aws:iam::123456789012:role/r";
constexpr char kNotSupported[] =
    "Glue resource level policy is not currently supported";
constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;

Behavior At(Behavior behavior, absl::CivilDay date) {
  behavior.api_date = date;
  return behavior;
}

// A later model with the behaviour of the contract.
Behavior DocumentedLater() {
  return At(Behavior::Documented(), kNewestApiDate);
}

class ApiDateTest : public EngineTest {
 public:
  void Be(const Behavior& behavior) { RestartAs(Loose(behavior)); }

  absl::Status PutFor(const std::string& resource_arn) {
    v1::PutResourcePolicyRequest request;
    request.set_policy_in_json("{}");
    request.set_resource_arn(resource_arn);
    return engine_->PutResourcePolicy(kCaller, request).status();
  }
  absl::Status GetFor(const std::string& resource_arn) {
    v1::GetResourcePolicyRequest request;
    request.set_resource_arn(resource_arn);
    return engine_->GetResourcePolicy(kCaller, request).status();
  }
  absl::Status DeleteFor(const std::string& resource_arn) {
    v1::DeleteResourcePolicyRequest request;
    request.set_resource_arn(resource_arn);
    return engine_->DeleteResourcePolicy(kCaller, request).status();
  }
  bool PolicyExists() { return engine_->GetResourcePolicy(kCaller, {}).ok(); }
};

// A narrower request never has a wider effect.
TEST_F(ApiDateTest, AResourceArnOfATable_NeverTouchesThePolicyOfTheCatalog) {
  for (const Behavior& behavior :
       {DocumentedLater(), Behavior::Observed(), Behavior::Current(),
        At(Behavior::Documented(), absl::CivilDay(2020, 7, 7))}) {
    Be(behavior);
    const auto refused = [this](absl::Status (ApiDateTest::*call)(
                             const std::string& arn)) {
      EXPECT_EQ(
          Fails(kInvalid, [&] { return (this->*call)(kTableArn); }).message(),
          kNotSupported);
    };
    refused(&ApiDateTest::PutFor);
    EXPECT_FALSE(PolicyExists());
    ASSERT_TRUE(Put("{}").ok());
    refused(&ApiDateTest::PutFor);
    refused(&ApiDateTest::DeleteFor);
    EXPECT_EQ(Fails(v1::ERROR_CODE_ENTITY_NOT_FOUND,
                    [&] { return GetFor(kTableArn); })
                  .message(),
              "Policy not found");
    EXPECT_TRUE(PolicyExists());
    ASSERT_TRUE(engine_->DeleteResourcePolicy(kCaller, {}).ok());
  }
}

TEST_F(ApiDateTest, TheArnOfTheOwnCatalog_IsRefusedInWritesWhereItWasRecorded) {
  Be(DocumentedLater());
  EXPECT_TRUE(PutFor(kCatalogArn).ok());
  EXPECT_TRUE(GetFor(kCatalogArn).ok());
  EXPECT_TRUE(DeleteFor(kCatalogArn).ok());
  for (const Behavior& behavior : {Behavior::Observed(), Behavior::Current()}) {
    Be(behavior);
    Fails(kInvalid, [&] { return PutFor(kCatalogArn); });
    ASSERT_TRUE(Put("{}").ok());
    EXPECT_TRUE(GetFor(kCatalogArn).ok());
    Fails(kInvalid, [&] { return DeleteFor(kCatalogArn); });
  }
}

// Another account's, another region's and another partition's catalog.
TEST_F(ApiDateTest, TheArnOfAnotherCatalog_IsNotTheOwn) {
  Be(DocumentedLater());
  ASSERT_TRUE(Put("{}").ok());
  for (const char* arn : {"arn:aws:glue:us-east-1:210987654321:catalog",
                          "arn:aws:glue:us-west-2:123456789012:catalog",
                          "arn:aws-cn:glue:us-east-1:123456789012:catalog",
                          "arn:aws:glue:us-east-1:123456789012:catalog/",
                          "arn:aws:glue:us-east-1:123456789012:Catalog"}) {
    Fails(v1::ERROR_CODE_ENTITY_NOT_FOUND, [&] { return GetFor(arn); });
    Fails(kInvalid, [&] { return PutFor(arn); });
    Fails(kInvalid, [&] { return DeleteFor(arn); });
  }
}

TEST_F(ApiDateTest, OnTheContractsDate_AResourceArnIsIgnored) {
  Be(Behavior::Documented());
  EXPECT_TRUE(PutFor(kTableArn).ok());
  EXPECT_TRUE(GetFor("no ARN").ok());
  EXPECT_TRUE(DeleteFor(kTableArn).ok());
}

TEST_F(ApiDateTest, ResourceArnComesBeforeTheOtherRulesOfAPut) {
  Behavior behavior = Behavior::Current();
  behavior.console_grants_exist = true;
  Restart([&] {
    EngineOptions options;
    options.behavior = behavior;
    return options;
  }());
  v1::Request request;
  v1::PutResourcePolicyRequest& put = *request.mutable_put_resource_policy();
  put.set_policy_in_json(std::string(10'241, 'x'));
  put.set_resource_arn(kTableArn);
  EXPECT_EQ(FailsToExecute(kInvalid, request).message(), kNotSupported);
  put.clear_resource_arn();
  EXPECT_THAT(FailsToExecute(kInvalid, request).message(),
              HasSubstr("EnableHybrid must be TRUE"));
  put.set_enable_hybrid(v1::ENABLE_HYBRID_VALUES_TRUE);
  EXPECT_EQ(FailsToExecute(kInvalid, request).message(),
            "the policy document has 10241 bytes, more than the limit of "
            "10240");
  put.set_policy_in_json("x");
  EXPECT_EQ(
      FailsToExecute(v1::ERROR_CODE_VALIDATION, request).violations_size(), 1);
  put.set_policy_in_json("{}");
  EXPECT_THAT(FailsToExecute(kInvalid, request).message(),
              HasSubstr("the policy document breaks 1 rule"));
}

TEST_F(ApiDateTest, EnableHybrid_MattersOnlyWhereGrantsOfTheConsoleExist) {
  const auto put = [this](v1::EnableHybridValues value) {
    v1::PutResourcePolicyRequest request;
    request.set_policy_in_json("{}");
    if (value != v1::ENABLE_HYBRID_VALUES_UNSPECIFIED) {
      request.set_enable_hybrid(value);
    }
    return engine_->PutResourcePolicy(kCaller, request).ok();
  };
  const std::vector<v1::EnableHybridValues> values = {
      v1::ENABLE_HYBRID_VALUES_UNSPECIFIED, v1::ENABLE_HYBRID_VALUES_TRUE,
      v1::ENABLE_HYBRID_VALUES_FALSE};
  for (Behavior behavior : {Behavior::Documented(), Behavior::Observed(),
                            Behavior::Current(), DocumentedLater()}) {
    Be(behavior);
    for (const auto value : values) EXPECT_TRUE(put(value));
    behavior.console_grants_exist = true;
    Be(behavior);
    const bool known = behavior.api_date >= absl::CivilDay(2020, 7, 7);
    for (const auto value : values) {
      EXPECT_EQ(put(value), !known || value == v1::ENABLE_HYBRID_VALUES_TRUE);
    }
  }
}

TEST_F(ApiDateTest, GetResourcePolicies_ListsThePolicyOrNothing) {
  for (const Behavior& behavior : {DocumentedLater(), Behavior::Current()}) {
    Be(behavior);
    v1::GetResourcePoliciesRequest request;
    const auto list = [&] {
      auto answer = engine_->GetResourcePolicies(kCaller, request);
      EXPECT_TRUE(answer.ok()) << answer.status();
      return answer.ok() ? *answer : v1::GetResourcePoliciesResponse();
    };
    EXPECT_THAT(list().policies(), IsEmpty());
    ASSERT_TRUE(Put("{\"a\":1}").ok());
    const auto policy = engine_->GetResourcePolicy(kCaller, {});
    for (const int max_results : {0, 1, 2, 1000}) {
      if (max_results > 0) request.set_max_results(max_results);
      const v1::GetResourcePoliciesResponse page = list();
      ASSERT_THAT(page.policies(), SizeIs(1));
      EXPECT_EQ(page.policies(0).ShortDebugString(),
                policy->ShortDebugString());
      EXPECT_EQ(page.has_next_token(), behavior.empty_token_on_last_page);
      EXPECT_EQ(page.next_token(), "");
      request.set_next_token("");
    }
    v1::Request call;
    call.mutable_get_resource_policies()->set_next_token("token");
    EXPECT_EQ(FailsToExecute(kInvalid, call).message(),
              "NextToken is not a token of this catalog");
    call.mutable_get_resource_policies()->set_max_results(1001);
    EXPECT_EQ(FailsToExecute(behavior.constraint_error_code, call)
                  .violations(0)
                  .path(),
              "maxResults");
    v1::DeleteResourcePolicyRequest drop;
    ASSERT_TRUE(engine_->DeleteResourcePolicy(kCaller, drop).ok());
    request.Clear();
    EXPECT_THAT(list().policies(), IsEmpty());
  }
}

TEST_F(ApiDateTest, GetResourcePolicies_BeforeItsDate_IsNoOperation) {
  v1::Request call;
  call.mutable_get_resource_policies()->set_max_results(-1);
  for (const Behavior& behavior :
       {Behavior::Documented(), Behavior::Observed(),
        At(Behavior::Current(), absl::CivilDay(2020, 7, 6))}) {
    Be(behavior);
    EXPECT_EQ(
        FailsToExecute(kInvalid, call).message(),
        absl::StrCat("the API of ", absl::FormatCivilTime(behavior.api_date),
                     " has no operation GetResourcePolicies"));
  }
}

TEST_F(ApiDateTest, TheModeWithAServiceRole) {
  v1::Request call;
  auto* settings = call.mutable_put_data_catalog_encryption_settings()
                       ->mutable_data_catalog_encryption_settings();
  auto* at_rest = settings->mutable_encryption_at_rest();
  at_rest->set_catalog_encryption_mode(
      v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE);
  const auto shown = [this] {
    return engine_->GetDataCatalogEncryptionSettings(kCaller, {})
        ->data_catalog_encryption_settings()
        .encryption_at_rest();
  };
  const absl::CivilDay since(2024, 2, 5);
  Be(At(Behavior::Current(), since - 1));
  EXPECT_THAT(FailsToExecute(v1::ERROR_CODE_VALIDATION, call).message(),
              HasSubstr("enum value set: [DISABLED, SSE-KMS]"));
  Be(At(Behavior::Current(), since));
  EXPECT_EQ(FailsToExecute(kInvalid, call).message(),
            "catalogEncryptionServiceRole must be given for "
            "catalogEncryptionMode SSE-KMS-WITH-SERVICE-ROLE");
  at_rest->set_catalog_encryption_service_role(kRole);
  EXPECT_FALSE(engine_->Execute(kCaller, call).has_error());
  EXPECT_EQ(shown().sse_aws_kms_key_id(), "alias/aws/glue");
  EXPECT_EQ(shown().catalog_encryption_service_role(), kRole);
  // Documented requires no role, and shows no key.
  Be(At(Behavior::Documented(), since));
  at_rest->clear_catalog_encryption_service_role();
  EXPECT_FALSE(engine_->Execute(kCaller, call).has_error());
  EXPECT_EQ(shown().ShortDebugString(), at_rest->ShortDebugString());
  // Before its date the role is not stored.
  Be(At(Behavior::Documented(), since - 1));
  at_rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  at_rest->set_catalog_encryption_service_role("not even an ARN");
  EXPECT_FALSE(engine_->Execute(kCaller, call).has_error());
  EXPECT_FALSE(shown().has_catalog_encryption_service_role());
}

TEST_F(ApiDateTest, DataQualityEncryption) {
  v1::Request call;
  auto* create = call.mutable_create_security_configuration();
  create->set_name("a");
  auto* quality = create->mutable_encryption_configuration()
                      ->mutable_data_quality_encryption();
  quality->set_data_quality_encryption_mode(
      v1::DATA_QUALITY_ENCRYPTION_MODE_SSE_KMS);
  const auto shown = [&] {
    v1::GetSecurityConfigurationRequest get;
    get.set_name(create->name());
    return engine_->GetSecurityConfiguration(kCaller, get)
        ->security_configuration()
        .encryption_configuration();
  };
  const absl::CivilDay since(2024, 12, 12);
  Be(At(Behavior::Current(), since - 1));
  EXPECT_FALSE(engine_->Execute(kCaller, call).has_error());
  EXPECT_FALSE(shown().has_data_quality_encryption());
  create->set_name("b");
  Be(At(Behavior::Current(), since));
  EXPECT_EQ(FailsToExecute(kInvalid, call).message(),
            "kmsKeyArn must be given for dataQualityEncryptionMode SSE-KMS");
  quality->set_kms_key_arn(kKey);
  EXPECT_FALSE(engine_->Execute(kCaller, call).has_error());
  EXPECT_EQ(shown().data_quality_encryption().ShortDebugString(),
            quality->ShortDebugString());
  // A stored configuration is shown whole, whatever the date.
  Be(Behavior::Documented());
  EXPECT_TRUE(shown().has_data_quality_encryption());
}

TEST_F(ApiDateTest, TheMaximumOfAPolicyBecomesARule) {
  const std::string most =
      absl::StrCat("{\"", std::string(10'234, 'k'), "\":0}");
  ASSERT_EQ(most.size(), 10'240u);
  const absl::CivilDay since(2022, 3, 18);
  for (const Behavior& behavior :
       {Behavior::Documented(), Behavior::Observed()}) {
    for (const absl::CivilDay date : {since - 1, since}) {
      Be(At(behavior, date));
      EXPECT_TRUE(Put(most).ok());
      const auto refused = [&](const std::string& text) {
        const v1::Error error =
            Fails(date < since ? behavior.constraint_error_code : kInvalid,
                  [&] { return Put(text).status(); });
        EXPECT_EQ(error.violations_size(), date < since ? 1 : 0);
        EXPECT_THAT(
            error.message(),
            HasSubstr(date < since ? "less than or equal to 10240"
                                   : "10241 bytes, more than the limit of"));
      };
      refused(absl::StrCat("{\"", std::string(10'235, 'k'), "\":0}"));
      // Blanks count unless they are re-printed.
      if (behavior.reprint_policies) {
        EXPECT_TRUE(Put(most + " ").ok());
      } else {
        refused(most + " ");
      }
    }
  }
}

// Clears the fields of `message`, a request of a later model, that came after
// `behavior`. Dates of options compare as texts.
void KeepInForce(const Behavior& behavior, Message* message) {
  const auto& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool known_early = behavior.refuse_resource_arns &&
                             field->options().HasExtension(v1::observed_since);
    if (field->options().GetExtension(v1::since) >
            absl::FormatCivilTime(behavior.api_date) &&
        !known_early) {
      reflection.ClearField(message, field);
    } else if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
        KeepInForce(behavior,
                    reflection.MutableRepeatedMessage(message, field, i));
      }
    } else {
      KeepInForce(behavior, reflection.MutableMessage(message, field));
    }
  }
}

// At each date, two engines answer requests of the newest model alike, one of
// which is sent without what is not in force.
TEST_F(ApiDateTest, WhatIsNotInForceIsAsIfAbsent) {
  const RequestGenerator generator(Loose(Behavior::Current()));
  int stripped = 0;
  for (const absl::CivilDay date : ApiSchema::Dates()) {
    for (const Behavior& preset :
         {Behavior::Documented(), Behavior::Observed()}) {
      EngineOptions options = LooseOptions();
      options.behavior = Loose(At(preset, date));
      options.clock = &clock_;
      // Both encrypt passwords to the same texts.
      SeededRandom random(7);
      SeededRandom other_random(7);
      LocalKmsOptions keys;
      keys.random = &random;
      LocalKms kms(keys);
      keys.random = &other_random;
      LocalKms other_kms(keys);
      options.key_service = &kms;
      MemoryStorage storage;
      Engine engine(&storage, options);
      options.key_service = &other_kms;
      MemoryStorage other_storage;
      Engine other(&other_storage, options);
      SeededChoices choices(11);
      for (int i = 0; i < 2000; ++i) {
        v1::Request request;
        generator.Generate(choices, {}, &request);
        v1::Request kept = request;
        KeepInForce(At(preset, date), &kept);
        if (!MessageDifferencer::Equals(request, kept)) ++stripped;
        const v1::Response answer = engine.Execute(kCaller, request);
        ASSERT_TRUE(
            MessageDifferencer::Equals(answer, other.Execute(kCaller, kept)))
            << date << ": " << request.ShortDebugString() << "\n"
            << answer.ShortDebugString();
      }
    }
  }
  EXPECT_GT(stripped, 1'000);
}

}  // namespace
}  // namespace glue_security
