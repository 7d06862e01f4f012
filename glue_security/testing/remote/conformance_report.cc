#include "glue_security/testing/remote/conformance_report.h"

#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "glue_security/testing/backend_suite/call_as_code.h"
#include "glue_security/testing/remote/conformance_summary.h"
#include "nlohmann/json.hpp"

namespace glue_security {
namespace {

// Keeps members in the order in which they are set.
using Json = nlohmann::ordered_json;

std::string BehaviorName(BackendPreset preset) {
  return absl::AsciiStrToLower(BackendPresetName(preset));
}

std::string BasisOf(BackendCheckBasis basis) {
  return std::string(BackendCheckBasisName(basis));
}

// Returns the calls and their answers.
std::string CallsText(const BackendCalls& calls) {
  std::string text = absl::StrCat("preset ", calls.preset);
  for (const std::string& setting : calls.settings) {
    absl::StrAppend(&text, ", ", setting);
  }
  absl::StrAppend(&text, "\n");
  for (const BackendCall& call : calls.calls) {
    absl::StrAppend(&text, CallAsText(call, calls.own_clock));
  }
  return text;
}

Json ToJson(const BackendCheckResult& result, const BackendEndpoint& endpoint) {
  const BackendCheck& check = *result.check;
  const bool has_failed = result.verdict == BackendCheckResult::kFailed;
  Json json = {{"check", check.id},
               {"operation", OperationOf(check)},
               {"source", check.source},
               {"says", check.says},
               {"basis", BasisOf(has_failed ? result.basis : check.basis)}};
  switch (result.verdict) {
    case BackendCheckResult::kPassed:
      json["verdict"] = "passed";
      break;
    case BackendCheckResult::kSkipped:
      json["verdict"] = "skipped";
      json["reason"] = result.text;
      break;
    case BackendCheckResult::kFailed:
      json["verdict"] = "failed";
      json["difference"] = result.difference;
      json["what"] = result.what;
      json["expected"] = result.expected;
      json["actual"] = result.actual;
      json["calls"] = CallsText(result.calls);
      json["cpp"] = CallsAsCpp(result.calls);
      json["curl"] = CallsAsCurl(result.calls, endpoint);
      json["boto3"] = CallsAsBoto3(result.calls, endpoint);
      break;
  }
  return json;
}

Json ToJson(const BackendFailureGroup& group) {
  Json json = {{"count", group.results.size()},
               {"difference", group.difference},
               {"basis", BasisOf(group.strongest)},
               {"checks", Json::array()}};
  for (const BackendCheckResult* result : group.results) {
    json["checks"].push_back(result->check->id);
  }
  return json;
}

Json ToJson(const ConformanceRow& row) {
  return {{"operation", row.operation},
          {"passed", row.passed},
          {"failed_by_contract", row.failed_by_contract},
          {"failed_by_record", row.failed_by_record},
          {"failed_by_choice", row.failed_by_choice},
          {"skipped", row.skipped}};
}

std::string Counts(const ConformanceRun& run) {
  const BackendReport& report = run.report;
  return absl::StrCat(report.failed, " of ", report.passed + report.failed,
                      " checks failed, ", report.skipped, " skipped (",
                      BehaviorName(run.behavior),
                      run.contract_only ? ", the contract only" : "",
                      run.no_reset ? ", never reset: a check may find what the "
                                     "others left, and fail for it"
                                   : "",
                      ")");
}

// Returns the text with the replacement character for each NUL, which neither
// HTML nor a terminal shows.
std::string WithoutNul(absl::string_view text) {
  constexpr absl::string_view kNul("\0", 1);
  return absl::StrReplaceAll(text, {{kNul, "\xEF\xBF\xBD"}});
}

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(
      WithoutNul(text),
      {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}});
}

constexpr char kStyle[] = R"(
:root { color-scheme: light dark; --text: #1a1d21; --ground: #fff;
  --faint: #5c636b; --line: #d6dade; --bad: #b3261e; --good: #1b6e3c;
  --box: #f4f6f8; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e6e9;
  --ground: #16181b; --faint: #9aa2ab; --line: #3a3f45; --bad: #ff8a80;
  --good: #7bd69b; --box: #202327; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text);
  background: var(--ground); max-width: 62rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line);
  text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
tbody tr:last-child td { font-weight: 600; }
.bad { color: var(--bad); } .good { color: var(--good); }
.faint { color: var(--faint); }
pre { background: var(--box); padding: .7rem; overflow-x: auto;
  font: 13px/1.45 ui-monospace, monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; }
code { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
a { color: inherit; overflow-wrap: anywhere; }
details div { margin-left: 1.2rem; }
details { border-bottom: 1px solid var(--line); padding: .3rem 0; }
details details:last-child { border-bottom: 0; }
summary { cursor: pointer; padding-left: 1.1em; text-indent: -1.1em; }
@media (max-width: 46rem) {
  th, td { padding: .25rem .35rem; font-size: .85rem; white-space: normal; } }
@media print { details::details-content { content-visibility: visible; } }
)";

// Returns the place of a rule, as a link when it is a URL.
std::string SourceHtml(const std::string& source) {
  const std::string text = Escaped(source);
  if (!absl::StartsWith(source, "https://")) return text;
  return absl::StrCat("<a href=\"", text, "\">", text, "</a>");
}

// Returns the name of an operation, which may be broken before its words.
std::string NameHtml(absl::string_view name) {
  std::string html;
  for (const char c : name) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !html.empty()) {
      html += "<wbr>";
    }
    html += c;
  }
  return html;
}

std::string TableHtml(const ConformanceSummary& summary) {
  std::string html =
      "<table><thead><tr><th>operation</th><th>passed</th>"
      "<th>failed by contract</th><th>by record</th><th>by choice</th>"
      "<th>skipped</th></tr></thead><tbody>\n";
  const auto failed = [](int count) {
    return absl::StrCat("<td class=\"", count > 0 ? "bad" : "faint", "\">",
                        count, "</td>");
  };
  const auto add = [&](const ConformanceRow& row) {
    absl::StrAppend(&html, "<tr><td>", NameHtml(row.operation), "</td><td>",
                    row.passed, "</td>", failed(row.failed_by_contract),
                    failed(row.failed_by_record), failed(row.failed_by_choice),
                    "<td>", row.skipped, "</td></tr>\n");
  };
  for (const ConformanceRow& row : summary.rows) add(row);
  add(summary.total);
  return absl::StrCat(html, "</tbody></table>\n");
}

std::string FailureHtml(const BackendCheckResult& result,
                        const BackendEndpoint& endpoint) {
  std::string html = absl::StrCat(
      "<details><summary><code>", Escaped(result.check->id),
      "</code> <span class=\"faint\">by ", BasisOf(result.basis), "</span> ",
      Escaped(result.check->says), "</summary><p>", Escaped(result.what),
      "</p><pre>expected: ", Escaped(result.expected),
      "\nactual:   ", Escaped(result.actual), "</pre><p class=\"faint\">",
      SourceHtml(result.check->source), "</p><pre>",
      Escaped(CallsText(result.calls)), "</pre>");
  for (const auto& [name, code] :
       {std::pair<const char*, std::string>{
            "curl", CallsAsCurl(result.calls, endpoint)},
        {"boto3", CallsAsBoto3(result.calls, endpoint)},
        {"C++", CallsAsCpp(result.calls)}}) {
    absl::StrAppend(&html, "<details><summary>", name, "</summary><pre>",
                    Escaped(code), "</pre></details>");
  }
  return absl::StrCat(html, "</details>\n");
}

std::string GroupHtml(const BackendFailureGroup& group,
                      const BackendEndpoint& endpoint) {
  std::string html = absl::StrCat(
      "<details open><summary><strong class=\"bad\">", group.results.size(),
      "</strong> ", Escaped(group.difference), " <span class=\"faint\">by ",
      BasisOf(group.strongest), "</span></summary><div>\n");
  for (const BackendCheckResult* result : group.results) {
    absl::StrAppend(&html, FailureHtml(*result, endpoint));
  }
  return absl::StrCat(html, "</div></details>\n");
}

}  // namespace

std::string ConformanceText(const ConformanceRun& run) {
  return absl::StrCat(run.endpoint.url, ": ", Counts(run), "\n\n",
                      WithoutNul(run.report.ToString()));
}

std::string ConformanceJson(const ConformanceRun& run) {
  const BackendReport& report = run.report;
  const ConformanceSummary summary = Summarize(report);
  Json json = {{"url", run.endpoint.url},
               {"profile", run.profile},
               {"behavior", BehaviorName(run.behavior)},
               {"contract_only", run.contract_only},
               {"reset", !run.no_reset},
               {"judged", report.passed + report.failed},
               {"passed", report.passed},
               {"failed", report.failed},
               {"skipped", report.skipped},
               {"results", Json::array()},
               {"groups", Json::array()},
               {"table", Json::array()},
               {"reasons", Json::array()}};
  for (const BackendCheckResult& result : report.results) {
    json["results"].push_back(ToJson(result, run.endpoint));
  }
  for (const BackendFailureGroup& group : report.Groups()) {
    json["groups"].push_back(ToJson(group));
  }
  for (const ConformanceRow& row : summary.rows) {
    json["table"].push_back(ToJson(row));
  }
  for (const auto& [reason, count] : summary.skipped) {
    json["reasons"].push_back({{"count", count}, {"reason", reason}});
  }
  // A mock may have answered with text that is not UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string ConformanceHtml(const ConformanceRun& run) {
  const ConformanceSummary summary = Summarize(run.report);
  std::string html = absl::StrCat(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
      Escaped(Counts(run)), "</title>\n<style>", kStyle,
      "</style></head><body>\n<h1>AWS Glue Security API: ",
      Escaped(run.endpoint.url),
      run.profile.empty() ? "" : absl::StrCat(" (", Escaped(run.profile), ")"),
      "</h1>\n<p class=\"", run.report.failed > 0 ? "bad" : "good", "\">",
      Escaped(Counts(run)), "</p>\n", TableHtml(summary));
  if (run.report.failed > 0) {
    absl::StrAppend(&html,
                    "<h2>Failures, by their cause</h2>\n"
                    "<p class=\"faint\">Below each check are the calls that "
                    "show it on a new endpoint.</p>\n");
  }
  for (const BackendFailureGroup& group : run.report.Groups()) {
    absl::StrAppend(&html, GroupHtml(group, run.endpoint));
  }
  if (!summary.skipped.empty()) absl::StrAppend(&html, "<h2>Skipped</h2>\n");
  for (const auto& [reason, count] : summary.skipped) {
    absl::StrAppend(&html, "<details><summary><strong>", count, "</strong> ",
                    Escaped(reason), "</summary><p>");
    for (const BackendCheckResult& result : run.report.results) {
      if (result.verdict != BackendCheckResult::kSkipped ||
          result.text != reason) {
        continue;
      }
      absl::StrAppend(&html, "<code>", Escaped(result.check->id),
                      "</code><br>\n");
    }
    absl::StrAppend(&html, "</p></details>\n");
  }
  return absl::StrCat(html, "</body></html>\n");
}

}  // namespace glue_security
