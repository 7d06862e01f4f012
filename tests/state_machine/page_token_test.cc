#include "glue_security/state_machine/page_token.h"

#include <random>
#include <string>

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

// A token that was given out once is good in every later version.
TEST(PageToken, ItsForm_IsPinned) {
  const CatalogKey catalog{"123456789012", "us-east-1"};
  const std::string token =
      "AQAAAAwxMjM0NTY3ODkwMTIAAAAJdXMtZWFzdC0xbmFtZVoj_1SDWsV1";
  EXPECT_EQ(EncodePageToken(catalog, "name"), token);
  EXPECT_EQ(DecodePageToken(catalog, token), "name");
}

// Texts that decode to fewer bytes than a checksum has, and to as many.
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
