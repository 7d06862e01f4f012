// What became of a request, as one line of a log.

#ifndef GLUE_SECURITY_SERVER_REQUEST_LOG_H_
#define GLUE_SECURITY_SERVER_REQUEST_LOG_H_

#include <string>

#include "absl/time/time.h"
#include "glue_security/server/front_end.h"

namespace glue_security {

// Both give one line with its end, whatever a record holds: no text of a client
// adds a line, a field or a member. `latency` is how long the request's
// handling took, `now` the time of the line.

// Words with single spaces between them: the time (RFC 3339, UTC), the request
// id, the account, the region, the operation, the outcome, the latency. A byte
// that is no visible character of ASCII is a question mark.
std::string TextLogLine(const RequestRecord& record, absl::Duration latency,
                        absl::Time now);

// A JSON object with the members time, request_id, account, region, operation,
// outcome (texts) and microseconds (a number).
std::string JsonLogLine(const RequestRecord& record, absl::Duration latency,
                        absl::Time now);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_REQUEST_LOG_H_
