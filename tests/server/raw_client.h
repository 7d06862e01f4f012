// A socket for tests that send what no HTTP library would.

#ifndef GLUE_SECURITY_TESTS_SERVER_RAW_CLIENT_H_
#define GLUE_SECURITY_TESTS_SERVER_RAW_CLIENT_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace glue_security {

// Blocking; whatever takes longer than half a minute has failed.
class RawClient {
 public:
  // `receive_bytes`: what the system takes before this reads it, about; 0: as
  // much as it likes.
  explicit RawClient(uint16_t port, int receive_bytes = 0) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_bytes > 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes,
                 sizeof(receive_bytes));
    }
    timeval timeout{30, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    // What is sent in pieces goes in pieces, and at once.
    const int yes = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address),
                            sizeof(address)) == 0 ||
                    (errno == EINTR && FinishConnecting());
  }
  ~RawClient() {
    if (fd_ >= 0) close(fd_);
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool is_connected() const { return is_connected_; }

  // False: the peer has gone.
  bool Send(absl::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // Sends what fits without waiting.
  void SendWithoutWaiting(absl::string_view text) {
    while (!text.empty()) {
      const ssize_t sent =
          send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<size_t>(sent));
    }
  }

  // Ends the connection at once, as a process that is killed does.
  void Reset() {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(std::exchange(fd_, -1));
  }

  // No more comes from this side.
  void ShutdownSend() { shutdown(fd_, SHUT_WR); }

  // One response, by its Content-Length; what there is when the peer ends
  // first.
  std::string ReadResponse() {
    size_t end;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return std::exchange(buffer_, "");
    }
    end += 4;
    const std::string head = absl::AsciiStrToLower(buffer_.substr(0, end));
    const size_t at = head.find("content-length:");
    const size_t length =
        at == std::string::npos
            ? 0
            : std::strtoul(head.c_str() + at + 15, nullptr, 10);
    while (buffer_.size() < end + length) {
      if (!Fill()) return std::exchange(buffer_, "");
    }
    std::string response = buffer_.substr(0, end + length);
    buffer_.erase(0, end + length);
    return response;
  }

  // Reads once, `size` bytes at most, and says how many; 0: the peer has ended.
  size_t ReadSome(size_t size) {
    std::string bytes(size, '\0');
    const ssize_t received = recv(fd_, &bytes[0], size, 0);
    return received > 0 ? static_cast<size_t>(received) : 0;
  }

  // The peer has neither answered nor ended.
  bool timed_out() const { return timed_out_; }

  // Everything until the peer ends.
  std::string ReadToEnd() {
    while (Fill()) {
    }
    return std::exchange(buffer_, "");
  }

 private:
  // It goes on behind a signal.
  bool FinishConnecting() const {
    pollfd connecting{fd_, POLLOUT, 0};
    while (poll(&connecting, 1, 30'000) < 0 && errno == EINTR) {
    }
    int error = -1;
    socklen_t size = sizeof(error);
    getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0;
  }

  bool Fill() {
    char bytes[16384];
    ssize_t received;
    // A fuzzer's timer interrupts.
    do {
      received = recv(fd_, bytes, sizeof(bytes), 0);
    } while (received < 0 && errno == EINTR);
    // A time-out is not the peer's end.
    timed_out_ = received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    EXPECT_FALSE(timed_out_) << "the peer neither answers nor ends";
    if (received <= 0) return false;
    buffer_.append(bytes, static_cast<size_t>(received));
    return true;
  }

  int fd_;
  bool is_connected_ = false;
  bool timed_out_ = false;
  std::string buffer_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_SERVER_RAW_CLIENT_H_
