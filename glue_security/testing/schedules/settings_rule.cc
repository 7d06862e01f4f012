#include "glue_security/testing/schedules/settings_rule.h"

#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "glue_security/encryption/encryption_settings.h"
#include "glue_security/encryption/sealed_object.h"
#include "glue_security/model/secret.h"
#include "glue_security/testing/schedules/stand_in_keys.h"
#include "glue_security/v1/stored_record.pb.h"

namespace glue_security {
namespace testing_internal {
namespace {

using Settings = v1::DataCatalogEncryptionSettings;

Settings SettingsIn(const SimulatedState& state, const CatalogKey& catalog) {
  const auto found =
      state.records.find({catalog, {RecordKind::kEncryptionSettings, ""}});
  v1::StoredRecord record;
  if (found != state.records.end()) {
    (void)record.ParseFromString(found->second.value);
  }
  return record.encryption_settings().settings();
}

// Returns how `object` is stored against the settings.
std::string BrokenByObject(const Settings& settings,
                           const v1::StoredConnection& object) {
  if (object.has_sealed() != SealsObjects(settings)) {
    return object.has_sealed() ? "a connection was sealed while the catalog "
                                 "was not encrypted"
                               : "a connection was not sealed while the "
                                 "catalog was encrypted";
  }
  if (object.has_sealed() &&
      object.sealed().key_arn() != StandInKeyArn(ObjectKey(settings))) {
    return "a connection was sealed with another key than the catalog's";
  }
  return "";
}

// Returns the connection, opened if it is sealed; nullopt: it cannot be opened.
std::optional<v1::ConnectionInput> Opened(const v1::StoredConnection& object,
                                          const CatalogKey& catalog,
                                          const std::string& name) {
  if (!object.has_sealed()) return object.plain();
  const auto blob = ReadStandInCiphertext(object.sealed().encrypted_data_key());
  if (!blob.has_value()) return std::nullopt;
  const DecryptResult data_key{Secret(blob->plaintext), blob->key_arn};
  const auto opened =
      OpenObject({catalog.catalog_id, catalog.region, "connection", name},
                 object.sealed(), data_key);
  v1::ConnectionInput connection;
  if (!opened.has_value() ||
      !connection.ParseFromString(std::string(opened->view()))) {
    return std::nullopt;
  }
  return connection;
}

std::string BrokenByPassword(const Behavior& behavior, const Settings& settings,
                             const v1::ConnectionInput& connection) {
  const auto& properties = connection.connection_properties().elements();
  const auto clear = properties.find("PASSWORD");
  const auto encrypted = properties.find("ENCRYPTED_PASSWORD");
  if (!EncryptsPasswords(behavior, settings)) {
    return encrypted == properties.end()
               ? ""
               : "a password was encrypted while protection was off";
  }
  if (clear != properties.end()) {
    return "a password was stored in clear while protection was on";
  }
  if (encrypted == properties.end()) return "";
  std::string blob;
  absl::Base64Unescape(encrypted->second, &blob);
  const auto ciphertext = ReadStandInCiphertext(blob);
  return ciphertext.has_value() &&
                 ciphertext->key_arn == StandInKeyArn(PasswordKey(settings))
             ? ""
             : "a password was encrypted with another key than that of the "
               "settings";
}

}  // namespace

std::string BrokenSettingsRule(const Behavior& behavior,
                               const SimulatedState& before,
                               const WriteBatch& batch) {
  for (const Mutation& mutation : batch.mutations) {
    if (mutation.key.kind != RecordKind::kConnection ||
        !mutation.value.has_value()) {
      continue;
    }
    const Settings settings = SettingsIn(before, batch.catalog);
    v1::StoredRecord record;
    if (!record.ParseFromString(*mutation.value)) return "a damaged record";
    const v1::StoredConnection& object = record.connection();
    std::string broken = BrokenByObject(settings, object);
    if (!broken.empty()) return broken;
    const auto opened = Opened(object, batch.catalog, mutation.key.id);
    if (!opened.has_value()) return "a sealed connection cannot be opened";
    broken = BrokenByPassword(behavior, settings, *opened);
    if (!broken.empty()) return broken;
  }
  return "";
}

}  // namespace testing_internal
}  // namespace glue_security
