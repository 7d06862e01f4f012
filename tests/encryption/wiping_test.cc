// Passwords in clear, data keys and what was sealed are in no block of memory
// as it is freed, whether by the library or by libcrypto.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/encryption/connection_passwords.h"
#include "glue_security/encryption/embedder/catalog_sealer.h"
#include "glue_security/encryption/encryption_settings.h"
#include "glue_security/encryption/sealed_object.h"
#include "gtest/gtest.h"
#include "tests/encryption/fake_key_service.h"
#include "tests/support/freed_memory.h"

namespace glue_security {
namespace {

constexpr char kAccount[] = "123456789012";
constexpr char kRegion[] = "us-east-1";

// 96 bytes of which every part differs from the others.
std::string Marker() {
  std::string marker;
  for (int i = 0; marker.size() < 96; ++i) {
    absl::StrAppend(&marker, i * i * i + 7, "#");
  }
  marker.resize(96);
  return marker;
}

// A middle piece, since the allocator overwrites the start of a freed block.
std::string Needle() { return Marker().substr(32, 16); }

class WipingTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(SearchLibcrypto()); }

  WipingTest()
      : marker_(Marker()),
        needle_(Needle()),
        key_(keys_.AddKey(kAccount, kRegion, "key")) {
    auto* password = settings_.mutable_connection_password_encryption();
    password->set_return_connection_password_encrypted(false);
    password->set_aws_kms_key_id(key_);
    auto* at_rest = settings_.mutable_encryption_at_rest();
    at_rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
    at_rest->set_sse_aws_kms_key_id(key_);
  }

  const Caller caller_ = {kAccount, kRegion, ""};
  const std::string marker_;
  const std::string needle_;
  FakeKeyService keys_;
  const std::string key_;
  v1::DataCatalogEncryptionSettings settings_;
};

TEST_F(WipingTest, AStringThatIsFreed_IsFound) {
  FreedMemory freed(needle_);
  std::make_unique<std::string>(marker_);
  EXPECT_EQ(freed.found(), 1);
  std::optional<std::vector<char>> bytes;
  bytes.emplace(marker_.begin(), marker_.end());
  bytes.reset();
  EXPECT_EQ(freed.found(), 2);
}

TEST_F(WipingTest, Secrets_AreNotFound) {
  FreedMemory freed(needle_);
  {
    std::vector<Secret> secrets;
    for (int i = 0; i < 100; ++i) secrets.emplace_back(marker_);
    Secret copy = secrets[0];
    Secret moved = std::move(copy);
    secrets[1] = moved;
    secrets[2] = Secret();
  }
  EXPECT_GE(freed.freed(), 100);
  EXPECT_EQ(freed.found(), 0);
}

TEST_F(WipingTest, Passwords_AreNotFound) {
  const std::map<std::string, std::string> given = {
      {"PASSWORD", marker_},
      {"KAFKA_CLIENT_KEY_PASSWORD", marker_},
      {"KAFKA_CLIENT_KEYSTORE_PASSWORD", marker_}};
  std::map<std::string, std::string> properties = given;
  FreedMemory freed(needle_);
  {
    std::vector<EncryptResult> encrypted;
    for (const EncryptCall& call : PasswordsToEncrypt(
             Behavior::Current(), settings_, PropertiesOf(properties))) {
      encrypted.push_back(
          std::get<EncryptResult>(keys_.Encrypt(ThroughGlue(caller_), call)));
    }
    const auto edits = EditsOfWrite(Behavior::Current(), settings_,
                                    PropertiesOf(given), encrypted);
    // The request's own map would free its passwords here.
    std::map<std::string, std::string> stored;
    for (const PropertyEdit& edit : edits) {
      if (edit.value.has_value()) {
        stored[edit.key] = std::string(edit.value->view());
      }
    }
    ASSERT_EQ(stored.size(), 3u);
    std::vector<DecryptResult> decrypted;
    for (const DecryptCall& call :
         PasswordsToDecrypt(settings_, false, PropertiesOf(stored))) {
      decrypted.push_back(
          std::get<DecryptResult>(keys_.Decrypt(ThroughGlue(caller_), call)));
    }
    const auto shown =
        EditsOfRead(settings_, false, PropertiesOf(stored),
                    {&decrypted.at(0), &decrypted.at(1), &decrypted.at(2)});
    ASSERT_EQ(shown.size(), 6u);
    ASSERT_EQ(shown[0].value->view(), marker_);
    keys_.TakeCalls();
  }
  EXPECT_GT(freed.freed(), 50);
  EXPECT_EQ(freed.found(), 0);
}

TEST_F(WipingTest, WhatIsSealed_IsNotFound) {
  FreedMemory freed(needle_);
  {
    const CatalogSealer sealer(settings_, &keys_);
    const CatalogKey catalog = {kAccount, kRegion};
    const auto stored = sealer.Seal(caller_, catalog, "table", "t", marker_);
    ASSERT_TRUE(stored.ok());
    const auto opened = sealer.Open(caller_, catalog, "table", "t", *stored);
    ASSERT_TRUE(opened.ok());
    ASSERT_EQ(opened->view(), marker_);
    keys_.TakeCalls();
  }
  EXPECT_GT(freed.freed(), 20);
  EXPECT_EQ(freed.found(), 0);
}

TEST_F(WipingTest, DataKeys_AreNotFound) {
  const std::string data_key = marker_.substr(0, 32);
  const std::string needle = data_key.substr(8, 16);
  const ObjectName name = {kAccount, kRegion, "table", "t"};
  FreedMemory freed(needle);
  {
    const GenerateDataKeyResult made = {Secret(data_key), "blob", key_};
    const auto sealed = SealObject(name, made, "bytes");
    ASSERT_TRUE(sealed.has_value());
    const auto opened = OpenObject(name, *sealed, {made.plaintext, key_});
    ASSERT_TRUE(opened.has_value());
  }
  EXPECT_GT(freed.freed(), 5);
  EXPECT_EQ(freed.found(), 0);
}

}  // namespace
}  // namespace glue_security
