#include "tests/testing/broken_backends.h"

#include <functional>
#include <memory>
#include <utility>

#include "glue_security/backend/backend.h"
#include "glue_security/model/caller.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {
namespace {

using Altering =
    std::function<v1::Response(Backend&, const Caller&, v1::Request)>;

// Calls `execute` in place of the engine.
class Altered : public Backend {
 public:
  Altered(const BackendSetup& setup, Altering execute)
      : engine_(EngineInMemory(setup)), execute_(std::move(execute)) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    return execute_(*engine_.backend, caller, request);
  }

 private:
  TestedBackend engine_;
  const Altering execute_;
};

}  // namespace

TestedBackend TakesShortHashes(const BackendSetup& setup) {
  return std::make_unique<Altered>(
      setup, [](Backend& engine, const Caller& caller, v1::Request request) {
        if (request.has_delete_resource_policy()) {
          auto* drop = request.mutable_delete_resource_policy();
          if (drop->policy_hash_condition().size() == 1) {
            drop->clear_policy_hash_condition();
          }
        }
        return engine.Execute(caller, request);
      });
}

TestedBackend SkipsAtPages(const BackendSetup& setup) {
  return std::make_unique<Altered>(setup, [](Backend& engine,
                                             const Caller& caller,
                                             v1::Request request) {
    v1::Response answer = engine.Execute(caller, request);
    if (!request.get_security_configurations().next_token().empty() &&
        answer.get_security_configurations().security_configurations_size() >
            0) {
      auto* page = answer.mutable_get_security_configurations()
                       ->mutable_security_configurations();
      page->DeleteSubrange(0, 1);
    }
    return answer;
  });
}

TestedBackend TakesShorterNames(const BackendSetup& setup) {
  return std::make_unique<Altered>(setup, [](Backend& engine,
                                             const Caller& caller,
                                             v1::Request request) {
    if (request.get_security_configuration().name().size() == 255) {
      request.mutable_get_security_configuration()->mutable_name()->push_back(
          'x');
    }
    return engine.Execute(caller, request);
  });
}

TestedBackend IsMoody(const BackendSetup& setup) {
  static int* const calls = new int(0);
  return std::make_unique<Altered>(
      setup, [](Backend& engine, const Caller& caller, v1::Request request) {
        v1::Response answer = engine.Execute(caller, request);
        if (++*calls == 1000) answer.Clear();
        return answer;
      });
}

}  // namespace glue_security
