// FrontEnd: from an HTTP request to an HTTP response, without a socket: content
// type, body, target, who calls, and the backend behind it. A server of your
// own can stand on it; `Server` (server.h) does.

#ifndef GLUE_SECURITY_SERVER_FRONT_END_H_
#define GLUE_SECURITY_SERVER_FRONT_END_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/server/credentials.h"
#include "glue_security/server/http_message.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

struct FrontEndOptions {
  // The account of a call whose access key says none, and the region of one
  // that is not signed.
  std::string default_account_id = "123456789012";
  std::string default_region = "us-east-1";
  // Set: every request's signature is verified. Absent: signatures are only
  // read for account and region.
  std::optional<Credentials> credentials;
  // Not owned. For the age of signatures.
  Clock* clock = Clock::System();
};

struct SignatureHeader;

// How an answer goes to its client.
struct Delivery {
  // So much later.
  absl::Duration delay = absl::ZeroDuration();
  // Not at all: the connection is lost instead.
  bool lost = false;
};

// Executes calls for a front end: a backend that knows of connections.
// Thread-safe.
class Executor {
 public:
  virtual ~Executor() = default;

  // See `Backend::Execute`. What must happen to the answer on its way goes to
  // `delivery`; nothing here waits.
  virtual v1::Response Execute(int connection, const Caller& caller,
                               const v1::Request& request,
                               Delivery* delivery) = 0;
};

// The outcome of a request that a `RequestGuard` refused, of which nothing else
// was read.
inline constexpr char kRefusedOutcome[] = "refused";

// What became of a request: for logs and metrics. Nothing of its contents.
struct RequestRecord {
  std::string request_id;
  Operation operation = kNoOperation;
  // Empty where the request did not get that far.
  Caller caller;
  // "ok", the name of an exception, "dropped", or `kRefusedOutcome`.
  std::string outcome;
  // The type of what was thrown while the request was handled; empty: nothing.
  std::string exception;
};

// Thread-safe.
class FrontEnd {
 public:
  // REQUIRES: `executor` outlives this.
  FrontEnd(Executor* executor, FrontEndOptions options);

  // Answers `request` as behaviour, section 8, says; in the order content type,
  // body, target, region, authentication. A credential scope whose region is
  // not [a-z0-9-]{1,64} is IncompleteSignatureException, whether signatures are
  // verified or not. Total: whatever the executor throws, and
  // std::bad_alloc on the way, is answered InternalServiceException, and its
  // type is in the record. Where even that takes more memory than there is, the
  // answer is the status 500 alone. Out of memory while a message changes ends
  // the process instead.
  HttpResponse Handle(const HttpRequest& request, RequestRecord* record);

  // Who calls: the account is an access key id of 12 digits, or that of the
  // credential, or the default; the region is the credential scope's, or the
  // default where there is none or one that `Handle` refuses.
  // `verified` is nullptr where signatures are not verified.
  Caller CallerOf(const HttpRequest& request, const Credential* verified) const;

 private:
  std::string NewRequestId();
  // `authorization` is nullptr where the request is not signed.
  Caller CallerOf(const SignatureHeader* header,
                  const Credential* verified) const;
  HttpResponse Answer(const HttpRequest& request, RequestRecord* record);

  Executor* const executor_;
  const FrontEndOptions options_;
  const uint64_t seed_;
  std::atomic<uint64_t> requests_{0};
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_FRONT_END_H_
