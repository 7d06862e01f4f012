#include "glue_security/http/sigv4.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "openssl/crypto.h"
#include "openssl/evp.h"
#include "openssl/hmac.h"
#include "openssl/sha.h"

namespace glue_security {
namespace {

constexpr char kAlgorithm[] = "AWS4-HMAC-SHA256";
constexpr char kTerminator[] = "aws4_request";
constexpr char kTimeFormat[] = "%E4Y%m%dT%H%M%SZ";
constexpr absl::Duration kSkewMax = absl::Minutes(5);

std::string Sha256Hex(absl::string_view text) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(),
         digest.data());
  return absl::BytesToHexString(
      {reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string Hmac(absl::string_view key, absl::string_view text) {
  std::array<uint8_t, SHA256_DIGEST_LENGTH> digest;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const uint8_t*>(text.data()), text.size(),
       digest.data(), nullptr);
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

SignatureError AuthenticationError(absl::string_view type,
                                   std::string message) {
  return {std::string(type), std::move(message)};
}

SignatureError Incomplete(std::string message) {
  return AuthenticationError("IncompleteSignatureException",
                             std::move(message));
}

SignatureError Invalid(std::string message) {
  return AuthenticationError("InvalidSignatureException", std::move(message));
}

// Returns a text of the header for use in a message: its first 128 bytes, those
// that are not printable ASCII replaced by question marks.
std::string Shown(absl::string_view text) {
  constexpr size_t kBytesMax = 128;
  std::string shown(text.substr(0, kBytesMax));
  for (char& c : shown) {
    if (!absl::ascii_isprint(static_cast<unsigned char>(c))) c = '?';
  }
  if (text.size() > kBytesMax) shown += "...";
  return shown;
}

// RFC 3986: unreserved characters stay, everything else becomes %XX.
void AppendUriEncoded(char c, std::string* out) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' ||
      c == '.' || c == '_' || c == '~') {
    out->push_back(c);
    return;
  }
  const auto byte = static_cast<uint8_t>(c);
  out->push_back('%');
  out->push_back(kHex[byte >> 4]);
  out->push_back(kHex[byte & 0x0F]);
}

std::string NormalizePath(absl::string_view path) {
  std::vector<absl::string_view> parts;
  for (const absl::string_view part : absl::StrSplit(path, '/')) {
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  const bool ends_with_slash = absl::EndsWith(path, "/") ||
                               absl::EndsWith(path, "/.") ||
                               absl::EndsWith(path, "/..");
  std::string normal = absl::StrCat("/", absl::StrJoin(parts, "/"));
  if (ends_with_slash && !parts.empty()) normal.push_back('/');
  return normal;
}

std::string CanonicalPath(absl::string_view path, bool normalize) {
  std::string canonical;
  for (const char c : normalize ? NormalizePath(path) : std::string(path)) {
    if (c == '/') {
      canonical.push_back(c);
    } else {
      AppendUriEncoded(c, &canonical);
    }
  }
  return canonical.empty() ? "/" : canonical;
}

// Encodes a text of a query. Parts that are already encoded stay unchanged.
std::string QueryEncoded(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (c == '%') {
      encoded.push_back(c);
    } else {
      AppendUriEncoded(c, &encoded);
    }
  }
  return encoded;
}

std::string CanonicalQuery(absl::string_view query) {
  if (query.empty()) return "";
  std::vector<std::pair<std::string, std::string>> parameters;
  for (const absl::string_view part : absl::StrSplit(query, '&')) {
    const std::pair<absl::string_view, absl::string_view> parameter =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    parameters.emplace_back(QueryEncoded(parameter.first),
                            QueryEncoded(parameter.second));
  }
  std::sort(parameters.begin(), parameters.end());
  return absl::StrJoin(parameters, "&", absl::PairFormatter("="));
}

// Returns the values of each header on one line, by its name in lower case.
// Blanks at the ends are removed, and runs of them become one.
std::map<std::string, std::string> CanonicalHeaders(
    const HttpRequest& request) {
  std::map<std::string, std::string> headers;
  for (const auto& [name, value] : request.headers) {
    std::string trimmed(value);
    absl::RemoveExtraAsciiWhitespace(&trimmed);
    const auto [found, is_first] =
        headers.try_emplace(absl::AsciiStrToLower(name), trimmed);
    if (!is_first) absl::StrAppend(&found->second, ",", trimmed);
  }
  return headers;
}

std::string Scope(const SignatureHeader& header) {
  return absl::StrCat(header.date, "/", header.region, "/", header.service, "/",
                      kTerminator);
}

// Returns the time of the request from X-Amz-Date or, without it, from Date;
// nullopt when it is missing or malformed.
std::optional<absl::Time> RequestTime(const HttpRequest& request) {
  const absl::string_view* text = request.Find("X-Amz-Date");
  const char* format = kTimeFormat;
  if (text == nullptr) {
    text = request.Find("Date");
    format = "%a, %d %b %E4Y %H:%M:%S GMT";
  }
  absl::Time time;
  std::string error;
  if (text == nullptr || !absl::ParseTime(format, *text, &time, &error)) {
    return std::nullopt;
  }
  return time;
}

std::string Format(absl::Time time) {
  return absl::FormatTime(kTimeFormat, time, absl::UTCTimeZone());
}

// Checks that the required headers are signed, and that none is named twice:
// else a short request could need a long text to sign (docs/decisions/wire.md).
std::optional<SignatureError> CheckSignedHeaders(
    const HttpRequest& request, const SignatureHeader& header) {
  std::vector<absl::string_view> names = header.signed_headers;
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) {
    return Incomplete(absl::StrCat("'", Shown(*twice),
                                   "' is a 'SignedHeader' more than once."));
  }
  for (const char* name : {"Host", "X-Amz-Date", "X-Amz-Target"}) {
    const auto& headers = header.signed_headers;
    if (request.Find(name) != nullptr &&
        std::find(headers.begin(), headers.end(),
                  absl::AsciiStrToLower(name)) == headers.end()) {
      return Incomplete(absl::StrCat(
          "'", name, "' must be a 'SignedHeader' in the AWS Authorization."));
    }
  }
  return std::nullopt;
}

std::optional<SignatureError> CheckScope(const SignatureHeader& header,
                                         absl::string_view service,
                                         absl::Time time) {
  if (header.service != service) {
    return Invalid(absl::StrCat(
        "Credential should be scoped to correct service: '", service, "'."));
  }
  const std::string date = Format(time).substr(0, 8);
  if (header.date != date) {
    return Invalid(absl::StrCat(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 "
        "version of date from HTTP: '",
        Shown(header.date), "' != '", date, "', from '", Format(time), "'."));
  }
  return std::nullopt;
}

std::optional<SignatureError> CheckTime(absl::Time time, absl::Time now) {
  if (time < now - kSkewMax) {
    return Invalid(absl::StrCat("Signature expired: ", Format(time),
                                " is now earlier than ", Format(now - kSkewMax),
                                " (", Format(now), " - 5 min.)"));
  }
  if (time > now + kSkewMax) {
    return Invalid(absl::StrCat("Signature not yet current: ", Format(time),
                                " is still later than ", Format(now + kSkewMax),
                                " (", Format(now), " + 5 min.)"));
  }
  return std::nullopt;
}

bool SameText(absl::string_view a, absl::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

std::variant<SignatureHeader, SignatureError> ParseSignatureHeader(
    const HttpRequest& request) {
  const absl::string_view* const found = request.Find("Authorization");
  if (found == nullptr || found->empty()) {
    return AuthenticationError("MissingAuthenticationTokenException",
                               "Missing Authentication Token");
  }
  const absl::string_view value = *found;
  absl::string_view rest = value;
  if (!absl::ConsumePrefix(&rest, kAlgorithm) ||
      (!rest.empty() && !absl::ascii_isblank(rest[0]))) {
    return Incomplete(
        absl::StrCat("Unsupported AWS 'algorithm': '",
                     Shown(value.substr(0, value.find_first_of(" \t"))), "'."));
  }
  std::optional<absl::string_view> credential;
  std::optional<absl::string_view> signed_headers;
  std::optional<absl::string_view> signature;
  for (absl::string_view part : absl::StrSplit(rest, ',')) {
    part = absl::StripAsciiWhitespace(part);
    if (absl::ConsumePrefix(&part, "Credential=")) credential = part;
    if (absl::ConsumePrefix(&part, "SignedHeaders=")) signed_headers = part;
    if (absl::ConsumePrefix(&part, "Signature=")) signature = part;
  }
  std::string missing;
  const auto require = [&missing](const auto& parameter, const char* name) {
    if (parameter.has_value() && !parameter->empty()) return;
    absl::StrAppend(&missing, "Authorization header requires '", name,
                    "' parameter. ");
  };
  require(credential, "Credential");
  require(signature, "Signature");
  require(signed_headers, "SignedHeaders");
  if (!missing.empty()) {
    return Incomplete(absl::StrCat(missing, "Authorization=", kAlgorithm));
  }
  const std::vector<absl::string_view> scope = absl::StrSplit(*credential, '/');
  if (scope.size() != 5) {
    return Incomplete(absl::StrCat(
        "Credential must have exactly 5 slash-delimited elements, e.g. "
        "keyid/date/region/service/term, got '",
        Shown(*credential), "'"));
  }
  if (scope[4] != kTerminator) {
    return Incomplete(
        absl::StrCat("Credential should be scoped with a valid terminator: '",
                     kTerminator, "', not '", Shown(scope[4]), "'."));
  }
  return SignatureHeader{scope[0],
                         scope[1],
                         scope[2],
                         scope[3],
                         absl::StrSplit(*signed_headers, ';'),
                         *signature};
}

std::string FormatSignatureHeader(const SignatureHeader& header) {
  return absl::StrCat(
      kAlgorithm, " Credential=", header.access_key_id, "/", Scope(header),
      ", SignedHeaders=", absl::StrJoin(header.signed_headers, ";"),
      ", Signature=", header.signature);
}

std::string CanonicalRequest(
    const HttpRequest& request,
    const std::vector<absl::string_view>& signed_headers, bool normalize_path) {
  const std::pair<absl::string_view, absl::string_view> target =
      absl::StrSplit(request.target, absl::MaxSplits('?', 1));
  std::string canonical = absl::StrCat(
      request.method, "\n", CanonicalPath(target.first, normalize_path), "\n",
      CanonicalQuery(target.second), "\n");
  const std::map<std::string, std::string> headers = CanonicalHeaders(request);
  for (const absl::string_view name : signed_headers) {
    const auto found = headers.find(absl::AsciiStrToLower(name));
    absl::StrAppend(
        &canonical, name, ":",
        found == headers.end() ? absl::string_view() : found->second, "\n");
  }
  absl::StrAppend(&canonical, "\n", absl::StrJoin(signed_headers, ";"), "\n",
                  Sha256Hex(request.body));
  return canonical;
}

std::string StringToSign(const SignatureHeader& header, absl::string_view time,
                         absl::string_view canonical_request) {
  return absl::StrCat(kAlgorithm, "\n", time, "\n", Scope(header), "\n",
                      Sha256Hex(canonical_request));
}

std::string Sign(absl::string_view secret_access_key,
                 const SignatureHeader& header,
                 absl::string_view string_to_sign) {
  std::string key = Hmac(absl::StrCat("AWS4", secret_access_key), header.date);
  key = Hmac(key, header.region);
  key = Hmac(key, header.service);
  key = Hmac(key, kTerminator);
  return absl::BytesToHexString(Hmac(key, string_to_sign));
}

std::variant<const Credential*, SignatureError> VerifySignature(
    const HttpRequest& request, const SignatureHeader& header,
    const Credentials& credentials, absl::Time now, absl::string_view service) {
  const std::optional<absl::Time> time = RequestTime(request);
  if (!time.has_value()) {
    return Incomplete(
        "Authorization header requires existence of either a 'X-Amz-Date' or "
        "a 'Date' header.");
  }
  if (auto error = CheckSignedHeaders(request, header)) return *error;

  const auto found = credentials.find(std::string(header.access_key_id));
  const absl::string_view* const token = request.Find("X-Amz-Security-Token");
  if (found == credentials.end() ||
      !SameText(token == nullptr ? absl::string_view() : *token,
                found->second.session_token)) {
    return AuthenticationError(
        "UnrecognizedClientException",
        "The security token included in the request is invalid.");
  }
  const Credential& credential = found->second;
  if (auto error = CheckScope(header, service, *time)) return *error;
  if (auto error = CheckTime(*time, now)) return *error;
  const std::string expected =
      Sign(credential.secret_access_key, header,
           StringToSign(header, Format(*time),
                        CanonicalRequest(request, header.signed_headers,
                                         /*normalize_path=*/true)));
  if (!SameText(expected, header.signature)) {
    return Invalid(
        "The request signature we calculated does not match the signature you "
        "provided. Check your AWS Secret Access Key and signing method. "
        "Consult the service documentation for details.");
  }
  if (credential.expiration <= now) {
    return AuthenticationError(
        "ExpiredTokenException",
        "The security token included in the request is expired");
  }
  return &credential;
}

}  // namespace glue_security
