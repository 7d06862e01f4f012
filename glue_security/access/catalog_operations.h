// The operations of the Data Catalog, and the resources on which each needs
// permission. From the guide, "Specifying AWS Glue Resource ARNs" and "AWS Glue
// API Permissions"; for later operations, from the service authorization
// reference.

#ifndef GLUE_SECURITY_ACCESS_CATALOG_OPERATIONS_H_
#define GLUE_SECURITY_ACCESS_CATALOG_OPERATIONS_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace glue_security {

// The kind of object that an operation names.
enum class CatalogObject {
  // None: the operation has no resource type.
  kNothing,
  // None: the operation is about the catalog as a whole.
  kCatalog,
  kDatabase,
  // A table, or its partitions, versions, indexes and statistics.
  kTable,
  kFunction,
  kConnection,
};

struct CatalogOperation {
  // "GetTable".
  absl::string_view name;
  CatalogObject object;
  // The operation may name several objects: a batch, or a list that is
  // filtered. Otherwise it names exactly one.
  bool is_plural = false;
  // The operation also deletes what is in the object.
  bool deletes_children = false;
};

// Returns all operations, by name. Those of this API have no object.
absl::Span<const CatalogOperation> CatalogOperations();

// Returns nullptr when there is no such operation.
const CatalogOperation* FindCatalogOperation(absl::string_view name);

// A resource on which an operation needs permission.
struct NeededResource {
  // After the ARN of the catalog: "catalog", "table/db/orders". "*": the
  // operation has no resource type.
  std::string name;
  // The `*` at its end stands for any text.
  bool is_set = false;
};

// Returns the resources that the operation needs to name `objects`, each once,
// the outermost first and children last. Returns a message when the objects are
// not those of the operation: a wrong kind, an empty name, or too few or many.
std::variant<std::vector<NeededResource>, std::string> NeededResources(
    const CatalogOperation& operation, const std::vector<std::string>& objects);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ACCESS_CATALOG_OPERATIONS_H_
