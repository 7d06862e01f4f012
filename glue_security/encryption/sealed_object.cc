#include "glue_security/encryption/sealed_object.h"

#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/encryption/aes_gcm.h"
#include "glue_security/encryption/encryption_settings.h"
#include "glue_security/encryption/hmac_sha256.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/model/utf8_text.h"

namespace glue_security {
namespace {

// Keeps the use of a data key for nonces apart from every other use.
constexpr absl::string_view kNonceLabel = "glue_security nonce of an object";

// Appends `number` with its highest byte first.
template <typename Number>
void AppendNumber(Number number, std::string* out) {
  for (size_t shift = 8 * sizeof(number); shift > 0;) {
    shift -= 8;
    out->push_back(static_cast<char>(number >> shift));
  }
}

// Returns the associated data of an object: each part of its name, and the
// version of the format, with their lengths, so that no part runs into the
// next.
std::string AssociatedData(const ObjectName& name, uint32_t format_version) {
  std::string version;
  AppendNumber(format_version, &version);
  std::string data;
  for (const absl::string_view part : {name.catalog_id, name.region, name.kind,
                                       name.id, absl::string_view(version)}) {
    AppendNumber(uint64_t{part.size()}, &data);
    absl::StrAppend(&data, part);
  }
  return data;
}

// Returns the nonce of an object. Two texts under one data key have different
// nonces, but for chance, although no random source is asked.
std::string NonceOf(const Secret& data_key, absl::string_view associated_data,
                    absl::string_view bytes) {
  const auto mac = HmacSha256(data_key, {kNonceLabel, associated_data, bytes});
  static_assert(kAesGcmNonceBytes <= mac.size());
  return {mac.begin(), mac.begin() + kAesGcmNonceBytes};
}

// Returns true when `sealed` has the form that SealObject gives it. The key
// service and the tag judge the rest.
bool IsWellFormed(const v1::SealedObject& sealed) {
  return sealed.format_version() == kSealedFormatVersion &&
         !sealed.key_arn().empty() && IsUtf8(sealed.key_arn()) &&
         !sealed.encrypted_data_key().empty() &&
         sealed.nonce().size() == kAesGcmNonceBytes &&
         sealed.tag().size() == kAesGcmTagBytes &&
         sealed.GetReflection()->GetUnknownFields(sealed).empty();
}

}  // namespace

GenerateDataKeyCall DataKeyToSeal(
    const v1::DataCatalogEncryptionSettings& settings,
    absl::string_view catalog_id) {
  GenerateDataKeyCall call;
  call.key = ObjectKey(settings);
  call.context = CatalogEncryptionContext(catalog_id);
  return call;
}

std::optional<v1::SealedObject> SealObject(
    const ObjectName& name, const GenerateDataKeyResult& data_key,
    absl::string_view bytes) {
  std::optional<v1::SealedObject> sealed;
  if (data_key.plaintext.size() != GenerateDataKeyCall::kDataKeyBytes ||
      data_key.blob.empty() || data_key.key_arn.empty() ||
      !IsUtf8(data_key.key_arn)) {
    return sealed;
  }
  const std::string associated_data =
      AssociatedData(name, kSealedFormatVersion);
  std::string nonce = NonceOf(data_key.plaintext, associated_data, bytes);
  std::string text =
      SealAesGcm(data_key.plaintext, nonce, associated_data, bytes);
  OrEnd([&] {
    sealed.emplace();
    sealed->set_format_version(kSealedFormatVersion);
    sealed->set_key_arn(data_key.key_arn);
    sealed->set_encrypted_data_key(data_key.blob);
    sealed->set_nonce(std::move(nonce));
    sealed->set_tag(text.substr(bytes.size()));
    text.resize(bytes.size());
    sealed->set_ciphertext(std::move(text));
  });
  return sealed;
}

std::optional<DecryptCall> DataKeyToOpen(const v1::SealedObject& sealed,
                                         absl::string_view catalog_id) {
  std::optional<DecryptCall> call;
  if (!IsWellFormed(sealed)) return call;
  call.emplace();
  call->blob = sealed.encrypted_data_key();
  call->key = sealed.key_arn();
  call->context = CatalogEncryptionContext(catalog_id);
  return call;
}

std::optional<Secret> OpenObject(const ObjectName& name,
                                 const v1::SealedObject& sealed,
                                 const DecryptResult& data_key) {
  if (!IsWellFormed(sealed) || data_key.key_arn != sealed.key_arn() ||
      data_key.plaintext.size() != GenerateDataKeyCall::kDataKeyBytes) {
    return std::nullopt;
  }
  return OpenAesGcm(data_key.plaintext, sealed.nonce(),
                    AssociatedData(name, sealed.format_version()),
                    absl::StrCat(sealed.ciphertext(), sealed.tag()));
}

}  // namespace glue_security
