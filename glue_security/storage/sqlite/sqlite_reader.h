// SqliteReader: a connection that reads, and ReaderPool, a few of them.
//
//   const BorrowedReader reader = pool.Borrow();  // waits for a free one
//   absl::StatusOr<Snapshot> snapshot = reader->Read(read_set, step);
//
// A reader sees the database as of the begin of its read transaction, whatever
// is written meanwhile. It takes no lock that a writer needs, and compares the
// checksum of every record that it returns.

#ifndef GLUE_SECURITY_STORAGE_SQLITE_SQLITE_READER_H_
#define GLUE_SECURITY_STORAGE_SQLITE_SQLITE_READER_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/sqlite/sqlite_connection.h"
#include "glue_security/storage/storage.h"

namespace glue_security {
namespace sqlite_internal {

// Called where the call of another thread could come between. May be empty.
using Step = std::function<void()>;

// Opens a connection that cannot write. Errors: those of StatusOfCode.
absl::StatusOr<std::unique_ptr<Connection>> OpenReadOnly(
    const std::string& path, const std::string& vfs, int busy_milliseconds);

// Not thread-safe: serves one thread at a time.
class SqliteReader {
 public:
  // Errors: those of StatusOfCode.
  static absl::StatusOr<std::unique_ptr<SqliteReader>> Open(
      const std::string& path, const std::string& vfs, int busy_milliseconds);

  // See Storage. Errors: those of StatusOfCode; kDataLoss, a checksum is wrong.
  absl::StatusOr<Snapshot> Read(const ReadSet& read_set, const Step& step);
  absl::Status Visit(const CatalogKey& catalog, const RecordKey& key,
                     RecordVisitor visitor);

 private:
  explicit SqliteReader(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)) {}

  absl::StatusOr<Snapshot> ReadInside(const ReadSet& read_set,
                                      const Step& step);
  // Calls `visitor` as `Visit` does, with one argument.
  absl::Status Find(const CatalogKey& catalog, const RecordKey& key,
                    absl::FunctionRef<void(const RecordView*)> visitor);
  absl::StatusOr<RangeResult> ReadRange(const CatalogKey& catalog,
                                        const RangeRead& range);
  // Takes the current row of a range.
  static absl::Status AddToRange(const CatalogKey& catalog,
                                 const RangeRead& range,
                                 const Statement& statement, size_t* bytes,
                                 RangeResult* result);

  // Declared first, so that the statements end before it.
  const std::unique_ptr<Connection> connection_;
  Statement begin_;
  Statement end_;
  Statement find_;
  Statement range_;
  Statement range_after_;
};

class ReaderPool;

// A reader that goes back to its pool at the end of its life.
class BorrowedReader {
 public:
  BorrowedReader(ReaderPool* pool, SqliteReader* reader)
      : pool_(pool), reader_(reader) {}
  ~BorrowedReader();
  BorrowedReader(const BorrowedReader&) = delete;
  BorrowedReader& operator=(const BorrowedReader&) = delete;

  SqliteReader* operator->() const { return reader_; }

 private:
  ReaderPool* const pool_;
  SqliteReader* const reader_;
};

// Thread-safe.
class ReaderPool {
 public:
  // Opens `readers` connections. Errors: those of StatusOfCode.
  static absl::StatusOr<std::unique_ptr<ReaderPool>> Open(
      const std::string& path, const std::string& vfs, int busy_milliseconds,
      size_t readers);

  // Returns a reader, and waits for one when all are borrowed.
  BorrowedReader Borrow();

 private:
  friend class BorrowedReader;

  void Return(SqliteReader* reader);

  std::vector<std::unique_ptr<SqliteReader>> readers_;
  std::mutex mutex_;
  std::condition_variable returned_;
  // Has room for all of them, so that a return allocates nothing.
  std::vector<SqliteReader*> free_;
};

}  // namespace sqlite_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_STORAGE_SQLITE_SQLITE_READER_H_
