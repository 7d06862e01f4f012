// HttpClient: sends requests to one HTTP endpoint and receives the answers. It
// keeps connections open for later requests. It knows no API; `HttpBackend` and
// `HttpKms` do.
//
//   HttpClient client({"127.0.0.1", "4566"}, {});
//   HttpExchange exchange;
//   bool may_be_sent = false;
//   const auto failure =
//       client.Post(headers, body, deadline, &may_be_sent, &exchange);
//   if (failure.has_value()) ...  // "cannot connect to 127.0.0.1:4566: ..."
//   exchange.body();
//   client.Keep(std::move(exchange));  // only when the answer is readable
//
// It does not support TLS, and never sends a request twice.

#ifndef GLUE_SECURITY_CLIENT_HTTP_CLIENT_H_
#define GLUE_SECURITY_CLIENT_HTTP_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/client/http_endpoint.h"

namespace glue_security {

struct HttpClientOptions {
  // Bounds the body of one answer, in bytes.
  uint64_t answer_bytes_max = uint64_t{64} << 20;
  // Bounds the number of connections that are kept open for later requests.
  // Further connections are closed.
  size_t idle_connections_max = 64;
  // Answers have secrets: a connection that is kept keeps nothing of them. The
  // bodies of answers are overwritten before they are freed in any case.
  bool wipes = false;
};

// Name and value.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// The reason why a request has no answer.
struct HttpFailure {
  // "cannot connect to 127.0.0.1:4566: Connection refused".
  std::string text;
  // The endpoint has taken no byte of the request.
  bool is_unsent = false;
  // The connection was closed before a byte of an answer came.
  bool is_closed = false;
};

// An answer and its connection. Thread-compatible.
class HttpExchange {
 public:
  HttpExchange();
  ~HttpExchange();
  HttpExchange(HttpExchange&&) noexcept;
  HttpExchange& operator=(HttpExchange&&) noexcept;

  // REQUIRES: `HttpClient::Post` has succeeded with this object. The texts are
  // borrowed from it.
  int status() const;
  // Returns the value of the first header `name`, or "" when there is none.
  absl::string_view Header(absl::string_view name) const;
  absl::string_view body() const;

 private:
  friend class HttpClient;
  struct State;

  std::unique_ptr<State> state_;
};

// Thread-safe: each request has a connection of its own. A later request reuses
// it only after `Keep`, when the answer was final, complete, and followed by
// nothing, so that an answer never belongs to another request.
class HttpClient {
 public:
  // Does not connect yet.
  HttpClient(HttpEndpoint endpoint, HttpClientOptions options);
  ~HttpClient();

  // Returns "127.0.0.1:4566", the value of the header Host.
  const std::string& host() const { return host_; }

  // Sends a request `POST /` and receives its answer, after at most 100 interim
  // answers (1xx). Sets `*may_be_sent` before the first byte may be sent. Adds
  // no header but Content-Length. The time of the system's resolver, for a host
  // that is a name, is not bounded by `deadline`. nullopt: `*exchange` is set.
  std::optional<HttpFailure> Post(
      const HttpHeaders& headers, absl::string_view body,
      std::chrono::steady_clock::time_point deadline, bool* may_be_sent,
      HttpExchange* exchange);

  // Keeps the connection for later requests if it may be used again.
  void Keep(HttpExchange exchange);

 private:
  friend class HttpExchange;
  struct Connection;

  // Returns an open connection, or the failure.
  std::unique_ptr<Connection> Open(
      std::chrono::steady_clock::time_point deadline, HttpFailure* failure);
  std::unique_ptr<Connection> TakeIdle();

  const HttpEndpoint endpoint_;
  const HttpClientOptions options_;
  const std::string host_;
  std::mutex mutex_;
  // A linked stack, so that keeping a connection allocates nothing.
  std::unique_ptr<Connection> idle_;
  size_t idle_connections_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_CLIENT_HTTP_CLIENT_H_
