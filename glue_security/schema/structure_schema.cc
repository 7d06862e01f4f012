#include "glue_security/schema/structure_schema.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/model/end_process.h"

namespace glue_security {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;

// UNCOVERED-BEGIN: a mistake in the protos.
void EndForField(const FieldDescriptor* field, const char* why) {
  EndProcess(absl::StrCat(field->full_name(), " ", why));
}
// UNCOVERED-END

// Returns true when the message stands for a list or a map, which is its only
// field.
bool IsContainer(const Descriptor* descriptor) {
  return descriptor->options().GetExtension(v1::is_collection);
}

// Returns the repeated field of a list or a map; nullptr for any other member.
const FieldDescriptor* ElementsOf(const FieldDescriptor* field) {
  if (field->is_repeated()) return field;
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
      IsContainer(field->message_type())) {
    return field->message_type()->field(0);
  }
  return nullptr;
}

bool IsString(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
}

bool IsMessage(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

MemberKind KindOfElements(const FieldDescriptor* elements) {
  if (elements->is_map()) {
    const Descriptor* entry = elements->message_type();
    if (IsString(entry->map_key())) {
      if (IsString(entry->map_value())) return MemberKind::kMap;
      if (IsMessage(entry->map_value())) return MemberKind::kStructureMap;
    }
  } else if (IsMessage(elements)) {
    return MemberKind::kList;
  } else if (IsString(elements)) {
    return MemberKind::kStringList;
  }
  // UNCOVERED-BEGIN: a mistake in the protos.
  EndForField(elements,
              "is a list or a map of a type that the API does not have");
  return MemberKind::kList;
  // UNCOVERED-END
}

MemberKind KindOf(const FieldDescriptor* field,
                  const FieldDescriptor* elements) {
  if (elements != nullptr) return KindOfElements(elements);
  // UNCOVERED-BEGIN: a mistake in the protos.
  if (!field->has_presence()) {
    EndForField(field, "has no presence; it must be optional");
  }
  // UNCOVERED-END
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return MemberKind::kString;
    case FieldDescriptor::CPPTYPE_INT32:
      return MemberKind::kInteger;
    case FieldDescriptor::CPPTYPE_BOOL:
      return MemberKind::kBoolean;
    case FieldDescriptor::CPPTYPE_ENUM:
      return MemberKind::kEnum;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return field->message_type()->full_name() == "google.protobuf.Timestamp"
                 ? MemberKind::kTimestamp
                 : MemberKind::kStructure;
    // UNCOVERED-BEGIN: a mistake in the protos.
    default:
      EndForField(field, "has a type that the API does not have");
      return MemberKind::kString;
      // UNCOVERED-END
  }
}

// Returns the option that is written at `shape` itself.
const v1::ShapeConstraints& OptionOf(v1::Shape shape) {
  return v1::Shape_descriptor()
      ->FindValueByNumber(shape)
      ->options()
      .GetExtension(v1::shape);
}

// Returns the day that an option of the protos states.
absl::CivilDay ParseDate(const std::string& since) {
  if (since.empty()) return kContractDate;
  absl::CivilDay day;
  // UNCOVERED-BEGIN: a mistake in the protos.
  if (!absl::ParseCivilTime(since, &day)) {
    EndProcess(absl::StrCat(since, " is not a date"));
  }
  // UNCOVERED-END
  return day;
}

}  // namespace

const EnumValueSchema* MemberSchema::FindEnumValue(
    absl::string_view text) const {
  for (const EnumValueSchema& value : enum_values) {
    if (value.text == text) return &value;
  }
  return nullptr;
}

const EnumValueSchema* MemberSchema::FindEnumValue(int number) const {
  for (const EnumValueSchema& value : enum_values) {
    if (value.number == number) return &value;
  }
  return nullptr;
}

const MemberSchema* StructureSchema::Find(absl::string_view name) const {
  for (const MemberSchema& member : members) {
    if (member.name == name) return &member;
  }
  return nullptr;
}

absl::CivilDay SchemaCompiler::DateOf(const std::string& since) {
  return *dates_.insert(ParseDate(since)).first;
}

bool SchemaCompiler::InForce(const std::string& since) {
  return DateOf(since) <= version_.date;
}

bool SchemaCompiler::InForce(const FieldDescriptor* field) {
  const google::protobuf::FieldOptions& options = field->options();
  const bool in_force = InForce(options.GetExtension(v1::since));
  if (!options.HasExtension(v1::observed_since)) return in_force;
  const bool seen = InForce(options.GetExtension(v1::observed_since));
  return in_force || (version_.observed && seen);
}

const StructureSchema* SchemaCompiler::Compile(const Descriptor* descriptor) {
  auto& slot = structures_[descriptor];
  if (slot != nullptr) return slot.get();
  slot = std::make_unique<StructureSchema>();
  StructureSchema* const structure = slot.get();
  structure->descriptor = descriptor;
  structure->reflection = google::protobuf::MessageFactory::generated_factory()
                              ->GetPrototype(descriptor)
                              ->GetReflection();
  structure->members.reserve(static_cast<size_t>(descriptor->field_count()));
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* const field = descriptor->field(i);
    if (!InForce(field)) {
      structure->later_members.push_back({field, FindAccessors(field)});
      structure->holds_later_members = true;
      continue;
    }
    structure->members.push_back(CompileMember(field));
    const StructureSchema* const part = structure->members.back().structure;
    if (part != nullptr && part->holds_later_members) {
      structure->holds_later_members = true;
    }
  }
  return structure;
}

MemberSchema SchemaCompiler::CompileMember(const FieldDescriptor* field) {
  const v1::Constraints& constraints =
      field->options().GetExtension(v1::constraints);
  MemberSchema member;
  member.field = field;
  member.accessors = FindAccessors(field);
  member.name = field->json_name();
  member.json_key = absl::StrCat("\"", member.name, "\":");
  member.path_name = member.name;
  member.path_name[0] = absl::ascii_tolower(member.path_name[0]);
  member.elements = ElementsOf(field);
  member.kind = KindOf(field, member.elements);
  member.required = constraints.required();
  member.since = DateOf(field->options().GetExtension(v1::since));
  member.shape = constraints.shape();
  SetConstraints(&member);
  switch (member.kind) {
    case MemberKind::kEnum:
      SetEnumValues(field->enum_type(), &member);
      break;
    case MemberKind::kMap:
      if (!member.constraints->key_enum().empty()) {
        SetEnumValues(google::protobuf::DescriptorPool::generated_pool()
                          ->FindEnumTypeByName(member.constraints->key_enum()),
                      &member);
      }
      break;
    case MemberKind::kStructureMap:
      member.structure =
          Compile(member.elements->message_type()->map_value()->message_type());
      break;
    case MemberKind::kStructure:
      member.structure = Compile(field->message_type());
      break;
    case MemberKind::kList:
      member.structure = Compile(member.elements->message_type());
      break;
    default:
      break;
  }
  return member;
}

TextConstraints SchemaCompiler::TextConstraintsOf(v1::Shape shape) {
  for (const v1::ShapeChange& change :
       ConstraintsOf(shape, kContractDate).changes()) {
    DateOf(change.since());
  }
  const v1::ShapeConstraints& constraints = ConstraintsOf(shape, version_.date);
  TextConstraints text;
  if (constraints.has_length_bytes_min()) {
    text.length_bytes_min = static_cast<size_t>(constraints.length_bytes_min());
  }
  if (constraints.has_length_bytes_max()) {
    text.length_bytes_max = static_cast<size_t>(constraints.length_bytes_max());
  }
  text.documented_pattern = constraints.pattern();
  text.observed_pattern = constraints.has_observed_pattern()
                              ? constraints.observed_pattern()
                              : constraints.pattern();
  text.is_json_text = constraints.json_text();
  text.is_confidential = constraints.confidential();
  return text;
}

void SchemaCompiler::SetConstraints(MemberSchema* member) {
  static_cast<TextConstraints&>(*member) = TextConstraintsOf(member->shape);
  const v1::ShapeConstraints& shape =
      ConstraintsOf(member->shape, version_.date);
  member->constraints = &shape;
  if (shape.has_value_min()) member->value_min = shape.value_min();
  if (shape.has_value_max()) member->value_max = shape.value_max();
  if (shape.has_size_min()) {
    member->size_min = static_cast<size_t>(shape.size_min());
  }
  if (shape.has_size_max()) {
    member->size_max = static_cast<size_t>(shape.size_max());
  }
  if (member->elements != nullptr) {
    member->element = TextConstraintsOf(shape.element());
    member->key = TextConstraintsOf(shape.key());
  }
}

void SchemaCompiler::SetEnumValues(const EnumDescriptor* descriptor,
                                   MemberSchema* member) {
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const EnumValueDescriptor* value = descriptor->value(i);
    if (!value->options().HasExtension(v1::wire_value) ||
        !InForce(value->options().GetExtension(v1::value_since))) {
      continue;
    }
    member->enum_values.push_back(
        {value->options().GetExtension(v1::wire_value), value->number()});
  }
  const auto append_text = [](std::string* out, const EnumValueSchema& value) {
    out->append(value.text);
  };
  member->enum_set = absl::StrCat(
      "[", absl::StrJoin(member->enum_values, ", ", append_text), "]");
}

const v1::ShapeConstraints& ConstraintsOf(v1::Shape shape, absl::CivilDay day) {
  const v1::ShapeConstraints* constraints = &OptionOf(shape);
  // One step is enough: the shape that `same_as` names has constraints of its
  // own.
  if (constraints->has_same_as()) {
    constraints = &OptionOf(constraints->same_as());
  }
  const v1::ShapeConstraints* latest = constraints;
  for (const v1::ShapeChange& change : constraints->changes()) {
    if (ParseDate(change.since()) <= day) latest = &change.constraints();
  }
  return *latest;
}

const v1::PatternTexts& PatternTextsOf(v1::Pattern pattern) {
  const EnumValueDescriptor* value =
      v1::Pattern_descriptor()->FindValueByNumber(pattern);
  // UNCOVERED-BEGIN: callers must name a pattern. A death test shows it.
  if (value == nullptr) EndProcess(absl::StrCat("pattern ", pattern));
  // UNCOVERED-END
  return value->options().GetExtension(v1::pattern);
}

}  // namespace glue_security
