#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/client/http_backend.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/caller.h"
#include "glue_security/server/front_end.h"
#include "glue_security/server/server.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "tests/hostile/library_attacks.h"

namespace glue_security {
namespace {

const Caller kCaller{"111122223333", "us-east-1", ""};

v1::ErrorCode CodeOf(const v1::Response& response) {
  return response.has_error() ? response.error().code()
                              : v1::ERROR_CODE_UNSPECIFIED;
}

class BackendThatThrows : public Backend {
 public:
  BackendThatThrows(Backend* base, Thrower* thrower)
      : base_(*base), thrower_(*thrower) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    thrower_.MaybeThrow();
    v1::Response response = base_.Execute(caller, request);
    thrower_.MaybeThrow();
    return response;
  }

 private:
  Backend& base_;
  Thrower& thrower_;
};

v1::Request Get(const std::string& name) {
  v1::Request request;
  request.mutable_get_security_configuration()->set_name(name);
  return request;
}

}  // namespace

void ThrowingBackend(const Campaign& campaign, Findings* findings) {
  MemoryStorage storage;
  Engine engine(&storage);
  v1::Request create;
  create.mutable_create_security_configuration()->set_name("n");
  create.mutable_create_security_configuration()
      ->mutable_encryption_configuration();
  engine.Execute(kCaller, create);
  Thrower thrower(campaign.seed, 0.2);
  BackendThatThrows backend(&engine, &thrower);
  ServerOptions options;
  options.log = [&thrower](const RequestRecord&, absl::Duration) {
    thrower.MaybeThrow();
  };
  auto server = Server::Start(&backend, options);
  if (!server.ok()) return findings->Input(false, "the server does not start");
  std::vector<std::thread> clients;
  for (int client = 0; client < 2; ++client) {
    clients.emplace_back([&, client] {
      const auto remote = HttpBackend::Create((*server)->url(), {});
      for (int i = client; i < campaign.count; i += 2) {
        const v1::Response response = (*remote)->Execute(kCaller, Get("n"));
        const v1::ErrorCode code = CodeOf(response);
        const bool good = code == v1::ERROR_CODE_UNSPECIFIED &&
                          response.get_security_configuration()
                                  .security_configuration()
                                  .name() == "n";
        findings->Input(good || code == v1::ERROR_CODE_INTERNAL_SERVICE,
                        response.ShortDebugString());
      }
    });
  }
  for (std::thread& client : clients) client.join();
  // No lock is still held, and no call is half done.
  thrower.Arm(false);
  const auto remote = HttpBackend::Create((*server)->url(), {});
  for (int i = 0; i < 10; ++i) {
    const v1::Response response = (*remote)->Execute(kCaller, Get("n"));
    findings->Input(!response.has_error(), response.ShortDebugString());
  }
}

namespace {

// Returns an answer that identifies its call by the name that was requested.
std::string Final(absl::string_view name, absl::string_view more = "") {
  const std::string body =
      absl::StrCat(R"({"SecurityConfiguration":{"Name":")", name, R"("}})");
  return absl::StrCat(
      "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\n", more,
      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

struct Script {
  std::string bytes;
  bool closes = false;
  // The errors that the call may end with; ERROR_CODE_UNSPECIFIED stands for
  // its own answer.
  std::vector<v1::ErrorCode> codes;
};

Script RandomScript(std::mt19937_64* random, const std::string& name) {
  const auto pick = [random](uint64_t bound) { return (*random)() % bound; };
  const std::string good = Final(name);
  const v1::ErrorCode ok = v1::ERROR_CODE_UNSPECIFIED;
  const v1::ErrorCode unknown = v1::ERROR_CODE_OPERATION_TIMEOUT;
  switch (pick(10)) {
    case 0:
      return {good, pick(2) == 0, {ok}};
    case 1: {
      std::string interim;
      for (uint64_t n = 1 + pick(3); n > 0; --n) {
        absl::StrAppend(&interim, pick(2) == 0 ? "HTTP/1.1 100 Continue\r\n\r\n"
                                               : "HTTP/1.1 103 Early Hints\r\n"
                                                 "Link: </a>\r\n\r\n");
      }
      return {interim + good, pick(2) == 0, {ok}};
    }
    case 2: {
      const int statuses[] = {500, 502, 503, 504, 404, 301, 429};
      return {absl::StrCat("HTTP/1.1 ", statuses[pick(7)],
                           " X\r\nContent-Length: 5\r\n\r\nhello"),
              pick(2) == 0,
              {unknown}};
    }
    case 3:
      // A part of an answer.
      return {good.substr(0, 1 + pick(good.size() - 1)), true, {unknown}};
    case 4:
      // A second, unsolicited answer.
      return {good + Final("somebody else's"), false, {ok, unknown}};
    case 5:
      return {Final(name, "Connection: close\r\n"), pick(2) == 0, {ok}};
    case 6:
      return {"", true, {unknown}};
    case 7:
      return {
          "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{]x", false, {unknown}};
    case 8: {
      std::string garbage(1 + pick(300), '\0');
      for (char& c : garbage) c = static_cast<char>(pick(256));
      return {garbage, true, {unknown}};
    }
    default: {
      std::string changed = good;
      for (uint64_t n = 1 + pick(3); n > 0; --n) {
        // The name stays, since it identifies the call.
        changed[pick(60)] = static_cast<char>(pick(256));
      }
      return {changed, true, {ok, unknown}};
    }
  }
}

// A server that answers each request with the script numbered in its name.
class Upstream {
 public:
  explicit Upstream(const std::vector<Script>* scripts) : scripts_(*scripts) {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof(address);
    if (bind(listener_, any, size) != 0 || listen(listener_, 16) != 0 ||
        getsockname(listener_, any, &size) != 0) {
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Run(); });
  }
  ~Upstream() {
    stopped_ = true;
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", port_); }

 private:
  // Serves one connection at a time, since there is one client.
  void Run() {
    while (!stopped_) {
      const int peer = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0) continue;
      while (ServeOne(peer)) {
      }
      close(peer);
    }
  }

  bool ServeOne(int peer) {
    std::string request;
    char buffer[4096];
    constexpr char kEnd[] = "}";
    // The body of the client ends with the only closing brace in the request.
    while (request.find(kEnd) == std::string::npos) {
      const ssize_t size = recv(peer, buffer, sizeof(buffer), 0);
      if (size <= 0) return false;
      request.append(buffer, static_cast<size_t>(size));
    }
    const size_t begin = request.find("\"n-") + 3;
    size_t number = 0;
    if (!absl::SimpleAtoi(
            request.substr(begin, request.find('"', begin) - begin), &number)) {
      return false;
    }
    const Script& script = scripts_[number % scripts_.size()];
    send(peer, script.bytes.data(), script.bytes.size(), MSG_NOSIGNAL);
    return !script.closes;
  }

  const std::vector<Script>& scripts_;
  int listener_ = -1;
  uint16_t port_ = 0;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

}  // namespace

void HostileUpstreams(const Campaign& campaign, Findings* findings) {
  std::mt19937_64 random(campaign.seed);
  std::vector<Script> scripts;
  for (int i = 0; i < campaign.count; ++i) {
    scripts.push_back(RandomScript(&random, absl::StrCat("n-", i)));
  }
  const Upstream upstream(&scripts);
  const auto backend = HttpBackend::Create(upstream.url(), {});
  for (int i = 0; i < campaign.count; ++i) {
    const Script& script = scripts[static_cast<size_t>(i)];
    const std::string name = absl::StrCat("n-", i);
    const v1::Response response = (*backend)->Execute(kCaller, Get(name));
    const v1::ErrorCode code = CodeOf(response);
    bool ok = false;
    for (const v1::ErrorCode allowed : script.codes) ok |= code == allowed;
    // The previous connection may have ended just as this call was sent on it.
    if (i > 0 && scripts[static_cast<size_t>(i) - 1].closes) {
      ok |= code == v1::ERROR_CODE_OPERATION_TIMEOUT;
    }
    if (code == v1::ERROR_CODE_UNSPECIFIED) {
      const std::string& got =
          response.get_security_configuration().security_configuration().name();
      if (!got.empty() && got != name) ok = false;
    }
    findings->Input(ok, absl::StrCat(script.bytes.substr(0, 80), " -> ",
                                     response.ShortDebugString()));
  }
}

namespace {

// Returns true when the child exits with status 0 in time. Reaps the child in
// any case.
bool EndsInTime(pid_t child) {
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  int status = 0;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (absl::Now() > deadline) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
      return false;
    }
    absl::SleepFor(absl::Milliseconds(5));
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

void ForkOfAServer(const Campaign& campaign, Findings* findings) {
  MemoryStorage storage;
  Engine engine(&storage);
  for (int i = 0; i < campaign.count; ++i) {
    auto server = Server::Start(&engine, {});
    if (!server.ok()) return findings->Input(false, "it does not start");
    const auto remote = HttpBackend::Create((*server)->url(), {});
    std::atomic<bool> stop{false};
    std::thread load([&] {
      const auto other = HttpBackend::Create((*server)->url(), {});
      while (!stop) (*other)->Execute(kCaller, Get("n"));
    });
    (*remote)->Execute(kCaller, Get("n"));
    const pid_t child = fork();
    if (child == 0) {
      server->reset();
      _exit(0);
    }
    findings->Input(EndsInTime(child), "the child hangs or dies");
    const v1::Response response = (*remote)->Execute(kCaller, Get("n"));
    findings->Input(CodeOf(response) == v1::ERROR_CODE_ENTITY_NOT_FOUND,
                    absl::StrCat("the parent: ", response.ShortDebugString()));
    stop = true;
    load.join();
  }
}

}  // namespace glue_security
