// Parses, checks, prints and evaluates any bytes. The input is a policy and a
// request, in parts that end with the byte 0xFF, which UTF-8 does not have:
//
//   POLICY FF PRINCIPAL-ARN FF ACTION FF RESOURCE FF KEY FF VALUE FF KEY ...
//
// A KEY that begins with "?" is unknown; "?" alone makes all others unknown,
// "+" adds what follows from the principal, "R" and "I" set the ARN of its role
// and its unique id. A RESOURCE that ends with "*" is a set.
//
// Besides crashes it looks for contradictions: with a second parser of JSON,
// with a second evaluator, and between two ways to the same answer.

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "glue_security/json/json_document.h"
#include "glue_security/policy/access.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_evaluator.h"
#include "glue_security/policy/policy_printer.h"
#include "glue_security/policy/policy_warnings.h"
#include "glue_security/testing/oracle/naive_json.h"
#include "tests/fuzz/require.h"
#include "tests/policy/naive_evaluator.h"

namespace glue_security {
namespace {

constexpr size_t kDepthMax = 64;
// The naive evaluator takes time quadratic in the size of its texts.
constexpr size_t kNaiveBytesMax = 2000;

std::vector<std::string> Split(absl::string_view input) {
  std::vector<std::string> parts(1);
  for (const char c : input) {
    if (c == '\xFF') {
      parts.emplace_back();
    } else {
      parts.back().push_back(c);
    }
  }
  parts.resize(std::max<size_t>(parts.size(), 4));
  return parts;
}

AuthorizationRequest ToRequest(const std::vector<std::string>& parts) {
  AuthorizationRequest request;
  request.principal = PrincipalFromArn(parts[1]);
  request.action = parts[2];
  request.resource = parts[3];
  request.resource_is_set = absl::EndsWith(request.resource, "*");
  bool adds_principal = false;
  for (size_t i = 4; i + 1 < parts.size(); i += 2) {
    const std::string& key = parts[i];
    if (key == "+") {
      adds_principal = true;
    } else if (key == "R") {
      request.principal.role_arn = parts[i + 1];
    } else if (key == "I") {
      request.principal.unique_id = parts[i + 1];
    } else if (key == "?") {
      request.other_keys_unknown = true;
    } else if (absl::StartsWith(key, "?")) {
      request.unknown_keys.insert(key.substr(1));
    } else {
      request.context[key].push_back(parts[i + 1]);
    }
  }
  if (adds_principal) AddPrincipalContext(&request);
  return request;
}

CatalogContext Catalog(const std::string& caller_arn) {
  CatalogContext catalog;
  catalog.account_id = "123456789012";
  catalog.region = "us-east-1";
  catalog.caller.arn = caller_arn;
  return catalog;
}

std::vector<FindingCode> Codes(const std::vector<Finding>& findings,
                               absl::string_view text) {
  std::vector<FindingCode> codes;
  for (const Finding& finding : findings) {
    codes.push_back(finding.code);
    Require(finding.offset <= text.size(), "a finding is in the text");
    Require(finding.line >= 1 && finding.column >= 1, "places count from 1");
  }
  return codes;
}

void CheckPrinting(const JsonDocument& document) {
  for (const auto print : {PrintCompact, PrintLikeService}) {
    const std::string printed = print(document);
    const auto parsed = JsonDocument::Parse(printed, kDepthMax);
    const auto* again = std::get_if<JsonDocument>(&parsed);
    Require(again != nullptr, "what is printed parses");
    Require(print(*again) == printed, "printing twice changes nothing");
    Require(PrintCompact(*again) == PrintCompact(document),
            "printing loses nothing");
  }
  Require(PrintLikeService(document) == NaiveReprint(document.text()),
          "the re-print is the naive one's");
}

// The codes that ParsePolicy finds in a text that was read before.
std::vector<FindingCode> CodesOf(const JsonDocument& document,
                                 PolicyChecks level,
                                 const CatalogContext& catalog) {
  const auto parsed = ParsePolicy(document, level, catalog);
  const auto* findings = std::get_if<std::vector<Finding>>(&parsed);
  if (findings == nullptr) return {};
  Require(!findings->empty(), "a text that is no policy has a finding");
  return Codes(*findings, document.text());
}

void CheckDecisions(const Policy& policy, const AuthorizationRequest& request,
                    bool is_well_formed) {
  const JsonDocument& document = policy.document();
  const PolicyEvaluator evaluator(policy);
  const DecisionKind kind = evaluator.Decide(request);
  const Decision decision = evaluator.Evaluate(request);
  Require(decision.kind == kind, "a decision is the same with its reasons");
  Require(DecisionOf(evaluator.Answer(request)) == kind,
          "an answer has the same decision");
  AccessInputs inputs;
  inputs.same_account = request.action.size() % 2 == 0;
  inputs.resource_policy = &evaluator;
  Decision reasons;
  Require(
      DecideAccess(request, inputs) == DecideAccess(request, inputs, &reasons),
      "a combination is the same with its reasons");
  for (const Finding& warning : FindWarnings(policy)) {
    Require(warning.severity == Severity::kWarning &&
                warning.offset < document.text().size(),
            "a warning is in the text");
  }
  // In invalid UTF-8 no rule says where a character ends.
  if (!is_well_formed ||
      document.text().size() + request.resource.size() > kNaiveBytesMax) {
    return;
  }
  Require(NaiveEvaluate(document.text(), request).kind == kind,
          "the naive evaluator decides the same");
}

}  // namespace
}  // namespace glue_security

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace glue_security;  // NOLINT(google-build-using-namespace)
  const std::vector<std::string> parts =
      Split({reinterpret_cast<const char*>(data), size});
  const std::string& text = parts[0];
  const CatalogContext catalog = Catalog(parts[1]);

  auto parsed = JsonDocument::Parse(text, kDepthMax);
  const auto* document = std::get_if<JsonDocument>(&parsed);
  Require((document != nullptr) == NaiveIsJsonObject(text, kDepthMax),
          "the naive parser agrees");
  Require((document != nullptr) ==
              !FindJsonObjectError(text, kDepthMax).has_value(),
          "the bare check agrees");
  const auto json =
      Codes(CheckPolicy(text, PolicyChecks::kJson, catalog, kDepthMax), text);
  const auto grammar = Codes(
      CheckPolicy(text, PolicyChecks::kGrammar, catalog, kDepthMax), text);
  const auto glue =
      Codes(CheckPolicy(text, PolicyChecks::kGlue, catalog, kDepthMax), text);
  Require(json.empty() == (document != nullptr), "kJson asks for an object");
  Require(grammar.size() >= json.size(), "kGrammar asks for more than kJson");
  Require(!glue.empty() || grammar.empty(), "kGlue asks for more");
  if (document == nullptr) return 0;
  // The check of a text has a fast path first; that of a document has none.
  Require(grammar == CodesOf(*document, PolicyChecks::kGrammar, catalog) &&
              glue == CodesOf(*document, PolicyChecks::kGlue, catalog),
          "a text has the findings of its document");
  CheckPrinting(*document);
  if (grammar.empty()) {
    const bool is_well_formed =
        std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
          return NaiveCodePoints(part).has_value();
        });
    const auto checked =
        ParsePolicy(text, PolicyChecks::kGrammar, catalog, kDepthMax);
    CheckDecisions(std::get<Policy>(checked), ToRequest(parts), is_well_formed);
  }
  return 0;
}
