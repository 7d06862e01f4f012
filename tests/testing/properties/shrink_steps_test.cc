#include "glue_security/testing/choices/shrink_steps.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <vector>

#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/choices/shrink.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// Draws steps, each "another one?" and a number below 10; a number above 4
// draws another one, so that steps differ in length. A run fails at a 7 after a
// 3 or more, and ends there.
bool Fails(RecordingChoices& choices, std::vector<size_t>* starts) {
  bool armed = false;
  while (true) {
    const size_t start = choices.choices().size();
    if (choices.Below(20) == 0) return false;
    starts->push_back(start);
    const uint64_t number = choices.Below(10);
    if (number > 4) choices.Below(100);
    if (number == 7 && armed) return true;
    armed = armed || number >= 3;
  }
}

Choices FailingChoices(uint64_t seed) {
  SeededChoices seeded(seed);
  while (true) {
    RecordingChoices recording(&seeded);
    std::vector<size_t> starts;
    if (Fails(recording, &starts) && starts.size() > 5) {
      return recording.choices();
    }
  }
}

TEST(ShrinkSteps, LeavesTheStepsThatMatter) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const ShrinkResult result = ShrinkSteps(FailingChoices(seed), Fails);
    // "another one", 3; "another one", 7; the rest is drawn as 0.
    EXPECT_EQ(FormatChoices(result.choices), "1.3.1.7") << seed;
    EXPECT_TRUE(result.minimal);
    EXPECT_LE(result.runs, 500u);
  }
}

TEST(ShrinkSteps, RemovesManyStepsInFewRuns) {
  Choices choices;
  for (int n = 0; n < 10'000; ++n) choices.insert(choices.end(), {1, 2});
  choices.insert(choices.end(), {1, 9, 5, 1, 7, 5});
  const ShrinkResult result = ShrinkSteps(choices, Fails);
  EXPECT_EQ(FormatChoices(result.choices), "1.3.1.7");
  EXPECT_LE(result.runs, 400u);
}

TEST(ShrinkSteps, StopsAtTheBoundOfRuns) {
  ShrinkOptions options;
  options.runs_max = 10;
  const Choices choices = FailingChoices(1);
  const ShrinkResult result = ShrinkSteps(choices, Fails, options);
  EXPECT_FALSE(result.minimal);
  EXPECT_LE(result.runs, 12u);
  RecordedChoices recorded(result.choices);
  RecordingChoices recording(&recorded);
  std::vector<size_t> starts;
  EXPECT_TRUE(Fails(recording, &starts));
}

TEST(ShrinkSteps, ReturnsARunThatDoesNotFailAgain) {
  const ShrinkResult result = ShrinkSteps(
      {1, 7, 0}, [](RecordingChoices& choices, std::vector<size_t>* starts) {
        Fails(choices, starts);
        return false;
      });
  EXPECT_EQ(result.choices, (Choices{1, 7, 0}));
  EXPECT_EQ(result.runs, 1u);
  EXPECT_FALSE(result.minimal);
}

// Two clients take turns: a turn draws the client and, when the client begins a
// call, the number of the call; the next turn of the client ends it. The run
// fails when a call with a 7 ends while the other client is in a call with an
// even number.
bool FailsMixed(RecordingChoices& choices, std::vector<size_t>* steps) {
  std::vector<std::optional<uint64_t>> calls(2);
  std::vector<size_t> numbers(2);
  size_t next = 0;
  while (true) {
    const uint64_t turn = choices.Below(3);
    if (turn == 0) return false;
    std::optional<uint64_t>& call = calls[turn - 1];
    const bool ends = call.has_value();
    if (!ends) {
      call = choices.Below(10);
      numbers[turn - 1] = next++;
    }
    steps->resize(choices.choices().size(), numbers[turn - 1]);
    if (!ends) continue;
    const std::optional<uint64_t>& other = calls[2 - turn];
    if (*call == 7 && other.has_value() && *other % 2 == 0) return true;
    call.reset();
  }
}

// Expects that one client begins a call with 0, and the other one with a 7,
// which ends, in any order.
void ExpectTwoCalls(const Choices& choices) {
  const Choices expected[] = {
      {1, 0, 2, 7, 2}, {2, 0, 1, 7, 1}, {2, 7, 1, 0, 2}, {1, 7, 2, 0, 1}};
  EXPECT_EQ(std::count(std::begin(expected), std::end(expected), choices), 1)
      << FormatChoices(choices);
}

TEST(ShrinkMixedSteps, LeavesTheStepsThatMatter) {
  int shrunk = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    SeededChoices seeded(seed);
    RecordingChoices recording(&seeded);
    std::vector<size_t> steps;
    if (!FailsMixed(recording, &steps)) continue;
    const ShrinkResult result =
        ShrinkMixedSteps(recording.choices(), FailsMixed);
    ExpectTwoCalls(result.choices);
    EXPECT_TRUE(result.minimal);
    ++shrunk;
  }
  EXPECT_GE(shrunk, 20);
}

TEST(ShrinkMixedSteps, RemovesChoicesThatAreNotNeighbors) {
  // Client 1 begins a call before, and ends it after, each turn that matters.
  const ShrinkResult result =
      ShrinkMixedSteps({1, 3, 2, 7, 1, 1, 4, 2, 0, 0, 0}, FailsMixed);
  ExpectTwoCalls(result.choices);
}

TEST(ShrinkMixedSteps, ReturnsARunThatDoesNotFailAgain) {
  const ShrinkResult result = ShrinkMixedSteps(
      {1, 7, 0}, [](RecordingChoices& choices, std::vector<size_t>* steps) {
        FailsMixed(choices, steps);
        return false;
      });
  EXPECT_EQ(result.choices, (Choices{1, 7, 0}));
  EXPECT_EQ(result.runs, 1u);
  EXPECT_FALSE(result.minimal);
}

}  // namespace
}  // namespace glue_security
