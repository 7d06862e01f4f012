#include "glue_security/testing/remote/conformance_summary.h"

#include <algorithm>
#include <limits>
#include <map>

#include "glue_security/model/operation.h"

namespace glue_security {
namespace {

void Count(const BackendCheckResult& result, ConformanceRow* row) {
  if (result.verdict == BackendCheckResult::kPassed) ++row->passed;
  if (result.verdict == BackendCheckResult::kSkipped) ++row->skipped;
  if (result.verdict != BackendCheckResult::kFailed) return;
  switch (result.basis) {
    case BackendCheckBasis::kContract:
      ++row->failed_by_contract;
      return;
    case BackendCheckBasis::kRecorded:
      ++row->failed_by_record;
      return;
    case BackendCheckBasis::kChoice:
      ++row->failed_by_choice;
      return;
  }
}

}  // namespace

std::string OperationOf(const BackendCheck& check) {
  if (check.operation == kNoOperation) return "several";
  return std::string(OperationName(check.operation));
}

ConformanceSummary Summarize(const BackendReport& report) {
  ConformanceSummary summary;
  summary.total.operation = "all";
  std::map<int, ConformanceRow> rows;
  for (const BackendCheckResult& result : report.results) {
    const int number = static_cast<int>(result.check->operation);
    ConformanceRow& row = rows[result.check->operation == kNoOperation
                                   ? std::numeric_limits<int>::max()
                                   : number];
    row.operation = OperationOf(*result.check);
    Count(result, &row);
    Count(result, &summary.total);
    if (result.verdict != BackendCheckResult::kSkipped) continue;
    const auto known = std::find_if(
        summary.skipped.begin(), summary.skipped.end(),
        [&result](const auto& reason) { return reason.first == result.text; });
    if (known == summary.skipped.end()) {
      summary.skipped.emplace_back(result.text, 1);
    } else {
      ++known->second;
    }
  }
  for (auto& [number, row] : rows) summary.rows.push_back(std::move(row));
  std::stable_sort(
      summary.skipped.begin(), summary.skipped.end(),
      [](const auto& a, const auto& b) { return a.second > b.second; });
  return summary;
}

}  // namespace glue_security
