// A catalog whose settings encrypt: a password, a connection that is sealed,
// who reads it, and a table of one's own. docs/encryption.md shows the parts
// and the output.

#include <iostream>
#include <string>
#include <variant>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/encryption/embedder/catalog_sealer.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/keys/random_source.h"
#include "glue_security/engine/engine.h"
#include "glue_security/storage/memory/memory_storage.h"

using namespace glue_security;

namespace {

constexpr char kAccount[] = "123456789012";
constexpr char kRegion[] = "us-east-1";

Caller User(const std::string& name) {
  return {kAccount, kRegion, "arn:aws:iam::123456789012:user/" + name};
}

// Shows what a reader gets of a connection.
void Show(Engine* engine, const Caller& caller, const std::string& name) {
  v1::GetConnectionRequest request;
  request.set_name(name);
  const auto response = engine->GetConnection(caller, request);
  std::cout << caller.principal_arn.substr(caller.principal_arn.rfind('/') + 1)
            << ": ";
  if (!response.ok()) {
    std::cout << response.status().message() << "\n";
    return;
  }
  const auto& properties =
      response->connection().connection_properties().elements();
  constexpr size_t kShown = 12;  // bytes, since a ciphertext is long
  std::cout << "USERNAME=" << properties.at("USERNAME");
  for (const char* key : {"PASSWORD", "ENCRYPTED_PASSWORD"}) {
    const auto found = properties.find(key);
    if (found == properties.end()) continue;
    std::cout << " " << key << "=" << found->second.substr(0, kShown)
              << (found->second.size() > kShown ? "..." : "");
  }
  std::cout << "\n";
}

// Returns the bytes that the storage holds of a connection.
std::string StoredBytes(Storage* storage, const std::string& name) {
  ReadSet read;
  read.catalog = {kAccount, kRegion};
  read.keys.push_back({RecordKind::kConnection, name});
  return storage->Read(read)->records[0]->value;
}

void ShowSearch(const std::string& what, const std::string& bytes,
                const std::string& text) {
  std::cout << what << (absl::StrContains(bytes, text) ? " has " : " has no ")
            << "\"" << text << "\"\n";
}

}  // namespace

// An answer that is not expected ends the example.
// NOLINTNEXTLINE(bugprone-exception-escape)
int main() {
  FakeClock clock(absl::FromUnixSeconds(1'700'000'000));
  SeededRandom random(1);
  // [keys]
  // bob's identity policies allow everything but kms:Decrypt.
  LocalKmsOptions kms_options;
  kms_options.clock = &clock;
  kms_options.random = &random;
  kms_options.identity = [](const AuthorizationRequest& request) {
    return absl::EndsWith(request.principal.arn, "user/bob") &&
                   request.action == "kms:Decrypt"
               ? DecisionKind::kImplicitDeny
               : DecisionKind::kAllow;
  };
  LocalKms kms(kms_options);
  KeyCaller admin;
  admin.caller = User("admin");
  const std::string key =
      std::get<KeyMetadata>(kms.CreateKey(admin, {"the catalog"})).arn;

  MemoryStorage storage;
  EngineOptions options;
  options.behavior = Behavior::Current();
  options.clock = &clock;
  options.key_service = &kms;
  Engine engine(&storage, options);
  // [keys end]

  // [protect]
  const Caller alice = User("alice");
  v1::PutDataCatalogEncryptionSettingsRequest put;
  auto* settings = put.mutable_data_catalog_encryption_settings();
  settings->mutable_encryption_at_rest()->set_catalog_encryption_mode(
      v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
  settings->mutable_encryption_at_rest()->set_sse_aws_kms_key_id(key);
  auto* passwords = settings->mutable_connection_password_encryption();
  passwords->set_aws_kms_key_id(key);
  passwords->set_return_connection_password_encrypted(false);
  engine.PutDataCatalogEncryptionSettings(alice, put).value();

  v1::CreateConnectionRequest create;
  create.mutable_connection_input()->set_name("orders");
  create.mutable_connection_input()->set_connection_type(
      v1::CONNECTION_TYPE_JDBC);
  auto& properties = *create.mutable_connection_input()
                          ->mutable_connection_properties()
                          ->mutable_elements();
  properties["USERNAME"] = "scott";
  properties["PASSWORD"] = "tiger";
  engine.CreateConnection(alice, create).value();

  Show(&engine, alice, "orders");
  Show(&engine, User("bob"), "orders");
  // [protect end]

  // [stored]
  const std::string stored = StoredBytes(&storage, "orders");
  ShowSearch("the record", stored, "tiger");
  ShowSearch("the record", stored, "scott");
  ShowSearch("the record", stored, key);
  // [stored end]

  // [encrypted answers]
  passwords->set_return_connection_password_encrypted(true);
  engine.PutDataCatalogEncryptionSettings(alice, put).value();
  Show(&engine, alice, "orders");
  // [encrypted answers end]

  // [table]
  const CatalogSealer sealer(*settings, &kms);
  const CatalogKey catalog = {kAccount, kRegion};
  const std::string table =
      sealer.Seal(alice, catalog, "table", "sales/orders", "order_id bigint")
          .value();
  ShowSearch("the table", table, "order_id");
  const Secret opened =
      sealer.Open(alice, catalog, "table", "sales/orders", table).value();
  std::cout << "opened: " << opened.view() << "\n";
  // A table that was moved to another name is damaged.
  std::cout << sealer.Open(alice, catalog, "table", "sales/returns", table)
                   .status()
                   .message()
            << "\n";
  // [table end]

  // [disabled]
  kms.DisableKey(admin, key);
  Show(&engine, alice, "orders");
  create.mutable_connection_input()->set_name("returns");
  std::cout << engine.CreateConnection(alice, create).status().message()
            << "\n";
  // [disabled end]
}
