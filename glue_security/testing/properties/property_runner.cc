#include "glue_security/testing/properties/property_runner.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <iostream>
#include <limits>
#include <optional>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/testing/choices/run_environment.h"
#include "glue_security/testing/choices/shrink.h"
#include "glue_security/testing/choices/shrink_steps.h"
#include "glue_security/testing/properties/failures_file.h"
#include "glue_security/testing/properties/property_statistics.h"
#include "glue_security/testing/system_clock.h"
#include "gtest/gtest-spi.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace property_internal {
namespace {

// The part of the property that failed in a run, and why.
struct RunFailure {
  // "rule \"put\"" or "invariant \"...\"".
  std::string part;
  // The place in the source of a failed EXPECT_; otherwise empty.
  std::string place;
  std::vector<std::string> texts;
};

// The steps of one run.
struct RunRecord {
  struct Step {
    std::string title;
    std::vector<std::string> lines;
  };
  // True: the lines are kept, too.
  bool keeps_lines = false;
  std::vector<Step> steps;
  // The number of choices drawn before each step.
  std::vector<size_t> starts;
  // The lines of the invariant that failed.
  std::vector<std::string> invariant_lines;
  std::optional<RunFailure> failure;
  // The backend showed the system's time. The run then ended.
  bool refused = false;
};

// Runs a rule or an invariant, and returns what failed in it. The clock stands
// still again afterwards.
std::optional<RunFailure> Watch(const std::string& part, PropertyStep& step,
                                absl::FunctionRef<void()> run) {
  RunFailure failure;
  failure.part = part;
  testing::TestPartResultArray results;
  {
    testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::
            INTERCEPT_ONLY_CURRENT_THREAD,
        &results);
    try {
      run();
    } catch (const std::exception& error) {
      step.Fail(absl::StrCat("an exception: ", error.what()));
    } catch (...) {
      step.Fail("an exception that is no std::exception");
    }
  }
  const std::string refusal =
      SystemClockRefusal(&step.clock(), "PropertyStep::clock()");
  if (!refusal.empty()) {
    step.clock().Freeze();
    step.Fail(refusal);
  }
  for (int i = 0; i < results.size(); ++i) {
    const testing::TestPartResult& result = results.GetTestPartResult(i);
    if (!result.failed()) continue;
    std::string place;
    if (result.file_name() != nullptr) {
      place = absl::StrCat(result.file_name(), ":", result.line_number());
    }
    if (failure.place.empty()) failure.place = place;
    failure.texts.push_back(
        absl::StrCat(place, place.empty() ? "" : ": ", result.message()));
  }
  failure.texts.insert(failure.texts.end(), step.failures().begin(),
                       step.failures().end());
  if (failure.texts.empty()) return std::nullopt;
  return failure;
}

void Count(const PropertyStep& step, PropertyStatistics::Part* part) {
  ++part->count;
  for (const std::string& label : step.labels()) ++part->labels[label];
}

// Makes runs of one property.
class Runner {
 public:
  Runner(const PropertySpec& spec, const BackendFactory& factory,
         const PropertyOptions& options)
      : spec_(spec),
        factory_(factory),
        options_(options),
        steps_(static_cast<uint64_t>(std::max(options.steps, 1))) {}

  // Makes one run. Counts it in `*statistics`, unless that is null.
  void Run(RecordingChoices& choices, RunRecord* record,
           PropertyStatistics* statistics) const {
    FakeClock clock(absl::FromUnixSeconds(1'567'296'000));
    const TestedBackend tested =
        factory_({options_.behavior, options_.limits, &clock});
    const std::unique_ptr<PropertyRun> run = spec_.start();
    if (statistics != nullptr) ++statistics->runs;
    if (!InvariantsHold(*run, choices, *tested.backend, clock, record,
                        statistics)) {
      return;
    }
    for (uint64_t n = 0; n < 4 * steps_; ++n) {
      const size_t start = choices.choices().size();
      if (choices.Below(steps_ + 1) == 0) return;
      const std::optional<size_t> rule = PickRule(*run, choices);
      if (!rule.has_value()) return;
      record->starts.push_back(start);
      PropertyStep step(&choices, tested.backend.get(), &clock,
                        record->keeps_lines);
      const absl::Time before = clock.Now();
      record->failure = Watch(absl::StrCat("rule \"", spec_.rules[*rule], "\""),
                              step, [&] { run->Act(*rule, step); });
      record->steps.push_back({spec_.rules[*rule], step.TakeLines()});
      if (record->keeps_lines && clock.Now() != before) {
        record->steps.back().lines.push_back(absl::StrCat(
            "the clock moved by ", absl::FormatDuration(clock.Now() - before)));
      }
      if (statistics != nullptr) {
        ++statistics->steps;
        Count(step, &statistics->rules[*rule]);
      }
      if (IsRefused(step, record) || record->failure.has_value() ||
          !InvariantsHold(*run, choices, *tested.backend, clock, record,
                          statistics)) {
        return;
      }
    }
  }

 private:
  // Returns true when the run cannot be made again, because of the clock of the
  // backend.
  bool IsRefused(const PropertyStep& step, RunRecord* record) const {
    record->refused = options_.honours_clock && step.saw_system_time();
    return record->refused;
  }

  // Picks a rule whose precondition holds, each with the same probability;
  // nullopt: there is none. A choice means the same rule wherever the rule is
  // allowed, so that the other steps keep their meaning when one is removed.
  std::optional<size_t> PickRule(const PropertyRun& run,
                                 ChoiceSource& choices) const {
    std::vector<size_t> allowed;
    for (size_t rule = 0; rule < spec_.rules.size(); ++rule) {
      if (run.Allows(rule)) allowed.push_back(rule);
    }
    if (allowed.empty()) return std::nullopt;
    const size_t rule = choices.Below(spec_.rules.size());
    return run.Allows(rule) ? rule : choices.Pick(allowed);
  }

  bool InvariantsHold(PropertyRun& run, ChoiceSource& choices, Backend& backend,
                      FakeClock& clock, RunRecord* record,
                      PropertyStatistics* statistics) const {
    for (size_t i = 0; i < spec_.invariants.size(); ++i) {
      PropertyStep step(&choices, &backend, &clock, record->keeps_lines);
      record->failure =
          Watch(absl::StrCat("invariant \"", spec_.invariants[i], "\""), step,
                [&] { run.CheckInvariant(i, step); });
      if (statistics != nullptr) Count(step, &statistics->invariants[i]);
      if (IsRefused(step, record)) return false;
      if (!record->failure.has_value()) continue;
      record->invariant_lines = step.TakeLines();
      return false;
    }
    return true;
  }

  const PropertySpec& spec_;
  const BackendFactory& factory_;
  const PropertyOptions& options_;
  const uint64_t steps_;
};

// Appends `lines`, indented; a line may have several.
void AppendLines(const std::vector<std::string>& lines, std::string* text) {
  for (const std::string& line : lines) {
    for (const absl::string_view part : absl::StrSplit(line, '\n')) {
      if (!part.empty()) absl::StrAppend(text, "   ", part, "\n");
    }
  }
}

// Returns the steps of a failed run, and what failed.
std::string FormatRun(const RunRecord& record) {
  std::string text;
  for (size_t i = 0; i < record.steps.size(); ++i) {
    absl::StrAppend(&text, i + 1, ". ", record.steps[i].title, "\n");
    AppendLines(record.steps[i].lines, &text);
  }
  const RunFailure& failure = *record.failure;
  if (failure.part.front() == 'i') {
    absl::StrAppend(&text, failure.part,
                    record.steps.empty() ? ", before the first step" : "",
                    "\n");
    AppendLines(record.invariant_lines, &text);
  }
  for (const std::string& why : failure.texts) {
    AppendLines({absl::StrCat("failed: ", why)}, &text);
  }
  return text;
}

std::string StepCount(size_t steps) {
  return absl::StrCat(steps, steps == 1 ? " step" : " steps");
}

// Checks one property.
class Checker {
 public:
  Checker(const PropertySpec& spec, const BackendFactory& factory,
          const PropertyOptions& options)
      : spec_(spec), options_(options), runner_(spec, factory, options) {
    for (const std::string& rule : spec.rules) {
      report_.statistics.rules.push_back({rule, 0, {}});
    }
    for (const std::string& invariant : spec.invariants) {
      report_.statistics.invariants.push_back({invariant, 0, {}});
    }
  }

  PropertyReport Check() {
    const std::string replay = ReplayOr(options_.replay);
    if (spec_.rules.empty()) {
      report_.text =
          absl::StrCat("property \"", spec_.name, "\" has no rules\n");
    } else if (!replay.empty()) {
      Replay(replay);
    } else if (!SavedFailureFails()) {
      RunRandomly();
    }
    if (PrintsStatistics(options_.print_statistics)) {
      std::cout << "property \"" << spec_.name
                << "\": " << report_.statistics.Table();
    }
    return std::move(report_);
  }

  PropertyReport CheckOnce(ChoiceSource& choices) {
    RecordingChoices recording(&choices);
    RunRecord record;
    runner_.Run(recording, &record, &report_.statistics);
    if (record.refused) {
      Refuse();
    } else if (record.failure.has_value()) {
      Show(recording.choices(), *record.failure, "", "after");
    }
    return std::move(report_);
  }

 private:
  void Refuse() {
    report_.text =
        absl::StrCat("property \"", spec_.name,
                     "\" is not checked: ", SystemTimeRefusal(), "\n");
  }

  std::string FailuresPath() const {
    return options_.failures_file.empty()
               ? Environment("GLUE_SECURITY_FAILURES")
               : options_.failures_file;
  }

  // Runs `choices` again, with lines.
  RunRecord RunAgain(const Choices& choices) const {
    RecordedChoices recorded(choices);
    RecordingChoices recording(&recorded);
    RunRecord record;
    record.keeps_lines = true;
    runner_.Run(recording, &record, nullptr);
    return record;
  }

  void Replay(const std::string& replay) {
    const std::optional<Choices> choices = ParseChoices(replay);
    if (!choices.has_value()) {
      report_.text = absl::StrCat("no choices: ", replay, "\n");
      return;
    }
    const RunRecord record = RunAgain(*choices);
    if (record.refused) {
      Refuse();
    } else if (record.failure.has_value()) {
      Show(*choices, *record.failure, " in the replayed run", "after");
    }
  }

  // Runs the failures of the file. Returns true when one fails.
  bool SavedFailureFails() {
    const std::string path = FailuresPath();
    if (path.empty()) return false;
    const FailuresFile file(path, spec_.name);
    for (const FailuresFile::Failure& saved : file.Read(&report_.notes)) {
      const RunRecord record = RunAgain(saved.choices);
      if (record.refused) {
        Refuse();
        return true;
      }
      if (!record.failure.has_value()) {
        file.Remove(saved.choices, &report_.notes);
        continue;
      }
      const bool repeats =
          ShrinkAndShow(saved.choices, record,
                        absl::StrCat(" again as in ", path, ":", saved.line));
      if (repeats && report_.choices != saved.choices) {
        file.Remove(saved.choices, &report_.notes);
        file.Add(report_.choices, &report_.notes);
      }
      return true;
    }
    return false;
  }

  void RunRandomly() {
    report_.seed = SeedOr(options_.seed);
    SeededChoices seeds(report_.seed);
    const int runs = RunsOr(options_.runs);
    for (int n = 1; n <= runs; ++n) {
      SeededChoices seeded(seeds.Below(std::numeric_limits<uint64_t>::max()));
      RecordingChoices recording(&seeded);
      RunRecord record;
      runner_.Run(recording, &record, &report_.statistics);
      if (record.refused) return Refuse();
      if (!record.failure.has_value()) continue;
      const bool repeats = ShrinkAndShow(
          recording.choices(), record,
          absl::StrCat(" in run ", n, " of GLUE_SECURITY_SEED=", report_.seed));
      const std::string path = FailuresPath();
      if (repeats && !path.empty()) {
        FailuresFile(path, spec_.name).Add(report_.choices, &report_.notes);
      }
      return;
    }
  }

  static bool IsSame(const std::optional<RunFailure>& failure,
                     const RunFailure& other) {
    return failure.has_value() && failure->part == other.part &&
           failure->place == other.place;
  }

  // Returns false when the smaller run does not fail again.
  bool ShrinkAndShow(const Choices& choices, const RunRecord& record,
                     const std::string& title) {
    const RunFailure& failure = *record.failure;
    const ShrinkResult shrunk = ShrinkSteps(
        choices,
        [&](RecordingChoices& source, std::vector<size_t>* starts) {
          RunRecord smaller;
          runner_.Run(source, &smaller, nullptr);
          *starts = std::move(smaller.starts);
          return IsSame(smaller.failure, failure);
        },
        options_.shrink);
    return Show(
        shrunk.choices, failure, title,
        absl::StrCat("shrunk from ", StepCount(record.steps.size()), " to"));
  }

  // Reports `failure`, which `choices` cause. `how` stands before the number of
  // steps. Returns false when they do not cause it again.
  bool Show(const Choices& choices, const RunFailure& failure,
            const std::string& title, const std::string& how) {
    const RunRecord record = RunAgain(choices);
    const bool repeats = IsSame(record.failure, failure);
    report_.choices = choices;
    report_.failed = failure.part;
    report_.text = absl::StrCat("property \"", spec_.name, "\" failed", title);
    if (repeats) {
      absl::StrAppend(&report_.text, ", ", how, " ",
                      StepCount(record.steps.size()), "\n", FormatRun(record));
    } else {
      absl::StrAppend(&report_.text, ": ", failure.part,
                      ", but not when the same steps were made again; it does "
                      "not depend on them alone\n");
      AppendLines(failure.texts, &report_.text);
    }
    absl::StrAppend(&report_.text, ReplayAssignment(choices), "\n");
    return repeats;
  }

  const PropertySpec& spec_;
  const PropertyOptions& options_;
  const Runner runner_;
  PropertyReport report_;
};

}  // namespace

PropertyReport CheckProperty(const PropertySpec& spec,
                             const BackendFactory& factory,
                             const PropertyOptions& options) {
  return Checker(spec, factory, options).Check();
}

PropertyReport CheckPropertyOnce(const PropertySpec& spec,
                                 const BackendFactory& factory,
                                 const PropertyOptions& options,
                                 ChoiceSource& choices) {
  return Checker(spec, factory, options).CheckOnce(choices);
}

}  // namespace property_internal
}  // namespace glue_security
