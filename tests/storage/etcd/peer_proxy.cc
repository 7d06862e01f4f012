#include "tests/storage/etcd/peer_proxy.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace glue_security {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

// Returns the member that a request is from; 0: it does not say.
uint64_t SenderOf(const std::string& head) {
  const std::string lower = absl::AsciiStrToLower(head);
  const std::string name = "x-server-from: ";
  const size_t place = lower.find(name);
  if (place == std::string::npos) return 0;
  return strtoull(lower.c_str() + place + name.size(), nullptr, 16);
}

bool SendAll(int fd, const char* bytes, ssize_t size) {
  while (size > 0) {
    const ssize_t sent =
        send(fd, bytes, static_cast<size_t>(size), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes += sent;
    size -= sent;
  }
  return true;
}

}  // namespace

struct PeerProxy::Connection {
  int dialer = -1;
  int target = -1;
  uint64_t from = 0;
  std::thread thread;
  bool is_over = false;
};

PeerProxy::PeerProxy(int target_port) : target_port_(target_port) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, 64) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) !=
          0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { Accept(); });
}

PeerProxy::~PeerProxy() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_ending_ = true;
    shutdown(listener_, SHUT_RDWR);
    for (const auto& connection : connections_) {
      if (connection->is_over) continue;
      shutdown(connection->dialer, SHUT_RDWR);
      shutdown(connection->target, SHUT_RDWR);
    }
  }
  accepting_.join();
  for (const auto& connection : connections_) connection->thread.join();
  close(listener_);
}

void PeerProxy::set_member(uint64_t member) {
  const std::lock_guard<std::mutex> lock(mutex_);
  member_ = member;
}

void PeerProxy::CutOff(uint64_t member) {
  const std::lock_guard<std::mutex> lock(mutex_);
  cut_off_.insert(member);
  for (const auto& connection : connections_) {
    if (connection->is_over) continue;
    if (member == member_ || member == connection->from) {
      shutdown(connection->dialer, SHUT_RDWR);
      shutdown(connection->target, SHUT_RDWR);
    }
  }
}

void PeerProxy::Reconnect(uint64_t member) {
  const std::lock_guard<std::mutex> lock(mutex_);
  cut_off_.erase(member);
}

bool PeerProxy::Admit(Connection* connection, uint64_t from) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (from != 0) connection->from = from;
  return !is_ending_ && cut_off_.count(member_) == 0 &&
         cut_off_.count(connection->from) == 0;
}

void PeerProxy::Accept() {
  while (true) {
    const int dialer = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (dialer < 0) return;
    auto connection = std::make_unique<Connection>();
    connection->dialer = dialer;
    connection->target = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = Loopback(target_port_);
    const bool connected =
        connect(connection->target, reinterpret_cast<const sockaddr*>(&address),
                sizeof(address)) == 0;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!connected || is_ending_ || cut_off_.count(member_) != 0) {
      close(connection->dialer);
      close(connection->target);
      continue;
    }
    // Removes the connections that are over.
    for (auto it = connections_.begin(); it != connections_.end();) {
      if ((*it)->is_over) {
        (*it)->thread.join();
        it = connections_.erase(it);
      } else {
        ++it;
      }
    }
    connections_.push_back(std::move(connection));
    Connection* kept = connections_.back().get();
    kept->thread = std::thread([this, kept] { Pass(kept); });
  }
}

void PeerProxy::Pass(Connection* connection) {
  pollfd waiting[2] = {{connection->dialer, POLLIN, 0},
                       {connection->target, POLLIN, 0}};
  std::string head;
  char bytes[16384];
  bool is_open = true;
  while (is_open && poll(waiting, 2, -1) > 0) {
    for (int side = 0; side < 2 && is_open; ++side) {
      if (waiting[side].revents == 0) continue;
      const ssize_t size = recv(waiting[side].fd, bytes, sizeof(bytes), 0);
      is_open = size > 0;
      if (!is_open) break;
      if (side == 0 && head.size() < sizeof(bytes)) {
        head.append(bytes, static_cast<size_t>(size));
        is_open = Admit(connection, SenderOf(head));
      }
      is_open = is_open && SendAll(waiting[1 - side].fd, bytes, size);
    }
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  connection->is_over = true;
  close(connection->dialer);
  close(connection->target);
}

}  // namespace glue_security
