// Commit ids are unique, also beside those of other engines and processes.

#include "glue_security/engine/commit_ids.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <set>

#include "glue_security/model/random_bits.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// Returns what `make` returns in a child of this process.
template <typename Value, typename Make>
Value FromChild(Make make) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  const pid_t child = fork();
  if (child == 0) {
    const Value value = make();
    const bool sent = write(ends[1], &value, sizeof(value)) == sizeof(value);
    _exit(sent ? 0 : 1);
  }
  Value value{};
  EXPECT_EQ(read(ends[0], &value, sizeof(value)),
            static_cast<ssize_t>(sizeof(value)));
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
  close(ends[0]);
  close(ends[1]);
  return value;
}

TEST(CommitIdsTest, NoIdIsMadeTwice) {
  CommitIds one;
  CommitIds two;
  std::set<CommitId> ids;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(ids.insert(one.Next()).second);
    EXPECT_TRUE(ids.insert(two.Next()).second);
  }
}

// An unknown commit is looked up by its id, so that one of another process
// would be taken for it.
TEST(CommitIdsTest, AChildAndItsChildMakeOthers) {
  CommitIds ids;
  EXPECT_NE(ids.Next(), CommitId());
  const auto next = [&ids] { return ids.Next(); };
  std::set<CommitId> made;
  EXPECT_TRUE(made.insert(FromChild<CommitId>(next)).second);
  EXPECT_TRUE(made.insert(FromChild<CommitId>(next)).second);
  EXPECT_TRUE(made.insert(FromChild<CommitId>(
                              [&] { return FromChild<CommitId>(next); }))
                  .second);
  EXPECT_TRUE(made.insert(ids.Next()).second);
}

TEST(ProcessBitsTest, AreThoseOfTheProcess) {
  const uint64_t bits = ProcessBits();
  EXPECT_NE(bits, 0u);
  EXPECT_EQ(ProcessBits(), bits);
  EXPECT_NE(FromChild<uint64_t>(&ProcessBits), bits);
  EXPECT_NE(FromChild<uint64_t>(&ProcessBits), 0u);
  EXPECT_EQ(ProcessBits(), bits);
}

}  // namespace
}  // namespace glue_security
