// The pure core: validating each request, and each operation as one `Step`.

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "benchmark/benchmark.h"
#include "benchmarks/requests.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/operation.h"
#include "glue_security/schema/api_schema.h"
#include "glue_security/state_machine/step.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/generators/request_generator.h"
#include "glue_security/validation/validator.h"

namespace glue_security {
namespace {

// The contract, or the newest API for what the contract does not have.
Behavior BehaviorWith(Operation operation) {
  const Behavior contract = Behavior::Documented();
  const bool has_it =
      ApiSchema::For(contract).operation(operation).request != nullptr;
  return has_it ? contract : Behavior::Current();
}

// A connection as people have them. Its name is that of the scene's, or not.
v1::ConnectionInput ConnectionOf(const std::string& name) {
  v1::ConnectionInput input;
  input.set_name(name);
  input.set_connection_type(v1::CONNECTION_TYPE_JDBC);
  auto& properties = *input.mutable_connection_properties()->mutable_elements();
  properties["JDBC_CONNECTION_URL"] =
      "jdbc:postgresql://orders.example.com:5432/orders";
  properties["USERNAME"] = "scott";
  properties["PASSWORD"] = "tiger";
  return input;
}

// A request that succeeds on the scene below, for each operation: the one that
// is written here, or else the simplest.
v1::Request RequestOf(Operation operation) {
  RecordedChoices simplest({});
  v1::Request request;
  RequestGenerator(BehaviorWith(operation))
      .GenerateValid(operation, simplest, GeneratorContext(), &request);
  if (request.has_put_data_catalog_encryption_settings()) {
    auto* settings = request.mutable_put_data_catalog_encryption_settings()
                         ->mutable_data_catalog_encryption_settings();
    auto* at_rest = settings->mutable_encryption_at_rest();
    at_rest->set_catalog_encryption_mode(v1::CATALOG_ENCRYPTION_MODE_SSE_KMS);
    at_rest->set_sse_aws_kms_key_id("alias/my-key");
    auto* password = settings->mutable_connection_password_encryption();
    password->set_return_connection_password_encrypted(true);
    password->set_aws_kms_key_id("alias/my-key");
  } else if (request.has_put_resource_policy()) {
    *request.mutable_put_resource_policy() = PutPolicyOf(1024);
  } else if (request.has_create_security_configuration()) {
    *request.mutable_create_security_configuration() = CreateFull(1);
  } else if (request.has_delete_security_configuration()) {
    request.mutable_delete_security_configuration()->set_name(
        CreateFull(0).name());
  } else if (request.has_get_security_configuration()) {
    request.mutable_get_security_configuration()->set_name(
        CreateFull(0).name());
  } else if (request.has_get_security_configurations()) {
    request.mutable_get_security_configurations()->set_max_results(100);
  } else if (request.has_create_connection()) {
    *request.mutable_create_connection()->mutable_connection_input() =
        ConnectionOf("new");
  } else if (request.has_update_connection()) {
    request.mutable_update_connection()->set_name("c");
    *request.mutable_update_connection()->mutable_connection_input() =
        ConnectionOf("c");
  } else if (request.has_get_connection()) {
    request.mutable_get_connection()->set_name("c");
  } else if (request.has_delete_connection()) {
    request.mutable_delete_connection()->set_connection_name("c");
  } else if (request.has_batch_delete_connection()) {
    auto* names = request.mutable_batch_delete_connection()
                      ->mutable_connection_name_list();
    names->clear_elements();
    names->add_elements("c");
  }
  return request;
}

void ForEachOperation(benchmark::internal::Benchmark* benchmark) {
  for (const Operation operation : kAllOperations) benchmark->Arg(operation);
}

Transition Do(const v1::Request& request, Storage* storage,
              const CoreOptions& options) {
  return Step(
      BenchmarkCaller(), request, options, absl::UnixEpoch(), CommitId{1},
      [&](const ReadSet& read_set) { return *storage->Read(read_set); });
}

bool IsOnConnections(Operation operation) {
  return GetOperationInfo(operation).resource() == v1::RESOURCE_CONNECTION;
}

// Stores a policy, one configuration and one connection in a catalog, and
// settings, unless they would encrypt what `operation` is about.
void SetScene(Operation operation, Storage* storage,
              const CoreOptions& options) {
  v1::Request create;
  *create.mutable_create_security_configuration() = CreateFull(0);
  v1::Request connect;
  *connect.mutable_create_connection()->mutable_connection_input() =
      ConnectionOf("c");
  for (const v1::Request& request :
       {RequestOf(v1::Request::kPutResourcePolicy), create, connect,
        RequestOf(v1::Request::kPutDataCatalogEncryptionSettings)}) {
    if (request.has_put_data_catalog_encryption_settings() &&
        IsOnConnections(operation)) {
      continue;
    }
    storage->Commit(Do(request, storage, options).write_batch)
        .status()
        .IgnoreError();
  }
}

void BM_Validate(benchmark::State& state) {
  const auto operation = static_cast<Operation>(state.range(0));
  const v1::Request request = RequestOf(operation);
  const RequestRef ref(request);
  const Validator validator(BehaviorWith(operation), Limits());
  for (auto _ : state) benchmark::DoNotOptimize(validator.Validate(ref));
  state.SetLabel(std::string(OperationName(operation)));
}
BENCHMARK(BM_Validate)->Apply(ForEachOperation);

// The floor for validation: a look at every byte of the three ARNs and the
// name.
void BM_ValidateFloor_ScanOfTheText(benchmark::State& state) {
  const auto request = CreateFull(1);
  const std::string text =
      request.name() +
      request.encryption_configuration()
          .cloud_watch_encryption()
          .kms_key_arn() +
      request.encryption_configuration()
          .cloud_watch_encryption()
          .kms_key_arn() +
      request.encryption_configuration().cloud_watch_encryption().kms_key_arn();
  for (auto _ : state) {
    unsigned char all = 0;
    benchmark::DoNotOptimize(text.data());
    for (const char c : text) all |= static_cast<unsigned char>(c);
    benchmark::DoNotOptimize(all);
  }
}
BENCHMARK(BM_ValidateFloor_ScanOfTheText);

void BM_Step(benchmark::State& state) {
  const auto operation = static_cast<Operation>(state.range(0));
  CoreOptions options;
  options.behavior = BehaviorWith(operation);
  MemoryStorage storage;
  SetScene(operation, &storage, options);
  const v1::Request request = RequestOf(operation);
  // The records are read once; the storage is not measured here.
  std::optional<Snapshot> snapshot;
  Step(BenchmarkCaller(), request, options, absl::UnixEpoch(), CommitId{1},
       [&](const ReadSet& read_set) {
         snapshot = *storage.Read(read_set);
         return *snapshot;
       });
  const Caller caller = BenchmarkCaller();
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        Step(caller, request, options, absl::UnixEpoch(), CommitId{1},
             [&](const ReadSet&) -> const Snapshot& { return *snapshot; }));
  }
  state.SetLabel(std::string(OperationName(operation)));
}
BENCHMARK(BM_Step)->Apply(ForEachOperation);

}  // namespace
}  // namespace glue_security
