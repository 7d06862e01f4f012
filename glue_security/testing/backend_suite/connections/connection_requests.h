// Short forms of requests on connections for the checks.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_CONNECTIONS_CONNECTION_REQUESTS_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_CONNECTIONS_CONNECTION_REQUESTS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security::conformance_internal {

using PropertyMap = std::map<std::string, std::string>;

// Returns a connection of type JDBC with these properties.
v1::ConnectionInput ConnectionWith(absl::string_view name,
                                   const PropertyMap& properties = {});

// Parses text format. REQUIRES: it is legal.
v1::ConnectionInput ConnectionOf(absl::string_view text);

// Returns what a request gives of a connection: all but the times and
// LastUpdatedBy.
v1::ConnectionInput InputOf(const v1::Connection& connection);
PropertyMap PropertiesOf(const v1::Connection& connection);

v1::Request CreateConnection(
    const v1::ConnectionInput& input,
    std::optional<std::string> catalog_id = std::nullopt);
v1::Request GetConnection(absl::string_view name,
                          std::optional<bool> hide = std::nullopt,
                          std::optional<std::string> catalog_id = std::nullopt);
v1::Request ListConnections(
    std::optional<int32_t> max_results = std::nullopt,
    std::optional<std::string> next_token = std::nullopt,
    std::optional<std::string> catalog_id = std::nullopt);
// Both names are that of `input`.
v1::Request UpdateConnection(
    const v1::ConnectionInput& input,
    std::optional<std::string> catalog_id = std::nullopt);
v1::Request DeleteConnection(
    absl::string_view name,
    std::optional<std::string> catalog_id = std::nullopt);
v1::Request BatchDeleteConnections(
    const std::vector<std::string>& names,
    std::optional<std::string> catalog_id = std::nullopt);

// Returns the CatalogId of any request; nullopt: there is none.
std::optional<std::string> CatalogIdOf(const v1::Request& request);

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_CONNECTIONS_CONNECTION_REQUESTS_H_
