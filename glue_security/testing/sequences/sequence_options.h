// SequenceOptions: what `CheckSequences` (sequence.h) runs and compares.

#ifndef GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_OPTIONS_H_
#define GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/choices/shrink.h"
#include "glue_security/testing/oracle/answer_comparison.h"
#include "glue_security/testing/sequences/known_difference.h"

namespace glue_security {

// A mock with hashes, times and texts of its own:
//
//   SequenceOptions options;
//   options.shows_violations = false;
//   options.honours_clock = false;
//   options.failures_max = 20;
struct SequenceOptions : AnswerRules {
  Behavior behavior = Behavior::Documented();
  // The model has no `response_bytes_max`, so it is not compared.
  Limits limits;

  // True: the texts of errors are those of `Engine`, and are compared with
  // them; the model has none, so an engine runs beside it. The text about a
  // broken enum is not compared: it quotes the value, which has no number on a
  // wire.
  bool shows_messages = false;
  // False: `Caller::principal_arn` does not reach the backend, so no policy
  // locks its caller out.
  bool takes_principals = true;
  // False: a text that is not UTF-8 does not reach the backend, as over JSON.
  // Such calls are left out.
  bool takes_invalid_utf8 = true;
  // False: `Request.unparsed_values`, which only a wire codec fills, means
  // nothing to the backend. Such calls are left out.
  bool takes_unparsed_values = true;
  // False: a request without an operation does not reach the backend. Such
  // calls are left out.
  bool takes_unknown_operations = true;

  // The operations that the backend has: no other is called. Empty: all that
  // are in force.
  std::vector<Operation> operations;

  // Differences that are passed over. The sequence goes on after one if the
  // states of backend and model can still agree: the operation only reads, or
  // both answers are errors, or neither is and the backend's Put shows a hash.
  // Otherwise the sequence ends there, and a new one starts on a new backend.
  std::vector<KnownDifference> known_differences;

  // The number of different causes (AnswerDifference::Cause) after which the
  // check ends. A cause that was found is passed over from then on, as a known
  // difference, and counted; but after a read that differs, the sequence ends,
  // since the states may do so, too. Each cause is shrunk by itself and may
  // take the time of `shrink`.
  size_t failures_max = 1;

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

  // Called when the clock of the sequence has gone forward, with the time by
  // which. For a backend with a clock of its own, whose times may otherwise all
  // be equal, so that a wrong one cannot be seen: it moves that clock, or
  // sleeps. Without it the check sleeps for two milliseconds, once in eighty
  // calls, unless the backend's times are not those of the system.
  std::function<void(absl::Duration)> pass_time;

  // The name by which the generated C++ calls the factory.
  std::string factory_code = "MakeBackend";
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEQUENCES_SEQUENCE_OPTIONS_H_
