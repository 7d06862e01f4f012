// Control: what a test harness does with a mock server besides calling it:
// start anew, go back to a scene, move the clock, make calls fail, look at what
// happened. As methods, and over HTTP (docs/reference/control.md).
//
//   AdjustableClock clock;
//   ...  // an engine that uses the clock
//   Control control(&engine, &state, &clock);
//   control.faults().Add(rule);
//
// Over HTTP a path that is none is answered 404, a body that says nothing 400
// with what is wrong with it:
//
//   PUT /_glue_security/clock   {"now": "yesterday"}
//       // 400 {"error":"now: no time of RFC 3339"}

#ifndef GLUE_SECURITY_SERVER_CONTROL_H_
#define GLUE_SECURITY_SERVER_CONTROL_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/backend/backend.h"
#include "glue_security/model/caller.h"
#include "glue_security/server/front_end.h"
#include "glue_security/server/http_message.h"
#include "glue_security/simulation/adjustable_clock.h"
#include "glue_security/simulation/fault_rules.h"
#include "glue_security/simulation/history_recorder.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

// The state behind a backend, as a harness handles it. Thread-safe.
class ControlledState {
 public:
  virtual ~ControlledState() = default;

  // Forgets everything but the snapshots.
  virtual void Reset() = 0;
  // Keeps the present state under `name`, in the place of what had it.
  virtual void Save(const std::string& name) = 0;
  // Goes back to a state. False: there is none of that name.
  virtual bool Restore(const std::string& name) = 0;
  // Whether there was one.
  virtual bool Forget(const std::string& name) = 0;
  // In order.
  virtual std::vector<std::string> Names() const = 0;
};

// Thread-safe.
class Control : public Executor {
 public:
  // REQUIRES: all outlive this.
  Control(Backend* backend, ControlledState* state, AdjustableClock* clock);

  FaultRules& faults() { return faults_; }
  HistoryRecorder& history() { return history_; }
  AdjustableClock& clock() { return clock_; }
  ControlledState& state() { return state_; }

  // An empty state, no rules, an empty history, the system's time. Snapshots
  // stay.
  void Reset();

  // Records the call, and lets the rules act on it. What they delay or lose is
  // left to `delivery`.
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
  absl::StatusOr<std::string> History(absl::string_view method);
  absl::StatusOr<std::string> Snapshots(absl::string_view method,
                                        absl::string_view path);

  Backend& backend_;
  ControlledState& state_;
  AdjustableClock& clock_;
  FaultRules faults_;
  HistoryRecorder history_;
};

// Where the control endpoints are. AWS uses no such path.
inline constexpr char kControlPath[] = "/_glue_security/";

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_CONTROL_H_
