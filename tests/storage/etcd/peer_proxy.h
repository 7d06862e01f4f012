// PeerProxy: passes the connections of etcd's members to one of them, and cuts
// them. Members dial each other both ways, and say in each connection who they
// are (`X-Server-From`). So all proxies of a cluster together cut off a member.

#ifndef GLUE_SECURITY_TESTS_STORAGE_ETCD_PEER_PROXY_H_
#define GLUE_SECURITY_TESTS_STORAGE_ETCD_PEER_PROXY_H_

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

namespace glue_security {

class PeerProxy {
 public:
  // Listens on a free port of the loopback, and passes on to `target_port`.
  explicit PeerProxy(int target_port);
  ~PeerProxy();
  PeerProxy(const PeerProxy&) = delete;
  PeerProxy& operator=(const PeerProxy&) = delete;

  int port() const { return port_; }
  // Says which member is behind this proxy.
  void set_member(uint64_t member);

  // Ends the connections from and to a member, and refuses new ones.
  void CutOff(uint64_t member);
  void Reconnect(uint64_t member);

 private:
  struct Connection;

  void Accept();
  void Pass(Connection* connection);
  // Returns false when the connection has to end.
  bool Admit(Connection* connection, uint64_t from);

  const int target_port_;
  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  uint64_t member_ = 0;
  std::set<uint64_t> cut_off_;
  std::list<std::unique_ptr<Connection>> connections_;
  bool is_ending_ = false;
  std::thread accepting_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_STORAGE_ETCD_PEER_PROXY_H_
