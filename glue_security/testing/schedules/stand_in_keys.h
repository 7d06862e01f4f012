// StandInAnswer: the answers of a key service that depend on the call alone, so
// that a schedule that is made again has the same bytes. It keeps nothing
// secret, has every key that is named, and refuses nobody.

#ifndef GLUE_SECURITY_TESTING_SCHEDULES_STAND_IN_KEYS_H_
#define GLUE_SECURITY_TESTING_SCHEDULES_STAND_IN_KEYS_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/key_call.h"

namespace glue_security {
namespace testing_internal {

KeyAnswer StandInAnswer(const KeyCall& call);

// Returns the ARN of the key that a call names so.
std::string StandInKeyArn(const std::string& key);

// A ciphertext: the ARN of its key, and what was encrypted. nullopt: `blob` is
// none.
struct StandInCiphertext {
  std::string key_arn;
  std::string plaintext;
};
std::optional<StandInCiphertext> ReadStandInCiphertext(absl::string_view blob);

// Returns the refusal of a call that took too long.
KeyRefusal StandInTimeout();

}  // namespace testing_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SCHEDULES_STAND_IN_KEYS_H_
