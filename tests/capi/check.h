/* What the C tests share: checks that say where they failed. */

#ifndef GLUE_SECURITY_TESTS_CAPI_CHECK_H_
#define GLUE_SECURITY_TESTS_CAPI_CHECK_H_

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "glue_security/capi/glue_security.h"

/* Ends the test when `condition` is false. */
#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                \
    }                                                                         \
  } while (0)

#define TEXT glue_security_text_of

/* The last answer; freed by the next `EXPECT`. Each thread has its own. */
static __thread glue_security_answer* last_answer;

static inline int expect_code(const char* file, int line, int wanted, int got) {
  const int shown = last_answer == NULL ? got : last_answer->code;
  if (got != wanted || shown != wanted) {
    fprintf(stderr, "%s:%d: code %d and %d in the answer, not %d: %s\n", file,
            line, got, shown, wanted,
            last_answer == NULL ? "" : last_answer->message);
    abort();
  }
  if (last_answer != NULL) {
    CHECK((wanted == GLUE_SECURITY_OK) == (last_answer->message_size == 0));
    CHECK(strlen(last_answer->message) == last_answer->message_size);
    CHECK(last_answer->body[last_answer->body_size] == '\0');
    CHECK(last_answer->error_type[last_answer->error_type_size] == '\0');
  }
  return 1;
}

/* Calls a function with `&last_answer`, and checks what it returns. */
#define EXPECT(wanted, call)                            \
  (glue_security_free(last_answer), last_answer = NULL, \
   expect_code(__FILE__, __LINE__, wanted, (call)))

#define OK(call) EXPECT(GLUE_SECURITY_OK, call)
#define INVALID(call) EXPECT(GLUE_SECURITY_INVALID_ARGUMENT, call)

static inline int body_has(const char* part) {
  return strstr(last_answer->body, part) != NULL;
}

static inline int message_has(const char* part) {
  return strstr(last_answer->message, part) != NULL;
}

static inline int error_is(const char* type) {
  return strcmp(last_answer->error_type, type) == 0;
}

/* Opens an engine with up to two options; a name may be NULL. */
static inline glue_security_handle open_with(const char* name,
                                             const char* value,
                                             const char* name2,
                                             const char* value2) {
  glue_security_option options[2];
  glue_security_handle handle = 0;
  const size_t count = name == NULL ? 0 : name2 == NULL ? 1 : 2;
  options[0].name = TEXT(name);
  options[0].value = TEXT(value);
  options[1].name = TEXT(name2);
  options[1].value = TEXT(value2);
  OK(glue_security_open(options, count, &handle, &last_answer));
  CHECK(handle != 0);
  return handle;
}

/* Makes a call as account 123456789012 and returns the status. */
static inline int call(glue_security_handle handle, const char* target,
                       const char* body) {
  OK(glue_security_call(handle, TEXT("123456789012"), TEXT("us-east-1"),
                        TEXT(""), TEXT(target), TEXT(body), &last_answer));
  return last_answer->http_status;
}

/* Creates a security configuration and returns the status. */
static inline int create(glue_security_handle handle, const char* name) {
  char body[200];
  snprintf(body, sizeof(body),
           "{\"Name\":\"%s\",\"EncryptionConfiguration\":{}}", name);
  return call(handle, "AWSGlue.CreateSecurityConfiguration", body);
}

/* Returns the status of a Get: 200 when it is there, 400 when it is not. */
static inline int get(glue_security_handle handle, const char* name) {
  char body[200];
  snprintf(body, sizeof(body), "{\"Name\":\"%s\"}", name);
  return call(handle, "AWSGlue.GetSecurityConfiguration", body);
}

#endif /* GLUE_SECURITY_TESTS_CAPI_CHECK_H_ */
