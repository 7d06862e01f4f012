// EtcdSession: what the parts of an EtcdStorage share: the client, the keys,
// and the generation of records that is current.
//
// Each request of a storage reads or compares the record `PREFIX/generation`
// (generation.proto). So a replacement of all records takes effect in one
// instant, when that record is put.

#ifndef GLUE_SECURITY_STORAGE_ETCD_ETCD_SESSION_H_
#define GLUE_SECURITY_STORAGE_ETCD_ETCD_SESSION_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/etcd/etcd_client.h"
#include "glue_security/storage/etcd/etcd_keys.h"
#include "glue_security/storage/etcd/etcd_options.h"
#include "glue_security/storage/etcd/proto/rpc.pb.h"

namespace glue_security {

// The attempts of a step that other clients, or a compaction, may disturb.
inline constexpr int kEtcdAttemptsMax = 16;

// A state of the record `PREFIX/generation`.
struct EtcdGeneration {
  uint64_t number = 0;
  uint64_t revision_offset = 0;
  uint64_t cluster_id = 0;
  // The revision of etcd at which the record was put.
  int64_t mod_revision = 0;

  // Returns the revision of a record, as storage.h has it.
  Revision RevisionOf(int64_t mod) const {
    return revision_offset + static_cast<uint64_t>(mod);
  }
  // Returns the revision of etcd; nullopt when no record can have `revision`.
  std::optional<int64_t> ModOf(Revision revision) const;

  // Returns the value of the record, and the state that a record has.
  std::string Encode() const;
  // Errors: kDataLoss, it is not one, or of a newer format.
  static absl::StatusOr<EtcdGeneration> Decode(
      const etcdserverpb::RangeResponse& response);
};

// Returns true when reads of a member of `version` may be stale although they
// are linearizable by etcd's word: before 3.4.42, 3.5.28 and 3.6.9 they are,
// when the member was paused. Also true for what is not a version.
bool HasStaleReads(absl::string_view version);

// Thread-safe.
class EtcdSession {
 public:
  // Asks the members for their versions, and reads or creates the record of the
  // generation. Errors as those of `EtcdStorage::Open`.
  static absl::StatusOr<std::unique_ptr<EtcdSession>> Open(
      const EtcdStorageOptions& options);

  EtcdClient& client() { return client_; }
  const EtcdKeys& keys() const { return keys_; }
  const EtcdStorageOptions& options() const { return options_; }

  // Returns the newest generation that was seen.
  EtcdGeneration generation() const;

  // Adds the operation that reads the generation: of a success, as the first
  // one, or of a failure.
  void AddRead(etcdserverpb::TxnRequest* request) const;
  void AddOnFailure(etcdserverpb::TxnRequest* request) const;
  // Adds to a transaction that only reads, as the last operation, what sends it
  // through the log, if reads of this cluster may be stale.
  void AddLog(etcdserverpb::TxnRequest* request) const;
  // Adds the condition that `generation` is current.
  void AddCompare(const EtcdGeneration& generation,
                  etcdserverpb::TxnRequest* request) const;

  // Takes note of the generation in the first response of `response`. Returns
  // true when it is `expected`.
  //
  // Errors: kUnavailable, another cluster has answered; kDataLoss, the record
  // is gone or damaged; kInternal, the answer has not `responses` responses.
  // REQUIRES: responses >= 1.
  absl::StatusOr<bool> Learn(const EtcdGeneration& expected, int responses,
                             const etcdserverpb::TxnResponse& response);
  // Returns an error when another cluster has answered.
  absl::Status CheckCluster(const EtcdGeneration& expected,
                            const etcdserverpb::ResponseHeader& header) const;

 private:
  explicit EtcdSession(const EtcdStorageOptions& options);

  // One attempt of `Open`. False: to be made again.
  absl::StatusOr<bool> FindGeneration();
  absl::StatusOr<bool> PutGeneration(const EtcdGeneration& generation);
  void Keep(const EtcdGeneration& generation);

  const EtcdStorageOptions options_;
  const EtcdKeys keys_;
  EtcdClient client_;
  // Set by `Open` only.
  bool through_log_ = true;

  mutable std::mutex mutex_;
  EtcdGeneration generation_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_ETCD_ETCD_SESSION_H_
