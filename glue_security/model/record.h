// The values that pass between the state machine and a storage: keys,
// revisions, what to read, what was read, what to write. Plain data, no
// behaviour. The rules that a storage keeps for them are the contract in
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

// What kind of record a key names. The numbers are part of the stored format of
// durable storages and never change.
enum class RecordKind : uint8_t {
  kResourcePolicy = 1,         // id is empty
  kEncryptionSettings = 2,     // id is empty
  kSecurityConfiguration = 3,  // id is the configuration's name
  kConfigurationCount = 4,     // id is empty
};

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

// A record's name within one catalog.
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

// The storage's name for one state of one record. 0 is no revision. Not the
// API's policy hash: two writes of the same text have two revisions and one
// hash.
using Revision = uint64_t;

// The history that a snapshot was taken from. A storage without branches always
// says 0.
using BranchId = uint64_t;

// 128 bits that name one run of one operation. Never all zero.
using CommitId = std::array<uint8_t, 16>;

// A record as read.
struct Record {
  Revision revision = 0;
  std::string value;
};

// A record on loan: somebody else's bytes.
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
  // At most so many records; at least 1.
  size_t records_max = 1;
  // The range ends before the sizes of its ids and values, in bytes, together
  // pass this; the first record is returned whatever its size.
  size_t bytes_max = 1;
};

// What one `Read` asks for: a few keys and at most one range of one catalog.
struct ReadSet {
  CatalogKey catalog;
  absl::InlinedVector<RecordKey, 2> keys;
  std::optional<RangeRead> range;
};

// What a `RangeRead` found.
struct RangeResult {
  std::vector<RangeRecord> records;
  // There are further records after the last of `records`.
  bool more = false;
};

// What was read, all of it as of one instant.
struct Snapshot {
  BranchId branch = 0;
  // One element per key of the read set, in its order; nullopt: no such record.
  absl::InlinedVector<std::optional<Record>, 2> records;
  // Set exactly when the read set has a range.
  std::optional<RangeResult> range;
};

// A snapshot on loan: of a Snapshot, or of one record that a storage lends.
// Cheap to copy; dead when that is gone.
class SnapshotView {
 public:
  // Implicit: whoever has a snapshot can show it.
  // NOLINTNEXTLINE(google-explicit-constructor)
  SnapshotView(const Snapshot& snapshot) : snapshot_(&snapshot) {}

  // Of one key, read in `branch`; `record` is nullptr where there is none.
  SnapshotView(BranchId branch, const RecordView* record)
      : branch_(branch), record_(record) {}

  BranchId branch() const {
    return snapshot_ != nullptr ? snapshot_->branch : branch_;
  }

  // How many keys were read.
  size_t size() const {
    return snapshot_ != nullptr ? snapshot_->records.size() : 1;
  }

  // Whether there is a record of the i-th key. REQUIRES: i < size().
  bool has(size_t i) const {
    return snapshot_ != nullptr ? snapshot_->records[i].has_value()
                                : record_ != nullptr;
  }

  // Its revision; nullopt where there is none. REQUIRES: i < size().
  std::optional<Revision> revision(size_t i) const {
    if (!has(i)) return std::nullopt;
    return snapshot_ != nullptr ? snapshot_->records[i]->revision
                                : record_->revision;
  }

  // Its value. REQUIRES: has(i).
  absl::string_view value(size_t i) const {
    return snapshot_ != nullptr ? snapshot_->records[i]->value : record_->value;
  }

  // REQUIRES: the read set has a range.
  const RangeResult& range() const { return *snapshot_->range; }

 private:
  // nullptr: one record.
  const Snapshot* snapshot_ = nullptr;
  BranchId branch_ = 0;
  const RecordView* record_ = nullptr;
};

// What must hold for a batch to apply.
struct Precondition {
  RecordKey key;
  // The record has exactly this revision; nullopt: there is no such record.
  std::optional<Revision> revision;
};

// One change of one record.
struct Mutation {
  RecordKey key;
  // The new value; nullopt removes the record.
  std::optional<std::string> value;
};

// What one `Commit` is to do, all of it or nothing, in one catalog. No key
// occurs twice among the preconditions or twice among the mutations. A batch
// without mutations is not sent.
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
