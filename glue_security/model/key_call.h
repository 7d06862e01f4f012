// The calls of a key management service, and their answers, as values. What
// needs such a call returns it, and takes the answer later; a `KeyService`
// (glue_security/encryption/keys/key_service.h) answers it.

#ifndef GLUE_SECURITY_MODEL_KEY_CALL_H_
#define GLUE_SECURITY_MODEL_KEY_CALL_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "glue_security/model/caller.h"
#include "glue_security/model/secret.h"

namespace glue_security {

// The additional data of an encryption. A decryption must give the same.
using EncryptionContext = std::map<std::string, std::string>;

// On whose behalf a key is used, and through what.
struct KeyCaller {
  // The principal. With a service role, the role.
  Caller caller;
  // The service that calls on the principal's behalf, such as
  // "glue.us-east-1.amazonaws.com"; empty: the principal calls directly.
  std::string via_service = {};
  // The service that calls for itself, in the place of the principal, such as
  // "logs.us-east-1.amazonaws.com"; empty: the principal calls. `caller` then
  // has the account for which it does so.
  std::string service = {};

  friend bool operator==(const KeyCaller& a, const KeyCaller& b) {
    return a.caller == b.caller && a.via_service == b.via_service &&
           a.service == b.service;
  }
};

// Encrypts `plaintext`, 1 to 4,096 bytes.
struct EncryptCall {
  static constexpr size_t kPlaintextBytesMax = 4096;

  // A key's id or ARN, "alias/NAME", or an alias's ARN.
  std::string key;
  Secret plaintext;
  EncryptionContext context;
  std::vector<std::string> grant_tokens;

  friend bool operator==(const EncryptCall& a, const EncryptCall& b) {
    return a.key == b.key && a.plaintext == b.plaintext &&
           a.context == b.context && a.grant_tokens == b.grant_tokens;
  }
};

// Decrypts `blob`, which Encrypt or GenerateDataKey gave.
struct DecryptCall {
  std::string blob;
  // The key that the blob must be of; empty: whichever it names.
  std::string key;
  EncryptionContext context;
  std::vector<std::string> grant_tokens;

  friend bool operator==(const DecryptCall& a, const DecryptCall& b) {
    return a.blob == b.blob && a.key == b.key && a.context == b.context &&
           a.grant_tokens == b.grant_tokens;
  }
};

// Makes a data key, of 256 bits unless another size is given.
struct GenerateDataKeyCall {
  static constexpr size_t kDataKeyBytes = 32;
  static constexpr size_t kDataKeyBytesMax = 1024;

  std::string key;
  EncryptionContext context;
  std::vector<std::string> grant_tokens;
  // The size, 1 to 1,024 bytes.
  size_t data_key_bytes = kDataKeyBytes;

  friend bool operator==(const GenerateDataKeyCall& a,
                         const GenerateDataKeyCall& b) {
    return a.key == b.key && a.context == b.context &&
           a.grant_tokens == b.grant_tokens &&
           a.data_key_bytes == b.data_key_bytes;
  }
};

struct DescribeKeyCall {
  std::string key;
  std::vector<std::string> grant_tokens;

  friend bool operator==(const DescribeKeyCall& a, const DescribeKeyCall& b) {
    return a.key == b.key && a.grant_tokens == b.grant_tokens;
  }
};

struct KeyCall {
  KeyCaller caller;
  std::variant<EncryptCall, DecryptCall, GenerateDataKeyCall, DescribeKeyCall>
      call;

  friend bool operator==(const KeyCall& a, const KeyCall& b) {
    return a.caller == b.caller && a.call == b.call;
  }
};

struct EncryptResult {
  std::string blob;
  // Always an ARN, also when the call named an alias.
  std::string key_arn;
};

struct DecryptResult {
  Secret plaintext;
  std::string key_arn;
};

struct GenerateDataKeyResult {
  Secret plaintext;
  // The data key, encrypted.
  std::string blob;
  std::string key_arn;
};

enum class KeyKind { kSymmetric, kRsa, kEcc, kHmac };
enum class KeyUsage { kEncryptDecrypt, kSignVerify, kGenerateVerifyMac };
enum class KeyState { kEnabled, kDisabled, kPendingDeletion, kPendingImport };
// The maker of the key: the customer, or a service for the account.
enum class KeyManager { kCustomer, kAws };

struct DescribeKeyResult {
  std::string key_arn;
  KeyKind kind = KeyKind::kSymmetric;
  KeyUsage usage = KeyUsage::kEncryptDecrypt;
  KeyState state = KeyState::kEnabled;
  KeyManager manager = KeyManager::kCustomer;
};

// Why a key service refused a call.
struct KeyRefusal {
  // The exception, such as "DisabledException", as KMS names it.
  std::string code;
  // Absent where KMS gives no text.
  std::optional<std::string> message;
  // 400, or 500 for DependencyTimeoutException, KMSInternalException and
  // KeyUnavailableException.
  int http_status = 400;
  // A UUID.
  std::string request_id;
};

template <typename Result>
using KeyAnswerOf = std::variant<Result, KeyRefusal>;

// The answer to a `KeyCall`: the result that belongs to it, or a refusal.
using KeyAnswer =
    std::variant<EncryptResult, DecryptResult, GenerateDataKeyResult,
                 DescribeKeyResult, KeyRefusal>;

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_KEY_CALL_H_
