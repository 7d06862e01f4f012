// CheckSequences: compares a backend with the reference model, call by call, on
// random sequences of calls.
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
// all_sequences.h runs all short sequences instead of random long ones.
//
// answer_comparison.h says how answers are compared. Policy hashes must be
// those of the model: the first 16 bytes of the SHA-256 of the stored text.

#ifndef GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_H_
#define GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_H_

#include <cstdint>
#include <optional>
#include <string>

#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/choices/shrink.h"

namespace glue_security {

struct SequenceOptions {
  Behavior behavior = Behavior::Documented();
  // The model has no `response_bytes_max`, so it is not compared.
  Limits limits;

  // The number of calls after which no new sequence starts.
  int64_t calls = 100'000;
  // The average number of calls in a sequence; the maximum is four times that.
  // Each sequence has its own backend.
  int length = 200;

  // The seed of all choices. nullopt: the environment variable
  // GLUE_SECURITY_SEED, or else a new one. The seed is in the report.
  std::optional<uint64_t> seed;
  // The choices from the report of a failure; only that sequence is run. Empty:
  // the environment variable GLUE_SECURITY_REPLAY, if it is set.
  std::string replay;

  // The bounds of the shrinking. For a report that is the same byte for byte
  // each time, choose them so that the number of runs ends the shrinking, not
  // the time.
  ShrinkOptions shrink;

  // The name by which the generated C++ calls the factory.
  std::string factory_code = "MakeBackend";
};

struct SequenceReport {
  bool ok() const { return choices.empty() && text.empty(); }

  uint64_t seed = 0;
  int64_t sequences = 0;
  int64_t calls = 0;

  // The rest describes a failure, and is empty when there is none.
  //
  // The calls with the answers of both, and the first difference.
  std::string text;
  // A C++ test that fails as long as the difference is there. It needs
  // sequence_replay.h and gtest.
  std::string code;
  // The shrunk sequence, which can be run again. Empty although `text` is not:
  // the same choices did not fail again.
  Choices choices;
};

// Runs random sequences on backends of `factory`, a new one for each, and on
// the model. A backend is used from one thread. Nine of ten calls keep the
// constraints; see RequestGenerator::Generate. Two callers with two catalogs
// take turns. The clock goes forward, stands still, or goes back between calls.
//
// Policy documents at PolicyChecks::kGrammar and kGlue are valid or invalid by
// construction (policy_generator.h), so the model needs no checker.
SequenceReport CheckSequences(const BackendFactory& factory,
                              const SequenceOptions& options);

// Runs one sequence from `choices` without any other randomness, for fuzzers.
// The report's `choices` are those that were drawn, not shrunk.
SequenceReport CheckSequence(const BackendFactory& factory,
                             const SequenceOptions& options,
                             ChoiceSource& choices);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_H_
