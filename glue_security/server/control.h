// Control: the means by which a test harness controls a mock server. It resets
// or restores the state, changes what the backend runs with, moves the clock,
// makes calls fail, and shows the history of calls. It works by methods and
// over HTTP (docs/reference/control.md).
//
//   FakeClock clock;
//   ...  // an engine that uses the clock
//   Control control(&engine, &state, &clock);
//   control.faults().Add(rule);
//
// Over HTTP an unknown path is answered 404, an unreadable request 400 with the
// mistake, and a request that would exceed a bound 503 with the bound:
//
//   POST /_glue_security/reset   {"policy_checks": "some"}
//       // 400 {"error":"policy_checks: must be none, json, grammar or glue"}
//
// `RequestGuard` (request_guard.h) decides whose requests are accepted.

#ifndef GLUE_SECURITY_SERVER_CONTROL_H_
#define GLUE_SECURITY_SERVER_CONTROL_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/backend/fault_rules.h"
#include "glue_security/backend/history_recorder.h"
#include "glue_security/control/controlled_keys.h"
#include "glue_security/control/controlled_state.h"
#include "glue_security/http/call_gate.h"
#include "glue_security/http/http_message.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/setting.h"
#include "glue_security/server/control_path.h"
#include "glue_security/server/front_end.h"
#include "glue_security/storage/storage_kind.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

struct ControlOptions {
  // Makes a backend over the same state that runs with other settings. Empty:
  // settings cannot be changed. May be called while calls run, from one thread
  // at a time. `settings` are those of the control's first backend.
  std::function<std::unique_ptr<Backend>(const BackendSettings&)> make_backend;
  BackendSettings settings;
  // Not owned; outlives the control. The key service of the backends, whose
  // calls the fault rules reach from now on; null: there is none.
  ControlledKeys* keys = nullptr;
  // Not owned; outlives the control. The storage of the backends, whose records
  // are shown from now on; null: none are.
  const OpenedStorage* storage = nullptr;
  // The bounds of the history and of the fault rules.
  HistoryRecorderOptions history;
  FaultRulesOptions faults;
  // The longest answer to `GET history`, in bytes. `?after=` gets the calls
  // that do not fit.
  size_t history_answer_bytes_max = size_t{8} << 20;
  // How long a reset or a restore waits for calls in progress. New calls wait
  // meanwhile.
  absl::Duration reset_wait = absl::Seconds(1);
};

// Thread-safe.
class Control : public Executor {
 public:
  // REQUIRES: `backend`, `state` and `clock` outlive this object.
  Control(Backend* backend, ControlledState* state, FakeClock* clock,
          ControlOptions options = {});
  ~Control() override;
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;

  FaultRules& faults() { return faults_; }
  HistoryRecorder& history() { return history_; }
  FakeClock& clock() { return clock_; }
  ControlledState& state() { return state_; }

  // Empties the state, the rules and the history, and resets the clock to the
  // system's time and the settings to `ControlOptions::settings`. Snapshots
  // stay. Answers that a rule delays are cancelled.
  //
  // Waits for calls in progress, at most `reset_wait`, so that their writes are
  // removed, too; later calls wait as long. It is unknown whether a call that
  // takes longer takes effect before or after the reset. Such calls stay in the
  // history, without an answer even when they end, so that the history explains
  // every record that exists later.
  //
  // Errors, nothing changed: the errors of `ControlledState::Reset`.
  absl::Status Reset();

  // Does the same, but later calls are executed with `settings`, by a new
  // backend, until the next reset. Each call runs wholly with the settings that
  // are in force when it begins, even one that a reset does not wait for.
  //
  // Errors, nothing changed: kFailedPrecondition without
  // `ControlOptions::make_backend`, then those of `Reset()`. What
  // `make_backend` throws passes through, nothing changed.
  absl::Status Reset(const BackendSettings& settings);

  // Sets the function that cancels delayed answers. Each `Reset` calls it at
  // its end, on its own thread. A server sets its own function. Replaces the
  // previous one, which is not running when this returns and is never called
  // again.
  void SetCancelDelayed(std::function<void()> cancel);

  // Waits for a `Reset` in progress. The call is recorded when it is executed,
  // and the rules are applied to it. Delays and losses are only noted in its
  // `Delivery`.
  std::unique_ptr<Call> Begin() override;

  // Begins and executes a call.
  v1::Response Execute(int connection, const Caller& caller,
                       const v1::Request& request, Delivery* delivery);

  // Answers a request below `kControlPath`.
  HttpResponse Handle(const HttpRequest& request);

 private:
  class GatedCall;

  // A backend and what it runs with.
  struct Served {
    BackendSettings settings;
    Backend* backend = nullptr;
    // Null for the control's first backend, which is not owned.
    std::unique_ptr<Backend> owned;
  };

  std::shared_ptr<const Served> Current() const;
  // Resets everything; `served` is in force from then on.
  absl::Status ResetTo(std::shared_ptr<const Served> served);

  // Returns the body of the answer, which is JSON; empty for no body.
  absl::StatusOr<std::string> Route(absl::string_view method,
                                    absl::string_view path,
                                    absl::string_view body);
  absl::StatusOr<std::string> HandleReset(absl::string_view body);
  absl::StatusOr<std::string> Clock(absl::string_view method,
                                    absl::string_view path,
                                    absl::string_view body);
  absl::StatusOr<std::string> Faults(absl::string_view method,
                                     absl::string_view path,
                                     absl::string_view body);
  absl::StatusOr<std::string> History(absl::string_view method,
                                      absl::string_view query);
  absl::StatusOr<std::string> Stored(absl::string_view method,
                                     absl::string_view path,
                                     absl::string_view query);
  absl::StatusOr<std::string> Snapshots(absl::string_view method,
                                        absl::string_view path);

  const ControlOptions options_;
  ControlledState& state_;
  FakeClock& clock_;
  FaultRules faults_;
  HistoryRecorder history_;
  CallGate gate_;
  // The control's first backend.
  const std::shared_ptr<const Served> first_;
  // Held while a backend is made.
  std::mutex make_mutex_;
  mutable std::mutex served_mutex_;
  // Guarded by `served_mutex_`. Never null.
  std::shared_ptr<const Served> served_;
  std::mutex cancel_mutex_;
  // Guarded by `cancel_mutex_`, even while it runs.
  std::function<void()> cancel_delayed_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_CONTROL_H_
