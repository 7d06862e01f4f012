/* Goes through every function of the C door and every error that it lists. Runs
 * with the engine linked, and with it loaded by libglue_security_c. */

#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/capi/check.h"

static const char kPolicy[] =
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
    "\"Principal\":{\"AWS\":\"arn:aws:iam::210987654321:root\"},"
    "\"Action\":\"glue:GetTable\","
    "\"Resource\":\"arn:aws:glue:us-east-1:123456789012:*\"}]}";

static glue_security_text text_of(const char* data, size_t size) {
  glue_security_text text;
  text.data = data;
  text.size = size;
  return text;
}

static glue_security_option option_of(const char* name, const char* value) {
  glue_security_option option;
  option.name = TEXT(name);
  option.value = TEXT(value);
  return option;
}

static void open_refuses_what_it_does_not_know(void) {
  glue_security_handle handle = 77;
  glue_security_option options[2];
  INVALID(glue_security_open(NULL, 0, NULL, &last_answer));
  CHECK(message_has("handle is NULL"));
  INVALID(glue_security_open(NULL, 1, &handle, &last_answer));
  CHECK(handle == 0);
  INVALID(glue_security_open(options, (size_t)-1, &handle, &last_answer));
  CHECK(message_has("more than 1000 options"));
  options[0] = option_of("colour", "red");
  INVALID(glue_security_open(options, 1, &handle, &last_answer));
  CHECK(message_has("colour: no such option"));
  options[0] = option_of("policy_checks", "all");
  INVALID(glue_security_open(options, 1, &handle, &last_answer));
  CHECK(message_has("policy_checks: must be none, json, grammar or glue"));
  options[0] = option_of("behavior", "wild");
  INVALID(glue_security_open(options, 1, &handle, &last_answer));
  options[0] = option_of("authorize", "yes");
  INVALID(glue_security_open(options, 1, &handle, &last_answer));
  options[0] = option_of("identity", "maybe");
  INVALID(glue_security_open(options, 1, &handle, &last_answer));
  options[0] = option_of("account", "42");
  INVALID(glue_security_open(options, 1, &handle, &last_answer));
  options[0] = option_of("region", "Mars!");
  INVALID(glue_security_open(options, 1, &handle, &last_answer));
  options[0] = option_of("storage", "redis://localhost");
  INVALID(glue_security_open(options, 1, &handle, &last_answer));
  options[0] = option_of("storage", "sqlite:/no/such/folder/glue.db");
  EXPECT(GLUE_SECURITY_STORAGE,
         glue_security_open(options, 1, &handle, &last_answer));
  options[0] = option_of("region", "us-east-1");
  options[1] = option_of("region", "us-east-1");
  INVALID(glue_security_open(options, 2, &handle, &last_answer));
  CHECK(message_has("region: is given twice"));
  options[0].name = text_of(NULL, 3);
  INVALID(glue_security_open(options, 1, &handle, &last_answer));
  options[0].name = text_of("x", ((size_t)1 << 30) + 1);
  INVALID(glue_security_open(options, 1, &handle, &last_answer));
  CHECK(message_has("more than 1 GiB"));
  CHECK(handle == 0);
}

static void options_change_the_preset(void) {
  const glue_security_handle observed =
      open_with("must_exist_error_code", "EntityNotFoundException", "behavior",
                "observed");
  CHECK(call(observed, "AWSGlue.PutResourcePolicy", "{}") == 400);
  CHECK(error_is("ValidationException"));
  CHECK(glue_security_close(observed) == GLUE_SECURITY_OK);
  const glue_security_handle limited =
      open_with("security_configurations_max", "1", NULL, NULL);
  CHECK(create(limited, "one") == 200);
  CHECK(create(limited, "two") == 400);
  CHECK(error_is("ResourceNumberLimitExceededException"));
  CHECK(glue_security_close(limited) == GLUE_SECURITY_OK);
}

static void calls_answer(void) {
  const glue_security_handle handle = open_with(NULL, NULL, NULL, NULL);
  /* A body without a terminator. */
  static const char kBody[] = {'{', '}', 'x'};
  OK(glue_security_call(handle, TEXT(""), TEXT(""), TEXT(""),
                        TEXT("AWSGlue.GetResourcePolicy"), text_of(kBody, 2),
                        &last_answer));
  CHECK(last_answer->http_status == 400);
  CHECK(error_is("EntityNotFoundException"));
  CHECK(body_has("\"Message\":\"Policy not found\""));
  CHECK(last_answer->delay_seconds == 0 && last_answer->lost == 0);
  CHECK(create(handle, "one") == 200);
  CHECK(error_is("") && body_has("\"Name\":\"one\""));
  CHECK(call(handle, "AWSGlue.Nothing", "{}") == 400);
  CHECK(error_is("UnknownOperationException"));
  CHECK(call(handle, "", "{}") == 400);
  CHECK(call(handle, "AWSGlue.GetResourcePolicy", "[") == 400);
  CHECK(error_is("SerializationException"));
  /* A NUL is a byte like others, and no end. */
  OK(glue_security_call(handle, TEXT(""), TEXT(""), TEXT(""),
                        TEXT("AWSGlue.GetResourcePolicy"), text_of("{}\0{}", 5),
                        &last_answer));
  CHECK(error_is("SerializationException"));
  /* Another account sees nothing. */
  OK(glue_security_call(handle, TEXT("210987654321"), TEXT("us-east-1"),
                        TEXT("arn:aws:iam::210987654321:root"),
                        TEXT("AWSGlue.GetSecurityConfiguration"),
                        TEXT("{\"Name\":\"one\"}"), &last_answer));
  CHECK(error_is("EntityNotFoundException"));
  CHECK(call(handle, "TrentService.CreateKey", "{}") == 200);
  CHECK(body_has("\"KeyId\":"));
  CHECK(call(handle, "TrentService.Nothing", "{}") == 400);
  CHECK(error_is("UnknownOperationException"));
  CHECK(glue_security_close(handle) == GLUE_SECURITY_OK);
}

static void calls_refuse_wrong_arguments(void) {
  const glue_security_handle handle = open_with(NULL, NULL, NULL, NULL);
  const glue_security_text none = text_of(NULL, 0);
  const glue_security_text bad[] = {text_of(NULL, 1), text_of("x", (size_t)-1)};
  for (int i = 0; i < 2; ++i) {
    INVALID(glue_security_call(handle, bad[i], none, none, none, none,
                               &last_answer));
    INVALID(glue_security_call(handle, none, bad[i], none, none, none,
                               &last_answer));
    INVALID(glue_security_call(handle, none, none, bad[i], none, none,
                               &last_answer));
    INVALID(glue_security_call(handle, none, none, none, bad[i], none,
                               &last_answer));
    INVALID(glue_security_call(handle, none, none, none, none, bad[i],
                               &last_answer));
    INVALID(glue_security_save(handle, bad[i], &last_answer));
    INVALID(glue_security_restore(handle, bad[i], &last_answer));
    INVALID(glue_security_set_clock(handle, bad[i], &last_answer));
    INVALID(glue_security_add_fault(handle, bad[i], &last_answer));
    INVALID(glue_security_history(handle, bad[i], &last_answer));
    INVALID(glue_security_check_policy(NULL, 0, bad[i], &last_answer));
    INVALID(glue_security_decide(NULL, 0, bad[i], &last_answer));
  }
  INVALID(glue_security_call(handle, TEXT("1"), none, none, none, none,
                             &last_answer));
  INVALID(glue_security_call(handle, none, TEXT("A"), none, none, none,
                             &last_answer));
  INVALID(glue_security_call(handle, none, none, TEXT("a\nb"), none, none,
                             &last_answer));
  OK(glue_security_call(handle, none, none, none, none, none, &last_answer));
  CHECK(last_answer->http_status == 400);
  /* The answer may be left out. */
  CHECK(glue_security_call(handle, none, none, none, none, none, NULL) ==
        GLUE_SECURITY_OK);
  CHECK(glue_security_save(handle, none, NULL) ==
        GLUE_SECURITY_INVALID_ARGUMENT);
  CHECK(glue_security_reset(handle, NULL) == GLUE_SECURITY_OK);
  glue_security_free(NULL);
  CHECK(glue_security_close(handle) == GLUE_SECURITY_OK);
}

static void snapshots_come_back(const char* storage) {
  const glue_security_handle handle = open_with("storage", storage, NULL, NULL);
  char name[20];
  CHECK(create(handle, "one") == 200);
  OK(glue_security_save(handle, TEXT("start"), &last_answer));
  CHECK(create(handle, "two") == 200);
  OK(glue_security_restore(handle, TEXT("start"), &last_answer));
  CHECK(get(handle, "one") == 200 && get(handle, "two") == 400);
  EXPECT(GLUE_SECURITY_NOT_FOUND,
         glue_security_restore(handle, TEXT("other"), &last_answer));
  INVALID(glue_security_save(handle, TEXT("a/b"), &last_answer));
  INVALID(glue_security_restore(handle, TEXT(""), &last_answer));
  OK(glue_security_reset(handle, &last_answer));
  CHECK(get(handle, "one") == 400);
  OK(glue_security_restore(handle, TEXT("start"), &last_answer));
  CHECK(get(handle, "one") == 200);
  for (int i = 1; i < 100; ++i) {
    snprintf(name, sizeof(name), "s%d", i);
    OK(glue_security_save(handle, TEXT(name), &last_answer));
  }
  EXPECT(GLUE_SECURITY_NO_ROOM,
         glue_security_save(handle, TEXT("more"), &last_answer));
  CHECK(message_has("100"));
  CHECK(glue_security_close(handle) == GLUE_SECURITY_OK);
}

static void records_stay_in_a_file(const char* storage) {
  glue_security_handle handle = open_with("storage", storage, NULL, NULL);
  OK(glue_security_reset(handle, &last_answer));
  CHECK(create(handle, "kept") == 200);
  CHECK(glue_security_close(handle) == GLUE_SECURITY_OK);
  handle = open_with("storage", storage, NULL, NULL);
  CHECK(get(handle, "kept") == 200);
  OK(glue_security_reset(handle, &last_answer));
  CHECK(glue_security_close(handle) == GLUE_SECURITY_OK);
}

static void the_clock_is_set(void) {
  const glue_security_handle handle = open_with(NULL, NULL, NULL, NULL);
  static const char* const kWrong[] = {"", "[]", "{\"now\":\"noon\"}",
                                       "{\"frozen\":1}", "{\"later\":1}"};
  OK(glue_security_set_clock(
      handle, TEXT("{\"now\":\"2026-01-31T12:00:00Z\",\"frozen\":true}"),
      &last_answer));
  CHECK(body_has("{\"now\":\"2026-01-31T12:00:00+00:00\",\"frozen\":true}"));
  OK(glue_security_advance_clock(handle, 0.5, &last_answer));
  CHECK(body_has("2026-01-31T12:00:00.5+00:00"));
  CHECK(create(handle, "one") == 200);
  CHECK(body_has("1769860800.5"));
  for (size_t i = 0; i < sizeof(kWrong) / sizeof(kWrong[0]); ++i) {
    INVALID(glue_security_set_clock(handle, TEXT(kWrong[i]), &last_answer));
  }
  INVALID(glue_security_advance_clock(handle, NAN, &last_answer));
  INVALID(glue_security_advance_clock(handle, INFINITY, &last_answer));
  INVALID(glue_security_advance_clock(handle, 1e15, &last_answer));
  OK(glue_security_set_clock(handle, TEXT("{}"), &last_answer));
  CHECK(body_has("{\"now\":\"2026-01-31T12:00:00.5+00:00\",\"frozen\":true}"));
  OK(glue_security_restore_clock(handle, &last_answer));
  CHECK(body_has("\"frozen\":false"));
  CHECK(glue_security_close(handle) == GLUE_SECURITY_OK);
}

static void faults_are_values(void) {
  const glue_security_handle handle = open_with(NULL, NULL, NULL, NULL);
  OK(glue_security_add_fault(
      handle, TEXT("{\"fault\":\"lose_answer\",\"delay_seconds\":0.25}"),
      &last_answer));
  CHECK(strcmp(last_answer->body, "{\"id\":1}") == 0);
  CHECK(create(handle, "one") == 400);
  CHECK(last_answer->lost == 1 && last_answer->delay_seconds == 0.25);
  CHECK(error_is("OperationTimeoutException"));
  CHECK(get(handle, "one") == 200 && last_answer->lost == 0);
  OK(glue_security_add_fault(handle, TEXT("{\"fault\":\"lose_request\"}"),
                             &last_answer));
  CHECK(create(handle, "two") == 400 && last_answer->lost == 1);
  CHECK(get(handle, "two") == 400 && error_is("EntityNotFoundException"));
  OK(glue_security_add_fault(
      handle,
      TEXT("{\"operation\":\"GetSecurityConfiguration\",\"message\":\"no\"}"),
      &last_answer));
  CHECK(get(handle, "one") == 500 && error_is("InternalServiceException"));
  OK(glue_security_add_fault(
      handle,
      TEXT("{\"key_call\":\"CreateKey\",\"error\":\"DisabledException\","
           "\"delay_seconds\":2}"),
      &last_answer));
  CHECK(call(handle, "TrentService.CreateKey", "{}") == 400);
  CHECK(body_has("DisabledException") && last_answer->delay_seconds == 2);
  OK(glue_security_faults(handle, &last_answer));
  CHECK(body_has("\"acted\":1,\"remaining\":0"));
  OK(glue_security_clear_faults(handle, &last_answer));
  OK(glue_security_faults(handle, &last_answer));
  CHECK(strcmp(last_answer->body, "[]") == 0);
  INVALID(glue_security_add_fault(handle, TEXT("{\"fault\":\"flood\"}"),
                                  &last_answer));
  INVALID(glue_security_add_fault(handle, TEXT("{\"every\":0}"), &last_answer));
  for (int i = 0; i < 1000; ++i) {
    OK(glue_security_add_fault(handle, TEXT("{}"), &last_answer));
  }
  EXPECT(GLUE_SECURITY_NO_ROOM,
         glue_security_add_fault(handle, TEXT("{}"), &last_answer));
  OK(glue_security_reset(handle, &last_answer));
  OK(glue_security_faults(handle, &last_answer));
  CHECK(strcmp(last_answer->body, "[]") == 0);
  CHECK(glue_security_close(handle) == GLUE_SECURITY_OK);
}

static void the_history_lists_calls(void) {
  const glue_security_handle handle = open_with(NULL, NULL, NULL, NULL);
  CHECK(create(handle, "one") == 200);
  CHECK(get(handle, "one") == 200);
  OK(glue_security_history(handle, TEXT(""), &last_answer));
  CHECK(body_has("{\"left_out\":0,\"calls\":[{\"client\":"));
  CHECK(body_has("CreateSecurityConfiguration"));
  CHECK(body_has("\"operation\":\"GetSecurityConfiguration\""));
  OK(glue_security_history(handle, TEXT("limit=1"), &last_answer));
  CHECK(body_has("\"next\":0") && !body_has("\"Get"));
  OK(glue_security_history(handle, TEXT("after=0"), &last_answer));
  CHECK(!body_has("CreateSecurityConfiguration"));
  INVALID(glue_security_history(handle, TEXT("limit=0"), &last_answer));
  INVALID(glue_security_history(handle, TEXT("before=1"), &last_answer));
  OK(glue_security_reset(handle, &last_answer));
  OK(glue_security_history(handle, TEXT(""), &last_answer));
  CHECK(strcmp(last_answer->body, "{\"left_out\":0,\"calls\":[]}") == 0);
  CHECK(glue_security_close(handle) == GLUE_SECURITY_OK);
  const glue_security_handle other = open_with("history", "false", NULL, NULL);
  CHECK(create(other, "one") == 200 && get(other, "one") == 200);
  OK(glue_security_history(other, TEXT(""), &last_answer));
  CHECK(strcmp(last_answer->body, "{\"left_out\":0,\"calls\":[]}") == 0);
  CHECK(glue_security_close(other) == GLUE_SECURITY_OK);
}

static void policies_are_checked(void) {
  glue_security_option options[2];
  OK(glue_security_check_policy(NULL, 0, TEXT(kPolicy), &last_answer));
  CHECK(strcmp(last_answer->body, "{\"file\":\"policy\",\"findings\":[]}\n") ==
        0);
  OK(glue_security_check_policy(NULL, 0, TEXT("{\"Statement\":[]"),
                                &last_answer));
  CHECK(body_has("\"severity\":\"error\""));
  options[0] = option_of("level", "json");
  OK(glue_security_check_policy(options, 1, TEXT("{}"), &last_answer));
  CHECK(body_has("\"findings\":[]"));
  options[0] = option_of("level", "all");
  INVALID(glue_security_check_policy(options, 1, TEXT("{}"), &last_answer));
  CHECK(message_has("json, grammar or glue"));
  static const char* const kNames[] = {"werror", "policy",     "format",
                                       "",       "level=json", "action"};
  for (size_t i = 0; i < sizeof(kNames) / sizeof(kNames[0]); ++i) {
    options[0] = option_of(kNames[i], "json");
    INVALID(glue_security_check_policy(options, 1, TEXT("{}"), &last_answer));
  }
  INVALID(glue_security_check_policy(NULL, 1, TEXT("{}"), &last_answer));
}

static void requests_are_decided(void) {
  glue_security_option options[6];
  options[0] = option_of("account", "123456789012");
  options[1] = option_of("region", "us-east-1");
  options[2] = option_of("caller", "arn:aws:iam::210987654321:user/bob");
  options[3] = option_of("action", "glue:GetTable");
  options[4] = option_of("resource",
                         "arn:aws:glue:us-east-1:123456789012:table/db/orders");
  options[5] = option_of("identity", "allow");
  OK(glue_security_decide(options, 6, TEXT(kPolicy), &last_answer));
  CHECK(body_has("{\"decision\":\"allow\",\"statements\":[{\"index\":0"));
  OK(glue_security_decide(options, 5, TEXT(kPolicy), &last_answer));
  CHECK(body_has("{\"decision\":\"implicit_deny\""));
  INVALID(glue_security_decide(options, 4, TEXT(kPolicy), &last_answer));
  CHECK(message_has("decide needs --resource"));
  INVALID(glue_security_decide(options, 5, TEXT("{}"), &last_answer));
  CHECK(message_has("the policy has errors") && body_has("\"findings\":[{"));
  INVALID(glue_security_decide(NULL, 1, TEXT(kPolicy), &last_answer));
}

static void the_policy_decides_about_calls(void) {
  const glue_security_handle handle =
      open_with("authorize", "true", "identity", "implicit_deny");
  CHECK(call(handle, "AWSGlue.GetResourcePolicy", "{}") == 400);
  CHECK(error_is("AccessDeniedException"));
  CHECK(glue_security_close(handle) == GLUE_SECURITY_OK);
  const glue_security_handle open =
      open_with("authorize", "true", "identity", "allow");
  CHECK(call(open, "AWSGlue.GetResourcePolicy", "{}") == 400);
  CHECK(error_is("EntityNotFoundException"));
  CHECK(glue_security_close(open) == GLUE_SECURITY_OK);
}

/* Checks that every function with a handle returns `code` for this one. */
static void every_function_returns(int code, glue_security_handle handle) {
  const glue_security_text none = text_of(NULL, 0);
  EXPECT(code, glue_security_call(handle, none, none, none, none, none,
                                  &last_answer));
  EXPECT(code, glue_security_reset(handle, &last_answer));
  EXPECT(code, glue_security_save(handle, TEXT("a"), &last_answer));
  EXPECT(code, glue_security_restore(handle, TEXT("a"), &last_answer));
  EXPECT(code, glue_security_set_clock(handle, TEXT("{}"), &last_answer));
  EXPECT(code, glue_security_advance_clock(handle, 1, &last_answer));
  EXPECT(code, glue_security_restore_clock(handle, &last_answer));
  EXPECT(code, glue_security_add_fault(handle, TEXT("{}"), &last_answer));
  EXPECT(code, glue_security_clear_faults(handle, &last_answer));
  EXPECT(code, glue_security_faults(handle, &last_answer));
  EXPECT(code, glue_security_history(handle, none, &last_answer));
}

static void closed_handles_are_told(void) {
  const glue_security_handle first = open_with(NULL, NULL, NULL, NULL);
  CHECK(glue_security_close(first) == GLUE_SECURITY_OK);
  const glue_security_handle second = open_with(NULL, NULL, NULL, NULL);
  CHECK(second != first);
  const glue_security_handle wrong[] = {0, first, second + 1, UINT64_MAX};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); ++i) {
    every_function_returns(GLUE_SECURITY_NO_SUCH_HANDLE, wrong[i]);
    CHECK(glue_security_close(wrong[i]) == GLUE_SECURITY_NO_SUCH_HANDLE);
  }
  CHECK(glue_security_close(second) == GLUE_SECURITY_OK);
}

static void a_child_has_a_copy(const char* storage) {
  const glue_security_handle memory = open_with(NULL, NULL, NULL, NULL);
  const glue_security_handle file = open_with("storage", storage, NULL, NULL);
  int status = 0;
  CHECK(create(memory, "parent") == 200);
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(get(memory, "parent") == 200 && create(memory, "child") == 200);
    every_function_returns(GLUE_SECURITY_FORKED, file);
    CHECK(message_has("before a fork"));
    CHECK(glue_security_close(file) == GLUE_SECURITY_OK);
    CHECK(glue_security_close(memory) == GLUE_SECURITY_OK);
    glue_security_free(last_answer);
    _exit(0);
  }
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  CHECK(get(memory, "child") == 400);
  CHECK(create(file, "one") == 200);
  CHECK(glue_security_close(file) == GLUE_SECURITY_OK);
  CHECK(glue_security_close(memory) == GLUE_SECURITY_OK);
}

int main(void) {
  const char* const folder = getenv("TEST_TMPDIR");
  char storage[4096];
  snprintf(storage, sizeof(storage), "sqlite:%s/glue.db",
           folder == NULL ? "/tmp" : folder);
  CHECK(strcmp(glue_security_version(), GLUE_SECURITY_VERSION) == 0);
  open_refuses_what_it_does_not_know();
  options_change_the_preset();
  calls_answer();
  calls_refuse_wrong_arguments();
  snapshots_come_back("memory");
  snapshots_come_back(storage);
  records_stay_in_a_file(storage);
  the_clock_is_set();
  faults_are_values();
  the_history_lists_calls();
  policies_are_checked();
  requests_are_decided();
  the_policy_decides_about_calls();
  closed_handles_are_told();
  a_child_has_a_copy(storage);
  glue_security_free(last_answer);
  return 0;
}
