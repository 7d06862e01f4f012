// Requests that the server passes on beside a bare proxy: requests per second
// of processor time that each takes, on one thread, and the latency of a
// request. The two take turns, with the same client and the same upstream.

#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "benchmark/benchmark.h"
#include "benchmarks/bare_proxy.h"
#include "benchmarks/bare_server.h"
#include "benchmarks/measured_server.h"
#include "benchmarks/server_process.h"
#include "glue_security/backend/backend.h"
#include "glue_security/model/caller.h"
#include "glue_security/server/server.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {
namespace {

// Is never asked.
class NoBackend : public Backend {
 public:
  v1::Response Execute(const Caller& /*caller*/,
                       const v1::Request& /*request*/) override {
    return {};
  }
};

void RunServer(uint16_t upstream, const std::function<void(uint16_t)>& ready) {
  NoBackend backend;
  ServerOptions options;
  options.listener.threads = 1;
  options.listener.upstream.host = "127.0.0.1";
  options.listener.upstream.port = upstream;
  auto server = Server::Start(&backend, std::move(options));
  if (!server.ok()) return;
  ready((*server)->port());
  while (true) pause();
}

// A request for a table as boto3 sends it, with a made-up signature.
std::string GetTable() {
  const std::string body = R"({"DatabaseName": "orders", "Name": "lines"})";
  return absl::StrCat(
      "POST / HTTP/1.1\r\nHost: 127.0.0.1:4566\r\n"
      "Accept-Encoding: identity\r\nX-Amz-Target: AWSGlue.GetTable\r\n"
      "Content-Type: application/x-amz-json-1.1\r\n"
      "User-Agent: Boto3/1.26.27 Python/3.11.2 Linux/6.1.0 Botocore/1.29.27\r\n"
      "X-Amz-Date: 20261101T120000Z\r\n"
      "Authorization: AWS4-HMAC-SHA256 Credential=111122223333/20261101/"
      "us-east-1/glue/aws4_request, SignedHeaders=content-type;host;"
      "x-amz-date;x-amz-target, Signature=",
      std::string(64, '0'), "\r\nContent-Length: ", body.size(), "\r\n\r\n",
      body);
}

std::string AnswerOf(size_t body_bytes) {
  return absl::StrCat(
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n"
      "Server: Werkzeug/2.2.2 Python/3.11.2\r\n"
      "Date: Sun, 01 Nov 2026 12:00:00 GMT\r\nContent-Length: ",
      body_bytes, "\r\n\r\n", std::string(body_bytes, 'x'));
}

// `state` has the number of connections and the bytes of an answer's body.
void BM_PassedOn(benchmark::State& state) {
  constexpr size_t kRequests = 1000;
  const auto connections = static_cast<size_t>(state.range(0));
  const std::string request = GetTable();
  const std::string answer = AnswerOf(static_cast<size_t>(state.range(1)));
  using Ready = std::function<void(uint16_t)>;
  const ServerProcess upstream(
      [&answer](const Ready& ready) { RunBareServer(answer, ready); });
  const uint16_t port = upstream.port();
  MeasuredServer ours(
      std::make_unique<ServerProcess>(
          [port](const Ready& ready) { RunServer(port, ready); }),
      connections);
  MeasuredServer bare(
      std::make_unique<ServerProcess>(
          [port](const Ready& ready) { RunBareProxy(port, ready); }),
      connections);
  if (ours.Ask(request) != answer || bare.Ask(request) != answer) {
    return state.SkipWithError("an answer is not the upstream's");
  }
  for (auto _ : state) {
    ours.Run(request, kRequests);
    bare.Run(request, kRequests);
  }
  MeasuredServer::SetCounters(&ours, &bare, &state.counters);
}
BENCHMARK(BM_PassedOn)->Args({1, 1024})->Args({16, 1024})->Args({16, 262'144});

}  // namespace
}  // namespace glue_security
