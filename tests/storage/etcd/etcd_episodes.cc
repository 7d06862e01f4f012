#include "tests/storage/etcd/etcd_episodes.h"

#include <atomic>
#include <condition_variable>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/backend/history.h"
#include "glue_security/backend/history_recorder.h"
#include "glue_security/engine/engine.h"
#include "glue_security/storage/etcd/etcd_storage.h"
#include "glue_security/testing/histories/concurrent_clients.h"
#include "glue_security/testing/histories/linearizability.h"
#include "tests/storage/etcd/opened_etcd.h"

namespace glue_security {
namespace {

constexpr int kClients = 4;

Limits EpisodeLimits() {
  Limits limits;
  // Reached by the few names of the calls.
  limits.security_configurations_max = 2;
  // A call ends soon when no member answers.
  limits.attempts_max = 2;
  return limits;
}

// One history: a part of the cluster's keys, and clients of it.
class Episode : public Backend {
 public:
  Episode(const EtcdCluster& cluster, Clock* clock) : recorder_(this) {
    EtcdStorageOptions options;
    options.prefix = OpenedEtcd::NewPrefix();
    for (int i = 0; i < kClients; ++i) {
      options.endpoints = cluster.endpoints(i % cluster.size());
      options.call_timeout = absl::Seconds(60);
      absl::StatusOr<std::unique_ptr<EtcdStorage>> first =
          EtcdStorage::Open(options);
      // Only the calls meet failures.
      options.call_timeout = absl::Milliseconds(700);
      absl::StatusOr<std::unique_ptr<EtcdStorage>> storage =
          first.ok() ? EtcdStorage::Open(options) : std::move(first);
      if (!storage.ok()) {
        std::cerr << storage.status() << "\n";
        std::abort();
      }
      storages_.push_back(*std::move(storage));
      EngineOptions engine;
      engine.limits = EpisodeLimits();
      engine.behavior.policy_checks = PolicyChecks::kJson;
      engine.clock = clock;
      engines_.push_back(
          std::make_unique<Engine>(storages_.back().get(), engine));
    }
  }

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    size_t place = 0;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      const auto known =
          places_.emplace(std::this_thread::get_id(), places_.size());
      place = known.first->second % kClients;
    }
    return engines_[place]->Execute(caller, request);
  }

  HistoryRecorder& recorder() { return recorder_; }

  // Reads all that the calls may have written.
  void ReadAll() {
    const History history = recorder_.Snapshot();
    if (history.empty()) return;
    const Caller& caller = history.front().caller;
    v1::Request request;
    request.mutable_get_resource_policy();
    recorder_.Execute(caller, request);
    request.Clear();
    request.mutable_get_data_catalog_encryption_settings();
    recorder_.Execute(caller, request);
    request.Clear();
    request.mutable_get_security_configurations();
    recorder_.Execute(caller, request);
    request.Clear();
    request.mutable_get_connections();
    recorder_.Execute(caller, request);
  }

 private:
  HistoryRecorder recorder_;
  std::vector<std::unique_ptr<EtcdStorage>> storages_;
  std::vector<std::unique_ptr<Engine>> engines_;
  std::mutex mutex_;
  std::map<std::thread::id, size_t> places_;
};

void Judge(Episode* episode, EtcdEpisodesResult* result) {
  const History history = episode->recorder().Snapshot();
  for (const HistoryEntry& entry : history) {
    ++result->calls;
    if (IsUnknown(entry)) {
      ++result->open;
    } else if (!entry.response->has_error()) {
      ++result->succeeded;
    } else if (entry.response->error().code() ==
               v1::ERROR_CODE_INTERNAL_SERVICE) {
      ++result->failed;
    }
  }
  LinearizabilityOptions options;
  options.limits = EpisodeLimits();
  const LinearizabilityResult judged = CheckLinearizable(history, options);
  if (judged.verdict == Verdict::kOk) ++result->legal;
  if (judged.verdict == Verdict::kUnknown) ++result->undecided;
  if (judged.verdict == Verdict::kIllegal && result->violation.empty()) {
    result->violation = judged.explanation;
  }
}

}  // namespace

void EtcdEpisodesResult::Add(const EtcdEpisodesResult& other) {
  legal += other.legal;
  undecided += other.undecided;
  calls += other.calls;
  succeeded += other.succeeded;
  open += other.open;
  failed += other.failed;
  if (violation.empty()) violation = other.violation;
}

std::string EtcdEpisodesResult::Text() const {
  return absl::StrCat(legal, " histories are linearizable, ", undecided,
                      " undecided; ", calls, " calls, ", succeeded,
                      " succeeded, ", open, " open, ", failed, " failed");
}

EtcdEpisodesResult RunEtcdEpisodes(EtcdCluster* cluster,
                                   const EtcdEpisodesOptions& options) {
  FakeClock clock(absl::FromUnixSeconds(1'700'000'000));
  std::vector<std::unique_ptr<Episode>> episodes;
  for (int i = 0; i < options.episodes; ++i) {
    episodes.push_back(std::make_unique<Episode>(*cluster, &clock));
  }
  std::mutex mutex;
  std::condition_variable changed;
  int made = 0;
  std::thread load([&] {
    for (size_t i = 0; i < episodes.size(); ++i) {
      ConcurrentClientsOptions clients;
      clients.clients = kClients;
      clients.calls_per_client = options.calls_per_client;
      clients.seed = options.seed + i;
      RunConcurrently(&episodes[i]->recorder(), clients);
      const std::lock_guard<std::mutex> lock(mutex);
      ++made;
      changed.notify_all();
    }
  });
  const auto wait_for = [&](int count) {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [&] { return made >= count; });
  };
  wait_for(options.episodes / 4);
  if (options.fail) options.fail();
  wait_for(options.episodes / 2);
  if (options.heal) options.heal();
  load.join();

  EtcdEpisodesResult result;
  // Waits until the cluster has a leader that answers.
  cluster->Leader();
  for (const auto& episode : episodes) {
    episode->ReadAll();
    Judge(episode.get(), &result);
  }
  return result;
}

}  // namespace glue_security
