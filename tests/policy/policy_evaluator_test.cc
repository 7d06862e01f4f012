// Tests which principals, actions and resources a statement applies to, the
// reasons of a decision, and the laws that hold for every policy.

#include "glue_security/policy/policy_evaluator.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "glue_security/json/json_document.h"
#include "glue_security/policy/policy.h"
#include "gtest/gtest.h"
#include "tests/policy/random_policy.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

constexpr DecisionKind kAllow = DecisionKind::kAllow;
constexpr DecisionKind kExplicit = DecisionKind::kExplicitDeny;
constexpr DecisionKind kImplicit = DecisionKind::kImplicitDeny;

constexpr char kTable[] =
    "arn:aws:glue:us-east-1:123456789012:table/default/orders";
constexpr char kAlice[] = "arn:aws:iam::123456789012:user/team/alice";
constexpr char kSession[] = "arn:aws:sts::123456789012:assumed-role/reader/s1";

PolicyEvaluator CompileJson(const std::string& text) {
  const auto parsed = ParsePolicy(text, PolicyChecks::kGrammar, {});
  if (const auto* findings = std::get_if<std::vector<Finding>>(&parsed)) {
    ADD_FAILURE() << findings->front().pointer << " "
                  << findings->front().message << " in " << text;
  }
  return PolicyEvaluator(std::get<Policy>(parsed));
}

// Compiles a policy in which single quotes stand for double quotes.
PolicyEvaluator Compile(const std::string& text) {
  return CompileJson(absl::StrReplaceAll(text, {{"'", "\""}}));
}

// Returns a policy of one statement with these members.
std::string Statement(const std::string& members) {
  return absl::StrCat("{'Version':'2012-10-17','Statement':{", members, "}}");
}

AuthorizationRequest RequestBy(Principal principal) {
  AuthorizationRequest request;
  request.principal = std::move(principal);
  request.action = "glue:GetTable";
  request.resource = kTable;
  return request;
}
AuthorizationRequest RequestBy(const char* arn) {
  return RequestBy(PrincipalFromArn(arn));
}

bool Allows(const std::string& principal_element, const Principal& principal) {
  return Compile(Statement(absl::StrCat(
                     "'Effect':'Allow','Principal':", principal_element,
                     ",'Action':'*','Resource':'*'")))
             .Decide(RequestBy(principal)) == kAllow;
}

// Returns true if NotPrincipal keeps a deny of everything from the principal.
bool Spares(const std::string& entries, const Principal& principal) {
  return Compile(
             Statement(absl::StrCat("'Effect':'Deny','NotPrincipal':", entries,
                                    ",'Action':'*','Resource':'*'")))
             .Decide(RequestBy(principal)) == kImplicit;
}

Principal Session() {
  Principal principal = PrincipalFromArn(kSession);
  principal.role_arn = "arn:aws:iam::123456789012:role/team/reader";
  principal.unique_id = "AROAAAAAAAAAAAAAAAAA";
  return principal;
}

TEST(Principals, AnAccount_NamesEverybodyInIt) {
  for (const char* entry :
       {"'123456789012'", "'arn:aws:iam::123456789012:root'"}) {
    const std::string element = absl::StrCat("{'AWS':", entry, "}");
    EXPECT_TRUE(Allows(element, PrincipalFromArn(kAlice)));
    EXPECT_TRUE(Allows(element, Session()));
    EXPECT_TRUE(
        Allows(element, PrincipalFromArn("arn:aws:iam::123456789012:root")));
    EXPECT_TRUE(Allows(element, PrincipalFromArn("arn:aws:sts::123456789012:"
                                                 "federated-user/bob")));
    EXPECT_FALSE(Allows(
        element, PrincipalFromArn("arn:aws:iam::210987654321:user/alice")));
    EXPECT_FALSE(Allows(element, Principal()));
  }
  const Principal in_china =
      PrincipalFromArn("arn:aws-cn:iam::123456789012:user/a");
  EXPECT_FALSE(Allows("{'AWS':'arn:aws:iam::123456789012:root'}", in_china));
  EXPECT_TRUE(Allows("{'AWS':'123456789012'}", in_china));
}

// The ARN of a session says which role it has, but for the path.
TEST(Principals, TheRoleOfAnotherSession_IsNotTaken) {
  for (const char* other : {"arn:aws:iam::123456789012:role/admin",
                            "arn:aws:iam::210987654321:role/reader",
                            "arn:aws-cn:iam::123456789012:role/reader",
                            "arn:aws:iam::123456789012:user/reader"}) {
    Principal session = Session();
    session.role_arn = other;
    AuthorizationRequest request = RequestBy(session);
    AddPrincipalContext(&request);
    const auto deny_others = Compile(Statement(absl::StrCat(
        "'Effect':'Deny','Principal':'*','Action':'*','Resource':'*',"
        "'Condition':{'ArnNotEquals':{'aws:PrincipalArn':'",
        other, "'}}")));
    EXPECT_EQ(deny_others.Decide(request), DecisionKind::kExplicitDeny)
        << other;
  }
}

TEST(Principals, AUser_IsNamedByItsArnOrId) {
  const Principal alice = PrincipalFromArn(kAlice);
  EXPECT_TRUE(
      Allows(absl::StrCat("{'AWS':['210987654321','", kAlice, "']}"), alice));
  EXPECT_FALSE(Allows("{'AWS':'arn:aws:iam::123456789012:user/alice'}", alice));
  EXPECT_FALSE(
      Allows("{'AWS':'arn:aws:iam::123456789012:user/team/ALICE'}", alice));
  Principal with_id = alice;
  with_id.unique_id = "AIDAAAAAAAAAAAAAAAAA";
  EXPECT_TRUE(Allows("{'AWS':'AIDAAAAAAAAAAAAAAAAA'}", with_id));
}

TEST(Principals, ARole_NamesItsSessions_AndASessionItself) {
  for (const char* entry : {"arn:aws:iam::123456789012:role/team/reader",
                            "AROAAAAAAAAAAAAAAAAA", kSession}) {
    EXPECT_TRUE(Allows(absl::StrCat("{'AWS':'", entry, "'}"), Session()))
        << entry;
  }
  // The name of a role is unique in its account, whatever its path is.
  EXPECT_TRUE(
      Allows("{'AWS':'arn:aws:iam::123456789012:role/reader'}", Session()));
  EXPECT_FALSE(Allows("{'AWS':'arn:aws:iam::123456789012:role/team/writer'}",
                      Session()));
  EXPECT_FALSE(Allows("{'AWS':'arn:aws:iam::210987654321:role/team/reader'}",
                      Session()));
  EXPECT_FALSE(Allows(
      "{'AWS':'arn:aws:sts::123456789012:assumed-role/reader/s2'}", Session()));
  // It is in the session's ARN.
  EXPECT_TRUE(Allows("{'AWS':'arn:aws:iam::123456789012:role/reader'}",
                     PrincipalFromArn(kSession)));
}

TEST(Principals, OtherKinds_AreNamedWhole) {
  Principal service;
  service.service = "glue.amazonaws.com";
  EXPECT_TRUE(Allows("{'Service':['x.y','glue.amazonaws.com']}", service));
  EXPECT_FALSE(Allows("{'Service':'*'}", service));
  EXPECT_FALSE(Allows("{'Federated':'glue.amazonaws.com'}", service));
  Principal federated;
  federated.federated = "accounts.google.com";
  EXPECT_TRUE(Allows("{'Federated':'accounts.google.com'}", federated));
  Principal canonical;
  canonical.canonical_user = "79a59d";
  EXPECT_TRUE(Allows("{'CanonicalUser':'79a59d'}", canonical));
}

TEST(Principals, AStar_NamesEverybody) {
  Principal service;
  service.service = "glue.amazonaws.com";
  for (const char* element :
       {"'*'", "{'AWS':'*'}", "{'AWS':['210987654321','*']}"}) {
    EXPECT_TRUE(Allows(element, Principal()));
    EXPECT_TRUE(Allows(element, Session()));
    EXPECT_TRUE(Allows(element, service));
  }
  EXPECT_FALSE(Allows("{}", Session()));
  EXPECT_FALSE(Allows("{'AWS':[]}", Session()));
}

TEST(NotPrincipal, WithDeny_SparesWhomIsListedWithAllThatItIsMadeOf) {
  const std::string account = "'arn:aws:iam::123456789012:root'";
  const std::string role = "'arn:aws:iam::123456789012:role/team/reader'";
  const std::string session = absl::StrCat("'", kSession, "'");
  const auto list = [](const std::vector<std::string>& entries) {
    return absl::StrCat("{'AWS':[", absl::StrJoin(entries, ","), "]}");
  };
  EXPECT_TRUE(Spares(list({account, role, session}), Session()));
  EXPECT_FALSE(Spares(list({role, session}), Session()));
  EXPECT_FALSE(Spares(list({account, session}), Session()));
  EXPECT_FALSE(Spares(list({account, role}), Session()));
  // The unique id of a session is its role's. It names the role, not the
  // session.
  const std::string id = "'AROAAAAAAAAAAAAAAAAA'";
  EXPECT_TRUE(Spares(list({account, id, session}), Session()));
  EXPECT_FALSE(Spares(list({account, id}), Session()));
  EXPECT_FALSE(Spares(list({account, role, id}), Session()));
  EXPECT_FALSE(Spares(list({id, session}), Session()));
  const std::string alice = absl::StrCat("'", kAlice, "'");
  EXPECT_TRUE(
      Spares(list({alice, "'123456789012'"}), PrincipalFromArn(kAlice)));
  EXPECT_FALSE(Spares(list({alice}), PrincipalFromArn(kAlice)));
  EXPECT_FALSE(Spares(list({account}), PrincipalFromArn(kAlice)));
  // The unique id of a user is the user's own.
  Principal with_id = PrincipalFromArn(kAlice);
  with_id.unique_id = "AIDAAAAAAAAAAAAAAAAA";
  EXPECT_TRUE(Spares(list({account, "'AIDAAAAAAAAAAAAAAAAA'"}), with_id));
  EXPECT_FALSE(Spares(list({"'AIDAAAAAAAAAAAAAAAAA'"}), with_id));
  EXPECT_TRUE(Spares(list({account}),
                     PrincipalFromArn("arn:aws:iam::123456789012:root")));
  EXPECT_TRUE(Spares("'*'", Principal()));
  EXPECT_FALSE(Spares(list({}), Principal()));
  Principal service;
  service.service = "glue.amazonaws.com";
  EXPECT_TRUE(Spares("{'Service':'glue.amazonaws.com'}", service));
}

bool ActionMatches(const char* element, const char* entry, const char* action) {
  AuthorizationRequest request = RequestBy(kAlice);
  request.action = action;
  return Compile(
             Statement(absl::StrCat("'Effect':'Allow','Principal':'*','",
                                    element, "':", entry, ",'Resource':'*'")))
             .Decide(request) == kAllow;
}

TEST(Actions, AreComparedWithWildcardsAndWithoutCase) {
  EXPECT_TRUE(ActionMatches("Action", "'glue:GetTable'", "GLUE:gettable"));
  EXPECT_TRUE(ActionMatches("Action", "'GLUE:Get*'", "glue:GetTables"));
  EXPECT_TRUE(ActionMatches("Action", "'glue:*Table?'", "glue:GetTables"));
  EXPECT_FALSE(ActionMatches("Action", "'glue:GetTable'", "glue:GetTables"));
  EXPECT_FALSE(ActionMatches("Action", "[]", "glue:GetTable"));
  EXPECT_TRUE(ActionMatches("Action", "'*'", "anything"));
  EXPECT_FALSE(ActionMatches("NotAction", "'glue:Get*'", "glue:GetTable"));
  EXPECT_TRUE(ActionMatches("NotAction", "['s3:*']", "glue:GetTable"));
  EXPECT_TRUE(ActionMatches("NotAction", "[]", "glue:GetTable"));
}

bool ResourceMatches(const std::string& entry, const std::string& resource,
                     const char* version = "2012-10-17") {
  AuthorizationRequest request = RequestBy(kAlice);
  request.resource = resource;
  request.context["aws:username"] = {"alice"};
  const std::string text = absl::StrCat(
      "{'Version':'", version,
      "','Statement':{'Effect':'Allow','Principal':'*','Action':'*',"
      "'Resource':'",
      entry, "'}}");
  return Compile(text).Decide(request) == kAllow;
}

TEST(Resources, AreComparedFieldByField) {
  EXPECT_TRUE(ResourceMatches("*", kTable));
  EXPECT_TRUE(ResourceMatches(kTable, kTable));
  EXPECT_TRUE(ResourceMatches("arn:aws:glue:*:*:table/*", kTable));
  EXPECT_TRUE(ResourceMatches("arn:aws:glue:us-*-?:123456789012:*", kTable));
  EXPECT_TRUE(ResourceMatches("arn:aws:glue", kTable));
  EXPECT_TRUE(ResourceMatches("arn:*", kTable));
  EXPECT_FALSE(ResourceMatches("arn:aws:glue:", kTable));
  EXPECT_FALSE(ResourceMatches("arn:aws:glue:*:orders", kTable));
  EXPECT_FALSE(ResourceMatches("arn:aws:*orders", kTable));
  EXPECT_FALSE(
      ResourceMatches("arn:aws:GLUE:us-east-1:123456789012:*", kTable));
  EXPECT_TRUE(ResourceMatches("arn:aws:s3:::b/*:y", "arn:aws:s3:::b/x:z:y"));
  EXPECT_TRUE(ResourceMatches("*", "catalog"));
  EXPECT_FALSE(ResourceMatches("**", "catalog"));
  EXPECT_FALSE(ResourceMatches("catalog", "catalog"));
}

TEST(Resources, HaveVariablesInTheirLastField) {
  constexpr char kHome[] = "arn:aws:glue:us-east-1:123456789012:table/alice/t";
  EXPECT_TRUE(
      ResourceMatches("arn:aws:glue:*:*:table/${aws:username}/*", kHome));
  EXPECT_FALSE(ResourceMatches("arn:aws:glue:*:*:table/${aws:username}/*",
                               kHome, "2008-10-17"));
  EXPECT_FALSE(ResourceMatches("arn:aws:glue:*:*:table/${aws:none}/*", kHome));
  EXPECT_TRUE(ResourceMatches(
      "arn:aws:glue:*:*:table/${aws:none, \\u0027alice\\u0027}/t", kHome));
  EXPECT_FALSE(ResourceMatches("arn:aws:${aws:none}:*:*:*", kHome));
}

// Two operators have three keys each. The statement applies only if all six
// conditions hold.
TEST(Conditions, AllOperatorsAndAllTheirKeys_MustHold) {
  const PolicyEvaluator evaluator = Compile(
      Statement("'Effect':'Allow','Principal':'*','Action':'*','Resource':'*',"
                "'Condition':{'StringEquals':{'k:0':'a','k:1':'a','k:2':'a'},"
                "'StringLike':{'k:3':'a','k:4':'a','k:5':'a'}}"));
  constexpr int kKeys = 6;
  for (int held = 0; held < 1 << kKeys; ++held) {
    AuthorizationRequest request = RequestBy(kAlice);
    for (int key = 0; key < kKeys; ++key) {
      request.context[absl::StrCat("k:", key)] = {(held >> key & 1) != 0 ? "a"
                                                                         : "b"};
    }
    const Decision decision = evaluator.Evaluate(request);
    EXPECT_EQ(decision.kind, held + 1 == 1 << kKeys ? kAllow : kImplicit)
        << held;
    EXPECT_EQ(evaluator.Decide(request), decision.kind);
    ASSERT_EQ(decision.statements.size(), 1u);
    const std::vector<ConditionReason>& reasons =
        decision.statements[0].conditions;
    ASSERT_EQ(reasons.size(), static_cast<size_t>(kKeys));
    for (int key = 0; key < kKeys; ++key) {
      const ConditionReason& reason = reasons[static_cast<size_t>(key)];
      EXPECT_EQ(reason.op, key < 3 ? "StringEquals" : "StringLike");
      EXPECT_EQ(reason.key, absl::StrCat("k:", key));
      EXPECT_EQ(reason.matched, TruthOf((held >> key & 1) != 0));
    }
  }
}

TEST(Decisions, AnExplicitDenyWins) {
  const auto statement = [](const char* effect, const char* action) {
    return absl::StrCat("{'Sid':'", effect, "','Effect':'", effect,
                        "','Principal':'*','Action':'", action,
                        "','Resource':'*'}");
  };
  const auto policy = [&](const std::vector<std::string>& statements) {
    return Compile(
        absl::StrCat("{'Statement':[", absl::StrJoin(statements, ","), "]}"));
  };
  const AuthorizationRequest request = RequestBy(kAlice);
  EXPECT_EQ(policy({statement("Allow", "glue:*")}).Decide(request), kAllow);
  EXPECT_EQ(policy({statement("Allow", "s3:*")}).Decide(request), kImplicit);
  EXPECT_EQ(policy({statement("Allow", "glue:*"), statement("Deny", "*")})
                .Decide(request),
            kExplicit);
  EXPECT_EQ(
      policy({statement("Deny", "glue:GetTable"), statement("Allow", "glue:*")})
          .Decide(request),
      kExplicit);
  EXPECT_EQ(policy({statement("Deny", "s3:*"), statement("Allow", "glue:*")})
                .Decide(request),
            kAllow);
}

TEST(Decisions, TellWhichStatementsDecidedAndWhy) {
  const PolicyEvaluator evaluator = Compile(
      "{'Statement':["
      "{'Sid':'read','Effect':'Allow','Principal':{'AWS':'123456789012'},"
      "'Action':['s3:*','glue:Get*'],'Resource':'arn:aws:glue:*:*:*',"
      "'Condition':{'StringLike':{'aws:x':'a*'},'Bool':{'aws:y':true}}},"
      "{'Sid':'write','Effect':'Allow','Principal':'*','Action':'glue:*',"
      "'Resource':'*'},"
      "{'Sid':'never','Effect':'Deny','NotPrincipal':{'AWS':["
      "'123456789012','arn:aws:iam::123456789012:user/team/alice']},"
      "'Action':'*','NotResource':'arn:aws:s3:::*'}]}");
  AuthorizationRequest request = RequestBy(kAlice);
  request.context["aws:x"] = {"ab"};
  request.context["aws:y"] = {"true"};

  Decision decision = evaluator.Evaluate(request);
  EXPECT_EQ(decision.kind, kAllow);
  ASSERT_EQ(decision.statements.size(), 2u);
  const StatementReason& read = decision.statements[0];
  EXPECT_EQ(read.index, 0u);
  EXPECT_EQ(read.sid, "read");
  EXPECT_FALSE(read.is_deny);
  EXPECT_EQ(read.applies, Truth::kTrue);
  EXPECT_EQ(read.principal.entry, "123456789012");
  EXPECT_EQ(read.action.entry, "glue:Get*");
  EXPECT_EQ(read.resource.entry, "arn:aws:glue:*:*:*");
  ASSERT_EQ(read.conditions.size(), 2u);
  EXPECT_EQ(read.conditions[0].op, "StringLike");
  EXPECT_EQ(read.conditions[0].key, "aws:x");
  EXPECT_EQ(read.conditions[0].matched, Truth::kTrue);
  EXPECT_EQ(decision.statements[1].sid, "write");

  request.principal =
      PrincipalFromArn("arn:aws:iam::210987654321:user/mallory");
  decision = evaluator.Evaluate(request);
  EXPECT_EQ(decision.kind, kExplicit);
  ASSERT_EQ(decision.statements.size(), 1u);
  EXPECT_EQ(decision.statements[0].index, 2u);
  EXPECT_TRUE(decision.statements[0].is_deny);
  EXPECT_EQ(decision.statements[0].principal.matched, Truth::kTrue);
  EXPECT_EQ(decision.statements[0].principal.entry, "");

  request = RequestBy(kAlice);
  request.action = "ec2:Run";
  decision = evaluator.Evaluate(request);
  EXPECT_EQ(decision.kind, kImplicit);
  ASSERT_EQ(decision.statements.size(), 3u);
  EXPECT_EQ(decision.statements[0].applies, Truth::kFalse);
  EXPECT_EQ(decision.statements[0].action.matched, Truth::kFalse);
  EXPECT_EQ(decision.statements[0].principal.matched, Truth::kTrue);
  EXPECT_EQ(decision.statements[0].conditions[0].matched, Truth::kFalse);
  EXPECT_EQ(decision.statements[2].principal.matched, Truth::kFalse);
  EXPECT_EQ(decision.statements[2].principal.entry, kAlice);
}

// Tests the table of docs/decisions/access.md. An absent key is "-", an unknown
// one "?".
TEST(PrincipalContext, HasWhatTheKindOfPrincipalTells) {
  Principal alice_with_id = PrincipalFromArn(kAlice);
  alice_with_id.unique_id = "AIDAAAAAAAAAAAAAAAAA";
  Principal service;
  service.service = "glue.amazonaws.com";
  Principal provider;
  provider.federated = "cognito-identity.amazonaws.com";
  const struct {
    const char* what;
    Principal principal;
    // aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalIsAWSService,
    // aws:PrincipalServiceName, aws:PrincipalType, aws:username, aws:userid.
    std::vector<std::string> values;
  } cases[] = {
      {"a root user",
       PrincipalFromArn("arn:aws:iam::123456789012:root"),
       {"arn:aws:iam::123456789012:root", "123456789012", "false", "-",
        "Account", "-", "123456789012"}},
      {"a user",
       PrincipalFromArn(kAlice),
       {kAlice, "123456789012", "false", "-", "User", "alice", "?"}},
      {"a user with an id",
       alice_with_id,
       {kAlice, "123456789012", "false", "-", "User", "alice",
        "AIDAAAAAAAAAAAAAAAAA"}},
      {"a session",
       Session(),
       {"arn:aws:iam::123456789012:role/team/reader", "123456789012", "false",
        "-", "AssumedRole", "-", "AROAAAAAAAAAAAAAAAAA:s1"}},
      {"a session whose role's path and id are not known",
       PrincipalFromArn(kSession),
       {"?", "123456789012", "false", "-", "AssumedRole", "-", "?"}},
      {"a role",
       PrincipalFromArn("arn:aws:iam::123456789012:role/reader"),
       {"arn:aws:iam::123456789012:role/reader", "123456789012", "false", "-",
        "?", "-", "?"}},
      {"a federated user",
       PrincipalFromArn("arn:aws:sts::123456789012:federated-user/bob"),
       {"arn:aws:sts::123456789012:federated-user/bob", "123456789012", "false",
        "-", "FederatedUser", "-", "123456789012:bob"}},
      {"an anonymous caller",
       Principal(),
       {"-", "anonymous", "-", "-", "Anonymous", "-", "anonymous"}},
      {"a service",
       service,
       {"-", "-", "true", "glue.amazonaws.com", "?", "-", "?"}},
      {"an identity provider", provider, {"?", "?", "-", "-", "?", "?", "?"}},
      {"no principal's ARN",
       PrincipalFromArn("arn:aws:s3:::bucket"),
       {"?", "?", "-", "-", "?", "?", "?"}},
  };
  const char* const keys[] = {"aws:PrincipalArn",
                              "aws:PrincipalAccount",
                              "aws:PrincipalIsAWSService",
                              "aws:PrincipalServiceName",
                              "aws:PrincipalType",
                              "aws:username",
                              "aws:userid"};
  for (const auto& c : cases) {
    AuthorizationRequest request = RequestBy(c.principal);
    AddPrincipalContext(&request);
    std::vector<std::string> values;
    for (const char* const key : keys) {
      const auto found = request.context.find(key);
      const bool is_given =
          found != request.context.end() && !found->second.empty();
      values.push_back(is_given                              ? found->second[0]
                       : request.unknown_keys.count(key) > 0 ? "?"
                                                             : "-");
    }
    EXPECT_EQ(values, c.values) << c.what;
  }

  // A service may have an ARN, too.
  service.arn = kAlice;
  AuthorizationRequest request = RequestBy(service);
  AddPrincipalContext(&request);
  EXPECT_EQ(request.context["AWS:principalisawsservice"],
            std::vector<std::string>{"true"});
}

TEST(PrincipalContext, KeepsTheKeysOfTheRequest) {
  AuthorizationRequest request = RequestBy(kAlice);
  request.context["AWS:UserName"] = {"bob"};
  request.context["aws:userid"] = {};
  request.unknown_keys = {"aws:principaltype"};
  AddPrincipalContext(&request);
  EXPECT_EQ(request.context["aws:username"], std::vector<std::string>{"bob"});
  EXPECT_EQ(request.context["aws:userid"], std::vector<std::string>());
  EXPECT_EQ(request.context.count("aws:PrincipalType"), 0u);
  EXPECT_EQ(request.unknown_keys, KeyNames{"aws:principaltype"});
}

// ---- Laws

// The statements of a random policy, each as JSON.
struct Parts {
  std::string version;
  std::vector<std::string> statements;

  PolicyEvaluator Evaluator() const {
    std::string list;
    for (size_t i = 0; i < statements.size(); ++i) {
      // The statement starts with a Sid, which another statement may have, too.
      constexpr char kSid[] = "{\"Sid\":\"";
      const size_t end = statements[i].find('"', sizeof(kSid) - 1);
      absl::StrAppend(&list, i == 0 ? "" : ",", kSid, i,
                      statements[i].substr(end));
    }
    return CompileJson(
        absl::StrCat("{", version, "\"Statement\":[", list, "]}"));
  }
};

// Returns no statements when the document breaks the grammar.
Parts RandomParts(RandomPolicy* generator) {
  Parts parts;
  const std::string text = generator->Document();
  const auto parsed = ParsePolicy(text, PolicyChecks::kGrammar, {});
  const auto* policy = std::get_if<Policy>(&parsed);
  if (policy == nullptr) return parts;
  const JsonDocument& document = policy->document();
  if (const auto version = document.root().Find("Version")) {
    parts.version = absl::StrCat("\"Version\":\"", version->text(), "\",");
  }
  const auto statement = *document.root().Find("Statement");
  const auto add = [&](JsonDocument::Value value, size_t end) {
    parts.statements.push_back(
        text.substr(value.offset(), end - value.offset()));
  };
  if (!statement.is_array()) {
    add(statement, text.size() - 1);
    return parts;
  }
  std::vector<JsonDocument::Value> values;
  for (const auto value : statement.elements()) values.push_back(value);
  for (size_t i = 0; i < values.size(); ++i) {
    add(values[i],
        i + 1 < values.size() ? values[i + 1].offset() - 1 : text.size() - 2);
  }
  return parts;
}

bool IsDeny(const std::string& statement) {
  return statement.find(R"("Effect":"Deny")") != std::string::npos;
}

TEST(Laws, HoldForRandomPolicies) {
  const uint64_t seed = RunSeed();
  std::mt19937_64 random(seed);
  RandomPolicy generator(&random);
  int granted = 0;
  const bool is_short = IsShortRun();
  const int policies = is_short ? 2'000 : 20'000;
  for (int i = 0; i < policies; ++i) {
    const Parts parts = RandomParts(&generator);
    const Parts more = RandomParts(&generator);
    if (parts.statements.empty()) continue;
    const PolicyEvaluator evaluator = parts.Evaluator();

    Parts shuffled = parts;
    std::shuffle(shuffled.statements.begin(), shuffled.statements.end(),
                 random);
    const PolicyEvaluator in_other_order = shuffled.Evaluator();

    Parts with_deny = parts;
    Parts without_allow = parts;
    for (const std::string& statement : more.statements) {
      if (IsDeny(statement)) with_deny.statements.push_back(statement);
    }
    const auto allow = std::find_if_not(without_allow.statements.begin(),
                                        without_allow.statements.end(), IsDeny);
    if (allow != without_allow.statements.end() &&
        without_allow.statements.size() > 1) {
      without_allow.statements.erase(allow);
    }
    const PolicyEvaluator denies_more = with_deny.Evaluator();
    const PolicyEvaluator allows_less = without_allow.Evaluator();
    for (int k = 0; k < 20; ++k) {
      const AuthorizationRequest request = generator.Request();
      const DecisionKind kind = evaluator.Decide(request);
      granted += kind == kAllow ? 1 : 0;
      // The order of statements does not matter.
      EXPECT_EQ(in_other_order.Decide(request), kind);
      // Adding a Deny never grants, nor does removing an Allow.
      if (kind != kAllow) {
        EXPECT_NE(denies_more.Decide(request), kAllow);
        EXPECT_NE(allows_less.Decide(request), kAllow);
      }
      // An explicit deny stays explicit.
      if (kind == kExplicit) {
        EXPECT_EQ(denies_more.Decide(request), kExplicit);
        EXPECT_EQ(allows_less.Decide(request), kExplicit);
      }
    }
  }
  EXPECT_GT(granted, policies / 3);
}

}  // namespace
}  // namespace glue_security
