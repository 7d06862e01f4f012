// StructureSchema: a structure of the API and its members, as they were on one
// day, compiled from the descriptor of its message: names, kinds, constraints
// and accessors. For the structures of the operations see `ApiSchema`
// (api_schema.h).

#ifndef GLUE_SECURITY_SCHEMA_STRUCTURE_SCHEMA_H_
#define GLUE_SECURITY_SCHEMA_STRUCTURE_SCHEMA_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "glue_security/model/behavior.h"
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
  // A list of strings.
  kStringList,
  // A map from strings to strings.
  kMap,
  // A map from strings to structures. It occurs only in responses.
  kStructureMap,
};

struct EnumValueSchema {
  // The text on the wire. It needs no escaping in JSON.
  std::string text;
  int number = 0;
};

// The constraints of a string. An absent bound has a value that no string can
// exceed.
struct TextConstraints {
  // Bytes of UTF-8, inclusive.
  size_t length_bytes_min = 0;
  size_t length_bytes_max = std::numeric_limits<size_t>::max();
  // The pattern of the contract, and the one that the real service was seen to
  // check. Both are the same where no other was seen.
  v1::Pattern documented_pattern = v1::PATTERN_UNSPECIFIED;
  v1::Pattern observed_pattern = v1::PATTERN_UNSPECIFIED;
  // The maximum binds a re-printed text without insignificant blanks.
  bool is_json_text = false;
  // No message quotes the string.
  bool is_confidential = false;

  // Returns the pattern to check; `observed` is `Behavior::observed_patterns`.
  v1::Pattern pattern(bool observed) const {
    return observed ? observed_pattern : documented_pattern;
  }
};

// One member of a structure and its constraints. An absent bound has a value
// that no member can exceed. The base holds the constraints of a kString.
struct MemberSchema : TextConstraints {
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
  // The day since when the member is.
  absl::CivilDay since = kContractDate;
  // The name of its constraints in the service's model, and what the protos
  // state for it.
  v1::Shape shape = v1::SHAPE_UNSPECIFIED;
  const v1::ShapeConstraints* constraints =
      &v1::ShapeConstraints::default_instance();

  // kInteger. Inclusive.
  int64_t value_min = std::numeric_limits<int64_t>::min();
  int64_t value_max = std::numeric_limits<int64_t>::max();

  // kEnum: the values in force that have a text on the wire, and the list of
  // all those texts as a message quotes it: "[DISABLED, SSE-KMS]". kMap: those
  // of its keys, where they are of an enum; else empty.
  std::vector<EnumValueSchema> enum_values;
  std::string enum_set;

  // Lists and maps: the number of elements, inclusive.
  size_t size_min = 0;
  size_t size_max = std::numeric_limits<size_t>::max();
  // kStringList, kMap: the constraints of the strings or of the values.
  TextConstraints element;
  // kMap: the constraints of the keys.
  TextConstraints key;

  // kStructure, kList, kStructureMap: the structure of the member, of its
  // elements or of its values.
  const StructureSchema* structure = nullptr;
  // Lists and maps: the repeated field. It is `field` itself, or, where an
  // absent list and an empty one differ, the one field of the message in
  // `field`.
  const google::protobuf::FieldDescriptor* elements = nullptr;

  // Return the enum value with this text or number; nullptr when there is none.
  const EnumValueSchema* FindEnumValue(absl::string_view text) const;
  const EnumValueSchema* FindEnumValue(int number) const;
};

// A member that is not in force yet.
struct LaterMember {
  const google::protobuf::FieldDescriptor* field = nullptr;
  // nullptr for a member that occurs only in responses.
  const Accessors* accessors = nullptr;
};

struct StructureSchema {
  const google::protobuf::Descriptor* descriptor = nullptr;
  // The reflection of the generated class.
  const google::protobuf::Reflection* reflection = nullptr;
  // The members in force, in the order of the contract.
  std::vector<MemberSchema> members;
  // The members that are not in force yet.
  std::vector<LaterMember> later_members;
  // True when this structure, or one within it, has later members.
  bool holds_later_members = false;

  // Returns the member `name`; nullptr when there is none. Names are
  // case-sensitive.
  const MemberSchema* Find(absl::string_view name) const;
};

// A model of the service: what is in force on a day.
struct ModelVersion {
  absl::CivilDay date = kNewestApiDate;
  // A member that the real service was seen to know earlier counts from then.
  bool observed = false;
};

// Compiles structures on demand. Each lives as long as the compiler. A message
// that a structure cannot represent is a mistake in the protos and ends the
// process with one line.
class SchemaCompiler {
 public:
  explicit SchemaCompiler(ModelVersion version = ModelVersion())
      : version_(version) {}
  SchemaCompiler(const SchemaCompiler&) = delete;
  SchemaCompiler& operator=(const SchemaCompiler&) = delete;

  // Returns the structure of the message `descriptor`, with all structures that
  // it contains. REQUIRES: the message is of a generated class.
  const StructureSchema* Compile(
      const google::protobuf::Descriptor* descriptor);

  // Returns true when what has the option `since` is in force. An empty text is
  // the date of the contract.
  bool InForce(const std::string& since);

  // The dates of everything that was compiled, in force or not.
  const std::set<absl::CivilDay>& dates() const { return dates_; }

 private:
  bool InForce(const google::protobuf::FieldDescriptor* field);
  MemberSchema CompileMember(const google::protobuf::FieldDescriptor* field);
  void SetConstraints(MemberSchema* member);
  TextConstraints TextConstraintsOf(v1::Shape shape);
  void SetEnumValues(const google::protobuf::EnumDescriptor* descriptor,
                     MemberSchema* member);
  absl::CivilDay DateOf(const std::string& since);

  const ModelVersion version_;
  std::set<absl::CivilDay> dates_;
  std::map<const google::protobuf::Descriptor*,
           std::unique_ptr<StructureSchema>>
      structures_;
};

// Returns the constraints that a shape has on a day. They live forever.
const v1::ShapeConstraints& ConstraintsOf(v1::Shape shape, absl::CivilDay day);

// Returns the definition of a pattern and its published text. They live
// forever. REQUIRES: the proto declares `pattern`.
const v1::PatternTexts& PatternTextsOf(v1::Pattern pattern);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SCHEMA_STRUCTURE_SCHEMA_H_
