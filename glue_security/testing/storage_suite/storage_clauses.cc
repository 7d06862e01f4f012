#include "glue_security/testing/storage_suite/storage_clauses.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/testing/storage_suite/storage_scene.h"

namespace glue_security {
namespace {

using testing_internal::ClauseExample;
using testing_internal::Scene;
using testing_internal::Setting;

// The clauses. A test compares them with the comment of storage.h.
constexpr const char* kTexts[kStorageClauses] = {
    "`Read` answers one element per key, in the order of the keys: the record "
    "that the last applied mutation of that key left, or nullopt where that "
    "was a removal or there was none.",
    "All of a snapshot, keys and range, is as of one instant between call and "
    "return (strictly serializable: a read that starts after a commit returned "
    "sees that commit).",
    "A range holds the records of its kind with ids greater than `after`, or "
    "all of them when it is absent, ascending bytewise (as unsigned bytes; a "
    "prefix comes first), none left out in between.",
    "A range ends after `records_max` records, or before the sizes of its ids "
    "and values together pass `bytes_max`, whichever comes first; its first "
    "record is returned whatever its size. `more` says whether a record "
    "follows.",
    "Ids, catalog ids and regions are arbitrary bytes, the empty string and "
    "NUL included. Two different keys never name one record.",
    "Values are arbitrary bytes, the empty value included, returned unchanged.",
    "Reading what does not exist, catalogs included, creates nothing.",
    "`Commit` applies all mutations at once if every precondition holds, those "
    "on keys that are not written included, and answers kCommitted.",
    "If a precondition does not hold, nothing applies and it answers "
    "kConflict.",
    "A batch whose `branch` is not the storage's current branch is refused: "
    "nothing applies and it answers kConflict.",
    "Every applied batch gives its written records one revision, which no "
    "other batch is ever given: not after a removal, a re-creation, a crash, a "
    "reopening, nor in another branch of the same family. It is greater than "
    "those of the batches that were applied to its catalog before. 0 is never "
    "given.",
    "Removing a record that does not exist is legal and changes nothing.",
    "Catalogs are independent: a batch touches no other catalog.",
    "A Status other than OK says what became of the call; see `FailureOf`. Not "
    "applied: kUnavailable, kResourceExhausted, kInvalidArgument. Damaged "
    "data: kDataLoss, and nothing was applied. Every other code, "
    "kDeadlineExceeded and kUnknown among them, leaves it open whether a "
    "commit was applied.",
    "A commit whose fate was open applies later at most once, as a whole, and "
    "only while its preconditions hold.",
    "Nothing is retried below this interface.",
    "All methods may be called from any number of threads at once.",
    "`VisitRecord`, where supported, shows what `Read` of that key would have "
    "returned at one instant, the branch included; the view is dead when the "
    "visitor returns. Whether it is supported never changes during a storage's "
    "life.",
    "Nothing of the arguments is referred to after the return.",
};

constexpr const char* kSettingNames[] = {"alone", "under faults",
                                         "beside a writer to other catalogs"};

// Returns true when the storage does not keep the clause on purpose.
bool IsDeclared(const StorageUnderTest& target, int clause) {
  return std::any_of(target.deviations.begin(), target.deviations.end(),
                     [&](const StorageDeviation& deviation) {
                       return deviation.clause == clause;
                     });
}

// Runs an example. Returns its failure; "": there is none.
std::string RunExample(const ClauseExample& example,
                       const StorageUnderTest& target, Setting setting) {
  std::optional<Scene> scene;
  std::string thrown;
  try {
    scene.emplace(target, setting);
    if (!scene->failed()) example.run(*scene);
  } catch (const std::exception& error) {
    thrown = absl::StrCat("an exception: ", error.what());
  } catch (...) {
    thrown = "an exception";
  }
  if (!scene.has_value()) {
    return absl::StrCat(
        "`create`\n    expected: a storage\n    actual:   ", thrown, "\n");
  }
  if (!thrown.empty())
    scene->Fail("`create` or a hook", "no exception", thrown);
  return scene->failure();
}

// Returns all examples, those that rely on less first.
std::vector<ClauseExample> ExamplesByLevel() {
  std::vector<ClauseExample> examples = testing_internal::AllClauseExamples();
  std::stable_sort(examples.begin(), examples.end(),
                   [](const ClauseExample& a, const ClauseExample& b) {
                     return a.level < b.level;
                   });
  return examples;
}

// Returns the example that fails alone and relies on the least, when that is
// not `failed`, which has failed in `setting`. Threads that run freely are
// tried only where `failed` has such threads itself.
std::optional<ClauseExample> FindCause(const StorageUnderTest& target,
                                       const ClauseExample& failed,
                                       Setting setting) {
  for (const ClauseExample& example : ExamplesByLevel()) {
    const bool is_failed =
        example.clause == failed.clause && example.run == failed.run;
    if (is_failed && setting == Setting::kAlone) break;
    if (example.races && (!failed.races || example.level >= failed.level)) {
      continue;
    }
    if (IsDeclared(target, example.clause)) continue;
    if (!RunExample(example, target, Setting::kAlone).empty()) return example;
  }
  return std::nullopt;
}

}  // namespace

absl::string_view StorageClauseText(int clause) { return kTexts[clause - 1]; }

ClauseReport CheckStorageClause(int clause, const StorageUnderTest& target) {
  ClauseReport report;
  report.clause = clause;
  report.holds = true;
  const std::vector<ClauseExample> examples =
      testing_internal::AllClauseExamples();
  // Runs all examples alone first, because their reports are the shortest.
  for (const Setting setting : testing_internal::kAllSettings) {
    for (const ClauseExample& example : examples) {
      if (example.clause != clause) continue;
      const std::string failure = RunExample(example, target, setting);
      ++report.examples;
      if (failure.empty()) continue;
      report.holds = false;
      report.example = example.name;
      report.cause = clause;
      const std::optional<ClauseExample> cause =
          FindCause(target, example, setting);
      if (cause.has_value() && cause->clause != clause) {
        report.cause = cause->clause;
        report.text =
            absl::StrCat("Begin with S", cause->clause, ", which ", cause->name,
                         " breaks: the rest may follow from it.\n");
      }
      absl::StrAppend(&report.text, "S", clause, " is broken: \"",
                      StorageClauseText(clause), "\"\n  ", example.name, ", ",
                      kSettingNames[static_cast<int>(setting)], ": ", failure);
      return report;
    }
  }
  return report;
}

std::optional<BrokenClause> FindBrokenClause(const StorageUnderTest& target) {
  for (const ClauseExample& example : ExamplesByLevel()) {
    if (example.races || IsDeclared(target, example.clause)) continue;
    if (RunExample(example, target, Setting::kAlone).empty()) continue;
    return BrokenClause{example.clause, example.name};
  }
  return std::nullopt;
}

}  // namespace glue_security
