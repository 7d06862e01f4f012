/* Threads share an engine, and open and close others, while the process forks.
 */

#define _POSIX_C_SOURCE 200809L

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/capi/check.h"

enum { kThreads = 4, kRounds = 200, kForks = 5, kForksBesideFiles = 100 };

static glue_security_handle shared;

static void* work(void* argument) {
  const int thread = (int)(size_t)argument;
  char name[40];
  for (int round = 0; round < kRounds; ++round) {
    snprintf(name, sizeof(name), "t%d-%d", thread, round);
    CHECK(create(shared, name) == 200);
    CHECK(get(shared, name) == 200);
    if (round % 20 == 0) {
      const glue_security_handle own = open_with(NULL, NULL, NULL, NULL);
      CHECK(get(own, name) == 400);
      OK(glue_security_save(shared, TEXT("some"), &last_answer));
      OK(glue_security_history(own, TEXT(""), &last_answer));
      CHECK(glue_security_close(own) == GLUE_SECURITY_OK);
      CHECK(glue_security_close(own) == GLUE_SECURITY_NO_SUCH_HANDLE);
    }
  }
  glue_security_free(last_answer);
  last_answer = NULL;
  return NULL;
}

/* The thread sanitizer does not follow a process with threads into a fork. The
 * address sanitizer's heap may stay locked in the child, unlike the system's.
 */
static int can_fork(void) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return 0;
#endif
#endif
  return 1;
}

static void fork_and_call(void) {
  int status = 0;
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    CHECK(create(shared, "child") == 200);
    OK(glue_security_reset(shared, &last_answer));
    CHECK(get(shared, "child") == 400);
    CHECK(glue_security_close(shared) == GLUE_SECURITY_OK);
    _exit(0);
  }
  CHECK(waitpid(child, &status, 0) == child && status == 0);
}

/* ---- Engines over files */

static atomic_int stops;

static void open_and_close(const char* file) {
  char storage[4096];
  snprintf(storage, sizeof(storage), "sqlite:%s/%s", getenv("TEST_TMPDIR"),
           file);
  const glue_security_handle engine = open_with("storage", storage, NULL, NULL);
  CHECK(glue_security_close(engine) == GLUE_SECURITY_OK);
}

static void* open_and_close_often(void* file) {
  while (!stops) open_and_close(file);
  glue_security_free(last_answer);
  last_answer = NULL;
  return NULL;
}

/* A child has no lock of SQLite's that another thread of its parent held. */
static void forks_beside_files(void) {
  const char* const files[] = {"first", "second"};
  pthread_t threads[2];
  for (size_t i = 0; i < 2; ++i) {
    CHECK(pthread_create(&threads[i], NULL, &open_and_close_often,
                         (void*)files[i]) == 0);
  }
  for (int i = 0; i < kForksBesideFiles; ++i) {
    int status = 0;
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
      alarm(30); /* Ends a child that hangs. */
      open_and_close("child");
      _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && status == 0);
  }
  stops = 1;
  for (size_t i = 0; i < 2; ++i) CHECK(pthread_join(threads[i], NULL) == 0);
}

int main(void) {
  pthread_t threads[kThreads];
  shared = open_with("security_configurations_max", "100000", NULL, NULL);
  for (size_t i = 0; i < kThreads; ++i) {
    CHECK(pthread_create(&threads[i], NULL, &work, (void*)i) == 0);
  }
  for (int i = 0; i < kForks && can_fork(); ++i) fork_and_call();
  for (size_t i = 0; i < kThreads; ++i) {
    CHECK(pthread_join(threads[i], NULL) == 0);
  }
  CHECK(get(shared, "t0-0") == 200 && get(shared, "child") == 400);
  CHECK(glue_security_close(shared) == GLUE_SECURITY_OK);
  if (can_fork()) forks_beside_files();
  glue_security_free(last_answer);
  return 0;
}
