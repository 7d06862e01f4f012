// Tests PolicyAuthorizer alone: which policies decide, and that no remembered
// answer changes a decision. tests/engine/access_test.cc tests it with an
// engine.

#include "glue_security/access/policy_authorizer.h"

#include <atomic>
#include <cstddef>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

const CatalogKey kCatalog{"123456789012", "us-east-1"};
constexpr Operation kGet = v1::Request::kGetResourcePolicy;
constexpr Operation kPut = v1::Request::kPutResourcePolicy;

Caller User(const std::string& account, const std::string& name) {
  return {account, "us-east-1",
          absl::StrCat("arn:aws:iam::", account, ":user/", name)};
}

// Returns a policy of one statement about alice's calls of `action`, under a
// condition on a key that follows from the caller.
std::string Policy(const std::string& effect, const std::string& action) {
  return absl::StrCat(
      R"({"Version":"2012-10-17","Statement":[{"Effect":")", effect,
      R"(","Principal":"*","Action":")", action,
      R"(","Resource":"arn:aws:glue:us-east-1:123456789012:catalog",)",
      R"("Condition":{"StringEquals":{"aws:username":"alice"}}}]})");
}

// Returns true if `authorizer` allows the call under the policy `text`; ""
// stands for no policy.
bool Lets(const PolicyAuthorizer& authorizer, const Caller& caller,
          Operation operation, const std::string& text,
          const CatalogKey& catalog = kCatalog) {
  ResourcePolicyView policy;
  policy.policy_in_json = text;
  policy.policy_hash = "the same of all";
  return !authorizer
              .Refuse({caller, operation, catalog,
                       text.empty() ? nullptr : &policy})
              .has_value();
}

TEST(PolicyAuthorizer, NothingSaidOfIdentityPolicies_IsImplicitDeny) {
  const PolicyAuthorizer empty{PolicyAuthorizer::IdentityPolicy()};
  const PolicyAuthorizer says_nothing(DecisionKind::kImplicitDeny);
  const Caller alice = User("123456789012", "alice");
  for (const PolicyAuthorizer* authorizer : {&empty, &says_nothing}) {
    EXPECT_FALSE(Lets(*authorizer, alice, kGet, ""));
    EXPECT_TRUE(Lets(*authorizer, alice, kGet, Policy("Allow", "glue:Get*")));
    EXPECT_FALSE(Lets(*authorizer, alice, kPut, Policy("Allow", "glue:Get*")));
    EXPECT_FALSE(Lets(*authorizer, alice, kGet, Policy("Deny", "glue:Get*")));
  }
}

TEST(PolicyAuthorizer, OneDecisionOfIdentityPolicies_IsThatOfEveryOperation) {
  const PolicyAuthorizer allows(DecisionKind::kAllow);
  const PolicyAuthorizer denies(DecisionKind::kExplicitDeny);
  const Caller alice = User("123456789012", "alice");
  const Caller stranger = User("210987654321", "alice");
  for (const Operation operation : {kGet, kPut}) {
    EXPECT_TRUE(Lets(allows, alice, operation, ""));
    EXPECT_FALSE(Lets(allows, stranger, operation, ""));
    EXPECT_TRUE(Lets(allows, stranger, operation, Policy("Allow", "*")));
    EXPECT_FALSE(Lets(allows, alice, operation, Policy("Deny", "*")));
    EXPECT_FALSE(Lets(denies, alice, operation, Policy("Allow", "*")));
  }
}

TEST(PolicyAuthorizer, WhatItRemembers_IsOfTheSameCallAndText) {
  const PolicyAuthorizer authorizer(DecisionKind::kImplicitDeny);
  const Caller alice = User("123456789012", "alice");
  const Caller bob = User("123456789012", "bob");
  const std::string get = Policy("Allow", "glue:Get*");
  const std::string put = Policy("Allow", "glue:Put*");
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(Lets(authorizer, alice, kGet, get));
    EXPECT_FALSE(Lets(authorizer, bob, kGet, get));
    EXPECT_FALSE(Lets(authorizer, alice, kPut, get));
    EXPECT_FALSE(Lets(authorizer, alice, kGet, put));
    EXPECT_TRUE(Lets(authorizer, alice, kPut, put));
    // The policy is about the catalog of another region.
    EXPECT_FALSE(
        Lets(authorizer, alice, kGet, get, {"123456789012", "us-west-2"}));
    EXPECT_FALSE(Lets(authorizer, alice, kGet, ""));
    EXPECT_FALSE(Lets(authorizer, alice, kGet, "no policy"));
  }
}

// Each member of the caller is a fact on which an answer may rest.
TEST(PolicyAuthorizer, EveryMemberOfTheCaller_TellsItFromOthers) {
  const PolicyAuthorizer authorizer(DecisionKind::kImplicitDeny);
  Caller session = {"123456789012", "us-east-1",
                    "arn:aws:sts::123456789012:assumed-role/reader/s1"};
  session.role_arn = "arn:aws:iam::123456789012:role/team/reader";
  session.unique_id = "AROAAAAAAAAAAAAAAAAA";
  const auto by = [](const std::string& principal,
                     const std::string& condition) {
    return absl::StrCat(
        R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)",
        R"("Principal":)", principal, R"(,"Action":"*",)",
        R"("Resource":"arn:aws:glue:us-east-1:123456789012:catalog",)",
        R"("Condition":)", condition, "}]}");
  };
  const std::string by_role = by(R"("*")", R"({"StringEquals":)"
                                           R"({"aws:PrincipalArn":)"
                                           R"("arn:aws:iam::123456789012:)"
                                           R"(role/team/reader"}})");
  const std::string by_id = by(R"({"AWS":"AROAAAAAAAAAAAAAAAAA"})", "{}");
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(Lets(authorizer, session, kGet, by_role));
    EXPECT_TRUE(Lets(authorizer, session, kGet, by_id));
    Caller other = session;
    other.role_arn = "arn:aws:iam::123456789012:role/reader";
    EXPECT_FALSE(Lets(authorizer, other, kGet, by_role));
    other = session;
    other.unique_id.clear();
    EXPECT_FALSE(Lets(authorizer, other, kGet, by_id));
    // The catalog's ARN has another partition.
    other = session;
    other.partition = "aws-cn";
    EXPECT_FALSE(Lets(authorizer, other, kGet, by_id));
    other = session;
    other.account_id = "210987654321";
    EXPECT_FALSE(Lets(authorizer, other, kGet, by_id));
  }
}

// There are more callers than it remembers.
TEST(PolicyAuthorizer, AnyNumberOfCallers_AreToldApart) {
  const PolicyAuthorizer authorizer(DecisionKind::kImplicitDeny);
  const std::string policy = Policy("Allow", "glue:Get*");
  for (int i = 0; i < 5'000; ++i) {
    const std::string name = i % 7 == 0 ? "alice" : absl::StrCat("bob", i);
    ASSERT_EQ(Lets(authorizer, User("123456789012", name), kGet, policy),
              name == "alice");
  }
}

// This test is for the thread sanitizer.
TEST(PolicyAuthorizer, ManyThreads_GetTheAnswersOfOne) {
  const PolicyAuthorizer authorizer(DecisionKind::kImplicitDeny);
  const std::vector<std::string> policies = {"", Policy("Allow", "glue:Get*"),
                                             Policy("Deny", "glue:Get*"),
                                             Policy("Allow", "glue:Put*")};
  const std::vector<Caller> callers = {User("123456789012", "alice"),
                                       User("123456789012", "bob"),
                                       User("210987654321", "alice")};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < 2'000; ++i) {
        const size_t p = i % policies.size();
        const size_t c = i % callers.size();
        const Operation operation = i % 5 == 0 ? kPut : kGet;
        const bool expected = c == 0 && ((p == 1 && operation == kGet) ||
                                         (p == 3 && operation == kPut));
        if (Lets(authorizer, callers[c], operation, policies[p]) != expected) {
          ++wrong;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace glue_security
