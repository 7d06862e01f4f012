#include "glue_security/testing/choices/shrink.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// Makes a list like a generator of this kit.
std::vector<uint64_t> GenerateList(ChoiceSource& choices) {
  std::vector<uint64_t> list;
  while (list.size() < 50 && choices.Below(8) != 0) {
    list.push_back(choices.Below(1000));
  }
  return list;
}

// Returns a stream on which `fails` is true, found by trying seeds.
template <typename Fails>
Choices FindFailure(Fails&& fails) {
  for (uint64_t seed = 0; seed < 100'000; ++seed) {
    SeededChoices seeded(seed);
    RecordingChoices recording(&seeded);
    if (fails(recording)) return recording.choices();
  }
  ADD_FAILURE() << "no seed fails";
  return {};
}

template <typename Holds>
std::vector<uint64_t> SmallestListThat(Holds&& holds) {
  const auto fails = [&](ChoiceSource& c) { return holds(GenerateList(c)); };
  const ShrinkResult result = Shrink(FindFailure(fails), fails);
  EXPECT_TRUE(result.minimal);
  RecordedChoices choices(result.choices);
  std::vector<uint64_t> list = GenerateList(choices);
  EXPECT_TRUE(holds(list));
  return list;
}

TEST(ShrinkTest, ListsBecomeAsShortAndTheirNumbersAsSmallAsTheFailureAllows) {
  EXPECT_EQ(SmallestListThat([](const auto& list) { return list.size() >= 5; }),
            (std::vector<uint64_t>{0, 0, 0, 0, 0}));
  EXPECT_EQ(SmallestListThat([](const auto& list) {
              return std::any_of(list.begin(), list.end(),
                                 [](uint64_t n) { return n >= 417; });
            }),
            (std::vector<uint64_t>{417}));
  EXPECT_EQ(SmallestListThat([](const auto& list) {
              return std::any_of(list.begin(), list.end(),
                                 [](uint64_t n) { return n % 100 == 42; });
            }),
            (std::vector<uint64_t>{42}));
  EXPECT_EQ(SmallestListThat([](const auto& list) {
              return std::accumulate(list.begin(), list.end(), uint64_t{0}) >=
                     1500;
            }),
            (std::vector<uint64_t>{501, 999}));
  EXPECT_EQ(SmallestListThat([](const auto& list) {
              return !std::is_sorted(list.begin(), list.end());
            }),
            (std::vector<uint64_t>{1, 0}));
}

TEST(ShrinkTest, TwoNumbersThatMustBeEqualShrinkTogether) {
  EXPECT_EQ(SmallestListThat([](const auto& list) {
              for (size_t i = 0; i < list.size(); ++i) {
                for (size_t j = 0; j < i; ++j) {
                  if (list[i] == list[j] && list[i] >= 3) return true;
                }
              }
              return false;
            }),
            (std::vector<uint64_t>{3, 3}));
}

TEST(ShrinkTest, TheSameFailureShrinksToTheSameStream) {
  const auto fails = [](ChoiceSource& choices) {
    const auto list = GenerateList(choices);
    return list.size() > 3 && list[2] > list[1];
  };
  const Choices failure = FindFailure(fails);
  const ShrinkResult first = Shrink(failure, fails);
  const ShrinkResult second = Shrink(failure, fails);
  EXPECT_EQ(first.choices, second.choices);
  EXPECT_EQ(first.runs, second.runs);
}

TEST(ShrinkTest, WhatNeedsNoChoicesShrinksToNone) {
  const ShrinkResult result =
      Shrink({1, 2, 3}, [](ChoiceSource&) { return true; });
  EXPECT_TRUE(result.choices.empty());
}

TEST(ShrinkTest, AStreamThatDoesNotFailComesBackAfterOneRun) {
  const ShrinkResult result =
      Shrink({1, 2, 3}, [](ChoiceSource&) { return false; });
  EXPECT_EQ(result.choices, (Choices{1, 2, 3}));
  EXPECT_EQ(result.runs, 1u);
  EXPECT_FALSE(result.minimal);
}

TEST(ShrinkTest, TheBoundOfRunsHolds) {
  ShrinkOptions options;
  options.runs_max = 10;
  size_t runs = 0;
  const ShrinkResult result = Shrink(
      Choices(100, 9),
      [&runs](ChoiceSource& choices) {
        ++runs;
        return GenerateList(choices).size() >= 20;
      },
      options);
  EXPECT_EQ(result.runs, 10u);
  EXPECT_EQ(runs, 10u);
  EXPECT_FALSE(result.minimal);
}

TEST(ShrinkTest, TheBoundOfTimeHolds) {
  FakeClock clock(absl::UnixEpoch());
  ShrinkOptions options;
  options.time_max = absl::Seconds(10);
  options.clock = &clock;
  size_t runs = 0;
  const ShrinkResult result = Shrink(
      Choices(100, 9),
      [&](ChoiceSource& choices) {
        ++runs;
        clock.Advance(absl::Seconds(3));
        return GenerateList(choices).size() >= 20;
      },
      options);
  EXPECT_EQ(runs, 4u);
  EXPECT_FALSE(result.minimal);
}

}  // namespace
}  // namespace glue_security
