// Patterns: texts with wildcards and variables, and what they match. A pattern
// also stands for a set of texts, all those that it matches.

#ifndef TESTS_POLICY_NAIVE_PATTERN_H_
#define TESTS_POLICY_NAIVE_PATTERN_H_

#include <functional>
#include <string>
#include <vector>

#include "glue_security/policy/authorization.h"
#include "glue_security/policy/truth.h"

namespace glue_security::naive {

struct Symbol {
  enum Kind { kCharacter, kAnyOne, kAnyRun };
  Kind kind;
  std::string character;  // kCharacter only
};
using Pattern = std::vector<Symbol>;

void AppendLiteral(const std::string& text, Pattern* pattern);
Pattern LiteralPattern(const std::string& text);

// Returns a pattern in which every "*" and "?" is a wildcard.
Pattern WildcardPattern(const std::string& text);

// Returns a pattern in which a "*" at the end is a wildcard, and nothing else.
Pattern SetPattern(const std::string& text);

// Folds the ASCII letters of a pattern.
Pattern LowerPattern(Pattern pattern);

// Splits at the first five colons.
std::vector<Pattern> SplitPattern(const Pattern& pattern);

// Returns true if all of `text` matches all of `pattern`.
bool Matches(const Pattern& pattern, const std::string& text);

// Returns true if some text matches both.
bool Overlap(const Pattern& a, const Pattern& b);

// Returns true if `pattern` matches all texts that `texts` matches.
bool Covers(const Pattern& pattern, const Pattern& texts);

// Returns true if `pattern` matches all of the texts, false if it matches none.
Truth MatchesSet(const Pattern& pattern, const Pattern& texts);

// Returns true if all of the truths are true, false if all are false. There has
// to be one.
Truth Agreement(const std::vector<Truth>& truths);

enum class KeyState { kGiven, kAbsent, kUnknown };

KeyState StateOf(const std::string& key, const AuthorizationRequest& request);

// The request and the rules under which a statement is evaluated.
struct Scope {
  const AuthorizationRequest& request;
  bool variables;  // "${…}" is a variable
};

// Replaces the variables of `text`, a value or an entry of the policy, and
// returns what `matches` says about the pattern. The answer is false if a
// variable has no value, or else undecided if one is on an unknown key.
Truth WithVariables(const std::string& text, bool wildcards, const Scope& scope,
                    const std::function<Truth(const Pattern&)>& matches);

}  // namespace glue_security::naive

#endif  // TESTS_POLICY_NAIVE_PATTERN_H_
