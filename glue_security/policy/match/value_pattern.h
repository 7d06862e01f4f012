// ValuePattern: a text of a policy that values of a request are matched with:
// wildcards, and variables that the request's context fills in.

#ifndef GLUE_SECURITY_POLICY_MATCH_VALUE_PATTERN_H_
#define GLUE_SECURITY_POLICY_MATCH_VALUE_PATTERN_H_

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/match/wildcard.h"

namespace glue_security {

// A piece of such a text.
struct PatternToken {
  enum class Kind { kLiteral, kAnyCharacter, kAnyCharacters, kVariable };
  Kind kind = Kind::kLiteral;
  // A literal; of a variable the context key.
  std::string text;
  // A variable's.
  std::optional<std::string> default_value;
};

// The pieces of `text`. Without `wildcards` `*` and `?` are literal; without
// `variables` `${…}` is.
//   ${aws:username}  ${aws:PrincipalTag/team, 'none'}  ${*}  ${?}  ${$}
std::vector<PatternToken> Tokenize(absl::string_view text, bool wildcards,
                                   bool variables);

// Replaces variables by literals. nullopt when one has no value: its key is
// absent and it has no default, or the key has several values.
std::optional<std::vector<PatternToken>> ReplaceVariables(
    const std::vector<PatternToken>& tokens, const ContextKeys& context);

// A text without fields: an action, a string condition's value.
class ValuePattern {
 public:
  // With `fold_case` the text to match must be in lower case.
  ValuePattern(absl::string_view text, bool wildcards, bool variables,
               bool fold_case);

  // As the policy has it.
  const std::string& text() const { return text_; }

  // Whether all of `value` matches.
  bool Matches(absl::string_view value, const ContextKeys& context) const;

 private:
  std::string text_;
  bool fold_case_;
  // The one or the other: without variables it is made once.
  WildcardPattern fixed_;
  std::vector<PatternToken> tokens_;
};

// A Resource: six fields, matched one by one.
class ResourcePattern {
 public:
  ResourcePattern(absl::string_view text, bool variables);

  const std::string& text() const { return text_; }

  // `resource` as `SplitArn` splits it; nullopt is no ARN, which only "*"
  // matches.
  bool Matches(const std::optional<ArnFields>& resource,
               const ContextKeys& context) const;

 private:
  std::string text_;
  bool is_everything_ = false;
  std::array<WildcardPattern, 6> fields_;
  // Of the last field, when it has variables; else empty.
  std::vector<PatternToken> tokens_;
};

// The value of an Arn condition.
class ArnPattern {
 public:
  ArnPattern(absl::string_view text, bool variables);

  const std::string& text() const { return text_; }

  bool Matches(absl::string_view value, const ContextKeys& context) const;

 private:
  using Fields = std::array<WildcardPattern, 6>;

  // nullopt: fewer than six fields.
  static std::optional<Fields> ToFields(
      const std::vector<PatternToken>& tokens);

  std::string text_;
  // Without variables.
  std::optional<Fields> fixed_;
  // With variables.
  std::vector<PatternToken> tokens_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_VALUE_PATTERN_H_
