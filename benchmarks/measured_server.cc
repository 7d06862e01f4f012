#include "benchmarks/measured_server.h"

#include <algorithm>
#include <cstddef>

namespace glue_security {

void MeasuredServer::Run(const std::string& request, size_t count) {
  const double before = server_->CpuSeconds();
  load_.Run({request}, count, &latencies_);
  cpu_seconds_ += server_->CpuSeconds() - before;
}

void MeasuredServer::SetCounters(MeasuredServer* ours, MeasuredServer* bare,
                                 benchmark::UserCounters* counters) {
  (*counters)["per_cpu_s"] = ours->PerCpuSecond();
  (*counters)["bare_per_cpu_s"] = bare->PerCpuSecond();
  (*counters)["ratio"] = ours->PerCpuSecond() / bare->PerCpuSecond();
  (*counters)["p50_us"] = ours->Percentile(0.5);
  (*counters)["p99_us"] = ours->Percentile(0.99);
  (*counters)["bare_p50_us"] = bare->Percentile(0.5);
  (*counters)["bare_p99_us"] = bare->Percentile(0.99);
}

double MeasuredServer::PerCpuSecond() const {
  return static_cast<double>(latencies_.size()) / cpu_seconds_;
}

double MeasuredServer::Percentile(double share) {
  const auto at = latencies_.begin() +
                  static_cast<ptrdiff_t>(
                      share * (static_cast<double>(latencies_.size()) - 1));
  std::nth_element(latencies_.begin(), at, latencies_.end());
  return *at;
}

}  // namespace glue_security
