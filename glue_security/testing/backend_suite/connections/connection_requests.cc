#include "glue_security/testing/backend_suite/connections/connection_requests.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/model/end_process.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/api_schema.h"
#include "google/protobuf/text_format.h"

namespace glue_security::conformance_internal {
namespace {

template <typename Call>
void SetCatalogId(std::optional<std::string> id, Call* call) {
  if (id.has_value()) call->set_catalog_id(*std::move(id));
}

}  // namespace

v1::ConnectionInput ConnectionWith(absl::string_view name,
                                   const PropertyMap& properties) {
  v1::ConnectionInput input;
  input.set_name(std::string(name));
  input.set_connection_type(v1::CONNECTION_TYPE_JDBC);
  input.mutable_connection_properties()->mutable_elements()->insert(
      properties.begin(), properties.end());
  return input;
}

v1::ConnectionInput ConnectionOf(absl::string_view text) {
  v1::ConnectionInput input;
  if (!google::protobuf::TextFormat::ParseFromString(std::string(text),
                                                     &input)) {
    EndProcess(absl::StrCat("not a connection: ", text));
  }
  return input;
}

v1::ConnectionInput InputOf(const v1::Connection& connection) {
  v1::ConnectionInput input;
  if (connection.has_name()) input.set_name(connection.name());
  if (connection.has_description()) {
    input.set_description(connection.description());
  }
  if (connection.has_connection_type()) {
    input.set_connection_type(connection.connection_type());
  }
  if (connection.has_match_criteria()) {
    *input.mutable_match_criteria() = connection.match_criteria();
  }
  if (connection.has_connection_properties()) {
    *input.mutable_connection_properties() = connection.connection_properties();
  }
  if (connection.has_physical_connection_requirements()) {
    *input.mutable_physical_connection_requirements() =
        connection.physical_connection_requirements();
  }
  return input;
}

PropertyMap PropertiesOf(const v1::Connection& connection) {
  const auto& elements = connection.connection_properties().elements();
  return {elements.begin(), elements.end()};
}

v1::Request CreateConnection(const v1::ConnectionInput& input,
                             std::optional<std::string> catalog_id) {
  v1::Request request;
  auto* create = request.mutable_create_connection();
  *create->mutable_connection_input() = input;
  SetCatalogId(std::move(catalog_id), create);
  return request;
}

v1::Request GetConnection(absl::string_view name, std::optional<bool> hide,
                          std::optional<std::string> catalog_id) {
  v1::Request request;
  auto* get = request.mutable_get_connection();
  get->set_name(std::string(name));
  if (hide.has_value()) get->set_hide_password(*hide);
  SetCatalogId(std::move(catalog_id), get);
  return request;
}

v1::Request ListConnections(std::optional<int32_t> max_results,
                            std::optional<std::string> next_token,
                            std::optional<std::string> catalog_id) {
  v1::Request request;
  auto* list = request.mutable_get_connections();
  if (max_results.has_value()) list->set_max_results(*max_results);
  if (next_token.has_value()) list->set_next_token(*std::move(next_token));
  SetCatalogId(std::move(catalog_id), list);
  return request;
}

v1::Request UpdateConnection(const v1::ConnectionInput& input,
                             std::optional<std::string> catalog_id) {
  v1::Request request;
  auto* update = request.mutable_update_connection();
  update->set_name(input.name());
  *update->mutable_connection_input() = input;
  SetCatalogId(std::move(catalog_id), update);
  return request;
}

v1::Request DeleteConnection(absl::string_view name,
                             std::optional<std::string> catalog_id) {
  v1::Request request;
  auto* remove = request.mutable_delete_connection();
  remove->set_connection_name(std::string(name));
  SetCatalogId(std::move(catalog_id), remove);
  return request;
}

v1::Request BatchDeleteConnections(const std::vector<std::string>& names,
                                   std::optional<std::string> catalog_id) {
  v1::Request request;
  auto* remove = request.mutable_batch_delete_connection();
  auto* list = remove->mutable_connection_name_list();
  for (const std::string& name : names) list->add_elements(name);
  SetCatalogId(std::move(catalog_id), remove);
  return request;
}

std::optional<std::string> CatalogIdOf(const v1::Request& request) {
  const RequestRef ref(request);
  const MemberSchema* const id =
      ApiSchema::Get().operation(ref.operation()).catalog_id;
  if (id == nullptr || !id->accessors->has(ref.message())) return std::nullopt;
  return id->accessors->get_string(ref.message());
}

}  // namespace glue_security::conformance_internal
