#include "glue_security/client/http_endpoint.h"

#include <algorithm>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace glue_security {
namespace {

// How many bytes of a URL an error quotes.
constexpr size_t kQuotedBytesMax = 200;

// Returns true for a name, an IPv4 address, or an IPv6 address in brackets.
bool IsHost(absl::string_view host) {
  const bool in_brackets =
      absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  const absl::string_view others = in_brackets ? ":.%_-" : "._-";
  return !host.empty() &&
         std::all_of(host.begin(), host.end(), [others](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  absl::StrContains(others, c);
         });
}

}  // namespace

std::string HttpEndpoint::address() const {
  return std::string(absl::StripSuffix(absl::StripPrefix(host, "["), "]"));
}

absl::StatusOr<HttpEndpoint> ParseHttpEndpoint(absl::string_view url) {
  absl::string_view rest = url;
  const bool is_http = absl::ConsumePrefix(&rest, "http://");
  rest = absl::StripSuffix(rest, "/");
  const size_t colon = std::min(rest.rfind(':'), rest.size());
  const absl::string_view host = rest.substr(0, colon);
  const absl::string_view digits = absl::StripPrefix(rest.substr(colon), ":");
  int port = 0;
  if (!is_http || !IsHost(host) ||
      !std::all_of(digits.begin(), digits.end(), absl::ascii_isdigit) ||
      !absl::SimpleAtoi(digits, &port) || port < 1 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", absl::CHexEscape(url.substr(0, kQuotedBytesMax)),
                     "\" is not http://HOST:PORT"));
  }
  return HttpEndpoint{std::string(host), absl::StrCat(port)};
}

}  // namespace glue_security
