// The storages of this package keep the contract: runs the suite of
// glue_security/testing/storage_suite/storage_conformance.h on each of them.

#include "glue_security/testing/storage_suite/storage_conformance.h"

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "glue_security/storage/fault_injecting_storage.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

StorageUnderTest NewTarget() {
  StorageUnderTest target;
  if (IsShortRun()) target.rounds = 1000;
  return target;
}

StorageUnderTest Memory() {
  StorageUnderTest target = NewTarget();
  target.name = "Memory";
  target.create = [] { return std::make_unique<MemoryStorage>(); };
  target.fork = [](Storage& storage) {
    return static_cast<MemoryStorage&>(storage).Fork();
  };
  return target;
}

// A fork that has a history; its origin is gone.
StorageUnderTest ForkedMemory() {
  StorageUnderTest target = Memory();
  target.name = "ForkedMemory";
  target.create = [] {
    MemoryStorage origin;
    const CatalogKey catalog{"123456789012", "us-east-1"};
    const RecordKey key{RecordKind::kResourcePolicy, ""};
    const BranchId branch = origin.Read({catalog, {}, {}})->branch;
    origin.Commit({catalog, branch, {}, {{key, "gone"}}})
        .status()
        .IgnoreError();
    origin.Commit({catalog, branch, {}, {{key, std::nullopt}}})
        .status()
        .IgnoreError();
    return origin.Fork()->Fork();
  };
  return target;
}

// A storage that was emptied by a restore.
StorageUnderTest RestoredMemory() {
  StorageUnderTest target = Memory();
  target.name = "RestoredMemory";
  target.create = [] {
    auto storage = std::make_unique<MemoryStorage>();
    const auto empty = storage->Fork();
    const CatalogKey catalog{"123456789012", "us-east-1"};
    const BranchId branch = storage->Read({catalog, {}, {}})->branch;
    storage
        ->Commit({catalog,
                  branch,
                  {},
                  {{{RecordKind::kSecurityConfiguration, "a"}, "gone"}}})
        .status()
        .IgnoreError();
    EXPECT_EQ(storage->Restore(*empty), absl::OkStatus());
    return storage;
  };
  return target;
}

// A ForwardingStorage with the layers below it, which inject the failures.
class Stack : public ForwardingStorage {
 public:
  explicit Stack(std::unique_ptr<MemoryStorage> memory)
      : ForwardingStorage(&forwarding_),
        memory_(std::move(memory)),
        faults_(memory_.get()),
        forwarding_(&faults_) {}

  // [failures below]
  bool FailNextCommit(int way) {
    const std::vector<StorageFault> ways = {
        StorageFault::FailBefore(absl::UnavailableError("busy")),
        StorageFault::FailBefore(absl::ResourceExhaustedError("full")),
        StorageFault::FailBefore(absl::DataLossError("checksum")),
        StorageFault::FailBefore(absl::DeadlineExceededError("lost")),
        StorageFault::FailAfter(absl::UnknownError("lost")),
        StorageFault::ApplyLate(absl::DeadlineExceededError("late"))};
    if (way >= static_cast<int>(ways.size())) return false;
    faults_.AddCommits({ways[static_cast<size_t>(way)]});
    return true;
  }
  void Settle() { faults_.DeliverLate(); }
  // [failures below end]
  std::unique_ptr<Stack> Fork() {
    return std::make_unique<Stack>(memory_->Fork());
  }

 private:
  const std::unique_ptr<MemoryStorage> memory_;
  FaultInjectingStorage faults_;
  ForwardingStorage forwarding_;
};

StorageUnderTest Forwarding() {
  StorageUnderTest target = NewTarget();
  target.name = "Forwarding";
  target.create = [] {
    return std::make_unique<Stack>(std::make_unique<MemoryStorage>());
  };
  target.fork = [](Storage& storage) {
    return static_cast<Stack&>(storage).Fork();
  };
  target.fail_next_commit = [](Storage& storage, int way) {
    return static_cast<Stack&>(storage).FailNextCommit(way);
  };
  target.settle = [](Storage& storage) {
    static_cast<Stack&>(storage).Settle();
  };
  return target;
}

INSTANTIATE_TEST_SUITE_P(All, StorageConformance,
                         ::testing::Values(Memory(), ForkedMemory(),
                                           RestoredMemory(), Forwarding()),
                         StorageConformance::Name);

}  // namespace
}  // namespace glue_security
