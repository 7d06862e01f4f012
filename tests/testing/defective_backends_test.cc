// Every backend with a planted defect fails the checks that it names, and every
// check fails for some such backend; otherwise the check would show nothing.

#include "glue_security/testing/defects/defective_backends.h"

#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/testing/backend_suite/backend_checks.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

BackendUnderTest TargetOf(const DefectiveBackend& defect) {
  BackendUnderTest target;
  target.name = defect.name;
  target.create = defect.create;
  return target;
}

// Returns true when the check fails in one of the presets.
bool Finds(const BackendCheck& check, const BackendUnderTest& target) {
  for (const BackendPreset preset : target.presets) {
    if (AppliesTo(check, preset) &&
        RunBackendCheck(check, preset, target).verdict ==
            BackendCheckResult::kFailed) {
      return true;
    }
  }
  return false;
}

TEST(DefectiveBackends, HaveNamesOfTheirOwnASentenceAndChecks) {
  std::set<std::string> names;
  size_t by_hand = 0;
  for (const DefectiveBackend& defect : DefectiveBackends()) {
    SCOPED_TRACE(defect.name);
    EXPECT_TRUE(names.insert(defect.name).second);
    EXPECT_EQ(defect.sentence.back(), '.');
    EXPECT_FALSE(defect.found_by.empty());
    for (const std::string& id : defect.found_by) {
      EXPECT_NE(FindBackendCheck(id), nullptr) << id;
    }
    if (!defect.generated) ++by_hand;
  }
  std::cout << by_hand << " written by hand, " << names.size() - by_hand
            << " by table\n";
  EXPECT_GE(by_hand, 32u);
}

TEST(DefectiveBackends, AreCountedOnThePage) {
  std::ifstream file("docs/testing_kit/backend.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string count =
      absl::StrCat(" returns ", DefectiveBackends().size(),
                   " engines with one planted defect each");
  EXPECT_TRUE(absl::StrContains(page.str(), count))
      << "docs/testing_kit/backend.md does not say: " << count;
}

TEST(DefectiveBackends, AreFoundByTheChecksThatTheyName) {
  // [defects]
  for (const DefectiveBackend& defect : DefectiveBackends()) {
    const BackendUnderTest target = TargetOf(defect);
    for (const std::string& id : defect.found_by) {
      const BackendCheck* check = FindBackendCheck(id);
      ASSERT_NE(check, nullptr) << id;
      EXPECT_TRUE(Finds(*check, target)) << defect.name << ": " << id;
    }
  }
  // [defects end]
}

// Most checks are named by a planted defect, and
// AreFoundByTheChecksThatTheyName tests those. For the others a defect is
// sought among those written by hand.
TEST(DefectiveBackends, FailEveryCheckSomewhere) {
  std::set<std::string> failed;
  for (const DefectiveBackend& defect : DefectiveBackends()) {
    failed.insert(defect.found_by.begin(), defect.found_by.end());
  }
  std::vector<std::string> never;
  for (const BackendCheck& check : AllBackendChecks()) {
    if (failed.count(check.id) > 0) continue;
    const DefectiveBackend* found = nullptr;
    for (const DefectiveBackend& defect : DefectiveBackends()) {
      if (defect.generated || !Finds(check, TargetOf(defect))) continue;
      found = &defect;
      break;
    }
    if (found == nullptr) never.push_back(check.id);
    std::cout << check.id << ": " << (found == nullptr ? "none" : found->name)
              << "\n";
  }
  EXPECT_EQ(absl::StrJoin(never, "\n"), "");
}

// A defect that breaks everything would show nothing about a single check.
TEST(DefectiveBackends, PassMostChecks) {
  const std::vector<BackendCheck>& checks = AllBackendChecks();
  constexpr size_t kStep = 53;  // A sample of all groups.
  for (const DefectiveBackend& defect : DefectiveBackends()) {
    if (defect.generated) continue;
    size_t found = 0;
    size_t run = 0;
    for (size_t i = 0; i < checks.size(); i += kStep, ++run) {
      if (checks[i].needs.threads) continue;
      if (Finds(checks[i], TargetOf(defect))) ++found;
    }
    EXPECT_LT(found, run / 2) << defect.name;
  }
}

TEST(BackendWithoutDefect, PassesEveryCheck) {
  BackendUnderTest target;
  target.name = "engine";
  target.create = BackendWithoutDefect;
  const BackendReport report = RunBackendConformance(target);
  EXPECT_EQ(report.failed + report.skipped, 0) << report.ToString();
}

}  // namespace
}  // namespace glue_security
