#include "glue_security/storage/storage_maintenance.h"

namespace glue_security {

absl::StatusOr<std::vector<NamedRecord>> ReadAll(StorageMaintenance* storage) {
  std::vector<NamedRecord> records;
  absl::Status status = storage->VisitAll([&](const NamedRecord& record) {
    records.push_back(record);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return records;
}

absl::StatusOr<uint64_t> ReplaceAllWith(absl::Span<const NamedRecord> records,
                                        ReplaceMode mode,
                                        StorageMaintenance* storage) {
  const NamedRecord* next = records.begin();
  return storage->ReplaceAll(mode, [&]() -> const NamedRecord* {
    return next == records.end() ? nullptr : next++;
  });
}

void RecordCounter::Add(const NamedRecord& record) {
  if (stats_.records == 0 || record.catalog != last_catalog_) {
    ++stats_.catalogs;
    last_catalog_ = record.catalog;
  }
  ++stats_.records;
  stats_.record_bytes += record.key.id.size() + record.value.size();
}

}  // namespace glue_security
