// LogWriter: writes lines to a file descriptor without ever blocking the
// threads that log. A bounded queue and a thread of its own are in between. A
// line for which the queue has no room is dropped and counted, and the log has
// a notice in its place.
//
//   auto log = LogWriter::Start(STDERR_FILENO, LogWriterOptions());
//   if (!log.ok()) return log.status();
//   (*log)->Write("a line\n");
//
// When the pipe is not drained:
//
//   (*log)->Write(line);      // false from some line on
//   (*log)->dropped_lines();  // the number of lines dropped so far
//
// When the reader is back, the log continues with "123 lines were dropped".

#ifndef GLUE_SECURITY_SERVER_LOG_WRITER_H_
#define GLUE_SECURITY_SERVER_LOG_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace glue_security {

struct LogWriterOptions {
  // Bounds of the lines that wait to be written or are being written. A line
  // counts with its own bytes; the overhead of the queue is not counted.
  size_t queue_bytes_max = size_t{1024} * 1024;
  size_t queue_lines_max = 10'000;
  // How long `Close` gives the reader to take the lines that wait.
  absl::Duration close_timeout = absl::Seconds(1);
  // Returns the notice, with its line end, for `lines` dropped lines. Called on
  // the writer's thread. When empty, the notice is "123 lines were dropped\n".
  std::function<std::string(uint64_t lines)> dropped_line;
};

// Thread-safe. A line reaches the file whole and in order, unless writing it
// fails half-way: then it is cut there and counts as dropped.
class LogWriter {
 public:
  // Starts a writer to a duplicate of `fd`; the caller keeps `fd`. A descriptor
  // that is closed or cannot be written is not an error: every line is then
  // dropped and counted. Errors: kResourceExhausted when the system has no
  // thread.
  static absl::StatusOr<std::unique_ptr<LogWriter>> Start(
      int fd, LogWriterOptions options);

  // Closes the writer.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // Queues a line, which includes its line end. Never waits. Returns false when
  // the line is dropped: the queue is full, the line is longer than the queue,
  // or the writer is closed. Throws std::bad_alloc, the queue unchanged.
  bool Write(std::string line);

  // Writes the lines that wait, for at most `close_timeout`; drops and counts
  // the rest. Returns at most half a second after that, even when a write
  // blocks forever: the thread is then detached and keeps the duplicate open.
  // Repeated calls do nothing.
  void Close();

  // Returns the number of lines that did not reach the file so far.
  uint64_t dropped_lines() const;

 private:
  struct State;

  explicit LogWriter(std::shared_ptr<State> state);

  const std::shared_ptr<State> state_;
  std::thread thread_;
  std::once_flag closed_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_LOG_WRITER_H_
