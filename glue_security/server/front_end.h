// FrontEnd: turns an HTTP request into an HTTP response, without a socket. It
// checks the content type, decodes the body, authenticates the caller and calls
// the backend. A server of your own can use it, as `Server` (server.h) does.

#ifndef GLUE_SECURITY_SERVER_FRONT_END_H_
#define GLUE_SECURITY_SERVER_FRONT_END_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "glue_security/aws_json/wire_response.h"
#include "glue_security/backend/clock.h"
#include "glue_security/control/delivery.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/kms_json/kms_operation.h"
#include "glue_security/http/credentials.h"
#include "glue_security/http/http_message.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/operation.h"
#include "glue_security/server/operation_handlers.h"
#include "glue_security/v1/service.pb.h"

namespace glue_security {

struct FrontEndOptions {
  // The account of a call whose access key has none, and the region of a call
  // that is not signed.
  std::string default_account_id = "123456789012";
  std::string default_region = "us-east-1";
  // When set, the signature of every request is verified. When absent,
  // signatures are only read for the account and the region.
  std::optional<Credentials> credentials;
  // The operations and members that are known, by its date, and whether unknown
  // members are refused, unless the executor says it (`Executor::Call`). To be
  // that of the backend; the default knows all that any model has, so that the
  // backend can refuse it.
  Behavior behavior = Behavior::Current();
  // A caller without the ARN of a principal is the root user of its account.
  bool callers_are_root = false;
  // Not owned. Used for the age of signatures.
  Clock* clock = Clock::System();
  // Not owned. Answers the calls of KMS, whose targets begin with
  // "TrentService."; null: such targets are unknown.
  LocalKms* kms = nullptr;
  // Not owned. Further operations; null: there are none.
  const OperationHandlers* handlers = nullptr;
};

struct SignatureHeader;

// Executes calls for a front end. Unlike a backend, it is given the connection
// of a call. Thread-safe.
class Executor {
 public:
  // One call, from the decoding of its request to its answer.
  class Call {
   public:
    virtual ~Call() = default;

    // The behavior that the request is decoded by and executed with; null: that
    // of `FrontEndOptions`.
    virtual const Behavior* behavior() const { return nullptr; }

    // Executes the call as `Backend::Execute` does. Sets `delivery` to delay or
    // drop the answer, and does not itself wait. Called at most once.
    virtual v1::Response Execute(int connection, const Caller& caller,
                                 const v1::Request& request,
                                 Delivery* delivery) = 0;

    // Executes a call of KMS, such as "Encrypt", in the same way. `answer`
    // makes it. By default it is made at once.
    virtual WireResponse ExecuteKms(const KeyCaller& caller,
                                    absl::string_view operation,
                                    absl::FunctionRef<WireResponse()> answer,
                                    Delivery* delivery);
  };

  virtual ~Executor() = default;

  // Begins a call, which ends when the object is destroyed. May wait for a
  // change that calls must not see half done. The executor outlives the object.
  virtual std::unique_ptr<Call> Begin() = 0;
};

// The outcome of a request that a `RequestGuard` refused. Nothing else of such
// a request was read.
inline constexpr char kRefusedOutcome[] = "refused";

// The outcome of a request to an upstream whose answer did not reach the client
// whole.
inline constexpr char kCutOutcome[] = "cut";

// The record of a request, for logs and metrics. It has nothing of the
// request's contents.
struct RequestRecord {
  std::string request_id;
  Operation operation = kNoOperation;
  // Set in the place of `operation` by a call of KMS.
  std::optional<KmsOperation> kms_operation;
  // Set in the place of `operation` by a call of `FrontEndOptions::handlers`:
  // its target, such as "AWSGlue.GetDatabase".
  std::string own_operation;
  // Set in the place of `operation` when an upstream answers: see `PassedName`.
  std::string passed_name;
  // Empty when the request was refused earlier.
  Caller caller;
  // "ok", the name of an exception, "dropped", or `kRefusedOutcome`. When an
  // upstream answers: the status ("200"), the exception of `UpstreamErrorCode`,
  // or `kCutOutcome`.
  std::string outcome;
  // The type of the exception that ended the request; empty for none.
  std::string exception;
};

// Thread-safe.
class FrontEnd {
 public:
  // REQUIRES: `executor` outlives this object.
  FrontEnd(Executor* executor, FrontEndOptions options);

  // Answers `request` (docs/decisions/wire.md, docs/reference/kms.md). Checks
  // come in the order content type, body, target, region, authentication. A
  // credential scope whose region is not [a-z0-9-]{1,64} is
  // IncompleteSignatureException, whether signatures are verified or not. Does
  // not throw: an exception of the executor, or std::bad_alloc, is answered
  // with InternalServiceException, and its type is in the record. When there is
  // no memory even for that, the answer is only the status 500. Running out of
  // memory while a message changes ends the process instead
  // (docs/out_of_memory.md).
  HttpResponse Handle(const HttpRequest& request, RequestRecord* record);

  // Returns the caller of `request`. The account is that of `verified`, else an
  // access key id of 12 digits, else the default. The region is that of the
  // credential scope, or the default when there is none or `Handle` refuses it.
  // `verified` is nullptr when signatures are not verified.
  Caller CallerOf(const HttpRequest& request, const Credential* verified) const;

 private:
  std::string NewRequestId();
  // `header` is nullptr when the request is not signed.
  Caller CallerOf(const SignatureHeader* header,
                  const Credential* verified) const;
  // Returns the caller of `request`, whose signature must be for `service` if
  // signatures are verified.
  std::variant<Caller, FrontEndError> Authenticate(
      const HttpRequest& request, absl::string_view service) const;
  // Returns true for a request that `FrontEndOptions::kms` answers.
  bool IsForKms(const HttpRequest& request) const;
  HttpResponse Answer(const HttpRequest& request, RequestRecord* record);
  HttpResponse AnswerKms(const HttpRequest& request, RequestRecord* record);
  HttpResponse AnswerOwn(const HttpRequest& request,
                         const OperationHandlers::Entry& own,
                         RequestRecord* record);
  // Returns null when `FrontEndOptions::handlers` has no operation for it.
  const OperationHandlers::Entry* FindOwn(const HttpRequest& request) const;

  Executor* const executor_;
  const FrontEndOptions options_;
  const uint64_t seed_;
  std::atomic<uint64_t> requests_{0};
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_FRONT_END_H_
