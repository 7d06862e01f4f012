#include "glue_security/testing/defects/connections/connection_patches.h"

#include "glue_security/testing/backend_suite/api_requests.h"

namespace glue_security::conformance_internal {

Elements& ElementsOf(v1::Connection* connection) {
  return *connection->mutable_connection_properties()->mutable_elements();
}

Elements& ElementsOf(v1::ConnectionInput* input) {
  return *input->mutable_connection_properties()->mutable_elements();
}

Settings SettingsOf(const PatchedCall& call) {
  return call.Run(GetSettings(CatalogIdOf(call.request)))
      .get_data_catalog_encryption_settings()
      .data_catalog_encryption_settings();
}

bool HasFlag(const Settings& settings) {
  return settings.connection_password_encryption()
      .return_connection_password_encrypted();
}

bool Seals(const Settings& settings) {
  return settings.encryption_at_rest().catalog_encryption_mode() !=
         v1::CATALOG_ENCRYPTION_MODE_DISABLED;
}

bool Protects(const Settings& settings) {
  return HasFlag(settings) ||
         settings.connection_password_encryption().has_aws_kms_key_id();
}

v1::Response RunUnder(const PatchedCall& call, const Settings& settings) {
  const auto id = CatalogIdOf(call.request);
  const Settings before = SettingsOf(call);
  call.Run(PutSettings(settings, id));
  v1::Response answer = call.Run();
  call.Run(PutSettings(before, id));
  return answer;
}

bool IsWrite(const PatchedCall& call) {
  return call.request.has_create_connection() ||
         call.request.has_update_connection();
}

bool IsRead(const PatchedCall& call) {
  return call.request.has_get_connection() ||
         call.request.has_get_connections();
}

bool IsHidden(const PatchedCall& call) {
  return call.request.get_connection().hide_password() ||
         call.request.get_connections().hide_password();
}

void SetHidden(bool hide, v1::Request* request) {
  if (request->has_get_connection()) {
    request->mutable_get_connection()->set_hide_password(hide);
  } else if (request->has_get_connections()) {
    request->mutable_get_connections()->set_hide_password(hide);
  }
}

v1::ConnectionInput* InputIn(v1::Request* request) {
  if (request->create_connection().has_connection_input()) {
    return request->mutable_create_connection()->mutable_connection_input();
  }
  if (request->update_connection().has_connection_input()) {
    return request->mutable_update_connection()->mutable_connection_input();
  }
  return nullptr;
}

std::optional<v1::Connection> ConnectionNow(const PatchedCall& call,
                                            const std::string& name) {
  const v1::Response answer =
      call.Run(GetConnection(name, false, CatalogIdOf(call.request)));
  if (answer.has_error()) return std::nullopt;
  return answer.get_connection().connection();
}

void ForEachShown(v1::Response* answer,
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

std::string PlaceOf(const PatchedCall& call, const std::string& name) {
  std::string place =
      CatalogIdOf(call.request).value_or(call.caller.account_id);
  place += '\0';
  place += call.caller.region;
  place += '\0';
  return place + name;
}

}  // namespace glue_security::conformance_internal
