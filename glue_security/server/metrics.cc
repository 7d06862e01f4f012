#include "glue_security/server/metrics.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "glue_security/encryption/kms_json/kms_exceptions.h"
#include "glue_security/v1/options.pb.h"

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
constexpr char kName[] = "glue_security_request_duration_seconds";

// Returns "ok", the exceptions of an API, and the others that a request can
// have.
std::vector<absl::string_view> OutcomesWith(
    const std::vector<absl::string_view>& exceptions) {
  std::vector<absl::string_view> names = {"ok"};
  names.insert(names.end(), exceptions.begin(), exceptions.end());
  names.insert(names.end(), std::begin(kOtherNames), std::end(kOtherNames));
  return names;
}

std::vector<absl::string_view> GlueExceptions() {
  std::vector<absl::string_view> names;
  for (int code = 1; code < v1::ErrorCode_ARRAYSIZE; ++code) {
    names.push_back(ErrorCodeName(static_cast<v1::ErrorCode>(code)));
  }
  return names;
}

}  // namespace

Metrics::Table::Table(size_t operation_count,
                      std::vector<absl::string_view> outcomes)
    : outcome_names(std::move(outcomes)),
      series(
          std::make_unique<Series[]>(operation_count * outcome_names.size())) {}

Metrics::Metrics()
    : glue_(kOperationNumberEnd, OutcomesWith(GlueExceptions())),
      kms_(kKmsOperations, OutcomesWith({std::begin(kKmsExceptions),
                                         std::end(kKmsExceptions)})),
      own_(1, OutcomesWith({})) {}

void Metrics::Table::Record(size_t operation, absl::string_view outcome,
                            absl::Duration latency) const {
  const auto found =
      std::find(outcome_names.begin(), outcome_names.end(), outcome);
  const size_t index = found == outcome_names.end()
                           ? outcome_names.size() - 1
                           : static_cast<size_t>(found - outcome_names.begin());
  Series& counted = series[operation * outcome_names.size() + index];
  size_t bucket = 0;
  for (absl::Duration bound = kFirstBound; bucket < kBuckets && latency > bound;
       bound *= 2) {
    ++bucket;
  }
  counted.buckets[bucket].fetch_add(1, std::memory_order_relaxed);
  counted.nanoseconds.fetch_add(
      static_cast<uint64_t>(absl::ToInt64Nanoseconds(latency)),
      std::memory_order_relaxed);
}

void Metrics::Table::AppendTo(std::string* text, size_t operation,
                              absl::string_view name) const {
  for (size_t outcome = 0; outcome < outcome_names.size(); ++outcome) {
    const Series& counted = series[operation * outcome_names.size() + outcome];
    std::array<uint64_t, kBuckets + 1> counts;
    uint64_t total = 0;
    for (size_t i = 0; i <= kBuckets; ++i) {
      counts[i] = counted.buckets[i].load(std::memory_order_relaxed);
      total += counts[i];
    }
    if (total == 0) continue;
    const std::string labels = absl::StrCat(
        "operation=\"", name, "\",outcome=\"", outcome_names[outcome], "\"");
    uint64_t below = 0;
    absl::Duration bound = kFirstBound;
    for (size_t i = 0; i < kBuckets; ++i, bound *= 2) {
      below += counts[i];
      absl::StrAppendFormat(text, "%s_bucket{%s,le=\"%.9g\"} %d\n", kName,
                            labels, absl::ToDoubleSeconds(bound), below);
    }
    absl::StrAppendFormat(
        text,
        "%s_bucket{%s,le=\"+Inf\"} %d\n%s_sum{%s} %.9f\n%s_count{%s} %d\n",
        kName, labels, total, kName, labels,
        static_cast<double>(
            counted.nanoseconds.load(std::memory_order_relaxed)) /
            1e9,
        kName, labels, total);
  }
}

void Metrics::Record(Operation operation, absl::string_view outcome,
                     absl::Duration latency) {
  glue_.Record(static_cast<size_t>(operation), outcome, latency);
}

void Metrics::RecordKms(KmsOperation operation, absl::string_view outcome,
                        absl::Duration latency) {
  kms_.Record(static_cast<size_t>(operation), outcome, latency);
}

void Metrics::RecordOwn(absl::string_view outcome, absl::Duration latency) {
  own_.Record(0, outcome, latency);
}

void Metrics::CountException() {
  exceptions_.fetch_add(1, std::memory_order_relaxed);
}

std::string Metrics::Text() const {
  std::string text =
      absl::StrCat("# HELP ", kName,
                   " Time from a request's last byte to its answer's first.\n",
                   "# TYPE ", kName, " histogram\n");
  for (size_t i = 0; i < kOperationNumberEnd; ++i) {
    const absl::string_view name = OperationName(static_cast<Operation>(i));
    glue_.AppendTo(&text, i, name.empty() ? "none" : name);
  }
  for (size_t i = 0; i < kKmsOperations; ++i) {
    kms_.AppendTo(
        &text, i,
        absl::StrCat("kms:", KmsOperationName(static_cast<KmsOperation>(i))));
  }
  own_.AppendTo(&text, 0, "own");
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
