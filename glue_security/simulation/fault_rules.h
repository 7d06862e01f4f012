// FaultRules: a backend in front of another that fails on command, the way a
// service fails: with an error, late, or without an answer.
//
//   FaultRules faults(&backend);
//   FaultRule rule;
//   rule.operation = v1::Request::kPutResourcePolicy;
//   rule.fault = FaultRule::Fault::kLoseAnswer;
//   rule.count = 2;
//   faults.Add(rule);
//   // the next two Puts take effect, and answer OperationTimeoutException
//
// A rule is a plain value, so that a control endpoint can take it apart.

#ifndef GLUE_SECURITY_SIMULATION_FAULT_RULES_H_
#define GLUE_SECURITY_SIMULATION_FAULT_RULES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/model/operation.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {

// Which calls, and what becomes of them.
struct FaultRule {
  enum class Fault {
    // None but the delay; the call goes on to the next rule.
    kNone,
    // The call is not executed; it is answered with `error` and `message`.
    kError,
    // The call is not executed; OperationTimeoutException, outcome unknown.
    kLoseRequest,
    // The call is executed and its answer thrown away; the same exception.
    kLoseAnswer,
  };
  static constexpr uint64_t kForever = std::numeric_limits<uint64_t>::max();

  // ---- Which calls match.
  // kNoOperation: any, and also a request without one.
  Operation operation = kNoOperation;
  // Absent: any. Of the caller, whatever CatalogId the request names.
  std::optional<std::string> account_id;
  std::optional<std::string> region;
  std::optional<std::string> principal_arn;

  // ---- On which of those it acts. After the first `skip`, on one, then on
  // every `every`-th, `count` times in all. Calls k to m: skip k - 1, count
  // m - k + 1. Every third call: skip 2, every 3, count kForever.
  uint64_t skip = 0;
  uint64_t every = 1;
  uint64_t count = 1;

  // ---- What it does.
  Fault fault = Fault::kError;
  v1::ErrorCode error = v1::ERROR_CODE_INTERNAL_SERVICE;
  std::string message;
  // Before all else. See `FaultRulesOptions::delay_max`.
  absl::Duration delay;
};

// A rule in force.
struct FaultRuleState {
  int id = 0;
  FaultRule rule;
  // Calls that it matched, and on how many of them it acted.
  uint64_t matched = 0;
  uint64_t acted = 0;
  // How often it will still act; kForever stays kForever.
  uint64_t remaining = 0;
};

// What the rules decided for one call.
struct FaultPlan {
  absl::Duration delay;
  // Absent: the answer is that of the call.
  std::optional<v1::Error> error;
  bool execute = true;
  // A request or its answer is lost, and `error` says so; over a connection,
  // that is lost instead.
  bool lost = false;
};

struct FaultRulesOptions {
  // Rules in force at a time, and the bytes of their texts: messages, account
  // ids, regions, ARNs.
  size_t rules_max = 1000;
  size_t text_bytes_max = size_t{1} << 20;
  // The longest delay of a rule, and of a call that several rules delay.
  absl::Duration delay_max = absl::Minutes(15);
};

// Every call meets the rules in the order in which they were added. The first
// that acts with a fault other than kNone decides; those behind it do not see
// the call, and do not count it. Thread-safe: of calls at the same time, each
// takes a turn of a rule, none takes one twice.
class FaultRules : public Backend {
 public:
  // Waits out a delay. Called on the thread of the call, without a lock.
  using Sleep = std::function<void(absl::Duration)>;

  // REQUIRES: `base` is not null and outlives this object. An empty `sleep`
  // really sleeps.
  explicit FaultRules(Backend* base, Sleep sleep = nullptr,
                      FaultRulesOptions options = {});

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override;

  // What becomes of one call, for whoever executes and delays it by other means
  // than `Execute`. Takes the turn of each rule that acts.
  FaultPlan Decide(const Caller& caller, const v1::Request& request);

  // Puts `rule` behind those that are there and returns its id, which is never
  // used again. A rule that has no turn left stays until it is removed.
  //
  // Errors, nothing changed, in this order: InvalidArgument when `every` is 0,
  // the delay is negative or longer than `delay_max`, or `error` is not an
  // exception of the API. ResourceExhausted when the rules would be more than
  // `rules_max`, or their texts longer than `text_bytes_max`.
  absl::StatusOr<int> Add(FaultRule rule);

  // Whether there was one.
  bool Remove(int id);

  void Clear();

  // In order.
  std::vector<FaultRuleState> List() const;

 private:
  Backend* const base_;
  const Sleep sleep_;
  const FaultRulesOptions options_;

  mutable std::mutex mutex_;
  // Guarded by `mutex_`.
  std::vector<FaultRuleState> rules_;
  // INVARIANT: the sum of the rules'.
  size_t text_bytes_ = 0;
  int next_id_ = 1;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SIMULATION_FAULT_RULES_H_
