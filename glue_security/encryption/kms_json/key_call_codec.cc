#include "glue_security/encryption/kms_json/key_call_codec.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/encryption/keys/key_names.h"
#include "glue_security/encryption/kms_json/json_object.h"
#include "glue_security/encryption/kms_json/kms_operation.h"
#include "glue_security/encryption/kms_json/secret_base64.h"
#include "glue_security/encryption/kms_json/wiped_json_scratch.h"
#include "glue_security/json/json_walk.h"

namespace glue_security {
namespace {

constexpr size_t kDepthMax = 100;
constexpr size_t kCodeBytesMax = 128;
constexpr size_t kMessageBytesMax = size_t{16} << 10;
constexpr size_t kBlobBytesMax = 6144;
constexpr size_t kKeyIdBytesMax = 2048;

void AddContext(const EncryptionContext& context, JsonObject* out) {
  if (!context.empty()) out->Map("EncryptionContext", context);
}

void AddTokens(const std::vector<std::string>& tokens, JsonObject* out) {
  if (!tokens.empty()) out->Texts("GrantTokens", tokens);
}

KmsWireRequest Encoded(KmsOperation operation, JsonObject object) {
  return {absl::StrCat(kKmsTargetPrefix, KmsOperationName(operation)),
          object.Finish()};
}

// The sink of `WalkJsonObject` that reads the texts of an answer, those in
// KeyMetadata included. When one is repeated, the last one counts.
class AnswerReader {
 public:
  void Key(const char*, absl::string_view text) {
    if (depth_ == 1) in_metadata_ = text == "KeyMetadata";
    const bool is_read = depth_ == 1 || (depth_ == 2 && in_metadata_);
    name_ = is_read ? std::string(text) : std::string();
  }
  void String(const char*, absl::string_view text) {
    if (name_ == "Plaintext") {
      plaintext = SecretFromBase64(text);
    } else if (name_ == "CiphertextBlob") {
      ciphertext = SecretFromBase64(text);
    } else if (name_ == "__type") {
      type = std::string(text);
    } else if (absl::EqualsIgnoreCase(name_, "message")) {
      message = Cut(text);
    } else if (depth_ == 1 && name_ == "KeyId") {
      key_id = std::string(text);
    } else if (depth_ == 2) {
      ReadMetadata(text);
    }
    name_.clear();
  }
  void Scalar(JsonType, absl::string_view) { name_.clear(); }
  size_t Open(JsonType type_of_value, const char*) {
    // A list in the metadata has no member that is read.
    if (type_of_value == JsonType::kArray) name_.clear();
    return ++depth_;
  }
  void Close(size_t, size_t) { --depth_; }

  std::optional<Secret> plaintext;
  std::optional<Secret> ciphertext;
  std::string type;
  std::optional<std::string> message;
  std::string key_id;
  std::string arn;
  std::string spec;
  std::string usage;
  std::string state;
  std::string manager;

 private:
  // Returns a text of bounded length that is still UTF-8.
  static std::string Cut(absl::string_view text) {
    size_t end = std::min(text.size(), kMessageBytesMax);
    while (end < text.size() && end > 0 &&
           (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
      --end;
    }
    return std::string(text.substr(0, end));
  }

  void ReadMetadata(absl::string_view text) {
    const std::pair<absl::string_view, std::string*> members[] = {
        {"Arn", &arn},
        {"KeySpec", &spec},
        {"CustomerMasterKeySpec", &spec},
        {"KeyUsage", &usage},
        {"KeyState", &state},
        {"KeyManager", &manager}};
    for (const auto& [name, value] : members) {
      if (name == name_) *value = std::string(text);
    }
  }

  size_t depth_ = 0;
  bool in_metadata_ = false;
  // The member whose value comes next; empty for one that is not read.
  std::string name_;
};

KeyRefusal NotOfKms(int http_status, absl::string_view what) {
  KeyRefusal refusal;
  refusal.code = "KMSInternalException";
  refusal.message = absl::StrCat("HTTP status ", http_status, ": ", what);
  refusal.http_status = 500;
  return refusal;
}

// Extracts "Name" from "ns#Name:http://...". Returns "" for what cannot be the
// name of an exception.
std::string ExceptionName(absl::string_view type) {
  type = type.substr(0, type.find(':'));
  const size_t hash = type.find('#');
  if (hash != absl::string_view::npos) type = type.substr(hash + 1);
  const bool is_name =
      type.size() <= kCodeBytesMax &&
      std::all_of(type.begin(), type.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c));
      });
  return is_name ? std::string(type) : std::string();
}

// Reads an answer. Returns the refusal that it is.
std::optional<KeyRefusal> Read(const KmsWireAnswer& answer,
                               AnswerReader* reader) {
  constexpr char kNotOne[] = "the answer is not one of KMS";
  const int status = answer.http_status;
  const bool is_exception = status >= 400 && status <= 599;
  if (status != 200 && !is_exception) return NotOfKms(status, kNotOne);
  const WipedJsonScratch scratch;
  if (WalkJsonObject(answer.body, kDepthMax, scratch.get(), reader)
          .has_value()) {
    return NotOfKms(status, kNotOne);
  }
  if (!is_exception) {
    if (answer.error_type.empty() && reader->type.empty()) return std::nullopt;
    return NotOfKms(status, "the answer is an exception");
  }
  KeyRefusal refusal;
  refusal.code = ExceptionName(answer.error_type.empty() ? reader->type
                                                         : answer.error_type);
  if (refusal.code.empty()) return NotOfKms(status, kNotOne);
  refusal.message = std::move(reader->message);
  refusal.http_status = status;
  return refusal;
}

KeyRefusal Lacks(absl::string_view member) {
  return NotOfKms(200, absl::StrCat("the answer has no legal ", member));
}

bool IsKeyId(absl::string_view id) {
  return !id.empty() && id.size() <= kKeyIdBytesMax;
}

bool IsBlob(const std::optional<Secret>& blob) {
  return blob.has_value() && !blob->empty() && blob->size() <= kBlobBytesMax;
}

KeyKind KindOf(absl::string_view spec) {
  if (spec == "SYMMETRIC_DEFAULT") return KeyKind::kSymmetric;
  if (absl::StartsWith(spec, "RSA_")) return KeyKind::kRsa;
  if (absl::StartsWith(spec, "HMAC_")) return KeyKind::kHmac;
  return KeyKind::kEcc;
}

KeyUsage UsageOf(absl::string_view name) {
  for (const KeyUsage usage :
       {KeyUsage::kEncryptDecrypt, KeyUsage::kGenerateVerifyMac}) {
    if (KeyUsageName(usage) == name) return usage;
  }
  return KeyUsage::kSignVerify;
}

KeyState StateOf(absl::string_view name) {
  if (name == "Updating") return KeyState::kEnabled;
  if (name == "PendingReplicaDeletion") return KeyState::kPendingDeletion;
  for (const KeyState state : {KeyState::kEnabled, KeyState::kPendingDeletion,
                               KeyState::kPendingImport}) {
    if (KeyStateName(state) == name) return state;
  }
  return KeyState::kDisabled;
}

}  // namespace

KmsWireRequest EncodeKeyCall(const EncryptCall& call) {
  JsonObject object;
  object.Text("KeyId", call.key);
  object.Bytes("Plaintext", call.plaintext.view());
  AddContext(call.context, &object);
  AddTokens(call.grant_tokens, &object);
  return Encoded(KmsOperation::kEncrypt, std::move(object));
}

KmsWireRequest EncodeKeyCall(const DecryptCall& call) {
  JsonObject object;
  object.Bytes("CiphertextBlob", call.blob);
  AddContext(call.context, &object);
  AddTokens(call.grant_tokens, &object);
  if (!call.key.empty()) object.Text("KeyId", call.key);
  return Encoded(KmsOperation::kDecrypt, std::move(object));
}

KmsWireRequest EncodeKeyCall(const GenerateDataKeyCall& call) {
  JsonObject object;
  object.Text("KeyId", call.key);
  AddContext(call.context, &object);
  if (call.data_key_bytes == GenerateDataKeyCall::kDataKeyBytes) {
    object.Text("KeySpec", "AES_256");
  } else {
    object.Number("NumberOfBytes", static_cast<int64_t>(call.data_key_bytes));
  }
  AddTokens(call.grant_tokens, &object);
  return Encoded(KmsOperation::kGenerateDataKey, std::move(object));
}

KmsWireRequest EncodeKeyCall(const DescribeKeyCall& call) {
  JsonObject object;
  object.Text("KeyId", call.key);
  AddTokens(call.grant_tokens, &object);
  return Encoded(KmsOperation::kDescribeKey, std::move(object));
}

KeyAnswerOf<EncryptResult> DecodeEncryptAnswer(const KmsWireAnswer& answer) {
  AnswerReader reader;
  if (auto refusal = Read(answer, &reader)) return *std::move(refusal);
  if (!IsBlob(reader.ciphertext)) return Lacks("CiphertextBlob");
  if (!IsKeyId(reader.key_id)) return Lacks("KeyId");
  return EncryptResult{std::string(reader.ciphertext->view()),
                       std::move(reader.key_id)};
}

KeyAnswerOf<DecryptResult> DecodeDecryptAnswer(const KmsWireAnswer& answer) {
  AnswerReader reader;
  if (auto refusal = Read(answer, &reader)) return *std::move(refusal);
  if (!reader.plaintext.has_value() || reader.plaintext->empty() ||
      reader.plaintext->size() > EncryptCall::kPlaintextBytesMax) {
    return Lacks("Plaintext");
  }
  if (!IsKeyId(reader.key_id)) return Lacks("KeyId");
  return DecryptResult{*std::move(reader.plaintext), std::move(reader.key_id)};
}

KeyAnswerOf<GenerateDataKeyResult> DecodeGenerateDataKeyAnswer(
    const KmsWireAnswer& answer, size_t data_key_bytes) {
  AnswerReader reader;
  if (auto refusal = Read(answer, &reader)) return *std::move(refusal);
  if (!reader.plaintext.has_value() ||
      reader.plaintext->size() != data_key_bytes) {
    return Lacks("Plaintext");
  }
  if (!IsBlob(reader.ciphertext)) return Lacks("CiphertextBlob");
  if (!IsKeyId(reader.key_id)) return Lacks("KeyId");
  return GenerateDataKeyResult{*std::move(reader.plaintext),
                               std::string(reader.ciphertext->view()),
                               std::move(reader.key_id)};
}

KeyAnswerOf<DescribeKeyResult> DecodeDescribeKeyAnswer(
    const KmsWireAnswer& answer) {
  AnswerReader reader;
  if (auto refusal = Read(answer, &reader)) return *std::move(refusal);
  if (!IsKeyId(reader.arn)) return Lacks("Arn");
  if (reader.spec.empty()) return Lacks("KeySpec");
  if (reader.usage.empty()) return Lacks("KeyUsage");
  if (reader.state.empty()) return Lacks("KeyState");
  return DescribeKeyResult{std::move(reader.arn), KindOf(reader.spec),
                           UsageOf(reader.usage), StateOf(reader.state),
                           reader.manager == KeyManagerName(KeyManager::kAws)
                               ? KeyManager::kAws
                               : KeyManager::kCustomer};
}

}  // namespace glue_security
