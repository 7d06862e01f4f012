// How a policy document is written. Key order, repeated keys, the text of
// numbers, and a scalar beside a list of one stay as they are.

#ifndef GLUE_SECURITY_POLICY_POLICY_PRINTER_H_
#define GLUE_SECURITY_POLICY_POLICY_PRINTER_H_

#include <string>

#include "glue_security/json/json_document.h"

namespace glue_security {

// Without blanks. In strings only `"`, `\` and C0 controls are escaped: the
// short forms \b \f \n \r \t where there is one, else \u00XX with upper-case
// digits.
std::string PrintCompact(const JsonDocument& document);

// As the real service gives a policy back: two blanks for each object, lists in
// one line, " : " behind keys, strings as above, no newline at the end.
std::string PrintLikeService(const JsonDocument& document);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_POLICY_PRINTER_H_
