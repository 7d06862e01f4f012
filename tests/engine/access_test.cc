// Tests Engine::Authorize, which decides by the stored policy, and the hook
// Authorizer: that it refuses operations, and that the policy cannot change
// between its check and the write.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/access/policy_authorizer.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/state_machine/resource_policy.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/storage/fault_injecting_storage.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "gtest/gtest.h"
#include "tests/storage/copying_storage.h"
#include "tests/support/connection_requests.h"

namespace glue_security {
namespace {

constexpr char kTable[] =
    "arn:aws:glue:us-east-1:123456789012:table/default/orders";
constexpr char kAliceArn[] = "arn:aws:iam::123456789012:user/alice";
constexpr char kMalloryArn[] = "arn:aws:iam::210987654321:user/mallory";

const Caller kAlice{"123456789012", "us-east-1", kAliceArn};
const Caller kMallory{"210987654321", "us-east-1", kMalloryArn};

// Returns a policy of one statement about everything in the catalog.
std::string Policy(const std::string& effect, const std::string& principal,
                   const std::string& action) {
  return absl::StrCat(
      R"({"Version":"2012-10-17","Statement":[{"Effect":")", effect,
      R"(","Principal":{"AWS":")", principal, R"("},"Action":")", action,
      R"(","Resource":"arn:aws:glue:us-east-1:123456789012:*"}]})");
}

void Put(Engine* engine, const std::string& text) {
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json(text);
  const auto response = engine->PutResourcePolicy(kAlice, put);
  ASSERT_TRUE(response.ok()) << response.status();
}

ResourceQuery Query(DecisionKind identity) {
  ResourceQuery query;
  query.action = "glue:GetTable";
  query.resource = kTable;
  query.identity = identity;
  query.catalog_id = "123456789012";
  return query;
}

constexpr DecisionKind kAllow = DecisionKind::kAllow;
constexpr DecisionKind kDeny = DecisionKind::kExplicitDeny;
constexpr DecisionKind kNothing = DecisionKind::kImplicitDeny;

// Returns the reason that Observed() adds to a denial.
std::string ReasonOf(AccessResult result) {
  switch (result) {
    case AccessResult::kAllowed:
      break;
    case AccessResult::kDeniedByIdentity:
      return " with an explicit deny in an identity-based policy";
    case AccessResult::kDeniedByResource:
      return " with an explicit deny in a resource-based policy";
    case AccessResult::kNotAllowedByIdentity:
      return " because no identity-based policy allows the glue:GetTable "
             "action";
    case AccessResult::kNotAllowedByResource:
      return " because no resource-based policy allows the glue:GetTable "
             "action";
  }
  return "";
}

// Tests every combination of account, identity policies and resource policy
// (docs/decisions/access.md).
TEST(Authorize, FollowsTheTableOfDecisions) {
  struct Row {
    bool same_account;
    DecisionKind identity;
    // The effect of the resource policy; "" if there is none.
    std::string effect;
    AccessResult result;
  };
  const std::vector<Row> rows = {
      {true, kAllow, "", AccessResult::kAllowed},
      {true, kAllow, "Allow", AccessResult::kAllowed},
      {true, kAllow, "Deny", AccessResult::kDeniedByResource},
      {true, kNothing, "", AccessResult::kNotAllowedByIdentity},
      {true, kNothing, "Allow", AccessResult::kAllowed},
      {true, kNothing, "Deny", AccessResult::kDeniedByResource},
      {true, kDeny, "", AccessResult::kDeniedByIdentity},
      {true, kDeny, "Allow", AccessResult::kDeniedByIdentity},
      {true, kDeny, "Deny", AccessResult::kDeniedByIdentity},
      {false, kAllow, "", AccessResult::kNotAllowedByResource},
      {false, kAllow, "Allow", AccessResult::kAllowed},
      {false, kAllow, "Deny", AccessResult::kDeniedByResource},
      {false, kNothing, "", AccessResult::kNotAllowedByIdentity},
      {false, kNothing, "Allow", AccessResult::kNotAllowedByIdentity},
      {false, kNothing, "Deny", AccessResult::kDeniedByResource},
      {false, kDeny, "", AccessResult::kDeniedByIdentity},
      {false, kDeny, "Allow", AccessResult::kDeniedByIdentity},
      {false, kDeny, "Deny", AccessResult::kDeniedByIdentity},
  };
  for (const bool observed : {false, true}) {
    for (const Row& row : rows) {
      SCOPED_TRACE(absl::StrCat("same account ", row.same_account,
                                ", identity ", static_cast<int>(row.identity),
                                ", resource ", row.effect, ", observed ",
                                observed));
      MemoryStorage storage;
      EngineOptions options;
      if (observed) options.behavior = Behavior::Observed();
      Engine engine(&storage, options);
      if (!row.effect.empty())
        Put(&engine, Policy(row.effect, "*", "glue:Get*"));
      const Caller& caller = row.same_account ? kAlice : kMallory;

      const absl::Status status =
          engine.AuthorizeResource(caller, Query(row.identity));
      AccessReport report;
      EXPECT_EQ(engine.AuthorizeResource(caller, Query(row.identity), &report),
                status);
      EXPECT_EQ(report.result, row.result);
      EXPECT_EQ(report.has_policy, !row.effect.empty());
      EXPECT_EQ(report.resource.statements.size(),
                row.effect.empty() ? 0u : 1u);
      if (row.result == AccessResult::kAllowed) {
        EXPECT_TRUE(status.ok()) << status;
        continue;
      }
      EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied);
      const auto error = ErrorFromStatus(status);
      ASSERT_TRUE(error.has_value());
      EXPECT_EQ(error->code(), v1::ERROR_CODE_ACCESS_DENIED);
      std::string message = absl::StrCat(
          "User: ", caller.principal_arn,
          " is not authorized to perform: glue:GetTable on resource: ", kTable);
      if (observed) message += ReasonOf(row.result);
      EXPECT_EQ(error->message(), message);
    }
  }
}

// The account of a principal that is given decides, not that of the caller who
// asks for it.
TEST(Authorize, APrincipalOfAnotherAccount_NeedsThePolicyToo) {
  for (const char* const arn :
       {kMalloryArn, "arn:aws:iam::210987654321:root",
        "arn:aws:sts::210987654321:assumed-role/reader/session"}) {
    MemoryStorage storage;
    Engine engine(&storage);
    ResourceQuery query = Query(kAllow);
    query.principal = PrincipalFromArn(arn);
    AccessReport report;
    EXPECT_FALSE(engine.AuthorizeResource(kAlice, query, &report).ok()) << arn;
    EXPECT_EQ(report.result, AccessResult::kNotAllowedByResource) << arn;
    Put(&engine, Policy("Allow", "210987654321", "glue:*"));
    EXPECT_TRUE(engine.AuthorizeResource(kAlice, query).ok()) << arn;
    // In a catalog of their own account they need no policy.
    query.catalog_id = "210987654321";
    EXPECT_TRUE(engine.AuthorizeResource(kAlice, query).ok()) << arn;
  }
}

TEST(Authorize, TheDenialOfAService_NamesTheService) {
  MemoryStorage storage;
  Engine engine(&storage);
  ResourceQuery query = Query(kNothing);
  query.principal.emplace();
  query.principal->service = "glue.amazonaws.com";
  const auto error = ErrorFromStatus(engine.AuthorizeResource(kAlice, query));
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->message(),
            absl::StrCat("Service Principal: glue.amazonaws.com is not "
                         "authorized to perform: glue:GetTable on resource: ",
                         kTable));
}

TEST(Authorize, SeesTheStoredPolicyOfTheMoment) {
  MemoryStorage storage;
  Engine engine(&storage);
  const auto allowed = [&](const char* action) {
    ResourceQuery query = Query(kNothing);
    query.action = action;
    return engine.AuthorizeResource(kAlice, query).ok();
  };
  EXPECT_FALSE(allowed("glue:GetTable"));
  Put(&engine, Policy("Allow", kAliceArn, "glue:GetTable"));
  EXPECT_TRUE(allowed("glue:GetTable"));
  EXPECT_TRUE(allowed("glue:GetTable"));
  EXPECT_FALSE(allowed("glue:GetTables"));
  const auto scene = storage.Fork();
  Put(&engine, Policy("Allow", kAliceArn, "glue:GetTables"));
  EXPECT_FALSE(allowed("glue:GetTable"));
  EXPECT_TRUE(allowed("glue:GetTables"));
  ASSERT_TRUE(storage.Restore(*scene).ok());
  EXPECT_TRUE(allowed("glue:GetTable"));
  ASSERT_TRUE(engine.DeleteResourcePolicy(kAlice, {}).ok());
  EXPECT_FALSE(allowed("glue:GetTable"));
}

// A compiled policy decides as long as its record is in force. It no longer
// decides after the record is deleted, or is gone with the whole catalog.
TEST(Authorize, APolicyThatIsGone_DecidesNoMore) {
  MemoryStorage storage;
  Engine engine(&storage);
  const auto ask = [&] {
    AccessReport report;
    const absl::Status status =
        engine.AuthorizeResource(kMallory, Query(kAllow), &report);
    EXPECT_EQ(status.ok(), report.has_policy);
    // Without a report the decision takes another path.
    EXPECT_EQ(engine.AuthorizeResource(kMallory, Query(kAllow)), status);
    return report.has_policy;
  };
  const auto before = storage.Fork();
  EXPECT_FALSE(ask());
  for (const bool deleted : {false, true, false}) {
    Put(&engine, Policy("Allow", "*", "glue:*"));
    // The second answer comes from the cache.
    EXPECT_TRUE(ask());
    EXPECT_TRUE(ask());
    if (deleted) {
      EXPECT_TRUE(engine.DeleteResourcePolicy(kAlice, {}).ok());
    } else {
      ASSERT_TRUE(storage.Restore(*before).ok());
    }
    EXPECT_FALSE(ask());
    EXPECT_FALSE(ask());
  }
}

// A policy decides only in its own catalog, which has an account and a region.
TEST(Authorize, PoliciesOfTwoCatalogs_AreNotMixedUp) {
  MemoryStorage storage;
  Engine engine(&storage);
  const Caller kElsewhere{"123456789012", "us-west-2", kAliceArn};
  Put(&engine, Policy("Allow", "*", "glue:*"));
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json(
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny",)"
      R"("Principal":{"AWS":"*"},"Action":"glue:GetTable",)"
      R"("Resource":"arn:aws:glue:us-west-2:123456789012:*"}]})");
  ASSERT_TRUE(engine.PutResourcePolicy(kElsewhere, put).ok());
  ResourceQuery elsewhere = Query(kAllow);
  elsewhere.resource = "arn:aws:glue:us-west-2:123456789012:table/default/t";
  ResourceQuery other_account = Query(kNothing);
  other_account.catalog_id = "210987654321";
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(engine.AuthorizeResource(kAlice, Query(kNothing)).ok());
    EXPECT_EQ(ErrorCodeOf(engine.AuthorizeResource(kElsewhere, elsewhere)),
              v1::ERROR_CODE_ACCESS_DENIED);
    AccessReport report;
    EXPECT_FALSE(engine.AuthorizeResource(kAlice, other_account, &report).ok());
    EXPECT_FALSE(report.has_policy);
  }
}

TEST(Authorize, CatalogOfTheCallerAndContext_AreFilledIn) {
  MemoryStorage storage;
  Engine engine(&storage);
  Put(&engine,
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow",)"
      R"("Principal":{"AWS":"*"},"Action":"glue:*",)"
      R"("Resource":"arn:aws:glue:us-east-1:123456789012:table/default/*",)"
      R"("Condition":{"StringEquals":{"aws:username":"alice"},)"
      R"("StringLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"},)"
      R"("Bool":{"aws:SecureTransport":"true"}}}]})");
  ResourceQuery query = Query(kNothing);
  query.catalog_id.reset();
  EXPECT_FALSE(engine.AuthorizeResource(kAlice, query).ok());
  query.context["aws:SecureTransport"] = {"true"};
  EXPECT_TRUE(engine.AuthorizeResource(kAlice, query).ok());
  // A key that is given is not replaced.
  query.context["AWS:UserName"] = {"bob"};
  EXPECT_FALSE(engine.AuthorizeResource(kAlice, query).ok());
  // Another region has another catalog.
  Caller elsewhere = kAlice;
  elsewhere.region = "us-west-2";
  query.context.erase("aws:username");
  EXPECT_FALSE(engine.AuthorizeResource(elsewhere, query).ok());
}

TEST(Authorize, KnowsTheCallersRoleAndId) {
  MemoryStorage storage;
  Engine engine(&storage);
  Put(&engine, Policy("Allow", "AROAAAAAAAAAAAAAAAAA", "glue:*"));
  Caller caller = kAlice;
  caller.principal_arn =
      "arn:aws:sts::123456789012:assumed-role/reader/session";
  ResourceQuery query = Query(kNothing);
  // It is unknown whether the entry names the role, which allows nothing.
  AccessReport report;
  EXPECT_FALSE(engine.AuthorizeResource(caller, query, &report).ok());
  EXPECT_EQ(report.resource.kind, DecisionKind::kUndecided);
  caller.unique_id = "AROAAAAAAAAAAAAAAAAA";
  EXPECT_TRUE(engine.AuthorizeResource(caller, query).ok());
  caller.unique_id = "AROABBBBBBBBBBBBBBBB";
  EXPECT_FALSE(engine.AuthorizeResource(caller, query).ok());

  // A principal that is given stands for the caller.
  query.principal = PrincipalFromArn(caller.principal_arn);
  query.principal->unique_id = "AROAAAAAAAAAAAAAAAAA";
  EXPECT_TRUE(engine.AuthorizeResource(caller, query).ok());
}

TEST(Authorize, WhatIsUnknown_DeniesAndAllowsNothing) {
  for (const char* effect : {"Allow", "Deny"}) {
    MemoryStorage storage;
    Engine engine(&storage);
    std::string policy = Policy(effect, "*", "glue:*");
    policy.insert(policy.rfind("}]"),
                  R"(,"Condition":{"StringEquals":{"aws:SourceVpc":"v"}})");
    Put(&engine, policy);
    const bool is_deny = effect == std::string("Deny");
    ResourceQuery query = Query(is_deny ? kAllow : kNothing);
    // Absent.
    EXPECT_EQ(engine.AuthorizeResource(kAlice, query).ok(), is_deny) << effect;
    query.unknown_keys = {"aws:sourcevpc"};
    EXPECT_FALSE(engine.AuthorizeResource(kAlice, query).ok()) << effect;
    query.unknown_keys.clear();
    query.other_keys_unknown = true;
    EXPECT_FALSE(engine.AuthorizeResource(kAlice, query).ok()) << effect;
    query.context["aws:SourceVpc"] = {"v"};
    EXPECT_EQ(engine.AuthorizeResource(kAlice, query).ok(), !is_deny) << effect;
  }
}

TEST(Authorize, ATextThatIsNoPolicy_SaysNothing) {
  MemoryStorage storage;
  EngineOptions options;
  options.behavior.policy_checks = PolicyChecks::kNone;
  Engine engine(&storage, options);
  for (const char* text : {"no json", "{}", R"({"Statement":[]})"}) {
    Put(&engine, text);
    AccessReport report;
    EXPECT_FALSE(
        engine.AuthorizeResource(kAlice, Query(kNothing), &report).ok());
    EXPECT_FALSE(report.has_policy);
    EXPECT_TRUE(engine.AuthorizeResource(kAlice, Query(kAllow)).ok());
  }
}

TEST(Authorize, WorksWithoutBorrowedViews_AndTellsOfAFailingStorage) {
  MemoryStorage memory;
  CopyingStorage copying(&memory);
  FaultInjectingStorage storage(&copying);
  Engine engine(&storage);
  EXPECT_FALSE(engine.AuthorizeResource(kAlice, Query(kNothing)).ok());
  Put(&engine, Policy("Allow", kAliceArn, "glue:GetTable"));
  EXPECT_TRUE(engine.AuthorizeResource(kAlice, Query(kNothing)).ok());
  EXPECT_TRUE(engine.AuthorizeResource(kAlice, Query(kNothing)).ok());
  storage.Add({StorageCall::kRead, 1, 0,
               StorageFault::FailBefore(absl::UnavailableError("down"))});
  EXPECT_EQ(ErrorCodeOf(engine.AuthorizeResource(kAlice, Query(kAllow))),
            v1::ERROR_CODE_INTERNAL_SERVICE);
  storage.Add({StorageCall::kRead, 1, 0,
               StorageFault::FailBefore(absl::DataLossError("broken"))});
  EXPECT_EQ(ErrorFromStatus(engine.AuthorizeResource(kAlice, Query(kAllow)))
                ->detail(),
            v1::Error::DETAIL_DATA_LOSS);
}

TEST(Authorize, ADamagedRecord_IsDataLoss) {
  MemoryStorage storage;
  WriteBatch batch;
  batch.catalog = {kAlice.account_id, kAlice.region};
  batch.branch = storage.Read({batch.catalog, {}, std::nullopt})->branch;
  batch.mutations.push_back({ResourcePolicyKey(), "damaged"});
  ASSERT_TRUE(storage.Commit(batch).ok());
  Engine engine(&storage);
  EXPECT_EQ(ErrorFromStatus(engine.AuthorizeResource(kAlice, Query(kAllow)))
                ->detail(),
            v1::Error::DETAIL_DATA_LOSS);
}

// ---- The hook

// Refuses one operation, and remembers what it was given.
class OneRefused : public Authorizer {
 public:
  explicit OneRefused(Operation refused) : refused_(refused) {}

  std::optional<std::string> Refuse(
      const OperationAccess& access) const override {
    EXPECT_EQ(access.caller.principal_arn, kAliceArn);
    if (access.operation != refused_) return std::nullopt;
    return absl::StrCat("no ", access.action(), " on ", access.resource());
  }

 private:
  const Operation refused_;
};

// Returns a request of each operation that changes or shows something.
std::vector<v1::Request> AllRequests() {
  std::vector<v1::Request> requests(10);
  requests[0].mutable_get_data_catalog_encryption_settings();
  requests[1]
      .mutable_put_data_catalog_encryption_settings()
      ->mutable_data_catalog_encryption_settings();
  requests[2].mutable_put_resource_policy()->set_policy_in_json(
      Policy("Allow", kAliceArn, "glue:GetTables"));
  requests[3].mutable_get_resource_policy();
  requests[4].mutable_delete_resource_policy();
  auto* create = requests[5].mutable_create_security_configuration();
  create->set_name("new");
  create->mutable_encryption_configuration();
  requests[6].mutable_delete_security_configuration()->set_name("old");
  requests[7].mutable_get_security_configuration()->set_name("old");
  requests[8].mutable_get_security_configurations();
  requests[9].mutable_get_resource_policies();
  for (v1::Request& request : ConnectionRequests()) {
    requests.push_back(std::move(request));
  }
  return requests;
}

void SetScene(Engine* engine) {
  Put(engine, Policy("Allow", kAliceArn, "glue:GetTable"));
  v1::CreateSecurityConfigurationRequest create;
  create.set_name("old");
  create.mutable_encryption_configuration();
  ASSERT_TRUE(engine->CreateSecurityConfiguration(kAlice, create).ok());
  ASSERT_FALSE(
      engine->Execute(kAlice, CreateConnectionRequestOf("a")).has_error());
}

// Returns everything that callers can see of the catalog.
std::string StateOf(Engine* engine) {
  std::string state;
  for (const int i : {0, 3, 8, 12}) {
    state += SerializeInOrder(
        engine->Execute(kAlice, AllRequests()[static_cast<size_t>(i)]));
  }
  return state;
}

TEST(Hook, RefusesAnyOperation_AndNothingChanges) {
  for (const v1::Request& request : AllRequests()) {
    SCOPED_TRACE(request.ShortDebugString());
    MemoryStorage storage;
    Engine free(&storage);
    SetScene(&free);
    const std::string before = StateOf(&free);
    const OneRefused authorizer(request.operation_case());
    EngineOptions options;
    options.behavior.api_date = kNewestApiDate;
    options.authorizer = &authorizer;
    Engine engine(&storage, options);
    const v1::Response response = engine.Execute(kAlice, request);
    EXPECT_EQ(response.error().code(), v1::ERROR_CODE_ACCESS_DENIED);
    EXPECT_EQ(response.error().message(),
              absl::StrCat(
                  "no glue:", OperationName(request.operation_case()), " on ",
                  GetOperationInfo(request.operation_case()).catalog_call()
                      ? "arn:aws:glue:us-east-1:123456789012:catalog"
                      : "*"));
    EXPECT_EQ(StateOf(&free), before);
    // All other operations are executed.
    for (const v1::Request& other : AllRequests()) {
      if (other.operation_case() == request.operation_case()) continue;
      // Each runs on its own fork of the storage, so that it succeeds.
      const auto scene = storage.Fork();
      Engine asked(scene.get(), options);
      const v1::Response answer = asked.Execute(kAlice, other);
      EXPECT_FALSE(answer.has_error()) << answer.ShortDebugString();
    }
  }
}

TEST(Hook, ComesBeforeConstraints_AndAfterTheSize) {
  MemoryStorage storage;
  const OneRefused authorizer(v1::Request::kPutResourcePolicy);
  EngineOptions options;
  options.authorizer = &authorizer;
  options.limits.request_bytes_max = 1000;
  Engine engine(&storage, options);
  v1::PutResourcePolicyRequest put;
  EXPECT_EQ(ErrorCodeOf(engine.PutResourcePolicy(kAlice, put).status()),
            v1::ERROR_CODE_ACCESS_DENIED);
  put.set_policy_in_json("no json");
  EXPECT_EQ(ErrorCodeOf(engine.PutResourcePolicy(kAlice, put).status()),
            v1::ERROR_CODE_ACCESS_DENIED);
  put.set_policy_in_json(std::string(2000, 'x'));
  EXPECT_EQ(ErrorCodeOf(engine.PutResourcePolicy(kAlice, put).status()),
            v1::ERROR_CODE_INVALID_INPUT);
  // A caller with access learns which constraint is broken.
  v1::DeleteResourcePolicyRequest remove;
  remove.set_policy_hash_condition("");
  EXPECT_EQ(ErrorCodeOf(engine.DeleteResourcePolicy(kAlice, remove).status()),
            v1::ERROR_CODE_INVALID_INPUT);
  v1::GetSecurityConfigurationsRequest page;
  page.set_next_token("made up");
  EXPECT_EQ(
      ErrorCodeOf(engine.GetSecurityConfigurations(kAlice, page).status()),
      v1::ERROR_CODE_INVALID_INPUT);
}

TEST(Hook, IsNotAskedAboutAPolicyThatIsNotUtf8) {
  MemoryStorage storage;
  ResourcePolicyView policy;
  policy.policy_in_json = "\xFF";
  policy.policy_hash = "hash";
  const CatalogKey key{kAlice.account_id, kAlice.region};
  ASSERT_EQ(*storage.Commit({key,
                             storage.Read(ReadSet{key, {}, {}})->branch,
                             {},
                             {{{RecordKind::kResourcePolicy, ""},
                               EncodeResourcePolicy(CommitId{1}, policy)}}}),
            CommitResult::kCommitted);
  // It would refuse each operation here.
  const OneRefused authorizer(v1::Request::kGetResourcePolicy);
  EngineOptions options;
  options.authorizer = &authorizer;
  Engine engine(&storage, options);
  EXPECT_EQ(ErrorCodeOf(engine.GetResourcePolicy(kAlice, {}).status()),
            v1::ERROR_CODE_INTERNAL_SERVICE);
  EXPECT_EQ(ErrorCodeOf(engine.OpenCatalog(kAlice).VisitResourcePolicy(
                [](const ResourcePolicyView&) { FAIL(); })),
            v1::ERROR_CODE_INTERNAL_SERVICE);
}

TEST(Hook, RefusesTheBorrowedView) {
  MemoryStorage memory;
  CopyingStorage copying(&memory);
  const OneRefused authorizer(v1::Request::kGetResourcePolicy);
  for (Storage* storage :
       {static_cast<Storage*>(&memory), static_cast<Storage*>(&copying)}) {
    EngineOptions options;
    options.authorizer = &authorizer;
    Engine engine(storage, options);
    const Engine::Catalog catalog = engine.OpenCatalog(kAlice);
    const auto never = [](const ResourcePolicyView&) { FAIL(); };
    EXPECT_EQ(ErrorCodeOf(catalog.VisitResourcePolicy(never)),
              v1::ERROR_CODE_ACCESS_DENIED);
    v1::PutResourcePolicyRequest put;
    put.set_policy_in_json(Policy("Allow", kAliceArn, "glue:GetTable"));
    ASSERT_TRUE(engine.PutResourcePolicy(kAlice, put).ok());
    EXPECT_EQ(ErrorCodeOf(catalog.VisitResourcePolicy(never)),
              v1::ERROR_CODE_ACCESS_DENIED);
  }
}

// Changes the policy just before the first commit that passes through.
class PolicyChangesFirst : public ForwardingStorage {
 public:
  PolicyChangesFirst(Storage* base, std::string policy)
      : ForwardingStorage(base), base_(base), policy_(std::move(policy)) {}

  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override {
    if (!changed_) {
      changed_ = true;
      // With the lock-out check the policy could not be put by the caller whom
      // it locks out.
      EngineOptions options;
      options.behavior.policy_checks = PolicyChecks::kGrammar;
      Engine other(base_, options);
      Put(&other, policy_);
    }
    return ForwardingStorage::Commit(batch);
  }

 private:
  Storage* const base_;
  const std::string policy_;
  bool changed_ = false;
};

// The policy allows the write when it is checked and denies it when it is
// committed. The write must not happen.
TEST(Hook, APolicyThatChangesBetweenCheckAndWrite_IsJudgedAgain) {
  for (const v1::Request& request : AllRequests()) {
    const v1::OperationInfo& info = GetOperationInfo(request.operation_case());
    if (info.read_only() || !info.catalog_call()) continue;
    SCOPED_TRACE(request.ShortDebugString());
    MemoryStorage memory;
    Engine free(&memory);
    SetScene(&free);
    PolicyChangesFirst storage(&memory, Policy("Deny", kAliceArn, "glue:*"));
    const PolicyAuthorizer authorizer(kAllow);
    EngineOptions options;
    options.authorizer = &authorizer;
    Engine engine(&storage, options);
    const v1::Response response = engine.Execute(kAlice, request);
    EXPECT_EQ(response.error().code(), v1::ERROR_CODE_ACCESS_DENIED)
        << response.ShortDebugString();
    EXPECT_EQ(free.GetResourcePolicy(kAlice, {})->policy_in_json(),
              Policy("Deny", kAliceArn, "glue:*"));
    v1::GetSecurityConfigurationRequest get;
    get.set_name("old");
    EXPECT_TRUE(free.GetSecurityConfiguration(kAlice, get).ok());
    get.set_name("new");
    EXPECT_FALSE(free.GetSecurityConfiguration(kAlice, get).ok());
  }
}

TEST(PolicyAuthorizer, LetsTheOwnAccountIn_AndOthersByThePolicyOnly) {
  MemoryStorage storage;
  const PolicyAuthorizer authorizer(DecisionKind::kAllow);
  EngineOptions options;
  options.authorizer = &authorizer;
  Engine engine(&storage, options);
  v1::GetDataCatalogEncryptionSettingsRequest get;
  get.set_catalog_id("123456789012");
  EXPECT_TRUE(engine.GetDataCatalogEncryptionSettings(kAlice, get).ok());
  const auto refused = engine.GetDataCatalogEncryptionSettings(kMallory, get);
  EXPECT_EQ(refused.status().message(),
            absl::StrCat("AccessDeniedException: User: ", kMalloryArn,
                         " is not authorized to perform: "
                         "glue:GetDataCatalogEncryptionSettings on resource: "
                         "arn:aws:glue:us-east-1:123456789012:catalog"));
  Put(&engine, Policy("Allow", "210987654321", "glue:Get*"));
  EXPECT_TRUE(engine.GetDataCatalogEncryptionSettings(kMallory, get).ok());
  v1::PutDataCatalogEncryptionSettingsRequest put;
  put.set_catalog_id("123456789012");
  put.mutable_data_catalog_encryption_settings();
  EXPECT_FALSE(engine.PutDataCatalogEncryptionSettings(kMallory, put).ok());
}

TEST(PolicyAuthorizer, AsksTheIdentityPolicies) {
  MemoryStorage storage;
  const PolicyAuthorizer authorizer(
      [](const OperationAccess& access) {
        return access.operation == v1::Request::kGetSecurityConfigurations
                   ? DecisionKind::kAllow
                   : DecisionKind::kImplicitDeny;
      },
      Behavior::Observed());
  EngineOptions options;
  options.authorizer = &authorizer;
  Engine engine(&storage, options);
  EXPECT_TRUE(engine.GetSecurityConfigurations(kAlice, {}).ok());
  EXPECT_EQ(engine.GetResourcePolicy(kAlice, {}).status().message(),
            absl::StrCat("AccessDeniedException: User: ", kAliceArn,
                         " is not authorized to perform: glue:GetResourcePolicy"
                         " on resource: "
                         "arn:aws:glue:us-east-1:123456789012:catalog because "
                         "no identity-based policy allows the "
                         "glue:GetResourcePolicy action"));
}

}  // namespace
}  // namespace glue_security
