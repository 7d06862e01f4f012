#include "glue_security/storage/etcd/etcd_client.h"

#include <grpcpp/client_context.h>

#include <future>
#include <utility>

#include "absl/time/time.h"

namespace glue_security {
namespace {

// etcd ends a session five minutes after its last request, or, by a setting,
// after its begin.
constexpr std::chrono::seconds kSessionAgeMax{60};

std::chrono::system_clock::time_point DeadlineOf(
    const EtcdStorageOptions& options) {
  return std::chrono::system_clock::now() +
         absl::ToChronoMicroseconds(options.call_timeout);
}

}  // namespace

EtcdClient::EtcdClient(EtcdStorageOptions options)
    : options_(std::move(options)), channels_(options_) {}

template <typename Send>
EtcdOutcome EtcdClient::Make(Send send) {
  if (options_.before_request) options_.before_request();
  const TimePoint deadline = DeadlineOf(options_);
  const std::optional<size_t> place = channels_.Connected(deadline);
  if (!place.has_value()) {
    return {false, {grpc::StatusCode::UNAVAILABLE, "no endpoint is connected"}};
  }
  std::string token;
  if (options_.user.has_value()) {
    EtcdOutcome session = Session(*place, deadline, &token);
    if (!session.ok()) return session;
  }
  grpc::ClientContext context;
  context.set_deadline(deadline);
  if (!token.empty()) context.AddMetadata("token", token);
  EtcdOutcome outcome{true, send(channels_.at(*place), &context)};
  switch (outcome.status.error_code()) {
    // Another member may have a leader when this one has none.
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      channels_.Leave(*place);
      break;
    default:
      if (IsAboutUser(outcome)) EndSession(token);
  }
  return outcome;
}

EtcdOutcome EtcdClient::Range(const etcdserverpb::RangeRequest& request,
                              etcdserverpb::RangeResponse* response) {
  return Make([&](const EtcdChannels::Endpoint& endpoint,
                  grpc::ClientContext* context) {
    return endpoint.kv->Range(context, request, response);
  });
}

EtcdOutcome EtcdClient::Txn(const etcdserverpb::TxnRequest& request,
                            etcdserverpb::TxnResponse* response) {
  return Make([&](const EtcdChannels::Endpoint& endpoint,
                  grpc::ClientContext* context) {
    return endpoint.kv->Txn(context, request, response);
  });
}

std::vector<std::optional<etcdserverpb::StatusResponse>>
EtcdClient::Statuses() {
  const TimePoint deadline = DeadlineOf(options_);
  const auto ask =
      [&](size_t place) -> std::optional<etcdserverpb::StatusResponse> {
    grpc::ClientContext context;
    context.set_deadline(deadline);
    etcdserverpb::StatusResponse response;
    const grpc::Status status =
        channels_.at(place).maintenance->Status(&context, {}, &response);
    if (!status.ok()) return std::nullopt;
    return response;
  };
  std::vector<std::future<std::optional<etcdserverpb::StatusResponse>>> asked;
  for (size_t place = 1; place < channels_.size(); ++place) {
    asked.push_back(std::async(std::launch::async, ask, place));
  }
  std::vector<std::optional<etcdserverpb::StatusResponse>> answers = {ask(0)};
  for (auto& answer : asked) answers.push_back(answer.get());
  return answers;
}

EtcdOutcome EtcdClient::Session(size_t place, TimePoint deadline,
                                std::string* token) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (token_.empty() || now - token_since_ > kSessionAgeMax) {
    etcdserverpb::AuthenticateRequest request;
    request.set_name(options_.user->name);
    request.set_password(std::string(options_.user->password.view()));
    etcdserverpb::AuthenticateResponse response;
    grpc::ClientContext context;
    context.set_deadline(deadline);
    const grpc::Status status =
        channels_.at(place).auth->Authenticate(&context, request, &response);
    WipeText(request.mutable_password());
    if (!status.ok()) {
      if (status.error_code() == grpc::StatusCode::UNAVAILABLE ||
          status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
        channels_.Leave(place);
      }
      return {false, status};
    }
    token_ = response.token();
    token_since_ = now;
  }
  *token = token_;
  return {false, grpc::Status::OK};
}

void EtcdClient::EndSession(const std::string& token) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (token_ == token) token_.clear();
}

}  // namespace glue_security
