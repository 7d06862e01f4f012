// A table of cases for each condition operator (IAM User Guide, condition
// operators; multi-valued keys; docs/decisions for what it leaves open).

#include "glue_security/policy/condition.h"

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using Texts = std::vector<std::string>;

// Whether `op` holds for the policy's values and the request's; nullopt: the
// request has no such key.
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
  return condition.Holds(context);
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

// A comparison of single values; its negation, where there is one, holds
// exactly where it does not.
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
        // Variables: of one value, of several, of none, with a default.
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
        // What a variable brings is literal.
        {"StringLike", "StringNotLike", "${k:star}", "abc", false},
        {"StringLike", "StringNotLike", "${k:star}", "*", true},
        {"StringLike", "StringNotLike", "${*}${?}${$}", "*?$", true},
        {"StringLike", "StringNotLike", "${*}", "x", false},
    }));

INSTANTIATE_TEST_SUITE_P(
    Numbers, SingleValues,
    testing::ValuesIn(std::vector<Comparison>{
        {"NumericEquals", "NumericNotEquals", "10", "1e1", true},
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
         "2026-01-31T12:00:00", false},
        {"DateEquals", "DateNotEquals", "2026-01-31 12:00:00Z",
         "2026-01-31 12:00:00Z", false},
        {"DateEquals", "DateNotEquals", "-1", "1969-12-31T23:59:59Z", true},
        {"DateEquals", "DateNotEquals", "1000000000000000000",
         "1000000000000000000", false},
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
        {"Bool", "", "True", "True", false},
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
        // Several values of the policy: one of them; none of them.
        {"StringEquals", {"a", "b"}, {"b"}, true},
        {"StringNotEquals", {"a", "b"}, {"b"}, false},
        {"StringNotEquals", {"a", "b"}, {"c"}, true},
        // Several of the request without a set operator.
        {"StringEquals", {"a"}, {"x", "a"}, true},
        {"StringNotEquals", {"a"}, {"x", "a"}, false},
        {"ForAllValues:StringEquals", {"a", "b"}, {"a", "b", "a"}, true},
        {"ForAllValues:StringEquals", {"a", "b"}, {"a", "c"}, false},
        {"ForAllValues:StringNotEquals", {"a", "b"}, {"c", "d"}, true},
        {"ForAllValues:StringNotEquals", {"a", "b"}, {"c", "a"}, false},
        {"ForAnyValue:StringEquals", {"a", "b"}, {"c", "b"}, true},
        {"ForAnyValue:StringEquals", {"a", "b"}, {"c", "d"}, false},
        {"ForAnyValue:StringNotEquals", {"a", "b"}, {"a", "c"}, true},
        {"ForAnyValue:StringNotEquals", {"a", "b"}, {"a", "b"}, false},
        // No values in the policy.
        {"StringEquals", {}, {"a"}, false},
        {"StringNotEquals", {}, {"a"}, true},
        {"ForAllValues:StringEquals", {}, {"a"}, false},
        {"ForAllValues:StringNotEquals", {}, {"a"}, true},
        {"ForAnyValue:StringNotEquals", {}, {"a"}, true},
        // Values of the wrong type beside right ones.
        {"NumericEquals", {"x", "1"}, {"y", "1"}, true},
        {"NumericNotEquals", {"x", "1"}, {"y"}, true},
        {"ForAllValues:NumericEquals", {"1"}, {"1", "y"}, false},
        {"IpAddress", {"x", "203.0.113.0/24"}, {"203.0.113.1"}, true},
        // Nothing but empty texts is null to the set operators and to Null.
        {"ForAllValues:StringEquals", {"a"}, {"", ""}, true},
        {"ForAnyValue:StringNotEquals", {"a"}, {""}, false},
        {"ForAnyValue:StringEquals", {""}, {""}, false},
        {"ForAnyValue:StringEquals", {""}, {"", "a"}, true},
        {"ForAnyValue:StringEqualsIfExists", {"a"}, {""}, false},
        {"StringEqualsIfExists", {"a"}, {""}, false},
        {"Null", {"true"}, {""}, true},
        {"Null", {"false"}, {""}, false},
        {"Null", {"true"}, {"a"}, false},
        {"Null", {"false"}, {"a"}, true},
        {"Null", {"true", "false"}, {"a"}, true},
        {"Null", {}, {"a"}, false},
        {"Null", {"False"}, {"a"}, false},
        {"ForAllValues:Null", {"true"}, {"a"}, true},
        {"ForAllValues:Null", {"false"}, {"a"}, true},
        {"ForAnyValue:Null", {"false"}, {"a"}, false},
    }));

// Every operator, with its set operators and IfExists, and no such key; a key
// without values is no key.
TEST(Condition, MissingKey_FailsUnlessTheOperatorSaysOtherwise) {
  for (const std::optional<Texts>& request :
       {std::optional<Texts>(), std::optional<Texts>(Texts{})}) {
    for (const char* op : {"StringEquals",
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
                           "StringNotEquals",
                           "StringNotEqualsIgnoreCase",
                           "StringNotLike",
                           "NumericNotEquals",
                           "DateNotEquals",
                           "NotIpAddress",
                           "ArnNotEquals",
                           "ArnNotLike"}) {
      const bool negated = std::string(op).find("Not") != std::string::npos;
      EXPECT_EQ(Holds(op, {"1"}, request), negated) << op;
      EXPECT_TRUE(Holds(absl::StrCat(op, "IfExists"), {"1"}, request)) << op;
      EXPECT_TRUE(Holds(absl::StrCat("ForAllValues:", op), {"1"}, request));
      EXPECT_FALSE(Holds(absl::StrCat("ForAnyValue:", op), {"1"}, request));
      EXPECT_TRUE(
          Holds(absl::StrCat("ForAllValues:", op, "IfExists"), {"1"}, request));
      EXPECT_TRUE(
          Holds(absl::StrCat("ForAnyValue:", op, "IfExists"), {"1"}, request));
    }
    EXPECT_TRUE(Holds("Null", {"true"}, request));
    EXPECT_FALSE(Holds("Null", {"false"}, request));
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
