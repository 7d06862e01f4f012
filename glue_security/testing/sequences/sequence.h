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
//      both: put_resource_policy { policy_hash: "HASH OF CALL 1" }
//   2. 111111111111 us-east-1: delete_resource_policy { policy_hash_c...: "R" }
//      backend: delete_resource_policy { }
//      model:   error { code: ERROR_CODE_CONDITION_CHECK_FAILURE }
//      first difference: success instead of ConditionCheckFailureException
//   GLUE_SECURITY_REPLAY=0.1.0.0.0.2...
//
// and as C++ that is a test of its own (sequence_replay.h).
//
// all_sequences.h runs all short sequences instead of random long ones.
//
// A mock need not have the hashes, the times or the texts of this library:
// SequenceOptions (sequence_options.h) says what it shows. With `failures_max`
// the check goes on after a failure and counts the rest by their causes:
//
//   2 causes in 100012 calls of GLUE_SECURITY_SEED=42
//     311 x CreateSecurityConfiguration: created_timestamp is missing
//      90 x PutResourcePolicy: success instead of ConditionCheckFailure...
//
// with a shrunk example of each.

#ifndef GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_H_
#define GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/sequences/sequence_options.h"

namespace glue_security {

// Failures of one cause.
struct SequenceFailure {
  // AnswerDifference::Cause of the first difference.
  std::string cause;
  // The number of calls with it, without those of the shrinking. Only
  // CheckSequences counts on.
  int64_t count = 0;
  // The calls with the answers of both, and the first difference.
  std::string text;
  // A C++ test that fails as long as the difference is there. It needs
  // sequence_replay.h and gtest.
  std::string code;
  // The shrunk sequence, which can be run again. Empty: the same choices did
  // not fail again.
  Choices choices;
};

struct SequenceReport {
  bool ok() const { return choices.empty() && text.empty(); }

  uint64_t seed = 0;
  int64_t sequences = 0;
  int64_t calls = 0;
  // The number of calls with each of `SequenceOptions::known_differences`. 0:
  // it is not there any more.
  std::vector<int64_t> known;

  // The rest describes failures, and is empty when there is none.
  //
  // One for each cause, in the order in which they were found.
  std::vector<SequenceFailure> failures;
  // The text of the failure; of several, the table of causes, and all texts.
  std::string text;
  // The tests of all failures.
  std::string code;
  // The choices of the first failure.
  Choices choices;
};

// Runs random sequences on backends of `factory`, a new one for each, and on
// the model, until `failures_max` causes of failures are found. A backend is
// used from one thread. Nine of ten calls keep the constraints; see
// RequestGenerator::Generate. Three callers take turns, whose catalogs differ
// in the account or in the region. The clock goes forward, stands still, or
// goes back between calls.
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
