// BackendCheck: one rule of the contract, and the function that finds out
// whether a backend keeps it. AllBackendChecks() in backend_checks.h returns
// all of them.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_BACKEND_CHECK_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_BACKEND_CHECK_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/backend_suite/backend_target.h"

namespace glue_security {

namespace conformance_internal {
class CheckContext;
}  // namespace conformance_internal

// The abilities of a backend without which a check makes no sense.
struct BackendNeeds {
  // The presets that the check is for; empty: all of them.
  std::vector<BackendPreset> presets;
  // The level to run at; nullopt: the last one that the backend has.
  std::optional<PolicyChecks> policy_checks;
  bool behavior_fields = false;
  bool limits = false;
  bool clock = false;
  bool threads = false;
  // See the fields of BackendUnderTest.
  bool violations = false;
  bool messages = false;
  bool principals = false;
  bool invalid_utf8 = false;
  bool unparsed_values = false;
  bool unknown_operations = false;
  bool policy_texts = false;
  bool keys = false;
  // Policies are re-printed in the presets that do so. They are not where the
  // check runs at PolicyChecks::kNone.
  bool reprint = false;
};

// The evidence for a rule.
enum class BackendCheckBasis {
  // A sentence of the contract, or of a later model of the service.
  kContract,
  // An answer of the real service that was recorded in public.
  kRecorded,
  // A choice of this project where the contract leaves something open.
  kChoice,
};

struct BackendCheck {
  // Never changes, because deviations refer to it. The parts before the first
  // dot are the groups: "put", "constraint", "pages" …
  std::string id;
  // The place of the rule: for a sentence of the contract the page of the
  // guide, an https URL, otherwise a page of this repository,
  // "docs/decisions/times.md".
  std::string source;
  // The rule.
  std::string says;
  BackendCheckBasis basis = BackendCheckBasis::kChoice;
  // The operation that it is about; kNoOperation: several.
  Operation operation = kNoOperation;
  BackendNeeds needs;
  std::function<void(conformance_internal::CheckContext& check)> run;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_BACKEND_CHECK_H_
