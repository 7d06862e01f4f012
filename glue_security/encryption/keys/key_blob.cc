#include "glue_security/encryption/keys/key_blob.h"

#include "absl/strings/str_cat.h"
#include "glue_security/encryption/aes_gcm.h"

namespace glue_security {
namespace {

constexpr absl::string_view kFromEncrypt("\x01\x02\x02\x00\x78", 5);
constexpr absl::string_view kFromGenerateDataKey("\x01\x02\x03\x00\x78", 5);
constexpr absl::string_view kVersion("\x01", 1);
constexpr size_t kArnSizeBytes = 2;
constexpr size_t kMaterialNumberBytes = 4;

void AppendNumber(uint64_t number, size_t bytes, std::string* out) {
  for (size_t left = bytes; left > 0; --left) {
    out->push_back(static_cast<char>(number >> 8 * (left - 1) & 0xFF));
  }
}

uint64_t ReadNumber(absl::string_view bytes) {
  uint64_t number = 0;
  for (const char byte : bytes) {
    number = number << 8 | static_cast<unsigned char>(byte);
  }
  return number;
}

// Takes `bytes` bytes from the front of `text`. Returns false when it has
// fewer.
bool Take(size_t bytes, absl::string_view* text, absl::string_view* taken) {
  if (text->size() < bytes) return false;
  *taken = text->substr(0, bytes);
  text->remove_prefix(bytes);
  return true;
}

// The lengths make the whole unambiguous.
std::string AssociatedData(absl::string_view header,
                           const EncryptionContext& context) {
  std::string data;
  const auto append = [&data](absl::string_view part) {
    AppendNumber(part.size(), 8, &data);
    absl::StrAppend(&data, part);
  };
  append(header);
  for (const auto& [key, value] : context) {
    append(key);
    append(value);
  }
  return data;
}

}  // namespace

std::string SealKeyBlob(BlobMaker maker, absl::string_view key_arn,
                        uint32_t material_number, const Secret& material,
                        absl::string_view nonce,
                        const EncryptionContext& context,
                        absl::string_view plaintext) {
  std::string blob = absl::StrCat(
      maker == BlobMaker::kEncrypt ? kFromEncrypt : kFromGenerateDataKey,
      kVersion);
  AppendNumber(key_arn.size(), kArnSizeBytes, &blob);
  absl::StrAppend(&blob, key_arn);
  AppendNumber(material_number, kMaterialNumberBytes, &blob);
  const std::string sealed =
      SealAesGcm(material, nonce, AssociatedData(blob, context), plaintext);
  absl::StrAppend(&blob, nonce, sealed);
  return blob;
}

std::optional<KeyBlob> ParseKeyBlob(absl::string_view bytes) {
  KeyBlob blob;
  absl::string_view rest = bytes;
  absl::string_view maker;
  absl::string_view version;
  absl::string_view arn_size;
  absl::string_view material_number;
  if (!Take(kFromEncrypt.size(), &rest, &maker) ||
      (maker != kFromEncrypt && maker != kFromGenerateDataKey) ||
      !Take(kVersion.size(), &rest, &version) || version != kVersion ||
      !Take(kArnSizeBytes, &rest, &arn_size) ||
      !Take(ReadNumber(arn_size), &rest, &blob.key_arn) ||
      !Take(kMaterialNumberBytes, &rest, &material_number)) {
    return std::nullopt;
  }
  blob.header = bytes.substr(0, bytes.size() - rest.size());
  blob.material_number = static_cast<uint32_t>(ReadNumber(material_number));
  if (!Take(kAesGcmNonceBytes, &rest, &blob.nonce) ||
      rest.size() < kAesGcmTagBytes) {
    return std::nullopt;
  }
  blob.sealed = rest;
  return blob;
}

std::optional<Secret> OpenKeyBlob(const KeyBlob& blob, const Secret& material,
                                  const EncryptionContext& context) {
  return OpenAesGcm(material, blob.nonce, AssociatedData(blob.header, context),
                    blob.sealed);
}

}  // namespace glue_security
