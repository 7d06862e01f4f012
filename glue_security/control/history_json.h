// The JSON of a history, as a test harness is shown it.

#ifndef GLUE_SECURITY_CONTROL_HISTORY_JSON_H_
#define GLUE_SECURITY_CONTROL_HISTORY_JSON_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/backend/history.h"
#include "glue_security/backend/history_recorder.h"

namespace glue_security {

// The calls of the history that are requested.
struct HistoryQuery {
  uint64_t from = 0;
  uint64_t limit = std::numeric_limits<uint64_t>::max();
  // Only the latest calls, so many.
  uint64_t latest = std::numeric_limits<uint64_t>::max();
};

// Parses "after=START&limit=NUMBER&latest=NUMBER"; each may be left out.
// Errors: kInvalidArgument.
absl::StatusOr<HistoryQuery> ParseHistoryQuery(absl::string_view query);

// Returns {"left_out":…,"calls":[…],"next":…}: the calls of the query, the
// number of calls that the recorder has dropped, and, when there are more, the
// start to ask for the next ones with. The text has about `answer_bytes_max`
// bytes at most.
std::string HistoryAsJson(const HistoryRecorder& recorder,
                          const HistoryQuery& query, size_t answer_bytes_max);

// Appends `entry` as an object, after a comma unless `out` ends with the
// bracket that opens the list. Returns false and changes nothing when `out`
// would be longer than `bytes_max`. The first entry of a list, if it does not
// fit, is appended without its request and answer and with "cut":true.
bool AppendHistoryCall(const HistoryEntry& entry, size_t bytes_max,
                       std::string* out);

}  // namespace glue_security

#endif  // GLUE_SECURITY_CONTROL_HISTORY_JSON_H_
