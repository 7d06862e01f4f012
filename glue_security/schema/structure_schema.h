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

// The type of a member's value.
enum class MemberKind : uint8_t {
  kString,
  kEnum,
  kInteger,
  kBoolean,
  kTimestamp,
  kStructure,
  // A list of structures.
  kList,
  // A map from strings to strings.
  kMap,
};

struct EnumValueSchema {
  // The text on the wire. It needs no escaping in JSON.
  std::string text;
  int number = 0;
};

// One member of a structure and its constraints. An absent bound has a value
// that no member can exceed.
struct MemberSchema {
  const google::protobuf::FieldDescriptor* field = nullptr;
  // nullptr for a member that occurs only in responses.
  const Accessors* accessors = nullptr;
  // "KmsKeyArn".
  std::string name;
  // As a key of a JSON object: "\"KmsKeyArn\":".
  std::string json_key;
  // As `Violation.path` writes it: "kmsKeyArn".
  std::string path_name;
  MemberKind kind = MemberKind::kString;
  bool required = false;
  // The name of its constraints in the service's model.
  v1::Shape shape = v1::SHAPE_UNSPECIFIED;

  // kString. Bytes of UTF-8, inclusive.
  size_t length_bytes_min = 0;
  size_t length_bytes_max = std::numeric_limits<size_t>::max();
  // kString. The pattern of the contract, and the one that the real service was
  // seen to check. Both are the same where no other was seen.
  v1::Pattern documented_pattern = v1::PATTERN_UNSPECIFIED;
  v1::Pattern observed_pattern = v1::PATTERN_UNSPECIFIED;

  // kInteger. Inclusive.
  int64_t value_min = std::numeric_limits<int64_t>::min();
  int64_t value_max = std::numeric_limits<int64_t>::max();

  // kEnum. The values that have a text on the wire, and the list of all those
  // texts as a message quotes it: "[DISABLED, SSE-KMS]".
  std::vector<EnumValueSchema> enum_values;
  std::string enum_set;

  // kStructure, kList: the structure of the member or of its elements.
  const StructureSchema* structure = nullptr;
  // kList, kMap: the repeated field. It is `field` itself, or, where an absent
  // list and an empty one differ, the one field of the message in `field`.
  const google::protobuf::FieldDescriptor* elements = nullptr;

  // Returns the pattern to check; `observed` is `Behavior::observed_patterns`.
  v1::Pattern pattern(bool observed) const {
    return observed ? observed_pattern : documented_pattern;
  }
  // Return the enum value with this text or number; nullptr when there is none.
  const EnumValueSchema* FindEnumValue(absl::string_view text) const;
  const EnumValueSchema* FindEnumValue(int number) const;
};

struct StructureSchema {
  const google::protobuf::Descriptor* descriptor = nullptr;
  // The reflection of the generated class.
  const google::protobuf::Reflection* reflection = nullptr;
  // In the order of the contract.
  std::vector<MemberSchema> members;

  // Returns the member `name`; nullptr when there is none. Names are
  // case-sensitive.
  const MemberSchema* Find(absl::string_view name) const;
};

// Compiles structures on demand. Each lives as long as the compiler. A message
// that a structure cannot represent is a mistake in the protos and ends the
// process with one line.
class SchemaCompiler {
 public:
  SchemaCompiler() = default;
  SchemaCompiler(const SchemaCompiler&) = delete;
  SchemaCompiler& operator=(const SchemaCompiler&) = delete;

  // Returns the structure of the message `descriptor`, with all structures that
  // it contains. REQUIRES: the message is of a generated class.
  const StructureSchema* Compile(
      const google::protobuf::Descriptor* descriptor);

 private:
  MemberSchema CompileMember(const google::protobuf::FieldDescriptor* field);

  std::map<const google::protobuf::Descriptor*,
           std::unique_ptr<StructureSchema>>
      structures_;
};

// Returns the constraints that a shape names. They live forever.
const v1::ShapeConstraints& ConstraintsOf(v1::Shape shape);

// Returns the definition of a pattern and its published text. They live
// forever. REQUIRES: the proto declares `pattern`.
const v1::PatternTexts& PatternTextsOf(v1::Pattern pattern);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SCHEMA_STRUCTURE_SCHEMA_H_
