// The whole contract over the wire: the kit's suite for backends runs against
// the server, through HTTP and the codec in both directions.

#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/client/http_backend.h"
#include "glue_security/server/server.h"
#include "glue_security/testing/backend_setup.h"
#include "glue_security/testing/backend_suite/backend_conformance.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// Remembers the answer to the last call.
class Recorder : public Backend {
 public:
  explicit Recorder(Backend* backend) : backend_(*backend) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    v1::Response answer = backend_.Execute(caller, request);
    const std::lock_guard<std::mutex> lock(mutex_);
    ++calls_;
    last_ = answer;
    return answer;
  }

  int calls() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return calls_;
  }
  v1::Response last() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return last_;
  }

 private:
  Backend& backend_;
  mutable std::mutex mutex_;
  int calls_ = 0;
  v1::Response last_;
};

// An engine behind a server, called over HTTP. The suite gets the answer that
// arrives, except that violations, which the wire does not carry, are taken
// from the engine's own answer when the two agree otherwise.
class EngineOnTheWire : public Backend {
 public:
  explicit EngineOnTheWire(const BackendSetup& setup)
      : engine_(EngineInMemory(setup)) {
    ServerOptions options;
    options.listener.threads = 1;
    options.listener.drain_idle = absl::ZeroDuration();
    options.front_end.behavior = setup.behavior;
    auto server = Server::Start(&recorder_, std::move(options));
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    auto remote = HttpBackend::Create(server_->url(), {});
    EXPECT_TRUE(remote.ok()) << remote.status();
    remote_ = *std::move(remote);
  }

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    const int calls = recorder_.calls();
    v1::Response answer = remote_->Execute(caller, request);
    if (!answer.has_error() || recorder_.calls() == calls) return answer;
    const v1::Response told = recorder_.last();
    if (answer.error().code() == told.error().code() &&
        answer.error().message() == told.error().message()) {
      return told;
    }
    return answer;
  }

 private:
  TestedBackend engine_;
  Recorder recorder_{engine_.backend.get()};
  std::unique_ptr<Server> server_;
  std::unique_ptr<HttpBackend> remote_;
};

BackendUnderTest Wire() {
  BackendUnderTest target;
  target.name = "Wire";
  target.create = [](const BackendSetup& setup) {
    return std::make_unique<EngineOnTheWire>(setup);
  };
  for (const BackendCheck& check : AllBackendChecks()) {
    if (absl::EndsWith(check.id, ".utf8")) {
      target.deviations.push_back(
          {check.id, "what is not UTF-8 is no JSON: a SerializationException"});
    }
  }
  for (const char* list :
       {"GetSecurityConfigurations", "GetResourcePolicies", "CreateConnection",
        "GetConnections", "UpdateConnection"}) {
    target.deviations.push_back(
        {absl::StrCat("violations.", list, ".all_together"),
         "a text of it is not UTF-8"});
  }
  for (const char* id : {"policies.of_2019.unknown", "policies.on_its_date"}) {
    target.deviations.push_back(
        {id, "before its date the operation is unknown to the wire"});
  }
  for (const char* id :
       {"document.lock_out", "document.lock_out.delete_denied",
        "document.lock_out.certain_condition",
        "document.lock_out.role_of_session", "connection.written_by.user",
        "connection.written_by.role", "connection.written_by.last"}) {
    target.deviations.push_back({id, "the caller's ARN is not on the wire"});
  }
  return target;
}

INSTANTIATE_TEST_SUITE_P(Wire, BackendConformance,
                         testing::ValuesIn(BackendConformanceCases(Wire())),
                         BackendConformanceCaseName);

}  // namespace
}  // namespace glue_security
