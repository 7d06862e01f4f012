// EtcdStorage beside a bare client of gRPC that makes the same transactions, on
// one node of etcd in memory. Without etcd it measures nothing.

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "benchmark/benchmark.h"
#include "glue_security/storage/etcd/etcd_storage.h"
#include "glue_security/storage/etcd/proto/rpc.grpc.pb.h"
#include "tests/storage/etcd/etcd_cluster.h"

namespace glue_security {
namespace {

constexpr size_t kValueBytes = 1024;

const CatalogKey kCatalog{"111111111111", "us-east-1"};
const RecordKey kPolicy{RecordKind::kResourcePolicy, ""};

EtcdCluster& Cluster() {
  static EtcdCluster cluster({});
  return cluster;
}

void Require(bool holds, const std::string& what) {
  if (holds) return;
  std::cerr << what << "\n";
  std::abort();
}

std::unique_ptr<EtcdStorage> Open() {
  EtcdStorageOptions options;
  options.endpoints = Cluster().endpoints();
  options.prefix = "benchmark";
  options.call_timeout = absl::Seconds(60);
  auto storage = EtcdStorage::Open(options);
  Require(storage.ok(), storage.status().ToString());
  return *std::move(storage);
}

// A client without a storage around it.
class Bare {
 public:
  Bare() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    stub_ = etcdserverpb::KV::NewStub(grpc::CreateCustomChannel(
        "dns:///" + Cluster().endpoints()[0],
        grpc::InsecureChannelCredentials(), arguments));
  }

  etcdserverpb::TxnResponse Txn(const etcdserverpb::TxnRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(60));
    etcdserverpb::TxnResponse response;
    const grpc::Status status = stub_->Txn(&context, request, &response);
    Require(status.ok(), status.error_message());
    return response;
  }

 private:
  std::unique_ptr<etcdserverpb::KV::Stub> stub_;
};

void AddCompare(const std::string& key, int64_t mod,
                etcdserverpb::TxnRequest* request) {
  auto* compare = request->add_compare();
  compare->set_target(etcdserverpb::Compare::MOD);
  compare->set_key(key);
  compare->set_mod_revision(mod);
}

// A commit on condition that the record is as it was written before.
void BM_EtcdCommit(benchmark::State& state) {
  const auto storage = Open();
  WriteBatch batch{kCatalog, 0, {}, {{kPolicy, std::string(kValueBytes, 'x')}}};
  Require(storage->Commit(batch).ok(), "commit");
  const auto snapshot = storage->Read({kCatalog, {kPolicy}, {}});
  // The next revision is the next one of etcd: nobody else writes.
  Revision revision = snapshot->records[0]->revision;
  for (auto _ : state) {
    batch.preconditions = {{kPolicy, revision}};
    const auto result = storage->Commit(batch);
    Require(result.ok() && *result == CommitResult::kCommitted, "commit");
    ++revision;
  }
}

void BM_EtcdCommitFloor_BareTxn(benchmark::State& state) {
  Bare bare;
  const std::string key = "bare/records/0000000000000001/111111111111/policy";
  etcdserverpb::TxnRequest put;
  for (const char* name : {"bare/generation", key.c_str()}) {
    auto* operation = put.add_success()->mutable_request_put();
    operation->set_key(name);
    operation->set_value(std::string(kValueBytes, 'x'));
  }
  int64_t revision = bare.Txn(put).header().revision();
  const int64_t generation = revision;
  for (auto _ : state) {
    etcdserverpb::TxnRequest request;
    AddCompare("bare/generation", generation, &request);
    AddCompare(key, revision, &request);
    auto* operation = request.add_success()->mutable_request_put();
    operation->set_key(key);
    operation->set_value(std::string(kValueBytes, 'x'));
    request.add_failure()->mutable_request_range()->set_key("bare/generation");
    const auto response = bare.Txn(request);
    Require(response.succeeded(), "txn");
    revision = response.header().revision();
  }
}

void BM_EtcdRead(benchmark::State& state) {
  const auto storage = Open();
  Require(storage
              ->Commit(
                  {kCatalog, 0, {}, {{kPolicy, std::string(kValueBytes, 'x')}}})
              .ok(),
          "commit");
  for (auto _ : state) {
    const auto snapshot = storage->Read({kCatalog, {kPolicy}, {}});
    Require(snapshot.ok() && snapshot->records[0].has_value(), "read");
  }
}

void BM_EtcdReadFloor_BareTxn(benchmark::State& state) {
  Bare bare;
  const std::string key = "bare/records/0000000000000001/111111111111/policy";
  etcdserverpb::TxnRequest put;
  for (const char* name : {"bare/generation", key.c_str()}) {
    auto* operation = put.add_success()->mutable_request_put();
    operation->set_key(name);
    operation->set_value(std::string(name == key ? kValueBytes : 16, 'x'));
  }
  bare.Txn(put);
  for (auto _ : state) {
    etcdserverpb::TxnRequest request;
    request.add_success()->mutable_request_range()->set_key("bare/generation");
    request.add_success()->mutable_request_range()->set_key(key);
    // Debian's version has stale reads, so that reads go through the log.
    request.add_success()->mutable_request_delete_range()->set_key(
        "bare/never");
    const auto response = bare.Txn(request);
    Require(response.responses_size() == 3, "txn");
  }
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) {
  using namespace glue_security;  // NOLINT: the names of this file
  if (EtcdCluster::IsInstalled()) {
    for (const auto& [name, function] :
         {std::pair("BM_EtcdCommit", &BM_EtcdCommit),
          std::pair("BM_EtcdCommitFloor_BareTxn", &BM_EtcdCommitFloor_BareTxn),
          std::pair("BM_EtcdRead", &BM_EtcdRead),
          std::pair("BM_EtcdReadFloor_BareTxn", &BM_EtcdReadFloor_BareTxn)}) {
      benchmark::RegisterBenchmark(name, function)
          ->UseRealTime()
          ->Unit(benchmark::kMicrosecond);
    }
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
