// LogWriter: lines to a file descriptor, from threads that never wait for it.
// A bounded queue and one thread stand between; what the queue has no room for
// is dropped and counted, and the log says how many lines are missing where
// they are missing.
//
//   auto log = LogWriter::Start(STDERR_FILENO, {});
//   if (!log.ok()) ...
//   (*log)->Write("a line\n");
//
// A pipe that nobody drains:
//
//   (*log)->Write(line);      // false from some line on
//   (*log)->dropped_lines();  // how many so far
//
// When its reader is back, the log goes on with "123 lines were dropped".

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
  // Bounds of what waits to be written, the lines under way included. A line
  // counts with its bytes, whatever the queue needs beside them.
  size_t queue_bytes_max = size_t{1024} * 1024;
  size_t queue_lines_max = 10'000;
  // `Close` gives the reader so long to take what waits.
  absl::Duration close_timeout = absl::Seconds(1);
  // The line, with its end, that stands for so many dropped ones. Called on the
  // writer's thread. Empty: "123 lines were dropped\n".
  std::function<std::string(uint64_t lines)> dropped_line;
};

// Thread-safe. A line reaches the file whole and in order, unless writing it
// fails half-way: then it ends where it is, and counts as dropped.
class LogWriter {
 public:
  // Writes to a duplicate of `fd`, which stays the caller's. One that is closed
  // or cannot be written is no error: every line is dropped then, and counted.
  // Errors: kResourceExhausted where the system gives no thread.
  static absl::StatusOr<std::unique_ptr<LogWriter>> Start(
      int fd, LogWriterOptions options);

  // Closes.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // Queues a line, which has its end. Never waits. False: it is dropped,
  // because the queue is full, the line is longer than the queue, or the writer
  // is closed. Throws std::bad_alloc and leaves the queue as it was.
  bool Write(std::string line);

  // Writes what waits, for `close_timeout` at most; drops and counts the rest.
  // Returns within half a second after that even where the system holds a write
  // for ever: its thread is left alone then and keeps the duplicate open.
  // Repeated calls do nothing.
  void Close();

  // Lines that did not reach the file, so far.
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
