// Patches for the planted defects of connections: they change what a call gives
// of a connection, or what an answer shows of one, and know the settings of the
// call's catalog.

#ifndef GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_CONNECTION_PATCHES_H_
#define GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_CONNECTION_PATCHES_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "glue_security/testing/backend_suite/connections/connection_requests.h"
#include "glue_security/testing/defects/defect_list.h"
#include "glue_security/v1/catalog_encryption.pb.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/service.pb.h"
#include "google/protobuf/map.h"

namespace glue_security::conformance_internal {

using Settings = v1::DataCatalogEncryptionSettings;
using Elements = google::protobuf::Map<std::string, std::string>;

// The properties.
Elements& ElementsOf(v1::Connection* connection);
Elements& ElementsOf(v1::ConnectionInput* input);

// Returns the settings of the call's catalog, and what they say.
Settings SettingsOf(const PatchedCall& call);
bool HasFlag(const Settings& settings);
bool Seals(const Settings& settings);
bool Protects(const Settings& settings);

// Makes the call under other settings of its catalog.
v1::Response RunUnder(const PatchedCall& call, const Settings& settings);

// A CreateConnection or an UpdateConnection; a GetConnection or GetConnections.
bool IsWrite(const PatchedCall& call);
bool IsRead(const PatchedCall& call);
// With HidePassword.
bool IsHidden(const PatchedCall& call);
void SetHidden(bool hide, v1::Request* request);

// Returns what a CreateConnection or an UpdateConnection gives; nullptr for
// other operations.
v1::ConnectionInput* InputIn(v1::Request* request);

// Returns the connection of the call's catalog; nullopt: it cannot be shown.
std::optional<v1::Connection> ConnectionNow(const PatchedCall& call,
                                            const std::string& name);

// Calls `visit` with each connection that the answer shows.
void ForEachShown(v1::Response* answer,
                  const std::function<void(v1::Connection* shown)>& visit);

// The catalog and the name of a connection.
std::string PlaceOf(const PatchedCall& call, const std::string& name);

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

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_CONNECTION_PATCHES_H_
