#include "glue_security/encryption/keys/catalog_sealer.h"

#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "glue_security/encryption/encryption_settings.h"
#include "glue_security/encryption/key_refusal.h"
#include "glue_security/model/error.h"
#include "glue_security/testing/matchers.h"
#include "glue_security/v1/stored_record.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/encryption/fake_key_service.h"
#include "tests/encryption/golden_file.h"

namespace glue_security {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using Settings = v1::DataCatalogEncryptionSettings;

const Caller kAlice = {"123456789012", "us-east-1",
                       "arn:aws:iam::123456789012:user/alice"};
const CatalogKey kCatalog = {"123456789012", "us-east-1"};
constexpr char kRole[] = "arn:aws:iam::123456789012:role/glue";

Settings MakeSettings(v1::CatalogEncryptionMode mode, const std::string& key) {
  Settings settings;
  auto* at_rest = settings.mutable_encryption_at_rest();
  at_rest->set_catalog_encryption_mode(mode);
  if (!key.empty()) at_rest->set_sse_aws_kms_key_id(key);
  return settings;
}

Settings On(const std::string& key) {
  return MakeSettings(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS, key);
}

Settings Off() {
  return MakeSettings(v1::CATALOG_ENCRYPTION_MODE_DISABLED, "");
}

class CatalogSealerTest : public testing::Test {
 protected:
  CatalogSealerTest()
      : key_(keys_.AddKey("123456789012", "us-east-1", "catalog")),
        other_key_(keys_.AddKey("123456789012", "us-east-1", "other")),
        glue_key_(keys_.AddKey("123456789012", "us-east-1", "glue")) {
    keys_.AddAlias("alias/aws/glue", glue_key_);
  }

  absl::StatusOr<std::string> Seal(const Settings& settings,
                                   absl::string_view bytes) {
    return CatalogSealer(settings, &keys_)
        .Seal(kAlice, kCatalog, "table", "default/orders", bytes);
  }

  absl::StatusOr<std::string> Open(const Settings& settings,
                                   absl::string_view stored) {
    const auto opened =
        CatalogSealer(settings, &keys_)
            .Open(kAlice, kCatalog, "table", "default/orders", stored);
    if (!opened.ok()) return opened.status();
    return std::string(opened->view());
  }

  static void ExpectDamaged(const absl::Status& status) {
    EXPECT_THAT(status, HasErrorCode(v1::ERROR_CODE_INTERNAL_SERVICE));
    const auto error = ErrorFromStatus(status);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->detail(), v1::Error::DETAIL_DATA_LOSS);
  }

  FakeKeyService keys_;
  const std::string key_;
  const std::string other_key_;
  const std::string glue_key_;
};

TEST_F(CatalogSealerTest, SealAndOpen_GiveTheBytesBack) {
  FakeKeyService& keys = keys_;
  const Caller& caller = kAlice;
  const Settings settings = On(key_);
  const std::string bytes = "columns: order_id bigint";
  // [seal a table]
  const CatalogSealer sealer(settings, &keys);
  const CatalogKey catalog = {"123456789012", "us-east-1"};
  absl::StatusOr<std::string> stored =
      sealer.Seal(caller, catalog, "table", "default/orders", bytes);
  absl::StatusOr<Secret> opened =
      sealer.Open(caller, catalog, "table", "default/orders", *stored);
  // [seal a table end]
  ASSERT_THAT(stored, IsOk());
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->view(), bytes);
  EXPECT_FALSE(absl::StrContains(*stored, "order_id"));
}

TEST_F(CatalogSealerTest, EachSeal_HasADataKeyOfItsOwn) {
  EXPECT_NE(*Seal(On(key_), "bytes"), *Seal(On(key_), "bytes"));
  const auto calls = keys_.TakeCalls();
  ASSERT_THAT(calls, SizeIs(2));
  const auto& call = std::get<GenerateDataKeyCall>(calls[0].call);
  EXPECT_EQ(call.key, key_);
  EXPECT_EQ(call.context,
            (EncryptionContext{{"glue_catalog_id", "123456789012"}}));
  EXPECT_EQ(calls[0].caller, ThroughGlue(kAlice));
}

TEST_F(CatalogSealerTest, WithoutAKey_TheKeyOfGlueIsUsed) {
  ASSERT_THAT(Seal(On(""), "bytes"), IsOk());
  keys_.Disable(glue_key_);
  EXPECT_THAT(Seal(On(""), "bytes"),
              HasErrorCode(v1::ERROR_CODE_GLUE_ENCRYPTION));
}

TEST_F(CatalogSealerTest, WhileItIsOff_NothingIsSealedAndNoKeyIsAsked) {
  for (const Settings& settings : {Off(), Settings()}) {
    const auto stored = Seal(settings, "bytes");
    ASSERT_THAT(stored, IsOk());
    EXPECT_THAT(*stored, HasSubstr("bytes"));
    EXPECT_THAT(Open(settings, *stored), IsOkAndHolds("bytes"));
    EXPECT_THAT(Open(On(key_), *stored), IsOkAndHolds("bytes"));
  }
  EXPECT_THAT(keys_.TakeCalls(), IsEmpty());
}

TEST_F(CatalogSealerTest, WhatWasSealed_StaysReadableThroughItsOwnKey) {
  const auto stored = Seal(On(key_), "bytes");
  ASSERT_THAT(stored, IsOk());
  for (const Settings& settings : {Off(), Settings(), On(other_key_)}) {
    EXPECT_THAT(Open(settings, *stored), IsOkAndHolds("bytes"));
  }
  keys_.Disable(key_);
  for (const Settings& settings : {Off(), Settings(), On(other_key_)}) {
    EXPECT_THAT(Open(settings, *stored),
                HasErrorCode(v1::ERROR_CODE_GLUE_ENCRYPTION));
  }
  keys_.Enable(key_);
  EXPECT_THAT(Open(Off(), *stored), IsOkAndHolds("bytes"));
}

TEST_F(CatalogSealerTest, ARefusal_IsGlueEncryptionExceptionWithItsText) {
  const auto stored = Seal(On(key_), "bytes");
  ASSERT_THAT(stored, IsOk());
  const KeyRefusal refusal = {"DependencyTimeoutException", "late", 500, "ID"};
  keys_.RefuseAll(refusal);
  for (const absl::Status& status :
       {Seal(On(key_), "bytes").status(), Open(On(key_), *stored).status()}) {
    const auto error = ErrorFromStatus(status);
    ASSERT_TRUE(error.has_value());
    EXPECT_THAT(*error, EqualsProto(GlueEncryptionError(refusal)));
  }
}

TEST_F(CatalogSealerTest, Rights_AreThoseOfTheCaller) {
  const auto stored = Seal(On(key_), "bytes");
  keys_.AllowOnly("kms:GenerateDataKey", key_, "arn:aws:iam::1:user/bob");
  EXPECT_THAT(Seal(On(key_), "bytes"),
              HasErrorCode(v1::ERROR_CODE_GLUE_ENCRYPTION));
  EXPECT_THAT(Open(On(key_), *stored), IsOk());
  keys_.AllowOnly("kms:Decrypt", key_, "arn:aws:iam::1:user/bob");
  EXPECT_THAT(
      Open(On(key_), *stored),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("User: arn:aws:iam::123456789012:user/alice is not "
                         "authorized to perform: kms:Decrypt")));
}

TEST_F(CatalogSealerTest, WithAServiceRole_TheRoleUsesTheKey) {
  Settings settings =
      MakeSettings(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE, key_);
  settings.mutable_encryption_at_rest()->set_catalog_encryption_service_role(
      kRole);
  keys_.AllowOnly("kms:GenerateDataKey", key_, kRole);
  keys_.AllowOnly("kms:Decrypt", key_, kRole);
  const auto stored = Seal(settings, "bytes");
  ASSERT_THAT(stored, IsOk());
  EXPECT_THAT(Open(settings, *stored), IsOkAndHolds("bytes"));
  // Without the role in the settings, the caller's rights count.
  EXPECT_THAT(Open(On(key_), *stored),
              HasErrorCode(v1::ERROR_CODE_GLUE_ENCRYPTION));
  keys_.Deny("kms:Decrypt", key_);
  EXPECT_THAT(
      Open(settings, *stored),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("User: arn:aws:iam::123456789012:role/glue is not "
                         "authorized to perform: kms:Decrypt")));
}

TEST_F(CatalogSealerTest, AnotherObject_DoesNotOpen) {
  const auto stored = Seal(On(key_), "bytes");
  const CatalogSealer sealer(On(key_), &keys_);
  ExpectDamaged(
      sealer.Open(kAlice, kCatalog, "table", "default/invoices", *stored)
          .status());
  ExpectDamaged(
      sealer.Open(kAlice, kCatalog, "database", "default/orders", *stored)
          .status());
  ExpectDamaged(sealer
                    .Open(kAlice, {"123456789012", "eu-west-1"}, "table",
                          "default/orders", *stored)
                    .status());
  // The context of the data key has the catalog's id.
  EXPECT_THAT(sealer.Open(kAlice, {"210987654321", "us-east-1"}, "table",
                          "default/orders", *stored),
              HasErrorCode(v1::ERROR_CODE_GLUE_ENCRYPTION));
}

TEST_F(CatalogSealerTest, EverySingleBitFlip_OfASealedObject_IsFound) {
  const auto stored = Seal(On(key_), "the object");
  ASSERT_THAT(stored, IsOk());
  for (size_t bit = 0; bit < 8 * stored->size(); ++bit) {
    std::string flipped = *stored;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(Open(On(key_), flipped).ok()) << "bit " << bit;
  }
}

TEST_F(CatalogSealerTest, OtherBytes_AreDamaged) {
  const auto stored = Seal(On(key_), "bytes");
  ASSERT_THAT(stored, IsOk());
  ExpectDamaged(Open(On(key_), "").status());
  ExpectDamaged(Open(On(key_), "bytes").status());
  ExpectDamaged(Open(On(key_), stored->substr(1)).status());
  ExpectDamaged(Open(On(key_), *stored + '\0').status());
  // Two objects, of which protobuf would take the last.
  ExpectDamaged(Open(On(key_), *stored + *stored).status());
  ExpectDamaged(Open(On(key_), *Seal(Off(), "x") + *stored).status());
}

TEST_F(CatalogSealerTest, ALaterVersion_IsDamagedBeforeAnyKeyIsAsked) {
  v1::CatalogObject object;
  ASSERT_TRUE(object.ParseFromString(*Seal(On(key_), "bytes")));
  object.mutable_sealed()->set_format_version(2);
  keys_.TakeCalls();
  ExpectDamaged(Open(On(key_), object.SerializeAsString()).status());
  EXPECT_THAT(keys_.TakeCalls(), IsEmpty());
}

// Gives data keys of the wrong size.
class BrokenKeyService : public FakeKeyService {
 public:
  KeyAnswerOf<GenerateDataKeyResult> GenerateDataKey(
      const KeyCaller& caller, const GenerateDataKeyCall& call) override {
    auto answer = FakeKeyService::GenerateDataKey(caller, call);
    std::get<GenerateDataKeyResult>(answer).plaintext = Secret("short");
    return answer;
  }
};

TEST(CatalogSealer, ABrokenKeyService_EndsInInternalServiceException) {
  BrokenKeyService keys;
  const std::string key = keys.AddKey("123456789012", "us-east-1", "catalog");
  EXPECT_THAT(CatalogSealer(On(key), &keys)
                  .Seal(kAlice, kCatalog, "table", "t", "bytes"),
              HasErrorCode(v1::ERROR_CODE_INTERNAL_SERVICE));
}

// Throws instead of an answer.
class ThrowingKeyService : public FakeKeyService {
 public:
  KeyAnswerOf<GenerateDataKeyResult> GenerateDataKey(
      const KeyCaller& /*caller*/,
      const GenerateDataKeyCall& /*call*/) override {
    throw std::runtime_error("no key service");
  }
};

TEST(CatalogSealer, WhatTheKeyServiceThrows_Passes) {
  ThrowingKeyService keys;
  EXPECT_THROW((void)CatalogSealer(On("key"), &keys)
                   .Seal(kAlice, kCatalog, "table", "t", "bytes"),
               std::runtime_error);
}

TEST(CatalogSealerGolden, AnObjectOfAnOlderBuild_IsRead) {
  const GoldenFile golden;
  // Knows the data key of the file only.
  class GoldenKeys : public FakeKeyService {
   public:
    explicit GoldenKeys(const GoldenFile& golden) : golden_(golden) {}
    KeyAnswerOf<DecryptResult> Decrypt(const KeyCaller& /*caller*/,
                                       const DecryptCall& call) override {
      if (call.blob != golden_.Bytes("encrypted_data_key")) {
        return KeyRefusal{"InvalidCiphertextException", {}, 400, ""};
      }
      return DecryptResult{Secret(golden_.Bytes("data_key")), call.key};
    }

   private:
    const GoldenFile& golden_;
  };
  GoldenKeys keys(golden);
  const auto opened =
      CatalogSealer(Off(), &keys)
          .Open(kAlice, {golden.Text("catalog_id"), golden.Text("region")},
                golden.Text("kind"), golden.Text("id"),
                golden.Bytes("catalog_object"));
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->view(), golden.Text("text"));
}

}  // namespace
}  // namespace glue_security
