// What the examples of storage_clauses.h are written with: a new storage, calls
// that are recorded, and expectations of which the first that fails is kept.

#ifndef GLUE_SECURITY_TESTING_INTERNAL_STORAGE_SCENE_H_
#define GLUE_SECURITY_TESTING_INTERNAL_STORAGE_SCENE_H_

#include <atomic>
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
#include "glue_security/simulation/fault_injecting_storage.h"
#include "glue_security/storage/storage.h"
#include "glue_security/testing/storage_under_test.h"

namespace glue_security {
namespace testing_internal {

// What else happens while an example runs.
enum class Setting { kAlone, kUnderFaults, kBesideAWriter };
constexpr Setting kAllSettings[] = {Setting::kAlone, Setting::kUnderFaults,
                                    Setting::kBesideAWriter};

// The catalog of most examples. In the calls shown it goes without saying.
CatalogKey HomeCatalog();
RecordKey Policy();
RecordKey Settings();
RecordKey Configuration(std::string id);

// All configurations, in one range without bounds.
RangeRead AllConfigurations();

// As a person reads them; bytes are escaped, long ones cut.
std::string Text(bool value);
std::string Text(uint64_t value);
std::string Text(CommitResult value);
std::string Text(absl::string_view value);
std::string Text(const std::string& value);
std::string Text(const std::optional<std::string>& value);
std::string Text(const std::vector<std::string>& values);

// What a visitor saw.
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

  // Begins again with a new storage. What failed stays.
  void Restart();
  // Begins again without a new storage: closes this one and opens it again.
  // REQUIRES: target().reopen is set.
  void Reopen();

  const StorageUnderTest& target() const { return target_; }
  // What `target().create` made.
  Storage& bare() { return *bare_; }
  // What calls go to: the same, or what the setting put in front of it.
  Storage& storage();
  BranchId branch() const { return branch_; }
  // How often threads that run freely do what they do: `target().rounds`, and a
  // quarter where the setting slows each call down.
  int rounds() const;

  // ---- Calls. Each is recorded. What the setting makes fail is made again;
  // any other failure ends the example. One at a time, whatever their threads.

  Snapshot Read(const ReadSet& read_set);
  CommitResult Commit(const WriteBatch& batch);
  Visit VisitRecord(const CatalogKey& catalog, const RecordKey& key);

  // ---- The same for threads that run freely: not recorded. The status is that
  // of a failure which the setting did not make.

  absl::StatusOr<Snapshot> TryRead(const ReadSet& read_set);
  absl::StatusOr<CommitResult> TryCommit(const WriteBatch& batch);
  absl::Status TryVisit(const CatalogKey& catalog, const RecordKey& key,
                        RecordVisitor visitor);

  // The policy in a fork, which is no part of the scene: the read goes past the
  // setting and is not noted.
  Snapshot ReadFork(Storage& fork);

  // ---- The same, shorter; in the home catalog unless another is given.

  std::optional<Record> Get(const RecordKey& key);
  std::optional<Record> Get(const CatalogKey& catalog, const RecordKey& key);
  std::optional<std::string> Value(const RecordKey& key);
  Revision RevisionOf(const RecordKey& key);
  RangeResult Range(const RangeRead& range);
  CommitResult Commit(absl::InlinedVector<Precondition, 2> preconditions,
                      absl::InlinedVector<Mutation, 2> mutations);
  // Without preconditions; expects that it is committed.
  void Write(const RecordKey& key, std::optional<std::string> value);
  void Write(const CatalogKey& catalog, const RecordKey& key,
             std::optional<std::string> value);
  // All records of a catalog with their revisions, as text.
  std::string Everything(const CatalogKey& catalog);
  std::string Everything() { return Everything(HomeCatalog()); }

  // ---- Expectations

  template <typename T>
  void ExpectEq(absl::string_view what, const T& actual, const T& expected) {
    if (!(actual == expected)) Fail(what, Text(expected), Text(actual));
  }
  // What a read of `key` finds in the home catalog.
  void ExpectValue(const RecordKey& key,
                   const std::optional<std::string>& expected);
  void ExpectTrue(absl::string_view what, bool holds) {
    ExpectEq(what, holds, true);
  }
  void Fail(absl::string_view what, const std::string& expected,
            const std::string& actual);
  bool failed() const { return !failure().empty(); }
  // What failed first, with the calls until then; empty while nothing did.
  std::string failure() const;

  // A line among the calls.
  void Note(std::string line);

 private:
  class Witness;

  void SetUp();
  void WriteElsewhere();
  void RecordRead(const ReadSet& read_set, const Snapshot& snapshot);
  // One call that the setting may make fail, and whether it did.
  absl::StatusOr<Snapshot> ReadOnce(const ReadSet& read_set, bool* disturbed);
  // Also knows what became of a commit whose answer the setting lost.
  absl::StatusOr<CommitResult> CommitOnce(const WriteBatch& batch,
                                          bool* disturbed);
  absl::Status VisitOnce(const CatalogKey& catalog, const RecordKey& key,
                         RecordVisitor visitor, bool* disturbed);

  const StorageUnderTest& target_;
  const Setting setting_;
  std::unique_ptr<Storage> bare_;
  // What the setting puts in front of it, from the bottom; else null.
  std::unique_ptr<Witness> witness_;
  std::unique_ptr<FaultInjectingStorage> injector_;
  BranchId branch_ = 0;
  // `written_elsewhere_` belongs to whoever has set this.
  std::atomic<bool> is_writing_elsewhere_{false};
  int written_elsewhere_ = 0;
  // Of the calls and of what failed: threads that run freely make a writer
  // beside them note its commits.
  mutable std::mutex mutex_;
  // The last of them, and how many came before.
  std::deque<std::string> calls_;
  size_t calls_left_out_ = 0;
  std::string failure_;
};

// Makes `call` and, at its n-th step, `other` from another thread; `after`
// looks at what became of it. For n = 1, 2, ... until the call has fewer steps,
// each time on a new storage that `before` has prepared. REQUIRES:
// target().set_step is set.
struct Interleaving {
  std::function<void()> before;
  std::function<void()> call;
  std::function<void()> other;
  std::function<void()> after;
};
void Interleave(Scene& scene, const Interleaving& interleaving);

// One way to break a clause, made into calls.
struct ClauseExample {
  int clause;
  const char* name;
  void (*run)(Scene& scene);
};

// In order of size for each clause.
std::vector<ClauseExample> ReadingExamples();    // S1 to S7
std::vector<ClauseExample> WritingExamples();    // S8 to S13
std::vector<ClauseExample> FailingExamples();    // S14 to S16
std::vector<ClauseExample> ThreadingExamples();  // S2, S8, S9, S17 to S19

}  // namespace testing_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_INTERNAL_STORAGE_SCENE_H_
