#include "glue_security/testing/histories/concurrent_clients.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "glue_security/backend/history_recorder.h"
#include "glue_security/model/end_process.h"
#include "glue_security/testing/histories/stepped_client.h"
#include "glue_security/testing/system_clock.h"

namespace glue_security {

using history_internal::SteppedClient;

History RunConcurrently(Backend* backend,
                        const ConcurrentClientsOptions& options) {
  // The whole history is judged, so the recorder must not drop calls.
  HistoryRecorder recorder(backend, HistoryRecorderOptions::Unbounded());
  std::atomic<int> waiting{options.clients};
  const auto client = [&](int number) {
    SeededChoices choices(options.seed * 1'000'003 +
                          static_cast<uint64_t>(number));
    ClientKnowledge known;
    waiting.fetch_sub(1);
    while (waiting.load() > 0) std::this_thread::yield();
    for (int n = 0; n < options.calls_per_client; ++n) {
      const Call call = options.generator(choices, known);
      known.Learn(recorder.ExecuteAs(number, call.caller, call.request));
    }
  };
  std::vector<std::thread> threads;
  for (int number = 0; number < options.clients; ++number) {
    threads.emplace_back(client, number);
  }
  for (std::thread& thread : threads) thread.join();
  return recorder.Snapshot();
}

History RunInterleaved(Storage* storage, const CoreOptions& core, Clock* clock,
                       ChoiceSource& choices,
                       const ConcurrentClientsOptions& options) {
  const std::string refusal =
      SystemClockRefusal(clock, "the clock of RunInterleaved");
  if (!refusal.empty()) EndProcess(refusal);
  History history;
  history_internal::RunKeys keys(clock);
  std::vector<SteppedClient> clients;
  clients.reserve(static_cast<size_t>(options.clients));
  for (int number = 0; number < options.clients; ++number) {
    clients.emplace_back(number, storage, &core, clock, keys.service());
  }
  std::vector<size_t> active;
  for (size_t i = 0; i < clients.size(); ++i) {
    if (options.calls_per_client > 0) active.push_back(i);
  }
  // Every call ends: `Limits::attempts_max` bounds its steps.
  for (uint64_t position = 0, calls = 0; !active.empty(); ++position) {
    const size_t turn = choices.Below(active.size());
    SteppedClient& client = clients[active[turn]];
    if (client.idle()) {
      client.Start(options.generator(choices, client.known()), ++calls,
                   position, &history);
      continue;
    }
    client.Step(position, &history);
    if (client.idle() && client.calls() == options.calls_per_client) {
      active.erase(active.begin() + static_cast<std::ptrdiff_t>(turn));
    }
  }
  return history;
}

}  // namespace glue_security
