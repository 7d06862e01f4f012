#include "glue_security/testing/choices/shrink.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace glue_security {
namespace {

bool IsSimpler(const Choices& a, const Choices& b) {
  if (a.size() != b.size()) return a.size() < b.size();
  return a < b;
}

class Shrinker {
 public:
  Shrinker(absl::FunctionRef<bool(ChoiceSource&)> fails,
           const ShrinkOptions& options)
      : fails_(fails),
        options_(options),
        end_(options.clock->Now() + options.time_max) {}

  ShrinkResult Run(const Choices& choices) {
    best_ = choices;
    if (!Fails(choices, &best_)) return {choices, runs_, false};
    bool progress = true;
    while (progress && !Spent()) {
      progress = false;
      progress |= DeleteChunks();
      progress |= ZeroChunks();
      progress |= MinimizeEach();
      progress |= MoveBetweenNeighbors();
    }
    return {best_, runs_, !Spent()};
  }

 private:
  bool Spent() const {
    return runs_ >= options_.runs_max || options_.clock->Now() >= end_;
  }

  // Runs the test. If it fails, sets `*drawn` to the choices that it drew,
  // without the zeros at the end, which are drawn anyway.
  bool Fails(const Choices& choices, Choices* drawn) {
    ++runs_;
    RecordedChoices source(choices);
    RecordingChoices recording(&source);
    if (!fails_(recording)) return false;
    *drawn = recording.choices();
    while (!drawn->empty() && drawn->back() == 0) drawn->pop_back();
    return true;
  }

  // Makes `candidate` the best stream when it is simpler and fails.
  bool Try(const Choices& candidate) {
    if (Spent() || !IsSimpler(candidate, best_)) return false;
    Choices drawn;
    if (!Fails(candidate, &drawn) || !IsSimpler(drawn, best_)) return false;
    best_ = std::move(drawn);
    return true;
  }

  bool DeleteChunks() {
    bool progress = false;
    for (size_t size = std::max<size_t>(best_.size() / 2, 1); size > 0;
         size /= 2) {
      // Starts at the end, because late choices matter least.
      for (size_t at = best_.size(); at > 0 && !Spent();) {
        const size_t begin = at > size ? at - size : 0;
        Choices candidate = best_;
        candidate.erase(candidate.begin() + static_cast<ptrdiff_t>(begin),
                        candidate.begin() + static_cast<ptrdiff_t>(at));
        const bool deleted = Try(candidate);
        progress |= deleted;
        at = std::min(deleted ? begin : at - 1, best_.size());
      }
    }
    return progress;
  }

  bool ZeroChunks() {
    bool progress = false;
    for (const size_t size : {size_t{8}, size_t{4}, size_t{2}, size_t{1}}) {
      for (size_t at = 0; at + size <= best_.size() && !Spent(); ++at) {
        Choices candidate = best_;
        std::fill_n(candidate.begin() + static_cast<ptrdiff_t>(at), size, 0);
        progress |= Try(candidate);
      }
    }
    return progress;
  }

  bool MinimizeEach() {
    bool progress = false;
    for (size_t at = 0; at < best_.size() && !Spent(); ++at) {
      progress |= Halve(at);
      for (const uint64_t step : kSteps) progress |= Lower(at, step);
    }
    return progress;
  }

  // Finds the least value at `at` that fails, provided that all larger values
  // fail.
  bool Halve(size_t at) {
    bool progress = false;
    uint64_t low = 0;
    while (at < best_.size() && low < best_[at] && !Spent()) {
      const uint64_t middle = low + (best_[at] - low) / 2;
      Choices candidate = best_;
      candidate[at] = middle;
      if (Try(candidate)) {
        progress = true;
      } else {
        low = middle + 1;
      }
    }
    return progress;
  }

  // Lowers a value step by step, where failing values are scattered.
  bool Lower(size_t at, uint64_t step) {
    bool progress = false;
    while (at < best_.size() && best_[at] >= step) {
      Choices candidate = best_;
      candidate[at] -= step;
      if (!Try(candidate)) break;
      progress = true;
    }
    return progress;
  }

  // Changes two values at once, since a failure may depend on the sum, the
  // difference or the order of two values.
  bool MoveBetweenNeighbors() {
    bool progress = false;
    for (size_t at = 0; at + 1 < best_.size() && !Spent(); ++at) {
      for (size_t other = at + 1; other < at + 9 && !Spent(); ++other) {
        for (const uint64_t step : kSteps) {
          if (other >= best_.size() || best_[at] < step) continue;
          Choices candidate = best_;
          candidate[at] -= step;
          candidate[other] += step;
          progress |= Try(candidate);
          if (other >= best_.size() || best_[at] < step) continue;
          if (best_[other] < step) continue;
          candidate = best_;
          candidate[at] -= step;
          candidate[other] -= step;
          progress |= Try(candidate);
        }
        if (other >= best_.size()) break;
        Choices candidate = best_;
        std::swap(candidate[at], candidate[other]);
        progress |= Try(candidate);
      }
    }
    return progress;
  }

  static constexpr uint64_t kSteps[] = {1000, 256, 100, 64, 32, 16,
                                        10,   8,   4,   2,  1};

  const absl::FunctionRef<bool(ChoiceSource&)> fails_;
  const ShrinkOptions options_;
  const absl::Time end_;
  Choices best_;
  size_t runs_ = 0;
};

}  // namespace

ShrinkResult Shrink(const Choices& choices,
                    absl::FunctionRef<bool(ChoiceSource&)> fails,
                    const ShrinkOptions& options) {
  return Shrinker(fails, options).Run(choices);
}

}  // namespace glue_security
