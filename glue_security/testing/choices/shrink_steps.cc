#include "glue_security/testing/choices/shrink_steps.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/time/time.h"

namespace glue_security {
namespace {

using FailsInSteps =
    absl::FunctionRef<bool(RecordingChoices&, std::vector<size_t>*)>;

// Returns the different steps in the order of their numbers.
std::vector<size_t> DifferentSteps(const std::vector<size_t>& steps) {
  std::vector<size_t> different;
  for (const size_t step : steps) {
    if (step != kNoStep) different.push_back(step);
  }
  std::sort(different.begin(), different.end());
  different.erase(std::unique(different.begin(), different.end()),
                  different.end());
  return different;
}

class StepShrinker {
 public:
  // `fails` is that of `ShrinkMixedSteps`. `keeps_last`: the last step is never
  // removed.
  StepShrinker(FailsInSteps fails, bool keeps_last,
               const ShrinkOptions& options)
      : fails_(fails),
        keeps_last_(keeps_last),
        options_(options),
        end_(options.clock->Now() + options.time_max) {}

  ShrinkResult Run(const Choices& choices) {
    best_ = choices;
    if (!DropSteps()) return {choices, runs_, false};
    // Without one step another may not be needed either.
    for (size_t size = best_.size() + 1; best_.size() < size && !Spent();) {
      size = best_.size();
      DropSteps();
    }
    // When a choice has become simpler, its step may be removable.
    bool minimal = false;
    for (bool again = true; again && !Spent();) {
      const size_t size = best_.size();
      minimal = Simplify();
      again =
          (DropSteps() && best_.size() < size) || LowerAndDelete() || !minimal;
    }
    // Zeros are drawn after the end anyway.
    while (!best_.empty() && best_.back() == 0) best_.pop_back();
    return {best_, runs_, minimal && !Spent()};
  }

 private:
  bool Spent() const {
    return runs_ >= options_.runs_max || options_.clock->Now() >= end_;
  }

  bool Fails(const Choices& choices, Choices* drawn,
             std::vector<size_t>* steps) {
    ++runs_;
    RecordedChoices recorded(choices);
    RecordingChoices recording(&recorded);
    if (!fails_(recording, steps)) return false;
    *drawn = recording.choices();
    steps->resize(drawn->size(), kNoStep);
    return true;
  }

  // Returns true when no single step of `Shrink` makes the run simpler. Takes
  // at most half of what is left of the bounds, so that steps which are no
  // longer needed can be removed afterwards.
  bool Simplify() {
    ShrinkOptions bounds = options_;
    bounds.runs_max = (bounds.runs_max - std::min(runs_, bounds.runs_max)) / 2;
    bounds.time_max = (end_ - bounds.clock->Now()) / 2;
    const ShrinkResult shrunk = Shrink(
        best_,
        [this](ChoiceSource& source) {
          RecordingChoices recording(&source);
          std::vector<size_t> steps;
          return fails_(recording, &steps);
        },
        bounds);
    runs_ += shrunk.runs;
    best_ = shrunk.choices;
    return shrunk.minimal;
  }

  // Returns false when the run does not fail again.
  bool DropSteps() {
    std::vector<size_t> steps;
    if (!Fails(best_, &best_, &steps)) return false;
    std::vector<size_t> different = DifferentSteps(steps);
    for (size_t size = different.size(); size > 0; size /= 2) {
      for (size_t at = 0; at + size <= Removable(different) && !Spent();) {
        const auto first = different.begin() + static_cast<ptrdiff_t>(at);
        Choices drawn;
        std::vector<size_t> drawn_steps;
        if (Fails(Without(steps, {first, first + static_cast<ptrdiff_t>(size)}),
                  &drawn, &drawn_steps) &&
            drawn.size() < best_.size()) {
          best_ = std::move(drawn);
          steps = std::move(drawn_steps);
          different = DifferentSteps(steps);
        } else {
          at += size;
        }
      }
    }
    return true;
  }

  // The number of steps, from the first, that may be removed.
  size_t Removable(const std::vector<size_t>& different) const {
    return different.size() - (keeps_last_ && !different.empty() ? 1 : 0);
  }

  // Returns the best run without the choices of `removed`, which is sorted.
  // `steps` are the steps of its choices.
  Choices Without(const std::vector<size_t>& steps,
                  const std::vector<size_t>& removed) const {
    Choices fewer;
    for (size_t i = 0; i < best_.size(); ++i) {
      if (!std::binary_search(removed.begin(), removed.end(), steps[i])) {
        fewer.push_back(best_[i]);
      }
    }
    return fewer;
  }

  // Lowers a choice and removes a few after it: a simpler choice may draw fewer
  // others. Returns true when this made the run shorter.
  bool LowerAndDelete() {
    const size_t size = best_.size();
    for (size_t at = 0; at < best_.size() && !Spent(); ++at) {
      for (size_t count = 1; count <= kDeletedMax; ++count) {
        if (at + count >= best_.size() || best_[at] == 0) break;
        for (const uint64_t value : {uint64_t{0}, best_[at] - 1}) {
          Choices fewer = best_;
          fewer[at] = value;
          const auto first = fewer.begin() + static_cast<ptrdiff_t>(at) + 1;
          fewer.erase(first, first + static_cast<ptrdiff_t>(count));
          Choices drawn;
          std::vector<size_t> steps;
          if (!Spent() && Fails(fewer, &drawn, &steps) &&
              drawn.size() < best_.size()) {
            best_ = std::move(drawn);
            break;
          }
        }
      }
    }
    return best_.size() < size;
  }

  // The number of choices that `LowerAndDelete` removes at once.
  static constexpr size_t kDeletedMax = 4;

  const FailsInSteps fails_;
  const bool keeps_last_;
  const ShrinkOptions options_;
  const absl::Time end_;
  Choices best_;
  size_t runs_ = 0;
};

}  // namespace

ShrinkResult ShrinkSteps(
    const Choices& choices,
    absl::FunctionRef<bool(RecordingChoices&, std::vector<size_t>* starts)>
        fails,
    const ShrinkOptions& options) {
  const auto fails_in_steps = [&](RecordingChoices& source,
                                  std::vector<size_t>* steps) {
    std::vector<size_t> starts;
    if (!fails(source, &starts)) return false;
    size_t step = kNoStep;
    size_t next = 0;
    for (size_t i = 0; i < source.choices().size(); ++i) {
      // A step may have drawn nothing.
      for (; next < starts.size() && starts[next] <= i; ++next) step = next;
      steps->push_back(step);
    }
    return true;
  };
  return StepShrinker(fails_in_steps, /*keeps_last=*/true, options)
      .Run(choices);
}

ShrinkResult ShrinkMixedSteps(
    const Choices& choices,
    absl::FunctionRef<bool(RecordingChoices&, std::vector<size_t>* steps)>
        fails,
    const ShrinkOptions& options) {
  return StepShrinker(fails, /*keeps_last=*/false, options).Run(choices);
}

}  // namespace glue_security
