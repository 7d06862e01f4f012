#include "glue_security/backend/history_recorder.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/backend/backend.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/matchers.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr char kSecret[] = "the value of a property";

const Caller kCaller{"111111111111", "us-east-1", "arn"};

// Answers with the name in the request; a test can act while a call is under
// way.
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

// Sets every value of ConnectionProperties that the message can hold, however
// deep, and counts them.
int SetProperties(google::protobuf::Message* message) {
  if (auto* const input = dynamic_cast<v1::ConnectionInput*>(message)) {
    (*input->mutable_connection_properties()->mutable_elements())["PASSWORD"] =
        kSecret;
    return 1;
  }
  if (auto* const connection = dynamic_cast<v1::Connection*>(message)) {
    (*connection->mutable_connection_properties()
          ->mutable_elements())["PASSWORD"] = kSecret;
    return 1;
  }
  int set = 0;
  const auto* const reflection = message->GetReflection();
  const auto* const type = message->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* const field = type->field(i);
    if (field->message_type() == nullptr || field->is_map()) continue;
    set += SetProperties(field->is_repeated()
                             ? reflection->AddMessage(message, field)
                             : reflection->MutableMessage(message, field));
  }
  return set;
}

TEST(HistoryRecorderTest, NoValueOfPropertiesIsKept_AndEverybodyElseGetsIt) {
  int requests = 0;
  int responses = 0;
  for (const Operation operation : kAllOperations) {
    SCOPED_TRACE(OperationName(operation));
    v1::Request request;
    const int set = SetProperties(request.GetReflection()->MutableMessage(
        &request, request.GetDescriptor()->FindFieldByNumber(operation)));
    requests += set;
    v1::Response response;
    responses += SetProperties(response.GetReflection()->MutableMessage(
        &response, response.GetDescriptor()->FindFieldByNumber(operation)));
    v1::Request asked;
    EchoBackend echo;
    HistoryRecorder recorder(&echo);
    const auto answer =
        recorder.Record(0, kCaller, request, [&](const v1::Request& executed) {
          asked = executed;
          return response;
        });
    EXPECT_THAT(asked, EqualsProto(request));
    EXPECT_THAT(*answer, EqualsProto(response));
    const History history = recorder.Snapshot();
    ASSERT_EQ(history.size(), 1u);
    EXPECT_EQ(history[0].has_hidden_values, set > 0);
    const std::string kept =
        absl::StrCat(history[0].request.SerializeAsString(),
                     history[0].response->SerializeAsString());
    EXPECT_THAT(kept, testing::Not(testing::HasSubstr(kSecret)));
  }
  EXPECT_EQ(requests, 2);
  EXPECT_EQ(responses, 2);
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
  FakeClock clock(absl::FromUnixSeconds(5));
  HistoryRecorderOptions options;
  options.clock = &clock;
  HistoryRecorder recorder(&echo, options);
  echo.during = [&] { clock.Advance(absl::Seconds(2)); };
  recorder.Execute(kCaller, Named("a"));
  const History history = recorder.Snapshot();
  EXPECT_EQ(history[0].start_time, absl::FromUnixSeconds(5));
  EXPECT_EQ(history[0].end_time, absl::FromUnixSeconds(7));
}

std::string NamesIn(const HistoryRecorder& recorder) {
  std::string names;
  for (const HistoryEntry& entry : recorder.Snapshot()) {
    names += entry.request.get_security_configuration().name().substr(0, 1);
  }
  return names;
}

TEST(HistoryRecorderTest, AboveTheNumber_TheOldestAreDroppedAndCounted) {
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
  EXPECT_EQ(NamesIn(recorder), "cd");
  EXPECT_EQ(NameIn(recorder.Snapshot()[1]), "d");
  EXPECT_EQ(recorder.left_out(), 2u);
  recorder.Clear();
  EXPECT_EQ(recorder.left_out(), 0u);
  EXPECT_EQ(NamesIn(recorder), "");
}

// The bytes of requests and of answers count.
TEST(HistoryRecorderTest, AboveTheBytes_TheOldestAreDroppedAndCounted) {
  constexpr size_t kText = 100'000;
  EchoBackend echo;
  HistoryRecorderOptions options;
  // The bound has room for two calls, each with its text twice.
  options.bytes_max = 5 * kText;
  HistoryRecorder recorder(&echo, options);
  for (const char letter : {'a', 'b', 'c', 'd'}) {
    recorder.Execute(kCaller, Named(std::string(kText, letter)));
  }
  EXPECT_EQ(NamesIn(recorder), "cd");
  EXPECT_EQ(recorder.left_out(), 2u);
  // A small call fits beside the two; a third large one does not.
  recorder.Execute(kCaller, Named("e"));
  EXPECT_EQ(NamesIn(recorder), "cde");
  recorder.Execute(kCaller, Named(std::string(kText, 'f')));
  EXPECT_EQ(NamesIn(recorder), "def");
}

// A message with many small parts takes more than its bytes on the wire.
TEST(HistoryRecorderTest, TheBytesAreThoseInMemory) {
  EchoBackend echo;
  HistoryRecorderOptions options;
  options.bytes_max = 200'000;
  HistoryRecorder recorder(&echo, options);
  v1::Request request;
  auto* const list = request.mutable_create_security_configuration()
                         ->mutable_encryption_configuration()
                         ->mutable_s3_encryption();
  for (int i = 0; i < 10'000; ++i) list->add_elements();
  ASSERT_LT(request.ByteSizeLong(), 100'000u);
  recorder.Execute(kCaller, request);
  EXPECT_TRUE(recorder.Snapshot().empty());
  EXPECT_EQ(recorder.left_out(), 1u);
}

// Sets every member of the message but lists and maps, however deep.
void FillPlain(google::protobuf::Message* message, const std::string& text) {
  using google::protobuf::FieldDescriptor;
  const auto* const reflection = message->GetReflection();
  const auto* const type = message->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* const field = type->field(i);
    if (field->is_repeated()) continue;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      FillPlain(reflection->MutableMessage(message, field), text);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      reflection->SetString(message, field, text);
    }
  }
}

// Whatever is estimated, a recorder never holds more than its bound.
TEST(HistoryRecorderTest, NoMessageTakesMoreMemoryThanIsCounted) {
  for (const Operation operation : kAllOperations) {
    for (const size_t size : {0, 1, 15, 16, 40, 5000}) {
      SCOPED_TRACE(absl::StrCat(OperationName(operation), ", ", size));
      const std::string text(size, 'x');
      v1::Request request;
      FillPlain(
          request.GetReflection()->MutableMessage(
              &request, request.GetDescriptor()->FindFieldByNumber(operation)),
          text);
      v1::Response response;
      FillPlain(response.GetReflection()->MutableMessage(
                    &response,
                    response.GetDescriptor()->FindFieldByNumber(operation)),
                text);
      HistoryRecorderOptions options;
      // The entry with the request in it, and the answer.
      options.bytes_max = sizeof(HistoryEntry) - sizeof(v1::Request) +
                          request.SpaceUsedLong() + response.SpaceUsedLong() -
                          1;
      EchoBackend echo;
      HistoryRecorder recorder(&echo, options);
      recorder.Record(0, kCaller, request,
                      [&](const v1::Request&) { return response; });
      EXPECT_EQ(recorder.left_out(), 1u);
      EXPECT_TRUE(recorder.Snapshot().empty());
    }
  }
}

TEST(HistoryRecorderTest, ACallThatDoesNotFitAlone_IsLeftOutAndTheOthersStay) {
  EchoBackend echo;
  HistoryRecorderOptions options;
  options.bytes_max = 50'000;
  HistoryRecorder recorder(&echo, options);
  recorder.Execute(kCaller, Named("a"));
  // First the request is too large alone, then only together with its answer.
  recorder.Execute(kCaller, Named(std::string(60'000, 'b')));
  EXPECT_EQ(NamesIn(recorder), "a");
  EXPECT_EQ(recorder.left_out(), 1u);
  recorder.Execute(kCaller, Named(std::string(30'000, 'c')));
  EXPECT_EQ(NamesIn(recorder), "a");
  EXPECT_EQ(recorder.left_out(), 2u);
  recorder.Execute(kCaller, Named("d"));
  EXPECT_EQ(NamesIn(recorder), "ad");
}

TEST(HistoryRecorderTest, ACallUnderWayThatIsDropped_EndsWithoutATrace) {
  EchoBackend echo;
  HistoryRecorderOptions options;
  options.calls_max = 1;
  HistoryRecorder recorder(&echo, options);
  echo.during = [&] {
    echo.during = nullptr;
    recorder.Execute(kCaller, Named("inner"));
  };
  EXPECT_EQ(recorder.Execute(kCaller, Named("outer"))
                .create_security_configuration()
                .name(),
            "outer");
  EXPECT_EQ(NamesIn(recorder), "i");
  EXPECT_EQ(recorder.left_out(), 1u);
}

// The bound holds at every moment, whatever calls are made.
TEST(HistoryRecorderTest, WhateverComes_TheLatestCallsAreThere) {
  EchoBackend echo;
  HistoryRecorderOptions options;
  options.calls_max = 7;
  options.bytes_max = 40'000;
  HistoryRecorder recorder(&echo, options);
  uint64_t random = 1;
  uint64_t calls = 0;
  for (; calls < 2000; ++calls) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const size_t size = 1 + (random >> 33) % 25'000;
    recorder.Execute(kCaller, Named(std::string(size, 'x')));
    const History history = recorder.Snapshot();
    ASSERT_EQ(history.size() + recorder.left_out(), calls + 1);
    size_t texts = 0;
    uint64_t last = 0;
    for (const HistoryEntry& entry : history) {
      texts += 2 * NameIn(entry).size();
      ASSERT_GE(entry.start, last);
      last = entry.end;
    }
    ASSERT_LE(texts, options.bytes_max);
    ASSERT_LE(history.size(), options.calls_max);
  }
}

TEST(HistoryRecorderTest, APageStartsWhereItIsAskedAndSharesTheCalls) {
  EchoBackend echo;
  HistoryRecorder recorder(&echo);
  for (const char* name : {"a", "b", "c"}) {
    recorder.Execute(kCaller, Named(name));
  }
  std::vector<RecordedCall> page = recorder.Page(0, 2);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(NameIn(page[0].ToEntry()), "a");
  page = recorder.Page(page[1].start(), 10);
  ASSERT_EQ(page.size(), 2u);
  EXPECT_EQ(NameIn(page[0].ToEntry()), "b");
  page = recorder.Page(page[0].start() + 1, 10);
  ASSERT_EQ(page.size(), 1u);
  // The page keeps its entries when the recorder drops them.
  recorder.Clear();
  EXPECT_EQ(NameIn(page[0].ToEntry()), "c");
  EXPECT_TRUE(recorder.Page(0, 10).empty());
}

TEST(HistoryRecorderTest, ClearFinished_KeepsCallsUnderWayWithoutAnAnswer) {
  EchoBackend echo;
  HistoryRecorderOptions options;
  options.calls_max = 3;
  HistoryRecorder recorder(&echo, options);
  for (int i = 0; i < 4; ++i) recorder.Execute(kCaller, Named("x"));
  EXPECT_EQ(recorder.left_out(), 1u);
  echo.during = [&] { recorder.ClearFinished(); };
  recorder.Execute(kCaller, Named("a"));
  echo.during = nullptr;
  EXPECT_EQ(recorder.left_out(), 0u);
  const History history = recorder.Snapshot();
  ASSERT_EQ(history.size(), 1u);
  EXPECT_EQ(history[0].request.get_security_configuration().name(), "a");
  EXPECT_FALSE(history[0].response.has_value());
  EXPECT_EQ(history[0].end, kNoEnd);
  EXPECT_TRUE(IsUnknown(history[0]));
  // Later calls are recorded as usual.
  recorder.Execute(kCaller, Named("b"));
  EXPECT_EQ(NameIn(recorder.Snapshot()[1]), "b");
  EXPECT_EQ(NamesIn(recorder), "ab");
  // By the next time all calls have ended.
  recorder.ClearFinished();
  EXPECT_TRUE(recorder.Snapshot().empty());
}

// It may take effect after the state is emptied, where no history would have
// it.
TEST(HistoryRecorderTest, ClearFinished_CountsACallUnderWayThatWasDropped) {
  struct Case {
    const char* name;
    std::string text;
    int calls_beside;
    bool throws;
  };
  const std::vector<Case> cases = {
      {"too many calls", "a", 2, false},
      {"too many calls, and it throws", "a", 2, true},
      {"too large", std::string(60'000, 'a'), 0, false},
      {"too large, and it throws", std::string(60'000, 'a'), 0, true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EchoBackend echo;
    HistoryRecorderOptions options;
    options.calls_max = 2;
    options.bytes_max = 50'000;
    HistoryRecorder recorder(&echo, options);
    const auto execute = [&](const v1::Request&) {
      for (int n = 0; n < c.calls_beside; ++n) {
        recorder.Execute(kCaller, Named("x"));
      }
      EXPECT_EQ(recorder.left_out(), 1u);
      for (int n = 0; n < 2; ++n) {
        recorder.ClearFinished();
        EXPECT_EQ(recorder.left_out(), 1u);
      }
      if (c.throws) throw std::runtime_error("broken");
      return v1::Response();
    };
    try {
      recorder.Record(0, kCaller, Named(c.text), execute);
    } catch (const std::runtime_error&) {
    }
    // It has ended, but nobody knows when it took effect.
    recorder.Execute(kCaller, Named("y"));
    EXPECT_EQ(NamesIn(recorder), "y");
    EXPECT_EQ(recorder.left_out(), 1u);
    recorder.ClearFinished();
    EXPECT_EQ(recorder.left_out(), 0u);
  }
}

TEST(HistoryRecorderTest, ClearFinished_CountsACallThatClearForgot) {
  EchoBackend echo;
  HistoryRecorder recorder(&echo);
  echo.during = [&] {
    recorder.Clear();
    EXPECT_EQ(recorder.left_out(), 0u);
    recorder.ClearFinished();
    EXPECT_EQ(recorder.left_out(), 1u);
  };
  recorder.Execute(kCaller, Named("a"));
  recorder.ClearFinished();
  EXPECT_EQ(recorder.left_out(), 0u);
}

// Makes calls within calls and clears the recorder at any time.
class NestedCalls {
 public:
  explicit NestedCalls(HistoryRecorder* recorder) : recorder_(*recorder) {}

  void Run(int depth) {
    for (int n = 0; n < 4; ++n) {
      const uint64_t choice = Random(8);
      if (choice == 0) {
        recorder_.Clear();
      } else if (choice <= 2) {
        recorder_.ClearFinished();
        // Each call under way is in the history or counted.
        EXPECT_EQ(recorder_.Snapshot().size() + recorder_.left_out(),
                  static_cast<size_t>(under_way_));
      } else {
        Call(depth);
      }
    }
  }

 private:
  uint64_t Random(uint64_t bound) {
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    return (random_ >> 33) % bound;
  }
  void Call(int depth) {
    const std::string text(1 + Random(30'000), 'x');
    try {
      recorder_.Record(0, kCaller, Named(text), [&](const v1::Request&) {
        ++under_way_;
        if (depth > 0) Run(depth - 1);
        --under_way_;
        if (Random(4) == 0) throw std::runtime_error("broken");
        return v1::Response();
      });
    } catch (const std::runtime_error&) {
    }
  }

  HistoryRecorder& recorder_;
  uint64_t random_ = 1;
  int under_way_ = 0;
};

TEST(HistoryRecorderTest, ClearFinished_LosesSightOfNoCallUnderWay) {
  EchoBackend echo;
  HistoryRecorderOptions options;
  options.calls_max = 3;
  options.bytes_max = 20'000;
  HistoryRecorder recorder(&echo, options);
  NestedCalls calls(&recorder);
  for (int n = 0; n < 20; ++n) calls.Run(5);
  recorder.ClearFinished();
  EXPECT_EQ(recorder.left_out(), 0u);
}

TEST(HistoryRecorderTest, ACallThatThrows_StaysWithoutAnAnswer) {
  EchoBackend echo;
  HistoryRecorder recorder(&echo);
  echo.during = [] { throw std::runtime_error("broken"); };
  EXPECT_THROW(recorder.Execute(kCaller, Named("a")), std::runtime_error);
  const History history = recorder.Snapshot();
  ASSERT_EQ(history.size(), 1u);
  EXPECT_TRUE(IsUnknown(history[0]));
  recorder.ClearFinished();
  EXPECT_TRUE(recorder.Snapshot().empty());
}

TEST(HistoryRecorderTest, ClearForgetsAlsoTheCallsUnderWay) {
  EchoBackend echo;
  HistoryRecorder recorder(&echo);
  echo.during = [&] { recorder.Clear(); };
  recorder.Execute(kCaller, Named("a"));
  EXPECT_TRUE(recorder.Snapshot().empty());
  // The end of a cleared call is not attributed to the call in its place.
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

// Prints the cost of a recorded call, the best of several runs; asserts no
// speed.
TEST(HistoryRecorderTest, ManyCallsAreRecordedCheaply) {
  constexpr int kCalls = 4'000;
  constexpr int kRounds = 5;
  EchoBackend echo;
  HistoryRecorder recorder(&echo);
  const v1::Request request = Named("a");
  const auto nanoseconds = [&](Backend& backend) {
    auto best = std::chrono::nanoseconds::max();
    for (int round = 0; round < kRounds; ++round) {
      const auto start = std::chrono::steady_clock::now();
      for (int n = 0; n < kCalls; ++n) backend.Execute(kCaller, request);
      best = std::min<std::chrono::nanoseconds>(
          best, std::chrono::steady_clock::now() - start);
    }
    return best.count() / kCalls;
  };
  std::cout << "a call: " << nanoseconds(echo) << " ns, recorded "
            << nanoseconds(recorder) << " ns\n";
  EXPECT_EQ(recorder.Snapshot().size(), size_t{kCalls} * kRounds);
}

}  // namespace
}  // namespace glue_security
