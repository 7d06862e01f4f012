// Tests the examples of the IAM User Guide, with the outcomes that it gives.
// Account numbers and names are the guide's where it has any. A principal is
// added to its identity-based policies.

#include "tests/policy/naive_evaluator.h"

#include <string>
#include <vector>

#include "glue_security/policy/authorization.h"
#include "glue_security/policy/truth.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr DecisionKind kAllow = DecisionKind::kAllow;
constexpr DecisionKind kExplicit = DecisionKind::kExplicitDeny;
constexpr DecisionKind kImplicit = DecisionKind::kImplicitDeny;

Principal WithArn(const std::string& arn) {
  Principal principal;
  principal.arn = arn;
  return principal;
}

Principal User(const std::string& account, const std::string& name) {
  return WithArn("arn:aws:iam::" + account + ":user/" + name);
}

Principal Session(const std::string& account, const std::string& role,
                  const std::string& session) {
  return WithArn("arn:aws:sts::" + account + ":assumed-role/" + role + "/" +
                 session);
}

DecisionKind Decide(const std::string& policy, const Principal& principal,
                    const std::string& action, const std::string& resource,
                    const ContextKeys& context = {}) {
  AuthorizationRequest request;
  request.principal = principal;
  request.action = action;
  request.resource = resource;
  request.context = context;
  return NaiveEvaluate(policy, request).kind;
}

// Returns a policy of one statement that allows everything to everybody, except
// as `members` says.
std::string Policy(const std::string& members,
                   const std::string& effect = "Allow") {
  std::string policy = R"({"Version": "2012-10-17", "Statement": {"Effect": ")";
  policy += effect + "\"";
  const auto add = [&](const std::string& name, const std::string& member) {
    if (members.find("\"" + name + "\"") == std::string::npos &&
        members.find("\"Not" + name + "\"") == std::string::npos) {
      policy += ", " + member;
    }
  };
  add("Principal", R"("Principal": "*")");
  add("Action", R"("Action": "*")");
  add("Resource", R"("Resource": "*")");
  return policy + (members.empty() ? "" : ", " + members) + "}}";
}

constexpr char kAnyArn[] = "arn:aws:s3:::bucket/key";

bool Named(const std::string& principal_element, const Principal& principal) {
  return Decide(Policy("\"Principal\": " + principal_element), principal,
                "s3:GetObject", kAnyArn) == kAllow;
}

bool Holds(const std::string& condition, const ContextKeys& context) {
  return Decide(Policy("\"Condition\": " + condition), Principal(),
                "s3:GetObject", kAnyArn, context) == kAllow;
}

bool ResourceHolds(const std::string& entry, const std::string& resource,
                   const ContextKeys& context = {}) {
  return Decide(Policy("\"Resource\": \"" + entry + "\""), Principal(),
                "s3:GetObject", resource, context) == kAllow;
}

bool ActionHolds(const std::string& entry, const std::string& action) {
  return Decide(Policy("\"Action\": \"" + entry + "\""), Principal(), action,
                kAnyArn) == kAllow;
}

// Source: reference_policies_evaluation-logic.
TEST(NaiveEvaluatorTest, ExplicitDenyWins) {
  const std::string policy = R"({"Statement": [
      {"Effect": "Deny", "Principal": "*", "Action": "s3:Delete*",
       "Resource": "*"},
      {"Effect": "Allow", "Principal": "*", "Action": "s3:*",
       "Resource": "*"}]})";
  EXPECT_EQ(Decide(policy, Principal(), "s3:GetObject", kAnyArn), kAllow);
  EXPECT_EQ(Decide(policy, Principal(), "s3:DeleteObject", kAnyArn), kExplicit);
  EXPECT_EQ(Decide(policy, Principal(), "ec2:RunInstances", kAnyArn),
            kImplicit);
  AuthorizationRequest request;
  request.action = "s3:DeleteObject";
  request.resource = kAnyArn;
  EXPECT_EQ(NaiveEvaluate(policy, request).applies,
            (std::vector<Truth>{Truth::kTrue, Truth::kTrue}));
  request.action = "s3:GetObject";
  EXPECT_EQ(NaiveEvaluate(policy, request).applies,
            (std::vector<Truth>{Truth::kFalse, Truth::kTrue}));
  EXPECT_EQ(NaiveEvaluate(policy, request).denies,
            (std::vector<bool>{true, false}));
}

// Source: reference_policies_elements_principal; reference_identifiers for
// unique ids.
TEST(NaiveEvaluatorTest, Principal) {
  const Principal root = WithArn("arn:aws:iam::123456789012:root");
  const Principal alice = User("123456789012", "alice");
  const Principal session = Session("123456789012", "role-name", "session");
  for (const std::string account :
       {R"({"AWS": "arn:aws:iam::123456789012:root"})",
        R"({"AWS": "123456789012"})",
        R"({"AWS": ["123456789012", "555555555555"]})"}) {
    EXPECT_TRUE(Named(account, root)) << account;
    EXPECT_TRUE(Named(account, alice)) << account;
    EXPECT_TRUE(Named(account, session)) << account;
    EXPECT_FALSE(Named(account, User("111122223333", "alice"))) << account;
    EXPECT_FALSE(Named(account, Principal())) << account;
  }
  EXPECT_TRUE(
      Named(R"({"AWS": "arn:aws:iam::123456789012:user/alice"})", alice));
  // User names are case-sensitive, and wildcards are not possible.
  EXPECT_FALSE(
      Named(R"({"AWS": "arn:aws:iam::123456789012:user/Alice"})", alice));
  EXPECT_FALSE(Named(R"({"AWS": "arn:aws:iam::123456789012:user/*"})", alice));
  const std::string role =
      R"({"AWS": "arn:aws:iam::123456789012:role/role-name"})";
  EXPECT_TRUE(Named(role, session));
  EXPECT_FALSE(Named(role, Session("123456789012", "other", "session")));
  const std::string named_session =
      R"({"AWS":
          "arn:aws:sts::123456789012:assumed-role/role-name/session"})";
  EXPECT_TRUE(Named(named_session, session));
  EXPECT_FALSE(
      Named(named_session, Session("123456789012", "role-name", "other")));
  EXPECT_FALSE(
      Named(R"({"AWS": "arn:aws:sts::123456789012:assumed-role/role-name/*"})",
            session));
  EXPECT_TRUE(
      Named(R"({"AWS": "arn:aws:sts::123456789012:federated-user/bob"})",
            WithArn("arn:aws:sts::123456789012:federated-user/bob")));

  const std::string ids =
      R"({"AWS": ["AIDACKCEVSQ6C2EXAMPLE", "AROADBQP57FF2AEXAMPLE"]})";
  EXPECT_FALSE(Named(ids, alice));
  Principal with_id = alice;
  with_id.unique_id = "AIDACKCEVSQ6C2EXAMPLE";
  EXPECT_TRUE(Named(ids, with_id));
  with_id = session;
  with_id.unique_id = "AROADBQP57FF2AEXAMPLE";
  EXPECT_TRUE(Named(ids, with_id));

  Principal service;
  service.service = "ecs.amazonaws.com";
  const std::string services =
      R"({"Service": ["ecs.amazonaws.com",
                      "elasticloadbalancing.amazonaws.com"]})";
  EXPECT_TRUE(Named(services, service));
  EXPECT_FALSE(Named(services, alice));
  Principal federated;
  federated.federated = "graph.facebook.com";
  EXPECT_TRUE(Named(R"({"Federated": "graph.facebook.com"})", federated));
  EXPECT_FALSE(Named(R"({"Federated": "www.amazon.com"})", federated));
  const std::string id =
      "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be";
  Principal canonical;
  canonical.canonical_user = id;
  const std::string three_ways =
      R"({"AWS": ["arn:aws:iam::123456789012:root", "999999999999"],
          "CanonicalUser": ")" +
      id + "\"}";
  EXPECT_TRUE(Named(three_ways, canonical));
  EXPECT_TRUE(Named(three_ways, alice));
  EXPECT_TRUE(Named(three_ways, User("999999999999", "bob")));
  EXPECT_FALSE(Named(three_ways, service));

  // Both forms are the same for anonymous callers.
  EXPECT_TRUE(Named("\"*\"", Principal()));
  EXPECT_TRUE(Named(R"({"AWS": "*"})", Principal()));
  // Access Analyzer, "Empty array principal" and "Empty object principal".
  EXPECT_FALSE(Named(R"({"AWS": []})", alice));
  EXPECT_FALSE(Named("{}", alice));
}

// Source: reference_policies_elements_notprincipal.
TEST(NaiveEvaluatorTest, NotPrincipal) {
  const std::string bob = Policy(R"("NotPrincipal": {"AWS": [
      "arn:aws:iam::444455556666:user/Bob",
      "arn:aws:iam::444455556666:root"]})",
                                 "Deny");
  const auto decide = [](const std::string& policy,
                         const Principal& principal) {
    return Decide(policy, principal, "s3:GetObject", kAnyArn);
  };
  EXPECT_EQ(decide(bob, User("444455556666", "Bob")), kImplicit);
  EXPECT_EQ(decide(bob, User("444455556666", "Alice")), kExplicit);
  EXPECT_EQ(decide(bob, User("111122223333", "Bob")), kExplicit);
  EXPECT_EQ(decide(bob, Principal()), kExplicit);
  // "The effect might be to deny access to the account that contains Bob."
  EXPECT_EQ(decide(Policy(R"("NotPrincipal": {"AWS":
                "arn:aws:iam::444455556666:user/Bob"})",
                          "Deny"),
                   User("444455556666", "Bob")),
            kExplicit);

  const std::string app =
      "\"arn:aws:sts::444455556666:assumed-role/cross-account-read-only-role/"
      "cross-account-audit-app\"";
  const std::string role =
      "\"arn:aws:iam::444455556666:role/cross-account-read-only-role\"";
  const std::string root = "\"arn:aws:iam::444455556666:root\"";
  const auto deny_all_but = [](const std::string& entries) {
    return Policy("\"NotPrincipal\": {\"AWS\": [" + entries + "]}", "Deny");
  };
  const Principal session =
      Session("444455556666", "cross-account-read-only-role",
              "cross-account-audit-app");
  EXPECT_EQ(decide(deny_all_but(app + "," + role + "," + root), session),
            kImplicit);
  EXPECT_EQ(decide(deny_all_but(app + "," + role), session), kExplicit);
  EXPECT_EQ(decide(deny_all_but(app + "," + root), session), kExplicit);
  EXPECT_EQ(decide(deny_all_but(app + "," + role + "," + root),
                   Session("444455556666", "cross-account-read-only-role",
                           "somebody-else")),
            kExplicit);

  // With Allow it means everybody, anonymous callers included, except the one
  // that is named.
  const std::string allow = Policy(
      R"("NotPrincipal": {"AWS": "arn:aws:iam::444455556666:user/Bob"})");
  EXPECT_EQ(decide(allow, User("444455556666", "Bob")), kImplicit);
  EXPECT_EQ(decide(allow, User("444455556666", "Alice")), kAllow);
  EXPECT_EQ(decide(allow, Principal()), kAllow);
}

// Source: reference_policies_elements_action and …_notaction.
TEST(NaiveEvaluatorTest, Action) {
  EXPECT_TRUE(ActionHolds("iam:ListAccessKeys", "IAM:listaccesskeys"));
  EXPECT_TRUE(ActionHolds("s3:*", "s3:GetObject"));
  EXPECT_TRUE(ActionHolds("*", "ec2:RunInstances"));
  EXPECT_FALSE(ActionHolds("s3:*", "ec2:RunInstances"));
  for (const std::string action :
       {"iam:CreateAccessKey", "iam:DeleteAccessKey", "iam:ListAccessKeys",
        "iam:UpdateAccessKey"}) {
    EXPECT_TRUE(ActionHolds("iam:*AccessKey*", action)) << action;
  }
  EXPECT_FALSE(ActionHolds("iam:*AccessKey*", "iam:CreateUser"));

  const std::string all_but_delete =
      Policy(R"("NotAction": "s3:DeleteBucket", "Resource": "arn:aws:s3:::*")");
  const auto decide = [&](const std::string& action,
                          const std::string& resource) {
    return Decide(all_but_delete, Principal(), action, resource);
  };
  EXPECT_EQ(decide("s3:GetObject", kAnyArn), kAllow);
  EXPECT_EQ(decide("s3:DeleteBucket", "arn:aws:s3:::bucket"), kImplicit);
  // The action s3:ListAllMyBuckets has the resource "*".
  EXPECT_EQ(decide("s3:ListAllMyBuckets", "*"), kImplicit);
  EXPECT_EQ(
      Decide(Policy(R"("Action": [])"), Principal(), "s3:GetObject", kAnyArn),
      kImplicit);
}

// Source: reference_policies_elements_resource and …_notresource.
TEST(NaiveEvaluatorTest, Resource) {
  const std::string bucket = "arn:aws:s3:::DOC-EXAMPLE-BUCKET/";
  for (const std::string key :
       {"1/test/object.jpg", "1/2/test/object.jpg", "1/2/test/3/object.jpg",
        "1/2/3/test/4/object.jpg", "1///test///object.jpg", "1/test/.jpg",
        "/test/object.jpg", "1/test/"}) {
    EXPECT_TRUE(ResourceHolds(bucket + "*/test/*", bucket + key)) << key;
  }
  for (const std::string key :
       {"1-test/object.jpg", "test/object.jpg", "1/2/test.jpg"}) {
    EXPECT_FALSE(ResourceHolds(bucket + "*/test/*", bucket + key)) << key;
  }
  EXPECT_TRUE(ResourceHolds("arn:aws:iam::123456789012:user/accounting/*",
                            "arn:aws:iam::123456789012:user/accounting/Bob"));
  EXPECT_FALSE(ResourceHolds("arn:aws:iam::123456789012:user/Bob",
                             "arn:aws:iam::123456789012:user/bob"));
  EXPECT_TRUE(ResourceHolds("*", "*"));
  // An incomplete ARN is completed with "*" (reference_identifiers).
  EXPECT_TRUE(
      ResourceHolds("arn:aws:sqs", "arn:aws:sqs:us-east-2:123456789012:queue"));
  EXPECT_FALSE(
      ResourceHolds("arn:aws:sqs", "arn:aws:sns:us-east-2:123456789012:topic"));
  EXPECT_EQ(Decide(Policy(R"("Resource": [])"), Principal(), "s3:Get", kAnyArn),
            kImplicit);

  const std::string payroll = Policy(R"("Action": "s3:*", "NotResource": [
      "arn:aws:s3:::HRBucket/Payroll", "arn:aws:s3:::HRBucket/Payroll/*"])",
                                     "Deny");
  EXPECT_EQ(Decide(payroll, Principal(), "s3:GetObject",
                   "arn:aws:s3:::HRBucket/Payroll/May"),
            kImplicit);
  EXPECT_EQ(Decide(payroll, Principal(), "s3:GetObject",
                   "arn:aws:s3:::HRBucket/Other"),
            kExplicit);
}

// Source: reference_policies_variables.
TEST(NaiveEvaluatorTest, Variables) {
  const std::string home = "arn:aws:s3:::mybucket/${aws:username}/*";
  const ContextKeys david = {{"aws:username", {"David"}}};
  EXPECT_TRUE(ResourceHolds(home, "arn:aws:s3:::mybucket/David/a", david));
  EXPECT_FALSE(ResourceHolds(home, "arn:aws:s3:::mybucket/Adele/a", david));
  EXPECT_FALSE(ResourceHolds(home, "arn:aws:s3:::mybucket/David/a", {}));
  // Key names are case-insensitive.
  EXPECT_TRUE(ResourceHolds(home, "arn:aws:s3:::mybucket/David/a",
                            {{"AWS:UserName", {"David"}}}));
  EXPECT_TRUE(ResourceHolds("arn:aws:sqs:us-east-2:*:${aws:username}-queue",
                            "arn:aws:sqs:us-east-2:1:David-queue", david));

  const std::string team =
      "arn:aws:s3:::DOC-EXAMPLE-BUCKET-${aws:PrincipalTag/team, "
      "'company-wide'}";
  const ContextKeys yellow = {{"aws:PrincipalTag/team", {"yellow"}}};
  EXPECT_TRUE(
      ResourceHolds(team, "arn:aws:s3:::DOC-EXAMPLE-BUCKET-yellow", yellow));
  EXPECT_FALSE(ResourceHolds(
      team, "arn:aws:s3:::DOC-EXAMPLE-BUCKET-company-wide", yellow));
  EXPECT_TRUE(
      ResourceHolds(team, "arn:aws:s3:::DOC-EXAMPLE-BUCKET-company-wide"));

  EXPECT_TRUE(
      ResourceHolds("arn:aws:s3:::b/${*}${?}${$}", "arn:aws:s3:::b/*?$"));
  EXPECT_FALSE(ResourceHolds("arn:aws:s3:::b/${*}", "arn:aws:s3:::b/x"));

  // Variables are text before version 2012-10-17, which is not the default.
  for (const std::string version : {R"("Version": "2008-10-17", )", ""}) {
    const std::string old = "{" + version + R"("Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "*",
        "Resource": "arn:aws:s3:::b/${aws:username}"}]})";
    EXPECT_EQ(Decide(old, Principal(), "a:B", "arn:aws:s3:::b/David", david),
              kImplicit);
    EXPECT_EQ(Decide(old, Principal(), "a:B", "arn:aws:s3:::b/${aws:username}",
                     david),
              kAllow);
  }

  // The SNS topic policy; it has no Resource.
  const std::string topic = R"({"Version": "2012-10-17", "Statement": [{
      "Principal": {"AWS": "999999999999"}, "Effect": "Allow",
      "Action": "sns:*", "Condition": {
        "StringLike": {"sns:endpoint": "https://example.com/${aws:username}/"},
        "StringEquals": {"sns:Protocol": "https"}}}]})";
  ContextKeys context = david;
  context["sns:endpoint"] = {"https://example.com/David/"};
  context["sns:Protocol"] = {"https"};
  const auto subscribe = [&] {
    return Decide(topic, User("999999999999", "David"), "sns:Subscribe",
                  "arn:aws:sns:us-east-2:999999999999:t", context);
  };
  EXPECT_EQ(subscribe(), kAllow);
  context["sns:endpoint"] = {"https://example.com/Adele/"};
  EXPECT_EQ(subscribe(), kImplicit);
}

struct ConditionCase {
  std::string condition;
  ContextKeys context;
  bool holds;
};

// Sources: reference_policies_elements_condition, …_condition_operators,
// …_condition-logic-multiple-context-keys-or-values,
// …_condition-single-vs-multi-valued-context-keys, and the policy checks of
// Access Analyzer.
TEST(NaiveEvaluatorTest, Condition) {
  const std::string prefixes =
      R"({"StringLike": {"s3:prefix": ["", "home/", "home/${aws:username}/"]}})";
  const std::string attributes =
      R"("dynamodb:Attributes": ["ID", "Message", "Tags"]}})";
  const std::string all = R"({"ForAllValues:StringEquals": {)" + attributes;
  const std::string any = R"({"ForAnyValue:StringEquals": {)" + attributes;
  const std::string job =
      R"({"aws:PrincipalTag/job-category": "iamuser-admin"}})";
  const std::string block = R"({
      "StringEqualsIgnoreCase": {
        "aws:PrincipalTag/department": ["finance", "hr", "legal"],
        "aws:PrincipalTag/role": ["audit", "security"]},
      "StringEquals": {"aws:PrincipalAccount": "123456789012"}})";
  const std::string types =
      R"({"StringLikeIfExists": {
          "ec2:InstanceType": ["t1.*", "t2.*", "m3.*"]}})";
  const std::string finance =
      "\"arn:aws:someservice:*:111122223333:finance/*\"";
  const std::string store =
      "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:"
      "finance/document.txt";
  const std::string ip = R"({"IpAddress": {"aws:SourceIp": [
      "203.0.113.0/24", "2001:DB8:1234:5678::/64"]}})";
  const std::string max_keys =
      R"({"NumericLessThanEquals": {"s3:max-keys": "10"}})";
  const std::string issued =
      R"({"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}})";
  const std::string binary =
      R"({"BinaryEquals": {"key": "QmluYXJ5VmFsdWVJbkJhc2U2NA=="}})";
  const std::string ssl = R"({"Bool": {"aws:SecureTransport": "false"}})";
  const std::string mfa =
      R"({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})";
  const std::string no_token = R"({"Null": {"aws:TokenIssueTime": "true"}})";

  const std::vector<ConditionCase> cases = {
      // Case of keys and values.
      {R"({"StringEquals": {"AWS:UserName": "john"}})",
       {{"aws:username", {"john"}}},
       true},
      {R"({"StringEquals": {"aws:username": "john"}})",
       {{"aws:username", {"John"}}},
       false},
      {R"({"StringEqualsIgnoreCase": {"aws:username": "john"}})",
       {{"aws:username", {"John"}}},
       true},
      // A missing key.
      {R"({"StringEquals": )" + job, {}, false},
      {R"({"StringNotEquals": )" + job, {}, true},
      {R"({"StringNotLike": )" + job, {}, true},
      {R"({"StringEqualsIfExists": )" + job, {}, true},
      {R"({"StringNotEqualsIfExists": )" + job, {}, true},
      {R"({"StringEquals": )" + job,
       {{"aws:PrincipalTag/job-category", {"iamuser-admin"}}},
       true},
      // Several values in the policy.
      {prefixes, {{"s3:prefix", {""}}, {"aws:username", {"David"}}}, true},
      {prefixes,
       {{"s3:prefix", {"home/David/"}}, {"aws:username", {"David"}}},
       true},
      {prefixes,
       {{"s3:prefix", {"home/Adele/"}}, {"aws:username", {"David"}}},
       false},
      {R"({"StringNotEquals": {"k": ["a", "b"]}})", {{"k", {"b"}}}, false},
      {R"({"StringNotEquals": {"k": ["a", "b"]}})", {{"k", {"c"}}}, true},
      // Several keys and operators.
      {block,
       {{"aws:PrincipalTag/department", {"HR"}},
        {"aws:PrincipalTag/role", {"Audit"}},
        {"aws:PrincipalAccount", {"123456789012"}}},
       true},
      {block,
       {{"aws:PrincipalTag/department", {"HR"}},
        {"aws:PrincipalAccount", {"123456789012"}}},
       false},
      {block,
       {{"aws:PrincipalTag/department", {"HR"}},
        {"aws:PrincipalTag/role", {"Audit"}},
        {"aws:PrincipalAccount", {"111122223333"}}},
       false},
      // Set operators.
      {all, {{"dynamodb:Attributes", {"Message", "Tags"}}}, true},
      {all, {{"dynamodb:Attributes", {"Message", "UserName"}}}, false},
      {all, {}, true},
      {all, {{"dynamodb:Attributes", {""}}}, true},
      {any, {{"dynamodb:Attributes", {"Message", "UserName"}}}, true},
      {any, {{"dynamodb:Attributes", {"UserName"}}}, false},
      {any, {}, false},
      {any, {{"dynamodb:Attributes", {""}}}, false},
      {R"({"ForAllValues:StringNotEquals": {"aws:CalledVia":
           ["dataexchange.amazonaws.com"]}})",
       {{"aws:CalledVia",
         {"athena.amazonaws.com", "dataexchange.amazonaws.com"}}},
       false},
      {R"({"ForAllValues:StringNotEquals": {"aws:CalledVia":
           ["dataexchange.amazonaws.com"]}})",
       {{"aws:CalledVia", {"athena.amazonaws.com"}}},
       true},
      {R"({"ForAllValues:Null": {"k": "true"}})", {{"k", {"v"}}}, true},
      {R"({"ForAnyValue:Null": {"k": "true"}})", {}, false},
      {R"({"ForAllValues:StringEquals": {"k": []}})", {}, true},
      {R"({"ForAllValues:StringEquals": {"k": []}})", {{"k", {"v"}}}, false},
      {R"({"ForAnyValue:StringEquals": {"k": []}})", {{"k", {"v"}}}, false},
      {R"({"StringEqualsIfExists": {"k": []}})", {{"k", {"v"}}}, false},
      {R"({"StringEqualsIfExists": {"k": []}})", {}, true},
      {"{}", {}, true},
      // IfExists.
      {types, {}, true},
      {types, {{"ec2:InstanceType", {"t2.micro"}}}, true},
      {types, {{"ec2:InstanceType", {"c4.large"}}}, false},
      {mfa, {}, true},
      {mfa, {{"aws:MultiFactorAuthPresent", {"false"}}}, true},
      {mfa, {{"aws:MultiFactorAuthPresent", {"true"}}}, false},
      // Wildcards need a Like operator.
      {R"({"StringEquals": {"k": "admin-*"}})", {{"k", {"admin-x"}}}, false},
      {R"({"StringLike": {"k": "admin-*"}})", {{"k", {"admin-x"}}}, true},
      {R"({"StringLike": {"s3:prefix": ["janedoe/*"]}})",
       {{"s3:prefix", {"janedoe/2024"}}},
       true},
      // ARNs.
      {R"({"StringLike": {"k": )" + finance + "}}", {{"k", {store}}}, true},
      {R"({"ArnLike": {"k": )" + finance + "}}", {{"k", {store}}}, false},
      {R"({"ArnEquals": {"k": )" + finance + "}}", {{"k", {store}}}, false},
      {R"({"ArnNotLike": {"k": )" + finance + "}}", {{"k", {store}}}, true},
      {R"({"ArnEquals": {"k": )" + finance + "}}",
       {{"k", {"arn:aws:someservice:us-east-2:111122223333:finance/a"}}},
       true},
      // Numbers, dates, Booleans, binary values, addresses.
      {max_keys, {{"s3:max-keys", {"10"}}}, true},
      {max_keys, {{"s3:max-keys", {"9"}}}, true},
      {max_keys, {{"s3:max-keys", {"11"}}}, false},
      {max_keys, {}, false},
      {R"({"NumericLessThan": {"aws:MultiFactorAuthAge": ["2700", "3600"]}})",
       {{"aws:MultiFactorAuthAge", {"3000"}}},
       true},
      {R"({"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}})",
       {{"aws:MultiFactorAuthAge", {"3600"}}},
       false},
      {issued, {{"aws:TokenIssueTime", {"2020-01-01T00:00:02Z"}}}, true},
      {issued, {{"aws:TokenIssueTime", {"2020-01-01T00:00:01Z"}}}, false},
      // One instant in another zone, and as epoch seconds.
      {issued, {{"aws:TokenIssueTime", {"2020-01-01T01:00:01+01:00"}}}, false},
      {issued, {{"aws:TokenIssueTime", {"1577836802"}}}, true},
      {issued, {{"aws:TokenIssueTime", {"1577836801"}}}, false},
      {issued, {}, false},
      {R"({"DateEquals": {"k": "1997-07-16T19:20:30+01:00"}})",
       {{"k", {"1997-07-16T18:20:30Z"}}},
       true},
      {ssl, {{"aws:SecureTransport", {"false"}}}, true},
      {ssl, {{"aws:SecureTransport", {"true"}}}, false},
      {R"({"Bool": {"aws:SecureTransport": false}})",
       {{"aws:SecureTransport", {"false"}}},
       true},
      {binary, {{"key", {"QmluYXJ5VmFsdWVJbkJhc2U2NA=="}}}, true},
      {binary, {{"key", {"QmluYXJ5"}}}, false},
      {ip, {{"aws:SourceIp", {"203.0.113.0"}}}, true},
      {ip, {{"aws:SourceIp", {"203.0.113.255"}}}, true},
      {ip, {{"aws:SourceIp", {"203.0.114.0"}}}, false},
      {ip, {{"aws:SourceIp", {"2001:db8:1234:5678::1"}}}, true},
      {ip, {{"aws:SourceIp", {"2001:db8:1234:5679::1"}}}, false},
      {ip, {}, false},
      {R"({"IpAddress": {"aws:SourceIp": "203.0.113.7"}})",
       {{"aws:SourceIp", {"203.0.113.7"}}},
       true},
      {R"({"IpAddress": {"aws:SourceIp": "203.0.113.7"}})",
       {{"aws:SourceIp", {"203.0.113.8"}}},
       false},
      {R"({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})",
       {{"aws:SourceIp", {"203.0.113.7"}}},
       false},
      // Null.
      {no_token, {}, true},
      {no_token, {{"aws:TokenIssueTime", {"2020-01-01T00:00:00Z"}}}, false},
      {R"({"Null": {"aws:TokenIssueTime": "false"}})", {}, false},
      {R"({"Null": {"aws:TokenIssueTime": "false"}})",
       {{"aws:TokenIssueTime", {"2020-01-01T00:00:00Z"}}},
       true},
      // An empty value is null, too.
      {R"({"Null": {"aws:TagKeys": "false"}})", {{"aws:TagKeys", {""}}}, false},
      // Variables are for String and Arn operators only.
      {R"({"StringNotLike": {"k": "${aws:username}-?"}})",
       {{"k", {"David-1"}}, {"aws:username", {"David"}}},
       false},
      {R"({"ArnLike": {"k": "arn:aws:iam::*:user/${aws:username}"}})",
       {{"k", {"arn:aws:iam::1:user/David"}}, {"aws:username", {"David"}}},
       true},
      {R"({"NumericEquals": {"k": "${n}"}})",
       {{"k", {"1"}}, {"n", {"1"}}},
       false},
  };
  for (const ConditionCase& c : cases) {
    std::string keys;
    for (const auto& [key, values] : c.context) {
      keys += " " + key + "=" + (values.empty() ? "" : values[0]);
    }
    EXPECT_EQ(Holds(c.condition, c.context), c.holds) << c.condition << keys;
  }
}

}  // namespace
}  // namespace glue_security
