// Connections under encryption settings, beside what the encryption alone
// costs.

#include <string>
#include <variant>

#include "benchmark/benchmark.h"
#include "glue_security/encryption/aes_gcm.h"
#include "glue_security/encryption/embedder/catalog_sealer.h"
#include "glue_security/encryption/encryption_settings.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/secret.h"
#include "glue_security/storage/memory/memory_storage.h"

namespace glue_security {
namespace {

const Caller kCaller{"123456789012", "us-east-1",
                     "arn:aws:iam::123456789012:user/alice"};
// About the size of a connection that is stored.
constexpr size_t kObjectBytes = 256;

// An engine with a key of its own, and the connection "c".
class Scene {
 public:
  Scene(bool protects, bool seals, bool has_password = true)
      : engine_(&storage_, Options(&kms_)) {
    KeyCaller root;
    root.caller = {"123456789012", "us-east-1",
                   "arn:aws:iam::123456789012:root"};
    key_ = std::get<KeyMetadata>(kms_.CreateKey(root, {})).arn;
    v1::PutDataCatalogEncryptionSettingsRequest put;
    auto* settings = put.mutable_data_catalog_encryption_settings();
    auto* at_rest = settings->mutable_encryption_at_rest();
    at_rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_DISABLED);
    if (seals) {
      at_rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
      at_rest->set_sse_aws_kms_key_id(key_);
    }
    if (protects) {
      auto* passwords = settings->mutable_connection_password_encryption();
      passwords->set_return_connection_password_encrypted(false);
      passwords->set_aws_kms_key_id(key_);
    }
    engine_.PutDataCatalogEncryptionSettings(kCaller, put).value();
    v1::CreateConnectionRequest create;
    *create.mutable_connection_input() = Input(has_password);
    engine_.CreateConnection(kCaller, create).value();
  }

  static v1::ConnectionInput Input(bool has_password) {
    v1::ConnectionInput input;
    input.set_name("c");
    input.set_connection_type(v1::CONNECTION_TYPE_JDBC);
    auto& properties =
        *input.mutable_connection_properties()->mutable_elements();
    properties["JDBC_CONNECTION_URL"] =
        "jdbc:postgresql://orders.example.com:5432/orders?sslmode=require";
    properties["JDBC_ENFORCE_SSL"] = "true";
    properties["USERNAME"] = "scott";
    if (has_password) properties["PASSWORD"] = "a password of 24 letters";
    auto* place = input.mutable_physical_connection_requirements();
    place->set_subnet_id("subnet-0123456789abcdef0");
    place->set_availability_zone("us-east-1a");
    place->mutable_security_group_id_list()->add_elements(
        "sg-0123456789abcdef0");
    return input;
  }

  Engine& engine() { return engine_; }
  LocalKms& kms() { return kms_; }
  const std::string& key() const { return key_; }
  v1::DataCatalogEncryptionSettings settings() {
    return engine_.GetDataCatalogEncryptionSettings(kCaller, {})
        .value()
        .data_catalog_encryption_settings();
  }

 private:
  static EngineOptions Options(KeyService* keys) {
    EngineOptions options;
    options.behavior = Behavior::Current();
    options.key_service = keys;
    return options;
  }

  LocalKms kms_;
  MemoryStorage storage_;
  Engine engine_;
  std::string key_;
};

void Update(benchmark::State& state, bool seals) {
  Scene scene(/*protects=*/false, seals, /*has_password=*/false);
  v1::UpdateConnectionRequest update;
  update.set_name("c");
  *update.mutable_connection_input() = Scene::Input(/*has_password=*/false);
  for (auto _ : state) {
    benchmark::DoNotOptimize(scene.engine().UpdateConnection(kCaller, update));
  }
}
void BM_UpdateConnection_Plain(benchmark::State& state) {
  Update(state, false);
}
BENCHMARK(BM_UpdateConnection_Plain);
void BM_UpdateConnection_Sealed(benchmark::State& state) {
  Update(state, true);
}
BENCHMARK(BM_UpdateConnection_Sealed);

void Get(benchmark::State& state, bool protects, bool seals) {
  Scene scene(protects, seals);
  v1::GetConnectionRequest get;
  get.set_name("c");
  for (auto _ : state) {
    benchmark::DoNotOptimize(scene.engine().GetConnection(kCaller, get));
  }
}
void BM_GetConnection_Plain(benchmark::State& state) {
  Get(state, false, false);
}
BENCHMARK(BM_GetConnection_Plain);
void BM_GetConnection_Password(benchmark::State& state) {
  Get(state, true, false);
}
BENCHMARK(BM_GetConnection_Password);
void BM_GetConnection_PasswordSealed(benchmark::State& state) {
  Get(state, true, true);
}
BENCHMARK(BM_GetConnection_PasswordSealed);

void BM_LocalKms_GenerateDataKey(benchmark::State& state) {
  Scene scene(false, false);
  const GenerateDataKeyCall call = {
      scene.key(), CatalogEncryptionContext("123456789012"), {}};
  const KeyCaller caller = ThroughGlue(kCaller);
  for (auto _ : state) {
    benchmark::DoNotOptimize(scene.kms().GenerateDataKey(caller, call));
  }
}
BENCHMARK(BM_LocalKms_GenerateDataKey);

// Decrypts a password, as a read of a connection does.
void BM_LocalKms_DecryptPassword(benchmark::State& state) {
  Scene scene(false, false);
  const KeyCaller caller = ThroughGlue(kCaller);
  const auto encrypted = scene.kms().Encrypt(
      caller, {scene.key(), Secret("a password of 24 letters"), {}, {}});
  const DecryptCall call = {
      std::get<EncryptResult>(encrypted).blob, "", {}, {}};
  for (auto _ : state) {
    benchmark::DoNotOptimize(scene.kms().Decrypt(caller, call));
  }
}
BENCHMARK(BM_LocalKms_DecryptPassword);

// The decryption of a data key for an object of an embedder, which it opens.
void BM_CatalogSealer_Open(benchmark::State& state) {
  Scene scene(false, true);
  const CatalogSealer sealer(scene.settings(), &scene.kms());
  const CatalogKey catalog = {"123456789012", "us-east-1"};
  const std::string stored = sealer
                                 .Seal(kCaller, catalog, "table", "db/t",
                                       std::string(kObjectBytes, 'o'))
                                 .value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        sealer.Open(kCaller, catalog, "table", "db/t", stored));
  }
}
BENCHMARK(BM_CatalogSealer_Open);

void BM_AesGcm_Seal(benchmark::State& state) {
  const Secret key(std::string(32, 'k'));
  const std::string nonce(kAesGcmNonceBytes, 'n');
  const std::string object(kObjectBytes, 'o');
  for (auto _ : state) {
    benchmark::DoNotOptimize(SealAesGcm(key, nonce, "associated data", object));
  }
}
BENCHMARK(BM_AesGcm_Seal);

}  // namespace
}  // namespace glue_security
