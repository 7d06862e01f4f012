// OpenedEtcd: an EtcdStorage below a prefix of its own, for the suites: it can
// be opened again, and calls a hook before each request.

#ifndef GLUE_SECURITY_TESTS_STORAGE_ETCD_OPENED_ETCD_H_
#define GLUE_SECURITY_TESTS_STORAGE_ETCD_OPENED_ETCD_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "glue_security/storage/etcd/etcd_storage.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/testing/storage_suite/storage_target.h"

namespace glue_security {

class OpenedEtcd : public ForwardingStorage {
 public:
  using Endpoints = std::function<std::vector<std::string>()>;

  // Describes storages of a server to the suites, with the hooks that need
  // nothing of the server. Each storage has a new prefix.
  //
  // `arm` makes the next commit that reaches the server fail, in one of `ways`
  // ways; the last request before it is that of another storage.
  static StorageUnderTest Target(std::string name, Endpoints endpoints,
                                 int ways = 0,
                                 std::function<void(int way)> arm = {});

  // Returns a prefix that no other storage of this process has.
  static std::string NewPrefix();

  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override;

 private:
  // The hooks of the suites, which are set while the storage is open.
  struct Step {
    std::function<void()> call;
    std::function<void(int way)> arm;
    // The way in which the next commit fails; -1: it does not.
    std::atomic<int> way{-1};
  };

  OpenedEtcd(std::vector<std::string> endpoints, std::string prefix,
             std::shared_ptr<Step> step, std::unique_ptr<EtcdStorage> storage);

  static std::unique_ptr<Storage> Open(std::vector<std::string> endpoints,
                                       std::string prefix,
                                       std::function<void(int way)> arm);

  const std::vector<std::string> endpoints_;
  const std::string prefix_;
  const std::shared_ptr<Step> step_;
  const std::unique_ptr<EtcdStorage> storage_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_STORAGE_ETCD_OPENED_ETCD_H_
