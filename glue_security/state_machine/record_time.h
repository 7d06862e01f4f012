// The time of a record: milliseconds since the Unix epoch.

#ifndef GLUE_SECURITY_STATE_MACHINE_RECORD_TIME_H_
#define GLUE_SECURITY_STATE_MACHINE_RECORD_TIME_H_

#include <cstdint>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace glue_security {

// Returns `now` in the form of records: milliseconds since the Unix epoch,
// rounded down and clamped to the range of a protobuf Timestamp (years 1 to
// 9999).
int64_t ToRecordTime(absl::Time now);

// Returns the timestamp of the API for the time of a record.
google::protobuf::Timestamp ToTimestamp(int64_t ms);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_RECORD_TIME_H_
