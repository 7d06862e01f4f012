// The contract of the API as checks of a whole backend. They know nothing of a
// test framework: the GoogleTest suite over them is backend_conformance.h.
//
//   const BackendReport report = RunBackendConformance(target);
//   std::cout << report.ToString();
//
//   put.must_exist.no_hash.never_put (Documented) FAILED
//     behaviour, section 4: PutResourcePolicy with must_exist and no hash,
//         where none was ever put: ConditionCheckFailure
//     the answer to PutResourcePolicy
//       expected: ConditionCheckFailureException
//       actual:   OK {policy_hash: "O7fg3t7iwbb386RBEQ97Eg=="}
//     the calls that show it, on a new backend:
//       PutResourcePolicy {policy_in_json: "{\n  \"Id\" : \"new\" ..."
//           policy_exists_condition: POLICY_EXISTS_CONDITION_MUST_EXIST}
//         -> OK {policy_hash: "O7fg3t7iwbb386RBEQ97Eg=="}
//   1 of 854 checks failed, 0 skipped
//
// Sources are the contract (the Security API of the AWS Glue Developer Guide of
// September 2019) and "behaviour": what it leaves open, as docs/reference/ and
// docs/decisions/ have it, operation by operation.
//
// Every check starts on a new backend and is deterministic, save those of the
// group "threads". A call that is expected to fail is also expected to change
// nothing: the whole state that the Get operations show is compared.
//
// The limits of the members are read from the options of the protos, so that a
// new constraint has its checks without new code.

#ifndef GLUE_SECURITY_TESTING_BACKEND_CHECKS_H_
#define GLUE_SECURITY_TESTING_BACKEND_CHECKS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/testing/backend_check.h"
#include "glue_security/testing/backend_under_test.h"

namespace glue_security {

// All of them, in a fixed order. Lives forever.
const std::vector<BackendCheck>& AllBackendChecks();

// The check with this id; nullptr when there is none.
const BackendCheck* FindBackendCheck(absl::string_view id);

// What came of one check in one preset.
struct BackendCheckResult {
  enum Verdict { kPassed, kFailed, kSkipped };

  const BackendCheck* check = nullptr;
  BackendPreset preset = BackendPreset::kDocumented;
  Verdict verdict = kPassed;
  // kFailed: what is quoted above, without its first line. kSkipped: the
  // reason.
  std::string text;
};

// "Documented", "Observed".
absl::string_view BackendPresetName(BackendPreset preset);

// Whether `check` says anything about `preset`; where it does not, running it
// is not worth a line in a report.
bool AppliesTo(const BackendCheck& check, BackendPreset preset);

// Runs one check. Skips it when it is a declared deviation, or when it needs
// what `target` does not have.
// REQUIRES: AppliesTo(check, preset); `target.create` is set.
BackendCheckResult RunBackendCheck(const BackendCheck& check,
                                   BackendPreset preset,
                                   const BackendUnderTest& target);

struct BackendReport {
  std::vector<BackendCheckResult> results;
  int passed = 0;
  int failed = 0;
  int skipped = 0;

  // What failed and what was skipped, and the counts. A line that says so when
  // a deviation names no check.
  std::string ToString() const;

  // Deviations of the target that name no check.
  std::vector<std::string> unknown_deviations;
};

// Runs all checks in all presets of `target`.
BackendReport RunBackendConformance(const BackendUnderTest& target);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_BACKEND_CHECKS_H_
