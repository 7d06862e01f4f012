// ValuePattern: a text of a policy with which values of a request are matched.
// It may have wildcards, and variables that the request's context fills in.

#ifndef GLUE_SECURITY_POLICY_MATCH_VALUE_PATTERN_H_
#define GLUE_SECURITY_POLICY_MATCH_VALUE_PATTERN_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/match/request_context.h"
#include "glue_security/policy/match/text_set.h"
#include "glue_security/policy/match/wildcard.h"
#include "glue_security/policy/truth.h"

namespace glue_security {

// A piece of such a text.
struct PatternToken {
  enum class Kind { kLiteral, kAnyCharacter, kAnyCharacters, kVariable };
  Kind kind = Kind::kLiteral;
  // The literal, or the context key of a variable.
  std::string text;
  // The default value of a variable, if it has one.
  std::optional<std::string> default_value;
};

// Splits `text` into pieces. Without `wildcards` `*` and `?` are literal.
// Without `variables` `${…}` is literal.
//   ${aws:username}  ${aws:PrincipalTag/team, 'none'}  ${*}  ${?}  ${$}
std::vector<PatternToken> Tokenize(absl::string_view text, bool wildcards,
                                   bool variables);

// Sets `replaced` to `tokens` with literals in the place of variables, and
// returns kTrue. Returns kFalse when a variable has no value: its key is absent
// and it has no default, or the key has several values. Returns kUndecided when
// the key of a variable is unknown and none is without a value.
Truth ReplaceVariables(const std::vector<PatternToken>& tokens,
                       const RequestContext& context,
                       std::vector<PatternToken>* replaced);

// A pattern without fields: an action, or the value of a string condition.
class ValuePattern {
 public:
  // With `fold_case` the text to match must be in lower case.
  ValuePattern(absl::string_view text, bool wildcards, bool variables,
               bool fold_case);

  // The text in the policy.
  const std::string& text() const { return text_; }

  // Returns kTrue if all of `value` matches.
  Truth Matches(absl::string_view value, const RequestContext& context) const;
  // Returns kTrue if all texts of a set match, kFalse if none does. With
  // `fold_case` the set must be in lower case.
  Truth MatchesSet(const TextSet& set, const RequestContext& context) const;

 private:
  // Calls `match` with the pattern in which variables are replaced.
  template <typename Match>
  Truth MatchReplaced(const RequestContext& context, Match&& match) const;

  std::string text_;
  bool fold_case_;
  // Used without variables.
  WildcardPattern fixed_;
  // Used with variables.
  std::vector<PatternToken> tokens_;
};

// A pattern of a Resource: six fields, matched one by one.
class ResourcePattern {
 public:
  ResourcePattern(absl::string_view text, bool variables);

  const std::string& text() const { return text_; }

  // Takes the result of `SplitArn`. Only "*" matches nullopt, which is not an
  // ARN. With `is_set` a `*` at the end of the resource stands for
  // any text.
  Truth Matches(const std::optional<ArnFields>& resource, bool is_set,
                const RequestContext& context) const;

 private:
  std::string text_;
  bool is_everything_ = false;
  std::array<WildcardPattern, 6> fields_;
  // The pieces of the last field when it has variables; otherwise empty.
  std::vector<PatternToken> tokens_;
};

// The value of an Arn condition.
class ArnPattern {
 public:
  ArnPattern(absl::string_view text, bool variables);

  const std::string& text() const { return text_; }

  Truth Matches(absl::string_view value, const RequestContext& context) const;
  // Returns kTrue if all ARNs of a set match, kFalse if none does. The prefix
  // must have the first five fields.
  Truth MatchesSet(const TextSet& set, const RequestContext& context) const;

 private:
  using Fields = std::array<WildcardPattern, 6>;

  // Returns nullopt if there are fewer than six fields.
  static std::optional<Fields> ToFields(
      const std::vector<PatternToken>& tokens);
  // Calls `match` with the fields in which variables are replaced.
  template <typename Match>
  Truth MatchReplaced(const RequestContext& context, Match&& match) const;

  std::string text_;
  // Used without variables.
  std::optional<Fields> fixed_;
  // Used with variables.
  std::vector<PatternToken> tokens_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_VALUE_PATTERN_H_
