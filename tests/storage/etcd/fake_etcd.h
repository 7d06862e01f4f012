// FakeEtcd: a server in this process that speaks the part of etcd's protocol
// that EtcdStorage uses, over a map with history. It can be told to fail.

#ifndef GLUE_SECURITY_TESTS_STORAGE_ETCD_FAKE_ETCD_H_
#define GLUE_SECURITY_TESTS_STORAGE_ETCD_FAKE_ETCD_H_

#include <grpcpp/server.h>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "glue_security/storage/etcd/proto/rpc.grpc.pb.h"

namespace glue_security {

// The fate of a transaction that writes.
enum class FakeFate {
  kRefuse,        // RESOURCE_EXHAUSTED, not applied
  kTooLarge,      // INVALID_ARGUMENT, not applied
  kForbid,        // PERMISSION_DENIED, not applied
  kCorrupt,       // DATA_LOSS, not applied
  kDropBefore,    // UNAVAILABLE, not applied
  kLoseAnswer,    // UNAVAILABLE, applied
  kNoSpaceAfter,  // RESOURCE_EXHAUSTED of the quota, applied
  kHoldBack,      // DEADLINE_EXCEEDED, applied by `Settle`
  kCutBefore,     // all connections end, not applied
  kCutAfter,      // all connections end, applied
};
constexpr int kFakeFates = 10;

class FakeEtcd {
 public:
  // Listens on a free port of the loopback.
  FakeEtcd();
  ~FakeEtcd();
  FakeEtcd(const FakeEtcd&) = delete;
  FakeEtcd& operator=(const FakeEtcd&) = delete;

  // "127.0.0.1:PORT".
  std::string endpoint() const;

  // Decides the fate of the next transaction that puts a record.
  void FailNextWrite(FakeFate fate);
  // Applies what is held back, and waits until cut connections are open again.
  void Settle();
  // Ends all connections, and listens again.
  void Cut();

  // The version that the member says it has.
  void set_version(std::string version);
  void set_cluster_id(uint64_t id);
  // From now on each request compacts the history before the newest revision,
  // `times` times.
  void CompactDuringReads(int times);
  // Answers the next `times` chunks with `status`.
  void FailNextRanges(grpc::Status status, int times);

  // The number of transactions, and of those that could write.
  int64_t transactions() const;
  int64_t writing_transactions() const;
  int64_t ranges() const;
  int64_t revision() const;
  // The keys that are there, and the puts of other clients.
  std::vector<std::string> Keys() const;
  void Put(const std::string& key, const std::string& value);
  void Remove(const std::string& key);

  // All that a backup has.
  struct Backup;
  std::shared_ptr<const Backup> Save() const;
  // Restores a backup, as into a cluster with another id.
  void Restore(const Backup& backup, uint64_t cluster_id);

 private:
  class Store;
  class KvService;
  class MaintenanceService;

  void Listen(int port);

  const std::unique_ptr<Store> store_;
  const std::unique_ptr<KvService> kv_;
  const std::unique_ptr<MaintenanceService> maintenance_;
  int port_ = 0;
  std::mutex server_mutex_;
  std::unique_ptr<grpc::Server> server_;
  // Ends the connections for a transaction that waits for that.
  std::vector<std::thread> cutters_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_STORAGE_ETCD_FAKE_ETCD_H_
