// Fails every allocation of a function in turn, the k-th for k = 1, 2, … until
// none is left to fail, each in a child of this process, which has a copy of
// the engine. The function returns a code and a whole answer, or the process
// ends with the line of OrEnd (docs/out_of_memory.md).

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/capi/glue_security.h"
#include "gtest/gtest.h"
#include "tests/support/failing_new.h"

namespace glue_security {
namespace {

glue_security_text Text(absl::string_view text) {
  return {text.data(), text.size()};
}

int Call(glue_security_handle handle, const char* target, const char* body,
         glue_security_answer** answer) {
  return glue_security_call(handle, Text(""), Text(""), Text(""), Text(target),
                            Text(body), answer);
}

struct Case {
  const char* name;
  std::function<int(glue_security_handle, glue_security_answer**)> run;
};

const std::vector<Case>& Cases() {
  static const auto& cases = *new std::vector<Case>{
      {"open",
       [](glue_security_handle, glue_security_answer** answer) {
         const glue_security_option option = {Text("behavior"),
                                              Text("observed")};
         glue_security_handle handle = 1;
         const int code = glue_security_open(&option, 1, &handle, answer);
         return (handle == 0) == (code == GLUE_SECURITY_OK) ? -1 : code;
       }},
      {"call",
       [](glue_security_handle handle, glue_security_answer** answer) {
         return Call(handle, "AWSGlue.GetSecurityConfiguration",
                     R"({"Name": "one"})", answer);
       }},
      {"call of KMS",
       [](glue_security_handle handle, glue_security_answer** answer) {
         return Call(handle, "TrentService.CreateKey", "{}", answer);
       }},
      {"save",
       [](glue_security_handle handle, glue_security_answer** answer) {
         return glue_security_save(handle, Text("name"), answer);
       }},
      {"set_clock",
       [](glue_security_handle handle, glue_security_answer** answer) {
         return glue_security_set_clock(
             handle, Text(R"({"now": "2026-01-31T12:00:00Z"})"), answer);
       }},
      {"add_fault",
       [](glue_security_handle handle, glue_security_answer** answer) {
         return glue_security_add_fault(
             handle, Text(R"({"operation": "GetResourcePolicy"})"), answer);
       }},
      {"history",
       [](glue_security_handle handle, glue_security_answer** answer) {
         return glue_security_history(handle, Text(""), answer);
       }},
      {"check_policy",
       [](glue_security_handle, glue_security_answer** answer) {
         return glue_security_check_policy(nullptr, 0, Text("{\"a\": 1}"),
                                           answer);
       }},
  };
  return cases;
}

// The outcome of a child process.
enum End : int { kNothingFailed = 40, kAsEver, kOutOfMemory, kWrong };

// Makes the call with its k-th allocation failing, and returns the outcome.
End RunInChild(const Case& tested, glue_security_handle handle, int64_t k) {
  glue_security_answer* answer = nullptr;
  int code = 0;
  bool failed = false;
  {
    const FailingNew failing(k);
    code = tested.run(handle, &answer);
    failed = failing.failed();
  }
  if (answer == nullptr || answer->code != code ||
      std::strlen(answer->message) != answer->message_size) {
    return kWrong;
  }
  glue_security_free(answer);
  // The engine still answers.
  if (Call(handle, "AWSGlue.GetSecurityConfiguration", R"({"Name": "one"})",
           &answer) != GLUE_SECURITY_OK ||
      answer->http_status != 200) {
    return kWrong;
  }
  glue_security_free(answer);
  if (!failed) return code == GLUE_SECURITY_OK ? kNothingFailed : kWrong;
  if (code == GLUE_SECURITY_OUT_OF_MEMORY) return kOutOfMemory;
  return code == GLUE_SECURITY_OK || code == GLUE_SECURITY_NO_ROOM ? kAsEver
                                                                   : kWrong;
}

class CapiOutOfMemoryTest : public testing::TestWithParam<size_t> {};

TEST_P(CapiOutOfMemoryTest, EveryFailedAllocationHasACode) {
  const Case& tested = Cases()[GetParam()];
  SCOPED_TRACE(tested.name);
  glue_security_handle handle = 0;
  ASSERT_EQ(glue_security_open(nullptr, 0, &handle, nullptr), GLUE_SECURITY_OK);
  ASSERT_EQ(Call(handle, "AWSGlue.CreateSecurityConfiguration",
                 R"({"Name": "one", "EncryptionConfiguration": {}})", nullptr),
            GLUE_SECURITY_OK);
  constexpr int64_t kAllocationsMax = 5000;
  int out_of_memory = 0;
  int64_t k = 1;
  for (;; ++k) {
    ASSERT_LT(k, kAllocationsMax);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) _exit(RunInChild(tested, handle, k));
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status)) {
      ASSERT_EQ(WTERMSIG(status), SIGABRT) << "allocation " << k;
      continue;
    }
    const int end = WEXITSTATUS(status);
    if (end == kNothingFailed) break;
    ASSERT_TRUE(end == kAsEver || end == kOutOfMemory)
        << "allocation " << k << ": " << end;
    if (end == kOutOfMemory) ++out_of_memory;
  }
  // The first is that of the answer itself.
  EXPECT_GE(out_of_memory, 1);
  EXPECT_EQ(glue_security_close(handle), GLUE_SECURITY_OK);
}

INSTANTIATE_TEST_SUITE_P(Functions, CapiOutOfMemoryTest,
                         testing::Range(size_t{0}, Cases().size()));

}  // namespace
}  // namespace glue_security
