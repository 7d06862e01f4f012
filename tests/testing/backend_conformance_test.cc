// The engine over memory passes every check of BackendConformance. The
// reference model passes all but those about message texts, which it does not
// imitate.

#include "glue_security/testing/backend_suite/backend_conformance.h"

#include <memory>
#include <string>
#include <utility>

#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/oracle/reference_model.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

BackendUnderTest EngineUnderTest() {
  BackendUnderTest target;
  target.name = "Engine";
  target.create = [](const BackendSetup& setup) {
    return std::move(EngineInMemory(setup).backend);
  };
  return target;
}

BackendUnderTest ModelUnderTest() {
  BackendUnderTest target;
  target.name = "ReferenceModel";
  target.create = [](const BackendSetup& setup) {
    return std::make_unique<ReferenceModel>(setup.behavior, setup.limits,
                                            setup.clock);
  };
  target.policy_checks = {PolicyChecks::kNone, PolicyChecks::kJson};
  target.thread_safe = false;
  // The model has no message texts.
  // [deviations]
  target.deviations.push_back({"message.*", "the model has no messages"});
  target.deviations.push_back(
      {"password.long", "the model's ciphertexts are short marks"});
  // [deviations end]
  return target;
}

INSTANTIATE_TEST_SUITE_P(
    Engine, BackendConformance,
    testing::ValuesIn(BackendConformanceCases(EngineUnderTest())),
    BackendConformanceCaseName);

INSTANTIATE_TEST_SUITE_P(
    ReferenceModel, BackendConformance,
    testing::ValuesIn(BackendConformanceCases(ModelUnderTest())),
    BackendConformanceCaseName);

}  // namespace
}  // namespace glue_security
