#include "glue_security/server/metrics.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace glue_security {
namespace {

// The last name stands for all other outcomes.
constexpr const char* kOtherNames[] = {
    "SerializationException",
    "UnknownOperationException",
    "MissingAuthenticationTokenException",
    "IncompleteSignatureException",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "ExpiredTokenException",
    "dropped",
    "other",
};

constexpr absl::Duration kFirstBound = absl::Microseconds(16);

template <size_t kSize>
std::array<absl::string_view, kSize> OutcomeNames() {
  static_assert(v1::ErrorCode_ARRAYSIZE + std::size(kOtherNames) == kSize);
  std::array<absl::string_view, kSize> names = {"ok"};
  for (size_t i = 1; i < kSize; ++i) {
    names[i] = i < v1::ErrorCode_ARRAYSIZE
                   ? ErrorCodeName(static_cast<v1::ErrorCode>(i))
                   : kOtherNames[i - v1::ErrorCode_ARRAYSIZE];
  }
  return names;
}

}  // namespace

Metrics::Metrics()
    : outcome_names_(OutcomeNames<kOutcomes>()),
      series_(std::make_unique<Series[]>(kOperationNumberEnd * kOutcomes)) {}

size_t Metrics::OutcomeIndex(absl::string_view outcome) const {
  const auto found =
      std::find(outcome_names_.begin(), outcome_names_.end(), outcome);
  return found == outcome_names_.end()
             ? kOutcomes - 1
             : static_cast<size_t>(found - outcome_names_.begin());
}

void Metrics::Record(Operation operation, absl::string_view outcome,
                     absl::Duration latency) {
  Series& series = at(static_cast<size_t>(operation), OutcomeIndex(outcome));
  size_t bucket = 0;
  for (absl::Duration bound = kFirstBound; bucket < kBuckets && latency > bound;
       bound *= 2) {
    ++bucket;
  }
  series.buckets[bucket].fetch_add(1, std::memory_order_relaxed);
  series.nanoseconds.fetch_add(
      static_cast<uint64_t>(absl::ToInt64Nanoseconds(latency)),
      std::memory_order_relaxed);
}

void Metrics::CountException() {
  exceptions_.fetch_add(1, std::memory_order_relaxed);
}

std::string Metrics::Text() const {
  constexpr char kName[] = "glue_security_request_duration_seconds";
  std::string text =
      absl::StrCat("# HELP ", kName,
                   " Time from a request's last byte to its answer's first.\n",
                   "# TYPE ", kName, " histogram\n");
  for (size_t operation = 0; operation < kOperationNumberEnd; ++operation) {
    for (size_t outcome = 0; outcome < kOutcomes; ++outcome) {
      const Series& series = at(operation, outcome);
      std::array<uint64_t, kBuckets + 1> counts;
      uint64_t total = 0;
      for (size_t i = 0; i <= kBuckets; ++i) {
        counts[i] = series.buckets[i].load(std::memory_order_relaxed);
        total += counts[i];
      }
      if (total == 0) continue;
      const absl::string_view name =
          OperationName(static_cast<Operation>(operation));
      const std::string labels =
          absl::StrCat("operation=\"", name.empty() ? "none" : name,
                       "\",outcome=\"", outcome_names_[outcome], "\"");
      uint64_t below = 0;
      absl::Duration bound = kFirstBound;
      for (size_t i = 0; i < kBuckets; ++i, bound *= 2) {
        below += counts[i];
        absl::StrAppendFormat(&text, "%s_bucket{%s,le=\"%.9g\"} %d\n", kName,
                              labels, absl::ToDoubleSeconds(bound), below);
      }
      absl::StrAppendFormat(
          &text,
          "%s_bucket{%s,le=\"+Inf\"} %d\n%s_sum{%s} %.9f\n%s_count{%s} %d\n",
          kName, labels, total, kName, labels,
          static_cast<double>(
              series.nanoseconds.load(std::memory_order_relaxed)) /
              1e9,
          kName, labels, total);
    }
  }
  AppendMetric("exceptions_total", MetricType::kCounter,
               "Exceptions that were caught in handling or logging a request.",
               exceptions_.load(std::memory_order_relaxed), &text);
  return text;
}

void AppendMetric(absl::string_view name, MetricType type,
                  absl::string_view help, uint64_t value, std::string* text) {
  const std::string full = absl::StrCat("glue_security_", name);
  absl::StrAppend(text, "# HELP ", full, " ", help, "\n# TYPE ", full, " ",
                  type == MetricType::kCounter ? "counter" : "gauge", "\n",
                  full, " ", value, "\n");
}

}  // namespace glue_security
