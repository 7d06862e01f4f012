#include "glue_security/testing/oracle/naive_json.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using ::testing::Eq;
using ::testing::Optional;

bool IsObject(const std::string& text) { return NaiveIsJsonObject(text, 128); }

// Returns true when `value` is a JSON value.
bool IsValue(const std::string& value) {
  return IsObject("{\"k\":" + value + "}");
}

TEST(NaiveCodePointsTest, WellFormedTextHasCodePointsOfOneToFourBytes) {
  EXPECT_THAT(NaiveCodePoints(""), Optional(Eq(U"")));
  EXPECT_THAT(NaiveCodePoints("a\xC2\x80\xE0\xA0\x80\xF0\x90\x80\x80"),
              Optional(Eq(U"a\u0080\u0800\U00010000")));
  EXPECT_THAT(NaiveCodePoints("\x7F\xDF\xBF\xEF\xBF\xBF\xF4\x8F\xBF\xBF"),
              Optional(Eq(U"\u007F\u07FF\uFFFF\U0010FFFF")));
}

TEST(NaiveCodePointsTest, MalformedTextHasNoCodePoints) {
  for (const std::string text : {
           "\x80",              // A continuation byte alone.
           "\xC2",              // Cut short.
           "\xE2\x82",          //
           "\xF0\x9F\x98",      //
           "\xC2\x41",          // No continuation byte where one must be.
           "\xC0\x80",          // Longer than needed.
           "\xC1\xBF",          //
           "\xE0\x9F\xBF",      //
           "\xF0\x8F\xBF\xBF",  //
           "\xED\xA0\x80",      // Surrogates.
           "\xED\xBF\xBF",      //
           "\xF4\x90\x80\x80",  // Above U+10FFFF.
           "\xF8\x88\x80\x80\x80",
           "\xFE",
           "\xFF",
       }) {
    EXPECT_EQ(NaiveCodePoints(text), std::nullopt)
        << testing::PrintToString(text);
  }
}

TEST(NaiveJsonTest, OnlyAnObjectIsADocument) {
  EXPECT_TRUE(IsObject("{}"));
  EXPECT_TRUE(IsObject(" \t\r\n{ } \t\r\n"));
  for (const std::string text :
       {"", " ", "[]", "\"a\"", "1", "null", "true", "{", "}", "{}{}", "{} x",
        "{},", "\xEF\xBB\xBF{}", "\f{}", "\xC2\xA0{}", "/**/{}", "{}//"}) {
    EXPECT_FALSE(IsObject(text)) << text;
  }
  EXPECT_FALSE(IsObject(std::string("{}\0", 3)));
}

TEST(NaiveJsonTest, MembersAreQuotedKeysWithAColonAndCommasBetween) {
  EXPECT_TRUE(IsObject(R"({"a":1,"b":[]})"));
  EXPECT_TRUE(IsObject(R"({ "a" : 1 , "b" : { } })"));
  EXPECT_TRUE(IsObject(R"({"":1})"));
  for (const std::string text :
       {R"({a:1})", R"({'a':1})", R"({"a"})", R"({"a":})", R"({"a" 1})",
        R"({"a":1,})", R"({,})", R"({"a":1 "b":2})", R"({"a"::1})", R"({1:1})",
        R"({"a":1]})", R"({"a":1)"}) {
    EXPECT_FALSE(IsObject(text)) << text;
  }
}

TEST(NaiveJsonTest, KeysMayRepeat) {
  EXPECT_TRUE(IsObject(R"({"a":1,"a":1})"));
}

TEST(NaiveJsonTest, ArraysHoldValuesWithCommasBetween) {
  for (const std::string value :
       {"[]", "[ ]", "[1]", "[ 1 , \"a\" ]", "[[],{}]", "[null,true,false]"}) {
    EXPECT_TRUE(IsValue(value)) << value;
  }
  for (const std::string value :
       {"[", "]", "[,]", "[1,]", "[,1]", "[1 2]", "[1}"}) {
    EXPECT_FALSE(IsValue(value)) << value;
  }
}

TEST(NaiveJsonTest, WordsAreLowerCase) {
  for (const std::string value : {"true", "false", "null"}) {
    EXPECT_TRUE(IsValue(value)) << value;
  }
  for (const std::string value :
       {"True", "NULL", "nul", "nulll", "undefined", "NaN", "Infinity", ""}) {
    EXPECT_FALSE(IsValue(value)) << value;
  }
}

TEST(NaiveJsonTest, NumbersHaveNoLeadingZeroAndNoEmptyPart) {
  for (const std::string value : {"0", "-0", "10", "-1", "0.0", "1.25", "1e5",
                                  "1E+5", "1e-05", "0e0", "-0.0e-0", "1e999"}) {
    EXPECT_TRUE(IsValue(value)) << value;
  }
  for (const std::string value :
       {"01", "-01", "00", "+1", "-", ".5", "1.", "1.e1", "1e", "1e+", "1e+-1",
        "0x1", "1_0", "--1", "1.2.3", "\xD9\xA1"}) {
    EXPECT_FALSE(IsValue(value)) << value;
  }
}

TEST(NaiveJsonTest, StringsHoldAnythingButRawControlsAndMalformedUtf8) {
  EXPECT_TRUE(IsValue("\"\""));
  EXPECT_TRUE(IsValue("\"\x7F \xC2\x85 \xE2\x80\xA8 \xF0\x9F\x98\x80 /\""));
  for (char c = 0; c < 0x20; ++c) {
    EXPECT_FALSE(IsValue(std::string("\"") + c + "\"")) << int{c};
  }
  EXPECT_FALSE(IsValue("\"\xFF\""));
  EXPECT_FALSE(IsValue("\"\xED\xA0\x80\""));
  EXPECT_FALSE(IsValue("\"open"));
}

TEST(NaiveJsonTest, EscapesAreTheEightShortOnesAndFourHexadecimalDigits) {
  EXPECT_TRUE(IsValue(R"("\"\\\/\b\f\n\r\t\u0000\u00e9\uABCD")"));
  for (const std::string value :
       {R"("\a")", R"("\v")", R"("\'")", R"("\0")", R"("\x41")", R"("\U0041")",
        R"("\u")", R"("\u004")", R"("\u004g")", R"("\u 041")", R"("\)"}) {
    EXPECT_FALSE(IsValue(value)) << value;
  }
}

TEST(NaiveJsonTest, EscapedSurrogatesComeInPairs) {
  EXPECT_TRUE(IsValue(R"("\ud83d\uDE00")"));
  EXPECT_TRUE(IsValue(R"("\ud7ff\ue000")"));
  EXPECT_TRUE(IsValue(R"("\uD800\uDC00\udbff\udfff")"));
  for (const std::string value :
       {R"("\ud83d")", R"("\ud83dx")", R"("\ud83d\n")", R"("\ude00")",
        R"("\ud83d\ud83d")", R"("\ude00\ud83d")", R"("\ud83d\u0041")",
        R"("\ud83d\ue000")", R"("\ud83d\ude0")"}) {
    EXPECT_FALSE(IsValue(value)) << value;
  }
}

TEST(NaiveJsonTest, ArraysAndObjectsCountForTheDepth) {
  EXPECT_TRUE(NaiveIsJsonObject("{}", 1));
  EXPECT_TRUE(NaiveIsJsonObject(R"({"a":1,"b":"x"})", 1));
  EXPECT_FALSE(NaiveIsJsonObject(R"({"a":[]})", 1));
  EXPECT_FALSE(NaiveIsJsonObject(R"({"a":{}})", 1));
  EXPECT_TRUE(NaiveIsJsonObject(R"({"a":[],"b":{}})", 2));
  EXPECT_TRUE(NaiveIsJsonObject(R"({"a":[[],[{}]]})", 4));
  EXPECT_FALSE(NaiveIsJsonObject(R"({"a":[[],[{}]]})", 3));
}

TEST(NaiveJsonTest, BlanksCountInStringsOnly) {
  EXPECT_EQ(NaiveBytesWithoutBlanks(""), 0U);
  EXPECT_EQ(NaiveBytesWithoutBlanks(" \t\r\n"), 0U);
  EXPECT_EQ(NaiveBytesWithoutBlanks("\v\f"), 2U);
  EXPECT_EQ(NaiveBytesWithoutBlanks(R"( { "a b" : [ 1 , 2 ] } )"), 13U);
  EXPECT_EQ(NaiveBytesWithoutBlanks(R"("\" " )"), 5U);
  EXPECT_EQ(NaiveBytesWithoutBlanks(R"("\\" " )"), 6U);
  // Texts that are not JSON.
  EXPECT_EQ(NaiveBytesWithoutBlanks(R"(\" " " )"), 6U);
  EXPECT_EQ(NaiveBytesWithoutBlanks("\" "), 2U);
  EXPECT_EQ(NaiveBytesWithoutBlanks("\" \\"), 3U);
}

}  // namespace
}  // namespace glue_security
