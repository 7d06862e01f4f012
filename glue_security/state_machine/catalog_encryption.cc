// The encryption settings of a Data Catalog: GetDataCatalogEncryptionSettings,
// PutDataCatalogEncryptionSettings.

#include <cstddef>
#include <optional>
#include <utility>

#include "glue_security/model/out_of_memory.h"
#include "glue_security/state_machine/operation_handler.h"
#include "glue_security/state_machine/settings_record.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/state_machine/transition_steps.h"
#include "glue_security/v1/catalog_encryption.pb.h"

namespace glue_security {
namespace {

// The key that the real service shows when none was given.
constexpr char kDefaultKeyAlias[] = "alias/aws/glue";

// Fills in the defaults that Get returns for a part that was not put
// (docs/reference/GetDataCatalogEncryptionSettings.md). REQUIRES: called within
// OrEnd.
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
  if (at_rest->catalog_encryption_mode() !=
          v1::CATALOG_ENCRYPTION_MODE_DISABLED &&
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

// The index of the only key, which both operations read and Put rewrites.
constexpr size_t kSettings = 0;

std::optional<v1::Error> PlanGetSettings(PreparedOperation* operation) {
  operation->read_set.keys.push_back(EncryptionSettingsKey());
  return std::nullopt;
}

std::optional<v1::Error> PlanPutSettings(PreparedOperation* operation) {
  operation->read_set.keys.push_back(EncryptionSettingsKey());
  const v1::EncryptionAtRest& at_rest =
      operation->request.as<v1::PutDataCatalogEncryptionSettingsRequest>()
          .data_catalog_encryption_settings()
          .encryption_at_rest();
  if (operation->options->behavior.require_role_for_service_role_mode &&
      at_rest.catalog_encryption_mode() ==
          v1::CATALOG_ENCRYPTION_MODE_SSE_KMS_WITH_SERVICE_ROLE &&
      !at_rest.has_catalog_encryption_service_role()) {
    return InvalidInput(
        "catalogEncryptionServiceRole must be given for "
        "catalogEncryptionMode SSE-KMS-WITH-SERVICE-ROLE");
  }
  return std::nullopt;
}

Transition ApplyGetSettings(const ApplyInput& input) {
  auto stored = ReadEncryptionSettings(input.snapshot, kSettings);
  if (!stored.has_value()) return FailDamaged();
  Transition transition;
  auto& response = transition.outcome
                       .emplace<v1::GetDataCatalogEncryptionSettingsResponse>();
  OrEnd([&] {
    auto* settings = response.mutable_data_catalog_encryption_settings();
    *settings = *std::move(stored);
    FillDefaults(input.operation.options->behavior, settings);
  });
  return transition;
}

Transition ApplyPutSettings(const ApplyInput& input) {
  const auto& request =
      input.operation.request.as<v1::PutDataCatalogEncryptionSettingsRequest>();
  // Replaces everything: a part that is not given returns to its default.
  v1::StoredRecord record;
  OrEnd([&] {
    *record.mutable_encryption_settings()->mutable_settings() =
        request.data_catalog_encryption_settings();
  });

  Transition transition;
  StartBatch(input, &transition.write_batch);
  Rewrite(EncryptionSettingsKey(), input.snapshot.revision(kSettings),
          EncodeRecord(input.commit_id, std::move(record)),
          &transition.write_batch);
  transition.outcome.emplace<v1::PutDataCatalogEncryptionSettingsResponse>();
  return transition;
}

}  // namespace

const OperationHandler kGetDataCatalogEncryptionSettingsHandler = {
    PlanGetSettings, ApplyGetSettings};
const OperationHandler kPutDataCatalogEncryptionSettingsHandler = {
    PlanPutSettings, ApplyPutSettings};

}  // namespace glue_security
