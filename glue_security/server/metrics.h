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
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/encryption/kms_json/kms_operation.h"
#include "glue_security/model/operation.h"

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

  // Does the same for an operation of KMS, whose name in the text is such as
  // "kms:Encrypt".
  void RecordKms(KmsOperation operation, absl::string_view outcome,
                 absl::Duration latency);

  // Does the same for an operation of `OperationHandlers`; all are named "own".
  void RecordOwn(absl::string_view outcome, absl::Duration latency);

  // Counts an exception that was caught while a request was handled or logged.
  void CountException();

  // Returns all metrics in the text format of Prometheus, version 0.0.4.
  // Combinations of operation and outcome that never occurred are left out.
  std::string Text() const;

 private:
  // Upper bounds from 16 microseconds on, each twice the one before; then
  // infinity.
  static constexpr size_t kBuckets = 20;

  struct Series {
    std::array<std::atomic<uint64_t>, kBuckets + 1> buckets{};
    std::atomic<uint64_t> nanoseconds{0};
  };

  // The series of some operations, by operation and outcome.
  struct Table {
    Table(size_t operation_count, std::vector<absl::string_view> outcomes);

    void Record(size_t operation, absl::string_view outcome,
                absl::Duration latency) const;
    void AppendTo(std::string* text, size_t operation,
                  absl::string_view name) const;

    // The last name stands for all other outcomes.
    const std::vector<absl::string_view> outcome_names;
    const std::unique_ptr<Series[]> series;
  };

  const Table glue_;
  const Table kms_;
  const Table own_;
  std::atomic<uint64_t> exceptions_{0};
};

enum class MetricType { kCounter, kGauge };

// Appends a metric without labels, named "glue_security_" and `name`, in the
// format of `Text`. REQUIRES: `help` is one line.
void AppendMetric(absl::string_view name, MetricType type,
                  absl::string_view help, uint64_t value, std::string* text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_METRICS_H_
