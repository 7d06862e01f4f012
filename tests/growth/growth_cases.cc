// Processes hostile input of a given size once, so that its instructions can be
// counted (tools/growth.py):
//
//   growth_cases            lists the cases
//   growth_cases CASE SIZE  runs one
//
// With size 0 almost nothing is left but the cost of the process itself.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/json/json_document.h"
#include "glue_security/policy/policy.h"
#include "glue_security/policy/policy_evaluator.h"
#include "glue_security/policy/policy_printer.h"
#include "tests/growth/front_end_cases.h"

namespace glue_security {
namespace {

constexpr size_t kDepthMax = 1024;

std::string Repeat(absl::string_view piece, size_t times) {
  std::string text;
  for (size_t i = 0; i < times; ++i) absl::StrAppend(&text, piece);
  return text;
}

// Returns 64 letters. A text that repeats them has each letter as often as it
// has 64-bit words.
std::string SixtyFourLetters() {
  std::string letters;
  for (char c = '0'; letters.size() < 64; ++c) {
    // JSON and patterns give these characters a meaning.
    if (c != '?' && c != '\\' && c != 'b') letters += c;
  }
  return letters;
}

// Returns `make(i)` for each i below `count`, separated by commas.
template <typename Make>
std::string List(size_t count, Make&& make) {
  std::string text;
  for (size_t i = 0; i < count; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ",", make(i));
  }
  return text;
}

// Returns `count` nested lists, in groups of nearly the greatest depth.
std::string NestedLists(size_t count) {
  constexpr size_t kDepth = 1000;
  std::string text;
  for (; count > 0; count -= std::min(count, kDepth)) {
    const size_t depth = std::min(count, kDepth);
    absl::StrAppend(&text, text.empty() ? "" : ",", std::string(depth, '['),
                    std::string(depth, ']'));
  }
  return text;
}

std::string Policy(absl::string_view members) {
  return absl::StrCat(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow",)",
      R"("Principal":"*","Action":"*",)",
      R"("Resource":"arn:aws:glue:us-east-1:123456789012:*")", members, "}}");
}

std::string PolicyOn(absl::string_view op, absl::string_view values) {
  return Policy(
      absl::StrCat(R"(,"Condition":{")", op, R"(":{"k:key":)", values, "}}"));
}

// Keeps the compiler from removing the work.
volatile size_t g_result = 0;

void Parse(const std::string& text) {
  const auto parsed = JsonDocument::Parse(text, kDepthMax);
  g_result = g_result + parsed.index();
}

void Check(const std::string& text) {
  CatalogContext catalog;
  catalog.account_id = "123456789012";
  catalog.region = "us-east-1";
  g_result = g_result +
             CheckPolicy(text, PolicyChecks::kGlue, catalog, kDepthMax).size();
}

void Print(const std::string& text) {
  const auto parsed = JsonDocument::Parse(text, kDepthMax);
  const auto& document = std::get<JsonDocument>(parsed);
  g_result = g_result + PrintLikeService(document).size();
  g_result = g_result + PrintCompact(document).size();
}

void Decide(const std::string& policy, std::vector<std::string> values) {
  const auto parsed = ParsePolicy(policy, PolicyChecks::kGrammar, {});
  const PolicyEvaluator evaluator(std::get<glue_security::Policy>(parsed));
  AuthorizationRequest request;
  request.principal = PrincipalFromArn("arn:aws:iam::123456789012:user/alice");
  request.action = "glue:GetTable";
  request.resource = "arn:aws:glue:us-east-1:123456789012:table/db/t";
  request.context["k:key"] = std::move(values);
  g_result = g_result + static_cast<size_t>(evaluator.Evaluate(request).kind);
}

void MatchLike(const std::string& pattern, const std::string& value) {
  Decide(PolicyOn("StringLike", absl::StrCat("\"", pattern, "\"")), {value});
}

struct Case {
  std::string name;
  std::function<void(size_t)> work;
};

std::vector<Case> MatchingCases() {
  return {
      // Pattern and text grow together.
      {"many_stars",
       [](size_t n) { MatchLike(Repeat("*a", n / 2) + "*b", Repeat("a", n)); }},
      {"many_stars_with_open",
       [](size_t n) {
         MatchLike(Repeat("*a?", n / 3) + "*b", Repeat("a", n));
       }},
      {"long_literal",
       [](size_t n) {
         MatchLike("*" + Repeat("a", n / 2) + "b*", Repeat("a", n));
       }},
      {"open_at_the_end",
       [](size_t n) {
         MatchLike("*" + Repeat("a?", n / 4) + "b", Repeat("a", n));
       }},
      // One of the two grows; the other has its maximal length.
      {"short_open_in_growing_text",
       [](size_t n) { MatchLike("*a?a?a?ab*", Repeat("a", n)); }},
      {"long_open_in_growing_text",
       [](size_t n) {
         MatchLike("*" + Repeat("a?", 1000) + "b*", Repeat("a", 2000 + n));
       }},
      {"growing_open_in_long_text",
       [](size_t n) {
         MatchLike("*" + Repeat("a?", n / 2) + "b*", Repeat("a", 20'000));
       }},
      {"growing_open_of_other_letters",
       [](size_t n) {
         MatchLike("*" + Repeat("a?cd?efghi", n / 10) + "b*",
                   Repeat("abcdefghi", 2'000));
       }},
      {"many_policy_values",
       [](size_t n) {
         Decide(PolicyOn("StringLike", absl::StrCat("[",
                                                    List(n,
                                                         [](size_t i) {
                                                           return absl::StrCat(
                                                               "\"*", i, "?\"");
                                                         }),
                                                    "]")),
                {"none"});
       }},
      {"many_short_values_and_a_long_open_pattern",
       [](size_t n) {
         Decide(PolicyOn("ForAnyValue:StringLike",
                         "\"*" + Repeat("a?", 4'000) + "b*\""),
                std::vector<std::string>(n, "a"));
       }},
      {"long_open_of_64_letters_in_growing_text",
       [](size_t n) {
         MatchLike("*?" + Repeat(SixtyFourLetters(), 60) + "b*",
                   Repeat(SixtyFourLetters(), 60 + n / 64));
       }},
      {"many_request_values",
       [](size_t n) {
         Decide(PolicyOn("ForAllValues:StringLike", R"(["a*b","v*"])"),
                std::vector<std::string>(n, "value"));
       }},
  };
}

std::vector<Case> DocumentCases() {
  return {
      {"parse_depth",
       [](size_t n) {
         const size_t depth = n / 10;
         Parse("{\"a\":" + Repeat("[", depth) + Repeat("]", depth) + "}");
       }},
      {"parse_nested_lists",
       [](size_t n) { Parse("{\"a\":[" + NestedLists(n) + "]}"); }},
      {"check_depth",
       [](size_t n) {
         const size_t depth = n / 10;
         Check(PolicyOn("Bool", Repeat("[", depth) + Repeat("]", depth)));
       }},
      {"print_depth",
       [](size_t n) {
         const size_t depth = 1 + n / 10;
         Print("{\"a\":" + Repeat("[", depth) + Repeat("]", depth) + "}");
       }},
      {"print_nested_lists",
       [](size_t n) { Print("{\"a\":[" + NestedLists(n) + "]}"); }},
      {"check_nested_lists",
       [](size_t n) {
         Check(Policy(absl::StrCat(",\"Condition\":{\"Bool\":{\"k\":[",
                                   NestedLists(n), "]}}")));
       }},
      {"print_escapes",
       [](size_t n) { Print("{\"a\":\"" + Repeat("\\u00e9", n) + "\"}"); }},
      {"check_good_statements",
       [](size_t n) {
         const std::string statement =
             R"({"Effect":"Allow","Principal":"*","Action":"*",)"
             R"("Resource":"arn:aws:glue:us-east-1:123456789012:*"})";
         Check(absl::StrCat("{\"Statement\":[",
                            List(n, [&](size_t) { return statement; }), "]}"));
       }},
      {"check_wrong_elements",
       [](size_t n) {
         Check("{" +
               List(n, [](size_t i) { return absl::StrCat("\"", i, "\":0"); }) +
               "}");
       }},
      {"check_one_sid",
       [](size_t n) {
         Check("{\"Statement\":[" +
               List(n, [](size_t) { return "{\"Sid\":\"s\"}"; }) + "]}");
       }},
      {"check_condition_keys",
       [](size_t n) {
         Check(Policy(absl::StrCat(
             R"(,"Condition":{"Bool":{)",
             List(n, [](size_t i) { return absl::StrCat("\"k", i, "\":1"); }),
             "}}")));
       }},
      {"check_one_condition_key",
       [](size_t n) {
         Check(Policy(absl::StrCat(R"(,"Condition":{"Bool":{)",
                                   List(n, [](size_t) { return "\"k\":[]"; }),
                                   "}}")));
       }},
      {"check_long_names",
       [](size_t n) {
         Check(absl::StrCat("{\"", Repeat("n", n), "\":[", Repeat("0,", n),
                            "0]}"));
       }},
  };
}

int Run(int argc, char** argv) {
  std::vector<Case> cases = MatchingCases();
  for (Case& one : DocumentCases()) cases.push_back(std::move(one));
  for (auto& [name, work] : FrontEndCases()) {
    cases.push_back({name, std::move(work)});
  }
  if (argc == 1) {
    for (const Case& one : cases) std::cout << one.name << "\n";
    return 0;
  }
  for (const Case& one : cases) {
    if (argc != 3 || one.name != absl::string_view(argv[1])) continue;
    one.work(std::strtoull(argv[2], nullptr, 10));
    return 0;
  }
  std::cerr << "usage: growth_cases [CASE SIZE]\n";
  return 2;
}

}  // namespace
}  // namespace glue_security

int main(int argc, char** argv) { return glue_security::Run(argc, argv); }
