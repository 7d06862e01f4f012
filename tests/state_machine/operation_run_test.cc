// OperationRun step by step, as a driver of one's own sees it. What it does
// under every script of faults is in tests/engine/unknown_commit_test.cc.

#include "glue_security/state_machine/operation_run.h"

#include <optional>
#include <string>
#include <utility>

#include "glue_security/state_machine/core_types.h"
#include "gtest/gtest.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

using Need = OperationRun::Need;

const Caller kCaller{"123456789012", "us-east-1", ""};
constexpr CommitId kId = {1};

Snapshot Absent(size_t keys) {
  Snapshot snapshot;
  snapshot.branch = 7;
  snapshot.records.resize(keys);
  return snapshot;
}

class OperationRunTest : public testing::Test {
 protected:
  OperationRunTest() {
    put_.set_policy_in_json("{}");
    options_.limits.attempts_max = 3;
  }

  v1::Error ErrorOf(OperationRun& run) {
    EXPECT_EQ(run.need(), Need::kDone);
    Outcome outcome = run.TakeOutcome();
    const auto* error = std::get_if<v1::Error>(&outcome);
    return error == nullptr ? v1::Error() : *error;
  }

  CoreOptions options_ = LooseCoreOptions();
  v1::PutResourcePolicyRequest put_;
};

TEST_F(OperationRunTest, ReadThenCommit_GivesTheResponse) {
  OperationRun run(kCaller, put_, &options_, kId);
  ASSERT_EQ(run.need(), Need::kRead);
  EXPECT_EQ(run.read_set().catalog.catalog_id, kCaller.account_id);
  run.SnapshotRead(Absent(1), absl::UnixEpoch());
  ASSERT_EQ(run.need(), Need::kCommit);
  const WriteBatch batch = run.TakeWriteBatch();
  EXPECT_EQ(batch.branch, 7u);
  ASSERT_EQ(batch.preconditions.size(), 1u);
  EXPECT_FALSE(batch.preconditions[0].revision.has_value());
  EXPECT_EQ(batch.mutations.size(), 1u);
  run.Committed();
  ASSERT_EQ(run.need(), Need::kDone);
  EXPECT_TRUE(
      std::holds_alternative<v1::PutResourcePolicyResponse>(run.TakeOutcome()));
  EXPECT_EQ(run.attempts(), 1);
}

TEST_F(OperationRunTest, BrokenRequest_IsDoneAtOnce) {
  put_.clear_policy_in_json();
  OperationRun run(kCaller, put_, &options_, kId);
  EXPECT_EQ(ErrorOf(run).code(), v1::ERROR_CODE_INVALID_INPUT);
  EXPECT_EQ(run.attempts(), 0);
}

TEST_F(OperationRunTest, RefusedByACondition_AsksForNoCommit) {
  put_.set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_MUST_EXIST);
  OperationRun run(kCaller, put_, &options_, kId);
  run.SnapshotRead(Absent(1), absl::UnixEpoch());
  EXPECT_EQ(ErrorOf(run).code(), v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
}

TEST_F(OperationRunTest, ConflictsUpToTheBound_ThenNotApplied) {
  OperationRun run(kCaller, put_, &options_, kId);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    ASSERT_EQ(run.need(), Need::kRead);
    run.SnapshotRead(Absent(1), absl::UnixEpoch());
    ASSERT_EQ(run.need(), Need::kCommit);
    run.TakeWriteBatch();
    run.Conflicted();
    EXPECT_EQ(run.attempts(), attempt);
    if (attempt == 3) break;
    ASSERT_EQ(run.need(), Need::kWait);
    run.Waited();
  }
  const v1::Error error = ErrorOf(run);
  EXPECT_EQ(error.code(), v1::ERROR_CODE_INTERNAL_SERVICE);
  EXPECT_EQ(error.detail(), v1::Error::DETAIL_NOT_APPLIED);
}

TEST_F(OperationRunTest, UnknownCommit_IsResentAsTheIdenticalBatch) {
  OperationRun run(kCaller, put_, &options_, kId);
  run.SnapshotRead(Absent(1), absl::FromUnixSeconds(1));
  const WriteBatch first = run.TakeWriteBatch();
  run.CommitUnknown();
  ASSERT_EQ(run.need(), Need::kWait);
  run.Waited();
  // Another time: it must not enter the batch.
  run.SnapshotRead(Absent(1), absl::FromUnixSeconds(99));
  ASSERT_EQ(run.need(), Need::kCommit);
  const WriteBatch second = run.TakeWriteBatch();
  EXPECT_EQ(*first.mutations[0].value, *second.mutations[0].value);
  EXPECT_EQ(first.branch, second.branch);
  run.Committed();
  EXPECT_EQ(run.need(), Need::kDone);
  EXPECT_TRUE(run.had_unknown_commit());
}

TEST_F(OperationRunTest, UnknownCommit_OnAnotherBranchAfterwards_IsATimeout) {
  OperationRun run(kCaller, put_, &options_, kId);
  run.SnapshotRead(Absent(1), absl::UnixEpoch());
  run.TakeWriteBatch();
  run.CommitUnknown();
  run.Waited();
  Snapshot restored = Absent(1);
  restored.branch = 8;
  run.SnapshotRead(std::move(restored), absl::UnixEpoch());
  EXPECT_EQ(ErrorOf(run).code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
}

TEST_F(OperationRunTest, UnknownCommitThenDataLoss_IsATimeout) {
  for (const bool in_commit : {false, true}) {
    OperationRun run(kCaller, put_, &options_, kId);
    run.SnapshotRead(Absent(1), absl::UnixEpoch());
    run.TakeWriteBatch();
    run.CommitUnknown();
    run.Waited();
    if (in_commit) {
      run.SnapshotRead(Absent(1), absl::UnixEpoch());
      run.TakeWriteBatch();
      run.CommitFoundDataLoss();
    } else {
      run.ReadFoundDataLoss();
    }
    EXPECT_EQ(ErrorOf(run).detail(), v1::Error::DETAIL_OUTCOME_UNKNOWN);
  }
}

// A look that fails counts as one: a storage that is gone ends the run.
TEST_F(OperationRunTest, UnknownCommitThenReadsThatFail_EndWithinTheBound) {
  OperationRun run(kCaller, put_, &options_, kId);
  run.SnapshotRead(Absent(1), absl::UnixEpoch());
  run.TakeWriteBatch();
  run.CommitUnknown();
  int reads = 0;
  while (run.need() != Need::kDone && reads <= options_.limits.attempts_max) {
    ASSERT_EQ(run.need(), Need::kWait);
    run.Waited();
    ASSERT_EQ(run.need(), Need::kRead);
    run.ReadFailed();
    ++reads;
  }
  EXPECT_EQ(reads, options_.limits.attempts_max - 1);
  EXPECT_EQ(ErrorOf(run).code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
}

// "Given up before a commit it had no effect; after one, the outcome is
// unknown."
TEST_F(OperationRunTest, GivenUp_TellsTheTruthAtEveryPoint) {
  const auto detail_after = [&](int steps) {
    OperationRun run(kCaller, put_, &options_, kId);
    if (steps > 0) run.SnapshotRead(Absent(1), absl::UnixEpoch());
    if (steps > 1) run.TakeWriteBatch();
    if (steps > 2) run.Conflicted();
    if (steps > 3) {
      run.Waited();
      run.SnapshotRead(Absent(1), absl::UnixEpoch());
      run.TakeWriteBatch();
      run.CommitUnknown();
    }
    run.GiveUp();
    const auto detail = ErrorOf(run).detail();
    run.GiveUp();  // does nothing
    EXPECT_EQ(run.need(), Need::kDone);
    return detail;
  };
  EXPECT_EQ(detail_after(0), v1::Error::DETAIL_NOT_APPLIED);
  EXPECT_EQ(detail_after(1), v1::Error::DETAIL_NOT_APPLIED);
  EXPECT_EQ(detail_after(2), v1::Error::DETAIL_OUTCOME_UNKNOWN);
  EXPECT_EQ(detail_after(3), v1::Error::DETAIL_NOT_APPLIED);
  EXPECT_EQ(detail_after(4), v1::Error::DETAIL_OUTCOME_UNKNOWN);
}

}  // namespace
}  // namespace glue_security
