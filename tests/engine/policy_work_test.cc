// Tests that no text is parsed, checked or compiled twice: in
// PutResourcePolicy, in Engine::Authorize, and when a PolicyAuthorizer judges
// operations.

#include "glue_security/policy/policy_work.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/access/policy_authorizer.h"
#include "glue_security/engine/engine.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

const Caller kAlice{"123456789012", "us-east-1",
                    "arn:aws:iam::123456789012:user/alice"};
const Caller kNobodyKnown{"123456789012", "us-east-1", ""};

std::string Policy(const std::string& effect, const std::string& principal,
                   const std::string& action) {
  return absl::StrCat(
      R"({"Version":"2012-10-17","Statement":[{"Effect":")", effect,
      R"(","Principal":{"AWS":")", principal, R"("},"Action":")", action,
      R"(","Resource":"arn:aws:glue:us-east-1:123456789012:*"}]})");
}

v1::PutResourcePolicyRequest PutOf(const std::string& text) {
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json(text);
  return put;
}

// Returns the work that `call` does, as "parses checks compilations".
template <typename Call>
std::string WorkOf(Call&& call) {
  const PolicyWork before = WorkOfThisThread();
  call();
  const PolicyWork& after = WorkOfThisThread();
  return absl::StrCat(after.parses - before.parses, " ",
                      after.checks - before.checks, " ",
                      after.compilations - before.compilations);
}

TEST(PolicyWork, OfAPut_IsOneParseAndOneCheck) {
  const std::vector<std::string> texts = {
      Policy("Allow", "*", "glue:*"), Policy("Deny", "*", "glue:Get*"),
      Policy("Deny", "210987654321", "glue:*")};
  for (const PolicyChecks checks :
       {PolicyChecks::kNone, PolicyChecks::kJson, PolicyChecks::kGrammar,
        PolicyChecks::kGlue}) {
    for (const bool reprints : {false, true}) {
      for (const Caller& caller : {kNobodyKnown, kAlice}) {
        for (const std::string& text : texts) {
          SCOPED_TRACE(absl::StrCat("level ", static_cast<int>(checks),
                                    ", reprint ", reprints, ", caller ",
                                    caller.principal_arn, ", ", text));
          MemoryStorage storage;
          EngineOptions options;
          options.behavior.policy_checks = checks;
          options.behavior.reprint_policies = reprints;
          Engine engine(&storage, options);
          const std::string work = WorkOf([&] {
            EXPECT_EQ(engine.PutResourcePolicy(caller, PutOf(text)).status(),
                      absl::OkStatus());
          });
          EXPECT_EQ(work, checks == PolicyChecks::kNone   ? "0 0 0"
                          : checks == PolicyChecks::kJson ? "1 0 0"
                                                          : "1 1 0");
        }
      }
    }
  }
}

TEST(PolicyWork, OfAuthorize_IsNoneUntilThePolicyChanges) {
  MemoryStorage storage;
  Engine engine(&storage);
  ResourceQuery query;
  query.action = "glue:GetTable";
  query.resource = "arn:aws:glue:us-east-1:123456789012:catalog";
  const auto ask = [&] {
    AccessReport report;
    engine.AuthorizeResource(kAlice, query, &report).IgnoreError();
    engine.AuthorizeResource(kAlice, query).IgnoreError();
  };
  EXPECT_EQ(WorkOf(ask), "0 0 0");
  const struct {
    const char* action;
    const char* work;
  } puts[] = {{"glue:Get*", "1 1 1"},
              {"glue:*", "1 1 1"},
              // The policy is already compiled.
              {"glue:Get*", "0 0 0"}};
  for (const auto& put : puts) {
    const auto request = PutOf(Policy("Allow", "*", put.action));
    ASSERT_EQ(engine.PutResourcePolicy(kAlice, request).status(),
              absl::OkStatus());
    EXPECT_EQ(WorkOf(ask), put.work);
    EXPECT_EQ(WorkOf(ask), "0 0 0");
  }
}

TEST(PolicyWork, OfAnAuthorizedOperation_IsNoneUntilThePolicyChanges) {
  const PolicyAuthorizer authorizer(DecisionKind::kAllow);
  // The authorizer serves two engines, over storages with equal revisions.
  MemoryStorage storages[2];
  EngineOptions options;
  options.authorizer = &authorizer;
  Engine first(&storages[0], options);
  Engine second(&storages[1], options);
  const auto use = [](Engine* engine) {
    EXPECT_EQ(engine->GetResourcePolicy(kAlice, {}).status(), absl::OkStatus());
    EXPECT_EQ(engine->GetSecurityConfigurations(kAlice, {}).status(),
              absl::OkStatus());
    EXPECT_EQ(engine->OpenCatalog(kAlice).VisitResourcePolicy(
                  [](const ResourcePolicyView&) {}),
              absl::OkStatus());
  };
  const std::string one = Policy("Allow", "*", "glue:*");
  const std::string other = Policy("Deny", "210987654321", "glue:*");
  // There is no policy yet by which to judge.
  EXPECT_EQ(WorkOf([&] {
              EXPECT_TRUE(first.PutResourcePolicy(kAlice, PutOf(one)).ok());
            }),
            "1 1 0");
  EXPECT_EQ(WorkOf([&] { use(&first); }), "1 1 1");
  EXPECT_EQ(WorkOf([&] { use(&first); }), "0 0 0");
  EXPECT_EQ(WorkOf([&] {
              EXPECT_TRUE(second.PutResourcePolicy(kAlice, PutOf(other)).ok());
            }),
            "1 1 0");
  EXPECT_EQ(WorkOf([&] { use(&second); }), "1 1 1");
  EXPECT_EQ(WorkOf([&] {
              use(&first);
              use(&second);
            }),
            "0 0 0");
  // A Put over a known policy is judged by that policy and checks the new one.
  EXPECT_EQ(WorkOf([&] {
              EXPECT_TRUE(first.PutResourcePolicy(kAlice, PutOf(other)).ok());
            }),
            "1 1 0");
  EXPECT_EQ(WorkOf([&] { use(&first); }), "0 0 0");
}

}  // namespace
}  // namespace glue_security
