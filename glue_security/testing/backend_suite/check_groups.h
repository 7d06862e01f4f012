// CheckGroup: adds one group of checks to AllBackendChecks(). Each group has
// its own file.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_CHECK_GROUPS_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_CHECK_GROUPS_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/testing/backend_suite/backend_check.h"
#include "glue_security/testing/backend_suite/check_context.h"

namespace glue_security::conformance_internal {

using Checks = std::vector<BackendCheck>;

// Adds checks whose ids begin with the name of the group.
class CheckGroup {
 public:
  // `source` is the page of this repository that has the rules.
  CheckGroup(Checks* checks, absl::string_view name, absl::string_view source)
      : checks_(checks), name_(name), source_(source) {}

  // A stronger basis than `basis` comes from the table in check_basis.cc.
  void Add(absl::string_view id, absl::string_view says,
           std::function<void(CheckContext& check)> run,
           BackendNeeds needs = BackendNeeds(),
           BackendCheckBasis basis = BackendCheckBasis::kChoice) {
    checks_->push_back({absl::StrCat(name_, ".", id), source_,
                        std::string(says), basis, kNoOperation,
                        std::move(needs), std::move(run)});
  }

 private:
  Checks* checks_;
  std::string name_;
  std::string source_;
};

inline BackendNeeds Only(std::vector<BackendPreset> presets) {
  BackendNeeds needs;
  needs.presets = std::move(presets);
  return needs;
}
inline BackendNeeds OnlyDocumented() {
  return Only({BackendPreset::kDocumented});
}
// The presets that behave as the real service was seen to behave. They differ
// in nothing but the date of the API.
inline BackendNeeds OnlyRecorded() {
  return Only({BackendPreset::kObserved, BackendPreset::kCurrent});
}
// The presets with the model of 2019, and the one with the newest.
inline BackendNeeds OnlyOf2019() {
  return Only({BackendPreset::kDocumented, BackendPreset::kObserved});
}
inline BackendNeeds OnlyCurrent() { return Only({BackendPreset::kCurrent}); }
inline BackendNeeds At(PolicyChecks level) {
  BackendNeeds needs;
  needs.policy_checks = level;
  return needs;
}
inline BackendNeeds NeedsClock() {
  BackendNeeds needs;
  needs.clock = true;
  return needs;
}
inline BackendNeeds NeedsLimits() {
  BackendNeeds needs;
  needs.limits = true;
  return needs;
}
inline BackendNeeds NeedsFields() {
  BackendNeeds needs;
  needs.behavior_fields = true;
  return needs;
}
// The caller as a whole reaches the backend.
inline BackendNeeds NeedsPrincipals(BackendNeeds needs = BackendNeeds()) {
  needs.principals = true;
  return needs;
}
inline BackendNeeds NeedsUnknownOperations(
    BackendNeeds needs = BackendNeeds()) {
  needs.unknown_operations = true;
  return needs;
}
// A wire codec fills `Request.unparsed_values`.
inline BackendNeeds NeedsUnparsedValues(BackendNeeds needs = BackendNeeds()) {
  needs.unparsed_values = true;
  return needs;
}
// Get shows the very text that was put, or its re-print.
inline BackendNeeds NeedsPolicyTexts(BackendNeeds needs = BackendNeeds()) {
  needs.policy_texts = true;
  return needs;
}
// The presets that re-print policies, where they do.
inline BackendNeeds OnlyReprinted() {
  BackendNeeds needs = OnlyRecorded();
  needs.reprint = true;
  return needs;
}
// The encryption settings have an effect.
inline BackendNeeds NeedsKeys(BackendNeeds needs = BackendNeeds()) {
  needs.keys = true;
  return needs;
}
inline BackendNeeds NeedsThreads() {
  BackendNeeds needs;
  needs.threads = true;
  return needs;
}

void AddAnswerChecks(Checks* checks);         // answer
void AddConditionChecks(Checks* checks);      // put, delete
void AddPolicyChecks(Checks* checks);         // policy, hash, times
void AddDocumentChecks(Checks* checks);       // document
void AddConstraintChecks(Checks* checks);     // constraint, violations
void AddPrecedenceChecks(Checks* checks);     // order
void AddSettingsChecks(Checks* checks);       // settings
void AddConfigurationChecks(Checks* checks);  // configuration, limit
void AddPageChecks(Checks* checks);           // pages
void AddConnectionChecks(Checks* checks);     // connection
// connection.of_2019, connection.order, connection_limit
void AddConnectionOrderChecks(Checks* checks);
void AddConnectionPageChecks(Checks* checks);  // connections
void AddPasswordChecks(Checks* checks);        // password
void AddSealedChecks(Checks* checks);          // sealed
void AddCatalogChecks(Checks* checks);         // catalogs
// resource_arn, hybrid, policies, service_role
void AddApiDateChecks(Checks* checks);
void AddDataQualityChecks(Checks* checks);        // data_quality, key_arn
void AddPolicySizeChecks(Checks* checks);         // policy_size
void AddMessageChecks(Checks* checks);            // message
void AddConnectionMessageChecks(Checks* checks);  // message.connection
void AddThreadChecks(Checks* checks);             // threads

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_CHECK_GROUPS_H_
