#include "glue_security/capi/answer.h"

namespace glue_security {

OwnedAnswer::OwnedAnswer() : glue_security_answer() { Show(); }

void OwnedAnswer::Show() {
  code = result.code;
  message = result.message.c_str();
  message_size = result.message.size();
  http_status = result.http_status;
  error_type = result.error_type.c_str();
  error_type_size = result.error_type.size();
  body = result.body.c_str();
  body_size = result.body.size();
  delay_seconds = result.delay_seconds;
  lost = result.lost ? 1 : 0;
}

OwnedAnswer* OutOfMemoryAnswer() {
  // Never destroyed, so that threads may use it until the process ends.
  alignas(OwnedAnswer) static char place[sizeof(OwnedAnswer)];
  static OwnedAnswer* const kAnswer = [] {
    auto* const made = new (place) OwnedAnswer;
    made->is_permanent = true;
    made->result.code = GLUE_SECURITY_OUT_OF_MEMORY;
    // Short enough to need no memory.
    made->result.message = "out of memory";
    made->Show();
    return made;
  }();
  return kAnswer;
}

void FreeAnswer(glue_security_answer* answer) {
  auto* const owned = static_cast<OwnedAnswer*>(answer);
  if (owned != nullptr && !owned->is_permanent) delete owned;
}

}  // namespace glue_security
