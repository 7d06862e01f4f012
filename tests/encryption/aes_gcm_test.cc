#include "glue_security/encryption/aes_gcm.h"

#include <openssl/err.h>

#include <cstddef>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "glue_security/model/secret.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr char kNonce[] = "twelve bytes";

Secret Key(size_t bytes) { return Secret(std::string(bytes, 'k')); }

// A known answer. Without a plaintext it must not open.
struct Vector {
  std::string key, nonce, associated_data, sealed;
  std::optional<std::string> plaintext;
};

std::string FromHex(const std::string& text) {
  return text == "-" ? "" : absl::HexStringToBytes(text);
}

std::vector<Vector> NistVectors() {
  std::ifstream file("tests/encryption/data/aes_gcm_nist.txt");
  std::vector<Vector> vectors;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::string key, nonce, associated_data, plaintext, sealed;
    fields >> key >> nonce >> associated_data >> plaintext >> sealed;
    Vector vector = {FromHex(key), FromHex(nonce), FromHex(associated_data),
                     FromHex(sealed), std::nullopt};
    if (plaintext != "!") vector.plaintext = FromHex(plaintext);
    vectors.push_back(vector);
  }
  return vectors;
}

TEST(AesGcm, NistVectors_AreItsAnswers) {
  size_t sealed = 0;
  size_t refused = 0;
  for (const Vector& vector : NistVectors()) {
    const Secret key(vector.key);
    const std::optional<Secret> opened =
        OpenAesGcm(key, vector.nonce, vector.associated_data, vector.sealed);
    if (!vector.plaintext.has_value()) {
      EXPECT_EQ(opened, std::nullopt) << absl::BytesToHexString(vector.key);
      ++refused;
      continue;
    }
    ASSERT_NE(opened, std::nullopt) << absl::BytesToHexString(vector.key);
    EXPECT_EQ(opened->view(), *vector.plaintext);
    EXPECT_EQ(SealAesGcm(key, vector.nonce, vector.associated_data,
                         *vector.plaintext),
              vector.sealed);
    ++sealed;
  }
  EXPECT_EQ(sealed, 1113U);
  EXPECT_EQ(refused, 387U);
}

TEST(AesGcm, SealedBytes_OpenToThePlaintext) {
  for (const size_t key_bytes : {16, 32}) {
    for (const size_t bytes : {0, 1, 15, 16, 17, 4096}) {
      const Secret key = Key(key_bytes);
      const std::string plaintext(bytes, 'p');
      const std::string sealed = SealAesGcm(key, kNonce, "data", plaintext);
      EXPECT_EQ(sealed.size(), bytes + kAesGcmTagBytes);
      EXPECT_EQ(OpenAesGcm(key, kNonce, "data", sealed), Secret(plaintext));
    }
  }
}

// libcrypto is given a megabyte at a time.
TEST(AesGcm, LargeTexts_AreSealedAsAWhole) {
  constexpr size_t kPiece = size_t{1} << 20;
  const Secret key = Key(32);
  for (const size_t bytes : {kPiece - 1, kPiece, kPiece + 1, 2 * kPiece + 7}) {
    std::string text(bytes, '\0');
    for (size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(i % 251);
    const std::string sealed = SealAesGcm(key, kNonce, text, text);
    EXPECT_EQ(OpenAesGcm(key, kNonce, text, sealed), Secret(text));
    // The bytes of a counter mode do not depend on what follows.
    EXPECT_EQ(
        sealed.substr(0, 1000),
        SealAesGcm(key, kNonce, "", text.substr(0, 1000)).substr(0, 1000));
    std::string other = text;
    other.back() ^= 1;
    EXPECT_EQ(OpenAesGcm(key, kNonce, other, sealed), std::nullopt);
  }
}

TEST(AesGcm, EveryFlippedBit_IsFound) {
  const Secret key = Key(32);
  const std::string data = "associated";
  const std::string sealed = SealAesGcm(key, kNonce, data, "plaintext");
  const auto flipped = [](std::string text, size_t bit) {
    text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << bit % 8));
    return text;
  };
  for (size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    EXPECT_EQ(OpenAesGcm(key, kNonce, data, flipped(sealed, bit)),
              std::nullopt);
  }
  for (size_t bit = 0; bit < 8 * data.size(); ++bit) {
    EXPECT_EQ(OpenAesGcm(key, kNonce, flipped(data, bit), sealed),
              std::nullopt);
  }
  for (size_t bit = 0; bit < 8 * kAesGcmNonceBytes; ++bit) {
    EXPECT_EQ(OpenAesGcm(key, flipped(kNonce, bit), data, sealed),
              std::nullopt);
  }
  for (size_t bit = 0; bit < 8 * key.size(); ++bit) {
    const Secret other(flipped(std::string(key.view()), bit));
    EXPECT_EQ(OpenAesGcm(other, kNonce, data, sealed), std::nullopt);
  }
}

TEST(AesGcm, SizesThatWereNotSealed_DoNotOpen) {
  const std::string sealed = SealAesGcm(Key(32), kNonce, "", "plaintext");
  for (size_t bytes = 0; bytes < sealed.size(); ++bytes) {
    EXPECT_EQ(OpenAesGcm(Key(32), kNonce, "", sealed.substr(0, bytes)),
              std::nullopt);
  }
  EXPECT_EQ(OpenAesGcm(Key(32), kNonce, "", absl::StrCat(sealed, "x")),
            std::nullopt);
  EXPECT_EQ(OpenAesGcm(Key(32), "eleven byte", "", sealed), std::nullopt);
  EXPECT_EQ(OpenAesGcm(Key(32), "", "", sealed), std::nullopt);
  for (const size_t bytes : {0, 15, 17, 24, 31, 33, 64}) {
    EXPECT_FALSE(IsAesKeySize(bytes));
    EXPECT_EQ(OpenAesGcm(Key(bytes), kNonce, "", sealed), std::nullopt);
  }
}

TEST(AesGcmDeathTest, WrongSizes_EndTheProgram) {
  EXPECT_DEATH(SealAesGcm(Key(31), kNonce, "", ""), "");
  EXPECT_DEATH(SealAesGcm(Key(32), "eleven byte", "", ""), "");
}

// A program's own use of libcrypto would take it for an error of its own.
TEST(AesGcm, ATagThatDiffers_LeavesNoErrorBehind) {
  EXPECT_EQ(OpenAesGcm(Key(32), kNonce, "", std::string(16, 't')),
            std::nullopt);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

TEST(Secret, Filled_HasWhatWasWritten) {
  const Secret secret = Secret::Filled(3, [](char* bytes) {
    EXPECT_EQ(std::string(bytes, 3), std::string(3, '\0'));
    bytes[0] = 'a';
    bytes[2] = 'c';
  });
  EXPECT_EQ(secret.view(), absl::string_view("a\0c", 3));
  EXPECT_TRUE(Secret::Filled(0, [](char*) {}).empty());
}

}  // namespace
}  // namespace glue_security
