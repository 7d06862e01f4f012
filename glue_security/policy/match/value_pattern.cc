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

using ArnPatterns = std::array<WildcardPattern, 6>;

bool FirstFiveMatch(const ArnPatterns& patterns, const ArnFields& arn) {
  return patterns[4].Matches(arn.account) && patterns[3].Matches(arn.region) &&
         patterns[2].Matches(arn.service) &&
         patterns[1].Matches(arn.partition) && patterns[0].Matches(arn.prefix);
}

Truth AllMatch(const ArnPatterns& patterns, const ArnFields& arn) {
  // Starts at the last field, since most ARNs differ there.
  return TruthOf(patterns[5].Matches(arn.resource) &&
                 FirstFiveMatch(patterns, arn));
}

// Takes the fields of the set's prefix.
Truth AllMatchSet(const ArnPatterns& patterns, const ArnFields& prefix,
                  size_t gap_min, const std::string& suffix) {
  if (!FirstFiveMatch(patterns, prefix)) return Truth::kFalse;
  const absl::string_view last = prefix.resource;
  return MatchSet(patterns[5],
                  {std::string(last.data(), last.size()), gap_min, suffix});
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

Truth ReplaceVariables(const std::vector<PatternToken>& tokens,
                       const RequestContext& context,
                       std::vector<PatternToken>* replaced) {
  Truth result = Truth::kTrue;
  for (const PatternToken& token : tokens) {
    if (token.kind != Kind::kVariable) {
      replaced->push_back(token);
      continue;
    }
    const std::vector<std::string>* const values = context.Find(token.text);
    if (values == nullptr && context.IsUnknown(token.text)) {
      result = Truth::kUndecided;
    } else if (values != nullptr && values->size() == 1) {
      replaced->push_back({Kind::kLiteral, values->front(), std::nullopt});
    } else if (values == nullptr && token.default_value.has_value()) {
      replaced->push_back({Kind::kLiteral, *token.default_value, std::nullopt});
    } else {
      return Truth::kFalse;
    }
  }
  return result;
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

template <typename Match>
Truth ValuePattern::MatchReplaced(const RequestContext& context,
                                  Match&& match) const {
  std::vector<PatternToken> replaced;
  const Truth found = ReplaceVariables(tokens_, context, &replaced);
  return found == Truth::kTrue ? match(ToPattern(replaced, fold_case_)) : found;
}

Truth ValuePattern::Matches(absl::string_view value,
                            const RequestContext& context) const {
  if (tokens_.empty()) return TruthOf(fixed_.Matches(value));
  return MatchReplaced(context, [&](const WildcardPattern& pattern) {
    return TruthOf(pattern.Matches(value));
  });
}

Truth ValuePattern::MatchesSet(const TextSet& set,
                               const RequestContext& context) const {
  if (tokens_.empty()) return MatchSet(fixed_, set);
  return MatchReplaced(context, [&](const WildcardPattern& pattern) {
    return MatchSet(pattern, set);
  });
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

Truth ResourcePattern::Matches(const std::optional<ArnFields>& resource,
                               bool is_set,
                               const RequestContext& context) const {
  if (is_everything_) return Truth::kTrue;
  const bool is_plain = tokens_.empty() && !is_set;
  if (is_plain && resource.has_value()) return AllMatch(fields_, *resource);
  const auto match = [&](const ArnPatterns& fields) {
    if (!resource.has_value()) return Truth::kFalse;
    if (!is_set) return AllMatch(fields, *resource);
    ArnFields prefix = *resource;
    prefix.resource.remove_suffix(1);
    return AllMatchSet(fields, prefix, /*gap_min=*/0, /*suffix=*/"");
  };
  if (tokens_.empty()) return match(fields_);
  std::vector<PatternToken> replaced;
  const Truth found = ReplaceVariables(tokens_, context, &replaced);
  if (found != Truth::kTrue) return found;
  ArnPatterns fields = fields_;
  fields.back() = ToPattern(replaced, /*fold_case=*/false);
  return match(fields);
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

template <typename Match>
Truth ArnPattern::MatchReplaced(const RequestContext& context,
                                Match&& match) const {
  std::vector<PatternToken> replaced;
  const Truth found = ReplaceVariables(tokens_, context, &replaced);
  if (found != Truth::kTrue) return found;
  const std::optional<Fields> fields = ToFields(replaced);
  return fields.has_value() ? match(*fields) : Truth::kFalse;
}

Truth ArnPattern::Matches(absl::string_view value,
                          const RequestContext& context) const {
  const std::optional<ArnFields> arn = SplitArn(value);
  const auto match = [&](const Fields& fields) {
    return arn.has_value() ? AllMatch(fields, *arn) : Truth::kFalse;
  };
  if (!tokens_.empty()) return MatchReplaced(context, match);
  return fixed_.has_value() ? match(*fixed_) : Truth::kFalse;
}

Truth ArnPattern::MatchesSet(const TextSet& set,
                             const RequestContext& context) const {
  const std::optional<ArnFields> prefix = SplitArn(set.prefix);
  const auto match = [&](const Fields& fields) {
    return AllMatchSet(fields, *prefix, set.gap_min, set.suffix);
  };
  if (!tokens_.empty()) return MatchReplaced(context, match);
  return fixed_.has_value() ? match(*fixed_) : Truth::kFalse;
}

}  // namespace glue_security
