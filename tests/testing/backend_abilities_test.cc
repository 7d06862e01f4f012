// Backends that lack something, or do it in a way of their own: a correct one
// passes when it says so, and what is wrong with it is still found.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/clock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/backend_suite/backend_checks.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/backend_suite/policy_texts.h"
#include "glue_security/testing/defects/defective_backends.h"
#include "glue_security/v1/service.pb.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using conformance_internal::IsSameDocument;

// An engine in front of which requests, and behind which answers, are changed.
class Between : public Backend {
 public:
  using ChangeRequest = std::function<void(v1::Request*)>;
  using ChangeAnswer = std::function<void(v1::Response*)>;
  Between(const BackendSetup& setup, ChangeRequest request, ChangeAnswer answer)
      : engine_(BackendWithoutDefect(setup)),
        request_(std::move(request)),
        answer_(std::move(answer)) {}
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    v1::Request changed = request;
    if (request_ != nullptr) request_(&changed);
    v1::Response answer = engine_->Execute(caller, changed);
    if (answer_ != nullptr) answer_(&answer);
    return answer;
  }

 private:
  std::unique_ptr<Backend> engine_;
  ChangeRequest request_;
  ChangeAnswer answer_;
};

BackendUnderTest Target(Between::ChangeRequest request = nullptr,
                        Between::ChangeAnswer answer = nullptr) {
  BackendUnderTest target;
  target.name = "Between";
  target.create = [request, answer](const BackendSetup& setup) {
    return std::make_unique<Between>(setup, request, answer);
  };
  return target;
}

BackendCheckResult::Verdict VerdictOf(const char* id,
                                      const BackendUnderTest& target) {
  const BackendCheck* check = FindBackendCheck(id);
  EXPECT_NE(check, nullptr) << id;
  return check == nullptr
             ? BackendCheckResult::kSkipped
             : RunBackendCheck(*check, BackendPreset::kDocumented, target)
                   .verdict;
}

// --- Levels of policy checks

// The presets re-print at every level but kNone, where a text is stored as it
// was put.
TEST(BackendAbilities, ABackendWithOneLevelOfChecksPasses) {
  for (const PolicyChecks level :
       {PolicyChecks::kNone, PolicyChecks::kJson, PolicyChecks::kGrammar,
        PolicyChecks::kGlue}) {
    BackendUnderTest target = Target();
    target.policy_checks = {level};
    const BackendReport report = RunBackendConformance(target);
    EXPECT_EQ(report.failed, 0) << report.ToString();
  }
}

TEST(BackendAbilities, AReprintAtNoneIsFound) {
  BackendUnderTest target = Target(nullptr, [](v1::Response* answer) {
    if (!answer->has_get_resource_policy()) return;
    auto* shown = answer->mutable_get_resource_policy();
    shown->set_policy_in_json(
        absl::StrReplaceAll(shown->policy_in_json(), {{"\t", " "}}));
  });
  target.policy_checks = {PolicyChecks::kNone};
  target.presets = {BackendPreset::kObserved};
  const BackendReport report = RunBackendConformance(target);
  EXPECT_GT(report.failed, 0);
  for (const BackendFailureGroup& group : report.Groups()) {
    EXPECT_NE(group.strongest, BackendCheckBasis::kContract)
        << group.difference;
  }
}

// --- The texts of policies

TEST(IsSameDocument, ComparesDocumentsNotTexts) {
  EXPECT_TRUE(IsSameDocument("{}", " { }\n"));
  EXPECT_TRUE(IsSameDocument(R"({"a":1,"b":[true,null]})",
                             R"({ "b" : [true, null], "a" : 1 })"));
  EXPECT_TRUE(IsSameDocument(R"({"a":{"b":"\u00e9\/"}})",
                             "{\"a\":{\"b\":\"\xC3\xA9/\"}}"));
  const char* const kOthers[] = {
      R"({"a":1,"b":[true,false]})",
      R"({"a":1,"b":[true]})",
      R"({"a":1,"b":[null,true]})",
      R"({"a":1,"b":[[true],null]})",
      R"({"a":"1","b":[true,null]})",
      R"({"a":1})",
      R"({"a":1,"b":{}})",
      R"({"a":1,"b":[]})",
      R"({"a":1,"b":"[true,null]"})",
      R"({"a":1,"c":[true,null]})",
      R"({"a":1,"a":1,"b":[true,null]})",
  };
  for (const char* other : kOthers) {
    EXPECT_FALSE(IsSameDocument(R"({"a":1,"b":[true,null]})", other)) << other;
  }
  // Keys and places cannot be mistaken for each other.
  EXPECT_FALSE(IsSameDocument(R"({"a":{"b":1}})", R"({"a.b":1})"));
  EXPECT_FALSE(IsSameDocument(R"({"a":[1]})", R"({"a":{"0":1}})"));
  EXPECT_FALSE(IsSameDocument(R"({"a":[[],{}]})", R"({"a":[{},[]]})"));
  // A text that is not a document is only like itself.
  EXPECT_TRUE(IsSameDocument("no JSON", "no JSON"));
  EXPECT_FALSE(IsSameDocument("no JSON", "no  JSON"));
  EXPECT_FALSE(IsSameDocument("{}", "{} x"));
}

// Shows policies without blanks and with the last key first, as a program does
// that keeps documents and prints them.
std::string OwnPrint(const std::string& policy) {
  const std::string text = absl::StrReplaceAll(
      policy, {{"\n", ""}, {"\t", ""}, {"  ", ""}, {" : ", ":"}, {" ,", ","}});
  const size_t statement = text.find(",\"Statement\"");
  const size_t begin = text.find("{\"Id\"");
  const size_t end = text.rfind('}');
  if (begin == text.npos || statement == text.npos) return text;
  return absl::StrCat("{", text.substr(statement + 1, end - statement - 1), ",",
                      text.substr(begin + 1, statement - begin - 1), "}");
}

void PrintInItsOwnWay(v1::Response* answer) {
  if (answer->has_get_resource_policy()) {
    auto* shown = answer->mutable_get_resource_policy();
    shown->set_policy_in_json(OwnPrint(shown->policy_in_json()));
  } else if (answer->has_get_resource_policies()) {
    for (v1::GluePolicy& policy :
         *answer->mutable_get_resource_policies()->mutable_policies()) {
      policy.set_policy_in_json(OwnPrint(policy.policy_in_json()));
    }
  }
}

TEST(BackendAbilities, AnotherPrintOfAPolicyIsNotAgainstTheContract) {
  BackendUnderTest target = Target(nullptr, PrintInItsOwnWay);
  target.presets = {BackendPreset::kDocumented, BackendPreset::kCurrent};
  const BackendReport report = RunBackendConformance(target);
  EXPECT_GT(report.failed, 10);
  for (const BackendCheckResult& result : report.results) {
    if (result.verdict != BackendCheckResult::kFailed) continue;
    EXPECT_NE(result.basis, BackendCheckBasis::kContract) << result.text;
    if (!absl::StartsWith(result.check->id, "put.")) continue;
    EXPECT_EQ(result.difference, "a policy is printed in another way");
    EXPECT_EQ(result.basis, result.preset == BackendPreset::kDocumented
                                ? BackendCheckBasis::kChoice
                                : BackendCheckBasis::kRecorded)
        << result.text;
  }

  target.contract_only = true;
  EXPECT_EQ(RunBackendConformance(target).failed, 0);
}

TEST(BackendAbilities, ABackendThatPrintsPoliciesInItsOwnWayPasses) {
  BackendUnderTest target = Target(nullptr, PrintInItsOwnWay);
  target.presets = {BackendPreset::kDocumented, BackendPreset::kCurrent};
  target.keeps_policy_texts = false;
  const BackendReport report = RunBackendConformance(target);
  EXPECT_EQ(report.failed, 0) << report.ToString();
  EXPECT_GE(report.passed, 1000);
}

TEST(BackendAbilities, AnotherPolicyIsFoundWhateverItsPrint) {
  BackendUnderTest target = Target(nullptr, [](v1::Response* answer) {
    PrintInItsOwnWay(answer);
    if (!answer->has_get_resource_policy()) return;
    auto* shown = answer->mutable_get_resource_policy();
    shown->set_policy_in_json(
        absl::StrReplaceAll(shown->policy_in_json(), {{"Allow", "Deny"}}));
  });
  target.presets = {BackendPreset::kDocumented};
  target.keeps_policy_texts = false;
  target.contract_only = true;
  const BackendReport report = RunBackendConformance(target);
  EXPECT_GT(report.failed, 0);
}

// --- Limits

// The header of `BackendUnderTest` lists these as the smallest.
Limits SmallestLimits() {
  Limits limits;
  limits.security_configurations_max = 20;
  limits.connections_max = 20;
  limits.request_bytes_max = size_t{32} * 1024;
  limits.response_bytes_max = size_t{64} * 1024;
  limits.page_size_default = 1;
  limits.policy_bytes_max = 10240;
  limits.policy_depth_max = 8;
  limits.violations_max = 100;
  return limits;
}

Limits LargeLimits() {
  Limits limits;
  limits.security_configurations_max = 1'000'000;
  limits.connections_max = 1'000'000;
  limits.request_bytes_max = size_t{1} << 30;
  limits.response_bytes_max = size_t{1} << 30;
  limits.page_size_default = 1000;
  limits.policy_bytes_max = size_t{1} << 30;
  limits.policy_depth_max = 1024;
  limits.violations_max = 1'000'000;
  limits.attempts_max = 1'000'000;
  return limits;
}

TEST(BackendAbilities, ABackendWithLimitsOfItsOwnPasses) {
  for (const Limits& own : {SmallestLimits(), LargeLimits()}) {
    SCOPED_TRACE(own.page_size_default);
    BackendUnderTest target = Target();
    target.create = [create = target.create, own](BackendSetup setup) {
      setup.limits = own;
      return create(setup);
    };
    target.honours_limits = false;
    const BackendReport report = RunBackendConformance(target);
    EXPECT_EQ(report.failed, 0) << report.ToString();
    EXPECT_GE(report.passed, 2000);
  }
}

// Whatever the size of a page, the entries on all pages are compared.
TEST(BackendAbilities, AnEntryOnALaterPageIsJudged) {
  BackendUnderTest target = Target(nullptr, [](v1::Response* answer) {
    if (!answer->has_get_security_configurations()) return;
    for (auto& entry : *answer->mutable_get_security_configurations()
                            ->mutable_security_configurations()) {
      if (entry.name() == "b") entry.clear_encryption_configuration();
    }
  });
  target.create = [create = target.create](BackendSetup setup) {
    setup.limits.page_size_default = 1;
    return create(setup);
  };
  target.honours_limits = false;
  EXPECT_EQ(VerdictOf("pages.entries_are_whole", target),
            BackendCheckResult::kFailed);
}

// --- Clocks

// Configurations show milliseconds and policies seconds. A millisecond is not
// enough for the time of a policy to move.
TEST(BackendAbilities, TheTimesOfPoliciesMayBeInSeconds) {
  BackendUnderTest target = Target(nullptr, [](v1::Response* answer) {
    if (!answer->has_get_resource_policy()) return;
    auto* shown = answer->mutable_get_resource_policy();
    shown->mutable_create_time()->set_nanos(0);
    shown->mutable_update_time()->set_nanos(0);
  });
  target.create = [create = target.create](BackendSetup setup) {
    setup.clock = Clock::System();
    return create(setup);
  };
  target.honours_clock = false;
  for (const char* id :
       {"times.update_moves_on_replace", "times.new_after_delete"}) {
    const BackendCheck* check = FindBackendCheck(id);
    ASSERT_NE(check, nullptr) << id;
    const BackendCheckResult result =
        RunBackendCheck(*check, BackendPreset::kDocumented, target);
    EXPECT_EQ(result.verdict, BackendCheckResult::kPassed) << result.text;
  }
}

// --- Connections and keys

bool IsAboutConnections(const v1::Request& request) {
  return GetOperationInfo(request.operation_case()).resource() ==
         v1::RESOURCE_CONNECTION;
}

// The Security API alone, as a mock of 2019 has it.
TEST(BackendAbilities, ABackendWithoutConnectionsPasses) {
  BackendUnderTest target = Target([](v1::Request* request) {
    if (IsAboutConnections(*request)) request->Clear();
  });
  target.presets = {BackendPreset::kDocumented};
  EXPECT_EQ(VerdictOf("connection.kept.full", target),
            BackendCheckResult::kFailed);
  target.has_connections = false;
  const BackendReport report = RunBackendConformance(target);
  EXPECT_EQ(report.failed, 0) << report.ToString();
  EXPECT_GE(report.passed, 450);
}

// Stores settings that do nothing.
class WithoutKeys : public Backend {
 public:
  explicit WithoutKeys(const BackendSetup& setup)
      : settings_(BackendWithoutDefect(setup)),
        others_(BackendWithoutDefect(setup)) {}
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    const bool is_about_settings =
        GetOperationInfo(request.operation_case()).resource() ==
        v1::RESOURCE_ENCRYPTION_SETTINGS;
    return (is_about_settings ? settings_ : others_)->Execute(caller, request);
  }

 private:
  std::unique_ptr<Backend> settings_;
  std::unique_ptr<Backend> others_;
};

// --- Operations

// Returns an engine that is not called with other operations.
BackendUnderTest TargetWith(std::vector<Operation> operations) {
  BackendUnderTest target = Target([operations](v1::Request* request) {
    const Operation called = request->operation_case();
    EXPECT_TRUE(called == kNoOperation ||
                std::find(operations.begin(), operations.end(), called) !=
                    operations.end())
        << OperationName(called);
  });
  target.operations = std::move(operations);
  return target;
}

TEST(BackendAbilities, ABackendWithSomeOfTheOperationsPasses) {
  const std::vector<std::vector<Operation>> kSome = {
      {v1::Request::kPutResourcePolicy, v1::Request::kGetResourcePolicy,
       v1::Request::kDeleteResourcePolicy},
      {v1::Request::kPutDataCatalogEncryptionSettings,
       v1::Request::kGetDataCatalogEncryptionSettings},
      {v1::Request::kCreateSecurityConfiguration,
       v1::Request::kGetSecurityConfiguration},
      {v1::Request::kGetResourcePolicy}};
  for (const std::vector<Operation>& some : kSome) {
    const BackendReport report = RunBackendConformance(TargetWith(some));
    EXPECT_EQ(report.failed, 0) << report.ToString();
    // All are judged, and every other operation is a reason.
    std::set<Operation> judged;
    std::set<std::string> reasons;
    for (const BackendCheckResult& result : report.results) {
      if (result.verdict == BackendCheckResult::kPassed) {
        judged.insert(result.check->operation);
      } else if (absl::StartsWith(result.text, "the backend has no ")) {
        reasons.insert(result.text);
      }
    }
    for (const Operation operation : kAllOperations) {
      const bool is_there =
          std::find(some.begin(), some.end(), operation) != some.end();
      EXPECT_EQ(judged.count(operation), is_there ? 1u : 0u)
          << OperationName(operation);
      EXPECT_LE(reasons.count(absl::StrCat("the backend has no ",
                                           OperationName(operation))),
                is_there ? 0u : 1u);
    }
    EXPECT_FALSE(reasons.empty());
  }
}

TEST(BackendAbilities, OperationsThatAreThereAreJudged) {
  BackendUnderTest target = TargetWith(
      {v1::Request::kPutResourcePolicy, v1::Request::kGetResourcePolicy});
  for (const DefectiveBackend& defect : DefectiveBackends()) {
    if (defect.name == "must_exist_ignored") target.create = defect.create;
  }
  const BackendCheck* check =
      FindBackendCheck("put.must_exist.no_hash.never_put");
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(RunBackendCheck(*check, BackendPreset::kCurrent, target).verdict,
            BackendCheckResult::kFailed);
  // This one deletes first.
  check = FindBackendCheck("put.must_exist.no_hash.deleted");
  ASSERT_NE(check, nullptr);
  const BackendCheckResult result =
      RunBackendCheck(*check, BackendPreset::kCurrent, target);
  EXPECT_EQ(result.verdict, BackendCheckResult::kSkipped);
  EXPECT_EQ(result.text, "the backend has no DeleteResourcePolicy");
}

TEST(BackendAbilities, ABackendWithoutAKeyServicePasses) {
  BackendUnderTest target = Target();
  target.create = [](const BackendSetup& setup) {
    return std::make_unique<WithoutKeys>(setup);
  };
  target.presets = {BackendPreset::kDocumented};
  EXPECT_EQ(VerdictOf("password.flag.shown", target),
            BackendCheckResult::kFailed);
  EXPECT_EQ(VerdictOf("sealed.refused.create", target),
            BackendCheckResult::kFailed);
  target.has_keys = false;
  const BackendReport report = RunBackendConformance(target);
  EXPECT_EQ(report.failed, 0) << report.ToString();
  EXPECT_GT(report.skipped, 40);
}

// --- Enums

TEST(BackendAbilities, ABackendWithoutACodecPasses) {
  BackendUnderTest target =
      Target([](v1::Request* request) { request->clear_unparsed_values(); });
  target.presets = {BackendPreset::kDocumented, BackendPreset::kCurrent};
  EXPECT_GT(RunBackendConformance(target).failed, 0);
  target.takes_unparsed_values = false;
  const BackendReport report = RunBackendConformance(target);
  EXPECT_EQ(report.failed, 0) << report.ToString();
}

// A member that a backend does not know may have any value, whether its codec
// knows the value or not.
TEST(BackendAbilities, AValueOfALaterEnumIsIgnoredWithoutACodec) {
  BackendUnderTest target = Target([](v1::Request* request) {
    // Refuses each unknown value.
    if (request->put_resource_policy().enable_hybrid() == 99) {
      request->mutable_put_resource_policy()->clear_policy_in_json();
    }
  });
  target.takes_unparsed_values = false;
  const BackendCheck* check = FindBackendCheck("hybrid.of_2019.ignored");
  ASSERT_NE(check, nullptr);
  EXPECT_EQ(RunBackendCheck(*check, BackendPreset::kDocumented, target).verdict,
            BackendCheckResult::kFailed);
}

}  // namespace
}  // namespace glue_security
