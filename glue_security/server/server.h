// Server: a mock of AWS Glue's Security API on a socket, over any `Backend`.
// Unmodified SDKs use it when their endpoint points at it.
//
//   MemoryStorage storage;
//   Engine engine(&storage);
//   absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(&engine,
//   {}); if (!server.ok()) ... std::cout << (*server)->url() << "\n";   //
//   http://127.0.0.1:45137
//   ...
//   (*server)->Stop();
//
// A port that is taken is an error, not a surprise:
//
//   ServerOptions options;
//   options.listener.port = 80;
//   Server::Start(&engine, options).status();
//       // UNAVAILABLE: cannot listen on 127.0.0.1, port 80: Permission denied
//
// Besides the API it answers GET /_glue_security/metrics, for Prometheus. AWS
// uses no such path.

#ifndef GLUE_SECURITY_SERVER_SERVER_H_
#define GLUE_SECURITY_SERVER_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/server/front_end.h"
#include "glue_security/server/http_listener.h"
#include "glue_security/server/metrics.h"

namespace glue_security {

struct ServerOptions {
  HttpListenerOptions listener;
  FrontEndOptions front_end;
  // Called after each request of the API, from several threads at once, with
  // the time that its handling took.
  std::function<void(const RequestRecord&, absl::Duration)> log;
};

// Thread-safe.
class Server {
 public:
  // Serves when it returns. Errors: those of `HttpListener::Start`.
  // REQUIRES: `backend` outlives the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(Backend* backend,
                                                       ServerOptions options);

  // Stops.
  ~Server();

  uint16_t port() const { return listener_->port(); }

  // "http://127.0.0.1:45137", what an SDK takes as its endpoint.
  std::string url() const;

  // Answers what has been sent, and ends; see `HttpListener::Stop`.
  void Stop() { listener_->Stop(); }

  const Metrics& metrics() const { return metrics_; }

 private:
  Server(Backend* backend, ServerOptions options);

  HttpResponse Handle(const HttpRequest& request);
  HttpResponse HandleApi(const HttpRequest& request);

  const ServerOptions options_;
  FrontEnd front_end_;
  Metrics metrics_;
  // The last member: it ends before what it uses.
  std::unique_ptr<HttpListener> listener_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_SERVER_H_
