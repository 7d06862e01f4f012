// NaivePasswords: the passwords of connections in the reference model, and the
// seals of connections, as far as they decide who reads what.
//
// The model cannot know ciphertexts. It shows a text of its own in the place of
// each, well-formed base64 that tells the write and the pair that it is of:
// "ENCRYPTED/PASSWORD/0003A" is the PASSWORD of the third write that encrypted
// any. Who compares a backend with the model learns the backend's text for it
// (sequences/answer_translation.h), and may give it back in a request, where it
// stands for the password again.

#ifndef GLUE_SECURITY_TESTING_ORACLE_NAIVE_PASSWORDS_H_
#define GLUE_SECURITY_TESTING_ORACLE_NAIVE_PASSWORDS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/testing/oracle/naive_keys.h"
#include "glue_security/v1/catalog_encryption.pb.h"
#include "google/protobuf/map.h"

namespace glue_security {

// Returns true when `text` stands for a ciphertext in the model.
bool IsModelCiphertext(absl::string_view text);

// Returns the number of the write that made a ciphertext of the model: two of
// one write may be equal in a backend, two of different writes are not.
// REQUIRES: IsModelCiphertext(text).
absl::string_view WriteOfModelCiphertext(absl::string_view text);

// A copy changes independently.
class NaivePasswords {
 public:
  using Settings = v1::DataCatalogEncryptionSettings;
  using Properties = google::protobuf::Map<std::string, std::string>;
  // The principal who sealed a connection, and the name of the key.
  struct Seal {
    std::string key;
    Caller by;
  };

  explicit NaivePasswords(ModelKeys keys) : keys_(std::move(keys)) {}

  // Makes what is stored of the properties of a request, and seals the
  // connection if the settings say so: `*sealed` tells. Returns the code of the
  // first refusal of the key service, and changes nothing; "" when there is
  // none.
  std::string Store(const Behavior& behavior, const Settings& settings,
                    const Caller& caller, Properties* properties, bool* sealed,
                    Seal* seal);

  // Returns the refusal of a reader who opens a seal; "": none.
  std::string Open(const Settings& settings, const Caller& caller,
                   const Seal& seal) const;

  // Returns the refusal of a caller who may not decrypt with the key of an
  // encrypted catalog; "": none, or it is not encrypted.
  std::string MayDecrypt(const Settings& settings, const Caller& caller) const;

  // Makes what a reader sees of the properties that are stored. Returns as
  // Store does.
  std::string Show(const Settings& settings, const Caller& caller, bool hide,
                   Properties* properties) const;

  // Returns the properties with what each ciphertext stands for in its place.
  Properties Revealed(Properties properties) const;

 private:
  struct Ciphertext {
    std::string password;
    std::string key;
    Caller by;
  };

  std::string Decrypt(const Caller& caller, const std::string& text,
                      std::string* password) const;

  ModelKeys keys_;
  std::map<std::string, Ciphertext> ciphertexts_;
  // The writes that encrypted a password.
  int64_t writes_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_ORACLE_NAIVE_PASSWORDS_H_
