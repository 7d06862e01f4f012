// A server over SQLite beside the storage alone: writes that are durable when
// they are answered, from 16 connections and on 16 threads, both on the last
// processor. The client has the first one.
//
// On a disk that syncs fast, the processor is what both compete for. The second
// run has syncs of two milliseconds and shows what a server loses when the disk
// is the bound: whether as many commits share a sync.

#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "benchmark/benchmark.h"
#include "benchmarks/database_file.h"
#include "benchmarks/http_request.h"
#include "benchmarks/requests.h"
#include "benchmarks/server_process.h"
#include "glue_security/engine/engine.h"
#include "glue_security/server/server.h"
#include "glue_security/storage/sqlite/sqlite_storage.h"
#include "glue_security/storage/storage_metrics.h"
#include "glue_security/v1/service.pb.h"
#include "tests/storage/sqlite/fault_vfs.h"

namespace glue_security {
namespace {

constexpr size_t kClients = 16;
constexpr size_t kWrites = 2000;

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s failed\n", what);
  std::exit(1);
}

std::string AccountOf(size_t client) {
  return absl::StrCat(100'000'000'000 + client);
}

// Metrics that the process of the server and this one share.
StorageMetrics* NewSharedMetrics() {
  void* const memory =
      mmap(nullptr, sizeof(StorageMetrics), PROT_READ | PROT_WRITE,
           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  Require(memory != MAP_FAILED, "sharing memory");
  return new (memory) StorageMetrics();
}

// Returns the mean number of commits that shared one sync.
double MeanGroup(const StorageMetrics& metrics) {
  return static_cast<double>(metrics.grouped_commits.load()) /
         static_cast<double>(metrics.groups.load());
}

// A disk whose syncs take a known time, or that of this machine.
class Disk {
 public:
  explicit Disk(std::chrono::microseconds sync_time) : sync_time_(sync_time) {
    vfs_.SetSyncTime(sync_time);
  }

  std::unique_ptr<SqliteStorage> Open(const std::string& path,
                                      StorageMetrics* metrics) {
    SqliteStorageOptions options;
    options.metrics = metrics;
    if (sync_time_.count() > 0) options.vfs = vfs_.name();
    auto storage = SqliteStorage::Open(path, options);
    Require(storage.ok(), "opening a database");
    return *std::move(storage);
  }

 private:
  const std::chrono::microseconds sync_time_;
  FaultVfs vfs_;
};

void RunServer(const std::string& path, Disk* disk, StorageMetrics* metrics,
               const std::function<void(uint16_t)>& ready) {
  auto storage = disk->Open(path, metrics);
  Engine engine(storage.get());
  ServerOptions options;
  options.listener.threads = kClients;
  auto server = Server::Start(&engine, std::move(options));
  if (!server.ok()) return;
  ready((*server)->port());
  while (true) pause();
}

// Each connection puts the policy of an account of its own.
class ServerWrites {
 public:
  explicit ServerWrites(Disk* disk)
      : server_([this, disk](const std::function<void(uint16_t)>& ready) {
          RunServer(file_.path(), disk, metrics_, ready);
        }),
        load_(server_.port(), kClients) {
    for (size_t i = 0; i < kClients; ++i) {
      v1::Request put;
      *put.mutable_put_resource_policy() = PutPolicyOf(1024);
      // A policy is about the resources of its own account.
      absl::StrReplaceAll(
          {{BenchmarkCaller().account_id, AccountOf(i)}},
          put.mutable_put_resource_policy()->mutable_policy_in_json());
      requests_.push_back(HttpOf(put, AccountOf(i)));
    }
    Require(absl::StartsWith(load_.Ask(requests_[0]), "HTTP/1.1 200 OK"),
            "a write");
  }

  void Run() {
    std::vector<double> latencies;
    load_.Run(requests_, kWrites, &latencies);
  }

  double mean_group() const { return MeanGroup(*metrics_); }

 private:
  DatabaseFile file_;
  // Never unmapped.
  StorageMetrics* const metrics_ = NewSharedMetrics();
  ServerProcess server_;
  HttpLoad load_;
  std::vector<std::string> requests_;
};

// Commits of such writes, without what the engine decides about them.
class StorageWrites {
 public:
  explicit StorageWrites(Disk* disk)
      : storage_(disk->Open(file_.path(), &metrics_)) {}

  void Run() {
    std::vector<std::thread> threads;
    threads.reserve(kClients);
    for (size_t i = 0; i < kClients; ++i) {
      threads.emplace_back([this, i] {
        StayOn(LastProcessor());
        const WriteBatch batch{
            {AccountOf(i), "us-east-1"},
            0,
            {},
            {{{RecordKind::kResourcePolicy, ""}, std::string(1200, 'v')}}};
        for (size_t n = 0; n < kWrites / kClients; ++n) {
          Require(storage_->Commit(batch).ok(), "a commit");
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  double mean_group() const { return MeanGroup(metrics_); }

 private:
  DatabaseFile file_;
  StorageMetrics metrics_;
  std::unique_ptr<SqliteStorage> storage_;
};

double SecondsOf(const std::function<void()>& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

void BM_DurableServer(benchmark::State& state) {
  Disk disk(std::chrono::microseconds(state.range(0)));
  ServerWrites server(&disk);
  StorageWrites storage(&disk);
  double server_seconds = 0;
  double storage_seconds = 0;
  double writes = 0;
  for (auto _ : state) {
    server_seconds += SecondsOf([&server] { server.Run(); });
    storage_seconds += SecondsOf([&storage] { storage.Run(); });
    writes += kWrites;
  }
  state.counters["per_s"] = writes / server_seconds;
  state.counters["storage_per_s"] = writes / storage_seconds;
  state.counters["ratio"] = storage_seconds / server_seconds;
  state.counters["group"] = server.mean_group();
  state.counters["storage_group"] = storage.mean_group();
}
// The time of a sync in microseconds; 0 is this machine's disk.
BENCHMARK(BM_DurableServer)->Arg(0)->Arg(2000)->UseRealTime();

}  // namespace
}  // namespace glue_security
