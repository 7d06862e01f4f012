#include "glue_security/storage/sqlite/sqlite_reader.h"

#include <utility>

#include "absl/functional/function_ref.h"
#include "glue_security/storage/sqlite/record_checksum.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

// Runs a statement without rows when it goes out of scope.
class AtEnd {
 public:
  explicit AtEnd(Statement* statement) : statement_(statement) {}
  ~AtEnd() {
    statement_->StepForCode();
    statement_->Reset();
  }
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;

 private:
  Statement* const statement_;
};

absl::Status CheckSum(const CatalogKey& catalog, RecordKind kind,
                      absl::string_view id, const RecordView& record,
                      int64_t sum) {
  if (RecordChecksum(catalog, kind, id, record.revision, record.value) ==
      static_cast<uint64_t>(sum)) {
    return absl::OkStatus();
  }
  return absl::DataLossError("the checksum of the record does not match");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Connection>> OpenReadOnly(
    const std::string& path, const std::string& vfs, int busy_milliseconds) {
  // A connection that reads has to write its marks into the shared memory, so
  // that the file is opened for writing.
  auto connection = Connection::Open(path, vfs, busy_milliseconds);
  if (!connection.ok()) return connection;
  absl::Status status = (*connection)->Execute("PRAGMA query_only=ON");
  if (!status.ok()) return status;
  return connection;
}

absl::StatusOr<std::unique_ptr<SqliteReader>> SqliteReader::Open(
    const std::string& path, const std::string& vfs, int busy_milliseconds) {
  auto connection = OpenReadOnly(path, vfs, busy_milliseconds);
  if (!connection.ok()) return connection.status();
  auto reader =
      std::unique_ptr<SqliteReader>(new SqliteReader(*std::move(connection)));
  const std::pair<Statement*, const char*> all[] = {
      {&reader->begin_, "BEGIN"},
      {&reader->end_, "COMMIT"},
      {&reader->find_,
       "SELECT revision, value, sum FROM record WHERE "
       "catalog_id = ? AND region = ? AND kind = ? AND id = ?"},
      {&reader->range_,
       "SELECT revision, value, sum, id FROM record WHERE "
       "catalog_id = ? AND region = ? AND kind = ? ORDER BY id"},
      {&reader->range_after_,
       "SELECT revision, value, sum, id FROM record WHERE "
       "catalog_id = ? AND region = ? AND kind = ? AND id > ? ORDER BY id"}};
  for (const auto& [statement, sql] : all) {
    auto prepared = Statement::Prepare(reader->connection_.get(), sql);
    if (!prepared.ok()) return prepared.status();
    *statement = *std::move(prepared);
  }
  return reader;
}

absl::StatusOr<Snapshot> SqliteReader::Read(const ReadSet& read_set,
                                            const Step& step) {
  // A single statement is a transaction of its own.
  if (read_set.keys.size() + (read_set.range.has_value() ? 1 : 0) < 2) {
    return ReadInside(read_set, step);
  }
  {
    const Running running(&begin_);
    const absl::Status status = begin_.Step().status();
    if (!status.ok()) return status;
  }
  const AtEnd end(&end_);
  return ReadInside(read_set, step);
}

absl::StatusOr<Snapshot> SqliteReader::ReadInside(const ReadSet& read_set,
                                                  const Step& step) {
  Snapshot snapshot;
  for (const RecordKey& key : read_set.keys) {
    if (step) step();
    snapshot.records.emplace_back();
    const absl::Status status =
        Find(read_set.catalog, key, [&](const RecordView* record) {
          if (record == nullptr) return;
          snapshot.records.back() =
              Record{record->revision, std::string(record->value)};
        });
    if (!status.ok()) return status;
  }
  if (read_set.range.has_value()) {
    if (step) step();
    auto range = ReadRange(read_set.catalog, *read_set.range);
    if (!range.ok()) return range.status();
    snapshot.range = *std::move(range);
  }
  return snapshot;
}

absl::Status SqliteReader::Visit(const CatalogKey& catalog,
                                 const RecordKey& key, RecordVisitor visitor) {
  return Find(catalog, key,
              [&](const RecordView* record) { visitor(/*branch=*/0, record); });
}

absl::Status SqliteReader::Find(
    const CatalogKey& catalog, const RecordKey& key,
    absl::FunctionRef<void(const RecordView*)> visitor) {
  const Running running(&find_);
  find_.Bind(1, catalog.catalog_id);
  find_.Bind(2, catalog.region);
  find_.Bind(3, static_cast<int64_t>(key.kind));
  find_.Bind(4, key.id);
  const absl::StatusOr<bool> row = find_.Step();
  if (!row.ok()) return row.status();
  if (!*row) {
    visitor(nullptr);
    return absl::OkStatus();
  }
  const RecordView record{static_cast<Revision>(find_.Number(0)),
                          find_.Blob(1)};
  absl::Status status =
      CheckSum(catalog, key.kind, key.id, record, find_.Number(2));
  if (!status.ok()) return status;
  visitor(&record);
  return absl::OkStatus();
}

absl::StatusOr<RangeResult> SqliteReader::ReadRange(const CatalogKey& catalog,
                                                    const RangeRead& range) {
  Statement* const statement =
      range.after.has_value() ? &range_after_ : &range_;
  const Running running(statement);
  statement->Bind(1, catalog.catalog_id);
  statement->Bind(2, catalog.region);
  statement->Bind(3, static_cast<int64_t>(range.kind));
  if (range.after.has_value()) statement->Bind(4, *range.after);
  RangeResult result;
  size_t bytes = 0;
  while (!result.more) {
    const absl::StatusOr<bool> row = statement->Step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    const absl::Status status =
        AddToRange(catalog, range, *statement, &bytes, &result);
    if (!status.ok()) return status;
  }
  return result;
}

absl::Status SqliteReader::AddToRange(const CatalogKey& catalog,
                                      const RangeRead& range,
                                      const Statement& statement, size_t* bytes,
                                      RangeResult* result) {
  const absl::string_view id = statement.Blob(3);
  const RecordView record{static_cast<Revision>(statement.Number(0)),
                          statement.Blob(1)};
  *bytes += id.size() + record.value.size();
  if (!result->records.empty() &&
      (result->records.size() >= range.records_max ||
       *bytes > range.bytes_max)) {
    result->more = true;
    return absl::OkStatus();
  }
  absl::Status status =
      CheckSum(catalog, range.kind, id, record, statement.Number(2));
  if (!status.ok()) return status;
  result->records.push_back(
      {std::string(id), record.revision, std::string(record.value)});
  return absl::OkStatus();
}

BorrowedReader::~BorrowedReader() { pool_->Return(reader_); }

absl::StatusOr<std::unique_ptr<ReaderPool>> ReaderPool::Open(
    const std::string& path, const std::string& vfs, int busy_milliseconds,
    size_t readers) {
  auto pool = std::make_unique<ReaderPool>();
  pool->free_.reserve(readers);
  for (size_t i = 0; i < readers; ++i) {
    auto reader = SqliteReader::Open(path, vfs, busy_milliseconds);
    if (!reader.ok()) return reader.status();
    pool->readers_.push_back(*std::move(reader));
    pool->free_.push_back(pool->readers_.back().get());
  }
  return pool;
}

BorrowedReader ReaderPool::Borrow() {
  std::unique_lock<std::mutex> lock(mutex_);
  returned_.wait(lock, [this] { return !free_.empty(); });
  SqliteReader* const reader = free_.back();
  free_.pop_back();
  return BorrowedReader(this, reader);
}

void ReaderPool::Return(SqliteReader* reader) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    free_.push_back(reader);
  }
  returned_.notify_one();
}

}  // namespace sqlite_internal
}  // namespace glue_security
