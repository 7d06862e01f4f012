// EtcdChannels: a connection to each endpoint of a cluster, and which of them
// is used. It makes the choice that gRPC's own balancing cannot: it says
// whether a connection stood when a request began.

#ifndef GLUE_SECURITY_STORAGE_ETCD_ETCD_CHANNELS_H_
#define GLUE_SECURITY_STORAGE_ETCD_ETCD_CHANNELS_H_

#include <grpcpp/channel.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "glue_security/storage/etcd/etcd_options.h"
#include "glue_security/storage/etcd/proto/rpc.grpc.pb.h"

namespace glue_security {

// Thread-safe.
class EtcdChannels {
 public:
  // One endpoint.
  struct Endpoint {
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<etcdserverpb::KV::Stub> kv;
    std::unique_ptr<etcdserverpb::Maintenance::Stub> maintenance;
    std::unique_ptr<etcdserverpb::Auth::Stub> auth;
  };
  using TimePoint = std::chrono::system_clock::time_point;

  // Does not connect yet. REQUIRES: there is an endpoint.
  explicit EtcdChannels(const EtcdStorageOptions& options);

  size_t size() const { return endpoints_.size(); }
  const Endpoint& at(size_t place) const { return endpoints_[place]; }

  // Returns the place of an endpoint with a connection: the current one, or the
  // next one after it that has one. Waits for one until `deadline`. nullopt:
  // there was none.
  std::optional<size_t> Connected(TimePoint deadline);

  // Makes the endpoint after `place` the current one, if that is `place`.
  void Leave(size_t place);

 private:
  std::vector<Endpoint> endpoints_;
  std::atomic<size_t> current_{0};
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_ETCD_ETCD_CHANNELS_H_
