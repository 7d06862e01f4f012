// Comments name the page of the IAM User Guide, and its section, that settles a
// rule. "Open" marks a rule that the guide leaves open.

#include "tests/policy/naive_evaluator.h"

#include <arpa/inet.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "glue_security/policy/authorization.h"
#include "nlohmann/json.hpp"

namespace glue_security {
namespace {

using Json = nlohmann::ordered_json;

// ---------------------------------------------------------------------------
// Text

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AllDigits(const std::string& text) {
  for (char c : text) {
    if (!IsDigit(c)) return false;
  }
  return !text.empty();
}

bool StartsWith(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

// Folds ASCII letters only. (Open: the guide does not say which letters.)
std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

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

// Splits at the first five colons. Everything after them is the sixth segment,
// colons included (reference-arns, ARN format).
std::vector<std::string> SplitArn(const std::string& text) {
  std::vector<std::string> segments = {""};
  for (char c : text) {
    if (c == ':' && segments.size() < 6) {
      segments.emplace_back();
    } else {
      segments.back() += c;
    }
  }
  return segments;
}

// ---------------------------------------------------------------------------
// Patterns

struct Symbol {
  enum Kind { kCharacter, kAnyOne, kAnyRun };
  Kind kind;
  std::string character;  // kCharacter only
};
using Pattern = std::vector<Symbol>;

void AppendLiteral(const std::string& text, Pattern* pattern) {
  for (const std::string& character : Characters(text)) {
    pattern->push_back({Symbol::kCharacter, character});
  }
}

// Returns a pattern in which every "*" and "?" is a wildcard.
Pattern WildcardPattern(const std::string& text) {
  Pattern pattern;
  for (const std::string& character : Characters(text)) {
    Symbol::Kind kind = Symbol::kCharacter;
    if (character == "*") kind = Symbol::kAnyRun;
    if (character == "?") kind = Symbol::kAnyOne;
    pattern.push_back({kind, character});
  }
  return pattern;
}

// Returns true if all of `text` matches all of `pattern`. matches[p][t] tells
// whether the rest after p symbols matches the rest after t characters.
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

// Returns the value of the variable `name`. Only a key with one value can be a
// variable (reference_policies_condition-single-vs-multi-valued-context-keys).
std::optional<std::string> VariableValue(
    const std::string& name, const std::optional<std::string>& fallback,
    const ContextKeys& context) {
  const auto found = context.find(name);
  if (found == context.end() || found->second.empty()) return fallback;
  if (found->second.size() > 1) return std::nullopt;  // Open.
  return found->second[0];
}

// Replaces the variables of `text` (reference_policies_variables). The value of
// a variable is literal and has no wildcards (open). Returns nullopt if a
// variable has no value.
std::optional<Pattern> ExpandVariables(const std::string& text, bool wildcards,
                                       const ContextKeys& context) {
  Pattern pattern;
  std::size_t i = 0;
  while (i < text.size()) {
    const std::size_t start = text.find("${", i);
    const std::size_t close =
        start == std::string::npos ? start : text.find('}', start);
    // Without a closing brace it is text and not a variable (open).
    const std::size_t plain_end =
        close == std::string::npos ? text.size() : start;
    const std::string plain = text.substr(i, plain_end - i);
    if (wildcards) {
      for (const Symbol& symbol : WildcardPattern(plain)) {
        pattern.push_back(symbol);
      }
    } else {
      AppendLiteral(plain, &pattern);
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
    if (end == close + 1 && (name == "*" || name == "?" || name == "$")) {
      AppendLiteral(name, &pattern);
    } else {
      const std::optional<std::string> value =
          VariableValue(name, fallback, context);
      if (!value) return std::nullopt;
      AppendLiteral(*value, &pattern);
    }
    i = end;
  }
  return pattern;
}

// The request and the rules under which a statement is evaluated.
struct Scope {
  const AuthorizationRequest& request;
  // True from version 2012-10-17 on. In older versions "${…}" is text
  // (reference_policies_elements_version).
  bool variables;
};

std::optional<Pattern> MakePattern(const std::string& text, bool wildcards,
                                   const Scope& scope) {
  if (scope.variables) {
    return ExpandVariables(text, wildcards, scope.request.context);
  }
  if (wildcards) return WildcardPattern(text);
  Pattern pattern;
  AppendLiteral(text, &pattern);
  return pattern;
}

// ---------------------------------------------------------------------------
// JSON

// Puts numbers in quotes, so that each keeps the text that was written.
// "Quotation marks are optional for numeric and Boolean values"
// (reference_policies_grammar, the policy language and JSON).
std::string QuoteNumbers(const std::string& json) {
  std::string quoted;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (in_string && json[i] == '\\' && i + 1 < json.size()) {
      quoted += json[i++];
    } else if (json[i] == '"') {
      in_string = !in_string;
    } else if (!in_string && (json[i] == '-' || IsDigit(json[i]))) {
      const std::size_t end = json.find_first_not_of("0123456789+-.eE", i);
      quoted += '"' + json.substr(i, end - i) + '"';
      if (end == std::string::npos) break;
      i = end - 1;
      continue;
    }
    quoted += json[i];
  }
  return quoted;
}

// Returns the texts of one value or of a list of values
// (reference_policies_grammar, conventions).
std::vector<std::string> Texts(const Json& json) {
  std::vector<std::string> texts;
  if (json.is_array()) {
    for (const Json& item : json) {
      for (const std::string& text : Texts(item)) texts.push_back(text);
    }
  } else if (json.is_string()) {
    texts.push_back(json.get<std::string>());
  } else if (json.is_boolean()) {
    texts.emplace_back(json.get<bool>() ? "true" : "false");
  }
  return texts;
}

// ---------------------------------------------------------------------------
// Principal

// Returns the account of a principal, or "" if the principal has no ARN.
std::string AccountOf(const Principal& principal) {
  const std::vector<std::string> arn = SplitArn(principal.arn);
  return arn.size() == 6 ? arn[4] : "";
}

bool IsSession(const Principal& principal) {
  const std::vector<std::string> arn = SplitArn(principal.arn);
  return arn.size() == 6 && arn[2] == "sts" &&
         StartsWith(arn[5], "assumed-role/");
}

// Returns the role of a session. If it is not given, a role without a path is
// assumed.
std::string RoleOf(const Principal& principal) {
  if (!principal.role_arn.empty()) return principal.role_arn;
  if (!IsSession(principal)) return "";
  const std::vector<std::string> arn = SplitArn(principal.arn);
  const std::string rest = arn[5].substr(std::string("assumed-role/").size());
  return "arn:" + arn[1] + ":iam::" + arn[4] + ":role/" +
         rest.substr(0, rest.find('/'));
}

// Returns true for the 12 digits and the root ARN, which both mean the account
// and not only its root user (reference_policies_elements_principal, AWS
// account principals).
bool NamesAccount(const std::string& entry, const Principal& principal) {
  const std::string account = AccountOf(principal);
  if (account.empty()) return false;
  if (entry.size() == 12 && AllDigits(entry)) return entry == account;
  return entry ==
         "arn:" + SplitArn(principal.arn)[1] + ":iam::" + account + ":root";
}

// Returns true for the ARN and the unique id of the role (same page, IAM role
// principals; reference_identifiers, unique identifiers).
bool NamesRole(const std::string& entry, const Principal& principal) {
  if (entry.empty()) return false;
  return entry == RoleOf(principal) ||
         (IsSession(principal) && entry == principal.unique_id);
}

// Returns true if the entry is the ARN or unique id of the user, session,
// federated user or root user itself.
bool NamesSelf(const std::string& entry, const Principal& principal) {
  if (entry.empty()) return false;
  return entry == principal.arn ||
         (!IsSession(principal) && entry == principal.unique_id);
}

bool Contains(const Json& list, const std::string& text) {
  for (const std::string& item : Texts(list)) {
    if (!text.empty() && item == text) return true;
  }
  return false;
}

// Returns true for "*" and {"AWS": "*"} (All principals). An asterisk under the
// other keys, or within a longer text, is not a wildcard.
bool NamesEverybody(const Json& element) {
  if (element.is_string()) return element.get<std::string>() == "*";
  return element.contains("AWS") && Contains(element["AWS"], "*");
}

// Returns true for the kinds of principal that have other keys and are named in
// full: AWS services, web identity and SAML providers, canonical users.
bool NamesByOtherKey(const Json& element, const Principal& principal) {
  if (element.contains("Service") &&
      Contains(element["Service"], principal.service)) {
    return true;
  }
  if (element.contains("Federated") &&
      Contains(element["Federated"], principal.federated)) {
    return true;
  }
  return element.contains("CanonicalUser") &&
         Contains(element["CanonicalUser"], principal.canonical_user);
}

std::vector<std::string> AwsEntries(const Json& element) {
  if (!element.is_object() || !element.contains("AWS")) return {};
  return Texts(element["AWS"]);
}

bool NamesPrincipal(const Json& element, const Principal& principal) {
  if (NamesEverybody(element)) return true;
  if (!element.is_object()) return false;
  if (NamesByOtherKey(element, principal)) return true;
  for (const std::string& entry : AwsEntries(element)) {
    if (NamesAccount(entry, principal) || NamesRole(entry, principal) ||
        NamesSelf(entry, principal)) {
      return true;
    }
  }
  return false;
}

// Returns true if NotPrincipal with Deny spares the principal. The account is
// checked, then the role, then the session or user; each has to be listed.
// Listing the account does not spare everybody in it: the example lists Bob and
// his account, and denies everybody but Bob
// (reference_policies_elements_notprincipal, NotPrincipal with Deny).
bool SparedFromDeny(const Json& element, const Principal& principal) {
  if (NamesEverybody(element)) return true;
  if (!element.is_object()) return false;
  if (NamesByOtherKey(element, principal)) return true;  // Open.
  // An account that is not known need not be listed.
  bool account = principal.arn.empty();
  bool role = !IsSession(principal);
  bool self = false;
  for (const std::string& entry : AwsEntries(element)) {
    const bool names_account = NamesAccount(entry, principal);
    account = account || names_account;
    role = role || NamesRole(entry, principal);
    self = self || NamesSelf(entry, principal);
    // The root user is the account.
    const std::vector<std::string> arn = SplitArn(principal.arn);
    if (names_account && arn[2] == "iam" && arn[5] == "root") self = true;
  }
  return account && role && self;
}

bool PrincipalApplies(const Json& statement, const Principal& principal) {
  if (statement.contains("Principal")) {
    return NamesPrincipal(statement["Principal"], principal);
  }
  if (!statement.contains("NotPrincipal")) return false;
  // NotPrincipal with Allow means everybody except those that it names.
  if (statement["Effect"] == "Allow") {
    return !NamesPrincipal(statement["NotPrincipal"], principal);
  }
  return !SparedFromDeny(statement["NotPrincipal"], principal);
}

// ---------------------------------------------------------------------------
// Action

// Returns true if an entry matches the action, with wildcards and in any case
// (reference_policies_elements_action).
bool NamesAction(const Json& list, const std::string& action) {
  for (const std::string& entry : Texts(list)) {
    if (Matches(WildcardPattern(Lower(entry)), Lower(action))) return true;
  }
  return false;
}

bool ActionApplies(const Json& statement, const std::string& action) {
  if (statement.contains("Action")) {
    return NamesAction(statement["Action"], action);
  }
  return statement.contains("NotAction") &&
         !NamesAction(statement["NotAction"], action);
}

// ---------------------------------------------------------------------------
// Resource

// Matches a resource segment by segment (reference_policies_elements_resource).
// An incomplete ARN gets "*" for the missing segments (reference_identifiers,
// IAM ARNs, which says it of identity-based policies; open for others). Only
// the part after the fifth colon may have variables
// (reference_policies_variables, Resource element).
bool ResourceEntryMatches(const std::string& entry, const Scope& scope) {
  if (entry == "*") return true;
  const std::vector<std::string> actual = SplitArn(scope.request.resource);
  if (actual.size() != 6) return false;
  std::vector<std::string> segments = SplitArn(entry);
  segments.resize(6, "*");
  for (std::size_t i = 0; i < 5; ++i) {
    if (!Matches(WildcardPattern(segments[i]), actual[i])) return false;
  }
  const std::optional<Pattern> last =
      MakePattern(segments[5], /*wildcards=*/true, scope);
  return last && Matches(*last, actual[5]);
}

bool NamesResource(const Json& list, const Scope& scope) {
  for (const std::string& entry : Texts(list)) {
    if (ResourceEntryMatches(entry, scope)) return true;
  }
  return false;
}

bool ResourceApplies(const Json& statement, const Scope& scope) {
  if (statement.contains("Resource")) {
    return NamesResource(statement["Resource"], scope);
  }
  if (statement.contains("NotResource")) {
    return !NamesResource(statement["NotResource"], scope);
  }
  // A statement without a Resource, as the SNS topic policy of
  // reference_policies_variables, applies to any resource.
  return true;
}

// ---------------------------------------------------------------------------
// Values of conditions
// (reference_policies_elements_condition_operators, …_datatypes)

// Parses a JSON number.
std::optional<double> ParseNumber(const std::string& text) {
  std::size_t i = 0;
  const auto digits = [&] {
    const std::size_t start = i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    return i - start;
  };
  if (i < text.size() && text[i] == '-') ++i;
  const std::size_t first = i;
  const std::size_t count = digits();
  if (count == 0 || (count > 1 && text[first] == '0')) return std::nullopt;
  if (i < text.size() && text[i] == '.') {
    ++i;
    if (digits() == 0) return std::nullopt;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (digits() == 0) return std::nullopt;
  }
  if (i != text.size()) return std::nullopt;
  return std::strtod(text.c_str(), nullptr);
}

bool IsLeapYear(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int DaysInMonth(int year, int month) {
  if (month == 2) return IsLeapYear(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

// Returns the number of days from 1970-01-01 to the given day.
std::int64_t DayNumber(int year, int month, int day) {
  std::int64_t days = day - 1;
  for (int m = 1; m < month; ++m) days += DaysInMonth(year, m);
  for (int y = 1970; y < year; ++y) days += IsLeapYear(y) ? 366 : 365;
  for (int y = year; y < 1970; ++y) days -= IsLeapYear(y) ? 366 : 365;
  return days;
}

// The seconds since 1970 and the digits of the fraction, which compare in that
// order.
using Moment = std::pair<std::int64_t, std::string>;

// Returns true if `text` has the form of `shape`, where "0" stands for any
// digit.
bool HasShape(const std::string& text, const std::string& shape) {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (shape[i] == '0' ? !IsDigit(text[i]) : text[i] != shape[i]) return false;
  }
  return true;
}

int Number(const std::string& text, std::size_t start, std::size_t length) {
  return std::atoi(text.substr(start, length).c_str());
}

// Parses the W3C profile of ISO 8601: a year, a month, a day, or a day and a
// time with a zone.
std::optional<Moment> ParseIsoDate(const std::string& text) {
  const std::string date = text.substr(0, text.find('T'));
  if (!HasShape(date, "0000") && !HasShape(date, "0000-00") &&
      !HasShape(date, "0000-00-00")) {
    return std::nullopt;
  }
  const int year = Number(date, 0, 4);
  const int month = date.size() >= 7 ? Number(date, 5, 2) : 1;
  const int day = date.size() >= 10 ? Number(date, 8, 2) : 1;
  if (month < 1 || month > 12) return std::nullopt;
  if (day < 1 || day > DaysInMonth(year, month)) return std::nullopt;
  std::int64_t seconds = DayNumber(year, month, day) * 86400;
  if (date.size() == text.size()) return Moment(seconds, "");
  if (date.size() != 10) return std::nullopt;

  std::string time = text.substr(11);
  std::int64_t offset = 0;
  if (!time.empty() && time.back() == 'Z') {
    time.pop_back();
  } else {
    if (time.size() < 6) return std::nullopt;
    const std::string zone = time.substr(time.size() - 6);
    time.resize(time.size() - 6);
    if (!HasShape(zone, "+00:00") && !HasShape(zone, "-00:00")) {
      return std::nullopt;
    }
    if (Number(zone, 1, 2) > 23 || Number(zone, 4, 2) > 59) return std::nullopt;
    offset = Number(zone, 1, 2) * 3600 + Number(zone, 4, 2) * 60;
    if (zone[0] == '-') offset = -offset;
  }
  const std::size_t dot = time.find('.');
  std::string fraction;
  if (dot != std::string::npos) {
    fraction = time.substr(dot + 1);
    time.resize(dot);
    if (!AllDigits(fraction) || time.size() != 8) return std::nullopt;
    while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  }
  if (!HasShape(time, "00:00") && !HasShape(time, "00:00:00")) {
    return std::nullopt;
  }
  const int second = time.size() == 8 ? Number(time, 6, 2) : 0;
  if (Number(time, 0, 2) > 23 || Number(time, 3, 2) > 59 || second > 59) {
    return std::nullopt;
  }
  seconds += Number(time, 0, 2) * 3600 + Number(time, 3, 2) * 60 + second;
  return Moment(seconds - offset, fraction);
}

// Parses a date. Four digits are a year, other digits are epoch seconds (open).
std::optional<Moment> ParseDate(const std::string& text) {
  if (const std::optional<Moment> date = ParseIsoDate(text)) return date;
  const std::string digits = StartsWith(text, "-") ? text.substr(1) : text;
  if (!AllDigits(digits) || digits.size() > 18) return std::nullopt;
  return Moment(std::strtoll(text.c_str(), nullptr, 10), "");
}

// Returns the 4 or 16 bytes of an address.
std::optional<std::string> ParseAddress(const std::string& text) {
  // A C string would end at the NUL.
  if (text.find('\0') != std::string::npos) return std::nullopt;
  char bytes[16];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) {
    return std::string(bytes, 4);
  }
  if (inet_pton(AF_INET6, text.c_str(), bytes) == 1) {
    return std::string(bytes, 16);
  }
  return std::nullopt;
}

// Returns true if the range has the address (IP address condition operators). A
// range without a prefix length is one address (open for IPv6).
bool InRange(const std::string& range, const std::string& address) {
  const std::size_t slash = range.find('/');
  const std::optional<std::string> base = ParseAddress(range.substr(0, slash));
  const std::optional<std::string> other = ParseAddress(address);
  if (!base || !other || base->size() != other->size()) return false;
  std::size_t bits = base->size() * 8;
  if (slash != std::string::npos) {
    const std::string length = range.substr(slash + 1);
    if (!AllDigits(length) || length.size() > 3) return false;
    if (static_cast<std::size_t>(std::atoi(length.c_str())) > bits) {
      return false;
    }
    bits = static_cast<std::size_t>(std::atoi(length.c_str()));
  }
  for (std::size_t i = 0; i < bits; ++i) {
    const int mask = 0x80 >> (i % 8);
    if (((*base)[i / 8] & mask) != ((*other)[i / 8] & mask)) return false;
  }
  return true;
}

std::optional<std::string> DecodeBase64(const std::string& text) {
  static const std::string alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t end = text.find('=');
  const std::string data = text.substr(0, end);
  const std::string padding = text.substr(data.size());
  if (!padding.empty() && padding != "=" && padding != "==") {
    return std::nullopt;
  }
  std::string bytes;
  unsigned buffer = 0;
  int bits = 0;
  for (char c : data) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string::npos) return std::nullopt;
    buffer = (buffer << 6 | static_cast<unsigned>(value)) & 0xFFFF;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>(buffer >> bits & 0xFF);
    }
  }
  return bytes;
}

// Matches ARNs component by component (Amazon Resource Name condition
// operators). Variables are replaced first, so their colons separate
// components, too (open).
bool ArnMatches(const std::string& value, const std::string& arn,
                const Scope& scope) {
  const std::optional<Pattern> pattern =
      MakePattern(value, /*wildcards=*/true, scope);
  if (!pattern) return false;
  std::vector<Pattern> components = {{}};
  for (const Symbol& symbol : *pattern) {
    if (symbol.kind == Symbol::kCharacter && symbol.character == ":" &&
        components.size() < 6) {
      components.emplace_back();
    } else {
      components.back().push_back(symbol);
    }
  }
  const std::vector<std::string> actual = SplitArn(arn);
  if (components.size() != 6 || actual.size() != 6) return false;
  for (std::size_t i = 0; i < 6; ++i) {
    if (!Matches(components[i], actual[i])) return false;
  }
  return true;
}

// ---------------------------------------------------------------------------
// Condition

template <typename T>
bool Compare(const std::string& relation, const std::optional<T>& actual,
             const std::optional<T>& expected) {
  // A value of another type does not match.
  if (!actual || !expected) return false;
  if (relation == "Equals") return *actual == *expected;
  if (relation == "LessThan") return *actual < *expected;
  if (relation == "LessThanEquals") return *actual <= *expected;
  if (relation == "GreaterThan") return *actual > *expected;
  if (relation == "GreaterThanEquals") return *actual >= *expected;
  return false;
}

// Returns true if `actual`, a value of the request, matches `expected`, a value
// of the policy. `name` is an operator that does not negate.
bool ValueMatches(const std::string& name, const std::string& actual,
                  const std::string& expected, const Scope& scope) {
  if (name == "StringEquals" || name == "StringLike") {
    const std::optional<Pattern> pattern =
        MakePattern(expected, /*wildcards=*/name == "StringLike", scope);
    return pattern && Matches(*pattern, actual);
  }
  if (name == "StringEqualsIgnoreCase") {
    std::optional<Pattern> pattern =
        MakePattern(expected, /*wildcards=*/false, scope);
    if (!pattern) return false;
    for (Symbol& symbol : *pattern) symbol.character = Lower(symbol.character);
    return Matches(*pattern, Lower(actual));
  }
  if (name == "ArnEquals" || name == "ArnLike") {
    return ArnMatches(expected, actual, scope);
  }
  if (name == "Bool") {
    // The guide does not say whether case counts: it does not.
    const std::string wanted = Lower(expected);
    return Lower(actual) == wanted && (wanted == "true" || wanted == "false");
  }
  if (name == "BinaryEquals") {
    return Compare("Equals", DecodeBase64(actual), DecodeBase64(expected));
  }
  if (name == "IpAddress") return InRange(expected, actual);
  if (StartsWith(name, "Numeric")) {
    return Compare(name.substr(7), ParseNumber(actual), ParseNumber(expected));
  }
  if (StartsWith(name, "Date")) {
    return Compare(name.substr(4), ParseDate(actual), ParseDate(expected));
  }
  return false;
}

bool IsOperator(const std::string& name) {
  static const std::vector<std::string> names = {"StringEquals",
                                                 "StringEqualsIgnoreCase",
                                                 "StringLike",
                                                 "NumericEquals",
                                                 "NumericLessThan",
                                                 "NumericLessThanEquals",
                                                 "NumericGreaterThan",
                                                 "NumericGreaterThanEquals",
                                                 "DateEquals",
                                                 "DateLessThan",
                                                 "DateLessThanEquals",
                                                 "DateGreaterThan",
                                                 "DateGreaterThanEquals",
                                                 "Bool",
                                                 "BinaryEquals",
                                                 "IpAddress",
                                                 "ArnEquals",
                                                 "ArnLike",
                                                 "Null"};
  for (const std::string& known : names) {
    if (name == known) return true;
  }
  return false;
}

struct Operator {
  enum Set { kNone, kForAllValues, kForAnyValue };
  Set set = kNone;
  std::string name;  // without the set operator, "Not" and "IfExists"
  bool negated = false;
  bool if_exists = false;
};

Operator ParseOperator(const std::string& text) {
  Operator op;
  op.name = text;
  if (StartsWith(op.name, "ForAllValues:")) op.set = Operator::kForAllValues;
  if (StartsWith(op.name, "ForAnyValue:")) op.set = Operator::kForAnyValue;
  if (op.set != Operator::kNone) op.name.erase(0, op.name.find(':') + 1);
  const std::string suffix = "IfExists";
  if (op.name.size() > suffix.size() &&
      op.name.substr(op.name.size() - suffix.size()) == suffix) {
    op.if_exists = true;
    op.name.resize(op.name.size() - suffix.size());
  }
  const std::size_t negation = op.name.find("Not");
  if (negation != std::string::npos) {
    op.negated = true;
    op.name.erase(negation, 3);
  }
  return op;
}

// Returns true if the values are null, as "an empty data string" is
// (reference_policies_elements_condition, the request context).
bool IsNull(const std::vector<std::string>& values) {
  for (const std::string& value : values) {
    if (!value.empty()) return false;
  }
  return true;
}

// Combines the values of the policy with OR, or with NOR for a negating
// operator (…_condition-logic-multiple-context-keys-or-values).
bool Satisfies(const Operator& op, const std::string& actual,
               const std::vector<std::string>& expected, const Scope& scope) {
  for (const std::string& value : expected) {
    if (ValueMatches(op.name, actual, value, scope)) return !op.negated;
  }
  return op.negated;
}

// Evaluates Null (…_condition_operators, Null check; with a set operator, the
// policy check "Null with qualifier").
bool NullApplies(const Operator& op, const std::vector<std::string>& actual,
                 const std::vector<std::string>& expected) {
  if (op.set == Operator::kForAllValues) return true;
  if (op.set == Operator::kForAnyValue) return false;
  for (const std::string& value : expected) {
    if (Lower(value) == (IsNull(actual) ? "true" : "false")) return true;
  }
  return false;
}

bool KeyApplies(const Operator& op, const std::string& key,
                const std::vector<std::string>& expected, const Scope& scope) {
  const auto found = scope.request.context.find(key);
  std::vector<std::string> actual;
  if (found != scope.request.context.end()) actual = found->second;
  if (op.name == "Null") return NullApplies(op, actual, expected);

  // A missing key is settled by …_condition_operators, IfExists, and its
  // "Important" note on missing keys; under ForAnyValue, which makes no
  // exception for IfExists, by …_condition-single-vs-multi-valued-context-keys.
  if (actual.empty() && op.if_exists && op.set != Operator::kForAnyValue) {
    return true;
  }
  if (actual.empty() && op.set == Operator::kNone) return op.negated;

  // A missing key and a null data set give a set operator the same answer
  // (…_condition-single-vs-multi-valued-context-keys, set operators).
  if (op.set != Operator::kNone && IsNull(actual)) {
    return op.set == Operator::kForAllValues;
  }
  bool all = true;
  bool any = false;
  for (const std::string& value : actual) {
    const bool satisfied = Satisfies(op, value, expected, scope);
    all = all && satisfied;
    any = any || satisfied;
  }
  if (op.set == Operator::kForAllValues) return all;
  if (op.set == Operator::kForAnyValue) return any;
  // Several values without a set operator (open): one has to match; for a
  // negating operator none may.
  return op.negated ? all : any;
}

// Combines the operators and keys with AND
// (…_condition-logic-multiple-context-keys-or-values).
bool ConditionApplies(const Json& statement, const Scope& scope) {
  if (!statement.contains("Condition")) return true;
  for (const auto& [text, keys] : statement["Condition"].items()) {
    const Operator op = ParseOperator(text);
    if (!IsOperator(op.name)) return false;
    for (const auto& [key, values] : keys.items()) {
      if (!KeyApplies(op, key, Texts(values), scope)) return false;
    }
  }
  return true;
}

}  // namespace

// Decides a request. A deny wins over any allow, and without either the answer
// is no (reference_policies_evaluation-logic).
NaiveDecision NaiveEvaluate(const std::string& policy,
                            const AuthorizationRequest& request) {
  NaiveDecision decision{DecisionKind::kImplicitDeny, {}};
  const Json document =
      Json::parse(QuoteNumbers(policy), nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("Statement")) return decision;
  const Scope scope{request, document.contains("Version") &&
                                 document["Version"] == "2012-10-17"};
  // Statement is one statement or a list
  // (reference_policies_elements_statement).
  Json statements = document["Statement"];
  if (!statements.is_array()) statements = Json::array({statements});
  for (const Json& statement : statements) {
    const bool applies = PrincipalApplies(statement, request.principal) &&
                         ActionApplies(statement, request.action) &&
                         ResourceApplies(statement, scope) &&
                         ConditionApplies(statement, scope);
    decision.applies.push_back(applies);
    if (!applies) continue;
    if (statement["Effect"] == "Deny") {
      decision.kind = DecisionKind::kExplicitDeny;
    } else if (decision.kind == DecisionKind::kImplicitDeny) {
      decision.kind = DecisionKind::kAllow;
    }
  }
  return decision;
}

}  // namespace glue_security
