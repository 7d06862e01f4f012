// An upstream that a test plays by hand, byte by byte.

#ifndef GLUE_SECURITY_TESTS_HTTP_RAW_UPSTREAM_H_
#define GLUE_SECURITY_TESTS_HTTP_RAW_UPSTREAM_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace glue_security {

// One accepted connection. An operation that takes longer than 30 seconds
// fails.
class RawPeer {
 public:
  explicit RawPeer(int fd) : fd_(fd) {
    timeval timeout{30, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    const int yes = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  }
  ~RawPeer() { Close(); }
  RawPeer(RawPeer&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}
  RawPeer& operator=(RawPeer&&) = delete;

  void Close() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }
  void Reset() {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    Close();
  }

  bool Send(absl::string_view text) const {
    while (!text.empty()) {
      const ssize_t sent = send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // Reads up to and with `end`, or what comes before the peer ends.
  std::string ReadUntil(absl::string_view end) {
    size_t at;
    while ((at = buffer_.find(end.data(), 0, end.size())) ==
           std::string::npos) {
      if (!Fill()) return std::exchange(buffer_, "");
    }
    std::string text = buffer_.substr(0, at + end.size());
    buffer_.erase(0, at + end.size());
    return text;
  }
  std::string ReadHead() { return ReadUntil("\r\n\r\n"); }
  std::string ReadBytes(size_t size) {
    while (buffer_.size() < size && Fill()) {
    }
    std::string text = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return text;
  }
  // Reads and forgets; returns the number of bytes, 0 at the end.
  size_t Skip() {
    if (!buffer_.empty()) return std::exchange(buffer_, "").size();
    char bytes[65536];
    const ssize_t received = recv(fd_, bytes, sizeof(bytes), 0);
    return received > 0 ? static_cast<size_t>(received) : 0;
  }
  // Waits until the peer ends. Returns what came before.
  std::string ReadToEnd() {
    while (Fill()) {
    }
    return std::exchange(buffer_, "");
  }
  // Returns true when bytes, or the end, are there to be read now.
  bool HasInput() const {
    pollfd input{fd_, POLLIN, 0};
    return !buffer_.empty() || poll(&input, 1, 0) > 0;
  }

 private:
  bool Fill() {
    char bytes[16384];
    const ssize_t received = recv(fd_, bytes, sizeof(bytes), 0);
    EXPECT_FALSE(received < 0 && errno == EAGAIN)
        << "the listener neither sends nor ends";
    if (received <= 0) return false;
    buffer_.append(bytes, static_cast<size_t>(received));
    return true;
  }

  int fd_;
  std::string buffer_;
};

class RawUpstream {
 public:
  RawUpstream() {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
              0);
    EXPECT_EQ(listen(fd_, 64), 0);
    socklen_t size = sizeof(address);
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~RawUpstream() { Stop(); }
  RawUpstream(const RawUpstream&) = delete;
  RawUpstream& operator=(const RawUpstream&) = delete;

  // Accepts no more.
  void Stop() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }
  uint16_t port() const { return port_; }

  RawPeer Accept() const {
    EXPECT_TRUE(HasConnection(30'000)) << "nobody connects";
    return RawPeer(accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC));
  }
  bool HasConnection(int milliseconds = 0) const {
    pollfd waiting{fd_, POLLIN, 0};
    return poll(&waiting, 1, milliseconds) > 0;
  }

 private:
  int fd_;
  uint16_t port_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_HTTP_RAW_UPSTREAM_H_
