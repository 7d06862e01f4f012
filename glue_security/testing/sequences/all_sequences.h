// CheckAllSequences: compares a backend with the reference model on all
// sequences of a few calls.
//
//   TEST(MyGlue, AnswersLikeTheModelToAllShortSequences) {
//     AllSequencesOptions options;
//     options.length = 3;
//     const SequenceReport report = CheckAllSequences(MakeMine, options);
//     EXPECT_TRUE(report.ok()) << report.text;
//   }

#ifndef GLUE_SECURITY_TESTING_SEQUENCES_ALL_SEQUENCES_H_
#define GLUE_SECURITY_TESTING_SEQUENCES_ALL_SEQUENCES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/oracle/answer_comparison.h"
#include "glue_security/testing/sequences/known_difference.h"
#include "glue_security/testing/sequences/sequence.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// The NextToken in a request of an alphabet that is replaced by the latest
// token that was given out. It is sent as it is while there is none.
inline constexpr char kLatestToken[] = "LATEST TOKEN";

// Stands in an alphabet, as the value of a connection's property, for the last
// encrypted password that a call of the sequence has shown. Before there is one
// it is sent as it is.
inline constexpr char kLatestPassword[] = "LATEST PASSWORD";

struct AllSequencesOptions : AnswerRules {
  Behavior behavior = Behavior::Documented();
  Limits limits;
  // The calls; `DefaultAlphabet` when empty. At kGrammar and kGlue its policies
  // must be valid.
  std::vector<v1::Request> alphabet;
  // The calls made after each call, to see its effect. They must only read.
  std::vector<v1::Request> observations;
  // Differences that are passed over. After one that leaves the states of
  // backend and model apart (see SequenceOptions), no sequence goes on.
  std::vector<KnownDifference> known_differences;
  // The greatest length: every sequence of 1 to `length` calls is run.
  size_t length = 3;
  std::string factory_code = "MakeBackend";
};

// 19 calls on a policy, settings, one configuration and one connection, whose
// password is encrypted, sealed and given back.
std::vector<v1::Request> DefaultAlphabet();

// Runs all sequences. With `TestedBackend::mark` there is one backend, which
// goes back to where sequences fork; without it, each sequence has a new one.
// In the report, `sequences` counts the sequences of 1 to `length` calls, and
// `choices` are places in the alphabet, counted from 1.
SequenceReport CheckAllSequences(const BackendFactory& factory,
                                 const AllSequencesOptions& options);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEQUENCES_ALL_SEQUENCES_H_
