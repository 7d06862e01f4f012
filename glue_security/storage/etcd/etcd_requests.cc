#include "glue_security/storage/etcd/etcd_requests.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "glue_security/storage/etcd/etcd_keys.h"
#include "glue_security/storage/key_encoding.h"

namespace glue_security {
namespace {

// The records of a chunk. A range may end after few bytes, which etcd cannot
// be asked for.
constexpr size_t kChunkRecords = 64;

// The operations of one list that etcd takes, less those of the lists around
// it.
constexpr int kOperationsMax = 128;

// Puts operations that are too many for one list into lists within it. They are
// still applied together: lists without conditions are made always.
void Nest(etcdserverpb::TxnRequest* request) {
  if (request->success_size() <= kOperationsMax) return;
  google::protobuf::RepeatedPtrField<etcdserverpb::RequestOp> all;
  all.Swap(request->mutable_success());
  // As many lists as each of them has operations, but for those that the
  // conditions take away.
  const int list_max = std::max(
      1,
      std::min(kOperationsMax / 2, kOperationsMax - request->compare_size()));
  etcdserverpb::TxnRequest* list = nullptr;
  for (etcdserverpb::RequestOp& operation : all) {
    if (list == nullptr || list->success_size() == list_max) {
      list = request->add_success()->mutable_request_txn();
    }
    list->add_success()->Swap(&operation);
  }
}

// Returns the id in a record's key, whose part before the id is `kind`; nullopt
// when it is not one.
std::optional<std::string> IdOf(absl::string_view key, absl::string_view kind) {
  // The id ends with 00 01; a NUL in it is 00 FF.
  absl::string_view encoded = key.substr(kind.size());
  if (!absl::ConsumeSuffix(&encoded, absl::string_view("\0\1", 2))) {
    return std::nullopt;
  }
  std::string id;
  id.reserve(encoded.size());
  for (size_t i = 0; i < encoded.size(); ++i) {
    id.push_back(encoded[i]);
    if (encoded[i] != '\0') continue;
    if (++i == encoded.size() || encoded[i] != '\xFF') return std::nullopt;
  }
  return id;
}

}  // namespace

etcdserverpb::TxnRequest RequestOf(const ReadSet& read_set,
                                   const EtcdSession& session,
                                   const EtcdGeneration& generation) {
  etcdserverpb::TxnRequest request;
  const std::string records = session.keys().RecordsOf(generation.number);
  session.AddRead(&request);
  for (const RecordKey& key : read_set.keys) {
    request.add_success()->mutable_request_range()->set_key(
        absl::StrCat(records, EncodeRecordKey(read_set.catalog, key)));
  }
  if (read_set.range.has_value()) {
    RangeInChunks(read_set.catalog, *read_set.range, session, generation)
        .FillNext(request.add_success()->mutable_request_range());
  }
  session.AddLog(&request);
  return request;
}

std::optional<etcdserverpb::TxnRequest> RequestOf(
    const WriteBatch& batch, const EtcdSession& session,
    const EtcdGeneration& generation) {
  etcdserverpb::TxnRequest request;
  const std::string records = session.keys().RecordsOf(generation.number);
  const auto key_of = [&](const RecordKey& key) {
    return absl::StrCat(records, EncodeRecordKey(batch.catalog, key));
  };
  session.AddCompare(generation, &request);
  for (const Precondition& precondition : batch.preconditions) {
    int64_t mod = 0;  // That of a key which is not there.
    if (precondition.revision.has_value()) {
      const std::optional<int64_t> exact =
          generation.ModOf(*precondition.revision);
      if (!exact.has_value()) return std::nullopt;
      mod = *exact;
    }
    etcdserverpb::Compare* compare = request.add_compare();
    compare->set_target(etcdserverpb::Compare::MOD);
    compare->set_key(key_of(precondition.key));
    compare->set_mod_revision(mod);
  }
  // A transaction ends with a put: etcd forgets the newest revision when it is
  // only that of a removal, is compacted, and the member starts again. It would
  // then give it a second time.
  bool puts = false;
  for (const Mutation& mutation : batch.mutations) {
    if (mutation.value.has_value()) {
      puts = true;
      continue;
    }
    request.add_success()->mutable_request_delete_range()->set_key(
        key_of(mutation.key));
  }
  for (const Mutation& mutation : batch.mutations) {
    if (!mutation.value.has_value()) continue;
    auto* put = request.add_success()->mutable_request_put();
    put->set_key(key_of(mutation.key));
    put->set_value(*mutation.value);
  }
  if (!puts && !batch.mutations.empty()) {
    request.add_success()->mutable_request_put()->set_key(
        session.keys().removal());
  }
  Nest(&request);
  session.AddOnFailure(&request);
  return request;
}

RangeInChunks::RangeInChunks(const CatalogKey& catalog, const RangeRead& range,
                             const EtcdSession& session,
                             const EtcdGeneration& generation)
    : range_(range),
      generation_(generation),
      kind_(absl::StrCat(session.keys().RecordsOf(generation.number),
                         EncodeKindPrefix(catalog, range.kind))),
      next_(kind_),
      end_(KeyAfterAll(kind_)) {
  if (!range.after.has_value()) return;
  next_ = KeyAfter(
      absl::StrCat(session.keys().RecordsOf(generation.number),
                   EncodeRecordKey(catalog, {range.kind, *range.after})));
}

void RangeInChunks::FillNext(etcdserverpb::RangeRequest* request) const {
  request->set_key(next_);
  request->set_range_end(end_);
  const size_t left =
      std::max<size_t>(range_.records_max, 1) - result_.records.size();
  request->set_limit(static_cast<int64_t>(std::min(left, kChunkRecords)));
}

bool RangeInChunks::TakeRecord(std::string id, const mvccpb::KeyValue& pair) {
  const size_t size = id.size() + pair.value().size();
  // The first record is returned whatever its size.
  if (!result_.records.empty() &&
      (bytes_ > range_.bytes_max || size > range_.bytes_max - bytes_)) {
    return false;
  }
  bytes_ += size;
  result_.records.push_back({std::move(id),
                             generation_.RevisionOf(pair.mod_revision()),
                             pair.value()});
  return true;
}

absl::StatusOr<bool> RangeInChunks::Take(
    const etcdserverpb::RangeResponse& chunk) {
  for (const mvccpb::KeyValue& pair : chunk.kvs()) {
    std::optional<std::string> id = IdOf(pair.key(), kind_);
    if (!id.has_value()) {
      return absl::DataLossError("etcd: a key is not one of a record");
    }
    if (!TakeRecord(*std::move(id), pair)) {
      result_.more = true;
      return false;
    }
  }
  result_.more = chunk.more();
  if (!chunk.more() || chunk.kvs_size() == 0) return false;
  next_ = KeyAfter(chunk.kvs(chunk.kvs_size() - 1).key());
  return result_.records.size() < range_.records_max;
}

RangeResult RangeInChunks::TakeResult() { return std::move(result_); }

}  // namespace glue_security
