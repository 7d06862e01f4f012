#include "glue_security/state_machine/authorizer.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/policy/arn.h"

namespace glue_security {
namespace {

// The resource type of the catalog itself.
constexpr absl::string_view kCatalog = "catalog";

}  // namespace

std::string OperationAccess::action() const {
  return absl::StrCat("glue:", OperationName(operation));
}

std::string OperationAccess::resource() const {
  if (GetOperationInfo(operation).resource_type().empty()) return "*";
  return CatalogArn({catalog.region, catalog.catalog_id, caller.partition});
}

std::vector<AccessResource> OperationAccess::resources() const {
  const v1::OperationInfo& info = GetOperationInfo(operation);
  std::vector<AccessResource> resources;
  if (!info.resource_type().empty() && info.resource_type() != kCatalog) {
    const CatalogName name = {catalog.region, catalog.catalog_id,
                              caller.partition};
    const auto arn = [&](absl::string_view object) {
      return CatalogArn(name, absl::StrCat(info.resource_type(), "/", object));
    };
    for (const std::string& object : objects) {
      resources.push_back({arn(object), false});
    }
    if (info.object_member().empty()) resources.push_back({arn("*"), true});
  }
  resources.push_back({resource(), false});
  return resources;
}

}  // namespace glue_security
