// A server in a process of its own, so that its processor time can be measured
// apart from its client's, and a client that keeps it busy.

#ifndef GLUE_SECURITY_BENCHMARKS_SERVER_PROCESS_H_
#define GLUE_SECURITY_BENCHMARKS_SERVER_PROCESS_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace glue_security {

// Keeps the calling thread, and those that it starts, on a processor; no effect
// where that is not allowed.
void StayOn(int processor);

// Returns the number of the last processor.
int LastProcessor();

class ServerProcess {
 public:
  // Runs `serve` in a child on the last processor. `serve` calls its argument
  // with its port and does not return. This process stays on the first
  // processor, so that every server is equally far from its client. REQUIRES:
  // this process has one thread.
  explicit ServerProcess(
      const std::function<void(const std::function<void(uint16_t)>&)>& serve);

  // Ends the child.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  uint16_t port() const { return port_; }

  // Returns the processor time that the child has used so far, in seconds.
  double CpuSeconds() const;

 private:
  pid_t pid_;
  uint16_t port_ = 0;
};

// A client that keeps one request under way on each of its connections. Ends
// the process when a server does not answer.
class HttpLoad {
 public:
  HttpLoad(uint16_t port, size_t connections);
  ~HttpLoad();
  HttpLoad(const HttpLoad&) = delete;
  HttpLoad& operator=(const HttpLoad&) = delete;

  // Sends `count` requests: on each connection its own of `requests`, or the
  // only one. Appends the latency of each to `latencies`, in microseconds.
  void Run(const std::vector<std::string>& requests, size_t count,
           std::vector<double>* latencies);

  // Returns the whole answer to one request.
  std::string Ask(absl::string_view request);

 private:
  std::vector<int> sockets_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_BENCHMARKS_SERVER_PROCESS_H_
