#include "glue_security/testing/sequences/shown_time.h"

#include "absl/strings/str_cat.h"

namespace glue_security {

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) +
         absl::Nanoseconds(time.nanos());
}

bool BindTime(absl::Time time, absl::Time least, ShownTime* known,
              std::string* reason) {
  if (known->has_value() && **known != time) {
    *reason =
        absl::StrCat("the record had the time ",
                     absl::FormatTime(**known, absl::UTCTimeZone()), " before");
    return false;
  }
  if (time < least) {
    *reason = absl::StrCat("the time goes back, from ",
                           absl::FormatTime(least, absl::UTCTimeZone()));
    return false;
  }
  *known = time;
  return true;
}

}  // namespace glue_security
