// CompilePolicy: from a text to an evaluator, where the text allows it.

#ifndef GLUE_SECURITY_POLICY_COMPILE_POLICY_H_
#define GLUE_SECURITY_POLICY_COMPILE_POLICY_H_

#include <cstddef>
#include <optional>

#include "absl/strings/string_view.h"
#include "glue_security/model/limits.h"
#include "glue_security/policy/policy_evaluator.h"

namespace glue_security {

// nullopt when `text` breaks a rule of PolicyChecks::kGrammar.
std::optional<PolicyEvaluator> CompilePolicy(
    absl::string_view text, size_t depth_max = Limits().policy_depth_max);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_COMPILE_POLICY_H_
