// The passwords among a connection's properties: how they are stored, and what
// a reader sees. Pure functions, which ask for key calls and take their
// answers. A write that gives a PASSWORD:
//
//   const auto input = PropertiesOf(properties);
//   const auto calls = PasswordsToEncrypt(behavior, settings, input);
//   // ... `results` has the answers
//   const auto edits = EditsOfWrite(behavior, settings, input, results);
//   ApplyEdits(edits, &properties);  // ENCRYPTED_PASSWORD instead of PASSWORD
//
// A refused call ends the operation (key_refusal.h): nothing is stored or
// shown, and no edit is made.
//
// The calls are made on behalf of the caller of the operation (`ThroughGlue` in
// encryption_settings.h), without an encryption context. docs/encryption.md has
// the rules.

#ifndef GLUE_SECURITY_ENCRYPTION_CONNECTION_PASSWORDS_H_
#define GLUE_SECURITY_ENCRYPTION_CONNECTION_PASSWORDS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/secret.h"
#include "glue_security/v1/catalog_encryption.pb.h"

namespace glue_security {

// A property that holds a password, and the property in which it is stored
// encrypted.
struct PasswordPair {
  const char* clear;
  const char* encrypted;
  // The date of the first model that has them (`Behavior::api_date`). Before it
  // they are written as other properties are. They are read by the rules of a
  // password at every date.
  absl::CivilDay since;
};

// All pairs, in the order of their calls.
absl::Span<const PasswordPair> PasswordPairs();

// Finds a property by its key; returns nullptr when there is none.
using Properties = absl::FunctionRef<const std::string*(const std::string&)>;

// Returns the properties in a map of texts: a std::map, or a map field of a
// message. Valid as long as the map, which must not change meanwhile.
template <typename Map>
auto PropertiesOf(const Map& map) {
  return [&map](const std::string& key) -> const std::string* {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
  };
}

// A change of one property.
struct PropertyEdit {
  std::string key;
  // The new value, which may be a password in clear; nullopt: the property is
  // removed.
  std::optional<Secret> value;
};

// Returns what CreateConnection and UpdateConnection have to encrypt, given the
// properties of the request.
std::vector<EncryptCall> PasswordsToEncrypt(
    const Behavior& behavior, const v1::DataCatalogEncryptionSettings& settings,
    Properties input);

// Returns the changes that make what is stored out of the properties of the
// request.
//
// REQUIRES: `encrypted` has one result for each of PasswordsToEncrypt, with the
// same arguments, in its order.
std::vector<PropertyEdit> EditsOfWrite(
    const Behavior& behavior, const v1::DataCatalogEncryptionSettings& settings,
    Properties input, absl::Span<const EncryptResult> encrypted);

// Returns what GetConnection and GetConnections have to decrypt, given the
// properties that are stored. With `hide`, HidePassword of the request, it is
// nothing. The settings are the present ones, not those of the write.
std::vector<DecryptCall> PasswordsToDecrypt(
    const v1::DataCatalogEncryptionSettings& settings, bool hide,
    Properties stored);

// Returns the changes that make what is shown out of what is stored. A
// decrypted password that is not UTF-8 is shown with U+FFFD in the place of its
// wrong bytes.
//
// REQUIRES: `decrypted` has one result for each of PasswordsToDecrypt, with the
// same arguments, in its order.
std::vector<PropertyEdit> EditsOfRead(
    const v1::DataCatalogEncryptionSettings& settings, bool hide,
    Properties stored, absl::Span<const DecryptResult* const> decrypted);

// Applies `edits` to a map of texts. The caller answers for the passwords in
// clear that it then holds. A map field is changed within OrEnd
// (glue_security/model/out_of_memory.h).
template <typename Map>
void ApplyEdits(const std::vector<PropertyEdit>& edits, Map* map) {
  for (const PropertyEdit& edit : edits) {
    if (!edit.value.has_value()) {
      map->erase(edit.key);
      continue;
    }
    const absl::string_view value = edit.value->view();
    (*map)[edit.key].assign(value.data(), value.size());
  }
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_CONNECTION_PASSWORDS_H_
