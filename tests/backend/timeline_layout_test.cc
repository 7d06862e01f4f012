#include "glue_security/backend/timeline_layout.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Adds a call; the history need not be in the order of the starts.
void Add(History* history, int client, uint64_t start, uint64_t end) {
  HistoryEntry& entry = history->emplace_back();
  entry.client = client;
  entry.start = start;
  entry.end = end;
  if (end != kNoEnd) entry.response.emplace();
}

// Returns calls of ten clients, one after the other.
History Row(size_t calls) {
  History history;
  for (uint64_t i = 0; i < calls; ++i) {
    Add(&history, static_cast<int>(i % 10), 10 * i, 10 * i + 5);
  }
  return history;
}

TimelineCalls All() {
  TimelineCalls calls;
  calls.calls_max = 1000;
  return calls;
}

std::vector<size_t> CallsIn(const TimelineLayout& layout) {
  std::vector<size_t> calls;
  for (const TimelineBox& box : layout.boxes) calls.push_back(box.call);
  return calls;
}

TEST(TimelineLayoutTest, AHistoryWithoutCallsHasNoBoxes) {
  const TimelineLayout layout = LayOutTimeline({}, All());
  EXPECT_THAT(layout.boxes, IsEmpty());
  EXPECT_THAT(layout.lanes, IsEmpty());
  EXPECT_THAT(layout.rows, IsEmpty());
}

TEST(TimelineLayoutTest, LinesAreTheStartsAndEndsInTheirOrder) {
  History history;
  Add(&history, 0, 100, 400);
  Add(&history, 1, 200, kNoEnd);
  Add(&history, 0, 500, 600);
  const TimelineLayout layout = LayOutTimeline(history, All());
  ASSERT_THAT(CallsIn(layout), ElementsAre(0, 1, 2));
  EXPECT_EQ(layout.boxes[0].begin, 0u);
  EXPECT_EQ(layout.boxes[0].end, 2u);
  EXPECT_EQ(layout.boxes[1].begin, 1u);
  EXPECT_EQ(layout.boxes[1].end, 5u);  // Below the last line.
  EXPECT_EQ(layout.boxes[2].begin, 3u);
  EXPECT_EQ(layout.boxes[2].end, 4u);
  EXPECT_THAT(layout.rows, ElementsAre(true, true, true, true, true));
}

TEST(TimelineLayoutTest, BoxesAreInTheOrderOfTheirStarts) {
  History history;
  Add(&history, 0, 30, 40);
  Add(&history, 0, 10, 20);
  EXPECT_THAT(CallsIn(LayOutTimeline(history, All())), ElementsAre(1, 0));
}

TEST(TimelineLayoutTest, OverlappingCallsOfOneClientHaveColumnsOfTheirOwn) {
  History history;
  Add(&history, 7, 0, 20);
  Add(&history, 7, 10, 30);
  Add(&history, 7, 25, 40);  // The first column is free again.
  Add(&history, 3, 5, 50);
  const TimelineLayout layout = LayOutTimeline(history, All());
  ASSERT_EQ(layout.lanes.size(), 2u);
  EXPECT_EQ(layout.lanes[0].client, 3);
  EXPECT_EQ(layout.lanes[0].column, 0u);
  EXPECT_EQ(layout.lanes[0].columns, 1u);
  EXPECT_EQ(layout.lanes[1].client, 7);
  EXPECT_EQ(layout.lanes[1].column, 1u);
  EXPECT_EQ(layout.lanes[1].columns, 2u);
  ASSERT_THAT(CallsIn(layout), ElementsAre(0, 3, 1, 2));
  EXPECT_EQ(layout.boxes[0].column, 1u);
  EXPECT_EQ(layout.boxes[1].column, 0u);
  EXPECT_EQ(layout.boxes[2].column, 2u);
  EXPECT_EQ(layout.boxes[3].column, 1u);
}

TEST(TimelineLayoutTest, ABoxIsAtLeastOneRowHigh) {
  History history;
  Add(&history, 0, 10, 10);
  Add(&history, 0, 9, 3);
  for (const TimelineBox& box : LayOutTimeline(history, All()).boxes) {
    EXPECT_GT(box.end, box.begin);
  }
}

TEST(TimelineLayoutTest, TheIllegalCallAndThoseOfOrdersMatter) {
  TimelineCalls calls = All();
  calls.matter = {1};
  calls.illegal = 3;
  calls.orders = {{5, 77}};
  const TimelineLayout layout = LayOutTimeline(Row(7), calls);
  for (const TimelineBox& box : layout.boxes) {
    EXPECT_EQ(box.matters, box.call == 1 || box.call == 3 || box.call == 5)
        << box.call;
    EXPECT_EQ(layout.rows[box.begin], box.matters);
    EXPECT_EQ(layout.rows[box.end], box.matters);
  }
  EXPECT_EQ(layout.moment, layout.boxes[3].end);
  ASSERT_EQ(layout.orders.size(), 1u);
  EXPECT_THAT(layout.orders[0], ElementsAre(5));  // There is no call 77.
}

TEST(TimelineLayoutTest, WithoutMarksTheEarliestCallsAreShown) {
  TimelineCalls calls;
  calls.calls_max = 3;
  const TimelineLayout layout = LayOutTimeline(Row(20), calls);
  EXPECT_THAT(CallsIn(layout), ElementsAre(0, 1, 2));
  EXPECT_EQ(layout.rows.size(), 6u);
}

TEST(TimelineLayoutTest, TheIllegalCallOrdersAndWhatMattersComeFirst) {
  TimelineCalls calls;
  calls.matter = {2, 90, 95};
  calls.illegal = 50;
  calls.orders = {{99, 1}};
  calls.calls_max = 1;
  EXPECT_THAT(CallsIn(LayOutTimeline(Row(100), calls)), ElementsAre(50));
  calls.calls_max = 3;
  EXPECT_THAT(CallsIn(LayOutTimeline(Row(100), calls)), ElementsAre(1, 50, 99));
  calls.calls_max = 4;
  // 90 is nearer to the illegal call than 2.
  EXPECT_THAT(CallsIn(LayOutTimeline(Row(100), calls)),
              ElementsAre(1, 50, 90, 99));
  calls.calls_max = 9;
  EXPECT_THAT(CallsIn(LayOutTimeline(Row(100), calls)),
              ElementsAre(1, 2, 48, 49, 50, 51, 90, 95, 99));
}

TEST(TimelineLayoutTest, OrdersHaveOnlyCallsThatAreShown) {
  TimelineCalls calls;
  calls.orders = {{4, 2, 0}, {3}};
  calls.calls_max = 2;
  const TimelineLayout layout = LayOutTimeline(Row(5), calls);
  EXPECT_THAT(CallsIn(layout), ElementsAre(0, 2));
  ASSERT_EQ(layout.orders.size(), 2u);
  EXPECT_THAT(layout.orders[0], ElementsAre(2, 0));
  EXPECT_THAT(layout.orders[1], IsEmpty());
}

}  // namespace
}  // namespace glue_security
