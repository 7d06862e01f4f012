#include "glue_security/server/server.h"

#include <chrono>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace glue_security {
namespace {

constexpr char kMetricsPath[] = "/_glue_security/metrics";

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(Backend* backend,
                                                      ServerOptions options) {
  auto server = absl::WrapUnique(new Server(backend, std::move(options)));
  auto listener =
      HttpListener::Start(server->options_.listener,
                          [raw = server.get()](const HttpRequest& request) {
                            return raw->Handle(request);
                          });
  if (!listener.ok()) return listener.status();
  server->listener_ = *std::move(listener);
  return server;
}

Server::Server(Backend* backend, ServerOptions options)
    : options_(std::move(options)),
      plain_(backend),
      front_end_(options_.control == nullptr
                     ? static_cast<Executor*>(&plain_)
                     : static_cast<Executor*>(options_.control),
                 options_.front_end) {}

Server::~Server() = default;

std::string Server::url() const {
  const std::string& address = options_.listener.address;
  const bool is_ipv6 = absl::StrContains(address, ":");
  return is_ipv6 ? absl::StrCat("http://[", address, "]:", port())
                 : absl::StrCat("http://", address, ":", port());
}

HttpResponse Server::Handle(const HttpRequest& request) {
  if (request.method == "GET" && request.target == kMetricsPath) {
    HttpResponse response;
    response.headers = {{"Content-Type", "text/plain; version=0.0.4"}};
    response.body = metrics_.Text();
    return response;
  }
  if (options_.control != nullptr &&
      absl::StartsWith(request.target, kControlPath)) {
    return options_.control->Handle(request);
  }
  return HandleApi(request);
}

HttpResponse Server::HandleApi(const HttpRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  RequestRecord record;
  HttpResponse response = front_end_.Handle(request, &record);
  const absl::Duration latency =
      absl::FromChrono(std::chrono::steady_clock::now() - begin);
  metrics_.Record(record.operation, record.outcome, latency);
  if (options_.log) options_.log(record, latency);
  return response;
}

}  // namespace glue_security
