#include "glue_security/testing/backend_suite/backend_checks.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "glue_security/testing/backend_suite/check_context.h"
#include "glue_security/testing/backend_suite/check_groups.h"

namespace glue_security {
namespace {

using conformance_internal::CheckContext;

// Returns why `check` cannot be run on `target`; "": it can.
std::string WhySkipped(const BackendCheck& check, BackendPreset preset,
                       const BackendUnderTest& target) {
  for (const BackendDeviation& deviation : target.deviations) {
    if (deviation.check == check.id) {
      return absl::StrCat("declared deviation: ", deviation.reason);
    }
  }
  const auto has = [](const auto& values, auto value) {
    return std::find(values.begin(), values.end(), value) != values.end();
  };
  if (!has(target.presets, preset)) {
    return absl::StrCat("the backend has no preset ",
                        BackendPresetName(preset));
  }
  const BackendNeeds& needs = check.needs;
  if (needs.policy_checks.has_value() &&
      !has(target.policy_checks, *needs.policy_checks)) {
    return "the backend does not have this level of policy checks";
  }
  if (needs.behavior_fields && !target.honours_behavior_fields) {
    return "the backend does not honour single fields of Behavior";
  }
  if (needs.limits && !target.honours_limits) {
    return "the backend does not honour Limits";
  }
  if (needs.clock && !target.honours_clock) {
    return "the backend does not honour a clock";
  }
  if (needs.threads && !target.thread_safe) {
    return "the backend is not thread-safe";
  }
  return "";
}

std::string Indented(absl::string_view text) {
  return absl::StrCat("  ", absl::StrReplaceAll(text, {{"\n", "\n  "}}));
}

}  // namespace

absl::string_view BackendPresetName(BackendPreset preset) {
  switch (preset) {
    case BackendPreset::kObserved:
      return "Observed";
    case BackendPreset::kCurrent:
      return "Current";
    default:
      return "Documented";
  }
}

const std::vector<BackendCheck>& AllBackendChecks() {
  static const auto* const kChecks = [] {
    auto* checks = new std::vector<BackendCheck>;
    conformance_internal::AddAnswerChecks(checks);
    conformance_internal::AddConditionChecks(checks);
    conformance_internal::AddPolicyChecks(checks);
    conformance_internal::AddDocumentChecks(checks);
    conformance_internal::AddConstraintChecks(checks);
    conformance_internal::AddPrecedenceChecks(checks);
    conformance_internal::AddSettingsChecks(checks);
    conformance_internal::AddConfigurationChecks(checks);
    conformance_internal::AddPageChecks(checks);
    conformance_internal::AddCatalogChecks(checks);
    conformance_internal::AddApiDateChecks(checks);
    conformance_internal::AddDataQualityChecks(checks);
    conformance_internal::AddPolicySizeChecks(checks);
    conformance_internal::AddMessageChecks(checks);
    conformance_internal::AddThreadChecks(checks);
    return checks;
  }();
  return *kChecks;
}

const BackendCheck* FindBackendCheck(absl::string_view id) {
  for (const BackendCheck& check : AllBackendChecks()) {
    if (check.id == id) return &check;
  }
  return nullptr;
}

bool AppliesTo(const BackendCheck& check, BackendPreset preset) {
  const std::vector<BackendPreset>& presets = check.needs.presets;
  return presets.empty() ||
         std::find(presets.begin(), presets.end(), preset) != presets.end();
}

BackendCheckResult RunBackendCheck(const BackendCheck& check,
                                   BackendPreset preset,
                                   const BackendUnderTest& target) {
  BackendCheckResult result;
  result.check = &check;
  result.preset = preset;
  result.text = WhySkipped(check, preset, target);
  if (!result.text.empty()) {
    result.verdict = BackendCheckResult::kSkipped;
    return result;
  }
  Behavior behavior = BehaviorOf(preset);
  if (!target.policy_checks.empty()) {
    behavior.policy_checks =
        check.needs.policy_checks.value_or(target.policy_checks.back());
  }
  CheckContext context(target, behavior);
  check.run(context);
  if (context.failed()) {
    result.verdict = BackendCheckResult::kFailed;
    result.text = absl::StrCat(check.source, ": ", check.says, "\n",
                               context.FailureText());
  }
  return result;
}

std::string BackendReport::ToString() const {
  std::string text;
  for (const BackendCheckResult& result : results) {
    if (result.verdict == BackendCheckResult::kPassed) continue;
    absl::StrAppend(
        &text, result.check->id, " (", BackendPresetName(result.preset), ") ",
        result.verdict == BackendCheckResult::kFailed ? "FAILED" : "skipped",
        "\n", Indented(result.text), "\n");
  }
  for (const std::string& id : unknown_deviations) {
    absl::StrAppend(&text, "there is no check ", id,
                    ", which is declared as a deviation\n");
  }
  absl::StrAppend(&text, failed, " of ", passed + failed, " checks failed, ",
                  skipped, " skipped\n");
  return text;
}

BackendReport RunBackendConformance(const BackendUnderTest& target) {
  BackendReport report;
  for (const BackendDeviation& deviation : target.deviations) {
    if (FindBackendCheck(deviation.check) == nullptr) {
      report.unknown_deviations.push_back(deviation.check);
    }
  }
  for (const BackendPreset preset : target.presets) {
    for (const BackendCheck& check : AllBackendChecks()) {
      if (!AppliesTo(check, preset)) continue;
      report.results.push_back(RunBackendCheck(check, preset, target));
      switch (report.results.back().verdict) {
        case BackendCheckResult::kPassed:
          ++report.passed;
          break;
        case BackendCheckResult::kFailed:
          ++report.failed;
          break;
        case BackendCheckResult::kSkipped:
          ++report.skipped;
          break;
      }
    }
  }
  return report;
}

}  // namespace glue_security
