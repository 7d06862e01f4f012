#include "glue_security/policy/match/wildcard.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "glue_security/policy/match/utf8_characters.h"
#include "gtest/gtest.h"
#include "re2/re2.h"

namespace glue_security {
namespace {

// Returns a regular expression with the meaning of `pattern`.
std::string ToRegularExpression(const std::string& pattern) {
  std::string expression = "(?s)";
  for (const char c : pattern) {
    if (c == '*') {
      expression += ".*";
    } else if (c == '?') {
      expression += ".";
    } else {
      expression += re2::RE2::QuoteMeta(std::string(1, c));
    }
  }
  return expression;
}

// Returns all texts over `alphabet` of up to `length` letters.
std::vector<std::string> AllTexts(const std::vector<std::string>& alphabet,
                                  size_t length) {
  std::vector<std::string> texts = {""};
  for (size_t begin = 0, round = 0; round < length; ++round) {
    const size_t end = texts.size();
    for (; begin < end; ++begin) {
      for (const std::string& letter : alphabet) {
        texts.push_back(texts[begin] + letter);
      }
    }
  }
  return texts;
}

TEST(Wildcard, EveryShortPattern_MatchesEveryShortTextAsTheExpressionDoes) {
  const auto texts = AllTexts({"a", "b", "\xC3\xA9"}, 5);
  for (const std::string& pattern : AllTexts({"a", "\xC3\xA9", "*", "?"}, 5)) {
    const re2::RE2 expression(ToRegularExpression(pattern));
    const WildcardPattern wildcard(pattern);
    for (const std::string& text : texts) {
      ASSERT_EQ(wildcard.Matches(text), re2::RE2::FullMatch(text, expression))
          << pattern << " on " << text;
    }
  }
}

TEST(Wildcard, LongPatterns_MatchAsTheExpressionDoes) {
  std::mt19937_64 random(7);
  // The letters have one to four bytes.
  const std::vector<std::string> alphabet = {"a", "b", "\xC3\xA9",
                                             "\xF0\x9F\x99\x82"};
  int matches = 0;
  for (int i = 0; i < 6000; ++i) {
    // Half of the texts have only letters of one byte.
    const size_t letters = i % 2 == 0 ? 2 : alphabet.size();
    std::vector<std::string> text(random() % 400);
    for (std::string& letter : text) letter = alphabet[random() % letters];
    // The pattern is made from the text, so that many match.
    std::vector<std::string> pattern = text;
    for (std::string& piece : pattern) {
      switch (random() % 40) {
        case 0:
          piece = "*";
          break;
        case 1:
          piece = "*?";
          break;
        case 2:
        case 3:
        case 4:
          piece = "?";
          break;
        default:
          break;
      }
    }
    if (random() % 2 == 0 && !pattern.empty()) {
      const char* const other[] = {"a", "\xC3\xA9", "?", "*"};
      pattern[random() % pattern.size()] = other[random() % 4];
    }
    const std::string whole = absl::StrJoin(pattern, "");
    const re2::RE2 expression(ToRegularExpression(whole));
    ASSERT_TRUE(expression.ok()) << whole;
    const bool matched =
        WildcardPattern(whole).Matches(absl::StrJoin(text, ""));
    matches += matched ? 1 : 0;
    ASSERT_EQ(matched, re2::RE2::FullMatch(absl::StrJoin(text, ""), expression))
        << whole << " on " << absl::StrJoin(text, "");
  }
  EXPECT_GT(matches, 1000);
  EXPECT_LT(matches, 5000);
}

TEST(Wildcard, PartsAppended_AreLiteralOrOpenAsSaid) {
  WildcardPattern pattern;
  pattern.AppendLiteral("a*");
  pattern.AppendAnyCharacter();
  pattern.AppendLiteral("?");
  pattern.AppendAnyCharacters();
  pattern.AppendAnyCharacters();
  pattern.AppendLiteral("z");
  EXPECT_TRUE(pattern.Matches("a*x?z"));
  EXPECT_TRUE(pattern.Matches("a*\xC3\xA9?zzz"));
  EXPECT_FALSE(pattern.Matches("abx?z"));
  EXPECT_FALSE(pattern.Matches("a*xyz"));
  EXPECT_FALSE(pattern.Matches("a*?z"));
}

// A matcher that goes back would take far too long for each of these.
// tools/growth.py counts the cost.
TEST(Wildcard, HostilePatterns_AreAnswered) {
  const std::string text(10'000, 'a');
  std::string stars;
  std::string stars_and_marks;
  std::string marks;
  while (stars.size() < 10'000) {
    stars += "*a";
    stars_and_marks += "*a?";
    marks += "a?";
  }
  for (const std::string& pattern :
       {stars + "*b", stars_and_marks + "*b", "*" + marks + "b*",
        "*" + std::string(5'000, 'a') + "b*",
        "*" + std::string(5'000, '?') + "b*"}) {
    EXPECT_FALSE(WildcardPattern(pattern).Matches(text))
        << pattern.substr(0, 8);
  }
}

// Without a `?` bytes are compared. A `?` matches a byte and the continuation
// bytes after it.
TEST(Wildcard, MalformedText_IsMatchedWithoutHarm) {
  for (const std::string& text : AllTexts({"\x80", "\xC3", "\xF0", "a"}, 4)) {
    EXPECT_TRUE(WildcardPattern("*").Matches(text));
    EXPECT_TRUE(WildcardPattern(text).Matches(text));
    EXPECT_TRUE(WildcardPattern(text + "*").Matches(text + text));
    EXPECT_FALSE(WildcardPattern(text + "b*").Matches(text));
    std::string open;
    for (size_t at = 0; at < text.size(); at = EndOfCharacter(text, at)) {
      EXPECT_FALSE(WildcardPattern(open).Matches(text));
      open += '?';
    }
    EXPECT_TRUE(WildcardPattern(open).Matches(text));
    EXPECT_TRUE(WildcardPattern("*" + open).Matches(text));
    EXPECT_TRUE(WildcardPattern("*" + open + "*").Matches(text));
    EXPECT_FALSE(WildcardPattern("*" + open + "?*").Matches(text));
  }
}

// Appends a piece of a pattern, as variables do. A piece may be invalid UTF-8,
// and two may make one character.
void AppendPiece(int piece, WildcardPattern* pattern) {
  switch (piece) {
    case 0:
      return pattern->AppendAnyCharacter();
    case 1:
      return pattern->AppendAnyCharacters();
    case 2:
      return pattern->AppendLiteral("a");
    case 3:
      return pattern->AppendLiteral("\xC3");
    default:
      return pattern->AppendLiteral("\x80");
  }
}

// A segment after a `*` is searched for in one way when it is short and in
// another when it is long. After letters that occur nowhere else, both must
// agree.
TEST(Wildcard, MalformedPieces_MatchTheSameBehindAFewAndBehindManyLetters) {
  const auto texts = AllTexts({"a", "\xC3", "\x80"}, 5);
  constexpr int kPieces = 5;
  constexpr int kPatterns = kPieces * kPieces * kPieces * kPieces;
  int matches = 0;
  for (int number = 0; number < kPatterns; ++number) {
    WildcardPattern few;
    WildcardPattern many;
    few.AppendAnyCharacters();
    many.AppendAnyCharacters();
    few.AppendLiteral("z");
    many.AppendLiteral("zzzzzzzzzz");
    for (int rest = number, i = 0; i < 4; ++i, rest /= kPieces) {
      AppendPiece(rest % kPieces, &few);
      AppendPiece(rest % kPieces, &many);
    }
    few.AppendAnyCharacters();
    many.AppendAnyCharacters();
    for (const std::string& text : texts) {
      const bool matched = few.Matches("z" + text);
      ASSERT_EQ(many.Matches("zzzzzzzzzz" + text), matched)
          << number << " on " << testing::PrintToString(text);
      matches += matched ? 1 : 0;
    }
  }
  EXPECT_GT(matches, 1000);
}

}  // namespace
}  // namespace glue_security
