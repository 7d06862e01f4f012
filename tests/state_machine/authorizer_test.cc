// The core with an authorizer: the arguments it gets, the order of its refusal
// among the other errors, and that a write applies only while the policy that
// allowed it is in force.

#include "glue_security/state_machine/authorizer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/resource_policy.h"
#include "glue_security/state_machine/step.h"
#include "glue_security/state_machine/stored_record.h"
#include "gtest/gtest.h"
#include "tests/support/connection_requests.h"
#include "tests/testing/loose.h"

namespace glue_security {
namespace {

const Caller kCaller{"123456789012", "us-east-1", ""};
constexpr CommitId kId = {9};
constexpr Revision kPolicyRevision = 41;
constexpr Revision kOtherRevision = 7;

// Records its arguments.
class Noting : public Authorizer {
 public:
  std::optional<std::string> Refuse(
      const OperationAccess& access) const override {
    ++asked;
    action = access.action();
    resource = access.resource();
    has_policy = access.policy != nullptr;
    if (has_policy) text = std::string(access.policy->policy_in_json);
    return refusal;
  }

  std::optional<std::string> refusal;
  mutable int asked = 0;
  mutable bool has_policy = false;
  mutable std::string action;
  mutable std::string resource;
  mutable std::string text;
};

// Returns one request of each operation.
std::vector<v1::Request> AllRequests() {
  std::vector<v1::Request> requests(10);
  requests[0].mutable_get_data_catalog_encryption_settings();
  requests[1]
      .mutable_put_data_catalog_encryption_settings()
      ->mutable_data_catalog_encryption_settings();
  requests[2].mutable_put_resource_policy()->set_policy_in_json("{}");
  requests[3].mutable_get_resource_policy();
  requests[4].mutable_delete_resource_policy();
  auto* create = requests[5].mutable_create_security_configuration();
  create->set_name("new");
  create->mutable_encryption_configuration();
  requests[6].mutable_delete_security_configuration()->set_name("name");
  requests[7].mutable_get_security_configuration()->set_name("name");
  requests[8].mutable_get_security_configurations();
  requests[9].mutable_get_resource_policies();
  for (v1::Request& request : ConnectionRequests()) {
    requests.push_back(std::move(request));
  }
  return requests;
}

// Returns true unless the call is about security configurations, which the
// policy of the catalog does not name.
bool IsCatalogCall(const v1::Request& request) {
  return !absl::StrContains(OperationName(request.operation_case()),
                            "SecurityConfiguration");
}

class AuthorizerTest : public testing::Test {
 protected:
  AuthorizerTest() { options_.authorizer = &authorizer_; }

  static std::string Policy(const std::string& text, bool deleted = false) {
    ResourcePolicyView view;
    view.policy_in_json = text;
    view.policy_hash = "hash";
    view.deleted = deleted;
    return EncodeResourcePolicy(kId, view);
  }

  // Returns a snapshot with `policy_` as the policy's record, when set, a count
  // of one, and the configuration "name".
  Snapshot Read(const ReadSet& read_set) const {
    Snapshot snapshot;
    for (const RecordKey& key : read_set.keys) {
      std::optional<Record> record;
      v1::StoredRecord stored;
      if (key == ResourcePolicyKey()) {
        if (policy_.has_value()) record = Record{kPolicyRevision, *policy_};
      } else if (key.kind == RecordKind::kConfigurationCount) {
        stored.mutable_configuration_count()->set_count(1);
        record = Record{kOtherRevision, EncodeRecord(kId, std::move(stored))};
      } else if (key.id == "name") {
        stored.mutable_security_configuration();
        record = Record{kOtherRevision, EncodeRecord(kId, std::move(stored))};
      }
      snapshot.records.push_back(std::move(record));
    }
    if (read_set.range.has_value()) snapshot.range.emplace();
    return snapshot;
  }

  Transition Run(const v1::Request& request) const {
    return Step(kCaller, request, options_, absl::UnixEpoch(), kId,
                [this](const ReadSet& read_set) { return Read(read_set); });
  }

  static v1::Error ErrorOf(const Transition& transition) {
    EXPECT_TRUE(transition.write_batch.empty());
    EXPECT_TRUE(transition.write_batch.preconditions.empty());
    const auto* error = std::get_if<v1::Error>(&transition.outcome);
    EXPECT_NE(error, nullptr);
    return error == nullptr ? v1::Error() : *error;
  }

  Noting authorizer_;
  CoreOptions options_ = NewestCoreOptions();
  std::optional<std::string> policy_;
};

TEST_F(AuthorizerTest, IsShownTheActionAndTheCatalog) {
  const char* const actions[] = {"glue:GetDataCatalogEncryptionSettings",
                                 "glue:PutDataCatalogEncryptionSettings",
                                 "glue:PutResourcePolicy",
                                 "glue:GetResourcePolicy",
                                 "glue:DeleteResourcePolicy",
                                 "glue:CreateSecurityConfiguration",
                                 "glue:DeleteSecurityConfiguration",
                                 "glue:GetSecurityConfiguration",
                                 "glue:GetSecurityConfigurations",
                                 "glue:GetResourcePolicies",
                                 "glue:CreateConnection",
                                 "glue:GetConnection",
                                 "glue:GetConnections",
                                 "glue:UpdateConnection",
                                 "glue:DeleteConnection",
                                 "glue:BatchDeleteConnection"};
  const std::vector<v1::Request> requests = AllRequests();
  for (size_t i = 0; i < requests.size(); ++i) {
    Run(requests[i]);
    EXPECT_EQ(authorizer_.action, actions[i]);
    EXPECT_EQ(authorizer_.resource,
              IsCatalogCall(requests[i])
                  ? "arn:aws:glue:us-east-1:123456789012:catalog"
                  : "*");
  }
  EXPECT_EQ(authorizer_.asked, 16);
}

TEST_F(AuthorizerTest, ReadsThePolicyOnceForEveryCatalogCall) {
  for (const v1::Request& request : AllRequests()) {
    const auto prepared = Prepare(kCaller, request, &options_);
    const auto& keys = std::get<PreparedOperation>(prepared).read_set.keys;
    EXPECT_EQ(std::count(keys.begin(), keys.end(), ResourcePolicyKey()),
              IsCatalogCall(request) ? 1 : 0)
        << request.ShortDebugString();
  }
}

TEST_F(AuthorizerTest, IsShownThePolicyThatIsInForce) {
  for (const v1::Request& request : AllRequests()) {
    SCOPED_TRACE(request.ShortDebugString());
    policy_.reset();
    Run(request);
    EXPECT_FALSE(authorizer_.has_policy);
    policy_ = Policy("{}");
    Run(request);
    EXPECT_EQ(authorizer_.has_policy, IsCatalogCall(request));
    if (authorizer_.has_policy) {
      EXPECT_EQ(authorizer_.text, "{}");
    }
    policy_ = Policy("{}", /*deleted=*/true);
    Run(request);
    EXPECT_FALSE(authorizer_.has_policy);
  }
}

TEST_F(AuthorizerTest, ADamagedPolicy_IsDataLossAndNobodyIsAsked) {
  for (const std::string& record :
       {std::string("damaged"), Policy("invalid UTF-8: \xFF")}) {
    policy_ = record;
    for (const v1::Request& request : AllRequests()) {
      // The others do not read the policy.
      if (!IsCatalogCall(request)) continue;
      SCOPED_TRACE(request.ShortDebugString());
      const v1::Error error = ErrorOf(Run(request));
      EXPECT_EQ(error.code(), v1::ERROR_CODE_INTERNAL_SERVICE);
      EXPECT_EQ(error.detail(), v1::Error::DETAIL_DATA_LOSS);
      EXPECT_EQ(error.message(), "a stored record is damaged");
    }
  }
  EXPECT_EQ(authorizer_.asked, 0);
}

// A refusal precedes every error of the request except its size.
TEST_F(AuthorizerTest, ARefusal_HidesWhatElseIsWrong) {
  authorizer_.refusal = "not you";
  for (v1::Request request : AllRequests()) {
    SCOPED_TRACE(request.ShortDebugString());
    const v1::Error error = ErrorOf(Run(request));
    EXPECT_EQ(error.code(), v1::ERROR_CODE_ACCESS_DENIED);
    EXPECT_EQ(error.message(), "not you");
  }
  v1::Request broken;
  broken.mutable_put_resource_policy()->set_policy_in_json("x");
  EXPECT_EQ(ErrorOf(Run(broken)).code(), v1::ERROR_CODE_ACCESS_DENIED);
  // A ResourceArn that is not the catalog's, too.
  v1::Request foreign;
  foreign.mutable_get_resource_policy()->set_resource_arn(
      "arn:aws:glue:us-east-1:123456789012:table/d/t");
  EXPECT_EQ(ErrorOf(Run(foreign)).code(), v1::ERROR_CODE_ACCESS_DENIED);
  authorizer_.refusal.reset();
  EXPECT_EQ(ErrorOf(Run(broken)).code(), v1::ERROR_CODE_INVALID_INPUT);
  EXPECT_EQ(ErrorOf(Run(foreign)).code(), v1::ERROR_CODE_ENTITY_NOT_FOUND);
  authorizer_.refusal = "not you";
  options_.limits.request_bytes_max = 1;
  EXPECT_EQ(ErrorOf(Run(broken)).code(), v1::ERROR_CODE_INVALID_INPUT);
}

// An operation that is not in force is refused before anybody is asked.
TEST_F(AuthorizerTest, AnOperationBeforeItsDate_IsNotAskedAbout) {
  options_.behavior.api_date = kContractDate;
  authorizer_.refusal = "not you";
  v1::Request request;
  request.mutable_get_resource_policies();
  EXPECT_EQ(ErrorOf(Run(request)).code(), v1::ERROR_CODE_INVALID_INPUT);
  EXPECT_EQ(authorizer_.asked, 0);
}

// A write applies only while the policy that allowed it is in force.
TEST_F(AuthorizerTest, AWrite_DependsOnThePolicyThatWasRead) {
  for (const bool has_policy : {false, true}) {
    policy_.reset();
    if (has_policy) policy_ = Policy("{}");
    for (const v1::Request& request : AllRequests()) {
      SCOPED_TRACE(request.ShortDebugString());
      const WriteBatch batch = Run(request).write_batch;
      if (batch.empty()) {
        EXPECT_TRUE(batch.preconditions.empty());
        continue;
      }
      int guards = 0;
      for (const Precondition& precondition : batch.preconditions) {
        if (precondition.key != ResourcePolicyKey()) continue;
        ++guards;
        EXPECT_EQ(precondition.revision,
                  has_policy ? std::optional<Revision>(kPolicyRevision)
                             : std::nullopt);
      }
      EXPECT_EQ(guards, IsCatalogCall(request) ? 1 : 0);
    }
  }
}

}  // namespace
}  // namespace glue_security
