// Requests of an administrator to one member of etcd. They are made again, for
// a minute at most, while the cluster has no leader or thinks itself unhealthy:
// on a loaded machine either may happen at any time.

#ifndef GLUE_SECURITY_TESTS_STORAGE_ETCD_ETCD_ADMIN_H_
#define GLUE_SECURITY_TESTS_STORAGE_ETCD_ETCD_ADMIN_H_

#include <grpcpp/channel.h>
#include <grpcpp/support/status.h>

#include <cstdint>
#include <memory>
#include <string>

#include "glue_security/storage/etcd/proto/rpc.pb.h"

namespace glue_security {

class EtcdAdmin {
 public:
  explicit EtcdAdmin(const std::string& endpoint);
  explicit EtcdAdmin(std::shared_ptr<grpc::Channel> channel)
      : channel_(std::move(channel)) {}

  // Waits until the member answers reads that the cluster agrees on.
  grpc::Status WaitUntilReady();

  grpc::Status Status(etcdserverpb::StatusResponse* response);
  // Returns the newest revision, by the word of this member; 0: no answer.
  int64_t Revision();
  grpc::Status Compact(int64_t revision);
  grpc::Status Defragment();
  // Clears the alarm that a member has no space.
  grpc::Status ClearNoSpace(uint64_t member);
  grpc::Status AddMember(const std::string& peer_url);
  // Makes the user root with all rights, and asks for users from now on.
  grpc::Status RequireUser(const std::string& password);

 private:
  // An attempt after the first that fails with `applied` means that an earlier
  // one was applied.
  template <typename Request, typename Response>
  grpc::Status Call(const char* method, const Request& request,
                    Response* response,
                    grpc::StatusCode applied = grpc::StatusCode::OK);

  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_STORAGE_ETCD_ETCD_ADMIN_H_
