// Policy documents: parse and check beside simdjson's bare parse; decisions.

#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "benchmark/benchmark.h"
#include "benchmarks/requests.h"
#include "glue_security/json/json_document.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_evaluator.h"
#include "glue_security/policy/policy_printer.h"
#include "simdjson.h"

namespace glue_security {
namespace {

CatalogContext Catalog() {
  CatalogContext catalog;
  catalog.account_id = BenchmarkCaller().account_id;
  catalog.region = BenchmarkCaller().region;
  return catalog;
}

void Check(benchmark::State& state, const std::string& text,
           const CatalogContext& catalog) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(CheckPolicy(text, PolicyChecks::kGlue, catalog));
  }
}

void CheckGood(benchmark::State& state, const std::string& text,
               const CatalogContext& catalog) {
  if (!CheckPolicy(text, PolicyChecks::kGlue, catalog).empty()) {
    state.SkipWithError("the policy has findings");
  }
  Check(state, text, catalog);
}

void BM_ParseAndCheck(benchmark::State& state) {
  const std::string text = PolicyOf(static_cast<size_t>(state.range(0)));
  const CatalogContext catalog = Catalog();
  CheckGood(state, text, catalog);
}
BENCHMARK(BM_ParseAndCheck)->Arg(1024)->Arg(10240);

// No statement denies the caller anything, but there are Denies to evaluate.
void BM_ParseAndCheck_KnownCaller(benchmark::State& state) {
  std::string text = PolicyOf(static_cast<size_t>(state.range(0)));
  absl::StrReplaceAll({{"\"Allow\"", "\"Deny\""},
                       {"\"Action\":\"*\"", "\"Action\":\"glue:Get*\""}},
                      &text);
  CatalogContext catalog = Catalog();
  catalog.caller.arn = "arn:aws:iam::123456789012:user/nobody";
  CheckGood(state, text, catalog);
}
BENCHMARK(BM_ParseAndCheck_KnownCaller)->Arg(1024)->Arg(10240);

// A Deny of everything to everybody but one, which is the caller: whether it
// applies is decided by its Condition.
void BM_ParseAndCheck_CallerIsSpared(benchmark::State& state) {
  constexpr char kDeny[] =
      R"({"Effect":"Deny","Principal":"*","Action":"glue:*","Resource":)"
      R"("arn:aws:glue:us-east-1:123456789012:*","Condition":{)"
      R"("StringNotEquals":{"aws:PrincipalArn":)"
      R"("arn:aws:iam::123456789012:user/admin"}}},)";
  const auto bytes = static_cast<size_t>(state.range(0));
  std::string text = PolicyOf(bytes - (sizeof(kDeny) - 1));
  text.insert(text.find('[') + 1, kDeny);
  CatalogContext catalog = Catalog();
  catalog.caller.arn = "arn:aws:iam::123456789012:user/admin";
  CheckGood(state, text, catalog);
}
BENCHMARK(BM_ParseAndCheck_CallerIsSpared)->Arg(1024)->Arg(10240);

void BM_ParseAndCheck_PrincipalExists(benchmark::State& state) {
  const std::string text = PolicyOf(static_cast<size_t>(state.range(0)));
  CatalogContext catalog = Catalog();
  catalog.principal_exists = [](absl::string_view) { return true; };
  CheckGood(state, text, catalog);
}
BENCHMARK(BM_ParseAndCheck_PrincipalExists)->Arg(1024)->Arg(10240);

// Every resource belongs to another catalog, so each gives a finding.
void BM_ParseAndCheck_Findings(benchmark::State& state) {
  const std::string text = PolicyOf(static_cast<size_t>(state.range(0)));
  CatalogContext catalog = Catalog();
  catalog.region = "eu-west-1";
  const size_t findings =
      CheckPolicy(text, PolicyChecks::kGlue, catalog).size();
  if (findings == 0) state.SkipWithError("the policy has no findings");
  state.SetLabel(absl::StrCat(findings, " findings"));
  Check(state, text, catalog);
}
BENCHMARK(BM_ParseAndCheck_Findings)->Arg(1024)->Arg(10240);

void BM_Parse(benchmark::State& state) {
  const std::string text = PolicyOf(static_cast<size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(JsonDocument::Parse(text));
}
BENCHMARK(BM_Parse)->Arg(1024)->Arg(10240);

// Brackets to the legal depth and beyond it, never closed.
void BM_HostileBrackets(benchmark::State& state) {
  const std::string text = "{\"a\":" + std::string(10'240, '[');
  const CatalogContext catalog = Catalog();
  Check(state, text, catalog);
}
BENCHMARK(BM_HostileBrackets);

// simdjson's DOM; its parser is made before the clock starts.
void BM_ParseFloor_Simdjson(benchmark::State& state) {
  const simdjson::padded_string text(
      PolicyOf(static_cast<size_t>(state.range(0))));
  simdjson::dom::parser parser;
  for (auto _ : state) benchmark::DoNotOptimize(parser.parse(text));
}
BENCHMARK(BM_ParseFloor_Simdjson)->Arg(1024)->Arg(10240);

void BM_Reprint(benchmark::State& state) {
  const auto parsed =
      JsonDocument::Parse(PolicyOf(static_cast<size_t>(state.range(0))));
  const auto& document = std::get<JsonDocument>(parsed);
  for (auto _ : state) benchmark::DoNotOptimize(PrintLikeService(document));
}
BENCHMARK(BM_Reprint)->Arg(1024)->Arg(10240);

// Ten statements, each with a list of actions, a list of resources and a
// condition. Only the last one allows, so all are evaluated.
std::string TenStatements() {
  std::string text = R"({"Version":"2012-10-17","Statement":[)";
  for (int i = 0; i < 10; ++i) {
    absl::StrAppend(
        &text, i == 0 ? "" : ",", R"({"Effect":")",
        i % 2 == 0 ? "Deny" : "Allow",
        R"(","Principal":{"AWS":["arn:aws:iam::123456789012:user/alice",)",
        R"("arn:aws:iam::210987654321:root"]},"Action":["glue:Get*",)",
        R"("glue:BatchGet*"],"Resource":)",
        R"(["arn:aws:glue:us-east-1:123456789012:table/db)", i, R"(/*",)",
        R"("arn:aws:glue:us-east-1:123456789012:database/db)", i, R"("],)",
        R"("Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}})");
  }
  return text + "]}";
}

Policy PolicyFrom(const std::string& text) {
  return std::get<Policy>(ParsePolicy(text, PolicyChecks::kGrammar, {}));
}

AuthorizationRequest TableOf(int statement) {
  AuthorizationRequest request;
  request.principal = PrincipalFromArn("arn:aws:iam::123456789012:user/alice");
  request.action = "glue:GetTable";
  request.resource = absl::StrCat(
      "arn:aws:glue:us-east-1:123456789012:table/db", statement, "/orders");
  request.context["aws:PrincipalTag/team"] = {"red"};
  return request;
}

void BM_Decide(benchmark::State& state) {
  const Policy policy = PolicyFrom(TenStatements());
  const PolicyEvaluator evaluator(policy);
  const AuthorizationRequest request = TableOf(9);
  if (evaluator.Decide(request) != DecisionKind::kAllow) {
    state.SkipWithError("not allowed");
  }
  for (auto _ : state) benchmark::DoNotOptimize(evaluator.Decide(request));
}
BENCHMARK(BM_Decide);

void BM_EvaluateWithReasons(benchmark::State& state) {
  const Policy policy = PolicyFrom(TenStatements());
  const PolicyEvaluator evaluator(policy);
  const AuthorizationRequest request = TableOf(9);
  for (auto _ : state) benchmark::DoNotOptimize(evaluator.Evaluate(request));
}
BENCHMARK(BM_EvaluateWithReasons);

void BM_Compile(benchmark::State& state) {
  const Policy policy = PolicyFrom(TenStatements());
  for (auto _ : state) benchmark::DoNotOptimize(PolicyEvaluator(policy));
}
BENCHMARK(BM_Compile);

// A pattern as an attacker would send it.
struct HostilePattern {
  const char* label;
  std::string pattern;
  // The value consists of repetitions of this.
  std::string piece = "a";
};

constexpr char kLetters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-";

std::string Repeat(absl::string_view piece, size_t size) {
  std::string text;
  while (text.size() + piece.size() <= size) absl::StrAppend(&text, piece);
  return text;
}

std::vector<HostilePattern> HostilePatterns(size_t size) {
  return {{"`*a*a…*b`", Repeat("*a", size) + "*b"},
          {"`*a?*a?…*b`", Repeat("*a?", size) + "*b"},
          {"`*a?a?…b*` of 8 characters", "*" + Repeat("a?", 6) + "?b*"},
          {"`*a?a?…b*` a quarter as long", "*" + Repeat("a?", size / 4) + "b*"},
          {"`*a?a?…b*` half as long", "*" + Repeat("a?", size / 2) + "b*"},
          {"`*a?a?…b*` as long", "*" + Repeat("a?", size) + "b*"},
          {"`*aa…b*` half as long", "*" + Repeat("a", size / 2) + "b*"},
          {"`*baa…*` of 250 characters", "*b" + Repeat("a", 249) + "*"},
          // Each character occurs in few places.
          {"`*?…b*` of 64 letters, half as long",
           "*?" + Repeat(kLetters, size / 2) + "!*", kLetters},
          {"`*??…b*` half as long", "*" + Repeat("?", size / 2) + "b*"}};
}

// A policy whose condition has the pattern, and a request whose value has
// 10,000 characters (or as many pieces as fit) and almost matches.
void BM_HostilePattern(benchmark::State& state) {
  constexpr size_t kSize = 10'000;
  const HostilePattern hostile =
      HostilePatterns(kSize)[static_cast<size_t>(state.range(0))];
  state.SetLabel(hostile.label);
  const Policy policy = PolicyFrom(
      absl::StrCat(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow",)",
                   R"("Principal":"*","Action":"*","Resource":"*",)",
                   R"("Condition":{"StringLike":{"aws:PrincipalTag/team":")",
                   hostile.pattern, R"("}}}})"));
  const PolicyEvaluator evaluator(policy);
  AuthorizationRequest request = TableOf(0);
  request.context["aws:PrincipalTag/team"] = {Repeat(hostile.piece, kSize)};
  if (evaluator.Decide(request) != DecisionKind::kImplicitDeny) {
    state.SkipWithError("it matches");
  }
  for (auto _ : state) benchmark::DoNotOptimize(evaluator.Decide(request));
}
BENCHMARK(BM_HostilePattern)->DenseRange(0, 9);

}  // namespace
}  // namespace glue_security
