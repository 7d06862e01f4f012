#include "tests/examples/postgresql_server.h"

#include <fcntl.h>
#include <postgresql/libpq-fe.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace own_database {
namespace {

constexpr char kPrograms[] = "/usr/lib/postgresql/15/bin/";
constexpr char kReady[] = "database system is ready to accept connections\n";

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "PostgresqlServer: %s\n", what.c_str());
  abort();
}

// Starts a program of PostgreSQL, with its output in `output`. PostgreSQL
// refuses to run as root, so root becomes another user in a namespace.
pid_t StartProgram(const std::string& program,
                   const std::vector<std::string>& arguments, int output) {
  std::vector<std::string> words;
  if (geteuid() == 0) {
    words = {"/usr/bin/unshare", "--user", "--map-user=1000",
             "--map-group=1000"};
  }
  words.push_back(kPrograms + program);
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid != 0) return pid;
  // The server ends at once when the test is killed.
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (getppid() != parent) _exit(1);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execv(pointers[0], pointers.data());
  _exit(127);
}

}  // namespace

std::unique_ptr<PostgresqlServer> PostgresqlServer::Start(std::string* reason) {
  if (access(absl::StrCat(kPrograms, "initdb").c_str(), X_OK) != 0) {
    *reason = "PostgreSQL is not installed: Debian's package postgresql-15";
    return nullptr;
  }
  if (geteuid() == 0 &&
      std::system("/usr/bin/unshare --user --map-user=1000 --map-group=1000 "
                  "/bin/true") != 0) {
    *reason = "PostgreSQL refuses root, which may not become another user here";
    return nullptr;
  }
  // The path of a socket has at most 107 bytes, so a test's folder is too long.
  std::array<char, 32> folder = {"/tmp/own_database_XXXXXX"};
  if (mkdtemp(folder.data()) == nullptr) Die("no folder");
  // The constructor is private.
  std::unique_ptr<PostgresqlServer> server(new PostgresqlServer(folder.data()));
  server->Launch();
  return server;
}

PostgresqlServer::PostgresqlServer(std::string folder)
    : folder_(std::move(folder)) {}

void PostgresqlServer::Launch() {
  const std::string data = absl::StrCat(folder_, "/data");
  const std::string made = absl::StrCat(folder_, "/initdb");
  const int output = open(made.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  const pid_t initdb =
      StartProgram("initdb",
                   {"-D", data, "-U", "super", "-A", "trust", "-E", "UTF8",
                    "--no-locale", "--no-sync", "--no-instructions"},
                   output);
  close(output);
  int status = 0;
  if (waitpid(initdb, &status, 0) != initdb || status != 0) {
    Die("initdb failed; see " + made);
  }
  std::array<int, 2> ends = {};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) Die("no pipe");
  // Nothing is synced: the test ends processes, not the machine.
  pid_ = StartProgram(
      "postgres",
      {"-D", data, "-k", folder_, "-c", "listen_addresses=", "-c", "fsync=off",
       "-c", "shared_buffers=32MB", "-c", "max_connections=40", "-c",
       "autovacuum=off", "-c", "synchronous_standby_names=nobody"},
      ends[1]);
  close(ends[1]);
  log_reader_ = std::thread([this, end = ends[0]] { ReadLog(end); });
  WaitUntilReady(1);
  Connect();
}

PostgresqlServer::~PostgresqlServer() {
  PQfinish(connection_);
  kill(pid_, SIGQUIT);
  waitpid(pid_, nullptr, 0);
  log_reader_.join();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string PostgresqlServer::Connection(const std::string& role) const {
  return absl::StrCat("host=", folder_, " dbname=postgres user=", role);
}

void PostgresqlServer::Connect() {
  PQfinish(connection_);
  connection_ = PQconnectdb(Connection("super").c_str());
  if (PQstatus(connection_) != CONNECTION_OK) Die(PQerrorMessage(connection_));
  // A commit of the superuser waits for no standby.
  Run("SET synchronous_commit = local");
}

std::string PostgresqlServer::Run(const std::string& sql) {
  const std::lock_guard<std::mutex> lock(run_mutex_);
  PGresult* const result = PQexec(connection_, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    Die(absl::StrCat(sql, ": ", PQresultErrorMessage(result)));
  }
  std::string value;
  if (PQntuples(result) > 0) value = PQgetvalue(result, 0, 0);
  PQclear(result);
  return value;
}

void PostgresqlServer::Crash() {
  int times = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    times = times_ready_;
  }
  kill(PQbackendPID(connection_), SIGKILL);
  WaitUntilReady(times + 1);
  Connect();
}

void PostgresqlServer::ReadLog(int descriptor) {
  std::array<char, 4096> bytes = {};
  size_t scanned = 0;
  for (;;) {
    const ssize_t size = read(descriptor, bytes.data(), bytes.size());
    const std::lock_guard<std::mutex> lock(mutex_);
    if (size <= 0) break;
    log_.append(bytes.data(), static_cast<size_t>(size));
    for (size_t at; (at = log_.find(kReady, scanned)) != std::string::npos;) {
      scanned = at + 1;
      ++times_ready_;
    }
    log_grew_.notify_all();
  }
  close(descriptor);
  const std::lock_guard<std::mutex> lock(mutex_);
  ended_ = true;
  log_grew_.notify_all();
}

void PostgresqlServer::WaitUntilReady(int times) {
  std::unique_lock<std::mutex> lock(mutex_);
  log_grew_.wait(lock, [&] { return ended_ || times_ready_ >= times; });
  if (ended_) Die("the server ended:\n" + log_);
}

}  // namespace own_database
