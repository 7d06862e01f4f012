// HttpConnection: one connection of an HttpListener. It reads a request,
// answers it or passes it on, and starts again. The parts are in
// http_connection.cc, http_answer.cc and http_passing.cc.

#ifndef GLUE_SECURITY_HTTP_HTTP_CONNECTION_H_
#define GLUE_SECURITY_HTTP_HTTP_CONNECTION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/steady_timer.hpp"
#include "boost/beast/core/flat_buffer.hpp"
#include "boost/beast/http/fields.hpp"
#include "boost/beast/http/parser.hpp"
#include "glue_security/http/growing_body.h"
#include "glue_security/http/http_fields.h"
#include "glue_security/http/http_message.h"
#include "glue_security/http/http_relay.h"
#include "glue_security/http/http_target.h"
#include "glue_security/http/http_upstream.h"
#include "glue_security/http/http_worker.h"

namespace glue_security {

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(HttpSocket socket, int number, HttpWorker* worker);
  ~HttpConnection();

  void Start();

  // Answers 503, because there are too many connections, and ends.
  void Refuse();

  // Ends the connection at once, without an answer.
  void Close() noexcept;  // NOLINT(bugprone-exception-escape)

  // Calls `function`, unless the connection has ended. The exception boundary:
  // an exception ends the connection.
  template <typename Function>
  // NOLINTNEXTLINE(bugprone-exception-escape): Close throws nothing.
  void Guarded(Function function) noexcept {
    if (state_ == State::kClosed) return;
    try {
      function();
    } catch (...) {
      HttpShared::Count(&worker_.shared().connection_exceptions);
      Close();
    }
  }

  // Returns true when the header of the current request has come.
  bool has_header() const { return has_header_; }

  // Returns true when the deadline has passed and the peer has taken nothing
  // since.
  bool IsLate(HttpWorker::SteadyTime now);
  void LimitDeadline(HttpWorker::SteadyTime limit);

  // Returns true when the answer is delayed and has been cancelled.
  bool is_cancelled() const {
    return state_ == State::kDelayed &&
           cancellations_ != worker_.shared().cancellations;
  }

  // --- For its relay (http_passing.cc), while a request is passed on
  // The client speaks HTTP/1.1.
  bool is_modern() const;
  // The upstream can take more of the body.
  void ContinueBody();
  // A byte was moved, or the relay waits for something else than before.
  void NoteProgress();
  // Decides, and returns, whether the answer is the last one.
  bool DecideIsLast(bool ends_with_connection);
  // Adds to what the client gets.
  void GiveAnswer(absl::string_view text);
  // Sends it. Returns true when the client's system has all of it; else calls
  // `ContinueAnswer` of the relay then, unless the connection has ended.
  bool FlushAnswer();
  // The answer is whole. The relay is forgotten.
  void EndAnswer();
  // The upstream gives no answer, or not all of it. The relay is forgotten.
  void FailPassed(int status, absl::string_view reason);

  // The position in the worker's lists.
  std::list<std::shared_ptr<HttpConnection>>::iterator position;
  HttpPlace place = HttpPlace::kLeaving;
  HttpWorker::ConnectionList::iterator place_position;

 private:
  using Error = boost::system::error_code;
  using Parser = boost::beast::http::request_parser<GrowingBody>;
  // The number of reads or writes in a row before other connections have a
  // turn.
  static constexpr int kTurnMax = 16;
  enum class State {
    kReading,
    kPassing,
    kDelayed,
    kSending,
    kLingering,
    kClosed
  };

  // --- Reading
  void WaitForRequest();
  // Waits until the peer has sent bytes or has closed, then calls `OnReadable`.
  // A wait for a request, or for more of it, also reads its first bytes.
  void WaitToRead();
  void OnReadable();
  // Reads at most `size` bytes into the scratch, those of the wait first.
  // Returns nullopt when there are none now, or the connection has ended.
  std::optional<absl::string_view> ReadSome(size_t size);
  void ReadRequest();
  // Parses the bytes that came before.
  void ParseKept();
  // Parses `input` as far as possible and keeps the rest. Returns true when
  // more has to be read; false when another step has taken over. REQUIRES:
  // `input` is the scratch and `buffer_` is empty, or `input` is `buffer_`.
  bool Parse(absl::string_view input);
  // Skips empty lines. Returns false when nothing else has come.
  bool BeginRequest(absl::string_view* input);
  // Parses one part. Returns false when another step has taken over.
  bool ParsePart(absl::string_view* input, bool* needs_more);
  bool OnHeader();
  // Returns 0, or the status with which the header is refused.
  int CheckHeader();
  bool Continue();
  void Append(absl::string_view text);
  void Keep(absl::string_view rest);

  // --- Passing on
  // Decides who answers the request. Returns false when it is refused.
  bool DecideRoute();
  bool IsLoop(const HttpRequest& head) const;
  // Gives the upstream what has come of the body. Returns true when more has to
  // be read; false when another step has taken over.
  bool PassBody();
  void OnPassingReadable();
  void OnPassingLate();
  // Bytes of an answer of the upstream have been given to the client.
  bool HasBegunAnswer() const;
  // Forgets the relay and reports the end of the request, if it is passed on.
  void EndPassing(int status, bool is_whole, bool has_failed) noexcept;

  // --- Answering
  // Returns the request, which borrows from the parser and from `with_slash`.
  HttpRequest MakeRequest(std::string* with_slash) const;
  void Handle();
  void Answer(HttpResponse response);
  void Delay();
  // Reads while an answer is delayed: more requests, or the end of the
  // connection.
  void Watch();
  // Returns true when another request may follow.
  bool MayGoOn();
  void Send();
  void SendSome();
  // Returns the number of bytes that the peer's system has not acknowledged.
  int Unacknowledged();
  void OnSent();
  // Answers without the handler, then ends the connection.
  void Fail(int status, absl::string_view message);
  // Answers a request that is not accepted: 400, 413 or 431.
  void FailFor(int status);
  // Answers 503, because the budget is exceeded.
  void FailForBytes();
  // Returns the status for a failure to parse.
  static int StatusFor(Error error);
  // Gives the peer time to read the last answer before the connection is
  // closed.
  void Linger();
  void ReadAndForget();

  // --- Memory
  // Charges the memory in use to the budget. Returns false and changes nothing
  // when the budget does not allow that.
  bool Charge();
  void ReturnCharge() noexcept;
  size_t CountFields() const;
  void ReleaseRequest();
  void ReleaseAll();

  void SetTimeout(absl::Duration timeout);
  void SetIdle(bool idle) noexcept;

  HttpSocket socket_;
  const int descriptor_;
  const int number_;
  HttpWorker& worker_;
  State state_ = State::kReading;
  HttpWorker::SteadyTime deadline_;
  // A wait for the peer is in progress.
  bool is_waiting_ = false;
  bool is_watching_errors_ = false;
  bool is_idle_ = false;
  // Its one element is moved to the worker's list while this is idle.
  HttpWorker::ConnectionList idle_node_;
  HttpWorker::ConnectionList::iterator idle_position_;

  // A wait for a request reads into this buffer, which has room for a small
  // one. Waiting without a buffer would cost one more system call per request.
  std::array<char, 1024> first_bytes_;
  // The part of it that is not used yet.
  absl::string_view first_;
  // Bytes that have come and are not parsed yet.
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  // Bytes of the request have come; its whole header has come.
  bool has_begun_ = false;
  bool has_header_ = false;
  // The size of the request's header so far.
  size_t header_bytes_ = 0;
  // The memory that the parser needs for it.
  size_t header_held_ = 0;
  // The number of empty lines before it.
  int blank_lines_ = 0;
  // The header of a chunked request, without its trailer.
  std::optional<boost::beast::http::fields> header_;
  // The target, borrowed from the parser.
  HttpTarget target_;
  bool is_privileged_ = false;
  // Set from the header on when the request is passed on.
  std::unique_ptr<HttpPassedRequest> passed_;
  // Set while the state is kPassing.
  std::shared_ptr<HttpRelay> relay_;
  // The end of the connection is that of the answer.
  bool ends_with_connection_ = false;

  HttpResponse answer_;
  // Another request may follow the answer, unless the listener stops.
  bool keep_alive_ = false;
  // False for an answer to HEAD.
  bool sends_body_ = true;
  size_t content_length_ = 0;
  // The value of `HttpShared::cancellations` when the handler was called.
  uint64_t cancellations_ = 0;
  std::optional<boost::asio::steady_timer> delay_;
  // The header of the answer, and its body if that is short.
  std::string outgoing_;
  // How many bytes of `outgoing_` and the answer's body after it have been
  // sent.
  size_t sent_ = 0;
  bool is_last_ = false;
  int unacknowledged_ = 0;

  // The bytes that are charged for this connection, and whether to the reserve.
  size_t charged_ = 0;
  bool on_reserve_ = false;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_HTTP_CONNECTION_H_
