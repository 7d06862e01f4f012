// Tests that the writers of a catalog line up within an engine, and that a
// writer leaves the line before it calls a hook that may block, to wait or to
// observe.

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/engine/engine.h"
#include "glue_security/engine/observer.h"
#include "glue_security/model/error.h"
#include "glue_security/state_machine/policy_hasher.h"
#include "glue_security/storage/fault_injecting_storage.h"
#include "glue_security/storage/forwarding_storage.h"
#include "gtest/gtest.h"
#include "tests/engine/engine_fixture.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

// A call on its own thread. The destructor waits for its end.
class OtherCall {
 public:
  explicit OtherCall(std::function<absl::Status()> call) {
    std::packaged_task<absl::Status()> task(std::move(call));
    ended_ = task.get_future();
    thread_ = std::thread(std::move(task));
  }
  ~OtherCall() { thread_.join(); }
  OtherCall(const OtherCall&) = delete;
  OtherCall& operator=(const OtherCall&) = delete;

  // Returns true if the call ends while the caller waits here.
  bool GetsThrough() {
    // The whole time passes only if the call cannot get through.
    return ended_.wait_for(std::chrono::seconds(30)) ==
               std::future_status::ready &&
           ended_.get().ok();
  }

 private:
  std::future<absl::Status> ended_;
  std::thread thread_;
};

class WritersLineTest : public EngineTest {
 protected:
  static absl::Status PutOn(Engine* engine) {
    v1::PutResourcePolicyRequest put;
    put.set_policy_in_json(R"({"Id":"other"})");
    return engine->PutResourcePolicy(kCaller, put).status();
  }
  static absl::Status GetOn(Engine* engine) {
    return engine->GetDataCatalogEncryptionSettings(kCaller, {}).status();
  }
};

TEST_F(WritersLineTest, WhoeverWaits_LetsOthersPass) {
  for (const StorageFault& fault :
       {StorageFault::Conflict(),
        StorageFault::FailBefore(absl::UnknownError("lost"))}) {
    FaultInjectingStorage faulty(&storage_);
    faulty.AddCommits({fault});
    Engine* engine = nullptr;
    int waits = 0;
    bool passed = false;
    std::optional<OtherCall> other;
    EngineOptions options = LooseOptions();
    options.wait = [&](int) {
      if (++waits > 1) return;
      other.emplace([&engine] { return PutOn(engine); });
      passed = other->GetsThrough();
    };
    Engine waiting(&faulty, options);
    engine = &waiting;
    v1::PutResourcePolicyRequest put;
    put.set_policy_in_json("{}");
    waiting.PutResourcePolicy(kCaller, put).status().IgnoreError();
    other.reset();
    EXPECT_EQ(waits, 1);
    ASSERT_TRUE(passed);
  }
}

// Calls `engine` on another thread as soon as it observes an operation.
class CallingObserver : public Observer {
 public:
  void OnOperation(const OperationEvent& /*event*/) override {
    if (engine == nullptr) return;
    Engine* const called = engine.exchange(nullptr);
    ++calls;
    other.emplace([called] {
      v1::PutResourcePolicyRequest put;
      put.set_policy_in_json(R"({"Id":"other"})");
      return called->PutResourcePolicy(kCaller, put).status();
    });
    passed = other->GetsThrough();
  }

  std::atomic<Engine*> engine{nullptr};
  int calls = 0;
  bool passed = false;
  std::optional<OtherCall> other;
};

TEST_F(WritersLineTest, Observer_IsCalledWhenOthersMayWrite) {
  v1::Request put;
  put.mutable_put_resource_policy()->set_policy_in_json("{}");
  v1::Request refused = put;
  refused.mutable_put_resource_policy()->set_policy_hash_condition("stale");
  v1::Request invalid;
  invalid.mutable_put_resource_policy();
  v1::Request get;
  get.mutable_get_resource_policy();
  for (const v1::Request& request : {put, refused, invalid, get}) {
    for (const bool typed : {false, true}) {
      SCOPED_TRACE(request.ShortDebugString());
      CallingObserver observer;
      EngineOptions options = LooseOptions();
      options.observer = &observer;
      Engine engine(&storage_, options);
      observer.engine = &engine;
      if (!typed) {
        engine.Execute(kCaller, request);
      } else if (request.has_put_resource_policy()) {
        engine.PutResourcePolicy(kCaller, request.put_resource_policy())
            .status()
            .IgnoreError();
      } else {
        engine.GetResourcePolicy(kCaller, {}).status().IgnoreError();
      }
      observer.other.reset();
      EXPECT_EQ(observer.calls, 1);
      // Each other operation would take as long to fail.
      ASSERT_TRUE(observer.passed);
    }
  }
}

// Calls the engine from within a write.
class CallingHasher : public PolicyHasher {
 public:
  std::string Hash(absl::string_view text) const override {
    if (call) call();
    return PolicyHasher::Default()->Hash(text);
  }
  std::function<void()> call;
};

// A reader does not wait while a write holds the line.
TEST_F(WritersLineTest, AReader_IsInNoLine) {
  CallingHasher hasher;
  EngineOptions options = LooseOptions();
  options.hasher = &hasher;
  Restart(options);
  bool read = false;
  std::optional<OtherCall> other;
  hasher.call = [&] {
    other.emplace([this] { return GetOn(&*engine_); });
    read = other->GetsThrough();
  };
  EXPECT_EQ(Put("{}").status(), absl::OkStatus());
  other.reset();
  EXPECT_TRUE(read);
}

// Lets another thread run between a read and the commit after it.
class YieldingStorage : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    std::this_thread::yield();
    auto result = ForwardingStorage::Commit(batch);
    if (result.ok() && *result == CommitResult::kConflict) ++conflicts;
    return result;
  }
  std::atomic<int> conflicts{0};
};

// Conflicts occur only between engines.
TEST_F(WritersLineTest, WritersOfOneCatalog_NeverConflictWithinAnEngine) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 100;
  YieldingStorage yielding(&storage_);
  EngineOptions options = LooseOptions();
  options.limits.security_configurations_max = kThreads * kRounds;
  Engine engine(&yielding, options);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&engine, t] {
      for (int i = 0; i < kRounds; ++i) {
        EXPECT_EQ(PutOn(&engine), absl::OkStatus());
        EXPECT_EQ(engine
                      .CreateSecurityConfiguration(
                          kCaller, Named(absl::StrCat(t, "-", i)))
                      .status(),
                  absl::OkStatus());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(yielding.conflicts, 0);
}

}  // namespace
}  // namespace glue_security
