#include "glue_security/state_machine/stored_record.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/model/time_bounds.h"
#include "google/protobuf/io/coded_stream.h"
#include "simdjson.h"

namespace glue_security {
namespace {

// The wire types of protobuf's encoding.
enum WireType {
  kVarint = 0,
  kFixed64 = 1,
  kLengthDelimited = 2,
  kFixed32 = 5,
};

constexpr uint32_t kFormatVersion = 1;

// Reads the fields of one message without copying. A new reader is positioned
// before the first field.
class FieldReader {
 public:
  explicit FieldReader(absl::string_view bytes)
      : next_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  // Moves to the next field. Returns false at the end and when the bytes are
  // damaged.
  bool Next() {
    if (next_ == end_) return false;
    tag_ = ShortVarint();
    // No field has the number 0.
    ok_ = ok_ && number() > 0;
    return ok_;
  }

  int number() const { return static_cast<int>(tag_ >> 3); }

  // Read or skip the field; not ok() when it has another wire type. REQUIRES:
  // Next() returned true, and the field was not read yet.
  uint64_t VarintField() {
    ok_ = wire_type() == kVarint;
    return Varint();
  }
  uint64_t Fixed64Field() {
    ok_ = wire_type() == kFixed64;
    const absl::string_view bytes = Take(sizeof(uint64_t));
    uint64_t value = 0;
    if (ok_) {
      google::protobuf::io::CodedInputStream::ReadLittleEndian64FromArray(
          reinterpret_cast<const uint8_t*>(bytes.data()), &value);
    }
    return value;
  }
  absl::string_view BytesField() {
    ok_ = wire_type() == kLengthDelimited;
    return Take(ShortVarint());
  }
  void SkipField() {
    switch (wire_type()) {
      case kVarint:
        Varint();
        break;
      case kFixed64:
        Take(sizeof(uint64_t));
        break;
      case kLengthDelimited:
        Take(ShortVarint());
        break;
      case kFixed32:
        Take(sizeof(uint32_t));
        break;
      default:
        ok_ = false;
    }
  }

  // Returns true when no damage was found so far.
  bool ok() const { return ok_; }

 private:
  int wire_type() const { return static_cast<int>(tag_ & 7); }

  uint64_t Varint() {
    // The fast path for tags and small sizes.
    if (next_ != end_ && static_cast<uint8_t>(*next_) < 0x80) {
      return static_cast<uint8_t>(*next_++);
    }
    return LongVarint();
  }

  // Reads a tag or a size. It has 32 bits, and at most five bytes.
  uint64_t ShortVarint() {
    constexpr ptrdiff_t kBytesMax = 5;
    const char* const begin = next_;
    const uint64_t value = Varint();
    ok_ = ok_ && next_ - begin <= kBytesMax &&
          value <= std::numeric_limits<uint32_t>::max();
    return value;
  }

  uint64_t LongVarint() {
    constexpr int kShiftMax = 63;
    uint64_t value = 0;
    for (int shift = 0; next_ != end_ && shift <= kShiftMax; shift += 7) {
      const auto byte = static_cast<uint8_t>(*next_++);
      value |= uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }

  absl::string_view Take(uint64_t size) {
    if (!ok_ || size > static_cast<uint64_t>(end_ - next_)) {
      ok_ = false;
      return {};
    }
    const char* const begin = next_;
    next_ += size;
    return {begin, static_cast<size_t>(size)};
  }

  const char* next_;
  const char* const end_;
  uint64_t tag_ = 0;
  bool ok_ = true;
};

// Writes the fields of one message into a buffer with enough room. As in
// protobuf, fields are in ascending order, and those with the default value are
// left out.
class FieldWriter {
 public:
  explicit FieldWriter(char* out) : next_(out) {}

  void VarintField(int number, uint64_t value) {
    if (value == 0) return;
    Varint(static_cast<uint64_t>(number) << 3 | kVarint);
    Varint(value);
  }
  void Fixed64Field(int number, uint64_t value) {
    if (value == 0) return;
    Varint(static_cast<uint64_t>(number) << 3 | kFixed64);
    google::protobuf::io::CodedOutputStream::WriteLittleEndian64ToArray(
        value, reinterpret_cast<uint8_t*>(next_));
    next_ += sizeof(value);
  }
  void BytesField(int number, absl::string_view value) {
    if (value.empty()) return;
    MessageField(number, value.size());
    std::memcpy(next_, value.data(), value.size());
    next_ += value.size();
  }
  // Starts a message of `size` bytes, which come next.
  void MessageField(int number, size_t size) {
    Varint(static_cast<uint64_t>(number) << 3 | kLengthDelimited);
    Varint(size);
  }

 private:
  void Varint(uint64_t value) {
    while (value >= 0x80) {
      *next_++ = static_cast<char>(value | 0x80);
      value >>= 7;
    }
    *next_++ = static_cast<char>(value);
  }

  char* next_;
};

// Return the size of a field as `FieldWriter` writes it.
size_t MessageFieldSize(size_t size) {
  return 1 + google::protobuf::io::CodedOutputStream::VarintSize64(size) + size;
}
size_t BytesFieldSize(absl::string_view value) {
  return value.empty() ? 0 : MessageFieldSize(value.size());
}
size_t Fixed64FieldSize(int64_t value) {
  return value == 0 ? 0 : 1 + sizeof(value);
}

size_t PolicyFieldsSize(const ResourcePolicyView& policy) {
  return (policy.deleted ? 2 : 0) + BytesFieldSize(policy.policy_in_json) +
         BytesFieldSize(policy.policy_hash) +
         Fixed64FieldSize(policy.create_time_ms) +
         Fixed64FieldSize(policy.update_time_ms);
}

void EncodePolicyFields(const ResourcePolicyView& policy, FieldWriter* writer) {
  using Stored = v1::StoredResourcePolicy;
  writer->VarintField(Stored::kDeletedFieldNumber, policy.deleted ? 1 : 0);
  writer->BytesField(Stored::kPolicyInJsonFieldNumber, policy.policy_in_json);
  writer->BytesField(Stored::kPolicyHashFieldNumber, policy.policy_hash);
  writer->Fixed64Field(Stored::kCreateTimeMsFieldNumber,
                       static_cast<uint64_t>(policy.create_time_ms));
  writer->Fixed64Field(Stored::kUpdateTimeMsFieldNumber,
                       static_cast<uint64_t>(policy.update_time_ms));
}

// Returns true when `text` passes `check`.
bool IsText(absl::string_view text, TextCheck check) {
  return check == TextCheck::kNone ||
         simdjson::validate_utf8(text.data(), text.size());
}

bool DecodePolicyFields(absl::string_view bytes, TextCheck check,
                        ResourcePolicyView* policy) {
  using Stored = v1::StoredResourcePolicy;
  FieldReader reader(bytes);
  while (reader.ok() && reader.Next()) {
    switch (reader.number()) {
      case Stored::kDeletedFieldNumber:
        policy->deleted = reader.VarintField() != 0;
        break;
      case Stored::kPolicyInJsonFieldNumber:
        policy->policy_in_json = reader.BytesField();
        if (!IsText(policy->policy_in_json, check)) return false;
        break;
      case Stored::kPolicyHashFieldNumber:
        policy->policy_hash = reader.BytesField();
        if (!IsText(policy->policy_hash, check)) return false;
        break;
      case Stored::kCreateTimeMsFieldNumber:
        policy->create_time_ms = static_cast<int64_t>(reader.Fixed64Field());
        break;
      case Stored::kUpdateTimeMsFieldNumber:
        policy->update_time_ms = static_cast<int64_t>(reader.Fixed64Field());
        break;
      default:
        reader.SkipField();
    }
  }
  return reader.ok();
}

}  // namespace

std::string EncodeRecord(const CommitId& commit_id, v1::StoredRecord record) {
  return OrEnd([&] {
    record.set_format_version(kFormatVersion);
    record.set_commit_id(commit_id.data(), commit_id.size());
    return record.SerializeAsString();
  });
}

std::string EncodeResourcePolicy(const CommitId& commit_id,
                                 const ResourcePolicyView& policy) {
  const size_t policy_bytes = PolicyFieldsSize(policy);
  const absl::string_view id(reinterpret_cast<const char*>(commit_id.data()),
                             commit_id.size());
  constexpr size_t kVersionFieldBytes = 2;
  std::string bytes(
      kVersionFieldBytes + BytesFieldSize(id) + MessageFieldSize(policy_bytes),
      '\0');
  FieldWriter writer(bytes.data());
  writer.VarintField(v1::StoredRecord::kFormatVersionFieldNumber,
                     kFormatVersion);
  writer.BytesField(v1::StoredRecord::kCommitIdFieldNumber, id);
  writer.MessageField(v1::StoredRecord::kResourcePolicyFieldNumber,
                      policy_bytes);
  EncodePolicyFields(policy, &writer);
  return bytes;
}

std::optional<v1::StoredRecord> DecodeRecord(
    absl::string_view bytes, v1::StoredRecord::RecordCase record_case) {
  v1::StoredRecord record;
  const bool parsed = OrEnd([&] {
    return record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  });
  if (!parsed || record.format_version() != kFormatVersion ||
      record.record_case() != record_case) {
    return std::nullopt;
  }
  return record;
}

namespace {

bool DecodePolicyRecord(absl::string_view bytes, TextCheck check,
                        ResourcePolicyView* policy) {
  uint64_t version = 0;
  bool found = false;
  // Every record of this format starts with the version and an id, so these are
  // not read field by field.
  constexpr absl::string_view kStart("\x08\x01\x12\x10", 4);
  constexpr size_t kStartBytes = kStart.size() + sizeof(CommitId);
  if (bytes.size() >= kStartBytes && absl::StartsWith(bytes, kStart)) {
    version = kFormatVersion;
    bytes.remove_prefix(kStartBytes);
  }
  FieldReader reader(bytes);
  while (reader.ok() && reader.Next()) {
    switch (reader.number()) {
      case v1::StoredRecord::kFormatVersionFieldNumber:
        version = reader.VarintField();
        break;
      case v1::StoredRecord::kResourcePolicyFieldNumber:
        found = DecodePolicyFields(reader.BytesField(), check, policy);
        if (!found) return false;
        break;
      case v1::StoredRecord::kCommitIdFieldNumber:
        reader.SkipField();
        break;
      default:
        return false;
    }
  }
  return reader.ok() && found && version == kFormatVersion;
}

}  // namespace

std::optional<ResourcePolicyView> DecodeResourcePolicy(absl::string_view bytes,
                                                       TextCheck check) {
  std::optional<ResourcePolicyView> policy(std::in_place);
  if (!DecodePolicyRecord(bytes, check, &*policy)) policy.reset();
  return policy;
}

bool WrittenBy(absl::string_view bytes, const CommitId& commit_id) {
  FieldReader reader(bytes);
  while (reader.ok() && reader.Next()) {
    if (reader.number() == v1::StoredRecord::kCommitIdFieldNumber) {
      return reader.BytesField() ==
             absl::string_view(reinterpret_cast<const char*>(commit_id.data()),
                               commit_id.size());
    }
    reader.SkipField();
  }
  return false;
}

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
