#include "glue_security/testing/backend_suite/backend_checks.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/backend_suite/check_basis.h"
#include "glue_security/testing/backend_suite/check_context.h"
#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/system_clock.h"

namespace glue_security {
namespace {

using conformance_internal::CheckContext;
using conformance_internal::Difference;
using conformance_internal::LeftOut;

// Returns the ability that `check` needs and `target` does not have; "": none.
std::string MissingAbility(const BackendNeeds& needs,
                           const BackendUnderTest& target) {
  const struct {
    bool needed;
    bool there;
    const char* reason;
  } abilities[] = {
      {needs.behavior_fields, target.honours_behavior_fields,
       "the backend does not honour single fields of Behavior"},
      {needs.limits, target.honours_limits,
       "the backend does not honour Limits"},
      {needs.clock, target.honours_clock,
       "the backend does not honour a clock"},
      {needs.threads, target.thread_safe, "the backend is not thread-safe"},
      {needs.violations, target.shows_violations,
       "the backend does not show violations"},
      {needs.messages, target.shows_messages,
       "the backend's messages are its own"},
      {needs.principals, target.takes_principals,
       "the caller's ARN does not reach the backend"},
      {needs.invalid_utf8, target.takes_invalid_utf8,
       "a text that is not UTF-8 does not reach the backend"},
      {needs.unparsed_values, target.takes_unparsed_values,
       "Request.unparsed_values means nothing to the backend"},
      {needs.keys, target.has_keys, "the backend has no key service"},
      {needs.policy_texts, target.keeps_policy_texts,
       "the backend prints policies in its own way"},
      {needs.unknown_operations, target.takes_unknown_operations,
       "an unknown operation does not reach the backend"},
  };
  for (const auto& ability : abilities) {
    if (ability.needed && !ability.there) return ability.reason;
  }
  return "";
}

// Returns the level that `check` is run at; nullopt: that of the preset.
std::optional<PolicyChecks> LevelOf(const BackendCheck& check,
                                    const BackendUnderTest& target) {
  if (target.policy_checks.empty()) return std::nullopt;
  return check.needs.policy_checks.value_or(target.policy_checks.back());
}

// Returns why `check` cannot be run on `target`; "": it can.
std::string WhySkipped(const BackendCheck& check, BackendPreset preset,
                       const BackendUnderTest& target) {
  for (const BackendDeviation& deviation : target.deviations) {
    if (Covers(deviation, check)) {
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
  if (target.contract_only && check.basis != BackendCheckBasis::kContract) {
    return "only the contract is checked";
  }
  if (!target.has_connections &&
      GetOperationInfo(check.operation).resource() == v1::RESOURCE_CONNECTION) {
    return "the backend has no connections";
  }
  const BackendNeeds& needs = check.needs;
  if (needs.policy_checks.has_value() &&
      !has(target.policy_checks, *needs.policy_checks)) {
    return "the backend does not have this level of policy checks";
  }
  if (needs.reprint && LevelOf(check, target) == PolicyChecks::kNone) {
    return "the backend stores policies as they were put: it has no level of "
           "policy checks but kNone";
  }
  return MissingAbility(needs, target);
}

// --- Finding the calls that are needed

// Runs a check, as often as its calls are to be found out.
class CheckRunner {
 public:
  CheckRunner(const BackendCheck& check, BackendPreset preset,
              const BackendUnderTest& target)
      : check_(check),
        target_(target),
        engine_(target),
        preset_(BehaviorOf(preset)) {
    engine_.create = EngineInMemory;
    engine_.honours_clock = true;
    engine_.operations.clear();
    behavior_ = preset_;
    behavior_.policy_checks =
        LevelOf(check, target).value_or(behavior_.policy_checks);
  }

  // Returns the first operation that the check calls, on an engine without
  // defects, and the backend does not have; kNoOperation: none.
  Operation MissingOperation() {
    if (target_.operations.empty()) return kNoOperation;
    const LeftOut nothing;
    CheckContext context(engine_, check_.basis, preset_, behavior_, nothing);
    check_.run(context);
    for (const Operation operation : context.operations()) {
      if (operation != kNoOperation && !HasOperation(target_, operation)) {
        return operation;
      }
    }
    return kNoOperation;
  }

  // Returns the first difference, with no call that is not needed; nullopt: the
  // check passes.
  std::optional<Difference> Run() {
    const LeftOut nothing;
    CheckContext context(target_, check_.basis, preset_, behavior_, nothing);
    check_.run(context);
    if (!context.failed() || check_.needs.threads) return context.difference();
    best_ = *context.difference();
    if (target_.honours_clock && ShowSystemTime(context.answers())) {
      // No call can be made again to find out whether it is needed.
      best_.what = "the backend's clock";
      best_.expected = "the times of BackendSetup::clock";
      best_.actual = SystemTimeRefusal();
      best_.cause = "the backend's clock is the system's";
      best_.basis = BackendCheckBasis::kChoice;
      return best_;
    }
    left_out_.answers = context.answers();
    left_out_.first_call = best_.first_call;
    left_out_.keeps_answers = best_.is_of_last_call;
    if (best_.calls.size() > 1) LeaveOutCalls();
    // A clock of the backend's own moves without a wait, too: whether a wait is
    // needed would depend on how busy the machine is.
    if (!target_.honours_clock) return best_;
    for (size_t move = 0; move < best_.moves; ++move) {
      LeftOut fewer = left_out_;
      fewer.moves.insert(move);
      Try(std::move(fewer));
    }
    return best_;
  }

 private:
  // A bound on the work, in calls.
  static constexpr size_t kCallsMax = 3000;

  static bool ShowSystemTime(const std::vector<v1::Response>& answers) {
    return std::any_of(answers.begin(), answers.end(), ShowsSystemTime);
  }

  // Leaves out ever smaller parts of the calls; never the last one.
  void LeaveOutCalls() {
    std::vector<size_t> left;
    for (size_t i = left_out_.first_call; i + 1 < left_out_.answers.size();
         ++i) {
      left.push_back(i);
    }
    for (size_t size = left.size(); size > 0; size /= 2) {
      for (size_t begin = 0; begin < left.size();) {
        const auto first = left.begin() + static_cast<ptrdiff_t>(begin);
        const auto last = left.begin() + static_cast<ptrdiff_t>(std::min(
                                             begin + size, left.size()));
        LeftOut fewer = left_out_;
        fewer.calls.insert(first, last);
        if (Try(std::move(fewer))) {
          left.erase(first, last);
        } else {
          begin += size;
        }
      }
    }
  }

  // Keeps `left_out` when the difference is the same without it, and when an
  // engine without defects still does as expected: a Get that finds nothing
  // shows something only after a Put.
  bool Try(LeftOut left_out) {
    if (calls_ > kCallsMax) return false;
    CheckContext context(target_, check_.basis, preset_, behavior_, left_out);
    check_.run(context);
    calls_ += context.calls_made();
    if (!context.failed() || !IsSame(*context.difference())) return false;
    CheckContext correct(engine_, check_.basis, preset_, behavior_, left_out);
    check_.run(correct);
    if (correct.failed()) return false;
    best_ = *context.difference();
    best_.first_call = left_out.first_call;
    left_out_ = std::move(left_out);
    return true;
  }

  bool IsSame(const Difference& other) const {
    return best_.what == other.what && best_.cause == other.cause &&
           Comparable(best_.expected) == Comparable(other.expected) &&
           Comparable(best_.actual) == Comparable(other.actual);
  }

  // The times of a backend's own clock differ between runs.
  std::string Comparable(std::string text) const {
    if (target_.honours_clock) return text;
    for (char& c : text) {
      if (absl::ascii_isdigit(c)) c = '#';
    }
    return text;
  }

  const BackendCheck& check_;
  const BackendUnderTest& target_;
  BackendUnderTest engine_;
  const Behavior preset_;
  Behavior behavior_;
  Difference best_;
  LeftOut left_out_;
  size_t calls_ = 0;
};

// --- Texts

std::string Indented(absl::string_view text) {
  // An empty line stays empty.
  return absl::StrCat("  ",
                      absl::StrReplaceAll(absl::StripSuffix(text, "\n"),
                                          {{"\n\n", "\n\n  "}, {"\n", "\n  "}}),
                      "\n");
}

// Returns the part of a long text that shows its difference from the other.
std::string CutToDifference(absl::string_view text, absl::string_view other) {
  constexpr size_t kBefore = 80;
  constexpr size_t kMax = 600;
  if (text.size() <= kMax && other.size() <= kMax) return std::string(text);
  size_t common = 0;
  while (common < text.size() && common < other.size() &&
         text[common] == other[common]) {
    ++common;
  }
  const size_t begin = common > kBefore ? common - kBefore : 0;
  return absl::StrCat(begin > 0 ? "... " : "", text.substr(begin, kMax),
                      begin + kMax < text.size() ? " ..." : "");
}

std::string TextOf(const BackendCheckResult& result,
                   const BackendEndpoint& endpoint) {
  const auto shown = [](absl::string_view text, absl::string_view other) {
    return absl::StrReplaceAll(CutToDifference(text, other),
                               {{"\n", "\n            "}});
  };
  std::string text = absl::StrCat(
      result.what, "\n  expected: ", shown(result.expected, result.actual),
      "\n  actual:   ", shown(result.actual, result.expected), "\n  by ",
      BackendCheckBasisName(result.basis), ": ", result.check->says, "\n  ",
      result.check->source, "\n  on a new backend, preset ",
      result.calls.preset);
  for (const std::string& setting : result.calls.settings) {
    absl::StrAppend(&text, ", ", setting);
  }
  absl::StrAppend(&text, ":\n");
  for (const BackendCall& call : result.calls.calls) {
    absl::StrAppend(
        &text, Indented(Indented(CallAsText(call, result.calls.own_clock))));
  }
  absl::StrAppend(
      &text, "  as C++:\n", Indented(Indented(CallsAsCpp(result.calls))),
      "  with curl:\n", Indented(Indented(CallsAsCurl(result.calls, endpoint))),
      "  with boto3:\n",
      Indented(Indented(CallsAsBoto3(result.calls, endpoint))));
  return text;
}

std::string NameOf(const BackendCheckResult& result) {
  return absl::StrCat(result.check->id, " (", BackendPresetName(result.preset),
                      ")");
}

// Returns the ids, with the presets of each.
std::string IdsOf(const std::vector<const BackendCheckResult*>& results) {
  std::vector<std::string> ids;
  std::map<std::string, std::vector<std::string>> presets;
  for (const BackendCheckResult* result : results) {
    auto& of_id = presets[result->check->id];
    if (of_id.empty()) ids.push_back(result->check->id);
    of_id.emplace_back(BackendPresetName(result->preset));
  }
  std::string text;
  for (const std::string& id : ids) {
    absl::StrAppend(&text, id, " (", absl::StrJoin(presets[id], ", "), ")\n");
  }
  return text;
}

}  // namespace

bool Covers(const BackendDeviation& deviation, const BackendCheck& check) {
  absl::string_view start = deviation.check;
  return absl::ConsumeSuffix(&start, "*") ? absl::StartsWith(check.id, start)
                                          : check.id == start;
}

absl::string_view BackendCheckBasisName(BackendCheckBasis basis) {
  switch (basis) {
    case BackendCheckBasis::kContract:
      return "contract";
    case BackendCheckBasis::kRecorded:
      return "record";
    default:
      return "choice";
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
    conformance_internal::AddConnectionChecks(checks);
    conformance_internal::AddConnectionOrderChecks(checks);
    conformance_internal::AddConnectionPageChecks(checks);
    conformance_internal::AddPasswordChecks(checks);
    conformance_internal::AddSealedChecks(checks);
    conformance_internal::AddCatalogChecks(checks);
    conformance_internal::AddApiDateChecks(checks);
    conformance_internal::AddDataQualityChecks(checks);
    conformance_internal::AddPolicySizeChecks(checks);
    conformance_internal::AddMessageChecks(checks);
    conformance_internal::AddConnectionMessageChecks(checks);
    conformance_internal::AddThreadChecks(checks);
    conformance_internal::FillInBasis(checks);
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
  CheckRunner runner(check, preset, target);
  if (const Operation missing = runner.MissingOperation();
      missing != kNoOperation) {
    result.verdict = BackendCheckResult::kSkipped;
    result.text = absl::StrCat("the backend has no ", OperationName(missing));
    return result;
  }
  std::optional<Difference> difference = runner.Run();
  if (difference.has_value()) {
    result.verdict = BackendCheckResult::kFailed;
    result.what = std::move(difference->what);
    result.expected = std::move(difference->expected);
    result.actual = std::move(difference->actual);
    result.difference = std::move(difference->cause);
    result.basis = difference->basis;
    result.calls = {std::string(BackendPresetName(preset)),
                    std::move(difference->settings),
                    std::move(difference->calls), !target.honours_clock,
                    std::move(difference->ran_with)};
    result.text = TextOf(result, target.endpoint);
  }
  return result;
}

std::vector<BackendFailureGroup> BackendReport::Groups() const {
  std::vector<BackendFailureGroup> groups;
  std::map<absl::string_view, size_t> places;
  for (const BackendCheckResult& result : results) {
    if (result.verdict != BackendCheckResult::kFailed) continue;
    const auto [place, is_new] =
        places.try_emplace(result.difference, groups.size());
    if (is_new) groups.push_back({result.difference, result.basis, {}});
    BackendFailureGroup& group = groups[place->second];
    group.strongest = std::min(group.strongest, result.basis);
    group.results.push_back(&result);
  }
  std::stable_sort(
      groups.begin(), groups.end(),
      [](const auto& a, const auto& b) { return a.strongest < b.strongest; });
  return groups;
}

std::string BackendReport::Table() const {
  // Passed, failed by each basis, skipped.
  struct Counts {
    int passed = 0;
    int failed[3] = {};
    int skipped = 0;
  };
  std::map<Operation, Counts> operations;
  for (const BackendCheckResult& result : results) {
    Counts& counts = operations[result.check->operation];
    if (result.verdict == BackendCheckResult::kPassed) ++counts.passed;
    if (result.verdict == BackendCheckResult::kSkipped) ++counts.skipped;
    if (result.verdict == BackendCheckResult::kFailed) {
      ++counts.failed[static_cast<size_t>(result.basis)];
    }
  }
  std::string text =
      absl::StrFormat("%-34s %8s %10s %10s %10s %8s\n", "operation", "passed",
                      "failed by:", "", "", "skipped");
  absl::StrAppendFormat(&text, "%-34s %8s %10s %10s %10s %8s\n", "", "",
                        "contract", "record", "choice", "");
  const auto add = [&](Operation operation, absl::string_view name) {
    const auto found = operations.find(operation);
    if (found == operations.end()) return;
    const Counts& is = found->second;
    absl::StrAppendFormat(&text, "%-34s %8d %10d %10d %10d %8d\n", name,
                          is.passed, is.failed[0], is.failed[1], is.failed[2],
                          is.skipped);
  };
  for (const Operation operation : kAllOperations) {
    add(operation, OperationName(operation));
  }
  add(kNoOperation, "several");
  return text;
}

std::string BackendReport::ToString() const {
  std::string text;
  for (const BackendFailureGroup& group : Groups()) {
    absl::StrAppend(&text, "FAILED by ", BackendCheckBasisName(group.strongest),
                    ": ", group.difference, "\n");
    // The first one of the strongest basis is shown in full.
    const auto* first = *std::min_element(
        group.results.begin(), group.results.end(),
        [](const auto* a, const auto* b) { return a->basis < b->basis; });
    absl::StrAppend(&text, "  ", group.results.size(), " failed:\n",
                    Indented(Indented(IdsOf(group.results))), "  ",
                    NameOf(*first), ":\n", Indented(Indented(first->text)));
  }
  std::vector<std::string> reasons;
  std::map<std::string, std::vector<const BackendCheckResult*>> skips;
  for (const BackendCheckResult& result : results) {
    if (result.verdict != BackendCheckResult::kSkipped) continue;
    auto& of_reason = skips[result.text];
    if (of_reason.empty()) reasons.push_back(result.text);
    of_reason.push_back(&result);
  }
  for (const std::string& reason : reasons) {
    absl::StrAppend(&text, skips[reason].size(), " skipped: ", reason, "\n",
                    Indented(IdsOf(skips[reason])));
  }
  for (const std::string& id : unknown_deviations) {
    absl::StrAppend(&text, "there is no check ", id,
                    ", which is declared as a deviation\n");
  }
  absl::StrAppend(&text, Table(), failed, " of ", passed + failed,
                  " checks failed, ", skipped, " skipped\n");
  return text;
}

BackendReport RunBackendConformance(const BackendUnderTest& target) {
  BackendReport report;
  for (const BackendDeviation& deviation : target.deviations) {
    const std::vector<BackendCheck>& checks = AllBackendChecks();
    if (std::none_of(checks.begin(), checks.end(), [&](const auto& check) {
          return Covers(deviation, check);
        })) {
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
