// WireTable: how the messages of the API stand on the wire, compiled once from
// the descriptors. A member that is added to a proto is on the wire.

#ifndef GLUE_SECURITY_AWS_JSON_WIRE_TABLE_H_
#define GLUE_SECURITY_AWS_JSON_WIRE_TABLE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/model/operation.h"
#include "glue_security/v1/error.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace glue_security {

struct WireStructure;

enum class WireKind : uint8_t {
  kString,
  kInteger,
  kBoolean,
  kEnum,
  kTimestamp,
  kStructure,
  kList,
};

// One member of a structure.
struct WireMember {
  // "KmsKeyArn".
  std::string name;
  // As a key of an object: "\"KmsKeyArn\":".
  std::string json_key;
  // As in `Violation.path`: "kmsKeyArn".
  std::string path_name;
  WireKind kind = WireKind::kString;
  const google::protobuf::FieldDescriptor* field = nullptr;
  // Of a structure; of a list, that of its elements.
  const WireStructure* structure = nullptr;
  // Of a list: the repeated field. It is `field` itself, or, where an absent
  // list and an empty one differ, that of the message in `field`.
  const google::protobuf::FieldDescriptor* elements = nullptr;
  // Of an enum: its texts, which need no escape, and numbers.
  std::vector<std::pair<std::string, int>> enum_values;
};

struct WireStructure {
  const google::protobuf::Descriptor* descriptor = nullptr;
  // Of the generated class.
  const google::protobuf::Reflection* reflection = nullptr;
  std::vector<WireMember> members;

  // The member `name`; nullptr: none. Names are case-sensitive.
  const WireMember* Find(absl::string_view name) const;
};

struct WireOperation {
  Operation operation = kNoOperation;
  // In `v1::Request` and in `v1::Response`.
  const google::protobuf::FieldDescriptor* request_field = nullptr;
  const google::protobuf::FieldDescriptor* response_field = nullptr;
  const WireStructure* request = nullptr;
  const WireStructure* response = nullptr;
};

// Immutable. Thread-safe.
class WireTable {
 public:
  static const WireTable& Get();

  // The operation named "PutResourcePolicy"; nullptr: none.
  const WireOperation* FindOperation(absl::string_view name) const;

  // REQUIRES: an operation.
  const WireOperation& operation(Operation operation) const;

  // The code whose exception is `name`; UNSPECIFIED: none.
  v1::ErrorCode FindErrorCode(absl::string_view name) const;

 private:
  WireTable();

  const WireStructure* Add(const google::protobuf::Descriptor* descriptor);
  WireMember ReadMember(const google::protobuf::FieldDescriptor* field);

  // Indexed by operation number.
  std::vector<WireOperation> operations_;
  std::map<const google::protobuf::Descriptor*, std::unique_ptr<WireStructure>>
      structures_;
  std::vector<std::pair<std::string, v1::ErrorCode>> error_codes_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_AWS_JSON_WIRE_TABLE_H_
