// Runs a sequence of calls made from the fuzzer's bytes; the engine must answer
// like the model.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "glue_security/model/behavior.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/choices/byte_choices.h"
#include "glue_security/testing/sequences/sequence.h"

namespace glue_security {
namespace {

// One input in four has small limits, so that short inputs reach them.
SequenceOptions ChooseOptions(ChoiceSource& choices) {
  SequenceOptions options;
  options.behavior =
      choices.Below(2) == 0 ? Behavior::Documented() : Behavior::Observed();
  options.behavior.policy_checks =
      choices.Pick<PolicyChecks>({PolicyChecks::kJson, PolicyChecks::kGlue,
                                  PolicyChecks::kGrammar, PolicyChecks::kNone});
  if (choices.OneIn(4)) {
    options.limits.security_configurations_max = 2;
    options.limits.connections_max = 2;
    options.limits.page_size_default = 1;
    options.limits.policy_depth_max = 3;
    options.limits.request_bytes_max = 400;
  }
  if (choices.Below(2) == 1) {
    options.behavior.api_date = choices.Pick(ApiSchema::Dates());
    options.behavior.console_grants_exist = choices.OneIn(8);
  }
  options.length = 50;
  options.hashes = AnswerRules::Hashes::kExact;
  return options;
}

}  // namespace
}  // namespace glue_security

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace glue_security;  // NOLINT(google-build-using-namespace)
  ByteChoices choices({reinterpret_cast<const char*>(data), size});
  const SequenceOptions options = ChooseOptions(choices);
  const SequenceReport report = CheckSequence(EngineInMemory, options, choices);
  if (!report.ok()) {
    std::fprintf(stderr, "%s\n%s", report.text.c_str(), report.code.c_str());
    std::abort();
  }
  return 0;
}
