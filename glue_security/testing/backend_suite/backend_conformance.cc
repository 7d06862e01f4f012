#include "glue_security/testing/backend_suite/backend_conformance.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace glue_security {

void PrintTo(const BackendConformanceCase& test_case, std::ostream* os) {
  *os << test_case.target->name;
  if (test_case.check == nullptr) return;
  *os << " " << test_case.check->id << " "
      << std::string(BackendPresetName(test_case.preset));
}

std::vector<BackendConformanceCase> BackendConformanceCases(
    BackendUnderTest target) {
  const auto shared =
      std::make_shared<const BackendUnderTest>(std::move(target));
  std::vector<BackendConformanceCase> cases = {{shared, nullptr}};
  for (const BackendPreset preset : shared->presets) {
    for (const BackendCheck& check : AllBackendChecks()) {
      if (AppliesTo(check, preset)) cases.push_back({shared, &check, preset});
    }
  }
  return cases;
}

std::string BackendConformanceCaseName(
    const testing::TestParamInfo<BackendConformanceCase>& info) {
  const BackendConformanceCase& test_case = info.param;
  if (test_case.check == nullptr) return "deviations_name_checks";
  std::string name = absl::StrCat(test_case.check->id, "_",
                                  BackendPresetName(test_case.preset));
  for (char& c : name) {
    if (!absl::ascii_isalnum(c)) c = '_';
  }
  return name;
}

TEST_P(BackendConformance, Holds) {
  const BackendConformanceCase& test_case = GetParam();
  if (test_case.check == nullptr) {
    for (const BackendDeviation& deviation : test_case.target->deviations) {
      const std::vector<BackendCheck>& checks = AllBackendChecks();
      EXPECT_TRUE(std::any_of(
          checks.begin(), checks.end(),
          [&](const BackendCheck& check) { return Covers(deviation, check); }))
          << "there is no check " << deviation.check
          << ", which is declared as a deviation";
    }
    return;
  }
  const BackendCheckResult result =
      RunBackendCheck(*test_case.check, test_case.preset, *test_case.target);
  if (result.verdict == BackendCheckResult::kSkipped) {
    GTEST_SKIP() << test_case.check->id << ": " << result.text;
  }
  if (result.verdict == BackendCheckResult::kFailed) {
    GTEST_FAIL() << test_case.check->id << " ("
                 << std::string(BackendPresetName(test_case.preset)) << ")\n"
                 << result.text;
  }
}

// A program may link the suite without using it.
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(BackendConformance);

}  // namespace glue_security
