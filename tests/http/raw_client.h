// A socket for tests that send what no HTTP library would send.

#ifndef GLUE_SECURITY_TESTS_HTTP_RAW_CLIENT_H_
#define GLUE_SECURITY_TESTS_HTTP_RAW_CLIENT_H_

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

// A blocking client. An operation that takes longer than 30 seconds fails.
class RawClient {
 public:
  // `receive_bytes` is the approximate size of the system's receive buffer; 0
  // leaves it to the system.
  explicit RawClient(uint16_t port, int receive_bytes = 0) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receive_bytes > 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_bytes,
                 sizeof(receive_bytes));
    }
    timeval timeout{30, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    // Pieces are sent one by one, at once.
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

  // Sends `text`; returns false when the peer has gone.
  bool Send(absl::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // Sends the part of `text` that fits without waiting.
  void SendWithoutWaiting(absl::string_view text) {
    while (!text.empty()) {
      const ssize_t sent =
          send(fd_, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<size_t>(sent));
    }
  }

  // Resets the connection, as the end of a killed process does.
  void Reset() {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(std::exchange(fd_, -1));
  }

  // Ends this side of the connection.
  void ShutdownSend() { shutdown(fd_, SHUT_WR); }

  // Reads one response by its Content-Length, or the part of it that comes
  // before the peer ends.
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

  // Reads once, at most `size` bytes; returns their number, 0 when the peer has
  // ended.
  size_t ReadSome(size_t size) {
    std::string bytes(size, '\0');
    const ssize_t received = recv(fd_, &bytes[0], size, 0);
    return received > 0 ? static_cast<size_t>(received) : 0;
  }

  // Reads once, at most `size` bytes; returns "" when the peer has ended.
  std::string ReadBytes(size_t size) {
    while (buffer_.empty() && Fill()) {
    }
    std::string bytes = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return bytes;
  }

  // Returns true when the peer neither answered nor ended.
  bool timed_out() const { return timed_out_; }

  // Reads until the peer ends.
  std::string ReadToEnd() {
    while (Fill()) {
    }
    return std::exchange(buffer_, "");
  }

 private:
  // Waits for the connection that a signal interrupted.
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
    // The timer of a fuzzer interrupts system calls.
    do {
      received = recv(fd_, bytes, sizeof(bytes), 0);
    } while (received < 0 && errno == EINTR);
    // A timeout is not the end of the peer.
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

#endif  // GLUE_SECURITY_TESTS_HTTP_RAW_CLIENT_H_
