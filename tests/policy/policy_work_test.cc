// Tests that ParsePolicy and CheckPolicy parse and check a text once.
// tests/engine/policy_work_test.cc tests the same of the engine and
// PolicyAuthorizer.

#include "glue_security/policy/policy_work.h"

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/model/behavior.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_evaluator.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr char kCaller[] = "arn:aws:iam::123456789012:user/alice";

std::string PolicyOf(const std::string& statement_members) {
  return absl::StrCat(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)",
      R"("Principal":"*","Action":"*",)",
      R"("Resource":"arn:aws:glue:us-east-1:123456789012:*"},{)",
      statement_members,
      R"(,"Resource":"arn:aws:glue:us-east-1:123456789012:*"}]})");
}

// Returns texts without findings, for a caller that is known. With each of the
// last three the search for a lock-out goes further.
std::vector<std::string> GoodPolicies() {
  return {PolicyOf(R"("Effect":"Allow","Principal":"*","Action":"glue:Get*")"),
          PolicyOf(R"("Effect":"Deny","Principal":"*","Action":"glue:Get*")"),
          PolicyOf(R"("Effect":"Deny","Principal":{"AWS":"210987654321"},)"
                   R"("Action":"glue:*")"),
          PolicyOf(R"("Effect":"Deny","Principal":"*","Action":"*",)"
                   R"("Condition":{"StringNotEquals":{"aws:PrincipalAccount":)"
                   R"([123456789012,1.50]}})")};
}

CatalogContext Catalog() {
  CatalogContext catalog;
  catalog.account_id = "123456789012";
  catalog.region = "us-east-1";
  catalog.caller.arn = kCaller;
  return catalog;
}

// Returns the work that `call` does.
template <typename Call>
PolicyWork WorkOf(Call&& call) {
  const PolicyWork before = WorkOfThisThread();
  call();
  const PolicyWork& after = WorkOfThisThread();
  return {after.parses - before.parses, after.checks - before.checks,
          after.compilations - before.compilations};
}

TEST(PolicyWork, OfATextWithoutFindings_IsOneParseAndOneCheck) {
  for (const std::string& text : GoodPolicies()) {
    for (const PolicyChecks level :
         {PolicyChecks::kNone, PolicyChecks::kJson, PolicyChecks::kGrammar,
          PolicyChecks::kGlue}) {
      for (const bool has_hook : {false, true}) {
        SCOPED_TRACE(absl::StrCat(text, " at level ", static_cast<int>(level),
                                  ", hook ", has_hook));
        CatalogContext catalog = Catalog();
        if (has_hook) {
          catalog.principal_exists = [](absl::string_view) { return true; };
        }
        const PolicyWork check = WorkOf(
            [&] { EXPECT_TRUE(CheckPolicy(text, level, catalog).empty()); });
        EXPECT_EQ(check.parses, level == PolicyChecks::kNone ? 0 : 1);
        EXPECT_EQ(check.checks, level >= PolicyChecks::kGrammar ? 1 : 0);
        EXPECT_EQ(check.compilations, 0);
        const PolicyWork parse = WorkOf([&] {
          const auto parsed = ParsePolicy(text, level, catalog);
          EXPECT_TRUE(std::holds_alternative<Policy>(parsed));
        });
        EXPECT_EQ(parse.parses, 1);
        EXPECT_EQ(parse.checks, 1);
        EXPECT_EQ(parse.compilations, 0);
      }
    }
  }
}

TEST(PolicyWork, OfATextWithFindings_IsOneParseMoreToPlaceThem) {
  const std::vector<std::string> texts = {
      PolicyOf(R"("Effect":"allow","Principal":"*","Action":"*")"),
      PolicyOf(R"("Effect":"Deny","Principal":"*","Action":"*")"), "{}",
      "no JSON"};
  for (const std::string& text : texts) {
    const PolicyWork check = WorkOf([&] {
      EXPECT_FALSE(CheckPolicy(text, PolicyChecks::kGlue, Catalog()).empty());
    });
    EXPECT_LE(check.parses, 2) << text;
    EXPECT_LE(check.checks, 2) << text;
    const PolicyWork parse = WorkOf([&] {
      const auto parsed = ParsePolicy(text, PolicyChecks::kGlue, Catalog());
      EXPECT_FALSE(std::holds_alternative<Policy>(parsed));
    });
    EXPECT_EQ(parse.parses, 1) << text;
    EXPECT_LE(parse.checks, 1) << text;
  }
}

TEST(PolicyWork, OfAnEvaluator_IsOneCompilation) {
  const auto parsed =
      ParsePolicy(GoodPolicies()[0], PolicyChecks::kGrammar, {});
  const PolicyWork work = WorkOf([&] {
    const PolicyEvaluator evaluator(std::get<Policy>(parsed));
    AuthorizationRequest request;
    evaluator.Decide(request);
    evaluator.Evaluate(request);
  });
  EXPECT_EQ(work.parses, 0);
  EXPECT_EQ(work.checks, 0);
  EXPECT_EQ(work.compilations, 1);
}

}  // namespace
}  // namespace glue_security
