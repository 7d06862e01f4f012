#include "glue_security/model/out_of_memory.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <new>
#include <stdexcept>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// A type that can be neither copied nor moved, only constructed in place.
struct Rooted {
  explicit Rooted(int its_value) : value(its_value) {}
  Rooted(const Rooted&) = delete;
  Rooted& operator=(const Rooted&) = delete;

  const int value;
};

TEST(OrEndTest, NothingThrown_ReturnsWhatTheFunctionReturns) {
  int x = 1;
  OrEnd([&] { x = 2; });
  EXPECT_EQ(x, 2);
  int& same = OrEnd([&]() -> int& { return x; });
  EXPECT_EQ(&same, &x);
  EXPECT_EQ(*OrEnd([] { return std::make_unique<int>(3); }), 3);
  EXPECT_EQ(OrEnd([] { return Rooted(4); }).value, 4);
}

TEST(OrEndTest, AnotherException_Passes) {
  EXPECT_THROW(OrEnd([] { throw std::runtime_error("theirs"); }),
               std::runtime_error);
  EXPECT_THROW(OrEnd([] { throw 7; }), int);
}

TEST(OrEndDeathTest, OutOfMemory_EndsTheProcessWithOneLine) {
  const auto one_line = testing::Eq(kOutOfMemoryLine);
  const auto aborted = testing::KilledBySignal(SIGABRT);
  EXPECT_EXIT(OrEnd([] { throw std::bad_alloc(); }), aborted, one_line);
  // The caller's handler does not catch it.
  EXPECT_EXIT(
      try {
        OrEnd([]() -> int { throw std::bad_array_new_length(); });
      } catch (...){},
      aborted, one_line);
}

// A full standard error that nobody reads does not delay the end.
TEST(OrEndDeathTest, OutOfMemoryWithAFullPipe_EndsTheProcess) {
  const auto fill_and_end = [] {
    int pipe[2];
    if (pipe2(pipe, O_NONBLOCK) != 0) return;
    while (write(pipe[1], "x", 1) == 1) {
    }
    fcntl(pipe[1], F_SETFL, 0);
    dup2(pipe[1], STDERR_FILENO);
    EndOutOfMemory();
  };
  EXPECT_EXIT(fill_and_end(), testing::KilledBySignal(SIGABRT), "");
}

}  // namespace
}  // namespace glue_security
