// Tests decisions about requests of which some facts are unknown
// (docs/decisions/unknown-facts.md).

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "glue_security/policy/access.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_evaluator.h"
#include "gtest/gtest.h"
#include "tests/policy/random_policy.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

constexpr char kSession[] = "arn:aws:sts::123456789012:assumed-role/reader/s1";
constexpr char kUser[] = "arn:aws:iam::123456789012:user/team/alice";

// Compiles a policy in which single quotes stand for double quotes.
PolicyEvaluator Compile(const std::string& text) {
  const auto parsed = ParsePolicy(absl::StrReplaceAll(text, {{"'", "\""}}),
                                  PolicyChecks::kGrammar, {});
  EXPECT_TRUE(std::holds_alternative<Policy>(parsed)) << text;
  return PolicyEvaluator(std::get<Policy>(parsed));
}

// Returns the decision about a call of a principal by a statement.
DecisionKind Decide(const std::string& statement,
                    AuthorizationRequest request) {
  const PolicyEvaluator evaluator = Compile(absl::StrCat(
      "{'Version':'2012-10-17','Statement':{'Action':'*',", statement, "}}"));
  request.action = "glue:GetTable";
  if (request.resource.empty()) {
    request.resource = "arn:aws:glue:us-east-1:123456789012:table/db/orders";
  }
  const DecisionKind kind = evaluator.Decide(request);
  EXPECT_EQ(evaluator.Evaluate(request).kind, kind) << statement;
  EXPECT_EQ(DecisionOf(evaluator.Answer(request)), kind) << statement;
  return kind;
}

AuthorizationRequest RequestBy(const std::string& arn) {
  AuthorizationRequest request;
  request.principal = PrincipalFromArn(arn);
  AddPrincipalContext(&request);
  return request;
}

constexpr DecisionKind kAllow = DecisionKind::kAllow;
constexpr DecisionKind kDeny = DecisionKind::kExplicitDeny;
constexpr DecisionKind kNothing = DecisionKind::kImplicitDeny;
constexpr DecisionKind kUndecided = DecisionKind::kUndecided;

TEST(UnknownKeys, LeaveEveryConditionUndecided) {
  for (const char* condition :
       {"{'StringEquals':{'aws:SourceVpc':'v'}}",
        "{'StringNotEqualsIfExists':{'aws:SourceVpc':'v'}}",
        "{'Null':{'aws:SourceVpc':'true'}}",
        "{'ForAllValues:StringLike':{'aws:SourceVpc':'*'}}",
        "{'ForAnyValue:StringLikeIfExists':{'aws:SourceVpc':'*'}}",
        "{'IpAddress':{'aws:SourceVpc':[]}}",
        "{'StringLike':{'aws:username':'a${aws:SourceVpc}'}}",
        "{'StringLike':{'aws:username':'a${aws:sourcevpc, 'b'}'}}",
        "{'ArnLike':{'aws:PrincipalArn':'arn:*:${aws:SourceVpc}'}}"}) {
    const std::string statement = absl::StrCat(
        "'Effect':'Allow','Principal':'*','Resource':'*','Condition':",
        absl::StrReplaceAll(condition, {{"'b'", "\\u0027b\\u0027"}}));
    AuthorizationRequest request = RequestBy(kUser);
    request.unknown_keys = {"AWS:SourceVPC"};
    EXPECT_EQ(Decide(statement, request), kUndecided) << condition;
    request.unknown_keys.clear();
    EXPECT_NE(Decide(statement, request), kUndecided) << condition;
    request.other_keys_unknown = true;
    EXPECT_EQ(Decide(statement, request), kUndecided) << condition;
    // The context has the last word.
    request.context["aws:SourceVpc"] = {"v"};
    EXPECT_NE(Decide(statement, request), kUndecided) << condition;
    request.context["aws:SourceVpc"] = {};
    EXPECT_NE(Decide(statement, request), kUndecided) << condition;
  }
}

TEST(UnknownKeys, DoNotMatterWhereSomethingElseDecides) {
  AuthorizationRequest request = RequestBy(kUser);
  request.unknown_keys = {"k:x"};
  const auto decide = [&](const std::string& members) {
    return Decide("'Effect':'Allow','Principal':'*'," + members, request);
  };
  EXPECT_EQ(decide("'Resource':'*','Condition':{'Bool':{'k:x':'true'},"
                   "'StringEquals':{'aws:username':'bob'}}"),
            kNothing);
  EXPECT_EQ(decide("'Resource':['*${k:x}','*']"), kAllow);
  EXPECT_EQ(decide("'Resource':'arn:aws:glue:*:*:${k:x}'"), kUndecided);
  // A variable that certainly has no value matches nothing.
  EXPECT_EQ(decide("'Resource':'arn:aws:glue:*:*:${k:x}${k:absent}'"),
            kNothing);
  EXPECT_EQ(decide("'NotResource':'arn:aws:glue:*:*:${k:x}'"), kUndecided);
}

TEST(UnknownRole, IsKnownInPart) {
  struct {
    const char* condition;
    DecisionKind kind;
  } cases[] = {
      {"'ArnLike':{'aws:PrincipalArn':'arn:aws:iam::123456789012:role/*'}",
       kAllow},
      {"'ArnNotLike':{'aws:PrincipalArn':'arn:aws:iam::123456789012:role/*'}",
       kNothing},
      {"'ArnNotLike':{'aws:PrincipalArn':'arn:aws:iam::210987654321:role/*'}",
       kAllow},
      {"'StringLike':{'aws:PrincipalArn':'*/reader'}", kAllow},
      {"'StringLike':{'aws:PrincipalArn':'*:role/reader'}", kUndecided},
      {"'StringLike':{'aws:PrincipalArn':'*/*/reader'}", kUndecided},
      {"'StringLike':{'aws:PrincipalArn':'*/writer'}", kNothing},
      {"'StringNotLike':{'aws:PrincipalArn':'*/writer'}", kAllow},
      {"'StringEquals':{'aws:PrincipalArn':"
       "'arn:aws:iam::123456789012:role/reader'}",
       kUndecided},
      {"'StringEquals':{'aws:PrincipalArn':"
       "'arn:aws:iam::123456789012:role/team/reader'}",
       kUndecided},
      {"'StringEquals':{'aws:PrincipalArn':"
       "'arn:aws:iam::123456789012:role//reader'}",
       kNothing},
      {"'StringEquals':{'aws:PrincipalArn':"
       "'arn:aws:iam::123456789012:user/reader'}",
       kNothing},
      {"'StringEqualsIgnoreCase':{'aws:PrincipalArn':"
       "'ARN:aws:iam::123456789012:role/TEAM/READER'}",
       kUndecided},
      {"'ForAnyValue:ArnEquals':{'aws:PrincipalArn':'arn:*:*:*:*:role/*r'}",
       kAllow},
      {"'ForAllValues:ArnLike':{'aws:PrincipalArn':['x','arn:*:*:*:*:user/*']}",
       kNothing},
      {"'Null':{'aws:PrincipalArn':'false'}", kAllow},
      {"'Null':{'aws:PrincipalArn':'true'}", kNothing},
      {"'ArnLikeIfExists':{'aws:PrincipalArn':'arn:*:*:*:*:role/t*'}",
       kUndecided},
      {"'NumericNotEquals':{'aws:PrincipalArn':'1'}", kAllow},
      {"'DateLessThan':{'aws:PrincipalArn':'2026-01-01'}", kNothing},
      {"'StringLike':{'aws:PrincipalType':'${aws:PrincipalArn}'}", kUndecided},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Decide(absl::StrCat("'Effect':'Allow','Principal':'*',"
                                  "'Resource':'*','Condition':{",
                                  c.condition, "}"),
                     RequestBy(kSession)),
              c.kind)
        << c.condition;
  }
}

TEST(UnknownIds, LeaveEntriesOfTheRightKindUndecided) {
  struct {
    const char* caller;
    const char* entries;
    DecisionKind kind;
    DecisionKind not_kind;
  } cases[] = {
      {kUser, "'AIDAAAAAAAAAAAAAAAAA'", kUndecided, kDeny},
      {kUser, "'AROAAAAAAAAAAAAAAAAA'", kNothing, kDeny},
      {kUser, "['123456789012','AIDAAAAAAAAAAAAAAAAA']", kAllow, kUndecided},
      {kUser, "['123456789012','AROAAAAAAAAAAAAAAAAA']", kAllow, kDeny},
      {kSession, "'AROAAAAAAAAAAAAAAAAA'", kUndecided, kDeny},
      {kSession, "'AIDAAAAAAAAAAAAAAAAA'", kNothing, kDeny},
      {kSession,
       "['123456789012','AROAAAAAAAAAAAAAAAAA',"
       "'arn:aws:sts::123456789012:assumed-role/reader/s1']",
       kAllow, kUndecided},
      {"arn:aws:iam::123456789012:root", "'AIDAAAAAAAAAAAAAAAAA'", kNothing,
       kDeny},
      {"arn:aws:sts::123456789012:federated-user/bob",
       "['AIDAAAAAAAAAAAAAAAAA','AROAAAAAAAAAAAAAAAAA']", kNothing, kDeny},
      {"", "'AIDAAAAAAAAAAAAAAAAA'", kNothing, kDeny},
  };
  for (const auto& c : cases) {
    const AuthorizationRequest request = RequestBy(c.caller);
    EXPECT_EQ(Decide(absl::StrCat("'Effect':'Allow','Resource':'*',"
                                  "'Principal':{'AWS':",
                                  c.entries, "}"),
                     request),
              c.kind)
        << c.caller << " " << c.entries;
    EXPECT_EQ(Decide(absl::StrCat("'Effect':'Deny','Resource':'*',"
                                  "'NotPrincipal':{'AWS':",
                                  c.entries, "}"),
                     request),
              c.not_kind)
        << c.caller << " " << c.entries;
  }
}

TEST(ResourceSets, AreCoveredOrOverlapped) {
  AuthorizationRequest request = RequestBy(kUser);
  request.resource = "arn:aws:glue:us-east-1:123456789012:table/db/*";
  struct {
    const char* resource;
    DecisionKind allow;
    DecisionKind deny;
  } cases[] = {
      {"'Resource':'arn:aws:glue:us-east-1:123456789012:*'", kAllow, kDeny},
      {"'Resource':'arn:aws:glue:us-east-1:123456789012:table/db/*'", kAllow,
       kDeny},
      {"'Resource':'arn:aws:glue:us-east-1:123456789012:table/d?/*'", kAllow,
       kDeny},
      {"'Resource':'arn:aws:glue:us-east-1:123456789012:table/db/a*'",
       kUndecided, kUndecided},
      {"'Resource':'arn:aws:glue:us-east-1:123456789012:table/*/orders'",
       kUndecided, kUndecided},
      {"'Resource':'arn:aws:glue:us-east-1:123456789012:table/dc/*'", kNothing,
       kNothing},
      {"'Resource':'arn:aws:glue:us-west-2:123456789012:table/db/*'", kNothing,
       kNothing},
      {"'NotResource':'arn:aws:glue:us-east-1:123456789012:table/db/a'",
       kUndecided, kUndecided},
      {"'NotResource':'arn:aws:glue:us-east-1:123456789012:database/*'", kAllow,
       kDeny},
      {"'Resource':'*'", kAllow, kDeny},
  };
  for (const auto& c : cases) {
    for (const bool is_set : {false, true}) {
      request.resource_is_set = is_set;
      const std::string statement =
          absl::StrCat("'Principal':'*',", c.resource, ",'Effect':");
      const DecisionKind allow = Decide(statement + "'Allow'", request);
      const DecisionKind deny = Decide(statement + "'Deny'", request);
      if (is_set) {
        EXPECT_EQ(allow, c.allow) << c.resource;
        EXPECT_EQ(deny, c.deny) << c.resource;
      } else {
        EXPECT_NE(allow, kUndecided) << c.resource;
        EXPECT_NE(deny, kUndecided) << c.resource;
      }
    }
  }
}

// ---- Laws

// Returns a request whose facts are all known.
AuthorizationRequest KnownRequest(RandomPolicy* generator,
                                  std::mt19937_64* random) {
  const auto pick = [&](std::vector<std::string> texts) {
    return texts[(*random)() % texts.size()];
  };
  AuthorizationRequest request = generator->Request();
  request.resource_is_set = false;
  request.unknown_keys.clear();
  request.other_keys_unknown = false;
  Principal& principal = request.principal;
  if (absl::StrContains(principal.arn, ":assumed-role/")) {
    const size_t slash = principal.arn.find('/') + 1;
    const std::string role =
        principal.arn.substr(slash, principal.arn.find('/', slash) - slash);
    principal.role_arn = absl::StrCat(
        absl::StrReplaceAll(principal.arn.substr(0, slash),
                            {{":sts:", ":iam:"}, {"assumed-role", "role"}}),
        pick({"", "team/", "a/b/"}), role);
  }
  if (absl::StrContains(principal.arn, "role/")) {
    principal.unique_id = pick({"AROAAAAAAAAAAAAAAAAA", "AROABBBBBBBBBBBBBB"});
  } else if (absl::StrContains(principal.arn, ":user/")) {
    principal.unique_id = pick({"AIDAAAAAAAAAAAAAAAAA", "AIDABBBBBBBBBBBBBB"});
  }
  for (const char* key : {"aws:PrincipalArn", "aws:userid", "aws:username"}) {
    request.context.erase(key);
  }
  AddPrincipalContext(&request);
  for (const std::string& key : request.unknown_keys) {
    request.context[key] = {"x"};
  }
  request.unknown_keys.clear();
  return request;
}

// Makes some of the facts unknown.
void Forget(AuthorizationRequest* request, std::mt19937_64* random) {
  const auto one_in = [&](uint64_t n) { return (*random)() % n == 0; };
  // Others have no unique id.
  const bool has_id = absl::StrContains(request->principal.arn, ":user/") ||
                      absl::StrContains(request->principal.arn, "role/");
  if (has_id && one_in(2)) request->principal.unique_id.clear();
  if (one_in(2)) {
    request->principal.role_arn.clear();
    if (absl::StrContains(request->principal.arn, ":assumed-role/")) {
      request->context.erase("aws:PrincipalArn");
      request->unknown_keys.insert("aws:PrincipalArn");
    }
  }
  for (auto key = request->context.begin(); key != request->context.end();) {
    if (one_in(2)) {
      ++key;
      continue;
    }
    request->unknown_keys.insert(key->first);
    key = request->context.erase(key);
  }
  if (one_in(8)) {
    const size_t slash = request->resource.find('/');
    if (slash != std::string::npos) {
      request->resource = request->resource.substr(0, slash + 1) + "*";
      request->resource_is_set = true;
    }
  }
  request->other_keys_unknown = one_in(4);
}

TEST(Laws, AFactThatBecomesKnown_ChangesNoCertainAnswer) {
  std::mt19937_64 random(RunSeed());
  RandomPolicy generator(&random);
  const int policies = IsShortRun() ? 500 : 5'000;
  int counts[4] = {};
  for (int i = 0; i < policies; ++i) {
    const std::string text = generator.Document();
    const auto parsed = ParsePolicy(text, PolicyChecks::kGrammar, {});
    const auto* policy = std::get_if<Policy>(&parsed);
    if (policy == nullptr) continue;
    const PolicyEvaluator evaluator(*policy);
    for (int k = 0; k < 10; ++k) {
      const AuthorizationRequest known = KnownRequest(&generator, &random);
      AuthorizationRequest partly = known;
      Forget(&partly, &random);
      const DecisionKind answer = evaluator.Decide(known);
      ASSERT_NE(answer, kUndecided) << text;
      const DecisionKind before = evaluator.Decide(partly);
      ++counts[static_cast<int>(before)];
      if (before != kUndecided) {
        ASSERT_EQ(answer, before) << text;
      }

      AccessInputs inputs;
      inputs.same_account = random() % 2 == 0;
      inputs.identity = random() % 2 == 0 ? kAllow : kNothing;
      inputs.limit = random() % 2 == 0 ? kAllow : kNothing;
      inputs.resource_policy = &evaluator;
      Decision reasons;
      const AccessResult granted = DecideAccess(partly, inputs, &reasons);
      EXPECT_EQ(DecideAccess(partly, inputs), granted) << text;
      if (granted == AccessResult::kAllowed) {
        ASSERT_EQ(DecideAccess(known, inputs), granted) << text;
      }
      const DecisionKind combined =
          CombinedDecision(partly.principal, inputs, reasons.answer);
      if (combined != kUndecided) {
        Decision of_known;
        DecideAccess(known, inputs, &of_known);
        ASSERT_EQ(CombinedDecision(known.principal, inputs, of_known.answer),
                  combined)
            << text;
      }
    }
  }
  for (const int count : counts) EXPECT_GT(count, policies / 10);
}

// Returns the requests to change the policy under every choice of the facts
// that `caller` leaves open.
std::vector<AuthorizationRequest> AllChoices(const std::string& caller) {
  const bool is_session = absl::StrContains(caller, ":assumed-role/");
  std::vector<AuthorizationRequest> requests;
  for (const char* path : {"", "team/", "a/b/"}) {
    if (!is_session && path[0] != '\0') break;
    for (const char* id : {"AAAAAAAAAAAAAAAA", "BBBBBBBBBBBBBBBB"}) {
      for (const char* vpc : {"", "v", "w"}) {
        AuthorizationRequest request;
        request.principal = PrincipalFromArn(caller);
        request.principal.unique_id =
            absl::StrCat(is_session ? "AROA" : "AIDA", id);
        if (is_session) {
          request.principal.role_arn =
              absl::StrCat("arn:aws:iam::123456789012:role/", path, "reader");
        }
        request.resource = "arn:aws:glue:us-east-1:123456789012:catalog";
        AddPrincipalContext(&request);
        if (vpc[0] != '\0') request.context["aws:SourceVpc"] = {vpc};
        requests.push_back(request);
      }
    }
  }
  return requests;
}

// Tries statements of all small combinations of a principal and a condition.
TEST(Laws, APolicyThatLocksOut_DeniesUnderEveryChoice) {
  const std::vector<std::string> principals = {
      "'Principal':'*'",
      "'Principal':{'AWS':'123456789012'}",
      "'Principal':{'AWS':'arn:aws:iam::123456789012:user/team/alice'}",
      "'Principal':{'AWS':'arn:aws:iam::123456789012:role/team/reader'}",
      "'Principal':{'AWS':'AIDAAAAAAAAAAAAAAAAA'}",
      "'Principal':{'AWS':'AROAAAAAAAAAAAAAAAAA'}",
      "'NotPrincipal':{'AWS':['123456789012','AIDAAAAAAAAAAAAAAAAA']}",
      "'NotPrincipal':{'AWS':['123456789012','AROAAAAAAAAAAAAAAAAA',"
      "'arn:aws:sts::123456789012:assumed-role/reader/s1']}",
      "'NotPrincipal':{'AWS':['210987654321']}"};
  std::vector<std::string> conditions = {"{}"};
  for (const char* op :
       {"StringEquals", "StringNotEquals", "StringLike", "StringNotLike",
        "StringEqualsIfExists", "StringNotEqualsIfExists", "ArnLike",
        "ArnNotLike", "ForAnyValue:StringLike", "ForAllValues:StringNotLike",
        "ForAllValues:ArnEquals", "Null", "Bool", "BoolIfExists"}) {
    for (const char* key : {"aws:PrincipalArn", "aws:userid", "aws:username",
                            "aws:SourceVpc", "aws:PrincipalAccount"}) {
      for (const char* value : {"arn:aws:iam::123456789012:role/*", "*/reader",
                                "arn:aws:iam::123456789012:role/reader",
                                "arn:aws:iam::123456789012:role/team/reader",
                                "arn:aws:iam::210987654321:*", "alice", "v",
                                "123456789012", "AROA*", "true", "False"}) {
        conditions.push_back(
            absl::StrCat("{'", op, "':{'", key, "':'", value, "'}}"));
      }
    }
  }
  int refused = 0;
  int possible = 0;
  for (const char* caller : {kUser, kSession}) {
    CatalogContext catalog;
    catalog.account_id = "123456789012";
    catalog.region = "us-east-1";
    catalog.caller = PrincipalFromArn(caller);
    const auto choices = AllChoices(caller);
    for (const std::string& principal : principals) {
      for (const std::string& condition : conditions) {
        const std::string text = absl::StrReplaceAll(
            absl::StrCat(
                "{'Version':'2012-10-17','Statement':{'Effect':'Deny',",
                principal,
                ",'Action':'glue:PutResourcePolicy','Resource':"
                "'arn:aws:glue:us-east-1:123456789012:*','Condition':",
                condition, "}}"),
            {{"'", "\""}});
        const bool is_refused =
            !CheckPolicy(text, PolicyChecks::kGlue, catalog).empty();
        const auto parsed = ParsePolicy(text, PolicyChecks::kGrammar, {});
        const PolicyEvaluator evaluator(std::get<Policy>(parsed));
        const auto denied = std::count_if(
            choices.begin(), choices.end(), [&](AuthorizationRequest request) {
              request.action = "glue:PutResourcePolicy";
              return evaluator.Decide(request) == kDeny;
            });
        const bool always = denied == static_cast<int64_t>(choices.size());
        refused += is_refused ? 1 : 0;
        possible += !is_refused && denied > 0 ? 1 : 0;
        EXPECT_TRUE(always || !is_refused) << caller << "\n" << text;
      }
    }
  }
  EXPECT_GT(refused, 1'000);
  EXPECT_GT(possible, 300);
}

}  // namespace
}  // namespace glue_security
