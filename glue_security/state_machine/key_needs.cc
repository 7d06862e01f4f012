#include "glue_security/state_machine/key_needs.h"

#include "glue_security/encryption/key_refusal.h"
#include "glue_security/model/error.h"
#include "glue_security/state_machine/transition_steps.h"

namespace glue_security {

Transition KeyNeeds::ToTransition() {
  if (bad_answer_ == nullptr) {
    Transition transition;
    transition.key_calls = std::move(missing_);
    return transition;
  }
  if (const auto* refusal = std::get_if<KeyRefusal>(bad_answer_)) {
    return Fail(GlueEncryptionError(*refusal));
  }
  return FailForKeyService();
}

}  // namespace glue_security
