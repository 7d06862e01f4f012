#include "glue_security/state_machine/authorizer.h"

#include "absl/strings/str_cat.h"

namespace glue_security {

std::string OperationAccess::action() const {
  return absl::StrCat("glue:", OperationName(operation));
}

std::string OperationAccess::resource() const {
  return absl::StrCat("arn:aws:glue:", catalog.region, ":", catalog.catalog_id,
                      ":catalog");
}

}  // namespace glue_security
