// ShrinkSteps: reduces a run that is a list of steps, such as calls. It removes
// whole steps, many at once and then single ones, before it makes the rest
// simpler. This is much faster than Shrink, which does not know about steps.

#ifndef GLUE_SECURITY_TESTING_CHOICES_SHRINK_STEPS_H_
#define GLUE_SECURITY_TESTING_CHOICES_SHRINK_STEPS_H_

#include <cstddef>
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

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_CHOICES_SHRINK_STEPS_H_
