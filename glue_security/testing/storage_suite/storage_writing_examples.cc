// S8 to S13.

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/testing/storage_suite/storage_scene.h"

namespace glue_security {
namespace testing_internal {
namespace {

// Returns a precondition that `key` is as it is now.
Precondition AsItIs(Scene& scene, const RecordKey& key) {
  const auto record = scene.Get(key);
  if (!record.has_value()) return {key, std::nullopt};
  return {key, record->revision};
}

// ---- S8

void PreconditionsThatHold(Scene& scene) {
  scene.ExpectEq("a commit with a precondition of absence",
                 scene.Commit({{Policy(), std::nullopt}}, {{Policy(), "one"}}),
                 CommitResult::kCommitted);
  scene.ExpectEq("a commit with a precondition on the revision",
                 scene.Commit({AsItIs(scene, Policy())}, {{Policy(), "two"}}),
                 CommitResult::kCommitted);
  scene.ExpectValue(Policy(), "two");
}

void PreconditionsOnOtherKeys(Scene& scene) {
  scene.Write(Policy(), "guard");
  const Precondition guard = AsItIs(scene, Policy());
  scene.ExpectEq("a commit with preconditions on keys that it does not write",
                 scene.Commit({guard, {Settings(), std::nullopt}},
                              {{Configuration("a"), "A"}}),
                 CommitResult::kCommitted);
  scene.ExpectValue(Configuration("a"), "A");
  scene.ExpectEq("the guard's revision", scene.RevisionOf(Policy()),
                 guard.revision.value_or(0));
  // One of them does not hold any more.
  scene.Write(Settings(), "there");
  scene.ExpectEq("a commit whose unwritten key was created meanwhile",
                 scene.Commit({guard, {Settings(), std::nullopt}},
                              {{Configuration("b"), "B"}}),
                 CommitResult::kConflict);
  scene.ExpectValue(Configuration("b"), std::nullopt);
}

void AllMutations(Scene& scene) {
  for (const int size : {2, 3, 26, 101, 130}) {
    scene.Restart();
    scene.Write(Configuration("old"), "old");
    absl::InlinedVector<Mutation, 2> mutations = {
        {Configuration("old"), std::nullopt}};
    std::vector<std::string> ids;
    while (static_cast<int>(mutations.size()) < size) {
      ids.push_back(absl::StrCat(mutations.size()));
      mutations.push_back({Configuration(ids.back()), "new"});
    }
    scene.ExpectEq("the commit", scene.Commit({}, std::move(mutations)),
                   CommitResult::kCommitted);
    std::sort(ids.begin(), ids.end());
    std::vector<std::string> found;
    for (const auto& record : scene.Range(AllConfigurations()).records) {
      found.push_back(record.id);
    }
    scene.ExpectEq("what a batch of writes and one removal left", found, ids);
  }
}

// ---- S9

void ExpectRefused(Scene& scene, const char* what,
                   const Precondition& precondition) {
  const std::string before = scene.Everything();
  const Precondition holds = AsItIs(scene, Configuration("h"));
  using Preconditions = absl::InlinedVector<Precondition, 2>;
  for (const Preconditions& preconditions :
       {Preconditions{precondition}, Preconditions{holds, precondition},
        Preconditions{precondition, holds}}) {
    scene.ExpectEq(what,
                   scene.Commit(preconditions, {{Policy(), "refused"},
                                                {Configuration("h"), "refused"},
                                                {Configuration("x"), "new"}}),
                   CommitResult::kConflict);
    scene.ExpectEq(absl::StrCat("all records after ", what), scene.Everything(),
                   before);
  }
}

void PreconditionsThatDoNotHold(Scene& scene) {
  scene.Write(Policy(), "one");
  const Revision old = scene.RevisionOf(Policy());
  ExpectRefused(
      scene, "a commit with the precondition that an existing record is absent",
      {Policy(), std::nullopt});
  scene.Write(Policy(), "two");
  ExpectRefused(scene, "a commit with a precondition on an old revision",
                {Policy(), old});
  ExpectRefused(scene, "a commit with a precondition on a future revision",
                {Policy(), scene.RevisionOf(Policy()) + 1});
  ExpectRefused(scene,
                "a commit with a precondition on a record that never existed",
                {Configuration("never"), old});
  ExpectRefused(scene,
                "a commit with a precondition on revision 0 of no record",
                {Configuration("never"), 0});
}

// A value that is written again is another state: A, B, A.
void TheSameValueAgain(Scene& scene) {
  scene.Write(Policy(), "one");
  const Revision old = scene.RevisionOf(Policy());
  scene.Write(Policy(), "one");
  ExpectRefused(scene, "a commit with a precondition on the earlier state",
                {Policy(), old});
}

void RemovedAndMadeAgain(Scene& scene) {
  scene.Write(Policy(), "one");
  const Revision old = scene.RevisionOf(Policy());
  scene.Write(Policy(), std::nullopt);
  ExpectRefused(scene, "a commit with a precondition on a removed record",
                {Policy(), old});
  scene.Write(Policy(), "one");
  ExpectRefused(scene,
                "a commit with a precondition on the record before its removal",
                {Policy(), old});
}

// A conflict is not final: with the current revision the batch is committed.
void AfterAConflict(Scene& scene) {
  scene.Write(Policy(), "one");
  ExpectRefused(scene, "a commit with a precondition of absence",
                {Policy(), std::nullopt});
  scene.ExpectEq("the next commit",
                 scene.Commit({AsItIs(scene, Policy())}, {{Policy(), "two"}}),
                 CommitResult::kCommitted);
  scene.ExpectValue(Policy(), "two");
}

// ---- S10

void AnotherBranchIsRefused(Scene& scene) {
  scene.Write(Policy(), "one");
  const std::string before = scene.Everything();
  for (const BranchId branch : {scene.branch() + 1, scene.branch() - 1}) {
    scene.ExpectEq(
        "a commit of another branch",
        scene.Commit({HomeCatalog(), branch, {}, {{Policy(), "refused"}}}),
        CommitResult::kConflict);
    scene.ExpectEq("all records after it", scene.Everything(), before);
  }
  scene.ExpectEq("a commit of the branch",
                 scene.Commit({AsItIs(scene, Policy())}, {{Policy(), "two"}}),
                 CommitResult::kCommitted);
  ReadSet read_set;
  read_set.catalog = HomeCatalog();
  scene.ExpectEq("the branch after commits", scene.Read(read_set).branch,
                 scene.branch());
}

// Commits to a fork and records it. The setting of the scene does not affect
// it.
void ExpectOfFork(Scene& scene, Storage& fork, WriteBatch batch,
                  const char* what, CommitResult expected) {
  const auto result = fork.Commit(std::move(batch));
  const std::string actual =
      result.ok() ? Text(*result) : result.status().ToString();
  scene.Note(absl::StrCat(what, " -> ", actual));
  if (actual != Text(expected)) scene.Fail(what, Text(expected), actual);
}

void AForkIsAnotherBranch(Scene& scene) {
  if (scene.target().fork == nullptr) return;
  scene.Write(Policy(), "one");
  const auto fork = scene.target().fork(scene.bare());
  scene.Note("the storage is forked");
  const Snapshot snapshot = scene.ReadFork(*fork);
  scene.ExpectTrue("the fork has the record", snapshot.records[0].has_value());
  scene.ExpectTrue("the fork has another branch",
                   snapshot.branch != scene.branch());
  if (scene.failed()) return;
  WriteBatch batch{HomeCatalog(),
                   scene.branch(),
                   {{Policy(), snapshot.records[0]->revision}},
                   {{Policy(), "refused"}}};
  ExpectOfFork(scene, *fork, batch,
               "a commit to the fork, with the branch of its origin",
               CommitResult::kConflict);
  batch.branch = snapshot.branch;
  scene.ExpectEq("a commit to the origin, with the branch of the fork",
                 scene.Commit(batch), CommitResult::kConflict);
  scene.ExpectValue(Policy(), "one");
  ExpectOfFork(scene, *fork, batch, "a commit to the fork, with its own branch",
               CommitResult::kCommitted);
  scene.ExpectValue(Policy(), "one");
}

// ---- S11

// The revisions that an example has seen, of all catalogs and forks.
using Given = std::set<Revision>;

// Expects that `revision`, of a record that was just written, was never given
// and is above `*newest`, the last one of its catalog. Stores it in both.
void ExpectNew(Scene& scene, absl::string_view what, Revision revision,
               Revision* newest, Given* given) {
  if (revision <= *newest) {
    scene.Fail(what, absl::StrCat("more than ", *newest), Text(revision));
  } else if (!given->insert(revision).second) {
    scene.Fail(what, "one that was never given", Text(revision));
  }
  *newest = revision;
}

// Writes, and expects a new revision.
void WriteAndCompare(Scene& scene, const CatalogKey& catalog,
                     const RecordKey& key, Revision* newest, Given* given) {
  scene.Write(catalog, key, "v");
  const auto record = scene.Get(catalog, key);
  ExpectNew(scene, "the revision of a written record",
            record.has_value() ? record->revision : 0, newest, given);
}

void NeverGivenBefore(Scene& scene) {
  Given given;
  Revision newest = 0;
  Revision newest_of_other = 0;
  const CatalogKey other{"210987654321", "eu-west-1"};
  for (int i = 0; i < 3; ++i) {
    WriteAndCompare(scene, HomeCatalog(), Policy(), &newest, &given);
    WriteAndCompare(scene, HomeCatalog(), Configuration("a"), &newest, &given);
    WriteAndCompare(scene, other, Policy(), &newest_of_other, &given);
  }
}

void NotAfterARemoval(Scene& scene) {
  Given given;
  Revision newest = 0;
  for (int i = 0; i < 3; ++i) {
    WriteAndCompare(scene, HomeCatalog(), Policy(), &newest, &given);
    scene.Write(Policy(), std::nullopt);
    scene.Commit({{Policy(), newest}}, {{Policy(), "refused"}});
  }
}

void OneForABatch(Scene& scene) {
  scene.Write(Configuration("c"), "v");
  const Revision before = scene.RevisionOf(Configuration("c"));
  scene.ExpectEq("the commit",
                 scene.Commit({}, {{Policy(), "v"},
                                   {Configuration("a"), "v"},
                                   {Configuration("b"), "v"}}),
                 CommitResult::kCommitted);
  const Revision revision = scene.RevisionOf(Policy());
  scene.ExpectEq("the revision of the second",
                 scene.RevisionOf(Configuration("a")), revision);
  scene.ExpectEq("the revision of the third",
                 scene.RevisionOf(Configuration("b")), revision);
  scene.ExpectEq("the revision of a record that was not written",
                 scene.RevisionOf(Configuration("c")), before);
  for (const RangeRecord& record : scene.Range(AllConfigurations()).records) {
    scene.ExpectEq("a revision in the range", record.revision,
                   record.id == "c" ? before : revision);
  }
}

void NotAfterAReopening(Scene& scene) {
  if (scene.target().reopen == nullptr) return;
  Given given;
  Revision newest = 0;
  Revision newest_of_other = 0;
  const CatalogKey other{"210987654321", "eu-west-1"};
  for (int i = 0; i < 3 && !scene.failed(); ++i) {
    WriteAndCompare(scene, other, Policy(), &newest_of_other, &given);
    WriteAndCompare(scene, HomeCatalog(), Configuration("a"), &newest, &given);
    WriteAndCompare(scene, HomeCatalog(), Policy(), &newest, &given);
    const std::string before = scene.Everything();
    scene.Reopen();
    scene.ExpectEq("all records after the reopening", scene.Everything(),
                   before);
    // The newest revision now belongs to no record.
    scene.Write(Policy(), std::nullopt);
    scene.Reopen();
    scene.ExpectValue(Policy(), std::nullopt);
  }
}

// A fork and its origin share no revision; each has its own order.
void NotInAnotherBranch(Scene& scene) {
  if (scene.target().fork == nullptr) return;
  Given given;
  Revision newest = 0;
  WriteAndCompare(scene, HomeCatalog(), Policy(), &newest, &given);
  const auto fork = scene.target().fork(scene.bare());
  scene.Note("the storage is forked");
  Revision newest_of_fork = newest;
  for (int i = 0; i < 3 && !scene.failed(); ++i) {
    const BranchId branch = scene.ReadFork(*fork).branch;
    ExpectOfFork(scene, *fork,
                 {HomeCatalog(), branch, {}, {{Policy(), "fork"}}},
                 "a write to the fork", CommitResult::kCommitted);
    const auto record = scene.ReadFork(*fork).records[0];
    ExpectNew(scene, "the revision of a write to the fork",
              record.has_value() ? record->revision : 0, &newest_of_fork,
              &given);
    WriteAndCompare(scene, HomeCatalog(), Policy(), &newest, &given);
  }
}

// ---- S12

void RemovingWhatIsNotThere(Scene& scene) {
  scene.ExpectEq("the removal in an empty catalog",
                 scene.Commit({}, {{Policy(), std::nullopt}}),
                 CommitResult::kCommitted);
  scene.ExpectValue(Policy(), std::nullopt);
  scene.Write(Configuration("a"), "A");
  scene.Write(Configuration("c"), "C");
  const std::string before = scene.Everything();
  for (const char* id : {"b", "", "d"}) {
    scene.ExpectEq("the removal",
                   scene.Commit({}, {{Configuration(id), std::nullopt}}),
                   CommitResult::kCommitted);
    scene.ExpectEq("all records after it", scene.Everything(), before);
  }
  scene.ExpectEq("the removal with a precondition of absence",
                 scene.Commit({{Configuration("b"), std::nullopt}},
                              {{Configuration("b"), std::nullopt}}),
                 CommitResult::kCommitted);
  scene.ExpectEq("all records after it", scene.Everything(), before);
}

void RemovingBesideAWrite(Scene& scene) {
  scene.ExpectEq(
      "the commit",
      scene.Commit({}, {{Policy(), std::nullopt}, {Configuration("a"), "A"}}),
      CommitResult::kCommitted);
  scene.ExpectValue(Policy(), std::nullopt);
  scene.ExpectValue(Configuration("a"), "A");
}

// ---- S13

void TheSameKeyElsewhere(Scene& scene) {
  scene.Write(Policy(), "here");
  scene.Write({"123456789012", "eu-west-1"}, Policy(), "there");
  scene.ExpectValue(Policy(), "here");
}

void OtherCatalogsStay(Scene& scene) {
  const CatalogKey others[] = {{"123456789012", "eu-west-1"},
                               {"999999999999", "us-east-1"},
                               {"123456789012", ""}};
  std::vector<std::string> before;
  for (const CatalogKey& other : others) {
    scene.Write(other, Policy(), "there");
    scene.Write(other, Configuration("a"), "there");
    before.push_back(scene.Everything(other));
  }
  scene.Write(Policy(), "here");
  scene.Write(Configuration("a"), "here");
  scene.Write(Configuration("b"), "here");
  scene.Write(Policy(), std::nullopt);
  scene.Write(Configuration("a"), std::nullopt);
  for (size_t i = 0; i < before.size(); ++i) {
    scene.ExpectEq("all records of another catalog",
                   scene.Everything(others[i]), before[i]);
  }
}

// A precondition is not broken by a change in another catalog.
void NoConflictWithOtherCatalogs(Scene& scene) {
  scene.Write(Policy(), "one");
  const Precondition guard = AsItIs(scene, Policy());
  scene.Write({"123456789012", "eu-west-1"}, Policy(), "there");
  scene.Write({"999999999999", "us-east-1"}, Settings(), "there");
  scene.ExpectEq(
      "a commit after commits to other catalogs",
      scene.Commit({guard, {Settings(), std::nullopt}}, {{Policy(), "two"}}),
      CommitResult::kCommitted);
}

}  // namespace

std::vector<ClauseExample> WritingExamples() {
  return {
      {8, 0, "PreconditionsThatHold", PreconditionsThatHold},
      {8, 1, "PreconditionsOnOtherKeys", PreconditionsOnOtherKeys},
      {8, 1, "AllMutations", AllMutations},
      {9, 1, "PreconditionsThatDoNotHold", PreconditionsThatDoNotHold},
      {9, 0, "TheSameValueAgain", TheSameValueAgain},
      {9, 1, "RemovedAndMadeAgain", RemovedAndMadeAgain},
      {9, 0, "AfterAConflict", AfterAConflict},
      {10, 0, "AnotherBranchIsRefused", AnotherBranchIsRefused},
      {10, 0, "AForkIsAnotherBranch", AForkIsAnotherBranch},
      {11, 0, "NeverGivenBefore", NeverGivenBefore},
      {11, 0, "NotAfterARemoval", NotAfterARemoval},
      {11, 1, "OneForABatch", OneForABatch},
      {11, 2, "NotAfterAReopening", NotAfterAReopening},
      {11, 0, "NotInAnotherBranch", NotInAnotherBranch},
      {12, 0, "RemovingWhatIsNotThere", RemovingWhatIsNotThere},
      {12, 1, "RemovingBesideAWrite", RemovingBesideAWrite},
      {13, 0, "TheSameKeyElsewhere", TheSameKeyElsewhere},
      {13, 2, "OtherCatalogsStay", OtherCatalogsStay},
      {13, 1, "NoConflictWithOtherCatalogs", NoConflictWithOtherCatalogs},
  };
}

}  // namespace testing_internal
}  // namespace glue_security
