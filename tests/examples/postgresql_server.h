// PostgresqlServer: a PostgreSQL server of a test's own, with an empty database
// in a folder under /tmp, reached through a socket there. It ends with the
// object, or with the thread that started it.
//
//   std::string reason;
//   const auto server = PostgresqlServer::Start(&reason);
//   if (server == nullptr) GTEST_SKIP() << reason;

#ifndef GLUE_SECURITY_TESTS_EXAMPLES_POSTGRESQL_SERVER_H_
#define GLUE_SECURITY_TESTS_EXAMPLES_POSTGRESQL_SERVER_H_

#include <sys/types.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

// A connection of libpq.
struct pg_conn;

namespace own_database {

class PostgresqlServer {
 public:
  // Returns null, and the reason, where no PostgreSQL is installed. Ends the
  // program when one is installed and cannot be started.
  static std::unique_ptr<PostgresqlServer> Start(std::string* reason);
  ~PostgresqlServer();
  PostgresqlServer(const PostgresqlServer&) = delete;
  PostgresqlServer& operator=(const PostgresqlServer&) = delete;

  // Returns the connection string of a role.
  std::string Connection(const std::string& role) const;

  // Runs SQL as the superuser, and returns the first column of the first row,
  // or the empty string. Ends the program on an error. Thread-safe.
  std::string Run(const std::string& sql);

  // Kills a process of the server without notice. The server then ends all
  // others and recovers from its log, as after a crash of the machine. Returns
  // when it takes connections again. REQUIRES: no call of `Run`.
  void Crash();

 private:
  explicit PostgresqlServer(std::string folder);

  void Launch();
  // Reads what the server prints, which tells when it is ready.
  void ReadLog(int descriptor);
  void WaitUntilReady(int times);
  void Connect();

  const std::string folder_;
  pid_t pid_ = 0;
  std::thread log_reader_;
  std::mutex run_mutex_;
  pg_conn* connection_ = nullptr;

  std::mutex mutex_;  // guards the following
  std::condition_variable log_grew_;
  std::string log_;
  int times_ready_ = 0;
  bool ended_ = false;
};

}  // namespace own_database

#endif  // GLUE_SECURITY_TESTS_EXAMPLES_POSTGRESQL_SERVER_H_
