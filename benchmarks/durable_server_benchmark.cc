// A server over SQLite beside the storage alone: writes that are durable when
// they are answered, from 16 connections and on 16 threads, both on the last
// processor. The client has the first one.

#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
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
#include "glue_security/v1/service.pb.h"

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

void RunServer(const std::string& path,
               const std::function<void(uint16_t)>& ready) {
  auto storage = SqliteStorage::Open(path, {});
  if (!storage.ok()) return;
  Engine engine(storage->get());
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
  ServerWrites()
      : server_([this](const std::function<void(uint16_t)>& ready) {
          RunServer(file_.path(), ready);
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

 private:
  DatabaseFile file_;
  ServerProcess server_;
  HttpLoad load_;
  std::vector<std::string> requests_;
};

// Commits of such writes, without what the engine decides about them.
class StorageWrites {
 public:
  StorageWrites() : storage_(*SqliteStorage::Open(file_.path(), {})) {}

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

 private:
  DatabaseFile file_;
  std::unique_ptr<SqliteStorage> storage_;
};

double SecondsOf(const std::function<void()>& run) {
  const auto start = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

void BM_DurableServer(benchmark::State& state) {
  ServerWrites server;
  StorageWrites storage;
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
}
BENCHMARK(BM_DurableServer)->UseRealTime();

}  // namespace
}  // namespace glue_security
