// PolicyGenerator: policy documents from a stream of choices, good ones and
// ones that break exactly one rule.
//
//   const PolicyGenerator generator(PolicyChecks::kGlue);
//   GeneratedPolicy policy = generator.Generate(choices, caller);
//   // CheckPolicy(policy.text, ...) gives one finding with the code
//   // *policy.finding, or none when it is not set.

#ifndef GLUE_SECURITY_TESTING_POLICY_GENERATOR_H_
#define GLUE_SECURITY_TESTING_POLICY_GENERATOR_H_

#include <cstddef>
#include <optional>
#include <string>

#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/policy/finding.h"
#include "glue_security/testing/choice_source.h"

namespace glue_security {

struct GeneratedPolicy {
  std::string text;
  // The one rule that the text breaks.
  std::optional<FindingCode> finding;
};

// At kGrammar and kGlue a document is good by construction for the catalog of
// the account and region of the caller, or it is one of the mutants of
// policy_mutants.h, moved to that catalog. Of these it leaves out two kinds:
// those that ask whether a principal exists, because a backend need not know,
// and those that lock the caller out, when the caller has no ARN.
//
// At kNone and kJson texts are short JSON objects, and now and then a text that
// is none, nests deep, or is hard to read for another reason; `finding` is then
// never set, since the text alone tells.
//
// Thread-safe. The mutants are made once per process, when the first is asked
// for: a second or two, and some megabytes.
class PolicyGenerator {
 public:
  explicit PolicyGenerator(PolicyChecks level) : level_(level) {}

  // Nine of ten are good.
  GeneratedPolicy Generate(ChoiceSource& choices, const Caller& caller) const;

  // A good one.
  std::string GenerateGood(ChoiceSource& choices, const Caller& caller) const;

  // One with a finding. REQUIRES: level kGrammar or kGlue.
  GeneratedPolicy GenerateBroken(ChoiceSource& choices,
                                 const Caller& caller) const;

  // A text of exactly `bytes` bytes: a good one with blanks or another Id, so
  // that it is just as long; "{}" and less where no good one is that short.
  GeneratedPolicy GenerateOfSize(size_t bytes, ChoiceSource& choices,
                                 const Caller& caller) const;

 private:
  bool IsJsonOnly() const { return level_ < PolicyChecks::kGrammar; }

  const PolicyChecks level_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_POLICY_GENERATOR_H_
