// MeasuredServer: a server under load, with its processor time and latencies,
// to be compared with another one.

#ifndef GLUE_SECURITY_BENCHMARKS_MEASURED_SERVER_H_
#define GLUE_SECURITY_BENCHMARKS_MEASURED_SERVER_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmarks/server_process.h"

namespace glue_security {

class MeasuredServer {
 public:
  MeasuredServer(std::unique_ptr<ServerProcess> server, size_t connections)
      : server_(std::move(server)), load_(server_->port(), connections) {}

  std::string Ask(const std::string& request) { return load_.Ask(request); }

  // Sends `count` requests, which are measured.
  void Run(const std::string& request, size_t count);

  // Sets the counters of a benchmark: the requests for a second of the
  // processor, their ratio, and the median and 99th percentile of the latency
  // in microseconds. Those of `bare` begin with "bare_".
  static void SetCounters(MeasuredServer* ours, MeasuredServer* bare,
                          benchmark::UserCounters* counters);

 private:
  double PerCpuSecond() const;
  double Percentile(double share);

  const std::unique_ptr<ServerProcess> server_;
  HttpLoad load_;
  std::vector<double> latencies_;
  double cpu_seconds_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_BENCHMARKS_MEASURED_SERVER_H_
