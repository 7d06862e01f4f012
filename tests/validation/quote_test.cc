#include "glue_security/validation/quote.h"

#include <optional>
#include <string>

#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

TEST(QuoteValue, EscapesAsInJson) {
  EXPECT_EQ(QuoteValue("\"\\\b\f\n\r\t/'", std::nullopt),
            R"(\"\\\b\f\n\r\t/')");
  EXPECT_EQ(QuoteValue(std::string("\x00\x01\x1F\x7F", 4), std::nullopt),
            "\\u0000\\u0001\\u001F\x7F");
}

TEST(QuoteValue, MalformedBytes_BecomeTheReplacementCharacterEach) {
  EXPECT_EQ(QuoteValue("a\xFF\xC0\x80z", std::nullopt),
            "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(QuoteValue("\xE2\x80", std::nullopt), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(QuoteValue, CutsToCodePointsBeforeItEscapes) {
  EXPECT_EQ(QuoteValue("\n\n\n", 2), "\\n\\n");
  EXPECT_EQ(QuoteValue("\xC3\xA9\xF0\x9F\x98\x80z", 2),
            "\xC3\xA9\xF0\x9F\x98\x80");
  EXPECT_EQ(QuoteValue("abc", 3), "abc");
  EXPECT_EQ(QuoteValue("abc", 100), "abc");
  EXPECT_EQ(QuoteValue("", 1), "");
}

// A bound below 1 counts as 1.
TEST(QuotedCodePointsMax, IsTheLimitWhereValuesAreCut) {
  Behavior behavior;
  Limits limits;
  behavior.cut_quoted_values = false;
  EXPECT_EQ(QuotedCodePointsMax(behavior, limits), std::nullopt);
  behavior.cut_quoted_values = true;
  for (const size_t bound : {0, 1, 2, 64}) {
    limits.quoted_value_code_points_max = bound;
    EXPECT_EQ(QuotedCodePointsMax(behavior, limits), bound == 0 ? 1 : bound);
  }
}

}  // namespace
}  // namespace glue_security
