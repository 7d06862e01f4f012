// A server that also has databases, by operations of its own beside those of
// the engine. It prints its URL and ends with its standard input.

#include <algorithm>
#include <iostream>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/engine/engine.h"
#include "glue_security/json/json_document.h"
#include "glue_security/model/caller.h"
#include "glue_security/server/operation_handlers.h"
#include "glue_security/server/server.h"
#include "glue_security/storage/memory/memory_storage.h"

using namespace glue_security;

namespace {

// The databases of all catalogs, of which only the names are kept. Its methods
// are called from several threads.
class Databases {
 public:
  OperationAnswer Create(const Caller& caller, absl::string_view json) {
    const auto name = NameIn(json, "DatabaseInput");
    if (!name.has_value()) return Invalid();
    const std::lock_guard<std::mutex> lock(mutex_);
    if (all_.insert(Key(caller, *name)).second) {
      return OperationAnswer::Json("{}");
    }
    return OperationAnswer::Error("AlreadyExistsException",
                                  "Database already exists.");
  }

  OperationAnswer Get(const Caller& caller, absl::string_view json) {
    const auto name = NameIn(json, "");
    if (!name.has_value()) return Invalid();
    const std::lock_guard<std::mutex> lock(mutex_);
    if (all_.count(Key(caller, *name)) == 0) {
      return OperationAnswer::Error(
          "EntityNotFoundException",
          absl::StrCat("Database ", *name, " not found."));
    }
    return OperationAnswer::Json(
        absl::StrCat(R"({"Database":{"Name":")", *name, R"("}})"));
  }

 private:
  // Returns the member Name of the object, or of its member `inside`. Names
  // that would have to be escaped in JSON are none.
  static std::optional<std::string> NameIn(absl::string_view json,
                                           absl::string_view inside) {
    const auto parsed = JsonDocument::Parse(json);
    const auto* const document = std::get_if<JsonDocument>(&parsed);
    if (document == nullptr) return std::nullopt;
    std::optional<JsonDocument::Value> value = document->root();
    if (!inside.empty()) value = value->Find(inside);
    if (value.has_value()) value = value->Find("Name");
    if (!value.has_value() || !value->is_string()) return std::nullopt;
    const absl::string_view name = value->text();
    const bool is_plain =
        std::all_of(name.begin(), name.end(), [](unsigned char c) {
          return absl::ascii_isalnum(c) || c == '_' || c == '-';
        });
    if (!is_plain) return std::nullopt;
    return std::string(name);
  }
  static OperationAnswer Invalid() {
    return OperationAnswer::Error("InvalidInputException", "not a name");
  }
  static std::string Key(const Caller& caller, absl::string_view name) {
    return absl::StrCat(caller.account_id, "/", caller.region, "/", name);
  }

  std::mutex mutex_;
  std::set<std::string> all_;
};

}  // namespace

int main() {
  MemoryStorage storage;
  Engine engine(&storage);
  Databases databases;

  // [handlers]
  OperationHandlers handlers;
  absl::Status added =
      handlers.Add("AWSGlue.CreateDatabase",
                   [&databases](const Caller& caller, absl::string_view json) {
                     return databases.Create(caller, json);
                   });
  added.Update(
      handlers.Add("AWSGlue.GetDatabase",
                   [&databases](const Caller& caller, absl::string_view json) {
                     return databases.Get(caller, json);
                   }));
  if (!added.ok()) return 1;

  ServerOptions options;
  options.front_end.handlers = &handlers;
  auto server = Server::Start(&engine, std::move(options));
  // [handlers end]
  if (!server.ok()) return 1;
  std::cout << (*server)->url() << std::endl;
  std::cin.get();
  return 0;
}
