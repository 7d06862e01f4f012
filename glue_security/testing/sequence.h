// Sequences: whether a backend does what the reference model does, call by
// call.
//
//   TEST(MyGlue, AnswersLikeTheModel) {
//     SequenceOptions options;
//     options.calls = 1'000'000;
//     const SequenceReport report = CheckSequences(MakeMine, options);
//     EXPECT_TRUE(report.ok()) << report.text;
//   }
//
// A failure is shrunk to the fewest and simplest calls and shown as text:
//
//   sequence 12 of GLUE_SECURITY_SEED=42: the backend differs from the model
//   1. 111111111111 us-east-1: put_resource_policy { policy_in_json: "{}" }
//      both: put_resource_policy { policy_hash: "RBNvo1WzZ4oRRq0W9+hkng==" }
//   2. 111111111111 us-east-1: delete_resource_policy { policy_hash_c...: "R" }
//      backend: delete_resource_policy { }
//      model:   error { code: ERROR_CODE_CONDITION_CHECK_FAILURE }
//      first difference: delete_resource_policy: { } instead of nothing
//   GLUE_SECURITY_REPLAY=0.1.0.0.0.2...
//
// and as C++ that is a test of its own (sequence_replay.h).
//
// All short sequences instead of random long ones: all_sequences.h.
//
// What is compared is what answer_comparison.h says. Policy hashes must be
// those of the model: the first 16 bytes of the SHA-256 of the stored text.

#ifndef GLUE_SECURITY_TESTING_SEQUENCE_H_
#define GLUE_SECURITY_TESTING_SEQUENCE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/choice_source.h"
#include "glue_security/testing/shrink.h"
#include "glue_security/testing/tested_backend.h"

namespace glue_security {

struct SequenceOptions {
  Behavior behavior = Behavior::Documented();
  // `response_bytes_max` is left out of the comparison: the model has none.
  Limits limits;

  // Sequences are run until so many calls are made.
  int64_t calls = 100'000;
  // How many calls a sequence has on average; the most is four times that. Each
  // sequence has a backend of its own.
  int length = 200;

  // Everything is made of it. nullopt: what the environment variable
  // GLUE_SECURITY_SEED says, else a new one. The seed is in the report.
  std::optional<uint64_t> seed;
  // Choices from the report of a failure: that sequence alone is run. Empty:
  // what GLUE_SECURITY_REPLAY says, if anything.
  std::string replay;

  // Bounds of the shrinking. For a report that is the same byte for byte each
  // time, let the number of runs bind and not the time.
  ShrinkOptions shrink;

  // How the generated C++ calls the factory.
  std::string factory_code = "MakeBackend";
};

struct SequenceReport {
  bool ok() const { return choices.empty() && text.empty(); }

  uint64_t seed = 0;
  int64_t sequences = 0;
  int64_t calls = 0;

  // Of a failure; all are empty when there is none.
  //
  // What to read: the calls with the answers of both, and the first difference.
  std::string text;
  // What to paste: a test that fails as long as the difference is there. It
  // needs sequence_replay.h and gtest.
  std::string code;
  // What to run again: the shrunk sequence. Empty with a text: the failure did
  // not come again with the same choices.
  Choices choices;
};

// Runs random sequences on backends of `factory` and on the model. Nine of ten
// calls keep the constraints; see RequestGenerator::Generate. Two callers, of
// two catalogs, take turns, and the clock goes forward, stands still, or goes
// back between calls.
//
// Policy documents at PolicyChecks::kGrammar and kGlue are good or wrong by
// construction (policy_generator.h), so the model needs no checker.
SequenceReport CheckSequences(const BackendFactory& factory,
                              const SequenceOptions& options);

// One sequence from `choices`, with nothing random about it: for fuzzers. The
// report's `choices` are those that were drawn, not shrunk.
SequenceReport CheckSequence(const BackendFactory& factory,
                             const SequenceOptions& options,
                             ChoiceSource& choices);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEQUENCE_H_
