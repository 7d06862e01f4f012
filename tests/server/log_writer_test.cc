#include "glue_security/server/log_writer.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// A pipe that closes both of its ends.
class Pipe {
 public:
  Pipe() { EXPECT_EQ(pipe2(fds_, O_CLOEXEC), 0); }
  ~Pipe() {
    CloseReader();
    CloseWriter();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  int writer() const { return fds_[1]; }
  int reader() const { return fds_[0]; }
  void CloseReader() { CloseEnd(&fds_[0]); }
  void CloseWriter() { CloseEnd(&fds_[1]); }

  // Closes the writer's end and reads until no writer is left.
  std::string ReadAll() {
    CloseWriter();
    std::string text;
    char bytes[65536];
    ssize_t size;
    while ((size = read(fds_[0], bytes, sizeof(bytes))) > 0) {
      text.append(bytes, static_cast<size_t>(size));
    }
    return text;
  }

 private:
  static void CloseEnd(int* fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
  }

  int fds_[2] = {-1, -1};
};

std::unique_ptr<LogWriter> Start(int fd, LogWriterOptions options = {}) {
  auto writer = LogWriter::Start(fd, std::move(options));
  EXPECT_TRUE(writer.ok()) << writer.status();
  return *std::move(writer);
}

// Polls for up to a minute, which is enough on any machine.
template <typename Condition>
bool Eventually(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

TEST(LogWriterTest, LinesAreWrittenInOrderAndNoneIsLost) {
  Pipe pipe;
  auto writer = Start(pipe.writer());
  std::string expected;
  for (int i = 0; i < 2000; ++i) {
    const std::string line = absl::StrCat("line ", i, "\n");
    EXPECT_TRUE(writer->Write(line));
    expected += line;
  }
  writer->Close();
  EXPECT_EQ(writer->dropped_lines(), 0u);
  writer.reset();
  EXPECT_EQ(pipe.ReadAll(), expected);
}

TEST(LogWriterTest, ALineLongerThanAPipeTakesAtOnceIsWhole) {
  Pipe pipe;
  auto writer = Start(pipe.writer());
  const std::string line = std::string(300'000, 'x') + "\n";
  EXPECT_TRUE(writer->Write(line));
  std::string text;
  std::thread reader([&] {
    char bytes[5000];
    while (text.size() < line.size()) {
      const ssize_t size = read(pipe.reader(), bytes, sizeof(bytes));
      if (size <= 0) break;
      text.append(bytes, static_cast<size_t>(size));
    }
  });
  reader.join();
  EXPECT_EQ(text, line);
}

// When the reader comes back, the next line says how many lines are missing
// before it.
TEST(LogWriterTest, APipeThatNobodyDrains_DropsCountsAndSaysSo) {
  Pipe pipe;
  LogWriterOptions options;
  options.queue_lines_max = 100;
  auto writer = Start(pipe.writer(), options);
  // The lines exceed the pipe and the queue together. No write waits, or the
  // test would not end.
  constexpr int kLines = 20'000;
  int written = 0;
  for (int i = 0; i < kLines; ++i) {
    written += writer->Write(absl::StrCat(i, " ", std::string(40, 'x'), "\n"));
  }
  EXPECT_LT(written, kLines);
  EXPECT_EQ(writer->dropped_lines(), static_cast<uint64_t>(kLines - written));
  // The reader resumes.
  std::string text;
  std::thread reader([&] {
    char bytes[65536];
    ssize_t size;
    while ((size = read(pipe.reader(), bytes, sizeof(bytes))) > 0) {
      text.append(bytes, static_cast<size_t>(size));
    }
  });
  EXPECT_TRUE(Eventually([&] { return writer->Write("the last\n"); }));
  writer->Close();
  const uint64_t dropped = writer->dropped_lines();
  writer.reset();
  pipe.CloseWriter();
  reader.join();
  // Every line was read, or counted as dropped.
  uint64_t said = 0;
  int lines = 0;
  int next = 0;
  for (const absl::string_view line :
       absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    absl::string_view rest = line;
    if (absl::ConsumeSuffix(&rest, " lines were dropped")) {
      uint64_t count = 0;
      ASSERT_TRUE(absl::SimpleAtoi(rest, &count)) << line;
      EXPECT_GT(count, 0u);
      said += count;
      next += static_cast<int>(count);
      continue;
    }
    ++lines;
    if (line == "the last") continue;
    EXPECT_TRUE(absl::StartsWith(line, absl::StrCat(next, " "))) << line;
    ++next;
  }
  EXPECT_EQ(lines, written + 1);
  EXPECT_EQ(said, dropped);
}

TEST(LogWriterTest, TheQueueIsBoundedInBytesToo) {
  Pipe pipe;
  LogWriterOptions options;
  options.queue_bytes_max = 200'000;
  auto writer = Start(pipe.writer(), options);
  EXPECT_FALSE(writer->Write(std::string(200'001, 'x')));
  EXPECT_EQ(writer->dropped_lines(), 1u);
  // The pipe takes only a part of this; the rest waits.
  EXPECT_TRUE(writer->Write(std::string(199'000, 'x') + "\n"));
  EXPECT_FALSE(writer->Write(std::string(2'000, 'y')));
  EXPECT_EQ(writer->dropped_lines(), 2u);
}

TEST(LogWriterTest, CloseDoesNotWaitForAReaderThatDoesNotRead) {
  Pipe pipe;
  LogWriterOptions options;
  options.close_timeout = absl::Milliseconds(50);
  auto writer = Start(pipe.writer(), options);
  int written = 0;
  while (writer->Write(std::string(1000, 'x') + "\n")) ++written;
  writer->Close();
  // Only the lines in the pipe were written.
  EXPECT_GT(writer->dropped_lines(), 1u);
  EXPECT_FALSE(writer->Write("after the end\n"));
  const uint64_t dropped = writer->dropped_lines();
  writer.reset();
  const std::string text = pipe.ReadAll();
  EXPECT_EQ(text.size() / 1001, static_cast<size_t>(written) + 2 - dropped);
}

TEST(LogWriterTest, APipeWithoutAReader_IsCountedAndNoSignal) {
  Pipe pipe;
  pipe.CloseReader();
  auto writer = Start(pipe.writer());
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(writer->Write("a line\n"));
  writer->Close();
  EXPECT_EQ(writer->dropped_lines(), 10u);
}

TEST(LogWriterTest, ADescriptorThatIsClosedFullOrCannotBeWritten_IsCounted) {
  Pipe pipe;
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  for (const int fd : {-1, 1'000'000, full, pipe.reader()}) {
    auto writer = Start(fd);
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(writer->Write("a line\n"));
    writer->Close();
    EXPECT_EQ(writer->dropped_lines(), 10u) << fd;
  }
  close(full);
}

// The file is full in the middle of a line, and later has room again.
TEST(LogWriterTest, ALineThatCouldNotBeWritten_IsSaidBeforeTheNext) {
  std::FILE* const file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  auto writer = Start(fileno(file));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 10;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  writer->Write("0123456789 and more\n");
  const bool is_dropped =
      Eventually([&] { return writer->dropped_lines() == 1; });
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_TRUE(is_dropped);
  EXPECT_TRUE(writer->Write("the next\n"));
  EXPECT_TRUE(writer->Write("the last\n"));
  writer->Close();
  EXPECT_EQ(writer->dropped_lines(), 1u);
  std::rewind(file);
  char bytes[100];
  const size_t size = std::fread(bytes, 1, sizeof(bytes), file);
  EXPECT_EQ(std::string(bytes, size),
            "0123456789\n1 lines were dropped\nthe next\nthe last\n");
  std::fclose(file);
}

// Close abandons a thread that is blocked in a write.
TEST(LogWriterTest, CloseReturnsWhileTheSystemHoldsAWrite) {
  // A terminal that nobody reads has room for a byte, but not for a line.
  const int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(terminal, 0);
  ASSERT_EQ(grantpt(terminal), 0);
  ASSERT_EQ(unlockpt(terminal), 0);
  const int slave = open(ptsname(terminal), O_WRONLY | O_NOCTTY | O_CLOEXEC);
  ASSERT_GE(slave, 0);
  LogWriterOptions options;
  options.close_timeout = absl::Milliseconds(50);
  options.queue_lines_max = 50;
  auto writer = Start(slave, options);
  while (writer->Write(std::string(4000, 'x') + "\n")) {
  }
  writer->Close();
  EXPECT_GE(writer->dropped_lines(), 1u);
  writer.reset();
  close(slave);
  // Closing the terminal ends the write.
  close(terminal);
}

TEST(LogWriterTest, ANoticeOfOnesOwn_AndOneThatThrows) {
  Pipe pipe;
  LogWriterOptions options;
  options.queue_bytes_max = 10;
  std::atomic<int> calls{0};
  options.dropped_line = [&calls](uint64_t lines) -> std::string {
    if (++calls == 1) throw std::runtime_error("injected");
    return absl::StrCat("missing: ", lines, "\n");
  };
  auto writer = Start(pipe.writer(), options);
  EXPECT_FALSE(writer->Write("this is longer than the queue\n"));
  EXPECT_TRUE(Eventually([&] { return calls == 1; }));
  EXPECT_TRUE(writer->Write("a\n"));
  writer->Close();
  EXPECT_EQ(writer->dropped_lines(), 1u);
  writer.reset();
  // The notice that failed is written before the next line.
  EXPECT_EQ(pipe.ReadAll(), "missing: 1\na\n");
}

TEST(LogWriterTest, ManyThreadsWriteWholeLines) {
  Pipe pipe;
  LogWriterOptions options;
  options.queue_lines_max = 1'000'000;
  auto writer = Start(pipe.writer(), options);
  std::string text;
  std::thread reader([&] {
    char bytes[65536];
    ssize_t size;
    while ((size = read(pipe.reader(), bytes, sizeof(bytes))) > 0) {
      text.append(bytes, static_cast<size_t>(size));
    }
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&writer, i] {
      for (int k = 0; k < 1000; ++k) {
        writer->Write(absl::StrCat("[", i, " ", k, "]\n"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  writer->Close();
  EXPECT_EQ(writer->dropped_lines(), 0u);
  writer.reset();
  pipe.CloseWriter();
  reader.join();
  const std::vector<absl::string_view> lines =
      absl::StrSplit(text, '\n', absl::SkipEmpty());
  EXPECT_EQ(lines.size(), 4000u);
  for (const absl::string_view line : lines) {
    EXPECT_TRUE(line.front() == '[' && line.back() == ']') << line;
  }
}

}  // namespace
}  // namespace glue_security
