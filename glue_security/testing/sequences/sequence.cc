#include "glue_security/testing/sequences/sequence.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <random>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/caller.h"
#include "glue_security/testing/generators/request_generator.h"
#include "glue_security/testing/oracle/answer_comparison.h"
#include "glue_security/testing/oracle/page_tokens.h"
#include "glue_security/testing/oracle/reference_model.h"
#include "glue_security/testing/sequences/sequence_report.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {
namespace {

// The number of the latest hashes, and of the latest tokens, that are
// remembered.
constexpr size_t kRemembered = 6;

uint64_t SeedOf(const SequenceOptions& options) {
  if (options.seed.has_value()) return *options.seed;
  if (const char* text = std::getenv("GLUE_SECURITY_SEED")) {
    return std::strtoull(text, nullptr, 10);
  }
  std::random_device device;
  return (uint64_t{device()} << 32) | device();
}

std::string ReplayOf(const SequenceOptions& options) {
  if (!options.replay.empty()) return options.replay;
  const char* text = std::getenv("GLUE_SECURITY_REPLAY");
  return text == nullptr ? "" : text;
}

// Returns the seed of one sequence: SplitMix64, so that neighbors have nothing
// in common.
uint64_t SeedOfSequence(uint64_t seed, int64_t sequence) {
  uint64_t z = seed + (static_cast<uint64_t>(sequence) + 1) *
                          uint64_t{0x9E3779B97F4A7C15};
  z = (z ^ (z >> 30)) * uint64_t{0xBF58476D1CE4E5B9};
  z = (z ^ (z >> 27)) * uint64_t{0x94D049BB133111EB};
  return z ^ (z >> 31);
}

// The calls of one run of a sequence, for a report.
struct Transcript {
  absl::Time start;
  std::vector<SequenceCall> calls;
  // The number of choices drawn before each call.
  std::vector<size_t> starts;
};

// Runs sequences of one setup.
class SequenceRunner {
 public:
  SequenceRunner(const BackendFactory& factory, const SequenceOptions& options)
      : factory_(factory),
        behavior_(options.behavior),
        limits_(options.limits),
        length_(static_cast<uint64_t>(std::max(options.length, 1))),
        generator_(options.behavior) {}

  // Returns true when backend and model agreed to the end.
  bool Run(ChoiceSource& choices) { return Run(choices, nullptr, nullptr); }

  // Runs a sequence and fills in `transcript`. The choices come from
  // `recording`.
  bool Run(RecordingChoices& recording, Transcript* transcript) {
    return Run(recording, &recording, transcript);
  }

  int64_t calls() const { return calls_; }

 private:
  // A page token of the model, and the backend's token in its place.
  struct TokenPair {
    std::string model;
    std::string backend;
    size_t call = 0;
  };

  bool Run(ChoiceSource& choices, const RecordingChoices* recording,
           Transcript* transcript) {
    const absl::Time start = choices.Below(2) == 0
                                 ? absl::FromUnixMillis(1567296000000)
                                 : absl::UnixEpoch();
    FakeClock clock(start);
    if (transcript != nullptr) transcript->start = start;
    const TestedBackend tested = factory_({behavior_, limits_, &clock});
    ReferenceModel model(
        behavior_, limits_, &clock,
        [this](const Caller&, absl::string_view) { return is_good_policy_; });
    context_ = GeneratorContext();
    tokens_.clear();
    hashes_seen_ = 0;
    const uint64_t calls_max = 4 * length_;
    for (size_t number = 1; number <= calls_max; ++number) {
      const size_t drawn =
          recording == nullptr ? 0 : recording->choices().size();
      if (choices.Below(length_ + 1) == 0) return true;
      if (transcript != nullptr) transcript->starts.push_back(drawn);
      ++calls_;
      const absl::Duration moved = DrawMove(choices);
      clock.Advance(moved);
      const Caller& caller = GenerateCaller(choices);
      if (!Call(choices, caller, number, *tested.backend, model, moved,
                transcript)) {
        return false;
      }
    }
    return true;
  }

  // Stands still, or goes forward or back by a few milliseconds with a
  // fraction.
  static absl::Duration DrawMove(ChoiceSource& choices) {
    const uint64_t kind = choices.Below(8);
    if (kind <= 1) return absl::ZeroDuration();
    const auto micros = static_cast<int64_t>(choices.Below(2500));
    return absl::Microseconds(kind == 7 ? -2 * micros : micros);
  }

  bool Call(ChoiceSource& choices, const Caller& caller, size_t number,
            Backend& backend, ReferenceModel& model, absl::Duration moved,
            Transcript* transcript) {
    context_.caller = &caller;
    is_good_policy_ =
        !generator_.Generate(choices, context_, &request_).finding.has_value();
    v1::Response model_answer = model.Execute(caller, request_);
    if (transcript != nullptr) {
      transcript->calls.push_back(
          {moved, caller, WithNamedToken(), {}, model_answer, ""});
    }
    PutBackendToken();
    v1::Response backend_answer = backend.Execute(caller, request_);
    const bool same = comparison_.Same(backend_answer, model_answer);
    Remember(number, backend_answer, model_answer);
    if (transcript != nullptr) {
      SequenceCall& call = transcript->calls.back();
      if (!same)
        call.difference = FirstDifference(backend_answer, model_answer);
      call.backend_answer = std::move(backend_answer);
    }
    return same;
  }

  // Returns the pair of the request's token; nullptr: no call gave it out.
  const TokenPair* FindToken() const {
    const std::string& token = NextTokenOf(request_);
    if (token.empty()) return nullptr;
    for (const TokenPair& pair : tokens_) {
      if (pair.model == token) return &pair;
    }
    return nullptr;
  }

  v1::Request WithNamedToken() const {
    v1::Request request = request_;
    if (const TokenPair* pair = FindToken()) {
      ExchangeNextToken(TokenOfCall(pair->call), &request);
    }
    return request;
  }

  void PutBackendToken() {
    if (const TokenPair* pair = FindToken()) {
      ExchangeNextToken(pair->backend, &request_);
    }
  }

  void Remember(size_t number, const v1::Response& backend,
                const v1::Response& model) {
    if (model.has_put_resource_policy()) {
      const std::string& hash = model.put_resource_policy().policy_hash();
      std::vector<std::string>& hashes = context_.hashes;
      if (std::find(hashes.begin(), hashes.end(), hash) == hashes.end()) {
        if (hashes.size() < kRemembered) {
          hashes.push_back(hash);
        } else {
          hashes[hashes_seen_ % kRemembered] = hash;
        }
        ++hashes_seen_;
      }
    }
    if (NextTokenOf(model).empty()) return;
    // The model may give out the same token again, and the backend a different
    // one.
    TokenPair pair = {NextTokenOf(model), NextTokenOf(backend), number};
    for (TokenPair& known : tokens_) {
      if (known.model == pair.model) {
        known = std::move(pair);
        return;
      }
    }
    if (tokens_.size() == kRemembered) {
      tokens_.erase(tokens_.begin());
      context_.tokens.erase(context_.tokens.begin());
    }
    context_.tokens.push_back(pair.model);
    tokens_.push_back(std::move(pair));
  }

  const BackendFactory& factory_;
  const Behavior behavior_;
  const Limits limits_;
  const uint64_t length_;
  const RequestGenerator generator_;
  AnswerComparison comparison_;
  int64_t calls_ = 0;
  // The state of the current sequence.
  GeneratorContext context_;
  std::vector<TokenPair> tokens_;
  size_t hashes_seen_ = 0;
  // The state of the current call.
  v1::Request request_;
  bool is_good_policy_ = true;
};

// Shrinks a failed sequence and reports it.
class FailureReporter {
 public:
  FailureReporter(SequenceRunner& runner, const SequenceOptions& options)
      : runner_(runner), options_(options) {}

  // Shrinks and shows a failure. `title` names the sequence.
  void Report(const Choices& choices, const std::string& title,
              SequenceReport* report) {
    end_ = options_.shrink.clock->Now() + options_.shrink.time_max;
    report->choices = DropCalls(choices);
    // When a choice has become simpler, its call may be removable.
    for (size_t size = report->choices.size() + 1;
         report->choices.size() < size && !Spent();) {
      size = report->choices.size();
      report->choices = DropCalls(Simplified(report->choices));
    }
    // Zeros at the end need not be written: they are drawn after the end
    // anyway.
    while (!report->choices.empty() && report->choices.back() == 0) {
      report->choices.pop_back();
    }
    Show(title, report);
  }

  // Shows `report->choices` without shrinking them.
  void Show(const std::string& title, SequenceReport* report) {
    RecordedChoices recorded(report->choices);
    RecordingChoices recording(&recorded);
    Transcript transcript;
    const bool same = runner_.Run(recording, &transcript);
    const std::string replay =
        absl::StrCat("GLUE_SECURITY_REPLAY=", FormatChoices(report->choices));
    if (same) {
      report->text = absl::StrCat(
          title,
          ": the backend differed from the model, but not when the same ",
          "calls were made again; it does not depend on them alone\n", replay,
          "\n");
      report->choices.clear();
      return;
    }
    report->text = absl::StrCat(title, ": the backend differs from the model\n",
                                SequenceAsText(transcript.calls), replay, "\n");
    report->code = SequenceAsCode(
        transcript.calls, {options_.behavior, options_.limits, transcript.start,
                           options_.factory_code, replay});
  }

 private:
  Choices Simplified(const Choices& choices) {
    ShrinkOptions bounds = options_.shrink;
    bounds.runs_max -= std::min(runs_, bounds.runs_max);
    bounds.time_max = end_ - bounds.clock->Now();
    const ShrinkResult shrunk = Shrink(
        choices, [this](ChoiceSource& source) { return !runner_.Run(source); },
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
    if (runner_.Run(recording, &transcript)) return false;
    *drawn = recording.choices();
    *starts = std::move(transcript.starts);
    return true;
  }

  SequenceRunner& runner_;
  const SequenceOptions& options_;
  // The deadline of the shrinking, and the number of runs so far.
  absl::Time end_;
  size_t runs_ = 0;
};

}  // namespace

SequenceReport CheckSequences(const BackendFactory& factory,
                              const SequenceOptions& options) {
  SequenceRunner runner(factory, options);
  FailureReporter reporter(runner, options);
  SequenceReport report;
  if (const std::string replay = ReplayOf(options); !replay.empty()) {
    const std::optional<Choices> choices = ParseChoices(replay);
    if (!choices.has_value()) {
      report.text = absl::StrCat("no choices: ", replay, "\n");
      return report;
    }
    RecordedChoices source(*choices);
    report.sequences = 1;
    const bool same = runner.Run(source);
    report.calls = runner.calls();
    if (!same) {
      report.choices = *choices;
      reporter.Show("the replayed sequence", &report);
    }
    return report;
  }
  report.seed = SeedOf(options);
  while (runner.calls() < options.calls) {
    const uint64_t seed = SeedOfSequence(report.seed, report.sequences);
    ++report.sequences;
    SeededChoices choices(seed);
    if (runner.Run(choices)) continue;
    report.calls = runner.calls();
    // The second run records the choices.
    SeededChoices again(seed);
    RecordingChoices recording(&again);
    runner.Run(recording);
    reporter.Report(recording.choices(),
                    absl::StrCat("sequence ", report.sequences,
                                 " of GLUE_SECURITY_SEED=", report.seed),
                    &report);
    return report;
  }
  report.calls = runner.calls();
  return report;
}

SequenceReport CheckSequence(const BackendFactory& factory,
                             const SequenceOptions& options,
                             ChoiceSource& choices) {
  SequenceRunner runner(factory, options);
  SequenceReport report;
  RecordingChoices recording(&choices);
  report.sequences = 1;
  const bool same = runner.Run(recording);
  report.calls = runner.calls();
  if (!same) {
    report.choices = recording.choices();
    FailureReporter(runner, options).Show("the sequence", &report);
  }
  return report;
}

}  // namespace glue_security
