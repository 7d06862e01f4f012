// ModelHistory: the calls of concurrent clients of a type of your own, and
// their order. model_linearizability.h judges it.
//
//   ModelRecorder<Register> recorder;
//   // In each thread:
//   recorder.Record(client, input, [&] { return register.Call(input); });
//
// RunModelClients: does this with several threads.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_MODEL_HISTORY_H_
#define GLUE_SECURITY_TESTING_HISTORIES_MODEL_HISTORY_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "glue_security/backend/history.h"
#include "glue_security/testing/choices/choice_source.h"

namespace glue_security {

// One call. `start` and `end` are positions in one global count, as in
// history.h.
template <typename Model>
struct ModelCall {
  int client = 0;
  typename Model::Input input{};
  // Absent when the outcome is open: the call has not returned, or its answer
  // was lost. It may have taken effect at any time after its start, or never.
  std::optional<typename Model::Output> output;
  uint64_t start = 0;
  // Ignored when there is no output.
  uint64_t end = kNoEnd;
};

// Calls in the order of their starts. It holds every call since the initial
// state of the model.
template <typename Model>
using ModelHistory = std::vector<ModelCall<Model>>;

// Records calls of several threads. Thread-safe.
template <typename Model>
class ModelRecorder {
 public:
  // Runs `execute`, records the call, and returns its output. The call stays
  // open when `execute` throws.
  template <typename Execute>
  typename Model::Output Record(int client, typename Model::Input input,
                                const Execute& execute) {
    const size_t call = Start(client, std::move(input));
    typename Model::Output output = execute();
    End(call, output);
    return output;
  }

  // Records the start of a call. Returns its number, for `End`.
  size_t Start(int client, typename Model::Input input) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ModelCall<Model> call;
    call.client = client;
    call.input = std::move(input);
    call.start = position_++;
    history_.push_back(std::move(call));
    return history_.size() - 1;
  }

  // Records the end of the call with this number. A call whose answer was lost
  // is not ended. REQUIRES: `call` is from `Start`, and has not ended.
  void End(size_t call, typename Model::Output output) {
    const std::lock_guard<std::mutex> lock(mutex_);
    history_[call].output = std::move(output);
    history_[call].end = position_++;
  }

  // Returns the calls so far.
  ModelHistory<Model> Snapshot() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return history_;
  }

 private:
  mutable std::mutex mutex_;
  uint64_t position_ = 0;
  ModelHistory<Model> history_;
};

struct ModelClientsOptions {
  int clients = 4;
  int calls_per_client = 8;
  // Decides what the clients ask, but not how their calls overlap.
  uint64_t seed = 0;
};

// Starts `clients` threads at once, waits for them, and returns the history.
// `generate(ChoiceSource&)` returns an input, `execute(input)` calls your type
// and returns the output. Both are called by all threads. REQUIRES: neither
// throws, and nobody else calls your type.
template <typename Model, typename Generate, typename Execute>
ModelHistory<Model> RunModelClients(const ModelClientsOptions& options,
                                    const Generate& generate,
                                    const Execute& execute) {
  ModelRecorder<Model> recorder;
  std::atomic<int> waiting{options.clients};
  const auto client = [&](int number) {
    SeededChoices choices(options.seed * 1'000'003 +
                          static_cast<uint64_t>(number));
    waiting.fetch_sub(1);
    while (waiting.load() > 0) std::this_thread::yield();
    for (int n = 0; n < options.calls_per_client; ++n) {
      const typename Model::Input input = generate(choices);
      recorder.Record(number, input, [&] { return execute(input); });
    }
  };
  std::vector<std::thread> threads;
  threads.reserve(static_cast<size_t>(options.clients));
  for (int number = 0; number < options.clients; ++number) {
    threads.emplace_back(client, number);
  }
  for (std::thread& thread : threads) thread.join();
  return recorder.Snapshot();
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_MODEL_HISTORY_H_
