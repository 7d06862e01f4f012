#include "examples/postgresql_storage/postgresql_storage.h"

#include <postgresql/libpq-fe.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/storage/key_encoding.h"

namespace own_database {
namespace {

using namespace glue_security;  // NOLINT: an example

// bytea is compared bytewise, and holds any bytes (S3, S5, S6). The sequence
// must have no cache: each connection would take numbers in advance, and the
// revisions of a catalog would not grow (S11). It starts with 1.
constexpr char kCreate[] = R"(
  CREATE TABLE glue_security_record (
    catalog_id bytea, region bytea, kind smallint, id bytea,
    revision bigint NOT NULL, value bytea NOT NULL,
    PRIMARY KEY (catalog_id, region, kind, id));
  CREATE SEQUENCE glue_security_revision CACHE 1)";

constexpr char kSelect[] = R"(
  SELECT revision, value FROM glue_security_record
  WHERE catalog_id = $1 AND region = $2 AND kind = $3 AND id = $4)";
constexpr char kSelectRevision[] = R"(
  SELECT revision FROM glue_security_record
  WHERE catalog_id = $1 AND region = $2 AND kind = $3 AND id = $4)";
constexpr char kDelete[] = R"(
  DELETE FROM glue_security_record
  WHERE catalog_id = $1 AND region = $2 AND kind = $3 AND id = $4)";
constexpr char kWrite[] = R"(
  INSERT INTO glue_security_record (catalog_id, region, kind, id, revision,
                                    value)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (catalog_id, region, kind, id)
  DO UPDATE SET revision = excluded.revision, value = excluded.value)";

// Both bounds of S4 in the server: it counts the sizes of at most $5 records,
// one more than may be returned, and sends only those that fit. The size of a
// large value is known without reading it. `found` shows whether more follow.
constexpr char kSelectRange[] = R"(
  SELECT id, revision, value, found FROM (
    SELECT id, revision, value, count(*) OVER () AS found,
           row_number() OVER in_order AS place,
           sum(octet_length(id) + octet_length(value)) OVER in_order AS bytes
    FROM (SELECT id, revision, value FROM glue_security_record
          WHERE catalog_id = $1 AND region = $2 AND kind = $3
                AND ($4::bytea IS NULL OR id > $4)
          ORDER BY id LIMIT $5) AS candidate
    WINDOW in_order AS (ORDER BY id)) AS measured
  WHERE place < $5 AND (place = 1 OR bytes <= $6) ORDER BY id)";

// The server's limit for a value is 1 GiB, with what goes along with it.
constexpr size_t kValueBytesMax = 1'000'000'000;

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Rows = std::unique_ptr<PGresult, ClearResult>;

// The parameters of a statement. Bytes are borrowed.
class Parameters {
 public:
  Parameters(const CatalogKey& catalog, RecordKind kind) {
    Add(catalog.catalog_id);
    Add(catalog.region);
    Add(static_cast<int64_t>(kind));
  }
  Parameters(const CatalogKey& catalog, const RecordKey& key)
      : Parameters(catalog, key.kind) {
    Add(key.id);
  }
  Parameters(const Parameters&) = delete;
  Parameters& operator=(const Parameters&) = delete;

  void Add(const std::string& bytes) { Add(bytes.data(), bytes.size(), 1); }
  void Add(int64_t number) {
    numbers_[size_] = absl::StrCat(number);
    Add(numbers_[size_].c_str(), 0, 0);
  }
  void AddNull() { Add(nullptr, 0, 1); }

  // Runs `sql`; numbers and bytes of the rows are in binary form.
  Rows Run(PGconn* connection, const char* sql) const {
    return Rows(PQexecParams(connection, sql, size_, nullptr, values_.data(),
                             lengths_.data(), formats_.data(),
                             /*resultFormat=*/1));
  }

 private:
  void Add(const char* value, size_t length, int format) {
    values_[size_] = value;
    lengths_[size_] = static_cast<int>(length);
    formats_[size_++] = format;
  }

  static constexpr size_t kMax = 6;
  int size_ = 0;
  std::array<std::string, kMax> numbers_;
  std::array<const char*, kMax> values_ = {};
  std::array<int, kMax> lengths_ = {};
  std::array<int, kMax> formats_ = {};
};

// Returns a bigint.
int64_t NumberIn(const Rows& rows, int row, int column) {
  const char* bytes = PQgetvalue(rows.get(), row, column);
  uint64_t number = 0;
  for (int i = 0; i < 8; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return static_cast<int64_t>(number);
}

std::string BytesIn(const Rows& rows, int row, int column) {
  return {PQgetvalue(rows.get(), row, column),
          static_cast<size_t>(PQgetlength(rows.get(), row, column))};
}

absl::string_view Field(const Rows& rows, int field) {
  const char* text = PQresultErrorField(rows.get(), field);
  return text == nullptr ? "" : text;
}

// The status of a statement that failed while nothing was applied (S14). The
// server's details, which may quote names and values, are left out.
absl::Status NotApplied(const PGconn* connection, const Rows& rows) {
  const absl::string_view state = Field(rows, PG_DIAG_SQLSTATE);
  const absl::string_view own = PQerrorMessage(connection);
  const std::string message =
      state.empty()
          ? absl::StrCat("PostgreSQL: ", own.substr(0, own.find('\n')))
          : absl::StrCat("PostgreSQL: ", state, " ",
                         Field(rows, PG_DIAG_MESSAGE_PRIMARY));
  if (absl::StartsWith(state, "53")) {
    return absl::ResourceExhaustedError(message);
  }
  if (absl::StartsWith(state, "54")) return absl::InvalidArgumentError(message);
  if (state == "XX001" || state == "XX002") return absl::DataLossError(message);
  return absl::UnavailableError(message);
}

absl::Status StatusOf(const PGconn* connection, const Rows& rows) {
  const ExecStatusType status = PQresultStatus(rows.get());
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
    return absl::OkStatus();
  }
  return NotApplied(connection, rows);
}

// Runs statements without parameters whose rows do not matter.
absl::Status Run(PGconn* connection, const std::string& sql) {
  return StatusOf(connection, Rows(PQexec(connection, sql.c_str())));
}

// Returns true when the connection is in no transaction and its last statement
// succeeded. (libpq may take a connection for a good one after it has failed to
// write to it.)
bool IsReady(const PGconn* connection) {
  return PQtransactionStatus(connection) == PQTRANS_IDLE &&
         absl::string_view(PQerrorMessage(connection)).empty();
}

// Ends the transaction, and tells apart what COMMIT can lead to. The server
// answers an error only when it has rolled back and goes on; when it closes the
// connection, whatever it says about it, the commit may be on the disk.
absl::StatusOr<CommitResult> SendCommit(PGconn* connection) {
  const Rows rows(PQexec(connection, "COMMIT"));
  if (PQresultStatus(rows.get()) == PGRES_COMMAND_OK) {
    if (absl::string_view(PQcmdStatus(rows.get())) == "COMMIT") {
      return CommitResult::kCommitted;
    }
    return absl::UnavailableError("PostgreSQL: the transaction was undone");
  }
  const absl::string_view state = Field(rows, PG_DIAG_SQLSTATE);
  if (Field(rows, PG_DIAG_SEVERITY_NONLOCALIZED) == "ERROR" &&
      PQtransactionStatus(connection) == PQTRANS_IDLE && state != "40003" &&
      state != "08007") {
    return NotApplied(connection, rows);
  }
  return absl::UnknownError(
      "PostgreSQL: the connection was lost after COMMIT was sent");
}

// Returns the number of a catalog's advisory lock: 64 bits of FNV-1a. Two
// catalogs with one number only wait for each other.
int64_t LockOf(const CatalogKey& catalog) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : EncodeRecordKey(catalog, {})) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return static_cast<int64_t>(hash);
}

int64_t Clamped(size_t number) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max() - 1;
  return number < static_cast<size_t>(kMax) ? static_cast<int64_t>(number)
                                            : kMax;
}

absl::StatusOr<std::optional<Record>> ReadKey(PGconn* connection,
                                              const CatalogKey& catalog,
                                              const RecordKey& key) {
  const Rows rows = Parameters(catalog, key).Run(connection, kSelect);
  const absl::Status status = StatusOf(connection, rows);
  if (!status.ok()) return status;
  if (PQntuples(rows.get()) == 0) return std::nullopt;
  return Record{static_cast<Revision>(NumberIn(rows, 0, 0)),
                BytesIn(rows, 0, 1)};
}

absl::StatusOr<RangeResult> ReadRange(PGconn* connection,
                                      const CatalogKey& catalog,
                                      const RangeRead& range) {
  Parameters parameters(catalog, range.kind);
  if (range.after.has_value()) {
    parameters.Add(*range.after);
  } else {
    parameters.AddNull();
  }
  parameters.Add(Clamped(range.records_max) + 1);
  parameters.Add(Clamped(range.bytes_max));
  const Rows rows = parameters.Run(connection, kSelectRange);
  const absl::Status status = StatusOf(connection, rows);
  if (!status.ok()) return status;
  RangeResult result;
  const int size = PQntuples(rows.get());
  for (int i = 0; i < size; ++i) {
    result.records.push_back({BytesIn(rows, i, 0),
                              static_cast<Revision>(NumberIn(rows, i, 1)),
                              BytesIn(rows, i, 2)});
  }
  result.more = size > 0 && NumberIn(rows, 0, 3) > size;
  return result;
}

// Returns whether a precondition holds.
absl::StatusOr<bool> Holds(PGconn* connection, const CatalogKey& catalog,
                           const Precondition& precondition) {
  const Rows rows =
      Parameters(catalog, precondition.key).Run(connection, kSelectRevision);
  const absl::Status status = StatusOf(connection, rows);
  if (!status.ok()) return status;
  std::optional<Revision> revision;
  if (PQntuples(rows.get()) > 0) {
    revision = static_cast<Revision>(NumberIn(rows, 0, 0));
  }
  return revision == precondition.revision;
}

absl::Status Apply(PGconn* connection, const WriteBatch& batch) {
  const Rows next(PQexecParams(connection,
                               "SELECT nextval('glue_security_revision')", 0,
                               nullptr, nullptr, nullptr, nullptr, 1));
  absl::Status status = StatusOf(connection, next);
  for (const Mutation& mutation : batch.mutations) {
    if (!status.ok()) return status;
    Parameters parameters(batch.catalog, mutation.key);
    if (mutation.value.has_value()) {
      if (mutation.value->size() > kValueBytesMax) {
        return absl::InvalidArgumentError("PostgreSQL: a value is too long");
      }
      parameters.Add(NumberIn(next, 0, 0));
      parameters.Add(*mutation.value);
    }
    status =
        StatusOf(connection,
                 parameters.Run(connection,
                                mutation.value.has_value() ? kWrite : kDelete));
  }
  return status;
}

}  // namespace

// ---- Reads and commits

absl::StatusOr<Snapshot> PostgresqlStorage::Read(const ReadSet& read_set) {
  Step();
  absl::StatusOr<Lease> lease = Take();
  if (!lease.ok()) return lease.status();
  PGconn* const connection = lease->get();
  // One statement sees one instant by itself; several need a transaction (S2),
  // which takes its snapshot at the first of them. Giving the connection back
  // ends it.
  if (read_set.keys.size() + (read_set.range.has_value() ? 1 : 0) > 1) {
    const absl::Status status =
        Run(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    if (!status.ok()) return status;
  }
  Snapshot snapshot;
  for (const RecordKey& key : read_set.keys) {
    Step();
    auto record = ReadKey(connection, read_set.catalog, key);
    if (!record.ok()) return record.status();
    snapshot.records.push_back(*std::move(record));
  }
  if (read_set.range.has_value()) {
    Step();
    auto range = ReadRange(connection, read_set.catalog, *read_set.range);
    if (!range.ok()) return range.status();
    snapshot.range = *std::move(range);
  }
  Step();
  return snapshot;
}

absl::StatusOr<CommitResult> PostgresqlStorage::Commit(
    const WriteBatch& batch) {
  if (batch.branch != 0) return CommitResult::kConflict;
  Step();
  absl::StatusOr<Lease> lease = Take();
  if (!lease.ok()) return lease.status();
  PGconn* const connection = lease->get();
  // The lock is held until the commit is visible, so the commits of a catalog
  // follow each other, and none fails because of another. READ COMMITTED, so
  // that each statement sees what was committed before the lock was granted: a
  // stricter level would show the state from before the wait. For the same
  // reason the lock has a statement of its own.
  absl::Status status =
      Run(connection,
          absl::StrCat("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
                       "SELECT pg_advisory_xact_lock(",
                       LockOf(batch.catalog), ")"));
  if (!status.ok()) return status;
  for (const Precondition& precondition : batch.preconditions) {
    const absl::StatusOr<bool> holds =
        Holds(connection, batch.catalog, precondition);
    if (!holds.ok()) return holds.status();
    if (!*holds) return CommitResult::kConflict;
  }
  status = Apply(connection, batch);
  if (!status.ok()) return status;
  auto result = SendCommit(connection);
  lease->reset();
  Step();
  return result;
}

void PostgresqlStorage::Step() const {
  if (step_) step_();
}

// ---- Connections

PostgresqlStorage::PostgresqlStorage(PostgresqlStorageOptions options)
    : options_(std::move(options)) {}

PostgresqlStorage::~PostgresqlStorage() {
  for (PGconn* connection : idle_) PQfinish(connection);
}

absl::StatusOr<std::unique_ptr<PostgresqlStorage>> PostgresqlStorage::Open(
    const PostgresqlStorageOptions& options) {
  std::unique_ptr<PostgresqlStorage> storage(new PostgresqlStorage(options));
  const absl::Status status = storage->Prepare();
  if (!status.ok()) return status;
  return storage;
}

absl::Status PostgresqlStorage::Prepare() {
  absl::StatusOr<Lease> lease = Take();
  if (!lease.ok()) return lease.status();
  PGconn* const connection = lease->get();
  // Locked, because IF NOT EXISTS fails when two create at once.
  absl::Status status =
      Run(connection,
          absl::StrCat("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
                       "SELECT pg_advisory_xact_lock(",
                       LockOf({}), ")"));
  if (!status.ok()) return status;
  const Rows rows(PQexec(connection,
                         "SELECT to_regclass('glue_security_record') IS NULL, "
                         "current_setting('synchronous_commit') = 'off', "
                         "current_setting('fsync') = 'on'"));
  status = StatusOf(connection, rows);
  if (!status.ok()) return status;
  const auto is_true = [&](int column) {
    return BytesIn(rows, 0, column) == "t";
  };
  if (is_true(1)) {
    return absl::FailedPreconditionError(
        "PostgreSQL: synchronous_commit is off");
  }
  durability_ = is_true(2) ? Durability::kPowerLoss : Durability::kProcessCrash;
  if (is_true(0)) {
    status = Run(connection, kCreate);
    if (!status.ok()) return status;
  }
  return Run(connection, "COMMIT");
}

absl::StatusOr<PostgresqlStorage::Lease> PostgresqlStorage::Take() {
  PGconn* connection = nullptr;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    given_back_.wait(lock, [&] { return in_use_ < options_.connections_max; });
    ++in_use_;
    if (!idle_.empty()) {
      connection = idle_.back();
      idle_.pop_back();
    }
  }
  const auto give_back = [this](PGconn* given) { GiveBack(given); };
  if (connection != nullptr) return Lease(connection, give_back);
  absl::StatusOr<PGconn*> connected = Connect();
  if (connected.ok()) return Lease(*connected, give_back);
  GiveBack(nullptr);
  return connected.status();
}

absl::StatusOr<PGconn*> PostgresqlStorage::Connect() const {
  PGconn* const connection = PQconnectdb(options_.connection.c_str());
  absl::Status status;
  if (PQstatus(connection) == CONNECTION_OK) {
    // Warnings of the server would go to the standard error.
    PQsetNoticeProcessor(
        connection, [](void*, const char*) {}, nullptr);
    const auto set = [](absl::string_view name, absl::Duration time) {
      const int64_t least = 1;
      return absl::StrCat("SET ", name, " = ",
                          std::max(absl::ToInt64Milliseconds(time), least),
                          ";");
    };
    status = Run(connection, set("lock_timeout", options_.lock_wait_max) +
                                 set("idle_in_transaction_session_timeout",
                                     options_.silence_max));
  } else {
    status = NotApplied(connection, nullptr);
  }
  if (status.ok()) return connection;
  PQfinish(connection);
  return status;
}

// Ends a transaction that is still open. When the connection is broken, the
// idle ones most likely are, too: the server was restarted.
void PostgresqlStorage::GiveBack(PGconn* connection) {
  if (connection != nullptr && !IsReady(connection)) {
    Run(connection, "ROLLBACK").IgnoreError();
  }
  std::vector<PGconn*> broken;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    --in_use_;
    if (IsReady(connection)) {
      idle_.push_back(connection);
    } else if (connection != nullptr) {
      broken.swap(idle_);
      broken.push_back(connection);
    }
  }
  given_back_.notify_one();
  for (PGconn* one : broken) PQfinish(one);
}

}  // namespace own_database
