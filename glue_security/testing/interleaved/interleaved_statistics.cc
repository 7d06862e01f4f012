#include "glue_security/testing/interleaved/interleaved_statistics.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "glue_security/model/operation.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {
namespace {

bool Overlaps(const HistoryEntry& entry, const History& history) {
  return std::any_of(history.begin(), history.end(),
                     [&](const HistoryEntry& other) {
                       return &entry != &other && entry.start < other.end &&
                              other.start < entry.end;
                     });
}

}  // namespace

void InterleavedStatistics::AddCalls(const History& history) {
  for (const HistoryEntry& entry : history) {
    ++calls;
    if (Overlaps(entry, history)) ++overlapping;
    Operation& operation =
        operations[std::string(OperationName(entry.request.operation_case()))];
    if (IsUnknown(entry) ||
        entry.response->error().code() == v1::ERROR_CODE_INTERNAL_SERVICE) {
      ++operation.unknown;
    } else if (entry.response->has_error()) {
      ++operation.refused;
    } else {
      ++operation.succeeded;
    }
  }
}

std::string InterleavedStatistics::Table() const {
  std::string table = absl::StrCat(
      runs, " runs, ", calls, " calls, ", overlapping,
      " of them overlapped another; ", steps, " steps, ", steps_inside,
      " of them within a call of the storage\n", reads, " reads, ", visits,
      " visits, ", commits, " commits, ", conflicts, " of them in conflict, ",
      failures_made, " made to fail; opened again ", reopenings, " times; ",
      undecided, " histories not decided\n");
  absl::StrAppendFormat(&table, "  %-32s %10s %10s %10s\n", "", "succeeded",
                        "refused", "unknown");
  for (const auto& [name, operation] : operations) {
    absl::StrAppendFormat(&table, "  %-32s %10d %10d %10d\n", name,
                          operation.succeeded, operation.refused,
                          operation.unknown);
  }
  return table;
}

}  // namespace glue_security
