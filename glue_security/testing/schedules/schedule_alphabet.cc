#include "glue_security/testing/schedules/schedule_alphabet.h"

#include <utility>

#include "glue_security/state_machine/policy_hasher.h"

namespace glue_security {
namespace {

constexpr char kInitialPolicy[] = R"({"Id":"initial"})";
constexpr char kPutPolicy[] = R"({"Id":"put"})";

std::string HashOf(const char* policy) {
  return PolicyHasher::Default()->Hash(policy);
}

v1::Request Put(const std::string& policy) {
  v1::Request request;
  request.mutable_put_resource_policy()->set_policy_in_json(policy);
  return request;
}

v1::Request PutWhen(v1::PolicyExistsCondition condition,
                    const std::string& policy) {
  v1::Request request = Put(policy);
  request.mutable_put_resource_policy()->set_policy_exists_condition(condition);
  return request;
}

v1::Request PutIf(const char* old_policy, const std::string& policy) {
  v1::Request request = Put(policy);
  request.mutable_put_resource_policy()->set_policy_hash_condition(
      HashOf(old_policy));
  return request;
}

v1::Request Delete() {
  v1::Request request;
  request.mutable_delete_resource_policy();
  return request;
}

v1::Request DeleteIf(const char* old_policy) {
  v1::Request request = Delete();
  request.mutable_delete_resource_policy()->set_policy_hash_condition(
      HashOf(old_policy));
  return request;
}

v1::Request Get() {
  v1::Request request;
  request.mutable_get_resource_policy();
  return request;
}

v1::Request Create(const char* name) {
  v1::Request request;
  auto* create = request.mutable_create_security_configuration();
  create->set_name(name);
  create->mutable_encryption_configuration()
      ->mutable_cloud_watch_encryption()
      ->set_cloud_watch_encryption_mode(
          v1::CLOUD_WATCH_ENCRYPTION_MODE_DISABLED);
  return request;
}

v1::Request DeleteConfiguration(const char* name) {
  v1::Request request;
  request.mutable_delete_security_configuration()->set_name(name);
  return request;
}

v1::Request ListPageOfOne() {
  v1::Request request;
  request.mutable_get_security_configurations()->set_max_results(1);
  return request;
}

v1::Request PutSettings(const char* key) {
  v1::Request request;
  auto* at_rest = request.mutable_put_data_catalog_encryption_settings()
                      ->mutable_data_catalog_encryption_settings()
                      ->mutable_encryption_at_rest();
  at_rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  at_rest->set_sse_aws_kms_key_id(key);
  return request;
}

v1::Request GetSettings() {
  v1::Request request;
  request.mutable_get_data_catalog_encryption_settings();
  return request;
}

v1::Request Encrypt(bool passwords, bool stay, bool catalog) {
  v1::Request request;
  auto* settings = request.mutable_put_data_catalog_encryption_settings()
                       ->mutable_data_catalog_encryption_settings();
  settings->mutable_encryption_at_rest()->set_catalog_encryption_mode(
      catalog ? v1::CATALOG_ENCRYPTION_MODE_SSE_KMS
              : v1::CATALOG_ENCRYPTION_MODE_DISABLED);
  auto* protection = settings->mutable_connection_password_encryption();
  protection->set_return_connection_password_encrypted(stay);
  if (passwords) protection->set_aws_kms_key_id("alias/aws/glue");
  return request;
}

v1::ConnectionInput ConnectionWith(const char* password) {
  v1::ConnectionInput input;
  input.set_name("c");
  input.set_connection_type(v1::CONNECTION_TYPE_JDBC);
  (*input.mutable_connection_properties()->mutable_elements())["PASSWORD"] =
      password;
  return input;
}

v1::Request CreateConnection() {
  v1::Request request;
  *request.mutable_create_connection()->mutable_connection_input() =
      ConnectionWith("created");
  return request;
}

v1::Request UpdateConnection() {
  v1::Request request;
  request.mutable_update_connection()->set_name("c");
  *request.mutable_update_connection()->mutable_connection_input() =
      ConnectionWith("updated");
  return request;
}

v1::Request GetConnection() {
  v1::Request request;
  request.mutable_get_connection()->set_name("c");
  return request;
}

v1::Request DeleteConnection() {
  v1::Request request;
  request.mutable_delete_connection()->set_connection_name("c");
  return request;
}

}  // namespace

ScheduleAlphabet DefaultScheduleAlphabet() {
  ScheduleAlphabet alphabet;
  alphabet.caller = {"123456789012", "us-east-1", ""};
  alphabet.behavior = Behavior::Documented();
  alphabet.behavior.policy_checks = PolicyChecks::kJson;
  alphabet.limits.security_configurations_max = 2;
  alphabet.limits.attempts_max = 3;
  alphabet.operations = {
      {"put", Put(kPutPolicy)},
      {"put_new",
       PutWhen(v1::POLICY_EXISTS_CONDITION_NOT_EXIST, R"({"Id":"put_new"})")},
      {"put_over",
       PutWhen(v1::POLICY_EXISTS_CONDITION_MUST_EXIST, R"({"Id":"put_over"})")},
      {"put_if_initial", PutIf(kInitialPolicy, R"({"Id":"put_if_initial"})")},
      {"put_if_put", PutIf(kPutPolicy, R"({"Id":"put_if_put"})")},
      {"delete", Delete()},
      {"delete_if_initial", DeleteIf(kInitialPolicy)},
      {"get", Get()},
      {"create_a", Create("a")},
      {"create_b", Create("b")},
      {"delete_a", DeleteConfiguration("a")},
      {"list", ListPageOfOne()},
      {"put_settings", PutSettings("new")},
      {"get_settings", GetSettings()},
  };
  alphabet.initial_states = {
      {"empty", {}},
      {"policy", {Put(kInitialPolicy), PutSettings("old"), Create("z")}},
      {"full", {Create("a"), Create("z")}},
  };
  return alphabet;
}

ScheduleAlphabet ConnectionScheduleAlphabet() {
  ScheduleAlphabet alphabet;
  alphabet.caller = {"123456789012", "us-east-1", ""};
  alphabet.behavior = Behavior::Documented();
  alphabet.behavior.policy_checks = PolicyChecks::kJson;
  alphabet.limits.attempts_max = 5;
  const v1::Request seal =
      Encrypt(/*passwords=*/true, /*stay=*/false, /*catalog=*/true);
  alphabet.operations = {
      {"open", Encrypt(false, false, false)},
      {"protect", Encrypt(true, true, false)},
      {"seal", seal},
      {"create", CreateConnection()},
      {"update", UpdateConnection()},
      {"get", GetConnection()},
      {"delete", DeleteConnection()},
  };
  alphabet.initial_states = {{"empty", {}},
                             {"plain", {CreateConnection()}},
                             {"sealed", {seal, CreateConnection()}}};
  return alphabet;
}

}  // namespace glue_security
