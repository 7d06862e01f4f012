// ScheduleExplorer itself: its counts, its output, its replays, and that its
// reduction loses nothing. defective_schedules_test.cc shows that it finds
// defects, schedule_exhaustive_test.cc that it finds none in the engine.

#include "glue_security/testing/schedules/schedule_explorer.h"

#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/model/error.h"
#include "glue_security/testing/defects/defective_schedules.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

ScheduleOptions WithFaults(int faults_max) {
  ScheduleOptions options;
  options.faults_max = faults_max;
  return options;
}

ScheduleOptions WithOperation(ScheduledOperationFactory new_operation,
                              int faults_max) {
  ScheduleOptions options = WithFaults(faults_max);
  options.new_operation = std::move(new_operation);
  return options;
}

std::string ToString(const ScheduleScenario& scenario) {
  std::string text = scenario.initial_state;
  for (const auto& client : scenario.clients) {
    absl::StrAppend(&text, "/", absl::StrJoin(client, ","));
  }
  return text;
}

// Each client reads once, which gives two orders.
TEST(ScheduleExplorer, TwoReads_HaveTwoSchedules) {
  ScheduleOptions options = WithFaults(0);
  options.reduce = false;
  const ScheduleReport report =
      ScheduleExplorer(options).Explore({"policy", {{"get"}, {"get"}}});
  EXPECT_EQ(report.scenarios, 1u);
  EXPECT_EQ(report.schedules, 2u);
  EXPECT_FALSE(report.failure.has_value());
}

// Each client reads and commits, which gives six orders. In four of them one
// commit conflicts; that client then waits, reads and commits.
TEST(ScheduleExplorer, TwoPuts_HaveSixOrders) {
  ScheduleOptions options = WithFaults(0);
  options.reduce = false;
  EXPECT_EQ(ScheduleExplorer(options)
                .Explore({"policy", {{"put"}, {"put_over"}}})
                .schedules,
            6u);
  // Merged schedules are counted as well.
  EXPECT_EQ(ScheduleExplorer(WithFaults(0))
                .Explore({"policy", {{"put"}, {"put_over"}}})
                .schedules,
            6u);
}

// A read has 2 faults, a commit has 12. After 3 of those the run continues, and
// after 3 a write is under way, which arrives at the end or before. A run may
// also be given up, or crash at the commit.
TEST(ScheduleExplorer, OnePut_UnderEveryFault) {
  ScheduleOptions options = WithFaults(1);
  options.reduce = false;
  const ScheduleReport unreduced =
      ScheduleExplorer(options).Explore({"policy", {{"put"}}});
  const ScheduleReport reduced =
      ScheduleExplorer(WithFaults(1)).Explore({"policy", {{"put"}}});
  EXPECT_FALSE(unreduced.failure.has_value());
  EXPECT_GE(unreduced.schedules, 15u);
  EXPECT_LE(reduced.states, unreduced.states);
}

TEST(ScheduleExplorer, Combinations_AreUnorderedWithRepetition) {
  ScheduleOptions options;
  options.alphabet.operations.resize(3);
  options.alphabet.initial_states.resize(2);
  const ScheduleExplorer explorer(options);
  // The combinations are {aa, ab, ac, bb, bc, cc} from 2 states.
  const auto scenarios = explorer.Combinations(2, 1);
  std::vector<std::string> texts;
  for (const ScheduleScenario& scenario : scenarios) {
    texts.push_back(ToString(scenario));
  }
  EXPECT_EQ(absl::StrJoin(texts, " "),
            "empty/put/put empty/put/put_new empty/put/put_over "
            "empty/put_new/put_new empty/put_new/put_over "
            "empty/put_over/put_over policy/put/put policy/put/put_new "
            "policy/put/put_over policy/put_new/put_new "
            "policy/put_new/put_over policy/put_over/put_over");
  EXPECT_EQ(explorer.Combinations(2, 2).size(), 2u * (9 * 10 / 2));
  EXPECT_EQ(explorer.Combinations(3, 1).size(), 2u * 10);
  EXPECT_TRUE(explorer.Combinations(0, 1).empty());
}

TEST(ScheduleExplorer, NamesThatAreNone_AreAFailureWithoutASchedule) {
  ScheduleExplorer explorer({});
  for (const ScheduleScenario& scenario :
       {ScheduleScenario{"nowhere", {{"get"}}},
        ScheduleScenario{"empty", {{"fly"}}}, ScheduleScenario{"empty", {}},
        ScheduleScenario{"empty", {{}}},
        ScheduleScenario{"empty",
                         {{"get"}, {"get"}, {"get"}, {"get"}, {"get"}}},
        ScheduleScenario{"empty", {{"get", "get", "get", "get", "get"}}}}) {
    const ScheduleReport report = explorer.Explore(scenario);
    ASSERT_TRUE(report.failure.has_value()) << ToString(scenario);
    EXPECT_EQ(report.failure->schedule, "") << ToString(scenario);
    EXPECT_EQ(report.schedules, 0u) << ToString(scenario);
  }
}

TEST(ScheduleExplorer, Replay_TellsAScheduleStepByStep) {
  ScheduleExplorer explorer({});
  const auto text = explorer.Replay("empty/put_new/get/0 0!lost-answer 1 0");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_TRUE(absl::StrContains(
      *text,
      " 1. client 0 put_new: reads no policy\n"
      " 2. client 0 put_new: commits policy if no policy: applied as revision "
      "1 [lost-answer]\n"
      " 3. client 1 get: reads policy@1\n"
      "     answers get_resource_policy { policy_in_json: "))
      << *text;
  EXPECT_TRUE(absl::StrContains(*text,
                                " 4. client 0 put_new: reads policy@1\n"
                                "     answers put_resource_policy"))
      << *text;
  EXPECT_TRUE(absl::EndsWith(*text, "nothing is wrong\n")) << *text;
}

TEST(ScheduleExplorer, Replay_OfAPart_SaysSoFar) {
  const auto text = ScheduleExplorer({}).Replay("empty/put/0");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_TRUE(absl::EndsWith(*text, "nothing is wrong so far\n")) << *text;
}

TEST(ScheduleExplorer, Replay_OfADelayedCommit) {
  ScheduleExplorer explorer({});
  const auto text = explorer.Replay("empty/put/0 0!crash-delayed >0");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_TRUE(absl::StrContains(*text, "under way [crash-delayed]")) << *text;
  EXPECT_TRUE(absl::StrContains(
      *text, " 3. a delayed commit arrives: applied as revision 1\n"))
      << *text;
}

TEST(ScheduleExplorer, Replay_OfWhatIsNoSchedule_IsInvalid) {
  ScheduleExplorer explorer({});
  for (const char* schedule :
       {"", "empty", "empty/put", "nowhere/put/0", "empty/fly/0", "empty/put/x",
        "empty/put/0!", "empty/put/0!fly", "empty/put/1", "empty/put/-1",
        "empty/put/0 0 0", "empty/put/>0", "empty/get/0!conflict",
        "empty/put/0!conflict", "empty/put/0!crash", "empty/put/>0!conflict",
        "empty/put/0!read-fails!conflict", "empty//0", "empty/put/0!none"}) {
    EXPECT_EQ(explorer.Replay(schedule).status().code(),
              absl::StatusCode::kInvalidArgument)
        << schedule;
  }
}

// With the reduction the same answers and final states occur as without. Takes
// a sample of all combinations, a thinner one where the unreduced search is
// slow.
TEST(Reduction, LosesNoOutcome) {
  const bool is_short = IsShortRun();
  size_t all_outcomes = 0;
  size_t all_compared = 0;
  struct Sample {
    int clients;
    int operations;
    int faults_max;
    size_t stride;
    bool is_of_connections = false;
  };
  for (const Sample& sample : {Sample{2, 1, 0, 1},
                               {2, 1, 1, 1},
                               {2, 1, 2, 37},
                               {3, 1, 0, 5},
                               {3, 1, 1, 97},
                               {2, 2, 0, 173},
                               {2, 2, 1, 2999},
                               {2, 1, 0, 1, true},
                               {2, 1, 1, 7, true},
                               {3, 1, 0, 19, true}}) {
    ScheduleOptions options = WithFaults(sample.faults_max);
    if (sample.is_of_connections) {
      options.alphabet = ConnectionScheduleAlphabet();
    }
    ScheduleExplorer reduced(options);
    options.reduce = false;
    ScheduleExplorer unreduced(options);
    const auto scenarios =
        reduced.Combinations(sample.clients, sample.operations);
    size_t outcomes = 0;
    size_t compared = 0;
    for (size_t i = 0; i < scenarios.size();
         i += sample.stride * (is_short ? 7 : 1)) {
      const std::set<std::string> expected = unreduced.Outcomes(scenarios[i]);
      ASSERT_EQ(reduced.Outcomes(scenarios[i]), expected)
          << ToString(scenarios[i]);
      outcomes += expected.size();
      ++compared;
    }
    std::cout << sample.clients << " x " << sample.operations << ", "
              << sample.faults_max << " faults: " << compared << " scenarios, "
              << outcomes << " outcomes\n";
    // A short run compares too few of some kinds to find two outcomes of one.
    if (!is_short) {
      EXPECT_GT(outcomes, compared);
    }
    all_outcomes += outcomes;
    all_compared += compared;
  }
  EXPECT_GT(all_outcomes, 2 * all_compared);
}

// The reduction does not hide the failures that a defect causes.
TEST(Reduction, HidesNoFailure) {
  size_t failures = 0;
  for (const DefectiveSchedule& defect : AllDefectiveSchedules()) {
    ScheduleOptions options;
    if (defect.new_operation != nullptr)
      options.new_operation = defect.new_operation;
    options.storage = defect.storage;
    ScheduleExplorer reduced(options);
    options.reduce = false;
    ScheduleExplorer unreduced(options);
    const auto scenarios = reduced.Combinations(2, 1);
    for (size_t i = 0; i < scenarios.size(); i += 11) {
      const bool fails = unreduced.Explore(scenarios[i]).failure.has_value();
      EXPECT_EQ(reduced.Explore(scenarios[i]).failure.has_value(), fails)
          << defect.name << ": " << ToString(scenarios[i]);
      failures += fails ? 1 : 0;
    }
  }
  EXPECT_GT(failures, 50u);
}

// A storage stays unavailable after an unknown commit, for as many faults as a
// run has attempts and two more.
TEST(Bound, HoldsUnderAsManyFaultsAsThereAreAttempts) {
  ScheduleOptions options = WithFaults(4);
  options.alphabet.limits.attempts_max = 2;
  ScheduleExplorer explorer(options);
  const ScheduleReport report =
      explorer.ExploreAll(explorer.Combinations(1, 1));
  EXPECT_FALSE(report.failure.has_value()) << report.ToString();
}

// Never ends: a failed read is tried again.
class StubbornOperation : public ForwardingOperation {
 public:
  using ForwardingOperation::ForwardingOperation;
  void ReadFailed() override {}
};

TEST(Bound, OfARunThatReadsForEver_IsReported) {
  ScheduleOptions options = WithFaults(4);
  options.alphabet.limits.attempts_max = 1;
  options.new_operation = [](const Caller& caller, RequestRef request,
                             const CoreOptions* core_options,
                             const CommitId& id) {
    return std::make_unique<StubbornOperation>(
        NewEngineOperation(caller, request, core_options, id));
  };
  const ScheduleReport report =
      ScheduleExplorer(options).Explore({"empty", {{"get"}}});
  ASSERT_TRUE(report.failure.has_value());
  EXPECT_EQ(report.failure->reason,
            "the run exceeds its bound of 1 attempts: 3 reads, 0 commits");
  EXPECT_EQ(report.failure->schedule, "empty/get/0!read-fails 0!read-fails 0");
}

// Always reads the settings.
class StrayingOperation : public ForwardingOperation {
 public:
  explicit StrayingOperation(std::unique_ptr<ScheduledOperation> run)
      : ForwardingOperation(std::move(run)) {
    read_set_ = base().read_set();
    read_set_.keys = {{RecordKind::kEncryptionSettings, ""}};
  }
  const ReadSet& read_set() const override { return read_set_; }

 private:
  ReadSet read_set_;
};

// A run accesses only its operation's own records; the reduction relies on it.
TEST(Objects, AreNotLeftByARun) {
  const ScheduleReport report =
      ScheduleExplorer(
          WithOperation(
              [](const Caller& caller, RequestRef request,
                 const CoreOptions* options, const CommitId& id) {
                return std::make_unique<StrayingOperation>(
                    NewEngineOperation(caller, request, options, id));
              },
              0))
          .Explore({"empty", {{"get"}}});
  ASSERT_TRUE(report.failure.has_value());
  EXPECT_EQ(report.failure->reason,
            "the run accesses a record that does not belong to its operation");
}

// A foreign run that gives any answer it likes.
class LyingOperation : public ForwardingOperation {
 public:
  LyingOperation(std::unique_ptr<ScheduledOperation> run, v1::Error error)
      : ForwardingOperation(std::move(run)), error_(std::move(error)) {}
  Outcome TakeOutcome() override {
    base().TakeOutcome();
    return error_;
  }

 private:
  const v1::Error error_;
};

std::string ReasonAgainst(const v1::Error& error, const char* operation) {
  const auto new_operation = [error](const Caller& caller, RequestRef request,
                                     const CoreOptions* core_options,
                                     const CommitId& id) {
    return std::make_unique<LyingOperation>(
        NewEngineOperation(caller, request, core_options, id), error);
  };
  const ScheduleReport report =
      ScheduleExplorer(WithOperation(new_operation, 0))
          .Explore({"policy", {{operation}}});
  return report.failure.has_value() ? report.failure->reason : "";
}

TEST(Answers, ThatAreNotTrue_AreReported) {
  const v1::Error not_found =
      MakeError(v1::ERROR_CODE_ENTITY_NOT_FOUND, "Policy not found");
  EXPECT_EQ(ReasonAgainst(not_found, "get"),
            "no order of the operations explains the answer");
  EXPECT_EQ(
      ReasonAgainst(not_found, "delete"),
      "the operation is answered as one that changed nothing, but was applied");
  EXPECT_EQ(ReasonAgainst(MakeError(v1::ERROR_CODE_INTERNAL_SERVICE, "",
                                    v1::Error::DETAIL_NOT_APPLIED),
                          "get"),
            "the run answers that the storage failed, but it did not");
  EXPECT_EQ(ReasonAgainst(MakeError(v1::ERROR_CODE_OPERATION_TIMEOUT, "",
                                    v1::Error::DETAIL_OUTCOME_UNKNOWN),
                          "get"),
            "the run answers that the storage failed, but it did not");
}

}  // namespace
}  // namespace glue_security
