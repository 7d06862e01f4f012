// ShrinkSteps: reduces a run that is a list of steps, such as calls. It removes
// whole steps, many at once and then single ones, before it makes the rest
// simpler. This is much faster than Shrink, which does not know about steps.
//
// ShrinkMixedSteps: the same for steps whose choices are mixed, such as the
// calls of several clients.

#ifndef GLUE_SECURITY_TESTING_CHOICES_SHRINK_STEPS_H_
#define GLUE_SECURITY_TESTING_CHOICES_SHRINK_STEPS_H_

#include <cstddef>
#include <limits>
#include <vector>

#include "absl/functional/function_ref.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/choices/shrink.h"

namespace glue_security {

// Shrinks `choices`, for which `fails` must be true. `fails` runs the test and
// appends to `*starts`, for each step, the number of choices that were drawn
// before it. Otherwise as `Shrink`; the bounds hold for all runs together. The
// last step is never removed, because it is the one that fails.
ShrinkResult ShrinkSteps(
    const Choices& choices,
    absl::FunctionRef<bool(RecordingChoices&, std::vector<size_t>* starts)>
        fails,
    const ShrinkOptions& options = ShrinkOptions());

// The number of a choice that belongs to no step, and so is never removed.
inline constexpr size_t kNoStep = std::numeric_limits<size_t>::max();

// Shrinks `choices`, for which `fails` must be true. `fails` runs the test and
// appends to `*steps`, for each choice that was drawn, the number of the step
// that it belongs to, or kNoStep. All choices of a step are removed at once.
// Any step may be removed. Otherwise as `ShrinkSteps`.
ShrinkResult ShrinkMixedSteps(
    const Choices& choices,
    absl::FunctionRef<bool(RecordingChoices&, std::vector<size_t>* steps)>
        fails,
    const ShrinkOptions& options = ShrinkOptions());

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_CHOICES_SHRINK_STEPS_H_
