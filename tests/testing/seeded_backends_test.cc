// Every seeded backend is found by the checks that it names, and every check is
// failed by a seeded backend: one that nothing can fail would show nothing.

#include "glue_security/testing/seeded_backends.h"

#include <cstdlib>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "glue_security/testing/backend_checks.h"
#include "glue_security/testing/backend_under_test.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

BackendUnderTest TargetOf(const SeededBackend& seed) {
  BackendUnderTest target;
  target.name = seed.name;
  target.create = seed.create;
  return target;
}

// In one of the presets.
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

TEST(SeededBackends, HaveNamesOfTheirOwnASentenceAndChecks) {
  std::set<std::string> names;
  size_t by_hand = 0;
  for (const SeededBackend& seed : SeededBackends()) {
    SCOPED_TRACE(seed.name);
    EXPECT_TRUE(names.insert(seed.name).second);
    EXPECT_EQ(seed.sentence.back(), '.');
    EXPECT_FALSE(seed.found_by.empty());
    for (const std::string& id : seed.found_by) {
      EXPECT_NE(FindBackendCheck(id), nullptr) << id;
    }
    if (!seed.generated) ++by_hand;
  }
  std::cout << by_hand << " written by hand, " << names.size() - by_hand
            << " by table\n";
  EXPECT_GE(by_hand, 32u);
}

TEST(SeededBackends, AreFoundByTheChecksThatTheyName) {
  for (const SeededBackend& seed : SeededBackends()) {
    SCOPED_TRACE(seed.name);
    const BackendUnderTest target = TargetOf(seed);
    for (const std::string& id : seed.found_by) {
      const BackendCheck* check = FindBackendCheck(id);
      ASSERT_NE(check, nullptr) << id;
      EXPECT_TRUE(Finds(*check, target)) << id;
    }
  }
}

// All checks on those written by hand; on those made by table, the checks that
// they name.
TEST(SeededBackends, FailEveryCheckSomewhere) {
  std::set<std::string> failed;
  for (const SeededBackend& seed : SeededBackends()) {
    if (seed.generated) {
      failed.insert(seed.found_by.begin(), seed.found_by.end());
      continue;
    }
    const BackendUnderTest target = TargetOf(seed);
    size_t found = 0;
    for (const BackendCheck& check : AllBackendChecks()) {
      if (!Finds(check, target)) continue;
      ++found;
      failed.insert(check.id);
    }
    // A defect that breaks everything would show nothing about any check.
    EXPECT_LT(found, AllBackendChecks().size() / 3) << seed.name;
  }
  std::vector<std::string> never;
  for (const BackendCheck& check : AllBackendChecks()) {
    if (failed.count(check.id) == 0) never.push_back(check.id);
  }
  EXPECT_EQ(absl::StrJoin(never, "\n"), "");
}

TEST(UnseededBackend, PassesEveryCheck) {
  BackendUnderTest target;
  target.name = "engine";
  target.create = UnseededBackend;
  const BackendReport report = RunBackendConformance(target);
  EXPECT_EQ(report.failed + report.skipped, 0) << report.ToString();
}

}  // namespace
}  // namespace glue_security
