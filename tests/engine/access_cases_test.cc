// The cases of access_cases.json: what a put finds, what a question about one
// resource is answered, and what one about an operation.

#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/access/policy_authorizer.h"
#include "glue_security/engine/engine.h"
#include "glue_security/policy/access.h"
#include "glue_security/policy/policy.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace glue_security {
namespace {

using Json = nlohmann::json;

std::string DecisionName(AccessResult result) {
  switch (result) {
    case AccessResult::kAllowed:
      return "allow";
    case AccessResult::kDeniedByIdentity:
    case AccessResult::kDeniedByResource:
      return "explicit_deny";
    case AccessResult::kNotAllowedByIdentity:
    case AccessResult::kNotAllowedByResource:
      break;
  }
  return "implicit_deny";
}

DecisionKind DecisionOf(const std::string& name) {
  if (name == "allow") return DecisionKind::kAllow;
  if (name == "explicit_deny") return DecisionKind::kExplicitDeny;
  EXPECT_EQ(name, "implicit_deny");
  return DecisionKind::kImplicitDeny;
}

std::vector<std::string> CodesOfPut(const Json& c) {
  CatalogContext catalog;
  catalog.account_id = c["account"];
  catalog.region = c["region"];
  catalog.caller = PrincipalFromArn(c.value("caller", ""));
  const PolicyChecks level =
      c["level"] == "kGlue" ? PolicyChecks::kGlue : PolicyChecks::kGrammar;
  std::vector<std::string> codes;
  for (const Finding& finding :
       CheckPolicy(c["policy"].dump(), level, catalog)) {
    codes.push_back(std::string(FindingCodeName(finding.code)));
  }
  return codes;
}

// An engine with the policy of a case, and the caller who asks.
struct Asked {
  explicit Asked(const Json& c) : engine(&storage) {
    const std::string account = c.value("account", "123456789012");
    const std::string region = c.value("region", "us-east-1");
    if (!c["policy"].is_null()) {
      v1::PutResourcePolicyRequest put;
      put.set_policy_in_json(c["policy"].dump());
      const auto done = engine.PutResourcePolicy({account, region, ""}, put);
      EXPECT_TRUE(done.ok()) << done.status();
    }
    caller = {c.value("caller_account", account), region,
              c["caller"].get<std::string>()};
    facts.catalog_id = account;
    facts.identity = DecisionOf(c["identity"]);
    const Json context = c.value("context", Json::object());
    for (const auto& [key, values] : context.items()) {
      facts.context[key] = values.get<std::vector<std::string>>();
    }
  }

  MemoryStorage storage;
  Engine engine;
  Caller caller;
  AccessFacts facts;
};

void CheckDecide(const Json& c) {
  Asked asked(c);
  ResourceQuery query;
  static_cast<AccessFacts&>(query) = asked.facts;
  query.action = c["action"];
  query.resource = c["resource"];
  AccessReport report;
  const auto status =
      asked.engine.AuthorizeResource(asked.caller, query, &report);
  EXPECT_EQ(DecisionName(report.result), c["expect"]) << c["id"];
  EXPECT_EQ(status.ok(), c["expect"] == "allow") << status;
}

void CheckOperation(const Json& c) {
  Asked asked(c);
  OperationQuery query;
  static_cast<AccessFacts&>(query) = asked.facts;
  query.operation = c["operation"];
  if (c.contains("object")) {
    query.objects.push_back(c["object"].get<std::string>());
  }
  AccessReport report;
  const auto status = asked.engine.Authorize(asked.caller, query, &report);
  EXPECT_EQ(DecisionName(report.result), c["expect"]) << c["id"];
  EXPECT_EQ(status.ok(), c["expect"] == "allow") << status;
  if (c.contains("named")) {
    EXPECT_EQ(report.resource_arn, c["named"]);
  }
  if (c.contains("message")) {
    EXPECT_EQ(std::string(status.message()),
              absl::StrCat("AccessDeniedException: ",
                           c["message"].get<std::string>()));
  }
}

TEST(AccessCases, AreAnsweredAsTheyShould) {
  std::ifstream file("tests/engine/access_cases.json");
  const Json cases = Json::parse(file)["cases"];
  EXPECT_GE(cases.size(), 38u);
  for (const Json& c : cases) {
    SCOPED_TRACE(absl::StrCat(c["id"].get<std::string>(), ": ",
                              c["why"].get<std::string>()));
    const std::string kind = c["kind"];
    if (kind == "put") {
      EXPECT_EQ(CodesOfPut(c), c["expect"].get<std::vector<std::string>>());
    } else if (kind == "decide") {
      CheckDecide(c);
    } else {
      ASSERT_EQ(kind, "operation");
      CheckOperation(c);
    }
  }
}

}  // namespace
}  // namespace glue_security
