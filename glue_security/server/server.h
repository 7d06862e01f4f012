// Server: a mock of AWS Glue's Security API on a socket, over any `Backend`.
// Unmodified SDKs use it when their endpoint points at it.
//
//   MemoryStorage storage;
//   Engine engine(&storage);
//   auto server = Server::Start(&engine, {});
//   if (!server.ok()) ...
//   Use((*server)->url());  // http://127.0.0.1:45137
//   (*server)->Stop();
//
// A port that is taken is an error, not a surprise:
//
//   ServerOptions options;
//   options.listener.port = 80;
//   Server::Start(&engine, options).status();
//       // UNAVAILABLE: cannot listen on 127.0.0.1, port 80: Permission denied
//
// Besides the API it answers GET /_glue_security/metrics, for Prometheus, and,
// with `ServerOptions::control`, what docs/reference/control.md lists. AWS uses
// no such paths. HEAD is answered there as GET, without the body.
//
// What the backend, the control or the log throws ends nothing but the call
// that it was thrown in, which is answered InternalServiceException.

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
#include "glue_security/model/caller.h"
#include "glue_security/server/control.h"
#include "glue_security/server/front_end.h"
#include "glue_security/server/http_listener.h"
#include "glue_security/server/http_message.h"
#include "glue_security/server/metrics.h"
#include "glue_security/server/request_guard.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

struct ServerOptions {
  // `is_privileged` is what is below `kControlPath`, unless it is set.
  HttpListenerOptions listener;
  FrontEndOptions front_end;
  // Not owned; outlives the server. Null: no control endpoints, no faults, no
  // history. REQUIRES: it is over the server's backend.
  Control* control = nullptr;
  // Whose requests are answered: hosts, and the token that control asks for.
  RequestGuardOptions guard;
  // Called after each request of the API, and after one of control that ended
  // with an exception, from several threads at once, with the time that its
  // handling took. It must not wait: the connection's thread does nothing else
  // meanwhile (`LogWriter` does not wait). What it throws is counted and does
  // not change the answer.
  std::function<void(const RequestRecord&, absl::Duration)> log;
  // For the metrics: how many lines the log has dropped. Thread-safe. Empty: 0.
  std::function<uint64_t()> dropped_log_lines;
};

// Thread-safe.
//
// In the child of a fork() this class can be destroyed, as `HttpListener` can;
// `control` is not to be used there.
class Server {
 public:
  // Serves when it returns. Errors: those of `RequestGuard::Create`, then those
  // of `HttpListener::Start`; kResourceExhausted where the system gives no
  // thread or no memory.
  // REQUIRES: `backend` outlives the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Backend* backend,
                                                       ServerOptions options);

  // Stops.
  ~Server();

  uint16_t port() const { return listener_->port(); }

  // "http://127.0.0.1:45137", what an SDK takes as its endpoint.
  std::string url() const;

  // What requests for control must carry in `x-glue-security-token`. Empty:
  // nothing, or there is no control.
  const std::string& control_token() const { return guard_.control_token(); }

  // Answers what has been sent, and ends. False: a call still runs; see
  // `HttpListener::Stop`.
  bool Stop() { return listener_->Stop(); }

  const Metrics& metrics() const { return metrics_; }

 private:
  Server(Backend* backend, ServerOptions options, RequestGuard guard);

  // Passes calls on to a backend.
  class PlainExecutor : public Executor {
   public:
    explicit PlainExecutor(Backend* backend) : backend_(*backend) {}
    v1::Response Execute(int /*connection*/, const Caller& caller,
                         const v1::Request& request,
                         Delivery* /*delivery*/) override {
      return backend_.Execute(caller, request);
    }

   private:
    Backend& backend_;
  };

  HttpResponse Handle(const HttpRequest& request);
  // A request that `guard_` lets through. Throws what control and the metrics
  // throw.
  HttpResponse Route(const HttpRequest& request);
  HttpResponse HandleApi(const HttpRequest& request);
  std::string MetricsText() const;
  void Log(const RequestRecord& record, absl::Duration latency);

  const ServerOptions options_;
  const RequestGuard guard_;
  PlainExecutor plain_;
  FrontEnd front_end_;
  Metrics metrics_;
  // Requests that `guard_` has refused.
  std::atomic<uint64_t> refusals_{0};
  // Null until it is there: the first requests may come before.
  std::atomic<const HttpListener*> started_listener_{nullptr};
  // The last member: it ends before what it uses.
  std::unique_ptr<HttpListener> listener_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_SERVER_H_
