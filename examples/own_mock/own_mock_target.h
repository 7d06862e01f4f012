// OwnMock as a target of the testing kit: its abilities, as the kit is told.

#ifndef EXAMPLES_OWN_MOCK_OWN_MOCK_TARGET_H_
#define EXAMPLES_OWN_MOCK_OWN_MOCK_TARGET_H_

#include <cstdint>
#include <vector>

#include "examples/own_mock/own_mock.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/histories/concurrent_clients.h"
#include "glue_security/testing/histories/linearizability_options.h"
#include "glue_security/testing/histories/workload.h"
#include "glue_security/testing/sequences/sequence_options.h"
#include "glue_security/v1/options.pb.h"

namespace own_mock {

// [target]
// The mock takes nothing from the setup: it has the contract's behavior alone,
// limits and a clock of its own, and it does not look into policies.
inline glue_security::BackendFactory Factory(Mistake mistake = Mistake::kNone) {
  return [mistake](const glue_security::BackendSetup&) {
    return MakeOwnMock(mistake);
  };
}

inline glue_security::BackendUnderTest OwnMockUnderTest(
    Mistake mistake = Mistake::kNone) {
  glue_security::BackendUnderTest target;
  target.name = "OwnMock";
  target.create = Factory(mistake);
  target.presets = {glue_security::BackendPreset::kDocumented};
  target.policy_checks = {glue_security::PolicyChecks::kNone};
  target.honours_behavior_fields = false;
  target.honours_limits = false;
  target.honours_clock = false;
  target.shows_violations = false;
  target.shows_messages = false;
  // It has the Security API alone, and nothing that is encrypted.
  target.has_connections = false;
  target.has_keys = false;
  // The strings of a message are UTF-8, and nothing fills `unparsed_values`.
  target.takes_invalid_utf8 = false;
  target.takes_unparsed_values = false;
  return target;
}

// All but those on connections.
inline std::vector<glue_security::Operation> OwnMockOperations() {
  std::vector<glue_security::Operation> operations;
  for (const auto operation : glue_security::kAllOperations) {
    if (glue_security::GetOperationInfo(operation).resource() !=
        glue_security::v1::RESOURCE_CONNECTION) {
      operations.push_back(operation);
    }
  }
  return operations;
}

inline glue_security::SequenceOptions OwnMockSequences() {
  glue_security::SequenceOptions options;
  options.behavior.policy_checks = glue_security::PolicyChecks::kNone;
  options.honours_clock = false;
  options.shows_violations = false;
  options.takes_invalid_utf8 = false;
  options.takes_unparsed_values = false;
  options.operations = OwnMockOperations();
  return options;
}

inline glue_security::ConcurrentClientsOptions OwnMockClients(uint64_t seed) {
  glue_security::ConcurrentClientsOptions options;
  options.seed = seed;
  options.generator = glue_security::SmallWorkloadFor(
      glue_security::Behavior::Documented(), OwnMockOperations());
  return options;
}

inline glue_security::LinearizabilityOptions OwnMockHistories() {
  glue_security::LinearizabilityOptions options;
  options.behavior.policy_checks = glue_security::PolicyChecks::kNone;
  return options;
}
// [target end]

}  // namespace own_mock

#endif  // EXAMPLES_OWN_MOCK_OWN_MOCK_TARGET_H_
