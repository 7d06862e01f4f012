#include "glue_security/state_machine/page_token.h"

#include <optional>
#include <random>
#include <string>

#include "absl/strings/escaping.h"
#include "glue_security/state_machine/sha256.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

TEST(PageToken, AnyNameComesBack_InItsCatalogOnly) {
  const std::string nul("\0", 1);
  const CatalogKey catalogs[] = {{"1", "23"}, {"12", "3"}, {"", "123"},
                                 {"123", ""}, {nul, ""},   {"", nul}};
  for (const CatalogKey& catalog : catalogs) {
    for (const std::string& name :
         {std::string(), std::string("a"), nul, std::string(255, '\xFF')}) {
      const std::string token = EncodePageToken(catalog, name);
      for (const char c : token) EXPECT_TRUE(c > ' ' && c < 0x7F);
      for (const CatalogKey& other : catalogs) {
        const auto decoded = DecodePageToken(other, token);
        EXPECT_EQ(decoded.has_value(), other == catalog);
        if (decoded.has_value()) {
          EXPECT_EQ(*decoded, name);
        }
      }
    }
  }
}

// A token stays valid in every later version.
TEST(PageToken, ItsForm_IsPinned) {
  const CatalogKey catalog{"123456789012", "us-east-1"};
  const std::string token =
      "AQAAAAwxMjM0NTY3ODkwMTIAAAAJdXMtZWFzdC0xbmFtZVoj_1SDWsV1";
  EXPECT_EQ(EncodePageToken(catalog, "name"), token);
  EXPECT_EQ(DecodePageToken(catalog, token), "name");
}

// The checksum is the first 64 bits of the SHA-256 of everything before it, and
// each bit counts.
TEST(PageToken, ItsChecksum_HasEightBytes_AndAllOfThemCount) {
  const CatalogKey catalog{"123456789012", "us-east-1"};
  std::string bytes;
  ASSERT_TRUE(
      absl::WebSafeBase64Unescape(EncodePageToken(catalog, "name"), &bytes));
  constexpr size_t kChecksumBytes = 8;
  const std::string start = bytes.substr(0, bytes.size() - kChecksumBytes);
  EXPECT_EQ(start, std::string("\x01\0\0\0\x0C", 5) + "123456789012" +
                       std::string("\0\0\0\x09", 4) + "us-east-1" + "name");
  const auto digest = Sha256(start);
  EXPECT_EQ(bytes.substr(start.size()),
            std::string(digest.begin(), digest.begin() + kChecksumBytes));

  const auto decoded = [&](const std::string& changed) {
    return DecodePageToken(catalog, absl::WebSafeBase64Escape(changed));
  };
  ASSERT_EQ(decoded(bytes), "name");
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(decoded(flipped), std::nullopt) << bit;
  }
  // A checksum that is too short, too long, or missing is refused.
  for (size_t kept = 0; kept < kChecksumBytes; ++kept) {
    EXPECT_EQ(decoded(bytes.substr(0, start.size() + kept)), std::nullopt);
  }
  EXPECT_EQ(decoded(start + std::string(digest.begin(), digest.end())),
            std::nullopt);
}

// Texts that decode to at most as many bytes as a checksum has.
TEST(PageToken, ShortTexts_AreNoTokens) {
  for (size_t size = 0; size <= 16; ++size) {
    EXPECT_FALSE(DecodePageToken({"1", "2"}, std::string(size, 'A'))) << size;
  }
}

TEST(PageToken, RandomTexts_AreNoTokens) {
  const CatalogKey catalog{"123456789012", "us-east-1"};
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    std::string text(random() % 60, '\0');
    for (char& c : text) c = static_cast<char>(random());
    EXPECT_FALSE(DecodePageToken(catalog, text).has_value());
  }
}

}  // namespace
}  // namespace glue_security
