#include "tests/policy/naive_pattern.h"

#include <cstddef>
#include <string>
#include <vector>

#include "glue_security/policy/truth.h"
#include "gtest/gtest.h"

namespace glue_security::naive {
namespace {

// Returns all texts of up to `length` of the characters.
std::vector<std::string> AllTexts(const std::string& characters,
                                  std::size_t length) {
  std::vector<std::string> texts = {""};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].size() == length) break;
    for (const char c : characters) texts.push_back(texts[i] + c);
  }
  return texts;
}

TEST(NaivePatternTest, ASetIsMatchedAsItsTextsAre) {
  const std::vector<std::string> patterns = AllTexts("ab?*", 3);
  // A set of three symbols has a text of this length among those that tell how
  // it is matched. "c" stands for the characters that no pattern has.
  const std::vector<std::string> texts = AllTexts("abc", 7);
  std::vector<std::vector<bool>> matches;
  for (const std::string& pattern : patterns) {
    matches.emplace_back();
    for (const std::string& text : texts) {
      matches.back().push_back(Matches(WildcardPattern(pattern), text));
    }
  }
  for (std::size_t p = 0; p < patterns.size(); ++p) {
    for (std::size_t s = 0; s < patterns.size(); ++s) {
      bool all = true;
      bool any = false;
      for (std::size_t t = 0; t < texts.size(); ++t) {
        if (!matches[s][t]) continue;
        all = all && matches[p][t];
        any = any || matches[p][t];
      }
      const Truth expected =
          all ? Truth::kTrue : (any ? Truth::kUndecided : Truth::kFalse);
      EXPECT_EQ(MatchesSet(WildcardPattern(patterns[p]),
                           WildcardPattern(patterns[s])),
                expected)
          << patterns[p] << " and the set " << patterns[s];
    }
  }
}

TEST(NaivePatternTest, Matches) {
  EXPECT_TRUE(Matches(WildcardPattern("a*b"), "ab"));
  EXPECT_TRUE(Matches(WildcardPattern("a*b"), "a:b/b"));
  EXPECT_FALSE(Matches(WildcardPattern("a*b"), "abc"));
  EXPECT_TRUE(Matches(WildcardPattern("?"), "\xC3\xA9"));
  EXPECT_FALSE(Matches(LiteralPattern("*"), "a"));
  EXPECT_FALSE(Matches(SetPattern("?"), "a"));
  EXPECT_TRUE(Matches(SetPattern("?*"), "?a"));
  EXPECT_FALSE(Matches(SetPattern("*a"), "aa"));
  EXPECT_TRUE(Matches(WildcardPattern(""), ""));
}

}  // namespace
}  // namespace glue_security::naive
