#include "glue_security/testing/internal/request_members.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace glue_security::conformance_internal {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::string NameInPath(const FieldDescriptor& field) {
  std::string name = field.json_name();
  name[0] = absl::ascii_tolower(name[0]);
  return name;
}

void AddMembers(const Descriptor& structure, const RequestMember& parent,
                std::vector<RequestMember>* members) {
  for (int i = 0; i < structure.field_count(); ++i) {
    const FieldDescriptor& field = *structure.field(i);
    RequestMember member = parent;
    member.fields.push_back(&field);
    if (!member.path.empty()) member.path += ".";
    member.path += NameInPath(field);
    member.constraints = field.options().GetExtension(v1::constraints);
    members->push_back(member);
    if (!member.is_structure()) continue;
    const Descriptor* child = field.message_type();
    if (child->options().GetExtension(v1::is_list)) {
      member.fields.push_back(child->field(0));
      member.path += ".1.member";
      child = child->field(0)->message_type();
    }
    AddMembers(*child, member, members);
  }
}

// The message that holds the member, made present.
Message* ParentOf(const RequestMember& member, v1::Request* request) {
  const auto* operation =
      v1::Request::descriptor()->FindFieldByNumber(member.operation);
  Message* message =
      request->GetReflection()->MutableMessage(request, operation);
  for (size_t i = 0; i + 1 < member.fields.size(); ++i) {
    const FieldDescriptor* field = member.fields[i];
    const auto* reflection = message->GetReflection();
    if (!field->is_repeated()) {
      message = reflection->MutableMessage(message, field);
    } else if (reflection->FieldSize(*message, field) == 0) {
      message = reflection->AddMessage(message, field);
    } else {
      message = reflection->MutableRepeatedMessage(message, field, 0);
    }
  }
  return message;
}

// The same, without making anything; nullptr when it is not there.
const Message* ParentIn(const RequestMember& member,
                        const v1::Request& request) {
  if (request.operation_case() != member.operation) return nullptr;
  const auto* operation =
      v1::Request::descriptor()->FindFieldByNumber(member.operation);
  const Message* message =
      &request.GetReflection()->GetMessage(request, operation);
  for (size_t i = 0; i + 1 < member.fields.size(); ++i) {
    const FieldDescriptor* field = member.fields[i];
    const auto* reflection = message->GetReflection();
    if (field->is_repeated()) {
      if (reflection->FieldSize(*message, field) == 0) return nullptr;
      message = &reflection->GetRepeatedMessage(*message, field, 0);
    } else {
      if (!reflection->HasField(*message, field)) return nullptr;
      message = &reflection->GetMessage(*message, field);
    }
  }
  return message;
}

}  // namespace

const std::vector<RequestMember>& RequestMembers() {
  static const auto* const kMembers = [] {
    auto* members = new std::vector<RequestMember>;
    for (const Operation operation : kAllOperations) {
      RequestMember root;
      root.operation = operation;
      AddMembers(*v1::Request::descriptor()
                      ->FindFieldByNumber(operation)
                      ->message_type(),
                 root, members);
    }
    return members;
  }();
  return *kMembers;
}

Message* MessageOf(v1::Request* request) {
  const auto* operation =
      v1::Request::descriptor()->FindFieldByNumber(request->operation_case());
  return request->GetReflection()->MutableMessage(request, operation);
}

void SetString(const RequestMember& member, absl::string_view value,
               v1::Request* request) {
  Message* parent = ParentOf(member, request);
  parent->GetReflection()->SetString(parent, member.field(),
                                     std::string(value));
}

void SetInt(const RequestMember& member, int32_t value, v1::Request* request) {
  Message* parent = ParentOf(member, request);
  parent->GetReflection()->SetInt32(parent, member.field(), value);
}

void SetEnum(const RequestMember& member, int number, v1::Request* request) {
  Message* parent = ParentOf(member, request);
  parent->GetReflection()->SetEnumValue(parent, member.field(), number);
}

void ClearMember(const RequestMember& member, v1::Request* request) {
  Message* parent = ParentOf(member, request);
  parent->GetReflection()->ClearField(parent, member.field());
}

void SetLegalValue(const RequestMember& member, v1::Request* request) {
  switch (member.field()->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      SetString(member,
                member.constraints.pattern() == v1::PATTERN_KMS_KEY_ARN
                    ? "arn:aws:kms:k"
                    : "a",
                request);
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      SetInt(member, static_cast<int32_t>(member.constraints.value_min()),
             request);
      break;
    case FieldDescriptor::CPPTYPE_ENUM:
      SetEnum(member, WireNumbers(*member.field()->enum_type()).front(),
              request);
      break;
    case FieldDescriptor::CPPTYPE_BOOL: {
      Message* parent = ParentOf(member, request);
      parent->GetReflection()->SetBool(parent, member.field(), false);
      break;
    }
    default: {
      Message* parent = ParentOf(member, request);
      parent->GetReflection()->MutableMessage(parent, member.field());
      break;
    }
  }
}

bool HasParent(const RequestMember& member, const v1::Request& request) {
  return ParentIn(member, request) != nullptr;
}

bool HasMember(const RequestMember& member, const v1::Request& request) {
  const Message* parent = ParentIn(member, request);
  return parent != nullptr &&
         parent->GetReflection()->HasField(*parent, member.field());
}

std::string GetString(const RequestMember& member, const v1::Request& request) {
  const Message* parent = ParentIn(member, request);
  return parent == nullptr
             ? ""
             : parent->GetReflection()->GetString(*parent, member.field());
}

int32_t GetInt(const RequestMember& member, const v1::Request& request) {
  const Message* parent = ParentIn(member, request);
  return parent == nullptr
             ? 0
             : parent->GetReflection()->GetInt32(*parent, member.field());
}

int GetEnum(const RequestMember& member, const v1::Request& request) {
  const Message* parent = ParentIn(member, request);
  return parent == nullptr
             ? 0
             : parent->GetReflection()->GetEnumValue(*parent, member.field());
}

std::vector<int> WireNumbers(const EnumDescriptor& type) {
  std::vector<int> numbers;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->options().HasExtension(v1::wire_value)) {
      numbers.push_back(type.value(i)->number());
    }
  }
  return numbers;
}

const v1::PatternTexts& TextsOf(v1::Pattern pattern) {
  return v1::Pattern_descriptor()
      ->FindValueByNumber(pattern)
      ->options()
      .GetExtension(v1::pattern);
}

v1::Request BaseRequest(Operation operation) {
  v1::Request request;
  const auto* field = v1::Request::descriptor()->FindFieldByNumber(operation);
  request.GetReflection()->MutableMessage(&request, field);
  for (const RequestMember& member : RequestMembers()) {
    if (member.operation == operation) SetLegalValue(member, &request);
  }
  // Conditions and tokens come from an answer before.
  if (request.has_put_resource_policy()) {
    request.mutable_put_resource_policy()->Clear();
  }
  if (request.has_delete_resource_policy()) {
    request.mutable_delete_resource_policy()->Clear();
  }
  if (request.has_get_security_configurations()) {
    request.mutable_get_security_configurations()->clear_next_token();
  }
  return request;
}

}  // namespace glue_security::conformance_internal
