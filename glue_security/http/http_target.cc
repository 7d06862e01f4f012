#include "glue_security/http/http_target.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace glue_security {
namespace {

bool IsAlnum(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c));
}
bool IsHexDigit(char c) {
  return absl::ascii_isxdigit(static_cast<unsigned char>(c));
}
bool IsDigit(char c) {
  return absl::ascii_isdigit(static_cast<unsigned char>(c));
}

// Returns true when `text` has only letters, digits, characters of `others`,
// and `%` with two hexadecimal digits.
bool IsMadeOf(absl::string_view text, absl::string_view others) {
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (IsAlnum(c) || absl::StrContains(others, c)) continue;
    if (c != '%' || i + 2 >= text.size() || !IsHexDigit(text[i + 1]) ||
        !IsHexDigit(text[i + 2])) {
      return false;
    }
    i += 2;
  }
  return true;
}

// `unreserved` and `sub-delims` of RFC 3986, without letters and digits.
constexpr char kInName[] = "-._~!$&'()*+,;=";
constexpr char kInPath[] = "-._~!$&'()*+,;=:@/?";

}  // namespace

std::optional<HttpTarget> ParseTarget(absl::string_view method,
                                      absl::string_view target) {
  HttpTarget parsed;
  if (target == "*" && method == "OPTIONS") {
    parsed.path = target;
    return parsed;
  }
  if (method == "CONNECT") return std::nullopt;
  if (!absl::StartsWith(target, "/")) {
    const size_t scheme = absl::StartsWithIgnoreCase(target, "http://")    ? 7
                          : absl::StartsWithIgnoreCase(target, "https://") ? 8
                                                                           : 0;
    if (scheme == 0) return std::nullopt;
    target.remove_prefix(scheme);
    const size_t end = std::min(target.find_first_of("/?"), target.size());
    parsed.authority = target.substr(0, end);
    target.remove_prefix(end);
    if (parsed.authority.empty() || parsed.authority[0] == ':' ||
        !IsHost(parsed.authority)) {
      return std::nullopt;
    }
    parsed.lacks_slash = !absl::StartsWith(target, "/");
  }
  if (!IsMadeOf(target, kInPath)) return std::nullopt;
  parsed.path = target;
  return parsed;
}

bool IsHost(absl::string_view host) {
  absl::string_view port;
  if (absl::ConsumePrefix(&host, "[")) {
    const size_t end = host.find(']');
    if (end == absl::string_view::npos) return false;
    port = host.substr(end + 1);
    host = host.substr(0, end);
    const bool is_address =
        !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
          return IsHexDigit(c) || c == ':' || c == '.';
        });
    if (!is_address || (!port.empty() && port[0] != ':')) return false;
  } else {
    const size_t end = std::min(host.find(':'), host.size());
    port = host.substr(end);
    host = host.substr(0, end);
    if (!IsMadeOf(host, kInName)) return false;
  }
  absl::ConsumePrefix(&port, ":");
  return port.size() <= 5 && std::all_of(port.begin(), port.end(), IsDigit);
}

}  // namespace glue_security
