// RequestGuard: who may ask a server that has no passwords. A web page can make
// a browser send requests to any port of the machine that shows it; this is
// what tells them from those of a test harness.
//
//   auto guard = RequestGuard::Create("127.0.0.1", /*has_control=*/true, {});
//   if (auto refusal = guard->Refuse(request, RequestGuard::Area::kControl)) {
//     return *refusal;  // and nothing is executed
//   }
//
// A page of http://example.com:4566, a name which its owner lets lead to
// 127.0.0.1 now ("DNS rebinding"), is refused by its Host:
//
//   403 {"error":"the host 'example.com:4566' is not this machine's own;
//        --allow-host adds it"}
//
// It reads nothing but the headers: no socket, no clock, no state.

#ifndef GLUE_SECURITY_SERVER_REQUEST_GUARD_H_
#define GLUE_SECURITY_SERVER_REQUEST_GUARD_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/server/http_message.h"

namespace glue_security {

// The header that carries the token.
inline constexpr char kControlTokenHeader[] = "x-glue-security-token";

struct RequestGuardOptions {
  // Hosts that are answered besides those of the loopback, as they stand in the
  // header Host: "mock", at any port, or "mock:4566". Case does not matter.
  // "*" is every host, which turns the check off. On another address than a
  // loopback one hosts are checked only when there are some here.
  std::vector<std::string> allowed_hosts;
  // What requests for control must carry in `kControlTokenHeader`: 1 to 256
  // visible ASCII characters. Empty: nothing on a loopback address, and a token
  // of 128 random bits on another.
  std::string control_token;
};

// Thread-safe.
class RequestGuard {
 public:
  enum class Area {
    // The API.
    kApi,
    // What may be read below the path of control without a token: health and
    // metrics.
    kOpen,
    kControl,
  };

  // The guard of a server that listens on `address`. It asks for a token only
  // where the server has control. Errors: kInvalidArgument for an allowed host
  // or a token that can stand in no header; kUnavailable where the system has
  // no random bits.
  static absl::StatusOr<RequestGuard> Create(absl::string_view address,
                                             bool has_control,
                                             RequestGuardOptions options);

  // The answer to a request that must not be executed, 403 each, for the first
  // of these reasons; or nothing.
  //
  //   1. A header Host that is not allowed. On a loopback address the allowed
  //      hosts are 127.0.0.0/8 (four decimal numbers), [::1] and localhost, at
  //      any port, and `allowed_hosts`. A request without the header, which no
  //      browser sends, passes.
  //   2. Not in kApi: a header Origin other than http:// and the request's
  //      Host; a Sec-Fetch-Site other than same-origin and none. A page of
  //      another port of this machine is another origin.
  //   3. In kControl, with a token: none in the header, two, or another one.
  //      Tokens are compared in constant time.
  //
  // The body is {"error": ...}; in kApi it has the form of an error of the API,
  // whose text SDKs show.
  std::optional<HttpResponse> Refuse(const HttpRequest& request,
                                     Area area) const;

  // What requests for control must carry. Empty: nothing.
  const std::string& control_token() const { return token_; }

 private:
  RequestGuard() = default;

  bool IsAllowedHost(absl::string_view host) const;
  // What is wrong, for a person; empty: nothing.
  std::string WrongWithHost(const HttpRequest& request) const;
  std::string WrongWithToken(const HttpRequest& request) const;

  bool checks_hosts_ = true;
  std::vector<std::string> allowed_hosts_;
  std::string token_;
};

// What is wrong with a text of `RequestGuardOptions`: kInvalidArgument for an
// allowed host, or a token, that can stand in no header.
absl::Status CheckAllowedHost(absl::string_view host);
absl::Status CheckControlToken(absl::string_view token);

// Whether `address` is a loopback address: 127.0.0.0/8 in four decimal numbers,
// or ::1. Other ways to write one are taken for another address.
bool IsLoopbackAddress(absl::string_view address);

// Whether `host`, a value of the header Host, names the loopback: such an
// address, IPv6 in brackets, or localhost in any case and with or without the
// dot of a whole name; and a port, or none.
bool IsLoopbackHost(absl::string_view host);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_REQUEST_GUARD_H_
