#include "glue_security/encryption/keys/page_marker.h"

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace glue_security {
namespace {

constexpr absl::string_view kVersion = "1";
constexpr size_t kChecksumBytes = 8;

std::string Checksum(absl::string_view list, absl::string_view last) {
  // The size keeps the two parts apart.
  const std::string text = absl::StrCat(kVersion, list.size(), " ", list, last);
  std::array<uint8_t, EVP_MAX_MD_SIZE> digest;
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(),
                 nullptr) != 1) {
    throw std::bad_alloc();
  }
  return {reinterpret_cast<const char*>(digest.data()), kChecksumBytes};
}

}  // namespace

std::string MakePageMarker(absl::string_view list, absl::string_view last) {
  return absl::WebSafeBase64Escape(
      absl::StrCat(kVersion, Checksum(list, last), last));
}

std::optional<std::string> ParsePageMarker(absl::string_view list,
                                           absl::string_view marker) {
  std::string decoded;
  if (!absl::WebSafeBase64Unescape(marker, &decoded)) return std::nullopt;
  absl::string_view rest = decoded;
  if (!absl::ConsumePrefix(&rest, kVersion) || rest.size() < kChecksumBytes) {
    return std::nullopt;
  }
  const absl::string_view checksum = rest.substr(0, kChecksumBytes);
  const absl::string_view last = rest.substr(kChecksumBytes);
  // Base64 has several spellings of the same bytes; only ours is a marker.
  if (checksum != Checksum(list, last) ||
      marker != MakePageMarker(list, last)) {
    return std::nullopt;
  }
  return std::string(last);
}

}  // namespace glue_security
