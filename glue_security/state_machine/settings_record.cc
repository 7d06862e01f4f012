#include "glue_security/state_machine/settings_record.h"

#include <utility>

#include "glue_security/model/out_of_memory.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/v1/stored_record.pb.h"

namespace glue_security {

RecordKey EncryptionSettingsKey() {
  return {RecordKind::kEncryptionSettings, ""};
}

std::optional<v1::DataCatalogEncryptionSettings> ReadEncryptionSettings(
    const SnapshotView& snapshot, size_t place) {
  if (!snapshot.has(place)) return v1::DataCatalogEncryptionSettings();
  auto record = DecodeRecord(snapshot.value(place),
                             v1::StoredRecord::kEncryptionSettings);
  if (!record.has_value()) return std::nullopt;
  return OrEnd([&] {
    return std::move(
        *record->mutable_encryption_settings()->mutable_settings());
  });
}

}  // namespace glue_security
