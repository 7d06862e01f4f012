// The string patterns of the contract, matched by loops over the bytes.

#ifndef GLUE_SECURITY_VALIDATION_TEXT_PATTERN_H_
#define GLUE_SECURITY_VALIDATION_TEXT_PATTERN_H_

#include "absl/strings/string_view.h"
#include "glue_security/v1/options.pb.h"
#include "re2/re2.h"

namespace glue_security {

// Returns true when the whole of `text` matches `pattern`. Invalid UTF-8
// matches no pattern. The result is that of `RE2::FullMatch` with
// `Re2Definition(pattern)`, many times faster; a pattern without a loop of its
// own is matched by RE2. Linear time. REQUIRES: the proto declares `pattern`.
bool MatchesPattern(v1::Pattern pattern, absl::string_view text);

// Returns the definition of `pattern`, `PatternTexts::re2`, compiled once per
// process. REQUIRES: the proto declares `pattern`.
const re2::RE2& Re2Definition(v1::Pattern pattern);

// Returns the text of `pattern` as the service publishes it,
// `PatternTexts::published`. It lives forever. REQUIRES: the proto declares
// `pattern`.
absl::string_view PublishedText(v1::Pattern pattern);

}  // namespace glue_security

#endif  // GLUE_SECURITY_VALIDATION_TEXT_PATTERN_H_
