// The four operations on security configurations.

#ifndef GLUE_SECURITY_STATE_MACHINE_SECURITY_CONFIGURATION_H_
#define GLUE_SECURITY_STATE_MACHINE_SECURITY_CONFIGURATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/core_types.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/security_configuration.pb.h"

namespace glue_security {

// The key of one configuration, and that of the catalog's count of them. Create
// and Delete read and rewrite both, in this order.
RecordKey SecurityConfigurationKey(absl::string_view name);
RecordKey ConfigurationCountKey();

// Business rules of CreateSecurityConfiguration.
std::optional<v1::Error> CheckEncryptionConfiguration(
    const v1::CreateSecurityConfigurationRequest& request,
    const CoreOptions& options);

// Business rules of GetSecurityConfigurations (the page size, then the token),
// and the range to read.
std::variant<v1::Error, RangeRead> PlanPage(
    const v1::GetSecurityConfigurationsRequest& request,
    const CatalogKey& catalog, const CoreOptions& options);

// `Apply` of each. `now_ms` is in milliseconds since the Unix epoch.
Transition ApplyCreateSecurityConfiguration(const PreparedOperation& operation,
                                            const SnapshotView& snapshot,
                                            int64_t now_ms,
                                            const CommitId& commit_id);
Transition ApplyDeleteSecurityConfiguration(const PreparedOperation& operation,
                                            const SnapshotView& snapshot,
                                            const CommitId& commit_id);
Transition ApplyGetSecurityConfiguration(const PreparedOperation& operation,
                                         const SnapshotView& snapshot);
Transition ApplyGetSecurityConfigurations(const PreparedOperation& operation,
                                          const SnapshotView& snapshot);

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_SECURITY_CONFIGURATION_H_
