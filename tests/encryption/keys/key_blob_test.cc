#include "glue_security/encryption/keys/key_blob.h"

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr char kArn[] = "arn:aws:kms:us-east-1:123456789012:key/k";
constexpr char kNonce[] = "twelve bytes";

Secret Material() { return Secret(std::string(32, 'm')); }

std::string Seal(const EncryptionContext& context,
                 BlobMaker maker = BlobMaker::kEncrypt, uint32_t number = 0) {
  return SealKeyBlob(maker, kArn, number, Material(), kNonce, context, "clear");
}

std::optional<Secret> Open(const std::string& bytes,
                           const EncryptionContext& context) {
  const std::optional<KeyBlob> blob = ParseKeyBlob(bytes);
  if (!blob.has_value()) return std::nullopt;
  return OpenKeyBlob(*blob, Material(), context);
}

TEST(KeyBlob, Bytes_AreThoseOfTheFormat) {
  const std::string blob = Seal({}, BlobMaker::kEncrypt, 0x01020304);
  const std::string header =
      absl::StrCat(std::string("\x01\x02\x02\x00\x78\x01\x00\x28", 8), kArn,
                   std::string("\x01\x02\x03\x04", 4));
  EXPECT_EQ(blob.substr(0, header.size()), header);
  EXPECT_EQ(blob.substr(header.size(), 12), kNonce);
  EXPECT_EQ(blob.size(), header.size() + 12 + 5 + 16);
  const KeyBlob parsed = *ParseKeyBlob(blob);
  EXPECT_EQ(parsed.header, header);
  EXPECT_EQ(parsed.key_arn, kArn);
  EXPECT_EQ(parsed.material_number, 0x01020304U);
  EXPECT_EQ(parsed.nonce, kNonce);
  EXPECT_EQ(parsed.sealed, blob.substr(header.size() + 12));
}

TEST(KeyBlob, Base64_BeginsAsThatOfTheService) {
  EXPECT_TRUE(absl::StartsWith(absl::Base64Escape(Seal({})), "AQICAH"));
  EXPECT_TRUE(absl::StartsWith(
      absl::Base64Escape(Seal({}, BlobMaker::kGenerateDataKey)), "AQIDAH"));
}

// A ciphertext that this build reads must be read by every later one.
TEST(KeyBlob, ACiphertextOfTheFirstBuild_Opens) {
  const std::string blob = absl::HexStringToBytes(
      "0102020078010028"
      "61726e3a6177733a6b6d733a75732d656173742d313a3132333435363738393031323a6b"
      "65792f6b"
      "00000000"
      "7477656c7665206279746573"
      "ef707676e0db952e588e56af45ca9ae63c2f6e7a9c");
  EXPECT_EQ(Open(blob, {{"a", "1"}, {"b", "2"}}), Secret("clear"));
}

TEST(KeyBlob, EveryFlippedBit_IsFound) {
  const EncryptionContext context = {{"table", "orders"}};
  const std::string blob = Seal(context);
  EXPECT_EQ(Open(blob, context), Secret("clear"));
  for (size_t bit = 0; bit < 8 * blob.size(); ++bit) {
    std::string other = blob;
    other[bit / 8] = static_cast<char>(other[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(Open(other, context), std::nullopt) << bit;
  }
}

TEST(KeyBlob, EveryOtherSize_IsFound) {
  const std::string blob = Seal({});
  for (size_t size = 0; size < blob.size(); ++size) {
    EXPECT_EQ(Open(blob.substr(0, size), {}), std::nullopt) << size;
  }
  EXPECT_EQ(Open(absl::StrCat(blob, "x"), {}), std::nullopt);
}

// Each context opens its own ciphertext only, however the parts are cut.
TEST(KeyBlob, EveryOtherContext_IsFound) {
  const std::vector<EncryptionContext> contexts = {
      {},
      {{"", ""}},
      {{"a", ""}},
      {{"", "a"}},
      {{"a", "b"}},
      {{"ab", ""}},
      {{"", "ab"}},
      {{"a", "bc"}},
      {{"ab", "c"}},
      {{"a", "b"}, {"c", "d"}},
      {{"a", "bc"}, {"d", ""}},
      {{"a", "d"}, {"c", "b"}},
      {{"a", std::string("b\0", 2)}},
      {{"A", "b"}},
      {{"a", "B"}},
  };
  for (const EncryptionContext& sealed : contexts) {
    for (const EncryptionContext& opened : contexts) {
      EXPECT_EQ(Open(Seal(sealed), opened).has_value(), sealed == opened);
    }
  }
}

TEST(KeyBlob, OtherMaterial_DoesNotOpen) {
  const std::string blob = Seal({});
  const std::optional<KeyBlob> parsed = ParseKeyBlob(blob);
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(OpenKeyBlob(*parsed, Secret(std::string(32, 'n')), {}),
            std::nullopt);
}

}  // namespace
}  // namespace glue_security
