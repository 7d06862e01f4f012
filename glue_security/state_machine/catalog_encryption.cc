#include "glue_security/state_machine/catalog_encryption.h"

#include <optional>
#include <utility>

#include "glue_security/model/out_of_memory.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/state_machine/transitions.h"
#include "glue_security/v1/catalog_encryption.pb.h"

namespace glue_security {
namespace {

// The key of the service that the real one shows where none was given.
constexpr char kDefaultKeyAlias[] = "alias/aws/glue";

// Fills in what Get shows for a part that was not put (behaviour, section 5).
// REQUIRES: it is called in a region of OrEnd.
void FillDefaults(const Behavior& behavior,
                  v1::DataCatalogEncryptionSettings* settings) {
  if (!settings->has_encryption_at_rest()) {
    settings->mutable_encryption_at_rest()->set_catalog_encryption_mode(
        v1::CATALOG_ENCRYPTION_MODE_DISABLED);
  }
  if (!settings->has_connection_password_encryption()) {
    settings->mutable_connection_password_encryption()
        ->set_return_connection_password_encrypted(false);
  }
  if (!behavior.show_default_keys) return;
  v1::EncryptionAtRest* at_rest = settings->mutable_encryption_at_rest();
  if (at_rest->catalog_encryption_mode() ==
          v1::CATALOG_ENCRYPTION_MODE_SSE_KMS &&
      !at_rest->has_sse_aws_kms_key_id()) {
    at_rest->set_sse_aws_kms_key_id(kDefaultKeyAlias);
  }
  v1::ConnectionPasswordEncryption* password =
      settings->mutable_connection_password_encryption();
  if (password->return_connection_password_encrypted() &&
      !password->has_aws_kms_key_id()) {
    password->set_aws_kms_key_id(kDefaultKeyAlias);
  }
}

}  // namespace

RecordKey EncryptionSettingsKey() {
  return {RecordKind::kEncryptionSettings, ""};
}

Transition ApplyGetDataCatalogEncryptionSettings(
    const PreparedOperation& operation, const SnapshotView& snapshot) {
  Transition transition;
  auto& response = transition.outcome
                       .emplace<v1::GetDataCatalogEncryptionSettingsResponse>();
  std::optional<v1::StoredRecord> record;
  if (snapshot.has(0)) {
    record =
        DecodeRecord(snapshot.value(0), v1::StoredRecord::kEncryptionSettings);
    if (!record.has_value()) return FailDamaged();
  }
  OrEnd([&] {
    auto* settings = response.mutable_data_catalog_encryption_settings();
    if (record.has_value()) {
      *settings =
          std::move(*record->mutable_encryption_settings()->mutable_settings());
    }
    FillDefaults(operation.options->behavior, settings);
  });
  return transition;
}

Transition ApplyPutDataCatalogEncryptionSettings(
    const PreparedOperation& operation, const SnapshotView& snapshot,
    const CommitId& commit_id) {
  const auto& request =
      operation.request.as<v1::PutDataCatalogEncryptionSettingsRequest>();
  // Replaces everything: what is not given goes back to its default.
  v1::StoredRecord record;
  OrEnd([&] {
    *record.mutable_encryption_settings()->mutable_settings() =
        request.data_catalog_encryption_settings();
  });

  Transition transition;
  StartBatch(operation, snapshot, &transition.write_batch);
  Rewrite(EncryptionSettingsKey(), snapshot.revision(0),
          EncodeRecord(commit_id, std::move(record)), &transition.write_batch);
  transition.outcome.emplace<v1::PutDataCatalogEncryptionSettingsResponse>();
  return transition;
}

}  // namespace glue_security
