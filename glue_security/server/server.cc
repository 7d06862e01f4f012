#include "glue_security/server/server.h"

#include <chrono>
#include <exception>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/server/exception_name.h"
#include "glue_security/server/page/page_files.h"
#include "glue_security/server/request_route.h"
#include "glue_security/server/upstream_error.h"

namespace glue_security {
namespace {

constexpr char kMetricsPath[] = "/_glue_security/metrics";
constexpr char kHealthPath[] = "/_glue_security/health";

RequestGuard::Area AreaOf(absl::string_view target) {
  if (!absl::StartsWith(target, kControlPath)) return RequestGuard::Area::kApi;
  return target == kMetricsPath || target == kHealthPath ||
                 FindPageFile(target.substr(sizeof(kControlPath) - 1)) !=
                     nullptr
             ? RequestGuard::Area::kOpen
             : RequestGuard::Area::kControl;
}

void AppendStats(const HttpListenerStats& stats, std::string* text) {
  const struct {
    const char* name;
    MetricType type;
    const char* help;
    uint64_t value;
  } metrics[] = {
      {"connections", MetricType::kGauge, "Connections that are open now.",
       stats.connections},
      {"connections_accepted_total", MetricType::kCounter,
       "Connections that were accepted.", stats.connections_accepted},
      {"connections_evicted_total", MetricType::kCounter,
       "Connections that were closed to make room.", stats.connections_evicted},
      {"refused_for_connections_total", MetricType::kCounter,
       "Requests answered 503 because of the number of connections.",
       stats.refused_for_connections},
      {"refused_for_bytes_total", MetricType::kCounter,
       "Requests answered 503 because of the bytes that are held.",
       stats.refused_for_bytes},
      {"accept_failures_total", MetricType::kCounter,
       "Connections for which the system had no descriptor or no memory.",
       stats.accept_failures},
      {"connection_exceptions_total", MetricType::kCounter,
       "Connections that ended with an exception, such as out of memory.",
       stats.connection_exceptions},
      {"delayed_cancelled_total", MetricType::kCounter,
       "Delayed answers that were never sent.", stats.delayed_cancelled},
      {"upstream_connections", MetricType::kGauge,
       "Connections to the upstream that are open now.",
       stats.upstream_connections},
      {"bytes_held", MetricType::kGauge,
       "Bytes of requests and answers that are held now.", stats.bytes_held},
      {"bytes_held_max", MetricType::kGauge,
       "The highest number of bytes of requests and answers held so far.",
       stats.bytes_held_max},
  };
  for (const auto& metric : metrics) {
    AppendMetric(metric.name, metric.type, metric.help, metric.value, text);
  }
}

}  // namespace

// The exception boundary: a lack of threads or memory is thrown as an
// exception.
absl::StatusOr<std::unique_ptr<Server>> Server::Start(Backend* backend,
                                                      ServerOptions options) {
  auto guard =
      RequestGuard::Create(options.listener.address, options.control != nullptr,
                           std::move(options.guard));
  if (!guard.ok()) return guard.status();
  if (!options.listener.is_privileged) {
    options.listener.is_privileged = [](absl::string_view target) {
      return absl::StartsWith(target, kControlPath);
    };
  }
  try {
    auto server = absl::WrapUnique(
        new Server(backend, std::move(options), *std::move(guard)));
    HttpListenerOptions listening = server->options_.listener;
    if (!listening.upstream.host.empty() && !listening.pass_on) {
      listening.pass_on = [raw = server.get()](const HttpRequest& head) {
        return raw->PassOn(head);
      };
    }
    auto listener = HttpListener::Start(
        listening, [raw = server.get()](const HttpRequest& request) {
          return raw->Handle(request);
        });
    if (!listener.ok()) return listener.status();
    server->listener_ = *std::move(listener);
    server->started_listener_ = server->listener_.get();
    if (Control* const control = server->options_.control) {
      control->SetCancelDelayed(
          [listener = server->listener_.get()] { listener->CancelDelayed(); });
    }
    return server;
  } catch (const std::exception& error) {
    return absl::ResourceExhaustedError(
        absl::StrCat("cannot start: ", error.what()));
  }
}

// A request that the upstream answers, until its end.
class Server::PassedRequest : public HttpPassedRequest {
 public:
  PassedRequest(Server* server, const HttpRequest& head)
      : server_(*server),
        form_(ErrorFormOf(head)),
        begin_(std::chrono::steady_clock::now()) {
    record_.passed_name = PassedName(head);
    record_.caller = server->front_end_.CallerOf(head, nullptr);
  }

  HttpResponse Fail(int status, absl::string_view reason) override {
    record_.outcome = UpstreamErrorCode(status);
    return UpstreamError(form_, status, reason);
  }

  // An exception boundary: without memory for the outcome there is none.
  void End(int status, bool is_whole, bool has_failed) override {
    const bool is_answered = is_whole && !has_failed;
    server_.passed_.fetch_add(1, std::memory_order_relaxed);
    if (!is_answered) {
      server_.passed_failed_.fetch_add(1, std::memory_order_relaxed);
    }
    try {
      if (!is_whole) {
        record_.outcome = kCutOutcome;
      } else if (record_.outcome.empty()) {
        record_.outcome = absl::StrCat(status);
      }
    } catch (...) {
      server_.metrics_.CountException();
    }
    server_.Log(record_,
                absl::FromChrono(std::chrono::steady_clock::now() - begin_));
  }

 private:
  Server& server_;
  const ErrorForm form_;
  const std::chrono::steady_clock::time_point begin_;
  RequestRecord record_;
};

std::unique_ptr<HttpPassedRequest> Server::PassOn(const HttpRequest& head) {
  const OwnOperations own = {options_.front_end.kms != nullptr,
                             options_.front_end.handlers};
  if (RouteOf(head, own) == RequestRoute::kHere) return nullptr;
  // `Handle` refuses it.
  if (guard_.Refuse(head, RequestGuard::Area::kApi)) return nullptr;
  return std::make_unique<PassedRequest>(this, head);
}

Server::Server(Backend* backend, ServerOptions options, RequestGuard guard)
    : options_(std::move(options)),
      guard_(std::move(guard)),
      plain_(backend),
      front_end_(options_.control == nullptr
                     ? static_cast<Executor*>(&plain_)
                     : static_cast<Executor*>(options_.control),
                 options_.front_end) {}

Server::~Server() {
  // Without a listener nothing was set. In the child of a fork the lock may be
  // held by a thread that does not exist there.
  if (listener_ == nullptr || listener_->is_forked()) return;
  if (options_.control != nullptr) options_.control->SetCancelDelayed({});
}

std::string Server::url() const {
  const std::string& address = options_.listener.address;
  const bool is_ipv6 = absl::StrContains(address, ":");
  return is_ipv6 ? absl::StrCat("http://[", address, "]:", port())
                 : absl::StrCat("http://", address, ":", port());
}

// The exception boundary for control. The front end has one of its own.
HttpResponse Server::Handle(const HttpRequest& request) {
  // The analyzer does not follow exceptions.
  // NOLINTNEXTLINE(clang-analyzer-deadcode.DeadStores)
  const auto begin = std::chrono::steady_clock::now();
  RequestRecord record;
  HttpResponse response;
  try {
    auto refusal = guard_.Refuse(request, AreaOf(request.target));
    if (!refusal.has_value()) return Route(request);
    refusals_.fetch_add(1, std::memory_order_relaxed);
    record.outcome = kRefusedOutcome;
    response = *std::move(refusal);
  } catch (...) {
    metrics_.CountException();
    record.exception = CurrentExceptionName();
    response.status = 500;
  }
  Log(record, absl::FromChrono(std::chrono::steady_clock::now() - begin));
  return response;
}

HttpResponse Server::Route(const HttpRequest& request) {
  if (!absl::StartsWith(request.target, kControlPath)) {
    return HandleApi(request);
  }
  // HEAD is answered like GET; the connection leaves out the body.
  HttpRequest get = request;
  if (get.method == "HEAD") get.method = "GET";
  if (get.method == "GET" && get.target == kMetricsPath) {
    HttpResponse response;
    response.headers = {{"Content-Type", "text/plain; version=0.0.4"}};
    response.body = MetricsText();
    return response;
  }
  if (options_.control != nullptr) {
    if (get.method == "GET") {
      const PageFile* const file =
          FindPageFile(get.target.substr(sizeof(kControlPath) - 1));
      if (file != nullptr) return ToHttp(*file);
    }
    return options_.control->Handle(get);
  }
  // With control, this is one of its answers.
  if (get.method == "GET" && get.target == kHealthPath) {
    HttpResponse response;
    response.headers = {{"Content-Type", "application/json"}};
    response.body = R"({"status":"ok"})";
    return response;
  }
  return HandleApi(request);
}

HttpResponse Server::HandleApi(const HttpRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  RequestRecord record;
  HttpResponse response = front_end_.Handle(request, &record);
  const absl::Duration latency =
      absl::FromChrono(std::chrono::steady_clock::now() - begin);
  if (!record.own_operation.empty()) {
    metrics_.RecordOwn(record.outcome, latency);
  } else if (record.kms_operation.has_value()) {
    metrics_.RecordKms(*record.kms_operation, record.outcome, latency);
  } else {
    metrics_.Record(record.operation, record.outcome, latency);
  }
  if (!record.exception.empty()) metrics_.CountException();
  Log(record, latency);
  return response;
}

// The exception boundary for the log.
void Server::Log(const RequestRecord& record, absl::Duration latency) {
  if (!options_.log) return;
  try {
    options_.log(record, latency);
  } catch (...) {
    metrics_.CountException();
  }
}

std::string Server::MetricsText() const {
  std::string text = metrics_.Text();
  AppendMetric(
      "log_dropped_lines_total", MetricType::kCounter,
      "Lines of the log that were dropped because nobody read them in time.",
      options_.dropped_log_lines ? options_.dropped_log_lines() : 0, &text);
  AppendMetric(
      "refused_requests_total", MetricType::kCounter,
      "Requests that were refused because of their host, origin or token.",
      refusals_.load(std::memory_order_relaxed), &text);
  AppendMetric("passed_on_requests_total", MetricType::kCounter,
               "Requests that were passed on to the upstream.",
               passed_.load(std::memory_order_relaxed), &text);
  AppendMetric(
      "passed_on_failures_total", MetricType::kCounter,
      "Requests that the upstream did not answer, or whose answer was cut off.",
      passed_failed_.load(std::memory_order_relaxed), &text);
  if (options_.more_metrics) absl::StrAppend(&text, options_.more_metrics());
  const HttpListener* const listener = started_listener_;
  AppendStats(listener == nullptr ? HttpListenerStats() : listener->stats(),
              &text);
  return text;
}

}  // namespace glue_security
