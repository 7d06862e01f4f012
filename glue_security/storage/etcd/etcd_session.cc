#include "glue_security/storage/etcd/etcd_session.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glue_security/storage/etcd/etcd_status.h"
#include "glue_security/storage/etcd/proto/generation.pb.h"

namespace glue_security {
namespace {

constexpr uint32_t kFormat = 1;
// More revisions than a cluster can have had since its last backup.
constexpr uint64_t kOffsetStep = uint64_t{1} << 32;

// Returns an offset of revisions that is greater than all revisions before it:
// the time in microseconds grows faster than a cluster commits, also when one
// backup is restored twice.
uint64_t NextOffset(uint64_t offset) {
  return std::max(offset + kOffsetStep,
                  static_cast<uint64_t>(
                      std::max<int64_t>(absl::ToUnixMicros(absl::Now()), 0)));
}

void AddRange(const std::string& key, etcdserverpb::RequestOp* operation) {
  operation->mutable_request_range()->set_key(key);
}

}  // namespace

std::optional<int64_t> EtcdGeneration::ModOf(Revision revision) const {
  if (revision <= revision_offset) return std::nullopt;
  const uint64_t mod = revision - revision_offset;
  if (mod > uint64_t{std::numeric_limits<int64_t>::max()}) return std::nullopt;
  return static_cast<int64_t>(mod);
}

std::string EtcdGeneration::Encode() const {
  etcd::Generation stored;
  stored.set_format(kFormat);
  stored.set_number(number);
  stored.set_revision_offset(revision_offset);
  stored.set_cluster_id(cluster_id);
  return stored.SerializeAsString();
}

absl::StatusOr<EtcdGeneration> EtcdGeneration::Decode(
    const etcdserverpb::RangeResponse& response) {
  if (response.kvs_size() != 1) {
    return absl::DataLossError("etcd: the record of the generation is gone");
  }
  etcd::Generation stored;
  if (!stored.ParseFromString(response.kvs(0).value()) ||
      stored.number() == 0) {
    return absl::DataLossError("etcd: the record of the generation is damaged");
  }
  if (stored.format() != kFormat) {
    return absl::DataLossError(
        absl::StrCat("etcd: the records have format ", stored.format(),
                     ", and this program knows format ", kFormat));
  }
  EtcdGeneration generation;
  generation.number = stored.number();
  generation.revision_offset = stored.revision_offset();
  generation.cluster_id = stored.cluster_id();
  generation.mod_revision = response.kvs(0).mod_revision();
  return generation;
}

bool HasStaleReads(absl::string_view version) {
  std::vector<int> parts;
  // A '-' begins the name of a version before its release.
  for (const absl::string_view text :
       absl::StrSplit(version.substr(0, version.find('-')), '.')) {
    int part = 0;
    if (!absl::SimpleAtoi(text, &part) || part < 0) return true;
    parts.push_back(part);
  }
  if (parts.size() != 3) return true;
  // The first fixed version of each minor one.
  const std::vector<std::vector<int>> fixed = {
      {3, 4, 42}, {3, 5, 28}, {3, 6, 9}};
  for (const std::vector<int>& first : fixed) {
    if (parts[0] == first[0] && parts[1] == first[1]) return parts < first;
  }
  return parts < fixed.back();
}

EtcdSession::EtcdSession(const EtcdStorageOptions& options)
    : options_(options), keys_(options.prefix), client_(options) {}

absl::StatusOr<std::unique_ptr<EtcdSession>> EtcdSession::Open(
    const EtcdStorageOptions& options) {
  if (options.endpoints.empty()) {
    return absl::InvalidArgumentError("etcd: there is no endpoint");
  }
  for (const std::string& endpoint : options.endpoints) {
    if (endpoint.empty()) {
      return absl::InvalidArgumentError("etcd: an endpoint is empty");
    }
  }
  if (options.call_timeout <= absl::ZeroDuration() ||
      options.call_timeout > absl::Hours(1)) {
    return absl::InvalidArgumentError(
        "etcd: the bound of a request is not above zero, or above an hour");
  }
  auto session = absl::WrapUnique(new EtcdSession(options));
  session->through_log_ = false;
  for (const auto& status : session->client_.Statuses()) {
    // A member that does not answer now may answer reads later.
    if (!status.has_value() || HasStaleReads(status->version())) {
      session->through_log_ = true;
    }
  }
  for (int i = 0; i < kEtcdAttemptsMax; ++i) {
    const absl::StatusOr<bool> found = session->FindGeneration();
    if (!found.ok()) return found.status();
    if (*found) return session;
  }
  return absl::UnavailableError("etcd: the generation changes all the time");
}

absl::StatusOr<bool> EtcdSession::FindGeneration() {
  etcdserverpb::TxnRequest request;
  AddRead(&request);
  AddLog(&request);
  etcdserverpb::TxnResponse response;
  const EtcdOutcome outcome = client_.Txn(request, &response);
  if (!outcome.ok()) return StatusOfRead(outcome);
  if (response.responses_size() != request.success_size()) {
    return absl::InternalError("etcd: the answer has another shape");
  }
  const auto& range = response.responses(0).response_range();
  const uint64_t cluster = response.header().cluster_id();
  if (range.kvs_size() == 0) {
    EtcdGeneration first;
    first.number = 1;
    first.cluster_id = cluster;
    return PutGeneration(first);
  }
  absl::StatusOr<EtcdGeneration> generation = EtcdGeneration::Decode(range);
  if (!generation.ok()) return generation.status();
  if (generation->cluster_id == cluster) {
    Keep(*generation);
    return true;
  }
  if (!options_.accept_other_cluster) {
    return absl::FailedPreconditionError(
        absl::StrCat("etcd: the records are of cluster ",
                     generation->cluster_id, ", and this is cluster ", cluster,
                     ": restored or copied records need accept_other_cluster"));
  }
  generation->cluster_id = cluster;
  generation->revision_offset = NextOffset(generation->revision_offset);
  return PutGeneration(*generation);
}

absl::StatusOr<bool> EtcdSession::PutGeneration(
    const EtcdGeneration& generation) {
  etcdserverpb::TxnRequest request;
  AddCompare(generation, &request);
  if (generation.mod_revision == 0) {
    // Records without the record of their generation are not empty.
    etcdserverpb::Compare* compare = request.add_compare();
    compare->set_target(etcdserverpb::Compare::VERSION);
    compare->set_key(keys_.records());
    compare->set_range_end(KeyAfterAll(keys_.records()));
    compare->set_version(0);
  }
  auto* put = request.add_success()->mutable_request_put();
  put->set_key(keys_.generation());
  put->set_value(generation.Encode());
  AddOnFailure(&request);
  etcdserverpb::TxnResponse response;
  const EtcdOutcome outcome = client_.Txn(request, &response);
  if (!outcome.ok()) {
    const absl::Status status = StatusOfWrite(outcome);
    // Whoever opens the storage again finds out what became of it.
    return absl::IsUnknown(status) || absl::IsDeadlineExceeded(status)
               ? absl::UnavailableError(status.message())
               : status;
  }
  if (!response.succeeded() && generation.mod_revision == 0 &&
      response.responses_size() == 1 &&
      response.responses(0).response_range().kvs_size() == 0) {
    return absl::DataLossError(
        "etcd: there are records, and the record of their generation is gone");
  }
  return false;
}

EtcdGeneration EtcdSession::generation() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return generation_;
}

void EtcdSession::Keep(const EtcdGeneration& generation) {
  const std::lock_guard<std::mutex> lock(mutex_);
  // Answers of several threads may come in any order.
  if (generation.mod_revision > generation_.mod_revision) {
    generation_ = generation;
  }
}

void EtcdSession::AddRead(etcdserverpb::TxnRequest* request) const {
  AddRange(keys_.generation(), request->add_success());
}

void EtcdSession::AddLog(etcdserverpb::TxnRequest* request) const {
  if (!through_log_) return;
  // A transaction that may write is ordered by the log, also when it writes
  // nothing.
  request->add_success()->mutable_request_delete_range()->set_key(
      keys_.never());
}

void EtcdSession::AddOnFailure(etcdserverpb::TxnRequest* request) const {
  AddRange(keys_.generation(), request->add_failure());
}

void EtcdSession::AddCompare(const EtcdGeneration& generation,
                             etcdserverpb::TxnRequest* request) const {
  etcdserverpb::Compare* compare = request->add_compare();
  compare->set_target(etcdserverpb::Compare::MOD);
  compare->set_key(keys_.generation());
  compare->set_mod_revision(generation.mod_revision);
}

absl::StatusOr<bool> EtcdSession::Learn(
    const EtcdGeneration& expected, int responses,
    const etcdserverpb::TxnResponse& response) {
  absl::Status cluster = CheckCluster(expected, response.header());
  if (!cluster.ok()) return cluster;
  if (response.responses_size() != responses) {
    return absl::InternalError("etcd: the answer has another shape");
  }
  const auto& range = response.responses(0).response_range();
  if (range.kvs_size() == 1 &&
      range.kvs(0).mod_revision() == expected.mod_revision) {
    return true;
  }
  const absl::StatusOr<EtcdGeneration> generation =
      EtcdGeneration::Decode(range);
  if (!generation.ok()) return generation.status();
  Keep(*generation);
  return false;
}

absl::Status EtcdSession::CheckCluster(
    const EtcdGeneration& expected,
    const etcdserverpb::ResponseHeader& header) const {
  if (header.cluster_id() == expected.cluster_id) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(
      "etcd: cluster ", header.cluster_id(), " has answered, and the records",
      " are of cluster ", expected.cluster_id, ": open the storage again"));
}

}  // namespace glue_security
