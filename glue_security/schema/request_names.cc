#include "glue_security/schema/request_names.h"

#include "glue_security/schema/accessors.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/schema/structure_schema.h"

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

}  // namespace glue_security
