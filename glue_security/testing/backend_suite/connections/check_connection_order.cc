// connection.of_2019: members that came later. connection.order: which error is
// returned when two rules are broken. connection_limit: the number of
// connections.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "glue_security/testing/backend_suite/check_groups.h"
#include "glue_security/testing/backend_suite/connections/connection_requests.h"

namespace glue_security::conformance_internal {
namespace {

constexpr auto kNotFound = v1::ERROR_CODE_ENTITY_NOT_FOUND;
constexpr auto kInvalid = v1::ERROR_CODE_INVALID_INPUT;
constexpr auto kExists = v1::ERROR_CODE_ALREADY_EXISTS;
constexpr auto kTooMany = v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED;

void ExpectShown(CheckContext& check, const v1::ConnectionInput& input) {
  check.Same(
      "the connection that was created", input,
      InputOf(
          check.Ok(GetConnection(input.name())).get_connection().connection()));
}

// --- Members that came later

void AddLaterChecks(CheckGroup& connection) {
  connection.Add(
      "tags.not_shown", "Tags are checked and not stored",
      [](CheckContext& check) {
        auto request = CreateConnection(ConnectionWith("a"));
        (*request.mutable_create_connection()
              ->mutable_tags()
              ->mutable_elements())["k"] = "v";
        check.Ok(request);
        ExpectShown(check, ConnectionWith("a"));
      },
      OnlyCurrent());
  connection.Add(
      "of_2019.tags_ignored", "a member that is not in force is ignored",
      [](CheckContext& check) {
        auto request = CreateConnection(ConnectionWith("a"));
        (*request.mutable_create_connection()
              ->mutable_tags()
              ->mutable_elements())[""] = "v";
        check.Ok(request);
        ExpectShown(check, ConnectionWith("a"));
      },
      OnlyOf2019());
  connection.Add(
      "of_2019.type_unknown", "a value that is not in force is a violation",
      [](CheckContext& check) {
        auto input = ConnectionWith("a");
        input.set_connection_type(v1::CONNECTION_TYPE_KAFKA);
        check.Breaks(CreateConnection(input),
                     {"connectionInput.connectionType ENUM"});
      },
      OnlyOf2019());
  connection.Add(
      "on_its_date", "since 2021-07-01 there are further types",
      [](CheckContext& check) {
        auto input = ConnectionWith("a");
        input.set_connection_type(v1::CONNECTION_TYPE_KAFKA);
        check.behavior().api_date = absl::CivilDay(2021, 6, 30);
        check.Breaks(CreateConnection(input),
                     {"connectionInput.connectionType ENUM"});
        check.Restart();
        check.behavior().api_date = absl::CivilDay(2021, 7, 1);
        check.Ok(CreateConnection(input));
        ExpectShown(check, input);
      },
      NeedsFields());
}

// --- Two rules broken

void AddOrderChecks(CheckGroup& connection) {
  const auto too_long = [](absl::string_view name) {
    return ConnectionWith(name, {{"HOST", std::string(1025, 'h')}});
  };
  constexpr char kViolation[] =
      "connectionInput.connectionProperties.HOST.member LENGTH_MAX";
  connection.Add("order.constraints_before_existence",
                 "constraints before existence",
                 [too_long, kViolation](CheckContext& check) {
                   check.Ok(CreateConnection(ConnectionWith("a")));
                   check.Breaks(CreateConnection(too_long("a")), {kViolation});
                   check.Breaks(UpdateConnection(too_long("b")), {kViolation});
                 });
  connection.Add("order.constraints_before_names",
                 "constraints before the names of an update",
                 [too_long, kViolation](CheckContext& check) {
                   auto request = UpdateConnection(too_long("b"));
                   request.mutable_update_connection()->set_name("a");
                   check.Breaks(request, {kViolation});
                 });
  connection.Add("order.names_before_existence",
                 "the names of an update before existence",
                 [](CheckContext& check) {
                   auto request = UpdateConnection(ConnectionWith("b"));
                   request.mutable_update_connection()->set_name("a");
                   check.Fails(request, kInvalid);
                 });
  connection.Add("order.constraints_before_token",
                 "constraints before the token", [](CheckContext& check) {
                   check.Breaks(ListConnections(0, "no token"),
                                {"maxResults VALUE_MIN"});
                 });
  connection.Add(
      "order.existence_before_number_limit",
      "existence before the number limit",
      [](CheckContext& check) {
        check.limits().connections_max = 1;
        check.Ok(CreateConnection(ConnectionWith("a")));
        check.Fails(CreateConnection(ConnectionWith("a")), kExists);
        check.Fails(CreateConnection(ConnectionWith("b")), kTooMany);
      },
      NeedsLimits());
}

// --- The number of connections

v1::Request NumberedCreate(int number) {
  return CreateConnection(ConnectionWith(absl::StrCat("n", number)));
}

void AddLimitChecks(CheckGroup& limit) {
  limit.Add(
      "default", "at most 1000 in a catalog",
      [](CheckContext& check) {
        for (int i = 0; i < 1000; ++i) check.Ok(NumberedCreate(i));
        check.Fails(NumberedCreate(1000), kTooMany);
      },
      NeedsLimits());
  limit.Add(
      "at_and_over", "a further one is refused, and only that",
      [](CheckContext& check) {
        check.limits().connections_max = 2;
        check.Ok(NumberedCreate(0));
        check.Ok(NumberedCreate(1));
        check.Fails(NumberedCreate(2), kTooMany);
        check.Ok(UpdateConnection(ConnectionWith("n1")));
      },
      NeedsLimits());
  limit.Add(
      "after_delete", "a deleted connection no longer counts",
      [](CheckContext& check) {
        check.limits().connections_max = 2;
        check.Ok(NumberedCreate(0));
        check.Ok(NumberedCreate(1));
        check.Ok(DeleteConnection("n0"));
        check.Ok(NumberedCreate(2));
        check.Ok(BatchDeleteConnections({"n1", "n2", "x"}));
        check.Ok(NumberedCreate(3));
        check.Ok(NumberedCreate(4));
        check.Fails(NumberedCreate(5), kTooMany);
      },
      NeedsLimits());
}

void AddOtherLimitChecks(CheckGroup& limit) {
  limit.Add(
      "failures_do_not_count", "a call that fails does not count",
      [](CheckContext& check) {
        check.limits().connections_max = 2;
        check.Ok(NumberedCreate(0));
        check.Fails(NumberedCreate(0), kExists);
        check.Fails(DeleteConnection("x"), kNotFound);
        check.Ok(UpdateConnection(ConnectionWith("n0")));
        check.Ok(BatchDeleteConnections({"x", "y"}));
        check.Ok(NumberedCreate(1));
        check.Fails(NumberedCreate(2), kTooMany);
      },
      NeedsLimits());
  limit.Add(
      "zero", "a limit of 0 allows none",
      [](CheckContext& check) {
        check.limits().connections_max = 0;
        check.Fails(NumberedCreate(0), kTooMany);
      },
      NeedsLimits());
  limit.Add(
      "per_catalog", "each catalog has the limit to itself",
      [](CheckContext& check) {
        check.limits().connections_max = 1;
        check.Ok(NumberedCreate(0));
        check.Ok(NumberedCreate(0), OtherAccount());
        check.Ok(NumberedCreate(0), OtherRegion());
        check.Fails(NumberedCreate(1), kTooMany, OtherRegion());
      },
      NeedsLimits());
  limit.Add(
      "apart_from_configurations",
      "security configurations and connections are counted apart",
      [](CheckContext& check) {
        check.limits().connections_max = 1;
        check.limits().security_configurations_max = 1;
        check.Ok(Create("a"));
        check.Ok(NumberedCreate(0));
        check.Fails(NumberedCreate(1), kTooMany);
      },
      NeedsLimits());
}

}  // namespace

void AddConnectionOrderChecks(Checks* checks) {
  CheckGroup connection(checks, "connection", "docs/decisions/connections.md");
  AddLaterChecks(connection);
  AddOrderChecks(connection);
  CheckGroup limit(checks, "connection_limit",
                   "docs/reference/CreateConnection.md");
  AddLimitChecks(limit);
  AddOtherLimitChecks(limit);
}

}  // namespace glue_security::conformance_internal
