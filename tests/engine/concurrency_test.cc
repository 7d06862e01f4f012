// Runs eight threads on two engines over one storage, which act like two
// processes. Writers of a catalog line up within an engine, and conflict
// between the two.

#include <algorithm>
#include <atomic>
#include <iostream>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/engine/engine.h"
#include "glue_security/engine/observer.h"
#include "glue_security/model/error.h"
#include "glue_security/state_machine/policy_hasher.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "gtest/gtest.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

constexpr int kThreads = 8;
constexpr int kRounds = 60;
// Few names, so that the threads compete for them.
constexpr int kNames = 3;

const Caller kCaller{"123456789012", "us-east-1", ""};
// The policy of this catalog is created and deleted; the policy of `kCaller`
// always exists.
const Caller kComing{"123456789012", "us-west-2", ""};

// Counts calls, and lets another thread run between a read and the commit after
// it.
class CountingStorage : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    std::this_thread::yield();
    auto result = ForwardingStorage::Commit(batch);
    ++commits;
    if (result.ok() && *result == CommitResult::kConflict) ++conflicts;
    return result;
  }
  std::atomic<int> commits{0};
  std::atomic<int> conflicts{0};
};

class CountingObserver : public Observer {
 public:
  void OnOperation(const OperationEvent& event) override {
    ++operations;
    attempts += event.attempts;
    if (event.attempts > 1) ++tried_again;
    if (event.had_unknown_commit) ++unknown;
  }
  std::atomic<int> operations{0};
  std::atomic<int> attempts{0};
  std::atomic<int> tried_again{0};
  std::atomic<int> unknown{0};
};

EngineOptions ObservedBy(Observer* observer) {
  EngineOptions options = LooseOptions();
  options.observer = observer;
  return options;
}

// The policy of `kCaller` holds a counter.
std::string TextOf(int n) { return absl::StrCat(R"({"n":)", n, "}"); }
int CounterIn(const std::string& text) { return std::stoi(text.substr(5)); }

// The successful calls of one thread.
struct Log {
  // The hashes that conditional puts replaced.
  std::vector<std::string> replaced;
  std::vector<std::string> created_policies;
  std::vector<std::string> deleted_policies;
  std::map<std::string, int> creates;
  std::map<std::string, int> deletes;
  std::set<std::string> keys;
};

// The work of one thread.
class Worker {
 public:
  Worker(Engine* engine, int number) : engine_(*engine), number_(number) {}

  void Run() {
    for (round_ = 0; round_ < kRounds; ++round_) {
      Increment();
      VisitPolicy();
      ComeAndGo();
      FightForConfigurations();
      LookAtConfigurations();
      PutAndGetSettings();
      if (testing::Test::HasFailure()) return;
    }
  }

  const Log& log() const { return log_; }

 private:
  // Returns a text that no other thread makes.
  std::string Unique() const { return absl::StrCat(number_, "-", round_); }

  // Repeats a compare-and-swap until it succeeds. The counter never goes back.
  void Increment() {
    while (true) {
      const auto get = engine_.GetResourcePolicy(kCaller, {});
      ASSERT_EQ(get.status(), absl::OkStatus());
      const int n = CounterIn(get->policy_in_json());
      ASSERT_GE(n, seen_);
      seen_ = n;
      v1::PutResourcePolicyRequest put;
      put.set_policy_in_json(TextOf(n + 1));
      put.set_policy_hash_condition(get->policy_hash());
      const auto answer = engine_.PutResourcePolicy(kCaller, put);
      if (answer.ok()) {
        log_.replaced.push_back(get->policy_hash());
        seen_ = n + 1;
        return;
      }
      ASSERT_EQ(ErrorCodeOf(answer.status()),
                v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
    }
  }

  void VisitPolicy() {
    int shown = 0;
    const auto status = engine_.OpenCatalog(kCaller).VisitResourcePolicy(
        [&](const ResourcePolicyView& view) {
          ++shown;
          const std::string text(view.policy_in_json);
          EXPECT_EQ(PolicyHasher::Default()->Hash(text),
                    std::string(view.policy_hash));
          EXPECT_GE(CounterIn(text), seen_);
          EXPECT_LE(view.create_time_ms, view.update_time_ms);
        });
    EXPECT_EQ(status, absl::OkStatus());
    EXPECT_EQ(shown, 1);
  }

  // Creates the policy if there is none, and deletes it by its hash.
  void ComeAndGo() {
    v1::PutResourcePolicyRequest put;
    put.set_policy_in_json(absl::StrCat(R"({"Id":")", Unique(), R"("})"));
    put.set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_NOT_EXIST);
    const auto created = engine_.PutResourcePolicy(kComing, put);
    if (created.ok()) {
      log_.created_policies.push_back(created->policy_hash());
    } else {
      ASSERT_EQ(ErrorCodeOf(created.status()),
                v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
    }
    const auto get = engine_.GetResourcePolicy(kComing, {});
    if (!get.ok()) {
      ASSERT_EQ(ErrorCodeOf(get.status()), v1::ERROR_CODE_ENTITY_NOT_FOUND);
      return;
    }
    v1::DeleteResourcePolicyRequest remove;
    remove.set_policy_hash_condition(get->policy_hash());
    const auto removed = engine_.DeleteResourcePolicy(kComing, remove);
    if (removed.ok()) {
      log_.deleted_policies.push_back(get->policy_hash());
      return;
    }
    const v1::ErrorCode code = ErrorCodeOf(removed.status());
    ASSERT_TRUE(code == v1::ERROR_CODE_ENTITY_NOT_FOUND ||
                code == v1::ERROR_CODE_CONDITION_CHECK_FAILURE)
        << removed.status();
  }

  void FightForConfigurations() {
    v1::CreateSecurityConfigurationRequest create;
    create.set_name(absl::StrCat(round_ % kNames));
    create.mutable_encryption_configuration()
        ->mutable_cloud_watch_encryption()
        ->set_kms_key_arn(absl::StrCat("arn:aws:kms:", Unique()));
    const auto created = engine_.CreateSecurityConfiguration(kCaller, create);
    if (created.ok()) {
      ++log_.creates[create.name()];
    } else {
      ASSERT_EQ(ErrorCodeOf(created.status()), v1::ERROR_CODE_ALREADY_EXISTS);
    }
    v1::DeleteSecurityConfigurationRequest remove;
    remove.set_name(absl::StrCat((round_ + number_) % kNames));
    const auto removed = engine_.DeleteSecurityConfiguration(kCaller, remove);
    if (removed.ok()) {
      ++log_.deletes[remove.name()];
    } else {
      ASSERT_EQ(ErrorCodeOf(removed.status()), v1::ERROR_CODE_ENTITY_NOT_FOUND);
    }
  }

  void LookAtConfigurations() {
    const auto page = engine_.GetSecurityConfigurations(kCaller, {});
    ASSERT_EQ(page.status(), absl::OkStatus());
    std::string last;
    for (const auto& c : page->security_configurations()) {
      EXPECT_LT(last, c.name());
      last = c.name();
    }
    v1::GetSecurityConfigurationRequest get;
    get.set_name(absl::StrCat(round_ % kNames));
    const auto got = engine_.GetSecurityConfiguration(kCaller, get);
    if (!got.ok()) {
      ASSERT_EQ(ErrorCodeOf(got.status()), v1::ERROR_CODE_ENTITY_NOT_FOUND);
    }
  }

  // Puts both keys together. No read sees one without the other.
  void PutAndGetSettings() {
    v1::PutDataCatalogEncryptionSettingsRequest put;
    auto* settings = put.mutable_data_catalog_encryption_settings();
    settings->mutable_encryption_at_rest()->set_catalog_encryption_mode(
        v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
    settings->mutable_encryption_at_rest()->set_sse_aws_kms_key_id(Unique());
    settings->mutable_connection_password_encryption()
        ->set_return_connection_password_encrypted(true);
    settings->mutable_connection_password_encryption()->set_aws_kms_key_id(
        Unique());
    ASSERT_EQ(engine_.PutDataCatalogEncryptionSettings(kCaller, put).status(),
              absl::OkStatus());
    log_.keys.insert(Unique());
    const auto get = engine_.GetDataCatalogEncryptionSettings(kCaller, {});
    ASSERT_EQ(get.status(), absl::OkStatus());
    const auto& got = get->data_catalog_encryption_settings();
    EXPECT_EQ(got.encryption_at_rest().sse_aws_kms_key_id(),
              got.connection_password_encryption().aws_kms_key_id());
  }

  Engine& engine_;
  const int number_;
  int round_ = 0;
  // The greatest counter that this thread has seen.
  int seen_ = 0;
  Log log_;
};

class ConcurrencyTest : public testing::Test {
 protected:
  ConcurrencyTest() {
    v1::PutResourcePolicyRequest put;
    put.set_policy_in_json(TextOf(0));
    EXPECT_EQ(first_.PutResourcePolicy(kCaller, put).status(),
              absl::OkStatus());
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      workers_.emplace_back(t % 2 == 0 ? &first_ : &second_, t);
    }
    for (Worker& worker : workers_) {
      threads.emplace_back([&worker] { worker.Run(); });
    }
    for (std::thread& thread : threads) thread.join();
  }

  MemoryStorage memory_;
  CountingStorage storage_{&memory_};
  CountingObserver observer_;
  Engine first_{&storage_, ObservedBy(&observer_)};
  Engine second_{&storage_, ObservedBy(&observer_)};
  std::vector<Worker> workers_;
};

// Each operation has exactly one winner for each revision, and no update is
// lost.
TEST_F(ConcurrencyTest, EightThreadsOnTwoEngines_OneWinnerAndNoLostUpdate) {
  // Each hash is replaced once.
  std::vector<std::string> replaced;
  std::multiset<std::string> created;
  std::multiset<std::string> deleted;
  std::map<std::string, int> balance;
  std::set<std::string> keys;
  for (const Worker& worker : workers_) {
    const Log& log = worker.log();
    replaced.insert(replaced.end(), log.replaced.begin(), log.replaced.end());
    created.insert(log.created_policies.begin(), log.created_policies.end());
    deleted.insert(log.deleted_policies.begin(), log.deleted_policies.end());
    for (const auto& [name, times] : log.creates) balance[name] += times;
    for (const auto& [name, times] : log.deletes) balance[name] -= times;
    keys.insert(log.keys.begin(), log.keys.end());
  }
  std::sort(replaced.begin(), replaced.end());
  std::vector<std::string> expected;
  for (int n = 0; n < kThreads * kRounds; ++n) {
    expected.push_back(PolicyHasher::Default()->Hash(TextOf(n)));
  }
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(replaced, expected);
  EXPECT_EQ(first_.GetResourcePolicy(kCaller, {})->policy_in_json(),
            TextOf(kThreads * kRounds));

  // Each policy that was created was deleted once or still exists.
  EXPECT_GT(deleted.size(), 0u);
  const auto last = second_.GetResourcePolicy(kComing, {});
  if (last.ok()) deleted.insert(last->policy_hash());
  EXPECT_EQ(deleted, created);

  std::map<std::string, int> present;
  for (int name = 0; name < kNames; ++name) present[absl::StrCat(name)] = 0;
  const auto page = first_.GetSecurityConfigurations(kCaller, {});
  for (const auto& c : page->security_configurations()) present[c.name()] = 1;
  EXPECT_EQ(balance, present);

  const auto settings = second_.GetDataCatalogEncryptionSettings(kCaller, {});
  EXPECT_EQ(keys.count(settings->data_catalog_encryption_settings()
                           .encryption_at_rest()
                           .sse_aws_kms_key_id()),
            1u);
}

// Each attempt that the observer saw is one commit at the storage, and some
// commits conflicted.
TEST_F(ConcurrencyTest, EightThreadsOnTwoEngines_ConflictAndTryAgain) {
  std::cout << observer_.operations << " operations, " << storage_.commits
            << " commits, " << storage_.conflicts << " conflicts, "
            << observer_.tried_again << " tried again\n";
  EXPECT_EQ(observer_.attempts, storage_.commits);
  EXPECT_GT(storage_.conflicts, 0);
  EXPECT_GT(observer_.tried_again, 0);
  EXPECT_LE(observer_.tried_again, storage_.conflicts);
  EXPECT_EQ(observer_.unknown, 0);
}

}  // namespace
}  // namespace glue_security
