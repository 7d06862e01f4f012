// Tests policies of identities, which have no Principal.

#include "glue_security/policy/identity_policy.h"

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

std::string WithQuotes(const std::string& text) {
  return absl::StrReplaceAll(text, {{"'", "\""}});
}

// Returns the decision of a policy about glue:GetTable.
DecisionKind Decide(const std::string& text) {
  const auto parsed = ParseIdentityPolicy(WithQuotes(text));
  const auto* const policy = std::get_if<Policy>(&parsed);
  EXPECT_NE(policy, nullptr) << text;
  if (policy == nullptr) return DecisionKind::kUndecided;
  AuthorizationRequest request;
  request.principal = PrincipalFromArn("arn:aws:iam::123456789012:user/alice");
  request.action = "glue:GetTable";
  request.resource = "arn:aws:glue:us-east-1:123456789012:table/db/t";
  request.unknown_keys = {"k:unknown"};
  AddPrincipalContext(&request);
  return CertainDecision(PolicyEvaluator(*policy).Answer(request));
}

TEST(IdentityPolicy, DecidesForItsPrincipal) {
  EXPECT_EQ(Decide("{'Statement':{'Effect':'Allow','Action':'glue:Get*',"
                   "'Resource':'*'}}"),
            DecisionKind::kAllow);
  EXPECT_EQ(Decide("{'Statement':[{'Effect':'Allow','Action':'s3:*',"
                   "'Resource':'*'}, { 'Effect':'Deny','NotAction':'s3:*',"
                   "'Resource':'*'}]}"),
            DecisionKind::kExplicitDeny);
  EXPECT_EQ(Decide("{'Statement':[{'Effect':'Allow','Action':'s3:*',"
                   "'Resource':'*'}]}"),
            DecisionKind::kImplicitDeny);
}

TEST(IdentityPolicy, AnUndecidedStatementDeniesOrAllowsNothing) {
  const std::string rest =
      "'Action':'*','Resource':'*','Condition':{'Bool':{'k:unknown':'true'}}}";
  EXPECT_EQ(Decide("{'Statement':{'Effect':'Allow'," + rest + "}"),
            DecisionKind::kImplicitDeny);
  EXPECT_EQ(Decide("{'Statement':{'Effect':'Deny'," + rest + "}"),
            DecisionKind::kExplicitDeny);
}

TEST(IdentityPolicy, FindingsAreAtTheirPlacesInTheText) {
  const struct {
    const char* text;
    FindingCode code;
    // The text at the offset.
    const char* at;
  } cases[] = {
      {"{'Statement':[{'Effect':'Allow','Action':'*','Resource':'*'},\n"
       " {'Effect':'allow','Action':'*','Resource':'*'}]}",
       FindingCode::kInvalidEffect, "'allow'"},
      {"{'Version':'1','Statement':{'Effect':'Allow','Action':'*',"
       "'Resource':'*'}}",
       FindingCode::kInvalidVersion, "'1'"},
      {"{'Statement':{'Effect':'Allow','Action':'x','Resource':'*'}}",
       FindingCode::kInvalidAction, "'x'"},
      {"{'Statement':{'Effect':'Deny','Action':'*','Resource':'*',"
       "'NotPrincipal':'*'}}",
       FindingCode::kUnsupportedElementCombination, "'NotPrincipal'"},
      {"{'Statement':{'Effect':'Deny','Action':'*','Resource':'*',"
       "'Principal':'*'}}",
       FindingCode::kDuplicateKeys, "'Principal'"},
      {"{'Statement':[]}", FindingCode::kMissingStatement, "[]"},
      {"no policy", FindingCode::kJsonSyntaxError, "no policy"},
      {"{}", FindingCode::kMissingStatement, "{}"},
  };
  for (const auto& c : cases) {
    const std::string text = WithQuotes(c.text);
    const auto parsed = ParseIdentityPolicy(text);
    const auto* const findings = std::get_if<std::vector<Finding>>(&parsed);
    ASSERT_NE(findings, nullptr) << text;
    const Finding& first = findings->front();
    EXPECT_EQ(first.code, c.code) << text << "\n" << first.message;
    EXPECT_EQ(text.substr(first.offset, std::string(c.at).size()),
              WithQuotes(c.at))
        << text;
  }
}

TEST(IdentityPolicy, FindingsBehindAnEmptyStatementAreAtTheirPlaces) {
  const std::string text =
      R"({"Statement":[{ },{"Effect":"allow","Action":"*","Resource":"*"}]})";
  const auto parsed = ParseIdentityPolicy(text);
  const Finding& last = std::get<std::vector<Finding>>(parsed).back();
  EXPECT_EQ(last.code, FindingCode::kInvalidEffect);
  EXPECT_EQ(last.offset, text.find("\"allow\""));
  EXPECT_EQ(last.column, last.offset + 1);
}

TEST(IdentityPolicy, AnEmptyStatementLacksItsElements) {
  const auto parsed = ParseIdentityPolicy(R"({"Statement": [{ }]})");
  const auto& findings = std::get<std::vector<Finding>>(parsed);
  ASSERT_EQ(findings.size(), 3u);
  for (const Finding& finding : findings) EXPECT_EQ(finding.offset, 15u);
}

}  // namespace
}  // namespace glue_security
