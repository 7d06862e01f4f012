// StorageMaintenance: work on all records of a storage at once, for backups,
// copies, checks and test harnesses. The engine never uses it: it is an
// interface of its own beside `Storage`, and a storage need not have it.
//
// Example, a copy of every record from one storage to another:
//
//   absl::StatusOr<std::vector<NamedRecord>> records = ReadAll(&from);
//   absl::StatusOr<uint64_t> copied =
//       ReplaceAllWith(*records, ReplaceMode::kOnlyIfEmpty, &to);
//
// A second copy fails, and changes nothing: "the storage has records already".
//
// Revisions belong to one storage. `VisitAll` shows them; `ReplaceAll` gives
// each record a new one (S11 of storage.h), so that every commit that was
// prepared before, and rests on a record, is a conflict.

#ifndef GLUE_SECURITY_STORAGE_STORAGE_MAINTENANCE_H_
#define GLUE_SECURITY_STORAGE_STORAGE_MAINTENANCE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "glue_security/model/record.h"

namespace glue_security {

// A record with its full name.
struct NamedRecord {
  CatalogKey catalog;
  RecordKey key;
  Revision revision = 0;
  std::string value;
};

// Called with a record, which is dead when the visitor returns. A status other
// than OK ends the visit.
using NamedRecordVisitor =
    absl::FunctionRef<absl::Status(const NamedRecord& record)>;

// Returns the next record, which stays valid until the next call, or null after
// the last. Revisions are ignored. No name is returned twice.
using NamedRecordSource = absl::FunctionRef<const NamedRecord*()>;

// Called now and then during long work, with the steps that are done, and the
// steps in all, or 0 where that is not known. Must not call the storage.
using MaintenanceProgress =
    absl::FunctionRef<void(uint64_t done, uint64_t total)>;

enum class ReplaceMode {
  kOnlyIfEmpty,  // refuses to replace records
  kAll,          // replaces all records
};

// The sizes of a storage at one instant.
struct StorageStats {
  uint64_t catalogs = 0;
  uint64_t records = 0;
  // The bytes of ids and values.
  uint64_t record_bytes = 0;
  // Facts of this kind of storage alone, by name, as "file_bytes".
  std::vector<std::pair<std::string, std::string>> details;
};

// A record, or a place, that is damaged.
struct StorageProblem {
  std::optional<CatalogKey> catalog;
  std::optional<RecordKey> key;
  // One line, as "the checksum of the record does not match".
  std::string what;
};

// Thread-safe. All methods may run beside the calls of `Storage`, which they
// may delay.
class StorageMaintenance {
 public:
  virtual ~StorageMaintenance() = default;

  // Calls `visitor` with every record, as of one instant, ascending by catalog
  // id, region, kind and id (each bytewise).
  //
  // Errors: the visitor's; any Status of S14. Nothing is changed.
  virtual absl::Status VisitAll(NamedRecordVisitor visitor) = 0;

  // Makes the records of `source` the only ones, in one instant, and returns
  // their number. Revisions stay unique: no revision of a record that was
  // replaced is given again.
  //
  // Errors, in this order: kFailedPrecondition, mode kOnlyIfEmpty and there are
  // records, nothing changed; any Status of S14.
  // REQUIRES: `source` does not call this storage.
  virtual absl::StatusOr<uint64_t> ReplaceAll(ReplaceMode mode,
                                              NamedRecordSource source) = 0;

  // Returns the sizes. Takes time in proportion to the number of records.
  //
  // Errors: any Status of S14.
  virtual absl::StatusOr<StorageStats> Stats() = 0;

  // Reads everything and compares every checksum that the storage has. Calls
  // `problem` for each place that is damaged; goes on after one.
  //
  // Returns OK when everything could be read, problems or not. Errors: any
  // Status of S14, kDataLoss when damage hides the rest.
  virtual absl::Status Verify(
      absl::FunctionRef<void(const StorageProblem&)> problem,
      MaintenanceProgress progress) = 0;
};

// Returns all records of a storage as of one instant, in the order of
// `VisitAll`, all of them in memory. Errors: those of `VisitAll`.
absl::StatusOr<std::vector<NamedRecord>> ReadAll(StorageMaintenance* storage);

// Makes `records` the only ones of a storage, and returns their number. Errors:
// those of `ReplaceAll`. REQUIRES: no name is in `records` twice.
absl::StatusOr<uint64_t> ReplaceAllWith(absl::Span<const NamedRecord> records,
                                        ReplaceMode mode,
                                        StorageMaintenance* storage);

// Counts records for `Stats`. They come in the order of `VisitAll`.
class RecordCounter {
 public:
  void Add(const NamedRecord& record);
  // The sizes so far, without details.
  const StorageStats& stats() const { return stats_; }

 private:
  StorageStats stats_;
  CatalogKey last_catalog_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_STORAGE_MAINTENANCE_H_
