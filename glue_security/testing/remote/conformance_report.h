// The reports that glue-conformance prints.

#ifndef GLUE_SECURITY_TESTING_REMOTE_CONFORMANCE_REPORT_H_
#define GLUE_SECURITY_TESTING_REMOTE_CONFORMANCE_REPORT_H_

#include <string>

#include "glue_security/testing/backend_suite/backend_checks.h"
#include "glue_security/testing/backend_suite/backend_target.h"

namespace glue_security {

// One run of the checks.
struct ConformanceRun {
  BackendEndpoint endpoint;
  // Empty when none was given.
  std::string profile;
  BackendPreset behavior = BackendPreset::kDocumented;
  bool contract_only = false;
  // The endpoint was not reset before each check.
  bool no_reset = false;
  BackendReport report;
};

// Returns `BackendReport::ToString()` below a line with the counts and what was
// run.
std::string ConformanceText(const ConformanceRun& run);

// Returns one object in one line:
//
//   {"url":"http://…","profile":"moto","behavior":"documented",
//    "contract_only":false,"reset":true,
//    "judged":300,"passed":200,"failed":100,"skipped":60,
//    "results":[{"check":"put.…","operation":"PutResourcePolicy",
//                "source":"https://…","says":"…","basis":"contract",
//                "verdict":"failed",
//                "difference":"…","what":"…","expected":"…","actual":"…",
//                "calls":"…","cpp":"…","curl":"…","boto3":"…"}, …],
//    "groups":[{"count":55,"difference":"…","basis":"contract",
//               "checks":["…"]}, …],
//    "table":[{"operation":"PutResourcePolicy","passed":80,
//              "failed_by_contract":9,"failed_by_record":0,
//              "failed_by_choice":2,"skipped":14}, …],
//    "reasons":[{"count":20,"reason":"…"}, …]}
//
// A check that passed has no members after `verdict`, a skipped one `reason`.
// The basis of a failure is that of its difference. The groups are those of
// `BackendReport::Groups()`.
std::string ConformanceJson(const ConformanceRun& run);

// Returns a page that needs nothing beside itself. Like the text it shows
// U+FFFD for a NUL.
std::string ConformanceHtml(const ConformanceRun& run);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_REMOTE_CONFORMANCE_REPORT_H_
