// The operations of the Security API, one after another, on an engine in
// memory. The output explains the API. The program fails when an answer differs
// from the one that the text announces.
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
#include "glue_security/model/operation.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "google/protobuf/text_format.h"

namespace {

using glue_security::Caller;
using glue_security::Engine;
using glue_security::MemoryStorage;
namespace v1 = glue_security::v1;

constexpr char kDefaultFile[] =
    "examples/policies/guide_resource_policy_1.json";

// Returns the path that the user meant: Bazel runs a program in another folder.
std::string FullPath(const std::string& name) {
  const char* folder = std::getenv("BUILD_WORKING_DIRECTORY");
  if (folder == nullptr || name.empty() || name[0] == '/') return name;
  return std::string(folder) + "/" + name;
}

// Returns the members that are set, with long texts cut.
std::string ToText(const google::protobuf::Message& message) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetSingleLineMode(true);
  printer.SetTruncateStringFieldLongerThan(60);
  std::string text;
  (void)printer.PrintToString(message, &text);
  return text;
}

// Prints calls with their answers, and remembers whether each answer was the
// expected one.
class Tour {
 public:
  // `expected` is the error of the call; none when it succeeds.
  template <typename Request, typename Response>
  void Show(const char* comment, const Request& request,
            const absl::StatusOr<Response>& answer,
            v1::ErrorCode expected = v1::ERROR_CODE_UNSPECIFIED) {
    const auto operation = glue_security::RequestRef(request).operation();
    std::cout << "\n# " << comment << "\n"
              << glue_security::OperationName(operation) << " { "
              << ToText(request) << "}\n";
    if (answer.ok()) {
      std::cout << "  -> OK { " << ToText(*answer) << "}\n";
    } else {
      std::cout << "  -> " << answer.status().message() << "\n";
    }
    // Programs compare the code, not the text.
    if (glue_security::ErrorCodeOf(answer.status()) != expected) {
      std::cout << "  !! this is not the expected answer\n";
      as_expected_ = false;
    }
  }

  bool as_expected() const { return as_expected_; }

 private:
  bool as_expected_ = true;
};

void ShowResourcePolicy(Engine& engine, const Caller& caller,
                        const std::string& document, Tour& tour) {
  std::cout << "== The resource policy of the catalog\n";

  tour.Show("Before there is a policy.", v1::GetResourcePolicyRequest(),
            engine.GetResourcePolicy(caller, {}),
            v1::ERROR_CODE_ENTITY_NOT_FOUND);

  v1::PutResourcePolicyRequest put;
  put.set_policy_in_json(document);
  put.set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_NOT_EXIST);
  const auto created = engine.PutResourcePolicy(caller, put);
  tour.Show("Create it, if there is none.", put, created);

  tour.Show("The same again: now there is one.", put,
            engine.PutResourcePolicy(caller, put),
            v1::ERROR_CODE_CONDITION_CHECK_FAILURE);

  v1::PutResourcePolicyRequest mistaken;
  mistaken.set_policy_in_json(
      R"({"Statement": {"Effect": "allow", "Principal": "*", "Action": "*",)"
      R"( "Resource": "arn:aws:glue:us-west-2:123456789012:*"}})");
  tour.Show(
      "A document with a mistake: the error names the place and the rule.",
      mistaken, engine.PutResourcePolicy(caller, mistaken),
      v1::ERROR_CODE_INVALID_INPUT);

  v1::PutResourcePolicyRequest replace;
  replace.set_policy_in_json(
      R"({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*",)"
      R"( "Resource": "arn:aws:glue:us-west-2:123456789012:*"}})");
  replace.set_policy_exists_condition(v1::POLICY_EXISTS_CONDITION_MUST_EXIST);
  if (created.ok()) replace.set_policy_hash_condition(created->policy_hash());
  tour.Show("Replace it, if it is still the one with the hash above.", replace,
            engine.PutResourcePolicy(caller, replace));

  tour.Show("The same again: the hash is stale, the policy was replaced.",
            replace, engine.PutResourcePolicy(caller, replace),
            v1::ERROR_CODE_CONDITION_CHECK_FAILURE);

  tour.Show("The replacement, with the CreateTime of the first.",
            v1::GetResourcePolicyRequest(),
            engine.GetResourcePolicy(caller, {}));

  tour.Show("Delete it, whatever its hash.", v1::DeleteResourcePolicyRequest(),
            engine.DeleteResourcePolicy(caller, {}));
}

void ShowEncryptionSettings(Engine& engine, const Caller& caller, Tour& tour) {
  std::cout << "\n== The encryption settings of the catalog\n";

  const v1::GetDataCatalogEncryptionSettingsRequest get;
  tour.Show("Before any were put: the defaults.", get,
            engine.GetDataCatalogEncryptionSettings(caller, get));

  v1::PutDataCatalogEncryptionSettingsRequest put;
  auto* at_rest = put.mutable_data_catalog_encryption_settings()
                      ->mutable_encryption_at_rest();
  at_rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  at_rest->set_sse_aws_kms_key_id("alias/my-key");
  tour.Show("Encrypt the catalog at rest with a KMS key.", put,
            engine.PutDataCatalogEncryptionSettings(caller, put));

  tour.Show("The settings that were not put have their defaults.", get,
            engine.GetDataCatalogEncryptionSettings(caller, get));
}

void ShowSecurityConfigurations(Engine& engine, const Caller& caller,
                                Tour& tour) {
  std::cout << "\n== Security configurations\n";

  for (const char* name : {"bronze", "gold", "silver"}) {
    v1::CreateSecurityConfigurationRequest create;
    create.set_name(name);
    auto* s3 = create.mutable_encryption_configuration()
                   ->mutable_s3_encryption()
                   ->add_elements();
    s3->set_s3_encryption_mode(v1::S3_ENCRYPTION_MODE_SSE_S3);
    tour.Show("Create one of three configurations.", create,
              engine.CreateSecurityConfiguration(caller, create));
  }

  v1::CreateSecurityConfigurationRequest broken;
  broken.set_name("");
  auto* logs = broken.mutable_encryption_configuration()
                   ->mutable_cloud_watch_encryption();
  logs->set_cloud_watch_encryption_mode(
      v1::CLOUD_WATCH_ENCRYPTION_MODE_SSE_KMS);
  logs->set_kms_key_arn("alias/my-key");
  tour.Show("Two mistakes: both are reported.", broken,
            engine.CreateSecurityConfiguration(caller, broken),
            v1::ERROR_CODE_INVALID_INPUT);

  v1::GetSecurityConfigurationsRequest list;
  list.set_max_results(2);
  const auto page = engine.GetSecurityConfigurations(caller, list);
  tour.Show("The first of two pages.", list, page);

  if (page.ok()) list.set_next_token(page->next_token());
  tour.Show("The second page.", list,
            engine.GetSecurityConfigurations(caller, list));

  v1::GetSecurityConfigurationRequest get;
  get.set_name("gold");
  tour.Show("Get one by its name.", get,
            engine.GetSecurityConfiguration(caller, get));

  v1::DeleteSecurityConfigurationRequest remove;
  remove.set_name("gold");
  tour.Show("Delete it.", remove,
            engine.DeleteSecurityConfiguration(caller, remove));
  tour.Show("Delete it again: it is gone.", remove,
            engine.DeleteSecurityConfiguration(caller, remove),
            v1::ERROR_CODE_ENTITY_NOT_FOUND);
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

  Tour tour;
  ShowResourcePolicy(engine, caller, document.str(), tour);
  ShowEncryptionSettings(engine, caller, tour);
  ShowSecurityConfigurations(engine, caller, tour);
  return tour.as_expected() ? 0 : 1;
}
