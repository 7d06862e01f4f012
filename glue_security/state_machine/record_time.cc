#include "glue_security/state_machine/record_time.h"

#include <algorithm>

#include "glue_security/model/time_bounds.h"

namespace glue_security {

int64_t ToRecordTime(absl::Time now) {
  return std::clamp(absl::ToUnixMillis(now), kUnixMillisMin, kUnixMillisMax);
}

google::protobuf::Timestamp ToTimestamp(int64_t ms) {
  int64_t seconds = ms / 1000;
  int64_t remainder = ms % 1000;
  if (remainder < 0) {
    --seconds;
    remainder += 1000;
  }
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(seconds);
  timestamp.set_nanos(static_cast<int32_t>(remainder * 1'000'000));
  return timestamp;
}

}  // namespace glue_security
