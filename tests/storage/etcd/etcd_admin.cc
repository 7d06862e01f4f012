#include "tests/storage/etcd/etcd_admin.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/impl/client_unary_call.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/impl/rpc_method.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <chrono>
#include <thread>
#include <utility>

#include "tests/storage/etcd/etcd_admin.pb.h"

namespace glue_security {
namespace {

std::shared_ptr<grpc::Channel> Connect(const std::string& endpoint) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(
      "dns:///" + endpoint, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace

EtcdAdmin::EtcdAdmin(const std::string& endpoint)
    : channel_(Connect(endpoint)) {}

template <typename Request, typename Response>
grpc::Status EtcdAdmin::Call(const char* method, const Request& request,
                             Response* response, grpc::StatusCode applied) {
  const auto end = std::chrono::system_clock::now() + std::chrono::seconds(60);
  for (bool is_first = true;; is_first = false) {
    grpc::ClientContext context;
    context.set_wait_for_ready(true);
    context.set_deadline(end);
    const grpc::Status status =
        grpc::internal::BlockingUnaryCall<Request, Response>(
            channel_.get(),
            grpc::internal::RpcMethod(method,
                                      grpc::internal::RpcMethod::NORMAL_RPC),
            &context, request, response);
    if (!is_first && status.error_code() == applied) return grpc::Status::OK;
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE ||
        std::chrono::system_clock::now() > end) {
      return status;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

grpc::Status EtcdAdmin::WaitUntilReady() {
  etcdserverpb::RangeRequest request;
  request.set_key("ready");
  grpc::Status status;
  // Each attempt waits at the member for a leader.
  for (int i = 0; i < 100; ++i) {
    etcdserverpb::RangeResponse response;
    status = Call("/etcdserverpb.KV/Range", request, &response);
    if (status.ok()) break;
  }
  return status;
}

grpc::Status EtcdAdmin::Status(etcdserverpb::StatusResponse* response) {
  return Call("/etcdserverpb.Maintenance/Status", etcdserverpb::StatusRequest(),
              response);
}

int64_t EtcdAdmin::Revision() {
  etcdserverpb::StatusResponse response;
  return Status(&response).ok() ? response.header().revision() : 0;
}

grpc::Status EtcdAdmin::Compact(int64_t revision) {
  etcd_admin::CompactionRequest request;
  request.set_revision(revision);
  request.set_physical(true);
  etcd_admin::Empty response;
  return Call("/etcdserverpb.KV/Compact", request, &response,
              grpc::StatusCode::OUT_OF_RANGE);
}

grpc::Status EtcdAdmin::Defragment() {
  etcd_admin::Empty response;
  return Call("/etcdserverpb.Maintenance/Defragment", etcd_admin::Empty(),
              &response);
}

grpc::Status EtcdAdmin::ClearNoSpace(uint64_t member) {
  etcd_admin::AlarmRequest request;
  request.set_action(2);
  request.set_member_id(member);
  request.set_alarm(1);
  etcd_admin::Empty response;
  return Call("/etcdserverpb.Maintenance/Alarm", request, &response);
}

grpc::Status EtcdAdmin::AddMember(const std::string& peer_url) {
  etcd_admin::MemberAddRequest request;
  request.add_peer_urls(peer_url);
  etcd_admin::Empty response;
  return Call("/etcdserverpb.Cluster/MemberAdd", request, &response,
              grpc::StatusCode::FAILED_PRECONDITION);
}

grpc::Status EtcdAdmin::RequireUser(const std::string& password) {
  etcd_admin::Empty response;
  etcd_admin::UserAddRequest user;
  user.set_name("root");
  user.set_password(password);
  grpc::Status status = Call("/etcdserverpb.Auth/UserAdd", user, &response);
  if (!status.ok()) return status;
  etcd_admin::RoleAddRequest role;
  role.set_name("root");
  status = Call("/etcdserverpb.Auth/RoleAdd", role, &response);
  if (!status.ok()) return status;
  etcd_admin::UserGrantRoleRequest grant;
  grant.set_user("root");
  grant.set_role("root");
  status = Call("/etcdserverpb.Auth/UserGrantRole", grant, &response);
  if (!status.ok()) return status;
  return Call("/etcdserverpb.Auth/AuthEnable", etcd_admin::Empty(), &response);
}

}  // namespace glue_security
