// The engine over the memory storage, each figure beside its floor.

#include <malloc.h>
#include <openssl/evp.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "benchmarks/requests.h"
#include "glue_security/access/policy_authorizer.h"
#include "glue_security/engine/engine.h"
#include "glue_security/json/json_document.h"
#include "glue_security/state_machine/page_token.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "simdjson.h"

namespace glue_security {
namespace {

EngineOptions Roomy() {
  EngineOptions options;
  options.limits.security_configurations_max = 1'000'000'000;
  return options;
}

// A storage with `count` configurations, made once; benchmarks fork it.
const MemoryStorage& Filled(size_t count) {
  static auto* const kFilled = new std::map<size_t, MemoryStorage>();
  const auto [found, added] = kFilled->try_emplace(count);
  if (added) {
    Engine engine(&found->second, Roomy());
    for (size_t i = 0; i < count; ++i) {
      // Only even numbers are used; the odd ones stay free.
      engine.CreateSecurityConfiguration(BenchmarkCaller(), CreateFull(2 * i))
          .status()
          .IgnoreError();
    }
  }
  return found->second;
}

// ---- Reads

struct ReadScene {
  ReadScene()
      : engine(&storage), catalog(engine.OpenCatalog(BenchmarkCaller())) {
    engine.PutResourcePolicy(BenchmarkCaller(), PutPolicyOf(1024))
        .status()
        .IgnoreError();
  }
  MemoryStorage storage;
  Engine engine;
  Engine::Catalog catalog;
};

void BM_VisitResourcePolicy(benchmark::State& state) {
  static auto* const kScene = new ReadScene();
  // Each thread has its own sum, since a shared one would dominate the time.
  size_t bytes = 0;
  for (auto _ : state) {
    kScene->catalog
        .VisitResourcePolicy([&bytes](const ResourcePolicyView& policy) {
          bytes += policy.policy_in_json.size() + policy.policy_hash.size();
        })
        .IgnoreError();
  }
  benchmark::DoNotOptimize(bytes);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_VisitResourcePolicy)->Threads(1)->Threads(2)->UseRealTime();

void BM_GetResourcePolicy(benchmark::State& state) {
  static auto* const kScene = new ReadScene();
  const Caller caller = BenchmarkCaller();
  for (auto _ : state) {
    benchmark::DoNotOptimize(kScene->engine.GetResourcePolicy(caller, {}));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_GetResourcePolicy)->Threads(1)->Threads(2)->UseRealTime();

// ---- Reads that are judged by the policy

// Ten statements, each with a list of actions, a list of resources and a
// condition. All of them are about alice and the catalog, and the condition of
// the last one alone holds.
std::string TenStatements() {
  std::string text = R"({"Version":"2012-10-17","Statement":[)";
  for (int i = 0; i < 10; ++i) {
    absl::StrAppend(
        &text, i == 0 ? "" : ",", R"({"Effect":")",
        i % 2 == 0 ? "Deny" : "Allow",
        R"(","Principal":{"AWS":["arn:aws:iam::123456789012:user/alice",)",
        R"("arn:aws:iam::210987654321:root"]},"Action":["glue:Get*",)",
        R"("glue:BatchGet*"],"Resource":)",
        R"(["arn:aws:glue:us-east-1:123456789012:database/db)", i, R"(",)",
        R"("arn:aws:glue:us-east-1:123456789012:catalog"],)",
        R"("Condition":{"StringEquals":{"aws:username":")",
        i == 9 ? "alice" : "bob", R"("}}})");
  }
  return text + "]}";
}

struct JudgedScene {
  explicit JudgedScene(bool authorized) {
    caller.principal_arn = "arn:aws:iam::123456789012:user/alice";
    v1::PutResourcePolicyRequest put;
    put.set_policy_in_json(TenStatements());
    Engine free(&storage);
    failed = !free.PutResourcePolicy(BenchmarkCaller(), put).ok();
    EngineOptions options;
    if (authorized) options.authorizer = &authorizer;
    engine.emplace(&storage, options);
    failed = failed || !engine->GetResourcePolicy(caller, {}).ok();
  }
  Caller caller = BenchmarkCaller();
  MemoryStorage storage;
  PolicyAuthorizer authorizer{DecisionKind::kImplicitDeny};
  std::optional<Engine> engine;
  bool failed = false;
};

void GetOfTenStatements(benchmark::State& state, JudgedScene* scene) {
  if (scene->failed) state.SkipWithError("it is refused");
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        scene->engine->GetResourcePolicy(scene->caller, {}));
  }
  state.SetItemsProcessed(state.iterations());
}
void BM_GetResourcePolicy_Judged(benchmark::State& state) {
  static auto* const kScene = new JudgedScene(/*authorized=*/true);
  GetOfTenStatements(state, kScene);
}
void BM_GetFloor_NotJudged(benchmark::State& state) {
  static auto* const kScene = new JudgedScene(/*authorized=*/false);
  GetOfTenStatements(state, kScene);
}
BENCHMARK(BM_GetResourcePolicy_Judged)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(BM_GetFloor_NotJudged)->Threads(1)->Threads(2)->UseRealTime();

void BM_Authorize(benchmark::State& state) {
  JudgedScene scene(/*authorized=*/false);
  ResourceQuery query;
  query.action = "glue:GetResourcePolicy";
  query.resource = "arn:aws:glue:us-east-1:123456789012:catalog";
  if (!scene.engine->AuthorizeResource(scene.caller, query).ok()) {
    state.SkipWithError("it is refused");
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        scene.engine->AuthorizeResource(scene.caller, query));
  }
}
BENCHMARK(BM_Authorize);

// ---- Puts

void Put(benchmark::State& state, PolicyChecks checks) {
  MemoryStorage storage;
  EngineOptions options;
  options.behavior.policy_checks = checks;
  Engine engine(&storage, options);
  const auto request = PutPolicyOf(static_cast<size_t>(state.range(0)));
  const Caller caller = BenchmarkCaller();
  for (auto _ : state) {
    benchmark::DoNotOptimize(engine.PutResourcePolicy(caller, request));
  }
}
void BM_PutResourcePolicy_Json(benchmark::State& state) {
  Put(state, PolicyChecks::kJson);
}
void BM_PutResourcePolicy_Glue(benchmark::State& state) {
  Put(state, PolicyChecks::kGlue);
}
BENCHMARK(BM_PutResourcePolicy_Json)->Arg(1024)->Arg(10240);
BENCHMARK(BM_PutResourcePolicy_Glue)->Arg(1024)->Arg(10240);

// Reads every value, since simdjson validates only values that are read.
uint64_t Traverse(simdjson::ondemand::value value) {
  uint64_t seen = 1;
  switch (value.type()) {
    case simdjson::ondemand::json_type::object:
      for (auto field : value.get_object()) {
        seen += std::string_view(field.unescaped_key()).size();
        seen += Traverse(field.value());
      }
      break;
    case simdjson::ondemand::json_type::array:
      for (auto element : value.get_array()) seen += Traverse(element.value());
      break;
    case simdjson::ondemand::json_type::string:
      seen += std::string_view(value.get_string()).size();
      break;
    default:
      break;
  }
  return seen;
}

// The floor for a Put: SHA-256, a parse, one copy, one map update.
void BM_PutFloor_HashParseCopyUpdate(benchmark::State& state) {
  const std::string text = PolicyOf(static_cast<size_t>(state.range(0)));
  const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(text);
  std::map<std::string, std::string> map;
  const std::string key = "123456789012";
  for (auto _ : state) {
    std::array<uint8_t, 32> digest;
    EVP_Digest(text.data(), text.size(), digest.data(), nullptr, sha256,
               nullptr);
    benchmark::DoNotOptimize(digest);
    simdjson::ondemand::document document = parser.iterate(padded);
    uint64_t seen = 0;
    for (auto field : document.get_object()) seen += Traverse(field.value());
    benchmark::DoNotOptimize(seen);
    map[key] = std::string(text);
  }
}
BENCHMARK(BM_PutFloor_HashParseCopyUpdate)->Arg(1024)->Arg(10240);

// The parts of that floor.
void BM_PutFloor_HashAlone(benchmark::State& state) {
  const std::string text = PolicyOf(static_cast<size_t>(state.range(0)));
  const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  for (auto _ : state) {
    std::array<uint8_t, 32> digest;
    EVP_Digest(text.data(), text.size(), digest.data(), nullptr, sha256,
               nullptr);
    benchmark::DoNotOptimize(digest);
  }
}
BENCHMARK(BM_PutFloor_HashAlone)->Arg(1024)->Arg(10240);

void BM_CheckJsonObject(benchmark::State& state) {
  const std::string text = PolicyOf(static_cast<size_t>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(FindJsonObjectError(text, 128));
  }
}
BENCHMARK(BM_CheckJsonObject)->Arg(1024)->Arg(10240);

// ---- Pages

void Page(benchmark::State& state, bool random_place) {
  const auto count = static_cast<size_t>(state.range(0));
  const auto storage = Filled(count).Fork();
  Engine engine(storage.get(), Roomy());
  const Caller caller = BenchmarkCaller();
  std::mt19937_64 random(1);
  // Tokens for random places, made before the clock starts.
  std::vector<std::string> tokens;
  v1::GetSecurityConfigurationsRequest request;
  while (tokens.size() < (random_place ? 1000 : 1)) {
    const size_t place = random_place ? random() % (count - 101) : count / 2;
    tokens.push_back(EncodePageToken({caller.account_id, caller.region},
                                     CreateFull(2 * place).name()));
  }
  size_t i = 0;
  request.set_max_results(100);
  for (auto _ : state) {
    request.set_next_token(tokens[i++ % tokens.size()]);
    benchmark::DoNotOptimize(engine.GetSecurityConfigurations(caller, request));
  }
}
void BM_SamePage(benchmark::State& state) { Page(state, false); }
void BM_RandomPage(benchmark::State& state) { Page(state, true); }
BENCHMARK(BM_SamePage)->Arg(1'000)->Arg(1'000'000);
BENCHMARK(BM_RandomPage)->Arg(1'000)->Arg(1'000'000);

// ---- Creates

void BM_Create(benchmark::State& state) {
  const auto count = static_cast<size_t>(state.range(0));
  const auto storage = Filled(count).Fork();
  Engine engine(storage.get(), Roomy());
  const Caller caller = BenchmarkCaller();
  std::mt19937_64 random(1);
  std::vector<v1::CreateSecurityConfigurationRequest> requests;
  for (int i = 0; i < 256; ++i) {
    requests.push_back(CreateFull(2 * (random() % count) + 1));
  }
  v1::DeleteSecurityConfigurationRequest remove;
  size_t i = 0;
  for (auto _ : state) {
    // After a batch of creates in random places, the same names are deleted,
    // so that the size stays the same.
    if (i == requests.size()) {
      state.PauseTiming();
      for (const auto& request : requests) {
        remove.set_name(request.name());
        engine.DeleteSecurityConfiguration(caller, remove)
            .status()
            .IgnoreError();
      }
      i = 0;
      state.ResumeTiming();
    }
    benchmark::DoNotOptimize(
        engine.CreateSecurityConfiguration(caller, requests[i++]));
  }
}
BENCHMARK(BM_Create)->Arg(1'000)->Arg(1'000'000);

// Threads create in one catalog; compare items_per_second. One thread and eight
// create equally many, since a create takes longer in a larger catalog.
void CreateInOneCatalog(benchmark::State& state, std::mutex* mutex) {
  static std::atomic<size_t> next{0};
  static MemoryStorage* storage = nullptr;
  static Engine* engine = nullptr;
  if (state.thread_index() == 0) {
    delete engine;
    delete storage;
    storage = new MemoryStorage();
    engine = new Engine(storage, Roomy());
  }
  const Caller caller = BenchmarkCaller();
  auto request = CreateFull(0);
  for (auto _ : state) {
    request.set_name(absl::StrCat("configuration", next.fetch_add(1)));
    std::unique_lock<std::mutex> lock;
    if (mutex != nullptr) lock = std::unique_lock<std::mutex>(*mutex);
    benchmark::DoNotOptimize(
        engine->CreateSecurityConfiguration(caller, request));
  }
  state.SetItemsProcessed(state.iterations());
}
void BM_CreateInOneCatalog(benchmark::State& state) {
  CreateInOneCatalog(state, nullptr);
}
// Also with a mutex around each call, so that the threads take turns
// whatever the engine does.
void BM_CreateFloor_OneMutex(benchmark::State& state) {
  static std::mutex mutex;
  CreateInOneCatalog(state, &mutex);
}
constexpr int kCreates = 160'000;
BENCHMARK(BM_CreateInOneCatalog)
    ->Threads(1)
    ->Iterations(kCreates)
    ->UseRealTime();
BENCHMARK(BM_CreateInOneCatalog)
    ->Threads(8)
    ->Iterations(kCreates / 8)
    ->UseRealTime();
BENCHMARK(BM_CreateFloor_OneMutex)
    ->Threads(8)
    ->Iterations(kCreates / 8)
    ->UseRealTime();

// ---- Forks and memory

void BM_Fork(benchmark::State& state) {
  const MemoryStorage& storage = Filled(static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(storage.Fork());
}
BENCHMARK(BM_Fork)->Arg(1'000)->Arg(1'000'000);

// Heap bytes per configuration, beside its serialized bytes.
void BM_MemoryPerConfiguration(benchmark::State& state) {
  constexpr size_t kCount = 100'000;
  double bytes = 0;
  for (auto _ : state) {
    const size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    MemoryStorage storage;
    Engine engine(&storage, Roomy());
    for (size_t i = 0; i < kCount; ++i) {
      engine.CreateSecurityConfiguration(BenchmarkCaller(), CreateFull(i))
          .status()
          .IgnoreError();
    }
    const size_t after = mallinfo2().uordblks + mallinfo2().hblkhd;
    bytes = static_cast<double>(after - before) / kCount;
  }
  const auto request = CreateFull(0);
  const auto serialized =
      static_cast<double>(request.name().size() +
                          request.encryption_configuration().ByteSizeLong());
  state.counters["bytes"] = bytes;
  state.counters["serialized"] = serialized;
  state.counters["ratio"] = bytes / serialized;
}
BENCHMARK(BM_MemoryPerConfiguration)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace glue_security
