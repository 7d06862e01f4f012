// Prints a report of the kit about a backend with a planted defect, as the
// pages of docs/testing_kit show it.
//
//   failure_reports check      the suite, on a mock that ignores MUST_EXIST
//   failure_reports sequence   the model, on a backend that omits the first
//                              element of each page after the first

#include <iostream>
#include <string>

#include "absl/time/time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/testing/backend_suite/backend_checks.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/defects/defective_backends.h"
#include "glue_security/testing/sequences/sequence.h"
#include "tests/testing/broken_backends.h"

namespace glue_security {
namespace {

int ReportCheck() {
  for (const DefectiveBackend& defect : DefectiveBackends()) {
    if (defect.name != "must_exist_ignored") continue;
    BackendUnderTest target;
    target.name = defect.name;
    target.create = defect.create;
    const BackendCheck* check = FindBackendCheck(defect.found_by.front());
    if (check == nullptr) return 1;
    std::cout
        << check->id << " (Documented)\n"
        << RunBackendCheck(*check, BackendPreset::kDocumented, target).text;
    return 0;
  }
  return 1;
}

int ReportSequence() {
  SequenceOptions options;
  options.behavior.policy_checks = PolicyChecks::kJson;
  options.seed = 20261124;
  // The number of runs ends the shrinking, so each run prints the same.
  options.shrink.time_max = absl::InfiniteDuration();
  const SequenceReport report = CheckSequences(SkipsAtPages, options);
  std::cout << report.text;
  return report.ok() ? 1 : 0;
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) {
  const std::string what = argc == 2 ? argv[1] : "";
  if (what == "check") return glue_security::ReportCheck();
  if (what == "sequence") return glue_security::ReportSequence();
  std::cerr << "usage: failure_reports check|sequence\n";
  return 2;
}
