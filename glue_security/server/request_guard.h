// RequestGuard: decides whose requests are accepted by a server without
// passwords. A web page can make a browser send requests to any port of the
// machine on which it runs; the guard distinguishes them from those of a test
// harness.
//
//   auto guard = RequestGuard::Create("127.0.0.1", /*has_control=*/true, {});
//   if (auto refusal = guard->Refuse(request, RequestGuard::Area::kControl)) {
//     return *refusal;  // and nothing is executed
//   }
//
// A page of http://example.com:4566, whose owner makes the name resolve to
// 127.0.0.1 ("DNS rebinding"), is refused by its Host:
//
//   403 {"error":"the host 'example.com:4566' is not this machine's own;
//        --allow-host adds it"}
//
// It reads only the headers, and has no socket, no clock and no state.

#ifndef GLUE_SECURITY_SERVER_REQUEST_GUARD_H_
#define GLUE_SECURITY_SERVER_REQUEST_GUARD_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/http/http_message.h"

namespace glue_security {

// The header that carries the token.
inline constexpr char kControlTokenHeader[] = "x-glue-security-token";

struct RequestGuardOptions {
  // Hosts that are accepted besides those of the loopback, as in the header
  // Host: "mock", at any port, or "mock:4566". Case does not matter. "*"
  // accepts every host and turns the check off. On an address that is not a
  // loopback address, hosts are checked only when this is not empty.
  std::vector<std::string> allowed_hosts;
  // The token that requests for control must have in `kControlTokenHeader`: 1
  // to 256 visible ASCII characters. When empty, no token is needed on a
  // loopback address; on any other address a token of 128 random bits is made.
  std::string control_token;
};

// Thread-safe.
class RequestGuard {
 public:
  enum class Area {
    // The API, and all that is passed on to an upstream.
    kApi,
    // The paths below that of control that need no token: health, metrics and
    // the files of the page, which are the same for everybody.
    kOpen,
    kControl,
  };

  // Returns the guard of a server that listens on `address`. It requires a
  // token only if the server has control. Errors: kInvalidArgument for an
  // allowed host or a token that no header can hold; kUnavailable when the
  // system has no random bits.
  static absl::StatusOr<RequestGuard> Create(absl::string_view address,
                                             bool has_control,
                                             RequestGuardOptions options);

  // Returns the answer to a request that must not be executed, status 403, for
  // the first of these reasons; nullopt when the request is accepted.
  //
  //   1. The header Host is not allowed. On a loopback address the allowed
  //      hosts are 127.0.0.0/8 (four decimal numbers), [::1] and localhost, at
  //      any port, and `allowed_hosts`. A request without the header, which no
  //      browser sends, is accepted.
  //   2. The header Origin is not http:// and the request's Host, or
  //      Sec-Fetch-Site is neither same-origin nor none: the request comes from
  //      a foreign page. A page of another port of this machine is another
  //      origin. So is the page on whose behalf a browser asks for permission,
  //      by OPTIONS with Access-Control-Request-Method. SDKs send none of them.
  //   3. In kControl, when a token is required: the token is missing, given
  //      twice, or wrong. Tokens are compared in constant time.
  //
  // The body is {"error": ...}; in kApi it is an error of the API, whose text
  // SDKs show.
  std::optional<HttpResponse> Refuse(const HttpRequest& request,
                                     Area area) const;

  // The token that requests for control must have; empty when they need none.
  const std::string& control_token() const { return token_; }

 private:
  RequestGuard() = default;

  bool IsAllowedHost(absl::string_view host) const;
  // Return the reason for a refusal, in words; empty for none.
  std::string WrongWithHost(const HttpRequest& request) const;
  std::string WrongWithToken(const HttpRequest& request) const;

  bool checks_hosts_ = true;
  std::vector<std::string> allowed_hosts_;
  std::string token_;
};

// Check a text of `RequestGuardOptions`. Errors: kInvalidArgument for an
// allowed host, or a token, that no header can hold.
absl::Status CheckAllowedHost(absl::string_view host);
absl::Status CheckControlToken(absl::string_view token);

// Returns true when `address` is a loopback address: 127.0.0.0/8 in four
// decimal numbers, or ::1. Other spellings of one are not recognized.
bool IsLoopbackAddress(absl::string_view address);

// Returns true when `host`, a value of the header Host, names the loopback:
// such an address, IPv6 in brackets, or localhost in any case, with or without
// a trailing dot. A port may follow.
bool IsLoopbackHost(absl::string_view host);

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_REQUEST_GUARD_H_
