// Scene: the tools of the examples of storage_clauses.h: a new storage, calls
// that are recorded, and expectations. The first expectation that fails is
// kept.

#ifndef GLUE_SECURITY_TESTING_STORAGE_SUITE_STORAGE_SCENE_H_
#define GLUE_SECURITY_TESTING_STORAGE_SUITE_STORAGE_SCENE_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/fault_injecting_storage.h"
#include "glue_security/storage/storage.h"
#include "glue_security/testing/storage_suite/guarding_storage.h"
#include "glue_security/testing/storage_suite/storage_target.h"

namespace glue_security {
namespace testing_internal {

// The disturbance while an example runs.
enum class Setting { kAlone, kUnderFaults, kBesideAWriter };
constexpr Setting kAllSettings[] = {Setting::kAlone, Setting::kUnderFaults,
                                    Setting::kBesideAWriter};

// The catalog of most examples. The calls in a report do not mention it.
CatalogKey HomeCatalog();
RecordKey Policy();
RecordKey Settings();
RecordKey Configuration(std::string id);

// All configurations, in one range without bounds.
RangeRead AllConfigurations();

// Readable forms of values. Bytes are escaped, long ones cut.
std::string Text(bool value);
std::string Text(uint64_t value);
std::string Text(CommitResult value);
std::string Text(absl::string_view value);
std::string Text(const std::string& value);
std::string Text(const std::optional<std::string>& value);
std::string Text(const std::vector<std::string>& values);

// The arguments of a visitor's call, and the status.
struct Visit {
  absl::Status status;
  int calls = 0;
  BranchId branch = 0;
  std::optional<Record> record;
};

class Scene {
 public:
  Scene(const StorageUnderTest& target, Setting setting);
  ~Scene();
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  // Begins again with a new storage. A failure stays.
  void Restart();
  // Begins again with the same records: closes this storage and opens it again.
  // REQUIRES: target().reopen is set.
  void Reopen();

  const StorageUnderTest& target() const { return target_; }
  // The storage that `target().create` made.
  Storage& bare() { return *bare_; }
  // The storage that calls go to: a guard in front of `bare()`, or the
  // decorator of the setting.
  Storage& storage();
  BranchId branch() const { return branch_; }
  // The rounds of threads that run freely: `target().rounds`, or a quarter
  // where the setting slows each call down.
  int rounds() const;
  // Returns false when such threads have to end although rounds are left: the
  // scene is older than `target().rounds_time_max`, or a quarter of it. From
  // any thread.
  bool HasTime() const;

  // ---- Calls. Each is recorded. A call that fails because of the setting is
  // made again; any other failure ends the example. One at a time, from any
  // thread.

  Snapshot Read(const ReadSet& read_set);
  CommitResult Commit(const WriteBatch& batch);
  Visit VisitRecord(const CatalogKey& catalog, const RecordKey& key);

  // ---- Calls for threads that run freely: not recorded. They return only
  // failures that the setting did not make.

  absl::StatusOr<Snapshot> TryRead(const ReadSet& read_set);
  absl::StatusOr<CommitResult> TryCommit(const WriteBatch& batch);
  absl::Status TryVisit(const CatalogKey& catalog, const RecordKey& key,
                        RecordVisitor visitor);

  // Reads the policy in a fork, which is not part of the scene: the read is not
  // affected by the setting and is not recorded.
  Snapshot ReadFork(Storage& fork);

  // ---- Shorter calls, in the home catalog unless another is given.

  std::optional<Record> Get(const RecordKey& key);
  std::optional<Record> Get(const CatalogKey& catalog, const RecordKey& key);
  std::optional<std::string> Value(const RecordKey& key);
  Revision RevisionOf(const RecordKey& key);
  RangeResult Range(const RangeRead& range);
  CommitResult Commit(absl::InlinedVector<Precondition, 2> preconditions,
                      absl::InlinedVector<Mutation, 2> mutations);
  // Writes without preconditions and expects that it is committed.
  void Write(const RecordKey& key, std::optional<std::string> value);
  void Write(const CatalogKey& catalog, const RecordKey& key,
             std::optional<std::string> value);
  // Returns all records of a catalog with their revisions, as text.
  std::string Everything(const CatalogKey& catalog);
  std::string Everything() { return Everything(HomeCatalog()); }

  // ---- Expectations

  template <typename T>
  void ExpectEq(absl::string_view what, const T& actual, const T& expected) {
    if (!(actual == expected)) Fail(what, Text(expected), Text(actual));
  }
  // Expects that a read of `key` in the home catalog finds `expected`.
  void ExpectValue(const RecordKey& key,
                   const std::optional<std::string>& expected);
  void ExpectTrue(absl::string_view what, bool holds) {
    ExpectEq(what, holds, true);
  }
  void Fail(absl::string_view what, const std::string& expected,
            const std::string& actual);
  bool failed() const { return !failure().empty(); }
  // Returns the first failure, with the calls until then; empty: none.
  std::string failure() const;

  // Adds a line to the recorded calls.
  void Note(std::string line);

 private:
  class Witness;

  void SetUp();
  void WriteElsewhere();
  void RecordRead(const ReadSet& read_set, const Snapshot& snapshot);
  // Makes one call, and reports whether the setting made it fail.
  absl::StatusOr<Snapshot> ReadOnce(const ReadSet& read_set, bool* disturbed);
  // Also finds out the result of a commit whose answer the setting lost.
  absl::StatusOr<CommitResult> CommitOnce(const WriteBatch& batch,
                                          bool* disturbed);
  absl::Status VisitOnce(const CatalogKey& catalog, const RecordKey& key,
                         RecordVisitor visitor, bool* disturbed);

  const StorageUnderTest& target_;
  const Setting setting_;
  const std::chrono::steady_clock::time_point start_ =
      std::chrono::steady_clock::now();
  std::unique_ptr<Storage> bare_;
  std::unique_ptr<GuardingStorage> guard_;
  // The decorators of the setting, from the bottom; otherwise null.
  std::unique_ptr<Witness> witness_;
  std::unique_ptr<FaultInjectingStorage> injector_;
  BranchId branch_ = 0;
  // `written_elsewhere_` belongs to the thread that has set this.
  std::atomic<bool> is_writing_elsewhere_{false};
  int written_elsewhere_ = 0;
  // Guards the calls and the failure: the writer beside threads that run freely
  // records its commits from those threads.
  mutable std::mutex mutex_;
  // The last calls, and the number of calls before them.
  std::deque<std::string> calls_;
  size_t calls_left_out_ = 0;
  std::string failure_;
};

// Makes `call` and, at its n-th step, `other` from another thread; `after`
// checks the result. Repeats this for n = 1, 2, ... until the call has fewer
// steps, each time on a new storage that `before` has prepared. REQUIRES:
// target().set_step is set.
struct Interleaving {
  std::function<void()> before;
  std::function<void()> call;
  std::function<void()> other;
  std::function<void()> after;
};
void Interleave(Scene& scene, const Interleaving& interleaving);

// One way to break a clause, as calls.
struct ClauseExample {
  int clause;
  // How much of the other clauses it relies on, from 0: where examples of
  // several clauses fail, the cause is more likely the one of the lower level.
  // Among examples of one level it is the earlier one. Measured by the storages
  // with planted defects.
  int level;
  const char* name;
  void (*run)(Scene& scene);
  // True when threads run freely in it, so that its result may differ from run
  // to run.
  bool races = false;
};

// The examples of each clause, in order of size.
std::vector<ClauseExample> ReadingExamples();    // S1 to S7
std::vector<ClauseExample> WritingExamples();    // S8 to S13
std::vector<ClauseExample> FailingExamples();    // S14 to S16
std::vector<ClauseExample> ThreadingExamples();  // S2, S8, S9, S11, S17
std::vector<ClauseExample> VisitingExamples();   // S18, S19
// All of them.
std::vector<ClauseExample> AllClauseExamples();

}  // namespace testing_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_STORAGE_SUITE_STORAGE_SCENE_H_
