// Runs the examples of the operation pages of docs/reference, which are
// between marks, and tests that each has the result that its page says.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// The members have the names that the examples use.
struct ReferenceExamplesTest : testing::Test {
  explicit ReferenceExamplesTest(EngineOptions options = EngineOptions())
      : engine(&storage, std::move(options)) {}

  // `hash_that_i_read` is the hash of the policy that the caller has read.
  void PutResourcePolicy(const std::string& hash_that_i_read,
                         v1::ErrorCode expected) {
    const std::string document =
        R"({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*",)"
        R"("Resource": "arn:aws:glue:us-east-1:123456789012:*"}})";
    // [PutResourcePolicy]
    v1::PutResourcePolicyRequest request;
    request.set_policy_in_json(document);
    request.set_policy_hash_condition(hash_that_i_read);
    const auto response = engine.PutResourcePolicy(caller, request);
    if (ErrorCodeOf(response.status()) ==
        v1::ERROR_CODE_CONDITION_CHECK_FAILURE) {
      // somebody was faster: read again
    }
    // [PutResourcePolicy end]
    EXPECT_EQ(ErrorCodeOf(response.status()), expected);
  }

  void DeleteResourcePolicy(const std::string& hash_that_i_read,
                            v1::ErrorCode expected) {
    // [DeleteResourcePolicy]
    v1::DeleteResourcePolicyRequest request;
    request.set_policy_hash_condition(hash_that_i_read);
    const auto response = engine.DeleteResourcePolicy(caller, request);
    // [DeleteResourcePolicy end]
    EXPECT_EQ(ErrorCodeOf(response.status()), expected);
  }

  // Returns the hash of the policy in force, or "" if there is none.
  std::string HashOfPolicy() {
    // [GetResourcePolicy]
    const auto response = engine.GetResourcePolicy(caller, {});
    // response->policy_in_json(), response->policy_hash()
    // [GetResourcePolicy end]
    if (!response.ok()) {
      EXPECT_EQ(ErrorCodeOf(response.status()),
                v1::ERROR_CODE_ENTITY_NOT_FOUND);
      return "";
    }
    EXPECT_NE(response->policy_in_json(), "");
    return response->policy_hash();
  }

  // Returns the number of policies.
  int GetResourcePolicies() {
    // [GetResourcePolicies]
    const auto response = engine.GetResourcePolicies(caller, {});
    // response->policies()
    // [GetResourcePolicies end]
    EXPECT_EQ(response.status(), absl::OkStatus());
    return response.ok() ? response->policies_size() : -1;
  }

  void CreateSecurityConfiguration(v1::ErrorCode expected) {
    // [CreateSecurityConfiguration]
    v1::CreateSecurityConfigurationRequest request;
    request.set_name("gold");
    auto* s3 = request.mutable_encryption_configuration()
                   ->mutable_s3_encryption()
                   ->add_elements();
    s3->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_S3);
    const auto response = engine.CreateSecurityConfiguration(caller, request);
    // [CreateSecurityConfiguration end]
    EXPECT_EQ(ErrorCodeOf(response.status()), expected);
    EXPECT_EQ(response.ok() ? response->name() : "gold", "gold");
  }

  void DeleteSecurityConfiguration(v1::ErrorCode expected) {
    // [DeleteSecurityConfiguration]
    v1::DeleteSecurityConfigurationRequest request;
    request.set_name("gold");
    const auto response = engine.DeleteSecurityConfiguration(caller, request);
    // [DeleteSecurityConfiguration end]
    EXPECT_EQ(ErrorCodeOf(response.status()), expected);
  }

  void GetSecurityConfiguration(v1::ErrorCode expected) {
    // [GetSecurityConfiguration]
    v1::GetSecurityConfigurationRequest request;
    request.set_name("gold");
    const auto response = engine.GetSecurityConfiguration(caller, request);
    // [GetSecurityConfiguration end]
    EXPECT_EQ(ErrorCodeOf(response.status()), expected);
    if (!response.ok()) return;
    const auto& s3 = response->security_configuration()
                         .encryption_configuration()
                         .s3_encryption();
    ASSERT_EQ(s3.elements_size(), 1);
    EXPECT_EQ(s3.elements(0).s3_encryption_mode(),
              v1::S3_ENCRYPTION_MODE_SSE_S3);
  }

  absl::Status GetSecurityConfigurations() {
    // [GetSecurityConfigurations]
    v1::GetSecurityConfigurationsRequest request;
    do {
      const auto page = engine.GetSecurityConfigurations(caller, request);
      if (!page.ok()) return page.status();
      // page->security_configurations()
      request.set_next_token(page->next_token());
    } while (!request.next_token().empty());
    // [GetSecurityConfigurations end]
    return absl::OkStatus();
  }

  void PutDataCatalogEncryptionSettings() {
    // [PutDataCatalogEncryptionSettings]
    v1::PutDataCatalogEncryptionSettingsRequest request;
    auto* at_rest = request.mutable_data_catalog_encryption_settings()
                        ->mutable_encryption_at_rest();
    at_rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
    at_rest->set_sse_aws_kms_key_id("alias/my-key");
    const auto response =
        engine.PutDataCatalogEncryptionSettings(caller, request);
    // [PutDataCatalogEncryptionSettings end]
    EXPECT_EQ(response.status(), absl::OkStatus());
  }

  std::string KeyOfSettings() {
    // [GetDataCatalogEncryptionSettings]
    v1::GetDataCatalogEncryptionSettingsRequest request;
    const auto response =
        engine.GetDataCatalogEncryptionSettings(caller, request);
    // response->data_catalog_encryption_settings()
    // [GetDataCatalogEncryptionSettings end]
    EXPECT_EQ(response.status(), absl::OkStatus());
    return response->data_catalog_encryption_settings()
        .encryption_at_rest()
        .sse_aws_kms_key_id();
  }

  void CreateConnection(v1::ErrorCode expected) {
    // [CreateConnection]
    v1::CreateConnectionRequest request;
    v1::ConnectionInput* input = request.mutable_connection_input();
    input->set_name("orders");
    input->set_connection_type(v1::CONNECTION_TYPE_JDBC);
    auto& properties =
        *input->mutable_connection_properties()->mutable_elements();
    properties["JDBC_CONNECTION_URL"] = "jdbc:postgresql://db:5432/orders";
    properties["USERNAME"] = "alice";
    properties["PASSWORD"] = "secret";
    const auto response = engine.CreateConnection(caller, request);
    // [CreateConnection end]
    EXPECT_EQ(ErrorCodeOf(response.status()), expected);
  }

  // Returns the properties of the connection, or nullopt when there is none.
  std::optional<std::map<std::string, std::string>> GetConnection(
      bool hide_password) {
    // [GetConnection]
    v1::GetConnectionRequest request;
    request.set_name("orders");
    request.set_hide_password(hide_password);
    const auto response = engine.GetConnection(caller, request);
    // response->connection()
    // [GetConnection end]
    if (!response.ok()) {
      EXPECT_EQ(ErrorCodeOf(response.status()),
                v1::ERROR_CODE_ENTITY_NOT_FOUND);
      return std::nullopt;
    }
    const auto& properties =
        response->connection().connection_properties().elements();
    return std::map<std::string, std::string>(properties.begin(),
                                              properties.end());
  }

  absl::Status GetConnections(std::vector<std::string>* names) {
    // [GetConnections]
    v1::GetConnectionsRequest request;
    request.mutable_filter()->set_connection_type(v1::CONNECTION_TYPE_JDBC);
    do {
      const auto page = engine.GetConnections(caller, request);
      if (!page.ok()) return page.status();
      for (const v1::Connection& connection : page->connection_list()) {
        names->push_back(connection.name());
      }
      request.set_next_token(page->next_token());
    } while (!request.next_token().empty());
    // [GetConnections end]
    return absl::OkStatus();
  }

  void UpdateConnection(v1::ErrorCode expected) {
    // [UpdateConnection]
    v1::UpdateConnectionRequest request;
    request.set_name("orders");
    v1::ConnectionInput* input = request.mutable_connection_input();
    input->set_name("orders");
    input->set_connection_type(v1::CONNECTION_TYPE_JDBC);
    // No property is kept: the connection has no password from now on.
    (*input->mutable_connection_properties()->mutable_elements())["HOST"] =
        "db";
    const auto response = engine.UpdateConnection(caller, request);
    // [UpdateConnection end]
    EXPECT_EQ(ErrorCodeOf(response.status()), expected);
  }

  void DeleteConnection(v1::ErrorCode expected) {
    // [DeleteConnection]
    v1::DeleteConnectionRequest request;
    request.set_connection_name("orders");
    const auto response = engine.DeleteConnection(caller, request);
    // [DeleteConnection end]
    EXPECT_EQ(ErrorCodeOf(response.status()), expected);
  }

  // Returns the code of the error for each name of which there is one.
  std::map<std::string, std::string> BatchDeleteConnection() {
    // [BatchDeleteConnection]
    v1::BatchDeleteConnectionRequest request;
    for (const char* name : {"orders", "customers"}) {
      request.mutable_connection_name_list()->add_elements(name);
    }
    const auto response = engine.BatchDeleteConnection(caller, request);
    // response->succeeded(), response->errors()
    // [BatchDeleteConnection end]
    EXPECT_EQ(response.status(), absl::OkStatus());
    std::map<std::string, std::string> codes;
    if (!response.ok()) return codes;
    EXPECT_EQ(response->succeeded_size() + response->errors_size(), 2);
    for (const auto& [name, detail] : response->errors()) {
      codes[name] = detail.error_code();
    }
    return codes;
  }

  const Caller caller = {"123456789012", "us-east-1", ""};
  MemoryStorage storage;
  Engine engine;
};

// With the newest model of the service.
struct NewestReferenceExamplesTest : ReferenceExamplesTest {
  NewestReferenceExamplesTest() : ReferenceExamplesTest(Newest()) {}

  static EngineOptions Newest() {
    EngineOptions options;
    options.behavior.api_date = kNewestApiDate;
    return options;
  }
};

constexpr v1::ErrorCode kNoError = v1::ERROR_CODE_UNSPECIFIED;

TEST_F(ReferenceExamplesTest, ResourcePolicy_StaleHash_LeavesPolicyUnchanged) {
  EXPECT_EQ(HashOfPolicy(), "");
  v1::PutResourcePolicyRequest first;
  first.set_policy_in_json(
      R"({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "glue:*",)"
      R"("Resource": "arn:aws:glue:us-east-1:123456789012:database/x"}})");
  ASSERT_EQ(engine.PutResourcePolicy(caller, first).status(), absl::OkStatus());
  const std::string read = HashOfPolicy();

  PutResourcePolicy(read, kNoError);
  const std::string written = HashOfPolicy();
  EXPECT_NE(written, read);
  PutResourcePolicy(read, v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
  DeleteResourcePolicy(read, v1::ERROR_CODE_CONDITION_CHECK_FAILURE);
  EXPECT_EQ(HashOfPolicy(), written);

  DeleteResourcePolicy(written, kNoError);
  EXPECT_EQ(HashOfPolicy(), "");
}

TEST_F(ReferenceExamplesTest, SecurityConfiguration_IsCreatedReadAndDeleted) {
  GetSecurityConfiguration(v1::ERROR_CODE_ENTITY_NOT_FOUND);
  CreateSecurityConfiguration(kNoError);
  CreateSecurityConfiguration(v1::ERROR_CODE_ALREADY_EXISTS);
  GetSecurityConfiguration(kNoError);
  EXPECT_EQ(GetSecurityConfigurations(), absl::OkStatus());
  DeleteSecurityConfiguration(kNoError);
  DeleteSecurityConfiguration(v1::ERROR_CODE_ENTITY_NOT_FOUND);
}

TEST_F(NewestReferenceExamplesTest, ResourcePolicies_AreOneOrNone) {
  EXPECT_EQ(GetResourcePolicies(), 0);
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json(
      R"({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "glue:*",)"
      R"("Resource": "arn:aws:glue:us-east-1:123456789012:database/x"}})");
  ASSERT_EQ(engine.PutResourcePolicy(caller, put).status(), absl::OkStatus());
  EXPECT_EQ(GetResourcePolicies(), 1);
}

TEST_F(ReferenceExamplesTest, Connection_IsCreatedReadReplacedAndDeleted) {
  using Properties = std::map<std::string, std::string>;
  EXPECT_EQ(GetConnection(false), std::nullopt);
  UpdateConnection(v1::ERROR_CODE_ENTITY_NOT_FOUND);
  CreateConnection(kNoError);
  CreateConnection(v1::ERROR_CODE_ALREADY_EXISTS);
  Properties properties = {
      {"JDBC_CONNECTION_URL", "jdbc:postgresql://db:5432/orders"},
      {"USERNAME", "alice"},
      {"PASSWORD", "secret"}};
  EXPECT_EQ(GetConnection(false), properties);
  properties.erase("PASSWORD");
  EXPECT_EQ(GetConnection(true), properties);
  std::vector<std::string> names;
  EXPECT_EQ(GetConnections(&names), absl::OkStatus());
  EXPECT_EQ(names, std::vector<std::string>{"orders"});
  UpdateConnection(kNoError);
  EXPECT_EQ(GetConnection(false), (Properties{{"HOST", "db"}}));
  DeleteConnection(kNoError);
  DeleteConnection(v1::ERROR_CODE_ENTITY_NOT_FOUND);
  CreateConnection(kNoError);
  EXPECT_EQ(BatchDeleteConnection(),
            (Properties{{"customers", "EntityNotFoundException"}}));
  EXPECT_EQ(GetConnection(false), std::nullopt);
}

TEST_F(ReferenceExamplesTest, EncryptionSettings_AreWhatWasPut) {
  EXPECT_EQ(KeyOfSettings(), "");
  PutDataCatalogEncryptionSettings();
  EXPECT_EQ(KeyOfSettings(), "alias/my-key");
}

}  // namespace
}  // namespace glue_security
