// FaultRules: a decorator that makes chosen calls of a backend fail as those of
// a service do: with an error, late, or without an answer.
//
//   FaultRules faults(&backend);
//   FaultRule rule;
//   rule.operation = v1::Request::kPutResourcePolicy;
//   rule.fault = FaultRule::Fault::kLoseAnswer;
//   rule.count = 2;
//   faults.Add(rule);
//   // the next two Puts take effect, and answer OperationTimeoutException
//
// A rule is a plain value, so that a control endpoint can read and write it. A
// rule with a `key_call` is for the calls of a key management service instead;
// whoever makes or answers such calls asks `DecideKeyCall`.

#ifndef GLUE_SECURITY_BACKEND_FAULT_RULES_H_
#define GLUE_SECURITY_BACKEND_FAULT_RULES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/operation.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {

// A rule: the calls that it matches, and the fault that it injects.
struct FaultRule {
  enum class Fault {
    // Only the delay, if any. The call goes on to the next rule.
    kNone,
    // The call is not executed. It is answered with `error` and `message`.
    kError,
    // The call is not executed. It is answered with OperationTimeoutException,
    // outcome unknown.
    kLoseRequest,
    // The call is executed, but answered as by kLoseRequest.
    kLoseAnswer,
  };
  // How a key call is made.
  enum class Via {
    kAny,
    // Through a service, as the engine does it.
    kGlue,
    // By the principal itself.
    kDirect,
  };
  static constexpr uint64_t kForever = std::numeric_limits<uint64_t>::max();

  // ---- The calls that match. kNoOperation matches every request, including
  // one without an operation.
  Operation operation = kNoOperation;
  // The key call that matches instead, such as "Encrypt", or `kAnyKeyCall`.
  // Absent: no key call matches. REQUIRES: `operation` is kNoOperation if this
  // is set.
  std::optional<std::string> key_call;
  Via via = Via::kAny;
  // The caller's; each matches any value when absent. The request's CatalogId
  // does not matter.
  std::optional<std::string> account_id;
  std::optional<std::string> region;
  std::optional<std::string> principal_arn;

  // ---- The matching calls on which the rule acts. It skips the first `skip`,
  // acts on the next one, then on every `every`-th, `count` times in all. For
  // calls k to m: skip k - 1, count m - k + 1. For every third call: skip 2,
  // every 3, count kForever.
  uint64_t skip = 0;
  uint64_t every = 1;
  uint64_t count = 1;

  // ---- The fault.
  Fault fault = Fault::kError;
  v1::ErrorCode error = v1::ERROR_CODE_INTERNAL_SERVICE;
  // The exception that refuses a key call, in the place of `error`.
  std::string key_error = "KMSInternalException";
  std::string message;
  // The delay before the call is executed or answered. At most
  // `FaultRulesOptions::delay_max`.
  absl::Duration delay;
};

// A rule that was added, and its counts.
struct FaultRuleState {
  int id = 0;
  FaultRule rule;
  // The number of calls that it matched, and of those on which it acted.
  uint64_t matched = 0;
  uint64_t acted = 0;
  // How many more times it acts; kForever stays kForever.
  uint64_t remaining = 0;
};

// The decision of the rules about one call.
struct FaultPlan {
  absl::Duration delay;
  // The error that replaces the answer of the call; absent for none.
  std::optional<v1::Error> error;
  bool execute = true;
  // The request or its answer is lost. `error` is then the exception for it; a
  // server closes the connection instead.
  bool lost = false;
};

// The decision of the rules about one call of a key service.
struct KeyFaultPlan {
  absl::Duration delay;
  // The exception that refuses the call, and its text; absent for none.
  std::optional<std::string> error;
  std::string message;
  bool execute = true;
  // The request or its answer is lost. `error` is then
  // DependencyTimeoutException.
  bool lost = false;
};

// A `key_call` that stands for all of them.
inline constexpr char kAnyKeyCall[] = "any";

struct FaultRulesOptions {
  // The largest number of rules, and of bytes in their texts: messages, account
  // ids, regions, ARNs, names.
  size_t rules_max = 1000;
  size_t text_bytes_max = size_t{1} << 20;
  // The longest delay of a rule, and of one call that several rules delay.
  absl::Duration delay_max = absl::Minutes(15);
};

// Every call goes through the rules in the order in which they were added. The
// first rule that acts with a fault other than kNone decides; later rules do
// not count the call. Thread-safe: concurrent calls are counted one after the
// other, each once.
class FaultRules : public Backend {
 public:
  // Waits for a delay. Called on the thread of the call, with no lock held.
  using Sleep = std::function<void(absl::Duration)>;

  // Starts without rules. An empty `sleep` sleeps in real time. REQUIRES:
  // `base` is not null and outlives this object.
  explicit FaultRules(Backend* base, Sleep sleep = nullptr,
                      FaultRulesOptions options = {});

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override;

  // Decides about one call, for code that executes and delays it without
  // `Execute`. The call is counted by the rules as in `Execute`.
  FaultPlan Decide(const Caller& caller, const v1::Request& request);

  // Decides about one call of a key service, such as "Encrypt", in the same
  // way.
  KeyFaultPlan DecideKeyCall(const KeyCaller& caller, absl::string_view call);

  // Adds `rule` after the others and returns its id, which is never reused. A
  // rule that will not act again stays until it is removed.
  //
  // Errors, nothing changed, in this order: InvalidArgument when `every` is 0,
  // the delay is negative or longer than `delay_max`, `error` is not an
  // exception of the API, or the rule has both an operation and a key call.
  // ResourceExhausted when the rules would be more than
  // `rules_max`, or their texts longer than `text_bytes_max`.
  absl::StatusOr<int> Add(FaultRule rule);

  // Removes the rule `id`. Returns false when there is none.
  bool Remove(int id);

  void Clear();

  // Returns the rules, in the order in which they were added.
  std::vector<FaultRuleState> List() const;

 private:
  // Counts a call for the rules that match it. Calls `act` with the first that
  // acts on it with a fault, and returns the delay.
  template <typename Matches, typename Act>
  absl::Duration Count(Matches matches, Act act);

  Backend* const base_;
  const Sleep sleep_;
  const FaultRulesOptions options_;

  mutable std::mutex mutex_;
  // Guarded by `mutex_`.
  std::vector<FaultRuleState> rules_;
  // INVARIANT: the sum of the rules' text bytes.
  size_t text_bytes_ = 0;
  int next_id_ = 1;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_BACKEND_FAULT_RULES_H_
