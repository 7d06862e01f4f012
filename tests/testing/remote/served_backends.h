// ServedBackends: backends of a factory behind a URL, for the tools that judge
// mocks over HTTP.
//
//   ServedBackends served;
//   served.Serve(EngineInMemory);
//   const BackendReport report = RunBackendConformance(served.target());

#ifndef TESTS_TESTING_REMOTE_SERVED_BACKENDS_H_
#define TESTS_TESTING_REMOTE_SERVED_BACKENDS_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/server/control.h"
#include "glue_security/server/server.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/backend_suite/backend_target.h"

namespace glue_security {

// A server in this process. Each reset that says what to run with, as those of
// `target()` do, makes a new backend. Nothing but HTTP connects it with those
// who judge.
class ServedBackends {
 public:
  ServedBackends();

  // Makes the next resets use `factory`.
  void Serve(BackendFactory factory);

  std::string url() const { return server_->url(); }

  // The endpoint as the profile glue-security knows it, in all presets.
  const BackendUnderTest& target() const { return target_; }

 private:
  // Every backend has a state of its own.
  class NoState : public ControlledState {
   public:
    absl::Status Reset() override { return absl::OkStatus(); }
    absl::Status Save(const std::string& name) override;
    absl::Status Restore(const std::string& name) override;
    bool Forget(const std::string& /*name*/) override { return false; }
    std::vector<std::string> Names() const override { return {}; }
  };

  ControlOptions Options();

  std::mutex mutex_;
  // Guarded by `mutex_`.
  BackendFactory factory_ = EngineInMemory;
  FakeClock clock_;
  NoState state_;
  // Serves until the first reset.
  const TestedBackend first_;
  Control control_;
  std::unique_ptr<Server> server_;
  BackendUnderTest target_;
};

}  // namespace glue_security

#endif  // TESTS_TESTING_REMOTE_SERVED_BACKENDS_H_
