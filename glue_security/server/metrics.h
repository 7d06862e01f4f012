// Metrics: counts requests by operation and outcome, their durations, and
// caught exceptions, in the format of Prometheus.

#ifndef GLUE_SECURITY_SERVER_METRICS_H_
#define GLUE_SECURITY_SERVER_METRICS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/model/operation.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {

// Thread-safe.
class Metrics {
 public:
  Metrics();

  // Records a request with two atomic additions. `outcome` is "ok" or the name
  // of an exception; an unknown name counts as "other". `operation` is
  // kNoOperation when the request names none.
  void Record(Operation operation, absl::string_view outcome,
              absl::Duration latency);

  // Counts an exception that was caught while a request was handled or logged.
  void CountException();

  // Returns all metrics in the text format of Prometheus, version 0.0.4.
  // Combinations of operation and outcome that never occurred are left out.
  std::string Text() const;

 private:
  // The outcomes are "ok" in the place of ERROR_CODE_UNSPECIFIED, each error of
  // the API, and the others that a request can have.
  static constexpr size_t kOtherOutcomes = 9;
  static constexpr size_t kOutcomes = v1::ErrorCode_ARRAYSIZE + kOtherOutcomes;
  // Upper bounds from 16 microseconds on, each twice the one before; then
  // infinity.
  static constexpr size_t kBuckets = 20;

  struct Series {
    std::array<std::atomic<uint64_t>, kBuckets + 1> buckets{};
    std::atomic<uint64_t> nanoseconds{0};
  };

  size_t OutcomeIndex(absl::string_view outcome) const;

  Series& at(size_t operation, size_t outcome) const {
    return series_[operation * kOutcomes + outcome];
  }

  const std::array<absl::string_view, kOutcomes> outcome_names_;
  const std::unique_ptr<Series[]> series_;
  std::atomic<uint64_t> exceptions_{0};
};

enum class MetricType { kCounter, kGauge };

// Appends a metric without labels, named "glue_security_" and `name`, in the
// format of `Text`. REQUIRES: `help` is one line.
void AppendMetric(absl::string_view name, MetricType type,
                  absl::string_view help, uint64_t value, std::string* text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_METRICS_H_
