// Tests which values each element may have, the lock-out, the hook that asks
// whether a principal exists, and hostile texts. policy_mutants_test.cc tests
// that every rule is checked at every place.

#include <chrono>
#include <cstddef>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "glue_security/json/json_document.h"
#include "glue_security/model/behavior.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy.h"
#include "glue_security/testing/generators/condition_operators.h"
#include "gtest/gtest.h"
#include "re2/re2.h"

namespace glue_security {
namespace {

constexpr char kAllOfCatalog[] = "\"arn:aws:glue:us-east-1:123456789012:*\"";

CatalogContext Catalog() {
  CatalogContext catalog;
  catalog.account_id = "123456789012";
  catalog.region = "us-east-1";
  return catalog;
}

// The parts of a policy of one statement, as JSON.
struct Parts {
  // The version with the comma after it.
  std::string version = "\"Version\": \"2012-10-17\",";
  std::string sid = "\"a\"";
  std::string effect = "\"Allow\"";
  std::string principal = "\"Principal\": \"*\"";
  std::string action = "\"Action\": \"glue:GetTable\"";
  std::string resource = absl::StrCat("\"Resource\": ", kAllOfCatalog);
  std::string condition = "{}";
};

std::string Policy(const Parts& parts) {
  return absl::StrCat("{", parts.version,
                      "\"Statement\": [{\"Sid\": ", parts.sid,
                      ",\n\"Effect\": ", parts.effect, ",\n", parts.principal,
                      ",\n", parts.action, ",\n", parts.resource,
                      ",\n\"Condition\": ", parts.condition, "}]}");
}

// Returns "INVALID_EFFECT /Statement/0/Effect" and so on, joined by "; ".
std::string Describe(const std::vector<Finding>& findings) {
  return absl::StrJoin(findings, "; ",
                       [](std::string* out, const Finding& finding) {
                         absl::StrAppend(out, FindingCodeName(finding.code),
                                         " ", finding.pointer);
                       });
}

std::string Check(const std::string& text,
                  PolicyChecks level = PolicyChecks::kGlue) {
  return Describe(CheckPolicy(text, level, Catalog()));
}

std::string Quoted(const std::string& text) {
  std::string json = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\') {
      absl::StrAppendFormat(&json, "\\u%04x", c);
    } else {
      json += c;
    }
  }
  return json + "\"";
}

// ---------------------------------------------------------------------------
// Legal policies.

TEST(LegalPolicy, MayHaveEitherVersionOrNone) {
  for (const char* version :
       {"\"Version\": \"2012-10-17\",", "\"Version\": \"2008-10-17\",", ""}) {
    Parts parts;
    parts.version = version;
    EXPECT_EQ(Check(Policy(parts)), "");
  }
}

TEST(LegalPolicy, MayHaveAnId) {
  for (const char* id : {"\"Id\": \"\",", "\"Id\": \"\\u0000 any, Zürich\","}) {
    Parts parts;
    parts.version = id;
    EXPECT_EQ(Check(Policy(parts)), "");
  }
}

TEST(LegalPolicy, MayHaveAnySid) {
  for (const std::string& sid :
       {std::string(), std::string("a b/ü\n"), std::string(5000, 'a')}) {
    Parts parts;
    parts.sid = Quoted(sid);
    EXPECT_EQ(Check(Policy(parts)), "");
  }
}

TEST(LegalPolicy, MayRepeatEmptySidsAndThoseThatDifferInCase) {
  const std::string rest = absl::StrCat(
      R"("Effect": "Allow", "Principal": "*", "Action": "*", "Resource": )",
      kAllOfCatalog);
  EXPECT_EQ(
      Check(absl::StrCat(
          R"({"Statement": [{"Sid": "", )", rest, R"(}, {"Sid": "", )", rest,
          R"(}, {"Sid": "a", )", rest, R"(}, {"Sid": "A", )", rest,
          R"(}, {"Sid": "a ", )", rest, "}, {", rest, "}, {", rest, "}]}")),
      "");
}

TEST(LegalPolicy, MayHaveEveryOperatorInEveryForm) {
  for (const char* quantifier : {"", "ForAllValues:", "ForAnyValue:"}) {
    for (const char* comparison : kAllOperators) {
      for (const char* suffix : {"", "IfExists"}) {
        const std::string op = absl::StrCat(quantifier, comparison, suffix);
        const bool legal = !absl::StrContains(op, "NullIfExists");
        Parts parts;
        const bool is_date = absl::StrContains(op, "Date");
        parts.condition = absl::StrCat("{\"", op, "\": {\"aws:x\": \"",
                                       is_date ? "2026" : "true", "\"}}");
        EXPECT_EQ(Check(Policy(parts)),
                  legal ? ""
                        : absl::StrCat("NULL_WITH_IF_EXISTS "
                                       "/Statement/0/Condition/",
                                       op));
      }
    }
  }
}

TEST(LegalPolicy, MayHaveEveryTypeOfConditionValue) {
  for (const char* value :
       {"\"a\"", "\"\"", "1", "-1.5e300", "0", "true", "false", "[]", "[\"a\"]",
        "[1, 2]", "[true]", "[\"a\", 1, false, \"${aws:x}\"]"}) {
    Parts parts;
    parts.condition = absl::StrCat("{\"StringLike\": {\"aws:x\": ", value,
                                   ", \"\": ", value, "}, \"Null\": {}}");
    EXPECT_EQ(Check(Policy(parts)), "") << value;
  }
}

TEST(LegalPolicy, MayHaveEmptyListsAndMaps) {
  for (const char* not_ : {"", "Not"}) {
    Parts parts;
    parts.effect = "\"Deny\"";
    for (const char* principal :
         {"{}", "{\"AWS\": []}", "{\"AWS\": [], \"Service\": []}"}) {
      parts.principal = absl::StrCat("\"", not_, "Principal\": ", principal);
      parts.action = absl::StrCat("\"", not_, "Action\": []");
      parts.resource = absl::StrCat("\"", not_, "Resource\": []");
      EXPECT_EQ(Check(Policy(parts)), "");
    }
  }
}

TEST(LegalPolicy, MayNameAPrincipalInEveryForm) {
  for (const char* partition : {"aws", "aws-cn", "aws-us-gov", "aws-iso-b"}) {
    for (const char* rest :
         {"iam::210987654321:root", "iam::210987654321:user/a",
          "iam::210987654321:user/p/a", "iam::210987654321:user/p/q/r/a",
          "iam::210987654321:role/a", "iam::210987654321:role/p/_+=,.@-A9",
          "sts::210987654321:assumed-role/a/b@c",
          "sts::210987654321:federated-user/a"}) {
      const std::string arn =
          absl::StrCat("\"arn:", partition, ":", rest, "\"");
      for (const std::string& value : {arn, absl::StrCat("[", arn, "]")}) {
        Parts parts;
        parts.principal = absl::StrCat("\"Principal\": {\"AWS\": ", value, "}");
        // A catalog has principals of its own partition only.
        const bool is_own = partition == std::string("aws");
        EXPECT_EQ(absl::StartsWith(Check(Policy(parts)), "INVALID_PARTITION "),
                  !is_own)
            << value;
        EXPECT_TRUE(Check(Policy(parts), PolicyChecks::kGrammar).empty());
        parts.effect = "\"Deny\"";
        parts.principal =
            absl::StrCat("\"NotPrincipal\": {\"AWS\": ", value, "}");
        EXPECT_EQ(absl::StartsWith(Check(Policy(parts)), "INVALID_PARTITION "),
                  !is_own)
            << value;
        EXPECT_TRUE(Check(Policy(parts), PolicyChecks::kGrammar).empty());
      }
    }
  }
  for (const char* value :
       {"\"*\"", "\"000000000000\"", "\"AIDAABCDEFGHIJKLMNOP\"",
        "\"AROAABCDEFGH1234\"", "[\"*\", \"*\", \"210987654321\"]"}) {
    Parts parts;
    parts.principal = absl::StrCat("\"Principal\": {\"AWS\": ", value, "}");
    EXPECT_EQ(Check(Policy(parts)), "") << value;
  }
}

TEST(LegalPolicy, MayNameKindsAndResourcesThatGlueDoesNotKnow_AtGrammar) {
  const struct {
    const char* principal;
    const char* resource;
    const char* at_glue;
  } cases[] = {
      {"{\"Federated\": \"accounts.google.com\"}", kAllOfCatalog,
       "UNSUPPORTED_PRINCIPAL /Statement/0/Principal/Federated"},
      {"{\"CanonicalUser\": [\"79a5\"]}", kAllOfCatalog,
       "UNSUPPORTED_PRINCIPAL /Statement/0/Principal/CanonicalUser"},
      {"{\"AWS\": \"arn:aws:iam::210987654321:user/a b\"}", kAllOfCatalog,
       "INVALID_PRINCIPAL_NAME /Statement/0/Principal/AWS"},
      {"\"*\"", "\"*\"", "INVALID_ARN_PREFIX /Statement/0/Resource"},
      {"\"*\"", "\"arn:aws-cn:glue:us-east-1:123456789012:*\"",
       "INVALID_PARTITION /Statement/0/Resource"},
      {"\"*\"", "\"arn:aws-us-gov:glue:us-east-1:123456789012:*\"",
       "INVALID_PARTITION /Statement/0/Resource"},
      {"\"*\"", "\"arn:aws:s3:us-east-1:123456789012:a\"",
       "INVALID_SERVICE /Statement/0/Resource"},
  };
  for (const auto& c : cases) {
    Parts parts;
    parts.principal = absl::StrCat("\"Principal\": ", c.principal);
    parts.resource = absl::StrCat("\"Resource\": ", c.resource);
    EXPECT_EQ(Check(Policy(parts), PolicyChecks::kGrammar), "");
    EXPECT_EQ(Check(Policy(parts)), c.at_glue);
  }
}

TEST(LegalPolicy, MayNameAnyActionOfAnyService) {
  for (const char* action :
       {"*", "glue:*", "glue:GetTable", "GLUE:gettable", "glue:*Get?able",
        "s3:PutObject", "execute-api:Invoke", "s3:*", "a:?", "a:b_c.d-e"}) {
    for (const char* element : {"Action", "NotAction"}) {
      Parts parts;
      parts.action = absl::StrCat("\"", element, "\": \"", action, "\"");
      EXPECT_EQ(Check(Policy(parts)), "") << action;
    }
  }
}

TEST(LegalPolicy, MayWriteItsKeysWithEscapes) {
  EXPECT_EQ(Check(absl::StrReplaceAll(Policy({}), {{"Effect", "\\u0045ffect"},
                                                   {"Allow", "All\\u006Fw"}})),
            "");
}

TEST(LegalPolicy, OfNothingButJson_NeedsNoMoreAtJson) {
  for (const char* text : {"{}", "{\"a\": [1, {\"a\": null, \"a\": 1}]}"}) {
    EXPECT_EQ(Check(text, PolicyChecks::kJson), "");
    EXPECT_NE(Check(text, PolicyChecks::kGrammar), "");
  }
  EXPECT_EQ(Check("not json", PolicyChecks::kNone), "");
}

// ---------------------------------------------------------------------------
// Several mistakes at once.

TEST(Findings, AreAllReportedInTheOrderOfTheText) {
  constexpr char kText[] = R"({
  "Version": "2012-10-18",
  "Statement": [
    {
      "Sid": "one",
      "Principal": {"aws": "*", "AWS": ["nobody", "a*"], "AWS": 1},
      "NotPrincipal": "me",
      "Effect": "allow",
      "Action": ["Get", 7, "glue:GetTable"]
    },
    [],
    {
      "Sid": "one", "Effect": "Allow", "NotPrincipal": "*", "Action": "*",
      "Resource": ["*", "arn:aws-cn:s3:eu-west-1:210987654321:1"],
      "Condition": {"Like": {"a": null, "A": "b"}, "NullIfExists": []}
    }
  ],
  "Effect": "Allow"
})";
  const std::vector<std::string> expected = {
      "2:14 INVALID_VERSION /Version",
      "4:5 MISSING_RESOURCE /Statement/0",
      "6:21 INVALID_PRINCIPAL_KEY /Statement/0/Principal/aws",
      "6:41 INVALID_PRINCIPAL_FORMAT /Statement/0/Principal/AWS/0",
      "6:51 UNSUPPORTED_WILDCARD_IN_PRINCIPAL /Statement/0/Principal/AWS/1",
      "6:58 DUPLICATE_KEYS /Statement/0/Principal/AWS",
      "6:65 DATA_TYPE_MISMATCH /Statement/0/Principal/AWS",
      "7:7 UNSUPPORTED_ELEMENT_COMBINATION /Statement/0/NotPrincipal",
      "7:23 INVALID_PRINCIPAL_FORMAT /Statement/0/NotPrincipal",
      "8:17 INVALID_EFFECT /Statement/0/Effect",
      "9:18 INVALID_ACTION /Statement/0/Action/0",
      "9:25 DATA_TYPE_MISMATCH /Statement/0/Action/1",
      "11:5 DATA_TYPE_MISMATCH /Statement/1",
      "13:14 UNIQUE_SIDS_REQUIRED /Statement/2/Sid",
      "13:40 ALLOW_WITH_NOT_PRINCIPAL /Statement/2/NotPrincipal",
      "14:20 INVALID_ARN_PREFIX /Statement/2/Resource/0",
      "14:25 INVALID_PARTITION /Statement/2/Resource/1",
      "14:25 INVALID_SERVICE /Statement/2/Resource/1",
      "14:25 INVALID_ARN_REGION /Statement/2/Resource/1",
      "14:25 INVALID_ARN_ACCOUNT /Statement/2/Resource/1",
      "14:25 INVALID_ARN_RESOURCE /Statement/2/Resource/1",
      "15:21 INVALID_CONDITION_OPERATOR /Statement/2/Condition/Like",
      "15:35 DATA_TYPE_MISMATCH /Statement/2/Condition/Like/a",
      "15:41 DUPLICATE_KEYS_WITH_DIFFERENT_CASE /Statement/2/Condition/Like/A",
      "15:52 NULL_WITH_IF_EXISTS /Statement/2/Condition/NullIfExists",
      "15:68 DATA_TYPE_MISMATCH /Statement/2/Condition/NullIfExists",
      "18:3 INVALID_POLICY_ELEMENT /Effect"};
  std::vector<std::string> actual;
  for (const Finding& f : CheckPolicy(kText, PolicyChecks::kGlue, Catalog())) {
    actual.push_back(absl::StrCat(f.line, ":", f.column, " ",
                                  FindingCodeName(f.code), " ", f.pointer));
  }
  EXPECT_EQ(actual, expected);
}

TEST(Findings, AtOnePlace_AreInTheOrderOfTheirCodes) {
  Parts parts;
  parts.principal = R"("Principal": "*", "NotPrincipal": "*")";
  EXPECT_EQ(Check(Policy(parts)),
            "UNSUPPORTED_ELEMENT_COMBINATION /Statement/0/NotPrincipal; "
            "ALLOW_WITH_NOT_PRINCIPAL /Statement/0/NotPrincipal");
  EXPECT_EQ(Check(R"({"Statement": {}})"),
            "MISSING_EFFECT /Statement; MISSING_PRINCIPAL /Statement; "
            "MISSING_ACTION /Statement; MISSING_RESOURCE /Statement");
}

// Returns the findings of ParsePolicy, or "" if it gives a policy. The policy
// must have the same text.
std::string Parse(const std::string& text, PolicyChecks level) {
  const auto parsed = ParsePolicy(text, level, Catalog());
  if (const auto* policy = std::get_if<glue_security::Policy>(&parsed)) {
    EXPECT_EQ(policy->document().text(), text);
    return "";
  }
  const auto& findings = std::get<std::vector<Finding>>(parsed);
  EXPECT_FALSE(findings.empty());
  return Describe(findings);
}

TEST(ParsePolicy, GivesAPolicyOrWhatCheckPolicyFinds) {
  for (const std::string& text :
       {Policy({}), std::string("{}"), std::string("{\"Statement\": 1}"),
        std::string("no JSON"), std::string("[]"),
        absl::StrReplaceAll(Policy({}), {{"us-east-1", "eu-west-1"}})}) {
    for (const PolicyChecks level :
         {PolicyChecks::kGrammar, PolicyChecks::kGlue}) {
      EXPECT_EQ(Parse(text, level), Check(text, level)) << text;
      auto document = JsonDocument::Parse(text);
      if (!std::holds_alternative<JsonDocument>(document)) continue;
      const auto parsed = ParsePolicy(
          std::get<JsonDocument>(std::move(document)), level, Catalog());
      EXPECT_EQ(std::holds_alternative<glue_security::Policy>(parsed),
                Check(text, level).empty())
          << text;
    }
  }
}

// Text that is only JSON is not a `Policy` at any level.
TEST(ParsePolicy, AsksForTheGrammarAtLeast) {
  for (const std::string& text : {Policy({}), std::string("{}")}) {
    for (const PolicyChecks level :
         {PolicyChecks::kNone, PolicyChecks::kJson}) {
      EXPECT_EQ(Check(text, level), "");
      EXPECT_EQ(Parse(text, level), Check(text, PolicyChecks::kGrammar));
    }
  }
}

TEST(Findings, OfATextThatNestsTooDeep_AreOne) {
  const std::string text = R"({"a": {"b": {}}})";
  EXPECT_TRUE(CheckPolicy(text, PolicyChecks::kJson, Catalog(), 3).empty());
  for (const PolicyChecks level :
       {PolicyChecks::kJson, PolicyChecks::kGrammar, PolicyChecks::kGlue}) {
    const auto findings = CheckPolicy(text, level, Catalog(), 2);
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(findings[0].code, FindingCode::kJsonSyntaxError);
    EXPECT_EQ(findings[0].offset, 12u);
    EXPECT_EQ(findings[0].message, "arrays and objects nest deeper than 2");
  }
}

// ---------------------------------------------------------------------------
// The rules of resources and principals, compared with regular expressions.

// Joins `parts`. At most one part is replaced or removed, or has one of
// `pieces` added.
std::string NearMiss(std::vector<std::string> parts,
                     const std::vector<std::string>& pieces,
                     std::mt19937_64* random) {
  const std::string& piece = pieces[(*random)() % pieces.size()];
  const size_t at = (*random)() % parts.size();
  const auto place = parts.begin() + static_cast<std::ptrdiff_t>(at);
  switch ((*random)() % 6) {
    case 0:
      parts[at] = piece;
      break;
    case 1:
      parts.erase(place);
      break;
    case 2:
      parts.insert(place, piece);
      break;
    default:
      break;
  }
  return absl::StrJoin(parts, "");
}

// The regular expression is the guide's.
TEST(Resources, AreThoseThatTheRegularExpressionMatches) {
  // The dot does not match a line terminator.
  const RE2 pattern(
      "arn:aws:glue:us-east-1:123456789012:"
      R"((\*|[a-zA-Z\*]+\/?[^\n\r\x{85}\x{2028}\x{2029}]*))");
  ASSERT_TRUE(pattern.ok()) << pattern.error();
  const std::vector<std::string> pieces = {
      "arn", "aws",    "glue",   "us-east-1", "123456789012",
      ":",   "*",      "?",      "/",         "table",
      "a",   "Z",      "1",      "_",         "@",
      "[",   "`",      "{",      "\n",        "\r",
      "\t",  "\u0085", "\u2028", "\u2029",    "\u00e9",
      "\\",  "\"",     " ",      "\x7F",      "\x01"};
  std::mt19937_64 random(20261124);
  int matches = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::vector<std::string> parts = {"arn",          ":", "aws",       ":",
                                      "glue",         ":", "us-east-1", ":",
                                      "123456789012", ":"};
    for (size_t n = random() % 4; n > 0; --n) {
      parts.push_back(pieces[random() % pieces.size()]);
    }
    const std::string text = NearMiss(parts, pieces, &random);
    const bool matched = RE2::FullMatch(text, pattern);
    matches += matched ? 1 : 0;
    Parts policy;
    policy.resource = absl::StrCat(
        i % 2 == 0 ? "\"Resource\": " : "\"NotResource\": ", Quoted(text));
    ASSERT_EQ(Check(Policy(policy)).empty(), matched) << Quoted(text);
  }
  EXPECT_GT(matches, 5'000);
}

// Regions and accounts of any length, some with colons, at which an ARN would
// be split elsewhere.
TEST(Resources, AreThoseOfTheirCatalog) {
  const std::string long_text(200, 'x');
  const std::vector<std::string> regions = {"us-east-1", "", "us:east",
                                            "us-east-1:1", long_text};
  const std::vector<std::string> accounts = {"123456789012", "", "1:2",
                                             long_text};
  for (const std::string& region : regions) {
    for (const std::string& account : accounts) {
      CatalogContext catalog;
      catalog.region = region;
      catalog.account_id = account;
      // The ARN is split at the first five colons, whatever is between them.
      const bool splits = region.find(':') == std::string::npos &&
                          account.find(':') == std::string::npos;
      for (const std::string& in_region : {region, region + "1"}) {
        for (const std::string& in_account : {account, account + "1"}) {
          for (const absl::string_view name :
               {"*", "table/a", "", "1", "a\n"}) {
            Parts parts;
            parts.resource =
                absl::StrCat("\"Resource\": \"arn:aws:glue:", in_region, ":",
                             in_account, ":", name, "\"");
            const bool good = splits && in_region == region &&
                              in_account == account &&
                              (name == "*" || name == "table/a");
            EXPECT_EQ(CheckPolicy(Policy(parts), PolicyChecks::kGlue, catalog)
                          .empty(),
                      good)
                << parts.resource << " in " << region << " of " << account;
          }
        }
      }
    }
  }
}

// The principals of the kind AWS by the grammar, and by Glue, whose names have
// only the characters that IAM allows.
TEST(Principals, AreThoseThatTheRegularExpressionMatches) {
  constexpr char kPattern[] =
      R"((?s)\*|[0-9]{12}|A(ID|RO)A[A-Z0-9]{12,124}|)"
      R"(arn:aws(-[-a-z0-9]+)?:iam::[0-9]{12}:(root|(user|role)/([^*?]*/)?%s)|)"
      R"(arn:aws(-[-a-z0-9]+)?:sts::[0-9]{12}:)"
      R"((assumed-role/%s/%s|federated-user/%s))";
  const auto pattern = [&](const char* name, const char* partition) {
    return absl::StrReplaceAll(
        kPattern, {{"%s", name}, {"aws(-[-a-z0-9]+)?", partition}});
  };
  const RE2 at_grammar(pattern("[^*?/]+", "aws(-[-a-z0-9]+)?"));
  const RE2 at_glue(pattern("[A-Za-z0-9_+=,.@-]{1,64}", "aws"));
  ASSERT_TRUE(at_grammar.ok() && at_glue.ok());
  const std::vector<std::string> accounts = {"123456789012", "00000000000a",
                                             "12345678901"};
  const std::vector<std::string> names = {
      "Alice", "a",     "_+=,.@-", std::string(64, 'n'), std::string(65, 'n'),
      "a b",   "\u00e9"};
  const std::vector<std::string> pieces = {
      "arn",   "aws", "aws-cn", "iam", "sts", "::",    ":", "*",
      "?",     "/",   "user",   "1",   "",    "role/", "x", "root",
      "AIDA1", "a/b", "\n",     "\"",  " ",   "AROA",  "@"};
  const std::vector<std::vector<std::string>> kinds = {
      {"root"},
      {"user", "/"},
      {"role", "/"},
      {"user", "/", "p", "/"},
      {"role", "/", "/"},
      {"assumed-role", "/", "r", "/"},
      {"federated-user", "/"}};
  std::mt19937_64 random(20261126);
  const auto any_of = [&random](const auto& list) {
    return list[random() % list.size()];
  };
  int matches = 0;
  int matches_at_grammar_only = 0;
  for (int i = 0; i < 30'000; ++i) {
    std::vector<std::string> parts = {"arn", ":", "aws", ":", "iam", "::"};
    parts.push_back(random() % 4 == 0 ? any_of(accounts) : accounts[0]);
    parts.push_back(":");
    for (const std::string& part : any_of(kinds)) parts.push_back(part);
    if (parts[8].size() > 4) parts[4] = "sts";
    if (parts.size() > 9) parts.push_back(any_of(names));
    const std::string text = NearMiss(parts, pieces, &random);
    Parts policy;
    policy.principal =
        absl::StrCat("\"Principal\": {\"AWS\": ", Quoted(text), "}");
    const bool matches_grammar = RE2::FullMatch(text, at_grammar);
    const bool matches_glue = RE2::FullMatch(text, at_glue);
    ASSERT_EQ(Check(Policy(policy), PolicyChecks::kGrammar).empty(),
              matches_grammar)
        << Quoted(text);
    ASSERT_EQ(Check(Policy(policy)).empty(), matches_glue) << Quoted(text);
    matches += matches_glue ? 1 : 0;
    matches_at_grammar_only += matches_grammar && !matches_glue ? 1 : 0;
  }
  EXPECT_GT(matches, 3'000);
  EXPECT_GT(matches_at_grammar_only, 1'500);
}

// Characters that are special in the expression are literal in a region and an
// account.
TEST(Resources, AreComparedWithTheCatalogByteForByte) {
  CatalogContext catalog;
  catalog.region = "us.*";
  catalog.account_id = "a[0-9]";
  Parts parts;
  parts.resource = "\"Resource\": \"arn:aws:glue:us.*:a[0-9]:x\"";
  EXPECT_EQ(Describe(CheckPolicy(Policy(parts), PolicyChecks::kGlue, catalog)),
            "");
  parts.resource = "\"Resource\": \"arn:aws:glue:us-1:a1:x\"";
  EXPECT_EQ(Describe(CheckPolicy(Policy(parts), PolicyChecks::kGlue, catalog)),
            "INVALID_ARN_REGION /Statement/0/Resource; "
            "INVALID_ARN_ACCOUNT /Statement/0/Resource");
}

// ---------------------------------------------------------------------------
// The hook that asks whether a principal exists.

TEST(PrincipalExists, IsAskedOnceForEachEntryThatNamesSomebody) {
  const std::string text = absl::StrReplaceAll(
      R"json({"Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": ALL,
         "Principal": {
           "AWS": ["*", "210987654321", "arn:aws:iam::123456789012:root",
             "arn:aws:iam::123456789012:user/p/\u0061lice", "210987654321",
             "arn:aws:iam::123456789012:user/(nobody)", "AIDAABCDEFGHIJKLMNOP",
             "wrong", "arn:aws:iam::123456789012:*", 1],
           "Service": "glue.amazonaws.com", "Federated": "x"}},
        {"Effect": "Allow", "Action": "*", "Resource": ALL, "Principal": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": ALL,
         "NotPrincipal": {"AWS": "arn:aws:sts::123456789012:assumed-role/r/s"}}
      ]})json",
      {{"ALL", kAllOfCatalog}});
  std::vector<std::string> asked;
  CatalogContext catalog = Catalog();
  catalog.principal_exists = [&](absl::string_view principal) {
    asked.push_back(std::string(principal));
    return true;
  };
  CheckPolicy(text, PolicyChecks::kGlue, catalog);
  EXPECT_EQ(asked, (std::vector<std::string>{
                       "210987654321", "arn:aws:iam::123456789012:root",
                       "arn:aws:iam::123456789012:user/p/alice", "210987654321",
                       "AIDAABCDEFGHIJKLMNOP",
                       "arn:aws:sts::123456789012:assumed-role/r/s"}));

  asked.clear();
  CheckPolicy(text, PolicyChecks::kGrammar, catalog);
  CheckPolicy(text, PolicyChecks::kJson, catalog);
  EXPECT_TRUE(asked.empty());
}

TEST(PrincipalExists, WhoDoesNotIsFound) {
  CatalogContext catalog = Catalog();
  catalog.principal_exists = [](absl::string_view principal) {
    return principal != "arn:aws:iam::123456789012:user/left";
  };
  Parts parts;
  parts.principal =
      R"("Principal": {"AWS": ["arn:aws:iam::123456789012:user/here",
                               "arn:aws:iam::123456789012:user/left"]})";
  EXPECT_EQ(Describe(CheckPolicy(Policy(parts), PolicyChecks::kGlue, catalog)),
            "NONEXISTENT_PRINCIPAL /Statement/0/Principal/AWS/1");
}

// ---------------------------------------------------------------------------
// Partitions.

// Returns the codes for a policy whose resource and principal are of a
// partition.
std::string CheckPartition(const CatalogContext& catalog,
                           const std::string& partition) {
  Parts parts;
  parts.principal = absl::StrCat(R"("Principal": {"AWS": "arn:)", partition,
                                 R"(:iam::123456789012:user/alice"})");
  parts.resource =
      absl::StrCat(R"("Resource": "arn:)", partition, ":glue:", catalog.region,
                   R"(:123456789012:*")");
  return Describe(CheckPolicy(Policy(parts), PolicyChecks::kGlue, catalog));
}

TEST(Partition, FollowsFromTheRegion_UnlessItIsGiven) {
  const struct {
    const char* region;
    const char* partition;
  } cases[] = {
      {"us-east-1", "aws"},
      {"cn-north-1", "aws-cn"},
      {"us-gov-west-1", "aws-us-gov"},
      {"us-iso-east-1", "aws-iso"},
      {"us-isob-east-1", "aws-iso-b"},
      {"eu-isoe-west-1", "aws-iso-e"},
      {"us-isof-south-1", "aws-iso-f"},
      {"eusc-de-east-1", "aws-eusc"},
      {"cnx", "aws"},
  };
  constexpr char kBothWrong[] =
      "INVALID_PARTITION /Statement/0/Principal/AWS; "
      "INVALID_PARTITION /Statement/0/Resource";
  for (const auto& of_catalog : cases) {
    CatalogContext catalog = Catalog();
    catalog.region = of_catalog.region;
    for (const auto& of_arns : cases) {
      const bool is_own =
          std::string(of_arns.partition) == of_catalog.partition;
      EXPECT_EQ(CheckPartition(catalog, of_arns.partition),
                is_own ? "" : kBothWrong)
          << of_arns.partition << " in " << of_catalog.region;
    }
    catalog.partition = "aws-new";
    EXPECT_EQ(CheckPartition(catalog, "aws-new"), "");
    EXPECT_EQ(CheckPartition(catalog, of_catalog.partition), kBothWrong);
  }
}

// ---------------------------------------------------------------------------
// The lock-out.

constexpr char kUser[] = "arn:aws:iam::123456789012:user/team/alice";
constexpr char kSession[] = "arn:aws:sts::123456789012:assumed-role/admin/s1";
constexpr char kRoot[] = "arn:aws:iam::123456789012:root";

// Completes `statement` with a Resource.
std::string LockOut(const std::string& caller, const std::string& statement) {
  CatalogContext catalog = Catalog();
  catalog.caller.arn = caller;
  const std::string text = absl::StrCat(
      R"({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": )",
      kAllOfCatalog, "}, {", statement, ", \"Resource\": ", kAllOfCatalog,
      "}]}");
  EXPECT_EQ(Describe(CheckPolicy(text, PolicyChecks::kGrammar, catalog)), "");
  return Describe(CheckPolicy(text, PolicyChecks::kGlue, catalog));
}

constexpr char kLockedOut[] = "POLICY_LOCKS_OUT_CALLER /Statement/1";

TEST(LockOut, IsFoundForEveryKindOfCaller) {
  const struct {
    const char* caller;
    const char* principal;
    const char* expected;
  } cases[] = {
      {kUser, "\"*\"", kLockedOut},
      {kUser, "{\"AWS\": \"*\"}", kLockedOut},
      {kUser, "{\"AWS\": \"123456789012\"}", kLockedOut},
      {kUser, "{\"AWS\": \"arn:aws:iam::123456789012:root\"}", kLockedOut},
      {kUser, "{\"AWS\": [\"arn:aws:iam::123456789012:user/team/alice\"]}",
       kLockedOut},
      {kUser, "{\"AWS\": \"arn:aws:iam::123456789012:user/alice\"}", ""},
      {kUser, "{\"AWS\": \"arn:aws:iam::123456789012:user/team/bob\"}", ""},
      {kUser, "{\"AWS\": \"210987654321\"}", ""},
      {kUser, "{\"Service\": \"glue.amazonaws.com\"}", ""},
      {kUser, "{}", ""},
      {kSession, "\"*\"", kLockedOut},
      {kSession, "{\"AWS\": \"arn:aws:iam::123456789012:role/admin\"}",
       kLockedOut},
      {kSession,
       "{\"AWS\": \"arn:aws:sts::123456789012:assumed-role/admin/s1\"}",
       kLockedOut},
      {kSession,
       "{\"AWS\": \"arn:aws:sts::123456789012:assumed-role/admin/s2\"}", ""},
      {kSession, "{\"AWS\": \"arn:aws:iam::123456789012:role/other\"}", ""},
      {kRoot, "\"*\"", kLockedOut},
      {kRoot, "{\"AWS\": \"arn:aws:iam::123456789012:root\"}", kLockedOut},
      {kRoot, "{\"AWS\": \"123456789012\"}", kLockedOut},
      {kRoot, "{\"AWS\": \"arn:aws:iam::123456789012:user/team/alice\"}", ""},
      // Without a caller nobody is locked out.
      {"", "\"*\"", ""},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(LockOut(c.caller, absl::StrCat(R"("Effect": "Deny", "Action": "*",
                                                "Principal": )",
                                             c.principal)),
              c.expected)
        << c.caller << " and " << c.principal;
  }
}

TEST(LockOut, IsFoundWhereNotPrincipalDoesNotSpareTheCaller) {
  const struct {
    const char* caller;
    const char* spared;
    const char* expected;
  } cases[] = {
      {kUser, "{\"AWS\": \"210987654321\"}", kLockedOut},
      {kUser, "{}", kLockedOut},
      {kUser, "\"*\"", ""},
      {kUser,
       "{\"AWS\": [\"123456789012\", "
       "\"arn:aws:iam::123456789012:user/team/alice\"]}",
       ""},
      {kRoot, "{\"AWS\": \"arn:aws:iam::123456789012:root\"}", ""},
      {kRoot, "{\"AWS\": \"arn:aws:iam::123456789012:user/team/alice\"}",
       kLockedOut},
      {kSession,
       "{\"AWS\": [\"123456789012\", "
       "\"arn:aws:iam::123456789012:role/admin\", "
       "\"arn:aws:sts::123456789012:assumed-role/admin/s1\"]}",
       ""},
      {kSession,
       "{\"AWS\": [\"123456789012\", "
       "\"arn:aws:sts::123456789012:assumed-role/admin/s2\"]}",
       kLockedOut},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(LockOut(c.caller, absl::StrCat(R"("Effect": "Deny", "Action": "*",
                                                "NotPrincipal": )",
                                             c.spared)),
              c.expected)
        << c.caller << " and " << c.spared;
  }
}

TEST(LockOut, IsOfTheTwoCallsThatChangeThePolicyOnly) {
  const struct {
    const char* action;
    const char* expected;
  } cases[] = {
      {R"("Action": "glue:PutResourcePolicy")", kLockedOut},
      {R"("Action": "glue:DeleteResourcePolicy")", kLockedOut},
      {R"("Action": "GLUE:deleteresourcepolicy")", kLockedOut},
      {R"("Action": ["glue:GetTable", "glue:*ResourcePolic?"])", kLockedOut},
      {R"("Action": "glue:GetResourcePolicy")", ""},
      {R"("Action": "glue:Get*")", ""},
      {R"("Action": "s3:*")", ""},
      {R"("Action": [])", ""},
      {R"("NotAction": "glue:GetTable")", kLockedOut},
      {R"("NotAction": "glue:PutResourcePolicy")", kLockedOut},
      {R"("NotAction": "glue:DeleteResourcePolicy")", kLockedOut},
      {R"("NotAction": ["glue:PutResourcePolicy",
                        "glue:DeleteResourcePolicy"])",
       ""},
      {R"("NotAction": "glue:*")", ""},
      {R"("NotAction": [])", kLockedOut},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(
        LockOut(kUser, absl::StrCat(R"("Effect": "Deny", "Principal": "*",)",
                                    c.action)),
        c.expected)
        << c.action;
  }
}

// Compares patterns that are made from the names of the calls with RE2.
TEST(LockOut, TakesAnActionAsAPatternOfAnyCase) {
  std::mt19937_64 random(20261130);
  int denied = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string pattern =
        random() % 2 == 0 ? "PutResourcePolicy" : "DeleteResourcePolicy";
    for (uint64_t edits = random() % 5; edits > 0; --edits) {
      const size_t at = random() % pattern.size();
      const std::string piece(1, "*?*?pR"[random() % 6]);
      pattern.replace(at, random() % 2 == 0 ? 1 : random() % pattern.size(),
                      piece);
    }
    const std::string expression =
        "(?i)" + absl::StrReplaceAll(pattern, {{"*", ".*"}, {"?", "."}});
    bool matches = false;
    for (const char* call : {"PutResourcePolicy", "DeleteResourcePolicy"}) {
      matches = matches || RE2::FullMatch(call, expression);
    }
    denied += matches ? 1 : 0;
    for (const bool is_not : {false, true}) {
      // NotAction spares one call and not the other.
      const std::string found = LockOut(
          kUser, absl::StrCat(R"("Effect": "Deny", "Principal": "*", ")",
                              is_not ? "NotAction" : "Action", R"(": "glue:)",
                              pattern, "\""));
      const bool spares_both =
          RE2::FullMatch("PutResourcePolicy", expression) &&
          RE2::FullMatch("DeleteResourcePolicy", expression);
      const bool expected = is_not ? !spares_both : matches;
      ASSERT_EQ(found, expected ? kLockedOut : "") << pattern;
    }
  }
  EXPECT_GT(denied, 300);
  EXPECT_LT(denied, 2'700);
}

TEST(LockOut, LooksAtTheContextThatFollowsFromTheCaller) {
  const struct {
    const char* condition;
    const char* expected;
  } cases[] = {
      {R"({"StringEquals": {"aws:PrincipalArn":
            "arn:aws:iam::123456789012:user/team/alice"}})",
       kLockedOut},
      {R"({"StringNotEquals": {"aws:PrincipalArn":
            "arn:aws:iam::123456789012:user/team/alice"}})",
       ""},
      {R"({"ArnNotLike": {"aws:PrincipalArn":
            "arn:aws:iam::123456789012:user/*"}})",
       ""},
      {R"({"ArnNotEquals": {"AWS:principalarn":
            "arn:aws:iam::123456789012:user/team/bob"}})",
       kLockedOut},
      {R"({"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}})", ""},
      {R"({"StringEquals": {"aws:username": "alice"}})", kLockedOut},
      // The values are not known, since a request might come from elsewhere.
      {R"({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})", ""},
      {R"({"Bool": {"aws:SecureTransport": "false"}})", ""},
      {R"({})", kLockedOut},
      // Numbers and Booleans are compared as text.
      {R"({"StringEquals": {"aws:PrincipalAccount": 123456789012}})",
       kLockedOut},
      {R"({"StringEquals": {"aws:PrincipalAccount": [-1, 2.50, 1e3, true, "-7",
            18446744073709551615, 123456789012 , false]}})",
       kLockedOut},
      {R"({"NumericEquals": {"aws:PrincipalAccount": 1.23456789012E+11}})",
       kLockedOut},
      {R"({"StringEquals": {"aws:PrincipalAccount": [1.23456789012e11, 0]}})",
       ""},
      {R"({"NumericLessThan": {"aws:PrincipalAccount": [0, 1e99]}})",
       kLockedOut},
      {R"({"Bool": {"aws:PrincipalIsAWSService": [false]}})", kLockedOut},
      {R"({"Bool": {"aws:PrincipalIsAWSService": true}})", ""},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(LockOut(kUser, absl::StrCat(R"("Effect": "Deny", "Action": "*",
                                             "Principal": "*", "Condition": )",
                                          c.condition)),
              c.expected)
        << c.condition;
  }
}

TEST(LockOut, IsOfTheCatalogItself) {
  CatalogContext catalog = Catalog();
  catalog.caller.arn = kUser;
  const struct {
    const char* resource;
    bool locks_out;
  } cases[] = {
      {"\"Resource\": \"GLUE:catalog\"", true},
      {"\"Resource\": \"GLUE:*\"", true},
      {"\"Resource\": \"GLUE:c*\"", true},
      {"\"Resource\": \"GLUE:table/*\"", false},
      {"\"Resource\": []", false},
      {"\"NotResource\": \"GLUE:table/*\"", true},
      {"\"NotResource\": \"GLUE:catalog\"", false},
  };
  for (const auto& c : cases) {
    Parts parts;
    parts.effect = "\"Deny\"";
    parts.action = "\"Action\": \"glue:*\"";
    parts.resource = absl::StrReplaceAll(
        c.resource, {{"GLUE:", "arn:aws:glue:us-east-1:123456789012:"}});
    EXPECT_EQ(!CheckPolicy(Policy(parts), PolicyChecks::kGlue, catalog).empty(),
              c.locks_out)
        << c.resource;
  }
}

TEST(LockOut, IsNotOfPoliciesThatOnlyAllow) {
  // An Allow for somebody else denies nobody explicitly.
  EXPECT_EQ(LockOut(kUser, R"("Effect": "Allow", "Action": "*",
                             "Principal": {"AWS": "210987654321"})"),
            "");
}

TEST(LockOut, IsOneFindingAtTheFirstStatementThatDenies) {
  CatalogContext catalog = Catalog();
  catalog.caller.arn = kUser;
  const std::string deny_delete = absl::StrCat(
      R"({"Effect": "Deny", "Principal": "*", "Resource": )", kAllOfCatalog,
      R"(, "Action": "glue:DeleteResourcePolicy"})");
  const std::string deny_put =
      absl::StrReplaceAll(deny_delete, {{"DeleteResource", "PutResource"}});
  const std::string both =
      absl::StrCat("{\"Statement\": [", deny_put, ", ", deny_delete, "]}");
  const auto findings = CheckPolicy(both, PolicyChecks::kGlue, catalog);
  EXPECT_EQ(Describe(findings), "POLICY_LOCKS_OUT_CALLER /Statement/0");
  EXPECT_EQ(findings[0].message,
            "the statement denies glue:PutResourcePolicy to the caller, who "
            "could then not change the policy again; exempt the caller, for "
            "example with a Condition on \"aws:PrincipalArn\"");
  EXPECT_EQ(findings[0].offset, both.find(deny_put));
  // The lock-out is not reported beside other findings.
  EXPECT_EQ(Describe(CheckPolicy(
                absl::StrReplaceAll(
                    both, {{"{\"Statement\"", "{\"Foo\": 1, \"Statement\""}}),
                PolicyChecks::kGlue, catalog)),
            "INVALID_POLICY_ELEMENT /Foo");
  // Without a list the statement is at the element itself.
  EXPECT_EQ(
      Describe(CheckPolicy(absl::StrCat("{\"Statement\": ", deny_put, "}"),
                           PolicyChecks::kGlue, catalog)),
      "POLICY_LOCKS_OUT_CALLER /Statement");
}

TEST(RepeatedKeys, AreFoundWhateverStandsBetween) {
  EXPECT_EQ(
      Describe(CheckPolicy(
          R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"*",)"
          R"("Resource":"*","Condition":{"Bool":{"k":1,"K":1,"k":1,"j":1,)"
          R"("K":1,"J":1}}}})",
          PolicyChecks::kGrammar, {})),
      "DUPLICATE_KEYS_WITH_DIFFERENT_CASE /Statement/Condition/Bool/K; "
      "DUPLICATE_KEYS /Statement/Condition/Bool/k; "
      "DUPLICATE_KEYS /Statement/Condition/Bool/K; "
      "DUPLICATE_KEYS_WITH_DIFFERENT_CASE /Statement/Condition/Bool/J");
}

// ---------------------------------------------------------------------------
// Hostile texts, some as long as a request allows and some much longer.

// Checks `text` at all levels. Returns the number of findings at the highest,
// and expects that their number and size stay within useful bounds.
size_t CountFindings(const std::string& text) {
  constexpr size_t kFindingsMax = 1000;
  const auto start = std::chrono::steady_clock::now();
  size_t count = 0;
  for (const PolicyChecks level :
       {PolicyChecks::kNone, PolicyChecks::kJson, PolicyChecks::kGrammar,
        PolicyChecks::kGlue}) {
    const auto findings = CheckPolicy(text, level, Catalog(), 1024);
    count = findings.size();
    EXPECT_LE(count, kFindingsMax);
    size_t previous = 0;
    for (const Finding& finding : findings) {
      EXPECT_LE(finding.message.size(), 200u);
      EXPECT_LE(finding.pointer.size(), 2 * text.size());
      EXPECT_GE(finding.offset, previous);
      previous = finding.offset;
    }
  }
  // A check takes milliseconds. The bound catches quadratic time.
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  return count;
}

std::string Repeated(size_t times, const std::string& text) {
  std::string all;
  for (size_t i = 0; i < times; ++i) {
    absl::StrAppend(&all, i == 0 ? "" : ",",
                    absl::StrReplaceAll(text, {{"#", absl::StrCat(i)}}));
  }
  return all;
}

TEST(HostileText, OfBracketsIsRefusedAtOnce) {
  for (const std::string& open :
       {std::string("["), std::string("{\"a\":"),
        std::string("{\"Statement\":["), std::string("{")}) {
    std::string text = "{\"Statement\":";
    while (text.size() < 10'240) text += open;
    EXPECT_EQ(CountFindings(text), 1u);
  }
  std::string closed = "{\"Statement\":";
  closed += std::string(1000, '[') + std::string(1000, ']') + "}";
  EXPECT_EQ(CountFindings(closed), 1u);
}

TEST(HostileText, OfManyMistakesHasAThousandFindings) {
  const std::string in_statement = "{\"Statement\": {";
  for (const size_t times : {2'000u, 20'000u}) {
    const std::vector<std::string> texts = {
        "{" + Repeated(times, "\"Version\":1") + "}",
        "{" + Repeated(times, "\"#\":1") + "}",
        "{\"Statement\": [" + Repeated(times, "1") + "]}",
        "{\"Statement\": [" + Repeated(times, "{}") + "]}",
        "{\"Statement\": [" + Repeated(times, "{\"Sid\":\"a\"}") + "]}",
        in_statement + Repeated(times, "\"Sid\":\"a\"") + "}}",
        in_statement + Repeated(times, "\"#\":{}") + "}}",
        in_statement + "\"Action\": [" + Repeated(times, "null") + "]}}",
        in_statement + "\"Resource\": [" + Repeated(times, "\"#\"") + "]}}",
        in_statement + "\"Principal\": {" + Repeated(times, "\"AWS\":1") +
            "}}}",
        in_statement + "\"Principal\": {\"AWS\": [" + Repeated(times, "\"#\"") +
            "]}}}",
        in_statement + "\"Condition\": {" + Repeated(times, "\"a#\":1") + "}}}",
        in_statement + "\"Condition\": {\"Bool\": {" +
            Repeated(times, "\"a\":1") + "}}}}",
        in_statement + "\"Condition\": {\"Bool\": {\"a\": [" +
            Repeated(times, "{}") + "]}}}}"};
    for (const std::string& text : texts) {
      EXPECT_EQ(CountFindings(text), 1000u) << text.substr(0, 100);
    }
  }
}

TEST(HostileText, HasTheFirstThousandFindingsOfTheText) {
  // The first mistake in the text is found last.
  const std::string text =
      absl::StrCat("{\"Statement\": [{\"Sid\": \"a\"}, {\"Sid\": \"a\"}, ",
                   Repeated(1'500, "1"), "], \"Foo\": 1}");
  const auto findings = CheckPolicy(text, PolicyChecks::kGrammar, Catalog());
  ASSERT_EQ(findings.size(), 1000u);
  // Each of the two statements lacks four elements.
  EXPECT_EQ(findings[8].code, FindingCode::kUniqueSidsRequired);
  EXPECT_EQ(findings[8].pointer, "/Statement/1/Sid");
  for (size_t i = 9; i < findings.size(); ++i) {
    EXPECT_EQ(findings[i].pointer, absl::StrCat("/Statement/", i - 7));
    EXPECT_EQ(findings[i].code, FindingCode::kDataTypeMismatch);
  }
}

TEST(HostileText, OfLongNamesIsCheckedAsFast) {
  for (const size_t size : {10'000u, 1'000'000u}) {
    const std::string name(size, '/');
    Parts parts;
    parts.sid = "\"" + name + "\"";
    EXPECT_EQ(CountFindings(Policy(parts)), 0u);
    parts.condition = "{\"" + name + "\": {\"" + name + "\": null}}";
    EXPECT_EQ(CountFindings(Policy(parts)), 2u);
    parts.resource = "\"Resource\": \"" + std::string(size, ':') + "\"";
    EXPECT_EQ(CountFindings(Policy(parts)), 3u);
    parts.principal = "\"Principal\": {\"AWS\": \"arn:aws:iam::123456789012:" +
                      std::string("user/") + name + "a\"}";
    EXPECT_EQ(CountFindings(Policy(parts)), 3u);
    parts.action = "\"Action\": \"" + std::string(size, '*') + "\"";
    EXPECT_EQ(CountFindings(Policy(parts)), 4u);
  }
}

// A pointer repeats the key: there are a thousand pointers with the longest
// key.
TEST(HostileText, OfManyMistakesUnderALongKeyStaysBounded) {
  const std::string text = absl::StrCat(
      "{\"Statement\": {\"Condition\": {\"Bool\": {\"", std::string(5'000, 'a'),
      "\": [", Repeated(2'000, "{}"), "]}}}}");
  EXPECT_EQ(CountFindings(text), 1000u);
}

}  // namespace
}  // namespace glue_security
