// A server that answers with bytes of the test's choice, valid HTTP or not.

#ifndef GLUE_SECURITY_TESTS_CLIENT_SCRIPTED_SERVER_H_
#define GLUE_SECURITY_TESTS_CLIENT_SCRIPTED_SERVER_H_

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace glue_security {

struct ScriptedAnswer {
  enum class Then {
    // The connection stays open, and its next request is answered.
    kStay,
    kEnd,
    kReset,
    // The bytes are sent over and over, one every few milliseconds.
    kTrickle,
  };
  std::string bytes;
  Then then = Then::kStay;
  // Sends each byte with a system call of its own.
  bool in_single_bytes = false;
};

// Answers each request with the next answer of the script. When the script is
// over, it answers 200 with a text that no other request gets: "answer N" in a
// member of the operation's response, where N counts the requests from 1. The
// server ends when it is destroyed.
class ScriptedServer {
 public:
  // With `reads` false it accepts connections but reads nothing from them.
  explicit ScriptedServer(bool reads = true) : reads_(reads) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(
        bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)),
        0);
    EXPECT_EQ(listen(listener_, 64), 0);
    socklen_t size = sizeof(address);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    EXPECT_EQ(pipe2(end_, O_CLOEXEC), 0);
    thread_ = std::thread([this] { Run(); });
  }
  ~ScriptedServer() {
    close(end_[1]);
    thread_.join();
    for (const auto& [fd, peer] : peers_) close(fd);
    close(listener_);
    close(end_[0]);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  uint16_t port() const { return port_; }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_); }

  void Add(ScriptedAnswer answer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    script_.push_back(std::move(answer));
  }

  // Returns the whole requests, in the order of their arrival.
  std::vector<std::string> requests() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return requests_;
  }
  int connections() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return connections_;
  }

  // Sends `bytes` on every open connection.
  void SendToAll(absl::string_view bytes) {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [fd, peer] : peers_) Send(fd, bytes);
  }

  // Resets every open connection.
  void ResetAll() {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const auto& [fd, peer] : peers_) {
      // Takes effect at once, even while the other thread waits on it.
      sockaddr nobody{};
      nobody.sa_family = AF_UNSPEC;
      EXPECT_EQ(connect(fd, &nobody, sizeof(nobody)), 0);
    }
  }

  // Returns the unscripted answer to the `number`-th request, `request`.
  static std::string BodyOf(absl::string_view request, int number) {
    const absl::string_view member =
        absl::StrContains(request, "PutResourcePolicy") ? "PolicyHash"
                                                        : "PolicyInJson";
    return absl::StrCat("{\"", member, "\":\"answer ", number, "\"}");
  }

 private:
  struct Peer {
    std::string received;
    // The bytes that trickle, and the position of the next one.
    std::string trickle;
    size_t next = 0;
  };

  static void Send(int fd, absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
  }

  void Run() {
    constexpr int kTickMilliseconds = 5;
    while (true) {
      std::vector<pollfd> polled = {{end_[0], POLLIN, 0},
                                    {listener_, POLLIN, 0}};
      bool trickles = false;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        for (const auto& [fd, peer] : peers_) {
          trickles = trickles || !peer.trickle.empty();
          if (reads_) polled.push_back({fd, POLLIN, 0});
        }
      }
      poll(polled.data(), polled.size(), trickles ? kTickMilliseconds : -1);
      const std::lock_guard<std::mutex> lock(mutex_);
      if (polled[0].revents != 0) return;
      if (polled[1].revents != 0) Accept();
      for (size_t i = 2; i < polled.size(); ++i) {
        if (polled[i].revents != 0) Receive(polled[i].fd);
      }
      for (auto& [fd, peer] : peers_) {
        if (peer.trickle.empty()) continue;
        Send(fd, absl::string_view(peer.trickle)
                     .substr(peer.next++ % peer.trickle.size(), 1));
      }
    }
  }

  void Accept() {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    peers_[fd];
    ++connections_;
  }

  void Receive(int fd) {
    char bytes[16384];
    const ssize_t received = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (received <= 0) return End(fd);
    std::string& buffer = peers_[fd].received;
    buffer.append(bytes, static_cast<size_t>(received));
    const size_t end = buffer.find("\r\n\r\n");
    if (end == std::string::npos) return;
    const std::string head = absl::AsciiStrToLower(buffer.substr(0, end));
    const size_t at = head.find("content-length:");
    const size_t length =
        at == std::string::npos
            ? 0
            : std::strtoul(head.c_str() + at + 15, nullptr, 10);
    if (buffer.size() < end + 4 + length) return;
    requests_.push_back(std::exchange(buffer, ""));
    Answer(fd);
  }

  void Answer(int fd) {
    if (script_.empty()) {
      const std::string body =
          BodyOf(requests_.back(), static_cast<int>(requests_.size()));
      return Send(fd, absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ",
                                   body.size(), "\r\n\r\n", body));
    }
    const ScriptedAnswer answer = std::move(script_.front());
    script_.pop_front();
    if (answer.then == ScriptedAnswer::Then::kTrickle) {
      peers_[fd].trickle = answer.bytes;
      return;
    }
    const size_t step = answer.in_single_bytes ? 1 : answer.bytes.size();
    for (size_t i = 0; i < answer.bytes.size(); i += step) {
      Send(fd, absl::string_view(answer.bytes).substr(i, step));
    }
    if (answer.then == ScriptedAnswer::Then::kReset) {
      const linger now{1, 0};
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    }
    if (answer.then != ScriptedAnswer::Then::kStay) End(fd);
  }

  void End(int fd) {
    close(fd);
    peers_.erase(fd);
  }

  const bool reads_;
  int listener_ = -1;
  // A pipe; closing one end of it ends the thread.
  int end_[2] = {-1, -1};
  uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::deque<ScriptedAnswer> script_;
  std::vector<std::string> requests_;
  int connections_ = 0;
  std::map<int, Peer> peers_;
  std::thread thread_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_CLIENT_SCRIPTED_SERVER_H_
