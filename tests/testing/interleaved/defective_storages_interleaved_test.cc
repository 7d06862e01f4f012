// CheckStorageInterleaved, measured by storages with planted defects: it finds
// all that can show in a history, and shrinks them to a few calls. Those that
// cannot show are listed with the reason.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <iterator>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/testing/defects/defective_storages.h"
#include "glue_security/testing/interleaved/storage_interleaved.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

// A defect is found within this many runs, and its run is shrunk to at most
// this many calls.
constexpr int kRunsMax = 1000;
constexpr size_t kCallsMax = 5;

// A defect that no run finds.
struct Invisible {
  const char* name;
  const char* reason;
};

constexpr char kNames[] = "no name of a configuration is empty or has a NUL";
constexpr char kBytes[] =
    "pages that end because of their size are not judged, so none does";
constexpr char kForks[] = "an engine has one storage, not a fork of it";
constexpr char kCount[] =
    "a batch that writes a record which can go also has a precondition on the "
    "count, which never goes";
constexpr char kEquality[] =
    "the engine compares the revisions of one record, and only for equality";
constexpr char kRemovals[] = "the engine removes only a record that is there";
constexpr char kFreeThreads[] =
    "it is wrong for an instant in which it marks no step; only threads that "
    "run freely find it";

constexpr Invisible kInvisible[] = {
    {"KeysThenRange",
     "only GetConnections reads both, and the settings seldom change between"},
    {"AbsentAfterIsEmpty", kNames},
    {"EmptyAfterIsAbsent", kNames},
    {"NulEndsAnId", kNames},
    {"IdCut", "no name has more than 255 bytes"},
    {"IdsNotCounted", kBytes},
    {"FullIsTooFull", kBytes},
    {"MeasuredTooLate", kBytes},
    {"LargeFirstLeftOut", kBytes},
    {"NoMoreAfterBytes", kBytes},
    {"EmptyValueRemoves", "no record of the engine is empty"},
    {"LendsNonEmptyOnly", "no record of the engine is empty"},
    {"BatchCut", "a batch of the engine has at most two mutations"},
    {"UnwrittenPreconditionsIgnored",
     "a batch of the engine writes every record of its preconditions"},
    {"ConflictAppliesTheRest",
     "every mutation of the engine has a precondition"},
    {"OlderSuffices", "a revision that was read is never above the record's"},
    {"RevisionOfNoneHolds", kCount},
    {"RevisionOfTheRecord", kCount},
    {"ReopenedFromTheRecords", kCount},
    {"ZeroMeansAbsent", "no record has the revision 0"},
    {"RevisionPerMutation", kEquality},
    {"RevisionFromZero", kEquality},
    {"RevisionsFall", kEquality},
    {"RevisionOfTheKey", kEquality},
    {"RevisionOfTheCatalog", kEquality},
    {"BranchIgnored", kForks},
    {"EarlierBranchApplies", kForks},
    {"ForkKeepsTheBranch", kForks},
    {"ForksCountAlone", kForks},
    {"VisitKeepsTheBranch", kForks},
    {"RemovalOfNoneConflicts", kRemovals},
    {"RemovalOfNoneCreates", kRemovals},
    {"RemovalTakesTheNext", kRemovals},
    {"TriesAgain", "a batch that was not applied applies the second time"},
    {"OneThreadOnly",
     "it marks no step, so all calls come from the thread that made it"},
    {"TornBetweenTwoLocks", kFreeThreads},
    {"RevisionCountedInTwoSteps", kFreeThreads},
    {"RaceInOneOf64Commits", kFreeThreads},
};

// The defects that are found only with a hook.
struct NeedsHook {
  const char* name;
  const char* hook;
};

constexpr NeedsHook kNeedHooks[] = {
    {"KeyByKey", "set_step"},
    {"MutationByMutation", "set_step"},
    {"CheckThenWrite", "set_step"},
    {"RevisionBeforeTheCommit", "set_step"},
    {"OneBufferForAll", "set_step"},
    {"ValueThenRevision", "set_step"},
    {"ReopenedFromZero", "reopen"},
    {"UnavailableThoughApplied", "fail_next_commit"},
    {"DataLossThoughApplied", "fail_next_commit"},
    {"RefusedHalfway", "fail_next_commit"},
    {"UnavailableThoughLate", "fail_next_commit"},
    {"LateWithoutPreconditions", "fail_next_commit"},
    {"LateHalf", "fail_next_commit"},
    {"LateAgainAndAgain", "fail_next_commit"},
    {"AppliedAndQueued", "fail_next_commit"},
    {"TriesAgainAfterUnknown", "fail_next_commit"},
};

template <typename List>
bool IsIn(const List& list, const std::string& name) {
  return std::any_of(std::begin(list), std::end(list),
                     [&](const auto& one) { return one.name == name; });
}

StorageInterleavedOptions Options() {
  static const uint64_t seed = RunSeedOr(20261201);
  StorageInterleavedOptions options;
  options.seed = seed;
  options.runs = kRunsMax;
  options.time_max = absl::InfiniteDuration();
  options.shrink.time_max = absl::InfiniteDuration();
  options.shrink.runs_max = 4000;
  return options;
}

// Returns the storage with the only hook that finds it, or with none.
StorageUnderTest Target(const DefectiveStorage& defect) {
  StorageUnderTest target;
  target.name = defect.name;
  target.create = defect.target.create;
  for (const NeedsHook& needs : kNeedHooks) {
    if (needs.name != defect.name) continue;
    const std::string hook = needs.hook;
    if (hook == "set_step") target.set_step = defect.target.set_step;
    if (hook == "reopen") target.reopen = defect.target.reopen;
    if (hook == "fail_next_commit") {
      target.fail_next_commit = defect.target.fail_next_commit;
      target.settle = defect.target.settle;
    }
  }
  return target;
}

// Returns the choices in a report.
std::string ReplayText(const std::string& text) {
  const std::string key = "GLUE_SECURITY_REPLAY=";
  std::string choices = text.substr(text.find(key) + key.size());
  choices.pop_back();  // the end of the line
  return choices;
}

// Returns `text` from its second line on.
std::string Rest(const std::string& text) {
  return text.substr(text.find('\n') + 1);
}

TEST(DefectiveStorages, EachThatCanShowIsFoundAndShrunk) {
  for (const DefectiveStorage& defect : DefectiveStorages()) {
    if (IsIn(kInvisible, defect.name)) continue;
    const StorageUnderTest target = Target(defect);
    const StorageInterleavedReport report =
        CheckStorageInterleaved(target, Options());
    EXPECT_FALSE(report.ok()) << defect.name << ": " << defect.sentence;
    if (report.ok()) continue;
    std::cout << defect.name << ": run " << report.statistics.runs << ", "
              << report.history.size() << " calls, " << report.steps
              << " steps\n";

    // The replay makes the same run, so that it can be shrunk. Addresses are no
    // choices.
    StorageInterleavedOptions replay = Options();
    replay.replay = ReplayText(report.text);
    if (defect.clauses.front() != 19) {
      EXPECT_LE(report.history.size(), kCallsMax) << report.text;
      EXPECT_EQ(Rest(CheckStorageInterleaved(target, replay).text),
                Rest(report.text));
    }

    // The report begins with a clause that the defect breaks.
    const bool is_named = std::any_of(
        defect.clauses.begin(), defect.clauses.end(), [&](int clause) {
          return absl::StartsWith(Rest(report.text),
                                  absl::StrCat("Begin with S", clause, ", "));
        });
    const bool no_cause = absl::StartsWith(
        Rest(report.text), "StorageConformance finds no broken clause");
    EXPECT_TRUE(is_named || (no_cause && IsIn(kNeedHooks, defect.name)))
        << defect.name << "\n"
        << report.text;
  }
}

TEST(DefectiveStorages, ThoseThatCannotShowAreNotFound) {
  for (const DefectiveStorage& defect : DefectiveStorages()) {
    if (!IsIn(kInvisible, defect.name)) continue;
    StorageInterleavedOptions options = Options();
    options.runs = 100;
    const StorageInterleavedReport report =
        CheckStorageInterleaved(defect.target, options);
    EXPECT_TRUE(report.ok()) << defect.name << "\n" << report.text;
  }
}

TEST(DefectiveStorages, ThoseThatNeedAHookAreNotFoundWithoutIt) {
  for (const DefectiveStorage& defect : DefectiveStorages()) {
    if (!IsIn(kNeedHooks, defect.name)) continue;
    StorageInterleavedOptions options = Options();
    options.runs = 100;
    const StorageInterleavedReport report =
        CheckStorageInterleaved(defect.target.create, options);
    EXPECT_TRUE(report.ok()) << defect.name << "\n" << report.text;
  }
}

// The engine compares no revisions of two catalogs:
// docs/decisions/revisions.md.
TEST(DefectiveStorages, CatalogsWithoutACommonOrderAreNoDefect) {
  const StorageInterleavedReport report =
      CheckStorageInterleaved(StorageWithUnorderedCatalogs(), Options());
  EXPECT_TRUE(report.ok()) << report.text;
}

TEST(DefectiveStorages, TheListsNameEachDefectOnce) {
  std::multiset<std::string> names;
  for (const DefectiveStorage& defect : DefectiveStorages()) {
    names.insert(defect.name);
  }
  for (const Invisible& one : kInvisible) names.insert(one.name);
  for (const NeedsHook& one : kNeedHooks) names.insert(one.name);
  for (const Invisible& one : kInvisible) {
    EXPECT_EQ(names.count(one.name), 2u) << one.name;
  }
  for (const NeedsHook& one : kNeedHooks) {
    EXPECT_EQ(names.count(one.name), 2u) << one.name;
  }
}

}  // namespace
}  // namespace glue_security
