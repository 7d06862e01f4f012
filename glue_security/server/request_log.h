// The lines of a request log.

#ifndef GLUE_SECURITY_SERVER_REQUEST_LOG_H_
#define GLUE_SECURITY_SERVER_REQUEST_LOG_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "glue_security/server/front_end.h"

namespace glue_security {

// Both functions return one line with its line end. A client's text can never
// add a line, a word or a member: a byte that is not a visible ASCII character
// becomes a question mark, and a text is cut to 256 bytes. `latency` is the
// time that handling the request took, `now` the time of the line.

// Returns words separated by single spaces: the time (RFC 3339, UTC), the
// request id, the account, the region, the operation ("kms:Encrypt" for one of
// KMS, "upstream:AWSGlue.CreateDatabase" for one that was passed on), the
// outcome, the latency and, after an exception, its type. An empty word is "-".
std::string TextLogLine(const RequestRecord& record, absl::Duration latency,
                        absl::Time now);

// Returns a JSON object with the members time, request_id, account, region,
// operation, outcome (texts), microseconds (a number) and, after an exception,
// exception (its type).
std::string JsonLogLine(const RequestRecord& record, absl::Duration latency,
                        absl::Time now);

// Return the notice for dropped lines: "2019-09-01T00:00:00+00:00 12 lines were
// dropped", or an object with the members time and dropped_lines (a number).
std::string TextDroppedLine(uint64_t lines, absl::Time now);
std::string JsonDroppedLine(uint64_t lines, absl::Time now);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_REQUEST_LOG_H_
