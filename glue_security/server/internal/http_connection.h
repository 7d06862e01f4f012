// One connection of an HttpListener: reads a request, answers it, and starts
// again.

#ifndef GLUE_SECURITY_SERVER_INTERNAL_HTTP_CONNECTION_H_
#define GLUE_SECURITY_SERVER_INTERNAL_HTTP_CONNECTION_H_

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/steady_timer.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/http/fields.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/string_body.hpp"
#include "glue_security/server/http_message.h"
#include "glue_security/server/internal/http_worker.h"

namespace glue_security {

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(HttpSocket socket, int number, HttpWorker* worker);

  void Start();

  // Answers 503 and ends.
  void Refuse();

  // Ends at once, without an answer.
  void Close();

  // No request is under way.
  bool is_idle() const { return is_idle_; }

  // It is closed when that has passed.
  HttpWorker::SteadyTime deadline() const { return deadline_; }
  void LimitDeadline(HttpWorker::SteadyTime limit);

  // Where the worker keeps it.
  std::list<std::shared_ptr<HttpConnection>>::iterator position;

 private:
  using Error = boost::system::error_code;
  using Parser =
      boost::beast::http::request_parser<boost::beast::http::string_body>;

  void WaitForRequest();
  void Read();
  void OnRead(Error error, size_t size);
  void OnFirstBytes();
  // Takes what has come as far as it goes: answers, or reads on.
  void Parse();
  // False: somebody else goes on.
  bool OnHeader();
  void Handle();
  // Another request may follow.
  bool MayGoOn();
  // `body`: false for an answer to HEAD.
  void Send(const HttpResponse& response, bool keep_alive, bool body = true);
  // A status of HTTP alone, after which the connection ends.
  void Fail(int status);
  // What a failure to parse is answered with.
  static int StatusFor(Error error);
  void OnSent(Error error, bool keep_alive);
  // Lets the peer read the last answer before the connection ends.
  void Linger();
  void SetTimeout(absl::Duration timeout);
  void SetIdle(bool idle);

  HttpSocket socket_;
  const int number_;
  HttpWorker& worker_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  // Of the request's header, so far.
  size_t header_bytes_ = 0;
  // The header of a request in chunks, without what comes behind them.
  std::optional<boost::beast::http::fields> header_;
  // The answer that is being sent, header and all.
  std::string outgoing_;
  std::optional<boost::asio::steady_timer> delay_;
  HttpWorker::SteadyTime deadline_;
  bool is_idle_ = false;
  bool is_closed_ = false;
  HttpWorker::IdleList::iterator idle_position_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_INTERNAL_HTTP_CONNECTION_H_
