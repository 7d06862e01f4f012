#include "glue_security/backend/history_timeline.h"

#include <string>

#include "absl/strings/match.h"
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

size_t CountOf(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(HistoryTimelineTest, EveryCallIsABoxAndARow) {
  const std::string html = HistoryTimelineHtml(Sample());
  EXPECT_EQ(CountOf(html, "<a class=\"call "), 5u);
  EXPECT_EQ(CountOf(html, "<tr id=\"c"), 5u);
  EXPECT_EQ(CountOf(html, "<div class=\"lane\">"), 2u);
  EXPECT_EQ(CountOf(html, "<a class=\"call ok\""), 3u);
  EXPECT_EQ(CountOf(html, "<a class=\"call error\""), 1u);
  EXPECT_EQ(CountOf(html, "<a class=\"call open endless\""), 1u);
  EXPECT_THAT(html, HasSubstr("AlreadyExistsException"));
  EXPECT_THAT(html, Not(HasSubstr("class=\"moment\"")));
}

TEST(HistoryTimelineTest, CallsOfOneClientThatOverlapStandBesideEachOther) {
  const std::string html = HistoryTimelineHtml(Sample());
  EXPECT_EQ(CountOf(html, "left:3px"), 4u);
  EXPECT_EQ(CountOf(html, "left:265px"), 1u);
}

TEST(HistoryTimelineTest, MarksPointAtTheCallAndTheOrders) {
  TimelineMarks marks;
  marks.headline = "Wrong";
  marks.calls = {0, 1, 4};
  marks.illegal = 1;
  marks.orders = {{{0, 4}, "then this\nand that"}, {{4}, "or < that"}};
  const std::string html = HistoryTimelineHtml(Sample(), marks);
  EXPECT_THAT(html, HasSubstr("<h1>Wrong</h1>"));
  EXPECT_EQ(CountOf(html, " bad\" href"), 1u);
  EXPECT_EQ(CountOf(html, " faded\""), 2u);
  EXPECT_EQ(CountOf(html, "class=\"moment\""), 2u);  // One in each lane.
  EXPECT_THAT(html, HasSubstr("<i>A1</i>#0"));
  EXPECT_THAT(html, HasSubstr("<i>B1</i><i>A2</i><u>? </u>#4"));
  EXPECT_THAT(html, HasSubstr("then this<br>and that"));
  EXPECT_THAT(html, HasSubstr("or &lt; that"));
}

TEST(HistoryTimelineTest, MarksThatPointNowhereAreIgnored) {
  TimelineMarks marks;
  marks.illegal = 99;
  marks.orders = {{{99}, ""}};
  const std::string html = HistoryTimelineHtml(Sample(), marks);
  EXPECT_EQ(CountOf(html, " bad\" href"), 0u);
  EXPECT_THAT(HistoryTimelineHtml({}, marks), HasSubstr("</html>"));
}

TEST(HistoryTimelineTest, NothingOfAHistoryBecomesMarkup) {
  const std::string hostile =
      "<script>alert(1)</script>\"' onmouseover='x' &lt; \xFF\n</style>";
  History history = Sample(hostile);
  history[0].caller = {hostile, hostile, hostile};
  history[1].response->mutable_error()->set_message(hostile);
  TimelineMarks marks;
  marks.headline = hostile;
  marks.illegal = 0;
  marks.orders = {{{0}, hostile}};
  const std::string html = HistoryTimelineHtml(history, marks);
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("' onmouseover")));
  EXPECT_THAT(html, Not(HasSubstr("\" onmouseover")));
  EXPECT_EQ(CountOf(html, "</style>"), 1u);
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(html, HasSubstr("&amp;lt;"));
  EXPECT_EQ(html.find('\xFF'), std::string::npos);
}

TEST(HistoryTimelineTest, ThePageNeedsNothingButItself) {
  const std::string html = HistoryTimelineHtml(Sample());
  for (const char* part :
       {"http:", "https:", "src=", "<link", "<script", "@import", "url("}) {
    EXPECT_FALSE(absl::StrContains(html, part)) << part;
  }
  EXPECT_THAT(html, HasSubstr("prefers-color-scheme: dark"));
}

}  // namespace
}  // namespace glue_security
