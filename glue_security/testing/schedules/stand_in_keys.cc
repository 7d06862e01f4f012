#include "glue_security/testing/schedules/stand_in_keys.h"

#include <variant>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace glue_security {
namespace testing_internal {
namespace {

constexpr char kEnd = '\n';
constexpr char kArn[] = "arn:aws:kms:us-east-1:123456789012:key/";

std::string ContextText(const EncryptionContext& context) {
  std::string text;
  for (const auto& [key, value] : context) {
    absl::StrAppend(&text, key, "=", value, ";");
  }
  return text;
}

std::string Blob(const std::string& arn, const EncryptionContext& context,
                 absl::string_view plaintext) {
  return absl::StrCat(arn, std::string(1, kEnd), ContextText(context),
                      std::string(1, kEnd), plaintext);
}

// Returns 32 bytes.
std::string DataKey(const std::string& arn) {
  std::string key = absl::StrCat("data key of ", arn.substr(sizeof(kArn) - 1));
  key.resize(GenerateDataKeyCall::kDataKeyBytes, '.');
  return key;
}

KeyAnswer Decrypted(const DecryptCall& call) {
  const auto ciphertext = ReadStandInCiphertext(call.blob);
  if (!ciphertext.has_value() ||
      call.blob !=
          Blob(ciphertext->key_arn, call.context, ciphertext->plaintext)) {
    return KeyRefusal{"InvalidCiphertextException", {}, 400, ""};
  }
  return DecryptResult{Secret(ciphertext->plaintext), ciphertext->key_arn};
}

}  // namespace

std::string StandInKeyArn(const std::string& key) {
  return absl::StartsWith(key, kArn) ? key : absl::StrCat(kArn, key);
}

std::optional<StandInCiphertext> ReadStandInCiphertext(absl::string_view blob) {
  const size_t arn_end = blob.find(kEnd);
  if (arn_end == absl::string_view::npos) return std::nullopt;
  const size_t context_end = blob.find(kEnd, arn_end + 1);
  if (context_end == absl::string_view::npos) return std::nullopt;
  return StandInCiphertext{std::string(blob.substr(0, arn_end)),
                           std::string(blob.substr(context_end + 1))};
}

KeyAnswer StandInAnswer(const KeyCall& call) {
  if (const auto* encrypt = std::get_if<EncryptCall>(&call.call)) {
    const std::string arn = StandInKeyArn(encrypt->key);
    return EncryptResult{Blob(arn, encrypt->context, encrypt->plaintext.view()),
                         arn};
  }
  if (const auto* decrypt = std::get_if<DecryptCall>(&call.call)) {
    return Decrypted(*decrypt);
  }
  if (const auto* generate = std::get_if<GenerateDataKeyCall>(&call.call)) {
    const std::string arn = StandInKeyArn(generate->key);
    const std::string key = DataKey(arn);
    return GenerateDataKeyResult{Secret(key), Blob(arn, generate->context, key),
                                 arn};
  }
  DescribeKeyResult described;
  described.key_arn = StandInKeyArn(std::get<DescribeKeyCall>(call.call).key);
  return described;
}

KeyRefusal StandInTimeout() {
  return {"DependencyTimeoutException", "the key service is late", 500, ""};
}

}  // namespace testing_internal
}  // namespace glue_security
