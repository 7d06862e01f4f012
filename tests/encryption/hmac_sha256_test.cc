#include "glue_security/encryption/hmac_sha256.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

std::string Hex(const std::array<uint8_t, 32>& mac) {
  return absl::BytesToHexString(
      {reinterpret_cast<const char*>(mac.data()), mac.size()});
}

// RFC 4231, the cases whose keys are not longer than a block and whose results
// are not cut.
TEST(HmacSha256, KnownAnswers) {
  struct Row {
    std::string key;
    std::string text;
    const char* mac;
  };
  const Row kRows[] = {
      {std::string(20, '\x0b'), "Hi There",
       "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?",
       "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {absl::HexStringToBytes(
           "0102030405060708090a0b0c0d0e0f10111213141516171819"),
       std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(Hex(HmacSha256(Secret(row.key), {row.text})), row.mac);
  }
}

TEST(HmacSha256, Parts_AreOneText) {
  const Secret key("key");
  const std::string whole = Hex(HmacSha256(key, {"one text"}));
  EXPECT_EQ(Hex(HmacSha256(key, {"one", " ", "", "text"})), whole);
  EXPECT_NE(Hex(HmacSha256(key, {"onetext"})), whole);
  EXPECT_NE(Hex(HmacSha256(Secret("kex"), {"one text"})), whole);
}

TEST(HmacSha256DeathTest, ALongerKeyThanABlock_EndsTheProgram) {
  const Secret largest(std::string(kHmacSha256KeyBytesMax, 'k'));
  EXPECT_EQ(Hex(HmacSha256(largest, {})).size(), 64u);
  const Secret longer(std::string(kHmacSha256KeyBytesMax + 1, 'k'));
  EXPECT_DEATH(HmacSha256(longer, {}), "");
}

}  // namespace
}  // namespace glue_security
