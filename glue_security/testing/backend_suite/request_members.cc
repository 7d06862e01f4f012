#include "glue_security/testing/backend_suite/request_members.h"

#include <map>
#include <mutex>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace glue_security::conformance_internal {
namespace {

using google::protobuf::Message;

void AddMembers(const StructureSchema& structure, const RequestMember& parent,
                std::vector<RequestMember>* members) {
  for (const MemberSchema& schema : structure.members) {
    RequestMember member = parent;
    member.way.push_back(&schema);
    if (!member.path.empty()) member.path += ".";
    member.path += schema.path_name;
    member.constraints = *schema.constraints;
    members->push_back(member);
    if (schema.structure == nullptr) continue;
    if (schema.kind == MemberKind::kList) member.path += ".1.member";
    AddMembers(*schema.structure, member, members);
  }
}

// Returns the message that holds the member, and makes it present.
Message* ParentOf(const RequestMember& member, v1::Request* request) {
  const auto* operation =
      v1::Request::descriptor()->FindFieldByNumber(member.operation);
  Message* message =
      request->GetReflection()->MutableMessage(request, operation);
  for (size_t i = 0; i + 1 < member.way.size(); ++i) {
    const MemberSchema& step = *member.way[i];
    message = message->GetReflection()->MutableMessage(message, step.field);
    if (step.kind != MemberKind::kList) continue;
    const auto* reflection = message->GetReflection();
    message =
        reflection->FieldSize(*message, step.elements) == 0
            ? reflection->AddMessage(message, step.elements)
            : reflection->MutableRepeatedMessage(message, step.elements, 0);
  }
  return message;
}

// Returns the message that holds the member; nullptr when it is absent.
const Message* ParentIn(const RequestMember& member,
                        const v1::Request& request) {
  if (request.operation_case() != member.operation) return nullptr;
  const auto* operation =
      v1::Request::descriptor()->FindFieldByNumber(member.operation);
  const Message* message =
      &request.GetReflection()->GetMessage(request, operation);
  for (size_t i = 0; i + 1 < member.way.size(); ++i) {
    const MemberSchema& step = *member.way[i];
    const auto* reflection = message->GetReflection();
    if (!reflection->HasField(*message, step.field)) return nullptr;
    message = &reflection->GetMessage(*message, step.field);
    if (step.kind != MemberKind::kList) continue;
    reflection = message->GetReflection();
    if (reflection->FieldSize(*message, step.elements) == 0) return nullptr;
    message = &reflection->GetRepeatedMessage(*message, step.elements, 0);
  }
  return message;
}

// Returns true for what a plain call does not have: a condition and a page
// token, which come from earlier answers, and an ARN, which may be refused.
bool IsExtra(const RequestMember& member) {
  const std::string& name = member.schema().name;
  return name == "NextToken" || name == "ResourceArn" ||
         absl::EndsWith(name, "Condition");
}

std::vector<RequestMember> MembersOf(const ApiSchema& api) {
  std::vector<RequestMember> members;
  for (const Operation operation : kAllOperations) {
    const StructureSchema* const request = api.operation(operation).request;
    if (request == nullptr) continue;
    RequestMember root;
    root.api = &api;
    root.operation = operation;
    AddMembers(*request, root, &members);
  }
  return members;
}

}  // namespace

const std::vector<RequestMember>& RequestMembers(const ApiSchema& api) {
  static auto* const lists =
      new std::map<const ApiSchema*, std::vector<RequestMember>>;
  static auto* const mutex = new std::mutex;
  const std::lock_guard<std::mutex> lock(*mutex);
  const auto [it, is_new] = lists->try_emplace(&api);
  if (is_new) it->second = MembersOf(api);
  return it->second;
}

const RequestMember* FindRequestMember(const ApiSchema& api,
                                       const RequestMember& member) {
  for (const RequestMember& other : RequestMembers(api)) {
    if (other.operation == member.operation && other.path == member.path) {
      return &other;
    }
  }
  return nullptr;
}

std::string StartOfTexts(const RequestMember& member) {
  switch (member.constraints.pattern()) {
    case v1::PATTERN_KMS_KEY_ARN:
    case v1::PATTERN_KMS_KEY_ARN_OBSERVED:
      return "arn:aws:kms:";
    case v1::PATTERN_GLUE_ARN_2020:
    case v1::PATTERN_GLUE_ARN_2022:
    case v1::PATTERN_GLUE_ARN_2024:
      return "arn:aws:glue:";
    case v1::PATTERN_ROLE_ARN:
      return "arn:aws:iam::123456789012:role/";
    default:
      return "";
  }
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
  switch (member.schema().kind) {
    case MemberKind::kString:
      SetString(member, absl::StrCat(StartOfTexts(member), "a"), request);
      break;
    case MemberKind::kInteger:
      SetInt(member, static_cast<int32_t>(member.constraints.value_min()),
             request);
      break;
    case MemberKind::kEnum:
      SetEnum(member, member.schema().enum_values.front().number, request);
      break;
    case MemberKind::kBoolean: {
      Message* parent = ParentOf(member, request);
      parent->GetReflection()->SetBool(parent, member.field(), false);
      break;
    }
    case MemberKind::kTimestamp:
    case MemberKind::kStructure:
    case MemberKind::kList:
    case MemberKind::kStringList:
    case MemberKind::kMap:
    case MemberKind::kStructureMap: {
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

v1::Request BaseRequest(const ApiSchema& api, Operation operation) {
  v1::Request request;
  const auto* field = v1::Request::descriptor()->FindFieldByNumber(operation);
  request.GetReflection()->MutableMessage(&request, field);
  for (const RequestMember& member : RequestMembers(api)) {
    if (member.operation == operation && !IsExtra(member)) {
      SetLegalValue(member, &request);
    }
  }
  if (request.has_put_resource_policy()) {
    request.mutable_put_resource_policy()->clear_policy_in_json();
  }
  return request;
}

}  // namespace glue_security::conformance_internal
