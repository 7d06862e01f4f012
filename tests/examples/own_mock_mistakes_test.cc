// Each mistake of OwnMock is found by the suite and by sequences, one that only
// threads show by threads, and what is shown first names it. The page that
// shows this has the numbers of today.

#include <fstream>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "examples/own_mock/own_mock.h"
#include "examples/own_mock/own_mock_target.h"
#include "glue_security/testing/backend_suite/backend_checks.h"
#include "gtest/gtest.h"
#include "tests/examples/own_mock_search.h"
#include "tests/support/randomized_test.h"

namespace own_mock {
namespace {

using absl::StrContains;
using glue_security::BackendReport;

// The words that lead a reader to a mistake.
struct Traces {
  Mistake mistake;
  // The first check that fails, and texts of its report.
  const char* check;
  std::vector<std::string> suite;
  // The cause of the failure of sequences, and texts of its report.
  const char* cause;
  std::vector<std::string> sequences;
};

void PrintTo(const Traces& traces, std::ostream* os) { *os << traces.check; }

std::vector<Traces> AllTraces() {
  return {
      {Mistake::kMergesSettings,
       "settings.replaced_at_rest",
       {"the settings after a second Put, which replaces the first\n",
        "Put replaces everything; a part not given goes back to its default"},
       "GetDataCatalogEncryptionSettings: data_catalog_encryption_settings."
       "connection_password_encryption.",
       {"\n1. ", ": put_data_catalog_encryption_settings", "\n2. ", "\n3. ",
        ": get_data_catalog_encryption_settings { }\n",
        " instead of nothing\n"}},
      {Mistake::kIgnoresHashOnDelete,
       "delete.hash_differs.present",
       {"DeleteResourcePolicy with another hash, where there is a policy: "
        "ConditionCheckFailure\n",
        "  actual:   OK"},
       "DeleteResourcePolicy: success instead of "
       "ConditionCheckFailureException",
       {": delete_resource_policy { policy_hash_condition: "}},
      {Mistake::kResetsCreateTime,
       "times.create_stays_on_replace",
       {"CreateTime after a Put that replaces the policy\n",
        "CreateTime stays on replace\n"},
       "GetResourcePolicy: create_time differs",
       {"first difference: create_time: the record had the time ", " before\n",
        ": put_resource_policy", ": get_resource_policy"}},
      {Mistake::kDeletedPolicyExists,
       "put.not_exist.no_hash.deleted",
       {"PutResourcePolicy with not_exist and no hash, where the policy was "
        "deleted: create\n",
        "  actual:   ConditionCheckFailureException"},
       "PutResourcePolicy: ConditionCheckFailureException instead of success",
       {"\n2. ", ": delete_resource_policy { }", "\n3. ",
        "policy_exists_condition: POLICY_EXISTS_CONDITION_NOT_EXIST"}},
      {Mistake::kIgnoresRegion,
       "settings.id_in_the_callers_region",
       {"the settings of the CatalogId in another region\n",
        "CatalogId names a catalog in the caller's region\n"},
       "",
       {" us-east-1: ", " eu-west-1: "}},
      {Mistake::kOffsetIsToken,
       "pages.deletes_between",
       {"the entries that existed all along, as the pages list them around a "
        "change\n",
        ", as a token that counts entries does\n"},
       "GetSecurityConfigurations: security_configurations differs",
       {"\"TOKEN OF CALL "}},
      {Mistake::kCountsCharacters,
       "constraint.GetDataCatalogEncryptionSettings.catalogId.length_in_bytes",
       {"InvalidInputException of catalogId LENGTH_MAX\n",
        "not more than 255 bytes long: bytes of UTF-8, not characters\n"},
       " instead of InvalidInputException",
       {" bytes of UTF-8 in ", " characters)\n",
        "constraint: CONSTRAINT_LENGTH_MAX"}},
  };
}

class OwnMockMistakes : public testing::TestWithParam<Traces> {};

TEST_P(OwnMockMistakes, AreNamedByTheFirstFailureOfTheSuite) {
  const Traces& traces = GetParam();
  const std::optional<SuiteFinding> found = FindBySuite(traces.mistake);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->result.check->id, traces.check);
  for (const std::string& text : traces.suite) {
    EXPECT_TRUE(StrContains(found->result.text, text)) << found->result.text;
  }
}

TEST_P(OwnMockMistakes, AreNamedByTheFirstFailureOfSequences) {
  const Traces& traces = GetParam();
  const std::optional<SequencesFinding> found =
      FindBySequences(traces.mistake, 100'000);
  ASSERT_TRUE(found.has_value());
  const std::string& text = found->failure.text;
  EXPECT_TRUE(StrContains(found->failure.cause, traces.cause))
      << found->failure.cause;
  for (const std::string& part : traces.sequences) {
    EXPECT_TRUE(StrContains(text, part)) << text;
  }
  EXPECT_LE(found->shrunk_to, 7) << text;
  EXPECT_FALSE(found->failure.code.empty());
}

std::string NameOfCase(const testing::TestParamInfo<Traces>& test) {
  return absl::StrCat("Mistake", static_cast<int>(test.param.mistake));
}

INSTANTIATE_TEST_SUITE_P(All, OwnMockMistakes, testing::ValuesIn(AllTraces()),
                         NameOfCase);

TEST(AllMistakes, AreTested) {
  // But kNone, and kDropsLock, which has a test of its own.
  EXPECT_EQ(AllTraces().size() + 1, AllMistakes().size());
}

TEST(TheDroppedLock, IsFoundByThreads) {
  const std::optional<SuiteFinding> found = FindBySuite(Mistake::kDropsLock);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(absl::StartsWith(found->result.check->id, "threads."));
  EXPECT_TRUE(StrContains(found->result.text, " calls at once succeed that "))
      << found->result.text;
  const std::optional<HistoriesFinding> history =
      FindByHistories(Mistake::kDropsLock, 1000);
  ASSERT_TRUE(history.has_value());
  EXPECT_TRUE(StrContains(history->explanation, "not linearizable: "));
  // One thread never waits for the lock.
  const int64_t calls = glue_security::IsShortRun() ? 1'000 : 10'000;
  EXPECT_FALSE(FindBySequences(Mistake::kDropsLock, calls).has_value());
}

TEST(OwnMock, PassesAllThatIsJudged) {
  const BackendReport report =
      glue_security::RunBackendConformance(OwnMockUnderTest());
  EXPECT_EQ(report.failed, 0) << report.ToString();
  EXPECT_TRUE(report.unknown_deviations.empty());
  EXPECT_GE(report.passed, 270);
}

// --- The page

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(text.str().empty()) << path;
  return text.str();
}

const std::string& Page() {
  static const auto* const kPage =
      new std::string(TextOf("docs/testing_kit/own_mock.md"));
  return *kPage;
}

// Counts the lines of the mock that are neither blank nor a comment, and those
// of them that only mistakes need.
struct Lines {
  int code = 0;
  int of_mistakes = 0;
};
Lines LinesOfMock() {
  Lines lines;
  for (const char* name : {"own_mock.h", "own_mock.cc"}) {
    const std::string text = TextOf(absl::StrCat("examples/own_mock/", name));
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      const absl::string_view code = absl::StripAsciiWhitespace(line);
      if (code.empty() || absl::StartsWith(code, "//")) continue;
      ++lines.code;
      if (StrContains(absl::AsciiStrToLower(code), "mistake")) {
        ++lines.of_mistakes;
      }
    }
  }
  return lines;
}

TEST(OwnMockPage, HasTheNumberOfLines) {
  const Lines lines = LinesOfMock();
  EXPECT_LE(lines.code - lines.of_mistakes, 250);
  EXPECT_TRUE(StrContains(
      Page(),
      absl::StrCat("**", lines.code - lines.of_mistakes, " lines of code**")))
      << "tools/own_mock_table.py writes " << lines.code - lines.of_mistakes;
  EXPECT_TRUE(StrContains(
      Page(), absl::StrCat(lines.of_mistakes, " more for the mistakes")))
      << "tools/own_mock_table.py writes " << lines.of_mistakes;
}

TEST(OwnMockPage, HasTheTable) {
  for (const std::string& row : TableRows(/*with_threads=*/false)) {
    EXPECT_TRUE(StrContains(Page(), absl::StrCat("\n", row)))
        << "tools/own_mock_table.py writes: " << row;
  }
  EXPECT_FALSE(StrContains(Page(), "not found"));
}

}  // namespace
}  // namespace own_mock
