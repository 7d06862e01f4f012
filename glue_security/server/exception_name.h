// The name of what was thrown, for a log: its type and nothing of its text,
// which may quote a policy.

#ifndef GLUE_SECURITY_SERVER_EXCEPTION_NAME_H_
#define GLUE_SECURITY_SERVER_EXCEPTION_NAME_H_

#include <string>

namespace glue_security {

// "std::runtime_error", "int": the type of the exception that is being handled.
// "unknown" where the compiler does not say, or there is no memory to say it.
// REQUIRES: called within a catch clause.
std::string CurrentExceptionName() noexcept;

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_EXCEPTION_NAME_H_
