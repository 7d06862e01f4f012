// The times that the API can represent: those of a protobuf Timestamp, the
// years 1 to 9999, which are also those of RFC 3339.

#ifndef GLUE_SECURITY_MODEL_TIME_BOUNDS_H_
#define GLUE_SECURITY_MODEL_TIME_BOUNDS_H_

#include <cstdint>

namespace glue_security {

// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z, in milliseconds since the
// Unix epoch.
inline constexpr int64_t kUnixMillisMin = -62'135'596'800'000;
inline constexpr int64_t kUnixMillisMax = 253'402'300'799'999;

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_TIME_BOUNDS_H_
