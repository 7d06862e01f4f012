#include "glue_security/storage/etcd/etcd_maintenance.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "glue_security/storage/etcd/etcd_keys.h"
#include "glue_security/storage/etcd/etcd_status.h"
#include "glue_security/storage/key_encoding.h"

namespace glue_security {
namespace {

constexpr int64_t kVisitChunk = 64;

// The first chunk of a visit.
struct Begin {
  EtcdGeneration generation;
  int64_t revision = 0;
  etcdserverpb::RangeResponse chunk;
};

absl::StatusOr<Begin> BeginVisit(EtcdSession* session) {
  for (int i = 0; i < kEtcdAttemptsMax; ++i) {
    const EtcdGeneration generation = session->generation();
    const std::string records = session->keys().RecordsOf(generation.number);
    etcdserverpb::TxnRequest request;
    session->AddRead(&request);
    auto* range = request.add_success()->mutable_request_range();
    range->set_key(records);
    range->set_range_end(KeyAfterAll(records));
    range->set_limit(kVisitChunk);
    session->AddLog(&request);
    etcdserverpb::TxnResponse response;
    const EtcdOutcome outcome = session->client().Txn(request, &response);
    if (!outcome.ok()) return StatusOfRead(outcome);
    const absl::StatusOr<bool> is_current =
        session->Learn(generation, request.success_size(), response);
    if (!is_current.ok()) return is_current.status();
    if (*is_current) {
      return Begin{
          generation, response.header().revision(),
          std::move(*response.mutable_responses(1)->mutable_response_range())};
    }
  }
  return absl::UnavailableError("etcd: the generation changes all the time");
}

}  // namespace

absl::Status VisitEtcd(EtcdSession* session, NamedRecordVisitor visitor,
                       absl::FunctionRef<absl::Status()> problem) {
  absl::StatusOr<Begin> begin = BeginVisit(session);
  if (!begin.ok()) return begin.status();
  const std::string records =
      session->keys().RecordsOf(begin->generation.number);
  etcdserverpb::RangeResponse chunk = std::move(begin->chunk);
  while (true) {
    for (mvccpb::KeyValue& pair : *chunk.mutable_kvs()) {
      std::optional<DecodedRecordKey> name =
          DecodeRecordKey(absl::string_view(pair.key()).substr(records.size()));
      absl::Status status;
      if (!name.has_value()) {
        status = problem();
      } else {
        status = visitor({std::move(name->catalog), std::move(name->key),
                          begin->generation.RevisionOf(pair.mod_revision()),
                          std::move(*pair.mutable_value())});
      }
      if (!status.ok()) return status;
    }
    if (!chunk.more() || chunk.kvs_size() == 0) return absl::OkStatus();
    etcdserverpb::RangeRequest request;
    request.set_key(KeyAfter(chunk.kvs(chunk.kvs_size() - 1).key()));
    request.set_range_end(KeyAfterAll(records));
    request.set_limit(kVisitChunk);
    request.set_revision(begin->revision);
    chunk.Clear();
    const EtcdOutcome outcome = session->client().Range(request, &chunk);
    if (!outcome.ok()) return StatusOfRead(outcome);
    absl::Status cluster =
        session->CheckCluster(begin->generation, chunk.header());
    if (!cluster.ok()) return cluster;
  }
}

absl::StatusOr<StorageStats> StatsOfEtcd(EtcdSession* session) {
  RecordCounter counter;
  const absl::Status visited = VisitEtcd(
      session,
      [&](const NamedRecord& record) {
        counter.Add(record);
        return absl::OkStatus();
      },
      [] { return absl::OkStatus(); });
  if (!visited.ok()) return visited;

  StorageStats stats = counter.stats();
  const EtcdGeneration generation = session->generation();
  const std::string current = session->keys().RecordsOf(generation.number);
  etcdserverpb::TxnRequest request;
  for (const std::string& beginning : {session->keys().records(), current}) {
    auto* range = request.add_success()->mutable_request_range();
    range->set_key(beginning);
    range->set_range_end(KeyAfterAll(beginning));
    range->set_count_only(true);
  }
  etcdserverpb::TxnResponse response;
  const EtcdOutcome outcome = session->client().Txn(request, &response);
  if (!outcome.ok()) return StatusOfRead(outcome);
  if (response.responses_size() != request.success_size()) {
    return absl::InternalError("etcd: the answer has another shape");
  }
  stats.details.emplace_back("generation", absl::StrCat(generation.number));
  stats.details.emplace_back(
      "left_over_records",
      absl::StrCat(response.responses(0).response_range().count() -
                   response.responses(1).response_range().count()));

  std::vector<std::string> members;
  int64_t bytes = 0;
  for (const auto& status : session->client().Statuses()) {
    members.push_back(status.has_value() ? status->version() : "no answer");
    if (status.has_value()) bytes = std::max(bytes, int64_t{status->dbsize()});
  }
  stats.details.emplace_back("members", absl::StrJoin(members, ", "));
  stats.details.emplace_back("database_bytes", absl::StrCat(bytes));
  return stats;
}

}  // namespace glue_security
