// PolicyGenerator: makes policy documents from a stream of choices: valid ones,
// and ones that break exactly one rule.
//
//   const PolicyGenerator generator(PolicyChecks::kGlue);
//   GeneratedPolicy policy = generator.Generate(choices, caller);
//   // CheckPolicy(policy.text, ...) gives one finding with the code
//   // *policy.finding, or none when it is not set.

#ifndef GLUE_SECURITY_TESTING_GENERATORS_POLICY_GENERATOR_H_
#define GLUE_SECURITY_TESTING_GENERATORS_POLICY_GENERATOR_H_

#include <cstddef>
#include <optional>
#include <string>

#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/policy/finding.h"
#include "glue_security/testing/choices/choice_source.h"

namespace glue_security {

struct GeneratedPolicy {
  std::string text;
  // The only rule that the text breaks; nullopt: none.
  std::optional<FindingCode> finding;
};

// The bytes that count as the size of a document: all, or all but the blanks
// outside its strings.
enum class CountedBytes { kAll, kNoBlanks };

// Makes policy documents for one level of checks.
//
// At kGrammar and kGlue a document is valid by construction in the catalog of
// the caller's account and region, or it is one of the mutants of
// policy_mutants.h, moved to that catalog. Two kinds of mutants are left out:
// those whose finding depends on whether a principal exists, because a backend
// need not know, and, when the caller has no ARN, those that lock the caller
// out.
//
// At kNone and kJson texts are short JSON objects. A few are not JSON objects,
// nest deep, or are hard to read for another reason. `finding` is never set at
// these levels, because the text alone decides.
//
// Thread-safe. The mutants are made once per process, at the first use: this
// takes a second or two, and some megabytes.
class PolicyGenerator {
 public:
  explicit PolicyGenerator(PolicyChecks level) : level_(level) {}

  // Makes a document; nine of ten are valid.
  GeneratedPolicy Generate(ChoiceSource& choices, const Caller& caller) const;

  // Makes a valid document.
  std::string GenerateGood(ChoiceSource& choices, const Caller& caller) const;

  // Makes a document with a finding. REQUIRES: level kGrammar or kGlue.
  GeneratedPolicy GenerateBroken(ChoiceSource& choices,
                                 const Caller& caller) const;

  // Makes a text of exactly `bytes` counted bytes: a valid document, filled up
  // with blanks or line ends when they count, else with a longer resource. If
  // that document is too long, the text is "{}", filled up in the same way;
  // below 2 bytes it is "{" or "".
  GeneratedPolicy GenerateOfSize(size_t bytes, CountedBytes counted,
                                 ChoiceSource& choices,
                                 const Caller& caller) const;

 private:
  bool IsJsonOnly() const { return level_ < PolicyChecks::kGrammar; }

  const PolicyChecks level_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_GENERATORS_POLICY_GENERATOR_H_
