#include "glue_security/model/utf8_text.h"

#include <cstdint>
#include <initializer_list>
#include <string>

#include "gtest/gtest.h"
#include "simdjson.h"

namespace glue_security {
namespace {

std::string Utf8Of(const std::string& bytes) {
  return std::string(ToUtf8(Secret(bytes)).view());
}

// Compares with simdjson, and checks that the result of ToUtf8 is valid.
void Compare(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text.push_back(static_cast<char>(byte));
  const bool is_utf8 = simdjson::validate_utf8(text.data(), text.size());
  ASSERT_EQ(IsUtf8(text), is_utf8) << testing::PrintToString(text);
  const std::string shown = Utf8Of(text);
  ASSERT_TRUE(simdjson::validate_utf8(shown.data(), shown.size()))
      << testing::PrintToString(text);
  ASSERT_EQ(shown == text, is_utf8) << testing::PrintToString(text);
}

TEST(Utf8Text, AgreesWithSimdjson) {
  // Both sides of each bound of a byte that is not the first.
  const int kEdges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90,
                        0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
  for (int first = 0; first <= 0xFF; ++first) {
    Compare({first});
    for (int second = 0; second <= 0xFF; ++second) {
      Compare({first, second});
      if (first < 0xE0) continue;
      for (const int third : kEdges) {
        Compare({first, second, third});
        if (first < 0xEF || first > 0xF6) continue;
        for (const int fourth : kEdges) Compare({first, second, third, fourth});
      }
    }
  }
}

TEST(Utf8Text, WrongBytes_AreReplacedOneByOne) {
  EXPECT_EQ(Utf8Of(""), "");
  EXPECT_EQ(Utf8Of("p\xC3\xA4ss"), "p\xC3\xA4ss");
  EXPECT_EQ(Utf8Of("\xFF"), "\xEF\xBF\xBD");
  EXPECT_EQ(Utf8Of("a\xE2\x82z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(Utf8Of("\xF0\x9F\x98\x80\x80"), "\xF0\x9F\x98\x80\xEF\xBF\xBD");
}

}  // namespace
}  // namespace glue_security
