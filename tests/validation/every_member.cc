#include "tests/validation/every_member.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "glue_security/schema/structure_schema.h"

namespace glue_security {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

const v1::ShapeConstraints& ConstraintsInForce(const FieldDescriptor* field,
                                               const Behavior& behavior) {
  return ConstraintsOf(field->options().GetExtension(v1::constraints).shape(),
                       behavior.api_date);
}

// Returns the fields of a message that are members in force.
std::vector<const FieldDescriptor*> FieldsInForce(
    const google::protobuf::Descriptor* type, const Behavior& behavior) {
  std::vector<const FieldDescriptor*> fields;
  for (int i = 0; i < type->field_count(); ++i) {
    const auto& options = type->field(i)->options();
    const bool refused_arn = behavior.refuse_resource_arns &&
                             options.HasExtension(v1::observed_since);
    if (refused_arn || options.GetExtension(v1::since) <= DayOf(behavior)) {
      fields.push_back(type->field(i));
    }
  }
  return fields;
}

bool IsCollection(const FieldDescriptor* field) {
  return field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
         field->message_type()->options().GetExtension(v1::is_collection);
}

// Sets a list of strings to two legal elements, or a map of strings to one
// legal entry. `holder` is the message that stands for it.
void FillStrings(const v1::ShapeConstraints& constraints,
                 const Behavior& behavior, Message* holder) {
  const Reflection& reflection = *holder->GetReflection();
  const FieldDescriptor* const elements = holder->GetDescriptor()->field(0);
  const v1::Pattern pattern =
      ConstraintsOf(constraints.element(), behavior.api_date).pattern();
  if (!elements->is_map()) {
    reflection.AddString(holder, elements, LegalText(pattern, 5));
    reflection.AddString(holder, elements, LegalText(pattern, 5));
    return;
  }
  const auto keys = LegalKeys(constraints, behavior);
  Message* const entry = reflection.AddMessage(holder, elements);
  const Descriptor* const type = elements->message_type();
  entry->GetReflection()->SetString(entry, type->map_key(),
                                    keys.empty() ? "key" : keys.front());
  entry->GetReflection()->SetString(entry, type->map_value(),
                                    LegalText(pattern, 5));
}

bool HoldsStrings(const FieldDescriptor* field) {
  if (!IsCollection(field)) return false;
  const FieldDescriptor* const elements = field->message_type()->field(0);
  return elements->is_map() ||
         elements->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
}

// Sets every member to a legal value.
void FillLegally(const Behavior& behavior, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  for (const FieldDescriptor* field :
       FieldsInForce(message->GetDescriptor(), behavior)) {
    if (HoldsStrings(field)) {
      FillStrings(ConstraintsInForce(field, behavior), behavior,
                  reflection.MutableMessage(message, field));
      continue;
    }
    if (field->is_repeated()) {
      FillLegally(behavior, reflection.AddMessage(message, field));
      FillLegally(behavior, reflection.AddMessage(message, field));
      continue;
    }
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        reflection.SetString(
            message, field,
            LegalText(ConstraintsInForce(field, behavior).pattern(), 5));
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection.SetInt32(message, field, 1);
        break;
      case FieldDescriptor::CPPTYPE_BOOL:
        reflection.SetBool(message, field, false);
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection.SetEnumValue(message, field, 1);
        break;
      default:
        FillLegally(behavior, reflection.MutableMessage(message, field));
    }
  }
}

std::string LowerCamel(std::string name) {
  name[0] = absl::ascii_tolower(name[0]);
  return name;
}

void VisitMembers(const Behavior& behavior, v1::Request* envelope,
                  Message* message, const std::string& prefix,
                  const std::function<void(const Member&)>& visit) {
  const Reflection& reflection = *message->GetReflection();
  for (const FieldDescriptor* field :
       FieldsInForce(message->GetDescriptor(), behavior)) {
    const std::string path = prefix + LowerCamel(field->json_name());
    const auto& constraints = field->options().GetExtension(v1::constraints);
    visit({envelope, message, field, path, constraints.required(),
           &ConstraintsInForce(field, behavior)});
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE ||
        HoldsStrings(field)) {
      continue;
    }
    Message* const child = reflection.MutableMessage(message, field);
    if (!IsCollection(field)) {
      VisitMembers(behavior, envelope, child, path + ".", visit);
      continue;
    }
    const FieldDescriptor* const elements = field->message_type()->field(0);
    for (int k = 0; k < 2; ++k) {
      VisitMembers(
          behavior, envelope,
          child->GetReflection()->MutableRepeatedMessage(child, elements, k),
          absl::StrCat(path, ".", k + 1, ".member."), visit);
    }
  }
}

}  // namespace

std::string StartOf(v1::Pattern pattern) {
  switch (pattern) {
    case v1::PATTERN_KMS_KEY_ARN:
    case v1::PATTERN_KMS_KEY_ARN_OBSERVED:
      return "arn:aws:kms:";
    case v1::PATTERN_GLUE_ARN_2020:
    case v1::PATTERN_GLUE_ARN_2022:
    case v1::PATTERN_GLUE_ARN_2024:
      return "arn:aws:glue:";
    case v1::PATTERN_ROLE_ARN:
      return "arn:aws:iam::123456789012:role/r";
    default:
      return "";
  }
}

std::string LegalText(v1::Pattern pattern, size_t bytes) {
  std::string text = StartOf(pattern);
  if (text.size() < bytes) text.append(bytes - text.size(), 'x');
  return text;
}

std::string DayOf(const Behavior& behavior) {
  return absl::FormatCivilTime(behavior.api_date);
}

std::vector<std::string> LegalKeys(const v1::ShapeConstraints& map,
                                   const Behavior& behavior) {
  std::vector<std::string> keys;
  if (map.key_enum().empty()) return keys;
  const EnumDescriptor* const type =
      google::protobuf::DescriptorPool::generated_pool()->FindEnumTypeByName(
          map.key_enum());
  for (int i = 0; i < type->value_count(); ++i) {
    const auto& options = type->value(i)->options();
    if (options.HasExtension(v1::wire_value) &&
        options.GetExtension(v1::value_since) <= DayOf(behavior)) {
      keys.push_back(options.GetExtension(v1::wire_value));
    }
  }
  return keys;
}

bool Member::holds_strings() const { return HoldsStrings(field); }

int ForEveryMember(const Behavior& behavior,
                   const std::function<void(const Member&)>& visit) {
  int members = 0;
  const auto* operations =
      v1::Request::descriptor()->FindOneofByName("operation");
  for (int i = 0; i < operations->field_count(); ++i) {
    const v1::OperationInfo& info =
        operations->field(i)->options().GetExtension(v1::operation_info);
    if (info.since() > DayOf(behavior)) continue;
    v1::Request envelope;
    Message* request = envelope.GetReflection()->MutableMessage(
        &envelope, operations->field(i));
    FillLegally(behavior, request);
    VisitMembers(behavior, &envelope, request, "", [&](const Member& member) {
      ++members;
      visit(member);
    });
  }
  return members;
}

std::vector<std::string> Violations(const std::optional<v1::Error>& error) {
  std::vector<std::string> violations;
  if (!error.has_value()) return violations;
  for (const v1::Violation& v : error->violations()) {
    violations.push_back(absl::StrCat(
        v.path(), " ", v1::Violation::Constraint_Name(v.constraint())));
  }
  return violations;
}

}  // namespace glue_security
