// The backends with a planted defect, served over HTTP, are found by the tools
// that judge mocks behind a URL.
//
// With GLUE_SECURITY_WHOLE_SUITE in the environment all checks are run on each
// defect, and not only those that it names (tools/defects_over_http.sh).

#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "glue_security/testing/backend_suite/backend_checks.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/defects/defective_backends.h"
#include "glue_security/testing/sequences/sequence.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"
#include "tests/testing/remote/served_backends.h"
#include "tests/testing/remote/wire_sequences.h"

namespace glue_security {
namespace {

// The reasons for which defects are not found.
constexpr char kViolations[] = "violations are not on the wire";
constexpr char kPrincipal[] = "the caller's ARN does not reach the backend";
constexpr char kEarly[] =
    "the server itself ignores or refuses what is not in force";

// The defects that are not found: a name, or the beginning of several names and
// a star.
constexpr std::pair<absl::string_view, absl::string_view> kNotFound[] = {
    {"no_operation_is_ok", "a request without an operation cannot be sent"},
    {"lock_out_ignored", kPrincipal},
    {"unknown_key_locks_out", kPrincipal},
    {"path_of_role_is_guessed", kPrincipal},
    {"catalog_of_the_principal", kPrincipal},
    {"connection_written_by_*", kPrincipal},
    {"connection_tags_checked_early", kEarly},
    {"connection_types_taken_early", kEarly},
    {"role_mode_taken_early", kEarly},
    {"role_stored_early", kEarly},
    {"role_checked_early", kEarly},
    {"data_quality_stored_early", kEarly},
    {"policies_listed_early", kEarly},
    {"violations_without_value", kViolations},
    {"only_first_violation", kViolations},
    {"violations_from_the_last", kViolations},
    {"list_elements_from_0", kViolations},
    {"paths_without_structure", kViolations},
    {"length_min_less_GetResourcePolicy_resourceArn", kViolations},
    {"size_max_more_CreateConnection_connectionInput_connectionProperties",
     kViolations},
    {"size_max_more_UpdateConnection_connectionInput_connectionProperties",
     kViolations},
    {"malformed_taken_*",
     "a text that is not UTF-8 does not reach the backend"},
    {"zero_is_absent_*",
     "an enum is a text on the wire, so that a value without one cannot be "
     "sent"},
};

bool Names(absl::string_view name, const DefectiveBackend& defect) {
  return absl::ConsumeSuffix(&name, "*") ? absl::StartsWith(defect.name, name)
                                         : defect.name == name;
}

// Returns why the defect is not found; "": it is found.
absl::string_view ReasonOf(const DefectiveBackend& defect) {
  for (const auto& [name, reason] : kNotFound) {
    if (Names(name, defect)) return reason;
  }
  return "";
}

bool IsWhole() { return std::getenv("GLUE_SECURITY_WHOLE_SUITE") != nullptr; }

// Returns the checks to run: those that the defect names, or all of them, those
// first.
std::vector<const BackendCheck*> ChecksFor(const DefectiveBackend& defect) {
  std::vector<const BackendCheck*> checks;
  for (const std::string& id : defect.found_by) {
    checks.push_back(FindBackendCheck(id));
  }
  if (IsWhole()) {
    for (const BackendCheck& check : AllBackendChecks()) {
      checks.push_back(&check);
    }
  }
  return checks;
}

std::optional<std::string> FindByChecks(const DefectiveBackend& defect,
                                        const BackendUnderTest& target) {
  for (const BackendCheck* check : ChecksFor(defect)) {
    for (const BackendPreset preset : target.presets) {
      if (AppliesTo(*check, preset) &&
          RunBackendCheck(*check, preset, target).verdict ==
              BackendCheckResult::kFailed) {
        return check->id;
      }
    }
  }
  return std::nullopt;
}

std::optional<std::string> FindBySequences(const BackendUnderTest& target) {
  const int64_t calls = IsWhole() ? 5'000 : 2'000;
  for (const BackendPreset preset : target.presets) {
    for (SequenceOptions options : WireSequenceOptions(preset)) {
      options.calls = calls;
      options.seed = RunSeedOr(1);
      // One failure is enough.
      options.shrink.runs_max = 1;
      if (!CheckSequences(target.create, options).ok()) return "sequences";
    }
  }
  return std::nullopt;
}

TEST(DefectsOverHttp, NineOfTenAreFoundAndTheOthersHaveAReason) {
  ServedBackends served;
  std::map<std::string, int> found_by;
  int all = 0;
  for (const DefectiveBackend& defect : DefectiveBackends()) {
    ++all;
    const bool has_reason = !ReasonOf(defect).empty();
    // To make sure that nothing finds it takes long.
    if (has_reason && !IsWhole()) continue;
    served.Serve(defect.create);
    auto finder = FindByChecks(defect, served.target());
    if (finder.has_value()) {
      ++found_by["checks"];
    } else if ((finder = FindBySequences(served.target())).has_value()) {
      ++found_by["sequences"];
    }
    if (IsWhole() || !finder.has_value()) {
      std::cout << defect.name << ": " << finder.value_or("NOT FOUND")
                << std::endl;
    }
    EXPECT_NE(finder.has_value(), has_reason)
        << defect.name << ": " << defect.sentence;
  }
  const int found = found_by["checks"] + found_by["sequences"];
  std::cout << found << " of " << all << " are found: " << found_by["checks"]
            << " by checks, " << found_by["sequences"] << " by sequences\n";
  EXPECT_GE(found * 10, all * 9);
}

// Otherwise what is found might not be the defect.
TEST(DefectsOverHttp, ABackendWithoutDefectIsNotAccused) {
  ServedBackends served;
  served.Serve(BackendWithoutDefect);
  const BackendReport report = RunBackendConformance(served.target());
  EXPECT_EQ(report.failed, 0) << report.ToString();
  EXPECT_GE(report.passed, 3 * 400);
  EXPECT_EQ(FindBySequences(served.target()), std::nullopt);
}

TEST(DefectsOverHttp, EveryReasonIsOfADefect) {
  for (const auto& [name, reason] : kNotFound) {
    int defects = 0;
    for (const DefectiveBackend& defect : DefectiveBackends()) {
      if (Names(name, defect)) ++defects;
    }
    EXPECT_GT(defects, 0) << name;
    EXPECT_NE(reason, "");
  }
}

}  // namespace
}  // namespace glue_security
