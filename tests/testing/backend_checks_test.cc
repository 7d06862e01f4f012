#include "glue_security/testing/backend_suite/backend_checks.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/backend/backend.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/backend_suite/request_members.h"
#include "glue_security/testing/backend_suite/sample_documents.h"
#include "glue_security/testing/defects/defective_backends.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using conformance_internal::RequestMember;
using conformance_internal::RequestMembers;
using conformance_internal::SampleDocument;
using conformance_internal::SampleDocuments;

BackendUnderTest Target() {
  BackendUnderTest target;
  target.name = "engine";
  target.create = BackendWithoutDefect;
  return target;
}

BackendUnderTest WithDefect(const std::string& name) {
  BackendUnderTest target;
  target.name = name;
  for (const DefectiveBackend& defect : DefectiveBackends()) {
    if (defect.name == name) target.create = defect.create;
  }
  EXPECT_TRUE(target.create) << name;
  return target;
}

BackendCheckResult RunById(const std::string& id,
                           const BackendUnderTest& target,
                           BackendPreset preset = BackendPreset::kDocumented) {
  const BackendCheck* check = FindBackendCheck(id);
  if (check == nullptr) {
    ADD_FAILURE() << "there is no check " << id;
    return BackendCheckResult();
  }
  return RunBackendCheck(*check, preset, target);
}

TEST(AllBackendChecks, HaveUniqueIdsARuleAndItsSource) {
  std::set<std::string> ids;
  // The ids in the form of a test's name.
  std::set<std::string> names;
  for (const BackendCheck& check : AllBackendChecks()) {
    SCOPED_TRACE(check.id);
    EXPECT_TRUE(ids.insert(check.id).second);
    std::string name = check.id;
    for (char& c : name) {
      if (c == '.') c = '_';
      EXPECT_TRUE(isalnum(c) != 0 || c == '_') << c;
    }
    EXPECT_TRUE(names.insert(name).second);
    EXPECT_FALSE(check.says.empty());
    EXPECT_FALSE(check.source.empty());
    EXPECT_EQ(FindBackendCheck(check.id), &check);
  }
  EXPECT_GE(ids.size(), 100u);
  EXPECT_EQ(FindBackendCheck("no such check"), nullptr);
}

TEST(AllBackendChecks, HaveOneForEveryConstraintOfTheProtos) {
  size_t constraints = 0;
  const auto expect = [&](const RequestMember& member, const char* what,
                          BackendPreset preset) {
    ++constraints;
    const std::string id =
        absl::StrCat("constraint.", OperationName(member.operation), ".",
                     member.path, ".", what);
    const BackendCheck* check = FindBackendCheck(id);
    ASSERT_NE(check, nullptr) << id;
    EXPECT_TRUE(AppliesTo(*check, preset)) << id;
  };
  for (const BackendPreset preset : kBackendPresets) {
    SCOPED_TRACE(BackendPresetName(preset));
    const size_t before = constraints;
    const auto expect_in = [&](const RequestMember& member, const char* what) {
      expect(member, what, preset);
    };
    for (const RequestMember& member :
         RequestMembers(ApiSchema::For(BehaviorOf(preset)))) {
      const v1::ShapeConstraints& is = member.constraints;
      if (member.required()) expect_in(member, "required");
      if (is.has_length_bytes_min()) expect_in(member, "length_min");
      if (is.has_length_bytes_max()) expect_in(member, "length_max");
      if (is.has_value_min()) expect_in(member, "value_min");
      if (is.has_value_max()) expect_in(member, "value_max");
      if (is.pattern() != v1::PATTERN_UNSPECIFIED) {
        expect_in(member, "pattern");
      }
      if (member.is_enum()) expect_in(member, "enum");
    }
    EXPECT_GE(constraints - before, 40u);
  }
}

// All presets share the table of checks; a check of a member is for those whose
// model has it.
TEST(AllBackendChecks, AreForThePresetsWhoseModelHasTheMember) {
  using Presets = std::vector<BackendPreset>;
  const auto presets = [](const char* id) {
    const BackendCheck* check = FindBackendCheck(id);
    EXPECT_NE(check, nullptr) << id;
    Presets applies;
    for (const BackendPreset preset : kBackendPresets) {
      if (check != nullptr && AppliesTo(*check, preset)) {
        applies.push_back(preset);
      }
    }
    return applies;
  };
  EXPECT_EQ(presets("policy.none"),
            Presets({BackendPreset::kDocumented, BackendPreset::kObserved,
                     BackendPreset::kCurrent}));
  EXPECT_EQ(presets("constraint.PutResourcePolicy.policyInJson.length_max"),
            Presets({BackendPreset::kDocumented, BackendPreset::kObserved}));
  EXPECT_EQ(presets("constraint.PutResourcePolicy.resourceArn.pattern"),
            Presets({BackendPreset::kObserved, BackendPreset::kCurrent}));
  EXPECT_EQ(presets("constraint.GetResourcePolicies.maxResults.value_max"),
            Presets({BackendPreset::kCurrent}));
}

TEST(SampleDocumentsOfTheChecks, AreTheFilesOfTheFolder) {
  const std::string folder = "tests/policy/policies/";
  std::set<std::string> embedded;
  for (const SampleDocument& sample : SampleDocuments()) {
    const std::string path =
        absl::StrCat(folder, sample.accepted ? "accepted/" : "rejected/",
                     sample.name, ".json");
    embedded.insert(path);
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_EQ(text.str(), sample.text) << path;
  }
  for (const char* part : {"accepted", "rejected"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(folder + part)) {
      EXPECT_EQ(embedded.count(entry.path().string()), 1u) << entry.path();
    }
  }
}

TEST(RunBackendCheck, AFailureShowsTheRuleBothAnswersAndTheCalls) {
  const BackendCheckResult result = RunById("put.must_exist.no_hash.never_put",
                                            WithDefect("must_exist_ignored"));
  EXPECT_EQ(result.verdict, BackendCheckResult::kFailed);
  EXPECT_EQ(
      result.text,
      R"(docs/reference/PutResourcePolicy.md: PutResourcePolicy with must_exist and no hash, where no policy was ever put: ConditionCheckFailure
the answer to PutResourcePolicy
  expected: ConditionCheckFailureException
  actual:   OK {policy_hash: "O7fg3t7iwbb386RBEQ97Eg=="}
the calls that show it, on a new backend:
  PutResourcePolicy {policy_in_json: "{\n  \"Id\" : \"new\",\n  \"Statement\" : {\n    \"Effect\" : \"Allow\",\n    \"Princ...<truncated>..." policy_exists_condition: POLICY_EXISTS_CONDITION_MUST_EXIST}
    -> OK {policy_hash: "O7fg3t7iwbb386RBEQ97Eg=="}
)");
}

TEST(RunBackendCheck, AFailedCallThatChangedSomethingShowsTheDifference) {
  const BackendCheckResult result =
      RunById("times.failed_put_moves_nothing",
              WithDefect("failed_put_moves_update_time"));
  EXPECT_EQ(result.verdict, BackendCheckResult::kFailed);
  EXPECT_TRUE(absl::StrContains(
      result.text, "what the Get operations show after the failure"))
      << result.text;
  EXPECT_TRUE(absl::StrContains(result.text, "update_time")) << result.text;
}

TEST(RunBackendCheck, ADeclaredDeviationIsSkippedWithItsReason) {
  BackendUnderTest target = WithDefect("must_exist_ignored");
  target.deviations = {{"put.must_exist.no_hash.never_put", "nobody asks"}};
  const BackendCheckResult result =
      RunById("put.must_exist.no_hash.never_put", target);
  EXPECT_EQ(result.verdict, BackendCheckResult::kSkipped);
  EXPECT_EQ(result.text, "declared deviation: nobody asks");
  // The deviation covers only that check.
  EXPECT_EQ(RunById("put.must_exist.no_hash.deleted", target).verdict,
            BackendCheckResult::kFailed);
}

TEST(RunBackendCheck, WhatABackendCannotDoIsSkipped) {
  struct Case {
    const char* id;
    void (*take_away)(BackendUnderTest* target);
    BackendPreset preset = BackendPreset::kDocumented;
  };
  const Case cases[] = {
      {"put.must_exist_code",
       [](BackendUnderTest* target) {
         target->honours_behavior_fields = false;
       }},
      {"limit.at_and_over",
       [](BackendUnderTest* target) { target->honours_limits = false; }},
      {"times.update_moves_on_replace",
       [](BackendUnderTest* target) { target->honours_clock = false; }},
      {"threads.create",
       [](BackendUnderTest* target) { target->thread_safe = false; }},
      {"document.no_json.refused_at_json",
       [](BackendUnderTest* target) {
         target->policy_checks = {PolicyChecks::kGlue};
       }},
      {"policy.none",
       [](BackendUnderTest* target) {
         target->presets = {BackendPreset::kDocumented};
       },
       BackendPreset::kObserved},
      {"policies.none",
       [](BackendUnderTest* target) {
         target->presets = {BackendPreset::kDocumented,
                            BackendPreset::kObserved};
       },
       BackendPreset::kCurrent},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.id);
    BackendUnderTest target = Target();
    EXPECT_EQ(RunById(c.id, target, c.preset).verdict,
              BackendCheckResult::kPassed);
    c.take_away(&target);
    const BackendCheckResult result = RunById(c.id, target, c.preset);
    EXPECT_EQ(result.verdict, BackendCheckResult::kSkipped);
    EXPECT_FALSE(result.text.empty());
  }
}

TEST(RunBackendCheck, OnTheSystemsClockTheOtherChecksStillPass) {
  BackendUnderTest target = Target();
  target.honours_clock = false;
  target.create = [](BackendSetup setup) {
    setup.clock = Clock::System();
    return BackendWithoutDefect(setup);
  };
  target.presets = {BackendPreset::kDocumented};
  const BackendReport report = RunBackendConformance(target);
  EXPECT_EQ(report.failed, 0) << report.ToString();
  EXPECT_GT(report.skipped, 0);
}

TEST(RunBackendConformance, CountsAndTellsWhatItDid) {
  BackendUnderTest target = Target();
  target.deviations = {{"policy.none", "why not"}, {"policy.nun", "a slip"}};
  const BackendReport report = RunBackendConformance(target);
  EXPECT_EQ(report.failed, 0);
  EXPECT_EQ(report.skipped, 3);
  EXPECT_EQ(report.unknown_deviations, std::vector<std::string>{"policy.nun"});
  EXPECT_EQ(report.ToString(),
            absl::StrCat("policy.none (Documented) skipped\n"
                         "  declared deviation: why not\n"
                         "policy.none (Observed) skipped\n"
                         "  declared deviation: why not\n"
                         "policy.none (Current) skipped\n"
                         "  declared deviation: why not\n"
                         "there is no check policy.nun, which is declared as a "
                         "deviation\n"
                         "0 of ",
                         report.passed, " checks failed, 3 skipped\n"));
}

TEST(RunBackendConformance, SaysTheSameAgain) {
  const auto text = [] {
    std::string all;
    const BackendUnderTest target = WithDefect("hash_ignored");
    for (const BackendCheck& check : AllBackendChecks()) {
      if (check.needs.threads ||
          !AppliesTo(check, BackendPreset::kDocumented)) {
        continue;
      }
      all += RunBackendCheck(check, BackendPreset::kDocumented, target).text;
    }
    return all;
  };
  const std::string first = text();
  EXPECT_FALSE(first.empty());
  EXPECT_EQ(first, text());
}

// Gives a fixed answer.
class FixedBackend : public Backend {
 public:
  explicit FixedBackend(v1::Response response)
      : response_(std::move(response)) {}
  v1::Response Execute(const Caller&, const v1::Request&) override {
    return response_;
  }

 private:
  const v1::Response response_;
};

BackendReport ReportOf(const v1::Response& response) {
  BackendUnderTest target;
  target.name = "fixed";
  target.create = [response](const BackendSetup&) {
    return std::make_unique<FixedBackend>(response);
  };
  return RunBackendConformance(target);
}

TEST(RunBackendConformance, WithoutAnswersEveryCheckFails) {
  const BackendReport report = ReportOf(v1::Response());
  EXPECT_EQ(report.passed, 0);
}

TEST(RunBackendConformance, WithOneErrorForEverythingEveryCheckFails) {
  v1::Response response;
  response.mutable_error()->set_code(v1::ERROR_CODE_INTERNAL_SERVICE);
  const BackendReport report = ReportOf(response);
  EXPECT_EQ(report.passed, 0) << [&] {
    std::string passed;
    for (const auto& result : report.results) {
      if (result.verdict == BackendCheckResult::kPassed) {
        absl::StrAppend(&passed, result.check->id, "\n");
      }
    }
    return passed;
  }();
}

TEST(RunBackendConformance, PagesWithoutEndAreAFailureAndEnd) {
  v1::Response response;
  auto* page = response.mutable_get_security_configurations();
  page->add_security_configurations()->set_name("a");
  page->set_next_token("again");
  BackendUnderTest target;
  target.name = "endless";
  target.create = [response](const BackendSetup&) {
    return std::make_unique<FixedBackend>(response);
  };
  const BackendCheckResult result = RunById("pages.bytewise", target);
  EXPECT_EQ(result.verdict, BackendCheckResult::kFailed);
}

}  // namespace
}  // namespace glue_security
