// BackendConformance: the whole contract as a GoogleTest suite for your own
// mock. Link it and instantiate it once:
//
//   #include "glue_security/testing/backend_suite/backend_conformance.h"
//
//   INSTANTIATE_TEST_SUITE_P(
//       MyMock, BackendConformance,
//       testing::ValuesIn(BackendConformanceCases([] {
//         BackendUnderTest target;
//         target.name = "MyMock";
//         target.create = [](const BackendSetup& setup) {
//           return std::make_unique<MyMock>(setup.clock);
//         };
//         return target;
//       }())),
//       BackendConformanceCaseName);
//
// There is one test for each check and each preset, named after both:
//
//   MyMock/BackendConformance.Holds/put_must_exist_no_hash_present_Documented
//
// A failure shows what the contract says, the expected and the actual answer,
// and the calls that lead to it; see backend_checks.h. A check that needs an
// ability that the mock does not have is skipped, and so is a declared
// deviation; both give the reason. examples/custom_backend.cc is a whole file
// to copy.
//
// RunBackendConformance in backend_checks.h does the same without GoogleTest.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_BACKEND_CONFORMANCE_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_BACKEND_CONFORMANCE_H_

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "glue_security/testing/backend_suite/backend_checks.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "gtest/gtest.h"

namespace glue_security {

// One check in one preset. A null check stands for the deviations themselves:
// each must name a check.
struct BackendConformanceCase {
  std::shared_ptr<const BackendUnderTest> target;
  const BackendCheck* check = nullptr;
  BackendPreset preset = BackendPreset::kDocumented;
};

void PrintTo(const BackendConformanceCase& test_case, std::ostream* os);

// Returns the cases of all presets that `target` has.
std::vector<BackendConformanceCase> BackendConformanceCases(
    BackendUnderTest target);

// Returns "put_must_exist_no_hash_present_Documented".
std::string BackendConformanceCaseName(
    const testing::TestParamInfo<BackendConformanceCase>& info);

// The fixture of the test `Holds`, which is in the library.
class BackendConformance
    : public testing::TestWithParam<BackendConformanceCase> {};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_BACKEND_CONFORMANCE_H_
