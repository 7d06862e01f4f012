// The two operations on the encryption settings of a catalog.

#ifndef GLUE_SECURITY_STATE_MACHINE_CATALOG_ENCRYPTION_H_
#define GLUE_SECURITY_STATE_MACHINE_CATALOG_ENCRYPTION_H_

#include "glue_security/model/record.h"
#include "glue_security/state_machine/core_types.h"

namespace glue_security {

// The one key that both read, and that Put rewrites.
RecordKey EncryptionSettingsKey();

// `Apply` of each.
Transition ApplyGetDataCatalogEncryptionSettings(
    const PreparedOperation& operation, const SnapshotView& snapshot);
Transition ApplyPutDataCatalogEncryptionSettings(
    const PreparedOperation& operation, const SnapshotView& snapshot,
    const CommitId& commit_id);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_CATALOG_ENCRYPTION_H_
