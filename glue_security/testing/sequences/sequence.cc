#include "glue_security/testing/sequences/sequence.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "glue_security/testing/choices/run_environment.h"
#include "glue_security/testing/choices/shrink.h"
#include "glue_security/testing/sequences/known_difference.h"
#include "glue_security/testing/sequences/sequence_report.h"
#include "glue_security/testing/sequences/sequence_runner.h"
#include "glue_security/testing/system_clock.h"

namespace glue_security {
namespace {

// Shrinks a failed sequence and shows it.
class FailureReporter {
 public:
  FailureReporter(SequenceRunner& runner, const SequenceOptions& options)
      : runner_(runner), options_(options) {}

  // Shrinks and shows a failure with `failure->cause`. `title` names the
  // sequence. The calls are not counted.
  void Report(const Choices& choices, const std::string& title,
              SequenceFailure* failure) {
    const SequenceCounts counts = runner_.counts();
    // One failure may turn into another; one of several may not.
    if (options_.failures_max > 1) cause_ = failure->cause;
    runs_ = 0;
    end_ = options_.shrink.clock->Now() + options_.shrink.time_max;
    failure->choices = DropCalls(choices);
    // When a choice has become simpler, its call may be removable.
    for (size_t size = failure->choices.size() + 1;
         failure->choices.size() < size && !Spent();) {
      size = failure->choices.size();
      failure->choices = DropCalls(Simplified(failure->choices));
    }
    // Zeros at the end need not be written: they are drawn after the end
    // anyway.
    while (!failure->choices.empty() && failure->choices.back() == 0) {
      failure->choices.pop_back();
    }
    Show(title, failure);
    runner_.set_counts(counts);
  }

  // Shows `failure->choices` without shrinking them.
  void Show(const std::string& title, SequenceFailure* failure) {
    const SequenceCounts counts = runner_.counts();
    RecordedChoices recorded(failure->choices);
    RecordingChoices recording(&recorded);
    Transcript transcript;
    const auto difference = runner_.Run(recording, &transcript);
    runner_.set_counts(counts);
    const std::string replay = ReplayAssignment(failure->choices);
    if (!difference.has_value()) {
      failure->text = absl::StrCat(
          title,
          ": the backend differed from the model, but not when the same ",
          "calls were made again; it does not depend on them alone\n", replay,
          "\n");
      failure->choices.clear();
      return;
    }
    failure->cause = difference->Cause();
    failure->text =
        absl::StrCat(title, ": the backend differs from the model\n",
                     SequenceAsText(transcript.calls, options_.shows_messages),
                     replay, "\n");
    SequenceCodeOptions code;
    code.behavior = options_.behavior;
    code.limits = options_.limits;
    code.start = transcript.start;
    code.factory_code = options_.factory_code;
    code.comment = replay;
    code.rules = options_;
    code.messages = options_.shows_messages;
    if (number_ > 1) code.suffix = absl::StrCat(number_);
    failure->code = SequenceAsCode(transcript.calls, code);
    ++number_;
  }

 private:
  bool IsWanted(const std::optional<AnswerDifference>& difference) const {
    return difference.has_value() &&
           (cause_.empty() || difference->Cause() == cause_);
  }

  Choices Simplified(const Choices& choices) {
    ShrinkOptions bounds = options_.shrink;
    bounds.runs_max -= std::min(runs_, bounds.runs_max);
    bounds.time_max = end_ - bounds.clock->Now();
    const ShrinkResult shrunk = Shrink(
        choices,
        [this](ChoiceSource& source) { return IsWanted(runner_.Run(source)); },
        bounds);
    runs_ += shrunk.runs;
    return shrunk.choices;
  }

  // Removes whole calls, many at once and then single ones, as long as the
  // sequence fails without them. Much faster than shrinking that does not know
  // about calls.
  Choices DropCalls(Choices choices) {
    std::vector<size_t> starts;
    if (!Fails(choices, &choices, &starts)) return choices;
    for (size_t size = starts.size() / 2; size > 0; size /= 2) {
      for (size_t at = 0; at + size < starts.size() && !Spent();) {
        Choices fewer = choices;
        fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(starts[at]),
                    fewer.begin() + static_cast<ptrdiff_t>(starts[at + size]));
        Choices drawn;
        std::vector<size_t> drawn_starts;
        if (Fails(fewer, &drawn, &drawn_starts) &&
            drawn.size() < choices.size()) {
          choices = std::move(drawn);
          starts = std::move(drawn_starts);
        } else {
          at += size;
        }
      }
    }
    return choices;
  }

  bool Spent() const {
    return runs_ >= options_.shrink.runs_max ||
           options_.shrink.clock->Now() >= end_;
  }

  bool Fails(const Choices& choices, Choices* drawn,
             std::vector<size_t>* starts) {
    ++runs_;
    RecordedChoices recorded(choices);
    RecordingChoices recording(&recorded);
    Transcript transcript;
    if (!IsWanted(runner_.Run(recording, &transcript))) return false;
    *drawn = recording.choices();
    *starts = std::move(transcript.starts);
    return true;
  }

  SequenceRunner& runner_;
  const SequenceOptions& options_;
  // The cause that is shrunk; "": any.
  std::string cause_;
  // The deadline of the shrinking, and the number of runs so far.
  absl::Time end_;
  size_t runs_ = 0;
  // The number of the failure that is shown next.
  int number_ = 1;
};

// Returns a report that nothing was checked, because of the backend's clock.
SequenceReport Refused(const SequenceReport& report) {
  SequenceReport refused;
  refused.seed = report.seed;
  refused.sequences = report.sequences;
  refused.calls = report.calls;
  refused.text = absl::StrCat(SystemTimeRefusal(), "\n");
  return refused;
}

// Fills in what the report tells of all runs and of its failures.
void Finish(const SequenceRunner& runner, SequenceReport* report) {
  report->calls = runner.counts().calls;
  report->known = runner.counts().known;
  if (report->failures.empty()) return;
  report->choices = report->failures.front().choices;
  if (report->failures.size() > 1) {
    report->text = absl::StrCat(report->failures.size(), " causes in ",
                                report->calls, " calls");
    if (report->seed != 0) {
      absl::StrAppend(&report->text, " of GLUE_SECURITY_SEED=", report->seed);
    }
    report->text += "\n";
  }
  for (SequenceFailure& failure : report->failures) {
    const auto counted = runner.counts().causes.find(failure.cause);
    if (counted != runner.counts().causes.end()) {
      failure.count = counted->second;
    }
    if (report->failures.size() == 1) break;
    absl::StrAppendFormat(&report->text, "  %7d x %s\n", failure.count,
                          failure.cause);
  }
  for (const SequenceFailure& failure : report->failures) {
    if (report->failures.size() > 1) report->text += "\n";
    report->text += failure.text;
    report->code += failure.code;
  }
}

// Runs one sequence until it shows no further cause.
SequenceReport Replay(SequenceRunner& runner, const SequenceOptions& options,
                      const std::string& replay) {
  SequenceReport report;
  const std::optional<Choices> choices = ParseChoices(replay);
  if (!choices.has_value()) {
    report.text = absl::StrCat("no choices: ", replay, "\n");
    return report;
  }
  FailureReporter reporter(runner, options);
  report.sequences = 1;
  SequenceCounts counts;
  while (report.failures.size() < std::max<size_t>(options.failures_max, 1)) {
    RecordedChoices source(*choices);
    const auto difference = runner.Run(source);
    // The calls of the first run count.
    if (counts.calls == 0) counts = runner.counts();
    if (!difference.has_value()) break;
    if (runner.saw_system_time()) return Refused(report);
    SequenceFailure& failure = report.failures.emplace_back();
    failure.cause = difference->Cause();
    failure.choices = *choices;
    reporter.Show("the replayed sequence", &failure);
    runner.PassOver(difference->Cause());
  }
  for (SequenceFailure& failure : report.failures) failure.count = 1;
  counts.causes.clear();
  runner.set_counts(std::move(counts));
  Finish(runner, &report);
  return report;
}

}  // namespace

SequenceReport CheckSequences(const BackendFactory& factory,
                              const SequenceOptions& options) {
  SequenceRunner runner(factory, options);
  if (const std::string replay = ReplayOr(options.replay); !replay.empty()) {
    return Replay(runner, options, replay);
  }
  FailureReporter reporter(runner, options);
  SequenceReport report;
  report.seed = SeedOr(options.seed);
  while (runner.counts().calls < options.calls) {
    const uint64_t seed = SeedOfRun(report.seed, report.sequences);
    ++report.sequences;
    SeededChoices choices(seed);
    const auto difference = runner.Run(choices);
    if (!difference.has_value()) continue;
    const SequenceCounts counts = runner.counts();
    if (runner.saw_system_time()) {
      report.calls = counts.calls;
      return Refused(report);
    }
    // The second run records the choices.
    SeededChoices again(seed);
    RecordingChoices recording(&again);
    runner.Run(recording);
    runner.set_counts(counts);
    SequenceFailure& failure = report.failures.emplace_back();
    failure.cause = difference->Cause();
    reporter.Report(recording.choices(),
                    absl::StrCat("sequence ", report.sequences,
                                 " of GLUE_SECURITY_SEED=", report.seed),
                    &failure);
    runner.PassOver(failure.cause);
    if (report.failures.size() >= options.failures_max) break;
  }
  Finish(runner, &report);
  return report;
}

SequenceReport CheckSequence(const BackendFactory& factory,
                             const SequenceOptions& options,
                             ChoiceSource& choices) {
  SequenceRunner runner(factory, options);
  SequenceReport report;
  RecordingChoices recording(&choices);
  report.sequences = 1;
  const auto difference = runner.Run(recording);
  if (runner.saw_system_time()) return Refused(report);
  if (difference.has_value()) {
    SequenceFailure& failure = report.failures.emplace_back();
    failure.cause = difference->Cause();
    failure.count = 1;
    failure.choices = recording.choices();
    FailureReporter(runner, options).Show("the sequence", &failure);
  }
  Finish(runner, &report);
  return report;
}

}  // namespace glue_security
