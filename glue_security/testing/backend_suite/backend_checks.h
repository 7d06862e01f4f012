// RunBackendConformance: checks a whole backend against the contract of the
// API. The checks use no test framework; backend_conformance.h is a GoogleTest
// suite over them.
//
//   const BackendReport report = RunBackendConformance(target);
//   std::cout << report.ToString();
//
// A failed check says what it expected and what it found, and shows the calls
// that are needed to see it, in full and as code:
//
//   the answer to PutResourcePolicy
//     expected: ConditionCheckFailureException
//     actual:   OK {policy_hash: "O7fg3t7iwbb386RBEQ97Eg=="}
//     by contract: PutResourcePolicy with must_exist and no hash, where no
//         policy was ever put: ConditionCheckFailure
//     https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-security...
//     on a new backend, preset Documented:
//       PutResourcePolicy {policy_in_json: ...}
//         -> OK {policy_hash: "O7fg3t7iwbb386RBEQ97Eg=="}
//     as C++: ...
//
// Failures with the same cause are one entry of the report, with the ids of
// their checks. Each check rests on a sentence of the contract (the Security
// API of the AWS Glue Developer Guide, and later models), on a recorded answer,
// or on a choice of this project; see BackendCheckBasis.
//
// Every check starts on a new backend. All are deterministic except those of
// the group "threads". A call that is expected to fail must also change
// nothing: the whole state that the Get operations show is compared,
// connections where a check is about them.
//
// The limits of the members are read from the options of the protos, so that a
// new constraint has its checks without new code. All presets share the list of
// checks; a check of a member is for those presets whose model has it.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_BACKEND_CHECKS_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_BACKEND_CHECKS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/testing/backend_suite/backend_check.h"
#include "glue_security/testing/backend_suite/backend_target.h"
#include "glue_security/testing/backend_suite/call_as_code.h"

namespace glue_security {

// Returns all checks, in a fixed order. Lives forever.
const std::vector<BackendCheck>& AllBackendChecks();

// Returns the check with this id; nullptr when there is none.
const BackendCheck* FindBackendCheck(absl::string_view id);

// Returns true when the deviation names the check.
bool Covers(const BackendDeviation& deviation, const BackendCheck& check);

// The result of one check in one preset.
struct BackendCheckResult {
  enum Verdict { kPassed, kFailed, kSkipped };

  const BackendCheck* check = nullptr;
  BackendPreset preset = BackendPreset::kDocumented;
  Verdict verdict = kPassed;
  // kFailed: the report shown above. kSkipped: the reason.
  std::string text;

  // kFailed: the first difference, in full. `what` names the thing.
  std::string what;
  std::string expected;
  std::string actual;
  // A short form, shared by all failures of one cause.
  std::string difference;
  // The basis of this difference, which may not be that of the check: an
  // accepted request that breaks a constraint, for example, is always by
  // contract.
  BackendCheckBasis basis = BackendCheckBasis::kChoice;
  // The calls on a new backend that are needed to see the difference.
  BackendCalls calls;
};

// "contract", "record", "choice".
absl::string_view BackendCheckBasisName(BackendCheckBasis basis);

// Returns true when `check` has a rule for `preset`. A report does not mention
// the others.
bool AppliesTo(const BackendCheck& check, BackendPreset preset);

// Runs one check. Skips it when it is a declared deviation, or when it needs an
// ability that `target` does not have.
// REQUIRES: AppliesTo(check, preset); `target.create` is set.
BackendCheckResult RunBackendCheck(const BackendCheck& check,
                                   BackendPreset preset,
                                   const BackendUnderTest& target);

// Failures of one cause.
struct BackendFailureGroup {
  // The difference that they share.
  std::string difference;
  // The strongest basis of them: a sentence of the contract before the others.
  BackendCheckBasis strongest = BackendCheckBasis::kChoice;
  // At least one, in the order of the report.
  std::vector<const BackendCheckResult*> results;
};

struct BackendReport {
  std::vector<BackendCheckResult> results;
  int passed = 0;
  int failed = 0;
  int skipped = 0;

  // Returns the failures by cause: first those by contract, then the others; in
  // each, in the order of the checks. The report must outlive it.
  std::vector<BackendFailureGroup> Groups() const;

  // Returns a table with a line for each operation that has checks: passed,
  // failed by contract, by record, by choice, skipped.
  std::string Table() const;

  // Returns the failed checks by cause, each cause with its first failure in
  // full; the skipped checks by reason; a line for each deviation that names no
  // check; the table; and the counts.
  std::string ToString() const;

  // The target's deviations that name no check.
  std::vector<std::string> unknown_deviations;
};

// Runs all checks in all presets of `target`.
BackendReport RunBackendConformance(const BackendUnderTest& target);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_BACKEND_CHECKS_H_
