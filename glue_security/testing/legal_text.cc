#include "glue_security/testing/legal_text.h"

#include <algorithm>
#include <string_view>

#include "glue_security/validation/text_pattern.h"
#include "re2/re2.h"

namespace glue_security {

bool MatchesDefinition(v1::Pattern pattern, absl::string_view text) {
  return re2::RE2::FullMatch(std::string_view(text.data(), text.size()),
                             Re2Definition(pattern));
}

bool HasLegalLength(const TextConstraints& constraints,
                    absl::string_view text) {
  return text.size() >= constraints.length_bytes_min &&
         text.size() <= constraints.length_bytes_max;
}

bool IsLegalText(const TextConstraints& constraints, bool observed,
                 absl::string_view text) {
  return HasLegalLength(constraints, text) &&
         MatchesDefinition(constraints.pattern(observed), text);
}

void DropIllegalTexts(const TextConstraints& constraints, bool observed,
                      std::vector<std::string>* texts) {
  texts->erase(std::remove_if(texts->begin(), texts->end(),
                              [&](const std::string& text) {
                                return !IsLegalText(constraints, observed,
                                                    text);
                              }),
               texts->end());
}

}  // namespace glue_security
