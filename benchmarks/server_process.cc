#include "benchmarks/server_process.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace glue_security {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s failed\n", what);
  std::exit(1);
}

int Connect(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  Require(
      connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0,
      "connecting");
  return fd;
}

void Send(int fd, absl::string_view request) {
  Require(send(fd, request.data(), request.size(), MSG_NOSIGNAL) ==
              static_cast<ssize_t>(request.size()),
          "sending");
}

// Receives one answer and nothing after it. Polls instead of sleeping: waking a
// client costs the server time, and only the slower server would pay for it.
std::string Receive(int fd) {
  std::string answer;
  size_t whole = std::string::npos;
  while (answer.size() < whole) {
    char bytes[16384];
    const ssize_t received = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) continue;
    Require(received > 0, "receiving");
    answer.append(bytes, static_cast<size_t>(received));
    const size_t end = answer.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    const size_t at = answer.find("Content-Length: ");
    Require(at < end, "finding the length");
    whole = end + 4 + std::strtoul(answer.c_str() + at + 16, nullptr, 10);
  }
  return answer;
}

double MicrosecondsSince(SteadyTime begin) {
  return std::chrono::duration<double, std::micro>(
             std::chrono::steady_clock::now() - begin)
      .count();
}

}  // namespace

void StayOn(int processor) {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(processor, &one);
  sched_setaffinity(0, sizeof(one), &one);
}

int LastProcessor() {
  return static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)) - 1;
}

ServerProcess::ServerProcess(
    const std::function<void(const std::function<void(uint16_t)>&)>& serve) {
  StayOn(0);
  int ends[2];
  Require(pipe(ends) == 0, "making a pipe");
  pid_ = fork();
  Require(pid_ >= 0, "making a process");
  if (pid_ != 0) close(ends[1]);
  if (pid_ == 0) {
    StayOn(LastProcessor());
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    serve([&ends](uint16_t port) {
      Require(write(ends[1], &port, sizeof(port)) == sizeof(port),
              "telling the port");
    });
    std::exit(1);
  }
  Require(read(ends[0], &port_, sizeof(port_)) == sizeof(port_),
          "starting the server");
  close(ends[0]);
}

ServerProcess::~ServerProcess() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

double ServerProcess::CpuSeconds() const {
  clockid_t clock;
  Require(clock_getcpuclockid(pid_, &clock) == 0, "finding a clock");
  timespec time{};
  Require(clock_gettime(clock, &time) == 0, "reading a clock");
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_nsec) / 1e9;
}

HttpLoad::HttpLoad(uint16_t port, size_t connections) {
  for (size_t i = 0; i < connections; ++i) sockets_.push_back(Connect(port));
}

HttpLoad::~HttpLoad() {
  for (const int fd : sockets_) close(fd);
}

void HttpLoad::Run(const std::vector<std::string>& requests, size_t count,
                   std::vector<double>* latencies) {
  std::vector<SteadyTime> sent(sockets_.size());
  const size_t first = std::min(count, sockets_.size());
  for (size_t i = 0; i < first; ++i) {
    sent[i] = std::chrono::steady_clock::now();
    Send(sockets_[i], requests[i % requests.size()]);
  }
  for (size_t n = 0; n < count; ++n) {
    const size_t i = n % sockets_.size();
    Receive(sockets_[i]);
    latencies->push_back(MicrosecondsSince(sent[i]));
    if (n + sockets_.size() >= count) continue;
    sent[i] = std::chrono::steady_clock::now();
    Send(sockets_[i], requests[i % requests.size()]);
  }
}

std::string HttpLoad::Ask(absl::string_view request) {
  Send(sockets_[0], request);
  return Receive(sockets_[0]);
}

}  // namespace glue_security
