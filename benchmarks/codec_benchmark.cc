// The codec: reading a request and writing a response, each beside its floor
// (simdjson's bare parse plus a copy of the texts; a copy of the bytes).

#include <cstddef>
#include <string>
#include <variant>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmarks/requests.h"
#include "glue_security/aws_json/codec.h"
#include "glue_security/v1/service.pb.h"
#include "simdjson.h"

namespace glue_security {
namespace {

struct Case {
  const char* name;
  v1::Request request;
  v1::Response response;
};

std::vector<Case> MakeCases() {
  std::vector<Case> cases(4);
  cases[0].name = "GetDataCatalogEncryptionSettings";
  cases[0].request.mutable_get_data_catalog_encryption_settings();
  auto* settings = cases[0]
                       .response.mutable_get_data_catalog_encryption_settings()
                       ->mutable_data_catalog_encryption_settings();
  settings->mutable_encryption_at_rest()->set_catalog_encryption_mode(
      v1::CATALOG_ENCRYPTION_MODE_DISABLED);
  settings->mutable_connection_password_encryption()
      ->set_return_connection_password_encrypted(false);

  cases[1].name = "PutResourcePolicy, 1 KB";
  *cases[1].request.mutable_put_resource_policy() = PutPolicyOf(1024);
  cases[1].response.mutable_put_resource_policy()->set_policy_hash(
      std::string(32, 'h'));

  cases[2].name = "GetResourcePolicy, 1 KB";
  cases[2].request.mutable_get_resource_policy();
  auto* policy = cases[2].response.mutable_get_resource_policy();
  policy->set_policy_in_json(PolicyOf(1024));
  policy->set_policy_hash(std::string(32, 'h'));
  policy->mutable_create_time()->set_seconds(1'700'000'000);
  policy->mutable_update_time()->set_seconds(1'700'000'001);

  cases[3].name = "CreateSecurityConfiguration";
  *cases[3].request.mutable_create_security_configuration() = CreateFull(0);
  auto* created = cases[3].response.mutable_create_security_configuration();
  created->set_name(CreateFull(0).name());
  created->mutable_created_timestamp()->set_seconds(1'700'000'000);
  return cases;
}

const Case& CaseOf(benchmark::State& state) {
  static const std::vector<Case>& cases = *new std::vector<Case>(MakeCases());
  const Case& picked = cases[static_cast<size_t>(state.range(0))];
  state.SetLabel(picked.name);
  return picked;
}

void BM_DecodeRequest(benchmark::State& state) {
  const WireRequest wire = EncodeRequest(CaseOf(state).request);
  for (auto _ : state) {
    auto decoded = DecodeRequest(wire.target, wire.body);
    if (!std::holds_alternative<v1::Request>(decoded)) {
      return state.SkipWithError("refused");
    }
    benchmark::DoNotOptimize(decoded);
  }
}
BENCHMARK(BM_DecodeRequest)->DenseRange(0, 3);

// Copies every text of `element`.
void CopyTexts(const simdjson::dom::element& element,
               std::vector<std::string>* texts) {
  if (element.is_object()) {
    for (const auto& field : simdjson::dom::object(element)) {
      CopyTexts(field.value, texts);
    }
  } else if (element.is_array()) {
    for (const auto& child : simdjson::dom::array(element)) {
      CopyTexts(child, texts);
    }
  } else if (element.is_string()) {
    texts->emplace_back(std::string_view(element));
  }
}

void BM_DecodeFloor_ParseAndCopy(benchmark::State& state) {
  const simdjson::padded_string body(EncodeRequest(CaseOf(state).request).body);
  simdjson::dom::parser parser;
  std::vector<std::string> texts;
  for (auto _ : state) {
    texts.clear();
    CopyTexts(parser.parse(body), &texts);
    benchmark::DoNotOptimize(texts.data());
  }
}
BENCHMARK(BM_DecodeFloor_ParseAndCopy)->DenseRange(0, 3);

void BM_EncodeResponse(benchmark::State& state) {
  const v1::Response& response = CaseOf(state).response;
  for (auto _ : state) benchmark::DoNotOptimize(EncodeResponse(response));
}
BENCHMARK(BM_EncodeResponse)->DenseRange(0, 3);

void BM_EncodeFloor_Copy(benchmark::State& state) {
  const std::string body = EncodeResponse(CaseOf(state).response).body;
  for (auto _ : state) benchmark::DoNotOptimize(std::string(body));
}
BENCHMARK(BM_EncodeFloor_Copy)->DenseRange(0, 3);

void BM_EncodeRequest(benchmark::State& state) {
  const v1::Request& request = CaseOf(state).request;
  for (auto _ : state) benchmark::DoNotOptimize(EncodeRequest(request));
}
BENCHMARK(BM_EncodeRequest)->DenseRange(0, 3);

void BM_DecodeResponse(benchmark::State& state) {
  const Case& picked = CaseOf(state);
  const WireResponse wire = EncodeResponse(picked.response);
  for (auto _ : state) {
    auto decoded = DecodeResponse(picked.request.operation_case(),
                                  wire.http_status, wire.error_type, wire.body);
    if (!decoded.ok()) return state.SkipWithError("refused");
    benchmark::DoNotOptimize(decoded);
  }
}
BENCHMARK(BM_DecodeResponse)->DenseRange(0, 3);

}  // namespace
}  // namespace glue_security
