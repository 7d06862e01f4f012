#include "glue_security/server/log_writer.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <climits>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/http/bounded_time.h"

namespace glue_security {

namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// The number of bytes that a ready pipe takes without blocking.
constexpr size_t kBatchBytes = PIPE_BUF;
// The interval at which a writer that waits for its reader checks whether it is
// closed.
constexpr int kLookMilliseconds = 100;
// How long `Close` waits beyond its timeout for a write that has begun.
constexpr auto kGrace = std::chrono::milliseconds(500);

struct Line {
  // The number of lines that were dropped just before this one.
  uint64_t dropped_before = 0;
  std::string text;
  // The ends of the notice of those, and of the line, in the text of the batch.
  size_t notice_end = 0;
  size_t end = 0;
};

}  // namespace

// The state shared with the thread, which may outlive the writer.
struct LogWriter::State {
  State(int descriptor, LogWriterOptions chosen)
      : fd(fcntl(descriptor, F_DUPFD_CLOEXEC, 3)), options(std::move(chosen)) {}
  ~State() {
    if (fd >= 0) close(fd);
  }

  void Run();
  // Waits for lines and moves some to the batch. Returns false when the writer
  // is closed and nothing is left.
  bool Take();
  // Writes the batch and counts the lines that were not written.
  void WriteBatch();
  // Counts as dropped the lines of the batch that were not written.
  void DropBatch();
  // Returns how many bytes of `text` were written: all, unless writing fails or
  // the timeout of `Close` is over.
  size_t WriteText(absl::string_view text);
  bool IsOver();
  // Drops the queue. REQUIRES: the lock is held.
  void DropQueue();

  const int fd;
  const LogWriterOptions options;
  std::atomic<uint64_t> dropped{0};

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Line> queue;
  // The bytes and lines of the queue and the batch.
  size_t bytes = 0;
  size_t lines = 0;
  // The number of lines that were dropped after the last one in the queue.
  uint64_t dropped_behind = 0;
  bool closing = false;
  SteadyTime deadline;
  bool done = false;

  // Used by the thread only: the batch, the number of lost lines for which no
  // notice is written yet, and whether the file ends within a line.
  std::vector<Line> batch;
  size_t batch_bytes = 0;
  uint64_t dropped_unsaid = 0;
  bool within_line = false;
};

bool LogWriter::State::Take() {
  std::unique_lock<std::mutex> lock(mutex);
  bytes -= batch_bytes;
  lines -= batch.size();
  batch_bytes = 0;
  batch.clear();
  changed.wait(
      lock, [this] { return !queue.empty() || dropped_behind > 0 || closing; });
  if (closing && std::chrono::steady_clock::now() > deadline) DropQueue();
  while (!queue.empty() &&
         (batch.empty() ||
          batch_bytes + queue.front().text.size() <= kBatchBytes)) {
    const size_t size = queue.front().text.size();
    batch.push_back(std::move(queue.front()));
    queue.pop_front();
    batch_bytes += size;
  }
  if (!batch.empty()) return true;
  if (dropped_behind == 0) return false;
  batch.push_back({dropped_behind, "", 0, 0});
  dropped_behind = 0;
  ++lines;
  return true;
}

void LogWriter::State::WriteBatch() {
  batch.front().dropped_before += std::exchange(dropped_unsaid, 0);
  std::string text;
  if (within_line) text.push_back('\n');
  for (Line& line : batch) {
    if (line.dropped_before > 0) {
      text += options.dropped_line
                  ? options.dropped_line(line.dropped_before)
                  : absl::StrCat(line.dropped_before, " lines were dropped\n");
    }
    line.notice_end = text.size();
    text += line.text;
    line.end = text.size();
  }
  const size_t written = WriteText(text);
  if (written > 0) within_line = text[written - 1] != '\n';
  for (Line& line : batch) {
    if (line.notice_end <= written) line.dropped_before = 0;
    if (line.end <= written) line.text.clear();
  }
  DropBatch();
}

void LogWriter::State::DropBatch() {
  for (const Line& line : batch) {
    dropped_unsaid += line.dropped_before;
    if (line.text.empty()) continue;
    ++dropped_unsaid;
    dropped.fetch_add(1, std::memory_order_relaxed);
  }
}

size_t LogWriter::State::WriteText(absl::string_view text) {
  size_t written = 0;
  while (fd >= 0 && written < text.size()) {
    pollfd ready{fd, POLLOUT, 0};
    const int count = poll(&ready, 1, kLookMilliseconds);
    if (count < 0 && errno != EINTR) break;
    if (count <= 0) {
      if (IsOver()) break;
      continue;
    }
    const ssize_t size = write(fd, text.data() + written,
                               std::min(text.size() - written, kBatchBytes));
    if (size >= 0) {
      written += static_cast<size_t>(size);
    } else if (errno == EAGAIN) {
      // Another process has filled the pipe, or there is not enough room.
      poll(nullptr, 0, kLookMilliseconds);
      if (IsOver()) break;
    } else if (errno != EINTR) {
      break;
    }
  }
  return written;
}

bool LogWriter::State::IsOver() {
  const std::lock_guard<std::mutex> lock(mutex);
  return closing && std::chrono::steady_clock::now() > deadline;
}

void LogWriter::State::DropQueue() {
  dropped.fetch_add(queue.size(), std::memory_order_relaxed);
  queue.clear();
  dropped_behind = 0;
}

void LogWriter::State::Run() {
  for (bool more = true; more;) {
    try {
      more = Take();
      if (more) WriteBatch();
    } catch (...) {
      // Out of memory, or `dropped_line` has thrown. Tries again later.
      DropBatch();
      poll(nullptr, 0, kLookMilliseconds);
    }
  }
  const std::lock_guard<std::mutex> lock(mutex);
  done = true;
  changed.notify_all();
}

LogWriter::LogWriter(std::shared_ptr<State> state) : state_(std::move(state)) {}

absl::StatusOr<std::unique_ptr<LogWriter>> LogWriter::Start(
    int fd, LogWriterOptions options) {
  auto state = std::make_shared<State>(fd, std::move(options));
  auto writer = absl::WrapUnique(new LogWriter(state));
  // Signals are left to the embedder's threads. A pipe without a reader is then
  // an error of the write and not a signal.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  absl::Status status;
  try {
    writer->thread_ = std::thread([state] { state->Run(); });
  } catch (const std::system_error& error) {
    status = absl::ResourceExhaustedError(
        absl::StrCat("cannot start a thread for the log: ", error.what()));
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!status.ok()) return status;
  return writer;
}

LogWriter::~LogWriter() { Close(); }

bool LogWriter::Write(std::string line) {
  State& state = *state_;
  bool taken = false;
  {
    const std::lock_guard<std::mutex> lock(state.mutex);
    taken = !state.closing && state.lines < state.options.queue_lines_max &&
            line.size() <= state.options.queue_bytes_max &&
            state.bytes <= state.options.queue_bytes_max - line.size();
    if (taken) {
      const size_t size = line.size();
      state.queue.push_back({state.dropped_behind, std::move(line), 0, 0});
      state.dropped_behind = 0;
      state.bytes += size;
      ++state.lines;
    } else {
      state.dropped.fetch_add(1, std::memory_order_relaxed);
      if (!state.closing) ++state.dropped_behind;
    }
  }
  // Wakes the thread only if it waits for lines.
  state.changed.notify_one();
  return taken;
}

void LogWriter::Close() {
  std::call_once(closed_, [this] {
    if (!thread_.joinable()) return;
    State& state = *state_;
    std::unique_lock<std::mutex> lock(state.mutex);
    state.closing = true;
    state.deadline = std::chrono::steady_clock::now() +
                     ToBoundedNanoseconds(state.options.close_timeout);
    state.changed.notify_all();
    if (state.changed.wait_until(lock, state.deadline + kGrace,
                                 [&state] { return state.done; })) {
      lock.unlock();
      thread_.join();
      return;
    }
    state.DropQueue();
    lock.unlock();
    thread_.detach();
  });
}

uint64_t LogWriter::dropped_lines() const {
  return state_->dropped.load(std::memory_order_relaxed);
}

}  // namespace glue_security
