// IsSameDocument: compares policies as JSON documents.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_POLICY_TEXTS_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_POLICY_TEXTS_H_

#include "absl/strings/string_view.h"

namespace glue_security::conformance_internal {

// Returns true when both texts are the same JSON object: they may differ in
// insignificant blanks, in escapes and in the order of keys. Numbers are
// compared as they are written. Texts that are not JSON objects must be equal.
bool IsSameDocument(absl::string_view a, absl::string_view b);

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_POLICY_TEXTS_H_
