/* The C door for Node.js: a Node-API addon that opens libglue_security_c.so.0
 * and hands texts to and fro. lib/library.js calls it and knows what the
 * results mean.
 *
 * A wrong argument is a TypeError, a text that is too long a RangeError. Every
 * other answer of the library, its errors included, is returned as an object.
 * Nothing here aborts the process: each value is asked for its type before it
 * is read, since Node.js 18 aborts where a later one returns an error.
 *
 * Each worker thread has an instance of its own. The functions of the library
 * may be called by all of them at once.
 */

#include <dlfcn.h>
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "glue_security/capi/glue_security.h"

enum {
  /* The bound of the library. */
  kTextBytesMax = 1 << 30,
  kOptionsMax = 1000,
  /* About what an engine takes, so that the collector sees it. */
  kEngineBytes = 32 << 10,
  kArgumentsMax = 6
};

/* Marks the objects of open(). */
static const napi_type_tag kEngineTag = {0x676c75655f736563,
                                         0x75726974795f3030};

/* The functions of the library, and the last one's address. */
typedef struct {
#define FUNCTION(name) __typeof__(&glue_security_##name) name
  FUNCTION(version);
  FUNCTION(open);
  FUNCTION(close);
  FUNCTION(call);
  FUNCTION(reset);
  FUNCTION(save);
  FUNCTION(restore);
  FUNCTION(set_clock);
  FUNCTION(advance_clock);
  FUNCTION(restore_clock);
  FUNCTION(add_fault);
  FUNCTION(clear_faults);
  FUNCTION(faults);
  FUNCTION(history);
  FUNCTION(check_policy);
  FUNCTION(decide);
  FUNCTION(free);
#undef FUNCTION
} Library;

/* What an object of open() wraps. It outlives the addon's instance. */
typedef struct {
  __typeof__(&glue_security_close) close;
  glue_security_handle handle; /* 0 once it is closed. */
} Engine;

/* The arguments of a call, and the texts that it has copied. */
typedef struct {
  napi_env env;
  const Library* library;
  napi_value values[kArgumentsMax];
  /* Freed at the end. */
  char** texts;
  size_t text_count, text_room;
  bool failed; /* An exception is pending. */
} Call;

static void Throw(Call* call, const char* message) {
  if (!call->failed) napi_throw_type_error(call->env, NULL, message);
  call->failed = true;
}

/* Returns false, with an exception, after a call of Node-API that failed. It
 * has an exception already, or the thread is being terminated, or memory is
 * short. */
static bool Check(Call* call, napi_status status) {
  if (status == napi_ok) return !call->failed;
  bool pending = false;
  if (napi_is_exception_pending(call->env, &pending) == napi_ok && !pending) {
    napi_throw_error(call->env, NULL, "a value cannot be read or made");
  }
  call->failed = true;
  return false;
}

static bool IsOfType(Call* call, napi_value value, napi_valuetype wanted) {
  napi_valuetype type;
  return Check(call, napi_typeof(call->env, value, &type)) && type == wanted;
}

/* Returns memory that lives until the call ends, or null with an exception. */
static char* Allocate(Call* call, size_t size) {
  if (call->failed) return NULL;
  if (size > kTextBytesMax) {
    napi_throw_range_error(call->env, NULL, "a text has more than 1 GiB");
    call->failed = true;
    return NULL;
  }
  if (call->text_count == call->text_room) {
    const size_t room = call->text_room * 2 + kArgumentsMax;
    char** const texts = realloc(call->texts, room * sizeof(*texts));
    if (texts == NULL) {
      Check(call, napi_generic_failure);
      return NULL;
    }
    call->texts = texts;
    call->text_room = room;
  }
  char* const memory = malloc(size + 1);
  if (memory == NULL) {
    Check(call, napi_generic_failure);
    return NULL;
  }
  call->texts[call->text_count++] = memory;
  return memory;
}

/* Returns a string in UTF-8; a lone surrogate becomes U+FFFD. */
static glue_security_text StringOf(Call* call, napi_value value) {
  glue_security_text text = {NULL, 0};
  if (!IsOfType(call, value, napi_string)) {
    Throw(call, "a string is needed");
    return text;
  }
  size_t size = 0;
  if (!Check(call,
             napi_get_value_string_utf8(call->env, value, NULL, 0, &size))) {
    return text;
  }
  char* const memory = Allocate(call, size);
  if (memory != NULL &&
      Check(call, napi_get_value_string_utf8(call->env, value, memory, size + 1,
                                             &size))) {
    text.data = memory;
    text.size = size;
  }
  return text;
}

/* Returns a copy of a string or Uint8Array: another thread may share the
 * memory of an array and change it. */
static glue_security_text BytesOf(Call* call, napi_value value) {
  glue_security_text text = {NULL, 0};
  bool is_array = false;
  if (!Check(call, napi_is_typedarray(call->env, value, &is_array))) {
    return text;
  }
  if (!is_array) return StringOf(call, value);
  napi_typedarray_type type;
  size_t size = 0;
  void* data = NULL;
  if (!Check(call, napi_get_typedarray_info(call->env, value, &type, &size,
                                            &data, NULL, NULL))) {
    return text;
  }
  if (type != napi_uint8_array) {
    Throw(call, "a string or a Uint8Array is needed");
    return text;
  }
  char* const memory = Allocate(call, size);
  if (memory == NULL) return text;
  if (size > 0) memcpy(memory, data, size);
  text.data = memory;
  text.size = size;
  return text;
}

/* Reads an array of names and values in turns. Returns the number of pairs. */
static size_t OptionsOf(Call* call, napi_value value,
                        glue_security_option** options) {
  *options = NULL;
  bool is_array = false;
  if (!Check(call, napi_is_array(call->env, value, &is_array))) return 0;
  uint32_t length = 0;
  if (is_array) {
    Check(call, napi_get_array_length(call->env, value, &length));
  }
  if (!is_array || length % 2 != 0) {
    Throw(call, "an array of names and values is needed");
    return 0;
  }
  if (length > 2 * kOptionsMax) {
    Throw(call, "there are more than 1,000 options");
    return 0;
  }
  char* const memory = Allocate(call, length * sizeof(glue_security_text));
  if (memory == NULL) return 0;
  *options = (glue_security_option*)memory;
  for (uint32_t i = 0; i < length && !call->failed; ++i) {
    napi_value element;
    if (!Check(call, napi_get_element(call->env, value, i, &element))) break;
    const glue_security_text text = StringOf(call, element);
    if (i % 2 == 0) {
      (*options)[i / 2].name = text;
    } else {
      (*options)[i / 2].value = text;
    }
  }
  return length / 2;
}

/* Returns the engine of an object of open(), or null with an exception. */
static Engine* EngineOf(Call* call, napi_value value) {
  void* engine = NULL;
  bool is_engine = false;
  if (IsOfType(call, value, napi_object)) {
    Check(call, napi_check_object_type_tag(call->env, value, &kEngineTag,
                                           &is_engine));
  }
  if (!is_engine) {
    Throw(call, "an engine is needed");
    return NULL;
  }
  Check(call, napi_unwrap(call->env, value, &engine));
  return call->failed ? NULL : engine;
}

static double NumberOf(Call* call, napi_value value) {
  double number = 0;
  if (!IsOfType(call, value, napi_number)) {
    Throw(call, "a number is needed");
  } else {
    Check(call, napi_get_value_double(call->env, value, &number));
  }
  return number;
}

/* Begins a call with `count` arguments. */
static bool Begin(Call* call, napi_env env, napi_callback_info info,
                  size_t count) {
  memset(call, 0, sizeof(*call));
  call->env = env;
  void* library = NULL;
  size_t given = kArgumentsMax;
  if (!Check(call,
             napi_get_cb_info(env, info, &given, call->values, NULL, NULL)) ||
      !Check(call, napi_get_instance_data(env, &library))) {
    return false;
  }
  call->library = library;
  if (given < count) Throw(call, "an argument is missing");
  if (library == NULL || call->library->open == NULL) {
    Throw(call, "the library is not loaded");
  }
  return !call->failed;
}

/* Ends a call. */
static napi_value End(Call* call, napi_value result) {
  for (size_t i = 0; i < call->text_count; ++i) free(call->texts[i]);
  free(call->texts);
  return call->failed ? NULL : result;
}

static void SetText(Call* call, napi_value object, const char* name,
                    const char* text, size_t size) {
  napi_value value;
  if (Check(call, napi_create_string_utf8(call->env, text, size, &value))) {
    Check(call, napi_set_named_property(call->env, object, name, value));
  }
}

static void SetNumber(Call* call, napi_value object, const char* name,
                      double number) {
  napi_value value;
  if (Check(call, napi_create_double(call->env, number, &value))) {
    Check(call, napi_set_named_property(call->env, object, name, value));
  }
}

/* Turns an answer into an object, frees it, and ends the call. The object has
 * `code`, `message` unless that is GLUE_SECURITY_OK, and `body`. That of a
 * call() has a Buffer as `body` and `httpStatus`, and has `errorType`,
 * `delaySeconds` and `lost` only where they say something. */
static napi_value Answer(Call* call, int code, glue_security_answer* answer,
                         bool is_call) {
  napi_value object = NULL;
  napi_value body;
  if (answer == NULL) Check(call, napi_generic_failure);
  if (!call->failed && Check(call, napi_create_object(call->env, &object))) {
    SetNumber(call, object, "code", code);
    if (code != GLUE_SECURITY_OK) {
      SetText(call, object, "message", answer->message, answer->message_size);
    }
    if (!is_call) {
      SetText(call, object, "body", answer->body, answer->body_size);
    } else if (Check(call,
                     napi_create_buffer_copy(call->env, answer->body_size,
                                             answer->body, NULL, &body))) {
      Check(call, napi_set_named_property(call->env, object, "body", body));
      SetNumber(call, object, "httpStatus", answer->http_status);
      if (answer->error_type_size > 0) {
        SetText(call, object, "errorType", answer->error_type,
                answer->error_type_size);
      }
      if (answer->delay_seconds > 0) {
        SetNumber(call, object, "delaySeconds", answer->delay_seconds);
      }
      if (answer->lost) SetNumber(call, object, "lost", 1);
    }
  }
  if (answer != NULL) call->library->free(answer);
  return End(call, object);
}

/* Called when an object of open() is collected, and for all that are left when
 * the thread ends. */
static void CollectEngine(napi_env env, void* data, void* hint) {
  (void)hint;
  Engine* const engine = data;
  if (engine->handle != 0) {
    engine->close(engine->handle);
    int64_t total;
    napi_adjust_external_memory(env, -kEngineBytes, &total);
  }
  free(engine);
}

/* open([name, value, ...]): the answer, with `engine` if it is open. */
static napi_value Open(napi_env env, napi_callback_info info) {
  Call call;
  if (!Begin(&call, env, info, 1)) return End(&call, NULL);
  glue_security_option* options;
  const size_t count = OptionsOf(&call, call.values[0], &options);
  Engine* const engine = malloc(sizeof(*engine));
  if (engine == NULL) Check(&call, napi_generic_failure);
  if (call.failed) {
    free(engine);
    return End(&call, NULL);
  }
  engine->close = call.library->close;
  glue_security_answer* answer = NULL;
  const int code = call.library->open(options, count, &engine->handle, &answer);
  napi_value object = NULL;
  if (code == GLUE_SECURITY_OK &&
      Check(&call, napi_create_object(env, &object)) &&
      Check(&call, napi_type_tag_object(env, object, &kEngineTag)) &&
      Check(&call,
            napi_wrap(env, object, engine, &CollectEngine, NULL, NULL))) {
    int64_t total;
    Check(&call, napi_adjust_external_memory(env, kEngineBytes, &total));
  } else {
    if (engine->handle != 0) engine->close(engine->handle);
    free(engine);
  }
  napi_value result = Answer(&call, code, answer, false);
  if (result != NULL && object != NULL &&
      napi_set_named_property(env, result, "engine", object) != napi_ok) {
    return NULL;
  }
  return result;
}

/* close(engine): does nothing when it is closed. */
static napi_value Close(napi_env env, napi_callback_info info) {
  Call call;
  if (Begin(&call, env, info, 1)) {
    Engine* const engine = EngineOf(&call, call.values[0]);
    if (engine != NULL && engine->handle != 0) {
      engine->close(engine->handle);
      engine->handle = 0;
      int64_t total;
      Check(&call, napi_adjust_external_memory(env, -kEngineBytes, &total));
    }
  }
  return End(&call, NULL);
}

/* call(engine, account, region, principal, target, body) */
static napi_value CallEngine(napi_env env, napi_callback_info info) {
  Call call;
  if (!Begin(&call, env, info, 6)) return End(&call, NULL);
  const Engine* const engine = EngineOf(&call, call.values[0]);
  const glue_security_text account = StringOf(&call, call.values[1]);
  const glue_security_text region = StringOf(&call, call.values[2]);
  const glue_security_text principal = StringOf(&call, call.values[3]);
  const glue_security_text target = StringOf(&call, call.values[4]);
  const glue_security_text body = BytesOf(&call, call.values[5]);
  if (call.failed) return End(&call, NULL);
  glue_security_answer* answer = NULL;
  const int code = call.library->call(engine->handle, account, region,
                                      principal, target, body, &answer);
  return Answer(&call, code, answer, true);
}

/* The functions with an engine and nothing else: NAME(engine) */
#define ENGINE_FUNCTION(Function, function)                           \
  static napi_value Function(napi_env env, napi_callback_info info) { \
    Call call;                                                        \
    if (!Begin(&call, env, info, 1)) return End(&call, NULL);         \
    const Engine* const engine = EngineOf(&call, call.values[0]);     \
    if (call.failed) return End(&call, NULL);                         \
    glue_security_answer* answer = NULL;                              \
    const int code = call.library->function(engine->handle, &answer); \
    return Answer(&call, code, answer, false);                        \
  }
ENGINE_FUNCTION(Reset, reset)
ENGINE_FUNCTION(RestoreClock, restore_clock)
ENGINE_FUNCTION(ClearFaults, clear_faults)
ENGINE_FUNCTION(Faults, faults)

/* Those with an engine and a text or number: NAME(engine, value) */
#define VALUE_FUNCTION(Function, function, Type, TypeOf)                     \
  static napi_value Function(napi_env env, napi_callback_info info) {        \
    Call call;                                                               \
    if (!Begin(&call, env, info, 2)) return End(&call, NULL);                \
    const Engine* const engine = EngineOf(&call, call.values[0]);            \
    const Type value = TypeOf(&call, call.values[1]);                        \
    if (call.failed) return End(&call, NULL);                                \
    glue_security_answer* answer = NULL;                                     \
    const int code = call.library->function(engine->handle, value, &answer); \
    return Answer(&call, code, answer, false);                               \
  }
VALUE_FUNCTION(Save, save, glue_security_text, StringOf)
VALUE_FUNCTION(Restore, restore, glue_security_text, StringOf)
VALUE_FUNCTION(SetClock, set_clock, glue_security_text, StringOf)
VALUE_FUNCTION(AdvanceClock, advance_clock, double, NumberOf)
VALUE_FUNCTION(AddFault, add_fault, glue_security_text, StringOf)
VALUE_FUNCTION(History, history, glue_security_text, StringOf)

/* Those about a policy: NAME([name, value, ...], policy) */
#define POLICY_FUNCTION(Function, function)                                   \
  static napi_value Function(napi_env env, napi_callback_info info) {         \
    Call call;                                                                \
    if (!Begin(&call, env, info, 2)) return End(&call, NULL);                 \
    glue_security_option* options;                                            \
    const size_t count = OptionsOf(&call, call.values[0], &options);          \
    const glue_security_text policy = StringOf(&call, call.values[1]);        \
    if (call.failed) return End(&call, NULL);                                 \
    glue_security_answer* answer = NULL;                                      \
    const int code = call.library->function(options, count, policy, &answer); \
    return Answer(&call, code, answer, false);                                \
  }
POLICY_FUNCTION(CheckPolicy, check_policy)
POLICY_FUNCTION(Decide, decide)

/* Finds the functions. Returns false, with the name of one that is missing. */
static bool FindFunctions(void* opened, Library* library,
                          const char** missing) {
#define FIND(name)                                                 \
  *missing = "glue_security_" #name;                               \
  *(void**)&library->name = dlsym(opened, "glue_security_" #name); \
  if (library->name == NULL) return false
  FIND(version);
  FIND(close);
  FIND(call);
  FIND(reset);
  FIND(save);
  FIND(restore);
  FIND(set_clock);
  FIND(advance_clock);
  FIND(restore_clock);
  FIND(add_fault);
  FIND(clear_faults);
  FIND(faults);
  FIND(history);
  FIND(check_policy);
  FIND(decide);
  FIND(free);
  FIND(open);
#undef FIND
  return true;
}

/* load(path): opens the library and returns its version, or throws an Error. It
 * is never closed: other threads may be inside it. */
static napi_value Load(napi_env env, napi_callback_info info) {
  Call call;
  memset(&call, 0, sizeof(call));
  call.env = env;
  size_t given = 1;
  void* data = NULL;
  if (!Check(&call,
             napi_get_cb_info(env, info, &given, call.values, NULL, NULL)) ||
      !Check(&call, napi_get_instance_data(env, &data))) {
    return End(&call, NULL);
  }
  const glue_security_text path = StringOf(&call, call.values[0]);
  if (call.failed) return End(&call, NULL);
  Library library;
  memset(&library, 0, sizeof(library));
  const char* missing = NULL;
  void* const opened = dlopen(path.data, RTLD_NOW | RTLD_LOCAL);
  if (opened == NULL) {
    const char* const error = dlerror();
    napi_throw_error(env, NULL, error == NULL ? "unknown" : error);
    call.failed = true;
  } else if (!FindFunctions(opened, &library, &missing)) {
    char message[128];
    snprintf(message, sizeof(message), "it has no %s", missing);
    napi_throw_error(env, NULL, message);
    call.failed = true;
  }
  if (call.failed) return End(&call, NULL);
  *(Library*)data = library;
  napi_value version = NULL;
  Check(&call, napi_create_string_utf8(env, library.version(), NAPI_AUTO_LENGTH,
                                       &version));
  return End(&call, version);
}

static void FreeLibrary(napi_env env, void* data, void* hint) {
  (void)env;
  (void)hint;
  free(data);
}

NAPI_MODULE_INIT() {
  static const struct {
    const char* name;
    napi_callback function;
  } kFunctions[] = {
      {"load", Load},
      {"open", Open},
      {"close", Close},
      {"call", CallEngine},
      {"reset", Reset},
      {"save", Save},
      {"restore", Restore},
      {"setClock", SetClock},
      {"advanceClock", AdvanceClock},
      {"restoreClock", RestoreClock},
      {"addFault", AddFault},
      {"clearFaults", ClearFaults},
      {"faults", Faults},
      {"history", History},
      {"checkPolicy", CheckPolicy},
      {"decide", Decide},
  };
  Library* const library = calloc(1, sizeof(*library));
  if (library == NULL) return NULL;
  if (napi_set_instance_data(env, library, &FreeLibrary, NULL) != napi_ok) {
    free(library);
    return NULL;
  }
  for (size_t i = 0; i < sizeof(kFunctions) / sizeof(kFunctions[0]); ++i) {
    napi_value function;
    if (napi_create_function(env, kFunctions[i].name, NAPI_AUTO_LENGTH,
                             kFunctions[i].function, NULL,
                             &function) != napi_ok ||
        napi_set_named_property(env, exports, kFunctions[i].name, function) !=
            napi_ok) {
      return NULL;
    }
  }
  return exports;
}
