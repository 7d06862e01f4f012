#include "glue_security/access/catalog_operations.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glue_security/model/operation.h"

namespace glue_security {
namespace {

// The operations beyond those of this API, whose facts are in the protos.
constexpr CatalogOperation kOtherOperations[] = {
    {"BatchCreatePartition", CatalogObject::kTable, true},
    {"BatchDeletePartition", CatalogObject::kTable, true},
    {"BatchDeleteTable", CatalogObject::kTable, true},
    {"BatchDeleteTableVersion", CatalogObject::kTable, true},
    {"BatchGetPartition", CatalogObject::kTable, true},
    {"BatchGetTableOptimizer", CatalogObject::kTable, true},
    {"BatchUpdatePartition", CatalogObject::kTable, true},
    {"CreateDatabase", CatalogObject::kDatabase},
    {"CreatePartition", CatalogObject::kTable},
    {"CreatePartitionIndex", CatalogObject::kTable},
    {"CreateTable", CatalogObject::kTable},
    {"CreateTableOptimizer", CatalogObject::kTable},
    {"CreateUserDefinedFunction", CatalogObject::kFunction},
    {"DeleteColumnStatisticsForPartition", CatalogObject::kTable},
    {"DeleteColumnStatisticsForTable", CatalogObject::kTable},
    {"DeleteDatabase", CatalogObject::kDatabase, false, true},
    {"DeletePartition", CatalogObject::kTable},
    {"DeletePartitionIndex", CatalogObject::kTable},
    {"DeleteTable", CatalogObject::kTable},
    {"DeleteTableOptimizer", CatalogObject::kTable},
    {"DeleteTableVersion", CatalogObject::kTable},
    {"DeleteUserDefinedFunction", CatalogObject::kFunction},
    {"GetCatalogImportStatus", CatalogObject::kCatalog},
    {"GetColumnStatisticsForPartition", CatalogObject::kTable},
    {"GetColumnStatisticsForTable", CatalogObject::kTable},
    {"GetDatabase", CatalogObject::kDatabase},
    {"GetDatabases", CatalogObject::kDatabase, true},
    {"GetPartition", CatalogObject::kTable},
    {"GetPartitionIndexes", CatalogObject::kTable},
    {"GetPartitions", CatalogObject::kTable},
    {"GetTable", CatalogObject::kTable},
    {"GetTableOptimizer", CatalogObject::kTable},
    {"GetTableVersion", CatalogObject::kTable},
    {"GetTableVersions", CatalogObject::kTable},
    {"GetTables", CatalogObject::kTable, true},
    {"GetUserDefinedFunction", CatalogObject::kFunction},
    {"GetUserDefinedFunctions", CatalogObject::kFunction, true},
    {"ImportCatalogToGlue", CatalogObject::kCatalog},
    {"ListTableOptimizerRuns", CatalogObject::kTable},
    {"RenameTable", CatalogObject::kTable},
    {"SearchTables", CatalogObject::kTable, true},
    {"UpdateColumnStatisticsForPartition", CatalogObject::kTable},
    {"UpdateColumnStatisticsForTable", CatalogObject::kTable},
    {"UpdateDatabase", CatalogObject::kDatabase},
    {"UpdatePartition", CatalogObject::kTable},
    {"UpdateTable", CatalogObject::kTable},
    {"UpdateTableOptimizer", CatalogObject::kTable},
    {"UpdateUserDefinedFunction", CatalogObject::kFunction},
};

// Returns the first part of the name of an object, with its slash; "" where
// operations name no object.
absl::string_view KindPrefix(CatalogObject object) {
  switch (object) {
    case CatalogObject::kNothing:
    case CatalogObject::kCatalog:
      break;
    case CatalogObject::kDatabase:
      return "database/";
    case CatalogObject::kTable:
      return "table/";
    case CatalogObject::kFunction:
      return "userDefinedFunction/";
    case CatalogObject::kConnection:
      return "connection/";
  }
  return "";
}

bool IsInDatabase(CatalogObject object) {
  return object == CatalogObject::kTable || object == CatalogObject::kFunction;
}

// Adds a resource that is not there yet.
void Add(std::string name, bool is_set, std::vector<NeededResource>* needed) {
  const bool is_there = std::any_of(
      needed->begin(), needed->end(), [&](const NeededResource& other) {
        return other.name == name && other.is_set == is_set;
      });
  if (!is_there) needed->push_back({std::move(name), is_set});
}

// Adds the object, and before it its database. Returns false when `name` is not
// the name of such an object.
bool AddObject(const CatalogOperation& operation, const std::string& name,
               std::vector<NeededResource>* needed) {
  absl::string_view rest = name;
  if (!absl::ConsumePrefix(&rest, KindPrefix(operation.object))) return false;
  if (IsInDatabase(operation.object)) {
    const size_t slash = rest.find('/');
    if (slash == absl::string_view::npos || slash == 0) return false;
    Add(absl::StrCat("database/", rest.substr(0, slash)), false, needed);
    rest.remove_prefix(slash + 1);
  }
  if (rest.empty()) return false;
  // A list is asked about all objects that begin with a name.
  const bool is_set = operation.is_plural && absl::EndsWith(rest, "*");
  Add(name, is_set, needed);
  return true;
}

std::string WrongObject(const CatalogOperation& operation,
                        const std::string& name) {
  return absl::StrCat(operation.name, " names ", KindPrefix(operation.object),
                      IsInDatabase(operation.object) ? "DATABASE/NAME" : "NAME",
                      ", not \"", name, "\"");
}

// Returns the kind of object that an operation of this API is about.
CatalogObject ObjectOf(const v1::OperationInfo& info) {
  if (!info.catalog_call()) return CatalogObject::kNothing;
  return info.resource() == v1::RESOURCE_CONNECTION ? CatalogObject::kConnection
                                                    : CatalogObject::kCatalog;
}

}  // namespace

absl::Span<const CatalogOperation> CatalogOperations() {
  static const auto* const kOperations = [] {
    auto operations = std::make_unique<std::vector<CatalogOperation>>(
        std::begin(kOtherOperations), std::end(kOtherOperations));
    for (const Operation operation : kAllOperations) {
      const v1::OperationInfo& info = GetOperationInfo(operation);
      operations->push_back({info.name(), ObjectOf(info), info.many_objects()});
    }
    std::sort(operations->begin(), operations->end(),
              [](const CatalogOperation& a, const CatalogOperation& b) {
                return a.name < b.name;
              });
    return operations.release();
  }();
  return *kOperations;
}

const CatalogOperation* FindCatalogOperation(absl::string_view name) {
  for (const CatalogOperation& operation : CatalogOperations()) {
    if (operation.name == name) return &operation;
  }
  return nullptr;
}

std::variant<std::vector<NeededResource>, std::string> NeededResources(
    const CatalogOperation& operation,
    const std::vector<std::string>& objects) {
  if (KindPrefix(operation.object).empty()) {
    if (!objects.empty()) {
      return absl::StrCat(operation.name, " names no object");
    }
    return std::vector<NeededResource>{
        {operation.object == CatalogObject::kNothing ? "*" : "catalog"}};
  }
  if (objects.empty() || (objects.size() > 1 && !operation.is_plural)) {
    return absl::StrCat(
        operation.name, " names ",
        operation.is_plural ? "at least one object" : "exactly one object",
        ", not ", objects.size());
  }
  std::vector<NeededResource> needed = {{"catalog"}};
  for (const std::string& name : objects) {
    if (!AddObject(operation, name, &needed)) {
      return WrongObject(operation, name);
    }
    if (!operation.deletes_children) continue;
    const std::string database = name.substr(name.find('/') + 1);
    for (const CatalogObject child :
         {CatalogObject::kTable, CatalogObject::kFunction}) {
      Add(absl::StrCat(KindPrefix(child), database, "/*"), true, &needed);
    }
  }
  return needed;
}

}  // namespace glue_security
