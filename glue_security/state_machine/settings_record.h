// The encryption settings of a catalog as they are stored.

#ifndef GLUE_SECURITY_STATE_MACHINE_SETTINGS_RECORD_H_
#define GLUE_SECURITY_STATE_MACHINE_SETTINGS_RECORD_H_

#include <cstddef>
#include <optional>

#include "glue_security/model/record.h"
#include "glue_security/v1/catalog_encryption.pb.h"

namespace glue_security {

RecordKey EncryptionSettingsKey();

// Returns the settings in force, as they were put: the record at `place` of
// `snapshot`. The default message when none were put; nullopt when the record
// is damaged.
std::optional<v1::DataCatalogEncryptionSettings> ReadEncryptionSettings(
    const SnapshotView& snapshot, size_t place);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_SETTINGS_RECORD_H_
