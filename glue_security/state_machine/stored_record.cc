#include "glue_security/state_machine/stored_record.h"

#include <algorithm>
#include <utility>

#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"

namespace glue_security {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr uint32_t kFormatVersion = 1;

// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z.
constexpr int64_t kTimeMinMs = -62'135'596'800'000;
constexpr int64_t kTimeMaxMs = 253'402'300'799'999;

// Reads one message's fields without copying. A fresh reader stands before the
// first field.
class FieldReader {
 public:
  explicit FieldReader(absl::string_view bytes)
      : bytes_(bytes),
        input_(reinterpret_cast<const uint8_t*>(bytes.data()),
               static_cast<int>(bytes.size())) {}

  // Moves to the next field. False at the end and where the bytes are damaged.
  bool Next() {
    tag_ = input_.ReadTag();
    if (tag_ == 0) {
      ok_ = ok_ && input_.CurrentPosition() == static_cast<int>(bytes_.size());
      return false;
    }
    return true;
  }

  int number() const { return WireFormatLite::GetTagFieldNumber(tag_); }

  // The value of a field, of the one wire type or the other.
  uint64_t Varint() {
    uint64_t value = 0;
    ok_ = ok_ &&
          WireFormatLite::GetTagWireType(tag_) ==
              WireFormatLite::WIRETYPE_VARINT &&
          input_.ReadVarint64(&value);
    return value;
  }
  absl::string_view Bytes() {
    uint32_t size = 0;
    if (WireFormatLite::GetTagWireType(tag_) !=
            WireFormatLite::WIRETYPE_LENGTH_DELIMITED ||
        !input_.ReadVarint32(&size) ||
        size > bytes_.size() - input_.CurrentPosition()) {
      ok_ = false;
      return {};
    }
    const absl::string_view value =
        bytes_.substr(input_.CurrentPosition(), size);
    ok_ = ok_ && input_.Skip(static_cast<int>(size));
    return value;
  }
  void Skip() { ok_ = ok_ && WireFormatLite::SkipField(&input_, tag_); }

  // Nothing read so far was damaged.
  bool ok() const { return ok_; }

 private:
  absl::string_view bytes_;
  CodedInputStream input_;
  uint32_t tag_ = 0;
  bool ok_ = true;
};

bool DecodePolicyFields(absl::string_view bytes, ResourcePolicyView* policy) {
  using Stored = v1::StoredResourcePolicy;
  FieldReader reader(bytes);
  while (reader.ok() && reader.Next()) {
    switch (reader.number()) {
      case Stored::kDeletedFieldNumber:
        policy->deleted = reader.Varint() != 0;
        break;
      case Stored::kPolicyInJsonFieldNumber:
        policy->policy_in_json = reader.Bytes();
        break;
      case Stored::kPolicyHashFieldNumber:
        policy->policy_hash = reader.Bytes();
        break;
      case Stored::kCreateTimeMsFieldNumber:
        policy->create_time_ms = static_cast<int64_t>(reader.Varint());
        break;
      case Stored::kUpdateTimeMsFieldNumber:
        policy->update_time_ms = static_cast<int64_t>(reader.Varint());
        break;
      default:
        reader.Skip();
    }
  }
  return reader.ok();
}

}  // namespace

std::string EncodeRecord(const CommitId& commit_id, v1::StoredRecord record) {
  record.set_format_version(kFormatVersion);
  record.set_commit_id(commit_id.data(), commit_id.size());
  return record.SerializeAsString();
}

std::optional<v1::StoredRecord> DecodeRecord(
    absl::string_view bytes, v1::StoredRecord::RecordCase record_case) {
  v1::StoredRecord record;
  if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      record.format_version() != kFormatVersion ||
      record.record_case() != record_case) {
    return std::nullopt;
  }
  return record;
}

std::optional<ResourcePolicyView> DecodeResourcePolicy(
    absl::string_view bytes) {
  ResourcePolicyView policy;
  uint64_t version = 0;
  bool found = false;
  FieldReader reader(bytes);
  while (reader.ok() && reader.Next()) {
    switch (reader.number()) {
      case v1::StoredRecord::kFormatVersionFieldNumber:
        version = reader.Varint();
        break;
      case v1::StoredRecord::kResourcePolicyFieldNumber:
        found = DecodePolicyFields(reader.Bytes(), &policy);
        if (!found) return std::nullopt;
        break;
      case v1::StoredRecord::kCommitIdFieldNumber:
        reader.Skip();
        break;
      default:
        return std::nullopt;
    }
  }
  if (!reader.ok() || !found || version != kFormatVersion) return std::nullopt;
  return policy;
}

bool WrittenBy(absl::string_view bytes, const CommitId& commit_id) {
  FieldReader reader(bytes);
  while (reader.ok() && reader.Next()) {
    if (reader.number() == v1::StoredRecord::kCommitIdFieldNumber) {
      return reader.Bytes() ==
             absl::string_view(reinterpret_cast<const char*>(commit_id.data()),
                               commit_id.size());
    }
    reader.Skip();
  }
  return false;
}

int64_t ToRecordTime(absl::Time now) {
  return std::clamp(absl::ToUnixMillis(now), kTimeMinMs, kTimeMaxMs);
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
