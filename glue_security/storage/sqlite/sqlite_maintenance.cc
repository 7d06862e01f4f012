#include "glue_security/storage/sqlite/sqlite_maintenance.h"

#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/storage/sqlite/database_copy.h"
#include "glue_security/storage/sqlite/database_path.h"
#include "glue_security/storage/sqlite/record_checksum.h"
#include "glue_security/storage/sqlite/sqlite_schema.h"

namespace glue_security {
namespace sqlite_internal {
namespace {

constexpr char kAllRecords[] =
    "SELECT catalog_id, region, kind, id, revision, value, sum FROM record "
    "ORDER BY catalog_id, region, kind, id";
// The number of steps between two reports of progress.
constexpr uint64_t kStepsBetweenReports = 1024;

// Puts the current row of kAllRecords into `record`, whose memory is reused.
// Returns whether the checksum matches.
bool TakeRecord(const Statement& row, NamedRecord* record) {
  record->catalog.catalog_id = std::string(row.Blob(0));
  record->catalog.region = std::string(row.Blob(1));
  record->key.kind = static_cast<RecordKind>(row.Number(2));
  record->key.id = std::string(row.Blob(3));
  record->revision = static_cast<Revision>(row.Number(4));
  const absl::string_view value = row.Blob(5);
  record->value.assign(value.data(), value.size());
  // The whole number of the kind, so that a damaged one is not cut.
  return row.Number(2) == static_cast<int64_t>(record->key.kind) &&
         RecordChecksum(record->catalog, record->key.kind, record->key.id,
                        record->revision,
                        value) == static_cast<uint64_t>(row.Number(6));
}

// Checks one database, inside of a read transaction.
class Verification {
 public:
  Verification(Connection* connection,
               absl::FunctionRef<void(const StorageProblem&)> problem,
               MaintenanceProgress progress)
      : connection_(connection), problem_(problem), progress_(progress) {}

  absl::Status Run() {
    absl::Status status = Prepare();
    if (status.ok()) status = CheckFile();
    if (status.ok()) status = CheckFacts();
    if (status.ok()) status = CheckRecords();
    return status;
  }

 private:
  absl::Status Prepare() {
    const auto total = connection_->QueryNumber("SELECT count(*) FROM record");
    if (!total.ok()) return total.status();
    total_ = static_cast<uint64_t>(*total);
    progress_(0, total_);
    return absl::OkStatus();
  }

  absl::Status CheckFile() {
    auto check = Statement::Prepare(connection_, "PRAGMA integrity_check(100)");
    if (!check.ok()) return check.status();
    while (true) {
      const absl::StatusOr<bool> row = check->Step();
      if (!row.ok()) return row.status();
      if (!*row) return absl::OkStatus();
      const absl::string_view what = check->Blob(0);
      if (what == "ok") continue;
      absl::Status status = StatusOfFinding(what);
      if (!absl::IsDataLoss(status)) return status;
      Report(what);
    }
  }

  absl::Status CheckFacts() {
    auto table = MetaTable::Open(connection_);
    if (!table.ok()) return table.status();
    const absl::StatusOr<Meta> meta = table->Read();
    if (meta.ok()) {
      meta_ = *meta;
      return absl::OkStatus();
    }
    if (!absl::IsDataLoss(meta.status())) return meta.status();
    Report(meta.status().message());
    return absl::OkStatus();
  }

  absl::Status CheckRecords() {
    auto all = Statement::Prepare(connection_, kAllRecords);
    if (!all.ok()) return all.status();
    NamedRecord record;
    uint64_t done = 0;
    uint64_t sum = 0;
    while (true) {
      const absl::StatusOr<bool> row = all->Step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      if (!TakeRecord(*all, &record)) {
        ReportRecord(record, "the checksum of the record does not match");
      } else if (meta_.has_value() && record.revision > meta_->last) {
        ReportRecord(record, "the revision of the record was never given");
      }
      sum += static_cast<uint64_t>(all->Number(6));
      if (++done % kStepsBetweenReports == 0) progress_(done, total_);
    }
    progress_(done, total_);
    CompareAll(static_cast<int64_t>(done), sum);
    return absl::OkStatus();
  }

  // Compares all records with what the row of facts says of them.
  void CompareAll(int64_t count, uint64_t sum) {
    if (!meta_.has_value()) return;
    if (count != meta_->records) {
      Report(absl::StrCat("the number of records is ", count, " and should be ",
                          meta_->records));
    } else if (sum != meta_->record_sum) {
      Report("the records are not those that were written");
    }
  }

  // Reports a problem of the file as a whole.
  void Report(absl::string_view what) {
    StorageProblem problem;
    problem.what = std::string(what);
    problem_(problem);
  }

  void ReportRecord(const NamedRecord& record, absl::string_view what) {
    problem_({record.catalog, record.key, std::string(what)});
  }

  Connection* const connection_;
  const absl::FunctionRef<void(const StorageProblem&)> problem_;
  const MaintenanceProgress progress_;
  uint64_t total_ = 0;
  // Unless it is damaged.
  std::optional<Meta> meta_;
};

// Gives the file of an export a store id of its own.
absl::Status RenewStoreId(const std::string& vfs, const std::string& path) {
  auto connection = Connection::Open(path, vfs, /*busy_milliseconds=*/0);
  if (!connection.ok()) return connection.status();
  auto table = MetaTable::Open(connection->get());
  if (!table.ok()) return table.status();
  auto meta = table->Read();
  if (!meta.ok()) return meta.status();
  auto store_id = NewStoreId(connection->get());
  if (!store_id.ok()) return store_id.status();
  meta->store_id = *std::move(store_id);
  return table->Write(*meta);
}

}  // namespace

absl::Status VisitAllRecords(Connection* connection,
                             NamedRecordVisitor visitor) {
  auto all = Statement::Prepare(connection, kAllRecords);
  if (!all.ok()) return all.status();
  NamedRecord record;
  while (true) {
    const absl::StatusOr<bool> row = all->Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    if (!TakeRecord(*all, &record)) {
      return absl::DataLossError(absl::StrCat(
          "the checksum of ", absl::CHexEscape(record.catalog.catalog_id), "/",
          absl::CHexEscape(record.catalog.region), " kind ",
          static_cast<int>(record.key.kind), " \"",
          absl::CHexEscape(record.key.id), "\" does not match"));
    }
    absl::Status status = visitor(record);
    if (!status.ok()) return status;
  }
}

absl::StatusOr<StorageStats> ReadStats(Connection* connection,
                                       const std::string& path) {
  absl::Status status = connection->Execute("BEGIN");
  if (!status.ok()) return status;
  StorageStats stats;
  const std::pair<uint64_t*, const char*> numbers[] = {
      {&stats.records, "SELECT count(*) FROM record"},
      {&stats.record_bytes,
       "SELECT total(length(id) + length(value)) FROM record"},
      {&stats.catalogs,
       "SELECT count(*) FROM "
       "(SELECT DISTINCT catalog_id, region FROM record)"}};
  for (const auto& [number, sql] : numbers) {
    const auto found = connection->QueryNumber(sql);
    if (!found.ok()) return found.status();
    *number = static_cast<uint64_t>(*found);
  }
  stats.details.emplace_back("file_bytes", absl::StrCat(SizeOfFile(path)));
  stats.details.emplace_back("wal_bytes",
                             absl::StrCat(SizeOfFile(path + "-wal")));
  for (const auto& [name, sql] :
       {std::pair("page_bytes", "PRAGMA page_size"),
        std::pair("pages", "PRAGMA page_count"),
        std::pair("free_pages", "PRAGMA freelist_count"),
        std::pair("format", "PRAGMA user_version")}) {
    const auto found = connection->QueryNumber(sql);
    if (!found.ok()) return found.status();
    stats.details.emplace_back(name, absl::StrCat(*found));
  }
  auto table = MetaTable::Open(connection);
  if (!table.ok()) return table.status();
  const auto meta = table->Read();
  if (!meta.ok()) return meta.status();
  stats.details.emplace_back("store_id",
                             absl::BytesToHexString(meta->store_id));
  stats.details.emplace_back("last_revision", absl::StrCat(meta->last));
  return stats;
}

absl::Status VerifyAll(Connection* connection,
                       absl::FunctionRef<void(const StorageProblem&)> problem,
                       MaintenanceProgress progress) {
  absl::Status status = connection->Execute("BEGIN");
  if (!status.ok()) return status;
  return Verification(connection, problem, progress).Run();
}

absl::Status ExportRecords(Connection* connection, const std::string& vfs,
                           const std::string& path) {
  // A name that no other export of this time has.
  const auto name = connection->QueryText("SELECT hex(randomblob(8))");
  if (!name.ok()) return name.status();
  return CopyDatabase(
      connection, path, absl::StrCat(path, ".", *name),
      [&](const std::string& draft) { return RenewStoreId(vfs, draft); });
}

}  // namespace sqlite_internal
}  // namespace glue_security
