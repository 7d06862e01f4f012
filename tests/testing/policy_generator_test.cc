// The checker confirms the generator's claims about its policies.

#include "glue_security/testing/generators/policy_generator.h"

#include <map>
#include <set>
#include <string>

#include "glue_security/json/json_blanks.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/generators/request_generator.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

CatalogContext CatalogOf(const Caller& caller) {
  CatalogContext catalog;
  catalog.account_id = caller.account_id;
  catalog.region = caller.region;
  catalog.caller.arn = caller.principal_arn;
  return catalog;
}

TEST(PolicyGenerator, GoodPoliciesHaveNoFindings) {
  const PolicyGenerator generator(PolicyChecks::kGlue);
  std::set<std::string> seen;
  SeededChoices choices(1);
  for (int i = 0; i < 3'000; ++i) {
    const Caller& caller = GenerateCaller(choices);
    const std::string text = generator.GenerateGood(choices, caller);
    const auto findings =
        CheckPolicy(text, PolicyChecks::kGlue, CatalogOf(caller));
    ASSERT_TRUE(findings.empty()) << text << "\n"
                                  << FindingCodeName(findings.front().code);
    seen.insert(text);
  }
  EXPECT_GT(seen.size(), 1'500u);
}

TEST(PolicyGenerator, BrokenPoliciesHaveTheOneFindingThatIsSaid) {
  for (const PolicyChecks level :
       {PolicyChecks::kGrammar, PolicyChecks::kGlue}) {
    const PolicyGenerator generator(level);
    std::map<FindingCode, int> seen;
    SeededChoices choices(2);
    for (int i = 0; i < 8'000; ++i) {
      const Caller& caller = GenerateCaller(choices);
      const GeneratedPolicy policy = generator.GenerateBroken(choices, caller);
      const auto findings = CheckPolicy(policy.text, level, CatalogOf(caller));
      ASSERT_EQ(findings.size(), 1u) << policy.text;
      ASSERT_TRUE(policy.finding.has_value());
      ASSERT_EQ(FindingCodeName(findings.front().code),
                FindingCodeName(*policy.finding))
          << policy.text;
      ++seen[*policy.finding];
    }
    // The generator makes all codes of the level except malformed JSON, which
    // would not be a document, and a nonexistent principal.
    for (int i = 1; !FindingCodeName(static_cast<FindingCode>(i)).empty();
         ++i) {
      const auto code = static_cast<FindingCode>(i);
      const bool expected = FindingCodeLevel(code) <= level &&
                            !IsWarningOnly(code) &&
                            code != FindingCode::kNonexistentPrincipal;
      EXPECT_EQ(seen.count(code) > 0, expected) << FindingCodeName(code);
    }
  }
}

TEST(PolicyGenerator, AFindingIsSetExactlyWhenThereIsOne) {
  const PolicyGenerator generator(PolicyChecks::kGlue);
  SeededChoices choices(3);
  int broken = 0;
  for (int i = 0; i < 3'000; ++i) {
    const Caller& caller = GenerateCaller(choices);
    const GeneratedPolicy policy = generator.Generate(choices, caller);
    ASSERT_EQ(CheckPolicy(policy.text, PolicyChecks::kGlue, CatalogOf(caller))
                  .empty(),
              !policy.finding.has_value())
        << policy.text;
    broken += policy.finding.has_value() ? 1 : 0;
  }
  EXPECT_GT(broken, 200);
  EXPECT_LT(broken, 400);
}

TEST(PolicyGenerator, SizesAreExactAndGoodPoliciesStayGood) {
  for (const PolicyChecks level :
       {PolicyChecks::kJson, PolicyChecks::kGrammar, PolicyChecks::kGlue}) {
    const PolicyGenerator generator(level);
    SeededChoices choices(4);
    int good = 0;
    for (const size_t bytes :
         {0, 1, 2, 3, 200, 2'000, 10'239, 10'240, 10'241}) {
      for (int i = 0; i < 20; ++i) {
        const Caller& caller = GenerateCaller(choices);
        const bool blanks_count = i % 2 == 0;
        const GeneratedPolicy policy = generator.GenerateOfSize(
            bytes, blanks_count ? CountedBytes::kAll : CountedBytes::kNoBlanks,
            choices, caller);
        ASSERT_EQ(
            blanks_count ? policy.text.size() : SizeWithoutBlanks(policy.text),
            bytes);
        const auto findings =
            CheckPolicy(policy.text, level, CatalogOf(caller));
        if (level > PolicyChecks::kJson) {
          ASSERT_EQ(findings.empty(), !policy.finding.has_value())
              << policy.text;
        }
        if (policy.finding.has_value()) {
          ASSERT_EQ(findings.front().code, *policy.finding);
        }
        good += findings.empty() ? 1 : 0;
      }
    }
    EXPECT_GE(good, 80);
  }
}

TEST(PolicyGenerator, JsonTextsAreOfManyKinds) {
  const PolicyGenerator generator(PolicyChecks::kJson);
  std::set<bool> is_object;
  std::set<std::string> seen;
  SeededChoices choices(5);
  for (int i = 0; i < 2'000; ++i) {
    const GeneratedPolicy policy =
        generator.Generate(choices, GeneratedCallers()[0]);
    EXPECT_FALSE(policy.finding.has_value());
    seen.insert(policy.text);
    is_object.insert(CheckPolicy(policy.text, PolicyChecks::kJson, {}).empty());
  }
  EXPECT_EQ(is_object.size(), 2u);
  EXPECT_GT(seen.size(), 100u);
}

}  // namespace
}  // namespace glue_security
