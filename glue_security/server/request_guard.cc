#include "glue_security/server/request_guard.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "glue_security/aws_json/message_writer.h"
#include "glue_security/http/plain_text.h"
#include "openssl/crypto.h"
#include "openssl/rand.h"

namespace glue_security {
namespace {

constexpr char kEveryHost[] = "*";
constexpr size_t kHostBytesMax = 255;

// Returns true for a decimal number up to `max`, without a sign or a leading
// zero.
bool IsNumber(absl::string_view text, int max) {
  if (text.empty() || text.size() > 5) return false;
  if (text.size() > 1 && text[0] == '0') return false;
  int number = 0;
  for (const char c : text) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
    number = 10 * number + (c - '0');
  }
  return number <= max;
}

bool IsIpv4Loopback(absl::string_view text) {
  // The most common one needs no splitting.
  if (text == "127.0.0.1") return true;
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  return parts.size() == 4 && parts[0] == "127" &&
         std::all_of(parts.begin(), parts.end(), [](absl::string_view part) {
           return IsNumber(part, 255);
         });
}

// Removes a port and its colon, if any. Returns false when the text after the
// colon is not a port.
bool ConsumePort(absl::string_view* host) {
  const size_t colon = host->rfind(':');
  const size_t bracket = host->rfind(']');
  if (colon == absl::string_view::npos ||
      (bracket != absl::string_view::npos && bracket > colon)) {
    return true;
  }
  if (!IsNumber(host->substr(colon + 1), UINT16_MAX)) return false;
  *host = host->substr(0, colon);
  return true;
}

// Returns true for a host that a flag may allow: a name or an address, with or
// without a port.
bool IsHost(absl::string_view text) {
  if (text.size() > kHostBytesMax || !ConsumePort(&text)) return false;
  if (absl::ConsumePrefix(&text, "[")) {
    return absl::ConsumeSuffix(&text, "]") && !text.empty() &&
           text.find_first_not_of("0123456789abcdefABCDEF:.") ==
               absl::string_view::npos;
  }
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_';
         });
}

absl::StatusOr<std::string> NewToken() {
  std::array<uint8_t, 16> bits;
  if (RAND_bytes(bits.data(), static_cast<int>(bits.size())) != 1) {
    return absl::UnavailableError(
        "the system has no random bits for a control token");
  }
  return absl::BytesToHexString(
      {reinterpret_cast<const char*>(bits.data()), bits.size()});
}

std::vector<absl::string_view> ValuesOf(const HttpRequest& request,
                                        absl::string_view name) {
  std::vector<absl::string_view> values;
  for (const auto& [other, value] : request.headers) {
    if (absl::EqualsIgnoreCase(other, name)) values.push_back(value);
  }
  return values;
}

// Returns the reason to refuse a request of a foreign page, by what browsers
// say; empty for none.
std::string WrongWithOrigin(const HttpRequest& request) {
  const absl::string_view* const host = request.Find("Host");
  for (const absl::string_view origin : ValuesOf(request, "Origin")) {
    if (host == nullptr ||
        !absl::EqualsIgnoreCase(origin, absl::StrCat("http://", *host))) {
      return absl::StrCat("a page of the origin '", PlainText(origin),
                          "' may not use this server");
    }
  }
  for (const absl::string_view site : ValuesOf(request, "Sec-Fetch-Site")) {
    if (site != "same-origin" && site != "none") {
      return "a page of another origin may not use this server";
    }
  }
  // Browsers ask only for other origins.
  if (request.method == "OPTIONS" &&
      request.Find("Access-Control-Request-Method") != nullptr) {
    return "a page that needs a permission may not use this server";
  }
  return "";
}

HttpResponse Refusal(RequestGuard::Area area, absl::string_view message) {
  HttpResponse response;
  response.status = 403;
  if (area == RequestGuard::Area::kApi) {
    response.headers = {{"Content-Type", "application/x-amz-json-1.1"},
                        {"x-amzn-ErrorType", "AccessDeniedException"}};
    response.body = R"({"__type":"AccessDeniedException","Message":)";
  } else {
    response.headers = {{"Content-Type", "application/json"}};
    response.body = "{\"error\":";
  }
  AppendJsonString(message, &response.body);
  response.body.push_back('}');
  return response;
}

}  // namespace

bool IsLoopbackAddress(absl::string_view address) {
  return address == "::1" || IsIpv4Loopback(address);
}

bool IsLoopbackHost(absl::string_view host) {
  if (!ConsumePort(&host)) return false;
  return absl::EqualsIgnoreCase(host, "localhost") ||
         absl::EqualsIgnoreCase(host, "localhost.") || host == "[::1]" ||
         IsIpv4Loopback(host);
}

absl::Status CheckAllowedHost(absl::string_view host) {
  if (host == kEveryHost || IsHost(host)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "'", PlainText(host),
      "' is not a host: write NAME or NAME:PORT, as clients send it"));
}

absl::Status CheckControlToken(absl::string_view token) {
  constexpr size_t kTokenBytesMax = 256;
  if (!token.empty() && token.size() <= kTokenBytesMax &&
      std::all_of(token.begin(), token.end(),
                  [](unsigned char c) { return absl::ascii_isgraph(c); })) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("a control token must have 1 to ", kTokenBytesMax,
                   " visible ASCII characters"));
}

absl::StatusOr<RequestGuard> RequestGuard::Create(absl::string_view address,
                                                  bool has_control,
                                                  RequestGuardOptions options) {
  RequestGuard guard;
  const bool is_loopback = IsLoopbackAddress(address);
  guard.checks_hosts_ = is_loopback || !options.allowed_hosts.empty();
  for (const std::string& host : options.allowed_hosts) {
    if (auto status = CheckAllowedHost(host); !status.ok()) return status;
    if (host == kEveryHost) guard.checks_hosts_ = false;
  }
  guard.allowed_hosts_ = std::move(options.allowed_hosts);
  if (!has_control) return guard;
  guard.token_ = std::move(options.control_token);
  if (!guard.token_.empty()) {
    if (auto status = CheckControlToken(guard.token_); !status.ok()) {
      return status;
    }
  } else if (!is_loopback) {
    auto token = NewToken();
    if (!token.ok()) return token.status();
    guard.token_ = *std::move(token);
  }
  return guard;
}

std::optional<HttpResponse> RequestGuard::Refuse(const HttpRequest& request,
                                                 Area area) const {
  std::string wrong = WrongWithHost(request);
  if (wrong.empty()) wrong = WrongWithOrigin(request);
  if (wrong.empty() && area == Area::kControl) wrong = WrongWithToken(request);
  if (wrong.empty()) return std::nullopt;
  return Refusal(area, wrong);
}

bool RequestGuard::IsAllowedHost(absl::string_view host) const {
  absl::string_view name = host;
  if (!ConsumePort(&name)) return false;
  return std::any_of(allowed_hosts_.begin(), allowed_hosts_.end(),
                     [&](const std::string& allowed) {
                       return absl::EqualsIgnoreCase(allowed, host) ||
                              absl::EqualsIgnoreCase(allowed, name);
                     });
}

std::string RequestGuard::WrongWithHost(const HttpRequest& request) const {
  if (!checks_hosts_) return "";
  for (const auto& [name, host] : request.headers) {
    if (!absl::EqualsIgnoreCase(name, "Host")) continue;
    if (IsLoopbackHost(host) || IsAllowedHost(host)) continue;
    return absl::StrCat("the host '", PlainText(host),
                        "' is not this machine's own; --allow-host adds it");
  }
  return "";
}

std::string RequestGuard::WrongWithToken(const HttpRequest& request) const {
  if (token_.empty()) return "";
  const auto given = ValuesOf(request, kControlTokenHeader);
  if (given.size() != 1) {
    return absl::StrCat("control requires one header ", kControlTokenHeader);
  }
  const bool is_equal =
      given[0].size() == token_.size() &&
      CRYPTO_memcmp(given[0].data(), token_.data(), token_.size()) == 0;
  if (!is_equal) {
    return absl::StrCat("the ", kControlTokenHeader, " is wrong");
  }
  return "";
}

}  // namespace glue_security
