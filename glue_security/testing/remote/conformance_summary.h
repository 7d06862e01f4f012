// ConformanceSummary: a report of the conformance checks in a few numbers.

#ifndef GLUE_SECURITY_TESTING_REMOTE_CONFORMANCE_SUMMARY_H_
#define GLUE_SECURITY_TESTING_REMOTE_CONFORMANCE_SUMMARY_H_

#include <string>
#include <utility>
#include <vector>

#include "glue_security/testing/backend_suite/backend_checks.h"

namespace glue_security {

// The results for one operation.
struct ConformanceRow {
  // "PutResourcePolicy", or "several".
  std::string operation;
  int passed = 0;
  int failed_by_contract = 0;
  int failed_by_record = 0;
  int failed_by_choice = 0;
  int skipped = 0;
};

struct ConformanceSummary {
  // In the order of the operations, "several" last.
  std::vector<ConformanceRow> rows;
  ConformanceRow total;
  // Reasons for skipping with their numbers of checks, the largest first.
  std::vector<std::pair<std::string, int>> skipped;
};

ConformanceSummary Summarize(const BackendReport& report);

// Returns the name of the operation that a check is about, or "several".
std::string OperationOf(const BackendCheck& check);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_REMOTE_CONFORMANCE_SUMMARY_H_
