// S2, S8, S9 and S11 as far as only two calls at once can show them, and S17.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

// Two commits to different records, neither with preconditions. Both apply, and
// no revision is given twice.
void ACommitBesideACommit(Scene& scene) {
  if (scene.target().set_step == nullptr) return;
  Interleave(scene, {[] {}, [&] { scene.Write(Configuration("a"), "A"); },
                     [&] { scene.Write(Configuration("b"), "B"); },
                     [&] {
                       const Revision a = scene.RevisionOf(Configuration("a"));
                       const Revision b = scene.RevisionOf(Configuration("b"));
                       if (scene.failed() || a != b) return;
                       scene.Fail("the revisions of two commits",
                                  "two revisions", absl::StrCat("both ", a));
                     }});
}

// ---- Threads that run freely

// Keeps the first complaint of the threads.
class Complaints {
 public:
  void Add(std::string what, std::string expected, std::string actual) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (any_) return;
    what_ = std::move(what);
    expected_ = std::move(expected);
    actual_ = std::move(actual);
    any_ = true;
  }
  bool any() const { return any_; }
  void Tell(Scene& scene) const {
    if (any()) scene.Fail(what_, expected_, actual_);
  }

 private:
  std::mutex mutex_;
  std::string what_;
  std::string expected_;
  std::string actual_;
  std::atomic<bool> any_{false};
};

void RunThreads(int threads, const std::function<void(int)>& run) {
  std::vector<std::thread> running;
  running.reserve(static_cast<size_t>(threads));
  for (int t = 0; t < threads; ++t) running.emplace_back(run, t);
  for (std::thread& thread : running) thread.join();
}

// Waits for a random time of up to some microseconds, mostly much less, without
// leaving the processor: threads that wait for nothing soon take turns at the
// storage's lock and never meet inside of a call.
class Pauses {
 public:
  explicit Pauses(int thread) : random_(static_cast<uint32_t>(thread) + 1) {}

  void Next() {
    // A power of two, so that every order of magnitude is as likely.
    const uint32_t bound = uint32_t{1} << (random_() % 13);
    for (uint32_t left = random_() % bound; left > 0; --left) {
      std::atomic_signal_fence(std::memory_order_seq_cst);
    }
  }

 private:
  std::minstd_rand random_;
};

// Runs `round(1)`, `round(2)`, ... with pauses between them, until the rounds
// or the time of the scene end, a round returns false, or there is a complaint.
void ForEachRound(Scene& scene, int thread, const Complaints& complaints,
                  absl::FunctionRef<bool(int)> round) {
  Pauses pauses(thread);
  const int rounds = scene.rounds();
  for (int n = 1; n <= rounds && !complaints.any(); ++n) {
    if (n > 1 && !scene.HasTime()) return;
    pauses.Next();
    if (!round(n)) return;
  }
}

std::string TextOf(const absl::StatusOr<CommitResult>& result) {
  return result.ok() ? Text(*result) : result.status().ToString();
}

bool IsCommitted(const absl::StatusOr<CommitResult>& result) {
  return result.ok() && *result == CommitResult::kCommitted;
}

// Complains unless `result` is a success.
void ExpectCommitted(const absl::StatusOr<CommitResult>& result,
                     const char* what, Complaints& complaints) {
  if (IsCommitted(result)) return;
  complaints.Add(what, "committed", TextOf(result));
}

// The records of a snapshot of `EverythingOf`, each as its value and revision.
std::string TextOf(const absl::StatusOr<Snapshot>& snapshot) {
  if (!snapshot.ok()) return snapshot.status().ToString();
  std::vector<std::string> parts;
  for (const auto& record : snapshot->records) {
    parts.push_back(record.has_value() ? absl::StrCat(Text(record->value),
                                                      " at ", record->revision)
                                       : "none");
  }
  if (snapshot->range.has_value()) {
    for (const RangeRecord& record : snapshot->range->records) {
      parts.push_back(
          absl::StrCat(Text(record.value), " at ", record.revision));
    }
  }
  return absl::StrJoin(parts, ", ");
}

// One reader of `ReadersBesideAWriter`, until the writer is done.
void ReadBesideAWriter(Scene& scene, const std::atomic<int>& committed,
                       const std::atomic<bool>& done, Complaints& complaints) {
  int last = 0;
  // A last read when all is done, for a reader that was too slow before.
  for (bool once_more = true; once_more && !complaints.any();) {
    once_more = !done;
    const int at_least = committed;
    const auto snapshot = scene.TryRead(EverythingOf(HomeCatalog()));
    const auto value = snapshot.ok() ? WhatAllSay(*snapshot) : std::nullopt;
    int n = 0;
    if (!value.has_value() || !absl::SimpleAtoi(*value, &n)) {
      complaints.Add(
          absl::StrCat("all records in a snapshot, after commit ", at_least),
          "one value and one revision", TextOf(snapshot));
      return;
    }
    if (n < at_least) {
      complaints.Add("a read that starts after a commit returned",
                     absl::StrCat(at_least, ", or a later commit"), *value);
    }
    if (n < last) {
      complaints.Add("a second read of one thread",
                     absl::StrCat(last, ", as the first, or a later commit"),
                     *value);
    }
    last = n;
  }
}

void ReadersBesideAWriter(Scene& scene) {
  const BranchId branch = scene.branch();
  scene.Commit(AllSay("0", branch));
  scene.Note("one thread commits 1, 2, 3, ... to all records; others read");
  Complaints complaints;
  std::atomic<int> committed{0};
  std::atomic<bool> done{false};
  RunThreads(3, [&](int t) {
    if (t > 0) return ReadBesideAWriter(scene, committed, done, complaints);
    ForEachRound(scene, t, complaints, [&](int n) {
      ExpectCommitted(scene.TryCommit(AllSay(absl::StrCat(n), branch)),
                      "a commit without preconditions", complaints);
      committed = n;
      return true;
    });
    done = true;
  });
  complaints.Tell(scene);
}

// One round of `ThreadsThatCount`: reads a counter and increments it on
// condition that it is unchanged, as often as another thread is faster.
bool Increment(Scene& scene, int64_t tries_max, Complaints& complaints) {
  for (int64_t tries = 0; tries < tries_max && !complaints.any(); ++tries) {
    const auto snapshot = scene.TryRead({HomeCatalog(), {Policy()}, {}});
    int count = 0;
    if (!snapshot.ok() || snapshot->records.size() != 1 ||
        !snapshot->records[0].has_value() ||
        !absl::SimpleAtoi(snapshot->records[0]->value, &count)) {
      complaints.Add("the counter", "a number", TextOf(snapshot));
      return false;
    }
    const Record& record = *snapshot->records[0];
    const std::string next = absl::StrCat(count + 1);
    const auto result =
        scene.TryCommit({HomeCatalog(),
                         scene.branch(),
                         {{Policy(), record.revision}},
                         {{Policy(), next}, {Configuration("0"), next}}});
    if (!result.ok()) {
      complaints.Add("an undisturbed commit", "committed or conflict",
                     TextOf(result));
      return false;
    }
    if (*result == CommitResult::kCommitted) return true;
  }
  // Each commit of another thread causes at most one conflict of this thread.
  complaints.Add("the conflicts of one increment",
                 "no more than there are commits of other threads",
                 absl::StrCat(tries_max));
  return false;
}

void ThreadsThatCount(Scene& scene) {
  scene.Write(Policy(), "0");
  scene.Note(
      "four threads increment it, each with a precondition on what it read");
  Complaints complaints;
  std::atomic<int> committed{0};
  RunThreads(kThreads, [&](int t) {
    ForEachRound(scene, t, complaints, [&](int) {
      if (!Increment(scene, int64_t{kThreads} * scene.rounds(), complaints)) {
        return false;
      }
      ++committed;
      return true;
    });
  });
  complaints.Tell(scene);
  scene.ExpectValue(Policy(), absl::StrCat(committed.load()));
  scene.ExpectValue(Configuration("0"), absl::StrCat(committed.load()));
}

// Not at once, but on a thread that did not make the storage.
void OnAnotherThread(Scene& scene) {
  scene.Note("on another thread:");
  RunThreads(1, [&](int) {
    scene.Write(Policy(), "P");
    scene.ExpectValue(Policy(), "P");
    const Visit visit = scene.VisitRecord(HomeCatalog(), Policy());
    if (visit.status.code() == absl::StatusCode::kUnimplemented) return;
    scene.ExpectEq("the status of a visit", visit.status.ToString(),
                   absl::OkStatus().ToString());
  });
}

// One thread of `RevisionsOfThreads`. No other thread writes its records.
// `highest` is the highest revision of their catalog that any thread has seen.
void TakeRevisions(Scene& scene, int number, const CatalogKey& catalog,
                   std::atomic<Revision>& highest, std::vector<Revision>& taken,
                   Complaints& complaints) {
  const RecordKey first = Configuration(absl::StrCat(number));
  const RecordKey second = Configuration(absl::StrCat(number, " too"));
  ForEachRound(scene, number, complaints, [&](int n) {
    const Revision above = highest;
    const std::string value = absl::StrCat(n);
    ExpectCommitted(
        scene.TryCommit(
            {catalog, scene.branch(), {}, {{first, value}, {second, value}}}),
        "a commit without preconditions", complaints);
    const auto snapshot = scene.TryRead({catalog, {first, second}, {}});
    if (!snapshot.ok() || snapshot->records.size() != 2 ||
        !snapshot->records[0].has_value() ||
        !snapshot->records[1].has_value() ||
        snapshot->records[0]->revision != snapshot->records[1]->revision) {
      complaints.Add("the two records of a batch", "one revision",
                     TextOf(snapshot));
      return false;
    }
    const Revision revision = snapshot->records[0]->revision;
    if (revision <= above) {
      complaints.Add("the revision of a commit",
                     absl::StrCat("more than ", above,
                                  ", which its catalog had before it began"),
                     absl::StrCat(revision));
    }
    taken.push_back(revision);
    for (Revision seen = above; seen < revision;) {
      if (highest.compare_exchange_weak(seen, revision)) break;
    }
    return true;
  });
}

void RevisionsOfThreads(Scene& scene) {
  scene.Note(
      "four threads commit, each to two records of its own, and read their "
      "revision");
  Complaints complaints;
  // Two threads share a catalog.
  std::atomic<Revision> highest[kThreads / 2] = {};
  std::vector<Revision> taken[kThreads];
  RunThreads(kThreads, [&](int t) {
    const int shared = t % (kThreads / 2);
    TakeRevisions(scene, t, {absl::StrCat(shared), "us-east-1"},
                  highest[shared], taken[t], complaints);
  });
  complaints.Tell(scene);
  std::vector<Revision> all;
  for (const auto& some : taken)
    all.insert(all.end(), some.begin(), some.end());
  std::sort(all.begin(), all.end());
  const auto twice = std::adjacent_find(all.begin(), all.end());
  if (twice == all.end()) return;
  scene.Fail(absl::StrCat("the revisions of ", all.size(), " commits"),
             "as many revisions", absl::StrCat(*twice, " twice"));
}

// One round of `AllMethodsAtOnce`, in a thread's own catalog. Few names take
// turns, so that the range stays short. `revision` is that of the policy.
bool UseAllMethods(Scene& scene, const CatalogKey& own, int round,
                   std::optional<Revision>& revision, Complaints& complaints) {
  constexpr int kNames = 10;
  const std::string value = absl::StrCat(own.catalog_id, "-", round);
  const std::string name = absl::StrCat(round % kNames);
  ExpectCommitted(
      scene.TryCommit({own,
                       scene.branch(),
                       {{Policy(), revision}},
                       {{Policy(), value}, {Configuration(name), value}}}),
      "a commit to a catalog that no other thread uses", complaints);
  const auto snapshot = scene.TryRead({own, {Policy()}, AllConfigurations()});
  const size_t names = static_cast<size_t>(std::min(round, kNames));
  if (!snapshot.ok() || snapshot->records.size() != 1 ||
      !snapshot->records[0].has_value() ||
      snapshot->records[0]->value != value || !snapshot->range ||
      snapshot->range->records.size() != names) {
    complaints.Add("a thread's read of its own catalog",
                   absl::StrCat(Text(value), " and ", names,
                                " configurations in the range"),
                   TextOf(snapshot));
    return false;
  }
  revision = snapshot->records[0]->revision;
  scene
      .TryVisit(own, Policy(),
                [&](BranchId, const RecordView* view) {
                  if (view != nullptr && view->value == value) return;
                  complaints.Add("a thread's visit of its own record",
                                 Text(value),
                                 view == nullptr ? "none" : Text(view->value));
                })
      .IgnoreError();
  if (scene.storage().durability() != scene.storage().durability()) {
    complaints.Add("the durability", "always the same", "another");
  }
  return true;
}

void AllMethodsAtOnce(Scene& scene) {
  scene.Note("four threads use all methods, each in a catalog of its own");
  Complaints complaints;
  RunThreads(kThreads, [&](int t) {
    std::optional<Revision> revision;
    const CatalogKey own{absl::StrCat(t), "us-east-1"};
    ForEachRound(scene, t, complaints, [&](int round) {
      return UseAllMethods(scene, own, round, revision, complaints);
    });
  });
  complaints.Tell(scene);
}

}  // namespace

std::vector<ClauseExample> ThreadingExamples() {
  return {
      {2, 0, "ACommitInsideARead", ACommitInsideARead},
      {2, 4, "ReadersBesideAWriter", ReadersBesideAWriter, /*races=*/true},
      {8, 0, "AReadInsideACommit", AReadInsideACommit},
      {9, 0, "ACommitInsideACommit", ACommitInsideACommit},
      {11, 0, "ACommitBesideACommit", ACommitBesideACommit},
      {11, 3, "RevisionsOfThreads", RevisionsOfThreads, /*races=*/true},
      {17, 0, "AReadInsideARead", AReadInsideARead},
      {17, 0, "ACommitInsideACommit", ACommitInsideACommit},
      {17, 0, "OnAnotherThread", OnAnotherThread},
      {17, 5, "ThreadsThatCount", ThreadsThatCount, /*races=*/true},
      {17, 5, "AllMethodsAtOnce", AllMethodsAtOnce, /*races=*/true},
  };
}

}  // namespace testing_internal
}  // namespace glue_security
