// What the planted defects of connections share: patches that change what a
// call gives of a connection, and what an answer shows of one.

#ifndef GLUE_SECURITY_TESTING_DEFECTS_CONNECTION_PATCHES_H_
#define GLUE_SECURITY_TESTING_DEFECTS_CONNECTION_PATCHES_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "glue_security/testing/backend_suite/connection_requests.h"
#include "glue_security/testing/defects/defect_list.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security::conformance_internal {

// Returns what a CreateConnection or an UpdateConnection gives; nullptr for
// other operations.
inline v1::ConnectionInput* InputIn(v1::Request* request) {
  if (request->create_connection().has_connection_input()) {
    return request->mutable_create_connection()->mutable_connection_input();
  }
  if (request->update_connection().has_connection_input()) {
    return request->mutable_update_connection()->mutable_connection_input();
  }
  return nullptr;
}

// Returns the connection of the call's catalog; nullopt: it cannot be shown.
inline std::optional<v1::Connection> ConnectionNow(const PatchedCall& call,
                                                   const std::string& name) {
  const v1::Response answer =
      call.Run(GetConnection(name, false, CatalogIdOf(call.request)));
  if (answer.has_error()) return std::nullopt;
  return answer.get_connection().connection();
}

// Calls `visit` with each connection that the answer shows.
inline void ForEachShown(
    v1::Response* answer,
    const std::function<void(v1::Connection* shown)>& visit) {
  if (answer->get_connection().has_connection()) {
    visit(answer->mutable_get_connection()->mutable_connection());
  }
  if (!answer->has_get_connections()) return;
  for (v1::Connection& shown :
       *answer->mutable_get_connections()->mutable_connection_list()) {
    visit(&shown);
  }
}

// Changes each connection of an answer.
template <typename Change>
Patch ChangesConnections(Change change) {
  return [change](const PatchedCall& call) {
    v1::Response answer = call.Run();
    ForEachShown(&answer, [&](v1::Connection* shown) { change(call, shown); });
    return answer;
  };
}

// Changes what is given of a connection.
template <typename Change>
Patch ChangesGiven(Change change) {
  return [change](PatchedCall call) {
    if (v1::ConnectionInput* input = InputIn(&call.request)) {
      change(call, input);
    }
    return call.Run();
  };
}

// The catalog and the name of a connection.
inline std::string PlaceOf(const PatchedCall& call, const std::string& name) {
  std::string place =
      CatalogIdOf(call.request).value_or(call.caller.account_id);
  place += '\0';
  place += call.caller.region;
  place += '\0';
  return place + name;
}

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_DEFECTS_CONNECTION_PATCHES_H_
