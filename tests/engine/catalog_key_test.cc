// GetResourcePolicies while the catalog is encrypted: the caller must have the
// right to decrypt with its key (Behavior::policies_need_catalog_key).

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/error.h"
#include "glue_security/model/key_call.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using ::testing::HasSubstr;

constexpr char kAliceArn[] = "arn:aws:iam::123456789012:user/alice";
constexpr char kRoleArn[] = "arn:aws:iam::123456789012:role/glue";
const Caller kAlice{"123456789012", "us-east-1", kAliceArn};

class CatalogKeyTest : public testing::Test {
 protected:
  CatalogKeyTest()
      : kms_([this] {
          LocalKmsOptions options;
          options.identity = [this](const AuthorizationRequest& request) {
            if (request.action == "kms:Decrypt") {
              asked_ = request.principal.arn;
              const auto context =
                  request.context.find("kms:EncryptionContext:glue_catalog_id");
              EXPECT_NE(context, request.context.end());
            }
            return request.action == denied_action_
                       ? DecisionKind::kImplicitDeny
                       : DecisionKind::kAllow;
          };
          return options;
        }()) {
    Restart(Behavior::Current());
    KeyCaller root;
    root.caller = {"123456789012", "us-east-1",
                   "arn:aws:iam::123456789012:root"};
    root_ = root;
    key_ = std::get<KeyMetadata>(kms_.CreateKey(root, {})).arn;
    v1::PutResourcePolicyRequest put;
    put.set_policy_in_json(
        R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", )"
        R"("Principal": "*", "Action": "glue:GetTable", "Resource": )"
        R"("arn:aws:glue:us-east-1:123456789012:*"}]})");
    EXPECT_TRUE(engine_->PutResourcePolicy(kAlice, put).ok());
  }

  void Restart(const Behavior& behavior) {
    EngineOptions options;
    options.behavior = behavior;
    options.key_service = &kms_;
    engine_.emplace(&storage_, options);
  }

  void Encrypt(v1::CatalogEncryptionMode mode,
               const std::optional<std::string>& key) {
    v1::PutDataCatalogEncryptionSettingsRequest put;
    auto* at_rest = put.mutable_data_catalog_encryption_settings()
                        ->mutable_encryption_at_rest();
    at_rest->set_catalog_encryption_mode(mode);
    if (key.has_value()) at_rest->set_sse_aws_kms_key_id(*key);
    if (mode == v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE) {
      at_rest->set_catalog_encryption_service_role(kRoleArn);
    }
    ASSERT_TRUE(engine_->PutDataCatalogEncryptionSettings(kAlice, put).ok());
  }

  // Returns the error code of KMS, "" when the policy was shown.
  std::string Refusal() {
    const auto list = engine_->GetResourcePolicies(kAlice, {});
    if (list.ok()) {
      EXPECT_EQ(list->policies_size(), 1);
      return "";
    }
    const auto error = ErrorFromStatus(list.status());
    EXPECT_TRUE(error.has_value());
    EXPECT_EQ(error->code(), v1::ERROR_CODE_GLUE_ENCRYPTION);
    EXPECT_THAT(error->message(), HasSubstr("(Service: AWSKMS; "));
    const std::string label = "Error Code: ";
    const size_t begin = error->message().find(label) + label.size();
    return error->message().substr(begin,
                                   error->message().find(';', begin) - begin);
  }

  std::string denied_action_;
  std::string asked_;
  LocalKms kms_;
  KeyCaller root_;
  std::string key_;
  MemoryStorage storage_;
  std::optional<Engine> engine_;
};

TEST_F(CatalogKeyTest, WithTheRightToDecrypt_ThePolicyIsShown) {
  Encrypt(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS, key_);
  EXPECT_EQ(Refusal(), "");
  EXPECT_EQ(asked_, kAliceArn);
  // No other right is needed.
  for (const char* action :
       {"kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey"}) {
    denied_action_ = action;
    EXPECT_EQ(Refusal(), "") << action;
  }
}

TEST_F(CatalogKeyTest, WithoutTheRight_ItIsRefusedAsTheKeyRefuses) {
  Encrypt(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS, key_);
  denied_action_ = "kms:Decrypt";
  EXPECT_EQ(Refusal(), "AccessDeniedException");
  // GetResourcePolicy needs no key.
  EXPECT_TRUE(engine_->GetResourcePolicy(kAlice, {}).ok());
  denied_action_.clear();
  ASSERT_EQ(kms_.DisableKey(root_, key_), std::nullopt);
  EXPECT_EQ(Refusal(), "DisabledException");
  Encrypt(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS, "alias/none");
  EXPECT_EQ(Refusal(), "NotFoundException");
}

TEST_F(CatalogKeyTest, WithoutAKey_ThatOfGlueIsAsked) {
  Encrypt(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS, std::nullopt);
  denied_action_ = "kms:Decrypt";
  // Its policy allows everybody of the account.
  EXPECT_EQ(Refusal(), "");
}

TEST_F(CatalogKeyTest, AServiceRoleIsAskedInThePlaceOfTheCaller) {
  Encrypt(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE, key_);
  EXPECT_EQ(Refusal(), "");
  EXPECT_EQ(asked_, kRoleArn);
}

TEST_F(CatalogKeyTest, WhileTheCatalogIsNotEncrypted_NoKeyIsAsked) {
  denied_action_ = "kms:Decrypt";
  EXPECT_EQ(Refusal(), "");
  Encrypt(v1::CATALOG_ENCRYPTION_MODE_DISABLED, key_);
  EXPECT_EQ(Refusal(), "");
  EXPECT_EQ(asked_, "");
}

TEST_F(CatalogKeyTest, WithoutTheBehavior_NoKeyIsAsked) {
  Encrypt(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS, key_);
  denied_action_ = "kms:Decrypt";
  Behavior behavior = Behavior::Current();
  behavior.policies_need_catalog_key = false;
  Restart(behavior);
  EXPECT_EQ(Refusal(), "");
  EXPECT_EQ(asked_, "");
  EXPECT_FALSE(Behavior::Documented().policies_need_catalog_key);
  EXPECT_FALSE(Behavior::Observed().policies_need_catalog_key);
}

}  // namespace
}  // namespace glue_security
