// EtcdStorage: records in a cluster of etcd, version 3.4 or later, for several
// processes at once. A commit that was acknowledged survives the loss of power
// on all members, and the loss of fewer than half of them.
//
//   EtcdStorageOptions options;
//   options.endpoints = {"10.0.0.1:2379", "10.0.0.2:2379", "10.0.0.3:2379"};
//   options.prefix = "production";
//   absl::StatusOr<std::unique_ptr<EtcdStorage>> storage =
//       EtcdStorage::Open(options);
//   Engine engine(storage->get(), EngineOptions());
//
// Without a cluster:
//
//   storage.status();  // UNAVAILABLE: etcd: no endpoint is connected
//
// It keeps the contract of storage.h. A batch becomes one transaction, which
// compares the revisions of its preconditions; a read becomes one transaction,
// and a long range more requests at the same revision of etcd. There is no
// lease, no watch, and no lock. docs/storages/etcd.md says how to set up a
// cluster, which failures it survives, and what is not promised.
//
// Bounds of etcd, unless its members are set up otherwise:
//   - 127 preconditions in a batch, and 4,096 mutations; with more than 63
//     preconditions fewer mutations, but at least 128;
//   - 1.5 MiB for a batch, names included.
//
// A failed commit returns (S14):
//
//   kUnavailable        no connection within the bound, or the user was refused
//   kInvalidArgument    the batch is larger than the bounds above
//   kResourceExhausted  the member has too many requests
//   kDataLoss           the cluster has found that its members differ, or the
//                       record of the generation is gone
//   kDeadlineExceeded   no answer in time; it may have been applied
//   kUnknown            the connection broke, the cluster has no leader, or its
//                       quota for space is used up; it may have been applied
//
// A failed read returns kUnavailable in place of kUnknown, also when records
// are replaced, or etcd's history compacted, faster than it can read.

#ifndef GLUE_SECURITY_STORAGE_ETCD_ETCD_STORAGE_H_
#define GLUE_SECURITY_STORAGE_ETCD_ETCD_STORAGE_H_

#include <cstdint>
#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/etcd/etcd_options.h"
#include "glue_security/storage/storage.h"
#include "glue_security/storage/storage_maintenance.h"

namespace glue_security {

class EtcdSession;

// Thread-safe. Not usable in a child of `fork`, which gRPC does not support.
class EtcdStorage : public Storage, public StorageMaintenance {
 public:
  // Connects to the cluster. Makes an empty storage where the prefix has none.
  //
  // Errors, in this order:
  //   kInvalidArgument     no endpoint, an empty one, or a bound of time that
  //                        is not above zero, or above an hour
  //   kUnavailable         no endpoint is connected within the bound, the user
  //                        is refused, or the cluster has no leader
  //   kDataLoss            the record of the generation is gone or damaged, or
  //                        of a newer format
  //   kFailedPrecondition  the records are of another cluster, and the options
  //                        do not accept them
  // Nothing is changed by an Open that fails, but that an empty storage may be
  // there afterwards.
  static absl::StatusOr<std::unique_ptr<EtcdStorage>> Open(
      const EtcdStorageOptions& options);

  ~EtcdStorage() override;

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override;
  Durability durability() const override { return Durability::kPowerLoss; }

  // Fails with kUnavailable when etcd's history is compacted beneath it.
  absl::Status VisitAll(NamedRecordVisitor visitor) override;

  // Writes the records as a new generation, makes it the current one in one
  // transaction, and removes what no generation needs. One that ends in between
  // leaves records that nobody sees; the next one removes them. A second one
  // that begins makes the first one fail: kUnavailable, nothing replaced.
  //
  // A commit that runs beside many of them may be a conflict although its
  // preconditions hold. kUnknown and kDeadlineExceeded leave it open whether
  // all was replaced; kInvalidArgument: a record is above 1.5 MiB, nothing
  // replaced.
  absl::StatusOr<uint64_t> ReplaceAll(ReplaceMode mode,
                                      NamedRecordSource source) override;

  // The details are "generation", "left_over_records" (of replacements that did
  // not end), "members" with their versions, and "database_bytes".
  absl::StatusOr<StorageStats> Stats() override;

  // Reads every record and decodes its key. etcd keeps checksums of its own.
  absl::Status Verify(absl::FunctionRef<void(const StorageProblem&)> problem,
                      MaintenanceProgress progress) override;

 private:
  explicit EtcdStorage(std::unique_ptr<EtcdSession> session);

  absl::StatusOr<Snapshot> ReadUncounted(const ReadSet& read_set);
  absl::StatusOr<CommitResult> CommitUncounted(const WriteBatch& batch);

  const std::unique_ptr<EtcdSession> session_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_ETCD_ETCD_STORAGE_H_
