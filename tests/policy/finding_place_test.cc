// Tests the lines and columns of all places of all short texts, and the
// pointers of all places of a document.

#include "glue_security/policy/check/finding_place.h"

#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/json/json_document.h"
#include "glue_security/policy/finding.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

Finding At(size_t offset) {
  Finding finding;
  finding.offset = offset;
  return finding;
}

// Expects the right line and column of each token in the text that they make
// together. A token is a code point or a CRLF.
void ExpectPlaces(const std::vector<std::string>& tokens) {
  std::string text;
  std::vector<Finding> findings;
  std::vector<std::string> expected;
  size_t line = 1;
  size_t column = 1;
  const auto expect_here = [&] {
    findings.push_back(At(text.size()));
    expected.push_back(absl::StrCat(line, ":", column));
  };
  for (const std::string& token : tokens) {
    // Together with the token before it this would be one CRLF.
    if (token == "\n" && !text.empty() && text.back() == '\r') return;
    expect_here();
    text += token;
    if (token == "\n" || token == "\r" || token == "\r\n") {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  expect_here();
  // An offset after the end gets the place of the end.
  findings.push_back(At(text.size() + 7));
  expected.push_back(expected.back());

  SetLines(text, &findings);
  std::vector<std::string> actual;
  for (const Finding& finding : findings) {
    actual.push_back(absl::StrCat(finding.line, ":", finding.column));
  }
  EXPECT_EQ(actual, expected) << text;
}

TEST(SetLines, CountsCodePointsAndAllKindsOfLineEnds) {
  const std::vector<std::string> alphabet = {"a",    "\t", "\n", "\r",
                                             "\r\n", "é",  "日", "😀"};
  constexpr size_t kLength = 4;
  size_t texts = 1;
  for (size_t i = 0; i < kLength; ++i) texts *= alphabet.size() + 1;
  for (size_t number = 0; number < texts; ++number) {
    std::vector<std::string> tokens;
    for (size_t rest = number; rest > 0; rest /= alphabet.size() + 1) {
      const size_t digit = rest % (alphabet.size() + 1);
      if (digit > 0) tokens.push_back(alphabet[digit - 1]);
    }
    ExpectPlaces(tokens);
  }
}

TEST(SetLines, GivesFindingsAtOnePlaceTheSame) {
  std::vector<Finding> findings = {At(2), At(2), At(3)};
  SetLines("a\nbc", &findings);
  EXPECT_EQ(findings[0].line, 2u);
  EXPECT_EQ(findings[0].column, 1u);
  EXPECT_EQ(findings[1].line, 2u);
  EXPECT_EQ(findings[1].column, 1u);
  EXPECT_EQ(findings[2].column, 2u);
}

// Lists the offset and pointer of every key and value, in the order of the
// text.
void ListPlaces(JsonDocument::Value value, const std::string& pointer,
                std::vector<std::pair<size_t, std::string>>* places) {
  places->push_back({value.offset(), pointer});
  if (value.is_array()) {
    size_t i = 0;
    for (const auto element : value.elements()) {
      ListPlaces(element, absl::StrCat(pointer, "/", i++), places);
    }
  } else if (value.is_object()) {
    for (const auto [key, inner] : value.members()) {
      std::string token;
      for (const char c : key.text()) {
        token += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
      }
      places->push_back({key.offset(), pointer + "/" + token});
      ListPlaces(inner, pointer + "/" + token, places);
    }
  }
}

TEST(SetPointers, LeadToEveryKeyAndValue) {
  const auto parsed = JsonDocument::Parse(R"( {
      "a": 1, "": [], "a": {"b/c~d": [[], [1, {"x": null}], "s"], "~1": {}},
      "\u00e9\"": [[[[]]]], "last": {"k": [{"m": true}]}} )");
  const auto& document = std::get<JsonDocument>(parsed);
  std::vector<std::pair<size_t, std::string>> places;
  ListPlaces(document.root(), "", &places);
  ASSERT_GE(places.size(), 30u);

  // Findings at all places together, at each place alone, and at each pair of
  // places.
  std::vector<Finding> all;
  for (const auto& [offset, pointer] : places) all.push_back(At(offset));
  SetPointers(document, &all);
  for (size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(all[i].pointer, places[i].second);
    for (size_t j = i; j < places.size(); ++j) {
      std::vector<Finding> two = {At(places[i].first), At(places[j].first)};
      SetPointers(document, &two);
      EXPECT_EQ(two[0].pointer, places[i].second);
      EXPECT_EQ(two[1].pointer, places[j].second);
    }
  }
}

TEST(SetPointers, OfNoFindings_DoesNothing) {
  const auto parsed = JsonDocument::Parse("{\"a\": 1}");
  std::vector<Finding> none;
  SetPointers(std::get<JsonDocument>(parsed), &none);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace glue_security
