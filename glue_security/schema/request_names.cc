#include "glue_security/schema/request_names.h"

#include "glue_security/schema/accessors.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/schema/structure_schema.h"
#include "google/protobuf/message.h"

namespace glue_security {

const std::string* CatalogIdIn(RequestRef request) {
  const MemberSchema* const member =
      ApiSchema::Get().operation(request.operation()).catalog_id;
  if (member == nullptr || !member->accessors->has(request.message())) {
    return nullptr;
  }
  return &member->accessors->get_string(request.message());
}

const std::string* NameIn(RequestRef request) {
  const MemberSchema* const member =
      ApiSchema::Get().operation(request.operation()).name;
  return member == nullptr ? nullptr
                           : &member->accessors->get_string(request.message());
}

std::vector<std::string> ObjectNamesIn(RequestRef request) {
  const OperationSchema& operation =
      ApiSchema::Get().operation(request.operation());
  std::vector<std::string> names;
  if (operation.object_path.empty()) return names;
  const google::protobuf::Message* message = &request.message();
  for (const MemberSchema* member : operation.object_path) {
    if (!member->accessors->has(*message)) return {};
    switch (member->kind) {
      case MemberKind::kString:
        names.push_back(member->accessors->get_string(*message));
        return names;
      case MemberKind::kStructure:
      case MemberKind::kStringList:
        message = &member->accessors->get_message(*message);
        break;
      default:
        // `ApiSchema` has checked the path.
        return {};
    }
  }
  const auto* const elements = operation.object_path.back()->elements;
  const auto& reflection = *message->GetReflection();
  std::string scratch;
  for (int i = 0; i < reflection.FieldSize(*message, elements); ++i) {
    names.push_back(
        reflection.GetRepeatedStringReference(*message, elements, i, &scratch));
  }
  return names;
}

}  // namespace glue_security
