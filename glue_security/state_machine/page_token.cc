#include "glue_security/state_machine/page_token.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glue_security/state_machine/sha256.h"

namespace glue_security {
namespace {

constexpr char kVersion = 1;
constexpr size_t kChecksumBytes = 8;

void AppendWithLength(absl::string_view text, std::string* out) {
  const auto size = static_cast<uint32_t>(text.size());
  for (int shift = 24; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>((size >> shift) & 0xFF));
  }
  absl::StrAppend(out, text);
}

// Returns the start of every token of a catalog. The lengths make it injective.
std::string Prefix(const CatalogKey& catalog) {
  std::string prefix(1, kVersion);
  AppendWithLength(catalog.catalog_id, &prefix);
  AppendWithLength(catalog.region, &prefix);
  return prefix;
}

std::string Checksum(absl::string_view text) {
  const auto digest = Sha256(text);
  return std::string(reinterpret_cast<const char*>(digest.data()),
                     kChecksumBytes);
}

}  // namespace

std::string EncodePageToken(const CatalogKey& catalog,
                            absl::string_view last_name) {
  std::string bytes = Prefix(catalog);
  absl::StrAppend(&bytes, last_name);
  absl::StrAppend(&bytes, Checksum(bytes));
  return absl::WebSafeBase64Escape(bytes);
}

std::optional<std::string> DecodePageToken(const CatalogKey& catalog,
                                           absl::string_view token) {
  std::string bytes;
  // Unescaping is lenient (it accepts blanks and padding), but a token has only
  // one form.
  if (!absl::WebSafeBase64Unescape(token, &bytes) ||
      absl::WebSafeBase64Escape(bytes) != token) {
    return std::nullopt;
  }
  absl::string_view rest = bytes;
  if (rest.size() < kChecksumBytes) return std::nullopt;
  const absl::string_view checksum = rest.substr(rest.size() - kChecksumBytes);
  rest.remove_suffix(kChecksumBytes);
  if (Checksum(rest) != checksum) return std::nullopt;
  if (!absl::ConsumePrefix(&rest, Prefix(catalog))) return std::nullopt;
  return std::string(rest);
}

}  // namespace glue_security
