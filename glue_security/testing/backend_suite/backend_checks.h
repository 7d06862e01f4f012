// RunBackendConformance: checks a whole backend against the contract of the
// API. The checks use no test framework; backend_conformance.h is a GoogleTest
// suite over them.
//
//   const BackendReport report = RunBackendConformance(target);
//   std::cout << report.ToString();
//
//   put.must_exist.no_hash.never_put (Documented) FAILED
//     docs/reference/PutResourcePolicy.md: PutResourcePolicy with must_exist
//         and no hash, where no policy was ever put: ConditionCheckFailure
//     the answer to PutResourcePolicy
//       expected: ConditionCheckFailureException
//       actual:   OK {policy_hash: "O7fg3t7iwbb386RBEQ97Eg=="}
//     the calls that show it, on a new backend:
//       PutResourcePolicy {policy_in_json: "{\n  \"Id\" : \"new\" ..."
//           policy_exists_condition: POLICY_EXISTS_CONDITION_MUST_EXIST}
//         -> OK {policy_hash: "O7fg3t7iwbb386RBEQ97Eg=="}
//   1 of 854 checks failed, 0 skipped
//
// The source of a rule is the contract (the Security API of the AWS Glue
// Developer Guide of September 2019), or the page of docs/reference/ or
// docs/decisions/ that decides what the contract leaves open.
//
// Every check starts on a new backend. All are deterministic except those of
// the group "threads". A call that is expected to fail must also change
// nothing: the whole state that the Get operations show is compared.
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

namespace glue_security {

// Returns all checks, in a fixed order. Lives forever.
const std::vector<BackendCheck>& AllBackendChecks();

// Returns the check with this id; nullptr when there is none.
const BackendCheck* FindBackendCheck(absl::string_view id);

// The result of one check in one preset.
struct BackendCheckResult {
  enum Verdict { kPassed, kFailed, kSkipped };

  const BackendCheck* check = nullptr;
  BackendPreset preset = BackendPreset::kDocumented;
  Verdict verdict = kPassed;
  // kFailed: the report shown above, without its first line. kSkipped: the
  // reason.
  std::string text;
};

// "Documented", "Observed", "Current".
absl::string_view BackendPresetName(BackendPreset preset);

// Returns true when `check` has a rule for `preset`. A report does not mention
// the others.
bool AppliesTo(const BackendCheck& check, BackendPreset preset);

// Runs one check. Skips it when it is a declared deviation, or when it needs an
// ability that `target` does not have.
// REQUIRES: AppliesTo(check, preset); `target.create` is set.
BackendCheckResult RunBackendCheck(const BackendCheck& check,
                                   BackendPreset preset,
                                   const BackendUnderTest& target);

struct BackendReport {
  std::vector<BackendCheckResult> results;
  int passed = 0;
  int failed = 0;
  int skipped = 0;

  // Returns the failed and the skipped checks, a line for the deviations that
  // name no check, if any, and the counts.
  std::string ToString() const;

  // The target's deviations that name no check.
  std::vector<std::string> unknown_deviations;
};

// Runs all checks in all presets of `target`.
BackendReport RunBackendConformance(const BackendUnderTest& target);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_BACKEND_CHECKS_H_
