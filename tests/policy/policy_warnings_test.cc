// Tests the warnings about legal policies, and about groups as principals.

#include "glue_security/policy/policy_warnings.h"

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "glue_security/json/json_document.h"
#include "glue_security/policy/policy.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// Returns the codes and pointers of the warnings of a policy in which single
// quotes stand for double quotes.
std::string WarningsOf(const std::string& text) {
  const auto parsed = ParsePolicy(absl::StrReplaceAll(text, {{"'", "\""}}),
                                  PolicyChecks::kGrammar, {});
  const auto* const policy = std::get_if<Policy>(&parsed);
  EXPECT_NE(policy, nullptr) << text;
  if (policy == nullptr) return "not a policy";
  std::vector<std::string> found;
  for (const Finding& finding : FindWarnings(*policy)) {
    EXPECT_EQ(finding.severity, Severity::kWarning);
    EXPECT_NE(finding.message, "");
    found.push_back(
        absl::StrCat(FindingCodeName(finding.code), " ", finding.pointer));
  }
  return absl::StrJoin(found, "; ");
}

std::string Statement(const std::string& members) {
  return absl::StrCat("{'Statement':{", members, "}}");
}

std::string OfCondition(const std::string& condition) {
  return WarningsOf(Statement(
      absl::StrCat("'Effect':'Allow','Principal':'*','Action':'glue:*',"
                   "'Resource':'*','Condition':",
                   condition)));
}

TEST(Warnings, AreNoneInAGoodPolicy) {
  EXPECT_EQ(OfCondition("{'Bool':{'a:b':['TRUE',false,'${a:c}']},"
                        "'NumericLessThan':{'a:b':[1,'2.5','${a:c}']},"
                        "'DateEquals':{'a:b':['2026-01-31','${a:c}',0]},"
                        "'IpAddress':{'a:b':['203.0.113.0/24','::1']},"
                        "'StringLike':{'a:b':'x'},'Null':{'a:b':'True'}}"),
            "");
}

// A Put refuses it, whether or not it counts blanks.
TEST(Warnings, AreAtAPolicyThatIsTooLong) {
  const auto with_sid = [](size_t bytes) {
    return Statement(absl::StrCat(
        "'Sid':'", std::string(bytes, 'a'),
        "','Effect':'Allow','Principal':'*','Action':'*','Resource':'*'"));
  };
  const size_t rest = with_sid(0).size();
  EXPECT_EQ(WarningsOf(with_sid(10'240 - rest)), "");
  EXPECT_EQ(WarningsOf(with_sid(10'240 - rest) + " \n"), "");
  EXPECT_EQ(WarningsOf(with_sid(10'241 - rest)), "POLICY_SIZE_EXCEEDED ");
}

TEST(Warnings, AreAtValuesThatNeverMatch) {
  EXPECT_EQ(OfCondition("{'Bool':{'a:b':['yes','true',1]}}"),
            "TYPE_MISMATCH_BOOLEAN /Statement/Condition/Bool/a:b/0; "
            "TYPE_MISMATCH_BOOLEAN /Statement/Condition/Bool/a:b/2");
  EXPECT_EQ(OfCondition("{'Null':{'a:b':''}}"),
            "TYPE_MISMATCH_BOOLEAN /Statement/Condition/Null/a:b");
  EXPECT_EQ(OfCondition("{'NumericEqualsIfExists':{'a:b':'01'}}"),
            "TYPE_MISMATCH_NUMBER /Statement/Condition/NumericEqualsIfExists/"
            "a:b");
  EXPECT_EQ(OfCondition("{'NotIpAddress':{'a:b':'203.0.113.0/33'}}"),
            "TYPE_MISMATCH_IP_RANGE /Statement/Condition/NotIpAddress/a:b");
  EXPECT_EQ(OfCondition("{'DateLessThan':{'a:b':'2026-02-30'}}"),
            "TYPE_MISMATCH_DATE /Statement/Condition/DateLessThan/a:b");
}

TEST(Warnings, AreAtWhatIsEmptyOrWithoutAService) {
  EXPECT_EQ(OfCondition("{'StringLike':{'b':'x','a:b':[]},'Bool':{}}"),
            "INVALID_CONDITION_KEY_FORMAT /Statement/Condition/StringLike/b; "
            "EMPTY_ARRAY_CONDITION /Statement/Condition/StringLike/a:b; "
            "EMPTY_OBJECT_CONDITION /Statement/Condition/Bool");
  EXPECT_EQ(OfCondition("{}"), "EMPTY_OBJECT_CONDITION /Statement/Condition");
  for (const char* not_ : {"", "Not"}) {
    EXPECT_EQ(WarningsOf(Statement(
                  absl::StrCat("'Effect':'Allow','Principal':{'AWS':[]},'",
                               not_, "Action':[],'", not_, "Resource':[]"))),
              absl::StrCat("EMPTY_OBJECT_PRINCIPAL /Statement/Principal; "
                           "EMPTY_ARRAY_ACTION /Statement/",
                           not_, "Action; EMPTY_ARRAY_RESOURCE /Statement/",
                           not_, "Resource"));
  }
}

TEST(Warnings, AreAtNotPrincipal) {
  EXPECT_EQ(WarningsOf(Statement("'Effect':'Deny','NotPrincipal':{'AWS':"
                                 "'123456789012'},'Action':'*',"
                                 "'Resource':'*'")),
            "NOT_PRINCIPAL /Statement/NotPrincipal");
}

TEST(Warnings, AreAtAnAllowThatADenyCovers) {
  const std::string user = "{'AWS':'arn:aws:iam::123456789012:user/a'}";
  struct {
    // Principal, Action and Resource of an Allow and of a Deny.
    std::vector<std::string> allow;
    std::vector<std::string> deny;
    bool is_redundant;
  } cases[] = {
      {{user, "'glue:GetTable'", "'a:b'"}, {"'*'", "'*'", "'*'"}, true},
      {{user, "'glue:GetTable'", "'a:b'"}, {user, "'GLUE:get*'", "'a*'"}, true},
      {{user, "'glue:GetTable'", "'a:b'"}, {user, "'glue:*'", "'A*'"}, false},
      {{user, "['glue:GetTable','glue:X']", "'a:b'"},
       {user, "['glue:x','glue:gettable']", "'a:b'"},
       true},
      {{user, "['glue:GetTable','s3:X']", "'a:b'"},
       {user, "['glue:*']", "'a:b'"},
       false},
      {{"'*'", "'glue:X'", "'a'"}, {user, "'glue:X'", "'a'"}, false},
      {{user, "'glue:X'", "'a'"}, {"{'AWS':['*']}", "'glue:X'", "'a'"}, true},
      {{"{'Service':'x.y'}", "'glue:X'", "'a'"},
       {"{'AWS':'123456789012'}", "'glue:X'", "'a'"},
       false},
      // Patterns cover only what begins with them.
      {{user, "'glue:Get*'", "'a'"}, {user, "'glue:G*'", "'a'"}, true},
      {{user, "'glue:Get*'", "'a'"}, {user, "'glue:Get?'", "'a'"}, false},
      {{user, "'glue:Get*'", "'a'"}, {user, "'glue:*t*'", "'a'"}, false},
      {{user, "[]", "'a'"}, {user, "'*'", "'*'"}, false},
  };
  for (const auto& c : cases) {
    const auto statement = [](const char* effect,
                              const std::vector<std::string>& parts) {
      return absl::StrCat("{'Effect':'", effect, "','Principal':", parts[0],
                          ",'Action':", parts[1], ",'Resource':", parts[2],
                          "}");
    };
    const std::string allow = statement("Allow", c.allow);
    const std::string deny = statement("Deny", c.deny);
    const std::string text =
        absl::StrCat("{'Statement':[", allow, ",", deny, "]}");
    const std::string found = WarningsOf(text);
    EXPECT_EQ(
        found.find("REDUNDANT_STATEMENT /Statement/0") != std::string::npos,
        c.is_redundant)
        << text << "\n"
        << found;
    // A Deny with a condition covers nothing.
    std::string with_condition = text;
    with_condition.insert(with_condition.size() - 3,
                          ",'Condition':{'Null':{'a:b':'true'}}");
    EXPECT_EQ(WarningsOf(with_condition).find("REDUNDANT"), std::string::npos);
  }
}

// Returns the groups that FindGroups warns of, and expects that they are errors
// from the grammar on, and that nothing below it is refused.
std::string GroupsOf(const std::string& text) {
  const std::string json = absl::StrReplaceAll(text, {{"'", "\""}});
  auto parsed = JsonDocument::Parse(json);
  std::vector<std::string> found;
  for (const Finding& group : FindGroups(std::get<JsonDocument>(parsed))) {
    EXPECT_EQ(group.code, FindingCode::kInvalidPrincipalFormat);
    EXPECT_EQ(group.severity, Severity::kWarning);
    EXPECT_NE(group.message, "");
    found.push_back(group.pointer);
  }
  for (const PolicyChecks level : {PolicyChecks::kNone, PolicyChecks::kJson}) {
    EXPECT_TRUE(CheckPolicy(json, level, {}).empty()) << text;
  }
  for (const PolicyChecks level :
       {PolicyChecks::kGrammar, PolicyChecks::kGlue}) {
    std::vector<std::string> refused;
    for (const Finding& finding : CheckPolicy(json, level, {})) {
      EXPECT_EQ(finding.severity, Severity::kError);
      if (absl::StrContains(finding.message, "a group is not a principal")) {
        EXPECT_EQ(finding.code, FindingCode::kInvalidPrincipalFormat);
        refused.push_back(finding.pointer);
      }
    }
    EXPECT_EQ(refused, found) << text;
  }
  return absl::StrJoin(found, "; ");
}

TEST(Groups, AreWarningsWhereTheGrammarIsNotAsked) {
  const std::string group = "'arn:aws:iam::123456789012:group/a'";
  const std::string nested = "'arn:aws-cn:iam::123456789012:group/p/a'";
  const std::string user = "'arn:aws:iam::123456789012:user/group/a'";
  EXPECT_EQ(
      GroupsOf(Statement(absl::StrCat("'Principal':{'AWS':", group, "}"))),
      "/Statement/Principal/AWS");
  EXPECT_EQ(GroupsOf(absl::StrCat("{'Statement':[{'NotPrincipal':{'AWS':[",
                                  user, ",", group, ",", nested,
                                  "]}},{'Principal':{'AWS':", nested, "}}]}")),
            "/Statement/0/NotPrincipal/AWS/1; /Statement/0/NotPrincipal/AWS/2; "
            "/Statement/1/Principal/AWS");
  for (const std::string& text : {
           std::string("{}"),
           std::string("{'Statement':1}"),
           std::string("{'Statement':['Principal',{'Principal':'*'},{}]}"),
           Statement(absl::StrCat("'Principal':{'AWS':", user, "}")),
           Statement(absl::StrCat("'Principal':{'AWS':{'AWS':", group, "}}")),
           Statement(absl::StrCat("'Principal':{'Service':", group, "}")),
           Statement(absl::StrCat("'Principal':", group)),
           Statement("'Principal':{'AWS':'arn:aws:s3:::group/a'}"),
           Statement("'Principal':{'AWS':[null,true,1,[],'group/a']}"),
       }) {
    EXPECT_EQ(GroupsOf(text), "") << text;
  }
}

}  // namespace
}  // namespace glue_security
