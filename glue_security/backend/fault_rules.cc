#include "glue_security/backend/fault_rules.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "glue_security/model/error.h"

namespace glue_security {
namespace {

// Returns true for a rule about the caller.
bool MatchesCaller(const FaultRule& rule, const Caller& caller) {
  const auto agrees = [](const std::optional<std::string>& wanted,
                         const std::string& actual) {
    return !wanted.has_value() || *wanted == actual;
  };
  return agrees(rule.account_id, caller.account_id) &&
         agrees(rule.region, caller.region) &&
         agrees(rule.principal_arn, caller.principal_arn);
}

bool Matches(const FaultRule& rule, const Caller& caller,
             const v1::Request& request) {
  return !rule.key_call.has_value() &&
         (rule.operation == kNoOperation ||
          rule.operation == request.operation_case()) &&
         MatchesCaller(rule, caller);
}

bool MatchesKeyCall(const FaultRule& rule, const KeyCaller& caller,
                    absl::string_view call) {
  if (!rule.key_call.has_value() ||
      (*rule.key_call != kAnyKeyCall && *rule.key_call != call)) {
    return false;
  }
  const bool is_direct = caller.via_service.empty() && caller.service.empty();
  const FaultRule::Via wanted = rule.via;
  return (wanted == FaultRule::Via::kAny ||
          (wanted == FaultRule::Via::kDirect) == is_direct) &&
         MatchesCaller(rule, caller.caller);
}

// Counts a call that the rule matched. Returns true when the rule acts on it.
bool TakesTurn(FaultRuleState* state) {
  const FaultRule& rule = state->rule;
  const uint64_t before = state->matched++;
  if (state->remaining == 0 || before < rule.skip ||
      (before - rule.skip) % rule.every != 0) {
    return false;
  }
  ++state->acted;
  if (state->remaining != FaultRule::kForever) --state->remaining;
  return true;
}

// A failure of the service itself gets a detail, which gives the effect of the
// call.
v1::Error ErrorOf(const FaultRule& rule) {
  if (rule.fault != FaultRule::Fault::kError) {
    return MakeError(v1::ERROR_CODE_OPERATION_TIMEOUT,
                     rule.message.empty() ? "outcome unknown" : rule.message,
                     v1::Error::DETAIL_OUTCOME_UNKNOWN);
  }
  switch (rule.error) {
    case v1::ERROR_CODE_OPERATION_TIMEOUT:
      return MakeError(rule.error, rule.message,
                       v1::Error::DETAIL_OUTCOME_UNKNOWN);
    case v1::ERROR_CODE_INTERNAL_SERVICE:
      return MakeError(rule.error, rule.message, v1::Error::DETAIL_NOT_APPLIED);
    default:
      return MakeError(rule.error, rule.message);
  }
}

size_t TextBytes(const FaultRule& rule) {
  const auto size_of = [](const std::optional<std::string>& text) {
    return text.has_value() ? text->size() : 0;
  };
  return rule.message.size() + size_of(rule.account_id) + size_of(rule.region) +
         size_of(rule.principal_arn) +
         (rule.key_call.has_value()
              ? rule.key_call->size() + rule.key_error.size()
              : 0);
}

}  // namespace

FaultRules::FaultRules(Backend* base, Sleep sleep, FaultRulesOptions options)
    : base_(base),
      sleep_(sleep ? std::move(sleep) : Sleep([](absl::Duration duration) {
        absl::SleepFor(duration);
      })),
      options_(options) {}

v1::Response FaultRules::Execute(const Caller& caller,
                                 const v1::Request& request) {
  FaultPlan plan = Decide(caller, request);
  if (plan.delay > absl::ZeroDuration()) sleep_(plan.delay);
  v1::Response response;
  if (plan.execute) response = base_->Execute(caller, request);
  if (plan.error.has_value()) {
    *response.mutable_error() = *std::move(plan.error);
  }
  return response;
}

template <typename Matches, typename Act>
absl::Duration FaultRules::Count(Matches matches, Act act) {
  absl::Duration delay;
  const std::lock_guard<std::mutex> lock(mutex_);
  for (FaultRuleState& state : rules_) {
    if (!matches(state.rule) || !TakesTurn(&state)) continue;
    delay = std::min(delay + state.rule.delay, options_.delay_max);
    if (state.rule.fault == FaultRule::Fault::kNone) continue;
    act(state.rule);
    break;
  }
  return delay;
}

FaultPlan FaultRules::Decide(const Caller& caller, const v1::Request& request) {
  FaultPlan plan;
  plan.delay = Count(
      [&](const FaultRule& rule) { return Matches(rule, caller, request); },
      [&](const FaultRule& rule) {
        plan.execute = rule.fault == FaultRule::Fault::kLoseAnswer;
        plan.lost = rule.fault != FaultRule::Fault::kError;
        plan.error = ErrorOf(rule);
      });
  return plan;
}

KeyFaultPlan FaultRules::DecideKeyCall(const KeyCaller& caller,
                                       absl::string_view call) {
  KeyFaultPlan plan;
  plan.delay = Count(
      [&](const FaultRule& rule) { return MatchesKeyCall(rule, caller, call); },
      [&](const FaultRule& rule) {
        plan.execute = rule.fault == FaultRule::Fault::kLoseAnswer;
        plan.lost = rule.fault != FaultRule::Fault::kError;
        plan.error = plan.lost ? "DependencyTimeoutException" : rule.key_error;
        plan.message = rule.message;
      });
  return plan;
}

absl::StatusOr<int> FaultRules::Add(FaultRule rule) {
  if (rule.every == 0) {
    return absl::InvalidArgumentError("every must be at least 1");
  }
  if (rule.delay < absl::ZeroDuration() || rule.delay > options_.delay_max ||
      rule.delay == absl::InfiniteDuration()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the delay must be from 0 to ",
                     absl::FormatDuration(options_.delay_max)));
  }
  if (rule.fault == FaultRule::Fault::kError &&
      ErrorCodeName(rule.error).empty()) {
    return absl::InvalidArgumentError(
        "the error must be an exception of the API");
  }
  if (rule.key_call.has_value() && rule.operation != kNoOperation) {
    return absl::InvalidArgumentError(
        "a rule is for an operation or for a key call, not for both");
  }
  const size_t text_bytes = TextBytes(rule);
  FaultRuleState state;
  state.remaining = rule.count;
  state.rule = std::move(rule);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (rules_.size() >= options_.rules_max ||
      next_id_ == std::numeric_limits<int>::max()) {
    return absl::ResourceExhaustedError(
        absl::StrCat("there is no room for more than ", options_.rules_max,
                     " fault rules; remove some"));
  }
  // Does not underflow: `text_bytes_` never exceeds the bound.
  if (text_bytes > options_.text_bytes_max - text_bytes_) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the texts of the fault rules take ", text_bytes_,
                     " bytes; there is no room for ", text_bytes,
                     " more within ", options_.text_bytes_max));
  }
  state.id = next_id_;
  rules_.push_back(std::move(state));
  text_bytes_ += text_bytes;
  return next_id_++;
}

bool FaultRules::Remove(int id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto it = std::find_if(
      rules_.begin(), rules_.end(),
      [id](const FaultRuleState& state) { return state.id == id; });
  if (it == rules_.end()) return false;
  text_bytes_ -= TextBytes(it->rule);
  rules_.erase(it);
  return true;
}

void FaultRules::Clear() {
  const std::lock_guard<std::mutex> lock(mutex_);
  rules_.clear();
  text_bytes_ = 0;
}

std::vector<FaultRuleState> FaultRules::List() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return rules_;
}

}  // namespace glue_security
