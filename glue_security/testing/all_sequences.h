// All sequences of a few calls, compared with the reference model.
//
//   TEST(MyGlue, AnswersLikeTheModelToAllShortSequences) {
//     AllSequencesOptions options;
//     options.length = 3;
//     const SequenceReport report = CheckAllSequences(MakeMine, options);
//     EXPECT_TRUE(report.ok()) << report.text;
//   }

#ifndef GLUE_SECURITY_TESTING_ALL_SEQUENCES_H_
#define GLUE_SECURITY_TESTING_ALL_SEQUENCES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/model/limits.h"
#include "glue_security/testing/sequence.h"
#include "glue_security/testing/tested_backend.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// In a request of an alphabet, the NextToken that stands for the latest one
// that was given out; before there is any, it is sent as it is.
inline constexpr char kLatestToken[] = "LATEST TOKEN";

struct AllSequencesOptions {
  Behavior behavior = Behavior::Documented();
  Limits limits;
  // The calls; empty: `DefaultAlphabet`. At kGrammar and kGlue the policies in
  // it must be good.
  std::vector<v1::Request> alphabet;
  // Made after each call, to see what it has changed. Must only read.
  std::vector<v1::Request> observations;
  // Every sequence of 1 to so many calls.
  size_t length = 3;
  std::string factory_code = "MakeBackend";
};

// 12 calls: of a policy, settings and one configuration.
std::vector<v1::Request> DefaultAlphabet();

// Runs all sequences. With `TestedBackend::mark` there is one backend, which
// goes back to where sequences fork; without, each sequence has a new one. In
// the report, `sequences` are those of 1 to `length` calls, and `choices` the
// letters, counted from 1.
SequenceReport CheckAllSequences(const BackendFactory& factory,
                                 const AllSequencesOptions& options);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_ALL_SEQUENCES_H_
