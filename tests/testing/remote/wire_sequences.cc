#include "tests/testing/remote/wire_sequences.h"

#include <utility>

#include "glue_security/testing/oracle/answer_comparison.h"

namespace glue_security {

std::vector<SequenceOptions> WireSequenceOptions(BackendPreset preset) {
  std::vector<SequenceOptions> all;
  for (const bool small : {false, true}) {
    SequenceOptions options;
    options.behavior = BehaviorOf(preset);
    options.hashes = AnswerRules::Hashes::kExact;
    options.shows_violations = false;
    options.shows_messages = true;
    options.takes_principals = false;
    options.takes_invalid_utf8 = false;
    options.takes_unknown_operations = false;
    if (small) {
      options.limits.security_configurations_max = 3;
      options.limits.connections_max = 3;
      options.limits.page_size_default = 2;
      // Not the size of a request: one with an enum that does not exist is
      // larger on the wire, where that is a text.
    }
    all.push_back(std::move(options));
  }
  return all;
}

}  // namespace glue_security
