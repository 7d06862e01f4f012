// HttpRelay: the upstream's half of a request that an HttpConnection passes on.
// It sends the request, of which the connection gives it one piece after the
// other, and gives the connection the pieces of the answer.

#ifndef GLUE_SECURITY_HTTP_HTTP_RELAY_H_
#define GLUE_SECURITY_HTTP_HTTP_RELAY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "boost/asio/ip/tcp.hpp"
#include "boost/beast/http/parser.hpp"
#include "glue_security/http/growing_body.h"
#include "glue_security/http/http_message.h"
#include "glue_security/http/http_worker.h"
#include "glue_security/http/upstream_pool.h"

namespace glue_security {

class HttpConnection;

// Not thread-safe: used on the thread of its connection. The connection calls
// `Cancel` before it forgets the relay.
class HttpRelay : public std::enable_shared_from_this<HttpRelay> {
 public:
  // REQUIRES: `client` and `worker` live until `Cancel`.
  HttpRelay(HttpConnection* client, HttpWorker* worker);

  // Begins a request with its header. `is_chunked`: its body has no length.
  void Start(const HttpRequest& request, bool is_chunked);

  // Sends a piece of the body, and its end when `is_last`. Returns true when
  // all of it is with the system and more may come at once. Otherwise the relay
  // calls `ContinueBody` of the connection when more may come.
  bool Send(absl::string_view piece, bool is_last,
            const std::vector<std::pair<std::string, std::string>>& trailer);

  // Called when the client has taken what it was given of the answer.
  void ContinueAnswer() { ReadAnswer(); }

  // Gives up the request. Nothing of the connection is called thereafter.
  void Cancel() noexcept;

  // How long the upstream may do nothing from now on.
  absl::Duration Timeout() const;
  // The connection waits for a piece of the body from its client, and for
  // nothing else of the request.
  bool wants_body() const {
    return is_open_ && !is_sent_ && !is_deaf_ && outgoing_.empty();
  }
  // Called when `Timeout` has passed.
  void OnLate();

  // The status of the answer whose header has been given to the client; else 0.
  int status() const { return status_; }
  size_t bytes_held() const {
    return outgoing_.capacity() + incoming_.capacity() + header_held_ +
           (parser_.has_value() ? parser_->get().body().capacity() : 0);
  }

 private:
  using Error = boost::system::error_code;
  using Tcp = boost::asio::ip::tcp;
  using Parser = boost::beast::http::response_parser<GrowingBody>;
  enum class Framing { kNone, kLength, kChunks, kEnd };

  // Returns a handler that calls `function` with the same arguments unless the
  // request was given up, or has another connection to the upstream by then.
  template <typename Function>
  auto Handler(Function function);

  // --- Connecting
  void TakeLink();
  void Connect();
  void ConnectTo(size_t index);
  void OnOpen();
  // Sends the request once more on a new connection. Returns false when that is
  // not allowed.
  bool Repeat();

  // --- The request
  void AppendHead(const HttpRequest& request, bool is_chunked);
  // Sends what waits. Returns true when all of it is with the system.
  bool Flush();

  // --- The answer
  void WaitForAnswer();
  void ReadAnswer();
  // Returns false when another step has taken over.
  bool Parse(absl::string_view input);
  bool ParsePart(absl::string_view* input, bool* needs_more);
  void BeginAnswer();
  bool OnHead();
  void GiveBody();
  bool OnAnswerDone(absl::string_view rest);
  void OnEnd(const Error& error);
  // Ends the request without an answer of the upstream, or in its middle.
  void Fail(int status, absl::string_view reason);

  // Returns the host and port, as in a URL.
  std::string Authority() const;
  std::string Name() const;

  HttpConnection* client_;
  HttpWorker& worker_;
  std::unique_ptr<UpstreamLink> link_;
  // Counts the connections of this request, so that a handler of an old one
  // does nothing.
  int attempt_ = 0;
  std::vector<Tcp::endpoint> endpoints_;
  std::optional<boost::asio::ip::tcp::resolver> resolver_;
  bool is_open_ = false;
  bool is_reused_ = false;

  // The bytes to be sent, of which `sent_` bytes are with the system.
  std::string outgoing_;
  size_t sent_ = 0;
  // Bytes of the request are with the system, or have been before.
  bool has_sent_ = false;
  bool is_chunked_ = false;
  bool is_sending_ = false;
  // The whole request is with the system.
  bool is_sent_ = false;
  bool has_last_ = false;
  // The upstream takes no more of the request; it may still answer.
  bool is_deaf_ = false;
  // The whole request, when it may be sent twice.
  std::string again_;
  bool is_safe_ = false;
  bool is_head_ = false;

  std::optional<Parser> parser_;
  // Bytes that have come and are not parsed yet.
  std::string incoming_;
  bool is_reading_ = false;
  bool has_bytes_ = false;
  bool has_header_ = false;
  size_t header_bytes_ = 0;
  size_t header_held_ = 0;
  std::optional<boost::beast::http::fields> header_;
  Framing framing_ = Framing::kNone;
  int status_ = 0;
};

// Returns the fields of `all`, the header and the trailer of a message, that
// are not in `header`, and may be passed on.
std::vector<std::pair<std::string, std::string>> TrailerOf(
    const boost::beast::http::fields& all,
    const boost::beast::http::fields& header);

// Appends a piece of a body with the framing of chunks.
void AppendChunk(absl::string_view piece, std::string* text);
void AppendLastChunk(
    const std::vector<std::pair<std::string, std::string>>& trailer,
    std::string* text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_HTTP_RELAY_H_
