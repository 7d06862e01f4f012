// The texts that a member may have, by the definitions in the protos. The kit
// does not ask the validator, which it tests.

#ifndef GLUE_SECURITY_TESTING_LEGAL_TEXT_H_
#define GLUE_SECURITY_TESTING_LEGAL_TEXT_H_

#include "absl/strings/string_view.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {

// Returns true when the whole of `text` matches the definition of `pattern`.
bool MatchesDefinition(v1::Pattern pattern, absl::string_view text);

// Returns true when `text` has a length that `constraints` allow.
bool HasLegalLength(const TextConstraints& constraints, absl::string_view text);

// Returns true when `text` breaks no constraint of `member`; `observed` is
// `Behavior::observed_patterns`.
bool IsLegalText(const MemberSchema& member, bool observed,
                 absl::string_view text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_LEGAL_TEXT_H_
