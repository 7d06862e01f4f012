// PostgresqlStorage keeps the contract: the suite for storages and interleaved
// clients of the engine, over a server of the test's own that loses
// connections, fills up and crashes. Skipped where PostgreSQL is not installed.

#include "examples/postgresql_storage/postgresql_storage.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/testing/interleaved/storage_interleaved.h"
#include "glue_security/testing/storage_suite/storage_conformance.h"
#include "gtest/gtest.h"
#include "tests/examples/postgresql_server.h"
#include "tests/support/randomized_test.h"

namespace own_database {
namespace {

using namespace glue_security;  // NOLINT: an example

// The ways in which a commit is made to fail.
enum Way {
  kLostBeforeCommit,
  kDiskFull,
  kDeadlock,
  kRefusedAtCommit,
  kLostAtCommit,
  kLostAfterCommit,
  kWays,
};

// The role of the storages has defaults that the storage must not rely on. Its
// commits do not wait for the standby, which does not exist, but when a trigger
// says so: then the server writes the commit and never answers.
constexpr char kSetUp[] = R"(
  CREATE ROLE client LOGIN;
  GRANT ALL ON SCHEMA public TO client;
  ALTER ROLE client SET default_transaction_isolation = 'serializable';
  ALTER ROLE client SET default_transaction_read_only = on;
  ALTER ROLE client SET bytea_output = 'escape';
  ALTER ROLE client SET synchronous_commit = local;
  CREATE ROLE careless LOGIN;
  ALTER ROLE careless SET synchronous_commit = off;)";

// The number of the way in which the next commit fails, and one more for no
// failure, in a sequence: a transaction that is undone leaves it as it is.
constexpr char kSetUpFailures[] = R"(
  CREATE SEQUENCE next_failure MINVALUE 0;
  GRANT ALL ON next_failure TO client;
  SELECT setval('next_failure', 6);

  CREATE FUNCTION fail_in_statement() RETURNS trigger SECURITY DEFINER AS $$
  DECLARE way int := (SELECT last_value FROM next_failure);
  BEGIN
    IF way IN (0, 1, 2, 5) THEN PERFORM setval('next_failure', 6); END IF;
    CASE way
      WHEN 0 THEN PERFORM pg_terminate_backend(pg_backend_pid());
      WHEN 1 THEN RAISE EXCEPTION 'no space' USING ERRCODE = '53100';
      WHEN 2 THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01';
      WHEN 5 THEN PERFORM set_config('synchronous_commit', 'on', true);
      ELSE NULL;
    END CASE;
    RETURN NULL;
  END $$ LANGUAGE plpgsql;
  CREATE TRIGGER fail_in_statement
    AFTER INSERT OR UPDATE OR DELETE ON glue_security_record
    EXECUTE FUNCTION fail_in_statement();

  CREATE FUNCTION fail_at_commit() RETURNS trigger SECURITY DEFINER AS $$
  DECLARE way int := (SELECT last_value FROM next_failure);
  BEGIN
    IF way IN (3, 4) THEN PERFORM setval('next_failure', 6); END IF;
    CASE way
      WHEN 3 THEN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001';
      WHEN 4 THEN PERFORM pg_terminate_backend(pg_backend_pid());
      ELSE NULL;
    END CASE;
    RETURN NULL;
  END $$ LANGUAGE plpgsql;
  CREATE CONSTRAINT TRIGGER fail_at_commit
    AFTER INSERT OR UPDATE OR DELETE ON glue_security_record
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    EXECUTE FUNCTION fail_at_commit();)";

// Ends the first connection that waits for the standby: its commit is applied,
// and the answer is lost.
constexpr char kEndWaiting[] = R"(
  SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity,
         pg_sleep(0.001)
  WHERE wait_event = 'SyncRep')";

PostgresqlStorageOptions OptionsOf(const PostgresqlServer& server) {
  PostgresqlStorageOptions options;
  options.connection = server.Connection("client");
  return options;
}

std::unique_ptr<PostgresqlStorage> OpenStorage(const PostgresqlServer& server) {
  auto storage = PostgresqlStorage::Open(OptionsOf(server));
  EXPECT_EQ(storage.status(), absl::OkStatus());
  return storage.ok() ? *std::move(storage) : nullptr;
}

// The server of all tests, and what makes commits fail. Skips all tests where
// PostgreSQL is not installed.
class TestDatabase : public ::testing::Environment {
 public:
  void SetUp() override {
    std::string reason;
    server_ = PostgresqlServer::Start(&reason);
    if (server_ == nullptr) GTEST_SKIP() << reason;
    server_->Run(kSetUp);
    OpenStorage(*server_);
    server_->Run(kSetUpFailures);
  }

  void TearDown() override {
    Settle();
    storage_.reset();
    server_.reset();
  }

  PostgresqlServer& server() { return *server_; }

  // Removes all records, and returns the storage that most tests share: the
  // server takes longer for a new connection than for a test.
  PostgresqlStorage& Empty() {
    Disarm();
    server_->Run("DELETE FROM glue_security_record");
    if (storage_ == nullptr) storage_ = OpenStorage(*server_);
    storage_->SetStep(nullptr);
    return *storage_;
  }

  // Ends the storage and opens another one, in between with a crash of the
  // server if that is wanted.
  PostgresqlStorage& Reopen(bool with_crash) {
    Settle();
    storage_.reset();
    if (with_crash) server_->Crash();
    storage_ = OpenStorage(*server_);
    return *storage_;
  }

  bool FailNextCommit(int way) {
    if (way >= kWays) return false;
    Disarm();
    armed_ = true;
    server_->Run(absl::StrCat("SELECT setval('next_failure', ", way, ")"));
    if (way == kLostAfterCommit) {
      done_ = false;
      ender_ = std::thread([this] {
        while (!done_ && server_->Run(kEndWaiting) == "0") continue;
      });
    }
    return true;
  }

  void SetStep(std::function<void()> step) {
    storage_->SetStep(std::move(step));
  }

  // Lets no commit fail.
  void Disarm() {
    if (!armed_.exchange(false)) return;
    Settle();
    server_->Run("SELECT setval('next_failure', 6)");
  }

  // Waits until nothing of a failed commit is under way.
  void Settle() {
    done_ = true;
    if (ender_.joinable()) ender_.join();
  }

 private:
  std::unique_ptr<PostgresqlServer> server_;
  std::unique_ptr<PostgresqlStorage> storage_;
  std::thread ender_;
  std::atomic<bool> done_{true};
  std::atomic<bool> armed_{false};
};

TestDatabase* const kDatabase = static_cast<TestDatabase*>(
    ::testing::AddGlobalTestEnvironment(new TestDatabase));

// ---- The suite

// The shared storage. A failure is for the next commit, even when that is a
// conflict.
class SharedStorage : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    auto result = ForwardingStorage::Commit(batch);
    kDatabase->Disarm();
    return result;
  }
};

StorageUnderTest Postgresql() {
  StorageUnderTest target;
  target.name = "Postgresql";
  target.create = [] {
    return std::make_unique<SharedStorage>(&kDatabase->Empty());
  };
  target.reopen = [](const std::unique_ptr<Storage>&) {
    return std::make_unique<SharedStorage>(
        &kDatabase->Reopen(/*with_crash=*/false));
  };
  target.set_step = [](Storage&, std::function<void()> step) {
    kDatabase->SetStep(std::move(step));
  };
  target.fail_next_commit = [](Storage&, int way) {
    return kDatabase->FailNextCommit(way);
  };
  target.settle = [](Storage&) { kDatabase->Settle(); };
  // A commit takes about a millisecond.
  target.rounds = IsShortRun() ? 20 : 100;
  return target;
}

StorageUnderTest CrashingPostgresql() {
  StorageUnderTest target = Postgresql();
  target.reopen = [](const std::unique_ptr<Storage>&) {
    return std::make_unique<SharedStorage>(
        &kDatabase->Reopen(/*with_crash=*/true));
  };
  return target;
}

INSTANTIATE_TEST_SUITE_P(All, StorageConformance,
                         ::testing::Values(CrashingPostgresql()),
                         StorageConformance::Name);

void CheckInterleaved(const StorageUnderTest& target) {
  StorageInterleavedOptions options;
  options.runs = IsShortRun() ? 5 : 30;
  options.time_max = absl::InfiniteDuration();
  const StorageInterleavedReport report =
      CheckStorageInterleaved(target, options);
  EXPECT_TRUE(report.ok()) << report.text;
}

// A commit that is made to fail is the next one that the server sees, which is
// another one when clients take turns inside of calls: so there are two tests.
TEST(PostgresqlStorage, ClientsThatTakeTurnsInsideOfCalls_AreSafe) {
  StorageUnderTest target = Postgresql();
  target.fail_next_commit = nullptr;
  target.settle = nullptr;
  CheckInterleaved(target);
}

TEST(PostgresqlStorage, ClientsWhoseCommitsFail_AreSafe) {
  StorageUnderTest target = Postgresql();
  target.set_step = nullptr;
  CheckInterleaved(target);
}

// ---- What the suite does not look at

const CatalogKey kCatalog{"123456789012", "us-east-1"};
const RecordKey kPolicy{RecordKind::kResourcePolicy, ""};

WriteBatch BatchOf(const RecordKey& key, const std::string& value) {
  return {kCatalog, 0, {}, {{key, value}}};
}

std::string ValueOf(Storage& storage, const RecordKey& key) {
  const auto snapshot = storage.Read({kCatalog, {key}, {}});
  EXPECT_EQ(snapshot.status(), absl::OkStatus());
  if (!snapshot.ok() || !snapshot->records[0].has_value()) return "none";
  return snapshot->records[0]->value;
}

struct Failure {
  const char* name;
  Way way;
  absl::StatusCode code;
  const char* value_after;
};

TEST(PostgresqlStorage, EachFailure_HasItsStatus) {
  const Failure failures[] = {
      {"the server ends the connection in a statement", kLostBeforeCommit,
       absl::StatusCode::kUnavailable, "old"},
      {"the disk is full", kDiskFull, absl::StatusCode::kResourceExhausted,
       "old"},
      {"a deadlock", kDeadlock, absl::StatusCode::kUnavailable, "old"},
      {"COMMIT is answered with an error", kRefusedAtCommit,
       absl::StatusCode::kUnavailable, "old"},
      {"the server ends the connection in COMMIT", kLostAtCommit,
       absl::StatusCode::kUnknown, "old"},
      {"the server commits, and ends the connection", kLostAfterCommit,
       absl::StatusCode::kUnknown, "new"},
  };
  ASSERT_EQ(std::size(failures), static_cast<size_t>(kWays));
  for (const Failure& failure : failures) {
    SCOPED_TRACE(failure.name);
    PostgresqlStorage& storage = kDatabase->Empty();
    ASSERT_EQ(storage.Commit(BatchOf(kPolicy, "old")).status(),
              absl::OkStatus());
    ASSERT_TRUE(kDatabase->FailNextCommit(failure.way));
    EXPECT_EQ(storage.Commit(BatchOf(kPolicy, "new")).status().code(),
              failure.code);
    EXPECT_EQ(ValueOf(storage, kPolicy), failure.value_after);
    EXPECT_EQ(storage.Commit(BatchOf(kPolicy, "newer")).status(),
              absl::OkStatus());
    EXPECT_EQ(ValueOf(storage, kPolicy), "newer");
  }
}

// All connections of the pool are lost at once, and one call notices.
TEST(PostgresqlStorage, AfterACrash_OneCallFailsAndNothingIsLost) {
  PostgresqlStorage& storage = kDatabase->Empty();
  ASSERT_EQ(storage.Commit(BatchOf(kPolicy, "acknowledged")).status(),
            absl::OkStatus());
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { ValueOf(storage, kPolicy); });
  }
  for (std::thread& thread : threads) thread.join();
  kDatabase->server().Crash();
  EXPECT_EQ(storage.Commit(BatchOf(kPolicy, "lost")).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(ValueOf(storage, kPolicy), "acknowledged");
  EXPECT_EQ(storage.Commit(BatchOf(kPolicy, "later")).status(),
            absl::OkStatus());
}

// An index holds names of up to 2.7 kB, compressed.
TEST(PostgresqlStorage, ANameThatIsTooLong_ChangesNothing) {
  PostgresqlStorage& storage = kDatabase->Empty();
  std::string id;
  uint64_t state = 1;
  while (id.size() < 4000) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    id.push_back(static_cast<char>(state >> 56));
  }
  const RecordKey key{RecordKind::kConnection, id};
  EXPECT_EQ(storage.Commit(BatchOf(key, "v")).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ValueOf(storage, key), "none");
}

// Each object is a process as far as the server is concerned.
TEST(PostgresqlStorage, TwoObjects_LoseNoIncrement) {
  const int rounds = IsShortRun() ? 5 : 50;
  const auto another = OpenStorage(kDatabase->server());
  PostgresqlStorage* const storages[] = {&kDatabase->Empty(), another.get()};
  ASSERT_EQ(storages[0]->Commit(BatchOf(kPolicy, "")).status(),
            absl::OkStatus());
  const auto increment = [&](PostgresqlStorage& storage) {
    for (int done = 0; done < rounds;) {
      const auto snapshot = storage.Read({kCatalog, {kPolicy}, {}});
      ASSERT_EQ(snapshot.status(), absl::OkStatus());
      const Record& record = *snapshot->records[0];
      const auto result = storage.Commit({kCatalog,
                                          0,
                                          {{kPolicy, record.revision}},
                                          {{kPolicy, record.value + "1"}}});
      ASSERT_EQ(result.status(), absl::OkStatus());
      if (*result == CommitResult::kCommitted) ++done;
    }
  };
  std::vector<std::thread> threads;
  for (PostgresqlStorage* const storage : storages) {
    threads.emplace_back([&, storage] { increment(*storage); });
    threads.emplace_back([&, storage] { increment(*storage); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ValueOf(*storages[1], kPolicy).size(), 4u * rounds);
}

TEST(PostgresqlStorage, Commits_WaitForTheLockOfTheirCatalogOnly) {
  PostgresqlStorage& storage = kDatabase->Empty();
  PostgresqlStorageOptions options = OptionsOf(kDatabase->server());
  options.lock_wait_max = absl::Milliseconds(1);
  const auto hurried = PostgresqlStorage::Open(options);
  ASSERT_EQ(hurried.status(), absl::OkStatus());
  // The commit is on the disk and waits for its standby, with the lock.
  kDatabase->server().Run(
      absl::StrCat("SELECT setval('next_failure', ", kLostAfterCommit, ")"));
  std::thread waiting([&] {
    EXPECT_EQ(storage.Commit(BatchOf(kPolicy, "first")).status().code(),
              absl::StatusCode::kUnknown);
  });
  while (kDatabase->server().Run("SELECT count(*) FROM pg_stat_activity "
                                 "WHERE wait_event = 'SyncRep'") == "0") {
    std::this_thread::yield();
  }
  EXPECT_EQ((*hurried)->Commit(BatchOf(kPolicy, "second")).status().code(),
            absl::StatusCode::kUnavailable);
  WriteBatch elsewhere = BatchOf(kPolicy, "elsewhere");
  elsewhere.catalog.region = "eu-west-1";
  EXPECT_EQ((*hurried)->Commit(elsewhere).status(), absl::OkStatus());
  EXPECT_EQ(ValueOf(**hurried, kPolicy), "none");
  kDatabase->server().Run(kEndWaiting);
  waiting.join();
  EXPECT_EQ(ValueOf(**hurried, kPolicy), "first");
}

TEST(PostgresqlStorage, Open_SaysWhatIsWrong) {
  PostgresqlStorageOptions options;
  options.connection = kDatabase->server().Connection("nobody");
  EXPECT_EQ(PostgresqlStorage::Open(options).status().code(),
            absl::StatusCode::kUnavailable);
  options.connection = kDatabase->server().Connection("careless");
  EXPECT_EQ(PostgresqlStorage::Open(options).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST(PostgresqlStorage, Durability_IsThatOfTheServer) {
  EXPECT_EQ(kDatabase->Empty().durability(), Durability::kProcessCrash);
}

}  // namespace
}  // namespace own_database
