// Prints a report of the kit about a backend with a planted defect, as the
// pages of docs/testing_kit show it.
//
//   failure_reports check      the suite, on a mock that ignores MUST_EXIST
//   failure_reports sequence   the model, on a backend that omits the first
//                              element of each page after the first
//   failure_reports causes     the table of causes, on a backend with that
//                              defect and two more

#include <iostream>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/backend_suite/backend_checks.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/defects/defective_backends.h"
#include "glue_security/testing/sequences/sequence.h"
#include "glue_security/v1/resource_policy.pb.h"
#include "glue_security/v1/service.pb.h"
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

// Ignores MUST_EXIST and shows no time of a creation, besides the defect of
// pages.
class Careless : public Backend {
 public:
  explicit Careless(const BackendSetup& setup) : inner_(SkipsAtPages(setup)) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    v1::Request altered = request;
    if (request.put_resource_policy().policy_exists_condition() ==
        v1::POLICY_EXISTS_CONDITION_MUST_EXIST) {
      altered.mutable_put_resource_policy()->clear_policy_exists_condition();
    }
    v1::Response answer = inner_.backend->Execute(caller, altered);
    if (answer.has_create_security_configuration()) {
      answer.mutable_create_security_configuration()->clear_created_timestamp();
    }
    return answer;
  }

 private:
  TestedBackend inner_;
};

int ReportCauses() {
  SequenceOptions options;
  options.behavior.policy_checks = PolicyChecks::kJson;
  options.seed = 20261124;
  options.failures_max = 20;
  // Only the causes are shown.
  options.shrink.runs_max = 1;
  options.shrink.time_max = absl::InfiniteDuration();
  const SequenceReport report = CheckSequences(
      [](const BackendSetup& setup) {
        return TestedBackend(std::make_unique<Careless>(setup));
      },
      options);
  std::cout << report.text.substr(0, report.text.find("\n\n") + 1);
  return report.ok() ? 1 : 0;
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) {
  const std::string what = argc == 2 ? argv[1] : "";
  if (what == "check") return glue_security::ReportCheck();
  if (what == "sequence") return glue_security::ReportSequence();
  if (what == "causes") return glue_security::ReportCauses();
  std::cerr << "usage: failure_reports check|sequence|causes\n";
  return 2;
}
