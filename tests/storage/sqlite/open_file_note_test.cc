// Files that are open when the process forks are known to its children.

#include "glue_security/storage/sqlite/open_file_note.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/storage/sqlite/restarting_sqlite.h"
#include "tests/support/child.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

// An open file.
class Descriptor {
 public:
  explicit Descriptor(const std::string& path)
      : number_(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {}
  ~Descriptor() { close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }
  absl::StatusOr<std::unique_ptr<OpenFileNote>> Note() const {
    return OpenFileNote::Make(number_);
  }
  bool IsRefused() const { return absl::IsFailedPrecondition(Note().status()); }

 private:
  const int number_;
};

TEST(OpenFileNoteTest, AChildKnowsTheFilesThatWereOpen) {
  const TemporaryFolder folder;
  const Descriptor file(folder.File("a"));
  const Descriptor other(folder.File("b"));
  auto note = file.Note();
  const auto second = file.Note();
  ASSERT_EQ(second.status(), absl::OkStatus());
  EXPECT_TRUE(HoldsInChild([&] {
    const Descriptor same(folder.File("a"));
    return file.IsRefused() && same.IsRefused() && other.Note().ok();
  }));
  *note = nullptr;
  EXPECT_TRUE(HoldsInChild([&] { return file.IsRefused(); }));
}

TEST(OpenFileNoteTest, AChildForgetsNothingThatItInherited) {
  const TemporaryFolder folder;
  const Descriptor file(folder.File("a"));
  auto note = file.Note();
  EXPECT_TRUE(HoldsInChild([&] {
    *note = nullptr;
    return file.IsRefused() && HoldsInChild([&] { return file.IsRefused(); });
  }));
  // It is the parent's own.
  EXPECT_TRUE(file.Note().ok());
}

TEST(OpenFileNoteTest, AClosedFileIsForgotten) {
  const TemporaryFolder folder;
  const Descriptor file(folder.File("a"));
  EXPECT_TRUE(file.Note().ok());
  EXPECT_TRUE(HoldsInChild([&] {
    const auto note = file.Note();
    return note.ok() && HoldsInChild([&] { return file.IsRefused(); });
  }));
}

TEST(OpenFileNoteTest, ADescriptorThatIsClosed_IsUnavailable) {
  EXPECT_TRUE(absl::IsUnavailable(OpenFileNote::Make(-1).status()));
}

// There is no lock that a thread could hold.
TEST(OpenFileNoteTest, AForkMayComeAtAnyTime) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "the sanitizer's heap may stay locked in a child";
#endif
#endif
  const TemporaryFolder folder;
  const Descriptor file(folder.File("a"));
  const Descriptor other(folder.File("b"));
  std::atomic<bool> stop{false};
  std::thread thread([&] {
    while (!stop) EXPECT_TRUE(other.Note().ok());
  });
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(HoldsInChild([&] { return file.Note().ok(); })) << i;
  }
  stop = true;
  thread.join();
}

}  // namespace
}  // namespace sqlite_internal
}  // namespace glue_security
