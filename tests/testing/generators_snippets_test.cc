// The snippets of docs/testing_kit/generators_and_sequences.md, between marks.

#include <algorithm>
#include <string>
#include <vector>

#include "glue_security/engine/engine.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/choices/exhaustive_choices.h"
#include "glue_security/testing/choices/shrink.h"
#include "glue_security/testing/generators/request_generator.h"
#include "glue_security/testing/sequences/all_sequences.h"
#include "glue_security/testing/sequences/sequence.h"
#include "gtest/gtest.h"
#include "tests/testing/broken_backends.h"
#include "tests/testing/foreign_backend.h"

namespace glue_security {
namespace {

// [generator]
// A list of names, short as a rule. Draws: "another one?", a name, ...
std::vector<std::string> GenerateNames(ChoiceSource& choices) {
  std::vector<std::string> names;
  while (choices.Below(4) != 0) {
    names.push_back(choices.Pick<std::string>({"a", "b", "c"}));
  }
  return names;
}
// [generator end]

// [shrink]
// Returns true when two names in a row are equal.
bool MakesTwins(ChoiceSource& choices) {
  const std::vector<std::string> names = GenerateNames(choices);
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

TEST(Twins, AreShrunk) {
  SeededChoices seeded(7);
  Choices failing;
  for (bool found = false; !found;) {
    RecordingChoices recording(&seeded);
    found = MakesTwins(recording);
    failing = recording.choices();
  }
  const ShrinkResult shrunk = Shrink(failing, MakesTwins);
  EXPECT_EQ(FormatChoices(shrunk.choices), "1.0.1");
  RecordedChoices replay(shrunk.choices);
  EXPECT_EQ(GenerateNames(replay), (std::vector<std::string>{"a", "a"}));
}
// [shrink end]

TEST(Snippets, AllStreamsOfThreeChoices) {
  int count = 0;
  // [exhaustive]
  ExhaustiveChoices choices(/*choices_max=*/3);
  do {
    const std::vector<std::string> names = GenerateNames(choices);
    EXPECT_LE(names.size(), 2u);
    ++count;
  } while (choices.Next());
  // [exhaustive end]
  EXPECT_EQ(count, 1 + 9 * 4);
}

TEST(Snippets, EveryRuleIsBrokenAlone) {
  const Caller caller = GeneratedCallers()[0];
  MemoryStorage storage;
  Engine engine(&storage);
  // [rules]
  const RequestGenerator generator(Behavior::Documented());
  SeededChoices choices(1);
  v1::Request request;
  for (const ConstraintRule& rule : generator.rules()) {
    const auto broken = generator.GenerateBroken(rule, choices, {}, &request);
    const v1::Response answer = engine.Execute(caller, request);
    ASSERT_EQ(answer.error().violations_size(), 1) << rule.ToString();
    EXPECT_EQ(answer.error().violations(0).path(), broken->path());
    EXPECT_EQ(answer.error().violations(0).constraint(), broken->constraint());
  }
  // [rules end]
}

TestedBackend MakeMine(const BackendSetup& setup) {
  return EngineInMemory(setup);
}

// [sequences]
TEST(MyGlue, AnswersLikeTheModel) {
  SequenceOptions options;
  options.calls = 20'000;
  const SequenceReport report = CheckSequences(MakeMine, options);
  EXPECT_TRUE(report.ok()) << report.text << report.code;
}
// [sequences end]

// Its hashes, its clock and its errors are its own.
TestedBackend MakeMock(const BackendSetup& setup) {
  ForeignStyle style;
  style.own_clock = true;
  return Foreign(style)(setup);
}

// [own mock]
TEST(MyMock, AnswersLikeTheModel) {
  SequenceOptions options;
  options.calls = 20'000;
  options.shows_violations = false;  // Its errors have a code and a text.
  options.honours_clock = false;     // Its times are the system's.
  options.failures_max = 20;         // Goes on, and counts causes.

  KnownDifference no_time;
  no_time.reason = "issue 12: Create shows no time";
  no_time.operation = v1::Request::kCreateSecurityConfiguration;
  no_time.field = "created_timestamp";
  options.known_differences.push_back(no_time);

  const SequenceReport report = CheckSequences(MakeMock, options);
  EXPECT_TRUE(report.ok()) << report.text;
}
// [own mock end]

// [all sequences]
TEST(MyGlue, AnswersLikeTheModelToAllShortSequences) {
  AllSequencesOptions options;
  options.alphabet = DefaultAlphabet();
  options.observations.emplace_back().mutable_get_resource_policy();
  options.length = 2;
  const SequenceReport report = CheckAllSequences(MakeMine, options);
  EXPECT_TRUE(report.ok()) << report.text;
  EXPECT_EQ(report.sequences, 19 + 19 * 19);
}
// [all sequences end]

TEST(Snippets, AReportIsReplayed) {
  SequenceOptions options;
  options.seed = 1;
  // [replay]
  const SequenceReport report = CheckSequences(SkipsAtPages, options);
  ASSERT_FALSE(report.ok());
  options.replay = FormatChoices(report.choices);
  EXPECT_EQ(CheckSequences(SkipsAtPages, options).code, report.code);
  EXPECT_TRUE(CheckSequences(EngineInMemory, options).ok());
  // [replay end]
}

}  // namespace
}  // namespace glue_security
