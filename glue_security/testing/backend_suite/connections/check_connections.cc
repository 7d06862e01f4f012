// connection: what is kept of a connection, its times, who wrote it, which
// errors there are. The order of errors is in check_connection_order.cc.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/schema/structure_schema.h"
#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/backend_suite/connections/connection_requests.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;
constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;
constexpr auto kExists = v1::ERROR_CODE_ALREADY_EXISTS;

constexpr char kFull[] = R"pb(
  name: "orders"
  description: "the shop\nof \303\251"
  connection_type: CONNECTION_TYPE_SFTP
  match_criteria { elements: "b" elements: "a" elements: "b" }
  connection_properties {
    elements { key: "HOST" value: "db" }
    elements { key: "USERNAME" value: "alice" }
  }
  physical_connection_requirements {
    subnet_id: "subnet-1"
    security_group_id_list { elements: "sg-2" elements: "sg-1" }
    availability_zone: "us-east-1a"
  }
)pb";

constexpr char kLeast[] = R"pb(
  name: "least"
  connection_type: CONNECTION_TYPE_JDBC
  connection_properties {}
)pb";

constexpr char kEmpties[] = R"pb(
  name: "empties"
  description: ""
  connection_type: CONNECTION_TYPE_JDBC
  match_criteria {}
  connection_properties { elements { key: "PORT" value: "" } }
  physical_connection_requirements { security_group_id_list {} }
)pb";

v1::Connection Shown(CheckContext& check, absl::string_view name,
                     const Caller& caller = Home(),
                     std::optional<std::string> catalog_id = std::nullopt) {
  return check
      .Ok(GetConnection(name, std::nullopt, std::move(catalog_id)), caller)
      .get_connection()
      .connection();
}

// `what` names the connection: "the connection after the update".
void ExpectShown(CheckContext& check, absl::string_view what,
                 const v1::ConnectionInput& input) {
  check.Same(what, input, InputOf(Shown(check, input.name())));
}

void CreateAndShow(CheckContext& check, const v1::ConnectionInput& input) {
  check.Ok(CreateConnection(input));
  ExpectShown(check, "the connection that was created", input);
}

// Returns the keys in force that hold no password.
std::vector<std::string> PlainKeys(const Behavior& behavior) {
  std::vector<std::string> keys;
  const StructureSchema& input = *ApiSchema::For(behavior)
                                      .operation(v1::Request::kCreateConnection)
                                      .request->Find("ConnectionInput")
                                      ->structure;
  for (const auto& value : input.Find("ConnectionProperties")->enum_values) {
    if (!absl::StrContains(value.text, "PASSWORD")) keys.push_back(value.text);
  }
  return keys;
}

void AddKeptChecks(CheckGroup& connection) {
  connection.Add(
      "kept.full", "what was given is shown",
      [](CheckContext& check) { CreateAndShow(check, ConnectionOf(kFull)); });
  connection.Add(
      "kept.least", "a member that is not required may be absent",
      [](CheckContext& check) { CreateAndShow(check, ConnectionOf(kLeast)); });
  connection.Add("kept.empties",
                 "all of ConnectionInput is kept exactly: an empty list, an "
                 "empty text and an empty structure come back as such",
                 [](CheckContext& check) {
                   CreateAndShow(check, ConnectionOf(kEmpties));
                 });
  connection.Add("kept.every_property",
                 "a key is one of those that the service defines, and its "
                 "value is shown",
                 [](CheckContext& check) {
                   PropertyMap properties;
                   for (const std::string& key : PlainKeys(check.behavior())) {
                     properties[key] = absl::StrCat("of ", key);
                   }
                   CreateAndShow(check, ConnectionWith("all", properties));
                 });
  connection.Add(
      "kept.any_value", "a value is kept as it is", [](CheckContext& check) {
        for (const char* value : {"", " ", "\n\t\"\\", "\xC3\xA9",
                                  "jdbc:x://h:1/d?a=b", "null", "\x7F"}) {
          check.Restart();
          CreateAndShow(check, ConnectionWith("a", {{"HOST", value}}));
        }
      });
}

void AddUpdateChecks(CheckGroup& connection) {
  connection.Add("updated.given", "an update replaces what it gives",
                 [](CheckContext& check) {
                   auto input = ConnectionOf(kLeast);
                   input.set_name("orders");
                   check.Ok(CreateConnection(input));
                   check.Ok(UpdateConnection(ConnectionOf(kFull)));
                   ExpectShown(check, "the connection after the update",
                               ConnectionOf(kFull));
                 });
  connection.Add("updated.absent_gone",
                 "an update replaces everything: what it does not give is gone",
                 [](CheckContext& check) {
                   check.Ok(CreateConnection(ConnectionOf(kFull)));
                   auto input = ConnectionOf(kLeast);
                   input.set_name("orders");
                   check.Ok(UpdateConnection(input));
                   ExpectShown(check, "the connection after the update", input);
                 });
  connection.Add(
      "updated.other_name",
      "ConnectionInput.Name must be Name: a connection cannot be renamed",
      [](CheckContext& check) {
        check.Ok(CreateConnection(ConnectionWith("a")));
        for (const char* other : {"b", "A", "a "}) {
          auto request = UpdateConnection(ConnectionWith(other));
          request.mutable_update_connection()->set_name("a");
          check.Fails(request, kInvalid);
        }
      });
  connection.Add("updated.unknown", "no connection has that name",
                 [](CheckContext& check) {
                   check.Ok(CreateConnection(ConnectionWith("a")));
                   check.Fails(UpdateConnection(ConnectionWith("b")),
                               kNotFound);
                 });
}

void AddNameChecks(CheckGroup& connection) {
  connection.Add("duplicate", "the name is taken", [](CheckContext& check) {
    check.Ok(CreateConnection(ConnectionWith("a")));
    check.Fails(CreateConnection(ConnectionWith("a", {{"HOST", "h"}})),
                kExists);
    // An identical one is no exception.
    check.Fails(CreateConnection(ConnectionWith("a")), kExists);
    ExpectShown(check, "the connection that was there", ConnectionWith("a"));
  });
  connection.Add("get_unknown", "no connection has that name",
                 [](CheckContext& check) {
                   check.Ok(CreateConnection(ConnectionWith("a")));
                   check.Fails(GetConnection("b"), kNotFound);
                 });
  connection.Add("delete_unknown", "no connection has that name",
                 [](CheckContext& check) {
                   check.Ok(CreateConnection(ConnectionWith("a")));
                   check.Fails(DeleteConnection("b"), kNotFound);
                 });
  connection.Add(
      "names_whole", "names are compared as a whole, byte by byte",
      [](CheckContext& check) {
        const char* const names[] = {"a",  "A",   "a ",      " a",
                                     "aa", "a\t", "\xC3\xA4"};
        for (const char* name : names) {
          check.Ok(CreateConnection(ConnectionWith(name, {{"HOST", name}})));
        }
        for (const char* name : names) {
          ExpectShown(check, "one of several connections",
                      ConnectionWith(name, {{"HOST", name}}));
        }
      });
  connection.Add("deleted", "a deleted connection is gone",
                 [](CheckContext& check) {
                   check.Ok(CreateConnection(ConnectionOf(kFull)));
                   check.Ok(DeleteConnection("orders"));
                   check.Fails(GetConnection("orders"), kNotFound);
                   check.Fails(DeleteConnection("orders"), kNotFound);
                   auto input = ConnectionOf(kLeast);
                   input.set_name("orders");
                   CreateAndShow(check, input);
                 });
}

// --- Times, and who wrote it

void AddTimeChecks(CheckGroup& connection) {
  connection.Add("times.created", "both times are those of the call",
                 [](CheckContext& check) {
                   check.Ok(CreateConnection(ConnectionWith("a")));
                   const auto shown = Shown(check, "a");
                   const std::string created = TimeText(
                       shown.has_creation_time(), shown.creation_time());
                   check.Same("LastUpdatedTime", created,
                              TimeText(shown.has_last_updated_time(),
                                       shown.last_updated_time()));
                   if (check.target().honours_clock) {
                     check.Same("CreationTime", TimeText(check.Now()), created);
                   }
                 });
  connection.Add(
      "times.updated", "an update moves LastUpdatedTime and no other",
      [](CheckContext& check) {
        check.Ok(CreateConnection(ConnectionWith("a")));
        const auto before = Shown(check, "a");
        check.LetPass(absl::Seconds(1));
        check.Ok(UpdateConnection(ConnectionWith("a")));
        const auto after = Shown(check, "a");
        check.Same("CreationTime after the update",
                   TimeText(before.has_creation_time(), before.creation_time()),
                   TimeText(after.has_creation_time(), after.creation_time()));
        const std::string updated =
            TimeText(after.has_last_updated_time(), after.last_updated_time());
        const std::string created = TimeText(before.has_last_updated_time(),
                                             before.last_updated_time());
        check.Expect(updated != created, "LastUpdatedTime after the update",
                     "a later time", updated);
        if (check.target().honours_clock) {
          check.Same("LastUpdatedTime after the update", TimeText(check.Now()),
                     updated);
        }
      });
  connection.Add(
      "times.never_back", "LastUpdatedTime never goes back",
      [](CheckContext& check) {
        check.Ok(CreateConnection(ConnectionWith("a")));
        const auto before = Shown(check, "a");
        check.SetClock(check.Now() - absl::Hours(1));
        check.Ok(UpdateConnection(ConnectionWith("a")));
        const auto after = Shown(check, "a");
        check.Same(
            "LastUpdatedTime after the clock went back",
            TimeText(before.has_last_updated_time(),
                     before.last_updated_time()),
            TimeText(after.has_last_updated_time(), after.last_updated_time()));
      },
      NeedsClock());
  connection.Add("times.failed_calls_move_nothing",
                 "a call that fails changes nothing", [](CheckContext& check) {
                   check.Ok(CreateConnection(ConnectionWith("a")));
                   check.LetPass(absl::Seconds(1));
                   check.Fails(CreateConnection(ConnectionWith("a")), kExists);
                   auto request = UpdateConnection(ConnectionWith("b"));
                   request.mutable_update_connection()->set_name("a");
                   check.Fails(request, kInvalid);
                 });
}

void AddWriterChecks(CheckGroup& connection) {
  const auto of = [](absl::string_view end) {
    Caller caller = Home();
    caller.principal_arn = absl::StrCat("arn:aws:", end);
    return caller;
  };
  const Caller user = of("iam::123456789012:user/team/alice");
  const Caller role = of("sts::123456789012:assumed-role/admin/session");
  const auto expect = [](CheckContext& check, absl::string_view writer) {
    const auto shown = Shown(check, "a");
    check.Same("LastUpdatedBy", writer, shown.last_updated_by());
    check.Expect(shown.has_last_updated_by() == !writer.empty(),
                 "whether there is a LastUpdatedBy",
                 writer.empty() ? "none" : "one",
                 writer.empty() ? "one" : "none");
  };
  connection.Add(
      "written_by.user",
      "LastUpdatedBy is what follows the account in the ARN of the "
      "caller",
      [user, expect](CheckContext& check) {
        check.Ok(CreateConnection(ConnectionWith("a")), user);
        expect(check, "user/team/alice");
      },
      NeedsPrincipals());
  connection.Add(
      "written_by.role",
      "LastUpdatedBy is what follows the account in the ARN of the "
      "caller",
      [role, expect](CheckContext& check) {
        check.Ok(CreateConnection(ConnectionWith("a")), role);
        expect(check, "assumed-role/admin/session");
      },
      NeedsPrincipals());
  connection.Add(
      "written_by.last", "LastUpdatedBy is the last who wrote it",
      [user, role, expect](CheckContext& check) {
        check.Ok(CreateConnection(ConnectionWith("a")), user);
        check.Ok(UpdateConnection(ConnectionWith("a")), role);
        expect(check, "assumed-role/admin/session");
      },
      NeedsPrincipals());
  connection.Add(
      "written_by.unknown", "LastUpdatedBy is absent when the ARN is not known",
      [user, expect](CheckContext& check) {
        check.Ok(CreateConnection(ConnectionWith("a")), user);
        check.Ok(UpdateConnection(ConnectionWith("a")));
        expect(check, "");
      },
      NeedsPrincipals());
}

// --- Several at once

using Texts = std::vector<std::string>;

// Deletes the names, and expects those that were there, in order, and the
// others with their error.
void ExpectBatch(CheckContext& check, const Texts& names, const Texts& gone,
                 const Texts& errors) {
  const auto response = check.Ok(BatchDeleteConnections(names));
  const auto& batch = response.batch_delete_connection();
  check.Same("Succeeded", absl::StrJoin(gone, ", "),
             absl::StrJoin(batch.succeeded(), ", "));
  Texts failed;
  for (const auto& [name, detail] : std::map<std::string, v1::ErrorDetail>(
           batch.errors().begin(), batch.errors().end())) {
    failed.push_back(name);
    check.Same("the ErrorCode of a name", CodeText(kNotFound),
               detail.error_code(), BackendCheckBasis::kChoice);
  }
  check.Same("the names of Errors", absl::StrJoin(errors, ", "),
             absl::StrJoin(failed, ", "));
  for (const std::string& name : gone) {
    check.Fails(GetConnection(name), kNotFound);
  }
}

void CreateSome(CheckContext& check) {
  for (const char* name : {"a", "b", "c"}) {
    check.Ok(CreateConnection(ConnectionWith(name)));
  }
}

void AddBatchChecks(CheckGroup& connection) {
  connection.Add("batch.one", "a list of names is deleted",
                 [](CheckContext& check) {
                   CreateSome(check);
                   ExpectBatch(check, {"b"}, {"b"}, {});
                   check.Ok(GetConnection("a"));
                   check.Ok(GetConnection("c"));
                 });
  connection.Add("batch.order",
                 "Succeeded has the names in the order of the request",
                 [](CheckContext& check) {
                   CreateSome(check);
                   ExpectBatch(check, {"c", "a"}, {"c", "a"}, {});
                 });
  connection.Add(
      "batch.goes_on",
      "Errors has each name that could not be deleted; the others "
      "are deleted",
      [](CheckContext& check) {
        CreateSome(check);
        ExpectBatch(check, {"y", "a", "x", "c"}, {"a", "c"}, {"x", "y"});
        check.Ok(GetConnection("b"));
      });
  connection.Add(
      "batch.unknown", "a list of unknown names is no error",
      [](CheckContext& check) { ExpectBatch(check, {"x"}, {}, {"x"}); });
  connection.Add("batch.twice", "a name that is listed twice counts once",
                 [](CheckContext& check) {
                   CreateSome(check);
                   ExpectBatch(check, {"a", "x", "a", "x"}, {"a"}, {"x"});
                 });
  connection.Add("batch.empty", "an empty list is legal",
                 [](CheckContext& check) {
                   CreateSome(check);
                   ExpectBatch(check, {}, {}, {});
                   check.Ok(GetConnection("a"));
                 });
}

// --- Catalogs

void AreApart(CheckContext& check, const Caller& other) {
  check.Ok(CreateConnection(ConnectionWith("a")));
  check.Fails(GetConnection("a"), kNotFound, other);
  check.Fails(UpdateConnection(ConnectionWith("a")), kNotFound, other);
  check.Fails(DeleteConnection("a"), kNotFound, other);
  check.Ok(CreateConnection(ConnectionWith("a", {{"HOST", "h"}})), other);
  ExpectShown(check, "the first connection", ConnectionWith("a"));
  check.Ok(DeleteConnection("a"), other);
  check.Ok(GetConnection("a"));
}

void AddCatalogChecks(CheckGroup& connection) {
  connection.Add("catalogs.accounts", "each account has a catalog",
                 [](CheckContext& check) { AreApart(check, OtherAccount()); });
  connection.Add("catalogs.regions", "each region has a catalog",
                 [](CheckContext& check) { AreApart(check, OtherRegion()); });
  connection.Add("catalogs.absent_id_is_account",
                 "without a CatalogId the catalog is that of the account",
                 [](CheckContext& check) {
                   check.Ok(CreateConnection(ConnectionWith("a")));
                   check.Same(
                       "the connection in the catalog of the account",
                       ConnectionWith("a"),
                       InputOf(Shown(check, "a", Home(), Home().account_id)));
                 });
  connection.Add(
      "catalogs.other_ids_apart", "CatalogId names a catalog",
      [](CheckContext& check) {
        const std::string id = "another";
        check.Ok(CreateConnection(ConnectionWith("a"), id));
        check.Fails(GetConnection("a"), kNotFound);
        check.Fails(DeleteConnection("a"), kNotFound);
        check.Ok(UpdateConnection(ConnectionWith("a", {{"HOST", "h"}}), id));
        check.Same("the connection in the other catalog",
                   ConnectionWith("a", {{"HOST", "h"}}),
                   InputOf(Shown(check, "a", Home(), id)));
        check.Same("the number of connections in the other catalog", "1",
                   absl::StrCat(
                       check.Ok(ListConnections(std::nullopt, std::nullopt, id))
                           .get_connections()
                           .connection_list_size()));
        check.Same("the number of deleted connections", "1",
                   absl::StrCat(check.Ok(BatchDeleteConnections({"a"}, id))
                                    .batch_delete_connection()
                                    .succeeded_size()));
        check.Fails(DeleteConnection("a", id), kNotFound);
      });
}

}  // namespace

void AddConnectionChecks(Checks* checks) {
  CheckGroup connection(checks, "connection", "docs/decisions/connections.md");
  AddKeptChecks(connection);
  AddUpdateChecks(connection);
  AddNameChecks(connection);
  AddTimeChecks(connection);
  AddWriterChecks(connection);
  AddBatchChecks(connection);
  AddCatalogChecks(connection);
}

}  // namespace glue_security::conformance_internal
