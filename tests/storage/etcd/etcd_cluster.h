// EtcdCluster: real nodes of etcd on the loopback, which can be killed,
// stopped, and cut off from each other. Debian's package etcd-server has the
// program; where it is not installed, tests are skipped.

#ifndef GLUE_SECURITY_TESTS_STORAGE_ETCD_ETCD_CLUSTER_H_
#define GLUE_SECURITY_TESTS_STORAGE_ETCD_ETCD_CLUSTER_H_

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/storage/etcd/etcd_admin.h"
#include "tests/storage/etcd/peer_proxy.h"

namespace glue_security {

struct EtcdClusterOptions {
  int nodes = 1;
  // The interval of the leader's heartbeats; an election begins after ten of
  // them are missing. A loaded machine needs more than etcd's default.
  int heartbeat_ms = 300;
  // Lets nodes be cut off from each other.
  bool has_proxies = false;
  // More arguments for each node.
  std::vector<std::string> arguments;
  // Connections of clients with TLS: "https". Then the nodes do not wait until
  // they are ready.
  bool is_secure = false;
};

class EtcdCluster {
 public:
  static bool IsInstalled();

  // Starts the nodes, and waits until they are ready. Ends the program when
  // they cannot be started.
  explicit EtcdCluster(const EtcdClusterOptions& options);
  // Kills the nodes and removes their files.
  ~EtcdCluster();
  EtcdCluster(const EtcdCluster&) = delete;
  EtcdCluster& operator=(const EtcdCluster&) = delete;

  int size() const { return static_cast<int>(nodes_.size()); }
  // The addresses for clients; that of node `first` comes first.
  std::vector<std::string> endpoints(int first = 0) const;
  EtcdAdmin& admin(int node) { return nodes_[node].admin; }
  uint64_t id(int node) const { return nodes_[node].id; }

  // Returns the node that leads by the word of a node that runs, or waits until
  // one does.
  int Leader();

  void Kill(int node);
  void Restart(int node);
  // Does not wait until it is ready, as where a user is needed to find out.
  void RestartWithoutWaiting(int node);
  void Stop(int node);
  void Continue(int node);
  // Ends the connections of a node with the others, and refuses new ones; its
  // clients stay connected. REQUIRES: has_proxies.
  void CutOff(int node);
  void Reconnect(int node);
  // Adds a node to the cluster, and waits until it is ready. Returns it.
  int AddNode();

  // The folder of the nodes' files.
  const std::string& folder() const { return folder_; }
  // Returns the log of a node.
  std::string Log(int node) const;

 private:
  struct Node {
    std::string name;
    int client_port = 0;
    int peer_port = 0;
    std::unique_ptr<PeerProxy> proxy;
    pid_t pid = -1;
    bool is_stopped = false;
    uint64_t id = 0;
    EtcdAdmin admin;
  };

  void Add();
  void Start(int node, const char* state);
  void WaitFor(int node);
  std::string PeerUrl(const Node& node) const;

  // Starts a process that removes the files when this one has ended, however.
  void StartCleaner();

  const EtcdClusterOptions options_;
  std::string folder_;
  pid_t cleaner_ = -1;
  // The end of a pipe that the cleaner waits at.
  int cleaner_pipe_ = -1;
  std::vector<Node> nodes_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_STORAGE_ETCD_ETCD_CLUSTER_H_
