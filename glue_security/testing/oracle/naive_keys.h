// ModelKeys: what a key service answers, as the reference model sees it. The
// model has no keys and makes no ciphertexts; it only asks whether a call would
// be allowed.
//
// The default knows what an engine's own `LocalKms` has: no key but
// `alias/aws/glue` of each account and region, which everybody of the account
// may use through Glue.

#ifndef GLUE_SECURITY_TESTING_ORACLE_NAIVE_KEYS_H_
#define GLUE_SECURITY_TESTING_ORACLE_NAIVE_KEYS_H_

#include <functional>
#include <string>

#include "glue_security/model/caller.h"

namespace glue_security {

// A call that Glue makes to the key service.
struct ModelKeyCall {
  enum class Kind {
    kEncrypt,
    kDecrypt,
    kGenerateDataKey,
    // Asks whether the caller may decrypt with a key, without a ciphertext.
    kMayDecrypt,
  };
  Kind kind = Kind::kEncrypt;
  // The principal on whose behalf it is made: the caller of the operation, or
  // the role of the catalog.
  Caller caller;
  // The name of the key in the settings: those in force, or, of kDecrypt, those
  // under which it was encrypted.
  std::string key;
  // kDecrypt: the principal on whose behalf it was encrypted, whose account and
  // region tell which key the name meant. Otherwise the same as `caller`.
  Caller encrypted_by;
};

// Returns the code with which the key service refuses a call, such as
// "NotFoundException"; "" when it answers it. Must depend on its argument
// alone, or on what the test changes between calls.
using ModelKeys = std::function<std::string(const ModelKeyCall& call)>;

// The default.
std::string OnlyGluesOwnKey(const ModelKeyCall& call);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_ORACLE_NAIVE_KEYS_H_
