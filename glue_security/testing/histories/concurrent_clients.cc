#include "glue_security/testing/histories/concurrent_clients.h"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "glue_security/backend/history_recorder.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/engine/operation_run_io.h"
#include "glue_security/model/operation.h"
#include "glue_security/state_machine/operation_run.h"

namespace glue_security {
namespace {

// One client of an interleaved run, and its current call.
class SteppedClient {
 public:
  SteppedClient(int number, Storage* storage, const CoreOptions* core,
                Clock* clock, KeyService* keys)
      : number_(number),
        storage_(*storage),
        core_(*core),
        clock_(*clock),
        keys_(*keys) {}

  bool idle() const { return run_ == nullptr; }
  int calls() const { return calls_; }

  void Start(Call call, const CommitId& commit_id, uint64_t position,
             History* history) {
    ++calls_;
    call_ = std::move(call);
    entry_ = history->size();
    HistoryEntry entry;
    entry.client = number_;
    entry.caller = call_.caller;
    entry.request = call_.request;
    entry.start = position;
    history->push_back(std::move(entry));
    run_ = std::make_unique<OperationRun>(call_.caller, call_.request, &core_,
                                          commit_id);
  }

  // Makes one step of the call. REQUIRES: !idle().
  void Step(uint64_t position, History* history) {
    switch (run_->need()) {
      case OperationRun::Need::kRead:
        ReadForRun(&storage_, &clock_, run_.get());
        return;
      case OperationRun::Need::kCommit:
        CommitForRun(&storage_, run_.get());
        return;
      case OperationRun::Need::kKeyCall:
        CallKeyForRun(&keys_, run_.get());
        return;
      case OperationRun::Need::kWait:
        run_->Waited();
        return;
      case OperationRun::Need::kDone:
        break;
    }
    HistoryEntry& entry = (*history)[entry_];
    entry.response = ToResponse(run_->TakeOutcome());
    entry.end = position;
    known_.Learn(*entry.response);
    run_.reset();
  }

  const ClientKnowledge& known() const { return known_; }

 private:
  const int number_;
  Storage& storage_;
  const CoreOptions& core_;
  Clock& clock_;
  KeyService& keys_;
  Call call_;  // outlives `run_`
  std::unique_ptr<OperationRun> run_;
  size_t entry_ = 0;
  int calls_ = 0;
  ClientKnowledge known_;
};

}  // namespace

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
  History history;
  LocalKmsOptions kms;
  kms.clock = clock;
  LocalKms keys(kms);
  std::vector<SteppedClient> clients;
  clients.reserve(static_cast<size_t>(options.clients));
  for (int number = 0; number < options.clients; ++number) {
    clients.emplace_back(number, storage, &core, clock, &keys);
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
      CommitId commit_id{};
      ++calls;
      for (size_t byte = 0; byte < sizeof(calls); ++byte) {
        commit_id[byte] = static_cast<uint8_t>(calls >> (8 * byte));
      }
      client.Start(options.generator(choices, client.known()), commit_id,
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
