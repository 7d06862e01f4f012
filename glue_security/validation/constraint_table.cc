#include "glue_security/validation/constraint_table.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/base/internal/raw_logging.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;

std::string NameInPath(const FieldDescriptor* field) {
  std::string name = field->json_name();
  name[0] = absl::ascii_tolower(name[0]);
  return name;
}

// REQUIRES: the field is a message.
bool IsList(const FieldDescriptor* field) {
  return field->message_type()->options().GetExtension(v1::is_list);
}

MemberKind KindOf(const FieldDescriptor* field) {
  // UNCOVERED-BEGIN: a proto that uses what the table cannot hold is a mistake
  // in the proto.
  if (field->is_repeated() || !field->has_presence()) {
    ABSL_RAW_LOG(FATAL, "%s has no presence", field->full_name().c_str());
  }
  // UNCOVERED-END
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return MemberKind::kString;
    case FieldDescriptor::CPPTYPE_INT32:
      return MemberKind::kInt32;
    case FieldDescriptor::CPPTYPE_BOOL:
      return MemberKind::kBool;
    case FieldDescriptor::CPPTYPE_ENUM:
      return MemberKind::kEnum;
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return IsList(field) ? MemberKind::kList : MemberKind::kMessage;
    // UNCOVERED-BEGIN: the same.
    default:
      ABSL_RAW_LOG(FATAL, "%s has a type that no request uses",
                   field->full_name().c_str());
      return MemberKind::kBool;
      // UNCOVERED-END
  }
}

void ReadEnum(const EnumDescriptor* descriptor, MemberConstraints* member) {
  std::vector<absl::string_view> texts;
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const EnumValueDescriptor* value = descriptor->value(i);
    if (!value->options().HasExtension(v1::wire_value)) continue;
    member->enum_numbers.push_back(value->number());
    texts.emplace_back(value->options().GetExtension(v1::wire_value));
  }
  member->enum_set = absl::StrCat("[", absl::StrJoin(texts, ", "), "]");
}

}  // namespace

const ConstraintTable& ConstraintTable::Documented() {
  static const auto* const kTable =
      OrEnd([] { return new ConstraintTable(false); });
  return *kTable;
}

const ConstraintTable& ConstraintTable::Observed() {
  static const auto* const kTable =
      OrEnd([] { return new ConstraintTable(true); });
  return *kTable;
}

ConstraintTable::ConstraintTable(bool observed_patterns)
    : observed_patterns_(observed_patterns) {
  const auto* operations =
      v1::Request::descriptor()->FindOneofByName("operation");
  for (int i = 0; i < operations->field_count(); ++i) {
    const FieldDescriptor* field = operations->field(i);
    const auto number = static_cast<size_t>(field->number());
    requests_.resize(std::max(requests_.size(), number + 1), -1);
    requests_[number] = AddStructure(field->message_type());
  }
}

int ConstraintTable::AddStructure(const Descriptor* descriptor) {
  // The children come first, so that a structure's members stand together.
  std::vector<MemberConstraints> members;
  members.reserve(static_cast<size_t>(descriptor->field_count()));
  for (int i = 0; i < descriptor->field_count(); ++i) {
    members.push_back(ReadMember(descriptor->field(i)));
  }
  structures_.push_back({members_.size(), members.size()});
  members_.insert(members_.end(), std::make_move_iterator(members.begin()),
                  std::make_move_iterator(members.end()));
  return static_cast<int>(structures_.size()) - 1;
}

MemberConstraints ConstraintTable::ReadMember(const FieldDescriptor* field) {
  const v1::Constraints& constraints =
      field->options().GetExtension(v1::constraints);
  MemberConstraints member;
  member.field = field;
  member.access = FindFieldAccess(field);
  // UNCOVERED-BEGIN: a test compares that list with the protos.
  if (member.access == nullptr) {
    ABSL_RAW_LOG(FATAL, "%s is missing in field_access.cc",
                 field->full_name().c_str());
  }
  // UNCOVERED-END
  member.name = NameInPath(field);
  member.kind = KindOf(field);
  member.required = constraints.required();
  if (constraints.has_length_bytes_min()) {
    member.length_bytes_min =
        static_cast<size_t>(constraints.length_bytes_min());
  }
  if (constraints.has_length_bytes_max()) {
    member.length_bytes_max =
        static_cast<size_t>(constraints.length_bytes_max());
  }
  member.pattern = observed_patterns_ && constraints.has_observed_pattern()
                       ? constraints.observed_pattern()
                       : constraints.pattern();
  if (constraints.has_value_min()) member.value_min = constraints.value_min();
  if (constraints.has_value_max()) member.value_max = constraints.value_max();
  switch (member.kind) {
    case MemberKind::kEnum:
      ReadEnum(field->enum_type(), &member);
      break;
    case MemberKind::kMessage:
      member.child = AddStructure(field->message_type());
      break;
    case MemberKind::kList:
      member.elements = field->message_type()->field(0);
      member.child = AddStructure(member.elements->message_type());
      break;
    default:
      break;
  }
  return member;
}

}  // namespace glue_security
