/* The C door, AWS Glue's Security API in your process for all that can call C.
 * It is neither a client of AWS nor a server.
 *
 *   glue_security_handle engine;
 *   glue_security_answer* answer;
 *   if (glue_security_open(NULL, 0, &engine, &answer) != GLUE_SECURITY_OK) {
 *     fprintf(stderr, "%s\n", answer->message);
 *   }
 *   glue_security_free(answer);
 *
 * Then AWS JSON goes in and comes out. This call fails, since there is no
 * policy (examples/embed_c.c is a whole program):
 *
 *   glue_security_call(engine, account, region, principal,
 *                      glue_security_text_of("AWSGlue.GetResourcePolicy"),
 *                      glue_security_text_of("{}"), &answer);
 *       // 400, EntityNotFoundException,
 *       // {"__type":"EntityNotFoundException","Message":"Policy not found"}
 *
 * Results. A function returns GLUE_SECURITY_OK or another code below. An error
 * of the API, as above, is an answer and not an error of the function. Where
 * several errors apply, the first is returned: those that concern all functions
 * in the order of their numbers, then a function's own in the order of its
 * list. After an error nothing has changed, except that
 * GLUE_SECURITY_OUT_OF_MEMORY and GLUE_SECURITY_INTERNAL may follow a change.
 * No exception leaves a function. Out of memory inside a message ends the
 * process (docs/out_of_memory.md).
 *
 * Answers. `answer` may be NULL where the caller wants only the code. Otherwise
 * it is set, in every case, to an answer that glue_security_free frees.
 *
 * Threads. Any number of threads may call any functions at once. A fork waits
 * for the functions that run. In the child, a handle whose storage is in memory
 * has a copy of the parent's state. With another storage, all functions but
 * glue_security_close return GLUE_SECURITY_FORKED, and no new handle opens it.
 *
 * Versions. A function stays as it is once a version has it ("Since"). Options
 * grow by new names, answers by new members at their end.
 */

#ifndef GLUE_SECURITY_CAPI_GLUE_SECURITY_H_
#define GLUE_SECURITY_CAPI_GLUE_SECURITY_H_ /* NOLINTBEGIN: this is C. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif
#define GLUE_SECURITY_API __attribute__((visibility("default")))
#define GLUE_SECURITY_VERSION "0.1.0"

enum {
  GLUE_SECURITY_OK = 0,
  /* All functions: a pointer is NULL that must not be, a text has more than
   * 1 GiB, or there are more than 1,000 options. */
  GLUE_SECURITY_INVALID_ARGUMENT = 1,
  /* All functions with a handle: it is not open. */
  GLUE_SECURITY_NO_SUCH_HANDLE = 2,
  /* All functions with a handle: see "Threads". */
  GLUE_SECURITY_FORKED = 3,
  GLUE_SECURITY_NOT_FOUND = 4,
  /* A bound would be exceeded, which the message names. */
  GLUE_SECURITY_NO_ROOM = 5,
  /* The storage failed. */
  GLUE_SECURITY_STORAGE = 6,
  /* All functions. */
  GLUE_SECURITY_OUT_OF_MEMORY = 7,
  /* All functions: the engine's library cannot be loaded, or the process has
   * another copy of its messages. */
  GLUE_SECURITY_NOT_LOADED = 8,
  /* All functions: a mistake of the library. */
  GLUE_SECURITY_INTERNAL = 9
};

/* UTF-8. It needs no terminator. `data` may be NULL when `size` is 0. */
typedef struct glue_security_text {
  const char* data;
  size_t size;
} glue_security_text;

typedef struct glue_security_option {
  glue_security_text name;
  glue_security_text value;
} glue_security_option;

/* An open engine. Never 0, and never given twice by a process. */
typedef uint64_t glue_security_handle;

/* The library allocates it, and alone knows its size. No text is NULL; each has
 * a NUL after its size. */
typedef struct glue_security_answer {
  /* GLUE_SECURITY_OK, or the error and what is wrong. */
  int code;
  const char* message;
  size_t message_size;
  /* The status of a call, such as 200; 0 for other functions. */
  int http_status;
  /* The error of a call, "EntityNotFoundException"; empty without one. */
  const char* error_type;
  size_t error_type_size;
  /* JSON. */
  const char* body;
  size_t body_size;
  /* The delay that fault rules inject into a call. The library does not sleep:
   * the caller gives the answer to its client this much later. */
  double delay_seconds;
  /* 1 when a fault rule loses the request or its answer. The caller closes the
   * connection, or takes the answer: an OperationTimeoutException. */
  int lost;
} glue_security_answer;

/* Returns a string as a text. */
static inline glue_security_text glue_security_text_of(const char* string) {
  const glue_security_text text = {string, string == NULL ? 0 : strlen(string)};
  return text;
}

/* Returns the library's version: "0.1.0". Since 0.1.0. */
GLUE_SECURITY_API const char* glue_security_version(void);

/* Opens an engine. Each option may be given once:
 *
 *   storage    "memory" (the default), "sqlite:PATH"
 *   behavior   "documented" (the default), "observed", "current"
 *   NAME       a field of Behavior or Limits, which changes the preset:
 *              "policy_checks", "page_size_default"
 *   account    the account of calls that name none: "123456789012"
 *   region     their region: "us-east-1"
 *   authorize  "true": the catalog's policy decides about calls, and a caller
 *              without a principal is the root user of its account; "false"
 *   history    "false": calls are not recorded, which takes less time
 *   identity   with authorize, what the callers' identity policies decide:
 *              "implicit_deny" (the default), "explicit_deny", "allow"
 *
 * Errors: GLUE_SECURITY_INVALID_ARGUMENT for an option that does not exist, is
 * given twice or has a wrong value; GLUE_SECURITY_STORAGE when the storage
 * cannot be opened. `handle` is then 0. Since 0.1.0. */
GLUE_SECURITY_API int glue_security_open(const glue_security_option* options,
                                         size_t count,
                                         glue_security_handle* handle,
                                         glue_security_answer** answer);

/* Closes an engine, with its snapshots and keys, once the functions that run
 * have returned. Since 0.1.0. */
GLUE_SECURITY_API int glue_security_close(glue_security_handle handle);

/* Makes one call. `target` is the value of the header X-Amz-Target:
 * "AWSGlue.GetResourcePolicy" or, to the key service of the engine,
 * "TrentService.CreateKey". `account` and `region` may be empty, so that those
 * of the options are taken, and so may `principal`, the ARN of the caller. The
 * answer has the status, the error type and the body of the response, and the
 * delay and the loss that fault rules inject. Since 0.1.0. */
GLUE_SECURITY_API int glue_security_call(glue_security_handle handle,
                                         glue_security_text account,
                                         glue_security_text region,
                                         glue_security_text principal,
                                         glue_security_text target,
                                         glue_security_text body,
                                         glue_security_answer** answer);

/* Empties the storage, the keys, the fault rules and the history, and lets the
 * clock follow the system's. Snapshots stay. Waits at most a second for calls
 * in progress. Errors: GLUE_SECURITY_NO_ROOM, GLUE_SECURITY_STORAGE. Since
 * 0.1.0. */
GLUE_SECURITY_API int glue_security_reset(glue_security_handle handle,
                                          glue_security_answer** answer);

/* Saves the records as a snapshot, without keys, in memory; one of the name is
 * replaced. A name has 1 to 128 characters of A-Z, a-z, 0-9, '.', '_' and '-'.
 * Errors: GLUE_SECURITY_INVALID_ARGUMENT for the name; GLUE_SECURITY_NO_ROOM
 * beyond 100 snapshots or 256 MiB; GLUE_SECURITY_STORAGE. Since 0.1.0. */
GLUE_SECURITY_API int glue_security_save(glue_security_handle handle,
                                         glue_security_text name,
                                         glue_security_answer** answer);

/* Restores the records of a snapshot. Errors: as glue_security_save, and
 * GLUE_SECURITY_NOT_FOUND. Since 0.1.0. */
GLUE_SECURITY_API int glue_security_restore(glue_security_handle handle,
                                            glue_security_text name,
                                            glue_security_answer** answer);

/* Sets, stops and starts the clock of the engine, as the JSON says:
 * {"now": "2026-01-31T12:00:00Z", "frozen": true}. Both members are optional;
 * "{}" only reads. The body of the answer is {"now":…,"frozen":…}. Errors:
 * GLUE_SECURITY_INVALID_ARGUMENT. Since 0.1.0. */
GLUE_SECURITY_API int glue_security_set_clock(glue_security_handle handle,
                                              glue_security_text change,
                                              glue_security_answer** answer);

/* Moves the clock, also backwards. Answer and errors are those of
 * glue_security_set_clock. Since 0.1.0. */
GLUE_SECURITY_API int glue_security_advance_clock(
    glue_security_handle handle, double seconds, glue_security_answer** answer);

/* Lets the clock follow the system's. Answer as before. Since 0.1.0. */
GLUE_SECURITY_API int glue_security_restore_clock(
    glue_security_handle handle, glue_security_answer** answer);

/* Adds a fault rule: {"operation": "PutResourcePolicy", "fault": "lose_answer",
 * "count": 1}. docs/reference/control.md has all members. The body of the
 * answer is {"id":1}. Errors: GLUE_SECURITY_INVALID_ARGUMENT for the rule;
 * GLUE_SECURITY_NO_ROOM. Since 0.1.0. */
GLUE_SECURITY_API int glue_security_add_fault(glue_security_handle handle,
                                              glue_security_text rule,
                                              glue_security_answer** answer);

/* Removes all fault rules. Since 0.1.0. */
GLUE_SECURITY_API int glue_security_clear_faults(glue_security_handle handle,
                                                 glue_security_answer** answer);

/* Lists the fault rules, and how often each has acted, as a JSON array. Since
 * 0.1.0. */
GLUE_SECURITY_API int glue_security_faults(glue_security_handle handle,
                                           glue_security_answer** answer);

/* Lists the calls so far: {"left_out":0,"calls":[…]}, as docs/reference/
 * control.md describes it. `query` is empty, or "after=START&limit=NUMBER", or
 * "latest=NUMBER". Errors: GLUE_SECURITY_INVALID_ARGUMENT. Since 0.1.0. */
GLUE_SECURITY_API int glue_security_history(glue_security_handle handle,
                                            glue_security_text query,
                                            glue_security_answer** answer);

/* Checks a policy document. The options are the flags of glue-policy's command
 * check: account, region, caller, role-arn, unique-id, level. The body of the
 * answer is {"file":"policy","findings":[…]}. Errors:
 * GLUE_SECURITY_INVALID_ARGUMENT for an option. Since 0.1.0. */
GLUE_SECURITY_API int glue_security_check_policy(
    const glue_security_option* options, size_t count,
    glue_security_text policy, glue_security_answer** answer);

/* Decides a request by a policy document. The options are the flags of
 * glue-policy's command decide: account, region, caller, action and resource,
 * all required; context and unknown, both repeatable; identity, role-arn,
 * unique-id, level. The body of the answer is {"decision":…,"statements":[…]}.
 * Errors: GLUE_SECURITY_INVALID_ARGUMENT for an option, and for a policy with
 * findings, which are then the body. Since 0.1.0. */
GLUE_SECURITY_API int glue_security_decide(const glue_security_option* options,
                                           size_t count,
                                           glue_security_text policy,
                                           glue_security_answer** answer);

/* Frees an answer; NULL is ignored. Since 0.1.0. */
GLUE_SECURITY_API void glue_security_free(glue_security_answer* answer);

#ifdef __cplusplus
}
#endif
#endif /* GLUE_SECURITY_CAPI_GLUE_SECURITY_H_ NOLINTEND */
