#include "glue_security/storage/sqlite/sqlite_maintenance.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
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
    if (status.ok()) status = CheckEmptySets();
    return status;
  }

 private:
  // A kind in a catalog, as its records were counted.
  struct CountedSet {
    CatalogKey catalog;
    RecordKind kind;
    int64_t count = 0;
    uint64_t sum = 0;
  };

  absl::Status Prepare() {
    auto find = Statement::Prepare(connection_,
                                   "SELECT count, sum FROM record_set WHERE "
                                   "catalog_id = ? AND region = ? AND "
                                   "kind = ?");
    if (!find.ok()) return find.status();
    find_set_ = *std::move(find);
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
      Report(std::nullopt, std::nullopt, what);
    }
  }

  absl::Status CheckFacts() {
    auto table = MetaTable::Open(connection_);
    if (!table.ok()) return table.status();
    const absl::StatusOr<Meta> meta = table->Read();
    if (meta.ok()) {
      last_revision_ = meta->last;
      return absl::OkStatus();
    }
    if (!absl::IsDataLoss(meta.status())) return meta.status();
    Report(std::nullopt, std::nullopt, meta.status().message());
    return absl::OkStatus();
  }

  absl::Status CheckRecords() {
    auto all = Statement::Prepare(connection_, kAllRecords);
    if (!all.ok()) return all.status();
    NamedRecord record;
    uint64_t done = 0;
    while (true) {
      const absl::StatusOr<bool> row = all->Step();
      if (!row.ok()) return row.status();
      if (!*row) break;
      if (!TakeRecord(*all, &record)) {
        Report(record.catalog, record.key,
               "the checksum of the record does not match");
      } else if (last_revision_.has_value() &&
                 record.revision > *last_revision_) {
        Report(record.catalog, record.key,
               "the revision of the record was never given");
      }
      absl::Status status =
          AddToSet(record, static_cast<uint64_t>(all->Number(6)));
      if (!status.ok()) return status;
      if (++done % kStepsBetweenReports == 0) progress_(done, total_);
    }
    progress_(done, total_);
    return EndSet();
  }

  absl::Status AddToSet(const NamedRecord& record, uint64_t sum) {
    if (!set_.has_value() || !(set_->catalog == record.catalog) ||
        set_->kind != record.key.kind) {
      absl::Status status = EndSet();
      if (!status.ok()) return status;
      set_ = CountedSet{record.catalog, record.key.kind};
    }
    ++set_->count;
    set_->sum += sum;
    return absl::OkStatus();
  }

  // Compares the set that was counted with its row.
  absl::Status EndSet() {
    if (!set_.has_value()) return absl::OkStatus();
    const Running running(&find_set_);
    find_set_.Bind(1, set_->catalog.catalog_id);
    find_set_.Bind(2, set_->catalog.region);
    find_set_.Bind(3, static_cast<int64_t>(set_->kind));
    const absl::StatusOr<bool> row = find_set_.Step();
    if (!row.ok()) return row.status();
    if (!*row || find_set_.Number(0) != set_->count ||
        static_cast<uint64_t>(find_set_.Number(1)) != set_->sum) {
      Report(set_->catalog, std::nullopt,
             absl::StrCat("the records of kind ", set_->kind,
                          " are not those that were written"));
    }
    return absl::OkStatus();
  }

  // Finds the sets of which no record is left.
  absl::Status CheckEmptySets() {
    auto empty = Statement::Prepare(
        connection_,
        "SELECT catalog_id, region, kind, count FROM record_set AS s WHERE "
        "NOT EXISTS(SELECT 1 FROM record AS r WHERE "
        "r.catalog_id = s.catalog_id AND r.region = s.region AND "
        "r.kind = s.kind)");
    if (!empty.ok()) return empty.status();
    while (true) {
      const absl::StatusOr<bool> row = empty->Step();
      if (!row.ok()) return row.status();
      if (!*row) return absl::OkStatus();
      Report(
          CatalogKey{std::string(empty->Blob(0)), std::string(empty->Blob(1))},
          std::nullopt,
          absl::StrCat("all ", empty->Number(3), " records of kind ",
                       empty->Number(2), " are missing"));
    }
  }

  void Report(std::optional<CatalogKey> catalog, std::optional<RecordKey> key,
              absl::string_view what) {
    problem_({std::move(catalog), std::move(key), std::string(what)});
  }

  Connection* const connection_;
  const absl::FunctionRef<void(const StorageProblem&)> problem_;
  const MaintenanceProgress progress_;
  Statement find_set_;
  uint64_t total_ = 0;
  std::optional<Revision> last_revision_;
  std::optional<CountedSet> set_;
};

absl::Status SystemFailure(const std::string& path, int error) {
  return absl::UnavailableError(absl::StrCat(
      path, ": ", absl::ErrnoToStatus(error, "the export").message()));
}

// Syncs a file, or a folder.
absl::Status Sync(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return SystemFailure(path, errno);
  const int result = fsync(descriptor);
  const int error = errno;
  close(descriptor);
  return result == 0 ? absl::OkStatus() : SystemFailure(path, error);
}

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

absl::Status ExportInside(Connection* connection, const std::string& vfs,
                          const std::string& path, const std::string& draft) {
  {
    auto vacuum = Statement::Prepare(connection, "VACUUM INTO CAST(? AS TEXT)");
    if (!vacuum.ok()) return vacuum.status();
    vacuum->Bind(1, draft);
    absl::Status status = vacuum->Step().status();
    if (!status.ok()) return status;
  }
  absl::Status status = RenewStoreId(vfs, draft);
  // SQLite does not sync the file that VACUUM INTO writes.
  if (status.ok()) status = Sync(draft);
  if (!status.ok()) return status;
  // Unlike a renaming, a link does not replace a file that came meanwhile.
  if (link(draft.c_str(), path.c_str()) != 0) {
    if (errno != EEXIST) return SystemFailure(path, errno);
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": there is a file already"));
  }
  return Sync(path.substr(0, path.rfind('/') + 1));
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
      return absl::DataLossError("the checksum of a record does not match");
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
       "(SELECT DISTINCT catalog_id, region FROM record_set)"}};
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
  struct stat found;
  if (lstat(path.c_str(), &found) == 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, ": there is a file already"));
  }
  // A name that no other export of this time has.
  const auto name = connection->QueryText("SELECT hex(randomblob(8))");
  if (!name.ok()) return name.status();
  const std::string draft = absl::StrCat(path, ".", *name);
  absl::Status status = ExportInside(connection, vfs, path, draft);
  unlink(draft.c_str());
  return status;
}

}  // namespace sqlite_internal
}  // namespace glue_security
