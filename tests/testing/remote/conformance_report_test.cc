// The reports of glue-conformance. tests/clients/conformance_test.py reads
// those of whole runs.

#include "glue_security/testing/remote/conformance_report.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "glue_security/testing/backend_suite/backend_checks.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr absl::string_view kNul("\0", 1);

// Returns a run with one failure, which shows a NUL.
ConformanceRun FailedRun() {
  ConformanceRun run;
  run.endpoint.url = "http://a:1";
  BackendCheckResult& result = run.report.results.emplace_back();
  result.check = &AllBackendChecks().front();
  result.verdict = BackendCheckResult::kFailed;
  result.what = "the policy";
  result.expected = absl::StrCat("<a", kNul, "b>");
  result.actual = result.expected;
  result.text = result.expected;
  result.difference = "not as expected: the policy";
  run.report.failed = 1;
  return run;
}

TEST(ConformanceReport, BeginsWithTheCounts) {
  ConformanceRun run = FailedRun();
  EXPECT_THAT(ConformanceText(run),
              StartsWith("http://a:1: 1 of 1 checks failed, 0 skipped "
                         "(documented)\n\n"));
  run.contract_only = true;
  run.no_reset = true;
  constexpr char kCounts[] =
      "1 of 1 checks failed, 0 skipped (documented, the contract only, never "
      "reset: a check may find what the others left, and fail for it)";
  EXPECT_THAT(ConformanceText(run),
              StartsWith(absl::StrCat("http://a:1: ", kCounts, "\n\n")));
  EXPECT_THAT(ConformanceHtml(run), HasSubstr(absl::StrCat(">", kCounts, "<")));
  EXPECT_THAT(ConformanceJson(run), HasSubstr(R"("reset":false)"));
}

TEST(ConformanceReport, HasNoNul) {
  const std::string nul(kNul);
  const std::string html = ConformanceHtml(FailedRun());
  EXPECT_THAT(html, Not(HasSubstr(nul)));
  EXPECT_THAT(html, HasSubstr("&lt;a\xEF\xBF\xBD"
                              "b&gt;"));
  const std::string text = ConformanceText(FailedRun());
  EXPECT_THAT(text, Not(HasSubstr(nul)));
  EXPECT_THAT(text, HasSubstr("<a\xEF\xBF\xBD"
                              "b>"));
  EXPECT_THAT(ConformanceJson(FailedRun()), HasSubstr(R"("<a\u0000b>")"));
}

}  // namespace
}  // namespace glue_security
