#include "glue_security/testing/choices/shrink_steps.h"

#include <cstddef>
#include <cstdint>
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

}  // namespace
}  // namespace glue_security
