// Tests of EtcdStorage beyond the suite of storages: its messages to etcd,
// other generations of records, restored clusters, and failures of reads. Over
// a FakeEtcd.

#include "glue_security/storage/etcd/etcd_storage.h"

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/storage/etcd/fake_etcd.h"

namespace glue_security {
namespace {

using absl::StatusCode;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const CatalogKey kCatalog{"111111111111", "us-east-1"};
const RecordKey kPolicy{RecordKind::kResourcePolicy, ""};

RecordKey Configuration(std::string id) {
  return {RecordKind::kSecurityConfiguration, std::move(id)};
}

// [open]
absl::StatusOr<std::unique_ptr<EtcdStorage>> OpenProduction(
    std::vector<std::string> members) {
  EtcdStorageOptions options;
  options.endpoints = std::move(members);  // as "10.0.0.1:2379"
  options.prefix = "production";
  return EtcdStorage::Open(options);
}
// [open end]

class EtcdStorageTest : public testing::Test {
 protected:
  EtcdStorageOptions Options() {
    EtcdStorageOptions options;
    options.endpoints = {server_.endpoint()};
    options.prefix = "p";
    options.call_timeout = absl::Seconds(60);
    options.metrics = &metrics_;
    return options;
  }

  std::unique_ptr<EtcdStorage> Open() { return Open(Options()); }
  static std::unique_ptr<EtcdStorage> Open(const EtcdStorageOptions& options) {
    absl::StatusOr<std::unique_ptr<EtcdStorage>> storage =
        EtcdStorage::Open(options);
    EXPECT_EQ(storage.status(), absl::OkStatus());
    return storage.ok() ? *std::move(storage) : nullptr;
  }

  static absl::StatusOr<CommitResult> Write(EtcdStorage* storage,
                                            const RecordKey& key,
                                            std::string value) {
    return storage->Commit({kCatalog, 0, {}, {{key, std::move(value)}}});
  }
  static std::optional<Record> Get(EtcdStorage* storage, const RecordKey& key) {
    const auto snapshot = storage->Read({kCatalog, {key}, {}});
    EXPECT_EQ(snapshot.status(), absl::OkStatus());
    return snapshot.ok() ? snapshot->records[0] : std::nullopt;
  }
  // The value, or "none".
  static std::string Value(EtcdStorage* storage, const RecordKey& key) {
    const std::optional<Record> record = Get(storage, key);
    return record.has_value() ? record->value : "none";
  }

  static absl::StatusOr<uint64_t> Replace(
      EtcdStorage* storage, ReplaceMode mode,
      const std::vector<NamedRecord>& records) {
    auto next = records.begin();
    return storage->ReplaceAll(mode, [&]() -> const NamedRecord* {
      return next == records.end() ? nullptr : &*next++;
    });
  }

  static std::vector<NamedRecord> Configurations(int count) {
    std::vector<NamedRecord> records;
    for (int i = 0; i < count; ++i) {
      records.push_back({kCatalog, Configuration(absl::StrCat(i)), 0,
                         absl::StrCat("value ", i)});
    }
    return records;
  }

  // The number of keys of records.
  int RecordKeys() const {
    int count = 0;
    for (const std::string& key : server_.Keys()) {
      count += absl::StartsWith(key, "p/records/") ? 1 : 0;
    }
    return count;
  }

  FakeEtcd server_;
  StorageMetrics metrics_;
};

// ---- Open

TEST_F(EtcdStorageTest, Open_WithoutEndpoints_IsRefused) {
  EtcdStorageOptions options = Options();
  options.endpoints.clear();
  EXPECT_EQ(EtcdStorage::Open(options).status().code(),
            StatusCode::kInvalidArgument);
  options.endpoints = {""};
  EXPECT_EQ(EtcdStorage::Open(options).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_THAT(server_.Keys(), IsEmpty());
}

TEST_F(EtcdStorageTest, Open_WithoutABoundOfTime_IsRefused) {
  EtcdStorageOptions options = Options();
  options.call_timeout = absl::ZeroDuration();
  EXPECT_EQ(EtcdStorage::Open(options).status().code(),
            StatusCode::kInvalidArgument);
  options.call_timeout = absl::InfiniteDuration();
  EXPECT_EQ(EtcdStorage::Open(options).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_THAT(server_.Keys(), IsEmpty());
}

TEST_F(EtcdStorageTest, Open_WithoutAConnection_IsUnavailable) {
  EtcdStorageOptions options = Options();
  // Nobody listens on the port of a service that was never one.
  options.endpoints = {"127.0.0.1:1"};
  options.call_timeout = absl::Milliseconds(50);
  const absl::Status status = EtcdStorage::Open(options).status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("no endpoint is connected"));
}

TEST_F(EtcdStorageTest, Open_PassesOverAnEndpointThatDoesNotListen) {
  EtcdStorageOptions options = Options();
  options.endpoints = {"127.0.0.1:1", server_.endpoint()};
  const auto storage = Open(options);
  EXPECT_EQ(Write(storage.get(), kPolicy, "x").value(),
            CommitResult::kCommitted);
}

TEST_F(EtcdStorageTest, Open_FindsTheRecordsOfBefore) {
  ASSERT_EQ(Write(Open().get(), kPolicy, "x").status(), absl::OkStatus());
  EXPECT_EQ(Value(Open().get(), kPolicy), "x");
}

TEST_F(EtcdStorageTest, Open_WithRecordsButNoGeneration_IsDataLoss) {
  ASSERT_EQ(Write(Open().get(), kPolicy, "x").status(), absl::OkStatus());
  server_.Remove("p/generation");
  const int64_t revision = server_.revision();
  EXPECT_EQ(EtcdStorage::Open(Options()).status().code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(server_.revision(), revision);
}

TEST_F(EtcdStorageTest, Open_WithADamagedGeneration_IsDataLoss) {
  server_.Put("p/generation", "\xFF");
  EXPECT_EQ(EtcdStorage::Open(Options()).status().code(),
            StatusCode::kDataLoss);
  // Format 2, number 1.
  server_.Put("p/generation", "\x08\x02\x10\x01");
  const absl::Status status = EtcdStorage::Open(Options()).status();
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("format 2"));
}

TEST_F(EtcdStorageTest, TwoPrefixesAreTwoStorages) {
  EtcdStorageOptions options = Options();
  const auto first = Open(options);
  options.prefix = "q";
  const auto second = Open(options);
  ASSERT_EQ(Write(first.get(), kPolicy, "x").status(), absl::OkStatus());
  EXPECT_EQ(Value(second.get(), kPolicy), "none");
}

TEST_F(EtcdStorageTest, TheExampleOfThePageOpensAStorage) {
  const auto storage = OpenProduction({server_.endpoint()});
  ASSERT_EQ(storage.status(), absl::OkStatus());
  EXPECT_THAT(server_.Keys(), ElementsAre("production/generation"));
}

// ---- Versions

TEST_F(EtcdStorageTest, ReadsOfAFixedVersionDoNotWrite) {
  const auto storage = Open();
  const int64_t writing = server_.writing_transactions();
  EXPECT_EQ(Value(storage.get(), kPolicy), "none");
  EXPECT_EQ(server_.writing_transactions(), writing);
}

TEST_F(EtcdStorageTest, ReadsOfAVersionWithStaleReadsGoThroughTheLog) {
  server_.set_version("3.4.23");
  const auto storage = Open();
  const int64_t writing = server_.writing_transactions();
  const int64_t revision = server_.revision();
  EXPECT_EQ(Value(storage.get(), kPolicy), "none");
  EXPECT_EQ(server_.writing_transactions(), writing + 1);
  // They write nothing all the same.
  EXPECT_EQ(server_.revision(), revision);
}

TEST_F(EtcdStorageTest, AMemberThatDoesNotAnswerCountsAsOneWithStaleReads) {
  EtcdStorageOptions options = Options();
  options.endpoints = {server_.endpoint(), "127.0.0.1:1"};
  const auto storage = Open(options);
  const int64_t writing = server_.writing_transactions();
  EXPECT_EQ(Value(storage.get(), kPolicy), "none");
  EXPECT_EQ(server_.writing_transactions(), writing + 1);
}

// ---- Long ranges

TEST_F(EtcdStorageTest, ARangeOfManyRecordsIsReadInChunksOf64) {
  const auto storage = Open();
  ASSERT_EQ(
      Replace(storage.get(), ReplaceMode::kAll, Configurations(300)).status(),
      absl::OkStatus());
  ReadSet read_set{kCatalog, {kPolicy}, RangeRead{}};
  read_set.range->records_max = 1000;
  read_set.range->bytes_max = 1 << 20;
  const int64_t ranges = server_.ranges();
  const auto snapshot = storage->Read(read_set);
  ASSERT_EQ(snapshot.status(), absl::OkStatus());
  EXPECT_EQ(snapshot->range->records.size(), 300u);
  EXPECT_FALSE(snapshot->range->more);
  // The first chunk came with the keys: 64 + 4 * 64 >= 300.
  EXPECT_EQ(server_.ranges(), ranges + 4);
}

TEST_F(EtcdStorageTest, ARangeWhoseHistoryIsCompactedIsReadAgain) {
  const auto storage = Open();
  ASSERT_EQ(
      Replace(storage.get(), ReplaceMode::kAll, Configurations(100)).status(),
      absl::OkStatus());
  ReadSet read_set{kCatalog, {}, RangeRead{}};
  read_set.range->records_max = 1000;
  read_set.range->bytes_max = 1 << 20;
  server_.CompactDuringReads(3);
  const auto snapshot = storage->Read(read_set);
  ASSERT_EQ(snapshot.status(), absl::OkStatus());
  EXPECT_EQ(snapshot->range->records.size(), 100u);

  server_.CompactDuringReads(1000);
  EXPECT_EQ(storage->Read(read_set).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(metrics_.failed_reads.load(), 1u);
}

TEST_F(EtcdStorageTest, AChunkThatFailsFailsTheRead) {
  const auto storage = Open();
  ASSERT_EQ(
      Replace(storage.get(), ReplaceMode::kAll, Configurations(100)).status(),
      absl::OkStatus());
  ReadSet read_set{kCatalog, {}, RangeRead{}};
  read_set.range->records_max = 1000;
  read_set.range->bytes_max = 1 << 20;
  server_.FailNextRanges({grpc::StatusCode::UNAVAILABLE, "etcdserver: x"}, 1);
  EXPECT_EQ(storage->Read(read_set).status().code(), StatusCode::kUnavailable);
}

// ---- Batches

TEST_F(EtcdStorageTest, ABatchOfRemovalsEndsWithAPut) {
  const auto storage = Open();
  ASSERT_EQ(Write(storage.get(), kPolicy, "x").status(), absl::OkStatus());
  ASSERT_EQ(
      storage->Commit({kCatalog, 0, {}, {{kPolicy, std::nullopt}}}).value(),
      CommitResult::kCommitted);
  EXPECT_THAT(server_.Keys(), ElementsAre("p/generation", "p/removal"));
}

TEST_F(EtcdStorageTest, ABatchMayHaveThousandsOfMutations) {
  const auto storage = Open();
  WriteBatch batch{kCatalog, 0, {{kPolicy, std::nullopt}}, {}};
  for (int i = 0; i < 4096; ++i) {
    batch.mutations.push_back({Configuration(absl::StrCat(i)), "x"});
  }
  EXPECT_EQ(storage->Commit(batch).value(), CommitResult::kCommitted);
  EXPECT_EQ(RecordKeys(), 4096);
}

TEST_F(EtcdStorageTest, ABatchThatIsTooLargeIsRefusedAndChangesNothing) {
  const auto storage = Open();
  WriteBatch batch{kCatalog, 0, {}, {{kPolicy, "x"}}};
  for (int i = 0; i < 128; ++i) {
    batch.preconditions.push_back(
        {Configuration(absl::StrCat(i)), std::nullopt});
  }
  EXPECT_EQ(storage->Commit(batch).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(
      Write(storage.get(), kPolicy, std::string(1 << 21, 'x')).status().code(),
      StatusCode::kInvalidArgument);
  EXPECT_EQ(RecordKeys(), 0);
  EXPECT_EQ(metrics_.not_applied.load(), 2u);
}

TEST_F(EtcdStorageTest, MetricsCountResults) {
  const auto storage = Open();
  ASSERT_EQ(Write(storage.get(), kPolicy, "x").status(), absl::OkStatus());
  EXPECT_EQ(
      storage->Commit({kCatalog, 0, {{kPolicy, 999'999}}, {{kPolicy, "y"}}})
          .value(),
      CommitResult::kConflict);
  server_.FailNextWrite(FakeFate::kLoseAnswer);
  EXPECT_EQ(Write(storage.get(), kPolicy, "z").status().code(),
            StatusCode::kUnknown);
  server_.FailNextWrite(FakeFate::kCorrupt);
  EXPECT_EQ(Write(storage.get(), kPolicy, "w").status().code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(Value(storage.get(), kPolicy), "z");
  EXPECT_EQ(metrics_.commits.load(), 1u);
  EXPECT_EQ(metrics_.conflicts.load(), 1u);
  EXPECT_EQ(metrics_.unknown.load(), 1u);
  EXPECT_EQ(metrics_.data_losses.load(), 1u);
  EXPECT_EQ(metrics_.reads.load(), 1u);
  EXPECT_EQ(metrics_.syncs.load(), 1u);
}

// ---- Generations

TEST_F(EtcdStorageTest, ReplaceAll_MakesTheRecordsTheOnlyOnes) {
  const auto storage = Open();
  ASSERT_EQ(Write(storage.get(), kPolicy, "old").status(), absl::OkStatus());
  const Revision old = Get(storage.get(), kPolicy)->revision;
  EXPECT_EQ(
      Replace(storage.get(), ReplaceMode::kAll, Configurations(250)).value(),
      250u);
  EXPECT_EQ(Value(storage.get(), kPolicy), "none");
  EXPECT_EQ(Value(storage.get(), Configuration("249")), "value 249");
  EXPECT_GT(Get(storage.get(), Configuration("0"))->revision, old);
  // The old generation is removed.
  EXPECT_EQ(RecordKeys(), 250);
}

TEST_F(EtcdStorageTest, ReplaceAll_OnlyIfEmpty_RefusesToReplaceRecords) {
  const auto storage = Open();
  EXPECT_EQ(Replace(storage.get(), ReplaceMode::kOnlyIfEmpty, Configurations(2))
                .value(),
            2u);
  const absl::Status status =
      Replace(storage.get(), ReplaceMode::kOnlyIfEmpty, Configurations(3))
          .status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(RecordKeys(), 2);
}

TEST_F(EtcdStorageTest, ReplaceAll_OnlyIfEmpty_SeesACommitThatCameLater) {
  const auto storage = Open();
  const std::vector<NamedRecord> records = Configurations(2);
  size_t next = 0;
  const absl::Status status =
      storage
          ->ReplaceAll(ReplaceMode::kOnlyIfEmpty,
                       [&]() -> const NamedRecord* {
                         // Another client.
                         if (next == 0) {
                           EXPECT_EQ(Write(Open().get(), kPolicy, "x").status(),
                                     absl::OkStatus());
                         }
                         return next < 2 ? &records[next++] : nullptr;
                       })
          .status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(Value(storage.get(), kPolicy), "x");
  EXPECT_EQ(Value(storage.get(), Configuration("0")), "none");
}

TEST_F(EtcdStorageTest, AReadAfterAReplacementByAnotherClientSeesIt) {
  const auto reader = Open();
  const auto writer = Open();
  ASSERT_EQ(Write(writer.get(), kPolicy, "old").status(), absl::OkStatus());
  ASSERT_EQ(Value(reader.get(), kPolicy), "old");
  ASSERT_EQ(
      Replace(writer.get(), ReplaceMode::kAll, {{kCatalog, kPolicy, 0, "new"}})
          .status(),
      absl::OkStatus());
  EXPECT_EQ(Value(reader.get(), kPolicy), "new");
}

// By the same object, or by another one that has not told this one of it.
TEST_F(EtcdStorageTest, ACommitAfterAReplacementSeesTheNewRecords) {
  const auto other = Open();
  const auto writer = Open();
  for (EtcdStorage* storage : {writer.get(), other.get()}) {
    ASSERT_EQ(Write(storage, kPolicy, "old").value(), CommitResult::kCommitted);
    const Revision old = Get(storage, kPolicy)->revision;
    const auto replace = [&] {
      return Replace(writer.get(), ReplaceMode::kAll,
                     {{kCatalog, Configuration("a"), 0, "new"}})
          .status();
    };
    ASSERT_EQ(replace(), absl::OkStatus());
    const auto commit = [storage](const RecordKey& key,
                                  std::optional<Revision> revision) {
      return storage->Commit({kCatalog, 0, {{key, revision}}, {{kPolicy, "x"}}})
          .value();
    };
    // Preconditions are about the new records.
    EXPECT_EQ(commit(kPolicy, old), CommitResult::kConflict);
    ASSERT_EQ(replace(), absl::OkStatus());
    EXPECT_EQ(commit(Configuration("a"), std::nullopt),
              CommitResult::kConflict);
    ASSERT_EQ(replace(), absl::OkStatus());
    EXPECT_EQ(commit(kPolicy, std::nullopt), CommitResult::kCommitted);
    ASSERT_EQ(replace(), absl::OkStatus());
    EXPECT_EQ(Write(storage, kPolicy, "x").value(), CommitResult::kCommitted);
    EXPECT_EQ(Value(writer.get(), kPolicy), "x");
    EXPECT_EQ(Value(writer.get(), Configuration("a")), "new");
  }
}

TEST_F(EtcdStorageTest, OfTwoReplacementsTheLaterOneWins) {
  const auto first = Open();
  const auto second = Open();
  const std::vector<NamedRecord> records = Configurations(2);
  size_t next = 0;
  const absl::Status status =
      first
          ->ReplaceAll(ReplaceMode::kAll,
                       [&]() -> const NamedRecord* {
                         if (next == 0) {
                           EXPECT_EQ(Replace(second.get(), ReplaceMode::kAll,
                                             {{kCatalog, kPolicy, 0, "second"}})
                                         .status(),
                                     absl::OkStatus());
                         }
                         return next < 2 ? &records[next++] : nullptr;
                       })
          .status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_EQ(Value(first.get(), kPolicy), "second");
  EXPECT_EQ(RecordKeys(), 1);
}

TEST_F(EtcdStorageTest, AReplacementThatEndedInBetweenIsRemovedByTheNext) {
  const auto storage = Open();
  ASSERT_EQ(Write(storage.get(), kPolicy, "old").status(), absl::OkStatus());
  // The record of the generation is not put: the connection breaks before.
  const std::vector<NamedRecord> records = Configurations(150);
  size_t next = 0;
  EXPECT_EQ(storage
                ->ReplaceAll(ReplaceMode::kAll,
                             [&]() -> const NamedRecord* {
                               if (next == 149) {
                                 server_.FailNextWrite(FakeFate::kDropBefore);
                               }
                               return next < 150 ? &records[next++] : nullptr;
                             })
                .status()
                .code(),
            StatusCode::kUnavailable);
  EXPECT_EQ(Value(storage.get(), kPolicy), "old");
  EXPECT_EQ(RecordKeys(), 101);
  const auto stats = storage->Stats();
  ASSERT_EQ(stats.status(), absl::OkStatus());
  EXPECT_EQ(stats->records, 1u);
  EXPECT_THAT(stats->details,
              testing::Contains(std::pair<std::string, std::string>(
                  "left_over_records", "100")));
  ASSERT_EQ(
      Replace(storage.get(), ReplaceMode::kAll, Configurations(3)).status(),
      absl::OkStatus());
  EXPECT_EQ(RecordKeys(), 3);
}

TEST_F(EtcdStorageTest, CallsOfAStorageWithoutItsGenerationAreDataLoss) {
  const auto storage = Open();
  ASSERT_EQ(Write(storage.get(), kPolicy, "x").status(), absl::OkStatus());
  server_.Remove("p/generation");
  EXPECT_EQ(storage->Read({kCatalog, {kPolicy}, {}}).status().code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(Write(storage.get(), kPolicy, "y").status().code(),
            StatusCode::kDataLoss);
  EXPECT_EQ(RecordKeys(), 1);
}

// ---- Restored clusters

TEST_F(EtcdStorageTest, ARestoredClusterIsRefusedUnlessItIsAccepted) {
  auto storage = Open();
  ASSERT_EQ(Write(storage.get(), kPolicy, "backup").status(), absl::OkStatus());
  const auto backup = server_.Save();
  ASSERT_EQ(Write(storage.get(), kPolicy, "lost").status(), absl::OkStatus());
  const Revision lost = Get(storage.get(), kPolicy)->revision;

  server_.Restore(*backup, /*cluster_id=*/8);
  // A client of before notices.
  EXPECT_EQ(storage->Read({kCatalog, {kPolicy}, {}}).status().code(),
            StatusCode::kUnavailable);
  const absl::Status refused = EtcdStorage::Open(Options()).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("accept_other_cluster"));

  EtcdStorageOptions options = Options();
  options.accept_other_cluster = true;
  storage = Open(options);
  EXPECT_EQ(Value(storage.get(), kPolicy), "backup");
  EXPECT_GT(Get(storage.get(), kPolicy)->revision, lost);
  ASSERT_EQ(Write(storage.get(), kPolicy, "new").status(), absl::OkStatus());
  EXPECT_GT(Get(storage.get(), kPolicy)->revision, lost);
  // The revision that was lost names nothing, also not the new record, which
  // has the same one at etcd.
  EXPECT_EQ(
      storage->Commit({kCatalog, 0, {{kPolicy, lost}}, {{kPolicy, "stale"}}})
          .value(),
      CommitResult::kConflict);
  // It is accepted once, and for all.
  EXPECT_EQ(Value(Open().get(), kPolicy), "new");
}

TEST_F(EtcdStorageTest, ACommitThatAnotherClusterAppliedIsLeftOpen) {
  const auto storage = Open();
  server_.set_cluster_id(8);
  EXPECT_EQ(Write(storage.get(), kPolicy, "x").status().code(),
            StatusCode::kUnknown);
}

// ---- Work on all records

TEST_F(EtcdStorageTest, VisitAll_ShowsAllRecordsInOrder) {
  const auto storage = Open();
  ASSERT_EQ(
      Replace(storage.get(), ReplaceMode::kAll, Configurations(200)).status(),
      absl::OkStatus());
  std::vector<std::string> ids;
  EXPECT_EQ(storage->VisitAll([&](const NamedRecord& record) {
    ids.push_back(record.key.id);
    EXPECT_EQ(record.value, "value " + record.key.id);
    EXPECT_EQ(record.revision, Get(storage.get(), record.key)->revision);
    return absl::OkStatus();
  }),
            absl::OkStatus());
  EXPECT_EQ(ids.size(), 200u);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST_F(EtcdStorageTest, VisitAll_EndsWithTheStatusOfTheVisitor) {
  const auto storage = Open();
  ASSERT_EQ(
      Replace(storage.get(), ReplaceMode::kAll, Configurations(3)).status(),
      absl::OkStatus());
  int visits = 0;
  EXPECT_EQ(storage->VisitAll([&](const NamedRecord&) {
    ++visits;
    return absl::CancelledError("enough");
  }),
            absl::CancelledError("enough"));
  EXPECT_EQ(visits, 1);
}

TEST_F(EtcdStorageTest, VisitAll_WhoseHistoryIsCompacted_IsUnavailable) {
  const auto storage = Open();
  ASSERT_EQ(
      Replace(storage.get(), ReplaceMode::kAll, Configurations(100)).status(),
      absl::OkStatus());
  server_.CompactDuringReads(1);
  EXPECT_EQ(
      storage->VisitAll([](const NamedRecord&) { return absl::OkStatus(); })
          .code(),
      StatusCode::kUnavailable);
}

TEST_F(EtcdStorageTest, Verify_NamesKeysThatAreNotOfRecords) {
  const auto storage = Open();
  ASSERT_EQ(Write(storage.get(), kPolicy, "x").status(), absl::OkStatus());
  int problems = 0;
  int records = 0;
  const auto verify = [&] {
    return storage->Verify([&](const StorageProblem&) { ++problems; },
                           [&](uint64_t, uint64_t) { ++records; });
  };
  EXPECT_EQ(verify(), absl::OkStatus());
  EXPECT_EQ(problems, 0);
  EXPECT_EQ(records, 1);
  server_.Put("p/records/0000000000000001/what", "x");
  EXPECT_EQ(verify(), absl::OkStatus());
  EXPECT_EQ(problems, 1);
  EXPECT_EQ(
      storage->VisitAll([](const NamedRecord&) { return absl::OkStatus(); })
          .code(),
      StatusCode::kDataLoss);
}

TEST_F(EtcdStorageTest, Stats_CountsRecords) {
  const auto storage = Open();
  ASSERT_EQ(Write(storage.get(), Configuration("abc"), "value").status(),
            absl::OkStatus());
  ASSERT_EQ(
      storage
          ->Commit({{"222222222222", "us-east-1"}, 0, {}, {{kPolicy, "12345"}}})
          .status(),
      absl::OkStatus());
  const auto stats = storage->Stats();
  ASSERT_EQ(stats.status(), absl::OkStatus());
  EXPECT_EQ(stats->catalogs, 2u);
  EXPECT_EQ(stats->records, 2u);
  EXPECT_EQ(stats->record_bytes, 13u);
  EXPECT_THAT(stats->details,
              testing::Contains(
                  std::pair<std::string, std::string>("members", "3.6.9")));
}

}  // namespace
}  // namespace glue_security
