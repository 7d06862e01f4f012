// VisitSnapshot lends a record when the storage does, and copies it otherwise;
// and how it treats storages that break the contract of visits.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/storage/storage.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/storage/copying_storage.h"

namespace glue_security {
namespace {

using ::testing::ElementsAre;

const CatalogKey kCatalog{"123456789012", "us-east-1"};
const RecordKey kPolicy{RecordKind::kResourcePolicy, ""};
const RecordKey kAbsent{RecordKind::kEncryptionSettings, ""};
const RecordKey kName{RecordKind::kSecurityConfiguration, "a"};

ReadSet Keys(std::vector<RecordKey> keys) {
  ReadSet read_set;
  read_set.catalog = kCatalog;
  read_set.keys.assign(keys.begin(), keys.end());
  return read_set;
}

// Records the calls that reach a storage; a visit can be replaced.
class WatchedStorage : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override {
    calls.emplace_back("read");
    return ForwardingStorage::Read(read_set);
  }
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override {
    calls.emplace_back("visit");
    if (visit != nullptr) return visit(visitor);
    return ForwardingStorage::VisitRecord(catalog, key, visitor);
  }
  std::vector<std::string> calls;
  std::function<absl::Status(RecordVisitor)> visit;
};

class VisitSnapshotTest : public ::testing::Test {
 protected:
  VisitSnapshotTest() {
    WriteBatch batch;
    batch.catalog = kCatalog;
    batch.branch = memory_.Read(Keys({}))->branch;
    batch.mutations = {{kPolicy, "policy"}, {kName, "configuration"}};
    EXPECT_EQ(*memory_.Commit(batch), CommitResult::kCommitted);
  }

  // Visits `read_set` and compares the view with `Read`. Returns how often the
  // visitor was called.
  int Shown(Storage* storage, const ReadSet& read_set, absl::Status* status) {
    int shown = 0;
    *status = VisitSnapshot(storage, read_set, [&](const SnapshotView& view) {
      ++shown;
      const Snapshot snapshot = *memory_.Read(read_set);
      EXPECT_EQ(view.branch(), snapshot.branch);
      ASSERT_EQ(view.size(), snapshot.records.size());
      for (size_t i = 0; i < view.size(); ++i) {
        const std::optional<Record>& record = snapshot.records[i];
        ASSERT_EQ(view.has(i), record.has_value());
        EXPECT_EQ(view.revision(i).has_value(), record.has_value());
        if (!record.has_value()) continue;
        EXPECT_EQ(view.revision(i), record->revision);
        EXPECT_EQ(view.value(i), record->value);
      }
      if (!read_set.range.has_value()) return;
      ASSERT_EQ(view.range().records.size(), snapshot.range->records.size());
      EXPECT_EQ(view.range().records[0].value, "configuration");
    });
    return shown;
  }

  MemoryStorage memory_;
  WatchedStorage storage_{&memory_};
};

TEST_F(VisitSnapshotTest, OneRecord_IsALoan) {
  absl::Status status;
  for (const RecordKey& key : {kPolicy, kName, kAbsent}) {
    EXPECT_EQ(Shown(&storage_, Keys({key}), &status), 1);
    EXPECT_EQ(status, absl::OkStatus());
  }
  EXPECT_THAT(storage_.calls, ElementsAre("visit", "visit", "visit"));
}

TEST_F(VisitSnapshotTest, MoreThanOneRecord_IsACopy) {
  absl::Status status;
  EXPECT_EQ(Shown(&storage_, Keys({}), &status), 1);
  EXPECT_EQ(Shown(&storage_, Keys({kName, kAbsent}), &status), 1);
  EXPECT_EQ(status, absl::OkStatus());
  ReadSet with_range = Keys({kPolicy});
  with_range.range = RangeRead{RecordKind::kSecurityConfiguration, {}, 9, 99};
  EXPECT_EQ(Shown(&storage_, with_range, &status), 1);
  EXPECT_THAT(storage_.calls, ElementsAre("read", "read", "read"));
}

TEST_F(VisitSnapshotTest, WhereNothingIsLent_IsACopy) {
  CopyingStorage copying(&storage_);
  absl::Status status;
  for (const RecordKey& key : {kPolicy, kAbsent}) {
    EXPECT_EQ(Shown(&copying, Keys({key}), &status), 1);
    EXPECT_EQ(status, absl::OkStatus());
  }
  EXPECT_THAT(storage_.calls, ElementsAre("read", "read"));
}

TEST_F(VisitSnapshotTest, AFailure_IsToldAndNotTriedAgain) {
  const absl::Status down = absl::UnavailableError("down");
  storage_.visit = [&](RecordVisitor) { return down; };
  absl::Status status;
  EXPECT_EQ(Shown(&storage_, Keys({kPolicy}), &status), 0);
  EXPECT_EQ(status, down);
  EXPECT_THAT(storage_.calls, ElementsAre("visit"));
}

// ---- Storages that break S18

TEST_F(VisitSnapshotTest, AVisitWithoutAShow_IsAFailure) {
  storage_.visit = [](RecordVisitor) { return absl::OkStatus(); };
  absl::Status status;
  EXPECT_EQ(Shown(&storage_, Keys({kPolicy}), &status), 0);
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
}

TEST_F(VisitSnapshotTest, WhatComesAfterTheFirstShow_IsNotPassedOn) {
  for (const absl::Status& answer :
       {absl::OkStatus(), absl::UnimplementedError(""),
        absl::UnavailableError("too late")}) {
    storage_.visit = [&](RecordVisitor visitor) {
      for (int i = 0; i < 2; ++i) {
        memory_.VisitRecord(kCatalog, kPolicy, visitor).IgnoreError();
      }
      return answer;
    };
    absl::Status status;
    EXPECT_EQ(Shown(&storage_, Keys({kPolicy}), &status), 1);
    EXPECT_EQ(status, absl::OkStatus());
  }
  EXPECT_THAT(storage_.calls, ElementsAre("visit", "visit", "visit"));
}

}  // namespace
}  // namespace glue_security
