// MemoryStorage when memory runs out: each allocation of each call fails in
// turn, alone and with all that follow it. The call then returns
// kResourceExhausted, the storage and its forks are byte for byte unchanged,
// later commits work, and no memory is lost.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/storage/storage.h"
#include "gtest/gtest.h"
#include "tests/storage/allocations.h"

namespace glue_security {
namespace {

const CatalogKey kCatalog{"123456789012", "us-east-1"};
constexpr size_t kCatalogsMax = 40;

RecordKey Policy() { return {RecordKind::kResourcePolicy, ""}; }
RecordKey Settings() { return {RecordKind::kEncryptionSettings, ""}; }
// Keys sort in the order of the numbers.
RecordKey Configuration(int number) {
  return {RecordKind::kSecurityConfiguration, absl::StrCat(100'000 + number)};
}
// The region, like each value, is too long for the small buffer of a string.
CatalogKey Catalog(int number) {
  return {absl::StrCat("account ", 100'000 + number), std::string(40, 'r')};
}

std::string Value(int number) {
  return absl::StrCat("value ", number, std::string(40, '.'));
}

// Puts the configurations from `begin` to `end` - 1.
WriteBatch PutConfigurations(const CatalogKey& catalog, int begin, int end) {
  WriteBatch batch{catalog, 0, {}, {}};
  for (int i = begin; i < end; ++i) {
    batch.mutations.push_back({Configuration(i), Value(i)});
  }
  return batch;
}

WriteBatch EraseConfigurations(int begin, int end) {
  WriteBatch batch{kCatalog, 0, {}, {}};
  for (int i = begin; i < end; ++i) {
    batch.mutations.push_back({Configuration(i), std::nullopt});
  }
  return batch;
}

BranchId BranchOf(Storage& storage) {
  return storage.Read(ReadSet{kCatalog, {}, {}})->branch;
}

void Commit(Storage& storage, WriteBatch batch) {
  batch.branch = BranchOf(storage);
  ASSERT_EQ(*storage.Commit(batch), CommitResult::kCommitted);
}

// All records of the tests' catalogs, one per line.
struct Contents {
  // Includes the branch and the revisions.
  std::string exact;
  std::string without_revisions;
  Revision last_revision = 0;

  void Add(const std::string& what, Revision revision,
           const std::string& value) {
    absl::StrAppend(&exact, what, " ", revision, " ", value, "\n");
    absl::StrAppend(&without_revisions, what, " ", value, "\n");
    last_revision = std::max(last_revision, revision);
  }
};

void AddCatalog(Storage& storage, const CatalogKey& catalog,
                Contents* contents) {
  ReadSet read_set{catalog, {Policy(), Settings()}, RangeRead()};
  read_set.range->records_max = 100'000;
  read_set.range->bytes_max = 1 << 30;
  const auto snapshot = storage.Read(read_set);
  ASSERT_TRUE(snapshot.ok());
  absl::StrAppend(&contents->exact, "branch ", snapshot->branch, "\n");
  for (const auto& record : snapshot->records) {
    if (record.has_value()) {
      contents->Add(catalog.catalog_id, record->revision, record->value);
    }
  }
  for (const RangeRecord& record : snapshot->range->records) {
    contents->Add(absl::StrCat(catalog.catalog_id, " ", record.id),
                  record.revision, record.value);
  }
}

Contents ContentsOf(Storage& storage) {
  Contents contents;
  AddCatalog(storage, kCatalog, &contents);
  for (int i = 0; i < static_cast<int>(kCatalogsMax); ++i) {
    AddCatalog(storage, Catalog(i), &contents);
  }
  return contents;
}

// A storage and its relatives.
struct Scene {
  explicit Scene(bool heap_only) {
    MemoryStorageOptions options;
    options.catalogs_max = kCatalogsMax;
    options.heap_only = heap_only;
    storage = std::make_unique<MemoryStorage>(options);
  }

  std::vector<MemoryStorage*> members() {
    std::vector<MemoryStorage*> all = {storage.get()};
    for (const auto& relative : relatives) all.push_back(relative.get());
    return all;
  }

  std::unique_ptr<MemoryStorage> storage;
  std::vector<std::unique_ptr<MemoryStorage>> relatives;
};

// A call whose arguments are already made.
using Call = std::function<absl::Status()>;

struct Operation {
  std::string name;
  std::function<void(MemoryStorage&)> build;
  std::function<Call(Scene&)> prepare;
};

Operation CommitOf(std::string name, std::function<void(MemoryStorage&)> build,
                   const WriteBatch& batch) {
  return {std::move(name), std::move(build), [batch](Scene& scene) -> Call {
            MemoryStorage& storage = *scene.storage;
            WriteBatch now = batch;
            now.branch = BranchOf(storage);
            return [&storage, now] {
              const auto result = storage.Commit(now);
              if (result.ok() && *result == CommitResult::kConflict) {
                return absl::Status(absl::StatusCode::kAborted, "");
              }
              return result.status();
            };
          }};
}

void Nothing(MemoryStorage& /*storage*/) {}

// Fills a catalog of three levels with the even configurations. Descending
// order makes half-full leaves.
void ManyRecords(MemoryStorage& storage) {
  WriteBatch batch{kCatalog, 0, {}, {{Policy(), Value(0)}}};
  for (int i = 1200; i >= 0; i -= 2) {
    batch.mutations.push_back({Configuration(i), Value(i)});
  }
  Commit(storage, batch);
}

// Makes full leaves under full nodes; the next put at the end splits them all.
void FullNodes(MemoryStorage& storage) {
  for (int i = 0; i < 1024; i += 64) {
    Commit(storage, PutConfigurations(kCatalog, i, i + 64));
  }
}

// Makes two leaves that the next removal joins.
void FewRecords(MemoryStorage& storage) {
  Commit(storage, PutConfigurations(kCatalog, 0, 64));
  Commit(storage, EraseConfigurations(8, 32));
  Commit(storage, EraseConfigurations(40, 64));
}

void Catalogs(MemoryStorage& storage, int count) {
  for (int i = 0; i < count; ++i) {
    Commit(storage, PutConfigurations(Catalog(i), 0, 2));
  }
}

// Returns many mutations that add, replace and remove records.
WriteBatch MixedBatch() {
  WriteBatch batch{kCatalog, 0, {}, {}};
  batch.mutations.push_back({Policy(), std::nullopt});
  batch.mutations.push_back({Settings(), Value(1)});
  for (int i = 0; i < 500; i += 125) {
    batch.mutations.push_back({Configuration(i), Value(-i)});
    batch.mutations.push_back({Configuration(800 + i), std::nullopt});
  }
  return batch;
}

std::vector<Operation> Commits() {
  return {
      CommitOf("put, the first", Nothing,
               {kCatalog, 0, {}, {{Policy(), Value(1)}}}),
      CommitOf("put, replacing", ManyRecords,
               {kCatalog, 0, {}, {{Configuration(500), Value(-1)}}}),
      CommitOf("put, in between", ManyRecords,
               {kCatalog, 0, {}, {{Configuration(501), Value(-1)}}}),
      CommitOf("put, splitting at the end", FullNodes,
               PutConfigurations(kCatalog, 1024, 1025)),
      CommitOf("put, splitting in the middle", FullNodes,
               {kCatalog,
                0,
                {},
                {{{RecordKind::kSecurityConfiguration, "100500a"}, "new"}}}),
      CommitOf("put, of a large value", FewRecords,
               {kCatalog, 0, {}, {{Policy(), std::string(10'000, 'x')}}}),
      CommitOf("remove, joining", FewRecords, EraseConfigurations(0, 1)),
      CommitOf(
          "remove, leaving a single child",
          [](MemoryStorage& storage) {
            FullNodes(storage);
            Commit(storage, PutConfigurations(kCatalog, 1024, 1025));
          },
          EraseConfigurations(1024, 1025)),
      CommitOf(
          "remove, to nothing",
          [](MemoryStorage& storage) {
            Commit(storage, PutConfigurations(kCatalog, 0, 1));
          },
          EraseConfigurations(0, 1)),
      CommitOf(
          "remove, the last of a catalog",
          [](MemoryStorage& storage) {
            Catalogs(storage, 33);
            Commit(storage, PutConfigurations(kCatalog, 0, 1));
          },
          EraseConfigurations(0, 1)),
      CommitOf("batch of many", ManyRecords, MixedBatch()),
      CommitOf(
          "put, in a new catalog",
          [](MemoryStorage& storage) { Catalogs(storage, 32); },
          PutConfigurations(Catalog(32), 0, 2)),
  };
}

// Nests more visitors than have a place at first. The contract forbids only
// visitors that wait for another thread; these do not.
absl::Status VisitNested(MemoryStorage& storage, int depth) {
  static const auto* const kValue = new std::string(Value(0));
  absl::Status inner;
  const absl::Status status = storage.VisitRecord(
      kCatalog, Policy(), [&](BranchId, const RecordView* record) {
        if (record == nullptr || record->value != *kValue) {
          inner = absl::Status(absl::StatusCode::kDataLoss, "");
        } else if (depth > 0) {
          inner = VisitNested(storage, depth - 1);
        }
      });
  return status.ok() ? inner : status;
}

std::vector<Operation> Others() {
  return {
      {"read", ManyRecords,
       [](Scene& scene) -> Call {
         ReadSet read_set{kCatalog, {Policy(), Configuration(6)}, RangeRead()};
         read_set.range->records_max = 20;
         read_set.range->bytes_max = 1 << 20;
         return [&scene, read_set] {
           return scene.storage->Read(read_set).status();
         };
       }},
      {"visit", ManyRecords,
       [](Scene& scene) -> Call {
         EXPECT_EQ(VisitNested(*scene.storage, 0), absl::OkStatus());
         return [&scene] { return VisitNested(*scene.storage, 70); };
       }},
      {"fork", ManyRecords,
       [](Scene& scene) -> Call {
         return [&scene] {
           try {
             scene.relatives.push_back(scene.storage->Fork());
             return absl::OkStatus();
           } catch (const std::bad_alloc&) {
             return absl::Status(absl::StatusCode::kResourceExhausted, "");
           }
         };
       }},
      {"restore", ManyRecords,
       [](Scene& scene) -> Call {
         std::shared_ptr<MemoryStorage> other = scene.storage->Fork();
         Commit(*scene.storage, MixedBatch());
         return [&scene, other] { return scene.storage->Restore(*other); };
       }},
  };
}

enum class Sharing { kAlone, kForked, kForkedAndWritten, kForkDropped };

void Share(Sharing sharing, Scene* scene) {
  if (sharing == Sharing::kAlone) return;
  scene->relatives.push_back(scene->storage->Fork());
  if (sharing == Sharing::kForked) return;
  Commit(*scene->storage, {Catalog(39), 0, {}, {{Settings(), Value(2)}}});
  Commit(*scene->relatives[0], {kCatalog, 0, {}, {{Settings(), Value(3)}}});
  if (sharing == Sharing::kForkDropped) scene->relatives.clear();
}

struct Way {
  Sharing sharing;
  bool heap_only;
  Failing failing;
};

std::vector<Contents> ContentsOfAll(Scene* scene) {
  std::vector<Contents> all;
  for (MemoryStorage* member : scene->members()) {
    all.push_back(ContentsOf(*member));
  }
  return all;
}

// Writes to every member; each must give new revisions.
void WriteToAll(Scene* scene, Revision last) {
  const RecordKey key = Configuration(70'000);
  for (MemoryStorage* member : scene->members()) {
    Commit(*member, {kCatalog, 0, {}, {{key, "later"}}});
    const auto snapshot = member->Read(ReadSet{kCatalog, {key}, {}});
    ASSERT_TRUE(snapshot->records[0].has_value());
    EXPECT_GT(snapshot->records[0]->revision, last);
    last = snapshot->records[0]->revision;
    Commit(*member, {kCatalog, 0, {}, {{key, std::nullopt}}});
  }
}

// Runs `operation` in a new scene with its allocation `number` failing (0:
// none). Returns false when there was no such allocation. `expected` is the
// content of the first member after a successful operation.
bool RunOnce(const Operation& operation, const Way& way, size_t number,
             std::string* expected) {
  Scene scene(way.heap_only);
  operation.build(*scene.storage);
  Share(way.sharing, &scene);
  const Call call = operation.prepare(scene);
  const std::vector<Contents> before = ContentsOfAll(&scene);

  bool failed;
  absl::Status status;
  {
    AllocationFailure failure(number, way.failing);
    status = call();
    failed = failure.failed();
  }
  if (failed) {
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    const std::vector<Contents> after = ContentsOfAll(&scene);
    EXPECT_EQ(after.size(), before.size());
    for (size_t i = 0; i < std::min(after.size(), before.size()); ++i) {
      EXPECT_EQ(after[i].exact, before[i].exact) << "member " << i;
    }
    status = call();
  }
  EXPECT_EQ(status, absl::OkStatus());
  const std::vector<Contents> after = ContentsOfAll(&scene);
  if (number == 0) *expected = after[0].without_revisions;
  EXPECT_EQ(after[0].without_revisions, *expected);
  Revision last = 0;
  for (size_t i = 0; i < after.size(); ++i) {
    if (i > 0 && i < before.size()) {
      EXPECT_EQ(after[i].exact, before[i].exact);
    }
    last = std::max(last, after[i].last_revision);
  }
  WriteToAll(&scene, last);
  EXPECT_EQ(ContentsOf(*scene.storage).without_revisions, *expected);
  // The storage and its relatives take turns in releasing shared nodes last.
  if (number % 2 == 0) scene.storage.reset();
  return failed;
}

// Returns the number of allocations.
size_t FailEachAllocation(const Operation& operation, const Way& way) {
  std::string expected;
  size_t number = 0;
  for (bool failed = true; failed; ++number) {
    SCOPED_TRACE(absl::StrCat(operation.name, ", allocation ", number));
    const int64_t blocks = LiveBlocks();
    failed = RunOnce(operation, way, number, &expected) || number == 0;
    if (number > 0) {
      EXPECT_EQ(LiveBlocks(), blocks) << "memory is lost";
    }
    if (testing::Test::HasFailure()) return 0;
  }
  // In the last run no allocation was left to fail.
  std::printf("%4zu allocations: %s\n", number - 2, operation.name.c_str());
  return number - 2;
}

class MemoryStorageAllocation : public testing::TestWithParam<Sharing> {
 protected:
  void FailEach(const std::vector<Operation>& operations) {
    for (const bool heap_only : {true, false}) {
      for (const Failing failing : {Failing::kOnce, Failing::kFromThereOn}) {
        size_t all = 0;
        for (const Operation& operation : operations) {
          const size_t allocations =
              FailEachAllocation(operation, {GetParam(), heap_only, failing});
          if (HasFailure()) return;
          // An arena may have free pieces, so that no allocation is needed.
          if (heap_only) {
            EXPECT_GE(allocations, 1u) << operation.name;
          }
          all += allocations;
        }
        EXPECT_GE(all, 1u);
      }
    }
  }
};

TEST_P(MemoryStorageAllocation, CommitThatFails_HasAppliedNothing) {
  FailEach(Commits());
}

TEST_P(MemoryStorageAllocation, OtherCallThatFails_ChangesNothing) {
  FailEach(Others());
}

std::string NameOf(const testing::TestParamInfo<Sharing>& param) {
  constexpr const char* kNames[] = {"Alone", "Forked", "ForkedAndWritten",
                                    "ForkDropped"};
  return kNames[static_cast<size_t>(param.param)];
}

INSTANTIATE_TEST_SUITE_P(, MemoryStorageAllocation,
                         testing::Values(Sharing::kAlone, Sharing::kForked,
                                         Sharing::kForkedAndWritten,
                                         Sharing::kForkDropped),
                         NameOf);

TEST(MemoryStorageOutOfMemory, Constructor_Throws_AndLosesNothing) {
  { const MemoryStorage first; }
  const int64_t blocks = LiveBlocks();
  size_t number = 1;
  for (bool failed = true; failed; ++number) {
    AllocationFailure failure(number);
    try {
      const MemoryStorage storage;
      failed = false;
    } catch (const std::bad_alloc&) {
    }
    ASSERT_EQ(failed, failure.failed());
    ASSERT_EQ(LiveBlocks(), blocks);
  }
  EXPECT_GT(number, 2u);
}

// A visitor's exception passes through and gives up the visitor's place, so
// that later replaced records are freed.
TEST(MemoryStorageOutOfMemory, VisitorThatThrows_IsNoFailureOfTheStorage) {
  MemoryStorageOptions options;
  options.heap_only = true;
  MemoryStorage storage(options);
  Commit(storage, {kCatalog, 0, {}, {{Policy(), Value(0)}}});
  const auto visit = [&](const auto& error) {
    EXPECT_EQ(
        storage.VisitRecord(kCatalog, Policy(),
                            [&](BranchId, const RecordView*) { throw error; }),
        absl::OkStatus());
  };
  EXPECT_THROW(visit(std::runtime_error("a visitor's")), std::runtime_error);
  EXPECT_THROW(visit(std::bad_alloc()), std::bad_alloc);
  for (int i = 0; i < 100; ++i) {
    Commit(storage, {kCatalog, 0, {}, {{Policy(), Value(i)}}});
  }
  const int64_t blocks = LiveBlocks();
  for (int i = 0; i < 1000; ++i) {
    Commit(storage, {kCatalog, 0, {}, {{Policy(), Value(i)}}});
  }
  EXPECT_LT(LiveBlocks(), blocks + 500);
}

// S2: "all of a snapshot, keys and range, is as of one instant". A commit
// happens at each allocation of the read, on the reader's own thread, which is
// possible because a reader holds no lock.
TEST(MemoryStorageReads, Read_S2_CommitsBetweenAnyTwoSteps_AreNotMixed) {
  MemoryStorage storage;
  const BranchId branch = BranchOf(storage);
  int written = 0;
  const auto write = [&] {
    const std::string value = Value(++written);
    WriteBatch batch{kCatalog, branch, {}, {{Policy(), value}}};
    for (int i = 0; i < 20; ++i) {
      batch.mutations.push_back({Configuration(i), value});
    }
    // A record that every other write removes.
    batch.mutations.push_back({Settings(), std::nullopt});
    if (written % 2 == 0) batch.mutations.back().value = value;
    ASSERT_EQ(*storage.Commit(batch), CommitResult::kCommitted);
  };
  write();
  ReadSet read_set{kCatalog, {Policy(), Configuration(3), Settings()}, {}};
  read_set.range.emplace();
  read_set.range->records_max = 100;
  read_set.range->bytes_max = 100'000;
  for (int round = 0; round < 20; ++round) {
    const int first = written;
    absl::StatusOr<Snapshot> snapshot;
    {
      AtEachAllocation at_each(write);
      snapshot = storage.Read(read_set);
    }
    // Commits happened while the keys and while the range were read.
    ASSERT_GT(written, first + 20);
    const std::string value = Value(first);
    ASSERT_EQ(snapshot->records[0]->value, value);
    ASSERT_EQ(snapshot->records[1]->value, value);
    ASSERT_EQ(snapshot->records[2].has_value(), first % 2 == 0);
    ASSERT_EQ(snapshot->range->records.size(), 20u);
    for (const RangeRecord& record : snapshot->range->records) {
      ASSERT_EQ(record.value, value);
      ASSERT_EQ(record.revision, snapshot->records[0]->revision);
    }
  }
}

}  // namespace
}  // namespace glue_security
