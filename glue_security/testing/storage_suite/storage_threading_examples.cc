// S2, S8 and S9 as far as only two calls at once can show them, and S17 to S19.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "glue_security/testing/storage_suite/storage_scene.h"

namespace glue_security {
namespace testing_internal {
namespace {

constexpr int kThreads = 4;

// The policy, a configuration, and all configurations.
ReadSet EverythingOf(const CatalogKey& catalog) {
  ReadSet read_set{catalog, {Policy(), Configuration("0")}, {}};
  read_set.range = AllConfigurations();
  return read_set;
}

// Writes `value` everywhere that `EverythingOf` looks.
WriteBatch AllSay(const std::string& value, BranchId branch) {
  WriteBatch batch{HomeCatalog(), branch, {}, {{Policy(), value}}};
  for (int i = 0; i < 5; ++i) {
    batch.mutations.push_back({Configuration(absl::StrCat(i)), value});
  }
  return batch;
}

// Returns the value of all records in a snapshot of `EverythingOf`; nullopt
// when they differ.
std::optional<std::string> WhatAllSay(const Snapshot& snapshot) {
  if (snapshot.records.size() != 2 || !snapshot.records[0].has_value() ||
      !snapshot.records[1].has_value() || !snapshot.range.has_value() ||
      snapshot.range->records.size() != 5) {
    return std::nullopt;
  }
  const Record& first = *snapshot.records[0];
  bool same = snapshot.records[1]->value == first.value &&
              snapshot.records[1]->revision == first.revision;
  for (const RangeRecord& record : snapshot.range->records) {
    same = same && record.value == first.value &&
           record.revision == first.revision;
  }
  if (!same) return std::nullopt;
  return first.value;
}

void ExpectAllSayTheSame(Scene& scene, const Snapshot& snapshot) {
  scene.ExpectTrue("all records of the snapshot are from one commit",
                   WhatAllSay(snapshot).has_value());
}

// ---- Two calls, one at a step of the other

void ACommitInsideARead(Scene& scene) {
  if (scene.target().set_step == nullptr) return;
  Snapshot snapshot;
  Interleave(scene,
             {[&] { scene.Commit(AllSay("old", scene.branch())); },
              [&] { snapshot = scene.Read(EverythingOf(HomeCatalog())); },
              [&] { scene.Commit(AllSay("new", scene.branch())); },
              [&] { ExpectAllSayTheSame(scene, snapshot); }});
}

void AReadInsideACommit(Scene& scene) {
  if (scene.target().set_step == nullptr) return;
  Snapshot snapshot;
  Interleave(scene,
             {[&] { scene.Commit(AllSay("old", scene.branch())); },
              [&] { scene.Commit(AllSay("new", scene.branch())); },
              [&] { snapshot = scene.Read(EverythingOf(HomeCatalog())); },
              [&] { ExpectAllSayTheSame(scene, snapshot); }});
}

// Two commits on condition of the same state: one of them is refused.
void ACommitInsideACommit(Scene& scene) {
  if (scene.target().set_step == nullptr) return;
  Revision revision = 0;
  CommitResult outer = CommitResult::kConflict;
  CommitResult inner = CommitResult::kConflict;
  const auto commit = [&](const char* value) {
    return scene.Commit({{Policy(), revision}}, {{Policy(), value}});
  };
  Interleave(
      scene,
      {[&] {
         scene.Write(Policy(), "old");
         revision = scene.RevisionOf(Policy());
       },
       [&] { outer = commit("outer"); }, [&] { inner = commit("inner"); },
       [&] {
         scene.ExpectTrue(
             "one of two commits with the same precondition is committed",
             (outer == CommitResult::kCommitted) !=
                 (inner == CommitResult::kCommitted));
         scene.ExpectValue(
             Policy(), outer == CommitResult::kCommitted ? "outer" : "inner");
       }});
}

void AReadInsideARead(Scene& scene) {
  if (scene.target().set_step == nullptr) return;
  std::optional<Record> outer;
  std::optional<Record> inner;
  Interleave(scene,
             {[&] {
                scene.Write(Configuration("a"), "A");
                scene.Write(Configuration("b"), "B");
              },
              [&] { outer = scene.Get(Configuration("a")); },
              [&] { inner = scene.Get(Configuration("b")); },
              [&] {
                scene.ExpectTrue("one read has the value that it asked for",
                                 outer.has_value() && outer->value == "A");
                scene.ExpectTrue("the other read has the value of its own key",
                                 inner.has_value() && inner->value == "B");
              }});
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

// ---- Threads that run freely

// Keeps the first complaint of the threads.
class Complaints {
 public:
  void Add(std::string what) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (first_.empty()) first_ = std::move(what);
  }
  bool any() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return !first_.empty();
  }
  void Tell(Scene& scene) {
    if (any()) scene.Fail(first_, "the contrary", "this");
  }

 private:
  std::mutex mutex_;
  std::string first_;
};

void RunThreads(int threads, const std::function<void(int)>& run) {
  std::vector<std::thread> running;
  running.reserve(static_cast<size_t>(threads));
  for (int t = 0; t < threads; ++t) running.emplace_back(run, t);
  for (std::thread& thread : running) thread.join();
}

void ReadersBesideAWriter(Scene& scene) {
  const BranchId branch = scene.branch();
  scene.Commit(AllSay("0", branch));
  scene.Note("one thread commits 1, 2, 3, ... to all records; others read");
  Complaints complaints;
  std::atomic<int> committed{0};
  std::atomic<bool> done{false};
  const int rounds = scene.rounds();
  RunThreads(3, [&](int t) {
    if (t == 0) {
      for (int n = 1; n <= rounds && !complaints.any(); ++n) {
        const auto result = scene.TryCommit(AllSay(absl::StrCat(n), branch));
        if (!result.ok() || *result != CommitResult::kCommitted) {
          complaints.Add("a commit without preconditions is not committed");
        }
        committed = n;
      }
      done = true;
      return;
    }
    int last = 0;
    // A last read when all is done, for a reader that was too slow before.
    for (bool once_more = true; once_more && !complaints.any();) {
      once_more = !done;
      const int at_least = committed;
      const auto snapshot = scene.TryRead(EverythingOf(HomeCatalog()));
      const auto value = snapshot.ok() ? WhatAllSay(*snapshot) : std::nullopt;
      int n = 0;
      if (!value.has_value() || !absl::SimpleAtoi(*value, &n)) {
        complaints.Add("a snapshot shows two commits at once");
        return;
      }
      if (n < at_least) {
        complaints.Add("a commit that had returned is not seen");
      }
      if (n < last) complaints.Add("a later read shows an earlier state");
      last = n;
    }
  });
  complaints.Tell(scene);
}

// One thread of `ThreadsThatCount`: reads a counter, and increments it on
// condition that it is unchanged.
void Count(Scene& scene, int rounds, Complaints& complaints) {
  // Each commit of another thread causes at most one conflict of this thread.
  const int tries_max = kThreads * rounds;
  for (int done = 0, tries = 0; done < rounds && !complaints.any(); ++tries) {
    if (tries == tries_max) {
      complaints.Add("there are more conflicts than commits");
      return;
    }
    const auto snapshot = scene.TryRead({HomeCatalog(), {Policy()}, {}});
    int count = 0;
    if (!snapshot.ok() || snapshot->records.size() != 1 ||
        !snapshot->records[0].has_value() ||
        !absl::SimpleAtoi(snapshot->records[0]->value, &count)) {
      complaints.Add("a counter that was written is missing");
      return;
    }
    const Record& record = *snapshot->records[0];
    const std::string next = absl::StrCat(count + 1);
    const auto result =
        scene.TryCommit({HomeCatalog(),
                         scene.branch(),
                         {{Policy(), record.revision}},
                         {{Policy(), next}, {Configuration("0"), next}}});
    if (!result.ok()) {
      complaints.Add("an undisturbed commit fails");
      return;
    }
    if (*result == CommitResult::kCommitted) ++done;
  }
}

void ThreadsThatCount(Scene& scene) {
  scene.Write(Policy(), "0");
  scene.Note(
      "four threads increment it, each with a precondition on what it read");
  Complaints complaints;
  const int rounds = scene.rounds();
  RunThreads(kThreads, [&](int) { Count(scene, rounds, complaints); });
  complaints.Tell(scene);
  scene.ExpectValue(Policy(), absl::StrCat(kThreads * rounds));
  scene.ExpectValue(Configuration("0"), absl::StrCat(kThreads * rounds));
}

// One thread of `AllMethodsAtOnce`, in its own catalog.
void UseAllMethods(Scene& scene, int number, int rounds,
                   Complaints& complaints) {
  const CatalogKey own{absl::StrCat(number), "us-east-1"};
  std::optional<Revision> revision;
  for (int round = 1; round <= rounds && !complaints.any(); ++round) {
    const std::string value = absl::StrCat(number, "-", round);
    const auto result =
        scene.TryCommit({own,
                         scene.branch(),
                         {{Policy(), revision}},
                         {{Policy(), value}, {Configuration(value), value}}});
    if (!result.ok() || *result != CommitResult::kCommitted) {
      complaints.Add("a commit to a catalog of its own is refused");
    }
    ReadSet read_set{own, {Policy()}, AllConfigurations()};
    const auto snapshot = scene.TryRead(read_set);
    if (!snapshot.ok() || snapshot->records.size() != 1 ||
        !snapshot->records[0].has_value() ||
        snapshot->records[0]->value != value || !snapshot->range ||
        snapshot->range->records.size() != static_cast<size_t>(round)) {
      complaints.Add("a thread does not read what it wrote");
      return;
    }
    revision = snapshot->records[0]->revision;
    bool right = true;
    scene
        .TryVisit(own, Policy(),
                  [&](BranchId, const RecordView* view) {
                    right = view != nullptr && view->value == value;
                  })
        .IgnoreError();
    if (!right) complaints.Add("a thread is not shown what it wrote");
    if (scene.storage().durability() != scene.storage().durability()) {
      complaints.Add("the durability changes");
    }
  }
}

void AllMethodsAtOnce(Scene& scene) {
  scene.Note("four threads use all methods, each in a catalog of its own");
  Complaints complaints;
  // Bounded, because each round lengthens the range that is read.
  const int rounds = std::min(scene.rounds(), 100);
  RunThreads(kThreads,
             [&](int t) { UseAllMethods(scene, t, rounds, complaints); });
  complaints.Tell(scene);
}

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

// ---- S19

// Changes the arguments of a finished call, and then asks for their new
// contents with other arguments. All names have the same length and are still
// alive, so a storage that looks at the old arguments finds wrong names, not
// garbage. (A batch is destroyed when `Commit` has returned; the address
// sanitizer finds later uses.)
void ArgumentsThatChange(Scene& scene) {
  const std::string a(100, 'a');
  const std::string b(100, 'b');
  scene.Write(Configuration(a), "A");
  scene.Write(Configuration(b), "B");

  ReadSet asked{HomeCatalog(), {Configuration(a)}, AllConfigurations()};
  scene.ExpectTrue("a read of the first", scene.TryRead(asked).ok());
  scene.Note("Read of the first; then its arguments are overwritten");
  asked.keys[0].id = b;
  asked.range->after = a;
  scene.ExpectValue(Configuration(b), "B");
  scene.ExpectValue(Configuration(a), "A");

  // Reads with the same object, which now has other contents.
  const auto again = scene.TryRead(asked);
  scene.Note("Read with the overwritten arguments");
  scene.ExpectTrue("the read answers what its arguments say now",
                   !again.ok() || (again->records[0].has_value() &&
                                   again->records[0]->value == "B" &&
                                   again->range->records.size() == 1));

  CatalogKey catalog = HomeCatalog();
  RecordKey key = Configuration(a);
  scene.VisitRecord(catalog, key);
  key.id = b;
  const Visit visit = scene.VisitRecord(catalog, key);
  if (!visit.status.ok()) return;
  scene.ExpectTrue("the visit shows what its arguments say now",
                   visit.record.has_value() && visit.record->value == "B");
}

}  // namespace

std::vector<ClauseExample> ThreadingExamples() {
  return {
      {2, "ACommitInsideARead", ACommitInsideARead},
      {2, "ReadersBesideAWriter", ReadersBesideAWriter},
      {8, "AReadInsideACommit", AReadInsideACommit},
      {9, "ACommitInsideACommit", ACommitInsideACommit},
      {17, "AReadInsideARead", AReadInsideARead},
      {17, "ACommitInsideACommit", ACommitInsideACommit},
      {17, "ThreadsThatCount", ThreadsThatCount},
      {17, "AllMethodsAtOnce", AllMethodsAtOnce},
      {18, "WhatReadReturns", WhatReadReturns},
      {18, "AVisitOfAFork", AVisitOfAFork},
      {18, "ACommitInsideAVisit", ACommitInsideAVisit},
      {19, "ArgumentsThatChange", ArgumentsThatChange},
  };
}

}  // namespace testing_internal
}  // namespace glue_security
