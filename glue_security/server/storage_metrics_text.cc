#include "glue_security/server/storage_metrics_text.h"

#include <atomic>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "glue_security/server/metrics.h"

namespace glue_security {
namespace {

struct Counter {
  const char* name;
  const char* help;
  std::atomic<uint64_t> StorageMetrics::*member;
};

constexpr Counter kCounters[] = {
    {"commits_total", "Commits that were applied.", &StorageMetrics::commits},
    {"conflicts_total", "Commits that met a conflict.",
     &StorageMetrics::conflicts},
    {"not_applied_total", "Commits that failed and were not applied.",
     &StorageMetrics::not_applied},
    {"unknown_total", "Commits whose fate is open.", &StorageMetrics::unknown},
    {"data_losses_total", "Commits that found damaged data.",
     &StorageMetrics::data_losses},
    {"reads_total", "Reads that succeeded.", &StorageMetrics::reads},
    {"failed_reads_total", "Reads that failed.", &StorageMetrics::failed_reads},
    {"groups_total", "Groups of commits that became durable together.",
     &StorageMetrics::groups},
    {"grouped_commits_total", "Commits in these groups.",
     &StorageMetrics::grouped_commits},
    {"syncs_total", "Waits until a group was durable.", &StorageMetrics::syncs},
    {"sync_nanoseconds_total", "Time of these waits.",
     &StorageMetrics::sync_nanoseconds},
};

}  // namespace

void AppendStorageMetrics(const StorageMetrics& metrics, std::string* text) {
  for (const Counter& counter : kCounters) {
    AppendMetric(absl::StrCat("storage_", counter.name), MetricType::kCounter,
                 counter.help, (metrics.*counter.member).load(), text);
  }
  AppendMetric("storage_group_commits_max", MetricType::kGauge,
               "The largest group so far.", metrics.group_commits_max.load(),
               text);
}

}  // namespace glue_security
