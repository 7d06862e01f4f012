// Tests what the naive evaluator says when facts are unknown, by the rules of
// docs/decisions/unknown-facts.md. The sets of texts have a test of their own.

#include <string>
#include <vector>

#include "glue_security/policy/authorization.h"
#include "glue_security/policy/truth.h"
#include "gtest/gtest.h"
#include "tests/policy/naive_evaluator.h"
#include "tests/policy/naive_test_support.h"

namespace glue_security::naive {
namespace {

// Section 1.

struct KindCase {
  std::vector<std::string> statements;
  DecisionKind kind;
};

TEST(NaiveUnknownFactsTest, KindOfDecision) {
  const std::string open = R"("Condition": {"StringEquals": {"k": "v"}})";
  const std::string no = R"("Action": "s3:GetObject")";
  const std::string deny = Statement("Deny", "");
  const std::string open_deny = Statement("Deny", open);
  const std::string no_deny = Statement("Deny", no);
  const std::string allow = Statement("Allow", "");
  const std::string open_allow = Statement("Allow", open);
  const std::string no_allow = Statement("Allow", no);
  const std::vector<KindCase> cases = {
      {{}, DecisionKind::kImplicitDeny},
      {{no_deny, no_allow}, DecisionKind::kImplicitDeny},
      {{allow, no_deny}, DecisionKind::kAllow},
      {{open_allow, allow}, DecisionKind::kAllow},
      {{open_allow, no_allow, no_deny}, DecisionKind::kUndecided},
      {{open_deny}, DecisionKind::kUndecided},
      {{open_deny, allow}, DecisionKind::kUndecided},
      {{open_deny, no_allow}, DecisionKind::kUndecided},
      {{open_allow, open_deny, deny}, DecisionKind::kExplicitDeny},
      {{open_allow, deny}, DecisionKind::kExplicitDeny},
      {{allow, deny}, DecisionKind::kExplicitDeny},
  };
  AuthorizationRequest request = RequestBy(kAlice);
  request.unknown_keys = {"k"};
  for (const KindCase& c : cases) {
    EXPECT_EQ(NaiveEvaluate(Policy(c.statements), request).kind, c.kind)
        << Policy(c.statements);
  }
  EXPECT_EQ(
      NaiveEvaluate(Policy({open_deny, allow, no_allow}), request).applies,
      (std::vector<Truth>{kOpen, kYes, kNo}));
}

struct TruthCase {
  std::string members;
  Truth applies;
};

TEST(NaiveUnknownFactsTest, ElementsAndConditionsAreCombined) {
  const std::string open = R"("StringEquals": {"u": "v"})";
  const std::string yes = R"("StringLike": {"k": "a*"})";
  const std::string no = R"("StringNotLike": {"k": "a*"})";
  const std::vector<TruthCase> cases = {
      {"\"Condition\": {" + open + "}", kOpen},
      {"\"Condition\": {" + open + ", " + yes + "}", kOpen},
      {"\"Condition\": {" + open + ", " + no + "}", kNo},
      {R"("Condition": {"StringEquals": {"u": "v", "k": "abc"}})", kOpen},
      {R"("Condition": {"StringEquals": {"u": "v", "k": "x"}})", kNo},
      // One element that does not match decides.
      {R"("Action": "s3:*", "Condition": {)" + open + "}", kNo},
      {R"("Resource": "arn:aws:s3:::b", "Condition": {)" + open + "}", kNo},
      {R"("Principal": {"AWS": "210987654321"}, "Condition": {)" + open + "}",
       kNo},
      // A list is the "or" of its members.
      {R"("Condition": {"StringEquals": {"k": ["x", "${u}"]}})", kOpen},
      {R"("Condition": {"StringEquals": {"k": ["abc", "${u}"]}})", kYes},
      {R"("Condition": {"StringNotEquals": {"k": ["x", "${u}"]}})", kOpen},
      {R"("Condition": {"StringNotEquals": {"k": ["abc", "${u}"]}})", kNo},
      // Several values of the request.
      {R"("Condition": {"ForAllValues:StringEquals": {"m": ["p", "${u}"]}})",
       kOpen},
      {R"("Condition": {"ForAllValues:StringEquals": {"m": ["p", "q"]}})",
       kYes},
      {R"("Condition": {"ForAnyValue:StringEquals": {"m": ["p", "${u}"]}})",
       kYes},
      {R"("Condition": {"ForAnyValue:StringNotEquals": {"m": ["p", "${u}"]}})",
       kOpen},
      {R"("Condition": {"StringEquals": {"m": ["z", "${u}"]}})", kOpen},
      {R"("Condition": {"StringEquals": {"m": ["q", "${u}"]}})", kYes},
      {R"("Condition": {"StringNotEquals": {"m": ["q", "${u}"]}})", kNo},
  };
  AuthorizationRequest request = RequestBy(kAlice);
  request.context = {{"k", {"abc"}}, {"m", {"p", "q"}}};
  request.unknown_keys = {"u"};
  for (const TruthCase& c : cases) {
    EXPECT_EQ(Applies(Statement("Allow", c.members), request), c.applies)
        << c.members;
    EXPECT_EQ(Applies(Statement("Deny", c.members), request), c.applies)
        << c.members;
  }
}

// Section 2.

TEST(NaiveUnknownFactsTest, AConditionOnAnUnknownKeyIsUndecided) {
  for (const std::string condition :
       {R"({"StringEquals": {"K": "v"}})", R"({"StringNotEquals": {"k": "v"}})",
        R"({"StringLike": {"k": "*"}})", R"({"StringEquals": {"k": []}})",
        R"({"Null": {"k": "true"}})", R"({"Null": {"k": ["true", "false"]}})",
        R"({"Null": {"k": "maybe"}})",
        R"({"ForAllValues:Null": {"k": "true"}})",
        R"({"ForAnyValue:Null": {"k": "true"}})",
        R"({"StringEqualsIfExists": {"k": "v"}})",
        R"({"ForAllValues:StringLike": {"k": "*"}})",
        R"({"ForAnyValue:StringEqualsIfExists": {"k": []}})",
        R"({"Bool": {"k": "maybe"}})", R"({"NumericEquals": {"k": "x"}})",
        R"({"NotIpAddress": {"k": "x"}})",
        R"({"ArnEquals": {"aws:PrincipalArn": "*"}})"}) {
    AuthorizationRequest request = RequestBy(kAlice);
    request.unknown_keys = {"k", "AWS:PRINCIPALARN"};
    EXPECT_EQ(Holds(condition, request), kOpen) << condition;
    request.unknown_keys = {};
    request.other_keys_unknown = true;
    EXPECT_EQ(Holds(condition, request), kOpen) << condition;
    request.other_keys_unknown = false;
    EXPECT_NE(Holds(condition, request), kOpen) << condition;
  }
  AuthorizationRequest request = RequestBy(kAlice);
  request.other_keys_unknown = true;
  EXPECT_EQ(Holds("{}", request), kYes);
  EXPECT_EQ(Holds(R"({"StringEquals": {}})", request), kYes);
}

TEST(NaiveUnknownFactsTest, AKeyOfTheContextIsKnown) {
  AuthorizationRequest request = RequestBy(kAlice);
  request.context = {{"Given", {"v"}}, {"Absent", {}}};
  request.unknown_keys = {"given", "absent"};
  for (const bool other : {false, true}) {
    request.other_keys_unknown = other;
    EXPECT_EQ(Holds(R"({"StringEquals": {"given": "v"}})", request), kYes);
    EXPECT_EQ(Holds(R"({"StringEquals": {"given": "w"}})", request), kNo);
    EXPECT_EQ(Holds(R"({"StringEquals": {"absent": "v"}})", request), kNo);
    EXPECT_EQ(Holds(R"({"StringNotEquals": {"absent": "v"}})", request), kYes);
    EXPECT_EQ(Holds(R"({"Null": {"absent": "true"}})", request), kYes);
    // Nothing is compared with the values of an absent key.
    EXPECT_EQ(Holds(R"({"StringEqualsIfExists": {"absent": "${u}"}})", request),
              kYes);
  }
  // A key that nothing lists is absent or unknown.
  EXPECT_EQ(Holds(R"({"Null": {"k": "true"}})", request), kOpen);
  request.other_keys_unknown = false;
  EXPECT_EQ(Holds(R"({"Null": {"k": "true"}})", request), kYes);
}

TEST(NaiveUnknownFactsTest, Variables) {
  const std::string arn = "arn:aws:glue:us-east-1:123456789012:";
  const std::vector<TruthCase> cases = {
      {R"("Resource": ")" + arn + R"(table/db/${u}")", kOpen},
      {R"("Resource": ")" + arn + R"(table/db/${u, 't'}")", kOpen},
      // The rest of the text does not matter.
      {R"("Resource": ")" + arn + R"(catalog/${u}")", kOpen},
      {R"("Resource": "arn:aws:s3:::${U}")", kOpen},
      {R"("NotResource": "arn:aws:s3:::${u}")", kOpen},
      {R"("Resource": ["arn:aws:s3:::${u}", "*"])", kYes},
      {R"("NotResource": ["arn:aws:s3:::${u}", "*"])", kNo},
      // A variable without a value decides, wherever it stands.
      {R"("Resource": ")" + arn + R"(table/${none}/${u}")", kNo},
      {R"("Resource": ")" + arn + R"(table/${u}/${none}")", kNo},
      {R"("Resource": ")" + arn + R"(table/${u}/${several, 't'}")", kNo},
      {R"("NotResource": ")" + arn + R"(table/${u}/${none}")", kYes},
      {R"("Resource": ")" + arn + R"(table/db/${none, 't'}")", kYes},
      // Before the fifth colon it is text.
      {R"("Resource": "arn:${u}:glue:us-east-1:123456789012:*")", kNo},
      {R"("Condition": {"StringEquals": {"k": "${u}"}})", kOpen},
      {R"("Condition": {"StringNotLike": {"k": "x${u, 'v'}"}})", kOpen},
      {R"("Condition": {"StringEquals": {"k": "${u}${none}"}})", kNo},
      {R"("Condition": {"StringNotEquals": {"k": "${none}${u}"}})", kYes},
      {R"("Condition": {"ArnLike": {"k": "${u}"}})", kOpen},
      {R"("Condition": {"ArnNotLike": {"k": "x${u}"}})", kOpen},
      {R"("Condition": {"StringEquals": {"k": "${k}"}})", kYes},
      // Other operators take no variables.
      {R"("Condition": {"NumericEquals": {"n": "${u}"}})", kNo},
      {R"("Condition": {"Bool": {"n": "${u}"}})", kNo},
      {R"("Condition": {"NumericNotEquals": {"n": "${u}"}})", kYes},
  };
  AuthorizationRequest request = RequestBy(kAlice);
  request.context = {{"k", {"v"}}, {"n", {"1"}}, {"several", {"t", "t"}}};
  request.unknown_keys = {"u"};
  for (const TruthCase& c : cases) {
    EXPECT_EQ(Applies(Statement("Allow", c.members), request), c.applies)
        << c.members;
  }
  EXPECT_EQ(
      Applies(Statement("Allow", cases[0].members), request, "2008-10-17"),
      kNo);
  // An unknown key of which something is certain is unknown as a variable.
  request = RequestBy(kSession);
  request.unknown_keys = {"aws:PrincipalArn"};
  request.context = {{"k", {"v"}}};
  EXPECT_EQ(Holds(R"({"StringEquals": {"k": "${aws:PrincipalArn}"}})", request),
            kOpen);
}

// Section 3.

struct EntryCase {
  std::string caller;
  std::string entry;
  Truth named;
};

TEST(NaiveUnknownFactsTest, AnEntryNamesARoleWhateverItsPathIs) {
  const std::string role = "arn:aws:iam::123456789012:role/";
  const std::vector<EntryCase> cases = {
      {kSession, role + "reader", kYes},
      {kSession, role + "team/reader", kYes},
      {kSession, role + "a/b/reader", kYes},
      {kSession, role + "writer", kNo},
      {kSession, role + "reader/writer", kNo},
      {kSession, role + "Reader", kNo},
      {kSession, role + "team/reader2", kNo},
      {kSession, "arn:aws:iam::210987654321:role/reader", kNo},
      {kSession, "arn:aws-cn:iam::123456789012:role/reader", kNo},
      {kSession, "arn:aws:iam::123456789012:user/reader", kNo},
      {"arn:aws-cn:sts::123456789012:assumed-role/reader/s1",
       "arn:aws-cn:iam::123456789012:role/x/reader", kYes},
      {"arn:aws:iam::123456789012:user/reader", role + "reader", kNo},
      // The path of a user counts.
      {"arn:aws:iam::123456789012:user/team/alice", kAlice, kNo},
  };
  for (const EntryCase& c : cases) {
    const std::string members = R"("Principal": {"AWS": ")" + c.entry + R"("})";
    AuthorizationRequest request = RequestBy(c.caller);
    request.principal.unique_id = "AROAAAAAAAAAAAAAAAAA";
    EXPECT_EQ(Applies(Statement("Allow", members), request), c.named)
        << c.caller << " " << c.entry;
    if (c.caller != kSession) continue;
    request.principal.role_arn = role + "team/reader";
    EXPECT_EQ(Applies(Statement("Allow", members), request), c.named)
        << c.entry;
  }
}

// Section 4.

struct IdCase {
  std::string caller;
  std::string id;
  std::string entry;
  Truth named;
};

TEST(NaiveUnknownFactsTest, UniqueIds) {
  const std::string user_id = "AIDAAAAAAAAAAAAAAAAA";
  const std::string role_id = "AROAAAAAAAAAAAAAAAAA";
  const std::string federated = "arn:aws:sts::123456789012:federated-user/bob";
  const std::vector<IdCase> cases = {
      {kAlice, "", user_id, kOpen},
      {kAlice, "", role_id, kNo},
      {kAlice, user_id, user_id, kYes},
      {kAlice, "AIDABBBBBBBBBBBBBBBB", user_id, kNo},
      {kReader, "", role_id, kOpen},
      {kReader, "", user_id, kNo},
      {kReader, role_id, role_id, kYes},
      {kSession, "", role_id, kOpen},
      {kSession, "", user_id, kNo},
      {kSession, role_id, role_id, kYes},
      {kSession, "AROABBBBBBBBBBBBBBBB", role_id, kNo},
      {kRoot, "", user_id, kNo},
      {kRoot, "", role_id, kNo},
      {federated, "", user_id, kNo},
      {"", "", user_id, kNo},
      {"", "", role_id, kNo},
      {"", user_id, user_id, kYes},
  };
  for (const IdCase& c : cases) {
    AuthorizationRequest request = RequestBy(c.caller);
    request.principal.unique_id = c.id;
    EXPECT_EQ(Applies(Statement("Allow", R"("Principal": {"AWS": ")" + c.entry +
                                             R"("})"),
                      request),
              c.named)
        << c.caller << " " << c.id << " " << c.entry;
  }
  AuthorizationRequest request = RequestBy("");
  request.principal.service = "glue.amazonaws.com";
  EXPECT_EQ(
      Applies(Statement("Deny", R"("Principal": {"AWS": ")" + role_id + "\"}"),
              request),
      kNo);
  // A list with an entry that certainly matches.
  EXPECT_EQ(Applies(Statement("Allow", R"("Principal": {"AWS": [")" + user_id +
                                           R"(", "123456789012"]})"),
                    RequestBy(kAlice)),
            kYes);
}

struct NotPrincipalCase {
  std::string caller;
  std::string id;
  std::string entries;
  Truth denied;
};

TEST(NaiveUnknownFactsTest, NotPrincipal) {
  const std::string account = "\"123456789012\"";
  const std::string role = "\"arn:aws:iam::123456789012:role/x/reader\"";
  const std::string session = "\"" + std::string(kSession) + "\"";
  const std::string alice = "\"" + std::string(kAlice) + "\"";
  const std::string user_id = "\"AIDAAAAAAAAAAAAAAAAA\"";
  const std::string role_id = "\"AROAAAAAAAAAAAAAAAAA\"";
  const std::vector<NotPrincipalCase> cases = {
      // The path of the role does not count.
      {kSession, "", account + "," + role + "," + session, kNo},
      {kSession, "", role + "," + session, kYes},
      {kSession, "", account + "," + role, kYes},
      // The link of the role is unknown.
      {kSession, "", account + "," + role_id + "," + session, kOpen},
      {kSession, "", role_id + "," + session, kYes},
      {kSession, "", account + "," + role_id, kYes},
      {kSession, "", account + "," + role_id + "," + role + "," + session, kNo},
      {kSession, "AROAAAAAAAAAAAAAAAAA",
       account + "," + role_id + "," + session, kNo},
      {kSession, "AROABBBBBBBBBBBBBBBB",
       account + "," + role_id + "," + session, kYes},
      {kSession, "", account + "," + user_id + "," + session, kYes},
      // The link of the user is unknown.
      {kAlice, "", account + "," + user_id, kOpen},
      {kAlice, "", user_id, kYes},
      {kAlice, "", account + "," + role_id, kYes},
      {kAlice, "", account + "," + user_id + "," + alice, kNo},
      {kAlice, "AIDAAAAAAAAAAAAAAAAA", account + "," + user_id, kNo},
      {kRoot, "", account, kNo},
      {kRoot, "", user_id, kYes},
      {"", "", user_id, kYes},
      {"", "AIDAAAAAAAAAAAAAAAAA", user_id, kNo},
  };
  for (const NotPrincipalCase& c : cases) {
    AuthorizationRequest request = RequestBy(c.caller);
    request.principal.unique_id = c.id;
    EXPECT_EQ(Applies(Statement("Deny", R"("NotPrincipal": {"AWS": [)" +
                                            c.entries + "]}"),
                      request),
              c.denied)
        << c.caller << " " << c.id << " " << c.entries;
  }
}

}  // namespace
}  // namespace glue_security::naive
