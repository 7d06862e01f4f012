#include "tests/testing/remote/served_backends.h"

#include <iterator>
#include <utility>

#include "absl/time/time.h"
#include "glue_security/model/setting.h"
#include "glue_security/testing/remote/remote_backend.h"
#include "gtest/gtest.h"

namespace glue_security {

absl::Status ServedBackends::NoState::Save(const std::string& /*name*/) {
  return absl::UnimplementedError("there are no snapshots");
}

absl::Status ServedBackends::NoState::Restore(const std::string& /*name*/) {
  return absl::UnimplementedError("there are no snapshots");
}

ServedBackends::ServedBackends()
    : first_(EngineInMemory(BackendSetup())),
      control_(first_.backend.get(), &state_, &clock_, Options()) {
  ServerOptions options;
  // As many as the threads of a check that calls at once.
  options.listener.threads = 4;
  options.listener.drain_idle = absl::ZeroDuration();
  options.control = &control_;
  auto server = Server::Start(first_.backend.get(), std::move(options));
  EXPECT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  auto target = RemoteBackendUnderTest(server_->url(),
                                       *FindRemoteProfile("glue-security"));
  EXPECT_TRUE(target.ok()) << target.status();
  target_ = *std::move(target);
  target_.presets.assign(std::begin(kBackendPresets),
                         std::end(kBackendPresets));
}

ControlOptions ServedBackends::Options() {
  ControlOptions options;
  options.make_backend = [this](const BackendSettings& settings) {
    BackendSetup setup;
    setup.behavior = settings.behavior;
    setup.limits = settings.limits;
    setup.clock = &clock_;
    const std::lock_guard<std::mutex> lock(mutex_);
    return factory_(setup).backend;
  };
  return options;
}

void ServedBackends::Serve(BackendFactory factory) {
  const std::lock_guard<std::mutex> lock(mutex_);
  factory_ = std::move(factory);
}

}  // namespace glue_security
