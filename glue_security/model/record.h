// The values that pass between the state machine and a storage: keys,
// revisions, read sets, snapshots, write batches. Plain data, no behaviour. The
// rules that a storage keeps for them are the contract in
// glue_security/storage/storage.h.

#ifndef GLUE_SECURITY_MODEL_RECORD_H_
#define GLUE_SECURITY_MODEL_RECORD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"

namespace glue_security {

// The kind of record that a key names. The numbers are part of the stored
// format of durable storages and never change.
enum class RecordKind : uint8_t {
  kResourcePolicy = 1,         // id is empty
  kEncryptionSettings = 2,     // id is empty
  kSecurityConfiguration = 3,  // id is the configuration's name
  kConfigurationCount = 4,     // id is empty
  kConnection = 5,             // id is the connection's name
  kConnectionCount = 6,        // id is empty
};

// One more than the largest RecordKind.
inline constexpr size_t kRecordKindEnd = 7;

// The catalog that a record belongs to. Both texts are arbitrary: a storage
// that encodes them must do so injectively.
struct CatalogKey {
  std::string catalog_id;
  std::string region;

  friend bool operator==(const CatalogKey& a, const CatalogKey& b) {
    return a.catalog_id == b.catalog_id && a.region == b.region;
  }
  friend bool operator!=(const CatalogKey& a, const CatalogKey& b) {
    return !(a == b);
  }
  friend bool operator<(const CatalogKey& a, const CatalogKey& b) {
    return std::tie(a.catalog_id, a.region) < std::tie(b.catalog_id, b.region);
  }
};

// The name of a record within one catalog.
struct RecordKey {
  RecordKind kind = RecordKind::kResourcePolicy;
  std::string id;

  friend bool operator==(const RecordKey& a, const RecordKey& b) {
    return a.kind == b.kind && a.id == b.id;
  }
  friend bool operator!=(const RecordKey& a, const RecordKey& b) {
    return !(a == b);
  }
  friend bool operator<(const RecordKey& a, const RecordKey& b) {
    return std::tie(a.kind, a.id) < std::tie(b.kind, b.id);
  }
};

// The storage's name for one state of one record. 0 is not a revision. A
// revision is not the API's policy hash: two writes of the same text have two
// revisions and one hash.
using Revision = uint64_t;

// The history that a snapshot was taken from. Always 0 in a storage without
// branches.
using BranchId = uint64_t;

// A 128-bit name for one run of one operation. Never all zero.
using CommitId = std::array<uint8_t, 16>;

// A record as read.
struct Record {
  Revision revision = 0;
  std::string value;
};

// A borrowed record. The view does not own its bytes.
struct RecordView {
  Revision revision = 0;
  absl::string_view value;
};

// A record of a range, with its id.
struct RangeRecord {
  std::string id;
  Revision revision = 0;
  std::string value;
};

// A range to read: the records of one kind with ids greater than `after`,
// bytewise, in ascending order of id.
struct RangeRead {
  RecordKind kind = RecordKind::kSecurityConfiguration;
  // Exclusive. Absent: from the first id on. (The empty string is an id, too.)
  std::optional<std::string> after;
  // The largest number of records to return; at least 1.
  size_t records_max = 1;
  // The range ends before its ids and values together exceed this many bytes.
  // The first record is returned whatever its size.
  size_t bytes_max = 1;
};

// The argument of `Read`: a few keys and at most one range of one catalog.
struct ReadSet {
  CatalogKey catalog;
  absl::InlinedVector<RecordKey, 2> keys;
  std::optional<RangeRead> range;
};

// The result of a `RangeRead`.
struct RangeResult {
  std::vector<RangeRecord> records;
  // More records follow the last of `records`.
  bool more = false;
};

// The result of a `Read`: all of it as of one instant.
struct Snapshot {
  BranchId branch = 0;
  // One element per key of the read set, in its order; nullopt when there is no
  // such record.
  absl::InlinedVector<std::optional<Record>, 2> records;
  // Set exactly when the read set has a range.
  std::optional<RangeResult> range;
};

// A borrowed snapshot: a view of a Snapshot, or of one record that a storage
// lends. Cheap to copy. Valid only as long as the snapshot or the record is.
class SnapshotView {
 public:
  // Implicit, so that a Snapshot can be passed where a view is expected.
  // NOLINTNEXTLINE(google-explicit-constructor)
  SnapshotView(const Snapshot& snapshot) : snapshot_(&snapshot) {}

  // Views the record of one key, read in `branch`; `record` is nullptr when the
  // key has no record.
  SnapshotView(BranchId branch, const RecordView* record)
      : branch_(branch), record_(record) {}

  BranchId branch() const {
    return snapshot_ != nullptr ? snapshot_->branch : branch_;
  }

  // The number of keys that were read.
  size_t size() const {
    return snapshot_ != nullptr ? snapshot_->records.size() : 1;
  }

  // Returns true when the i-th key has a record. REQUIRES: i < size().
  bool has(size_t i) const {
    return snapshot_ != nullptr ? snapshot_->records[i].has_value()
                                : record_ != nullptr;
  }

  // The revision of the i-th record; nullopt when there is none. REQUIRES: i <
  // size().
  std::optional<Revision> revision(size_t i) const {
    if (!has(i)) return std::nullopt;
    return snapshot_ != nullptr ? snapshot_->records[i]->revision
                                : record_->revision;
  }

  // The value of the i-th record. REQUIRES: has(i).
  absl::string_view value(size_t i) const {
    return snapshot_ != nullptr ? snapshot_->records[i]->value : record_->value;
  }

  // REQUIRES: the read set has a range.
  const RangeResult& range() const { return *snapshot_->range; }

 private:
  // nullptr when the view is of one record.
  const Snapshot* snapshot_ = nullptr;
  BranchId branch_ = 0;
  const RecordView* record_ = nullptr;
};

// A condition that must hold for a batch to apply.
struct Precondition {
  RecordKey key;
  // The record has exactly this revision, or, when nullopt, does not exist.
  std::optional<Revision> revision;
};

// A change of one record.
struct Mutation {
  RecordKey key;
  // The new value; nullopt removes the record.
  std::optional<std::string> value;
};

// The argument of `Commit`: changes to one catalog that apply together or not
// at all. No key occurs twice among the preconditions or twice among the
// mutations. A batch without mutations is not sent.
struct WriteBatch {
  CatalogKey catalog;
  // The branch of the snapshot that the preconditions come from.
  BranchId branch = 0;
  absl::InlinedVector<Precondition, 2> preconditions;
  absl::InlinedVector<Mutation, 2> mutations;

  bool empty() const { return mutations.empty(); }
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_RECORD_H_
