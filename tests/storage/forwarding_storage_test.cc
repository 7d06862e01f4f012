#include "glue_security/storage/forwarding_storage.h"

#include <utility>

#include "glue_security/storage/memory/memory_storage.h"
#include "gtest/gtest.h"
#include "tests/storage/copying_storage.h"

namespace glue_security {
namespace {

const CatalogKey kCatalog{"123456789012", "us-east-1"};
const RecordKey kKey{RecordKind::kResourcePolicy, ""};

// Overrides one method and leaves the rest, like the header's example.
class CountingStorage : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    ++commits;
    return ForwardingStorage::Commit(batch);
  }
  int commits = 0;
};

TEST(ForwardingStorage, ForwardsEveryCall) {
  MemoryStorage memory;
  CountingStorage storage(&memory);
  EXPECT_EQ(storage.base(), &memory);
  EXPECT_EQ(storage.durability(), memory.durability());

  ReadSet read_set{kCatalog, {kKey}, {}};
  const auto before = storage.Read(read_set);
  ASSERT_EQ(before.status(), absl::OkStatus());
  EXPECT_FALSE(before->records[0].has_value());

  const auto result =
      storage.Commit({kCatalog, before->branch, {}, {{kKey, "value"}}});
  ASSERT_EQ(result.status(), absl::OkStatus());
  EXPECT_EQ(*result, CommitResult::kCommitted);
  EXPECT_EQ(storage.commits, 1);
  EXPECT_EQ(memory.Read(read_set)->records[0]->value, "value");

  std::string seen;
  EXPECT_EQ(storage.VisitRecord(kCatalog, kKey,
                                [&](BranchId, const RecordView* view) {
                                  ASSERT_NE(view, nullptr);
                                  seen = std::string(view->value);
                                }),
            absl::OkStatus());
  EXPECT_EQ(seen, "value");
}

// Answers every call with one status and counts the calls.
class FailingStorage : public Storage {
 public:
  explicit FailingStorage(absl::Status status) : status_(std::move(status)) {}
  absl::StatusOr<Snapshot> Read(const ReadSet& /*read_set*/) override {
    ++calls;
    return status_;
  }
  absl::StatusOr<CommitResult> Commit(const WriteBatch& /*batch*/) override {
    ++calls;
    return status_;
  }
  absl::Status VisitRecord(const CatalogKey& /*catalog*/,
                           const RecordKey& /*key*/,
                           RecordVisitor /*visitor*/) override {
    ++calls;
    return status_;
  }
  Durability durability() const override { return Durability::kNone; }
  int calls = 0;

 private:
  const absl::Status status_;
};

TEST(ForwardingStorage, Failures_S16_AreForwardedAndNeverRetried) {
  for (const auto& status :
       {absl::UnavailableError("x"), absl::DeadlineExceededError("x"),
        absl::DataLossError("x"), absl::UnknownError("x")}) {
    FailingStorage failing(status);
    ForwardingStorage storage(&failing);
    EXPECT_EQ(storage.Read(ReadSet{kCatalog, {kKey}, {}}).status(), status);
    EXPECT_EQ(failing.calls, 1);
    EXPECT_EQ(storage.Commit({kCatalog, 1, {}, {{kKey, "value"}}}).status(),
              status);
    EXPECT_EQ(failing.calls, 2);
    EXPECT_EQ(storage.VisitRecord(kCatalog, kKey,
                                  [](BranchId, const RecordView*) { FAIL(); }),
              status);
    EXPECT_EQ(failing.calls, 3);
  }
}

// A storage does not support visits by default, and this never changes.
TEST(Storage, VisitRecord_S18_IsUnimplementedByDefault) {
  MemoryStorage memory;
  CopyingStorage storage(&memory);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(storage
                  .VisitRecord(kCatalog, kKey,
                               [](BranchId, const RecordView*) { FAIL(); })
                  .code(),
              absl::StatusCode::kUnimplemented);
  }
}

TEST(FailureOf, S14_TellsWhatBecameOfACall) {
  EXPECT_EQ(FailureOf(absl::UnavailableError("")), StorageFailure::kNotApplied);
  EXPECT_EQ(FailureOf(absl::ResourceExhaustedError("")),
            StorageFailure::kNotApplied);
  EXPECT_EQ(FailureOf(absl::InvalidArgumentError("")),
            StorageFailure::kNotApplied);
  EXPECT_EQ(FailureOf(absl::DataLossError("")), StorageFailure::kDataLoss);
  for (const auto& status :
       {absl::DeadlineExceededError(""), absl::UnknownError(""),
        absl::CancelledError(""), absl::AbortedError(""),
        absl::InternalError(""), absl::FailedPreconditionError("")}) {
    EXPECT_EQ(FailureOf(status), StorageFailure::kUnknown) << status;
  }
}

}  // namespace
}  // namespace glue_security
