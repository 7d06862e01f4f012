#include "glue_security/model/operation.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "glue_security/v1/service.pb.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

TEST(Operation, TheNineOfTheContract_InItsOrder_ThenTheOthers) {
  std::vector<std::string> names;
  for (const Operation operation : kAllOperations) {
    names.emplace_back(OperationName(operation));
  }
  EXPECT_THAT(
      names,
      ElementsAre("GetDataCatalogEncryptionSettings",
                  "PutDataCatalogEncryptionSettings", "PutResourcePolicy",
                  "GetResourcePolicy", "DeleteResourcePolicy",
                  "CreateSecurityConfiguration", "DeleteSecurityConfiguration",
                  "GetSecurityConfiguration", "GetSecurityConfigurations",
                  "GetResourcePolicies", "CreateConnection", "GetConnection",
                  "GetConnections", "UpdateConnection", "DeleteConnection",
                  "BatchDeleteConnection"));
}

TEST(Operation, Info_IsThatOfTheContract) {
  for (const Operation operation : kAllOperations) {
    const v1::OperationInfo& info = GetOperationInfo(operation);
    EXPECT_EQ(info.name(), std::string(OperationName(operation)));
    EXPECT_EQ(info.read_only(), absl::StartsWith(info.name(), "Get"));
    EXPECT_THAT(info.errors(), Contains(v1::ERROR_CODE_OPERATION_TIMEOUT))
        << info.name();
    // The page of the connections lists fewer errors.
    if (info.resource() != v1::RESOURCE_CONNECTION) {
      EXPECT_THAT(info.errors(), Contains(v1::ERROR_CODE_INVALID_INPUT))
          << info.name();
      EXPECT_THAT(info.errors(), Contains(v1::ERROR_CODE_INTERNAL_SERVICE))
          << info.name();
    }
    // The fields of the envelopes are named after the operation.
    const auto* field = v1::Request::descriptor()->FindFieldByNumber(operation);
    EXPECT_EQ(field->message_type()->name(),
              absl::StrCat(info.name(), "Request"));
    const auto* answer =
        v1::Response::descriptor()->FindFieldByNumber(operation);
    EXPECT_EQ(answer->message_type()->name(),
              absl::StrCat(info.name(), "Response"));
  }
}

TEST(Operation, NoneAndUnknown_HaveNoNameAndNoErrors) {
  for (const Operation operation : {kNoOperation, static_cast<Operation>(12)}) {
    EXPECT_EQ(OperationName(operation), "");
    EXPECT_EQ(GetOperationInfo(operation).errors_size(), 0);
    EXPECT_FALSE(GetOperationInfo(operation).read_only());
  }
}

TEST(ErrorCodeName, OfEveryCode) {
  std::set<std::string> names;
  for (int i = 0; i < v1::ErrorCode_descriptor()->value_count(); ++i) {
    const auto code = static_cast<v1::ErrorCode>(
        v1::ErrorCode_descriptor()->value(i)->number());
    const std::string name(ErrorCodeName(code));
    EXPECT_TRUE(names.insert(name).second) << name;
    if (code == v1::ERROR_CODE_UNSPECIFIED) {
      EXPECT_EQ(name, "");
    } else {
      EXPECT_TRUE(absl::EndsWith(name, "Exception")) << name;
    }
  }
  EXPECT_EQ(ErrorCodeName(v1::ERROR_CODE_CONDITION_CHECK_FAILURE),
            "ConditionCheckFailureException");
  EXPECT_EQ(ErrorCodeName(static_cast<v1::ErrorCode>(99)), "");
}

// Checks that a reference to a message names its operation and borrows it.
template <typename Request>
void ExpectRefersTo(const Request& request, Operation operation) {
  const RequestRef ref(request);
  EXPECT_EQ(ref.operation(), operation);
  EXPECT_EQ(&ref.message(), &request);
  EXPECT_EQ(&ref.as<Request>(), &request);
  EXPECT_TRUE(ref.unparsed_values().empty());
}

TEST(RequestRef, OfEachMessage_NamesItsOperation) {
  ExpectRefersTo(v1::GetDataCatalogEncryptionSettingsRequest(),
                 v1::Request::kGetDataCatalogEncryptionSettings);
  ExpectRefersTo(v1::PutDataCatalogEncryptionSettingsRequest(),
                 v1::Request::kPutDataCatalogEncryptionSettings);
  ExpectRefersTo(v1::PutResourcePolicyRequest(),
                 v1::Request::kPutResourcePolicy);
  ExpectRefersTo(v1::GetResourcePolicyRequest(),
                 v1::Request::kGetResourcePolicy);
  ExpectRefersTo(v1::DeleteResourcePolicyRequest(),
                 v1::Request::kDeleteResourcePolicy);
  ExpectRefersTo(v1::CreateSecurityConfigurationRequest(),
                 v1::Request::kCreateSecurityConfiguration);
  ExpectRefersTo(v1::DeleteSecurityConfigurationRequest(),
                 v1::Request::kDeleteSecurityConfiguration);
  ExpectRefersTo(v1::GetSecurityConfigurationRequest(),
                 v1::Request::kGetSecurityConfiguration);
  ExpectRefersTo(v1::GetSecurityConfigurationsRequest(),
                 v1::Request::kGetSecurityConfigurations);
}

TEST(RequestRef, OfAnEnvelope_IsThatOfWhatItCarries) {
  for (const Operation operation : kAllOperations) {
    v1::Request envelope;
    const auto* field = v1::Request::descriptor()->FindFieldByNumber(operation);
    const google::protobuf::Message* message =
        envelope.GetReflection()->MutableMessage(&envelope, field);
    envelope.add_unparsed_values()->set_path("p");
    const RequestRef ref(envelope);
    EXPECT_EQ(ref.operation(), operation);
    EXPECT_EQ(&ref.message(), message);
    EXPECT_EQ(&ref.unparsed_values(), &envelope.unparsed_values());
  }
  EXPECT_EQ(RequestRef(v1::Request()).operation(), kNoOperation);
}

// Checks that the answer is in the envelope's field for its operation.
template <typename Response>
void ExpectMovesTo(Response response, v1::Response::OutcomeCase place) {
  const v1::Response envelope = ToResponse(std::move(response));
  EXPECT_EQ(envelope.outcome_case(), place);
}

TEST(ToResponse, OfEachOutcome_StandsInItsPlace) {
  ExpectMovesTo(v1::GetDataCatalogEncryptionSettingsResponse(),
                v1::Response::kGetDataCatalogEncryptionSettings);
  ExpectMovesTo(v1::PutDataCatalogEncryptionSettingsResponse(),
                v1::Response::kPutDataCatalogEncryptionSettings);
  ExpectMovesTo(v1::PutResourcePolicyResponse(),
                v1::Response::kPutResourcePolicy);
  ExpectMovesTo(v1::GetResourcePolicyResponse(),
                v1::Response::kGetResourcePolicy);
  ExpectMovesTo(v1::DeleteResourcePolicyResponse(),
                v1::Response::kDeleteResourcePolicy);
  ExpectMovesTo(v1::CreateSecurityConfigurationResponse(),
                v1::Response::kCreateSecurityConfiguration);
  ExpectMovesTo(v1::DeleteSecurityConfigurationResponse(),
                v1::Response::kDeleteSecurityConfiguration);
  ExpectMovesTo(v1::GetSecurityConfigurationResponse(),
                v1::Response::kGetSecurityConfiguration);
  ExpectMovesTo(v1::GetSecurityConfigurationsResponse(),
                v1::Response::kGetSecurityConfigurations);
  ExpectMovesTo(v1::Error(), v1::Response::kError);
}

TEST(ToResponse, KeepsWhatItCarries) {
  v1::PutResourcePolicyResponse response;
  response.set_policy_hash("h");
  EXPECT_EQ(ToResponse(response).put_resource_policy().policy_hash(), "h");
  v1::Error error;
  error.set_message("m");
  EXPECT_EQ(ToResponse(error).error().message(), "m");
}

}  // namespace
}  // namespace glue_security
