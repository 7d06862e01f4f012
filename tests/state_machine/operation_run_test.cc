// OperationRun step by step, as a driver of one's own sees it. What it does
// under every script of faults is in tests/engine/unknown_commit_test.cc.

#include "glue_security/state_machine/operation_run.h"

#include <optional>
#include <string>
#include <utility>

#include "glue_security/state_machine/core_types.h"
#include "glue_security/state_machine/stored_record.h"
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

// Reading may fail, too, while the run looks what became of its commit: it goes
// on looking until the bound is spent, and then does not know.
TEST_F(OperationRunTest, UnknownCommitThenFailedReads_AreTriedAgain) {
  OperationRun run(kCaller, put_, &options_, kId);
  run.SnapshotRead(Absent(1), absl::UnixEpoch());
  run.TakeWriteBatch();
  run.CommitUnknown();
  run.Waited();
  run.ReadFailed();
  ASSERT_EQ(run.need(), Need::kWait);
  run.Waited();
  ASSERT_EQ(run.need(), Need::kRead);
  // It still can tell: its own id is there.
  Snapshot snapshot = Absent(1);
  ResourcePolicyView written;
  snapshot.records[0] = Record{1, EncodeResourcePolicy(kId, written)};
  run.SnapshotRead(std::move(snapshot), absl::UnixEpoch());
  ASSERT_EQ(run.need(), Need::kDone);
  EXPECT_TRUE(
      std::holds_alternative<v1::PutResourcePolicyResponse>(run.TakeOutcome()));
}

TEST_F(OperationRunTest, ReadFailedOrCommitNotApplied_IsNotApplied) {
  for (const bool in_commit : {false, true}) {
    OperationRun run(kCaller, put_, &options_, kId);
    if (in_commit) {
      run.SnapshotRead(Absent(1), absl::UnixEpoch());
      run.TakeWriteBatch();
      run.CommitNotApplied();
    } else {
      run.ReadFailed();
    }
    const v1::Error error = ErrorOf(run);
    EXPECT_EQ(error.code(), v1::ERROR_CODE_INTERNAL_SERVICE);
    EXPECT_EQ(error.detail(), v1::Error::DETAIL_NOT_APPLIED);
    EXPECT_EQ(error.message(), in_commit
                                   ? "the storage did not take the write"
                                   : "the storage could not be read");
  }
}

// "A bound below 1 counts as 1."
TEST_F(OperationRunTest, AtABoundBelowOne_OneCommitIsTried) {
  for (const int attempts_max : {1, 0, -5}) {
    options_.limits.attempts_max = attempts_max;
    OperationRun run(kCaller, put_, &options_, kId);
    run.SnapshotRead(Absent(1), absl::UnixEpoch());
    run.TakeWriteBatch();
    run.Conflicted();
    const v1::Error error = ErrorOf(run);
    EXPECT_EQ(error.detail(), v1::Error::DETAIL_NOT_APPLIED);
    EXPECT_EQ(error.message(), "other writers were faster every time");
  }
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
