// Metrics of a storage as text.

#ifndef GLUE_SECURITY_SERVER_STORAGE_METRICS_TEXT_H_
#define GLUE_SECURITY_SERVER_STORAGE_METRICS_TEXT_H_

#include <string>

#include "glue_security/storage/storage_metrics.h"

namespace glue_security {

// Appends the counters in the format of `Metrics::Text`, each named
// "glue_security_storage_" and the name of the member.
void AppendStorageMetrics(const StorageMetrics& metrics, std::string* text);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_STORAGE_METRICS_TEXT_H_
