// KnownDifference: a difference from the model that is known, and so is not
// reported again by `CheckSequences`.
//
//   // The mock does not have the answer's time.
//   KnownDifference no_time;
//   no_time.reason = "issue 12: Create shows no time";
//   no_time.operation = v1::Request::kCreateSecurityConfiguration;
//   no_time.field = "created_timestamp";
//   options.known_differences.push_back(no_time);
//
//   // It answers every delete, also of what does not exist.
//   KnownDifference deletes;
//   deletes.reason = "issue 13";
//   deletes.operation = v1::Request::kDeleteSecurityConfiguration;
//   deletes.answered = v1::ERROR_CODE_UNSPECIFIED;  // no error
//   deletes.expected = v1::ERROR_CODE_ENTITY_NOT_FOUND;
//
// It cannot hide another difference in the same answer: all differences of an
// answer must be known.

#ifndef GLUE_SECURITY_TESTING_SEQUENCES_KNOWN_DIFFERENCE_H_
#define GLUE_SECURITY_TESTING_SEQUENCES_KNOWN_DIFFERENCE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "glue_security/model/operation.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// One difference between the answers of a backend and of the model to a call.
struct AnswerDifference {
  enum class Kind {
    // One answer is an error and the other is not, or it is another error.
    kOutcome,
    // Both have the same outcome, and the backend's lacks a field, has one too
    // many, or has it with another value.
    kMissing,
    kUnexpected,
    kDifferent,
  };
  Kind kind = Kind::kOutcome;
  // kNoOperation: the request had none.
  Operation operation = kNoOperation;
  // The errors in the answers of the backend and of the model; unspecified:
  // it is no error.
  v1::ErrorCode answered = v1::ERROR_CODE_UNSPECIFIED;
  v1::ErrorCode expected = v1::ERROR_CODE_UNSPECIFIED;
  // The field in the response of the operation, without places in lists:
  // "security_configurations.created_time_stamp". A list that has elements too
  // many, too few, or with other names, is one difference: itself. In an error
  // "violations", "message" or "detail". Empty for kOutcome.
  std::string field;
  // The difference in one line, with the values.
  std::string text;

  // The difference without values; equal causes are counted together:
  // "GetSecurityConfigurations: security_configurations.created_time_stamp is
  // missing", "PutResourcePolicy: success instead of InvalidInputException".
  std::string Cause() const;
};

// Describes differences. A difference is known when it has everything that is
// set here. One with nothing set knows none.
struct KnownDifference {
  // Shown in reports beside the calls that it is about.
  std::string reason;

  std::optional<Operation> operation;
  // The field, or a structure or list that it is in. Empty: any.
  std::string field;
  // The errors of the backend and of the model; unspecified stands for none.
  std::optional<v1::ErrorCode> answered;
  std::optional<v1::ErrorCode> expected;
  // Any other condition. Must depend on its argument alone.
  std::function<bool(const AnswerDifference&)> matches;
};

bool IsKnown(const AnswerDifference& difference, const KnownDifference& known);

// Returns the differences between the answers to a request of `operation`,
// compared as answer_comparison.h says; none when they are the same. Slow.
std::vector<AnswerDifference> DifferencesOf(Operation operation,
                                            const v1::Response& backend,
                                            const v1::Response& model,
                                            bool messages = false);

// Returns true when two different answers can come from equal states and leave
// equal ones: the operation only reads, or both answers are errors, or neither
// is and a Put shows its hash. `surely` excludes reads, since they may show
// that the states differ.
bool StatesCanAgree(Operation operation, const v1::Response& backend,
                    const v1::Response& model, bool surely);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEQUENCES_KNOWN_DIFFERENCE_H_
