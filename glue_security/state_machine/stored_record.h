// The records of the state machine as the bytes that a storage holds.

#ifndef GLUE_SECURITY_STATE_MACHINE_STORED_RECORD_H_
#define GLUE_SECURITY_STATE_MACHINE_STORED_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/model/record.h"
#include "glue_security/v1/stored_record.pb.h"
#include "google/protobuf/timestamp.pb.h"

namespace glue_security {

// A resource policy, borrowed from a stored record.
struct ResourcePolicyView {
  absl::string_view policy_in_json;
  absl::string_view policy_hash;
  // Milliseconds since the Unix epoch.
  int64_t create_time_ms = 0;
  int64_t update_time_ms = 0;
  // There is no policy: it was deleted at `update_time_ms`.
  bool deleted = false;
};

// The bytes of `record`, with this format's version and `commit_id` filled in.
std::string EncodeRecord(const CommitId& commit_id, v1::StoredRecord record);

// The same for a resource policy, copying its text once.
std::string EncodeResourcePolicy(const CommitId& commit_id,
                                 const ResourcePolicyView& policy);

// The record that `bytes` hold, of the given case; nullopt when they are
// damaged, of an unknown version, or of another case.
std::optional<v1::StoredRecord> DecodeRecord(
    absl::string_view bytes, v1::StoredRecord::RecordCase record_case);

// Whether the texts of a record are held to be well-formed UTF-8. To look at a
// long text costs more than all the rest.
enum class TextCheck { kUtf8, kNone };

// The same for a resource policy, without copying: the views point into
// `bytes`. What protobuf refuses is refused here, too.
std::optional<ResourcePolicyView> DecodeResourcePolicy(
    absl::string_view bytes, TextCheck check = TextCheck::kUtf8);

// Whether `bytes` hold a record that the run `commit_id` wrote.
bool WrittenBy(absl::string_view bytes, const CommitId& commit_id);

// `now` as records hold it: milliseconds since the Unix epoch, rounded down,
// held to what a protobuf Timestamp can say (years 1 to 9999).
int64_t ToRecordTime(absl::Time now);

// The timestamp of the API for a record's time.
google::protobuf::Timestamp ToTimestamp(int64_t ms);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_STORED_RECORD_H_
