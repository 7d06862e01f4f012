#include "tests/storage/etcd/etcd_cluster.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace glue_security {
namespace {

constexpr char kProgram[] = "/usr/bin/etcd";

[[noreturn]] void Die(const std::string& text) {
  std::cerr << text << "\n";
  std::abort();
}

// Returns a port of the loopback that is free now.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    Die("no port is free");
  }
  close(fd);
  return ntohs(address.sin_port);
}

// Returns a new folder, in memory where that is possible.
std::string NewFolder() {
  const char* temporary = getenv("TEST_TMPDIR");
  std::string path = absl::StrCat(access("/dev/shm", W_OK) == 0 ? "/dev/shm"
                                  : temporary != nullptr        ? temporary
                                                                : "/tmp",
                                  "/etcd_XXXXXX");
  if (mkdtemp(path.data()) == nullptr) Die("no folder for etcd");
  return path;
}

}  // namespace

bool EtcdCluster::IsInstalled() { return access(kProgram, X_OK) == 0; }

EtcdCluster::EtcdCluster(const EtcdClusterOptions& options)
    : options_(options), folder_(NewFolder()) {
  StartCleaner();
  for (int i = 0; i < options_.nodes; ++i) Add();
  for (int i = 0; i < size(); ++i) Start(i, "new");
  for (int i = 0; i < size(); ++i) WaitFor(i);
}

EtcdCluster::~EtcdCluster() {
  for (int i = 0; i < size(); ++i) Kill(i);
  close(cleaner_pipe_);
  waitpid(cleaner_, nullptr, 0);
}

void EtcdCluster::StartCleaner() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) Die("no pipe");
  cleaner_ = fork();
  if (cleaner_ != 0) {
    close(ends[0]);
    cleaner_pipe_ = ends[1];
    return;
  }
  // Outlives the group of a test that is killed, and holds none of its files.
  setsid();
  const int end = dup2(ends[0], STDIN_FILENO);
  for (int fd = 1; fd < 1024; ++fd) close(fd);
  char byte = 0;
  while (read(end, &byte, 1) > 0) {
  }
  execl("/bin/rm", "rm", "-rf", folder_.c_str(), nullptr);
  _exit(1);
}

void EtcdCluster::Add() {
  const int client_port = FreePort();
  Node node{absl::StrCat("node", size()),
            client_port,
            FreePort(),
            nullptr,
            -1,
            false,
            0,
            EtcdAdmin(absl::StrCat("127.0.0.1:", client_port))};
  if (options_.has_proxies) {
    node.proxy = std::make_unique<PeerProxy>(node.peer_port);
  }
  nodes_.push_back(std::move(node));
}

std::string EtcdCluster::PeerUrl(const Node& node) const {
  return absl::StrCat("http://127.0.0.1:", node.proxy != nullptr
                                               ? node.proxy->port()
                                               : node.peer_port);
}

void EtcdCluster::Start(int number, const char* state) {
  Node& node = nodes_[number];
  const std::string scheme = options_.is_secure ? "https" : "http";
  const std::string client_url =
      absl::StrCat(scheme, "://127.0.0.1:", node.client_port);
  std::vector<std::string> members;
  for (const Node& each : nodes_) {
    members.push_back(absl::StrCat(each.name, "=", PeerUrl(each)));
  }
  std::vector<std::string> arguments = {
      kProgram, "--name=" + node.name,
      absl::StrCat("--data-dir=", folder_, "/", node.name),
      "--listen-client-urls=" + client_url,
      "--advertise-client-urls=" + client_url,
      absl::StrCat("--listen-peer-urls=http://127.0.0.1:", node.peer_port),
      "--initial-advertise-peer-urls=" + PeerUrl(node),
      "--initial-cluster=" + absl::StrJoin(members, ","),
      "--initial-cluster-token=" + folder_,
      absl::StrCat("--initial-cluster-state=", state),
      absl::StrCat("--heartbeat-interval=", options_.heartbeat_ms),
      absl::StrCat("--election-timeout=", 10 * options_.heartbeat_ms),
      // A node that was away then gets a snapshot, not only the log.
      "--snapshot-count=500"};
  arguments.insert(arguments.end(), options_.arguments.begin(),
                   options_.arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const std::string log = absl::StrCat(folder_, "/", node.name, ".log");
  const pid_t parent = getpid();
  node.pid = fork();
  if (node.pid != 0) return;
  // Nothing is left behind by a test that dies.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  const int fd = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(fd, STDOUT_FILENO);
  dup2(fd, STDERR_FILENO);
  execv(kProgram, argv.data());
  _exit(1);
}

void EtcdCluster::WaitFor(int number) {
  if (options_.is_secure) return;
  Node& node = nodes_[number];
  const grpc::Status status = node.admin.WaitUntilReady();
  etcdserverpb::StatusResponse response;
  if (!status.ok() || !node.admin.Status(&response).ok()) {
    Die(absl::StrCat("etcd does not start: ", status.error_message(), "\n",
                     Log(number)));
  }
  node.id = response.header().member_id();
  if (node.proxy != nullptr) node.proxy->set_member(node.id);
}

std::string EtcdCluster::Log(int node) const {
  std::ifstream file(absl::StrCat(folder_, "/", nodes_[node].name, ".log"));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> EtcdCluster::endpoints(int first) const {
  std::vector<std::string> addresses;
  for (int i = 0; i < size(); ++i) {
    addresses.push_back(
        absl::StrCat("127.0.0.1:", nodes_[(first + i) % size()].client_port));
  }
  return addresses;
}

int EtcdCluster::Leader() {
  for (int attempt = 0; attempt < 1000; ++attempt) {
    for (Node& node : nodes_) {
      etcdserverpb::StatusResponse response;
      if (node.pid < 0 || node.is_stopped ||
          !node.admin.WaitUntilReady().ok() ||
          !node.admin.Status(&response).ok()) {
        continue;
      }
      for (int i = 0; i < size(); ++i) {
        if (nodes_[i].id == response.leader() && nodes_[i].pid >= 0) return i;
      }
    }
  }
  Die("etcd has no leader");
}

void EtcdCluster::Kill(int node) {
  pid_t& pid = nodes_[node].pid;
  if (pid < 0) return;
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  pid = -1;
  nodes_[node].is_stopped = false;
}

void EtcdCluster::Restart(int node) {
  Kill(node);
  Start(node, "existing");
  WaitFor(node);
}

void EtcdCluster::RestartWithoutWaiting(int node) {
  Kill(node);
  Start(node, "existing");
}

void EtcdCluster::Stop(int node) {
  kill(nodes_[node].pid, SIGSTOP);
  nodes_[node].is_stopped = true;
}

void EtcdCluster::Continue(int node) {
  kill(nodes_[node].pid, SIGCONT);
  nodes_[node].is_stopped = false;
}

void EtcdCluster::CutOff(int node) {
  for (Node& each : nodes_) {
    each.proxy->CutOff(nodes_[node].id);
  }
}

void EtcdCluster::Reconnect(int node) {
  for (Node& each : nodes_) each.proxy->Reconnect(nodes_[node].id);
}

int EtcdCluster::AddNode() {
  const int leader = Leader();
  Add();
  const int added = size() - 1;
  const grpc::Status status =
      nodes_[leader].admin.AddMember(PeerUrl(nodes_[added]));
  if (!status.ok()) Die("etcd adds no member: " + status.error_message());
  Start(added, "existing");
  WaitFor(added);
  return added;
}

}  // namespace glue_security
