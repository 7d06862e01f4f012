// The properties that only the memory storage has: branches and restores, the
// cost of reading nothing, and very many records. storage_conformance_test.cc
// tests the clauses of the contract.

#include "glue_security/storage/memory/memory_storage.h"

#include <malloc.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

using ::testing::IsEmpty;

const CatalogKey kCatalog{"123456789012", "us-east-1"};

RecordKey Policy() { return {RecordKind::kResourcePolicy, ""}; }
RecordKey Configuration(std::string name) {
  return {RecordKind::kSecurityConfiguration, std::move(name)};
}

std::optional<Record> ReadOne(Storage& storage, const CatalogKey& catalog,
                              const RecordKey& key) {
  ReadSet read_set;
  read_set.catalog = catalog;
  read_set.keys.push_back(key);
  const auto snapshot = storage.Read(read_set);
  EXPECT_TRUE(snapshot.ok());
  EXPECT_EQ(snapshot->records.size(), 1u);
  return snapshot->records[0];
}

BranchId BranchOf(Storage& storage) {
  return storage.Read(ReadSet{kCatalog, {}, {}})->branch;
}

CommitResult CommitTo(Storage& storage, const CatalogKey& catalog,
                      absl::InlinedVector<Precondition, 2> preconditions,
                      absl::InlinedVector<Mutation, 2> mutations) {
  const auto result =
      storage.Commit({catalog, BranchOf(storage), std::move(preconditions),
                      std::move(mutations)});
  EXPECT_TRUE(result.ok());
  return *result;
}

void Write(Storage& storage, const CatalogKey& catalog, const RecordKey& key,
           std::optional<std::string> value) {
  EXPECT_EQ(CommitTo(storage, catalog, {}, {{key, std::move(value)}}),
            CommitResult::kCommitted);
}

std::vector<std::string> IdsOf(const RangeResult& range) {
  std::vector<std::string> ids;
  for (const RangeRecord& record : range.records) ids.push_back(record.id);
  return ids;
}

RangeResult ReadRange(Storage& storage, const CatalogKey& catalog,
                      RangeRead range) {
  ReadSet read_set;
  read_set.catalog = catalog;
  read_set.range = std::move(range);
  auto snapshot = storage.Read(read_set);
  EXPECT_TRUE(snapshot.ok());
  return *std::move(snapshot->range);
}

// A commit that would exceed the number of catalogs is refused and changes
// nothing.
TEST(MemoryStorage, CommitOfOneCatalogTooMany_IsRefusedAndChangesNothing) {
  MemoryStorageOptions options;
  options.catalogs_max = 2;
  MemoryStorage storage(options);
  const CatalogKey b{"b", ""};
  const CatalogKey c{"c", ""};
  Write(storage, kCatalog, Policy(), "a");
  Write(storage, b, Policy(), "b");
  const Record before = *ReadOne(storage, kCatalog, Policy());
  WriteBatch batch{c, BranchOf(storage), {}, {}};
  batch.mutations = {{Configuration("x"), std::nullopt}, {Policy(), "c"}};
  EXPECT_EQ(storage.Commit(batch).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_FALSE(ReadOne(storage, c, Policy()).has_value());
  EXPECT_EQ(ReadOne(storage, kCatalog, Policy())->revision, before.revision);
  // A batch that does not apply is a conflict, even here; a batch that makes no
  // new catalog is accepted.
  batch.preconditions = {{Policy(), Revision{1}}};
  EXPECT_EQ(*storage.Commit(batch), CommitResult::kConflict);
  batch.preconditions.clear();
  batch.branch = 0;
  EXPECT_EQ(*storage.Commit(batch), CommitResult::kConflict);
  Write(storage, c, Policy(), std::nullopt);
  Write(storage, kCatalog, Configuration("x"), "more");
  Write(storage, b, Policy(), "again");
  // A catalog frees its place when its last record is removed.
  Write(storage, kCatalog, Configuration("x"), std::nullopt);
  batch.branch = BranchOf(storage);
  EXPECT_FALSE(storage.Commit(batch).ok());
  Write(storage, kCatalog, Policy(), std::nullopt);
  EXPECT_EQ(*storage.Commit(batch), CommitResult::kCommitted);
  EXPECT_EQ(ReadOne(storage, c, Policy())->value, "c");
}

// Relatives have the same options, but each counts its own catalogs.
TEST(MemoryStorage, ForksAndRestores_CountTheirOwnCatalogs) {
  MemoryStorageOptions options;
  options.catalogs_max = 2;
  MemoryStorage storage(options);
  const auto is_full = [](MemoryStorage& member) {
    const WriteBatch batch{
        {"one more", ""}, BranchOf(member), {}, {{Policy(), "v"}}};
    const auto result = member.Commit(batch);
    if (result.ok()) Write(member, batch.catalog, Policy(), std::nullopt);
    return !result.ok();
  };
  Write(storage, {"a", ""}, Policy(), "v");
  const auto of_one = storage.Fork();
  Write(storage, {"b", ""}, Policy(), "v");
  const auto of_two = storage.Fork();
  EXPECT_TRUE(is_full(storage));
  EXPECT_FALSE(is_full(*of_one));
  EXPECT_TRUE(is_full(*of_two));
  ASSERT_EQ(storage.Restore(*of_one), absl::OkStatus());
  EXPECT_FALSE(is_full(storage));
  ASSERT_EQ(storage.Restore(*of_two), absl::OkStatus());
  EXPECT_TRUE(is_full(storage));
  Write(*of_two, {"b", ""}, Policy(), std::nullopt);
  EXPECT_FALSE(is_full(*of_two));
  EXPECT_TRUE(is_full(storage));
}

TEST(MemoryStorage, CatalogsMaxOfNone_TakesNone) {
  MemoryStorageOptions options;
  options.catalogs_max = 0;
  MemoryStorage storage(options);
  EXPECT_EQ(storage.Commit({kCatalog, BranchOf(storage), {}, {{Policy(), "v"}}})
                .status()
                .code(),
            absl::StatusCode::kResourceExhausted);
  Write(storage, kCatalog, Policy(), std::nullopt);
}

// The expected records: catalog and key -> revision and value.
using Oracle =
    std::map<std::tuple<std::string, std::string, RecordKind, std::string>,
             std::pair<Revision, std::string>>;

auto OracleKey(const CatalogKey& catalog, const RecordKey& key) {
  return std::make_tuple(catalog.catalog_id, catalog.region, key.kind, key.id);
}

// Reads a catalog that does not exist in every possible way.
void ReadWhatIsNotThere(Storage& storage, int n) {
  ReadSet read_set;
  read_set.catalog = {absl::StrCat("none-", n), "us-east-1"};
  read_set.keys = {Policy(), Configuration(absl::StrCat(n))};
  read_set.range.emplace();
  const auto snapshot = storage.Read(read_set);
  ASSERT_TRUE(snapshot.ok());
  EXPECT_FALSE(snapshot->records[0].has_value());
  EXPECT_FALSE(snapshot->records[1].has_value());
  EXPECT_THAT(snapshot->range->records, IsEmpty());
  EXPECT_FALSE(snapshot->range->more);
  EXPECT_TRUE(storage
                  .VisitRecord(read_set.catalog, Policy(),
                               [](BranchId, const RecordView* view) {
                                 EXPECT_EQ(view, nullptr);
                               })
                  .ok());
}

// Returns the bytes that the process has allocated; 0 with a sanitizer.
size_t BytesInUse() { return mallinfo2().uordblks; }

TEST(MemoryStorage, Read_S7_OfWhatDoesNotExist_CreatesNothing) {
  MemoryStorage storage;
  Write(storage, kCatalog, Configuration("a"), "A");
  const Record before = *ReadOne(storage, kCatalog, Configuration("a"));
  ReadWhatIsNotThere(storage, 0);
  const size_t bytes = BytesInUse();
  for (int n = 1; n <= 20'000; ++n) ReadWhatIsNotThere(storage, n);
  // A catalog would take at least 100 bytes.
  EXPECT_LT(BytesInUse(), bytes + 100'000);
  // The records that were read are still absent, also for a commit.
  EXPECT_EQ(
      CommitTo(storage, {"none-7", "us-east-1"},
               {{Policy(), std::nullopt}, {Configuration("7"), std::nullopt}},
               {{Policy(), "created"}}),
      CommitResult::kCommitted);
  EXPECT_EQ(ReadOne(storage, kCatalog, Configuration("a"))->revision,
            before.revision);
}

TEST(MemoryStorage, Commit_S10_OfAnotherBranch_ConflictsAndChangesNothing) {
  MemoryStorage storage;
  const auto fork = storage.Fork();
  ASSERT_NE(BranchOf(storage), BranchOf(*fork));
  EXPECT_EQ(*fork->Commit({kCatalog, BranchOf(storage), {}, {{Policy(), "x"}}}),
            CommitResult::kConflict);
  EXPECT_FALSE(ReadOne(*fork, kCatalog, Policy()).has_value());

  const BranchId before = BranchOf(storage);
  ASSERT_TRUE(storage.Restore(*fork).ok());
  EXPECT_EQ(*storage.Commit({kCatalog, before, {}, {{Policy(), "x"}}}),
            CommitResult::kConflict);
  EXPECT_FALSE(ReadOne(storage, kCatalog, Policy()).has_value());
}

TEST(MemoryStorage, Revisions_S11_GrowAndAreNeverReused) {
  MemoryStorage storage;
  std::vector<std::unique_ptr<MemoryStorage>> family;
  std::set<Revision> seen;
  for (int round = 0; round < 20; ++round) {
    family.push_back(storage.Fork());
    for (Storage* member : {static_cast<Storage*>(&storage),
                            static_cast<Storage*>(family[0].get()),
                            static_cast<Storage*>(family.back().get())}) {
      Write(*member, kCatalog, Policy(), "v");
      const Revision revision = ReadOne(*member, kCatalog, Policy())->revision;
      EXPECT_NE(revision, 0u);
      EXPECT_GT(revision, seen.empty() ? 0 : *seen.rbegin());
      EXPECT_TRUE(seen.insert(revision).second);
      Write(*member, kCatalog, Policy(), std::nullopt);
    }
    if (round % 5 == 4) {
      ASSERT_TRUE(storage.Restore(*family[1]).ok());
    }
  }
}

TEST(MemoryStorage, Restore_FromAnotherFamily_IsRefusedAndChangesNothing) {
  MemoryStorage storage;
  MemoryStorage stranger;
  Write(storage, kCatalog, Policy(), "mine");
  const BranchId branch = BranchOf(storage);
  EXPECT_EQ(storage.Restore(stranger).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadOne(storage, kCatalog, Policy())->value, "mine");
  EXPECT_EQ(BranchOf(storage), branch);
}

TEST(MemoryStorage, Restore_FromItself_KeepsTheRecords) {
  MemoryStorage storage;
  Write(storage, kCatalog, Policy(), "mine");
  ASSERT_TRUE(storage.Restore(storage).ok());
  EXPECT_EQ(ReadOne(storage, kCatalog, Policy())->value, "mine");
}

TEST(MemoryStorage, TwentyThousandRecords_ComeAndGoInAnyOrder) {
  MemoryStorage storage;
  std::mt19937_64 random(7);
  for (const bool shuffled : {false, true}) {
    std::vector<std::string> names;
    for (int i = 0; i < 20000; ++i) names.push_back(absl::StrCat(100000 + i));
    if (shuffled) std::shuffle(names.begin(), names.end(), random);
    for (const std::string& name : names) {
      Write(storage, kCatalog, Configuration(name), name);
    }
    RangeRead range;
    range.records_max = 30000;
    range.bytes_max = 1 << 30;
    const std::vector<std::string> ids =
        IdsOf(ReadRange(storage, kCatalog, range));
    EXPECT_EQ(ids.size(), names.size());
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
    std::shuffle(names.begin(), names.end(), random);
    for (size_t i = 0; i < names.size(); ++i) {
      Write(storage, kCatalog, Configuration(names[i]), std::nullopt);
      if (i % 1000 != 0) continue;
      EXPECT_EQ(ReadRange(storage, kCatalog, range).records.size(),
                names.size() - i - 1);
    }
    EXPECT_THAT(IdsOf(ReadRange(storage, kCatalog, range)), IsEmpty());
  }
}

// Random commits to a family of forks, each compared with a map.
class RandomFamily {
 public:
  explicit RandomFamily(uint64_t seed) : random_(seed) {
    members_.push_back({std::make_unique<MemoryStorage>(), {}});
  }

  void Step() {
    Member& member = members_[Below(members_.size())];
    switch (Below(40)) {
      case 0:
        if (members_.size() < 6) {
          members_.push_back({member.storage->Fork(), member.oracle});
        }
        return;
      case 1: {
        const Member& from = members_[Below(members_.size())];
        ASSERT_TRUE(member.storage->Restore(*from.storage).ok());
        member.oracle = from.oracle;
        return;
      }
      case 2:
        if (members_.size() > 1) members_.erase(members_.begin());
        return;
      case 3:
        CompareRange(&member);
        return;
      default:
        Commit(&member);
    }
  }

  void CompareAll() {
    for (Member& member : members_) {
      size_t bytes = 0;
      for (const auto& [key, record] : member.oracle) {
        bytes += std::get<3>(key).size() + record.second.size() + 32;
      }
      EXPECT_EQ(member.storage->record_bytes(), bytes);
      for (int i = 0; i < 50; ++i) CompareRange(&member);
      for (const auto& [key, record] : member.oracle) {
        const auto& [catalog, region, kind, id] = key;
        const auto found =
            ReadOne(*member.storage, {catalog, region}, {kind, id});
        ASSERT_TRUE(found.has_value());
        EXPECT_EQ(found->revision, record.first);
        EXPECT_EQ(found->value, record.second);
      }
    }
  }

 private:
  struct Member {
    std::unique_ptr<MemoryStorage> storage;
    Oracle oracle;
  };

  size_t Below(size_t n) { return random_() % n; }
  CatalogKey RandomCatalog() {
    return {absl::StrCat(Below(3)), Below(2) == 0 ? "" : "r"};
  }
  RecordKey RandomKey() {
    if (Below(8) == 0) return Policy();
    return Configuration(absl::StrCat(Below(300)));
  }

  void Commit(Member* member) {
    const CatalogKey catalog = RandomCatalog();
    WriteBatch batch{catalog, BranchOf(*member->storage), {}, {}};
    bool holds = true;
    std::set<RecordKey> keys;
    while (keys.size() < 1 + Below(3)) keys.insert(RandomKey());
    for (const RecordKey& key : keys) {
      const auto found = member->oracle.find(OracleKey(catalog, key));
      const bool exists = found != member->oracle.end();
      if (Below(3) == 0) {
        std::optional<Revision> revision;
        if (exists) revision = found->second.first;
        if (Below(10) == 0) {
          revision = Below(2) == 0 ? std::optional<Revision>(1) : std::nullopt;
        }
        holds = holds && (exists ? revision == found->second.first
                                 : !revision.has_value());
        batch.preconditions.push_back({key, revision});
      }
      if (Below(5) < 2) {
        batch.mutations.push_back({key, std::nullopt});
      } else {
        batch.mutations.push_back({key, std::string(Below(40), 'v')});
      }
    }
    const WriteBatch copy = batch;
    const auto result = member->storage->Commit(std::move(batch));
    ASSERT_EQ(*result,
              holds ? CommitResult::kCommitted : CommitResult::kConflict);
    for (const Mutation& mutation : copy.mutations) {
      const auto key = OracleKey(catalog, mutation.key);
      if (holds && mutation.value.has_value()) {
        const auto now = ReadOne(*member->storage, catalog, mutation.key);
        ASSERT_TRUE(now.has_value());
        member->oracle[key] = {now->revision, *mutation.value};
      } else if (holds) {
        member->oracle.erase(key);
      }
    }
  }

  void CompareRange(Member* member) {
    const CatalogKey catalog = RandomCatalog();
    RangeRead range;
    range.records_max = 1 + Below(50);
    range.bytes_max = 1 + Below(2000);
    if (Below(3) != 0) range.after = absl::StrCat(Below(300));
    std::vector<std::string> expected;
    bool more = false;
    size_t bytes = 0;
    for (const auto& [key, record] : member->oracle) {
      const auto& [catalog_id, region, kind, id] = key;
      if (catalog_id != catalog.catalog_id || region != catalog.region ||
          kind != range.kind ||
          (range.after.has_value() && id <= *range.after)) {
        continue;
      }
      bytes += id.size() + record.second.size();
      if (!expected.empty() &&
          (expected.size() == range.records_max || bytes > range.bytes_max)) {
        more = true;
        break;
      }
      expected.push_back(id);
    }
    const RangeResult result = ReadRange(*member->storage, catalog, range);
    EXPECT_EQ(IdsOf(result), expected);
    EXPECT_EQ(result.more, more);
  }

  std::mt19937_64 random_;
  std::vector<Member> members_;
};

TEST(MemoryStorage, RandomCommitsForksAndRestores_AgreeWithAMap) {
  const uint64_t seed = RunSeedOr(20261124);
  RandomFamily family(seed);
  for (int i = 0; i < 100000; ++i) {
    family.Step();
    if (testing::Test::HasFailure()) FAIL() << "at step " << i;
    if (i % 10000 == 0) family.CompareAll();
  }
}

}  // namespace
}  // namespace glue_security
