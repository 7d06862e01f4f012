// Control requests while delayed calls take all connections.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/engine/engine.h"
#include "glue_security/engine/engine_options.h"
#include "glue_security/server/control.h"
#include "glue_security/server/server.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/http/raw_client.h"

namespace glue_security {
namespace {

using testing::StartsWith;

class NoState : public ControlledState {
 public:
  absl::Status Reset() override { return absl::OkStatus(); }
  absl::Status Save(const std::string& /*name*/) override {
    return absl::OkStatus();
  }
  absl::Status Restore(const std::string& /*name*/) override {
    return absl::NotFoundError("");
  }
  bool Forget(const std::string& /*name*/) override { return false; }
  std::vector<std::string> Names() const override { return {}; }
};

std::string Request(absl::string_view method, absl::string_view path,
                    absl::string_view body) {
  return absl::StrCat(
      method, " ", path,
      " HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type: application/x-amz-json-1.1\r\n"
      "X-Amz-Target: AWSGlue.GetDataCatalogEncryptionSettings\r\n"
      "Content-Length: ",
      body.size(), "\r\n\r\n", body);
}

TEST(ServerDelayTest, AReset_GetsInAndEndsTheDelayedCalls) {
  MemoryStorage storage;
  FakeClock clock;
  EngineOptions engine_options;
  engine_options.clock = &clock;
  Engine engine(&storage, std::move(engine_options));
  NoState state;
  Control control(&engine, &state, &clock);
  FaultRule rule;
  rule.fault = FaultRule::Fault::kNone;
  rule.count = FaultRule::kForever;
  rule.delay = absl::Minutes(15);
  ASSERT_EQ(control.faults().Add(rule).status(), absl::OkStatus());
  ServerOptions options;
  options.control = &control;
  options.listener.threads = 1;
  options.listener.connections_max = 4;
  auto server = Server::Start(&engine, std::move(options));
  ASSERT_TRUE(server.ok()) << server.status();

  // The bound is reached once another connection is refused.
  std::vector<std::unique_ptr<RawClient>> delayed;
  for (int i = 0; i < 4; ++i) {
    delayed.push_back(std::make_unique<RawClient>((*server)->port()));
    ASSERT_TRUE(delayed.back()->Send(Request("POST", "/", "{}")));
  }
  const auto ask = [&](const std::string& request) {
    RawClient client((*server)->port());
    EXPECT_TRUE(client.Send(request));
    return client.ReadResponse();
  };
  EXPECT_THAT(ask(Request("POST", "/", "{}")), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(ask(Request("GET", "/_glue_security/health", "")),
              StartsWith("HTTP/1.1 2"));
  EXPECT_THAT(ask(Request("POST", "/_glue_security/reset", "")),
              StartsWith("HTTP/1.1 200"));
  for (auto& client : delayed) EXPECT_EQ(client->ReadToEnd(), "");
  EXPECT_THAT(ask(Request("POST", "/", "{}")), StartsWith("HTTP/1.1 200"));
}

}  // namespace
}  // namespace glue_security
