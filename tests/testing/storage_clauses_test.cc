// The clause checks, measured by storages with planted defects: each defect is
// found, and each check finds one.

#include "glue_security/testing/storage_suite/storage_clauses.h"

#include <algorithm>
#include <atomic>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/defects/defective_storages.h"
#include "glue_security/testing/storage_suite/storage_scene.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(StorageClauses, WithoutADefect_EveryClauseHolds) {
  for (int clause = 1; clause <= kStorageClauses; ++clause) {
    const ClauseReport report =
        CheckStorageClause(clause, StorageWithoutDefect());
    EXPECT_TRUE(report.holds) << report.text;
    EXPECT_EQ(report.text, "");
    EXPECT_GT(report.examples, 0) << "S" << clause;
  }
}

// S11 asks for an order of revisions within a catalog only.
TEST(StorageClauses, CatalogsWithoutACommonOrder_EveryClauseHolds) {
  for (int clause = 1; clause <= kStorageClauses; ++clause) {
    const ClauseReport report =
        CheckStorageClause(clause, StorageWithUnorderedCatalogs());
    EXPECT_TRUE(report.holds) << report.text;
  }
}

// Runs all clauses on all defects; in a short run, those that a defect names.
// Prints a table of the clauses that find each defect, in brackets when the
// defect names the clause. Threads that run freely find a defect of theirs with
// luck only; `OfRaces_AreFoundInTheDefaultRounds` has those.
TEST(DefectiveStorages, EachIsFoundByTheClausesItNames_AndEachClauseFindsOne) {
  std::set<int> finds_some;
  std::set<std::string> names;
  const std::vector<DefectiveStorage> all = DefectiveStorages();
  for (const DefectiveStorage& defect : all) {
    EXPECT_TRUE(names.insert(defect.name).second) << defect.name;
    EXPECT_EQ(defect.target.name, defect.name);
    ASSERT_FALSE(defect.clauses.empty());
    if (defect.races) continue;
    const std::set<int> named(defect.clauses.begin(), defect.clauses.end());
    std::vector<std::string> found;
    for (int clause = 1; clause <= kStorageClauses; ++clause) {
      if (IsShortRun() && named.count(clause) == 0) continue;
      const ClauseReport report = CheckStorageClause(clause, defect.target);
      if (named.count(clause) > 0) {
        EXPECT_FALSE(report.holds) << "S" << clause << " does not find "
                                   << defect.name << ": " << defect.sentence;
      }
      if (report.holds) continue;
      // However many clauses fail, each names one that the defect breaks first.
      EXPECT_EQ(named.count(report.cause), 1u)
          << defect.name << " is taken for a defect of S" << report.cause
          << ":\n"
          << report.text;
      EXPECT_EQ(absl::StartsWith(report.text, "Begin with S"),
                report.cause != clause)
          << report.text;
      if (named.count(clause) > 0) finds_some.insert(clause);
      found.push_back(named.count(clause) > 0 ? absl::StrCat("[S", clause, "]")
                                              : absl::StrCat("S", clause));
    }
    std::cout << std::left << std::setw(32) << defect.name
              << absl::StrJoin(found, " ") << "\n";
  }
  std::cout << all.size() << " planted defects\n";
  for (int clause = 1; clause <= kStorageClauses; ++clause) {
    EXPECT_EQ(finds_some.count(clause), 1u)
        << "no planted defect is named for S" << clause;
  }
}

// docs/testing_kit/defective_storages.md contains this table after its first
// lines.
TEST(DefectiveStorages, Table_IsThatOfTheDocuments) {
  std::string table = "| defect | what is wrong | found by |\n|---|---|---|\n";
  for (const DefectiveStorage& defect : DefectiveStorages()) {
    std::vector<std::string> found;
    for (const int clause : defect.clauses) {
      if (defect.races) {
        found.push_back(absl::StrCat("S", clause, " threads that run freely"));
        continue;
      }
      const ClauseReport report = CheckStorageClause(clause, defect.target);
      found.push_back(absl::StrCat("S", clause, " ", report.example));
    }
    absl::StrAppend(&table, "| `", defect.name, "` | ", defect.sentence, " | ",
                    absl::StrJoin(found, ", "), " |\n");
  }
  std::ifstream file("docs/testing_kit/defective_storages.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string text = page.str();
  const size_t start = std::min(text.find("| defect"), text.size());
  EXPECT_EQ(text.substr(start), table) << "The table as it should be:\n"
                                       << table;
}

// Each example finds a defect, even when it runs alone. Those with threads that
// run freely need luck for it, and so are tried again.
TEST(DefectiveStorages, EachExampleFindsOne) {
  const std::vector<DefectiveStorage> all = DefectiveStorages();
  for (const auto& example : testing_internal::AllClauseExamples()) {
    std::string found;
    for (int tries = 0; tries < (example.races ? 20 : 1); ++tries) {
      for (const DefectiveStorage& defect : all) {
        const auto& named = defect.clauses;
        if (std::find(named.begin(), named.end(), example.clause) ==
                named.end() ||
            (defect.races && !example.races)) {
          continue;
        }
        testing_internal::Scene scene(defect.target,
                                      testing_internal::Setting::kAlone);
        if (!scene.failed()) example.run(scene);
        if (!scene.failed()) continue;
        found = defect.name;
        break;
      }
      if (!found.empty()) break;
    }
    EXPECT_NE(found, "") << "S" << example.clause << " " << example.name;
  }
}

// A race of one instant is found by the clauses that it names, with as many
// rounds as the suite makes by itself. On a machine that is busy with other
// things, threads seldom run at once, so there are several tries.
TEST(DefectiveStorages, OfRaces_AreFoundInTheDefaultRounds) {
  if (IsShortRun()) GTEST_SKIP() << "takes many rounds";
  constexpr int kTries = 20;
  for (const DefectiveStorage& defect : DefectiveStorages()) {
    if (!defect.races) continue;
    EXPECT_EQ(defect.target.rounds, StorageUnderTest().rounds);
    for (const int clause : defect.clauses) {
      ClauseReport report;
      int tries = 0;
      do {
        report = CheckStorageClause(clause, defect.target);
      } while (report.holds && ++tries < kTries);
      EXPECT_FALSE(report.holds) << defect.name << ", S" << clause;
      EXPECT_EQ(report.cause, clause) << report.text;
      std::cout << defect.name << " is found in run " << tries + 1 << "\n"
                << report.text;
    }
  }
}

// The named clauses do not find their defects by luck: they find them every
// time, with threads too.
TEST(DefectiveStorages, OfThreads_AreFoundEveryTime) {
  for (const DefectiveStorage& defect : DefectiveStorages()) {
    if (defect.races) continue;
    StorageUnderTest target = defect.target;
    // Free-running threads find nothing in one round.
    target.rounds = 1;
    for (const int clause : defect.clauses) {
      for (int i = 0; i < (IsShortRun() ? 1 : 5); ++i) {
        EXPECT_FALSE(CheckStorageClause(clause, target).holds)
            << defect.name << ", S" << clause;
      }
    }
  }
}

DefectiveStorage Named(const std::string& name) {
  for (const DefectiveStorage& defect : DefectiveStorages()) {
    if (defect.name == name) return defect;
  }
  ADD_FAILURE() << "no such defect: " << name;
  return DefectiveStorages()[0];
}

// An example finds more under faults, and beside a writer, than alone.
TEST(StorageClauses, Settings_ShowWhatAnExampleAloneDoesNot) {
  EXPECT_THAT(CheckStorageClause(12, Named("RangeGoesOn").target).text,
              HasSubstr(", under faults: "));
  EXPECT_THAT(CheckStorageClause(1, Named("ReadWhereLastWritten").target).text,
              HasSubstr(", beside a writer to other catalogs: "));
}

// Every example runs in all three settings.
TEST(StorageClauses, EveryExample_RunsInEverySetting) {
  const auto examples =
      static_cast<int>(testing_internal::AllClauseExamples().size());
  int runs = 0;
  for (int clause = 1; clause <= kStorageClauses; ++clause) {
    runs += CheckStorageClause(clause, StorageWithoutDefect()).examples;
  }
  EXPECT_EQ(runs, 3 * examples);
}

// A commit that is made to fail arrives late. It ignores its preconditions once
// another catalog was written.
class HeldBackStorage : public ForwardingStorage {
 public:
  HeldBackStorage() : ForwardingStorage(&memory_) {}

  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    if (std::exchange(fails_, false)) {
      held_back_ = batch;
      return absl::DeadlineExceededError("under way");
    }
    if (held_back_.has_value() && !(held_back_->catalog == batch.catalog)) {
      held_back_->preconditions.clear();
    }
    return ForwardingStorage::Commit(batch);
  }
  void FailNext() { fails_ = true; }
  void Settle() {
    if (!held_back_.has_value()) return;
    ForwardingStorage::Commit(*held_back_).status().IgnoreError();
    held_back_.reset();
  }

 private:
  MemoryStorage memory_;
  bool fails_ = false;
  std::optional<WriteBatch> held_back_;
};

// The examples with failures run beside a writer as well.
TEST(StorageClauses, Failures_AreLookedAtBesideAWriter) {
  StorageUnderTest target;
  target.name = "HeldBack";
  target.create = [] { return std::make_unique<HeldBackStorage>(); };
  target.fail_next_commit = [](Storage& storage, int way) {
    static_cast<HeldBackStorage&>(storage).FailNext();
    return way == 0;
  };
  target.settle = [](Storage& storage) {
    static_cast<HeldBackStorage&>(storage).Settle();
  };
  const ClauseReport report = CheckStorageClause(15, target);
  EXPECT_FALSE(report.holds);
  EXPECT_THAT(report.text, HasSubstr(", beside a writer to other catalogs: "));
}

// The example in storage_clauses.h.
TEST(StorageClauses, Report_QuotesTheClauseAndShowsTheCalls) {
  const ClauseReport report =
      CheckStorageClause(12, Named("RemovalOfNoneConflicts").target);
  EXPECT_EQ(report.clause, 12);
  EXPECT_EQ(
      report.text,
      R"(S12 is broken: "Removing a record that does not exist is legal and changes nothing."
  RemovingWhatIsNotThere, alone: the removal in an empty catalog
    expected: committed
    actual:   conflict
  The calls that show it, on a new storage:
    Commit(policy removed; branch 0)
      -> conflict
)");
}

// A range, too, is wrong in a storage that mixes up regions or ids.
TEST(StorageClauses, Report_BeginsWithTheCause) {
  const ClauseReport follower =
      CheckStorageClause(4, Named("RegionIgnored").target);
  EXPECT_FALSE(follower.holds);
  EXPECT_EQ(follower.cause, 13);
  EXPECT_THAT(follower.text,
              StartsWith("Begin with S13, which TheSameKeyElsewhere breaks: "
                         "the rest may follow from it.\nS4 is broken: "));
  const ClauseReport cause =
      CheckStorageClause(13, Named("RegionIgnored").target);
  EXPECT_EQ(cause.cause, 13);
  EXPECT_THAT(cause.text, StartsWith("S13 is broken: "));
}

// A clause that is not kept on purpose is nothing to begin with.
TEST(StorageClauses, Cause_IsNoDeclaredDeviation) {
  StorageUnderTest target = Named("RegionIgnored").target;
  target.deviations = {{13, "one region is enough"}, {5, "for us"}};
  const ClauseReport report = CheckStorageClause(4, target);
  EXPECT_FALSE(report.holds);
  EXPECT_EQ(report.cause, 3);
}

TEST(FindBrokenClause, ReturnsTheClauseToBeginWith) {
  EXPECT_FALSE(FindBrokenClause(StorageWithoutDefect()).has_value());
  for (const DefectiveStorage& defect : DefectiveStorages()) {
    const auto broken = FindBrokenClause(defect.target);
    if (!broken.has_value()) {
      EXPECT_TRUE(defect.races) << defect.name;
      continue;
    }
    const auto& named = defect.clauses;
    EXPECT_NE(std::find(named.begin(), named.end(), broken->clause),
              named.end())
        << defect.name << " is taken for a defect of S" << broken->clause;
    StorageUnderTest declared = defect.target;
    declared.deviations = {{broken->clause, "on purpose"}};
    const auto next = FindBrokenClause(declared);
    EXPECT_TRUE(!next.has_value() || next->clause != broken->clause)
        << defect.name;
  }
}

// Throws at each call that `throws` names.
class ThrowingStorage : public ForwardingStorage {
 public:
  enum Call { kCreate, kRead, kCommit, kVisit };

  explicit ThrowingStorage(Call throws)
      : ForwardingStorage(&memory_), throws_(throws) {
    Do(kCreate);
  }
  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override {
    Do(kRead);
    return ForwardingStorage::Read(read_set);
  }
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    Do(kCommit);
    return ForwardingStorage::Commit(batch);
  }
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override {
    Do(kVisit);
    return ForwardingStorage::VisitRecord(catalog, key, visitor);
  }

 private:
  void Do(Call call) const {
    if (call == throws_) throw std::runtime_error("the disk is gone");
  }

  MemoryStorage memory_;
  const Call throws_;
};

TEST(StorageClauses, AnException_IsNamedByEveryClauseThatSeesIt) {
  for (const auto call : {ThrowingStorage::kCreate, ThrowingStorage::kRead,
                          ThrowingStorage::kCommit, ThrowingStorage::kVisit}) {
    StorageUnderTest target;
    target.name = "Throwing";
    target.rounds = 10;
    target.create = [call] { return std::make_unique<ThrowingStorage>(call); };
    int broken = 0;
    for (int clause = 1; clause <= kStorageClauses; ++clause) {
      const ClauseReport report = CheckStorageClause(clause, target);
      if (report.holds) continue;
      ++broken;
      EXPECT_THAT(report.text, HasSubstr("an exception: the disk is gone"));
    }
    EXPECT_GE(broken, call == ThrowingStorage::kVisit ? 1 : 15) << call;
    EXPECT_TRUE(FindBrokenClause(target).has_value());
  }
}

TEST(StorageClauses, NoStorage_IsNamed) {
  StorageUnderTest target;
  target.name = "None";
  target.create = [] { return nullptr; };
  EXPECT_THAT(CheckStorageClause(1, target).text,
              HasSubstr("there is no storage"));
}

// Only a storage that looks at old arguments breaks S19: a storage that is
// wrong otherwise is as wrong with new ones.
TEST(StorageClauses, S19_IsBrokenByNothingElse) {
  for (const DefectiveStorage& defect : DefectiveStorages()) {
    const auto& named = defect.clauses;
    const ClauseReport report = CheckStorageClause(19, defect.target);
    EXPECT_EQ(report.holds,
              std::find(named.begin(), named.end(), 19) == named.end())
        << defect.name << "\n"
        << report.text;
  }
}

// Counts the commits of all its storages.
class CountingStorage : public ForwardingStorage {
 public:
  explicit CountingStorage(std::atomic<int>* commits)
      : ForwardingStorage(&memory_), commits_(*commits) {}

  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    ++commits_;
    return ForwardingStorage::Commit(batch);
  }

 private:
  MemoryStorage memory_;
  std::atomic<int>& commits_;
};

// Returns the commits that the examples with threads of S11 make alone.
int CommitsOfThreads(int rounds, absl::Duration time_max) {
  std::atomic<int> commits{0};
  StorageUnderTest target;
  target.name = "Counting";
  target.create = [&] { return std::make_unique<CountingStorage>(&commits); };
  target.rounds = rounds;
  target.rounds_time_max = time_max;
  for (const auto& example : testing_internal::AllClauseExamples()) {
    if (example.clause != 11 || !example.races) continue;
    testing_internal::Scene scene(target, testing_internal::Setting::kAlone);
    example.run(scene);
    EXPECT_EQ(scene.failure(), "");
  }
  return commits;
}

TEST(StorageClauses, Threads_MakeTheirRounds) {
  EXPECT_EQ(StorageUnderTest().rounds, 20'000);
  EXPECT_EQ(StorageUnderTest().rounds_time_max, absl::Seconds(10));
  EXPECT_EQ(CommitsOfThreads(300, absl::InfiniteDuration()), 4 * 300);
}

TEST(StorageClauses, Threads_EndWhenTheTimeIsUp) {
  EXPECT_EQ(CommitsOfThreads(1'000'000'000, absl::ZeroDuration()), 4);
}

// Returns the clauses in the comment of storage.h, their lines joined.
std::map<int, std::string> ClausesOfTheHeader() {
  std::ifstream file("glue_security/storage/storage.h");
  std::map<int, std::string> clauses;
  int clause = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("//   S", 0) == 0) {
      std::istringstream words(line.substr(6));
      words >> clause;
      std::string rest;
      std::getline(words >> std::ws, rest);
      clauses[clause] = rest;
    } else if (line.rfind("//       ", 0) == 0 && clause != 0) {
      absl::StrAppend(&clauses[clause], " ", line.substr(9));
    } else {
      clause = 0;
    }
  }
  return clauses;
}

TEST(StorageClauses, Texts_AreThoseOfTheContract) {
  const std::map<int, std::string> clauses = ClausesOfTheHeader();
  ASSERT_EQ(clauses.size(), static_cast<size_t>(kStorageClauses));
  for (const auto& [clause, text] : clauses) {
    EXPECT_EQ(StorageClauseText(clause), text) << "S" << clause;
  }
}

}  // namespace
}  // namespace glue_security
