#include "glue_security/policy/match/value_pattern.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"

namespace glue_security {
namespace {

using Kind = PatternToken::Kind;

bool HasVariables(const std::vector<PatternToken>& tokens) {
  return std::any_of(tokens.begin(), tokens.end(), [](const PatternToken& t) {
    return t.kind == Kind::kVariable;
  });
}

void AppendLiteral(absl::string_view text, std::vector<PatternToken>* tokens) {
  if (text.empty()) return;
  if (tokens->empty() || tokens->back().kind != Kind::kLiteral) {
    tokens->emplace_back();
  }
  tokens->back().text.append(text.data(), text.size());
}

void AppendPlain(absl::string_view text, bool wildcards,
                 std::vector<PatternToken>* tokens) {
  while (wildcards) {
    const size_t at = text.find_first_of("*?");
    if (at == absl::string_view::npos) break;
    AppendLiteral(text.substr(0, at), tokens);
    PatternToken token;
    token.kind = text[at] == '*' ? Kind::kAnyCharacters : Kind::kAnyCharacter;
    tokens->push_back(std::move(token));
    text.remove_prefix(at + 1);
  }
  AppendLiteral(text, tokens);
}

void AppendTo(const PatternToken& token, WildcardPattern* pattern) {
  switch (token.kind) {
    case Kind::kLiteral:
      pattern->AppendLiteral(token.text);
      break;
    case Kind::kAnyCharacter:
      pattern->AppendAnyCharacter();
      break;
    case Kind::kAnyCharacters:
      pattern->AppendAnyCharacters();
      break;
    case Kind::kVariable:
      break;
  }
}

// REQUIRES: no variables.
WildcardPattern ToPattern(const std::vector<PatternToken>& tokens,
                          bool fold_case) {
  WildcardPattern pattern;
  for (PatternToken token : tokens) {
    if (fold_case) absl::AsciiStrToLower(&token.text);
    AppendTo(token, &pattern);
  }
  return pattern;
}

// Returns nullptr when the variable has no value.
const std::string* VariableValue(const PatternToken& variable,
                                 const ContextKeys& context) {
  const auto found = context.find(variable.text);
  if (found == context.end() || found->second.empty()) {
    return variable.default_value.has_value() ? &*variable.default_value
                                              : nullptr;
  }
  return found->second.size() == 1 ? &found->second.front() : nullptr;
}

bool AllMatch(const std::array<WildcardPattern, 6>& patterns,
              const ArnFields& arn) {
  // Starts at the last field, since most ARNs differ there.
  return patterns[5].Matches(arn.resource) &&
         patterns[4].Matches(arn.account) && patterns[3].Matches(arn.region) &&
         patterns[2].Matches(arn.service) &&
         patterns[1].Matches(arn.partition) && patterns[0].Matches(arn.prefix);
}

}  // namespace

std::vector<PatternToken> Tokenize(absl::string_view text, bool wildcards,
                                   bool variables) {
  std::vector<PatternToken> tokens;
  while (variables) {
    const size_t start = text.find("${");
    if (start == absl::string_view::npos) break;
    size_t close = text.find('}', start);
    if (close == absl::string_view::npos) break;
    AppendPlain(text.substr(0, start), wildcards, &tokens);
    absl::string_view name = text.substr(start + 2, close - start - 2);
    PatternToken token;
    // A brace within the quotes of a default does not close the variable.
    const size_t comma = name.find(", '");
    if (comma != absl::string_view::npos) {
      const size_t begin = start + 2 + comma + 3;
      const size_t end = text.find("'}", begin);
      if (end != absl::string_view::npos) {
        token.default_value = std::string(text.substr(begin, end - begin));
        name = name.substr(0, comma);
        close = end + 1;
      }
    }
    if (!token.default_value.has_value() &&
        (name == "*" || name == "?" || name == "$")) {
      AppendLiteral(name, &tokens);
    } else {
      token.kind = Kind::kVariable;
      token.text = std::string(name);
      tokens.push_back(std::move(token));
    }
    text.remove_prefix(close + 1);
  }
  AppendPlain(text, wildcards, &tokens);
  return tokens;
}

std::optional<std::vector<PatternToken>> ReplaceVariables(
    const std::vector<PatternToken>& tokens, const ContextKeys& context) {
  std::vector<PatternToken> replaced;
  for (const PatternToken& token : tokens) {
    if (token.kind != Kind::kVariable) {
      replaced.push_back(token);
      continue;
    }
    const std::string* const value = VariableValue(token, context);
    if (value == nullptr) return std::nullopt;
    replaced.push_back({Kind::kLiteral, *value, std::nullopt});
  }
  return replaced;
}

ValuePattern::ValuePattern(absl::string_view text, bool wildcards,
                           bool variables, bool fold_case)
    : text_(std::string(text)), fold_case_(fold_case) {
  std::vector<PatternToken> tokens = Tokenize(text, wildcards, variables);
  if (HasVariables(tokens)) {
    tokens_ = std::move(tokens);
  } else {
    fixed_ = ToPattern(tokens, fold_case);
  }
}

bool ValuePattern::Matches(absl::string_view value,
                           const ContextKeys& context) const {
  if (tokens_.empty()) return fixed_.Matches(value);
  const auto replaced = ReplaceVariables(tokens_, context);
  return replaced.has_value() &&
         ToPattern(*replaced, fold_case_).Matches(value);
}

ResourcePattern::ResourcePattern(absl::string_view text, bool variables)
    : text_(std::string(text)), is_everything_(text == "*") {
  if (is_everything_) return;
  // Only the last field may have variables; `${…}` in the fields before it is
  // text. Fields that an incomplete ARN lacks match anything.
  constexpr size_t kLast = 5;
  for (size_t i = 0; i < kLast; ++i) {
    const size_t colon = text.find(':');
    fields_[i] = WildcardPattern(text.substr(0, colon));
    if (colon == absl::string_view::npos) {
      for (size_t k = i + 1; k <= kLast; ++k) {
        fields_[k] = WildcardPattern("*");
      }
      return;
    }
    text.remove_prefix(colon + 1);
  }
  std::vector<PatternToken> tokens =
      Tokenize(text, /*wildcards=*/true, variables);
  if (HasVariables(tokens)) {
    tokens_ = std::move(tokens);
  } else {
    fields_[kLast] = ToPattern(tokens, /*fold_case=*/false);
  }
}

bool ResourcePattern::Matches(const std::optional<ArnFields>& resource,
                              const ContextKeys& context) const {
  if (is_everything_) return true;
  if (!resource.has_value()) return false;
  if (tokens_.empty()) return AllMatch(fields_, *resource);
  const auto replaced = ReplaceVariables(tokens_, context);
  if (!replaced.has_value()) return false;
  std::array<WildcardPattern, 6> fields = fields_;
  fields.back() = ToPattern(*replaced, /*fold_case=*/false);
  return AllMatch(fields, *resource);
}

ArnPattern::ArnPattern(absl::string_view text, bool variables)
    : text_(std::string(text)) {
  std::vector<PatternToken> tokens =
      Tokenize(text, /*wildcards=*/true, variables);
  if (HasVariables(tokens)) {
    tokens_ = std::move(tokens);
  } else {
    fixed_ = ToFields(tokens);
  }
}

std::optional<ArnPattern::Fields> ArnPattern::ToFields(
    const std::vector<PatternToken>& tokens) {
  Fields fields;
  size_t field = 0;
  for (const PatternToken& token : tokens) {
    if (token.kind != Kind::kLiteral) {
      AppendTo(token, &fields[field]);
      continue;
    }
    absl::string_view text = token.text;
    while (field + 1 < fields.size()) {
      const size_t colon = text.find(':');
      if (colon == absl::string_view::npos) break;
      fields[field++].AppendLiteral(text.substr(0, colon));
      text.remove_prefix(colon + 1);
    }
    fields[field].AppendLiteral(text);
  }
  if (field + 1 < fields.size()) return std::nullopt;
  return fields;
}

bool ArnPattern::Matches(absl::string_view value,
                         const ContextKeys& context) const {
  const std::optional<ArnFields> arn = SplitArn(value);
  if (!arn.has_value()) return false;
  if (tokens_.empty()) return fixed_.has_value() && AllMatch(*fixed_, *arn);
  const auto replaced = ReplaceVariables(tokens_, context);
  if (!replaced.has_value()) return false;
  const std::optional<Fields> fields = ToFields(*replaced);
  return fields.has_value() && AllMatch(*fields, *arn);
}

}  // namespace glue_security
