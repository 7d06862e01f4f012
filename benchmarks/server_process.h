// A server in a process of its own, so that its processor time can be told from
// its client's, and a client that keeps it busy.

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

class ServerProcess {
 public:
  // Runs `serve`, which calls its argument with its port and does not return,
  // in a child on the last processor; this process stays on the first, so that
  // every server has the same way to its client. REQUIRES: this process has one
  // thread.
  explicit ServerProcess(
      const std::function<void(const std::function<void(uint16_t)>&)>& serve);

  // Ends the child.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  uint16_t port() const { return port_; }

  // The processor time that it has taken so far.
  double CpuSeconds() const;

 private:
  pid_t pid_;
  uint16_t port_ = 0;
};

// Keeps one request under way on each of its connections. Ends the process when
// a server does not answer.
class HttpLoad {
 public:
  HttpLoad(uint16_t port, size_t connections);
  ~HttpLoad();
  HttpLoad(const HttpLoad&) = delete;
  HttpLoad& operator=(const HttpLoad&) = delete;

  // Sends `request` `count` times. Adds the time that each took, in
  // microseconds, to `latencies`.
  void Run(absl::string_view request, size_t count,
           std::vector<double>* latencies);

  // The whole answer to one request.
  std::string Ask(absl::string_view request);

 private:
  std::vector<int> sockets_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_BENCHMARKS_SERVER_PROCESS_H_
