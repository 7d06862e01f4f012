// PostgresqlStorage: the engine's records in a PostgreSQL database, as an
// example of a storage over a database that you already have. It is not a part
// of the library: copy it, and change what your database does differently.
// docs/storages/own_database.md goes through it clause by clause.
//
//   PostgresqlStorageOptions options;
//   options.connection = "host=db.example dbname=glue "
//                        "target_session_attrs=read-write connect_timeout=5";
//   auto storage = PostgresqlStorage::Open(options);
//   if (!storage.ok()) return storage.status();
//   glue_security::Engine engine(storage->get());
//
// A failing example: the server is restarted while a commit is under way.
//
//   (*storage)->Commit(batch);  // kUnknown: COMMIT was sent, nothing came back
//   (*storage)->Commit(batch);  // kUnavailable: the server is not up yet
//
// The engine finds out by itself what became of the first.

#ifndef EXAMPLES_POSTGRESQL_STORAGE_POSTGRESQL_STORAGE_H_
#define EXAMPLES_POSTGRESQL_STORAGE_POSTGRESQL_STORAGE_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "glue_security/storage/storage.h"

// A connection of libpq.
struct pg_conn;

namespace own_database {

struct PostgresqlStorageOptions {
  // libpq's connection string. Its `connect_timeout`, `keepalives_idle` and
  // `tcp_user_timeout` bound the wait for a server that does not answer.
  std::string connection;
  // A call that finds so many connections in use waits. At least 1.
  size_t connections_max = 8;
  // The time that a commit waits for others to its catalog, and the time after
  // which the server undoes a transaction whose client is silent. At least a
  // millisecond.
  absl::Duration lock_wait_max = absl::Seconds(10);
  absl::Duration silence_max = absl::Seconds(10);
};

// Keeps the contract of `Storage`, with one branch, 0, and without
// `VisitRecord`. Any number of objects and processes may use one database.
//
// Errors of `Read` and `Commit`, which apply nothing but for the last:
//
//   kInvalidArgument    a name or a value is longer than the server allows
//   kResourceExhausted  the server's disk or memory is full
//   kDataLoss           the server found a damaged page
//   kUnavailable        everything else until COMMIT is sent: no connection,
//                       a lost one, a lock that took too long, a deadlock
//   kUnknown            the connection was lost after COMMIT was sent
class PostgresqlStorage : public glue_security::Storage {
 public:
  // Connects, and creates the table and the sequence where they are missing.
  //
  // Errors: kFailedPrecondition, an acknowledged commit could be lost because
  // `synchronous_commit` is off; any error of `Read`.
  static absl::StatusOr<std::unique_ptr<PostgresqlStorage>> Open(
      const PostgresqlStorageOptions& options);
  // REQUIRES: no call is in progress.
  ~PostgresqlStorage() override;

  absl::StatusOr<glue_security::Snapshot> Read(
      const glue_security::ReadSet& read_set) override;
  absl::StatusOr<glue_security::CommitResult> Commit(
      const glue_security::WriteBatch& batch) override;

  // Returns kPowerLoss, or kProcessCrash where the server runs without fsync.
  glue_security::Durability durability() const override { return durability_; }

  // Calls `step` between the statements of a call wherever it holds no lock. An
  // empty function ends that. For the suite; not beside other calls.
  void SetStep(std::function<void()> step) { step_ = std::move(step); }

 private:
  // A connection, which goes back to the pool at the end of its life.
  using Lease = std::unique_ptr<pg_conn, std::function<void(pg_conn*)>>;

  explicit PostgresqlStorage(PostgresqlStorageOptions options);

  absl::Status Prepare();
  absl::StatusOr<Lease> Take();
  absl::StatusOr<pg_conn*> Connect() const;
  void GiveBack(pg_conn* connection);
  void Step() const;

  const PostgresqlStorageOptions options_;
  glue_security::Durability durability_ = glue_security::Durability::kNone;
  std::function<void()> step_;

  std::mutex mutex_;  // guards the following
  std::condition_variable given_back_;
  size_t in_use_ = 0;
  std::vector<pg_conn*> idle_;
};

}  // namespace own_database

#endif  // EXAMPLES_POSTGRESQL_STORAGE_POSTGRESQL_STORAGE_H_
