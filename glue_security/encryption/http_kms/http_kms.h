// HttpKms: a key service behind an HTTP endpoint that speaks KMS's JSON
// protocol, such as our server (`--kms=local`) or another mock.
//
//   auto kms = HttpKms::Create("http://127.0.0.1:4566", {});
//   EncryptCall call;
//   call.key = "alias/orders";
//   call.plaintext = Secret("hunter2");
//   const auto answer = (*kms)->Encrypt(caller, call);
//
// An endpoint that cannot be reached is a refusal, too:
//
//   std::get<KeyRefusal>(answer);  // DependencyTimeoutException: "cannot
//                                  // connect to 127.0.0.1:4566: Connection
//                                  // refused"
//
// It does not support TLS. The endpoint learns the caller's region and, from
// the credential or the access key id, the account; it does not learn the
// caller's ARN or through which service the call is made. A key policy that
// names a user, or `kms:ViaService`, therefore does not do there what it does
// in a LocalKms.

#ifndef GLUE_SECURITY_ENCRYPTION_HTTP_KMS_HTTP_KMS_H_
#define GLUE_SECURITY_ENCRYPTION_HTTP_KMS_HTTP_KMS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/backend/clock.h"
#include "glue_security/client/http_client.h"
#include "glue_security/client/http_endpoint.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/encryption/keys/random_source.h"
#include "glue_security/http/credentials.h"
#include "glue_security/model/key_call.h"

namespace glue_security {

struct HttpKmsOptions {
  // When set, calls are signed with it, for the service `kms`. When absent, the
  // access key id is the caller's account, and the signature is a dummy.
  std::optional<Credential> credential;
  // Bounds a whole call: connecting, sending and receiving the answer together,
  // the second attempt included. At zero or less, nothing is sent. The time of
  // the system's resolver, for a host that is a name, is not bounded.
  absl::Duration timeout = absl::Seconds(10);
  // Bounds the body of one answer, in bytes.
  uint64_t answer_bytes_max = uint64_t{1} << 20;
  // Bounds the number of connections that are kept open for later calls.
  size_t idle_connections_max = 64;
  // Not owned. Gives the time of signatures.
  Clock* clock = Clock::System();
  // Not owned. Gives the request ids of refusals that have none.
  RandomSource* random = RandomSource::System();
};

// Thread-safe. Plaintexts and data keys are overwritten before their memory is
// freed, in requests and answers, too.
class HttpKms : public KeyService {
 public:
  // Does not connect yet. Errors, all kInvalidArgument, in this order: the URL
  // is not "http://HOST:PORT" (an IPv6 address is in brackets); the credential
  // cannot be sent in a header (see `HttpBackend::Create`).
  static absl::StatusOr<std::unique_ptr<HttpKms>> Create(
      absl::string_view url, HttpKmsOptions options);

  // Each method returns the endpoint's result or refusal; the refusal's request
  // id is that of the answer, or a random one. Its own refusals:
  //
  //   ValidationException         the caller's region, or the account if it is
  //                               sent, has a byte other than visible ASCII, a
  //                               '/' or a ',', so no header can hold it;
  //                               nothing is sent
  //   DependencyTimeoutException  the endpoint cannot be connected to, or gives
  //                               no complete answer in time; the connection
  //                               ends first; an answer is not HTTP or too
  //                               large
  //   KMSInternalException        the answer is not one of KMS (see
  //                               key_call_codec.h)
  //
  // A call changes no key, so that one whose connection was closed before a
  // byte of an answer came is made once more. A C++ exception, such as
  // `bad_alloc`, passes through.
  KeyAnswerOf<EncryptResult> Encrypt(const KeyCaller& caller,
                                     const EncryptCall& call) override;
  KeyAnswerOf<DecryptResult> Decrypt(const KeyCaller& caller,
                                     const DecryptCall& call) override;
  KeyAnswerOf<GenerateDataKeyResult> GenerateDataKey(
      const KeyCaller& caller, const GenerateDataKeyCall& call) override;
  KeyAnswerOf<DescribeKeyResult> DescribeKey(
      const KeyCaller& caller, const DescribeKeyCall& call) override;

 private:
  HttpKms(HttpEndpoint endpoint, HttpKmsOptions options);

  template <typename Call, typename Decode>
  auto Make(const KeyCaller& caller, const Call& call, Decode decode);
  // Sends a request. Returns the refusal; nullopt: `*exchange` has the answer.
  std::optional<KeyRefusal> Send(const KeyCaller& caller,
                                 absl::string_view target,
                                 absl::string_view body,
                                 HttpExchange* exchange);

  const HttpKmsOptions options_;
  HttpClient client_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_HTTP_KMS_HTTP_KMS_H_
