// Finds every planted defect with the tools of the kit and prints how many
// cases each took: the page docs/testing_kit/planted_defects.md.
//
//   planted_defects [--runs N]   N runs with different seeds; prints the
//   medians
//
// Exits with status 1 when a defect is not found.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/backend_suite/backend_checks.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/defects/connections/defective_connections.h"
#include "glue_security/testing/defects/connections/stored_connections.h"
#include "glue_security/testing/defects/defective_backends.h"
#include "glue_security/testing/defects/defective_schedules.h"
#include "glue_security/testing/defects/defective_storages.h"
#include "glue_security/testing/sequences/sequence.h"
#include "glue_security/testing/storage_suite/storage_clauses.h"
#include "tests/testing/find_defect.h"

namespace glue_security {
namespace {

// The tool that found a defect, and the number of cases it took.
struct Found {
  std::string tool;
  int64_t cases = 0;
};

// --- Sequences ---------------------------------------------------------------

// The options that the sequences of a search rotate through: all presets, each
// with the usual limits and with small ones.
std::vector<SequenceOptions> Settings() {
  std::vector<SequenceOptions> settings;
  for (const Behavior& behavior :
       {Behavior::Documented(), Behavior::Observed(), Behavior::Current()}) {
    for (const bool small : {false, true}) {
      SequenceOptions options;
      options.behavior = behavior;
      options.limits.response_bytes_max = size_t{1} << 40;
      if (small) {
        options.limits.security_configurations_max = 3;
        options.limits.page_size_default = 2;
        options.limits.request_bytes_max = 600;
      }
      // Only the first failure is needed, so it is not shrunk.
      options.shrink.runs_max = 1;
      settings.push_back(std::move(options));
    }
  }
  return settings;
}

std::optional<int64_t> CallsUntilFound(const DefectiveBackend& defect,
                                       uint64_t seed) {
  constexpr int64_t kCallsMax = 40'000;
  constexpr int64_t kTurn = 1000;
  int64_t calls = 0;
  for (uint64_t turn = 0; calls < kCallsMax; ++turn) {
    for (SequenceOptions options : Settings()) {
      options.calls = kTurn;
      options.seed = seed * 1'000'003 + turn;
      const SequenceReport report = CheckSequences(defect.create, options);
      calls += report.calls;
      if (!report.ok()) return calls;
    }
  }
  return std::nullopt;
}

// --- Conformance -------------------------------------------------------------

std::optional<int64_t> ChecksUntilFound(const DefectiveBackend& defect) {
  BackendUnderTest target;
  target.name = defect.name;
  target.create = defect.create;
  int64_t checks = 0;
  for (const BackendCheck& check : AllBackendChecks()) {
    for (const BackendPreset preset : kBackendPresets) {
      if (!AppliesTo(check, preset)) continue;
      ++checks;
      if (RunBackendCheck(check, preset, target).verdict ==
          BackendCheckResult::kFailed) {
        return checks;
      }
    }
  }
  return std::nullopt;
}

// Returns true when the defect shows only where encryption settings have an
// effect: random calls seldom come to it.
bool NeedsKeys(const DefectiveBackend& defect) {
  return std::all_of(defect.found_by.begin(), defect.found_by.end(),
                     [](const auto& id) {
                       const BackendCheck* check = FindBackendCheck(id);
                       return check != nullptr && check->needs.keys;
                     });
}

std::optional<int64_t> NamedChecksUntilFound(const DefectiveBackend& defect) {
  BackendUnderTest target;
  target.name = defect.name;
  target.create = defect.create;
  int64_t checks = 0;
  for (const std::string& id : defect.found_by) {
    const BackendCheck* check = FindBackendCheck(id);
    for (const BackendPreset preset : kBackendPresets) {
      if (check == nullptr || !AppliesTo(*check, preset)) continue;
      ++checks;
      if (RunBackendCheck(*check, preset, target).verdict ==
          BackendCheckResult::kFailed) {
        return checks;
      }
    }
  }
  return std::nullopt;
}

// --- All of them -------------------------------------------------------------

int64_t Median(std::vector<int64_t> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::optional<Found> Find(const DefectiveBackend& defect, int runs) {
  if (NeedsKeys(defect)) {
    const auto found = NamedChecksUntilFound(defect);
    if (!found.has_value()) return std::nullopt;
    return Found{"BackendConformance, named checks", *found};
  }
  if (defect.kind == DefectKind::kSequential) {
    std::vector<int64_t> calls;
    for (int run = 1; run <= runs; ++run) {
      const auto found = CallsUntilFound(defect, static_cast<uint64_t>(run));
      if (!found.has_value()) break;
      calls.push_back(*found);
    }
    if (static_cast<int>(calls.size()) == runs) {
      return Found{"random sequences, calls", Median(std::move(calls))};
    }
  }
  std::vector<int64_t> checks;
  for (int run = 0; run < runs; ++run) {
    const auto found = ChecksUntilFound(defect);
    if (!found.has_value()) return std::nullopt;
    checks.push_back(*found);
  }
  return Found{"BackendConformance, checks", Median(std::move(checks))};
}

// Returns the rounds of free threads that find the defect: a number that is
// doubled until they do, and at most the default.
std::optional<int64_t> RoundsUntilFound(const DefectiveStorage& defect) {
  StorageUnderTest target = defect.target;
  const int rounds_max = target.rounds;
  for (int rounds = 100;; rounds *= 2) {
    target.rounds = std::min(rounds, rounds_max);
    for (const int clause : defect.clauses) {
      if (!CheckStorageClause(clause, target).holds) return target.rounds;
    }
    if (rounds >= rounds_max) return std::nullopt;
  }
}

std::optional<Found> Find(const DefectiveStorage& defect, int runs) {
  if (defect.races) {
    std::vector<int64_t> rounds;
    for (int run = 0; run < runs; ++run) {
      const auto found = RoundsUntilFound(defect);
      // A miss counts as more than all rounds.
      rounds.push_back(found.value_or(std::numeric_limits<int64_t>::max()));
    }
    const int64_t median = Median(std::move(rounds));
    if (median == std::numeric_limits<int64_t>::max()) return std::nullopt;
    return Found{"StorageConformance, rounds of threads", median};
  }
  for (int clause = 1; clause <= 19; ++clause) {
    if (!CheckStorageClause(clause, defect.target).holds) {
      return Found{"StorageConformance, clauses", clause};
    }
  }
  return std::nullopt;
}

std::optional<Found> Find(const DefectiveConnection& defect) {
  const std::vector<StoredFinding> findings =
      CheckStoredConnections(defect.make);
  if (findings.empty()) return std::nullopt;
  const std::vector<std::string> rules = StoredConnectionRules();
  const auto place =
      std::find(rules.begin(), rules.end(), findings.front().rule);
  return Found{"CheckStoredConnections, rules", place - rules.begin() + 1};
}

std::optional<Found> Find(const DefectiveSchedule& defect) {
  const ScheduleReport report = FindDefect(OptionsOf(defect));
  if (!report.failure.has_value()) return std::nullopt;
  return Found{"ScheduleExplorer, schedules",
               static_cast<int64_t>(report.schedules)};
}

class Table {
 public:
  void Section(const std::string& title) {
    std::cout << "\n## " << title
              << "\n\n| defect | what is wrong | found by | cases |\n"
                 "|---|---|---|--:|\n";
  }

  void Add(const std::string& name, const std::string& sentence,
           const std::optional<Found>& found) {
    ++defects_;
    if (!found.has_value()) missed_.push_back(name);
    std::cout << "| `" << name << "` | " << sentence << " | "
              << (found.has_value() ? found->tool : "**not found**") << " | "
              << (found.has_value() ? absl::StrCat(found->cases) : "") << " |"
              << std::endl;
  }

  // Prints the summary; returns the exit status.
  int Finish() const {
    std::cout << "\n"
              << defects_ << " defects, " << missed_.size() << " not found.\n";
    for (const std::string& name : missed_) {
      std::cerr << name << " is not found\n";
    }
    return missed_.empty() ? 0 : 1;
  }

 private:
  int defects_ = 0;
  std::vector<std::string> missed_;
};

int Main(int runs) {
  std::cout
      << "# Planted defects\n\nWhat the kit finds. Each defect is a small "
         "change of a correct backend, storage or run; each is found, by the "
         "tool and after the number of cases that the tables name: the median "
         "of "
      << runs
      << " runs where chance plays a part. A case is a call, a check, a rule, "
         "a "
         "clause, a round or a schedule. `tools/planted_defects.sh` makes this "
         "page again; a test asserts that nothing escapes.\n";
  Table table;
  table.Section("Backends");
  for (const DefectiveBackend& defect : DefectiveBackends()) {
    if (defect.generated) continue;
    table.Add(defect.name, defect.sentence, Find(defect, runs));
  }
  table.Section("Storages");
  for (const DefectiveStorage& defect : DefectiveStorages()) {
    table.Add(defect.name, defect.sentence, Find(defect, runs));
  }
  table.Section("Stored connections and key calls");
  for (const DefectiveConnection& defect : DefectiveConnections()) {
    table.Add(defect.name, defect.sentence, Find(defect));
  }
  table.Section("Runs of operations");
  for (const DefectiveSchedule& defect : AllDefectiveSchedules()) {
    table.Add(defect.name, defect.description, Find(defect));
  }
  return table.Finish();
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) {
  int runs = 1;
  if (argc == 3 && std::strcmp(argv[1], "--runs") == 0) {
    runs = std::max(std::atoi(argv[2]), 1);
  }
  return glue_security::Main(runs);
}
