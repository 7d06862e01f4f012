// The name of an exception's type, for a log. It leaves out the exception's
// text, which may quote a policy.

#ifndef GLUE_SECURITY_SERVER_EXCEPTION_NAME_H_
#define GLUE_SECURITY_SERVER_EXCEPTION_NAME_H_

#include <string>

namespace glue_security {

// Returns the type of the exception that is being handled
// ("std::runtime_error", "int"), or "unknown" when the compiler does not
// provide it or memory has run out. REQUIRES: called within a catch clause.
std::string CurrentExceptionName() noexcept;

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_EXCEPTION_NAME_H_
