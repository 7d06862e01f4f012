// StructureSchema: a structure of the API and its members, compiled from the
// descriptor of its message: names, kinds, constraints and accessors. For the
// structures of the operations see `ApiSchema` (api_schema.h).

#ifndef GLUE_SECURITY_SCHEMA_STRUCTURE_SCHEMA_H_
#define GLUE_SECURITY_SCHEMA_STRUCTURE_SCHEMA_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/schema/accessors.h"
#include "glue_security/v1/options.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace glue_security {

struct StructureSchema;

// What the value of a member is.
enum class MemberKind : uint8_t {
  kString,
  kEnum,
  kInteger,
  kBoolean,
  kTimestamp,
  kStructure,
  // A list of structures.
  kList,
  // Strings by strings.
  kMap,
};

struct EnumValueSchema {
  // On the wire; it needs no escape in JSON.
  std::string text;
  int number = 0;
};

// One member of a structure and its constraints. A bound that does not bind has
// the value that no member can pass.
struct MemberSchema {
  const google::protobuf::FieldDescriptor* field = nullptr;
  // nullptr for a member that only responses have.
  const Accessors* accessors = nullptr;
  // "KmsKeyArn".
  std::string name;
  // As a key of a JSON object: "\"KmsKeyArn\":".
  std::string json_key;
  // As `Violation.path` writes it: "kmsKeyArn".
  std::string path_name;
  MemberKind kind = MemberKind::kString;
  bool required = false;
  // What its constraints are called in the service's model.
  v1::Shape shape = v1::SHAPE_UNSPECIFIED;

  // kString. Bytes of UTF-8, inclusive.
  size_t length_bytes_min = 0;
  size_t length_bytes_max = std::numeric_limits<size_t>::max();
  // kString. The pattern of the contract, and the one that the real service was
  // seen to check, which is the same where nothing else was seen.
  v1::Pattern documented_pattern = v1::PATTERN_UNSPECIFIED;
  v1::Pattern observed_pattern = v1::PATTERN_UNSPECIFIED;

  // kInteger. Inclusive.
  int64_t value_min = std::numeric_limits<int64_t>::min();
  int64_t value_max = std::numeric_limits<int64_t>::max();

  // kEnum. The values that have a text on the wire, and all their texts as a
  // message quotes them: "[DISABLED, SSE-KMS]".
  std::vector<EnumValueSchema> enum_values;
  std::string enum_set;

  // kStructure, kList: the structure, or that of the elements.
  const StructureSchema* structure = nullptr;
  // kList, kMap: the repeated field. It is `field` itself, or, where an absent
  // list and an empty one differ, that of the message in `field`.
  const google::protobuf::FieldDescriptor* elements = nullptr;

  // The pattern that is in force (`Behavior::observed_patterns`).
  v1::Pattern pattern(bool observed) const {
    return observed ? observed_pattern : documented_pattern;
  }
  // The enum value whose text is `text`, or whose number is `number`; nullptr:
  // there is none.
  const EnumValueSchema* FindEnumValue(absl::string_view text) const;
  const EnumValueSchema* FindEnumValue(int number) const;
};

struct StructureSchema {
  const google::protobuf::Descriptor* descriptor = nullptr;
  // Of the generated class.
  const google::protobuf::Reflection* reflection = nullptr;
  // In the order of the contract.
  std::vector<MemberSchema> members;

  // The member `name`; nullptr: there is none. Names are case-sensitive.
  const MemberSchema* Find(absl::string_view name) const;
};

// Structures, compiled as they are asked for; each lives as long as the
// compiler. A message that uses what a structure cannot hold is a mistake in
// the protos and ends the process with one line.
class SchemaCompiler {
 public:
  SchemaCompiler() = default;
  SchemaCompiler(const SchemaCompiler&) = delete;
  SchemaCompiler& operator=(const SchemaCompiler&) = delete;

  // The structure of the message `descriptor`, which must be generated, with
  // all that it contains.
  const StructureSchema* Compile(
      const google::protobuf::Descriptor* descriptor);

 private:
  MemberSchema CompileMember(const google::protobuf::FieldDescriptor* field);

  std::map<const google::protobuf::Descriptor*,
           std::unique_ptr<StructureSchema>>
      structures_;
};

// The constraints that a shape names. They live forever.
const v1::ShapeConstraints& ConstraintsOf(v1::Shape shape);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SCHEMA_STRUCTURE_SCHEMA_H_
