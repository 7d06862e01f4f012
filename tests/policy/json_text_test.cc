#include "glue_security/policy/json_text.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using ::testing::Eq;
using ::testing::Optional;

constexpr size_t kDepthMax = 8;

class LegalJsonObject : public testing::TestWithParam<const char*> {};

TEST_P(LegalJsonObject, IsAccepted) {
  EXPECT_THAT(FindJsonObjectError(GetParam(), kDepthMax), Eq(std::nullopt));
}

INSTANTIATE_TEST_SUITE_P(
    JsonText, LegalJsonObject,
    testing::Values("{}", " {\t\r\n} ", R"({"a":1})", R"({"a":1,"a":2})",
                    R"({"":null,"b":true,"c":false})",
                    R"({"a":[1,-0,1.5,1e5,1E-5,-0.0e+0]})",
                    R"({"a":123456789012345678901234567890})", R"({"a":1e999})",
                    R"({"a":"\u00e9\ud83d\ude00\n\/"})", "{\"a\":\"\xC3\xA9\"}",
                    R"({"a":[],"b":{},"c":[{}]})", R"({"a":1 , "b" : 2 })"));

class NotAJsonObject : public testing::TestWithParam<const char*> {};

TEST_P(NotAJsonObject, IsRefused) {
  EXPECT_NE(FindJsonObjectError(GetParam(), kDepthMax), std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(
    JsonText, NotAJsonObject,
    testing::Values(
        "", " ", "not json", "null", "true", "1", "\"a\"", "[]", "[{}]", "{",
        "}", "{]", "{}}", "{}{}", "{} x", "{},", R"({"a"})", R"({"a":})",
        R"({"a":1,})", R"({,"a":1})", R"({a:1})", R"({'a':1})", R"({"a":01})",
        R"({"a":+1})", R"({"a":1.})", R"({"a":.5})", R"({"a":1e})",
        R"({"a":-})", R"({"a":0x1})", R"({"a":1x})", R"({"a":NaN})",
        R"({"a":nul})", R"({"a":nulll})", R"({"a":tru})", R"({"a":truee})",
        R"({"a":"\x"})", R"({"a":"\u12g4"})", R"({"a":"\ud800"})",
        R"({"a":"\udc00"})", R"({"a":"unclosed})", "{\"a\":\"\n\"}",
        "{\"a\":\"\x01\"}", "{\"a\":\"\xFF\"}", "{\"a\":\"\xC0\x80\"}",
        R"({"a":[1,]})", R"({"a":[1 2]})", R"({"a":1 "b":2})", R"({"a":[1})",
        R"({"a":1]})", R"({"a" 1})", "{\"a\":1}\xEF", "// c\n{}", "{/**/}"));

TEST(JsonText, NestingUpToTheBound_IsAccepted_AndOneDeeperIsNot) {
  for (size_t depth_max = 1; depth_max <= 40; ++depth_max) {
    const size_t arrays = depth_max - 1;
    const std::string fits =
        absl::StrCat("{\"a\":", arrays == 0 ? "1" : std::string(arrays, '['),
                     std::string(arrays, ']'), "}");
    EXPECT_THAT(FindJsonObjectError(fits, depth_max), Eq(std::nullopt)) << fits;
    const std::string deeper =
        absl::StrCat("{\"a\":", std::string(arrays + 1, '['),
                     std::string(arrays + 1, ']'), "}");
    EXPECT_THAT(FindJsonObjectError(deeper, depth_max),
                Optional(absl::StrCat("arrays and objects nest deeper than ",
                                      depth_max)));
  }
}

TEST(JsonText, BoundsOutsideOneTo1024_CountAsTheNearest) {
  const auto nested = [](size_t depth) {
    return absl::StrCat("{\"a\":", std::string(depth - 1, '['), "1",
                        std::string(depth - 1, ']'), "}");
  };
  for (const size_t depth_max : {size_t{1025}, size_t{100000}, SIZE_MAX}) {
    EXPECT_THAT(FindJsonObjectError(nested(1024), depth_max), Eq(std::nullopt));
    for (const size_t depth : {1025, 1026, 1027, 1030, 1040, 5000}) {
      EXPECT_NE(FindJsonObjectError(nested(depth), depth_max), std::nullopt);
    }
  }
  EXPECT_THAT(FindJsonObjectError("{}", 0), Eq(std::nullopt));
  EXPECT_NE(FindJsonObjectError(nested(2), 0), std::nullopt);
}

TEST(JsonText, TenKilobytesOfBrackets_AreRefused) {
  for (const char* unit : {"[", "{\"a\":", "{", "\"", "\\"}) {
    std::string text = "{\"a\":";
    while (text.size() < 10240) text += unit;
    EXPECT_NE(FindJsonObjectError(text, 1024), std::nullopt);
  }
}

TEST(JsonText, EmbeddedNul_IsRefused) {
  EXPECT_NE(FindJsonObjectError(absl::string_view("{}\0", 3), kDepthMax),
            std::nullopt);
}

}  // namespace
}  // namespace glue_security
