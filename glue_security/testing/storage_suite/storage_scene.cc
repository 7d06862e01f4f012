#include "glue_security/testing/storage_suite/storage_scene.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "glue_security/storage/forwarding_storage.h"

namespace glue_security {
namespace testing_internal {
namespace {

// The number of calls in a report: the last ones.
constexpr size_t kCallsShown = 12;
// A call that fails again and again is given up. Threads in step may fail many
// times before their turn comes.
constexpr int kTriesMax = 1000;

std::string NameOf(const CatalogKey& catalog) {
  return absl::StrCat("in ", Text(catalog.catalog_id), "/",
                      Text(catalog.region), ": ");
}

std::string PlaceOf(const CatalogKey& catalog) {
  return catalog == HomeCatalog() ? "" : NameOf(catalog);
}

std::string NameOf(const RecordKey& key) {
  std::string kind;
  switch (key.kind) {
    case RecordKind::kResourcePolicy:
      kind = "policy";
      break;
    case RecordKind::kEncryptionSettings:
      kind = "settings";
      break;
    case RecordKind::kSecurityConfiguration:
      return absl::StrCat("configuration ", Text(key.id));
    case RecordKind::kConfigurationCount:
      kind = "count";
      break;
    case RecordKind::kConnection:
      return absl::StrCat("connection ", Text(key.id));
    case RecordKind::kConnectionCount:
      kind = "count of connections";
      break;
  }
  return key.id.empty() ? kind : absl::StrCat(kind, " ", Text(key.id));
}

std::string NameOf(const WriteBatch& batch) {
  std::string text = PlaceOf(batch.catalog);
  for (const Precondition& precondition : batch.preconditions) {
    absl::StrAppend(&text, "if ", NameOf(precondition.key),
                    precondition.revision.has_value()
                        ? absl::StrCat(" is at ", *precondition.revision)
                        : " is absent",
                    ", ");
  }
  size_t shown = 0;
  for (const Mutation& mutation : batch.mutations) {
    if (++shown > 4) {
      absl::StrAppend(&text, "... ", batch.mutations.size(), " in all; ");
      break;
    }
    absl::StrAppend(&text, NameOf(mutation.key),
                    mutation.value.has_value()
                        ? absl::StrCat(" = ", Text(*mutation.value))
                        : " removed",
                    "; ");
  }
  return absl::StrCat(text, "branch ", batch.branch);
}

std::string NameOf(const ReadSet& read_set) {
  std::vector<std::string> parts;
  for (const RecordKey& key : read_set.keys) parts.push_back(NameOf(key));
  if (read_set.range.has_value()) {
    const RangeRead& range = *read_set.range;
    std::string part = range.kind == RecordKind::kSecurityConfiguration
                           ? "configurations"
                           : NameOf(RecordKey{range.kind, ""});
    if (range.after.has_value()) {
      absl::StrAppend(&part, " after ", Text(*range.after));
    }
    if (range.records_max < AllConfigurations().records_max) {
      absl::StrAppend(&part, ", at most ", range.records_max, " records and ",
                      range.bytes_max, " bytes");
    }
    parts.push_back(part);
  }
  return absl::StrCat(PlaceOf(read_set.catalog), absl::StrJoin(parts, ", "));
}

std::string NameOf(const std::optional<Record>& record) {
  if (!record.has_value()) return "none";
  return absl::StrCat(Text(record->value), " at ", record->revision);
}

WriteBatch BatchFor(const CatalogKey& catalog, BranchId branch) {
  WriteBatch batch;
  batch.catalog = catalog;
  batch.branch = branch;
  return batch;
}

}  // namespace

CatalogKey HomeCatalog() { return {"123456789012", "us-east-1"}; }
RecordKey Policy() { return {RecordKind::kResourcePolicy, ""}; }
RecordKey Settings() { return {RecordKind::kEncryptionSettings, ""}; }
RecordKey Configuration(std::string id) {
  return {RecordKind::kSecurityConfiguration, std::move(id)};
}

RangeRead AllConfigurations() {
  RangeRead range;
  range.records_max = 1'000'000;
  range.bytes_max = 1'000'000'000;
  return range;
}

std::string Text(bool value) { return value ? "true" : "false"; }
std::string Text(uint64_t value) { return absl::StrCat(value); }
std::string Text(CommitResult value) {
  return value == CommitResult::kCommitted ? "committed" : "conflict";
}
std::string Text(absl::string_view value) {
  constexpr size_t kShown = 40;
  if (value.size() <= kShown) {
    return absl::StrCat("\"", absl::CHexEscape(value), "\"");
  }
  return absl::StrCat("\"", absl::CHexEscape(value.substr(0, kShown)),
                      "\"... (", value.size(), " bytes)");
}
std::string Text(const std::string& value) {
  return Text(absl::string_view(value));
}
std::string Text(const std::optional<std::string>& value) {
  return value.has_value() ? Text(*value) : "none";
}
std::string Text(const std::vector<std::string>& values) {
  constexpr size_t kShown = 10;
  std::vector<std::string> texts;
  for (const std::string& value : values) {
    if (texts.size() == kShown) {
      texts.push_back(absl::StrCat("... ", values.size(), " in all"));
      break;
    }
    texts.push_back(Text(value));
  }
  return absl::StrCat("[", absl::StrJoin(texts, ", "), "]");
}

// Stands right before the storage and remembers, for each thread, the result of
// its last call that reached the storage.
class Scene::Witness : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override {
    auto result = ForwardingStorage::Read(read_set);
    Remember(result.status());
    return result;
  }
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    auto result = ForwardingStorage::Commit(batch);
    Remember(result);
    return result;
  }
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override {
    const absl::Status status =
        ForwardingStorage::VisitRecord(catalog, key, visitor);
    Remember(status);
    return status;
  }

  void Forget() {
    const std::lock_guard<std::mutex> lock(mutex_);
    ends_.erase(std::this_thread::get_id());
  }
  // The result of this thread's last call, a read as committed; nullopt: no
  // call has reached the storage since `Forget`.
  std::optional<absl::StatusOr<CommitResult>> End() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto it = ends_.find(std::this_thread::get_id());
    if (it == ends_.end()) return std::nullopt;
    return it->second;
  }

 private:
  void Remember(const absl::Status& status) {
    Remember(status.ok()
                 ? absl::StatusOr<CommitResult>(CommitResult::kCommitted)
                 : absl::StatusOr<CommitResult>(status));
  }
  void Remember(absl::StatusOr<CommitResult> end) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ends_.insert_or_assign(std::this_thread::get_id(), std::move(end));
  }

  mutable std::mutex mutex_;
  std::map<std::thread::id, absl::StatusOr<CommitResult>> ends_;
};

Scene::Scene(const StorageUnderTest& target, Setting setting)
    : target_(target), setting_(setting) {
  Restart();
}

Scene::~Scene() = default;

void Scene::Restart() {
  injector_.reset();
  witness_.reset();
  guard_.reset();
  bare_.reset();
  bare_ = target_.create();
  written_elsewhere_ = 0;
  if (!failed()) {
    calls_.clear();
    calls_left_out_ = 0;
  }
  SetUp();
}

void Scene::Reopen() {
  injector_.reset();
  witness_.reset();
  guard_.reset();
  bare_ = target_.reopen(std::move(bare_));
  Note("the storage is opened again");
  SetUp();
}

void Scene::SetUp() {
  ReadSet read_set;
  read_set.catalog = HomeCatalog();
  guard_ = std::make_unique<GuardingStorage>(bare_.get());
  const auto snapshot = guard_->Read(read_set);
  if (!snapshot.ok()) {
    Fail("a read of nothing", "an answer", snapshot.status().ToString());
    return;
  }
  branch_ = snapshot->branch;
  if (setting_ == Setting::kAlone) return;
  witness_ = std::make_unique<Witness>(guard_.get());
  injector_ = std::make_unique<FaultInjectingStorage>(witness_.get());
  if (setting_ == Setting::kBesideAWriter) {
    injector_->Add({std::nullopt, 1, 1,
                    StorageFault::RunBefore([this] { WriteElsewhere(); })});
    return;
  }
  const absl::Status refused = absl::UnavailableError("refused by the test");
  const absl::Status lost = absl::UnknownError("answer lost by the test");
  using Call = StorageCall;
  using Fault = StorageFault;
  injector_->Add({Call::kRead, 2, 3, Fault::FailBefore(refused)});
  injector_->Add({Call::kRead, 3, 5, Fault::FailAfter(lost)});
  injector_->Add({Call::kCommit, 1, 3, Fault::FailBefore(refused)});
  injector_->Add({Call::kCommit, 2, 3, Fault::FailAfter(lost)});
}

// Writes to another account and to another region of this account, in turn.
// Records come, are replaced, and go. When two threads are here, or one commit
// runs inside another, only the first makes records come and go, so that a
// record exists before it is removed. Nothing waits here, because a storage may
// run one commit inside another.
void Scene::WriteElsewhere() {
  const bool is_first = !is_writing_elsewhere_.exchange(true);
  const int n = is_first ? written_elsewhere_++ : 0;
  WriteBatch batch =
      BatchFor(n % 2 == 0 ? CatalogKey{"210987654321", "us-east-1"}
                          : CatalogKey{"123456789012", "us-west-2"},
               branch_);
  batch.mutations.push_back({Policy(), "elsewhere"});
  if (is_first) {
    std::optional<std::string> value;
    if (n / 2 % 2 == 0) value = "elsewhere";
    batch.mutations.push_back({Configuration("a"), std::move(value)});
  }
  const auto result = guard_->Commit(batch);
  if (is_first) is_writing_elsewhere_ = false;
  Note(absl::StrCat("another writer: Commit(", NameOf(batch), ")"));
  if (!result.ok()) {
    Fail("a commit to another catalog", "committed",
         result.status().ToString());
    return;
  }
  ExpectEq("a commit to another catalog", *result, CommitResult::kCommitted);
}

int Scene::rounds() const {
  const int rounds = target_.rounds;
  return setting_ == Setting::kAlone ? rounds : std::max(rounds / 4, 1);
}

bool Scene::HasTime() const {
  const absl::Duration time_max = target_.rounds_time_max;
  return absl::FromChrono(std::chrono::steady_clock::now() - start_) <
         (setting_ == Setting::kAlone ? time_max : time_max / 4);
}

Storage& Scene::storage() {
  if (injector_ != nullptr) return *injector_;
  return *guard_;
}

absl::StatusOr<Snapshot> Scene::ReadOnce(const ReadSet& read_set,
                                         bool* disturbed) {
  if (witness_ != nullptr) witness_->Forget();
  auto snapshot = storage().Read(read_set);
  *disturbed = false;
  if (snapshot.ok() || witness_ == nullptr) return snapshot;
  const auto end = witness_->End();
  *disturbed = !end.has_value() || end->ok();
  return snapshot;
}

absl::StatusOr<CommitResult> Scene::CommitOnce(const WriteBatch& batch,
                                               bool* disturbed) {
  if (witness_ != nullptr) witness_->Forget();
  auto result = storage().Commit(batch);
  *disturbed = false;
  if (result.ok() || witness_ == nullptr) return result;
  const auto end = witness_->End();
  *disturbed = !end.has_value();
  return *disturbed ? result : *end;
}

absl::Status Scene::VisitOnce(const CatalogKey& catalog, const RecordKey& key,
                              RecordVisitor visitor, bool* disturbed) {
  if (witness_ != nullptr) witness_->Forget();
  const absl::Status status = storage().VisitRecord(catalog, key, visitor);
  *disturbed = false;
  if (status.ok() || witness_ == nullptr) return status;
  const auto end = witness_->End();
  *disturbed = !end.has_value() || end->ok();
  return status;
}

absl::StatusOr<Snapshot> Scene::TryRead(const ReadSet& read_set) {
  bool disturbed = true;
  absl::StatusOr<Snapshot> snapshot;
  for (int tries = 0; disturbed && tries < kTriesMax; ++tries) {
    snapshot = ReadOnce(read_set, &disturbed);
  }
  return snapshot;
}

absl::StatusOr<CommitResult> Scene::TryCommit(const WriteBatch& batch) {
  bool disturbed = true;
  absl::StatusOr<CommitResult> result;
  for (int tries = 0; disturbed && tries < kTriesMax; ++tries) {
    result = CommitOnce(batch, &disturbed);
  }
  return result;
}

absl::Status Scene::TryVisit(const CatalogKey& catalog, const RecordKey& key,
                             RecordVisitor visitor) {
  bool disturbed = true;
  absl::Status status;
  for (int tries = 0; disturbed && tries < kTriesMax; ++tries) {
    status = VisitOnce(catalog, key, visitor, &disturbed);
  }
  return status;
}

Snapshot Scene::Read(const ReadSet& read_set) {
  bool disturbed = true;
  for (int tries = 0; disturbed && tries < kTriesMax; ++tries) {
    auto snapshot = ReadOnce(read_set, &disturbed);
    if (!snapshot.ok()) {
      Note(absl::StrCat("Read(", NameOf(read_set), ")\n      -> ",
                        snapshot.status().ToString()));
      if (disturbed) continue;
      Fail("an undisturbed read", "an answer", snapshot.status().ToString());
      break;
    }
    RecordRead(read_set, *snapshot);
    if (snapshot->records.size() != read_set.keys.size()) {
      Fail("the number of elements", Text(read_set.keys.size()),
           Text(snapshot->records.size()));
      snapshot->records.resize(read_set.keys.size());
    }
    if (snapshot->range.has_value() != read_set.range.has_value()) {
      Fail("whether there is a range", Text(read_set.range.has_value()),
           Text(snapshot->range.has_value()));
      snapshot->range.emplace();
    }
    return *std::move(snapshot);
  }
  Snapshot empty;
  empty.records.resize(read_set.keys.size());
  if (read_set.range.has_value()) empty.range.emplace();
  return empty;
}

void Scene::RecordRead(const ReadSet& read_set, const Snapshot& snapshot) {
  std::vector<std::string> parts;
  for (const auto& record : snapshot.records) parts.push_back(NameOf(record));
  if (snapshot.range.has_value()) {
    std::vector<std::string> ids;
    for (const RangeRecord& record : snapshot.range->records) {
      ids.push_back(record.id);
    }
    parts.push_back(
        absl::StrCat(Text(ids), snapshot.range->more ? " and more" : ""));
  }
  if (parts.empty()) parts.push_back(absl::StrCat("branch ", snapshot.branch));
  Note(absl::StrCat("Read(", NameOf(read_set), ")\n      -> ",
                    absl::StrJoin(parts, "; ")));
}

CommitResult Scene::Commit(const WriteBatch& batch) {
  bool disturbed = true;
  for (int tries = 0; disturbed && tries < kTriesMax; ++tries) {
    const auto result = CommitOnce(batch, &disturbed);
    Note(
        absl::StrCat("Commit(", NameOf(batch), ")\n      -> ",
                     result.ok() ? Text(*result) : result.status().ToString()));
    if (result.ok()) return *result;
    if (!disturbed) {
      Fail("an undisturbed commit", "an answer", result.status().ToString());
    }
  }
  return CommitResult::kConflict;
}

Visit Scene::VisitRecord(const CatalogKey& catalog, const RecordKey& key) {
  Visit visit;
  bool disturbed = true;
  for (int tries = 0; disturbed && tries < kTriesMax; ++tries) {
    visit = Visit();
    visit.status = VisitOnce(
        catalog, key,
        [&visit](BranchId branch, const RecordView* view) {
          ++visit.calls;
          visit.branch = branch;
          if (view == nullptr) return;
          visit.record = Record{view->revision, std::string(view->value)};
        },
        &disturbed);
    Note(absl::StrCat(
        "VisitRecord(", PlaceOf(catalog), NameOf(key), ")\n      -> ",
        visit.status.ok() ? NameOf(visit.record) : visit.status.ToString()));
  }
  return visit;
}

std::optional<Record> Scene::Get(const CatalogKey& catalog,
                                 const RecordKey& key) {
  ReadSet read_set;
  read_set.catalog = catalog;
  read_set.keys.push_back(key);
  return Read(read_set).records[0];
}

std::optional<Record> Scene::Get(const RecordKey& key) {
  return Get(HomeCatalog(), key);
}

std::optional<std::string> Scene::Value(const RecordKey& key) {
  auto record = Get(key);
  if (!record.has_value()) return std::nullopt;
  return std::move(record->value);
}

void Scene::ExpectValue(const RecordKey& key,
                        const std::optional<std::string>& expected) {
  ExpectEq(absl::StrCat("the value of ", NameOf(key)), Value(key), expected);
}

Revision Scene::RevisionOf(const RecordKey& key) {
  const auto record = Get(key);
  if (!record.has_value()) Fail(NameOf(key), "a record", "none");
  return record.has_value() ? record->revision : 0;
}

RangeResult Scene::Range(const RangeRead& range) {
  ReadSet read_set;
  read_set.catalog = HomeCatalog();
  read_set.range = range;
  return *Read(read_set).range;
}

CommitResult Scene::Commit(absl::InlinedVector<Precondition, 2> preconditions,
                           absl::InlinedVector<Mutation, 2> mutations) {
  return Commit(WriteBatch{HomeCatalog(), branch_, std::move(preconditions),
                           std::move(mutations)});
}

Snapshot Scene::ReadFork(Storage& fork) {
  const auto snapshot = fork.Read({HomeCatalog(), {Policy()}, std::nullopt});
  if (snapshot.ok() && snapshot->records.size() == 1) return *snapshot;
  Fail("a read of a fork", "an answer", snapshot.status().ToString());
  return Snapshot{0, {std::nullopt}, std::nullopt};
}

void Scene::Write(const CatalogKey& catalog, const RecordKey& key,
                  std::optional<std::string> value) {
  WriteBatch batch = BatchFor(catalog, branch_);
  batch.mutations.push_back({key, std::move(value)});
  ExpectEq("the result of a write without preconditions", Commit(batch),
           CommitResult::kCommitted);
}

void Scene::Write(const RecordKey& key, std::optional<std::string> value) {
  Write(HomeCatalog(), key, std::move(value));
}

std::string Scene::Everything(const CatalogKey& catalog) {
  ReadSet read_set;
  read_set.catalog = catalog;
  read_set.keys = {Policy(), Settings()};
  read_set.range = AllConfigurations();
  const Snapshot snapshot = Read(read_set);
  std::string all;
  for (const auto& record : snapshot.records) {
    absl::StrAppend(&all, NameOf(record), "; ");
  }
  for (const RangeRecord& record : snapshot.range->records) {
    absl::StrAppend(&all, record.id, " = ", record.value, " at ",
                    record.revision, "; ");
  }
  return all;
}

void Scene::Note(std::string line) {
  const std::lock_guard<std::mutex> lock(mutex_);
  calls_.push_back(std::move(line));
  if (calls_.size() <= kCallsShown) return;
  calls_.pop_front();
  ++calls_left_out_;
}

std::string Scene::failure() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return failure_;
}

void Scene::Fail(absl::string_view what, const std::string& expected,
                 const std::string& actual) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!failure_.empty()) return;
  failure_ = absl::StrCat(what, "\n    expected: ", expected,
                          "\n    actual:   ", actual,
                          "\n  The calls that show it, on a new storage:\n");
  if (calls_left_out_ > 0) {
    absl::StrAppend(&failure_, "    (", calls_left_out_, " more)\n");
  }
  for (const std::string& call : calls_) {
    absl::StrAppend(&failure_, "    ", call, "\n");
  }
}

std::vector<ClauseExample> AllClauseExamples() {
  std::vector<ClauseExample> all;
  for (const auto& examples :
       {ReadingExamples(), WritingExamples(), FailingExamples(),
        ThreadingExamples(), VisitingExamples()}) {
    all.insert(all.end(), examples.begin(), examples.end());
  }
  return all;
}

void Interleave(Scene& scene, const Interleaving& interleaving) {
  constexpr int kStepsMax = 1000;
  for (int n = 1; n <= kStepsMax && !scene.failed(); ++n) {
    scene.Restart();
    if (scene.failed()) return;
    interleaving.before();
    int steps = 0;
    bool inside = false;
    scene.target().set_step(scene.bare(), [&] {
      // The steps of the other call do not count.
      if (inside || ++steps != n) return;
      scene.Note(absl::StrCat("another thread, at step ", n,
                              " of the call that follows it:"));
      inside = true;
      std::thread(interleaving.other).join();
      inside = false;
    });
    interleaving.call();
    scene.target().set_step(scene.bare(), nullptr);
    if (steps < n) return;
    interleaving.after();
  }
}

}  // namespace testing_internal
}  // namespace glue_security
