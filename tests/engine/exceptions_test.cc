// Tests that an exception from an embedder's storage or hook ends only the call
// in which it is thrown, with a true answer (docs/out_of_memory.md). Tests
// every operation, every place that can throw, and three kinds of exceptions,
// one of them std::bad_alloc.

#include <memory>
#include <new>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/access/policy_authorizer.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/model/operation.h"
#include "glue_security/state_machine/resource_policy.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "tests/support/connection_requests.h"

namespace glue_security {
namespace {

using google::protobuf::util::MessageDifferencer;

const Caller kCaller{"123456789012", "us-east-1",
                     "arn:aws:iam::123456789012:user/alice"};
constexpr char kPolicy[] =
    R"({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",)"
    R"("Principal": {"AWS": "arn:aws:iam::123456789012:user/alice"},)"
    R"("Action": "glue:*", "Resource": "arn:aws:glue:us-east-1:123456789012:*"}]})";

enum class Thrown { kBadAlloc, kRuntimeError, kInt };
constexpr Thrown kAllThrown[] = {Thrown::kBadAlloc, Thrown::kRuntimeError,
                                 Thrown::kInt};
constexpr const char* kThrownNames[] = {"std::bad_alloc", "std::runtime_error",
                                        "int"};

enum class Place {
  kCommitIds,
  kPrincipalExists,
  kRead,
  // After the record was shown.
  kAfterVisit,
  kClock,
  kHasher,
  kAuthorizer,
  kIdentityPolicies,
  // Before the batch is applied, and after it.
  kCommit,
  kAfterCommit,
  kWait,
  kObserver,
  // The visitor of Catalog::VisitResourcePolicy.
  kVisitor,
};

// Throws when a call reaches its place.
class Thrower {
 public:
  Thrower(Place place, Thrown thrown) : place_(place), thrown_(thrown) {}

  // Sets how many calls pass first, and how many of the others throw.
  void set_passes(int passes) { passes_ = passes; }
  void set_times(int times) { times_ = times; }
  void Disarm() { times_ = 0; }

  void Pass(Place place) {
    if (place != place_ || passes_-- > 0 || times_ == 0) return;
    --times_;
    ++thrown_times_;
    switch (thrown_) {
      case Thrown::kBadAlloc:
        throw std::bad_alloc();
      case Thrown::kRuntimeError:
        throw std::runtime_error("theirs");
      case Thrown::kInt:
        throw 7;
    }
  }

  int thrown_times() const { return thrown_times_; }
  Place place() const { return place_; }

 private:
  const Place place_;
  const Thrown thrown_;
  int passes_ = 0;
  int times_ = 1;
  int thrown_times_ = 0;
};

// The outcome of the first commit, if it does not throw.
enum class FirstCommit { kGoesThrough, kConflict, kLost };

class ThrowingStorage : public ForwardingStorage {
 public:
  ThrowingStorage(Storage* base, bool lends, FirstCommit first_commit,
                  Thrower* thrower)
      : ForwardingStorage(base),
        lends_(lends),
        first_commit_(first_commit),
        thrower_(*thrower) {}

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override {
    thrower_.Pass(Place::kRead);
    return ForwardingStorage::Read(read_set);
  }

  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override {
    // NOLINTNEXTLINE(bugprone-parent-virtual-call): it is to lend nothing.
    if (!lends_) return Storage::VisitRecord(catalog, key, visitor);
    thrower_.Pass(Place::kRead);
    is_lent_ = true;
    absl::Status status = ForwardingStorage::VisitRecord(catalog, key, visitor);
    is_lent_ = false;
    thrower_.Pass(Place::kAfterVisit);
    return status;
  }

  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    thrower_.Pass(Place::kCommit);
    switch (std::exchange(first_commit_, FirstCommit::kGoesThrough)) {
      case FirstCommit::kConflict:
        return CommitResult::kConflict;
      case FirstCommit::kLost:
        return absl::UnknownError("lost on the way there");
      case FirstCommit::kGoesThrough:
        break;
    }
    auto result = ForwardingStorage::Commit(batch);
    thrower_.Pass(Place::kAfterCommit);
    return result;
  }

  // True if a visitor has not returned, because an exception passed through the
  // storage.
  bool is_lent() const { return is_lent_; }

 private:
  const bool lends_;
  FirstCommit first_commit_;
  Thrower& thrower_;
  bool is_lent_ = false;
};

// All hooks of an engine. Each is a place that can throw.
class ThrowingHooks : public Authorizer,
                      public Clock,
                      public Observer,
                      public PolicyHasher {
 public:
  explicit ThrowingHooks(Thrower* thrower)
      : thrower_(*thrower), by_policy_([this](const OperationAccess&) {
          thrower_.Pass(Place::kIdentityPolicies);
          return DecisionKind::kAllow;
        }) {}

  EngineOptions Options() {
    EngineOptions options;
    options.behavior.api_date = kNewestApiDate;
    options.clock = this;
    options.hasher = this;
    options.observer = this;
    // With an authorizer an operation reads the policy, too, so it is set only
    // where it is needed.
    if (thrower_.place() == Place::kAuthorizer ||
        thrower_.place() == Place::kIdentityPolicies) {
      options.authorizer = this;
    }
    options.principal_exists = [this](absl::string_view) {
      thrower_.Pass(Place::kPrincipalExists);
      return true;
    };
    options.wait = [this](int) { thrower_.Pass(Place::kWait); };
    options.next_commit_id = [this] {
      thrower_.Pass(Place::kCommitIds);
      return CommitId{++commit_ids_};
    };
    return options;
  }

  absl::Time Now() override {
    thrower_.Pass(Place::kClock);
    return absl::FromUnixSeconds(1'700'000'000);
  }
  std::string Hash(absl::string_view text) const override {
    thrower_.Pass(Place::kHasher);
    return PolicyHasher::Default()->Hash(text);
  }
  std::optional<std::string> Refuse(
      const OperationAccess& access) const override {
    thrower_.Pass(Place::kAuthorizer);
    return by_policy_.Refuse(access);
  }
  void OnOperation(const OperationEvent& event) override {
    codes_.push_back(event.error_code);
    thrower_.Pass(Place::kObserver);
  }

  // Returns the error codes that the observer received, one for each call.
  const std::vector<v1::ErrorCode>& codes() const { return codes_; }

 private:
  Thrower& thrower_;
  const PolicyAuthorizer by_policy_;
  uint8_t commit_ids_ = 0;
  std::vector<v1::ErrorCode> codes_;
};

// Returns one request of each operation. Each succeeds in a catalog with a
// policy, a configuration "a" and a connection "a".
std::vector<v1::Request> AllRequests() {
  std::vector<v1::Request> requests(10);
  requests[0].mutable_get_data_catalog_encryption_settings();
  requests[1].mutable_get_resource_policy();
  requests[2].mutable_get_security_configuration()->set_name("a");
  requests[3].mutable_get_security_configurations();
  requests[4]
      .mutable_put_data_catalog_encryption_settings()
      ->mutable_data_catalog_encryption_settings();
  requests[5].mutable_put_resource_policy()->set_policy_in_json(kPolicy);
  requests[6].mutable_delete_resource_policy();
  auto* create = requests[7].mutable_create_security_configuration();
  create->set_name("b");
  create->mutable_encryption_configuration();
  requests[8].mutable_delete_security_configuration()->set_name("a");
  requests[9].mutable_get_resource_policies();
  for (v1::Request& request : ConnectionRequests()) {
    requests.push_back(std::move(request));
  }
  return requests;
}

// Returns the values of all records. Their revisions differ from fork to fork.
std::string ValuesIn(Storage* storage) {
  ReadSet read_set;
  read_set.catalog = {kCaller.account_id, kCaller.region};
  read_set.keys = {{RecordKind::kResourcePolicy, ""},
                   {RecordKind::kEncryptionSettings, ""},
                   {RecordKind::kConfigurationCount, ""},
                   {RecordKind::kConnectionCount, ""}};
  read_set.range.emplace();
  read_set.range->records_max = 100;
  read_set.range->bytes_max = 1 << 20;
  std::string values;
  for (const RecordKind kind :
       {RecordKind::kSecurityConfiguration, RecordKind::kConnection}) {
    read_set.range->kind = kind;
    const auto snapshot = storage->Read(read_set);
    EXPECT_EQ(snapshot.status(), absl::OkStatus());
    for (const auto& record : snapshot->records) {
      absl::StrAppend(&values, record.has_value() ? record->value : "none",
                      "\n");
    }
    for (const RangeRecord& record : snapshot->range->records) {
      absl::StrAppend(&values, record.id, " ", record.value, "\n");
    }
  }
  return values;
}

enum class Answer { kAsEver, kNotApplied, kOutcomeUnknown };

struct Case {
  const char* name;
  Place place;
  Answer answer;
  FirstCommit first_commit = FirstCommit::kGoesThrough;
  // The settings of the thrower.
  int passes = 0;
  int times = 1;
};
constexpr int kAlways = 1000;
constexpr Case kCases[] = {
    {"commit ids", Place::kCommitIds, Answer::kNotApplied},
    {"principals", Place::kPrincipalExists, Answer::kNotApplied},
    {"read", Place::kRead, Answer::kNotApplied},
    {"after a visit", Place::kAfterVisit, Answer::kAsEver},
    {"clock", Place::kClock, Answer::kNotApplied},
    {"hasher", Place::kHasher, Answer::kNotApplied},
    {"authorizer", Place::kAuthorizer, Answer::kNotApplied},
    {"identity", Place::kIdentityPolicies, Answer::kNotApplied},
    {"observer", Place::kObserver, Answer::kAsEver},
    // The batch is sent again.
    {"commit", Place::kCommit, Answer::kAsEver},
    {"every commit", Place::kCommit, Answer::kOutcomeUnknown,
     FirstCommit::kGoesThrough, 0, kAlways},
    // The applied batch is found by its id.
    {"after a commit", Place::kAfterCommit, Answer::kAsEver},
    {"after every commit", Place::kAfterCommit, Answer::kAsEver,
     FirstCommit::kGoesThrough, 0, kAlways},
    {"conflict, wait", Place::kWait, Answer::kNotApplied,
     FirstCommit::kConflict},
    {"conflict, read", Place::kRead, Answer::kNotApplied,
     FirstCommit::kConflict, 1},
    {"conflict, hasher", Place::kHasher, Answer::kNotApplied,
     FirstCommit::kConflict, 1},
    {"conflict, commit", Place::kCommit, Answer::kAsEver,
     FirstCommit::kConflict, 1},
    {"lost, wait", Place::kWait, Answer::kOutcomeUnknown, FirstCommit::kLost},
    {"lost, clock", Place::kClock, Answer::kOutcomeUnknown, FirstCommit::kLost,
     1},
    // The read is repeated.
    {"lost, read", Place::kRead, Answer::kAsEver, FirstCommit::kLost, 1},
    {"lost, every read", Place::kRead, Answer::kOutcomeUnknown,
     FirstCommit::kLost, 1, kAlways},
    {"lost, commit", Place::kCommit, Answer::kAsEver, FirstCommit::kLost, 1},
};

class ExceptionsTest : public testing::Test {
 protected:
  ExceptionsTest() {
    Engine engine(&storage_);
    v1::PutResourcePolicyRequest put;
    put.set_policy_in_json(kPolicy);
    EXPECT_EQ(engine.PutResourcePolicy(kCaller, put).status(),
              absl::OkStatus());
    v1::CreateSecurityConfigurationRequest create;
    create.set_name("a");
    create.mutable_encryption_configuration();
    EXPECT_EQ(engine.CreateSecurityConfiguration(kCaller, create).status(),
              absl::OkStatus());
    EXPECT_FALSE(
        engine.Execute(kCaller, CreateConnectionRequestOf("a")).has_error());
  }

  // Returns true if something was thrown.
  bool Throws(const v1::Request& request, const Case& c, Thrown thrown,
              bool lends);

  MemoryStorage storage_;
};

void ExpectError(const v1::Response& response, Answer answer) {
  const bool unknown = answer == Answer::kOutcomeUnknown;
  EXPECT_EQ(response.error().code(), unknown ? v1::ERROR_CODE_OPERATION_TIMEOUT
                                             : v1::ERROR_CODE_INTERNAL_SERVICE)
      << response.ShortDebugString();
  EXPECT_EQ(response.error().detail(), unknown
                                           ? v1::Error::DETAIL_OUTCOME_UNKNOWN
                                           : v1::Error::DETAIL_NOT_APPLIED);
}

bool ExceptionsTest::Throws(const v1::Request& request, const Case& c,
                            Thrown thrown, bool lends) {
  // The twin shows the result when nothing is thrown.
  const auto twin = storage_.Fork();
  Thrower unarmed(c.place, thrown);
  unarmed.Disarm();
  ThrowingHooks twin_hooks(&unarmed);
  const v1::Response as_ever =
      Engine(twin.get(), twin_hooks.Options()).Execute(kCaller, request);
  EXPECT_FALSE(as_ever.has_error()) << as_ever.ShortDebugString();

  const auto base = storage_.Fork();
  Thrower thrower(c.place, thrown);
  thrower.set_passes(c.passes);
  thrower.set_times(c.times);
  ThrowingHooks hooks(&thrower);
  ThrowingStorage storage(base.get(), lends, c.first_commit, &thrower);
  Engine engine(&storage, hooks.Options());
  const std::string before = ValuesIn(base.get());
  const v1::Response response = engine.Execute(kCaller, request);

  const bool fired = thrower.thrown_times() > 0;
  if (!fired || c.answer == Answer::kAsEver) {
    EXPECT_TRUE(MessageDifferencer::Equals(response, as_ever))
        << response.ShortDebugString();
    EXPECT_EQ(ValuesIn(base.get()), ValuesIn(twin.get()));
  } else {
    ExpectError(response, c.answer);
    EXPECT_EQ(ValuesIn(base.get()), before);
  }
  EXPECT_FALSE(storage.is_lent());
  EXPECT_EQ(hooks.codes(), std::vector{response.error().code()});

  // The engine still works, on other threads, too.
  thrower.Disarm();
  v1::Response next;
  std::thread([&] { next = engine.Execute(kCaller, request); }).join();
  EXPECT_NE(next.error().code(), v1::ERROR_CODE_INTERNAL_SERVICE);
  EXPECT_NE(next.error().code(), v1::ERROR_CODE_OPERATION_TIMEOUT);
  return fired;
}

TEST_F(ExceptionsTest, WhateverThrows_EndsThatCallWithTheTruthAboutIt) {
  for (const Case& c : kCases) {
    int fired = 0;
    for (const v1::Request& request : AllRequests()) {
      for (const Thrown thrown : kAllThrown) {
        for (const bool lends : {true, false}) {
          SCOPED_TRACE(absl::StrCat(
              c.name, ", ", kThrownNames[static_cast<size_t>(thrown)], ", ",
              OperationName(request.operation_case()), lends ? ", lent" : ""));
          fired += Throws(request, c, thrown, lends) ? 1 : 0;
        }
      }
    }
    EXPECT_GT(fired, 0) << c.name;
  }
}

// Tests the typed methods, which must end like Execute.
TEST_F(ExceptionsTest, TypedCall_EndsAsTheEnvelopeDoes) {
  for (const Case& c : kCases) {
    for (const v1::Request& request : AllRequests()) {
      SCOPED_TRACE(
          absl::StrCat(c.name, ", ", OperationName(request.operation_case())));
      // Returns the answer of `call`, and the records after it.
      const auto end = [&](const auto& call) {
        const auto base = storage_.Fork();
        Thrower thrower(c.place, Thrown::kBadAlloc);
        thrower.set_passes(c.passes);
        thrower.set_times(c.times);
        ThrowingHooks hooks(&thrower);
        ThrowingStorage storage(base.get(), true, c.first_commit, &thrower);
        Engine engine(&storage, hooks.Options());
        const v1::ErrorCode code = call(&engine);
        EXPECT_EQ(hooks.codes(), std::vector{code});
        return std::make_pair(code, ValuesIn(base.get()));
      };
      const auto enveloped = end([&](Engine* engine) {
        return engine->Execute(kCaller, request).error().code();
      });
      const auto typed = [&](const auto& method) {
        return end([&](Engine* engine) {
          return ErrorCodeOf(method(engine).status());
        });
      };
      if (request.has_put_resource_policy()) {
        EXPECT_EQ(enveloped, typed([&](Engine* engine) {
                    return engine->PutResourcePolicy(
                        kCaller, request.put_resource_policy());
                  }));
      } else if (request.has_get_resource_policy()) {
        EXPECT_EQ(enveloped, typed([&](Engine* engine) {
                    return engine->GetResourcePolicy(
                        kCaller, request.get_resource_policy());
                  }));
      } else if (request.has_create_security_configuration()) {
        EXPECT_EQ(enveloped, typed([&](Engine* engine) {
                    return engine->CreateSecurityConfiguration(
                        kCaller, request.create_security_configuration());
                  }));
      }
    }
  }
}

TEST_F(ExceptionsTest, VisitResourcePolicy_WhateverThrows_EndsThatVisit) {
  const struct {
    Place place;
    bool fails;
  } kVisits[] = {{Place::kRead, true},       {Place::kAfterVisit, false},
                 {Place::kAuthorizer, true}, {Place::kIdentityPolicies, true},
                 {Place::kVisitor, true},    {Place::kObserver, false}};
  for (const auto& c : kVisits) {
    for (const Thrown thrown : kAllThrown) {
      SCOPED_TRACE(absl::StrCat(static_cast<int>(c.place), " ",
                                kThrownNames[static_cast<size_t>(thrown)]));
      Thrower thrower(c.place, thrown);
      ThrowingHooks hooks(&thrower);
      ThrowingStorage storage(&storage_, true, FirstCommit::kGoesThrough,
                              &thrower);
      Engine engine(&storage, hooks.Options());
      const Engine::Catalog catalog = engine.OpenCatalog(kCaller);
      std::string shown;
      const auto visit = [&] {
        return catalog.VisitResourcePolicy([&](const ResourcePolicyView& view) {
          thrower.Pass(Place::kVisitor);
          shown = std::string(view.policy_in_json);
        });
      };
      const auto error = ErrorFromStatus(visit());
      EXPECT_EQ(thrower.thrown_times(), 1);
      EXPECT_EQ(error.has_value(), c.fails);
      EXPECT_EQ(shown, c.fails ? "" : kPolicy);
      if (c.fails) {
        EXPECT_EQ(error->code(), v1::ERROR_CODE_INTERNAL_SERVICE);
        EXPECT_EQ(error->detail(), v1::Error::DETAIL_NOT_APPLIED);
      }
      EXPECT_EQ(hooks.codes(),
                std::vector{c.fails ? v1::ERROR_CODE_INTERNAL_SERVICE
                                    : v1::ERROR_CODE_UNSPECIFIED});
      EXPECT_FALSE(storage.is_lent());
      EXPECT_EQ(visit(), absl::OkStatus());
      EXPECT_EQ(shown, kPolicy);
    }
  }
}

TEST_F(ExceptionsTest, Authorize_WhateverThrows_LeavesTheReportAsItWas) {
  ResourceQuery query;
  query.action = "glue:GetTable";
  query.resource = "arn:aws:glue:us-east-1:123456789012:catalog";
  for (const Place place : {Place::kRead, Place::kAfterVisit}) {
    const bool fails = place == Place::kRead;
    for (const Thrown thrown : kAllThrown) {
      for (const bool lends : {true, false}) {
        Thrower thrower(place, thrown);
        ThrowingHooks hooks(&thrower);
        ThrowingStorage storage(&storage_, lends, FirstCommit::kGoesThrough,
                                &thrower);
        Engine engine(&storage, hooks.Options());
        AccessReport report;
        report.result = AccessResult::kNotAllowedByResource;
        const auto error =
            ErrorFromStatus(engine.AuthorizeResource(kCaller, query, &report));
        EXPECT_EQ(error.has_value(), fails);
        if (fails) {
          EXPECT_EQ(error->code(), v1::ERROR_CODE_INTERNAL_SERVICE);
          EXPECT_EQ(error->detail(), v1::Error::DETAIL_NOT_APPLIED);
          EXPECT_EQ(report.result, AccessResult::kNotAllowedByResource);
        }
        EXPECT_FALSE(storage.is_lent());
        EXPECT_EQ(engine.AuthorizeResource(kCaller, query, &report),
                  absl::OkStatus());
        EXPECT_EQ(report.result, AccessResult::kAllowed);
      }
    }
  }
}

}  // namespace
}  // namespace glue_security
