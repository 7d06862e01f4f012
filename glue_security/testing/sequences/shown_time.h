// The times of a record, as a backend with a clock of its own shows them.

#ifndef GLUE_SECURITY_TESTING_SEQUENCES_SHOWN_TIME_H_
#define GLUE_SECURITY_TESTING_SEQUENCES_SHOWN_TIME_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

namespace glue_security {

// A time of a record that an answer showed; nullopt: none did.
using ShownTime = std::optional<absl::Time>;

absl::Time TimeOf(const google::protobuf::Timestamp& time);

// Returns true when a record can show `time` that had `*known` before and whose
// time is at least `least`, and remembers it. Otherwise `*reason` says why not.
bool BindTime(absl::Time time, absl::Time least, ShownTime* known,
              std::string* reason);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SEQUENCES_SHOWN_TIME_H_
