#include "glue_security/testing/choices/shrink_steps.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/time/time.h"

namespace glue_security {
namespace {

class StepShrinker {
 public:
  StepShrinker(
      absl::FunctionRef<bool(RecordingChoices&, std::vector<size_t>*)> fails,
      const ShrinkOptions& options)
      : fails_(fails),
        options_(options),
        end_(options.clock->Now() + options.time_max) {}

  ShrinkResult Run(const Choices& choices) {
    best_ = choices;
    if (!DropSteps()) return {choices, runs_, false};
    // When a choice has become simpler, its step may be removable.
    bool minimal = false;
    for (bool again = true; again && !Spent();) {
      const size_t size = best_.size();
      minimal = Simplify();
      again = (DropSteps() && best_.size() < size) || LowerAndDelete();
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
             std::vector<size_t>* starts) {
    ++runs_;
    RecordedChoices recorded(choices);
    RecordingChoices recording(&recorded);
    if (!fails_(recording, starts)) return false;
    *drawn = recording.choices();
    return true;
  }

  // Returns true when no single step of `Shrink` makes the run simpler.
  bool Simplify() {
    ShrinkOptions bounds = options_;
    bounds.runs_max -= std::min(runs_, bounds.runs_max);
    bounds.time_max = end_ - bounds.clock->Now();
    const ShrinkResult shrunk = Shrink(
        best_,
        [this](ChoiceSource& source) {
          RecordingChoices recording(&source);
          std::vector<size_t> starts;
          return fails_(recording, &starts);
        },
        bounds);
    runs_ += shrunk.runs;
    best_ = shrunk.choices;
    return shrunk.minimal;
  }

  // Returns false when the run does not fail again.
  bool DropSteps() {
    std::vector<size_t> starts;
    if (!Fails(best_, &best_, &starts)) return false;
    for (size_t size = starts.size() / 2; size > 0; size /= 2) {
      for (size_t at = 0; at + size < starts.size() && !Spent();) {
        Choices fewer = best_;
        fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(starts[at]),
                    fewer.begin() + static_cast<ptrdiff_t>(starts[at + size]));
        Choices drawn;
        std::vector<size_t> drawn_starts;
        if (Fails(fewer, &drawn, &drawn_starts) &&
            drawn.size() < best_.size()) {
          best_ = std::move(drawn);
          starts = std::move(drawn_starts);
        } else {
          at += size;
        }
      }
    }
    return true;
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
          std::vector<size_t> starts;
          if (!Spent() && Fails(fewer, &drawn, &starts) &&
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

  const absl::FunctionRef<bool(RecordingChoices&, std::vector<size_t>*)> fails_;
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
  return StepShrinker(fails, options).Run(choices);
}

}  // namespace glue_security
