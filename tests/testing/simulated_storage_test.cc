// SimulatedStorage answers like MemoryStorage, which keeps the contract.

#include "glue_security/testing/schedules/simulated_storage.h"

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "glue_security/storage/memory/memory_storage.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr RecordKind kKinds[] = {RecordKind::kResourcePolicy,
                                 RecordKind::kSecurityConfiguration};
const std::string kIds[] = {"", "a", std::string("a\0", 2), "b", "\xff"};
const std::string kCatalogs[] = {"", "1", "2"};

class SimulatedStorageTest : public testing::Test {
 protected:
  SimulatedStorageTest() {
    const char* seed = std::getenv("GLUE_SECURITY_SEED");
    random_.seed(seed == nullptr ? 1 : std::strtoul(seed, nullptr, 10));
    std::cout << "GLUE_SECURITY_SEED=" << (seed == nullptr ? "1" : seed)
              << "\n";
  }

  size_t Below(size_t bound) { return random_() % bound; }
  CatalogKey RandomCatalog() { return {kCatalogs[Below(3)], "us-east-1"}; }
  RecordKey RandomKey() { return {kKinds[Below(2)], kIds[Below(5)]}; }

  ReadSet RandomReadSet() {
    ReadSet read_set;
    read_set.catalog = RandomCatalog();
    for (size_t i = Below(3); i > 0; --i) read_set.keys.push_back(RandomKey());
    if (Below(2) == 0) {
      read_set.range.emplace();
      read_set.range->kind = kKinds[Below(2)];
      if (Below(2) == 0) read_set.range->after = kIds[Below(5)];
      read_set.range->records_max = 1 + Below(4);
      read_set.range->bytes_max = 1 + Below(20);
    }
    return read_set;
  }

  // Commits a batch of which half the preconditions hold. The two storages
  // number their revisions differently, so each gets a batch of its own.
  void CommitToBoth() {
    WriteBatch to_memory;
    WriteBatch to_simulated;
    to_memory.catalog = to_simulated.catalog = RandomCatalog();
    const RecordKey keys[] = {RandomKey(), RandomKey()};
    ReadSet read_set;
    read_set.catalog = to_memory.catalog;
    read_set.keys = {keys[0], keys[1]};
    const Snapshot in_memory = *memory_.Read(read_set);
    const Snapshot simulated = storage_.Read(state_, read_set);
    to_memory.branch = in_memory.branch;
    const bool stale = Below(4) == 0;
    for (size_t i = 0; i < (keys[0] == keys[1] ? 1u : 2u); ++i) {
      Precondition precondition{keys[i], std::nullopt};
      if (in_memory.records[i].has_value() && !stale) {
        precondition.revision = in_memory.records[i]->revision;
      }
      to_memory.preconditions.push_back(precondition);
      if (precondition.revision.has_value()) {
        precondition.revision = simulated.records[i]->revision;
      }
      to_simulated.preconditions.push_back(precondition);
      std::optional<std::string> value;
      if (Below(3) > 0) value = std::string(Below(9), 'x');
      to_memory.mutations.push_back({keys[i], value});
      to_simulated.mutations.push_back({keys[i], value});
    }
    const Revision before = state_.last_revision;
    const CommitResult result = storage_.Commit(to_simulated, &state_);
    EXPECT_EQ(result, *memory_.Commit(to_memory));
    if (result == CommitResult::kCommitted) {
      EXPECT_GT(state_.last_revision, before);
      ++committed_;
    } else {
      EXPECT_EQ(state_.last_revision, before);
      ++conflicts_;
    }
  }

  void CompareARead() {
    const ReadSet read_set = RandomReadSet();
    const Snapshot a = *memory_.Read(read_set);
    const Snapshot b = storage_.Read(state_, read_set);
    ASSERT_EQ(a.records.size(), b.records.size());
    for (size_t i = 0; i < a.records.size(); ++i) {
      ASSERT_EQ(a.records[i].has_value(), b.records[i].has_value());
      if (a.records[i].has_value()) {
        EXPECT_EQ(a.records[i]->value, b.records[i]->value);
      }
    }
    ASSERT_EQ(a.range.has_value(), b.range.has_value());
    if (!a.range.has_value()) return;
    EXPECT_EQ(a.range->more, b.range->more);
    ASSERT_EQ(a.range->records.size(), b.range->records.size());
    for (size_t i = 0; i < a.range->records.size(); ++i) {
      EXPECT_EQ(a.range->records[i].id, b.range->records[i].id);
      EXPECT_EQ(a.range->records[i].value, b.range->records[i].value);
    }
  }

  std::mt19937_64 random_;
  MemoryStorage memory_;
  SimulatedStorage storage_;
  SimulatedState state_;
  int committed_ = 0;
  int conflicts_ = 0;
};

TEST_F(SimulatedStorageTest, AnswersAsMemoryStorageDoes) {
  for (int i = 0; i < 5'000 && !HasFailure(); ++i) {
    CommitToBoth();
    CompareARead();
  }
  EXPECT_GT(committed_, 1'000);
  EXPECT_GT(conflicts_, 200);
}

TEST_F(SimulatedStorageTest, AnotherBranch_S10_IsAConflict) {
  WriteBatch batch;
  batch.branch = 1;
  batch.mutations = {{{RecordKind::kResourcePolicy, ""}, "value"}};
  EXPECT_EQ(storage_.Commit(batch, &state_), CommitResult::kConflict);
  EXPECT_TRUE(state_.records.empty());
}

}  // namespace
}  // namespace glue_security
