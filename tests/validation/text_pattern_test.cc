// The loops of text_pattern.h, compared with RE2, which is the definition, and
// with a third reading of the contract that is written here: every code point,
// every kind of malformed UTF-8, at every place of a word.

#include "glue_security/validation/text_pattern.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "re2/re2.h"
#include "tests/support/randomized_test.h"
#include "tests/validation/encode.h"

namespace glue_security {
namespace {

// The patterns that have a loop.
constexpr v1::Pattern kPatterns[] = {
    v1::PATTERN_UNSPECIFIED, v1::PATTERN_SINGLE_LINE, v1::PATTERN_KMS_KEY_ARN,
    v1::PATTERN_KMS_KEY_ARN_OBSERVED};

// The patterns that are matched by RE2.
constexpr v1::Pattern kOtherPatterns[] = {
    v1::PATTERN_GLUE_ARN_2020, v1::PATTERN_GLUE_ARN_2022,
    v1::PATTERN_GLUE_ARN_2024, v1::PATTERN_ROLE_ARN, v1::PATTERN_MULTI_LINE};

// Returns the code points of `text`, or nullopt when it is malformed. Encodes
// each candidate again and compares, so that overlong forms and the like need
// no rule.
std::optional<std::vector<uint32_t>> NaiveDecode(const std::string& text) {
  std::vector<uint32_t> code_points;
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    const size_t length = lead < 0x80   ? 1
                          : lead < 0xE0 ? 2
                          : lead < 0xF0 ? 3
                                        : 4;
    if (lead >= 0xF8 || (lead >= 0x80 && lead < 0xC0)) return std::nullopt;
    if (i + length > text.size()) return std::nullopt;
    uint32_t c = length == 1 ? lead : lead & (0x7F >> length);
    for (size_t k = 1; k < length; ++k) {
      c = c << 6 | (static_cast<uint8_t>(text[i + k]) & 0x3F);
    }
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return std::nullopt;
    if (Encode(c) != text.substr(i, length)) return std::nullopt;
    code_points.push_back(c);
    i += length;
  }
  return code_points;
}

bool AllOf(const std::vector<uint32_t>& code_points, size_t from,
           const std::function<bool(uint32_t)>& accepts) {
  for (size_t i = from; i < code_points.size(); ++i) {
    if (!accepts(code_points[i])) return false;
  }
  return true;
}

bool IsNoLineTerminator(uint32_t c) {
  return c != 0x0A && c != 0x0D && c != 0x85 && c != 0x2028 && c != 0x2029;
}

// The patterns in the member tables of docs/reference/, each as a loop.
bool NaiveMatches(v1::Pattern pattern, const std::string& text) {
  const auto code_points = NaiveDecode(text);
  if (!code_points.has_value()) return false;
  switch (pattern) {
    case v1::PATTERN_SINGLE_LINE:
      return AllOf(*code_points, 0, [](uint32_t c) {
        return c == 0x09 || (c >= 0x20 && c <= 0xD7FF) ||
               (c >= 0xE000 && c <= 0xFFFD) || c >= 0x10000;
      });
    case v1::PATTERN_KMS_KEY_ARN:
      return text.rfind("arn:aws:kms:", 0) == 0 &&
             AllOf(*code_points, 12, IsNoLineTerminator);
    case v1::PATTERN_KMS_KEY_ARN_OBSERVED: {
      if (text.empty()) return true;
      if (text.rfind("arn:aws", 0) != 0) return false;
      const size_t end =
          text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-", 7);
      return end != std::string::npos && text.compare(end, 5, ":kms:") == 0 &&
             AllOf(*code_points, end + 5, IsNoLineTerminator);
    }
    default:
      return true;
  }
}

// Expects that all three agree on `text` alone, and after an ARN's prefix.
void ExpectAgreement(const std::string& text) {
  for (const v1::Pattern pattern : kPatterns) {
    for (const char* prefix : {"", "arn:aws:kms:"}) {
      if (*prefix != '\0' && pattern < v1::PATTERN_KMS_KEY_ARN) continue;
      const std::string whole = prefix + text;
      const bool loop = MatchesPattern(pattern, whole);
      const bool re2 = re2::RE2::FullMatch(
          re2::StringPiece(whole.data(), whole.size()), Re2Definition(pattern));
      if (loop == re2 && loop == NaiveMatches(pattern, whole)) continue;
      std::string hex;
      for (const char c : whole) {
        char buffer[4];
        std::snprintf(buffer, sizeof(buffer), "%02X ", static_cast<uint8_t>(c));
        hex += buffer;
      }
      ADD_FAILURE() << v1::Pattern_Name(pattern) << " on " << hex << ": loop "
                    << loop << ", RE2 " << re2 << ", by hand "
                    << NaiveMatches(pattern, whole);
    }
  }
}

TEST(TextPattern, EveryDeclaredPattern_HasADefinitionThatCompiles) {
  for (int i = 0; i < v1::Pattern_descriptor()->value_count(); ++i) {
    const auto pattern =
        static_cast<v1::Pattern>(v1::Pattern_descriptor()->value(i)->number());
    EXPECT_TRUE(Re2Definition(pattern).ok()) << Re2Definition(pattern).error();
    EXPECT_FALSE(PublishedText(pattern).empty());
  }
  EXPECT_EQ(v1::Pattern_descriptor()->value_count(),
            static_cast<int>(std::size(kPatterns) + std::size(kOtherPatterns)));
}

// Returns true when `text` is "arn:PARTITION" and `rest`, then at least
// `bytes_min` bytes of code points that are no line terminators.
bool IsArn(const std::string& text, const std::vector<std::string>& partitions,
           const std::string& rest, size_t bytes_min) {
  const auto code_points = NaiveDecode(text);
  if (!code_points.has_value()) return false;
  for (const std::string& partition : partitions) {
    const std::string start = "arn:" + partition + rest;
    if (text.rfind(start, 0) == 0) {
      return text.size() >= start.size() + bytes_min &&
             AllOf(*code_points, start.size(), IsNoLineTerminator);
    }
  }
  return false;
}

// The three patterns of ResourceArn and that of roles, on every combination of
// the parts that they are made of and of wrong ones.
TEST(TextPattern, ArnsOfGlueAndOfRoles_Agree) {
  using Texts = std::vector<std::string>;
  const Texts first = {"aws"};
  const Texts three = {"aws", "aws-us-gov", "aws-cn"};
  const Texts all = {"aws",       "aws-cn",    "aws-us-gov", "aws-iso",
                     "aws-iso-b", "aws-iso-e", "aws-iso-f"};
  const Texts partitions = {"aws",       "aws-cn",    "aws-us-gov", "aws-iso",
                            "aws-iso-b", "aws-iso-e", "aws-iso-f",  "aws-iso-a",
                            "aws-",      "aws-eusc",  "awscn",      "AWS",
                            ""};
  const std::string role = ":iam::123456789012:role/";
  const Texts services = {":glue:",
                          ":glu:",
                          ":glue",
                          ":kms:",
                          role,
                          ":iam::12345678901:role/",
                          ":iam::1234567890123:role/",
                          ":iam::12345678901a:role/",
                          ":iam::123456789012:user/",
                          ":iam:us-east-1:123456789012:role/"};
  const Texts rests = {"",         "x",    "a b",           "\n",
                       "x\n",      "\r",   "\xC2\x85",      "\xE2\x80\xA8",
                       "\xC3\xA9", "\xFF", "x\xED\xA0\x80", "\t"};
  int matches = 0;
  for (const char* start : {"arn:", "arn", "Arn:", " arn:", ""}) {
    for (const std::string& partition : partitions) {
      for (const std::string& service : services) {
        for (const std::string& rest : rests) {
          const std::string text = start + partition + service + rest;
          SCOPED_TRACE(text);
          EXPECT_EQ(MatchesPattern(v1::PATTERN_GLUE_ARN_2020, text),
                    IsArn(text, first, ":glue:", 0));
          EXPECT_EQ(MatchesPattern(v1::PATTERN_GLUE_ARN_2022, text),
                    IsArn(text, three, ":glue:", 0));
          EXPECT_EQ(MatchesPattern(v1::PATTERN_GLUE_ARN_2024, text),
                    IsArn(text, all, ":glue:", 0));
          const bool is_role = MatchesPattern(v1::PATTERN_ROLE_ARN, text);
          EXPECT_EQ(is_role, IsArn(text, all, role, 1));
          matches += is_role ? 1 : 0;
        }
      }
    }
  }
  EXPECT_GT(matches, 20);
}

// The multi-line pattern takes what the single-line pattern takes, and the two
// ends of lines.
TEST(TextPattern, MultiLine_TakesCarriageReturnAndLineFeedAsWell) {
  const auto agree = [](const std::string& text) {
    const bool expected = NaiveMatches(v1::PATTERN_SINGLE_LINE, text) ||
                          text.find_first_not_of("\r\n") == std::string::npos;
    ASSERT_EQ(MatchesPattern(v1::PATTERN_MULTI_LINE, text), expected)
        << testing::PrintToString(text);
  };
  // Beyond the last one, and among the surrogates, it is malformed.
  for (uint32_t c = 0; c <= 0x110010 && !HasFailure(); ++c) agree(Encode(c));
  for (int byte = 0x80; byte < 0x100; ++byte) {
    agree(std::string(1, static_cast<char>(byte)));
  }
  for (const char* text : {"", "\r\n", "\n\n\r"}) {
    agree(text);
  }
  EXPECT_TRUE(MatchesPattern(v1::PATTERN_MULTI_LINE, "a\tb\r\n\xC3\xA9\n"));
  EXPECT_FALSE(MatchesPattern(v1::PATTERN_MULTI_LINE, "a\nb\v"));
  EXPECT_FALSE(MatchesPattern(v1::PATTERN_MULTI_LINE, "a\n\xFF"));
  EXPECT_FALSE(MatchesPattern(v1::PATTERN_MULTI_LINE, std::string("\n\0", 2)));
}

// Returns true when a short test may skip `c`: far from every edge of a class.
bool IsCommon(uint32_t c) {
  for (const uint32_t edge : {0xD800u, 0xE000u, 0x10000u, 0x10FFFFu}) {
    if (c + 0x20 > edge && c < edge + 0x20) return false;
  }
  return c >= 0x2100 && c % 251 != 0;
}

TEST(TextPatternDeathTest, APatternThatIsNone_EndsTheProgram) {
  const auto none = static_cast<v1::Pattern>(99);
  EXPECT_DEATH(Re2Definition(none), "pattern 99");
  EXPECT_DEATH(PublishedText(none), "pattern 99");
}

TEST(TextPattern, EveryCodePoint_Agrees) {
  const bool is_short = IsShortRun();
  for (uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (is_short && IsCommon(c)) continue;
    ExpectAgreement(Encode(c));  // surrogates too: malformed
    if (HasFailure()) FAIL() << "at " << c;
  }
}

TEST(TextPattern, CodePointsAboveTheLast_Agree) {
  for (const uint32_t c :
       {0x110000u, 0x110001u, 0x13FFFFu, 0x140000u, 0x1FFFFFu}) {
    ExpectAgreement(Encode(c));
  }
}

TEST(TextPattern, EverySequenceOfOneOrTwoBytes_Agrees) {
  for (int a = 0; a < 256; ++a) {
    ExpectAgreement(std::string(1, static_cast<char>(a)));
    for (int b = 0; b < 256; ++b) {
      ExpectAgreement({static_cast<char>(a), static_cast<char>(b)});
    }
    if (HasFailure()) FAIL() << "at " << a;
  }
}

// All lead and second bytes; for later bytes the edges of their classes.
TEST(TextPattern, LongerSequences_Agree) {
  constexpr uint8_t kEdges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90,
                                0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
  // A short test takes only the edges for the second byte, too.
  std::vector<uint8_t> seconds;
  for (int b = 0; b < 256; ++b) {
    const auto byte = static_cast<uint8_t>(b);
    const bool is_edge =
        std::count(std::begin(kEdges), std::end(kEdges), b) > 0;
    if (is_edge || !IsShortRun()) seconds.push_back(byte);
  }
  for (int a = 0xC0; a < 256; ++a) {
    for (const uint8_t b : seconds) {
      for (const uint8_t c : kEdges) {
        const std::string three = {static_cast<char>(a), static_cast<char>(b),
                                   static_cast<char>(c)};
        ExpectAgreement(three);
        if (a < 0xE0) continue;
        for (const uint8_t d : kEdges) {
          ExpectAgreement(three + static_cast<char>(d));
        }
      }
    }
    if (HasFailure()) FAIL() << "at " << a;
  }
}

// A loop processes eight bytes at once. It must find a refused character at
// every place, whatever surrounds it.
TEST(TextPattern, AtEveryPlaceOfAWord_Agrees) {
  const std::vector<std::string> pieces = {std::string(1, '\0'),
                                           "\t",
                                           "\n",
                                           "\r",
                                           "\x1F",
                                           "\x7F",
                                           " ",
                                           "~",
                                           "\xC2\x80",
                                           "\xC2\x85",
                                           "\xC2\xA0",
                                           "\xE2\x80\xA8",
                                           "\xE2\x80\xA9",
                                           "\xED\x9F\xBF",
                                           "\xED\xA0\x80",
                                           "\xEE\x80\x80",
                                           "\xEF\xBF\xBD",
                                           "\xEF\xBF\xBE",
                                           "\xEF\xBF\xBF",
                                           "\xF0\x90\x80\x80",
                                           "\xF4\x8F\xBF\xBF",
                                           "\x80",
                                           "\xC0\x80",
                                           "\xC2",
                                           "\xE2\x80",
                                           "\xF0\x9F\x98",
                                           "\xFF"};
  for (const char fill : {'a', ' ', '~', '\x7F'}) {
    for (size_t before = 0; before <= 18; ++before) {
      for (size_t after = 0; after <= 10; ++after) {
        for (const std::string& piece : pieces) {
          ExpectAgreement(std::string(before, fill) + piece +
                          std::string(after, fill));
        }
      }
    }
  }
}

TEST(TextPattern, EveryPairOfAsciiBytesInAWord_Agrees) {
  for (int a = 0; a < 128; ++a) {
    for (int b = 0; b < 128; ++b) {
      std::string word(8, 'x');
      word[3] = static_cast<char>(a);
      word[4] = static_cast<char>(b);
      ExpectAgreement(word);
    }
  }
}

// Bytes are enough here: the characters of a partition are ASCII.
TEST(TextPattern, EveryByteInAPartition_Agrees) {
  for (int a = 0; a < 256; ++a) {
    const std::string byte(1, static_cast<char>(a));
    ExpectAgreement("arn:aws" + byte + ":kms:");
    ExpectAgreement("arn:aws-" + byte + "n:kms:x");
    ExpectAgreement("arn:aws" + byte);
  }
}

TEST(TextPattern, PrefixesOfAnArn_Agree) {
  const std::vector<std::string> texts = {"arn:aws:kms:",
                                          "arn:aws:kms",
                                          "arn:aws:km:",
                                          "ARN:aws:kms:",
                                          " arn:aws:kms:",
                                          "arn:aws-cn:kms:",
                                          "arn:aws-us-gov:kms:x",
                                          "arn:aws-CN:kms:",
                                          "arn:awsx9-:kms:",
                                          "arn:aws_:kms:",
                                          "arn:aws::kms:",
                                          "arn:aws:kms:kms:",
                                          "arn:aw:kms:",
                                          "arn:aws",
                                          "arn:aws:",
                                          "arn:aws-",
                                          "arn:aws-\n:kms:",
                                          "arn:aws:kms:\n",
                                          "arn:aws:kms:a\nb",
                                          "arn:aws:kms:\xC2\x85",
                                          "arn:aws-cn:kms:\r",
                                          "arn:aws:s3:::b",
                                          ":kms:",
                                          "x:kms:y",
                                          "aws:kms:y",
                                          "",
                                          "alias/x"};
  for (const std::string& text : texts) {
    ExpectAgreement(text);
    for (size_t i = 0; i < text.size(); ++i) ExpectAgreement(text.substr(0, i));
  }
}

}  // namespace
}  // namespace glue_security
