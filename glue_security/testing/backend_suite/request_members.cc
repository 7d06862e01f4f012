#include "glue_security/testing/backend_suite/request_members.h"

#include <iterator>
#include <limits>
#include <map>
#include <mutex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/v1/connection.pb.h"
#include "google/protobuf/map.h"

namespace glue_security::conformance_internal {
namespace {

using google::protobuf::Message;

using Part = RequestMember::Part;

// Returns the bounds as the protos would state them.
v1::ShapeConstraints ToShape(const TextConstraints& text) {
  v1::ShapeConstraints shape;
  if (text.length_bytes_min > 0) {
    shape.set_length_bytes_min(static_cast<int64_t>(text.length_bytes_min));
  }
  if (text.length_bytes_max < std::numeric_limits<size_t>::max()) {
    shape.set_length_bytes_max(static_cast<int64_t>(text.length_bytes_max));
  }
  shape.set_pattern(text.documented_pattern);
  return shape;
}

// Adds the keys and the strings of a collection.
void AddParts(const RequestMember& whole, std::vector<RequestMember>* members) {
  const MemberSchema& schema = whole.schema();
  RequestMember element = whole;
  element.part = Part::kElement;
  element.constraints = ToShape(schema.element);
  if (whole.is_string_list()) {
    element.path += ".1.member";
  } else if (whole.is_map()) {
    RequestMember key = whole;
    key.part = Part::kKey;
    key.constraints = ToShape(schema.key);
    key.name += ".key";
    members->push_back(std::move(key));
    absl::StrAppend(&element.path, ".", MapKey(schema), ".member");
  } else {
    return;
  }
  element.name = element.path;
  members->push_back(std::move(element));
}

void AddMembers(const StructureSchema& structure, const RequestMember& parent,
                std::vector<RequestMember>* members) {
  for (const MemberSchema& schema : structure.members) {
    RequestMember member = parent;
    member.way.push_back(&schema);
    if (!member.path.empty()) member.path += ".";
    member.path += schema.path_name;
    member.name = member.path;
    member.constraints = *schema.constraints;
    members->push_back(member);
    AddParts(member, members);
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

// The strings of a collection, present or not.
v1::StringList* ListIn(const RequestMember& member, v1::Request* request) {
  Message* parent = ParentOf(member, request);
  return google::protobuf::DynamicCastToGenerated<v1::StringList>(
      parent->GetReflection()->MutableMessage(parent, member.field()));
}
google::protobuf::Map<std::string, std::string>* MapIn(
    const RequestMember& member, v1::Request* request) {
  Message* parent = ParentOf(member, request);
  return google::protobuf::DynamicCastToGenerated<v1::StringMap>(
             parent->GetReflection()->MutableMessage(parent, member.field()))
      ->mutable_elements();
}

// Returns the strings that a part of a collection stands for, at most one.
std::vector<std::string> StringsOf(const RequestMember& member,
                                   const v1::Request& request) {
  const Message* parent = ParentIn(member, request);
  if (parent == nullptr) return {};
  const Message& holder =
      parent->GetReflection()->GetMessage(*parent, member.field());
  if (member.schema().kind == MemberKind::kStringList) {
    const auto& list =
        *google::protobuf::DynamicCastToGenerated<v1::StringList>(&holder);
    if (list.elements().empty()) return {};
    return {list.elements(0)};
  }
  const auto& map =
      google::protobuf::DynamicCastToGenerated<v1::StringMap>(&holder)
          ->elements();
  const std::string usual = MapKey(member.schema());
  const auto found = map.find(usual);
  if (member.part == Part::kElement) {
    if (found == map.end()) return {};
    return {found->second};
  }
  for (const auto& [key, value] : map) {
    if (key != usual) return {key};
  }
  if (found == map.end()) return {};
  return {usual};
}

void SetPart(const RequestMember& member, absl::string_view value,
             v1::Request* request) {
  std::string text(value);
  if (member.schema().kind == MemberKind::kStringList) {
    v1::StringList* list = ListIn(member, request);
    if (list->elements().empty()) list->add_elements();
    list->set_elements(0, std::move(text));
  } else if (member.part == Part::kElement) {
    (*MapIn(member, request))[MapKey(member.schema())] = std::move(text);
  } else {
    MapIn(member, request)->insert({std::move(text), "a"});
  }
}

void ClearPart(const RequestMember& member, v1::Request* request) {
  if (member.schema().kind == MemberKind::kStringList) {
    ListIn(member, request)->clear_elements();
    return;
  }
  auto* map = MapIn(member, request);
  const std::string usual = MapKey(member.schema());
  if (member.part == Part::kElement) {
    map->erase(usual);
    return;
  }
  for (auto it = map->begin(); it != map->end();) {
    it = it->first == usual ? std::next(it) : map->erase(it);
  }
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
    if (other.operation == member.operation && other.name == member.name) {
      return &other;
    }
  }
  return nullptr;
}

std::string MapKey(const MemberSchema& map) {
  return map.enum_values.empty() ? "a" : map.enum_values.front().text;
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
  if (!member.is_whole()) {
    SetPart(member, value, request);
    return;
  }
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

void SetSize(const RequestMember& member, size_t size, v1::Request* request) {
  if (member.is_string_list()) {
    v1::StringList* list = ListIn(member, request);
    list->clear_elements();
    for (size_t i = 0; i < size; ++i) list->add_elements(absl::StrCat("n", i));
    return;
  }
  auto* map = MapIn(member, request);
  map->clear();
  for (const EnumValueSchema& value : member.schema().enum_values) {
    if (map->size() < size) (*map)[value.text] = "a";
  }
  for (size_t i = 0; map->size() < size; ++i) {
    (*map)[absl::StrCat("n", i)] = "a";
  }
}

void ClearMember(const RequestMember& member, v1::Request* request) {
  if (!member.is_whole()) {
    ClearPart(member, request);
    return;
  }
  Message* parent = ParentOf(member, request);
  parent->GetReflection()->ClearField(parent, member.field());
}

void SetLegalValue(const RequestMember& member, v1::Request* request) {
  // The value of a map brings its key.
  if (member.part == Part::kKey) return;
  if (member.part == Part::kElement) {
    SetPart(member, absl::StrCat(StartOfTexts(member), "a"), request);
    return;
  }
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
  if (!member.is_whole()) return !StringsOf(member, request).empty();
  const Message* parent = ParentIn(member, request);
  return parent != nullptr &&
         parent->GetReflection()->HasField(*parent, member.field());
}

std::string GetString(const RequestMember& member, const v1::Request& request) {
  if (!member.is_whole()) {
    const std::vector<std::string> strings = StringsOf(member, request);
    return strings.empty() ? "" : strings.front();
  }
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

size_t GetSize(const RequestMember& member, const v1::Request& request) {
  const Message* parent = ParentIn(member, request);
  if (parent == nullptr) return 0;
  const Message& holder =
      parent->GetReflection()->GetMessage(*parent, member.field());
  return static_cast<size_t>(
      holder.GetReflection()->FieldSize(holder, member.schema().elements));
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
