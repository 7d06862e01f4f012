#include "glue_security/backend/history_timeline.h"

#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::HasSubstr;
using testing::Not;

// Client 0 has a create that ended, then an error and an open call; client 1
// has two concurrent calls.
History Sample(const std::string& name = "a") {
  History history(5);
  for (size_t i = 0; i < history.size(); ++i) {
    history[i].client = i < 3 ? 0 : 1;
    history[i].caller = {"111111111111", "us-east-1", ""};
    history[i].start = 10 * i;
    history[i].end = 10 * i + 15;
    history[i].request.mutable_create_security_configuration()->set_name(name);
    history[i].response.emplace();
    history[i].response->mutable_create_security_configuration()->set_name(
        name);
  }
  history[0].end = 5;
  history[1].end = 16;
  history[1].response->mutable_error()->set_code(v1::ERROR_CODE_ALREADY_EXISTS);
  history[2].end = kNoEnd;
  history[2].response.reset();
  return history;
}

// Returns what is between two texts, or "" when they do not occur.
std::string Between(const std::string& text, const std::string& before,
                    const std::string& after) {
  const size_t begin = text.find(before);
  if (begin == std::string::npos) return "";
  const size_t end = text.find(after, begin + before.size());
  if (end == std::string::npos) return "";
  return text.substr(begin + before.size(), end - begin - before.size());
}

size_t CountOf(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(HistoryTimelineTest, EveryCallIsABoxAndIsShownInFull) {
  const std::string html = HistoryTimelineHtml(Sample());
  EXPECT_EQ(CountOf(html, "<li id=\"b"), 5u);
  EXPECT_EQ(CountOf(html, "<li id=\"c"), 5u);
  EXPECT_EQ(CountOf(html, "<li class=\"lane "), 2u);
  EXPECT_EQ(CountOf(html, "class=\"call ok\""), 3u);
  EXPECT_EQ(CountOf(html, "class=\"call error\""), 1u);
  EXPECT_EQ(CountOf(html, "class=\"call open endless\""), 1u);
  EXPECT_THAT(html, HasSubstr("AlreadyExistsException"));
  EXPECT_THAT(html, Not(HasSubstr("class=\"moment\"")));
  EXPECT_THAT(html, Not(HasSubstr("id=\"hide\"")));
  EXPECT_THAT(html, Not(HasSubstr("<fieldset")));
  EXPECT_THAT(html, Not(HasSubstr("are shown")));
}

TEST(HistoryTimelineTest, BoxesHaveTheirPlacesInTheGrid) {
  const std::string html = HistoryTimelineHtml(Sample());
  EXPECT_THAT(html, HasSubstr("#timeline{--columns:3;"));
  // The starts and ends are 0, 5, 10, 16, 20, 30, 40, 45 and 55.
  EXPECT_THAT(html, HasSubstr("#b0{grid-row:2/3;grid-column:1}"));
  EXPECT_THAT(html, HasSubstr("#b1{grid-row:4/5;grid-column:1}"));
  EXPECT_THAT(html, HasSubstr("#b2{grid-row:6/11;grid-column:1}"));
  EXPECT_THAT(html, HasSubstr("#b3{grid-row:7/9;grid-column:2}"));
  EXPECT_THAT(html, HasSubstr("#b4{grid-row:8/10;grid-column:3}"));
  EXPECT_THAT(html, HasSubstr(".l1{grid-column:2/4}"));
}

TEST(HistoryTimelineTest, MarksPointAtTheCallAndTheOrders) {
  TimelineMarks marks;
  marks.headline = "Wrong";
  marks.calls = {0, 1, 4};
  marks.illegal = 3;
  marks.orders = {{{0, 4}, "then this\nand that"}, {{4}, "or < that"}};
  const std::string html = HistoryTimelineHtml(Sample(), marks);
  EXPECT_THAT(html, HasSubstr("<h1>Wrong</h1>"));
  EXPECT_EQ(CountOf(html, " bad\">"), 1u);
  // A box, and the call in full.
  EXPECT_EQ(CountOf(html, " class=\"faded\">"), 1u);
  EXPECT_EQ(CountOf(html, " faded\">"), 1u);
  EXPECT_EQ(CountOf(html, "<li class=\"moment\""), 1u);
  EXPECT_THAT(html, HasSubstr("Hide faded calls (1)"));
  EXPECT_THAT(html, HasSubstr("then this<br>and that"));
  EXPECT_THAT(html, HasSubstr("or &lt; that"));
  const std::string first = Between(html, "<li id=\"b0\"", "</li>");
  EXPECT_THAT(first, HasSubstr("class=\"call ok in in-a\""));
  EXPECT_THAT(first, HasSubstr("data-place=\"a1\">A1</label>"));
  EXPECT_THAT(first, HasSubstr("<a href=\"#b4\" data-to=\"2\""));
  EXPECT_THAT(first, Not(HasSubstr(">?<")));
  const std::string last = Between(html, "<li id=\"b4\"", "</li>");
  EXPECT_THAT(last, HasSubstr("class=\"call ok in in-a in-b\""));
  EXPECT_THAT(last, HasSubstr("<a href=\"#b0\" data-to=\"1\""));
  EXPECT_THAT(last, HasSubstr("data-place=\"a2\">A2</label>"));
  EXPECT_THAT(last, HasSubstr("data-place=\"b1\">B1</label>"));
  EXPECT_THAT(last, HasSubstr(">?<"));  // Under way at the answer of #3.
  EXPECT_THAT(html, HasSubstr("id=\"order-a\" value=\"a\" autocomplete=\"off\" "
                              "data-calls=\"0 4\">"));
}

TEST(HistoryTimelineTest, ACallThatStartsAfterTheAnswerWasNotUnderWay) {
  TimelineMarks marks;
  marks.illegal = 1;  // Its answer is at 16; #2 starts at 20.
  EXPECT_EQ(CountOf(HistoryTimelineHtml(Sample(), marks), ">?<"), 0u);
  marks.illegal = 3;  // Its answer is at 45; #2 has none, and #4 starts at 40.
  // Two boxes, and two calls in full.
  EXPECT_EQ(CountOf(HistoryTimelineHtml(Sample(), marks), ">?<"), 4u);
}

TEST(HistoryTimelineTest, RowsOfFadedCallsNeedNoRoomWhenTheyAreHidden) {
  TimelineMarks marks;
  marks.calls = {0, 1};
  const std::string html = HistoryTimelineHtml(Sample(), marks);
  EXPECT_THAT(html, HasSubstr(";--rows:2rem repeat(9,minmax(.6rem,auto));"));
  EXPECT_THAT(html, HasSubstr("--rows-that-matter:2rem repeat(4,minmax(.6rem,"
                              "auto)) repeat(5,minmax(0,auto))}"));
}

TEST(HistoryTimelineTest, MarksThatPointNowhereAreIgnored) {
  TimelineMarks marks;
  marks.illegal = 99;
  marks.orders = {{{99}, ""}};
  const std::string html = HistoryTimelineHtml(Sample(), marks);
  EXPECT_EQ(CountOf(html, " bad\">"), 0u);
  EXPECT_THAT(html, Not(HasSubstr("#99")));
  EXPECT_THAT(HistoryTimelineHtml({}, marks), HasSubstr("</html>"));
}

TEST(HistoryTimelineTest, NamesAndArgumentsAreNotCut) {
  const std::string name(255, 'n');
  const std::string hash = "an/opaque+hash/of/a/policy==";
  History history = Sample(name);
  auto* put = history[0].request.mutable_put_resource_policy();
  put->set_policy_in_json("{\"Version\": \"2012-10-17\", \"Statement\": []}");
  put->set_policy_hash_condition(hash);
  const std::string html = HistoryTimelineHtml(history);
  EXPECT_THAT(Between(html, "<li id=\"b0\"", "</li>"),
              HasSubstr(absl::StrCat(
                  "<span class=\"text\">&quot;{\\&quot;Version\\&quot;: "
                  "\\&quot;2012-10-17\\&quot;, \\&quot;Statement\\&quot;: "
                  "[]}&quot; if hash &quot;",
                  hash, "&quot;</span>")));
  EXPECT_THAT(Between(html, "<li id=\"b1\"", "</li>"),
              HasSubstr(absl::StrCat("<span class=\"text\">&quot;", name,
                                     "&quot;</span>")));
  EXPECT_EQ(CountOf(html, "...&quot;"), 0u);
}

TEST(HistoryTimelineTest, AnArgumentOfManyBytesCanBeOpened) {
  const std::string policy(5000, 'p');
  History history = Sample();
  history[0].request.mutable_put_resource_policy()->set_policy_in_json(policy);
  const std::string box =
      Between(HistoryTimelineHtml(history), "<li id=\"b0\"", "</li>");
  EXPECT_THAT(box, HasSubstr("<details><summary>&quot;ppp"));
  EXPECT_THAT(box, HasSubstr("p... (5002 bytes)</summary>"));
  EXPECT_THAT(box, HasSubstr(absl::StrCat("</summary>&quot;", policy,
                                          "&quot;</details>")));
}

// Every byte, and texts that would end an element, an attribute or a script.
std::string HostileText() {
  std::string text =
      "<script>alert(1)</script>\"' onmouseover='x' &lt; </style></li> --> "
      "\xE2\x80\xA8 \xE2\x80\xAE ";
  for (int byte = 0; byte < 256; ++byte) text += static_cast<char>(byte);
  return text;
}

TEST(HistoryTimelineTest, NothingOfAHistoryBecomesMarkup) {
  const std::string hostile = HostileText();
  History history = Sample(hostile);
  history[0].caller = {hostile, hostile, hostile};
  history[1].response->mutable_error()->set_message(hostile);
  history[3].request.mutable_put_resource_policy()->set_policy_in_json(
      absl::StrCat(hostile, std::string(1000, '<')));
  TimelineMarks marks;
  marks.headline = hostile;
  marks.illegal = 0;
  marks.orders = {{{0}, hostile}};
  const std::string html = HistoryTimelineHtml(history, marks);
  EXPECT_EQ(CountOf(html, "<script"), 1u);
  EXPECT_EQ(CountOf(html, "</script>"), 1u);
  EXPECT_EQ(CountOf(html, "</style>"), 1u);
  EXPECT_THAT(html, Not(HasSubstr("' onmouseover")));
  EXPECT_THAT(html, Not(HasSubstr("\" onmouseover")));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(html, HasSubstr("&amp;lt;"));
  for (const char c : html) {
    ASSERT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << static_cast<int>(c);
  }
  // Harmless texts make the page with as many elements.
  const std::string harmless =
      HistoryTimelineHtml(Sample("harmless"), {"a", {}, 0, {{{0}, "b"}}});
  for (const char* tag : {"<a ", "<li ", "<label ", "<input ", "<b>", "<svg"}) {
    EXPECT_EQ(CountOf(html, tag), CountOf(harmless, tag)) << tag;
  }
}

std::string SourceOf(const std::string& contents) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(contents.data()),
         contents.size(), digest.data());
  return absl::StrCat(
      "'sha256-", absl::Base64Escape(std::string(digest.begin(), digest.end())),
      "'");
}

TEST(HistoryTimelineTest, ThePolicyAllowsItsStyleAndItsScriptAndNothingElse) {
  const std::string html = HistoryTimelineHtml(Sample());
  EXPECT_EQ(
      Between(html, "http-equiv=\"Content-Security-Policy\" content=\"", "\""),
      absl::StrCat("default-src 'none'; style-src ",
                   SourceOf(Between(html, "<style>", "</style>")),
                   "; script-src ",
                   SourceOf(Between(html, "<script>", "</script>")),
                   "; base-uri 'none'; form-action 'none'"));
  EXPECT_LT(html.find("Content-Security-Policy"), html.find("<style>"));
}

TEST(HistoryTimelineTest, ThePageNeedsNothingButItself) {
  const std::string html = HistoryTimelineHtml(Sample());
  for (const char* part : {"http:", "https:", "src=", "<link", "@import",
                           "url(http", "style=", "onclick="}) {
    EXPECT_FALSE(absl::StrContains(html, part)) << part;
  }
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme: dark"));
  EXPECT_THAT(html, HasSubstr("@media print"));
  EXPECT_EQ(html, HistoryTimelineHtml(Sample()));
}

History Many(size_t calls, const std::string& policy) {
  History history(calls);
  for (size_t i = 0; i < calls; ++i) {
    history[i].client = static_cast<int>(i % 100);
    history[i].start = 10 * i;
    history[i].end = 10 * i + 5;
    history[i].request.mutable_put_resource_policy()->set_policy_in_json(
        policy);
    history[i].response.emplace();
  }
  return history;
}

TEST(HistoryTimelineTest, ALongHistoryHasAPageOfBoundedSize) {
  const std::string html = HistoryTimelineHtml(Many(10'000, "{}"));
  EXPECT_EQ(CountOf(html, "<li id=\"b"), 1000u);
  EXPECT_EQ(CountOf(html, "<li id=\"c"), 1000u);
  EXPECT_THAT(html, HasSubstr("1000 of 10000 calls are shown."));
  EXPECT_LT(html.size(), 1'000'000u);
}

TEST(HistoryTimelineTest, LargeTextsHaveAPageOfBoundedSize) {
  TimelineBounds bounds;
  bounds.bytes_max = 1'000'000;
  TimelineMarks marks;
  marks.calls = {150, 151};
  const std::string policy(10'000, '"');
  const std::string html =
      HistoryTimelineHtml(Many(200, policy), marks, bounds);
  // Each quote takes seven bytes of the page, and is there twice.
  EXPECT_THAT(html, HasSubstr("Calls whose texts are not shown in full: 193."));
  for (const char* call : {"150", "151"}) {
    EXPECT_GT(
        Between(html, absl::StrCat("<li id=\"c", call, "\""), "</li>").size(),
        70'000u);
  }
  EXPECT_THAT(Between(html, "<li id=\"c199\"", "</li>"),
              HasSubstr("... (20042 bytes)"));
  EXPECT_LT(html.size(), 1'500'000u);
}

TEST(HistoryTimelineTest, OrdersAfterTheLastLetterAreLeftOut) {
  TimelineMarks marks;
  marks.orders = std::vector<TimelineMarks::Order>(40, {{0, 1}, "x"});
  const std::string html = HistoryTimelineHtml(Sample(), marks);
  EXPECT_EQ(CountOf(html, "type=\"radio\""), 27u);
  EXPECT_THAT(html, HasSubstr("data-place=\"z2\">Z2</label>"));
}

}  // namespace
}  // namespace glue_security
