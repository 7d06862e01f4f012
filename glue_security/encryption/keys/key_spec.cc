#include "glue_security/encryption/keys/key_spec.h"

#include "glue_security/encryption/keys/key_names.h"

namespace glue_security {
namespace {

constexpr absl::string_view kSpecNames[] = {
    "RSA_2048",          "ECC_NIST_P384", "ECC_NIST_P256",   "ECC_NIST_P521",
    "HMAC_384",          "RSA_3072",      "ECC_SECG_P256K1", "RSA_4096",
    "SYMMETRIC_DEFAULT", "HMAC_256",      "HMAC_224",        "HMAC_512"};

constexpr KeyUsage kUsages[] = {KeyUsage::kEncryptDecrypt,
                                KeyUsage::kSignVerify,
                                KeyUsage::kGenerateVerifyMac};

KeySpec Rsa(absl::string_view name) {
  return {name,
          KeyKind::kRsa,
          {"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"},
          {"RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384",
           "RSASSA_PKCS1_V1_5_SHA_512", "RSASSA_PSS_SHA_256",
           "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512"},
          {}};
}

KeySpec Ecc(absl::string_view name, absl::string_view algorithm) {
  return {name, KeyKind::kEcc, {}, {algorithm}, {}};
}

KeySpec Hmac(absl::string_view name, absl::string_view algorithm) {
  return {name, KeyKind::kHmac, {}, {}, {algorithm}};
}

const std::vector<KeySpec>& Table() {
  static const auto* const kTable = new std::vector<KeySpec>{
      {kSymmetricKeySpec, KeyKind::kSymmetric, {"SYMMETRIC_DEFAULT"}, {}, {}},
      Rsa("RSA_2048"),
      Rsa("RSA_3072"),
      Rsa("RSA_4096"),
      Ecc("ECC_NIST_P256", "ECDSA_SHA_256"),
      Ecc("ECC_NIST_P384", "ECDSA_SHA_384"),
      Ecc("ECC_NIST_P521", "ECDSA_SHA_512"),
      Ecc("ECC_SECG_P256K1", "ECDSA_SHA_256"),
      Hmac("HMAC_224", "HMAC_SHA_224"),
      Hmac("HMAC_256", "HMAC_SHA_256"),
      Hmac("HMAC_384", "HMAC_SHA_384"),
      Hmac("HMAC_512", "HMAC_SHA_512"),
  };
  return *kTable;
}

}  // namespace

const std::vector<absl::string_view>& KeySpec::algorithms(
    KeyUsage usage) const {
  switch (usage) {
    case KeyUsage::kEncryptDecrypt:
      return encryption_algorithms;
    case KeyUsage::kSignVerify:
      return signing_algorithms;
    case KeyUsage::kGenerateVerifyMac:
      break;
  }
  return mac_algorithms;
}

const KeySpec* FindKeySpec(absl::string_view name) {
  for (const KeySpec& spec : Table()) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

absl::Span<const absl::string_view> KeySpecNames() { return kSpecNames; }

absl::Span<const absl::string_view> KeyUsageNames() {
  static const auto* const kNames = [] {
    auto* const names = new std::vector<absl::string_view>();
    for (const KeyUsage usage : kUsages) names->push_back(KeyUsageName(usage));
    return names;
  }();
  return *kNames;
}

std::optional<KeyUsage> ParseKeyUsage(absl::string_view name) {
  for (const KeyUsage usage : kUsages) {
    if (KeyUsageName(usage) == name) return usage;
  }
  return std::nullopt;
}

}  // namespace glue_security
