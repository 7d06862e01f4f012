// Compares the evaluator with the naive one, on random policies and on requests
// that nearly match them. The seed is printed; GLUE_SECURITY_SEED=N repeats the
// run.

#include <cstdint>
#include <iostream>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/json/json_document.h"
#include "glue_security/model/limits.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_evaluator.h"
#include "gtest/gtest.h"
#include "tests/policy/naive_evaluator.h"
#include "tests/policy/random_policy.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

std::string Describe(const AuthorizationRequest& request) {
  std::string text = absl::StrCat(
      "principal ", request.principal.arn, " role ", request.principal.role_arn,
      " id ", request.principal.unique_id, " service ",
      request.principal.service, " federated ", request.principal.federated,
      " canonical user ", request.principal.canonical_user, "\naction ",
      request.action, "\nresource ", request.resource);
  for (const auto& [key, values] : request.context) {
    absl::StrAppend(&text, "\n", key, " = [", absl::StrJoin(values, " | "),
                    "]");
  }
  return text;
}

// Returns for each statement whether it applies, according to the reasons of a
// decision.
std::vector<bool> Applies(const Decision& decision, size_t statements) {
  std::vector<bool> applies(statements);
  for (const StatementReason& reason : decision.statements) {
    applies[reason.index] = reason.applies == Truth::kTrue;
  }
  return applies;
}

TEST(EvaluatorDifferential, AMillionPairs_GiveTheDecisionsOfTheNaiveOne) {
  const uint64_t seed = RunSeed();
  const bool is_short = IsShortRun();
  // Policies that break the grammar are skipped.
  const int policies = is_short ? 4'000 : 120'000;
  const int pairs_min = is_short ? 30'000 : 1'000'000;
  constexpr int kRequests = 10;
  std::mt19937_64 random(seed);
  RandomPolicy generator(&random);
  int counts[3] = {};
  int failures = 0;
  for (int i = 0; i < policies && failures < 5; ++i) {
    const std::string text = generator.Document();
    ASSERT_EQ(FindJsonObjectError(text, Limits().policy_depth_max),
              std::nullopt)
        << text;
    // Only policies that keep the grammar can be evaluated.
    const auto parsed = ParsePolicy(text, PolicyChecks::kGrammar, {});
    const auto* policy = std::get_if<Policy>(&parsed);
    if (policy == nullptr) continue;
    const PolicyEvaluator evaluator(*policy);
    for (int k = 0; k < kRequests; ++k) {
      const AuthorizationRequest request = generator.Request();
      const NaiveDecision naive = NaiveEvaluate(text, request);
      const DecisionKind kind = evaluator.Decide(request);
      const Decision decision = evaluator.Evaluate(request);
      ++counts[static_cast<int>(naive.kind)];
      EXPECT_EQ(decision.kind, kind) << text << "\n" << Describe(request);
      bool same = kind == naive.kind;
      if (kind == DecisionKind::kImplicitDeny) {
        same = same && Applies(decision, naive.applies.size()) == naive.applies;
      } else {
        for (const StatementReason& reason : decision.statements) {
          same = same && naive.applies[reason.index];
        }
      }
      EXPECT_TRUE(same) << "naive " << static_cast<int>(naive.kind) << ", ours "
                        << static_cast<int>(kind) << "\n"
                        << text << "\n"
                        << Describe(request);
      failures += same ? 0 : 1;
    }
  }
  std::cout << "allow " << counts[0] << ", explicit deny " << counts[1]
            << ", implicit deny " << counts[2] << std::endl;
  // Each outcome is common.
  const int pairs = counts[0] + counts[1] + counts[2];
  EXPECT_GE(pairs, pairs_min);
  for (const int count : counts) EXPECT_GT(count, pairs / 50);
}

}  // namespace
}  // namespace glue_security
