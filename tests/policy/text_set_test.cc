// Compares the matching of a set of texts with the matching of its texts, for
// all patterns and sets over a small alphabet.

#include "glue_security/policy/match/text_set.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace glue_security {
namespace {

// Returns all texts of `alphabet` of at most `size_max` characters.
std::vector<std::string> AllTexts(const std::string& alphabet,
                                  size_t size_max) {
  std::vector<std::string> texts = {""};
  for (size_t begin = 0, size = 0; size < size_max; ++size) {
    const size_t end = texts.size();
    for (size_t i = begin; i < end; ++i) {
      for (const char c : alphabet) texts.push_back(texts[i] + c);
    }
    begin = end;
  }
  return texts;
}

// Returns the truth from the texts with gaps of up to five characters. Patterns
// of up to four elements do not tell longer gaps apart.
Truth MatchTexts(const std::string& pattern, const TextSet& set,
                 const std::vector<std::string>& gaps) {
  const WildcardPattern compiled(pattern);
  bool all = true;
  bool any = false;
  for (const std::string& gap : gaps) {
    if (gap.size() < set.gap_min) continue;
    const bool matches = compiled.Matches(set.prefix + gap + set.suffix);
    all = all && matches;
    any = any || matches;
  }
  return all ? Truth::kTrue : any ? Truth::kUndecided : Truth::kFalse;
}

TEST(MatchSet, IsExactForAllSmallPatternsAndSets) {
  const std::vector<std::string> patterns = AllTexts("ab*?", 4);
  const std::vector<std::string> ends = AllTexts("ab", 2);
  // No pattern has a `c`.
  const std::vector<std::string> gaps = AllTexts("abc", 5);
  int counts[3] = {};
  for (const std::string& pattern : patterns) {
    for (const std::string& prefix : ends) {
      for (const std::string& suffix : ends) {
        for (const size_t gap_min : {0U, 1U, 3U}) {
          const TextSet set = {prefix, gap_min, suffix};
          const Truth truth = MatchSet(WildcardPattern(pattern), set);
          ASSERT_EQ(truth, MatchTexts(pattern, set, gaps))
              << "\"" << pattern << "\" on \"" << prefix << "\", " << gap_min
              << ", \"" << suffix << "\"";
          ++counts[static_cast<int>(truth)];
        }
      }
    }
  }
  for (const int count : counts) EXPECT_GT(count, 500);
}

TEST(MatchSet, TakesCharactersWhole_AndPatternsLongerThanAWord) {
  const TextSet set = {"ä", 1, "ö"};
  EXPECT_EQ(MatchSet(WildcardPattern("?*?"), set), Truth::kTrue);
  EXPECT_EQ(MatchSet(WildcardPattern("??*?"), set), Truth::kTrue);
  EXPECT_EQ(MatchSet(WildcardPattern("???*?"), set), Truth::kUndecided);
  EXPECT_EQ(MatchSet(WildcardPattern("ä?ö"), set), Truth::kUndecided);
  EXPECT_EQ(MatchSet(WildcardPattern("ü*"), set), Truth::kFalse);

  for (const size_t size : {62U, 63U, 64U, 65U, 127U, 128U, 129U, 1000U}) {
    const std::string a(size, 'a');
    const std::string open(size, '?');
    const TextSet longer = {a, 1, a};
    EXPECT_EQ(MatchSet(WildcardPattern(a + "*" + a), longer), Truth::kTrue);
    EXPECT_EQ(MatchSet(WildcardPattern(a + "a*" + a), longer),
              Truth::kUndecided);
    EXPECT_EQ(MatchSet(WildcardPattern(a + "?*" + a), longer), Truth::kTrue);
    EXPECT_EQ(MatchSet(WildcardPattern(a + "b*" + a), longer),
              Truth::kUndecided);
    EXPECT_EQ(MatchSet(WildcardPattern("b*" + a), longer), Truth::kFalse);
    EXPECT_EQ(MatchSet(WildcardPattern(open + "*" + open), longer),
              Truth::kTrue);
    EXPECT_EQ(MatchSet(WildcardPattern(open + open), longer), Truth::kFalse);
    EXPECT_EQ(MatchSet(WildcardPattern(open + "?" + open), longer),
              Truth::kUndecided);
  }
}

}  // namespace
}  // namespace glue_security
