// S14 to S16: commits that fail.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "glue_security/storage/fault_injecting_storage.h"
#include "glue_security/testing/storage_suite/storage_scene.h"

namespace glue_security {
namespace testing_internal {
namespace {

constexpr int kWaysMax = 100;

// The ways in which a commit of a storage fails: the ways of its hook, or of a
// FaultInjectingStorage in front of it. In every setting exactly this commit
// fails, once, because it goes past the setting. The calls before and after it
// do not.
class Failures {
 public:
  explicit Failures(Scene& scene) : scene_(scene), injector_(&scene.bare()) {}

  // Returns false when there is no such way.
  bool FailNextCommit(int way) {
    const StorageUnderTest& target = scene_.target();
    if (target.fail_next_commit != nullptr) {
      return target.fail_next_commit(scene_.bare(), way);
    }
    using Fault = StorageFault;
    const std::vector<StorageFault> ways = {
        Fault::FailBefore(absl::UnavailableError("refused by the test")),
        Fault::FailBefore(absl::DataLossError("damaged by the test")),
        Fault::FailBefore(absl::DeadlineExceededError("lost on the way")),
        Fault::FailAfter(absl::UnknownError("lost on the way back")),
        Fault::ApplyLate(absl::DeadlineExceededError("still under way"))};
    if (way >= static_cast<int>(ways.size())) return false;
    injector_.AddCommits({ways[static_cast<size_t>(way)]});
    return true;
  }

  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch,
                                      const char* what) {
    Storage& storage =
        scene_.target().fail_next_commit != nullptr ? scene_.bare() : injector_;
    auto result = storage.Commit(batch);
    scene_.Note(
        absl::StrCat(what, " -> ",
                     result.ok() ? Text(*result) : result.status().ToString()));
    return result;
  }

  void Settle() {
    scene_.Note("what is under way has arrived");
    if (scene_.target().settle != nullptr) {
      scene_.target().settle(scene_.bare());
    }
    injector_.DeliverLate();
  }

 private:
  Scene& scene_;
  FaultInjectingStorage injector_;
};

constexpr char kTheCommit[] =
    "Commit(if policy is as read; policy = \"new\"; configuration \"a\" = "
    "\"new\"), made to fail";

// Writes "old" to the policy. Returns a batch that replaces it by "new" and
// adds a configuration.
WriteBatch OldToNew(Scene& scene) {
  scene.Write(Policy(), "old");
  return {HomeCatalog(),
          scene.branch(),
          {{Policy(), scene.RevisionOf(Policy())},
           {Configuration("a"), std::nullopt}},
          {{Policy(), "new"}, {Configuration("a"), "new"}}};
}

// Expects that none or all of it was applied; returns true when all was.
bool ExpectWhole(Scene& scene) {
  const auto policy = scene.Get(Policy());
  const auto configuration = scene.Get(Configuration("a"));
  const bool applied = policy.has_value() && policy->value == "new";
  scene.ExpectEq("whether both records of the batch are written",
                 configuration.has_value(), applied);
  if (applied && configuration.has_value()) {
    scene.ExpectEq("the revision of both", configuration->revision,
                   policy->revision);
  }
  return applied;
}

// ---- S14

void TheStatusTellsTheTruth(Scene& scene) {
  for (int way = 0; way < kWaysMax && !scene.failed(); ++way) {
    scene.Restart();
    Failures failures(scene);
    const WriteBatch batch = OldToNew(scene);
    const std::string before = scene.Everything();
    if (!failures.FailNextCommit(way)) return;
    const auto result = failures.Commit(batch, kTheCommit);
    if (result.ok()) continue;  // see S16
    if (FailureOf(result.status()) == StorageFailure::kUnknown) {
      ExpectWhole(scene);
      failures.Settle();
      ExpectWhole(scene);
    } else {
      scene.ExpectEq("all records after a commit that was not applied",
                     scene.Everything(), before);
      failures.Settle();
      scene.ExpectEq("all records later", scene.Everything(), before);
    }
    // The storage works again after the failure.
    scene.Write(Policy(), "next");
    scene.ExpectValue(Policy(), "next");
  }
}

// ---- S15

// Calls `run` after a commit that was left open, for each way that leaves one
// open.
void ForEachOpenCommit(Scene& scene,
                       void (*run)(Scene&, Failures&, const WriteBatch&)) {
  for (int way = 0; way < kWaysMax && !scene.failed(); ++way) {
    scene.Restart();
    Failures failures(scene);
    const WriteBatch batch = OldToNew(scene);
    if (!failures.FailNextCommit(way)) return;
    const auto result = failures.Commit(batch, kTheCommit);
    if (result.ok() || FailureOf(result.status()) != StorageFailure::kUnknown) {
      continue;
    }
    run(scene, failures, batch);
  }
}

void AtMostOnce(Scene& scene, Failures& failures, const WriteBatch& /*batch*/) {
  const bool applied = ExpectWhole(scene);
  const std::string before = scene.Everything();
  failures.Settle();
  const bool applied_later = ExpectWhole(scene);
  if (applied) {
    scene.ExpectEq("all records, if it had been applied before",
                   scene.Everything(), before);
  }
  const std::string settled = scene.Everything();
  failures.Settle();
  scene.ExpectEq("all records when nothing is under way", scene.Everything(),
                 settled);
  scene.ExpectTrue("what was applied stays", applied_later || !applied);
}

void AtMostOnceIfSentAgain(Scene& scene, Failures& failures,
                           const WriteBatch& batch) {
  failures.Commit(batch, "The same commit again").status().IgnoreError();
  scene.ExpectTrue("the batch is applied", ExpectWhole(scene));
  const std::string before = scene.Everything();
  failures.Settle();
  scene.ExpectEq("all records, if one of the two had been applied",
                 scene.Everything(), before);
}

void OnlyWhilePreconditionsHold(Scene& scene, Failures& failures,
                                const WriteBatch& /*batch*/) {
  scene.Write(Policy(), "theirs");
  const std::string before = scene.Everything();
  failures.Settle();
  scene.ExpectEq("all records, if another writer came first",
                 scene.Everything(), before);
}

// Another writer creates the configuration first, so the precondition does not
// hold.
void OnlyWhileAbsent(Scene& scene, Failures& failures,
                     const WriteBatch& /*batch*/) {
  scene.Write(Configuration("a"), "theirs");
  const std::string before = scene.Everything();
  failures.Settle();
  scene.ExpectEq("all records, if another writer had created one",
                 scene.Everything(), before);
}

void AppliesAtMostOnce(Scene& scene) { ForEachOpenCommit(scene, AtMostOnce); }
void SentAgain(Scene& scene) {
  ForEachOpenCommit(scene, AtMostOnceIfSentAgain);
}
void AfterAnotherWriter(Scene& scene) {
  ForEachOpenCommit(scene, OnlyWhilePreconditionsHold);
}
void AfterAnotherCreation(Scene& scene) {
  ForEachOpenCommit(scene, OnlyWhileAbsent);
}

// ---- S16

// A commit that fails is not tried again; a second attempt would succeed.
void AFailureIsAnswered(Scene& scene) {
  for (int way = 0; way < kWaysMax && !scene.failed(); ++way) {
    scene.Restart();
    Failures failures(scene);
    const WriteBatch batch = OldToNew(scene);
    if (!failures.FailNextCommit(way)) return;
    const auto result = failures.Commit(batch, kTheCommit);
    if (!result.ok()) continue;
    scene.Fail(absl::StrCat("the answer of a commit that failed in way ", way),
               "a status", Text(*result));
  }
}

// A commit that loses a race is not adapted and sent again.
void AConflictIsAnswered(Scene& scene) {
  WriteBatch batch = OldToNew(scene);
  scene.Write(Policy(), "theirs");
  scene.ExpectEq("a commit that lost a race", scene.Commit(batch),
                 CommitResult::kConflict);
  scene.ExpectValue(Policy(), "theirs");
  scene.ExpectValue(Configuration("a"), std::nullopt);
}

}  // namespace

std::vector<ClauseExample> FailingExamples() {
  return {
      {14, 3, "TheStatusTellsTheTruth", TheStatusTellsTheTruth},
      {15, 2, "AppliesAtMostOnce", AppliesAtMostOnce},
      {15, 2, "SentAgain", SentAgain},
      {15, 2, "AfterAnotherWriter", AfterAnotherWriter},
      {15, 2, "AfterAnotherCreation", AfterAnotherCreation},
      {16, 1, "AConflictIsAnswered", AConflictIsAnswered},
      {16, 0, "AFailureIsAnswered", AFailureIsAnswered},
  };
}

}  // namespace testing_internal
}  // namespace glue_security
