// Tests how the naive evaluator matches the values and entries of a policy with
// sets of texts: the ARNs that a session's role may have, and the resources for
// which one with asterisks stands (docs/decisions/unknown-facts.md).

#include <string>
#include <vector>

#include "glue_security/policy/authorization.h"
#include "glue_security/policy/truth.h"
#include "gtest/gtest.h"
#include "tests/policy/naive_test_support.h"

namespace glue_security::naive {
namespace {

struct ArnCase {
  std::string op;
  std::string values;
  Truth holds;
};

// Evaluates conditions on aws:PrincipalArn of a session of the role "reader".
void ExpectTruths(const std::vector<ArnCase>& cases) {
  AuthorizationRequest request = RequestBy(kSession);
  request.context = {{"name", {"reader"}}};
  request.unknown_keys = {"aws:principalarn", "u"};
  for (const ArnCase& c : cases) {
    EXPECT_EQ(
        Holds("{\"" + c.op + R"(": {"AWS:PrincipalArn": )" + c.values + "}}",
              request),
        c.holds)
        << c.op << " " << c.values;
  }
}

// Returns a value of a policy.
std::string Role(const std::string& name) {
  return "\"arn:aws:iam::123456789012:role/" + name + "\"";
}

TEST(NaiveTextSetsTest, AllPathsMatch) {
  ExpectTruths({
      {"StringLike", Role("*"), kYes},
      {"StringLike", Role("*reader"), kYes},
      {"StringLike", Role("??????*"), kYes},
      {"StringLike", "\"*/reader\"", kYes},
      {"StringLike", "\"*:role/*\"", kYes},
      {"StringLike", Role("*r?ader"), kYes},
      {"StringNotLike", Role("*"), kNo},
      {"ArnLike", Role("*"), kYes},
      {"ArnEquals", Role("*reader"), kYes},
      {"ArnLike", "\"arn:*:i?m::*:role/*\"", kYes},
      {"ArnLike", "\"*:*:*:*:*:*\"", kYes},
      {"ArnNotLike", Role("*"), kNo},
  });
}

TEST(NaiveTextSetsTest, SomePathsMatch) {
  ExpectTruths({
      {"StringEquals", Role("reader"), kOpen},
      {"StringEquals", Role("team/reader"), kOpen},
      {"StringEquals", Role("//reader"), kOpen},
      {"StringNotEquals", Role("reader"), kOpen},
      {"StringEqualsIgnoreCase", Role("TEAM/Reader"), kOpen},
      {"StringNotEqualsIgnoreCase", Role("READER"), kOpen},
      {"StringLike", Role("?eader"), kOpen},
      {"StringLike", Role("team/*"), kOpen},
      {"StringLike", Role("*/reader"), kOpen},
      {"StringLike", Role("???????*"), kOpen},
      {"StringLike", Role("r*"), kOpen},
      {"StringLike", "\"*/*/reader\"", kOpen},
      {"ArnLike", Role("team/*"), kOpen},
      {"ArnNotEquals", Role("?/reader"), kOpen},
      {"ArnLike", Role("a:b*"), kOpen},
  });
}

TEST(NaiveTextSetsTest, NoPathMatches) {
  ExpectTruths({
      {"StringEquals", Role("writer"), kNo},
      {"StringEquals", Role("team/writer"), kNo},
      {"StringEquals", Role("/reader"), kNo},
      {"StringEquals", Role("reader/"), kNo},
      {"StringEquals", Role("*"), kNo},
      {"StringEquals", Role("Reader"), kNo},
      {"StringNotEquals", Role("writer"), kYes},
      {"StringEqualsIgnoreCase", Role("writer"), kNo},
      {"StringNotEqualsIgnoreCase", Role("writer"), kYes},
      {"StringLike", Role("?reader"), kNo},
      {"StringLike", Role("*writer"), kNo},
      {"StringLike", "\"arn:aws:iam::210987654321:role/*\"", kNo},
      {"StringLike", "\"arn:aws-cn:*\"", kNo},
      {"StringLike", "\"reader\"", kNo},
      {"ArnLike", "\"arn:aws:iam::210987654321:role/*\"", kNo},
      {"ArnLike", "\"arn:aws:iam::123456789012:user/*\"", kNo},
      {"ArnLike", "\"*\"", kNo},
      {"ArnNotLike", "\"arn:aws:iam::210987654321:role/*\"", kYes},
  });
}

TEST(NaiveTextSetsTest, EachValueIsComparedAlone) {
  ExpectTruths({
      {"StringEquals", "[" + Role("writer") + ", " + Role("reader") + "]",
       kOpen},
      {"StringLike", "[" + Role("reader") + ", " + Role("?*/reader") + "]",
       kOpen},
      {"StringLike", "[" + Role("reader") + ", " + Role("*") + "]", kYes},
      {"StringNotLike", "[" + Role("reader") + ", " + Role("*") + "]", kNo},
      {"StringEquals", "[]", kNo},
      {"StringNotEquals", "[]", kYes},
      // Variables.
      {"StringLike", Role("${u}"), kOpen},
      {"StringLike", "\"${u}${none}\"", kNo},
      {"StringEquals", Role("${name}"), kOpen},
      {"ArnLike", Role("*${name}"), kYes},
  });
}

TEST(NaiveTextSetsTest, OtherOperators) {
  ExpectTruths({
      // Set operators see one value.
      {"ForAllValues:StringLike", Role("team/*"), kOpen},
      {"ForAnyValue:StringLike", Role("*"), kYes},
      {"ForAllValues:StringEquals", Role("writer"), kNo},
      {"ForAnyValue:StringNotEquals", Role("writer"), kYes},
      // The key exists.
      {"StringEqualsIfExists", Role("writer"), kNo},
      {"StringEqualsIfExists", Role("reader"), kOpen},
      {"Null", "\"true\"", kNo},
      {"Null", "\"false\"", kYes},
      {"Null", R"(["false", "true"])", kYes},
      {"ForAllValues:Null", "\"true\"", kYes},
      {"ForAnyValue:Null", "\"false\"", kNo},
      // It has no other type.
      {"NumericEquals", "\"1\"", kNo},
      {"NumericNotEquals", "\"1\"", kYes},
      {"DateLessThan", "\"2026\"", kNo},
      {"DateNotEquals", "\"2026\"", kYes},
      {"Bool", "\"true\"", kNo},
      {"BinaryEquals", "\"YWJj\"", kNo},
      {"IpAddress", "\"0.0.0.0/0\"", kNo},
      {"NotIpAddress", "\"0.0.0.0/0\"", kYes},
      {"BoolIfExists", "\"true\"", kNo},
  });
}

TEST(NaiveTextSetsTest, PrincipalArnIsPartlyKnownOfSessionsOnly) {
  const std::string condition =
      R"({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}})";
  AuthorizationRequest request = RequestBy(kSession);
  // Without other keys it is absent.
  EXPECT_EQ(Holds(condition, request), kNo);
  request.other_keys_unknown = true;
  EXPECT_EQ(Holds(condition, request), kYes);
  request.principal.role_arn = "arn:aws:iam::123456789012:role/team/reader";
  EXPECT_EQ(Holds(condition, request), kOpen);
  request.context = {{"aws:PrincipalArn", {request.principal.role_arn}}};
  EXPECT_EQ(Holds(condition, request), kYes);
  request.context = {{"aws:PrincipalArn", {}}};
  EXPECT_EQ(Holds(condition, request), kNo);
  for (const std::string arn :
       {kReader, kAlice, kRoot, "arn:aws:sts::123456789012:federated-user/bob",
        ""}) {
    request = RequestBy(arn);
    request.other_keys_unknown = true;
    EXPECT_EQ(Holds(condition, request), kOpen) << arn;
  }
}

struct SetCase {
  std::string resource;
  std::string entry;
  Truth matches;
};

TEST(NaiveTextSetsTest, SetsOfResources) {
  const std::string arn = "arn:aws:glue:us-east-1:123456789012:";
  const std::vector<SetCase> cases = {
      {arn + "table/db/*", "*", kYes},
      {arn + "table/db/*", arn + "*", kYes},
      {arn + "table/db/*", arn + "table/*", kYes},
      {arn + "table/db/*", arn + "table/db/*", kYes},
      {arn + "table/db/*", arn + "table/*/*", kYes},
      {arn + "table/db/*", arn + "ta?le/d*", kYes},
      {arn + "table/db/*", "arn:aws:glue:*:123456789012:*", kYes},
      {arn + "table/db/*", "arn:aws:glue", kYes},
      {arn + "table/db/*", arn + "table/db/t", kOpen},
      {arn + "table/db/*", arn + "table/db/", kOpen},
      {arn + "table/db/*", arn + "table/db/?*", kOpen},
      {arn + "table/db/*", arn + "table/*/t", kOpen},
      {arn + "table/db/*", arn + "*a/b:c", kOpen},
      {arn + "table/db/*", arn + "table/db", kNo},
      {arn + "table/db/*", arn + "table/other/*", kNo},
      {arn + "table/db/*", arn + "userDefinedFunction/*", kNo},
      {arn + "table/db/*", arn + "?able/db?x*", kOpen},
      {arn + "table/db/*", arn + "?able/dbx*", kNo},
      {arn + "table/db/*", "arn:aws:glue:us-west-2:123456789012:*", kNo},
      {arn + "table/*/t", arn + "table/*", kYes},
      {arn + "table/*/t", arn + "table/db/*", kNo},
      {arn + "table/*/*", arn + "table/?*/*", kYes},
      {arn + "*", arn + "**", kYes},
      {arn + "*", arn + "?*", kOpen},
      {arn + "*", arn + "", kOpen},
      // All other characters stand for themselves.
      {arn + "table/d?/*", arn + "table/d?/*", kYes},
      {arn + "table/d?/*", arn + "table/db/*", kNo},
      {arn + "table/db/t", arn + "table/db/t", kYes},
      {arn + "table/db/t", arn + "table/db/u", kNo},
      // Only in the last part.
      {"arn:aws:glue:*:123456789012:table/db/t",
       "arn:aws:glue:us-east-1:123456789012:table/db/t", kNo},
      {"arn:aws:glue:*:123456789012:table/db/t",
       "arn:aws:glue:?:123456789012:table/db/t", kYes},
      // A resource that is no ARN.
      {"*", "*", kYes},
      {"*", arn + "*", kNo},
      // Variables.
      {arn + "table/db/*", arn + "table/${db}/*", kYes},
      {arn + "table/db/*", arn + "table/${star}/t", kNo},
      {arn + "table/db/*", arn + "table/db/${star}", kOpen},
      {arn + "table/db/*", arn + "catalog/${u}", kOpen},
      {arn + "table/db/*", arn + "table/${none}*", kNo},
  };
  for (const SetCase& c : cases) {
    AuthorizationRequest request = RequestBy(kAlice);
    request.resource = c.resource;
    request.resource_is_set = true;
    request.context = {{"db", {"db"}}, {"star", {"*"}}};
    request.unknown_keys = {"u"};
    EXPECT_EQ(Applies(Statement("Allow", R"("Resource": ")" + c.entry + "\""),
                      request),
              c.matches)
        << c.resource << " " << c.entry;
    EXPECT_EQ(Applies(Statement("Deny", R"("NotResource": ")" + c.entry + "\""),
                      request),
              Not(c.matches))
        << c.resource << " " << c.entry;
  }
}

TEST(NaiveTextSetsTest, EntriesAreComparedWithASetOneByOne) {
  const std::string arn = "arn:aws:glue:us-east-1:123456789012:table/";
  AuthorizationRequest request = RequestBy(kAlice);
  request.resource = arn + "db/*";
  request.resource_is_set = true;
  EXPECT_EQ(Applies(Statement("Allow", R"("Resource": [")" + arn +
                                           R"(db/", ")" + arn + R"(db/?*"])"),
                    request),
            kOpen);
  // Without the flag the asterisk is text.
  request.resource_is_set = false;
  const std::string members = R"("Resource": ")" + arn + R"(db/?")";
  EXPECT_EQ(Applies(Statement("Allow", members), request), kYes);
  request.resource_is_set = true;
  EXPECT_EQ(Applies(Statement("Allow", members), request), kOpen);
}

}  // namespace
}  // namespace glue_security::naive
