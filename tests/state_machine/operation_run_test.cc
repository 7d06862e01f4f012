// OperationRun step by step, as a driver sees it. Its outcomes under every
// script of faults are in tests/engine/unknown_commit_test.cc.

#include "glue_security/state_machine/operation_run.h"

#include <optional>
#include <string>

#include "glue_security/state_machine/step_types.h"
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
  // The later time must not enter the batch.
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
  run.SnapshotRead(restored, absl::UnixEpoch());
  EXPECT_EQ(ErrorOf(run).code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
}

// A storage that breaks its contract returns other records than were requested.
TEST_F(OperationRunTest, UnknownCommit_WithOtherRecordsAfterwards_IsATimeout) {
  for (const size_t keys : {0u, 2u, 3u}) {
    OperationRun run(kCaller, put_, &options_, kId);
    run.SnapshotRead(Absent(1), absl::UnixEpoch());
    run.TakeWriteBatch();
    run.CommitUnknown();
    run.Waited();
    run.SnapshotRead(Absent(keys), absl::UnixEpoch());
    EXPECT_EQ(ErrorOf(run).code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
  }
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

// A read may fail while the run looks for its commit. The run continues to look
// until its attempts are spent; then the outcome is unknown.
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
  // The run can still decide: it finds its own id.
  Snapshot snapshot = Absent(1);
  ResourcePolicyView written;
  snapshot.records[0] = Record{1, EncodeResourcePolicy(kId, written)};
  run.SnapshotRead(snapshot, absl::UnixEpoch());
  ASSERT_EQ(run.need(), Need::kDone);
  EXPECT_TRUE(
      std::holds_alternative<v1::PutResourcePolicyResponse>(run.TakeOutcome()));
}

// The end of the attempts is OperationTimeoutException.
TEST_F(OperationRunTest, UnknownCommitThenReadsThatAllFail_EndsAtTheBound) {
  for (const int attempts_max : {1, 2, 3, 5}) {
    options_.limits.attempts_max = attempts_max;
    OperationRun run(kCaller, put_, &options_, kId);
    run.SnapshotRead(Absent(1), absl::UnixEpoch());
    run.TakeWriteBatch();
    run.CommitUnknown();
    int reads = 0;
    while (run.need() == Need::kWait && reads < 100) {
      run.Waited();
      ASSERT_EQ(run.need(), Need::kRead);
      run.ReadFailed();
      ++reads;
    }
    // One attempt is the commit, the others are reads; one read is always made.
    EXPECT_EQ(reads, attempts_max == 1 ? 1 : attempts_max - 1);
    const v1::Error error = ErrorOf(run);
    EXPECT_EQ(error.code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
    EXPECT_EQ(error.detail(), v1::Error::DETAIL_OUTCOME_UNKNOWN);
    EXPECT_EQ(error.message(),
              "the storage did not say whether the write took effect");
  }
}

TEST_F(OperationRunTest, UnknownCommitAtABoundOfOne_IsLookedForAndNotResent) {
  options_.limits.attempts_max = 1;
  OperationRun run(kCaller, put_, &options_, kId);
  run.SnapshotRead(Absent(1), absl::UnixEpoch());
  run.TakeWriteBatch();
  run.CommitUnknown();
  ASSERT_EQ(run.need(), Need::kWait);
  run.Waited();
  run.SnapshotRead(Absent(1), absl::UnixEpoch());
  EXPECT_EQ(ErrorOf(run).code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
  EXPECT_EQ(run.attempts(), 1);
}

TEST_F(OperationRunTest, UnknownCommits_AreResentUpToTheBound) {
  options_.limits.attempts_max = 5;
  OperationRun run(kCaller, put_, &options_, kId);
  run.SnapshotRead(Absent(1), absl::UnixEpoch());
  // Commits and reads alternate; of five attempts the last is a commit.
  for (int commits = 1; commits <= 3; ++commits) {
    ASSERT_EQ(run.need(), Need::kCommit) << commits;
    run.TakeWriteBatch();
    run.CommitUnknown();
    if (commits == 3) break;
    ASSERT_EQ(run.need(), Need::kWait) << commits;
    run.Waited();
    run.SnapshotRead(Absent(1), absl::UnixEpoch());
  }
  EXPECT_EQ(ErrorOf(run).code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
  EXPECT_EQ(run.attempts(), 3);
}

// The identical batch is sent again only when nothing has changed: neither the
// record, nor its existence, nor the branch.
TEST_F(OperationRunTest, UnknownCommitThenAChange_IsNotResent) {
  ResourcePolicyView old;
  old.policy_in_json = "{}";
  const CommitId other_id = {2};
  const std::string bytes = EncodeResourcePolicy(other_id, old);
  const auto with = [&](std::optional<Revision> revision, uint64_t branch) {
    Snapshot snapshot = Absent(1);
    snapshot.branch = branch;
    if (revision.has_value()) snapshot.records[0] = Record{*revision, bytes};
    return snapshot;
  };
  const std::optional<Revision> revisions[] = {std::nullopt, 4, 5, 6};
  for (const auto& before : {std::optional<Revision>(), {5}}) {
    for (const auto& after : revisions) {
      for (const uint64_t branch : {6, 7, 8}) {
        OperationRun run(kCaller, put_, &options_, kId);
        run.SnapshotRead(with(before, 7), absl::UnixEpoch());
        run.TakeWriteBatch();
        run.CommitUnknown();
        run.Waited();
        run.SnapshotRead(with(after, branch), absl::UnixEpoch());
        if (before == after && branch == 7) {
          EXPECT_EQ(run.need(), Need::kCommit);
        } else {
          EXPECT_EQ(ErrorOf(run).code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
        }
      }
    }
  }
}

TEST_F(OperationRunTest, UnknownCommitThenNotApplied_IsTriedAgain) {
  options_.limits.attempts_max = 9;
  OperationRun run(kCaller, put_, &options_, kId);
  run.SnapshotRead(Absent(1), absl::UnixEpoch());
  run.TakeWriteBatch();
  run.CommitUnknown();
  run.Waited();
  run.SnapshotRead(Absent(1), absl::UnixEpoch());
  run.TakeWriteBatch();
  // The second batch was not applied; the outcome of the first stays unknown.
  run.CommitNotApplied();
  EXPECT_EQ(run.need(), Need::kWait);
}

TEST_F(OperationRunTest, GivenUpWhenDone_KeepsItsResponse) {
  OperationRun run(kCaller, put_, &options_, kId);
  run.SnapshotRead(Absent(1), absl::UnixEpoch());
  run.TakeWriteBatch();
  run.Committed();
  run.GiveUp();
  EXPECT_TRUE(
      std::holds_alternative<v1::PutResourcePolicyResponse>(run.TakeOutcome()));
}

TEST_F(OperationRunTest, Messages) {
  OperationRun given_up(kCaller, put_, &options_, kId);
  given_up.GiveUp();
  EXPECT_EQ(ErrorOf(given_up).message(), "given up");
  OperationRun damaged(kCaller, put_, &options_, kId);
  damaged.ReadFoundDataLoss();
  const v1::Error error = ErrorOf(damaged);
  EXPECT_EQ(error.message(), "a stored record is damaged");
  EXPECT_EQ(error.detail(), v1::Error::DETAIL_DATA_LOSS);
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
                                   ? "the storage did not accept the write"
                                   : "the storage could not be read");
  }
}

// A bound below 1 counts as 1.
TEST_F(OperationRunTest, AtABoundBelowOne_OneCommitIsTried) {
  for (const int attempts_max : {1, 0, -5}) {
    options_.limits.attempts_max = attempts_max;
    OperationRun run(kCaller, put_, &options_, kId);
    run.SnapshotRead(Absent(1), absl::UnixEpoch());
    run.TakeWriteBatch();
    run.Conflicted();
    const v1::Error error = ErrorOf(run);
    EXPECT_EQ(error.detail(), v1::Error::DETAIL_NOT_APPLIED);
    EXPECT_EQ(error.message(), "other writers were faster at every attempt");
  }
}

// A run that is given up before a commit had no effect; after a commit the
// outcome is unknown.
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
