// Finds out whether a mock is safe to call from many threads. This mock checks
// a policy's hash first and writes afterwards, so that another caller may write
// in between. The program calls it from four threads until a history shows the
// defect.
//
//   bazel run //examples:check_histories -- /tmp/timeline.html

#include <fstream>
#include <iostream>
#include <string>
#include <thread>

#include "glue_security/backend/history_timeline.h"
#include "glue_security/engine/engine.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/histories/concurrent_clients.h"
#include "glue_security/testing/histories/linearizability.h"

namespace {

using glue_security::Caller;
namespace v1 = glue_security::v1;

// Stands for your own backend.
class Mock : public glue_security::Backend {
 public:
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    std::this_thread::yield();
    v1::Request call = request;
    auto* put = request.has_put_resource_policy()
                    ? call.mutable_put_resource_policy()
                    : nullptr;
    if (put != nullptr && put->has_policy_hash_condition()) {
      v1::Request get;
      get.mutable_get_resource_policy();
      const v1::Response now = engine_.Execute(caller, get);
      if (now.get_resource_policy().policy_hash() ==
          put->policy_hash_condition()) {
        put->clear_policy_hash_condition();
        for (int n = 0; n < 50; ++n) std::this_thread::yield();
      }
    }
    return engine_.Execute(caller, call);
  }

 private:
  static glue_security::EngineOptions Options() {
    glue_security::EngineOptions options;
    options.behavior.policy_checks = glue_security::PolicyChecks::kJson;
    return options;
  }
  glue_security::MemoryStorage storage_;
  glue_security::Engine engine_{&storage_, Options()};
};

}  // namespace

int main(int argc, char** argv) {
  // [check]
  using namespace glue_security;
  for (uint64_t seed = 0; seed < 10'000; ++seed) {
    Mock mock;
    ConcurrentClientsOptions run;
    run.clients = 4;
    run.calls_per_client = 8;
    run.seed = seed;
    const History history = RunConcurrently(&mock, run);

    LinearizabilityOptions options;
    options.behavior.policy_checks = PolicyChecks::kJson;
    const LinearizabilityResult result = CheckLinearizable(history, options);
    if (result.verdict == Verdict::kOk) continue;
    std::cout << "seed " << seed << "\n" << result.explanation;
    if (argc > 1 && result.violation.has_value()) {
      std::ofstream(argv[1])
          << HistoryTimelineHtml(history, MarksOf(*result.violation));
    }
    return 0;
  }
  // [check end]
  std::cout << "nothing found\n";
  return 1;
}
