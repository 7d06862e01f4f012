// Compares the table of operations with the rows of the guide, which are in
// catalog_resources.json, with the protos, and with the reference page.

#include "glue_security/access/catalog_operations.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "glue_security/model/operation.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace glue_security {
namespace {

using Names = std::vector<std::string>;

// Returns the names of the resources, with " (set)" after those of a set.
Names NeedsOf(const CatalogOperation& operation, const Names& objects) {
  const auto needed = NeededResources(operation, objects);
  if (const auto* const wrong = std::get_if<std::string>(&needed)) {
    return {"wrong: " + *wrong};
  }
  Names names;
  for (const auto& need : std::get<std::vector<NeededResource>>(needed)) {
    names.push_back(need.name + (need.is_set ? " (set)" : ""));
  }
  return names;
}

Names NeedsOf(const std::string& operation, const Names& objects) {
  return NeedsOf(*FindCatalogOperation(operation), objects);
}

// Fills in the names of a row: "table/{database}/{tables}".
std::string Filled(const std::string& pattern) {
  return absl::StrReplaceAll(pattern, {{"{database}", "db"},
                                       {"{databases}", "db"},
                                       {"{table}", "x"},
                                       {"{tables}", "x"},
                                       {"{function}", "x"},
                                       {"{functions}", "x"},
                                       {"{connection}", "x"},
                                       {"{connections}", "x"}});
}

TEST(CatalogOperations, AreThoseOfTheGuide) {
  std::ifstream file("tests/access/catalog_resources.json");
  const auto rows = nlohmann::json::parse(file)["operations"];
  std::set<std::string> known;
  for (const CatalogOperation& operation : CatalogOperations()) {
    known.insert(std::string(operation.name));
  }
  EXPECT_EQ(known.size(), rows.size());
  for (const auto& row : rows) {
    const std::string name = row["op"];
    ASSERT_EQ(known.count(name), 1u) << name;
    Names expected;
    for (const auto& need : row["needs"]) expected.push_back(Filled(need));
    const std::string object = expected.back();
    const bool is_whole = object == "*" || object == "catalog";
    Names children;
    for (const auto& child : row["children"]) {
      children.push_back(Filled(child) + " (set)");
    }
    std::sort(children.begin(), children.end());
    expected.insert(expected.end(), children.begin(), children.end());
    EXPECT_EQ(NeedsOf(name, is_whole ? Names() : Names{object}), expected)
        << name;
    const bool is_plural = row.value("many", false) || row.contains("plural");
    EXPECT_EQ(FindCatalogOperation(name)->is_plural, is_plural) << name;
    EXPECT_EQ(FindCatalogOperation(name)->object == CatalogObject::kNothing,
              !row["catalog_call"])
        << name;
  }
}

TEST(CatalogOperations, AgreeWithTheProtos) {
  for (const Operation operation : kAllOperations) {
    const v1::OperationInfo& info = GetOperationInfo(operation);
    const CatalogOperation* const row = FindCatalogOperation(info.name());
    ASSERT_NE(row, nullptr) << info.name();
    EXPECT_EQ(info.catalog_call(), row->object != CatalogObject::kNothing)
        << info.name();
    const char* type = "";
    if (row->object == CatalogObject::kCatalog) type = "catalog";
    if (row->object == CatalogObject::kConnection) type = "connection";
    EXPECT_EQ(info.resource_type(), type) << info.name();
    EXPECT_EQ(info.many_objects(), row->is_plural) << info.name();
  }
}

TEST(CatalogOperations, AreOnTheReferencePage) {
  std::ifstream file("docs/reference/catalog_operations.md");
  std::set<std::string> shown;
  for (std::string line; std::getline(file, line);) {
    if (!absl::StartsWith(line, "| ") ||
        absl::StartsWith(line, "| operation")) {
      continue;
    }
    const std::string name = line.substr(2, line.find(' ', 2) - 2);
    shown.insert(name);
    const CatalogOperation* const row = FindCatalogOperation(name);
    ASSERT_NE(row, nullptr) << line;
    const char* needs = "";
    switch (row->object) {
      case CatalogObject::kNothing:
        needs = "| none | `*`";
        break;
      case CatalogObject::kCatalog:
        needs = "| none | catalog";
        break;
      case CatalogObject::kDatabase:
        needs = "| database, catalog";
        break;
      case CatalogObject::kTable:
        needs = "| table, database, catalog";
        break;
      case CatalogObject::kFunction:
        needs = "| function, database, catalog";
        break;
      case CatalogObject::kConnection:
        needs = "| connection, catalog";
        break;
    }
    EXPECT_TRUE(absl::StrContains(line, needs)) << line;
    EXPECT_EQ(absl::StrContains(line, "any number"), row->is_plural) << line;
    EXPECT_EQ(absl::StrContains(line, "all tables and functions"),
              row->deletes_children)
        << line;
  }
  EXPECT_EQ(shown.size(), CatalogOperations().size());
}

TEST(NeededResources, NameEachResourceOnce) {
  EXPECT_EQ(NeedsOf("BatchDeleteTable",
                    {"table/a/x", "table/a/y", "table/b/x", "table/a/x"}),
            (Names{"catalog", "database/a", "table/a/x", "table/a/y",
                   "database/b", "table/b/x"}));
  EXPECT_EQ(NeedsOf("GetTables", {"table/db/a*"}),
            (Names{"catalog", "database/db", "table/db/a* (set)"}));
  // A name may have slashes and, where one object is meant, a star.
  EXPECT_EQ(NeedsOf("GetTable", {"table/db/a/b*"}),
            (Names{"catalog", "database/db", "table/db/a/b*"}));
  EXPECT_EQ(NeedsOf("DeleteDatabase", {"database/db"}),
            (Names{"catalog", "database/db", "table/db/* (set)",
                   "userDefinedFunction/db/* (set)"}));
}

TEST(NeededResources, RefuseObjectsOfAnotherKind) {
  const struct {
    const char* operation;
    Names objects;
    const char* message;
  } cases[] = {
      {"GetTable", {}, "GetTable names exactly one object, not 0"},
      {"GetTable",
       {"table/a/x", "table/a/y"},
       "GetTable names exactly one object, not 2"},
      {"GetTables", {}, "GetTables names at least one object, not 0"},
      {"GetTable",
       {"database/db"},
       "GetTable names table/DATABASE/NAME, not \"database/db\""},
      {"GetTable",
       {"table/db"},
       "GetTable names table/DATABASE/NAME, not \"table/db\""},
      {"GetTable",
       {"table/db/"},
       "GetTable names table/DATABASE/NAME, not \"table/db/\""},
      {"GetTable",
       {"table//x"},
       "GetTable names table/DATABASE/NAME, not \"table//x\""},
      {"GetDatabase",
       {"database/"},
       "GetDatabase names database/NAME, not \"database/\""},
      {"GetConnection",
       {"x"},
       "GetConnection names connection/NAME, not \"x\""},
      {"GetResourcePolicy", {"catalog"}, "GetResourcePolicy names no object"},
      {"GetSecurityConfiguration",
       {"x"},
       "GetSecurityConfiguration names no object"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(NeedsOf(c.operation, c.objects),
              Names{absl::StrCat("wrong: ", c.message)});
  }
  EXPECT_EQ(FindCatalogOperation("getTable"), nullptr);
  EXPECT_EQ(FindCatalogOperation(""), nullptr);
}

}  // namespace
}  // namespace glue_security
