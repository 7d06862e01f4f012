// EtcdClient: requests to a cluster, each made once, within a bound of time and
// with the session of the user. It knows nothing of records.

#ifndef GLUE_SECURITY_STORAGE_ETCD_ETCD_CLIENT_H_
#define GLUE_SECURITY_STORAGE_ETCD_ETCD_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "glue_security/storage/etcd/etcd_channels.h"
#include "glue_security/storage/etcd/etcd_options.h"
#include "glue_security/storage/etcd/etcd_status.h"
#include "glue_security/storage/etcd/proto/rpc.pb.h"

namespace glue_security {

// Thread-safe.
class EtcdClient {
 public:
  // REQUIRES: there is an endpoint.
  explicit EtcdClient(EtcdStorageOptions options);

  EtcdOutcome Range(const etcdserverpb::RangeRequest& request,
                    etcdserverpb::RangeResponse* response);
  EtcdOutcome Txn(const etcdserverpb::TxnRequest& request,
                  etcdserverpb::TxnResponse* response);

  // Asks all members at once. nullopt: that one does not answer.
  std::vector<std::optional<etcdserverpb::StatusResponse>> Statuses();

 private:
  using TimePoint = std::chrono::system_clock::time_point;

  template <typename Send>
  EtcdOutcome Make(Send send);
  // Returns the session's token, of a new session where that is due.
  EtcdOutcome Session(size_t place, TimePoint deadline, std::string* token);
  void EndSession(const std::string& token);

  const EtcdStorageOptions options_;
  EtcdChannels channels_;

  // Guards the session. Held while one is begun, so that this is done once.
  std::mutex mutex_;
  // Empty: there is none.
  std::string token_;
  std::chrono::steady_clock::time_point token_since_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_ETCD_ETCD_CLIENT_H_
