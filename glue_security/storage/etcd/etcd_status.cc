#include "glue_security/storage/etcd/etcd_status.h"

#include <grpcpp/support/status_code_enum.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace glue_security {
namespace {

// Returns true for the refusals of a request that is too large. gRPC's server
// has one of its own, before etcd sees the request.
bool IsTooLarge(const grpc::Status& status) {
  return absl::StrContains(status.error_message(), "larger than max");
}

bool IsQuota(const grpc::Status& status) {
  return absl::StrContains(status.error_message(), "space exceeded");
}

// Returns true for a code that etcd itself has said, not gRPC's client of a
// connection that broke.
bool IsOfEtcd(const grpc::Status& status) {
  return absl::StartsWith(status.error_message(), "etcdserver:");
}

}  // namespace

bool IsAboutUser(const EtcdOutcome& outcome) {
  switch (outcome.status.error_code()) {
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::PERMISSION_DENIED:
      return true;
    case grpc::StatusCode::INVALID_ARGUMENT:
      // Without a session, and with one that is older than a change of users.
      return absl::StrContains(outcome.status.error_message(), "user name") ||
             absl::StrContains(outcome.status.error_message(), "auth");
    default:
      return false;
  }
}

bool IsAboutRevision(const EtcdOutcome& outcome) {
  return outcome.status.error_code() == grpc::StatusCode::OUT_OF_RANGE;
}

absl::Status StatusOfWrite(const EtcdOutcome& outcome) {
  const grpc::Status& status = outcome.status;
  const std::string text = absl::StrCat("etcd: ", status.error_message());
  if (!outcome.begun || IsAboutUser(outcome)) {
    return absl::UnavailableError(text);
  }
  switch (status.error_code()) {
    case grpc::StatusCode::INVALID_ARGUMENT:
      return absl::InvalidArgumentError(text);
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
      if (IsTooLarge(status)) return absl::InvalidArgumentError(text);
      if (IsQuota(status) || !IsOfEtcd(status)) break;
      return absl::ResourceExhaustedError(text);
    case grpc::StatusCode::DATA_LOSS:
      return absl::DataLossError(text);
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return absl::DeadlineExceededError(text);
    default:
      break;
  }
  return absl::UnknownError(text);
}

absl::Status StatusOfRead(const EtcdOutcome& outcome) {
  absl::Status status = StatusOfWrite(outcome);
  if (!absl::IsUnknown(status)) return status;
  if (outcome.status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
    return absl::ResourceExhaustedError(status.message());
  }
  return absl::UnavailableError(status.message());
}

}  // namespace glue_security
