#include "glue_security/simulation/history_recorder.h"

#include <chrono>
#include <functional>
#include <iostream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/simulation/settable_clock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

const Caller kCaller{"111111111111", "us-east-1", "arn"};

// Answers with the name that it was asked for, and does what it is told while a
// call is under way.
class EchoBackend : public Backend {
 public:
  v1::Response Execute(const Caller&, const v1::Request& request) override {
    if (during) during();
    v1::Response response;
    response.mutable_create_security_configuration()->set_name(
        request.get_security_configuration().name());
    return response;
  }
  std::function<void()> during;
};

v1::Request Named(const std::string& name) {
  v1::Request request;
  request.mutable_get_security_configuration()->set_name(name);
  return request;
}

std::string NameIn(const HistoryEntry& entry) {
  return entry.response->create_security_configuration().name();
}

TEST(HistoryRecorderTest, ACallIsRecordedWithItsAnswerAndPassedOnUnchanged) {
  EchoBackend echo;
  HistoryRecorder recorder(&echo);
  EXPECT_EQ(recorder.Execute(kCaller, Named("a"))
                .create_security_configuration()
                .name(),
            "a");
  recorder.Execute(kCaller, Named("b"));
  const History history = recorder.Snapshot();
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(history[0].client, 0);
  EXPECT_EQ(history[0].caller.principal_arn, "arn");
  EXPECT_EQ(history[0].request.get_security_configuration().name(), "a");
  EXPECT_EQ(NameIn(history[0]), "a");
  EXPECT_EQ(NameIn(history[1]), "b");
  EXPECT_LT(history[0].start, history[0].end);
  EXPECT_LT(history[0].end, history[1].start);
  EXPECT_EQ(history[0].start_time, absl::InfinitePast());
  EXPECT_EQ(recorder.left_out(), 0u);
}

TEST(HistoryRecorderTest, ACallUnderWayHasNoAnswer) {
  EchoBackend echo;
  HistoryRecorder recorder(&echo);
  History during;
  echo.during = [&] { during = recorder.Snapshot(); };
  recorder.Execute(kCaller, Named("a"));
  ASSERT_EQ(during.size(), 1u);
  EXPECT_FALSE(during[0].response.has_value());
  EXPECT_EQ(during[0].end, kNoEnd);
  EXPECT_TRUE(IsUnknown(during[0]));
  EXPECT_FALSE(IsUnknown(recorder.Snapshot()[0]));
}

TEST(HistoryRecorderTest, WithAClockEntriesCarryTimes) {
  EchoBackend echo;
  SettableClock clock(absl::FromUnixSeconds(5));
  HistoryRecorderOptions options;
  options.clock = &clock;
  HistoryRecorder recorder(&echo, options);
  echo.during = [&] { clock.Advance(absl::Seconds(2)); };
  recorder.Execute(kCaller, Named("a"));
  const History history = recorder.Snapshot();
  EXPECT_EQ(history[0].start_time, absl::FromUnixSeconds(5));
  EXPECT_EQ(history[0].end_time, absl::FromUnixSeconds(7));
}

TEST(HistoryRecorderTest, AboveTheBoundCallsArePassedOnAndCounted) {
  EchoBackend echo;
  HistoryRecorderOptions options;
  options.calls_max = 2;
  HistoryRecorder recorder(&echo, options);
  for (const char* name : {"a", "b", "c", "d"}) {
    EXPECT_EQ(recorder.Execute(kCaller, Named(name))
                  .create_security_configuration()
                  .name(),
              name);
  }
  const History history = recorder.Snapshot();
  ASSERT_EQ(history.size(), 2u);
  EXPECT_EQ(NameIn(history[1]), "b");
  EXPECT_EQ(recorder.left_out(), 2u);
}

TEST(HistoryRecorderTest, ClearForgetsAlsoTheCallsUnderWay) {
  EchoBackend echo;
  HistoryRecorder recorder(&echo);
  echo.during = [&] { recorder.Clear(); };
  recorder.Execute(kCaller, Named("a"));
  EXPECT_TRUE(recorder.Snapshot().empty());
  // The end of a cleared call does not go to the call that took its place.
  echo.during = [&] {
    echo.during = nullptr;
    recorder.Clear();
    recorder.Execute(kCaller, Named("inner"));
  };
  recorder.Execute(kCaller, Named("outer"));
  const History history = recorder.Snapshot();
  ASSERT_EQ(history.size(), 1u);
  EXPECT_EQ(NameIn(history[0]), "inner");
}

TEST(HistoryRecorderTest, ClientsAreThreadsOrWhatTheyAreSaidToBe) {
  EchoBackend echo;
  HistoryRecorder recorder(&echo);
  recorder.ExecuteAs(17, kCaller, Named("a"));
  for (int n = 0; n < 2; ++n) {
    recorder.Execute(kCaller, Named("b"));
    std::thread([&] { recorder.Execute(kCaller, Named("c")); }).join();
  }
  const History history = recorder.Snapshot();
  EXPECT_EQ(history[0].client, 17);
  EXPECT_EQ(history[1].client, 0);
  EXPECT_EQ(history[2].client, 1);
  EXPECT_EQ(history[3].client, 0);
}

TEST(HistoryRecorderTest, Threads_LoseNoCallAndShareNoPosition) {
  EchoBackend echo;
  HistoryRecorder recorder(&echo);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        recorder.ExecuteAs(t, kCaller, Named(std::to_string(t)));
        if (i % 100 == 0) recorder.Snapshot();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const History history = recorder.Snapshot();
  ASSERT_EQ(history.size(), 2000u);
  std::set<uint64_t> positions;
  std::vector<uint64_t> last_end(4);
  uint64_t last_start = 0;
  for (const HistoryEntry& entry : history) {
    positions.insert(entry.start);
    positions.insert(entry.end);
    EXPECT_EQ(NameIn(entry), std::to_string(entry.client));
    EXPECT_GE(entry.start, last_start);
    last_start = entry.start;
    auto& end = last_end[static_cast<size_t>(entry.client)];
    EXPECT_GE(entry.start, end);
    end = entry.end;
  }
  EXPECT_EQ(positions.size(), 4000u);
}

// Not a test of speed: prints what a recorded call costs.
TEST(HistoryRecorderTest, ACallCostsLittle) {
  constexpr int kCalls = 20'000;
  EchoBackend echo;
  HistoryRecorder recorder(&echo);
  const v1::Request request = Named("a");
  const auto nanoseconds = [&](Backend& backend) {
    const auto start = std::chrono::steady_clock::now();
    for (int n = 0; n < kCalls; ++n) backend.Execute(kCaller, request);
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now() - start)
               .count() /
           kCalls;
  };
  std::cout << "a call: " << nanoseconds(echo) << " ns, recorded "
            << nanoseconds(recorder) << " ns\n";
  EXPECT_EQ(recorder.Snapshot().size(), static_cast<size_t>(kCalls));
}

}  // namespace
}  // namespace glue_security
