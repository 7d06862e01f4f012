// Work on all records of a storage in memory.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/storage/storage_maintenance.h"
#include "glue_security/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// A record without its revision; compares by name.
using Row = std::tuple<std::string, std::string, int, std::string, std::string>;

Row RowOf(const NamedRecord& record) {
  return {record.catalog.catalog_id, record.catalog.region,
          static_cast<int>(record.key.kind), record.key.id, record.value};
}

std::vector<Row> AllOf(StorageMaintenance* storage) {
  std::vector<Row> rows;
  EXPECT_THAT(storage->VisitAll([&](const NamedRecord& record) {
    rows.push_back(RowOf(record));
    return absl::OkStatus();
  }),
              IsOk());
  return rows;
}

// Records whose names are easily confused, in order.
std::vector<NamedRecord> ManyRecords() {
  std::vector<NamedRecord> records;
  for (const std::string& catalog :
       {std::string(), std::string("\0", 1), std::string("1"),
        std::string("1\0", 2), std::string("\xFF")}) {
    for (const char* region : {"", "us-east-1"}) {
      for (int kind = 1; kind < static_cast<int>(kRecordKindEnd); ++kind) {
        for (const char* id : {"", "a", "a ", "b"}) {
          NamedRecord record;
          record.catalog = {catalog, region};
          record.key = {static_cast<RecordKind>(kind), id};
          record.value = absl::StrCat(catalog, "/", region, kind, id);
          records.push_back(record);
        }
      }
    }
  }
  return records;
}

std::vector<Row> RowsOf(const std::vector<NamedRecord>& records) {
  std::vector<Row> rows;
  for (const NamedRecord& record : records) rows.push_back(RowOf(record));
  return rows;
}

WriteBatch Write(const MemoryStorage& /*storage*/, BranchId branch,
                 const NamedRecord& record) {
  WriteBatch batch;
  batch.catalog = record.catalog;
  batch.branch = branch;
  batch.mutations = {{record.key, record.value}};
  return batch;
}

BranchId BranchOf(Storage* storage) { return storage->Read({})->branch; }

TEST(MemoryMaintenance, ACopyHasEveryRecordInOrder) {
  MemoryStorage from;
  const std::vector<NamedRecord> records = ManyRecords();
  for (const NamedRecord& record : records) {
    ASSERT_THAT(from.Commit(Write(from, BranchOf(&from), record)), IsOk());
  }
  EXPECT_THAT(AllOf(&from), ElementsAreArray(RowsOf(records)));

  MemoryStorage to;
  const auto copied = ReplaceAllWith(records, ReplaceMode::kOnlyIfEmpty, &to);
  ASSERT_THAT(copied, IsOk());
  EXPECT_EQ(*copied, records.size());
  EXPECT_THAT(AllOf(&to), ElementsAreArray(RowsOf(records)));
  const auto stats = to.Stats();
  ASSERT_THAT(stats, IsOk());
  EXPECT_EQ(stats->catalogs, 10U);
  EXPECT_EQ(stats->records, records.size());
}

TEST(MemoryMaintenance, OnlyIfEmpty_WithRecords_ChangesNothing) {
  MemoryStorage storage;
  const std::vector<NamedRecord> records = ManyRecords();
  ASSERT_THAT(ReplaceAllWith({records[3]}, ReplaceMode::kOnlyIfEmpty, &storage),
              IsOk());
  const BranchId branch = BranchOf(&storage);
  const auto again =
      ReplaceAllWith(records, ReplaceMode::kOnlyIfEmpty, &storage);
  EXPECT_EQ(again.status(),
            absl::FailedPreconditionError("the storage has records already"));
  EXPECT_THAT(AllOf(&storage), ElementsAreArray(RowsOf({records[3]})));
  EXPECT_EQ(BranchOf(&storage), branch);
}

TEST(MemoryMaintenance, WhatIsReplacedIsGone_AndItsRevisionsAreNotGivenAgain) {
  MemoryStorage storage;
  const std::vector<NamedRecord> records = ManyRecords();
  ASSERT_THAT(ReplaceAllWith(records, ReplaceMode::kAll, &storage), IsOk());
  std::map<Row, Revision> before;
  Revision last = 0;
  ASSERT_THAT(storage.VisitAll([&](const NamedRecord& record) {
    last = std::max(last, record.revision);
    return absl::OkStatus();
  }),
              IsOk());
  WriteBatch late = Write(storage, BranchOf(&storage), records[0]);
  ASSERT_THAT(
      ReplaceAllWith({records[0], records[9]}, ReplaceMode::kAll, &storage),
      IsOk());
  EXPECT_THAT(AllOf(&storage),
              ElementsAreArray(RowsOf({records[0], records[9]})));
  ASSERT_THAT(storage.VisitAll([&](const NamedRecord& record) {
    EXPECT_GT(record.revision, last);
    return absl::OkStatus();
  }),
              IsOk());
  // A commit that was prepared before.
  const auto committed = storage.Commit(late);
  ASSERT_THAT(committed, IsOk());
  EXPECT_EQ(*committed, CommitResult::kConflict);
  ASSERT_THAT(ReplaceAllWith({}, ReplaceMode::kAll, &storage), IsOk());
  EXPECT_THAT(AllOf(&storage), IsEmpty());
}

TEST(MemoryMaintenance, ARecordOfAnUnknownKindIsRefused) {
  MemoryStorage storage;
  std::vector<NamedRecord> records = ManyRecords();
  records.resize(3);
  ASSERT_THAT(ReplaceAllWith({records[0]}, ReplaceMode::kAll, &storage),
              IsOk());
  records[2].key.kind = static_cast<RecordKind>(kRecordKindEnd);
  EXPECT_EQ(
      ReplaceAllWith(records, ReplaceMode::kAll, &storage).status().code(),
      absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(AllOf(&storage), ElementsAreArray(RowsOf({records[0]})));
}

TEST(MemoryMaintenance, AVisitorEndsTheVisit) {
  MemoryStorage storage;
  ASSERT_THAT(ReplaceAllWith(ManyRecords(), ReplaceMode::kAll, &storage),
              IsOk());
  int visited = 0;
  const absl::Status status = storage.VisitAll([&](const NamedRecord&) {
    ++visited;
    return visited == 30 ? absl::CancelledError("enough") : absl::OkStatus();
  });
  EXPECT_EQ(status, absl::CancelledError("enough"));
  EXPECT_EQ(visited, 30);
}

TEST(MemoryMaintenance, AVisitIsAsOfOneInstant) {
  MemoryStorage storage;
  const std::vector<NamedRecord> records = ManyRecords();
  ASSERT_THAT(ReplaceAllWith(records, ReplaceMode::kAll, &storage), IsOk());
  std::vector<Row> rows;
  ASSERT_THAT(storage.VisitAll([&](const NamedRecord& record) {
    if (rows.empty()) {
      EXPECT_THAT(ReplaceAllWith({}, ReplaceMode::kAll, &storage), IsOk());
    }
    rows.push_back(RowOf(record));
    return absl::OkStatus();
  }),
              IsOk());
  EXPECT_THAT(rows, ElementsAreArray(RowsOf(records)));
  EXPECT_THAT(AllOf(&storage), IsEmpty());
}

}  // namespace
}  // namespace glue_security
