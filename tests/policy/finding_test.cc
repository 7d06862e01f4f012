// Tests the codes of findings: their names, their levels, and that the
// reference page describes each.

#include "glue_security/policy/finding.h"

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "glue_security/model/behavior.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

std::vector<FindingCode> AllCodes() {
  std::vector<FindingCode> codes;
  for (int i = 0; !FindingCodeName(static_cast<FindingCode>(i)).empty(); ++i) {
    codes.push_back(static_cast<FindingCode>(i));
  }
  return codes;
}

std::string LevelName(PolicyChecks level) {
  switch (level) {
    case PolicyChecks::kNone:
      return "kNone";
    case PolicyChecks::kJson:
      return "kJson";
    case PolicyChecks::kGrammar:
      return "kGrammar";
    case PolicyChecks::kGlue:
      return "kGlue";
  }
  return "";
}

TEST(FindingCodes, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const FindingCode code : AllCodes()) {
    const std::string name(FindingCodeName(code));
    EXPECT_TRUE(names.insert(name).second) << name;
    for (const char c : name) {
      EXPECT_TRUE(c == '_' ||
                  absl::ascii_isupper(static_cast<unsigned char>(c)))
          << name;
    }
  }
  EXPECT_EQ(names.count("POLICY_LOCKS_OUT_CALLER"), 1u);
}

// The numbers order findings at the same place, and a lower level comes first.
TEST(FindingCodes, AreInTheOrderOfTheirLevels) {
  PolicyChecks previous = PolicyChecks::kJson;
  for (const FindingCode code : AllCodes()) {
    if (IsWarningOnly(code)) continue;
    EXPECT_GE(FindingCodeLevel(code), previous) << FindingCodeName(code);
    previous = FindingCodeLevel(code);
  }
  EXPECT_EQ(FindingCodeLevel(FindingCode::kJsonSyntaxError),
            PolicyChecks::kJson);
  EXPECT_EQ(FindingCodeLevel(FindingCode::kDuplicateKeys),
            PolicyChecks::kGrammar);
  EXPECT_EQ(FindingCodeLevel(FindingCode::kNullWithIfExists),
            PolicyChecks::kGrammar);
  EXPECT_EQ(FindingCodeLevel(FindingCode::kUnsupportedPrincipal),
            PolicyChecks::kGlue);
  EXPECT_EQ(FindingCodeLevel(FindingCode::kPolicyLocksOutCaller),
            PolicyChecks::kGlue);
}

// Rows look like | `INVALID_EFFECT` | `kGrammar` | when | what to write instead
// |
TEST(FindingCodes, AreAllInTheReferenceInTheirOrder) {
  std::ifstream page("docs/reference/policy_findings.md");
  ASSERT_TRUE(page.is_open());
  std::vector<std::string> told;
  for (std::string line; std::getline(page, line);) {
    if (!absl::StartsWith(line, "| `")) continue;
    const std::vector<std::string> cells = absl::StrSplit(line, " | ");
    ASSERT_EQ(cells.size(), 4u) << line;
    EXPECT_FALSE(cells[2].empty() || cells[3].empty()) << line;
    told.push_back(absl::StrCat(cells[0], " | ", cells[1]));
  }
  std::vector<std::string> codes;
  for (const FindingCode code : AllCodes()) {
    codes.push_back(absl::StrCat("| `", FindingCodeName(code), "` | `",
                                 LevelName(FindingCodeLevel(code)), "`"));
    if (IsWarningOnly(code)) {
      codes.back() = absl::StrCat("| `", FindingCodeName(code), "` | warning");
    }
  }
  EXPECT_EQ(told, codes);
}

}  // namespace
}  // namespace glue_security
