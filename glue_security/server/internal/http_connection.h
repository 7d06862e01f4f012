// One connection of an HttpListener: reads a request, answers it, and starts
// again.

#ifndef GLUE_SECURITY_SERVER_INTERNAL_HTTP_CONNECTION_H_
#define GLUE_SECURITY_SERVER_INTERNAL_HTTP_CONNECTION_H_

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
#include "boost/beast/core/string.hpp"
#include "boost/beast/http/fields.hpp"
#include "boost/beast/http/parser.hpp"
#include "glue_security/server/http_message.h"
#include "glue_security/server/internal/growing_body.h"
#include "glue_security/server/internal/http_target.h"
#include "glue_security/server/internal/http_worker.h"

namespace glue_security {

// Boost's kind of text as Abseil's.
inline absl::string_view ToAbsl(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  HttpConnection(HttpSocket socket, int number, HttpWorker* worker);
  ~HttpConnection();

  void Start();

  // Answers 503, for there are too many connections, and ends.
  void Refuse();

  // Ends at once, without an answer.
  void Close() noexcept;

  // Calls `function`, unless this has ended. The boundary for what is thrown:
  // it ends this connection.
  template <typename Function>
  void Guarded(Function function) noexcept {
    if (state_ == State::kClosed) return;
    try {
      function();
    } catch (...) {
      HttpShared::Count(&worker_.shared().connection_exceptions);
      Close();
    }
  }

  // The header of the request under way has come.
  bool has_header() const { return has_header_; }

  // Its deadline has passed, and its peer has taken nothing since.
  bool IsLate(HttpWorker::SteadyTime now);
  void LimitDeadline(HttpWorker::SteadyTime limit);

  // Its answer is delayed, and not to be sent any more.
  bool is_cancelled() const {
    return state_ == State::kDelayed &&
           cancellations_ != worker_.shared().cancellations;
  }

  // Where the worker keeps it.
  std::list<std::shared_ptr<HttpConnection>>::iterator position;
  HttpPlace place = HttpPlace::kLeaving;
  HttpWorker::ConnectionList::iterator place_position;

 private:
  using Error = boost::system::error_code;
  using Parser = boost::beast::http::request_parser<GrowingBody>;
  // Reads or writes in a row before other connections have their turn.
  static constexpr int kTurnMax = 16;
  // Fields of a header.
  static constexpr size_t kFieldsMax = 256;
  enum class State { kReading, kDelayed, kSending, kLingering, kClosed };

  // The system has no bytes, or no room for them, now.
  static bool IsForLater(const Error& error);

  // --- Reading
  void WaitForRequest();
  // `OnReadable` is called when the peer has sent something or has gone. A wait
  // for a request, or for more of it, reads its first bytes, too.
  void WaitToRead();
  void OnReadable();
  // Reads `size` bytes at most into the scratch, those of the wait first.
  // nullopt: there are none for now, or the connection has ended.
  std::optional<absl::string_view> ReadSome(size_t size);
  void ReadRequest();
  // Goes on with what has come before.
  void ParseKept();
  // Takes `input` as far as it goes and keeps the rest. False: somebody else
  // goes on; true: more has to be read.
  // REQUIRES: `input` is the scratch and `buffer_` is empty, or it is
  // `buffer_`.
  bool Parse(absl::string_view input);
  // Skips empty lines. False: nothing else has come.
  bool BeginRequest(absl::string_view* input);
  // False: somebody else goes on.
  bool ParsePart(absl::string_view* input, bool* needs_more);
  bool OnHeader();
  // 0, or the status that the header is refused with.
  int CheckHeader();
  bool Continue();
  void Append(absl::string_view text);
  void Keep(absl::string_view rest);

  // --- Answering
  void Handle();
  void Answer(HttpResponse response);
  void Delay();
  // Takes what comes while an answer is delayed: more requests, or the end.
  void Watch();
  // Another request may follow.
  bool MayGoOn();
  void Send();
  void SendSome();
  // Bytes that the peer's system has not taken.
  int Unacknowledged();
  void OnSent();
  // Answers without the handler, after which the connection ends.
  void Fail(int status, absl::string_view message);
  // For a request that cannot be taken: 400, 413 or 431.
  void FailFor(int status);
  // 503: the budget does not allow what this needs.
  void FailForBytes();
  // What a failure to parse is answered with.
  static int StatusFor(Error error);
  // Lets the peer read the last answer before the connection ends.
  void Linger();
  void ReadAndForget();

  // --- What it holds
  // Charges it. False: the budget does not allow that, and nothing changes.
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
  // A wait for the peer is under way.
  bool is_waiting_ = false;
  bool is_watching_errors_ = false;
  bool is_idle_ = false;
  // Its one element is in the worker's list while this is idle.
  HttpWorker::ConnectionList idle_node_;
  HttpWorker::ConnectionList::iterator idle_position_;

  // A wait for a request reads into this, which has room for a small one. To
  // wait without a buffer costs a call of the system more for each request.
  std::array<char, 1024> first_bytes_;
  // The part of it that nobody has taken yet.
  absl::string_view first_;
  // What has come and is not parsed yet.
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  // Bytes of the request have come, and its header has.
  bool has_begun_ = false;
  bool has_header_ = false;
  // Of the request's header, so far.
  size_t header_bytes_ = 0;
  // What the parser holds of it.
  size_t header_held_ = 0;
  // Empty lines in front of it.
  int blank_lines_ = 0;
  // The header of a request in chunks, without what comes behind them.
  std::optional<boost::beast::http::fields> header_;
  // Borrowed from the parser.
  HttpTarget target_;
  bool is_privileged_ = false;

  HttpResponse answer_;
  // Another request may follow the answer, if the listener goes on.
  bool keep_alive_ = false;
  // False for an answer to HEAD.
  bool sends_body_ = true;
  size_t content_length_ = 0;
  // Of the listener when the handler was called.
  uint64_t cancellations_ = 0;
  std::optional<boost::asio::steady_timer> delay_;
  // The answer's header, and its body where that is short.
  std::string outgoing_;
  // How much has been sent of `outgoing_` and of the answer's body behind it.
  size_t sent_ = 0;
  bool is_last_ = false;
  int unacknowledged_ = 0;

  // What is charged for this, and to which account.
  size_t charged_ = 0;
  bool on_reserve_ = false;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_INTERNAL_HTTP_CONNECTION_H_
