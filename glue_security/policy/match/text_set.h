// TextSet: the texts of which one is a value that is known in part, such as the
// ARN of a role whose path is unknown.

#ifndef GLUE_SECURITY_POLICY_MATCH_TEXT_SET_H_
#define GLUE_SECURITY_POLICY_MATCH_TEXT_SET_H_

#include <cstddef>
#include <string>

#include "glue_security/policy/match/wildcard.h"
#include "glue_security/policy/truth.h"

namespace glue_security {

// All texts that begin with `prefix`, go on with at least `gap_min` characters
// of any kind, and end with `suffix`.
struct TextSet {
  std::string prefix;
  size_t gap_min = 0;
  std::string suffix;
};

// Returns kTrue if `pattern` matches all texts of the set, kFalse if it matches
// none of them, otherwise kUndecided. Exact. Takes time proportional to the
// size of the pattern, divided by 64, times the size of the set; each `?` of
// the pattern adds one to the size of the set.
Truth MatchSet(const WildcardPattern& pattern, const TextSet& set);

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_TEXT_SET_H_
