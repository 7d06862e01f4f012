// Server: a mock of AWS Glue's Security API on a socket, over any `Backend`.
// Unmodified SDKs use it when it is their endpoint.
//
//    MemoryStorage storage;
//    Engine engine(&storage);
//    auto server = Server::Start(&engine, ServerOptions());
//    if (!server.ok()) return server.status();
//    const std::string url = (*server)->url();  // "http://127.0.0.1:45137"
//    ...  // point a client at `url`
//    (*server)->Stop();
//
// A port that cannot be used is an error:
//
//    ServerOptions options;
//    options.listener.port = 80;
//    auto refused = Server::Start(&engine, options);
//    refused.status();  // UNAVAILABLE: cannot listen on 127.0.0.1,
//                       // port 80: Permission denied
//
// Besides the API it serves GET /_glue_security/metrics, for Prometheus,
// GET /_glue_security/health, for whoever starts it, and, with
// `ServerOptions::control`, the endpoints of docs/reference/control.md and, at
// /_glue_security/, a page for people that uses them. AWS uses no such paths.
// On these paths HEAD is answered like GET, without the body.
//
// An exception of the backend, the control or the log ends only the call in
// which it was thrown. When the backend throws, the call is answered with
// InternalServiceException; when the control throws, with status 500.

#ifndef GLUE_SECURITY_SERVER_SERVER_H_
#define GLUE_SECURITY_SERVER_SERVER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/http/http_listener.h"
#include "glue_security/http/http_message.h"
#include "glue_security/http/http_upstream.h"
#include "glue_security/model/caller.h"
#include "glue_security/server/control.h"
#include "glue_security/server/front_end.h"
#include "glue_security/server/metrics.h"
#include "glue_security/server/request_guard.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

struct ServerOptions {
  // When `is_privileged` is empty, the paths below `kControlPath` are
  // privileged. With an `upstream`, and unless `pass_on` is set, the requests
  // for which `RouteOf` (request_route.h) says so are passed on to it, if the
  // guard accepts them; their signatures are the upstream's matter.
  HttpListenerOptions listener;
  FrontEndOptions front_end;
  // Not owned; outlives the server. When null, there are no control endpoints,
  // no faults and no history. REQUIRES: it has the server's backend.
  Control* control = nullptr;
  // The hosts whose requests are accepted, and the token that control requires.
  RequestGuardOptions guard;
  // Called with the time that handling took, after each request of the API,
  // each request that was passed on, each refused request, and each request of
  // control that ended with an exception. Called from several threads at once.
  // It must not wait, because the connection's thread does nothing else
  // meanwhile (`LogWriter` does not wait). An exception from it is counted and
  // does not change the answer.
  std::function<void(const RequestRecord&, absl::Duration)> log;
  // Returns how many lines the log has dropped, for the metrics. Thread-safe.
  // When empty, the number is 0.
  std::function<uint64_t()> dropped_log_lines;
  // Returns further metrics, in the text format of Prometheus. Thread-safe.
  std::function<std::string()> more_metrics;
};

// Thread-safe.
//
// In the child of a fork() this object can be destroyed, as an `HttpListener`
// can; `control` must not be used there.
class Server {
 public:
  // Starts a server, which serves when this returns. Errors: those of
  // `RequestGuard::Create`, then those of `HttpListener::Start`;
  // kResourceExhausted when the system has no thread or no memory. REQUIRES:
  // `backend` outlives the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Backend* backend,
                                                       ServerOptions options);

  // Stops the server.
  ~Server();

  uint16_t port() const { return listener_->port(); }

  // Returns the endpoint for SDKs, "http://127.0.0.1:45137".
  std::string url() const;

  // The token that requests for control must have in `x-glue-security-token`;
  // empty when they need none or there is no control.
  const std::string& control_token() const { return guard_.control_token(); }

  // Answers the requests that have been sent, and stops. Returns false when a
  // call still runs; see `HttpListener::Stop`.
  bool Stop() { return listener_->Stop(); }

  const Metrics& metrics() const { return metrics_; }

 private:
  Server(Backend* backend, ServerOptions options, RequestGuard guard);

  // Forwards calls to a backend.
  class PlainExecutor : public Executor {
   public:
    explicit PlainExecutor(Backend* backend) : backend_(*backend) {}
    std::unique_ptr<Call> Begin() override {
      return std::make_unique<PlainCall>(&backend_);
    }

   private:
    class PlainCall : public Call {
     public:
      explicit PlainCall(Backend* backend) : backend_(*backend) {}
      v1::Response Execute(int /*connection*/, const Caller& caller,
                           const v1::Request& request,
                           Delivery* /*delivery*/) override {
        return backend_.Execute(caller, request);
      }

     private:
      Backend& backend_;
    };

    Backend& backend_;
  };

  class PassedRequest;

  // Returns null for a request that is answered here.
  std::unique_ptr<HttpPassedRequest> PassOn(const HttpRequest& head);
  HttpResponse Handle(const HttpRequest& request);
  // Answers a request that `guard_` accepted. Throws what control and the
  // metrics throw.
  HttpResponse Route(const HttpRequest& request);
  HttpResponse HandleApi(const HttpRequest& request);
  std::string MetricsText() const;
  void Log(const RequestRecord& record, absl::Duration latency);

  const ServerOptions options_;
  const RequestGuard guard_;
  PlainExecutor plain_;
  FrontEnd front_end_;
  Metrics metrics_;
  // The number of requests that `guard_` has refused.
  std::atomic<uint64_t> refusals_{0};
  // The number of requests that were passed on, and of those that the upstream
  // did not answer, or not wholly.
  std::atomic<uint64_t> passed_{0};
  std::atomic<uint64_t> passed_failed_{0};
  // Null until the listener is set: the first requests may come before.
  std::atomic<const HttpListener*> started_listener_{nullptr};
  // The last member, so that it is destroyed before the members that it uses.
  std::unique_ptr<HttpListener> listener_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_SERVER_H_
