// The library in a program of C. docs/embedding.md says how to build it.

// [embed]
#include <stdio.h>

#include "glue_security/capi/glue_security.h"

int main(void) {
  const glue_security_text none = {NULL, 0};
  glue_security_handle engine;
  glue_security_answer* answer;
  if (glue_security_open(NULL, 0, &engine, &answer) != GLUE_SECURITY_OK) {
    fprintf(stderr, "%s\n", answer->message);
    return 1;
  }
  glue_security_free(answer);

  if (glue_security_call(engine, none, none, none,
                         glue_security_text_of("AWSGlue.GetResourcePolicy"),
                         glue_security_text_of("{}"),
                         &answer) == GLUE_SECURITY_OK) {
    // 400 EntityNotFoundException
    printf("%d %s\n", answer->http_status, answer->error_type);
  }
  glue_security_free(answer);
  return glue_security_close(engine);
}
// [embed end]
