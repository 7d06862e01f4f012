// MemoryStorage under many threads: readers without a lock, nodes that are
// freed and reused, and forks and restores beside both.
// storage_conformance_test.cc tests what holds for every storage.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/storage/storage.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

const CatalogKey kCatalog{"123456789012", "us-east-1"};
constexpr int kThreads = 8;

RecordKey Policy() { return {RecordKind::kResourcePolicy, ""}; }
RecordKey Configuration(int number) {
  return {RecordKind::kSecurityConfiguration, absl::StrCat(1000 + number)};
}

// Reads the policy, a configuration, and the range of all configurations.
ReadSet EverythingOf(const CatalogKey& catalog) {
  ReadSet read_set{catalog, {Policy(), Configuration(0)}, RangeRead()};
  read_set.range->records_max = 1000;
  read_set.range->bytes_max = 1'000'000;
  return read_set;
}

// Writes `n` into the policy and into n % 50 + 1 configurations, and removes
// the others, so that a snapshot of mixed batches is recognized.
WriteBatch AllSay(int n, BranchId branch) {
  const std::string value = absl::StrCat(n);
  WriteBatch batch{kCatalog, branch, {}, {{Policy(), value}}};
  for (int i = 0; i < 50; ++i) {
    if (i <= n % 50) {
      batch.mutations.push_back({Configuration(i), value});
    } else {
      batch.mutations.push_back({Configuration(i), std::nullopt});
    }
  }
  return batch;
}

// S2: "all of a snapshot, keys and range, is as of one instant between call and
// return: a read that starts after a commit returned sees that commit."
TEST(MemoryStorageThreads, Read_S2_KeysAndRangeAreOfOneInstant) {
  MemoryStorage storage;
  const BranchId branch = storage.Read(ReadSet{kCatalog, {}, {}})->branch;
  constexpr int kCommits = 3000;
  ASSERT_EQ(*storage.Commit(AllSay(0, branch)), CommitResult::kCommitted);
  std::atomic<int> committed{0};
  std::vector<std::thread> readers;
  for (int t = 0; t < 4; ++t) {
    readers.emplace_back([&] {
      int last = 0;
      while (last < kCommits) {
        const int at_least = committed;
        const auto snapshot = storage.Read(EverythingOf(kCatalog));
        const std::string& value = snapshot->records[0]->value;
        const int n = std::stoi(value);
        ASSERT_GE(n, at_least) << "a commit that had returned is not seen";
        ASSERT_GE(n, last);
        last = n;
        ASSERT_EQ(snapshot->records[1]->value, value);
        ASSERT_EQ(snapshot->records[1]->revision,
                  snapshot->records[0]->revision);
        ASSERT_EQ(snapshot->range->records.size(),
                  static_cast<size_t>(n % 50 + 1));
        for (const RangeRecord& record : snapshot->range->records) {
          ASSERT_EQ(record.value, value);
        }
      }
    });
  }
  for (int n = 1; n <= kCommits; ++n) {
    ASSERT_EQ(*storage.Commit(AllSay(n, branch)), CommitResult::kCommitted);
    committed = n;
  }
  for (std::thread& reader : readers) reader.join();
}

// The work of one thread for S17: uses a catalog of its own in the shared
// storage, and a fork of its own.
void UseAllMethods(MemoryStorage& storage, int number) {
  const CatalogKey own{absl::StrCat(number), "us-east-1"};
  for (int round = 1; round <= 100; ++round) {
    const auto snapshot = storage.Read(ReadSet{own, {Policy()}, {}});
    std::optional<Revision> revision;
    if (round > 1) {
      ASSERT_TRUE(snapshot->records[0].has_value());
      ASSERT_EQ(snapshot->records[0]->value, absl::StrCat(round - 1));
      revision = snapshot->records[0]->revision;
    }
    ASSERT_EQ(*storage.Commit({own,
                               snapshot->branch,
                               {{Policy(), revision}},
                               {{Policy(), absl::StrCat(round)},
                                {Configuration(round), "v"}}}),
              CommitResult::kCommitted);
    int visits = 0;
    ASSERT_EQ(storage.VisitRecord(own, Policy(),
                                  [&](BranchId, const RecordView* view) {
                                    ++visits;
                                    ASSERT_NE(view, nullptr);
                                    EXPECT_EQ(view->value, absl::StrCat(round));
                                  }),
              absl::OkStatus());
    ASSERT_EQ(visits, 1);
    ASSERT_EQ(storage.durability(), Durability::kNone);

    // The other threads continue while this one forks, writes and restores.
    const auto fork = storage.Fork();
    const auto second = fork->Fork();
    const BranchId branch = fork->Read(ReadSet{own, {}, {}})->branch;
    ASSERT_EQ(*fork->Commit({own, branch, {}, {{Policy(), "fork"}}}),
              CommitResult::kCommitted);
    ASSERT_EQ(fork->Read(ReadSet{own, {Policy()}, {}})->records[0]->value,
              "fork");
    ASSERT_EQ(fork->Restore(*second), absl::OkStatus());
    const auto restored = fork->Read(EverythingOf(own));
    ASSERT_EQ(restored->records[0]->value, absl::StrCat(round));
    ASSERT_EQ(restored->range->records.size(), static_cast<size_t>(round));
  }
}

// S17: "all methods may be called from any number of threads at once."
TEST(MemoryStorageThreads, AllMethods_S17_FromEightThreads) {
  MemoryStorage storage;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&storage, t] { UseAllMethods(storage, t); });
  }
  for (std::thread& thread : threads) thread.join();
  for (int t = 0; t < kThreads; ++t) {
    const auto snapshot =
        storage.Read(EverythingOf({absl::StrCat(t), "us-east-1"}));
    EXPECT_EQ(snapshot->records[0]->value, "100");
    EXPECT_EQ(snapshot->range->records.size(), 100u);
  }
}

// Readers, visitors and short-lived forks run beside writers that use a
// precondition.
TEST(MemoryStorageThreads, Forks_S17_ComeAndGoBesideReadersAndWriters) {
  MemoryStorage storage;
  constexpr int kIncrements = 300;
  std::atomic<int> writers_left{kThreads / 2};
  const auto increment = [&] {
    const auto snapshot = storage.Read(ReadSet{kCatalog, {Policy()}, {}});
    const auto& record = snapshot->records[0];
    const std::string next =
        record.has_value() ? absl::StrCat(std::stoi(record->value) + 1) : "1";
    std::optional<Revision> revision;
    if (record.has_value()) revision = record->revision;
    return *storage.Commit({kCatalog,
                            snapshot->branch,
                            {{Policy(), revision}},
                            {{Policy(), next}, {Configuration(0), next}}}) ==
           CommitResult::kCommitted;
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads / 2; ++t) {
    threads.emplace_back([&] {
      for (int done = 0; done < kIncrements;) {
        if (increment()) ++done;
      }
      --writers_left;
    });
    threads.emplace_back([&] {
      std::vector<std::unique_ptr<MemoryStorage>> forks;
      while (writers_left.load() > 0) {
        EXPECT_EQ(storage.VisitRecord(kCatalog, Policy(),
                                      [](BranchId, const RecordView* view) {
                                        EXPECT_TRUE(view == nullptr ||
                                                    !view->value.empty());
                                      }),
                  absl::OkStatus());
        forks.push_back(storage.Fork());
        const auto snapshot = forks.back()->Read(
            ReadSet{kCatalog, {Policy(), Configuration(0)}, {}});
        if (snapshot->records[0].has_value()) {
          EXPECT_EQ(snapshot->records[0]->value, snapshot->records[1]->value);
        }
        EXPECT_EQ(
            *forks.back()->Commit(
                {kCatalog, snapshot->branch, {}, {{Configuration(1), "fork"}}}),
            CommitResult::kCommitted);
        if (forks.size() > 4) forks.erase(forks.begin());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto snapshot =
      storage.Read(ReadSet{kCatalog, {Policy(), Configuration(1)}, {}});
  EXPECT_EQ(snapshot->records[0]->value,
            absl::StrCat(kThreads / 2 * kIncrements));
  EXPECT_FALSE(snapshot->records[1].has_value());
}

// S17, with all threads writing to one storage and restoring it: every snapshot
// is one whole batch, or nothing.
TEST(MemoryStorageThreads, RestoreAndCommit_S17_AtOnce) {
  MemoryStorage storage;
  const auto empty = storage.Fork();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 200; ++round) {
        if (t % 2 == 0) {
          ASSERT_EQ(storage.Restore(*empty), absl::OkStatus());
          continue;
        }
        const auto snapshot = storage.Read(EverythingOf(kCatalog));
        if (snapshot->records[0].has_value()) {
          const int n = std::stoi(snapshot->records[0]->value);
          ASSERT_EQ(snapshot->range->records.size(),
                    static_cast<size_t>(n % 50 + 1));
        } else {
          ASSERT_EQ(snapshot->range->records.size(), 0u);
        }
        ASSERT_TRUE(storage.Commit(AllSay(round, snapshot->branch)).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace glue_security
