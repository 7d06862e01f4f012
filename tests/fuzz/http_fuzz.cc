// Sends any bytes to the server as a peer would. The first byte of the input
// sets the size of the pieces in which the rest goes over a socket.
//
// Besides crashes it looks for contradictions: the answers must not depend on
// the division into pieces, each must be whole, and an honest peer must still
// get an answer. Only the refusal of invalid HTTP may be missing: when a header
// comes in pieces, Boost.Beast parses its rest only once all of it is there.
//
// Requests for the control endpoints bypass the socket, because a control
// request can delay other answers. Headers are also checked as those of a
// signed request; no signature may be accepted.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "glue_security/aws_json/wire_response.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/engine/engine.h"
#include "glue_security/engine/engine_options.h"
#include "glue_security/http/credentials.h"
#include "glue_security/http/http_message.h"
#include "glue_security/http/sigv4.h"
#include "glue_security/server/control.h"
#include "glue_security/server/server.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "tests/fuzz/require.h"
#include "tests/http/raw_client.h"

namespace glue_security {
namespace {

constexpr char kHonest[] =
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-amz-json-1.1\r\n"
    "X-Amz-Target: AWSGlue.GetSecurityConfigurations\r\nContent-Length: 2\r\n"
    "\r\n{}";

// A server that always starts in the same state.
class Target {
 public:
  Target() : empty_(storage_.Fork()), clock_(absl::FromUnixSeconds(1)) {
    EngineOptions engine_options;
    engine_options.clock = &clock_;
    engine_ = std::make_unique<Engine>(&storage_, std::move(engine_options));
    ServerOptions options;
    options.listener.threads = 1;
    options.listener.header_bytes_max = 2048;
    options.listener.body_bytes_max = 4096;
    // Any Host is allowed.
    options.guard.allowed_hosts = {"*"};
    auto server = Server::Start(engine_.get(), std::move(options));
    Require(server.ok(), "the server starts");
    server_ = *std::move(server);
  }

  // Returns all answers to `text`, sent in pieces of `piece` bytes.
  std::string Answers(absl::string_view text, size_t piece) {
    storage_.Restore(*empty_).IgnoreError();
    // Ports may run out for a while.
    auto connected = std::make_unique<RawClient>(server_->port());
    for (int i = 0; i < 100 && !connected->is_connected(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      connected = std::make_unique<RawClient>(server_->port());
    }
    RawClient& client = *connected;
    Require(client.is_connected(), "the server takes the connection");
    while (!text.empty() && client.Send(text.substr(0, piece))) {
      text.remove_prefix(std::min(piece, text.size()));
    }
    client.ShutdownSend();
    std::string answers = client.ReadToEnd();
    Require(!client.timed_out(), "a connection ends when its peer has ended");
    return answers;
  }

 private:
  MemoryStorage storage_;
  const std::unique_ptr<MemoryStorage> empty_;
  FakeClock clock_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Server> server_;
};

// Returns how often `text` may ask for a header alone.
size_t CountHeads(absl::string_view text) {
  size_t heads = 0;
  for (size_t at = text.find("HEAD "); at != absl::string_view::npos;
       at = text.find("HEAD ", at + 1)) {
    ++heads;
  }
  return heads;
}

// Returns the answers without the parts that differ from run to run, and
// without the refusal of invalid HTTP. Requires that each is whole: `heads` of
// them at most lack their bodies.
std::string Normalize(absl::string_view answers, size_t heads) {
  std::string normal;
  while (!answers.empty()) {
    const size_t end = answers.find("\r\n\r\n");
    Require(end != absl::string_view::npos, "a header is whole");
    const size_t size_before = normal.size();
    bool has_id = false;
    size_t length = 0;
    for (const absl::string_view line :
         absl::StrSplit(answers.substr(0, end), "\r\n")) {
      has_id = has_id || absl::StartsWith(line, "x-amzn-RequestId: ");
      if (absl::StartsWith(line, "Date: ") ||
          absl::StartsWith(line, "x-amzn-RequestId: ")) {
        continue;
      }
      absl::StrAppend(&normal, line, "\n");
      if (absl::StartsWith(line, "Content-Length: ")) {
        Require(absl::SimpleAtoi(line.substr(16), &length),
                "a length is a number");
      }
    }
    Require(absl::StartsWith(answers, "HTTP/1.1 "), "an answer is HTTP");
    answers.remove_prefix(end + 4);
    // No body begins like an answer.
    if (length > 0 && heads > 0 &&
        (answers.empty() || absl::StartsWith(answers, "HTTP/1.1 "))) {
      --heads;
      length = 0;
    }
    Require(answers.size() >= length, "a body is whole");
    absl::StrAppend(&normal, "\n", answers.substr(0, length), "\n");
    answers.remove_prefix(length);
    const absl::string_view answer =
        absl::string_view(normal).substr(size_before);
    // A web page's request is refused without an id, too; more may follow it.
    if (!has_id && absl::StartsWith(answer, "HTTP/1.1 4") &&
        !absl::StrContains(answer, "\n{\"error\":")) {
      Require(answers.empty(), "nothing is answered behind a refusal");
      normal.resize(size_before);
    }
  }
  return normal;
}

class NamedStates : public ControlledState {
 public:
  absl::Status Reset() override { return absl::OkStatus(); }
  absl::Status Save(const std::string& name) override {
    names_[name] = true;
    return absl::OkStatus();
  }
  absl::Status Restore(const std::string& name) override {
    return names_.count(name) > 0 ? absl::OkStatus()
                                  : absl::NotFoundError("no such snapshot");
  }
  bool Forget(const std::string& name) override { return names_.erase(name); }
  std::vector<std::string> Names() const override {
    std::vector<std::string> names;
    for (const auto& [name, unused] : names_) names.push_back(name);
    return names;
  }

 private:
  std::map<std::string, bool> names_;
};

// Sends requests to control without a socket: METHOD BLANK PATH LINE-END BODY.
void CheckControl(absl::string_view text) {
  MemoryStorage storage;
  FakeClock clock;
  EngineOptions options;
  options.clock = &clock;
  Engine engine(&storage, std::move(options));
  NamedStates states;
  Control control(&engine, &states, &clock);
  // A line "--" separates requests.
  for (const absl::string_view part : absl::StrSplit(text, "\n--\n")) {
    const std::vector<absl::string_view> lines =
        absl::StrSplit(part, absl::MaxSplits('\n', 1));
    const std::vector<absl::string_view> words =
        absl::StrSplit(lines[0], absl::MaxSplits(' ', 1));
    HttpRequest request;
    request.method = words[0];
    request.target = words.size() > 1 ? words[1] : "";
    request.body = lines.size() > 1 ? lines[1] : "";
    if (!absl::StartsWith(request.target, kControlPath)) continue;
    const HttpResponse response = control.Handle(request);
    Require(response.status == 200 || response.status == 204 ||
                response.status == 400 || response.status == 404 ||
                response.status == 405,
            "control has these answers");
  }
}

// The lines before the first empty one are headers, the rest is the body.
void CheckSignature(absl::string_view text) {
  static const Credentials& credentials = *new Credentials{
      {"111122223333",
       {"111122223333", "secret", "", "", "", absl::InfiniteFuture()}}};
  HttpRequest request;
  request.method = "POST";
  request.target = "/?a=b&%20=c/../d";
  while (!text.empty()) {
    const size_t end = std::min(text.find("\r\n"), text.size());
    const absl::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 2, text.size()));
    if (line.empty()) break;
    const std::vector<absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    if (parts.size() == 2) request.headers.emplace_back(parts[0], parts[1]);
  }
  request.body = text;
  // The time at which the corpus is signed.
  const absl::Time now = absl::FromUnixSeconds(1'567'296'000);
  const auto parsed = ParseSignatureHeader(request);
  const auto* const header = std::get_if<SignatureHeader>(&parsed);
  if (header == nullptr) return;
  Require(std::holds_alternative<SignatureError>(
              VerifySignature(request, *header, credentials, now)),
          "nobody signs by chance");
}

}  // namespace
}  // namespace glue_security

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace glue_security;  // NOLINT(google-build-using-namespace)
  // The target is never destroyed: a fuzzer does not return from main.
  static Target& target = *new Target();
  static unsigned inputs = 0;
  if (size == 0) return 0;
  const absl::string_view text(reinterpret_cast<const char*>(data) + 1,
                               size - 1);
  if (absl::StrContains(text.substr(0, 40), kControlPath)) CheckControl(text);
  CheckSignature(text);
  // The text is cut into at most 128 pieces.
  const size_t piece = 1 + text.size() / 128 + text.size() * data[0] / 256;
  const size_t heads = CountHeads(text);
  const std::string whole = Normalize(target.Answers(text, text.size()), heads);
  const std::string pieces = Normalize(target.Answers(text, piece), heads);
  if (whole != pieces) {
    std::fprintf(stderr, "--- whole:\n%s\n--- in pieces of %zu:\n%s\n",
                 whole.c_str(), piece, pieces.c_str());
  }
  Require(whole == pieces, "how the bytes arrive makes no difference");
  if (inputs++ % 64 == 0) {
    Require(absl::StartsWith(target.Answers(kHonest, sizeof(kHonest)),
                             "HTTP/1.1 200 OK"),
            "an honest peer is answered");
  }
  return 0;
}
