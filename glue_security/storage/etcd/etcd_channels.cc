#include "glue_security/storage/etcd/etcd_channels.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"

namespace glue_security {
namespace {

// The time for which one endpoint is watched while none has a connection.
constexpr std::chrono::milliseconds kWatch{20};

grpc::ChannelArguments Arguments() {
  grpc::ChannelArguments arguments;
  // A transaction that is sent again would answer conflict though it applied.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // A page of records may be larger than gRPC's default, 4 MiB.
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetMaxSendMessageSize(-1);
  // Finds connections that are dead without a word. etcd refuses more than one
  // ping in five seconds.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

std::shared_ptr<grpc::ChannelCredentials> CredentialsOf(
    const EtcdStorageOptions& options) {
  if (!options.tls.has_value()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = options.tls->authorities;
  tls.pem_cert_chain = options.tls->certificate;
  tls.pem_private_key = std::string(options.tls->key.view());
  return grpc::SslCredentials(tls);
}

}  // namespace

EtcdChannels::EtcdChannels(const EtcdStorageOptions& options) {
  const grpc::ChannelArguments arguments = Arguments();
  const auto credentials = CredentialsOf(options);
  for (const std::string& address : options.endpoints) {
    Endpoint endpoint;
    endpoint.channel = grpc::CreateCustomChannel(
        absl::StrCat("dns:///", address), credentials, arguments);
    endpoint.kv = etcdserverpb::KV::NewStub(endpoint.channel);
    endpoint.maintenance = etcdserverpb::Maintenance::NewStub(endpoint.channel);
    endpoint.auth = etcdserverpb::Auth::NewStub(endpoint.channel);
    endpoints_.push_back(std::move(endpoint));
  }
}

std::optional<size_t> EtcdChannels::Connected(TimePoint deadline) {
  for (size_t watched = 0;; ++watched) {
    const size_t first = current_.load();
    for (size_t i = 0; i < size(); ++i) {
      const size_t place = (first + i) % size();
      if (endpoints_[place].channel->GetState(/*try_to_connect=*/true) ==
          GRPC_CHANNEL_READY) {
        size_t expected = first;
        if (i > 0) current_.compare_exchange_strong(expected, place);
        return place;
      }
    }
    const auto now = std::chrono::system_clock::now();
    if (now >= deadline) return std::nullopt;
    grpc::Channel& channel = *endpoints_[watched % size()].channel;
    const grpc_connectivity_state state = channel.GetState(false);
    if (state == GRPC_CHANNEL_READY) continue;
    channel.WaitForStateChange(state, std::min(deadline, now + kWatch));
  }
}

void EtcdChannels::Leave(size_t place) {
  size_t expected = place;
  current_.compare_exchange_strong(expected, (place + 1) % size());
}

}  // namespace glue_security
