// Printers of policy documents. They keep the order of keys, repeated keys, the
// text of numbers, and the difference between a scalar and a list of one.

#ifndef GLUE_SECURITY_POLICY_POLICY_PRINTER_H_
#define GLUE_SECURITY_POLICY_POLICY_PRINTER_H_

#include <string>

#include "glue_security/json/json_document.h"

namespace glue_security {

// Prints without white space. In strings only `"`, `\` and C0 controls are
// escaped: as \b \f \n \r \t where there is a short form, otherwise as \u00XX
// with upper-case digits.
std::string PrintCompact(const JsonDocument& document);

// Prints as the real service does: an indentation of two spaces for each
// object, lists in one line, " : " after keys, strings as above, no newline at
// the end.
std::string PrintLikeService(const JsonDocument& document);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_POLICY_PRINTER_H_
