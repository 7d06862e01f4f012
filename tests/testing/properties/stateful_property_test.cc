#include "glue_security/testing/properties/stateful_property.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/choices/byte_choices.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/choices/exhaustive_choices.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/broken_backends.h"

namespace glue_security {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

const Caller& Someone() {
  static const Caller& caller = *new Caller{"123456789012", "us-east-1", ""};
  return caller;
}

PropertyOptions Seeded(uint64_t seed) {
  PropertyOptions options;
  options.seed = seed;
  options.shrink.time_max = absl::InfiniteDuration();
  return options;
}

struct Empty {};

// The number of steps so far.
struct Steps {
  int count = 0;
};

// Sets an environment variable until the end of the scope.
class ScopedEnvironment {
 public:
  ScopedEnvironment(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~ScopedEnvironment() { unsetenv(name_); }

 private:
  const char* const name_;
};

// The hash condition of a delete, which `TakesShortHashes` ignores when it has
// one character.
void PutPolicy(Empty&, PropertyStep& step) {
  v1::Request request;
  request.mutable_put_resource_policy()->set_policy_in_json(
      step.choices().Pick<std::string>({"{}", "{ }"}));
  step.Execute(Someone(), request);
}
void DeletePolicy(Empty&, PropertyStep& step) {
  v1::Request request;
  request.mutable_delete_resource_policy()->set_policy_hash_condition(
      step.choices().Pick<std::string>({"long", "s", "longer"}));
  if (!step.Execute(Someone(), request).has_error()) {
    step.Fail("a policy was deleted by a wrong hash");
  }
}
void ReadPolicy(Empty&, PropertyStep& step) {
  v1::Request request;
  request.mutable_get_resource_policy();
  step.Execute(Someone(), request);
}

StatefulProperty<Empty>& WrongHashes() {
  static auto& property = *[] {
    auto* made = new StatefulProperty<Empty>("a wrong hash deletes nothing");
    made->Rule("read", ReadPolicy);
    made->Rule("put", PutPolicy);
    made->Rule("delete", DeletePolicy);
    return made;
  }();
  return property;
}

PropertyOptions AnyDocument(uint64_t seed) {
  PropertyOptions options = Seeded(seed);
  options.behavior.policy_checks = PolicyChecks::kJson;
  return options;
}

TEST(StatefulProperty, ACorrectBackendPasses) {
  const PropertyReport report =
      WrongHashes().Check(EngineInMemory, AnyDocument(1));
  EXPECT_TRUE(report.ok()) << report.text;
  EXPECT_EQ(report.seed, 1u);
  EXPECT_EQ(report.statistics.runs, 100);
  EXPECT_THAT(report.notes, ElementsAre());
  EXPECT_THAT(report.choices, ElementsAre());
}

TEST(StatefulProperty, AFailureIsShrunkToTheStepsThatMatter) {
  const PropertyReport report =
      WrongHashes().Check(TakesShortHashes, AnyDocument(1));
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.failed, "rule \"delete\"");
  EXPECT_THAT(report.text,
              testing::MatchesRegex(
                  "property \"a wrong hash deletes nothing\" failed in run "
                  "[0-9]+ of GLUE_SECURITY_SEED=1, shrunk from [0-9]+ steps? "
                  "to 2 steps\n(.|\n)*"));
  EXPECT_THAT(
      report.text,
      HasSubstr(
          "to 2 steps\n"
          "1. put\n"
          "   123456789012 us-east-1: put_resource_policy { policy_in_json: "
          "\"{}\" }\n"
          "   -> put_resource_policy { policy_hash: "
          "\"RBNvo1WzZ4oRRq0W9+hkng==\" }\n"
          "2. delete\n"
          "   123456789012 us-east-1: delete_resource_policy { "
          "policy_hash_condition: \"s\" }\n"
          "   -> delete_resource_policy { }\n"
          "   failed: a policy was deleted by a wrong hash\n"
          "GLUE_SECURITY_REPLAY=1.1.0.1.2.1\n"));
  EXPECT_EQ(FormatChoices(report.choices), "1.1.0.1.2.1");
}

TEST(StatefulProperty, ASeedGivesTheSameReport) {
  const PropertyReport first =
      WrongHashes().Check(TakesShortHashes, AnyDocument(7));
  EXPECT_EQ(WrongHashes().Check(TakesShortHashes, AnyDocument(7)).text,
            first.text);
  PropertyOptions options = AnyDocument(0);
  options.seed.reset();
  const ScopedEnvironment seed("GLUE_SECURITY_SEED", "7");
  EXPECT_EQ(WrongHashes().Check(TakesShortHashes, options).text, first.text);
}

TEST(StatefulProperty, AReplayMakesOneRun) {
  PropertyOptions options = AnyDocument(1);
  options.replay = "1.1.0.1.2.1";
  const PropertyReport report = WrongHashes().Check(TakesShortHashes, options);
  EXPECT_THAT(report.text,
              HasSubstr("failed in the replayed run, after 2 steps\n1. put\n"));
  EXPECT_THAT(report.text, HasSubstr("GLUE_SECURITY_REPLAY=1.1.0.1.2.1\n"));
  EXPECT_EQ(report.statistics.runs, 0);
  EXPECT_TRUE(WrongHashes().Check(EngineInMemory, options).ok());

  options.replay.clear();
  const ScopedEnvironment replay("GLUE_SECURITY_REPLAY", "1.1.0.1.2.1");
  EXPECT_EQ(WrongHashes().Check(TakesShortHashes, options).text, report.text);
}

TEST(StatefulProperty, AReplayThatIsNoChoicesFails) {
  PropertyOptions options = AnyDocument(1);
  options.replay = "1,2";
  EXPECT_EQ(WrongHashes().Check(EngineInMemory, options).text,
            "no choices: 1,2\n");
}

// Returns the report of a property whose only rule is `action`.
PropertyReport CheckAction(StatefulProperty<Steps>::Action action) {
  StatefulProperty<Steps> property("an action");
  property.Rule("act", std::move(action));
  return property.Check(EngineInMemory, Seeded(1));
}

TEST(StatefulProperty, EveryWayToFailIsSeen) {
  EXPECT_THAT(CheckAction([](Steps&, PropertyStep&) { EXPECT_EQ(1, 2); }).text,
              HasSubstr("stateful_property_test.cc:"));
  int after_assert = 0;
  EXPECT_THAT(CheckAction([&](Steps&, PropertyStep&) {
                ASSERT_TRUE(false) << "because";
                ++after_assert;
              }).text,
              HasSubstr("because"));
  EXPECT_EQ(after_assert, 0);
  EXPECT_THAT(CheckAction([](Steps&, PropertyStep& step) {
                step.Fail("first");
                step.Fail("second");
              }).text,
              HasSubstr("   failed: first\n   failed: second\n"));
  EXPECT_THAT(CheckAction([](Steps&, PropertyStep&) {
                throw std::runtime_error("broken");
              }).text,
              HasSubstr("   failed: an exception: broken\n"));
  EXPECT_THAT(CheckAction([](Steps&, PropertyStep&) { throw 1; }).text,
              HasSubstr("   failed: an exception that is no std::exception\n"));
  EXPECT_TRUE(CheckAction([](Steps&, PropertyStep&) { SUCCEED(); }).ok());
}

TEST(StatefulProperty, ARunEndsAtItsFirstFailure) {
  int steps = 0;
  StatefulProperty<Empty> property("ends");
  property.Rule("act", [&](Empty&, PropertyStep& step) {
    ++steps;
    step.Fail("no");
  });
  SeededChoices choices(1);
  EXPECT_FALSE(property.CheckOnce(EngineInMemory, choices, Seeded(1)).ok());
  // Once more for the report.
  EXPECT_EQ(steps, 2);
}

TEST(StatefulProperty, InvariantsAreCheckedBeforeTheFirstStepAndAfterEach) {
  std::vector<std::string> order;
  StatefulProperty<Empty> property("order");
  property.Rule("act",
                [&](Empty&, PropertyStep&) { order.emplace_back("act"); });
  property.Invariant("one",
                     [&](Empty&, PropertyStep&) { order.emplace_back("one"); });
  property.Invariant("two",
                     [&](Empty&, PropertyStep&) { order.emplace_back("two"); });
  RecordedChoices choices({1, 1, 0});
  EXPECT_TRUE(property.CheckOnce(EngineInMemory, choices).ok());
  EXPECT_THAT(order, ElementsAre("one", "two", "act", "one", "two", "act",
                                 "one", "two"));
}

TEST(StatefulProperty, AnInvariantIsReportedWithItsCalls) {
  StatefulProperty<Steps> property("few steps");
  property.Rule("act", [](Steps& steps, PropertyStep& step) {
    ++steps.count;
    step.Note(absl::StrCat("step ", steps.count));
    step.clock().Advance(absl::Seconds(3));
  });
  property.Invariant("below 2", [](Steps& steps, PropertyStep& step) {
    v1::Request request;
    request.mutable_get_resource_policy();
    step.Execute(Someone(), request);
    if (steps.count >= 2) step.Fail("too many");
  });
  const PropertyReport report = property.Check(EngineInMemory, Seeded(3));
  EXPECT_EQ(report.failed, "invariant \"below 2\"");
  EXPECT_THAT(report.text,
              HasSubstr("to 2 steps\n"
                        "1. act\n"
                        "   step 1\n"
                        "   the clock moved by 3s\n"
                        "2. act\n"
                        "   step 2\n"
                        "   the clock moved by 3s\n"
                        "invariant \"below 2\"\n"
                        "   123456789012 us-east-1: get_resource_policy { }\n"
                        "   -> error { code: ERROR_CODE_ENTITY_NOT_FOUND"));
  EXPECT_THAT(report.text, HasSubstr("   failed: too many\n"));
  EXPECT_EQ(FormatChoices(report.choices), "1.1");
}

TEST(StatefulProperty, AnInvariantCanFailBeforeTheFirstStep) {
  StatefulProperty<Empty> property("starts well");
  property.Rule("act", [](Empty&, PropertyStep&) {});
  property.Invariant("never",
                     [](Empty&, PropertyStep& step) { step.Fail("no"); });
  const PropertyReport report = property.Check(EngineInMemory, Seeded(1));
  EXPECT_FALSE(report.ok());
  EXPECT_THAT(report.choices, ElementsAre());
  EXPECT_THAT(report.text, HasSubstr("shrunk from 0 steps to 0 steps\n"
                                     "invariant \"never\", before the first "
                                     "step\n   failed: no\n"
                                     "GLUE_SECURITY_REPLAY=0\n"));
}

TEST(StatefulProperty, ARuleRunsOnlyWhereItsPreconditionHolds) {
  int wrong = 0;
  StatefulProperty<Steps> property("up and down");
  property.Rule("up", [](Steps& steps, PropertyStep&) { ++steps.count; });
  property.Rule(
      "down", [](const Steps& steps) { return steps.count > 0; },
      [&](Steps& steps, PropertyStep&) {
        if (steps.count-- == 0) ++wrong;
      });
  property.Rule(
      "never", [](const Steps&) { return false; },
      [&](Steps&, PropertyStep&) { ++wrong; });
  const PropertyReport report = property.Check(EngineInMemory, Seeded(1));
  EXPECT_TRUE(report.ok()) << report.text;
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(report.statistics.rules[1].count, 1000);
  EXPECT_EQ(report.statistics.rules[2].count, 0);
}

TEST(StatefulProperty, AllowedRulesRunEquallyOften) {
  StatefulProperty<Empty> property("equal");
  for (int rule = 0; rule < 6; ++rule) {
    property.Rule(
        absl::StrCat(rule), [rule](const Empty&) { return rule % 2 == 0; },
        [](Empty&, PropertyStep&) {});
  }
  PropertyOptions options = Seeded(5);
  options.runs = 600;
  const PropertyReport report = property.Check(EngineInMemory, options);
  const double third = static_cast<double>(report.statistics.steps) / 3;
  EXPECT_GT(third, 5000);
  for (const int rule : {0, 2, 4}) {
    EXPECT_NEAR(static_cast<double>(
                    report.statistics.rules[static_cast<size_t>(rule)].count),
                third, 0.05 * third);
  }
}

TEST(StatefulProperty, ARunEndsWhenNoRuleIsAllowed) {
  StatefulProperty<Steps> property("three");
  property.Rule(
      "act", [](const Steps& steps) { return steps.count < 3; },
      [](Steps& steps, PropertyStep&) { ++steps.count; });
  property.Invariant("at most 3", [](Steps& steps, PropertyStep&) {
    EXPECT_LE(steps.count, 3);
  });
  const PropertyReport report = property.Check(EngineInMemory, Seeded(1));
  EXPECT_TRUE(report.ok()) << report.text;
  EXPECT_LE(report.statistics.steps, 300);
}

TEST(StatefulProperty, EveryRunHasItsOwnStateBackendAndClock) {
  StatefulProperty<Steps> property("new", [] { return Steps{10}; });
  property.Rule("act", [](Steps& steps, PropertyStep& step) {
    v1::Request request;
    request.mutable_get_resource_policy();
    const bool is_first = steps.count++ == 10;
    EXPECT_EQ(step.Execute(Someone(), request).has_error(), is_first);
    EXPECT_EQ(step.clock().Now() == absl::FromUnixSeconds(1567296000),
              is_first);
    step.clock().Advance(absl::Seconds(1));
    request.mutable_put_resource_policy()->set_policy_in_json("{}");
    step.Execute(Someone(), request);
  });
  const PropertyReport report = property.Check(EngineInMemory, AnyDocument(1));
  EXPECT_TRUE(report.ok()) << report.text;
}

TEST(StatefulProperty, ShrinkingKeepsToTheFailureThatWasFound) {
  // The second failure is simpler, but it is another one.
  StatefulProperty<Steps> property("two failures");
  property.Rule("fails late", [](Steps& steps, PropertyStep&) {
    ++steps.count;
    EXPECT_LT(steps.count, 3) << "late";
    EXPECT_NE(steps.count, 1000) << "never";
  });
  property.Rule("fails by chance", [](Steps&, PropertyStep& step) {
    EXPECT_LT(step.choices().Below(1'000'000), 999'999u) << "by chance";
  });
  const PropertyReport report = property.Check(EngineInMemory, Seeded(1));
  EXPECT_THAT(report.text, HasSubstr("to 3 steps\n"));
  EXPECT_THAT(report.text, HasSubstr("late"));
  EXPECT_THAT(report.text, Not(HasSubstr("by chance")));
}

TEST(StatefulProperty, AFailureThatDoesNotRepeatIsSaidToBeSo) {
  int calls = 0;
  StatefulProperty<Empty> property("moody");
  property.Rule("act", [&](Empty&, PropertyStep& step) {
    if (++calls == 100) step.Fail("the hundredth");
  });
  PropertyOptions options = Seeded(1);
  options.failures_file = testing::TempDir() + "moody.failures";
  std::remove(options.failures_file.c_str());
  const PropertyReport report = property.Check(EngineInMemory, options);
  EXPECT_THAT(report.text,
              HasSubstr(": rule \"act\", but not when the same steps were made "
                        "again; it does not depend on them alone\n"
                        "   the hundredth\nGLUE_SECURITY_REPLAY="));
  // It would pass, so it is not kept.
  EXPECT_NE(std::remove(options.failures_file.c_str()), 0);
}

TEST(StatefulProperty, APropertyWithoutRulesFails) {
  EXPECT_EQ(StatefulProperty<Empty>("none").Check(EngineInMemory).text,
            "property \"none\" has no rules\n");
}

TEST(StatefulProperty, AnySourceOfChoicesMakesARun) {
  ByteChoices bytes(absl::string_view("\x01\x01\x00\x01\x02\x01", 6));
  const PropertyReport report =
      WrongHashes().CheckOnce(TakesShortHashes, bytes, AnyDocument(1));
  EXPECT_THAT(report.text, HasSubstr("failed, after 2 steps\n1. put\n"));
  EXPECT_EQ(FormatChoices(report.choices), "1.1.0.1.2.1");

  PropertyOptions options = AnyDocument(1);
  options.steps = 1;  // "another one?" is yes or no
  ExhaustiveChoices all(/*choices_max=*/6);
  int failures = 0;
  do {
    if (!WrongHashes().CheckOnce(TakesShortHashes, all, options).ok()) {
      ++failures;
    }
  } while (all.Next());
  // Both texts, then the short hash.
  EXPECT_EQ(failures, 2);
}

TEST(StatefulProperty, StatisticsCountRulesAndLabels) {
  StatefulProperty<Empty> property("counted");
  property.Rule("a", [](Empty&, PropertyStep& step) {
    step.Label(step.choices().OneIn(4) ? "rare" : "usual");
    step.Label("always");
    step.Label("always");
  });
  property.Rule("b", [](Empty&, PropertyStep&) {});
  property.Invariant("labeled",
                     [](Empty&, PropertyStep& step) { step.Label("checked"); });
  property.Invariant("plain", [](Empty&, PropertyStep&) {});
  PropertyOptions options = Seeded(1);
  options.runs = 200;
  const PropertyReport report = property.Check(EngineInMemory, options);
  const PropertyStatistics& statistics = report.statistics;
  EXPECT_EQ(statistics.runs, 200);
  EXPECT_GT(statistics.steps, 6000);
  EXPECT_LT(statistics.steps, 12000);
  const auto& a = statistics.rules[0];
  EXPECT_EQ(a.count + statistics.rules[1].count, statistics.steps);
  EXPECT_EQ(a.labels.at("always"), a.count);
  EXPECT_EQ(a.labels.at("rare") + a.labels.at("usual"), a.count);
  EXPECT_NEAR(static_cast<double>(a.labels.at("rare")),
              0.25 * static_cast<double>(a.count),
              0.05 * static_cast<double>(a.count));
  EXPECT_THAT(statistics.invariants[0].labels,
              ElementsAre(Pair("checked", statistics.steps + 200)));
  EXPECT_EQ(statistics.invariants[1].count, statistics.steps + 200);
}

TEST(PropertyStatistics, AreATableInPercent) {
  PropertyStatistics statistics;
  statistics.runs = 2;
  statistics.steps = 1200;
  statistics.rules = {{"put", 900, {{"fresh", 300}, {"stale", 600}}},
                      {"delete", 300, {}},
                      {"never", 0, {}}};
  statistics.invariants = {{"plain", 5, {}}, {"list", 8, {{"empty", 2}}}};
  EXPECT_EQ(statistics.Table(),
            "2 runs, 1200 steps\n"
            "  put             900   75.0 %\n"
            "    fresh         300   33.3 %\n"
            "    stale         600   66.7 %\n"
            "  delete          300   25.0 %\n"
            "  never             0    0.0 %\n"
            "  invariant list    8  100.0 %\n"
            "    empty           2   25.0 %\n");
  EXPECT_EQ(PropertyStatistics().Table(), "0 runs, 0 steps\n");
}

TEST(StatefulProperty, StatisticsArePrintedWhenAskedFor) {
  StatefulProperty<Empty> property("printed");
  property.Rule("act", [](Empty&, PropertyStep&) {});
  const auto printed = [&](const PropertyOptions& options) {
    std::ostringstream out;
    std::streambuf* const before = std::cout.rdbuf(out.rdbuf());
    property.Check(EngineInMemory, options);
    std::cout.rdbuf(before);
    return out.str();
  };
  PropertyOptions options = Seeded(1);
  EXPECT_EQ(printed(options), "");
  {
    const ScopedEnvironment stats("GLUE_SECURITY_STATS", "1");
    const ScopedEnvironment runs("GLUE_SECURITY_RUNS", "3");
    EXPECT_THAT(printed(options),
                testing::StartsWith("property \"printed\": 3 runs, "));
  }
  options.print_statistics = true;
  EXPECT_THAT(printed(options),
              testing::StartsWith("property \"printed\": 100 runs, "));
}

// ---- The clock

TEST(StatefulProperty, ABackendOnTheSystemsClockIsRefused) {
  const BackendFactory of_system = [](const BackendSetup& setup) {
    BackendSetup other = setup;
    other.clock = Clock::System();
    return EngineInMemory(other);
  };
  PropertyOptions options = AnyDocument(1);
  const PropertyReport report = WrongHashes().Check(of_system, options);
  EXPECT_THAT(report.text,
              testing::StartsWith(
                  "property \"a wrong hash deletes nothing\" is not checked: "
                  "the backend's clock is the system's: the same run would "
                  "have other times when it is made again"));
  EXPECT_THAT(report.text, HasSubstr("set honours_clock = false"));
  EXPECT_EQ(report.failed, "");
  EXPECT_THAT(report.choices, ElementsAre());

  // A put and a read.
  options.replay = "1.1.0.1.0.0";
  EXPECT_EQ(WrongHashes().Check(of_system, options).text, report.text);
  RecordedChoices recorded({1, 1, 0, 1, 0, 0});
  EXPECT_EQ(WrongHashes().CheckOnce(of_system, recorded, options).text,
            report.text);

  options.replay.clear();
  options.honours_clock = false;
  EXPECT_TRUE(WrongHashes().Check(of_system, options).ok());
}

TEST(StatefulProperty, ARuleThatMakesTheClockRunFails) {
  for (const auto& run : {+[](FakeClock& clock) { clock.Run(); },
                          +[](FakeClock& clock) { clock.Reset(); }}) {
    const PropertyReport report =
        CheckAction([run](Steps&, PropertyStep& step) { run(step.clock()); });
    EXPECT_EQ(report.failed, "rule \"act\"");
    EXPECT_THAT(report.text,
                HasSubstr("failed: PropertyStep::clock() follows the system's: "
                          "the same run would have other times when it is "
                          "made again"));
  }
  EXPECT_TRUE(CheckAction([](Steps&, PropertyStep& step) {
                step.clock().Set(absl::FromUnixSeconds(1));
                step.clock().Advance(absl::Hours(1));
              }).ok());
}

}  // namespace
}  // namespace glue_security
