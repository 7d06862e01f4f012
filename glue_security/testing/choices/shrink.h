// Shrink: reduces a stream of choices that makes a test fail to a simpler one
// that still does. It works on the numbers, so one implementation serves every
// kind of value.

#ifndef GLUE_SECURITY_TESTING_CHOICES_SHRINK_H_
#define GLUE_SECURITY_TESTING_CHOICES_SHRINK_H_

#include <cstddef>

#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/testing/choices/choice_source.h"

namespace glue_security {

struct ShrinkOptions {
  // The number of runs of the test, and the time, after which shrinking ends
  // with the simplest stream that it has found.
  size_t runs_max = 100'000;
  absl::Duration time_max = absl::Seconds(10);
  // Measures `time_max`, and nothing else; so it may be the system's clock. The
  // runs must not depend on one. Not owned.
  Clock* clock = Clock::System();
};

struct ShrinkResult {
  // The simplest stream found; it fails.
  Choices choices;
  // The number of runs of the test.
  size_t runs = 0;
  // True when no single step of the shrinker makes it simpler. False: a bound
  // was reached.
  bool minimal = false;
};

// Shrinks `choices`, for which `fails` must be true. A stream is simpler than
// another when it is shorter, or as long and lexicographically less.
//
// `fails` runs the test on the numbers it draws, and must depend on nothing
// else. If it is false for `choices` themselves, they are returned after one
// run with `minimal` false: the test is not a function of its choices.
ShrinkResult Shrink(const Choices& choices,
                    absl::FunctionRef<bool(ChoiceSource&)> fails,
                    const ShrinkOptions& options = ShrinkOptions());

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_CHOICES_SHRINK_H_
