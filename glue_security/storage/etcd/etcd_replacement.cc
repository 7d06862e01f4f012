#include "glue_security/storage/etcd/etcd_replacement.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "glue_security/storage/etcd/etcd_keys.h"
#include "glue_security/storage/etcd/etcd_status.h"
#include "glue_security/storage/key_encoding.h"

namespace glue_security {
namespace {

// The bounds of one transaction that writes: etcd's are 128 and 1.5 MiB.
constexpr int kWriteChunk = 100;
constexpr size_t kWriteChunkBytes = size_t{512} * 1024;
// The keys that one transaction removes.
constexpr int64_t kRemoveChunk = 1000;

// Returns the status of a step that changed nothing which can be seen, applied
// or not.
absl::Status StatusOfStep(const EtcdOutcome& outcome) {
  return StatusOfRead(outcome);
}

}  // namespace

EtcdReplacement::EtcdReplacement(EtcdSession* session, ReplaceMode mode)
    : session_(session), mode_(mode) {}

absl::StatusOr<uint64_t> EtcdReplacement::Run(NamedRecordSource source) {
  absl::Status status = BeginIt();
  if (status.ok()) status = RemoveAllBut(old_.number);
  if (!status.ok()) return status;
  const absl::StatusOr<uint64_t> records = WriteRecords(source);
  if (!records.ok()) return records.status();
  status = MakeCurrent();
  if (!status.ok()) return status;
  // The next replacement removes what this one cannot.
  RemoveAllBut(new_.number).IgnoreError();
  return *records;
}

void EtcdReplacement::AddEmpty(etcdserverpb::TxnRequest* request) const {
  const std::string records = session_->keys().RecordsOf(old_.number);
  if (mode_ == ReplaceMode::kOnlyIfEmpty) {
    etcdserverpb::Compare* compare = request->add_compare();
    compare->set_target(etcdserverpb::Compare::VERSION);
    compare->set_key(records);
    compare->set_range_end(KeyAfterAll(records));
    compare->set_version(0);
  }
  session_->AddOnFailure(request);
  auto* range = request->add_failure()->mutable_request_range();
  range->set_key(records);
  range->set_range_end(KeyAfterAll(records));
  range->set_count_only(true);
}

void EtcdReplacement::AddCompares(etcdserverpb::TxnRequest* request) const {
  session_->AddCompare(old_, request);
  etcdserverpb::Compare* compare = request->add_compare();
  compare->set_target(etcdserverpb::Compare::MOD);
  compare->set_key(session_->keys().replacement());
  compare->set_mod_revision(begun_at_);
}

absl::Status EtcdReplacement::StatusOfFailure(
    const etcdserverpb::TxnResponse& response) const {
  const absl::StatusOr<bool> is_current =
      session_->Learn(old_, /*responses=*/2, response);
  if (!is_current.ok()) return is_current.status();
  if (*is_current && mode_ == ReplaceMode::kOnlyIfEmpty &&
      response.responses(1).response_range().count() > 0) {
    return absl::FailedPreconditionError("the storage has records already");
  }
  return absl::UnavailableError("etcd: another replacement has begun");
}

absl::Status EtcdReplacement::BeginIt() {
  absl::Status status;
  for (int i = 0; i < kEtcdAttemptsMax; ++i) {
    old_ = session_->generation();
    etcdserverpb::TxnRequest request;
    session_->AddCompare(old_, &request);
    AddEmpty(&request);
    request.add_success()->mutable_request_put()->set_key(
        session_->keys().replacement());
    etcdserverpb::TxnResponse response;
    const EtcdOutcome outcome = session_->client().Txn(request, &response);
    if (!outcome.ok()) return StatusOfStep(outcome);
    if (!response.succeeded()) {
      status = StatusOfFailure(response);
      if (!absl::IsUnavailable(status)) return status;
      continue;
    }
    status = session_->CheckCluster(old_, response.header());
    if (!status.ok()) return status;
    begun_at_ = response.header().revision();
    new_ = old_;
    new_.number = old_.RevisionOf(begun_at_);
    return absl::OkStatus();
  }
  return status;
}

absl::Status EtcdReplacement::RemoveAllBut(uint64_t generation) {
  const std::string kept = session_->keys().RecordsOf(generation);
  const std::string& all = session_->keys().records();
  absl::Status status = RemoveRange(all, kept);
  if (!status.ok()) return status;
  return RemoveRange(KeyAfterAll(kept), KeyAfterAll(all));
}

absl::Status EtcdReplacement::RemoveRange(const std::string& first,
                                          const std::string& end) {
  while (true) {
    etcdserverpb::RangeRequest range;
    range.set_key(first);
    range.set_range_end(end);
    range.set_limit(kRemoveChunk);
    range.set_keys_only(true);
    etcdserverpb::RangeResponse found;
    EtcdOutcome outcome = session_->client().Range(range, &found);
    if (!outcome.ok()) return StatusOfStep(outcome);
    if (found.kvs_size() == 0) return absl::OkStatus();

    etcdserverpb::TxnRequest request;
    // This object's put stays the last one until another replacement begins,
    // which then removes what this one would.
    etcdserverpb::Compare* compare = request.add_compare();
    compare->set_target(etcdserverpb::Compare::MOD);
    compare->set_key(session_->keys().replacement());
    compare->set_mod_revision(begun_at_);
    auto* remove = request.add_success()->mutable_request_delete_range();
    remove->set_key(first);
    remove->set_range_end(KeyAfter(found.kvs(found.kvs_size() - 1).key()));
    request.add_success()->mutable_request_put()->set_key(
        session_->keys().removal());
    etcdserverpb::TxnResponse response;
    outcome = session_->client().Txn(request, &response);
    if (!outcome.ok()) return StatusOfStep(outcome);
    if (!response.succeeded()) {
      return absl::UnavailableError("etcd: another replacement has begun");
    }
  }
}

absl::StatusOr<uint64_t> EtcdReplacement::WriteRecords(
    NamedRecordSource source) {
  const std::string records = session_->keys().RecordsOf(new_.number);
  etcdserverpb::TxnRequest chunk;
  size_t bytes = 0;
  uint64_t count = 0;
  while (const NamedRecord* record = source()) {
    std::string key =
        absl::StrCat(records, EncodeRecordKey(record->catalog, record->key));
    const size_t size = key.size() + record->value.size();
    if (chunk.success_size() == kWriteChunk ||
        (chunk.success_size() > 0 && bytes + size > kWriteChunkBytes)) {
      absl::Status status = WriteChunk(&chunk);
      if (!status.ok()) return status;
      bytes = 0;
    }
    auto* put = chunk.add_success()->mutable_request_put();
    put->set_key(std::move(key));
    put->set_value(record->value);
    bytes += size;
    ++count;
  }
  if (chunk.success_size() > 0) {
    absl::Status status = WriteChunk(&chunk);
    if (!status.ok()) return status;
  }
  return count;
}

absl::Status EtcdReplacement::WriteChunk(etcdserverpb::TxnRequest* chunk) {
  AddCompares(chunk);
  etcdserverpb::TxnResponse response;
  const EtcdOutcome outcome = session_->client().Txn(*chunk, &response);
  chunk->Clear();
  if (!outcome.ok()) return StatusOfStep(outcome);
  if (!response.succeeded()) {
    return absl::UnavailableError("etcd: another replacement has begun");
  }
  return absl::OkStatus();
}

absl::Status EtcdReplacement::MakeCurrent() {
  etcdserverpb::TxnRequest request;
  AddCompares(&request);
  AddEmpty(&request);
  auto* put = request.add_success()->mutable_request_put();
  put->set_key(session_->keys().generation());
  put->set_value(new_.Encode());
  etcdserverpb::TxnResponse response;
  const EtcdOutcome outcome = session_->client().Txn(request, &response);
  if (!outcome.ok()) return StatusOfWrite(outcome);
  if (!response.succeeded()) return StatusOfFailure(response);
  return session_->CheckCluster(old_, response.header());
}

}  // namespace glue_security
