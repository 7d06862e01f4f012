#include "glue_security/encryption/sealed_object.h"

#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/encryption/keys/key_blob.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/encryption/fake_key_service.h"
#include "tests/encryption/golden_file.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr char kAccount[] = "123456789012";
constexpr char kRegion[] = "us-east-1";

const ObjectName kName = {kAccount, kRegion, "connection", "warehouse"};

std::optional<std::string> Text(const std::optional<Secret>& secret) {
  if (!secret.has_value()) return std::nullopt;
  return std::string(secret->view());
}

class SealedObjectTest : public testing::Test {
 protected:
  SealedObjectTest() : key_(keys_.AddKey(kAccount, kRegion, "catalog")) {
    auto* at_rest = settings_.mutable_encryption_at_rest();
    at_rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
    at_rest->set_sse_aws_kms_key_id(key_);
  }

  GenerateDataKeyResult MakeDataKey(absl::string_view catalog_id = kAccount) {
    auto answer =
        keys_.GenerateDataKey(caller_, DataKeyToSeal(settings_, catalog_id));
    return std::get<GenerateDataKeyResult>(answer);
  }

  v1::SealedObject Seal(const ObjectName& name, absl::string_view bytes) {
    return SealObject(name, MakeDataKey(name.catalog_id), bytes).value();
  }

  // Opens an object as a reader does; nullopt when that is refused, or finds
  // damage.
  std::optional<std::string> Open(const ObjectName& name,
                                  const v1::SealedObject& sealed) {
    const auto call = DataKeyToOpen(sealed, name.catalog_id);
    if (!call.has_value()) return std::nullopt;
    const auto answer = keys_.Decrypt(caller_, *call);
    const auto* data_key = std::get_if<DecryptResult>(&answer);
    if (data_key == nullptr) return std::nullopt;
    return Text(OpenObject(name, sealed, *data_key));
  }

  static GenerateDataKeyResult MakeKnownKey() {
    return {Secret(std::string(32, 'k')), "the blob", "the ARN"};
  }

  FakeKeyService keys_;
  const KeyCaller caller_ = {{kAccount, kRegion, ""}, ""};
  const std::string key_;
  v1::DataCatalogEncryptionSettings settings_;
};

TEST_F(SealedObjectTest, Opened_IsWhatWasSealed) {
  for (const size_t size : {0u, 1u, 16u, 300u, 100'000u}) {
    const std::string bytes(size, '\xC3');
    EXPECT_EQ(Open(kName, Seal(kName, bytes)), bytes) << size;
  }
}

TEST_F(SealedObjectTest, Calls_NameTheKeyAndTheCatalogAsContext) {
  const GenerateDataKeyCall make = DataKeyToSeal(settings_, "the catalog");
  EXPECT_EQ(make.key, key_);
  EXPECT_THAT(make.context,
              ElementsAre(Pair("glue_catalog_id", "the catalog")));
  EXPECT_THAT(make.grant_tokens, SizeIs(0));
  settings_.mutable_encryption_at_rest()->clear_sse_aws_kms_key_id();
  EXPECT_EQ(DataKeyToSeal(settings_, kAccount).key, "alias/aws/glue");

  const v1::SealedObject sealed =
      SealObject(kName, MakeKnownKey(), "x").value();
  const DecryptCall open = DataKeyToOpen(sealed, "the catalog").value();
  EXPECT_EQ(open.blob, "the blob");
  EXPECT_EQ(open.key, "the ARN");
  EXPECT_THAT(open.context,
              ElementsAre(Pair("glue_catalog_id", "the catalog")));
}

TEST_F(SealedObjectTest, Stored_HoldsNeitherTheBytesNorTheDataKey) {
  const std::string bytes(96, 'S');
  const GenerateDataKeyResult data_key = MakeDataKey();
  const std::string stored =
      SealObject(kName, data_key, bytes)->SerializeAsString();
  // Not even a few bytes of either.
  EXPECT_FALSE(absl::StrContains(stored, "SSS"));
  for (size_t at = 0; at + 8 <= data_key.plaintext.size(); ++at) {
    EXPECT_FALSE(
        absl::StrContains(stored, data_key.plaintext.view().substr(at, 8)));
  }
}

TEST_F(SealedObjectTest, SameArguments_GiveTheSameBytes) {
  const GenerateDataKeyResult data_key = MakeDataKey();
  EXPECT_EQ(SealObject(kName, data_key, "x")->SerializeAsString(),
            SealObject(kName, data_key, "x")->SerializeAsString());
}

TEST_F(SealedObjectTest, ADataKeyThatSealsAgain_HasAnotherNonceForOtherBytes) {
  // A write that met a conflict seals again with the same data key.
  const GenerateDataKeyResult data_key = MakeDataKey();
  std::set<std::string> nonces;
  for (int i = 0; i < 1000; ++i) {
    nonces.insert(
        SealObject(kName, data_key, absl::StrCat("version ", i))->nonce());
  }
  ObjectName other = kName;
  other.id = "another";
  nonces.insert(SealObject(other, data_key, "version 0")->nonce());
  EXPECT_THAT(nonces, SizeIs(1001));
}

TEST_F(SealedObjectTest, EverySingleBitFlip_OfTheStoredBytes_IsFound) {
  const std::string bytes = "the object";
  const std::string stored = Seal(kName, bytes).SerializeAsString();
  for (size_t bit = 0; bit < 8 * stored.size(); ++bit) {
    std::string flipped = stored;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    v1::SealedObject sealed;
    if (!sealed.ParseFromString(flipped)) continue;
    EXPECT_EQ(Open(kName, sealed), std::nullopt) << "bit " << bit;
  }
}

TEST_F(SealedObjectTest, EverySingleBitFlip_OfAField_IsFoundWithTheRightKey) {
  // The key service is not asked here: what it would find, too, counts as not
  // found.
  const GenerateDataKeyResult data_key = MakeDataKey();
  const DecryptResult answer = {data_key.plaintext, data_key.key_arn};
  const v1::SealedObject sealed = SealObject(kName, data_key, "bytes").value();
  ASSERT_EQ(Text(OpenObject(kName, sealed, answer)), "bytes");
  const auto flip_all = [&](std::string* (v1::SealedObject::*field)()) {
    const size_t size = (v1::SealedObject(sealed).*field)()->size();
    for (size_t bit = 0; bit < 8 * size; ++bit) {
      v1::SealedObject flipped = sealed;
      char& byte = (*(flipped.*field)())[bit / 8];
      byte = static_cast<char>(byte ^ (1 << bit % 8));
      EXPECT_EQ(OpenObject(kName, flipped, answer), std::nullopt);
    }
  };
  flip_all(&v1::SealedObject::mutable_nonce);
  flip_all(&v1::SealedObject::mutable_ciphertext);
  flip_all(&v1::SealedObject::mutable_tag);
  flip_all(&v1::SealedObject::mutable_key_arn);
}

TEST_F(SealedObjectTest, CutBytes_AreFound) {
  const std::string stored = Seal(kName, "the object").SerializeAsString();
  for (size_t size = 0; size < stored.size(); ++size) {
    v1::SealedObject sealed;
    if (!sealed.ParseFromString(stored.substr(0, size))) continue;
    EXPECT_EQ(Open(kName, sealed), std::nullopt) << size;
  }
}

TEST_F(SealedObjectTest, AnotherName_DoesNotOpen) {
  // The names differ in one part, or in how the same letters are divided.
  const std::vector<ObjectName> names = {
      {"1", "r", "k", "i"},  {"2", "r", "k", "i"},  {"1", "s", "k", "i"},
      {"1", "r", "l", "i"},  {"1", "r", "k", "j"},  {"1r", "", "k", "i"},
      {"1", "rk", "", "i"},  {"1", "r", "ki", ""},  {"", "1", "r", "ki"},
      {"1", "r", "", "ki"},  {"", "", "", ""},      {"1", "r", "k", "i "},
      {"1", "r", "k", "ii"}, {"1", "r", "kk", "i"}, {"11", "r", "k", "i"},
  };
  for (const ObjectName& sealed_as : names) {
    const v1::SealedObject sealed = Seal(sealed_as, "bytes");
    for (const ObjectName& opened_as : names) {
      const bool is_same = &sealed_as == &opened_as;
      EXPECT_EQ(Open(opened_as, sealed).has_value(), is_same);
      // It does not depend on the context of the key call either.
      auto answer = keys_.Decrypt(
          caller_, DataKeyToOpen(sealed, sealed_as.catalog_id).value());
      EXPECT_EQ(OpenObject(opened_as, sealed, std::get<DecryptResult>(answer))
                    .has_value(),
                is_same);
    }
  }
}

TEST_F(SealedObjectTest, PartsOfTwoObjects_DoNotOpenTogether) {
  const v1::SealedObject first = Seal(kName, "bytes");
  const v1::SealedObject second = Seal(kName, "bytes");
  v1::SealedObject mixed = first;
  mixed.set_encrypted_data_key(second.encrypted_data_key());
  EXPECT_EQ(Open(kName, mixed), std::nullopt);
  mixed = first;
  mixed.set_ciphertext(second.ciphertext());
  EXPECT_EQ(Open(kName, mixed), std::nullopt);
  mixed = first;
  mixed.set_tag(second.tag());
  EXPECT_EQ(Open(kName, mixed), std::nullopt);
}

TEST_F(SealedObjectTest, AnotherFormatVersion_IsRefused) {
  const v1::SealedObject sealed = Seal(kName, "bytes");
  for (const uint32_t version : {0u, 2u, 256u, 0xFFFFFFFFu}) {
    v1::SealedObject other = sealed;
    other.set_format_version(version);
    EXPECT_EQ(DataKeyToOpen(other, kAccount), std::nullopt) << version;
    EXPECT_EQ(OpenObject(kName, other, {MakeDataKey().plaintext, key_}),
              std::nullopt);
  }
}

TEST_F(SealedObjectTest, AnUnknownField_IsRefused) {
  v1::SealedObject sealed = Seal(kName, "bytes");
  sealed.GetReflection()->MutableUnknownFields(&sealed)->AddVarint(15, 1);
  EXPECT_EQ(Open(kName, sealed), std::nullopt);
}

TEST_F(SealedObjectTest, AnAnswerOfAnotherKey_DoesNotOpen) {
  const GenerateDataKeyResult data_key = MakeDataKey();
  const v1::SealedObject sealed = SealObject(kName, data_key, "bytes").value();
  EXPECT_TRUE(
      OpenObject(kName, sealed, {data_key.plaintext, key_}).has_value());
  EXPECT_EQ(OpenObject(kName, sealed, {data_key.plaintext, "another"}),
            std::nullopt);
  EXPECT_EQ(OpenObject(kName, sealed, {Secret(std::string(16, 'k')), key_}),
            std::nullopt);
  EXPECT_EQ(OpenObject(kName, sealed, {Secret(), key_}), std::nullopt);
}

TEST_F(SealedObjectTest, AnAnswerWithoutADataKey_SealsNothing) {
  const GenerateDataKeyResult good = MakeDataKey();
  GenerateDataKeyResult bad = good;
  bad.plaintext = Secret(good.plaintext.view().substr(1));
  EXPECT_FALSE(SealObject(kName, bad, "x").has_value());
  bad = good;
  bad.blob.clear();
  EXPECT_FALSE(SealObject(kName, bad, "x").has_value());
  bad = good;
  bad.key_arn.clear();
  EXPECT_FALSE(SealObject(kName, bad, "x").has_value());
  bad.key_arn = "\xFF";
  EXPECT_FALSE(SealObject(kName, bad, "x").has_value());
  EXPECT_TRUE(SealObject(kName, good, "x").has_value());
}

TEST(SealedObjectGolden, ADataKeyOfAnOlderBuild_IsRead) {
  const GoldenFile golden;
  const std::string bytes = golden.Bytes("encrypted_data_key");
  const auto blob = ParseKeyBlob(bytes);
  ASSERT_TRUE(blob.has_value());
  EXPECT_EQ(blob->key_arn, golden.Text("key_arn"));
  EXPECT_EQ(blob->material_number, 0u);
  EXPECT_EQ(Text(OpenKeyBlob(*blob, Secret(golden.Bytes("key_material")),
                             {{"glue_catalog_id", golden.Text("catalog_id")}})),
            golden.Bytes("data_key"));
}

TEST(SealedObjectGolden, AnObjectOfAnOlderBuild_IsRead) {
  const GoldenFile golden;
  const std::string catalog_id = golden.Text("catalog_id");
  const std::string region = golden.Text("region");
  const std::string kind = golden.Text("kind");
  const std::string id = golden.Text("id");
  const ObjectName name = {catalog_id, region, kind, id};
  v1::SealedObject sealed;
  ASSERT_TRUE(sealed.ParseFromString(golden.Bytes("sealed_object")));
  const DecryptCall call = DataKeyToOpen(sealed, catalog_id).value();
  EXPECT_EQ(call.blob, golden.Bytes("encrypted_data_key"));
  EXPECT_EQ(call.key, golden.Text("key_arn"));
  const Secret data_key(golden.Bytes("data_key"));
  EXPECT_EQ(Text(OpenObject(name, sealed, {data_key, call.key})),
            golden.Text("text"));
  // Today's build makes the same.
  const GenerateDataKeyResult made = {data_key, call.blob, call.key};
  EXPECT_EQ(SealObject(name, made, golden.Text("text"))->SerializeAsString(),
            golden.Bytes("sealed_object"));
}

}  // namespace
}  // namespace glue_security
