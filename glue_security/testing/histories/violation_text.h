// FormatViolation: a violation as text for a reader.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_VIOLATION_TEXT_H_
#define GLUE_SECURITY_TESTING_HISTORIES_VIOLATION_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "glue_security/testing/histories/linearizability_result.h"

namespace glue_security {
namespace history_internal {

// Returns the calls of `violation`, the longest orders, and why they end. The
// functions take places in the history: `end_of` returns the end of a call,
// `text_of_call` the call and `text_of_answer` its answer on one line.
std::string FormatViolation(
    const Violation& violation, absl::FunctionRef<uint64_t(size_t)> end_of,
    absl::FunctionRef<std::string(size_t)> text_of_call,
    absl::FunctionRef<std::string(size_t)> text_of_answer);

}  // namespace history_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_VIOLATION_TEXT_H_
