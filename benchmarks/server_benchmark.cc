// The server beside a bare one: requests per second of processor time that the
// server takes, on one thread, and the latency of a request. The two take
// turns; both answer the same client with the same bytes.

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "benchmark/benchmark.h"
#include "benchmarks/bare_server.h"
#include "benchmarks/http_request.h"
#include "benchmarks/measured_server.h"
#include "benchmarks/requests.h"
#include "benchmarks/server_process.h"
#include "glue_security/engine/engine.h"
#include "glue_security/server/server.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {
namespace {

void RunServer(const std::function<void(uint16_t)>& ready) {
  MemoryStorage storage;
  Engine engine(&storage);
  ServerOptions options;
  options.listener.threads = 1;
  auto server = Server::Start(&engine, std::move(options));
  if (!server.ok()) return;
  ready((*server)->port());
  while (true) pause();
}

v1::Request RequestOf(Operation operation) {
  v1::Request request;
  if (operation == v1::Request::kGetResourcePolicy) {
    request.mutable_get_resource_policy();
  } else if (operation == v1::Request::kPutResourcePolicy) {
    *request.mutable_put_resource_policy() = PutPolicyOf(1024);
  } else if (operation == v1::Request::kGetSecurityConfiguration) {
    request.mutable_get_security_configuration()->set_name(
        CreateFull(0).name());
  } else {
    request.mutable_get_data_catalog_encryption_settings();
  }
  return request;
}

void BM_Server(benchmark::State& state, Operation operation) {
  constexpr size_t kRequests = 1000;
  const auto connections = static_cast<size_t>(state.range(0));
  const std::string request = HttpOf(RequestOf(operation));
  MeasuredServer ours(std::make_unique<ServerProcess>(&RunServer), connections);
  // Stores what the reads will find.
  v1::Request records;
  *records.mutable_put_resource_policy() = PutPolicyOf(1024);
  ours.Ask(HttpOf(records));
  *records.mutable_create_security_configuration() = CreateFull(0);
  ours.Ask(HttpOf(records));
  const std::string answer = ours.Ask(request);
  if (!absl::StartsWith(answer, "HTTP/1.1 200 OK")) {
    return state.SkipWithError("the server refuses");
  }
  MeasuredServer bare(
      std::make_unique<ServerProcess>(
          [&answer](const std::function<void(uint16_t)>& ready) {
            RunBareServer(answer, ready);
          }),
      connections);
  for (auto _ : state) {
    ours.Run(request, kRequests);
    bare.Run(request, kRequests);
  }
  MeasuredServer::SetCounters(&ours, &bare, &state.counters);
}
BENCHMARK_CAPTURE(BM_Server, GetDataCatalogEncryptionSettings,
                  v1::Request::kGetDataCatalogEncryptionSettings)
    ->Arg(1)
    ->Arg(16);
BENCHMARK_CAPTURE(BM_Server, GetResourcePolicy_1KB,
                  v1::Request::kGetResourcePolicy)
    ->Arg(1)
    ->Arg(16);
BENCHMARK_CAPTURE(BM_Server, PutResourcePolicy_1KB,
                  v1::Request::kPutResourcePolicy)
    ->Arg(1)
    ->Arg(16);
BENCHMARK_CAPTURE(BM_Server, GetSecurityConfiguration,
                  v1::Request::kGetSecurityConfiguration)
    ->Arg(1)
    ->Arg(16);

}  // namespace
}  // namespace glue_security
