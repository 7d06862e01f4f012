// Shrinking: from a stream of choices that makes a test fail to a simpler one
// that does, too. It works on the numbers, so that it is written once for every
// kind of value.

#ifndef GLUE_SECURITY_TESTING_SHRINK_H_
#define GLUE_SECURITY_TESTING_SHRINK_H_

#include <cstddef>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/testing/choice_source.h"

namespace glue_security {

struct ShrinkOptions {
  // Shrinking ends after so many runs of the test, or after so much time,
  // whichever comes first, with the simplest stream that it has found.
  size_t runs_max = 100'000;
  absl::Duration time_max = absl::Seconds(10);
  // Not owned. Only measures `time_max`.
  Clock* clock = Clock::System();
};

struct ShrinkResult {
  // The simplest stream found; it fails.
  Choices choices;
  // How often the test was run.
  size_t runs = 0;
  // No single step of the shrinker makes it simpler. False: a bound was
  // reached.
  bool minimal = false;
};

// Shrinks `choices`, for which `fails` must be true. A stream is simpler than
// another when it is shorter, or as long and lexicographically less.
//
// `fails` runs the test on what it draws, and must depend on nothing else. When
// it is false for `choices` themselves, they come back after one run, not
// minimal: the test is not a function of its choices.
ShrinkResult Shrink(const Choices& choices,
                    absl::FunctionRef<bool(ChoiceSource&)> fails,
                    const ShrinkOptions& options = ShrinkOptions());

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SHRINK_H_
