// The transactions that reads and batches become, and what their answers mean.
// Pure but for the requests that continue a long range.

#ifndef GLUE_SECURITY_STORAGE_ETCD_ETCD_REQUESTS_H_
#define GLUE_SECURITY_STORAGE_ETCD_ETCD_REQUESTS_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/etcd/etcd_session.h"
#include "glue_security/storage/etcd/proto/rpc.pb.h"

namespace glue_security {

// Returns the transaction that reads: the generation, then the keys, then the
// first chunk of the range.
etcdserverpb::TxnRequest RequestOf(const ReadSet& read_set,
                                   const EtcdSession& session,
                                   const EtcdGeneration& generation);

// Returns the transaction of a batch; nullopt when no state of the records can
// fulfil its preconditions. On failure it reads the generation.
std::optional<etcdserverpb::TxnRequest> RequestOf(
    const WriteBatch& batch, const EtcdSession& session,
    const EtcdGeneration& generation);

// The part of a range that was read so far.
class RangeInChunks {
 public:
  RangeInChunks(const CatalogKey& catalog, const RangeRead& range,
                const EtcdSession& session, const EtcdGeneration& generation);

  // Fills in the request for the next chunk, but not its revision.
  void FillNext(etcdserverpb::RangeRequest* request) const;

  // Takes a chunk. Returns false when the range ends with it.
  //
  // Errors: kDataLoss, a key is not one of a record.
  absl::StatusOr<bool> Take(const etcdserverpb::RangeResponse& chunk);

  RangeResult TakeResult();

 private:
  // Takes a record, if the bounds allow it. Returns false when they do not.
  bool TakeRecord(std::string id, const mvccpb::KeyValue& pair);

  const RangeRead& range_;
  const EtcdGeneration generation_;
  // The beginning of the keys of the kind, the first key that was not read, and
  // the one after all.
  std::string kind_;
  std::string next_;
  std::string end_;
  size_t bytes_ = 0;
  RangeResult result_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_ETCD_ETCD_REQUESTS_H_
