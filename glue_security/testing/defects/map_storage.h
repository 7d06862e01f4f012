// MapStorage: a storage made of small steps, each of which can be replaced by a
// wrong one. With none replaced it keeps the contract. The storages of
// defective_storages.h are made from it.

#ifndef GLUE_SECURITY_TESTING_DEFECTS_MAP_STORAGE_H_
#define GLUE_SECURITY_TESTING_DEFECTS_MAP_STORAGE_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/storage.h"

namespace glue_security {
namespace testing_internal {

class MapStorage;

struct RecordName {
  std::string catalog_id;
  std::string region;
  RecordKind kind;
  std::string id;

  friend bool operator<(const RecordName& a, const RecordName& b) {
    return std::tie(a.catalog_id, a.region, a.kind, a.id) <
           std::tie(b.catalog_id, b.region, b.kind, b.id);
  }
};
using Records = std::map<RecordName, Record>;
using Visitor = RecordVisitor;

// The steps. The default of each is right.
struct Steps {
  Steps();

  // Returns the name of a key within the map.
  std::function<RecordName(const CatalogKey&, const RecordKey&)> name;
  // Returns the stored value for the value of a mutation; nullopt removes the
  // record.
  std::function<std::optional<std::string>(std::optional<std::string>)> stored;

  // Returns true when a precondition holds for a record (nullptr: none).
  std::function<bool(const Record*, const Precondition&)> holds;
  std::function<bool(BranchId batch, BranchId storage)> is_branch;
  // Returns the revision of the batch's `index`-th mutation. Called with the
  // lock.
  std::function<Revision(MapStorage&, const RecordName&, size_t index)>
      revision;
  // Returns the last revision that is known after a reopening.
  std::function<Revision(const Records&, Revision last)> reopened;
  // Returns the branch of a fork. `forks_count_together`: the fork counts
  // revisions together with its origin.
  std::function<BranchId(BranchId origin, BranchId next)> forked;
  bool forks_count_together = true;

  // Returns true when the record is of the range's kind, catalog and bounds.
  // `range` has `after` for an id.
  std::function<bool(const RecordName& record, const RecordName& range,
                     bool has_after)>
      in_range;
  std::function<bool(const RangeRecord&, const RangeRecord&)> less;
  // Returns true when `next` belongs behind `taken`, which has `bytes` bytes.
  std::function<bool(const RangeRead&, const std::vector<RangeRecord>& taken,
                     size_t bytes, const RangeRecord& next)>
      fits;
  // Returns true when more records follow; `left` of the range are left.
  std::function<bool(const RangeRead&, const RangeResult&, size_t left)> more;

  // Whole calls, made without the lock.
  std::function<absl::StatusOr<Snapshot>(MapStorage&, const ReadSet&)> read;
  std::function<absl::StatusOr<CommitResult>(MapStorage&, WriteBatch)> commit;
  std::function<absl::Status(MapStorage&, const CatalogKey&, const RecordKey&,
                             Visitor)>
      visit;
  // A commit that must fail in a way of `MapStorage::Way`.
  std::function<absl::StatusOr<CommitResult>(MapStorage&, int way, WriteBatch)>
      fail;
  // The arrival of a commit that was held back.
  std::function<void(MapStorage&, const WriteBatch&)> arrive;
};

// Thread-safe, as far as its steps are.
class MapStorage : public Storage {
 public:
  enum Way { kRefused, kDamaged, kLostThere, kLostBack, kLate, kWays };

  explicit MapStorage(std::shared_ptr<const Steps> steps);

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override;
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           Visitor visitor) override;
  Durability durability() const override { return Durability::kNone; }

  // ---- The hooks of StorageUnderTest

  std::unique_ptr<MapStorage> Fork();
  void Reopen();
  bool FailNextCommit(int way);
  void Settle();
  void SetStep(std::function<void()> step);

  // ---- The parts of steps. Each call takes the lock itself.

  // These keep the contract, apart from replaced steps within them.
  absl::StatusOr<Snapshot> DoRead(const ReadSet& read_set);
  absl::StatusOr<Snapshot> DoRead(const Records& records,
                                  const ReadSet& read_set);
  absl::StatusOr<CommitResult> DoCommit(const WriteBatch& batch);
  absl::Status DoVisit(const CatalogKey& catalog, const RecordKey& key,
                       Visitor visitor);
  // Returns true when the branch and all preconditions hold now.
  bool Holds(const WriteBatch& batch);
  // Applies mutations regardless of the preconditions.
  void Force(const CatalogKey& catalog, std::vector<Mutation> mutations);
  std::optional<Record> Find(const CatalogKey& catalog, const RecordKey& key);
  Records Copy();
  // Never changes after the first call.
  BranchId branch() const { return branch_; }
  // Marks a point where another thread may come between.
  void Step();
  void HoldBack(WriteBatch batch);

  // REQUIRES: the lock is held, as in `Steps::revision`.
  Revision NextRevision() { return ++family_->last_revision; }
  Revision last_revision() const { return family_->last_revision; }
  void set_last_revision(Revision last) { family_->last_revision = last; }
  const Records& records() const { return records_; }

 private:
  struct Family {
    std::atomic<Revision> last_revision{0};
    std::atomic<BranchId> last_branch{0};
  };

  RangeResult DoRange(const Records& records, const CatalogKey& catalog,
                      const RangeRead& range) const;
  bool HoldsLocked(const WriteBatch& batch) const;
  void ApplyLocked(const WriteBatch& batch);

  const std::shared_ptr<const Steps> steps_;
  std::mutex mutex_;
  std::shared_ptr<Family> family_ = std::make_shared<Family>();
  BranchId branch_ = 0;
  Records records_;
  std::optional<int> next_failure_;
  std::vector<WriteBatch> held_back_;
  std::function<void()> step_;
};

}  // namespace testing_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_DEFECTS_MAP_STORAGE_H_
