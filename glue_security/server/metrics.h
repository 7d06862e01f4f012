// Metrics: how many requests of each operation ended how, how long they took,
// and how many exceptions were caught, as Prometheus reads them.

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

// Thread-safe; to record takes three atomic additions.
class Metrics {
 public:
  Metrics();

  // `outcome` is "ok" or the name of an exception; one that no operation and no
  // front end gives counts as "other". kNoOperation: a request that names none.
  void Record(Operation operation, absl::string_view outcome,
              absl::Duration latency);

  // Something was thrown and caught while a request was handled or logged.
  void CountException();

  // Everything so far in the text format of Prometheus, version 0.0.4. An
  // operation with an outcome that it never had is left out.
  std::string Text() const;

 private:
  // "ok" in the place of ERROR_CODE_UNSPECIFIED, each error of the API, and
  // what else a request may end with.
  static constexpr size_t kOtherOutcomes = 9;
  static constexpr size_t kOutcomes = v1::ErrorCode_ARRAYSIZE + kOtherOutcomes;
  // Upper bounds from 16 microseconds on, each twice the last; then infinity.
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

// Appends a metric without labels, "glue_security_" and `name`, as `Text`
// writes them. REQUIRES: `help` is one line.
void AppendMetric(absl::string_view name, MetricType type,
                  absl::string_view help, uint64_t value, std::string* text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_METRICS_H_
