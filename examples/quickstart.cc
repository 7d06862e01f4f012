// The nine operations of the Security API, one after the other, on an engine in
// memory. Reading the output teaches the API.
//
//   ./bazelw run //examples:quickstart
//   ./bazelw run //examples:quickstart -- my_policy.json

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "absl/status/statusor.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/error.h"
#include "glue_security/storage/memory_storage.h"

namespace {

using glue_security::Caller;
using glue_security::Engine;
using glue_security::MemoryStorage;
namespace v1 = glue_security::v1;

constexpr char kDefaultFile[] =
    "examples/policies/guide_resource_policy_1.json";

// The file, as the person who typed its name meant it: Bazel runs a program in
// a folder of its own.
std::string FullPath(const std::string& name) {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  if (folder == nullptr || name.empty() || name[0] == '/') return name;
  return std::string(folder) + "/" + name;
}

void PrintCall(const char* what) { std::cout << "\n" << what << "\n"; }

void PrintMessage(const google::protobuf::Message& message) {
  const std::string text = message.ShortDebugString();
  std::cout << "  -> OK" << (text.empty() ? "" : "  ") << text << "\n";
}

template <typename Response>
void PrintAnswer(const absl::StatusOr<Response>& answer) {
  if (answer.ok()) {
    PrintMessage(*answer);
  } else {
    std::cout << "  -> " << answer.status().message() << "\n";
  }
}

void ShowResourcePolicy(Engine& engine, const Caller& caller,
                        const std::string& document) {
  std::cout << "== The resource policy of the catalog\n";

  PrintCall("GetResourcePolicy, before there is one");
  PrintAnswer(engine.GetResourcePolicy(caller, {}));

  PrintCall("PutResourcePolicy, to create it: PolicyExistsCondition NOT_EXIST");
  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json(document);
  put.set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_NOT_EXIST);
  const auto created = engine.PutResourcePolicy(caller, put);
  PrintAnswer(created);

  PrintCall("The same again: now it does exist");
  PrintAnswer(engine.PutResourcePolicy(caller, put));

  PrintCall("PutResourcePolicy, to replace it: MUST_EXIST and the hash above");
  v1::PutResourcePolicyRequest replace;
  replace.set_policy_in_json(R"({"Version": "2012-10-17", "Statement": []})");
  replace.set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_MUST_EXIST);
  if (created.ok()) replace.set_policy_hash_condition(created->policy_hash());
  PrintAnswer(engine.PutResourcePolicy(caller, replace));

  PrintCall(
      "The same again: the hash is stale, somebody has replaced the policy");
  PrintAnswer(engine.PutResourcePolicy(caller, replace));

  PrintCall("GetResourcePolicy: the replacement, CreateTime of the first");
  PrintAnswer(engine.GetResourcePolicy(caller, {}));

  PrintCall("DeleteResourcePolicy, whatever its hash");
  PrintAnswer(engine.DeleteResourcePolicy(caller, {}));
}

void ShowEncryptionSettings(Engine& engine, const Caller& caller) {
  std::cout << "\n== The encryption settings of the catalog\n";

  PrintCall("GetDataCatalogEncryptionSettings, before any were put: defaults");
  PrintAnswer(engine.GetDataCatalogEncryptionSettings(caller, {}));

  PrintCall("PutDataCatalogEncryptionSettings: encrypt at rest with a KMS key");
  v1::PutDataCatalogEncryptionSettingsRequest put;
  auto* at_rest = put.mutable_data_catalog_encryption_settings()
                      ->mutable_encryption_at_rest();
  at_rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  at_rest->set_sse_aws_kms_key_id("alias/my-key");
  PrintAnswer(engine.PutDataCatalogEncryptionSettings(caller, put));

  PrintCall("GetDataCatalogEncryptionSettings: the rest keeps its default");
  PrintAnswer(engine.GetDataCatalogEncryptionSettings(caller, {}));
}

void ShowSecurityConfigurations(Engine& engine, const Caller& caller) {
  std::cout << "\n== Security configurations\n";

  for (const char* name : {"bronze", "gold", "silver"}) {
    PrintCall("CreateSecurityConfiguration");
    v1::CreateSecurityConfigurationRequest create;
    create.set_name(name);
    auto* s3 = create.mutable_encryption_configuration()
                   ->mutable_s3_encryption()
                   ->add_elements();
    s3->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_S3);
    PrintAnswer(engine.CreateSecurityConfiguration(caller, create));
  }

  PrintCall("CreateSecurityConfiguration with two mistakes: both are reported");
  v1::CreateSecurityConfigurationRequest broken;
  broken.set_name("");
  auto* logs = broken.mutable_encryption_configuration()
                   ->mutable_cloud_watch_encryption();
  logs->set_cloud_watch_encryption_mode(
      v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS);
  logs->set_kms_key_arn("alias/my-key");
  PrintAnswer(engine.CreateSecurityConfiguration(caller, broken));

  PrintCall("GetSecurityConfigurations, MaxResults 2: the first page");
  v1::GetSecurityConfigurationsRequest list;
  list.set_max_results(2);
  const auto page = engine.GetSecurityConfigurations(caller, list);
  PrintAnswer(page);

  PrintCall("GetSecurityConfigurations with the NextToken: the second page");
  if (page.ok()) list.set_next_token(page->next_token());
  PrintAnswer(engine.GetSecurityConfigurations(caller, list));

  PrintCall("GetSecurityConfiguration \"gold\"");
  v1::GetSecurityConfigurationRequest get;
  get.set_name("gold");
  PrintAnswer(engine.GetSecurityConfiguration(caller, get));

  PrintCall("DeleteSecurityConfiguration \"gold\", and once more");
  v1::DeleteSecurityConfigurationRequest remove;
  remove.set_name("gold");
  PrintAnswer(engine.DeleteSecurityConfiguration(caller, remove));
  PrintAnswer(engine.DeleteSecurityConfiguration(caller, remove));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string path = argc > 1 ? FullPath(argv[1]) : kDefaultFile;
  std::ifstream file(path);
  std::stringstream document;
  document << file.rdbuf();
  if (!file) {
    std::cerr << "cannot read " << path << "\n";
    return 1;
  }

  MemoryStorage storage;
  Engine engine(&storage);
  const Caller caller{"123456789012", "us-west-2", ""};

  ShowResourcePolicy(engine, caller, document.str());
  ShowEncryptionSettings(engine, caller);
  ShowSecurityConfigurations(engine, caller);
  return 0;
}
