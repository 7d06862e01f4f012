// Comments name the page of the IAM User Guide, and its section, that settles a
// rule. "Open" marks a rule that the guide leaves open.

#include "tests/policy/naive_pattern.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "glue_security/policy/authorization.h"
#include "glue_security/policy/truth.h"
#include "tests/policy/naive_document.h"

namespace glue_security::naive {
namespace {

// Returns the characters of `text`, each as its bytes. "?" stands for one
// character (reference_policies_elements_resource, wildcards), and policies are
// UTF-8 (reference_policies_elements_datatypes): bytes 10xxxxxx continue a
// character.
std::vector<std::string> Characters(const std::string& text) {
  std::vector<std::string> characters;
  for (char c : text) {
    if (characters.empty() || (static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      characters.emplace_back();
    }
    characters.back() += c;
  }
  return characters;
}

bool IsRun(const Pattern& pattern, std::size_t at) {
  return at < pattern.size() && pattern[at].kind == Symbol::kAnyRun;
}

using Positions = std::set<std::size_t>;

// Adds the positions that are reached when runs end.
Positions AfterRuns(const Pattern& pattern, const Positions& positions) {
  Positions reached;
  for (std::size_t at : positions) {
    reached.insert(at);
    while (IsRun(pattern, at)) reached.insert(++at);
  }
  return reached;
}

// Returns the positions that are reached by one more character. nullptr is a
// character that the pattern nowhere has.
Positions AfterCharacter(const Pattern& pattern, const Positions& positions,
                         const std::string* character) {
  Positions reached;
  for (const std::size_t at : positions) {
    if (at == pattern.size()) continue;
    const Symbol& symbol = pattern[at];
    if (symbol.kind == Symbol::kAnyRun) {
      reached.insert(at);
    } else if (symbol.kind == Symbol::kAnyOne ||
               (character != nullptr && symbol.character == *character)) {
      reached.insert(at + 1);
    }
  }
  return AfterRuns(pattern, reached);
}

// The pattern of an entry or value of the policy after its variables are
// replaced.
struct Expansion {
  Pattern pattern;
  bool has_no_value = false;  // A variable certainly has no value.
  bool is_unknown = false;    // A variable is on an unknown key.
};

// Appends the value of the variable `name`. Only a key with one value can be a
// variable (reference_policies_condition-single-vs-multi-valued-context-keys).
void AppendVariable(const std::string& name,
                    const std::optional<std::string>& fallback,
                    const AuthorizationRequest& request, Expansion* result) {
  const KeyState state = StateOf(name, request);
  if (state == KeyState::kUnknown) {
    result->is_unknown = true;
    return;
  }
  std::optional<std::string> value = fallback;
  if (state == KeyState::kGiven) {
    const std::vector<std::string>& values = request.context.find(name)->second;
    value.reset();
    if (values.size() == 1) value = values[0];  // Several: open.
  }
  if (value) {
    AppendLiteral(*value, &result->pattern);
  } else {
    result->has_no_value = true;
  }
}

// Replaces the variables of `text` (reference_policies_variables). The value of
// a variable is literal and has no wildcards (open).
Expansion ExpandVariables(const std::string& text, bool wildcards,
                          const AuthorizationRequest& request) {
  Expansion result;
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t start = text.find("${", i);
    const std::size_t close =
        start == std::string::npos ? start : text.find('}', start);
    // Without a closing brace it is text and not a variable (open).
    const std::size_t plain_end =
        close == std::string::npos ? text.size() : start;
    const std::string plain = text.substr(i, plain_end - i);
    for (const Symbol& symbol :
         wildcards ? WildcardPattern(plain) : LiteralPattern(plain)) {
      result.pattern.push_back(symbol);
    }
    if (close == std::string::npos) break;

    std::string name = text.substr(start + 2, close - start - 2);
    std::size_t end = close + 1;
    std::optional<std::string> fallback;
    // The section "Specifying default values": a comma, a space, the default in
    // quotes. A brace within the quotes does not close the variable.
    const std::size_t comma = text.find(", '", start);
    if (comma != std::string::npos && comma < close) {
      const std::size_t quote = text.find("'}", comma + 3);
      if (quote != std::string::npos) {
        name = text.substr(start + 2, comma - start - 2);
        fallback = text.substr(comma + 3, quote - comma - 3);
        end = quote + 2;
      }
    }
    // The section "Special characters".
    if (!fallback && (name == "*" || name == "?" || name == "$")) {
      AppendLiteral(name, &result.pattern);
    } else {
      AppendVariable(name, fallback, request, &result);
    }
    i = end;
  }
  return result;
}

}  // namespace

void AppendLiteral(const std::string& text, Pattern* pattern) {
  for (const std::string& character : Characters(text)) {
    pattern->push_back({Symbol::kCharacter, character});
  }
}

Pattern LiteralPattern(const std::string& text) {
  Pattern pattern;
  AppendLiteral(text, &pattern);
  return pattern;
}

Pattern WildcardPattern(const std::string& text) {
  Pattern pattern = LiteralPattern(text);
  for (Symbol& symbol : pattern) {
    if (symbol.character == "?") symbol.kind = Symbol::kAnyOne;
    if (symbol.character == "*") symbol.kind = Symbol::kAnyRun;
  }
  return pattern;
}

Pattern SetPattern(const std::string& text) {
  Pattern pattern = LiteralPattern(text);
  if (!pattern.empty() && pattern.back().character == "*") {
    pattern.back().kind = Symbol::kAnyRun;
  }
  return pattern;
}

Pattern LowerPattern(Pattern pattern) {
  for (Symbol& symbol : pattern) symbol.character = Lower(symbol.character);
  return pattern;
}

std::vector<Pattern> SplitPattern(const Pattern& pattern) {
  std::vector<Pattern> parts = {{}};
  for (const Symbol& symbol : pattern) {
    if (symbol.kind == Symbol::kCharacter && symbol.character == ":" &&
        parts.size() < 6) {
      parts.emplace_back();
    } else {
      parts.back().push_back(symbol);
    }
  }
  return parts;
}

// matches[p][t] tells whether the rest after p symbols matches the rest after t
// characters.
bool Matches(const Pattern& pattern, const std::string& text) {
  const std::vector<std::string> characters = Characters(text);
  const std::size_t rows = pattern.size();
  const std::size_t columns = characters.size();
  std::vector<std::vector<bool>> matches(rows + 1,
                                         std::vector<bool>(columns + 1, false));
  matches[rows][columns] = true;
  for (std::size_t p = rows; p-- > 0;) {
    for (std::size_t t = columns + 1; t-- > 0;) {
      const Symbol& symbol = pattern[p];
      if (symbol.kind == Symbol::kAnyRun) {
        matches[p][t] = matches[p + 1][t] || (t < columns && matches[p][t + 1]);
      } else if (t < columns) {
        const bool same =
            symbol.kind == Symbol::kAnyOne || symbol.character == characters[t];
        matches[p][t] = same && matches[p + 1][t + 1];
      }
    }
  }
  return matches[0][0];
}

// Walks over all pairs of positions that one text can reach in both patterns.
bool Overlap(const Pattern& a, const Pattern& b) {
  std::vector<std::vector<bool>> reached(a.size() + 1,
                                         std::vector<bool>(b.size() + 1));
  std::vector<std::pair<std::size_t, std::size_t>> todo = {{0, 0}};
  while (!todo.empty()) {
    const auto [i, j] = todo.back();
    todo.pop_back();
    if (reached[i][j]) continue;
    reached[i][j] = true;
    // A run may end here.
    if (IsRun(a, i)) todo.emplace_back(i + 1, j);
    if (IsRun(b, j)) todo.emplace_back(i, j + 1);
    if (i == a.size() || j == b.size()) continue;
    // One more character.
    const bool differs = a[i].kind == Symbol::kCharacter &&
                         b[j].kind == Symbol::kCharacter &&
                         a[i].character != b[j].character;
    if (differs) continue;
    todo.emplace_back(IsRun(a, i) ? i : i + 1, IsRun(b, j) ? j : j + 1);
  }
  return reached[a.size()][b.size()];
}

// Walks over `texts` together with all positions of `pattern` that the text so
// far can reach. Where `texts` leaves the character open, it is enough to take
// one that `pattern` nowhere has: only wildcards match it, and they match any
// other in its place.
bool Covers(const Pattern& pattern, const Pattern& texts) {
  using State = std::pair<std::size_t, Positions>;
  std::set<State> reached;
  std::vector<State> todo = {{0, AfterRuns(pattern, {0})}};
  while (!todo.empty()) {
    const State state = todo.back();
    todo.pop_back();
    if (!reached.insert(state).second) continue;
    const auto& [at, positions] = state;
    if (at == texts.size()) {
      if (positions.count(pattern.size()) == 0) return false;
      continue;
    }
    const Symbol& symbol = texts[at];
    const bool is_character = symbol.kind == Symbol::kCharacter;
    if (IsRun(texts, at)) todo.emplace_back(at + 1, positions);
    todo.emplace_back(
        IsRun(texts, at) ? at : at + 1,
        AfterCharacter(pattern, positions,
                       is_character ? &symbol.character : nullptr));
  }
  return true;
}

Truth MatchesSet(const Pattern& pattern, const Pattern& texts) {
  if (!Overlap(pattern, texts)) return Truth::kFalse;
  return Covers(pattern, texts) ? Truth::kTrue : Truth::kUndecided;
}

Truth Agreement(const std::vector<Truth>& truths) {
  for (Truth truth : truths) {
    if (truth != truths[0]) return Truth::kUndecided;
  }
  return truths[0];
}

KeyState StateOf(const std::string& key, const AuthorizationRequest& request) {
  const auto found = request.context.find(key);
  if (found != request.context.end()) {
    return found->second.empty() ? KeyState::kAbsent : KeyState::kGiven;
  }
  if (request.other_keys_unknown || request.unknown_keys.count(key) > 0) {
    return KeyState::kUnknown;
  }
  return KeyState::kAbsent;
}

Truth WithVariables(const std::string& text, bool wildcards, const Scope& scope,
                    const std::function<Truth(const Pattern&)>& matches) {
  if (!scope.variables) {
    return matches(wildcards ? WildcardPattern(text) : LiteralPattern(text));
  }
  const Expansion expansion = ExpandVariables(text, wildcards, scope.request);
  if (expansion.has_no_value) return Truth::kFalse;
  if (expansion.is_unknown) return Truth::kUndecided;
  return matches(expansion.pattern);
}

}  // namespace glue_security::naive
