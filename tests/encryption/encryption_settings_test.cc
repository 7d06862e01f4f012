#include "glue_security/encryption/encryption_settings.h"

#include <string>

#include "gtest/gtest.h"

namespace glue_security {
namespace {

using Settings = v1::DataCatalogEncryptionSettings;

constexpr char kKey[] = "alias/passwords";

const Caller kCaller = {"123456789012", "us-east-1",
                        "arn:aws:iam::123456789012:user/alice"};

Settings PasswordSettings(bool flag, const std::string& key) {
  Settings settings;
  auto* password = settings.mutable_connection_password_encryption();
  password->set_return_connection_password_encrypted(flag);
  if (!key.empty()) password->set_aws_kms_key_id(key);
  return settings;
}

Settings CatalogSettings(v1::CatalogEncryptionMode mode) {
  Settings settings;
  settings.mutable_encryption_at_rest()->set_catalog_encryption_mode(mode);
  return settings;
}

TEST(EncryptionSettings, Passwords_AreEncryptedByFlagOrKey) {
  struct Row {
    bool flag;
    const char* key;
    // For kFlag, kKey and kFlagOrKey.
    bool by_flag;
    bool by_key;
    bool by_either;
  };
  const Row kRows[] = {
      {false, "", false, false, false},
      {false, kKey, false, true, true},
      {true, "", true, false, true},
      {true, kKey, true, true, true},
  };
  for (const Row& row : kRows) {
    SCOPED_TRACE(testing::Message() << row.flag << " " << row.key);
    const Settings settings = PasswordSettings(row.flag, row.key);
    Behavior behavior;
    behavior.password_protection = PasswordProtection::kFlag;
    EXPECT_EQ(EncryptsPasswords(behavior, settings), row.by_flag);
    behavior.password_protection = PasswordProtection::kKey;
    EXPECT_EQ(EncryptsPasswords(behavior, settings), row.by_key);
    behavior.password_protection = PasswordProtection::kFlagOrKey;
    EXPECT_EQ(EncryptsPasswords(behavior, settings), row.by_either);
    EXPECT_EQ(ReturnsPasswordsEncrypted(settings), row.flag);
  }
}

TEST(EncryptionSettings, PasswordProtection_IsByEitherInEveryPreset) {
  for (const Behavior& behavior :
       {Behavior::Documented(), Behavior::Observed(), Behavior::Current()}) {
    EXPECT_EQ(behavior.password_protection, PasswordProtection::kFlagOrKey);
  }
}

TEST(EncryptionSettings, NeverPut_EncryptsNothing) {
  EXPECT_FALSE(EncryptsPasswords(Behavior(), Settings()));
  EXPECT_FALSE(ReturnsPasswordsEncrypted(Settings()));
  EXPECT_FALSE(SealsObjects(Settings()));
}

TEST(EncryptionSettings, EachPurpose_HasItsOwnKey) {
  Settings settings = PasswordSettings(true, kKey);
  EXPECT_EQ(PasswordKey(settings), kKey);
  EXPECT_EQ(ObjectKey(settings), "alias/aws/glue");
  settings.mutable_encryption_at_rest()->set_sse_aws_kms_key_id("1234abcd");
  EXPECT_EQ(PasswordKey(settings), kKey);
  EXPECT_EQ(ObjectKey(settings), "1234abcd");
  EXPECT_EQ(PasswordKey(PasswordSettings(true, "")), "alias/aws/glue");
}

TEST(EncryptionSettings, Objects_AreSealedInEveryModeButDisabled) {
  EXPECT_FALSE(
      SealsObjects(CatalogSettings(v1::CATALOG_ENCRYPTION_MODE_DISABLED)));
  EXPECT_TRUE(
      SealsObjects(CatalogSettings(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS)));
  EXPECT_TRUE(SealsObjects(
      CatalogSettings(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE)));
  // A mode that a later build has stored.
  EXPECT_TRUE(
      SealsObjects(CatalogSettings(static_cast<v1::CatalogEncryptionMode>(9))));
}

TEST(EncryptionSettings, ThroughGlue_NamesTheServiceOfTheRegion) {
  struct Row {
    const char* region;
    const char* partition;
    const char* service;
  };
  const Row kRows[] = {
      {"us-east-1", "", "glue.us-east-1.amazonaws.com"},
      {"cn-north-1", "", "glue.cn-north-1.amazonaws.com.cn"},
      {"us-gov-west-1", "", "glue.us-gov-west-1.amazonaws.com"},
      {"us-iso-east-1", "", "glue.us-iso-east-1.c2s.ic.gov"},
      {"eusc-de-east-1", "", "glue.eusc-de-east-1.amazonaws.eu"},
      // The caller's partition counts where it is given.
      {"us-east-1", "aws-cn", "glue.us-east-1.amazonaws.com.cn"},
  };
  for (const Row& row : kRows) {
    Caller caller = kCaller;
    caller.region = row.region;
    caller.partition = row.partition;
    const KeyCaller through = ThroughGlue(caller);
    EXPECT_EQ(through.via_service, row.service);
    EXPECT_EQ(through.caller, caller);
  }
}

TEST(EncryptionSettings, ObjectKeyCaller_IsTheCaller_ButInTheModeWithARole) {
  constexpr char kRole[] = "arn:aws:iam::210987654321:role/team/glue";
  for (const auto mode :
       {v1::CATALOG_ENCRYPTION_MODE_DISABLED,
        v1::CATALOG_ENCRYPTION_MODE_SSE_KMS,
        v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE}) {
    SCOPED_TRACE(v1::CatalogEncryptionMode_Name(mode));
    Settings settings = CatalogSettings(mode);
    EXPECT_EQ(ObjectKeyCaller(kCaller, settings), ThroughGlue(kCaller));
    settings.mutable_encryption_at_rest()->set_catalog_encryption_service_role(
        kRole);
    const KeyCaller caller = ObjectKeyCaller(kCaller, settings);
    if (mode == v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE) {
      EXPECT_EQ(caller.caller.principal_arn, kRole);
      EXPECT_EQ(caller.caller.account_id, "210987654321");
      EXPECT_EQ(caller.caller.region, "us-east-1");
      EXPECT_EQ(caller.caller.role_arn, "");
      EXPECT_EQ(caller.via_service, "glue.us-east-1.amazonaws.com");
    } else {
      EXPECT_EQ(caller, ThroughGlue(kCaller));
    }
  }
}

TEST(EncryptionSettings, ARoleWithoutAnAccount_HasTheCallersAccount) {
  Settings settings =
      CatalogSettings(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE);
  for (const char* role : {"glue", "arn:aws:iam", "arn:aws:iam:::role/glue"}) {
    settings.mutable_encryption_at_rest()->set_catalog_encryption_service_role(
        role);
    const KeyCaller caller = ObjectKeyCaller(kCaller, settings);
    EXPECT_EQ(caller.caller.principal_arn, role);
    EXPECT_EQ(caller.caller.account_id, kCaller.account_id) << role;
  }
}

}  // namespace
}  // namespace glue_security
