#include "tests/encryption/fake_key_service.h"

#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "glue_security/encryption/aes_gcm.h"
#include "glue_security/encryption/hmac_sha256.h"

namespace glue_security {
namespace {

constexpr char kRequestId[] = "d2f0c7a4-8b0e-4d53-9d0c-1f6a2b3c4d5e";
// Ends the ARN in a blob.
constexpr char kArnEnd = '|';

KeyRefusal Refusal(std::string code, std::optional<std::string> message) {
  return {std::move(code), std::move(message), 400, kRequestId};
}

// The key that encrypts everything; the ARN is in the associated data.
Secret MasterKey() { return Secret(std::string(32, 'M')); }

std::string AssociatedData(const std::string& key_arn,
                           const EncryptionContext& context) {
  std::string data = absl::StrCat(key_arn.size(), ":", key_arn);
  for (const auto& [key, value] : context) {
    absl::StrAppend(&data, key.size(), ":", key, value.size(), ":", value);
  }
  return data;
}

std::string AliasArn(const KeyCaller& caller, absl::string_view alias) {
  return absl::StrCat("arn:aws:kms:", caller.caller.region, ":",
                      caller.caller.account_id, ":", alias);
}

}  // namespace

std::string FakeKeyService::AddKey(absl::string_view account,
                                   absl::string_view region,
                                   absl::string_view name) {
  const std::string arn =
      absl::StrCat("arn:aws:kms:", region, ":", account, ":key/", name);
  keys_.insert(arn);
  return arn;
}

void FakeKeyService::AddAlias(absl::string_view alias,
                              const std::string& key_arn) {
  const std::vector<std::string> fields = absl::StrSplit(key_arn, ':');
  KeyCaller owner;
  owner.caller.region = fields[3];
  owner.caller.account_id = fields[4];
  aliases_[AliasArn(owner, alias)] = key_arn;
}

void FakeKeyService::Deny(absl::string_view action,
                          const std::string& key_arn) {
  AllowOnly(action, key_arn, "");
}

void FakeKeyService::AllowOnly(absl::string_view action,
                               const std::string& key_arn,
                               const std::string& principal) {
  only_[{std::string(action), key_arn}] = principal;
}

KeyAnswerOf<std::string> FakeKeyService::Resolve(const KeyCaller& caller,
                                                 absl::string_view action,
                                                 const std::string& key) const {
  if (refusal_.has_value()) return *refusal_;
  std::string arn = key;
  if (absl::StartsWith(key, "alias/")) {
    const std::string alias = AliasArn(caller, key);
    const auto found = aliases_.find(alias);
    if (found == aliases_.end()) {
      return Refusal("NotFoundException",
                     absl::StrCat("Alias ", alias, " is not found."));
    }
    arn = found->second;
  }
  if (keys_.count(arn) == 0) {
    return Refusal("NotFoundException",
                   absl::StrCat("Key '", arn, "' does not exist"));
  }
  const auto only = only_.find({std::string(action), arn});
  const std::string& principal =
      caller.service.empty() ? caller.caller.principal_arn : caller.service;
  if (only != only_.end() && only->second != principal) {
    return Refusal("AccessDeniedException",
                   absl::StrCat("User: ", principal,
                                " is not authorized to perform: ", action,
                                " on resource: ", arn,
                                " because no identity-based policy allows the ",
                                action, " action"));
  }
  if (disabled_.count(arn) != 0) {
    return Refusal("DisabledException", absl::StrCat(arn, " is disabled."));
  }
  return arn;
}

std::string FakeKeyService::MakeBlob(const std::string& key_arn,
                                     const EncryptionContext& context,
                                     absl::string_view plaintext) {
  const std::string nonce = absl::StrFormat("%012d", ++made_);
  return absl::StrCat(key_arn, std::string(1, kArnEnd), nonce,
                      SealAesGcm(MasterKey(), nonce,
                                 AssociatedData(key_arn, context), plaintext));
}

KeyAnswerOf<EncryptResult> FakeKeyService::Encrypt(const KeyCaller& caller,
                                                   const EncryptCall& call) {
  calls_.push_back({caller, call});
  const auto arn = Resolve(caller, "kms:Encrypt", call.key);
  if (const auto* refusal = std::get_if<KeyRefusal>(&arn)) return *refusal;
  if (call.plaintext.empty() ||
      call.plaintext.size() > EncryptCall::kPlaintextBytesMax) {
    return Refusal("ValidationException", "a wrong size");
  }
  const auto& key_arn = std::get<std::string>(arn);
  return EncryptResult{MakeBlob(key_arn, call.context, call.plaintext.view()),
                       key_arn};
}

KeyAnswerOf<DecryptResult> FakeKeyService::Decrypt(const KeyCaller& caller,
                                                   const DecryptCall& call) {
  calls_.push_back({caller, call});
  const std::pair<std::string, std::string> blob =
      absl::StrSplit(call.blob, absl::MaxSplits(kArnEnd, 1));
  const std::string& made_by = blob.first;
  if (call.key.empty() && keys_.count(made_by) == 0) {
    return Refusal("InvalidCiphertextException", std::nullopt);
  }
  const auto arn =
      Resolve(caller, "kms:Decrypt", call.key.empty() ? made_by : call.key);
  if (const auto* refusal = std::get_if<KeyRefusal>(&arn)) return *refusal;
  const auto& key_arn = std::get<std::string>(arn);
  if (keys_.count(made_by) != 0 && made_by != key_arn) {
    return Refusal("IncorrectKeyException",
                   "The key ID in the request does not identify a CMK that can "
                   "perform this operation.");
  }
  if (made_by != key_arn || blob.second.size() < kAesGcmNonceBytes) {
    return Refusal("InvalidCiphertextException", std::nullopt);
  }
  auto plaintext = OpenAesGcm(
      MasterKey(), absl::string_view(blob.second).substr(0, kAesGcmNonceBytes),
      AssociatedData(key_arn, call.context),
      absl::string_view(blob.second).substr(kAesGcmNonceBytes));
  if (!plaintext.has_value()) {
    return Refusal("InvalidCiphertextException", std::nullopt);
  }
  return DecryptResult{*std::move(plaintext), key_arn};
}

KeyAnswerOf<GenerateDataKeyResult> FakeKeyService::GenerateDataKey(
    const KeyCaller& caller, const GenerateDataKeyCall& call) {
  calls_.push_back({caller, call});
  const auto arn = Resolve(caller, "kms:GenerateDataKey", call.key);
  if (const auto* refusal = std::get_if<KeyRefusal>(&arn)) return *refusal;
  const auto& key_arn = std::get<std::string>(arn);
  GenerateDataKeyResult result;
  result.key_arn = key_arn;
  const auto bytes = HmacSha256(MasterKey(), {absl::StrCat(++made_)});
  result.plaintext =
      Secret({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  result.blob = MakeBlob(key_arn, call.context, result.plaintext.view());
  return result;
}

KeyAnswerOf<DescribeKeyResult> FakeKeyService::DescribeKey(
    const KeyCaller& caller, const DescribeKeyCall& call) {
  calls_.push_back({caller, call});
  const auto arn = Resolve(caller, "kms:DescribeKey", call.key);
  if (const auto* refusal = std::get_if<KeyRefusal>(&arn)) return *refusal;
  DescribeKeyResult result;
  result.key_arn = std::get<std::string>(arn);
  return result;
}

}  // namespace glue_security
