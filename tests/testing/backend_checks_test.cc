#include "glue_security/testing/backend_suite/backend_checks.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/clock.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/backend_suite/check_basis.h"
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
    // The source can be opened: a page of the guide, or of this repository.
    if (absl::StartsWith(check.source, "https://")) {
      EXPECT_EQ(check.basis, BackendCheckBasis::kContract);
      const char* const page = GetOperationInfo(check.operation).resource() ==
                                       v1::RESOURCE_CONNECTION
                                   ? "aws-glue-api-catalog-connections.html#"
                                   : "aws-glue-api-jobs-security.html";
      EXPECT_TRUE(absl::StartsWith(
          check.source,
          absl::StrCat("https://docs.aws.amazon.com/glue/latest/dg/", page)))
          << check.source;
    } else {
      EXPECT_TRUE(std::filesystem::exists(check.source)) << check.source;
    }
    EXPECT_EQ(FindBackendCheck(check.id), &check);
  }
  EXPECT_GE(ids.size(), 100u);
  EXPECT_EQ(FindBackendCheck("no such check"), nullptr);
}

TEST(AllBackendChecks, AreCountedOnTheirPage) {
  std::ifstream file("docs/testing_kit/backend.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string count =
      absl::StrCat(": ", AllBackendChecks().size(), " checks, ");
  EXPECT_TRUE(absl::StrContains(page.str(), count))
      << "docs/testing_kit/backend.md does not say: " << count;
}

TEST(AllBackendChecks, SayWhatTheyRestOnAndWhatTheyAreAbout) {
  EXPECT_EQ(
      absl::StrJoin(
          conformance_internal::UnusedBasisEntries(AllBackendChecks()), ", "),
      "");
  struct Case {
    const char* id;
    BackendCheckBasis basis;
    Operation operation;
  };
  const Case cases[] = {
      {"put.must_exist.no_hash.never_put", BackendCheckBasis::kContract,
       v1::Request::kPutResourcePolicy},
      {"put.no_condition.hash_differs.never_put", BackendCheckBasis::kChoice,
       v1::Request::kPutResourcePolicy},
      {"put.no_condition.no_hash.present", BackendCheckBasis::kRecorded,
       v1::Request::kPutResourcePolicy},
      {"constraint.GetSecurityConfigurations.maxResults.value_max",
       BackendCheckBasis::kContract, v1::Request::kGetSecurityConfigurations},
      {"constraint.GetSecurityConfiguration.name.utf8",
       BackendCheckBasis::kChoice, v1::Request::kGetSecurityConfiguration},
      {"settings.defaults", BackendCheckBasis::kRecorded,
       v1::Request::kGetDataCatalogEncryptionSettings},
      {"pages.bytewise", BackendCheckBasis::kChoice,
       v1::Request::kGetSecurityConfigurations},
      {"catalogs.principals_share", BackendCheckBasis::kChoice, kNoOperation},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.id);
    const BackendCheck* check = FindBackendCheck(c.id);
    ASSERT_NE(check, nullptr);
    EXPECT_EQ(check->basis, c.basis);
    EXPECT_EQ(check->operation, c.operation);
  }
}

TEST(AllBackendChecks, HaveOneForEveryConstraintOfTheProtos) {
  size_t constraints = 0;
  const auto expect = [&](const RequestMember& member, const char* what,
                          BackendPreset preset) {
    ++constraints;
    const std::string id =
        absl::StrCat("constraint.", OperationName(member.operation), ".",
                     member.name, ".", what);
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
      if (is.has_size_min()) expect_in(member, "size_min");
      if (is.has_size_max()) expect_in(member, "size_max");
      if (member.is_enum() || member.is_enum_key()) expect_in(member, "enum");
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
  EXPECT_EQ(result.what, "the answer to PutResourcePolicy");
  EXPECT_EQ(result.expected, "ConditionCheckFailureException");
  EXPECT_EQ(result.actual, R"(OK {policy_hash: "O7fg3t7iwbb386RBEQ97Eg=="})");
  EXPECT_EQ(result.basis, BackendCheckBasis::kContract);
  ASSERT_EQ(result.calls.calls.size(), 1u);
  EXPECT_EQ(result.calls.preset, "Documented");
  EXPECT_TRUE(result.calls.settings.empty());
  EXPECT_TRUE(absl::StartsWith(result.text,
                               R"(the answer to PutResourcePolicy
  expected: ConditionCheckFailureException
  actual:   OK {policy_hash: "O7fg3t7iwbb386RBEQ97Eg=="}
  by contract: PutResourcePolicy with must_exist and no hash, where no policy was ever put: ConditionCheckFailure
  https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-security.html#aws-glue-api-jobs-security-PutResourcePolicy
  on a new backend, preset Documented:
    PutResourcePolicy {policy_in_json: "{\n  \"Id\" : \"new\",)"))
      << result.text;
  for (const char* part :
       {"  as C++:\n", "  with curl:\n", "  with boto3:\n"}) {
    EXPECT_TRUE(absl::StrContains(result.text, part)) << part;
  }
  EXPECT_FALSE(absl::StrContains(result.text, "truncated"));
}

TEST(RunBackendCheck, TheCommandsOfAFailureAreForTheEndpointOfTheBackend) {
  BackendUnderTest target = WithDefect("must_exist_ignored");
  target.endpoint.url = "http://127.0.0.1:5000";
  const std::string text =
      RunById("put.must_exist.no_hash.never_put", target).text;
  EXPECT_TRUE(
      absl::StrContains(text, "curl -s -w '\\n' 'http://127.0.0.1:5000'"));
  EXPECT_TRUE(absl::StrContains(text, "endpoint_url='http://127.0.0.1:5000'"));
  EXPECT_FALSE(absl::StrContains(text, "4566"));
}

TEST(RunBackendCheck, AFailedCallThatChangedSomethingShowsTheDifference) {
  const BackendCheckResult result =
      RunById("times.failed_put_moves_nothing",
              WithDefect("failed_put_moves_update_time"));
  EXPECT_EQ(result.verdict, BackendCheckResult::kFailed);
  EXPECT_EQ(result.what,
            "what GetResourcePolicy shows after the PutResourcePolicy that "
            "failed");
  EXPECT_TRUE(absl::StrContains(result.actual, "update_time")) << result.text;
  // The Gets that show it are among the calls, and so is the clock.
  ASSERT_EQ(result.calls.calls.size(), 4u);
  EXPECT_TRUE(result.calls.calls[0].request.has_put_resource_policy());
  EXPECT_TRUE(result.calls.calls[1].request.has_get_resource_policy());
  EXPECT_EQ(result.calls.calls[1].clock_move, absl::Seconds(1));
  EXPECT_TRUE(result.calls.calls[2].response.has_error());
  EXPECT_TRUE(result.calls.calls[3].request.has_get_resource_policy());
  EXPECT_TRUE(absl::StrContains(result.text,
                                "clock.Advance(absl::Microseconds(1000000));"));
}

// An engine whose answers a function changes.
class Changed : public Backend {
 public:
  using Change = std::function<void(const v1::Request&, v1::Response*)>;
  Changed(BackendSetup setup, BackendFactory create, Change change)
      : engine_(create(setup)), change_(std::move(change)) {}
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    v1::Response response = engine_.backend->Execute(caller, request);
    change_(request, &response);
    return response;
  }

 private:
  TestedBackend engine_;
  Change change_;
};

BackendUnderTest With(Changed::Change change) {
  BackendUnderTest target = Target();
  target.create = [change](const BackendSetup& setup) {
    return std::make_unique<Changed>(setup, BackendWithoutDefect, change);
  };
  return target;
}

// An engine that gets every request without MaxResults.
class WithoutMaxResults : public Backend {
 public:
  explicit WithoutMaxResults(const BackendSetup& setup)
      : engine_(BackendWithoutDefect(setup)) {}
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    v1::Request changed = request;
    if (changed.has_get_security_configurations()) {
      changed.mutable_get_security_configurations()->clear_max_results();
    }
    return engine_->Execute(caller, changed);
  }

 private:
  std::unique_ptr<Backend> engine_;
};

TEST(RunBackendCheck, AFailureShowsOnlyTheCallsThatAreNeeded) {
  // The check creates eight names and reads pages of every size.
  BackendUnderTest target = Target();
  target.create = [](const BackendSetup& setup) {
    return std::make_unique<WithoutMaxResults>(setup);
  };
  const BackendCheckResult result = RunById("pages.every_size.of_8", target);
  EXPECT_EQ(result.verdict, BackendCheckResult::kFailed);
  EXPECT_EQ(result.what, "the number of entries on a page of 1");
  EXPECT_EQ(result.difference,
            "not as expected: the number of entries on a page of #");
  EXPECT_EQ(result.actual, "8");
  EXPECT_EQ(result.calls.calls.size(), 9u);
  // Two Puts and a Get are before the call. One Put is needed, although the
  // answer is the same without it, because it would be right then.
  const BackendCheckResult deletion = RunById(
      "policy.one_per_catalog",
      With([](const v1::Request& request, v1::Response* response) {
        if (!request.has_delete_resource_policy()) return;
        response->mutable_error()->clear_message();
        response->mutable_error()->set_code(v1::ERROR_CODE_ENTITY_NOT_FOUND);
      }));
  EXPECT_EQ(deletion.calls.calls.size(), 2u) << deletion.text;
  // The limits that a check sets are shown.
  const BackendCheckResult limit =
      RunById("limit.after_delete", WithDefect("number_limit_fixed"));
  EXPECT_EQ(limit.verdict, BackendCheckResult::kFailed);
  EXPECT_EQ(absl::StrJoin(limit.calls.settings, ", "),
            "limits.security_configurations_max = 2");
  EXPECT_TRUE(absl::StrContains(
      limit.text, "setup.limits.security_configurations_max = 2;"));
}

TEST(RunBackendCheck, ADeclaredDeviationIsSkippedWithItsReason) {
  BackendUnderTest target = WithDefect("must_exist_ignored");
  target.deviations = {{"put.must_exist.no_hash.never_put", "nobody asks"}};
  const BackendCheckResult result =
      RunById("put.must_exist.no_hash.never_put", target);
  EXPECT_EQ(result.verdict, BackendCheckResult::kSkipped);
  EXPECT_EQ(result.text, "declared deviation: nobody asks");
  // The beginning of several ids covers them all.
  target.deviations = {{"put.must_exist.*", "nobody asks"}};
  EXPECT_EQ(RunById("put.must_exist.no_hash.deleted", target).verdict,
            BackendCheckResult::kSkipped);
  target.deviations = {{"put.must_exist.no_hash.never_put", "nobody asks"}};
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
      {"times.update_never_goes_back",
       [](BackendUnderTest* target) { target->honours_clock = false; }},
      {"threads.create",
       [](BackendUnderTest* target) { target->thread_safe = false; }},
      {"message.policy_not_found.get",
       [](BackendUnderTest* target) { target->shows_messages = false; }},
      {"message.violation.fields",
       [](BackendUnderTest* target) { target->shows_violations = false; }},
      {"document.lock_out",
       [](BackendUnderTest* target) { target->takes_principals = false; }},
      {"constraint.GetSecurityConfiguration.name.utf8",
       [](BackendUnderTest* target) { target->takes_invalid_utf8 = false; }},
      {"constraint.PutResourcePolicy.policyExistsCondition.unparsed",
       [](BackendUnderTest* target) { target->takes_unparsed_values = false; }},
      {"hybrid.of_2019.unparsed_ignored",
       [](BackendUnderTest* target) { target->takes_unparsed_values = false; }},
      {"message.violation.enum_text",
       [](BackendUnderTest* target) { target->takes_unparsed_values = false; }},
      {"policy.documented_text",
       [](BackendUnderTest* target) { target->keeps_policy_texts = false; }},
      {"policy.observed_text",
       [](BackendUnderTest* target) { target->keeps_policy_texts = false; },
       BackendPreset::kObserved},
      {"policy.observed_text",
       [](BackendUnderTest* target) {
         target->policy_checks = {PolicyChecks::kNone};
       },
       BackendPreset::kObserved},
      {"connection.kept.full",
       [](BackendUnderTest* target) { target->has_connections = false; }},
      {"constraint.GetConnection.name.required",
       [](BackendUnderTest* target) { target->has_connections = false; }},
      {"password.flag.shown",
       [](BackendUnderTest* target) { target->has_keys = false; }},
      {"sealed.shown",
       [](BackendUnderTest* target) { target->has_keys = false; }},
      {"answer.no_operation",
       [](BackendUnderTest* target) {
         target->takes_unknown_operations = false;
       }},
      {"policies.of_2019.unknown",
       [](BackendUnderTest* target) {
         target->takes_unknown_operations = false;
       }},
      {"order.size_before_constraints",
       [](BackendUnderTest* target) { target->honours_limits = false; }},
      {"limit.default",
       [](BackendUnderTest* target) { target->honours_limits = false; }},
      {"pages.bytewise",
       [](BackendUnderTest* target) { target->contract_only = true; }},
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

TEST(RunBackendCheck, TheSystemsClockIsNamedWhereAClockIsHonoured) {
  BackendUnderTest target = Target();
  target.create = [](BackendSetup setup) {
    setup.clock = Clock::System();
    return BackendWithoutDefect(setup);
  };
  target.presets = {BackendPreset::kDocumented};
  const BackendReport report = RunBackendConformance(target);
  EXPECT_GT(report.failed, 0);
  ASSERT_EQ(report.Groups().size(), 1u) << report.ToString();
  EXPECT_EQ(report.Groups()[0].difference,
            "the backend's clock is the system's");
  for (const BackendCheckResult& result : report.results) {
    if (result.verdict != BackendCheckResult::kFailed) continue;
    EXPECT_EQ(result.what, "the backend's clock");
    EXPECT_TRUE(absl::StrContains(result.text, "set honours_clock = false"))
        << result.text;
  }
}

TEST(RunBackendCheck, TwoPutsWithinAMillisecondDoNotPassACheckOfTimes) {
  BackendUnderTest target = WithDefect("create_time_reset_on_replace");
  target.create = [create = target.create](BackendSetup setup) {
    setup.clock = Clock::System();
    return create(setup);
  };
  target.honours_clock = false;
  const BackendCheckResult result =
      RunById("times.create_stays_on_replace", target);
  EXPECT_EQ(result.verdict, BackendCheckResult::kFailed);
  EXPECT_EQ(result.what, "CreateTime after a Put that replaces the policy");
  // The calls to paste wait as the check did.
  EXPECT_TRUE(absl::StrContains(result.text,
                                "absl::SleepFor(absl::Microseconds(1000000));"))
      << result.text;
  EXPECT_FALSE(absl::StrContains(result.text, "FakeClock")) << result.text;
  EXPECT_TRUE(absl::StrContains(result.text, "    1s pass\n")) << result.text;
}

// A clock that is seen to move with each call, as on a busy machine.
class QuickClock : public Clock {
 public:
  absl::Time Now() override { return now_ += absl::Milliseconds(5); }

 private:
  absl::Time now_ = absl::FromUnixSeconds(1750000000);
};

TEST(RunBackendCheck, TheWaitsOfAClockOfItsOwnAreAllShown) {
  QuickClock clock;
  BackendUnderTest target = WithDefect("create_time_reset_on_replace");
  target.create = [&clock, create = target.create](BackendSetup setup) {
    setup.clock = &clock;
    return create(setup);
  };
  target.honours_clock = false;
  const std::string text =
      RunById("times.create_stays_on_replace", target).text;
  EXPECT_TRUE(absl::StrContains(text, "    1s pass\n")) << text;
}

TEST(RunBackendConformance, WhatIsNotShownIsNotJudged) {
  BackendUnderTest target =
      With([](const v1::Request&, v1::Response* response) {
        if (!response->has_error()) return;
        response->mutable_error()->clear_violations();
        response->mutable_error()->set_message("my own text");
      });
  target.shows_violations = false;
  target.shows_messages = false;
  target.presets = {BackendPreset::kDocumented};
  const BackendReport report = RunBackendConformance(target);
  EXPECT_EQ(report.failed, 0) << report.ToString();
  EXPECT_GE(report.passed, 400);
}

TEST(RunBackendConformance, WithoutViolationsEveryBoundIsStillTested) {
  size_t generated = 0;
  for (const DefectiveBackend& defect : DefectiveBackends()) {
    // A defect of one bound of one member.
    if (!defect.generated ||
        !absl::StartsWith(defect.found_by.front(), "constraint.") ||
        absl::EndsWith(defect.found_by.front(), ".both") ||
        ++generated % 5 != 0) {
      continue;
    }
    BackendUnderTest target = WithDefect(defect.name);
    target.shows_violations = false;
    bool found = false;
    for (const BackendPreset preset : kBackendPresets) {
      const BackendCheck* check = FindBackendCheck(defect.found_by.front());
      ASSERT_NE(check, nullptr);
      found = found || (AppliesTo(*check, preset) &&
                        RunBackendCheck(*check, preset, target).verdict ==
                            BackendCheckResult::kFailed);
    }
    EXPECT_TRUE(found) << defect.name;
  }
  EXPECT_GE(generated, 100u);
}

TEST(RunBackendConformance, AnExceptionIsAFailureOfItsCheck) {
  BackendUnderTest target = With([](const v1::Request& request, v1::Response*) {
    if (request.has_delete_resource_policy()) {
      throw std::runtime_error("no such table");
    }
  });
  target.presets = {BackendPreset::kDocumented};
  const BackendCheckResult result = RunById("policy.one_per_catalog", target);
  EXPECT_EQ(result.verdict, BackendCheckResult::kFailed);
  EXPECT_EQ(result.actual, "the exception \"no such table\"");
  EXPECT_EQ(result.difference,
            "DeleteResourcePolicy throws the exception \"no such table\"");
  ASSERT_EQ(result.calls.calls.size(), 2u);
  EXPECT_TRUE(result.calls.calls[1].request.has_delete_resource_policy());
  EXPECT_EQ(RunById("threads.delete_policy", target).verdict,
            BackendCheckResult::kFailed);
  target.create = [](const BackendSetup&) -> TestedBackend {
    throw std::runtime_error("no database");
  };
  EXPECT_EQ(RunById("policy.none", target).actual,
            "the exception \"no database\"");
}

TEST(RunBackendConformance, AnAnswerThatIsNotOfTheApiIsShownAsItCame) {
  const BackendUnderTest target =
      With([](const v1::Request& request, v1::Response* response) {
        if (!request.has_get_resource_policy()) return;
        v1::Error* error = response->mutable_error();
        error->set_code(v1::ERROR_CODE_OPERATION_TIMEOUT);
        error->set_detail(v1::Error::DETAIL_OUTCOME_UNKNOWN);
        error->set_message("HTTP status 502: no JSON");
      });
  const BackendCheckResult result = RunById("policy.none", target);
  EXPECT_EQ(result.actual, "no answer of the API: HTTP status 502: no JSON");
  EXPECT_FALSE(absl::StrContains(result.text, "OperationTimeout"));
}

TEST(RunBackendConformance, AnAbsentTimeIsAbsent) {
  const BackendUnderTest target =
      With([](const v1::Request& request, v1::Response* response) {
        if (!request.has_get_security_configuration()) return;
        response->mutable_get_security_configuration()
            ->mutable_security_configuration()
            ->clear_created_time_stamp();
      });
  const BackendCheckResult result =
      RunById("times.configuration_created", target);
  EXPECT_EQ(result.actual, "an absent time");
  EXPECT_EQ(result.basis, BackendCheckBasis::kContract);
  EXPECT_EQ(result.difference,
            "CreatedTimeStamp of GetSecurityConfiguration is absent");
}

// The contract does not say which of the listed errors a condition gives.
TEST(RunBackendConformance, AnotherListedErrorOfAConditionIsByChoice) {
  BackendUnderTest target = With([](const v1::Request& request,
                                    v1::Response* response) {
    if (request.has_put_resource_policy() &&
        response->error().code() == v1::ERROR_CODE_CONDITION_CHECK_FAILURE) {
      response->mutable_error()->set_code(v1::ERROR_CODE_ENTITY_NOT_FOUND);
    }
  });
  const char* const kId = "put.must_exist.no_hash.never_put";
  EXPECT_EQ(RunById(kId, target).basis, BackendCheckBasis::kChoice);
  target.contract_only = true;
  EXPECT_EQ(RunById(kId, target).verdict, BackendCheckResult::kPassed);
  // One that is not listed is by contract.
  target = With([](const v1::Request& request, v1::Response* response) {
    if (request.has_put_resource_policy() && response->has_error()) {
      response->mutable_error()->set_code(
          v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED);
    }
  });
  target.contract_only = true;
  const BackendCheckResult result = RunById(kId, target);
  EXPECT_EQ(result.basis, BackendCheckBasis::kContract);
  EXPECT_EQ(result.difference,
            "PutResourcePolicy answers with "
            "ResourceNumberLimitExceededException, which the contract does not "
            "list for it");
}

// Accepts every request that breaks a constraint.
TEST(BackendReport, FailuresOfOneCauseAreOneGroup) {
  BackendUnderTest target =
      With([](const v1::Request& request, v1::Response* response) {
        if (response->error().violations_size() == 0) return;
        response->Clear();
        const auto* field = v1::Response::descriptor()->FindFieldByNumber(
            static_cast<int>(request.operation_case()));
        response->GetReflection()->MutableMessage(response, field);
      });
  target.presets = {BackendPreset::kDocumented};
  const BackendReport report = RunBackendConformance(target);
  const std::vector<BackendFailureGroup> groups = report.Groups();
  ASSERT_FALSE(groups.empty());
  const BackendFailureGroup& group = groups.front();
  EXPECT_EQ(group.difference,
            "a request that breaks a constraint is not refused for it");
  EXPECT_EQ(group.strongest, BackendCheckBasis::kContract);
  EXPECT_GE(group.results.size(), 55u);
  EXPECT_LE(groups.size(), 4u) << report.ToString();
  // The group has one report in full, and the ids of the others.
  const std::string text = report.ToString();
  EXPECT_TRUE(absl::StrContains(
      text, absl::StrCat("FAILED by contract: a request that breaks a "
                         "constraint is not refused for it\n  ",
                         group.results.size(), " failed:\n")))
      << text;
  EXPECT_TRUE(absl::StrContains(
      text,
      "constraint.GetSecurityConfiguration.name.length_max (Documented)"));
}

TEST(RunBackendConformance, CountsAndTellsWhatItDid) {
  BackendUnderTest target = Target();
  target.deviations = {{"policy.none", "why not"},
                       {"policy.nun", "a slip"},
                       {"policy.nun*", "another"}};
  const BackendReport report = RunBackendConformance(target);
  EXPECT_EQ(report.failed, 0);
  EXPECT_EQ(report.skipped, 3);
  EXPECT_EQ(report.unknown_deviations,
            std::vector<std::string>({"policy.nun", "policy.nun*"}));
  EXPECT_EQ(
      report.ToString(),
      absl::StrCat("3 skipped: declared deviation: why not\n"
                   "  policy.none (Documented, Observed, Current)\n"
                   "there is no check policy.nun, which is declared as a "
                   "deviation\n"
                   "there is no check policy.nun*, which is declared as a "
                   "deviation\n",
                   report.Table(), "0 of ", report.passed,
                   " checks failed, 3 skipped\n"));
}

TEST(BackendReport, TheTableCountsByOperationAndBasis) {
  BackendReport report;
  const auto add = [&report](const char* id,
                             BackendCheckResult::Verdict verdict,
                             BackendCheckBasis basis) {
    BackendCheckResult result;
    result.check = FindBackendCheck(id);
    ASSERT_NE(result.check, nullptr) << id;
    result.verdict = verdict;
    result.basis = basis;
    report.results.push_back(result);
  };
  using Result = BackendCheckResult;
  add("policy.none", Result::kPassed, BackendCheckBasis::kContract);
  add("policy.none", Result::kFailed, BackendCheckBasis::kContract);
  add("policy.none", Result::kFailed, BackendCheckBasis::kChoice);
  add("policy.none", Result::kFailed, BackendCheckBasis::kChoice);
  add("settings.defaults", Result::kFailed, BackendCheckBasis::kRecorded);
  add("catalogs.principals_share", Result::kSkipped,
      BackendCheckBasis::kChoice);
  EXPECT_EQ(report.Table(),
            // clang-format off
"operation                            passed failed by:                        skipped\n"
"                                              contract     record     choice         \n"
"GetDataCatalogEncryptionSettings          0          0          1          0        0\n"
"GetResourcePolicy                         1          1          0          2        0\n"
"several                                   0          0          0          0        1\n"
            // clang-format on
  );
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
