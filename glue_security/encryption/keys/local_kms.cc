#include "glue_security/encryption/keys/local_kms.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "glue_security/encryption/aes_gcm.h"
#include "glue_security/encryption/keys/key_blob.h"
#include "glue_security/encryption/keys/key_names.h"
#include "glue_security/encryption/keys/kms_constraints.h"
#include "glue_security/encryption/keys/kms_core.h"
#include "glue_security/encryption/keys/kms_refusal.h"

// The operations that use keys. The others are in local_kms_keys.cc,
// local_kms_aliases.cc, local_kms_policies.cc and local_kms_grants.cc.

namespace glue_security {
namespace {

// A key that may be used, as it was at the instant of the call. It needs no
// lock.
struct KeyInUse {
  std::string arn;
  std::shared_ptr<const Secret> material;
  uint32_t material_number = 0;
};

// Returns the refusal of a key that does not encrypt with the symmetric
// algorithm.
std::optional<KeyRefusal> RefuseUsage(const KeyMetadata& key,
                                      absl::string_view operation) {
  if (key.usage != KeyUsage::kEncryptDecrypt) {
    return Refuse(
        "InvalidKeyUsageException",
        absl::StrCat(key.arn, " key usage is ", KeyUsageName(key.usage),
                     " which is not valid for ", operation, "."));
  }
  if (key.kind != KeyKind::kSymmetric) {
    return Refuse("InvalidKeyUsageException",
                  absl::StrCat(key.arn, " key spec is ", key.key_spec,
                               " which is not valid for ", operation, "."));
  }
  return std::nullopt;
}

// Finds the key with which something is to be encrypted.
std::optional<KeyRefusal> OpenToEncrypt(KmsCore* core, const KeyCaller& caller,
                                        const KeyRequest& request,
                                        KeyInUse* in_use) {
  KmsCall call(core, caller);
  KeyRecord* key = nullptr;
  if (auto refusal = call.Open(request, &key)) return refusal;
  const KeyMetadata& metadata = key->metadata;
  if (auto refusal = RefuseUnlessEnabled(metadata.state, metadata.arn)) {
    return refusal;
  }
  if (auto refusal = RefuseUsage(metadata, request.operation)) return refusal;
  in_use->arn = metadata.arn;
  in_use->material = key->material.back();
  in_use->material_number = static_cast<uint32_t>(key->material.size() - 1);
  return std::nullopt;
}

std::string Seal(const KmsCore& core, const KeyInUse& key, BlobMaker maker,
                 const EncryptionContext& context, const Secret& plaintext) {
  return SealKeyBlob(maker, key.arn, key.material_number, *key.material,
                     core.RandomBytes(kAesGcmNonceBytes), context,
                     plaintext.view());
}

// Returns the IncorrectKeyException if the key that the call names is not the
// one of the ciphertext. `blob` is null for bytes that are no ciphertext.
std::optional<KeyRefusal> RefuseIfIncorrect(const KeyMetadata& key,
                                            const KeyBlob* blob) {
  if (key.kind == KeyKind::kSymmetric &&
      (blob == nullptr || blob->key_arn == key.arn)) {
    return std::nullopt;
  }
  return Refuse("IncorrectKeyException",
                "The key ID in the request does not identify a CMK that can "
                "perform this operation.");
}

// Finds the material with which `blob` is to be decrypted; null: there is none.
std::optional<KeyRefusal> OpenToDecrypt(KmsCore* core, const KeyCaller& caller,
                                        const DecryptCall& asked,
                                        const KeyBlob* blob, KeyInUse* in_use) {
  KeyRequest request;
  request.operation = "Decrypt";
  request.is_by_ciphertext = asked.key.empty();
  if (!asked.key.empty()) {
    request.key = asked.key;
  } else if (blob != nullptr) {
    request.key = blob->key_arn;
  }
  request.accepts_aliases = true;
  request.reaches_other_accounts = true;
  request.grant_tokens = &asked.grant_tokens;
  request.context = &asked.context;
  KmsCall call(core, caller);
  KeyRecord* key = nullptr;
  if (auto refusal = call.Open(request, &key)) return refusal;
  const KeyMetadata& metadata = key->metadata;
  if (auto refusal = RefuseUnlessEnabled(metadata.state, metadata.arn)) {
    return refusal;
  }
  if (!request.is_by_ciphertext) {
    if (auto refusal = RefuseIfIncorrect(metadata, blob)) return refusal;
  }
  if (auto refusal = RefuseUsage(metadata, request.operation)) return refusal;
  in_use->arn = metadata.arn;
  if (blob != nullptr && blob->material_number < key->material.size()) {
    in_use->material = key->material[blob->material_number];
  }
  return std::nullopt;
}

KeyRequest RequestToEncrypt(absl::string_view operation, const std::string& key,
                            const EncryptionContext& context,
                            const std::vector<std::string>& grant_tokens) {
  KeyRequest request;
  request.operation = operation;
  request.key = key;
  request.accepts_aliases = true;
  request.reaches_other_accounts = true;
  request.grant_tokens = &grant_tokens;
  request.context = &context;
  return request;
}

}  // namespace

LocalKms::LocalKms(LocalKmsOptions options)
    : core_(std::make_unique<KmsCore>(std::move(options))) {}

LocalKms::~LocalKms() = default;

void LocalKms::Reset() {
  // Destroyed after the lock is released.
  KeyStore old;
  const std::lock_guard<std::mutex> lock(core_->mutex);
  std::swap(old, core_->store);
}

KeyAnswerOf<EncryptResult> LocalKms::Encrypt(const KeyCaller& caller,
                                             const EncryptCall& call) {
  return core_->Answer([&]() -> KeyAnswerOf<EncryptResult> {
    if (auto refusal = RefuseBroken(call)) return *std::move(refusal);
    KeyInUse key;
    if (auto refusal =
            OpenToEncrypt(core_.get(), caller,
                          RequestToEncrypt("Encrypt", call.key, call.context,
                                           call.grant_tokens),
                          &key)) {
      return *std::move(refusal);
    }
    EncryptResult result;
    result.blob =
        Seal(*core_, key, BlobMaker::kEncrypt, call.context, call.plaintext);
    result.key_arn = std::move(key.arn);
    return result;
  });
}

KeyAnswerOf<DecryptResult> LocalKms::Decrypt(const KeyCaller& caller,
                                             const DecryptCall& call) {
  return core_->Answer([&]() -> KeyAnswerOf<DecryptResult> {
    if (auto refusal = RefuseBroken(call)) return *std::move(refusal);
    const std::optional<KeyBlob> blob = ParseKeyBlob(call.blob);
    KeyInUse key;
    if (auto refusal =
            OpenToDecrypt(core_.get(), caller, call,
                          blob.has_value() ? &*blob : nullptr, &key)) {
      return *std::move(refusal);
    }
    std::optional<Secret> plaintext;
    if (key.material != nullptr) {
      plaintext = OpenKeyBlob(*blob, *key.material, call.context);
    }
    if (!plaintext.has_value()) {
      return RefuseWithoutText("InvalidCiphertextException");
    }
    return DecryptResult{*std::move(plaintext), std::move(key.arn)};
  });
}

KeyAnswerOf<GenerateDataKeyResult> LocalKms::GenerateDataKey(
    const KeyCaller& caller, const GenerateDataKeyCall& call) {
  return core_->Answer([&]() -> KeyAnswerOf<GenerateDataKeyResult> {
    if (auto refusal = RefuseBroken(call)) return *std::move(refusal);
    KeyInUse key;
    if (auto refusal =
            OpenToEncrypt(core_.get(), caller,
                          RequestToEncrypt("GenerateDataKey", call.key,
                                           call.context, call.grant_tokens),
                          &key)) {
      return *std::move(refusal);
    }
    GenerateDataKeyResult result;
    result.plaintext = core_->RandomSecret(call.data_key_bytes);
    result.blob = Seal(*core_, key, BlobMaker::kGenerateDataKey, call.context,
                       result.plaintext);
    result.key_arn = std::move(key.arn);
    return result;
  });
}

KeyAnswerOf<DescribeKeyResult> LocalKms::DescribeKey(
    const KeyCaller& caller, const DescribeKeyCall& call) {
  auto answer = GetKeyMetadata(caller, call);
  if (auto* const refusal = std::get_if<KeyRefusal>(&answer)) {
    return std::move(*refusal);
  }
  const auto& metadata = std::get<KeyMetadata>(answer);
  return DescribeKeyResult{metadata.arn, metadata.kind, metadata.usage,
                           metadata.state, metadata.manager};
}

KeyAnswerOf<KeyMetadata> LocalKms::GetKeyMetadata(const KeyCaller& caller,
                                                  const DescribeKeyCall& call) {
  return core_->Answer([&]() -> KeyAnswerOf<KeyMetadata> {
    if (auto refusal = RefuseBroken(call)) return *std::move(refusal);
    KeyRequest request;
    request.operation = "DescribeKey";
    request.key = call.key;
    request.accepts_aliases = true;
    request.reaches_other_accounts = true;
    request.grant_tokens = &call.grant_tokens;
    KmsCall run(core_.get(), caller);
    KeyRecord* key = nullptr;
    if (auto refusal = run.Open(request, &key)) return *std::move(refusal);
    return key->metadata;
  });
}

}  // namespace glue_security
