// Fails every allocation of a call in turn, the k-th for k = 1, 2, … until none
// is left to fail, each in its own process. The call ends with a true answer,
// or the process ends with the one line of OrEnd (docs/out_of_memory.md).

#include "glue_security/model/out_of_memory.h"

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/config.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/access/policy_authorizer.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/model/operation.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/support/failing_new.h"

namespace glue_security {
namespace {

using google::protobuf::util::MessageDifferencer;

const Caller kCaller{"123456789012", "us-east-1",
                     "arn:aws:iam::123456789012:user/alice"};
constexpr char kPolicy[] =
    R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",)"
    R"("Principal": {"AWS": "arn:aws:iam::123456789012:user/alice"},)"
    R"("Action": ["glue:Get*", "glue:*Policy", "glue:*Security*"],)"
    R"("Resource": "arn:aws:glue:us-east-1:123456789012:*ä?öü*",)"
    R"("Condition": {"StringLike": {"aws:PrincipalTag/team": "*a?b*"}}},)"
    R"({"Effect": "Allow", "Principal": "*", "Action": "glue:*",)"
    R"("Resource": "arn:aws:glue:us-east-1:123456789012:*"}]})";

// Commits do not fail here; tests/storage fails the allocations of commits.
class CommitsUndisturbed : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    const FailingNewPause pause;
    return ForwardingStorage::Commit(batch);
  }
};

std::string ValuesIn(Storage* storage) {
  ReadSet read_set;
  read_set.catalog = {kCaller.account_id, kCaller.region};
  read_set.keys = {{RecordKind::kResourcePolicy, ""},
                   {RecordKind::kEncryptionSettings, ""},
                   {RecordKind::kConfigurationCount, ""}};
  read_set.range.emplace();
  read_set.range->records_max = 100;
  read_set.range->bytes_max = 1 << 20;
  const auto snapshot = storage->Read(read_set);
  std::string values;
  for (const auto& record : snapshot->records) {
    absl::StrAppend(&values, record.has_value() ? record->value : "none", "\n");
  }
  for (const RangeRecord& record : snapshot->range->records) {
    absl::StrAppend(&values, record.id, " ", record.value, "\n");
  }
  return values;
}

// A call on an engine, which returns the answer.
using Call = std::function<v1::Response(Engine*)>;

struct Scenario {
  std::string name;
  bool authorized = false;
  Behavior behavior = Behavior::Documented();
  Call call;
};

// An engine with its own storage.
class World {
 public:
  World(const Scenario& scenario, bool with_records)
      : scenario_(scenario), storage_(&memory_) {
    EngineOptions options;
    options.clock = &clock_;
    options.behavior = scenario.behavior;
    options.wait = [](int) {};
    if (scenario.authorized) options.authorizer = &authorizer_;
    uint8_t* const last_id = &commit_ids_;
    options.next_commit_id = [last_id] { return CommitId{++*last_id}; };
    engine_.emplace(&storage_, std::move(options));
    if (with_records) AddRecords();
  }

  // Cannot be moved, since the engine points to its parts.
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  v1::Response Call() { return scenario_.call(&*engine_); }
  std::string Values() { return ValuesIn(&memory_); }

 private:
  void AddRecords() {
    v1::Request put;
    put.mutable_put_resource_policy()->set_policy_in_json(kPolicy);
    engine_->Execute(kCaller, put);
    for (const char* name : {"a", "c", "d"}) {
      v1::Request create;
      create.mutable_create_security_configuration()->set_name(name);
      create.mutable_create_security_configuration()
          ->mutable_encryption_configuration()
          ->mutable_s3_encryption()
          ->add_elements()
          ->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_S3);
      engine_->Execute(kCaller, create);
    }
  }

  const Scenario& scenario_;
  FakeClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  MemoryStorage memory_;
  CommitsUndisturbed storage_;
  PolicyAuthorizer authorizer_{DecisionKind::kAllow};
  uint8_t commit_ids_ = 0;
  std::optional<Engine> engine_;
};

// The outcome of a child process.
enum class End : int {
  // No allocation was left to fail.
  kNothingFailed = 40,
  // The result is the same as without a failure.
  kAsEver,
  kNotApplied,
  kWrong,
};

// Makes the call with its k-th allocation failing, and returns the outcome.
End CallInChild(World* world, World* twin, int64_t k) {
  const v1::Response as_ever = twin->Call();
  const std::string before = world->Values();
  v1::Response response;
  bool failed = false;
  {
    const FailingNew failing(k);
    // Not an assignment to `response`, which would allocate.
    v1::Response answer = world->Call();
    failed = failing.failed();
    const FailingNewPause pause;
    response = std::move(answer);
  }
  const std::string after = world->Values();
  const v1::Response next = world->Call();
  if (next.error().code() == v1::ERROR_CODE_INTERNAL_SERVICE) {
    std::cerr << "the next call: " << next.ShortDebugString() << "\n";
    return End::kWrong;
  }
  if (MessageDifferencer::Equals(response, as_ever) &&
      after == twin->Values()) {
    return failed ? End::kAsEver : End::kNothingFailed;
  }
  if (failed && response.error().code() == v1::ERROR_CODE_INTERNAL_SERVICE &&
      response.error().detail() == v1::Error::DETAIL_NOT_APPLIED &&
      after == before) {
    return End::kNotApplied;
  }
  std::cerr << "allocation " << k << ": " << response.ShortDebugString()
            << ", where all goes well: " << as_ever.ShortDebugString() << "\n";
  return End::kWrong;
}

struct Counts {
  int as_ever = 0;
  int not_applied = 0;
  int ended = 0;
};

// Calls `child` in its own process. Returns false if no allocation was left to
// fail.
bool RunChild(const std::function<End()>& child, Counts* counts) {
  // Otherwise the child would print the buffer again.
  std::cout.flush();
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t pid = fork();
  EXPECT_GE(pid, 0);
  if (pid == 0) {
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    const End end = child();
#ifdef ABSL_HAVE_ADDRESS_SANITIZER
    // The leak checker runs at exit.
    std::exit(static_cast<int>(end));
#else
    _exit(static_cast<int>(end));
#endif
  }
  close(ends[1]);
  std::string said;
  char piece[4096];
  for (ssize_t n; (n = read(ends[0], piece, sizeof(piece))) > 0;) {
    said.append(piece, static_cast<size_t>(n));
  }
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(pid, &status, 0), pid);
  if (WIFSIGNALED(status)) {
    EXPECT_EQ(WTERMSIG(status), SIGABRT);
    EXPECT_EQ(said, kOutOfMemoryLine);
    ++counts->ended;
    return true;
  }
  EXPECT_EQ(said, "");
  switch (static_cast<End>(WEXITSTATUS(status))) {
    case End::kNothingFailed:
      return false;
    case End::kAsEver:
      ++counts->as_ever;
      return true;
    case End::kNotApplied:
      ++counts->not_applied;
      return true;
    default:
      ADD_FAILURE() << "ended with " << WEXITSTATUS(status);
      return true;
  }
}

bool ShortTests() {
  return std::getenv("GLUE_SECURITY_SHORT_TESTS") != nullptr;
}

Call Executes(const v1::Request& request) {
  return
      [request](Engine* engine) { return engine->Execute(kCaller, request); };
}

// Converts a status to an answer. Its own allocations do not count.
v1::Response ToAnswer(const absl::Status& status) {
  const FailingNewPause pause;
  v1::Response response;
  const auto error = ErrorFromStatus(status);
  if (error.has_value()) *response.mutable_error() = *error;
  return response;
}

std::vector<Scenario> AllScenarios() {
  std::vector<Scenario> scenarios;
  // A decision takes a hundred allocations, the same for every operation.
  const auto add = [&](const char* name, const auto& fill,
                       bool judged = false) {
    v1::Request request;
    fill(&request);
    for (const bool authorized : {false, true}) {
      if (authorized && !judged) continue;
      Scenario& scenario = scenarios.emplace_back();
      scenario.name = absl::StrCat(name, authorized ? ", authorized" : "");
      scenario.authorized = authorized;
      if (authorized) scenario.behavior = Behavior::Observed();
      scenario.call = Executes(request);
    }
  };
  add("get settings", [](v1::Request* request) {
    request->mutable_get_data_catalog_encryption_settings();
  });
  add("put settings", [](v1::Request* request) {
    request->mutable_put_data_catalog_encryption_settings()
        ->mutable_data_catalog_encryption_settings()
        ->mutable_encryption_at_rest()
        ->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  });
  add(
      "put policy",
      [](v1::Request* request) {
        request->mutable_put_resource_policy()->set_policy_in_json(kPolicy);
      },
      true);
  add("put a policy that is none", [](v1::Request* request) {
    request->mutable_put_resource_policy()->set_policy_in_json(
        R"({"Statement": [{"Effect": "allow", "Action": "s3:*"}]})");
  });
  add("put what is not JSON", [](v1::Request* request) {
    request->mutable_put_resource_policy()->set_policy_in_json("{,}");
  });
  add("put with a stale hash", [](v1::Request* request) {
    request->mutable_put_resource_policy()->set_policy_in_json(kPolicy);
    request->mutable_put_resource_policy()->set_policy_hash_condition("stale");
  });
  add("get policy",
      [](v1::Request* request) { request->mutable_get_resource_policy(); });
  add("delete policy",
      [](v1::Request* request) { request->mutable_delete_resource_policy(); });
  add("create", [](v1::Request* request) {
    auto* create = request->mutable_create_security_configuration();
    create->set_name("b");
    create->mutable_encryption_configuration()
        ->mutable_cloud_watch_encryption();
  });
  add(
      "create what breaks constraints",
      [](v1::Request* request) {
        auto* create = request->mutable_create_security_configuration();
        create->set_name(std::string(300, 'n'));
        create->mutable_encryption_configuration()
            ->mutable_cloud_watch_encryption()
            ->set_kms_key_arn("no ARN");
        v1::UnparsedValue* unparsed = request->add_unparsed_values();
        unparsed->set_path(
            "encryptionConfiguration.cloudWatchEncryption."
            "cloudWatchEncryptionMode");
        unparsed->set_text("SOME");
      },
      true);
  add("create what exists", [](v1::Request* request) {
    auto* create = request->mutable_create_security_configuration();
    create->set_name("a");
    create->mutable_encryption_configuration();
  });
  add("delete", [](v1::Request* request) {
    request->mutable_delete_security_configuration()->set_name("a");
  });
  add("get", [](v1::Request* request) {
    request->mutable_get_security_configuration()->set_name("a");
  });
  add("page", [](v1::Request* request) {
    request->mutable_get_security_configurations()->set_max_results(2);
  });
  add("page with a token that is none", [](v1::Request* request) {
    request->mutable_get_security_configurations()->set_next_token("none");
  });

  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json(kPolicy);
  put.set_policy_hash_condition("stale");
  scenarios.push_back(
      {"typed put", false, Behavior::Documented(), [put](Engine* engine) {
         return ToAnswer(engine->PutResourcePolicy(kCaller, put).status());
       }});
  scenarios.push_back(
      {"visit", true, Behavior::Documented(), [](Engine* engine) {
         const Engine::Catalog catalog = [&] {
           const FailingNewPause pause;
           return engine->OpenCatalog(kCaller);
         }();
         return ToAnswer(
             catalog.VisitResourcePolicy([](const ResourcePolicyView&) {}));
       }});
  ResourceQuery query;
  query.action = "glue:GetTable";
  query.resource = "arn:aws:glue:us-east-1:123456789012:catalog/x";
  scenarios.push_back(
      {"authorize", false, Behavior::Documented(), [query](Engine* engine) {
         AccessReport report;
         return ToAnswer(engine->AuthorizeResource(kCaller, query, &report));
       }});
  query.action = "s3:GetObject";
  scenarios.push_back({"authorize what is denied", false,
                       Behavior::Documented(), [query](Engine* engine) {
                         return ToAnswer(
                             engine->AuthorizeResource(kCaller, query));
                       }});
  return scenarios;
}

// Tests the first call of a process, which builds tables and descriptors that
// stay. It comes first here, since this process makes no calls itself.
TEST(OutOfMemoryTest, FirstCallOfAProcess_EndsWithTheTruthOrWithOneLine) {
  Scenario scenario;
  scenario.name = "first";
  Counts counts;
  // There are thousands of allocations.
  const int64_t step = ShortTests() ? 131 : 23;
  int64_t last = 0;
  for (int64_t k = 1;; k += step) {
    SCOPED_TRACE(absl::StrCat("allocation ", k));
    last = k;
    const bool failed = RunChild(
        [&] {
          v1::Request request;
          request.mutable_put_resource_policy()->set_policy_in_json(kPolicy);
          scenario.call = Executes(request);
          World world(scenario, /*with_records=*/false);
          v1::Response response;
          bool some_failed = false;
          {
            const FailingNew failing(k);
            v1::Response answer = world.Call();
            some_failed = failing.failed();
            const FailingNewPause pause;
            response = std::move(answer);
          }
          if (!some_failed) return End::kNothingFailed;
          if (!response.has_error()) return End::kAsEver;
          if (response.error().detail() == v1::Error::DETAIL_NOT_APPLIED) {
            return End::kNotApplied;
          }
          std::cerr << response.ShortDebugString();
          return End::kWrong;
        },
        &counts);
    if (!failed || HasFailure()) break;
  }
  std::cout << "the first call allocates up to " << last
            << " times; ended: " << counts.ended
            << ", not applied: " << counts.not_applied
            << ", as ever: " << counts.as_ever << "\n";
  EXPECT_GT(counts.ended, 0);
}

TEST(OutOfMemoryTest, EveryAllocation_EndsWithTheTruthOrWithOneLine) {
  Counts all;
  for (const Scenario& scenario : AllScenarios()) {
    SCOPED_TRACE(scenario.name);
    // This call builds what the process keeps.
    World(scenario, /*with_records=*/true).Call();
    World world(scenario, /*with_records=*/true);
    World twin(scenario, /*with_records=*/true);
    Counts counts;
    constexpr int64_t kAllocationsMax = 10'000;
    const int64_t step = ShortTests() ? 7 : 1;
    int64_t k = 1;
    for (; k < kAllocationsMax; k += step) {
      SCOPED_TRACE(absl::StrCat("allocation ", k));
      if (!RunChild([&] { return CallInChild(&world, &twin, k); }, &counts)) {
        break;
      }
    }
    EXPECT_LT(k, kAllocationsMax);
    std::cout << scenario.name << ": " << k - 1
              << " allocations; ended: " << counts.ended
              << ", not applied: " << counts.not_applied
              << ", as ever: " << counts.as_ever << "\n";
    all.ended += counts.ended;
    all.not_applied += counts.not_applied;
  }
  EXPECT_GT(all.ended, 0);
  EXPECT_GT(all.not_applied, 0);
}

}  // namespace
}  // namespace glue_security
