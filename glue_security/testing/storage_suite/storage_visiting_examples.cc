// S18 and S19.

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/testing/storage_suite/storage_scene.h"

namespace glue_security {
namespace testing_internal {
namespace {

// ---- S18

void WhatReadReturns(Scene& scene) {
  std::optional<bool> supported;
  const auto compare = [&](const RecordKey& key) {
    const auto record = scene.Get(key);
    const Visit visit = scene.VisitRecord(HomeCatalog(), key);
    const bool lends = visit.status.code() != absl::StatusCode::kUnimplemented;
    scene.ExpectEq("whether it is supported", lends, supported.value_or(lends));
    supported = lends;
    scene.ExpectEq("how often the visitor is called",
                   static_cast<size_t>(visit.calls), size_t{lends});
    if (!lends) return;
    scene.ExpectEq("the status", visit.status.ToString(),
                   absl::OkStatus().ToString());
    scene.ExpectEq("the branch", visit.branch, scene.branch());
    scene.ExpectEq("whether there is a record", visit.record.has_value(),
                   record.has_value());
    if (!record.has_value() || !visit.record.has_value()) return;
    scene.ExpectEq("the value", visit.record->value, record->value);
    scene.ExpectEq("the revision", visit.record->revision, record->revision);
  };
  compare(Policy());
  scene.Write(Policy(), "one");
  scene.Write(Configuration(""), "the record of the empty id");
  scene.Write(Configuration(std::string("a\0b", 3)), std::string("v\0w", 3));
  compare(Policy());
  compare(Configuration(""));
  compare(Configuration(std::string("a\0b", 3)));
  compare(Configuration("a"));
  scene.Write(Policy(), "");
  compare(Policy());
  scene.Write(Policy(), std::nullopt);
  compare(Policy());
  scene.Write(Policy(), "two");
  compare(Policy());
  // A visit must look in the right catalog, too.
  const Visit elsewhere = scene.VisitRecord({"nowhere", ""}, Policy());
  scene.ExpectTrue("nothing in another catalog", !elsewhere.record.has_value());
}

void AVisitOfAFork(Scene& scene) {
  if (scene.target().fork == nullptr) return;
  scene.Write(Policy(), "one");
  const auto fork = scene.target().fork(scene.bare());
  scene.Note("the storage is forked");
  const BranchId fork_branch = scene.ReadFork(*fork).branch;
  fork->VisitRecord(HomeCatalog(), Policy(),
                    [&](BranchId branch, const RecordView* record) {
                      scene.ExpectEq("the branch of a visit of the fork",
                                     branch, fork_branch);
                      scene.ExpectTrue("the fork has the record",
                                       record != nullptr);
                    })
      .IgnoreError();
}

void ACommitInsideAVisit(Scene& scene) {
  if (scene.target().set_step == nullptr) return;
  Visit visit;
  Revision old = 0;
  Interleave(scene,
             {[&] {
                scene.Write(Policy(), "old");
                old = scene.RevisionOf(Policy());
              },
              [&] { visit = scene.VisitRecord(HomeCatalog(), Policy()); },
              [&] { scene.Write(Policy(), "new"); },
              [&] {
                if (!visit.status.ok()) return;
                scene.ExpectTrue("value and revision are from one instant",
                                 visit.record.has_value() &&
                                     (visit.record->revision == old) ==
                                         (visit.record->value == "old"));
              }});
}

// ---- S19

std::string TextOf(const Visit& visit) {
  if (!visit.status.ok()) return visit.status.ToString();
  return visit.record.has_value() ? Text(visit.record->value) : "none";
}

std::string ValuesOf(const absl::StatusOr<Snapshot>& snapshot) {
  if (!snapshot.ok()) return snapshot.status().ToString();
  std::vector<std::string> values;
  for (const auto& record : snapshot->records) {
    values.push_back(record.has_value() ? Text(record->value) : "none");
  }
  if (snapshot->range.has_value()) {
    values.push_back("range");
    for (const RangeRecord& record : snapshot->range->records) {
      values.push_back(Text(record.value));
    }
  }
  return absl::StrJoin(values, ", ");
}

// Reads and visits one record and then another, on a new storage. `overwrites`:
// the arguments of the first call are overwritten and used for the second one;
// otherwise the second call has arguments of its own, and the first ones stay
// as they are. Returns the answers to the second read and the second visit.
//
// All names have the same length and are still alive, so a storage that looks
// at the old arguments finds wrong names, not garbage. (A batch is destroyed
// when `Commit` has returned; the address sanitizer finds later uses.)
std::pair<std::string, std::string> ReadOneAndAnother(Scene& scene,
                                                      bool overwrites) {
  scene.Restart();
  const std::string a(100, 'a');
  const std::string b(100, 'b');
  const WriteBatch both{HomeCatalog(),
                        scene.branch(),
                        {},
                        {{Configuration(a), "A"}, {Configuration(b), "B"}}};
  scene.TryCommit(both).status().IgnoreError();
  scene.Note("configurations a... = \"A\" and b... = \"B\" are written");

  ReadSet first{HomeCatalog(), {Configuration(a)}, AllConfigurations()};
  ReadSet another{HomeCatalog(), {Configuration(b)}, AllConfigurations()};
  another.range->after = a;
  scene.Note(absl::StrCat("Read(a..., all configurations)\n      -> ",
                          ValuesOf(scene.TryRead(first))));
  if (overwrites) {
    first.keys[0].id = b;
    first.range->after = a;
    scene.Note("its arguments become b... and the configurations after a...");
  }
  const std::string read =
      ValuesOf(scene.TryRead(overwrites ? first : another));
  scene.Note(absl::StrCat("Read of these\n      -> ", read));

  const CatalogKey catalog = HomeCatalog();
  RecordKey key = Configuration(a);
  const RecordKey other_key = Configuration(b);
  scene.VisitRecord(catalog, key);
  if (overwrites) {
    key.id = b;
    scene.Note("its argument becomes b...");
  }
  const Visit visit = scene.VisitRecord(catalog, overwrites ? key : other_key);
  return {read, TextOf(visit)};
}

// Makes the same calls with arguments that change and with arguments that do
// not. Only a storage that looks at arguments of earlier calls answers
// differently, whatever else is wrong with it.
void ArgumentsThatChange(Scene& scene) {
  const auto expected = ReadOneAndAnother(scene, /*overwrites=*/false);
  const auto actual = ReadOneAndAnother(scene, /*overwrites=*/true);
  const auto compare = [&](const char* what, const std::string& to_new,
                           const std::string& to_old) {
    if (to_old == to_new) return;
    scene.Fail(what, absl::StrCat(to_new, ", as with arguments of its own"),
               to_old);
  };
  compare("a read whose arguments were those of an earlier read, overwritten",
          expected.first, actual.first);
  compare("a visit whose argument was that of an earlier visit, overwritten",
          expected.second, actual.second);
}

}  // namespace

std::vector<ClauseExample> VisitingExamples() {
  return {
      {18, 1, "WhatReadReturns", WhatReadReturns},
      {18, 0, "AVisitOfAFork", AVisitOfAFork},
      {18, 0, "ACommitInsideAVisit", ACommitInsideAVisit},
      {19, 0, "ArgumentsThatChange", ArgumentsThatChange},
  };
}

}  // namespace testing_internal
}  // namespace glue_security
