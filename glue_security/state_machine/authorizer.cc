#include "glue_security/state_machine/authorizer.h"

#include "absl/strings/str_cat.h"
#include "glue_security/policy/arn.h"

namespace glue_security {

std::string OperationAccess::action() const {
  return absl::StrCat("glue:", OperationName(operation));
}

std::string OperationAccess::resource() const {
  if (GetOperationInfo(operation).resource_type().empty()) return "*";
  return CatalogArn({catalog.region, catalog.catalog_id, caller.partition});
}

}  // namespace glue_security
