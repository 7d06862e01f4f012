// Tables of cases for each condition operator. The sources are the pages of the
// IAM User Guide about condition operators and multi-valued keys, and
// docs/decisions/ for the points that they leave open.

#include "glue_security/policy/match/condition.h"

#include <iterator>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/testing/generators/condition_operators.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using Texts = std::vector<std::string>;

// Returns true if `op` holds for the policy's values and the request's values;
// nullopt: the request does not have the key.
bool Holds(const std::string& op, const Texts& policy,
           const std::optional<Texts>& request, bool variables = true) {
  const auto parsed = ParseConditionOperator(op);
  EXPECT_TRUE(parsed.has_value()) << op;
  const Condition condition(op, *parsed, "k:key", policy, variables);
  ContextKeys context;
  if (request.has_value()) context["K:KEY"] = *request;
  context["aws:username"] = {"alice"};
  context["aws:TagKeys"] = {"x", "y"};
  context["k:star"] = {"*"};
  context["k:empty"] = {};
  context["k:arn"] = {"arn:aws:iam::123456789012:user/alice"};
  AuthorizationRequest asked;
  asked.context = context;
  const Truth truth = condition.Holds(RequestContext(asked));
  // Everything is known.
  EXPECT_NE(truth, Truth::kUndecided);
  return truth == Truth::kTrue;
}

struct Case {
  std::string op;
  Texts policy;
  Texts request;
  bool holds;
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.op << " [" << absl::StrJoin(c.policy, "|") << "] on ["
       << absl::StrJoin(c.request, "|") << "]";
}

// A comparison of single values. Its negation, if there is one, holds exactly
// if the comparison does not.
struct Comparison {
  std::string op;
  std::string negated;
  std::string policy;
  std::string request;
  bool matches;
};

class SingleValues : public testing::TestWithParam<Comparison> {};

TEST_P(SingleValues, CompareAsTheTableSays) {
  const Comparison& c = GetParam();
  EXPECT_EQ(Holds(c.op, {c.policy}, Texts{c.request}), c.matches);
  EXPECT_EQ(Holds(c.op + "IfExists", {c.policy}, Texts{c.request}), c.matches);
  EXPECT_EQ(
      Holds("ForAllValues:" + c.op, {c.policy}, Texts{c.request, c.request}),
      c.matches || c.request.empty());
  EXPECT_EQ(
      Holds("ForAnyValue:" + c.op, {c.policy}, Texts{c.request, c.request}),
      c.matches && !c.request.empty());
  if (c.negated.empty()) return;
  EXPECT_EQ(Holds(c.negated, {c.policy}, Texts{c.request}), !c.matches);
  EXPECT_EQ(Holds(c.negated + "IfExists", {c.policy}, Texts{c.request}),
            !c.matches);
}

INSTANTIATE_TEST_SUITE_P(
    Strings, SingleValues,
    testing::ValuesIn(std::vector<Comparison>{
        {"StringEquals", "StringNotEquals", "a", "a", true},
        {"StringEquals", "StringNotEquals", "a", "A", false},
        {"StringEquals", "StringNotEquals", "a*", "ab", false},
        {"StringEquals", "StringNotEquals", "a*", "a*", true},
        {"StringEquals", "StringNotEquals", "", "", true},
        {"StringEquals", "StringNotEquals", "1.0", "1", false},
        {"StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "aB", "Ab",
         true},
        {"StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "\xC3\x89",
         "\xC3\xA9", false},
        {"StringLike", "StringNotLike", "a*c", "abbc", true},
        {"StringLike", "StringNotLike", "a?c",
         "a\xC3\xA9"
         "c",
         true},
        {"StringLike", "StringNotLike", "a?c", "ac", false},
        {"StringLike", "StringNotLike", "A*", "ab", false},
        // Variables with one value, with several, with none, and with a
        // default.
        {"StringEquals", "StringNotEquals", "${aws:username}", "alice", true},
        {"StringEquals", "StringNotEquals", "x-${AWS:UserName}-y", "x-alice-y",
         true},
        {"StringEquals", "StringNotEquals", "${aws:TagKeys}", "x", false},
        {"StringEquals", "StringNotEquals", "${k:none}", "${k:none}", false},
        {"StringEquals", "StringNotEquals", "${k:none, 'd}d'}", "d}d", true},
        {"StringEquals", "StringNotEquals", "${k:empty, 'd'}", "d", true},
        {"StringEquals", "StringNotEquals", "${aws:TagKeys, 'd'}", "d", false},
        {"StringEquals", "StringNotEquals", "${aws:username", "${aws:username",
         true},
        {"StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
         "${aws:username}", "ALICE", true},
        // The value of a variable is literal.
        {"StringLike", "StringNotLike", "${k:star}", "abc", false},
        {"StringLike", "StringNotLike", "${k:star}", "*", true},
        {"StringLike", "StringNotLike", "${*}${?}${$}", "*?$", true},
        {"StringLike", "StringNotLike", "${*}", "x", false},
    }));

INSTANTIATE_TEST_SUITE_P(
    Numbers, SingleValues,
    testing::ValuesIn(std::vector<Comparison>{
        {"NumericEquals", "NumericNotEquals", "10", "1e1", true},
        {"NumericEquals", "NumericNotEquals", "1.5", "15e-1", true},
        {"NumericEquals", "NumericNotEquals", "0.1", "0.9", false},
        {"NumericEquals", "NumericNotEquals", "1e-999", "0", true},
        {"NumericEquals", "NumericNotEquals", "-1e999", "1e999", false},
        {"NumericLessThanEquals", "", "1.5", "1.9", false},
        {"NumericLessThan", "", "1e3", "1.5e4", false},
        {"NumericGreaterThan", "", "1.5", "1.9", true},
        {"NumericEquals", "NumericNotEquals", "10", "10.5", false},
        {"NumericEquals", "NumericNotEquals", "10", "ten", false},
        {"NumericEquals", "NumericNotEquals", "ten", "ten", false},
        {"NumericEquals", "NumericNotEquals", "01", "1", false},
        {"NumericEquals", "NumericNotEquals", "1", "+1", false},
        {"NumericEquals", "NumericNotEquals", "1e999", "1e998", true},
        {"NumericLessThan", "", "10", "9.99", true},
        {"NumericLessThan", "", "10", "10", false},
        {"NumericLessThanEquals", "", "10", "10", true},
        {"NumericLessThanEquals", "", "10", "10.01", false},
        {"NumericGreaterThan", "", "-1", "0", true},
        {"NumericGreaterThan", "", "-1", "-1", false},
        {"NumericGreaterThanEquals", "", "-1", "-1", true},
        {"NumericGreaterThanEquals", "", "-1", "-2", false},
        {"NumericGreaterThan", "", "0", "x", false},
    }));

INSTANTIATE_TEST_SUITE_P(
    Dates, SingleValues,
    testing::ValuesIn(std::vector<Comparison>{
        {"DateEquals", "DateNotEquals", "2026-01-31T12:00:00Z",
         "2026-01-31T13:00:00+01:00", true},
        {"DateEquals", "DateNotEquals", "2026-01-31T12:00:00Z",
         "2026-01-31T11:30-00:30", true},
        {"DateEquals", "DateNotEquals", "2026-01-31", "2026-01-31T00:00Z",
         true},
        {"DateEquals", "DateNotEquals", "2026-01", "2026-01-01", true},
        {"DateEquals", "DateNotEquals", "1970", "0", true},
        {"DateEquals", "DateNotEquals", "1769860800", "2026-01-31T12:00:00Z",
         true},
        {"DateEquals", "DateNotEquals", "2026-01-31T12:00:00.5Z",
         "2026-01-31T12:00:00.500Z", true},
        {"DateEquals", "DateNotEquals", "2026-01-31T12:00:00.5Z",
         "2026-01-31T12:00:00.50001Z", false},
        {"DateEquals", "DateNotEquals", "2024-02-29", "2024-02-29", true},
        {"DateEquals", "DateNotEquals", "2026-02-29", "2026-02-29", false},
        {"DateEquals", "DateNotEquals", "2026-13", "2026-13", false},
        {"DateEquals", "DateNotEquals", "2026-01-31T24:00:00Z",
         "2026-01-31T24:00:00Z", false},
        {"DateEquals", "DateNotEquals", "2026-01-31T12:00:00",
         "2026-01-31T12:00:00Z", true},
        {"DateEquals", "DateNotEquals", "2026-01-31T12:00",
         "2026-01-31T13:00+01:00", true},
        {"DateEquals", "DateNotEquals", "2026-01-31T12:00:00.123456789",
         "2026-01-31T12:00:00.123456789Z", true},
        {"DateEquals", "DateNotEquals", "2026-01-31T12:00:00.1234567890Z",
         "2026-01-31T12:00:00.1234567890Z", false},
        {"DateEquals", "DateNotEquals", "2026-01-31 12:00:00Z",
         "2026-01-31 12:00:00Z", false},
        {"DateEquals", "DateNotEquals", "-1", "1969-12-31T23:59:59Z", true},
        {"DateEquals", "DateNotEquals", "9223372036854775807",
         "9223372036854775807", true},
        {"DateEquals", "DateNotEquals", "-9223372036854775808",
         "-9223372036854775808", true},
        {"DateEquals", "DateNotEquals", "9223372036854775808",
         "9223372036854775808", false},
        {"DateEquals", "DateNotEquals", "+1", "+1", false},
        {"DateEquals", "DateNotEquals", " 1", " 1", false},
        {"DateLessThan", "", "2026", "2025-12-31T23:59:59.999Z", true},
        {"DateLessThan", "", "2026", "2026", false},
        {"DateLessThanEquals", "", "2026", "2026", true},
        {"DateGreaterThan", "", "2026", "2026-01-01T00:00:00.001Z", true},
        {"DateGreaterThan", "", "2026", "2026", false},
        {"DateGreaterThanEquals", "", "2026", "2025", false},
        {"DateGreaterThanEquals", "", "2026", "soon", false},
    }));

INSTANTIATE_TEST_SUITE_P(
    Others, SingleValues,
    testing::ValuesIn(std::vector<Comparison>{
        {"Bool", "", "true", "true", true},
        {"Bool", "", "true", "false", false},
        {"Bool", "", "false", "false", true},
        {"Bool", "", "True", "True", true},
        {"Bool", "", "True", "true", true},
        {"Bool", "", "true", "TRUE", true},
        {"Bool", "", "FALSE", "false", true},
        {"Bool", "", "False", "True", false},
        {"Bool", "", " true", " true", false},
        {"Bool", "", "1", "1", false},
        {"BinaryEquals", "", "YWJj", "YWJj", true},
        {"BinaryEquals", "", "YWJj", "YWJk", false},
        {"BinaryEquals", "", "YWI=", "YWJ=", true},
        {"BinaryEquals", "", "YWI", "YWI", false},
        {"BinaryEquals", "", "YW J", "YW J", false},
        {"IpAddress", "NotIpAddress", "203.0.113.0/24", "203.0.113.255", true},
        {"IpAddress", "NotIpAddress", "203.0.113.0/24", "203.0.114.0", false},
        {"IpAddress", "NotIpAddress", "203.0.113.7/24", "203.0.113.1", true},
        {"IpAddress", "NotIpAddress", "203.0.113.128/25", "203.0.113.127",
         false},
        {"IpAddress", "NotIpAddress", "203.0.113.7", "203.0.113.7", true},
        {"IpAddress", "NotIpAddress", "203.0.113.7", "203.0.113.8", false},
        {"IpAddress", "NotIpAddress", "0.0.0.0/0", "255.255.255.255", true},
        {"IpAddress", "NotIpAddress", "0.0.0.0/0", "::1", false},
        {"IpAddress", "NotIpAddress", "::/0", "203.0.113.7", false},
        {"IpAddress", "NotIpAddress", "2001:db8::/33", "2001:DB8:7fff::1",
         true},
        {"IpAddress", "NotIpAddress", "2001:db8::/33", "2001:db8:8000::1",
         false},
        {"IpAddress", "NotIpAddress", "2001:db8::1", "2001:db8:0::1", true},
        {"IpAddress", "NotIpAddress", "203.0.113.7/33", "203.0.113.7", false},
        {"IpAddress", "NotIpAddress", "203.0.113.07", "203.0.113.7", false},
        {"IpAddress", "NotIpAddress", "0.0.0.0/0", "203.0.113.0/24", false},
        {"IpAddress", "NotIpAddress", "0.0.0.0/0", "somewhere", false},
        {"ArnEquals", "ArnNotEquals", "arn:aws:iam::1:user/a",
         "arn:aws:iam::1:user/a", true},
        {"ArnEquals", "ArnNotEquals", "arn:aws:iam::*:user/?",
         "arn:aws:iam::1:user/a", true},
        {"ArnLike", "ArnNotLike", "arn:*:user/a", "arn:aws:iam::1:user/a",
         false},
        {"ArnLike", "ArnNotLike", "arn:aws:iam::1:*", "arn:aws:iam::1:a:b/c",
         true},
        {"ArnLike", "ArnNotLike", "arn:aws:*:1:x", "arn:aws:iam::1:x", false},
        {"ArnLike", "ArnNotLike", "*", "arn:aws:iam::1:x", false},
        {"ArnLike", "ArnNotLike", "arn:aws:iam::1", "arn:aws:iam::1", false},
        {"ArnLike", "ArnNotLike", "ARN:aws:iam::1:x", "arn:aws:iam::1:x",
         false},
        {"ArnLike", "ArnNotLike", "${k:arn}",
         "arn:aws:iam::123456789012:user/alice", true},
        {"ArnLike", "ArnNotLike", "arn:aws:iam::*:user/${aws:username}",
         "arn:aws:iam::123456789012:user/alice", true},
        {"ArnLike", "ArnNotLike", "arn:aws:iam::*:user/${k:star}",
         "arn:aws:iam::123456789012:user/alice", false},
    }));

class ManyValues : public testing::TestWithParam<Case> {};

TEST_P(ManyValues, HoldAsTheTableSays) {
  const Case& c = GetParam();
  EXPECT_EQ(Holds(c.op, c.policy, c.request), c.holds);
}

INSTANTIATE_TEST_SUITE_P(
    Quantifiers, ManyValues,
    testing::ValuesIn(std::vector<Case>{
        // Values of the wrong type next to valid ones.
        {"NumericEquals", {"x", "1"}, {"y", "1"}, true},
        {"NumericNotEquals", {"x", "1"}, {"y"}, true},
        // Values that are all empty are null for the set operators, even if the
        // policy has an empty text.
        {"StringEquals", {""}, {""}, true},
        {"ForAnyValue:StringEquals", {""}, {""}, false},
        {"ForAnyValue:StringEquals", {""}, {"", "a"}, true},
    }));

// ---- One table for all operators

// The values with which operators are tested. `bound` and `other_bound` are
// values of policies, the others of requests.
struct Sample {
  std::vector<std::string> operators;
  // The negations of the operators, or none.
  std::vector<std::string> negated;
  std::string bound;        // P
  std::string other_bound;  // Q
  std::string match;        // m: matches P
  std::string mismatch;     // x: matches Q, not P
  std::string neither;      // n
  // Values of a type that the operator does not compare, W in policies and w in
  // requests. They match nothing, not even each other. Texts are never of the
  // wrong type.
  Texts wrong;
};

std::vector<Sample> Samples() {
  const Texts no_numbers = {"ten", "01", "1.", "+1", " 1", "0x1", "true"};
  const Texts no_dates = {
      "soon", "2026-02-30", "2026-01-31 12:00:00Z", "2026-01-31t12:00:00Z",
      "1.5",  "true"};
  const Texts no_arns = {"arn:aws:iam::1", "*", "alice", "1"};
  return {
      {{"StringEquals"}, {"StringNotEquals"}, "a*", "b", "a*", "b", "ab", {}},
      {{"StringEqualsIgnoreCase"},
       {"StringNotEqualsIgnoreCase"},
       "aB",
       "c",
       "Ab",
       "C",
       "a",
       {}},
      {{"StringLike"}, {"StringNotLike"}, "a*", "b?", "abc", "bc", "b", {}},
      {{"NumericEquals"},
       {"NumericNotEquals"},
       "10",
       "-2.5",
       "1e1",
       "-2.50",
       "11",
       no_numbers},
      {{"NumericLessThan"}, {}, "10", "12", "9.99", "11", "12", no_numbers},
      {{"NumericLessThanEquals"}, {}, "10", "12", "10", "11", "13", no_numbers},
      {{"NumericGreaterThan"}, {}, "10", "-1", "10.01", "0", "-1", no_numbers},
      {{"NumericGreaterThanEquals"},
       {},
       "10",
       "-1",
       "10",
       "-1",
       "-1.5",
       no_numbers},
      {{"DateEquals"},
       {"DateNotEquals"},
       "2026-01-31T12:00:00Z",
       "1970",
       "2026-01-31T13:00:00+01:00",
       "0",
       "2026",
       no_dates},
      {{"DateLessThan"},
       {},
       "2026",
       "2027",
       "2025-12",
       "2026",
       "2027",
       no_dates},
      {{"DateLessThanEquals"},
       {},
       "2026",
       "2027",
       "2026-01-01",
       "2026-06",
       "2028",
       no_dates},
      {{"DateGreaterThan"},
       {},
       "2026",
       "2024",
       "2027",
       "2026",
       "2024",
       no_dates},
      {{"DateGreaterThanEquals"},
       {},
       "2026",
       "2024",
       "2026-01-01T00:00Z",
       "2025",
       "2023-12-31",
       no_dates},
      {{"Bool"},
       {},
       "true",
       "false",
       "true",
       "false",
       "",
       {"truth", "1", "yes", "null"}},
      {{"BinaryEquals"},
       {},
       "YWJj",
       "YWI=",
       "YWJj",
       "YWJ=",
       "YWJk",
       {"YWI", "YW J", "Y", "===="}},
      {{"IpAddress"},
       {"NotIpAddress"},
       "203.0.113.0/24",
       "2001:db8::/32",
       "203.0.113.9",
       "2001:DB8::1",
       "203.0.114.1",
       {"203.0.113.9/33", "203.0.113.09", "203.0.113", "somewhere", "1"}},
      {{"ArnEquals", "ArnLike"},
       {"ArnNotEquals", "ArnNotLike"},
       "arn:aws:iam::*:user/a?",
       "arn:aws:iam::1:role/*",
       "arn:aws:iam::1:user/ab",
       "arn:aws:iam::1:role/r",
       "arn:aws:iam::1:user/a",
       no_arns},
  };
}

// Letters stand for the values of a sample; "-" is a missing key, "e" an empty
// text. T means that the operator holds: without a set operator, with
// ForAllValues and with ForAnyValue, then the three with IfExists.
struct Column {
  const char* policy;
  const char* request;
  const char* holds;
  const char* negation_holds;
};

constexpr Column kColumns[] = {
    // One value on each side.
    {"P", "m", "TTT TTT", "FFF FFF"},
    {"P", "x", "FFF FFF", "TTT TTT"},
    {"P", "n", "FFF FFF", "TTT TTT"},
    // Several values in the policy. One that matches suffices; for the negation
    // none may match.
    {"PQ", "m", "TTT TTT", "FFF FFF"},
    {"PQ", "x", "TTT TTT", "FFF FFF"},
    {"QP", "m", "TTT TTT", "FFF FFF"},
    {"PQ", "n", "FFF FFF", "TTT TTT"},
    // Several values in the request.
    {"P", "mm", "TTT TTT", "FFF FFF"},
    {"P", "mx", "TFT TFT", "FFT FFT"},
    {"P", "xm", "TFT TFT", "FFT FFT"},
    {"P", "xn", "FFF FFF", "TTT TTT"},
    // Several values on both sides.
    {"PQ", "mx", "TTT TTT", "FFF FFF"},
    {"PQ", "mnx", "TFT TFT", "FFT FFT"},
    {"PQ", "nn", "FFF FFF", "TTT TTT"},
    // A missing key.
    {"P", "-", "FTF TTF", "TTF TTF"},
    {"PQ", "-", "FTF TTF", "TTF TTF"},
    {"", "-", "FTF TTF", "TTF TTF"},
    // A key without values counts as missing.
    {"P", "", "FTF TTF", "TTF TTF"},
    {"", "", "FTF TTF", "TTF TTF"},
    // No values in the policy.
    {"", "m", "FFF FFF", "TTT TTT"},
    {"", "mx", "FFF FFF", "TTT TTT"},
    // A key whose values are all empty is null for the set operators.
    {"P", "e", "FTF FTF", "TTF TTF"},
    {"P", "ee", "FTF FTF", "TTF TTF"},
    {"P", "em", "TFT TFT", "FFT FFT"},
    {"", "e", "FTF FTF", "TTF TTF"},
};

constexpr Column kWrongTypes[] = {
    {"P", "w", "FFF FFF", "TTT TTT"},  {"W", "w", "FFF FFF", "TTT TTT"},
    {"W", "m", "FFF FFF", "TTT TTT"},  {"WP", "m", "TTT TTT", "FFF FFF"},
    {"WP", "x", "FFF FFF", "TTT TTT"}, {"P", "wm", "TFT TFT", "FFT FFT"},
    {"P", "mw", "TFT TFT", "FFT FFT"}, {"P", "ww", "FFF FFF", "TTT TTT"},
    {"W", "-", "FTF TTF", "TTF TTF"},  {"W", "e", "FTF FTF", "TTF TTF"},
};

Texts ValuesOf(const Sample& sample, const std::string& wrong,
               const char* letters) {
  Texts values;
  for (const char* letter = letters; *letter != '\0'; ++letter) {
    switch (*letter) {
      case 'P':
        values.push_back(sample.bound);
        break;
      case 'Q':
        values.push_back(sample.other_bound);
        break;
      case 'm':
        values.push_back(sample.match);
        break;
      case 'x':
        values.push_back(sample.mismatch);
        break;
      case 'n':
        values.push_back(sample.neither);
        break;
      case 'e':
        values.emplace_back();
        break;
      default:
        values.push_back(wrong);
    }
  }
  return values;
}

void ExpectColumn(const std::string& op, const Sample& sample,
                  const std::string& wrong, const Column& column,
                  const std::string& expected) {
  const Texts policy = ValuesOf(sample, wrong, column.policy);
  std::optional<Texts> request;
  if (column.request != std::string("-")) {
    request = ValuesOf(sample, wrong, column.request);
  }
  std::string holds;
  for (const char* suffix : {"", "IfExists"}) {
    if (!holds.empty()) holds += ' ';
    for (const char* set : {"", "ForAllValues:", "ForAnyValue:"}) {
      holds +=
          Holds(absl::StrCat(set, op, suffix), policy, request) ? 'T' : 'F';
    }
  }
  EXPECT_EQ(holds, expected) << op << " of " << column.policy << " on "
                             << column.request << ", wrong: " << wrong;
}

TEST(Condition, EveryOperator_HoldsAsTheOneTableSays) {
  std::set<std::string> tested;
  for (const Sample& sample : Samples()) {
    const auto expect = [&](const std::string& wrong, const Column& column) {
      for (const std::string& op : sample.operators) {
        ExpectColumn(op, sample, wrong, column, column.holds);
        tested.insert(op);
      }
      for (const std::string& op : sample.negated) {
        ExpectColumn(op, sample, wrong, column, column.negation_holds);
        tested.insert(op);
      }
    };
    for (const Column& column : kColumns) {
      // Bool has no third value.
      if (sample.neither.empty() && absl::StrContains(column.request, 'n')) {
        continue;
      }
      expect("", column);
    }
    for (const std::string& wrong : sample.wrong) {
      for (const Column& column : kWrongTypes) expect(wrong, column);
    }
  }
  tested.insert("Null");  // has its own table
  EXPECT_EQ(tested, std::set<std::string>(std::begin(kAllOperators),
                                          std::end(kAllOperators)));
}

TEST(Condition, Null_AsksForTheKeyAlone) {
  for (const std::optional<Texts>& request :
       {std::optional<Texts>(), std::optional<Texts>(Texts{}),
        std::optional<Texts>(Texts{""}), std::optional<Texts>(Texts{"a"}),
        std::optional<Texts>(Texts{"", "a"})}) {
    const bool null = !request.has_value() || request->empty() ||
                      (request->size() == 1 && request->front().empty());
    EXPECT_EQ(Holds("Null", {"true"}, request), null);
    EXPECT_EQ(Holds("Null", {"false"}, request), !null);
    EXPECT_EQ(Holds("Null", {"True"}, request), null);
    EXPECT_EQ(Holds("Null", {"FALSE"}, request), !null);
    EXPECT_TRUE(Holds("Null", {"true", "false"}, request));
    for (const Texts& policy : {Texts{}, Texts{"yes"}, Texts{"1"}, Texts{""}}) {
      EXPECT_FALSE(Holds("Null", policy, request));
    }
    for (const Texts& policy :
         {Texts{}, Texts{"true"}, Texts{"false"}, Texts{"x"}}) {
      EXPECT_TRUE(Holds("ForAllValues:Null", policy, request));
      EXPECT_FALSE(Holds("ForAnyValue:Null", policy, request));
    }
  }
}

TEST(Condition, BeforeVersion2012_VariablesAreText) {
  EXPECT_TRUE(Holds("StringEquals", {"${aws:username}"},
                    Texts{"${aws:username}"}, /*variables=*/false));
  EXPECT_FALSE(Holds("StringEquals", {"${aws:username}"}, Texts{"alice"},
                     /*variables=*/false));
  EXPECT_FALSE(Holds("ArnLike", {"${k:arn}"},
                     Texts{"arn:aws:iam::123456789012:user/alice"},
                     /*variables=*/false));
}

TEST(Condition, OtherOperators_TakeNoVariables) {
  EXPECT_FALSE(Holds("Bool", {"${k:none, 'true'}"}, Texts{"true"}));
  EXPECT_FALSE(Holds("NumericEquals", {"${k:none, '1'}"}, Texts{"1"}));
}

TEST(ConditionOperator, NamesAreExact) {
  for (const char* name :
       {"", "stringEquals", "StringEqual", "StringEqualsIfexists", "IfExists",
        "ForAllValues:", "ForAllValues", "ForAll:StringEquals",
        "ForAnyValue:ForAnyValue:Bool", "StringEqualsIfExistsIfExists",
        "StringEquals ", "NumericNotLessThan", "BoolNot"}) {
    EXPECT_FALSE(ParseConditionOperator(name).has_value()) << name;
  }
}

}  // namespace
}  // namespace glue_security
