#include "glue_security/testing/legal_text.h"

#include "glue_security/validation/text_pattern.h"
#include "re2/re2.h"
#include "re2/stringpiece.h"

namespace glue_security {

bool MatchesDefinition(v1::Pattern pattern, absl::string_view text) {
  return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()),
                             Re2Definition(pattern));
}

bool HasLegalLength(const TextConstraints& constraints,
                    absl::string_view text) {
  return text.size() >= constraints.length_bytes_min &&
         text.size() <= constraints.length_bytes_max;
}

bool IsLegalText(const MemberSchema& member, bool observed,
                 absl::string_view text) {
  return HasLegalLength(member, text) &&
         MatchesDefinition(member.pattern(observed), text);
}

}  // namespace glue_security
