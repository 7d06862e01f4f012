#include "glue_security/storage/etcd/etcd_storage.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "glue_security/storage/etcd/etcd_maintenance.h"
#include "glue_security/storage/etcd/etcd_replacement.h"
#include "glue_security/storage/etcd/etcd_requests.h"
#include "glue_security/storage/etcd/etcd_session.h"
#include "glue_security/storage/etcd/etcd_status.h"
#include "glue_security/storage/storage_metrics.h"

namespace glue_security {
namespace {

// Adds the time of a commit that was answered.
void CountWait(std::chrono::steady_clock::duration waited,
               StorageMetrics* metrics) {
  ++metrics->syncs;
  metrics->sync_nanoseconds += static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(waited).count());
}

// Reads what follows the first chunk of a range, at `revision` of etcd. False:
// the revision is compacted, or another member answers that does not have it.
absl::StatusOr<bool> ReadRest(EtcdSession* session,
                              const EtcdGeneration& generation,
                              int64_t revision, RangeInChunks* range) {
  bool goes_on = true;
  while (goes_on) {
    etcdserverpb::RangeRequest request;
    range->FillNext(&request);
    request.set_revision(revision);
    // The records of a revision never change, so that any member which has it
    // may answer.
    request.set_serializable(true);
    etcdserverpb::RangeResponse chunk;
    const EtcdOutcome outcome = session->client().Range(request, &chunk);
    if (IsAboutRevision(outcome)) return false;
    if (!outcome.ok()) return StatusOfRead(outcome);
    absl::Status status = session->CheckCluster(generation, chunk.header());
    if (!status.ok()) return status;
    absl::StatusOr<bool> taken = range->Take(chunk);
    if (!taken.ok()) return taken.status();
    goes_on = *taken;
  }
  return true;
}

// Makes the snapshot of the keys of `read_set`, whose records are the responses
// after the first.
Snapshot TakeKeys(const ReadSet& read_set, const EtcdGeneration& generation,
                  etcdserverpb::TxnResponse* response) {
  Snapshot snapshot;
  for (size_t i = 0; i < read_set.keys.size(); ++i) {
    auto* range = response->mutable_responses(static_cast<int>(i) + 1)
                      ->mutable_response_range();
    snapshot.records.emplace_back();
    if (range->kvs_size() == 0) continue;
    mvccpb::KeyValue* pair = range->mutable_kvs(0);
    snapshot.records.back() =
        Record{generation.RevisionOf(pair->mod_revision()),
               std::move(*pair->mutable_value())};
  }
  return snapshot;
}

}  // namespace

EtcdStorage::EtcdStorage(std::unique_ptr<EtcdSession> session)
    : session_(std::move(session)) {}

EtcdStorage::~EtcdStorage() = default;

absl::StatusOr<std::unique_ptr<EtcdStorage>> EtcdStorage::Open(
    const EtcdStorageOptions& options) {
  absl::StatusOr<std::unique_ptr<EtcdSession>> session =
      EtcdSession::Open(options);
  if (!session.ok()) return session.status();
  return absl::WrapUnique(new EtcdStorage(*std::move(session)));
}

absl::StatusOr<Snapshot> EtcdStorage::Read(const ReadSet& read_set) {
  absl::StatusOr<Snapshot> snapshot = ReadUncounted(read_set);
  CountRead(snapshot.status(), session_->options().metrics);
  return snapshot;
}

absl::StatusOr<Snapshot> EtcdStorage::ReadUncounted(const ReadSet& read_set) {
  for (int i = 0; i < kEtcdAttemptsMax; ++i) {
    const EtcdGeneration generation = session_->generation();
    const etcdserverpb::TxnRequest request =
        RequestOf(read_set, *session_, generation);
    etcdserverpb::TxnResponse response;
    const EtcdOutcome outcome = session_->client().Txn(request, &response);
    if (!outcome.ok()) return StatusOfRead(outcome);
    const absl::StatusOr<bool> is_current =
        session_->Learn(generation, request.success_size(), response);
    if (!is_current.ok()) return is_current.status();
    if (!*is_current) continue;
    Snapshot snapshot = TakeKeys(read_set, generation, &response);
    if (!read_set.range.has_value()) return snapshot;

    RangeInChunks range(read_set.catalog, *read_set.range, *session_,
                        generation);
    const int place = static_cast<int>(read_set.keys.size()) + 1;
    const absl::StatusOr<bool> goes_on =
        range.Take(response.responses(place).response_range());
    if (!goes_on.ok()) return goes_on.status();
    if (*goes_on) {
      const absl::StatusOr<bool> complete = ReadRest(
          session_.get(), generation, response.header().revision(), &range);
      if (!complete.ok()) return complete.status();
      if (!*complete) continue;
    }
    snapshot.range = range.TakeResult();
    return snapshot;
  }
  return absl::UnavailableError(
      "etcd: records are replaced, or history compacted, faster than they can "
      "be read");
}

absl::StatusOr<CommitResult> EtcdStorage::Commit(const WriteBatch& batch) {
  const auto start = std::chrono::steady_clock::now();
  absl::StatusOr<CommitResult> result = CommitUncounted(batch);
  StorageMetrics* const metrics = session_->options().metrics;
  CountCommit(result, metrics);
  if (metrics != nullptr && result.ok() &&
      *result == CommitResult::kCommitted) {
    CountWait(std::chrono::steady_clock::now() - start, metrics);
  }
  return result;
}

absl::StatusOr<CommitResult> EtcdStorage::CommitUncounted(
    const WriteBatch& batch) {
  if (batch.branch != 0) return CommitResult::kConflict;
  for (int i = 0; i < kEtcdAttemptsMax; ++i) {
    const EtcdGeneration generation = session_->generation();
    const std::optional<etcdserverpb::TxnRequest> request =
        RequestOf(batch, *session_, generation);
    if (!request.has_value()) return CommitResult::kConflict;
    etcdserverpb::TxnResponse response;
    const EtcdOutcome outcome = session_->client().Txn(*request, &response);
    if (!outcome.ok()) return StatusOfWrite(outcome);
    if (response.succeeded()) {
      const absl::Status cluster =
          session_->CheckCluster(generation, response.header());
      // It was applied, but to other records than those that were read.
      if (!cluster.ok()) return absl::UnknownError(cluster.message());
      return CommitResult::kCommitted;
    }
    const absl::StatusOr<bool> is_current =
        session_->Learn(generation, /*responses=*/1, response);
    if (!is_current.ok()) return is_current.status();
    if (*is_current) return CommitResult::kConflict;
    // The records were replaced. Nothing was applied, and the preconditions may
    // hold for the new ones.
  }
  return CommitResult::kConflict;
}

absl::Status EtcdStorage::VisitAll(NamedRecordVisitor visitor) {
  return VisitEtcd(session_.get(), visitor, [] {
    return absl::DataLossError("etcd: a key is not one of a record");
  });
}

absl::StatusOr<uint64_t> EtcdStorage::ReplaceAll(ReplaceMode mode,
                                                 NamedRecordSource source) {
  return EtcdReplacement(session_.get(), mode).Run(source);
}

absl::StatusOr<StorageStats> EtcdStorage::Stats() {
  return StatsOfEtcd(session_.get());
}

absl::Status EtcdStorage::Verify(
    absl::FunctionRef<void(const StorageProblem&)> problem,
    MaintenanceProgress progress) {
  uint64_t done = 0;
  return VisitEtcd(
      session_.get(),
      [&](const NamedRecord&) {
        progress(++done, /*total=*/0);
        return absl::OkStatus();
      },
      [&] {
        problem({std::nullopt, std::nullopt, "a key is not one of a record"});
        return absl::OkStatus();
      });
}

}  // namespace glue_security
