// The encoding of the state machine's records as the bytes that a storage
// holds.

#ifndef GLUE_SECURITY_STATE_MACHINE_STORED_RECORD_H_
#define GLUE_SECURITY_STATE_MACHINE_STORED_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"
#include "glue_security/v1/stored_record.pb.h"
#include "google/protobuf/message.h"

namespace glue_security {

// A resource policy, borrowed from a stored record.
struct ResourcePolicyView {
  absl::string_view policy_in_json;
  absl::string_view policy_hash;
  // Milliseconds since the Unix epoch.
  int64_t create_time_ms = 0;
  int64_t update_time_ms = 0;
  // The policy was deleted at `update_time_ms`.
  bool deleted = false;
};

// Returns the bytes of `record`, with this format's version and `commit_id`
// filled in.
std::string EncodeRecord(const CommitId& commit_id, v1::StoredRecord record);

// Returns the bytes of `message`, with maps in the order of their keys, so that
// equal messages have equal bytes. REQUIRES: called within OrEnd.
std::string SerializeInOrder(const google::protobuf::Message& message);

// Returns the bytes of a resource policy. Copies its text once.
std::string EncodeResourcePolicy(const CommitId& commit_id,
                                 const ResourcePolicyView& policy);

// Returns the record of the given case that `bytes` hold; nullopt when they are
// damaged, of an unknown version, or of another case.
std::optional<v1::StoredRecord> DecodeRecord(
    absl::string_view bytes, v1::StoredRecord::RecordCase record_case);

// The check of a record's texts: valid UTF-8, or none. Checking a long text
// costs more than all the rest of decoding.
enum class TextCheck { kUtf8, kNone };

// Decodes a resource policy without copying it: the views point into `bytes`.
// With `kUtf8`, refuses everything that protobuf refuses.
std::optional<ResourcePolicyView> DecodeResourcePolicy(
    absl::string_view bytes, TextCheck check = TextCheck::kUtf8);

// Returns true when `bytes` hold a record that the run `commit_id` wrote.
bool WrittenBy(absl::string_view bytes, const CommitId& commit_id);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_STORED_RECORD_H_
