#include "glue_security/storage/key_encoding.h"

#include <cstddef>
#include <cstdint>

namespace glue_security {
namespace {

constexpr char kEscape = '\x00';
constexpr char kEnd = '\x01';
constexpr char kNul = '\xFF';

void AppendText(absl::string_view text, std::string* out) {
  for (const char c : text) {
    out->push_back(c);
    if (c == kEscape) out->push_back(kNul);
  }
  out->push_back(kEscape);
  out->push_back(kEnd);
}

// Takes a text from the front of `bytes`. Returns false when there is none.
bool TakeText(absl::string_view* bytes, std::string* text) {
  for (size_t i = 0; i + 1 < bytes->size(); ++i) {
    const char c = (*bytes)[i];
    if (c != kEscape) {
      text->push_back(c);
      continue;
    }
    const char next = (*bytes)[++i];
    if (next == kEnd) {
      bytes->remove_prefix(i + 1);
      return true;
    }
    if (next != kNul) return false;
    text->push_back(kEscape);
  }
  return false;
}

}  // namespace

std::string EncodeKindPrefix(const CatalogKey& catalog, RecordKind kind) {
  std::string bytes;
  bytes.reserve(catalog.catalog_id.size() + catalog.region.size() + 5);
  AppendText(catalog.catalog_id, &bytes);
  AppendText(catalog.region, &bytes);
  bytes.push_back(static_cast<char>(kind));
  return bytes;
}

std::string EncodeRecordKey(const CatalogKey& catalog, const RecordKey& key) {
  std::string bytes = EncodeKindPrefix(catalog, key.kind);
  AppendText(key.id, &bytes);
  return bytes;
}

std::optional<std::string> EndOfPrefix(absl::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xFF') end.pop_back();
  if (end.empty()) return std::nullopt;
  end.back() = static_cast<char>(static_cast<uint8_t>(end.back()) + 1);
  return end;
}

std::optional<DecodedRecordKey> DecodeRecordKey(absl::string_view bytes) {
  DecodedRecordKey decoded;
  if (!TakeText(&bytes, &decoded.catalog.catalog_id) ||
      !TakeText(&bytes, &decoded.catalog.region) || bytes.empty()) {
    return std::nullopt;
  }
  decoded.key.kind = static_cast<RecordKind>(bytes[0]);
  bytes.remove_prefix(1);
  if (!TakeText(&bytes, &decoded.key.id) || !bytes.empty()) return std::nullopt;
  return decoded;
}

}  // namespace glue_security
