// EndProcess: ends the process because of a mistake in the code.
//
// It is for what a test finds, such as a field of the protos without what the
// library needs, or a broken requirement. What a caller or the machine does is
// an error that is returned.

#ifndef GLUE_SECURITY_MODEL_END_PROCESS_H_
#define GLUE_SECURITY_MODEL_END_PROCESS_H_

#include "absl/strings/string_view.h"

namespace glue_security {

// Writes a line with `why` to the standard error and aborts.
[[noreturn]] void EndProcess(absl::string_view why);

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_END_PROCESS_H_
