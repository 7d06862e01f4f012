#include "glue_security/testing/sequences/sequence.h"

#include <cstdint>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/model/setting.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/choices/byte_choices.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/sequences/all_sequences.h"
#include "gtest/gtest.h"
#include "tests/testing/broken_backends.h"

namespace glue_security {
namespace {

// Options bounded by runs alone, so that each run gives the same report.
SequenceOptions Repeatable(FakeClock* clock) {
  SequenceOptions options;
  options.behavior.policy_checks = PolicyChecks::kJson;
  options.seed = 20261124;
  options.shrink.clock = clock;
  options.shrink.runs_max = 5'000;
  return options;
}

class SequenceTest : public testing::Test {
 protected:
  FakeClock still_{absl::UnixEpoch()};
  SequenceOptions options_ = Repeatable(&still_);
};

TEST_F(SequenceTest, TheEngineAnswersLikeTheModelAtEveryLevelOfChecks) {
  for (const PolicyChecks level :
       {PolicyChecks::kNone, PolicyChecks::kJson, PolicyChecks::kGrammar,
        PolicyChecks::kGlue}) {
    for (const Behavior& preset :
         {Behavior::Documented(), Behavior::Observed(), Behavior::Current()}) {
      options_.behavior = preset;
      options_.behavior.policy_checks = level;
      options_.calls = 5'000;
      const SequenceReport report = CheckSequences(EngineInMemory, options_);
      EXPECT_TRUE(report.ok()) << report.text;
      EXPECT_EQ(report.text, "");
      EXPECT_EQ(report.code, "");
      EXPECT_GE(report.calls, 5'000);
      EXPECT_GT(report.sequences, 5);
    }
  }
}

// A new limit is compared, too, unless the header of `SequenceOptions` excepts
// it.
TEST_F(SequenceTest, TheEngineAnswersLikeTheModelWithEveryLimit) {
  const std::set<std::string> excepted = {"response_bytes_max"};
  for (const Setting& limit : kSettings) {
    if (!limit.is_limit() || excepted.count(limit.name) > 0) continue;
    for (const int64_t value : {limit.min, limit.min + 1, limit.min + 2}) {
      SCOPED_TRACE(absl::StrCat(limit.name, " = ", value));
      BackendSettings settings = {Behavior::Current(), Limits()};
      ASSERT_EQ(limit.Set(absl::StrCat(value), &settings), "");
      options_.behavior = settings.behavior;
      options_.limits = settings.limits;
      options_.shows_messages = true;
      options_.calls = 3'000;
      const SequenceReport report = CheckSequences(EngineInMemory, options_);
      EXPECT_TRUE(report.ok()) << report.text;
    }
  }
}

TEST_F(SequenceTest, ADefectIsShrunkToTheCallsThatShowIt) {
  const SequenceReport report = CheckSequences(SkipsAtPages, options_);
  ASSERT_FALSE(report.ok());
  // The calls are two creates, a page of one, and the next page.
  EXPECT_TRUE(absl::StrContains(report.text, "\n4. ")) << report.text;
  EXPECT_FALSE(absl::StrContains(report.text, "\n5. ")) << report.text;
  EXPECT_TRUE(absl::StrContains(report.text, "\"TOKEN OF CALL 3\""));
  EXPECT_TRUE(absl::StrContains(
      report.text,
      "first difference: "
      "get_security_configurations.security_configurations[0]: nothing"))
      << report.text;
  EXPECT_TRUE(absl::StrContains(report.text, "GLUE_SECURITY_SEED=20261124"));
}

TEST_F(SequenceTest, ABoundThatIsOffByOneIsFound) {
  const SequenceReport report = CheckSequences(TakesShorterNames, options_);
  ASSERT_FALSE(report.ok());
  EXPECT_TRUE(absl::StrContains(report.text, "\n1. ")) << report.text;
  EXPECT_FALSE(absl::StrContains(report.text, "\n2. ")) << report.text;
  EXPECT_TRUE(absl::StrContains(report.text, std::string(255, 'x')))
      << report.text;
}

TEST_F(SequenceTest, TheSameSeedGivesTheSameReportByteForByte) {
  const SequenceReport first = CheckSequences(SkipsAtPages, options_);
  const SequenceReport second = CheckSequences(SkipsAtPages, options_);
  EXPECT_FALSE(first.ok());
  EXPECT_EQ(first.text, second.text);
  EXPECT_EQ(first.code, second.code);
  EXPECT_EQ(first.choices, second.choices);
  EXPECT_EQ(first.calls, second.calls);

  ++*options_.seed;
  const SequenceReport other = CheckSequences(SkipsAtPages, options_);
  EXPECT_FALSE(other.ok());
  EXPECT_NE(first.calls, other.calls);
}

// Returns the text without its title.
std::string Body(const std::string& text) {
  return text.substr(text.find('\n'));
}

TEST_F(SequenceTest, TheShrunkChoicesReplayTheSameSequence) {
  const SequenceReport report = CheckSequences(SkipsAtPages, options_);
  ASSERT_FALSE(report.ok());
  options_.replay = FormatChoices(report.choices);
  const SequenceReport replayed = CheckSequences(SkipsAtPages, options_);
  EXPECT_EQ(replayed.choices, report.choices);
  EXPECT_EQ(Body(replayed.text), Body(report.text));
  EXPECT_EQ(replayed.code, report.code);
  EXPECT_EQ(replayed.calls, 4);
  // The repaired backend passes.
  EXPECT_TRUE(CheckSequences(EngineInMemory, options_).ok());
}

TEST_F(SequenceTest, AReplayThatIsNoneSaysSo) {
  options_.replay = "1.2.x";
  const SequenceReport report = CheckSequences(EngineInMemory, options_);
  EXPECT_FALSE(report.ok());
  EXPECT_EQ(report.text, "no choices: 1.2.x\n");
}

TEST_F(SequenceTest, ABackendThatIsNotAFunctionOfItsCallsIsToldOf) {
  const SequenceReport report = CheckSequences(IsMoody, options_);
  EXPECT_FALSE(report.ok());
  EXPECT_TRUE(
      absl::StrContains(report.text, "it does not depend on them alone"))
      << report.text;
  EXPECT_EQ(report.code, "");
}

TEST_F(SequenceTest, OneSequenceFromAFuzzersBytes) {
  ByteChoices none("");
  EXPECT_TRUE(CheckSequence(SkipsAtPages, options_, none).ok());
  std::string bytes;
  SeededChoices random(3);
  for (int i = 0; i < 4'000; ++i) {
    bytes.push_back(static_cast<char>(random.Below(256)));
  }
  ByteChoices choices(bytes);
  const SequenceReport report =
      CheckSequence(EngineInMemory, options_, choices);
  EXPECT_TRUE(report.ok()) << report.text;
  EXPECT_GT(report.calls, 10);
}

// ---------------------------------------------------------------------------
// The generated C++

std::string ReadFile(const char* path) {
  std::ifstream file(path);
  return std::string((std::istreambuf_iterator<char>(file)),
                     std::istreambuf_iterator<char>());
}

// tests/testing/sequence_regression_test.cc contains the generated code.
TEST_F(SequenceTest, TheCodeOfAFailureIsTheCheckedInTest) {
  options_.factory_code = "EngineInMemory";
  const SequenceReport report = CheckSequences(SkipsAtPages, options_);
  ASSERT_FALSE(report.ok());
  const std::string file =
      ReadFile("tests/testing/sequence_regression_test.cc");
  EXPECT_TRUE(absl::StrContains(file, report.code))
      << "a new operation or member gives the seed another meaning; replace "
         "the test in sequence_regression_test.cc by\n"
      << report.code;
}

// The default name of the factory is declared nowhere.
TEST_F(SequenceTest, TheCodeOfAFailureSaysWhereTheFactoryBelongs) {
  const std::string comment = "// MakeBackend stands for your factory.\n";
  EXPECT_TRUE(absl::StrContains(CheckSequences(SkipsAtPages, options_).code,
                                absl::StrCat(comment, "TEST(")));
  options_.factory_code = "SkipsAtPages";
  EXPECT_FALSE(
      absl::StrContains(CheckSequences(SkipsAtPages, options_).code, comment));
}

// ---------------------------------------------------------------------------
// All sequences

TEST(AllSequences, AreAsManyAsThereAre) {
  for (const bool with_mark : {false, true}) {
    const BackendFactory factory = [&](const BackendSetup& setup) {
      TestedBackend tested = EngineInMemory(setup);
      if (!with_mark) tested.mark = nullptr;
      return tested;
    };
    AllSequencesOptions options;
    options.length = 3;
    const SequenceReport report = CheckAllSequences(factory, options);
    EXPECT_TRUE(report.ok()) << report.text;
    EXPECT_EQ(report.sequences, 19 + 19 * 19 + 19 * 19 * 19);
  }
}

// Returns two creates, a list of one, and a list of the next.
std::vector<v1::Request> Pages() {
  std::vector<v1::Request> alphabet;
  for (const char* name : {"a", "b"}) {
    auto* create =
        alphabet.emplace_back().mutable_create_security_configuration();
    create->set_name(name);
    create->mutable_encryption_configuration();
  }
  auto* first = alphabet.emplace_back().mutable_get_security_configurations();
  first->set_max_results(1);
  alphabet.emplace_back().mutable_get_security_configurations()->set_next_token(
      kLatestToken);
  return alphabet;
}

TEST(AllSequences, FindWhatIsWrongAndShowTheShortest) {
  AllSequencesOptions options;
  options.alphabet = Pages();
  options.length = 3;
  EXPECT_TRUE(CheckAllSequences(SkipsAtPages, options).ok());
  options.length = 5;
  const SequenceReport report = CheckAllSequences(SkipsAtPages, options);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.choices, (Choices{1, 2, 3, 4}));
  EXPECT_TRUE(absl::StrContains(report.text, "\"TOKEN OF CALL 3\""))
      << report.text;
  EXPECT_TRUE(absl::StrContains(report.code, "EXPECT_EQ(")) << report.code;
}

// The observation reveals a refused call that leaves a change behind.
TEST(AllSequences, ObservationsSeeWhatACallLeftBehind) {
  class Leaky : public Backend {
   public:
    explicit Leaky(const BackendSetup& setup)
        : engine_(EngineInMemory(setup)) {}
    v1::Response Execute(const Caller& caller,
                         const v1::Request& request) override {
      v1::Response answer = engine_.backend->Execute(caller, request);
      if (answer.has_error() && request.has_delete_resource_policy()) {
        v1::Request drop;
        drop.mutable_delete_resource_policy();
        engine_.backend->Execute(caller, drop);
      }
      return answer;
    }

   private:
    TestedBackend engine_;
  };
  AllSequencesOptions options;
  options.length = 2;
  const BackendFactory leaky = [](const BackendSetup& setup) {
    return TestedBackend(std::make_unique<Leaky>(setup));
  };
  EXPECT_TRUE(CheckAllSequences(leaky, options).ok());
  options.observations.emplace_back().mutable_get_resource_policy();
  const SequenceReport report = CheckAllSequences(leaky, options);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.choices.size(), 2u) << report.text;
}

}  // namespace
}  // namespace glue_security
