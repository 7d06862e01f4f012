// Compares the evaluator with the naive one, on random policies and on requests
// that nearly match them. The seed is printed; GLUE_SECURITY_SEED=N repeats the
// run.

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/json/json_document.h"
#include "glue_security/model/limits.h"
#include "glue_security/policy/access.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_evaluator.h"
#include "glue_security/policy/truth.h"
#include "gtest/gtest.h"
#include "tests/policy/naive_access.h"
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
      request.action, "\nresource ", request.resource,
      request.resource_is_set ? " (a set)" : "");
  for (const auto& [key, values] : request.context) {
    absl::StrAppend(&text, "\n", key, " = [", absl::StrJoin(values, " | "),
                    "]");
  }
  return absl::StrCat(text, "\nunknown keys [",
                      absl::StrJoin(request.unknown_keys, " | "), "]",
                      request.other_keys_unknown ? " and all others" : "");
}

// The index of a statement -> what it says.
using Reasons = std::map<size_t, Truth>;

std::string Describe(const Reasons& reasons) {
  std::string text;
  for (const auto& [index, applies] : reasons) {
    absl::StrAppend(&text, " ", index, ":", static_cast<int>(applies));
  }
  return text;
}

// Returns the statements that decided, by the naive evaluator.
Reasons NaiveReasons(const NaiveDecision& naive) {
  Reasons reasons;
  for (size_t i = 0; i < naive.applies.size(); ++i) {
    const Truth applies = naive.applies[i];
    bool decided = false;
    switch (naive.kind) {
      case DecisionKind::kExplicitDeny:
        decided = naive.denies[i] && applies == Truth::kTrue;
        break;
      case DecisionKind::kAllow:
        decided = !naive.denies[i] && applies == Truth::kTrue;
        break;
      case DecisionKind::kUndecided:
        decided = applies == Truth::kUndecided;
        break;
      case DecisionKind::kImplicitDeny:
        decided = true;
    }
    if (decided) reasons[i] = applies;
  }
  return reasons;
}

Reasons OurReasons(const Decision& decision) {
  Reasons reasons;
  for (const StatementReason& reason : decision.statements) {
    EXPECT_TRUE(reasons.emplace(reason.index, reason.applies).second)
        << "statement " << reason.index << " is named twice";
  }
  return reasons;
}

class Comparison {
 public:
  explicit Comparison(uint64_t seed) : random_(seed), generator_(&random_) {}

  // Compares the decisions on a random policy. Returns true unless they differ.
  bool RunPolicy();

  // The number of decisions of a kind.
  int count(DecisionKind kind) const { return counts_[static_cast<int>(kind)]; }

 private:
  static constexpr int kRequests = 10;

  // Returns the decision of other policies, which is an allow `allow` times of
  // `n`.
  DecisionKind OtherDecision(int allow, int n);

  bool SameDecisions(const std::string& text, const PolicyEvaluator& evaluator,
                     const AuthorizationRequest& request);
  bool SameAccess(const std::string& text, const PolicyEvaluator& evaluator,
                  const AuthorizationRequest& request);

  std::mt19937_64 random_;
  RandomPolicy generator_;
  int counts_[4] = {};
};

bool Comparison::RunPolicy() {
  const std::string text = generator_.Document();
  const auto error = FindJsonObjectError(text, Limits().policy_depth_max);
  EXPECT_EQ(error, std::nullopt) << text;
  if (error) return false;
  // Only policies that keep the grammar can be evaluated.
  const auto parsed = ParsePolicy(text, PolicyChecks::kGrammar, {});
  const auto* policy = std::get_if<Policy>(&parsed);
  if (policy == nullptr) return true;
  const PolicyEvaluator evaluator(*policy);
  bool same = true;
  for (int k = 0; k < kRequests; ++k) {
    const AuthorizationRequest request = generator_.Request();
    same = SameDecisions(text, evaluator, request) && same;
    same = SameAccess(text, evaluator, request) && same;
  }
  return same;
}

bool Comparison::SameDecisions(const std::string& text,
                               const PolicyEvaluator& evaluator,
                               const AuthorizationRequest& request) {
  const NaiveDecision naive = NaiveEvaluate(text, request);
  ++counts_[static_cast<int>(naive.kind)];
  const DecisionKind kind = evaluator.Decide(request);
  const Decision decision = evaluator.Evaluate(request);
  const Reasons expected = NaiveReasons(naive);
  const Reasons actual = OurReasons(decision);
  const bool same = kind == naive.kind && decision.kind == naive.kind &&
                    actual == expected &&
                    decision.statements.size() == expected.size();
  EXPECT_TRUE(same) << "naive " << static_cast<int>(naive.kind) << ", ours "
                    << static_cast<int>(kind) << ", with reasons "
                    << static_cast<int>(decision.kind) << "\nnaive reasons"
                    << Describe(expected) << "\nour reasons" << Describe(actual)
                    << "\n"
                    << text << "\n"
                    << Describe(request);
  return same;
}

DecisionKind Comparison::OtherDecision(int allow, int n) {
  const int choice = static_cast<int>(random_() % n);
  if (choice < allow) return DecisionKind::kAllow;
  if (choice == allow) return DecisionKind::kExplicitDeny;
  if (choice == allow + 1) return DecisionKind::kUndecided;
  return DecisionKind::kImplicitDeny;
}

bool Comparison::SameAccess(const std::string& text,
                            const PolicyEvaluator& evaluator,
                            const AuthorizationRequest& request) {
  const bool has_policy = random_() % 16 != 0;
  AccessInputs inputs;
  inputs.same_account = random_() % 3 != 0;
  inputs.identity = OtherDecision(3, 10);
  inputs.limit = OtherDecision(10, 16);
  inputs.resource_policy = has_policy ? &evaluator : nullptr;
  const AccessResult naive =
      NaiveAccess(has_policy ? text : std::string(), request,
                  inputs.same_account, inputs.identity, inputs.limit);
  const AccessResult ours = DecideAccess(request, inputs);
  EXPECT_EQ(static_cast<int>(ours), static_cast<int>(naive))
      << "same account " << inputs.same_account << ", identity "
      << static_cast<int>(inputs.identity) << ", limit "
      << static_cast<int>(inputs.limit) << ", has a policy " << has_policy
      << "\n"
      << text << "\n"
      << Describe(request);
  return ours == naive;
}

TEST(EvaluatorDifferential, AMillionPairs_GiveTheDecisionsOfTheNaiveOne) {
  const uint64_t seed = RunSeed();
  const bool is_short = IsShortRun();
  // Policies that break the grammar are skipped.
  const int policies = is_short ? 2'000 : 120'000;
  const int pairs_min = is_short ? 15'000 : 1'000'000;
  Comparison comparison(seed);
  int failures = 0;
  for (int i = 0; i < policies && failures < 5; ++i) {
    if (!comparison.RunPolicy()) ++failures;
  }
  const int allows = comparison.count(DecisionKind::kAllow);
  const int explicit_denies = comparison.count(DecisionKind::kExplicitDeny);
  const int implicit_denies = comparison.count(DecisionKind::kImplicitDeny);
  const int undecided = comparison.count(DecisionKind::kUndecided);
  std::cout << "allow " << allows << ", explicit deny " << explicit_denies
            << ", implicit deny " << implicit_denies << ", undecided "
            << undecided << std::endl;
  // Each outcome is common.
  const int pairs = allows + explicit_denies + implicit_denies + undecided;
  EXPECT_GE(pairs, pairs_min);
  for (const int count :
       {allows, explicit_denies + implicit_denies, undecided}) {
    EXPECT_GE(count, pairs / 10);
  }
  EXPECT_GE(explicit_denies, pairs / 50);
  EXPECT_GE(implicit_denies, pairs / 50);
}

}  // namespace
}  // namespace glue_security
