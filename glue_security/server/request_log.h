// What became of a request, as one line of a log.

#ifndef GLUE_SECURITY_SERVER_REQUEST_LOG_H_
#define GLUE_SECURITY_SERVER_REQUEST_LOG_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "glue_security/server/front_end.h"

namespace glue_security {

// Both give one line with its end, whatever a record holds: no text of a client
// adds a line, a word or a member. A byte that is no visible character of ASCII
// becomes a question mark, and a text is cut to 256 bytes. `latency` is how
// long the request's handling took, `now` the time of the line.

// Words with single spaces between them: the time (RFC 3339, UTC), the request
// id, the account, the region, the operation, the outcome, the latency and,
// where something was thrown, the name of its type. A word that is empty is
// "-".
std::string TextLogLine(const RequestRecord& record, absl::Duration latency,
                        absl::Time now);

// A JSON object with the members time, request_id, account, region, operation,
// outcome (texts), microseconds (a number) and, where something was thrown,
// exception (the name of its type).
std::string JsonLogLine(const RequestRecord& record, absl::Duration latency,
                        absl::Time now);

// The same for lines that are missing: "2019-09-01T00:00:00+00:00 12 lines were
// dropped", and an object with the members time and dropped_lines (a number).
std::string TextDroppedLine(uint64_t lines, absl::Time now);
std::string JsonDroppedLine(uint64_t lines, absl::Time now);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_REQUEST_LOG_H_
