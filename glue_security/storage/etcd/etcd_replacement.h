// EtcdReplacement: `ReplaceAll` of an EtcdStorage, in four steps, each of them
// guarded by transactions.
//
//   1. A put of `PREFIX/replacement` begins it. The revision of that put names
//      the new generation, and all later steps require that the key still has
//      it: of two replacements at once, the later one wins.
//   2. Records of generations that are not current are removed.
//   3. The new records are written, some of them in each transaction.
//   4. The record of the generation is put. That is the instant.
// Then the records of the old generation are removed; if that fails, the next
// replacement does it.

#ifndef GLUE_SECURITY_STORAGE_ETCD_ETCD_REPLACEMENT_H_
#define GLUE_SECURITY_STORAGE_ETCD_ETCD_REPLACEMENT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/storage/etcd/etcd_session.h"
#include "glue_security/storage/storage_maintenance.h"

namespace glue_security {

// One replacement. Not thread-safe; made for one call of `Run`.
class EtcdReplacement {
 public:
  // REQUIRES: `session` outlives this object.
  EtcdReplacement(EtcdSession* session, ReplaceMode mode);

  // Returns the number of records. Errors as those of `ReplaceAll`.
  absl::StatusOr<uint64_t> Run(NamedRecordSource source);

 private:
  // Each step changes nothing that a reader sees, but for the last one.
  absl::Status BeginIt();
  absl::Status RemoveAllBut(uint64_t generation);
  absl::Status RemoveRange(const std::string& first, const std::string& end);
  absl::StatusOr<uint64_t> WriteRecords(NamedRecordSource source);
  absl::Status WriteChunk(etcdserverpb::TxnRequest* chunk);
  absl::Status MakeCurrent();

  // Adds the conditions of all steps after the first.
  void AddCompares(etcdserverpb::TxnRequest* request) const;
  // Adds the condition that there are no records, if the mode asks for it, and
  // what finds out that there are.
  void AddEmpty(etcdserverpb::TxnRequest* request) const;
  // Returns why a transaction of these conditions has failed.
  absl::Status StatusOfFailure(const etcdserverpb::TxnResponse& response) const;

  EtcdSession* const session_;
  const ReplaceMode mode_;
  // The generation that is replaced, and the new one.
  EtcdGeneration old_;
  EtcdGeneration new_;
  // The revision of the put that began this replacement.
  int64_t begun_at_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_ETCD_ETCD_REPLACEMENT_H_
