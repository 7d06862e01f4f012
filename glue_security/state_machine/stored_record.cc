#include "glue_security/state_machine/stored_record.h"

#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/state_machine/wire_fields.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "simdjson.h"

namespace glue_security {
namespace {

constexpr uint32_t kFormatVersion = 1;

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

std::string EncodeRecord(const CommitId& commit_id, v1::StoredRecord record) {
  return OrEnd([&] {
    record.set_format_version(kFormatVersion);
    record.set_commit_id(commit_id.data(), commit_id.size());
    return SerializeInOrder(record);
  });
}

std::string SerializeInOrder(const google::protobuf::Message& message) {
  std::string bytes;
  bytes.reserve(message.ByteSizeLong());
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream output(&stream);
  output.SetSerializationDeterministic(true);
  message.SerializeWithCachedSizes(&output);
  output.Trim();
  return bytes;
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

}  // namespace glue_security
