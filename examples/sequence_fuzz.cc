// A fuzz target for libFuzzer: a sequence of calls made from its bytes, which
// your backend must answer like the reference model. Copy it.
//
// docs/testing_kit/generators_and_sequences.md has the target and the command.

// [fuzz target]
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/choices/byte_choices.h"
#include "glue_security/testing/sequences/sequence.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace glue_security;
  ByteChoices choices({reinterpret_cast<const char*>(data), size});
  // `EngineInMemory` stands for your own factory.
  const SequenceReport report = CheckSequence(EngineInMemory, {}, choices);
  if (report.ok()) return 0;
  std::cerr << report.text;
  std::abort();
}
// [fuzz target end]
