// Control: what a test harness does with a mock server besides calling it: go
// back to an empty state or to a scene, move the clock, make calls fail, look
// at what happened. As methods, and over HTTP (docs/reference/control.md).
//
//   FakeClock clock;
//   ...  // an engine that uses the clock
//   Control control(&engine, &state, &clock);
//   control.faults().Add(rule);
//
// Over HTTP a path that is not there is answered 404, what cannot be read 400
// with what is wrong with it, and what would be more than a bound 503 with the
// bound:
//
//   PUT /_glue_security/clock   {"now": "yesterday"}
//       // 400 {"error":"now: not a time of RFC 3339 in the years 1 to 9999"}
//
// Who may ask is not decided here, but by `RequestGuard` (request_guard.h).

#ifndef GLUE_SECURITY_SERVER_CONTROL_H_
#define GLUE_SECURITY_SERVER_CONTROL_H_

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/model/caller.h"
#include "glue_security/server/front_end.h"
#include "glue_security/server/http_message.h"
#include "glue_security/server/internal/call_gate.h"
#include "glue_security/simulation/fake_clock.h"
#include "glue_security/simulation/fault_rules.h"
#include "glue_security/simulation/history_recorder.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// The state behind a backend, as a harness handles it. Thread-safe.
class ControlledState {
 public:
  virtual ~ControlledState() = default;

  // Forgets everything but the snapshots. Does not call the backend. Errors,
  // nothing changed: kResourceExhausted where there is no memory for it.
  virtual absl::Status Reset() = 0;
  // Keeps the present state under `name`, in the place of what had it. Errors,
  // nothing changed: kResourceExhausted, with the bound, where there is no room
  // for one more.
  virtual absl::Status Save(const std::string& name) = 0;
  // Goes back to a state. Does not call the backend. Errors, nothing changed:
  // kNotFound where there is none of that name; kResourceExhausted as above.
  virtual absl::Status Restore(const std::string& name) = 0;
  // Whether there was one.
  virtual bool Forget(const std::string& name) = 0;
  // In order.
  virtual std::vector<std::string> Names() const = 0;
};

struct ControlOptions {
  // Bounds of the history and of the fault rules.
  HistoryRecorderOptions history;
  FaultRulesOptions faults;
  // The longest answer to `GET history`. What does not fit is asked for with
  // `?after=`.
  size_t history_answer_bytes_max = size_t{8} << 20;
  // How long a reset or a restore waits for calls that are executed at the
  // time, and lets others wait.
  absl::Duration reset_wait = absl::Seconds(1);
};

// Thread-safe.
class Control : public Executor {
 public:
  // REQUIRES: all outlive this.
  Control(Backend* backend, ControlledState* state, FakeClock* clock,
          ControlOptions options = {});

  FaultRules& faults() { return faults_; }
  HistoryRecorder& history() { return history_; }
  FakeClock& clock() { return clock_; }
  ControlledState& state() { return state_; }

  // Leaves an empty state, no rules, an empty history, the system's time.
  // Snapshots stay. Answers that a rule delays are cancelled.
  //
  // Calls that are executed at the time are waited for, `reset_wait` at most;
  // so what they wrote is gone, and no later call waits longer than that. Of
  // calls that take longer nobody knows on which side of the reset they take
  // effect: they are all that the history still has, without an answer, also
  // when they end. So it explains every record that is there later.
  //
  // Errors, nothing changed: those of `ControlledState::Reset`.
  absl::Status Reset();

  // Called at the end of each `Reset`, from its thread: it cancels the answers
  // that wait for the end of their delay. A server sets its own. Replaces the
  // last one, and when it returns, that is not running and never will be again.
  void SetCancelDelayed(std::function<void()> cancel);

  // Records the call, and lets the rules act on it. What they delay or lose is
  // left to `delivery`. Waits for a `Reset` that is under way.
  v1::Response Execute(int connection, const Caller& caller,
                       const v1::Request& request, Delivery* delivery) override;

  // Answers a request below `kControlPath`.
  HttpResponse Handle(const HttpRequest& request);

 private:
  // The answer's body, which is JSON; empty: none.
  absl::StatusOr<std::string> Route(absl::string_view method,
                                    absl::string_view path,
                                    absl::string_view body);
  absl::StatusOr<std::string> Clock(absl::string_view method,
                                    absl::string_view path,
                                    absl::string_view body);
  absl::StatusOr<std::string> Faults(absl::string_view method,
                                     absl::string_view path,
                                     absl::string_view body);
  absl::StatusOr<std::string> History(absl::string_view method,
                                      absl::string_view query);
  absl::StatusOr<std::string> Snapshots(absl::string_view method,
                                        absl::string_view path);

  Backend& backend_;
  ControlledState& state_;
  FakeClock& clock_;
  const ControlOptions options_;
  FaultRules faults_;
  HistoryRecorder history_;
  CallGate gate_;
  std::mutex cancel_mutex_;
  // Guarded by `cancel_mutex_`, also while it runs.
  std::function<void()> cancel_delayed_;
};

// Where the control endpoints are. AWS uses no such path.
inline constexpr char kControlPath[] = "/_glue_security/";

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_CONTROL_H_
