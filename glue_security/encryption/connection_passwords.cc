#include "glue_security/encryption/connection_passwords.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "glue_security/encryption/encryption_settings.h"
#include "glue_security/model/utf8_text.h"

namespace glue_security {
namespace {

// The day of what came after the contract at a date that is not known
// (docs/decisions/api-date.md).
constexpr absl::CivilDay kLaterConnectionKeys(2021, 7, 1);

constexpr PasswordPair kPairs[] = {
    {"PASSWORD", "ENCRYPTED_PASSWORD", kContractDate},
    {"KAFKA_CLIENT_KEYSTORE_PASSWORD",
     "ENCRYPTED_KAFKA_CLIENT_KEYSTORE_PASSWORD", kLaterConnectionKeys},
    {"KAFKA_CLIENT_KEY_PASSWORD", "ENCRYPTED_KAFKA_CLIENT_KEY_PASSWORD",
     kLaterConnectionKeys},
};

// The keys of a pair as strings, made once: a look-up then needs no memory.
struct PairKeys {
  std::string clear;
  std::string encrypted;
};

const PairKeys& KeysOf(const PasswordPair& pair) {
  static const auto& all = *new std::vector<PairKeys>([] {
    std::vector<PairKeys> keys;
    for (const PasswordPair& each : kPairs) {
      keys.push_back({each.clear, each.encrypted});
    }
    return keys;
  }());
  return all[static_cast<size_t>(&pair - kPairs)];
}

// A pair, and what the properties hold of it; nullptr: nothing.
struct HeldPair {
  const PasswordPair& pair;
  const std::string* clear;
  const std::string* encrypted;

  void RemoveClear(std::vector<PropertyEdit>* edits) const {
    if (clear != nullptr) edits->push_back({pair.clear, std::nullopt});
  }
  void RemoveEncrypted(std::vector<PropertyEdit>* edits) const {
    if (encrypted != nullptr) edits->push_back({pair.encrypted, std::nullopt});
  }
};

HeldPair Hold(const PasswordPair& pair, Properties properties) {
  const PairKeys& keys = KeysOf(pair);
  return {pair, properties(keys.clear), properties(keys.encrypted)};
}

// Calls `visit` with each pair of which a request gives the clear password.
template <typename Visit>
void ForEachGivenPassword(const Behavior& behavior, Properties input,
                          Visit visit) {
  for (const PasswordPair& pair : kPairs) {
    if (std::max(behavior.api_date, kContractDate) < pair.since) continue;
    const HeldPair held = Hold(pair, input);
    if (held.clear != nullptr) visit(held);
  }
}

// Returns true when a read has to decrypt the password. An empty text is no
// ciphertext.
bool IsDecrypted(const v1::DataCatalogEncryptionSettings& settings,
                 const HeldPair& held) {
  return !ReturnsPasswordsEncrypted(settings) && held.clear == nullptr &&
         held.encrypted != nullptr && !held.encrypted->empty();
}

// Returns the ciphertext in a stored ENCRYPTED_PASSWORD. A request may have
// given any text: what is not base64 is left to the key service, which refuses
// it.
std::string BlobOf(const std::string& encrypted) {
  std::string blob;
  return absl::Base64Unescape(encrypted, &blob) ? blob : encrypted;
}

}  // namespace

absl::Span<const PasswordPair> PasswordPairs() { return kPairs; }

std::vector<EncryptCall> PasswordsToEncrypt(
    const Behavior& behavior, const v1::DataCatalogEncryptionSettings& settings,
    Properties input) {
  std::vector<EncryptCall> calls;
  if (!EncryptsPasswords(behavior, settings)) return calls;
  ForEachGivenPassword(behavior, input, [&](const HeldPair& held) {
    // KMS encrypts one byte and more.
    if (held.clear->empty()) return;
    EncryptCall call;
    call.key = PasswordKey(settings);
    call.plaintext = Secret(*held.clear);
    calls.push_back(std::move(call));
  });
  return calls;
}

std::vector<PropertyEdit> EditsOfWrite(
    const Behavior& behavior, const v1::DataCatalogEncryptionSettings& settings,
    Properties input, absl::Span<const EncryptResult> encrypted) {
  std::vector<PropertyEdit> edits;
  const bool encrypts = EncryptsPasswords(behavior, settings);
  size_t used = 0;
  ForEachGivenPassword(behavior, input, [&](const HeldPair& held) {
    if (!encrypts || held.clear->empty()) {
      held.RemoveEncrypted(&edits);
      return;
    }
    held.RemoveClear(&edits);
    edits.push_back({held.pair.encrypted,
                     Secret(absl::Base64Escape(encrypted[used++].blob))});
  });
  return edits;
}

std::vector<DecryptCall> PasswordsToDecrypt(
    const v1::DataCatalogEncryptionSettings& settings, bool hide,
    Properties stored) {
  std::vector<DecryptCall> calls;
  if (hide) return calls;
  for (const PasswordPair& pair : kPairs) {
    const HeldPair held = Hold(pair, stored);
    if (!IsDecrypted(settings, held)) continue;
    DecryptCall call;
    call.blob = BlobOf(*held.encrypted);
    calls.push_back(std::move(call));
  }
  return calls;
}

std::vector<PropertyEdit> EditsOfRead(
    const v1::DataCatalogEncryptionSettings& settings, bool hide,
    Properties stored, absl::Span<const DecryptResult* const> decrypted) {
  std::vector<PropertyEdit> edits;
  edits.reserve(2 * decrypted.size());
  size_t used = 0;
  for (const PasswordPair& pair : kPairs) {
    const HeldPair held = Hold(pair, stored);
    if (hide) {
      held.RemoveClear(&edits);
      held.RemoveEncrypted(&edits);
    } else if (IsDecrypted(settings, held)) {
      edits.push_back({pair.clear, ToUtf8(decrypted[used++]->plaintext)});
      held.RemoveEncrypted(&edits);
    } else if (held.clear != nullptr) {
      // No write stores both of a pair that is in force.
      if (ReturnsPasswordsEncrypted(settings) && held.encrypted != nullptr) {
        held.RemoveClear(&edits);
      } else {
        held.RemoveEncrypted(&edits);
      }
    }
  }
  return edits;
}

}  // namespace glue_security
