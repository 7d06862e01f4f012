// Tests policies that others published as examples. Those that the service's
// guide calls policies of a catalog pass, and the others fail for the reason
// that the guide gives. policies/README.md gives the source of each.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "glue_security/model/behavior.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

constexpr char kFolder[] = "tests/policy/policies/";

struct Sample {
  std::string file;
  std::string region;
  // The names of the codes at each level, in the order of the text.
  std::string grammar;
  std::string glue;
};

std::vector<Sample> Samples() {
  const std::string none;
  const std::string no_principal = "MISSING_PRINCIPAL";
  const std::string two_without_principal =
      "MISSING_PRINCIPAL MISSING_PRINCIPAL";
  const std::string no_such_form = "INVALID_PRINCIPAL_FORMAT";
  return {
      {"accepted/cross_account_1.json", "us-east-1", none, none},
      {"accepted/guide_resource_policy_1.json", "us-west-2", none, none},
      {"accepted/guide_resource_policy_2.json", "us-west-2", none, none},
      {"accepted/guide_resource_policy_3.json", "us-west-2", none, none},
      {"accepted/guide_resource_policy_4.json", "us-west-2", none, none},
      {"accepted/rules_valid_two_principals.json", "us-east-1", none, none},
      {"rejected/cross_account_2.json", "us-east-1", no_principal,
       no_principal},
      {"rejected/cross_account_3.json", "us-east-1", no_such_form,
       no_such_form},
      {"rejected/guide_identity_policy_5.json", "us-west-2", no_principal,
       no_principal},
      {"rejected/identity_policy_1.json", "us-west-2", no_principal,
       no_principal},
      {"rejected/identity_policy_10.json", "us-west-2", two_without_principal,
       two_without_principal},
      {"rejected/identity_policy_2.json", "us-west-2", no_principal,
       no_principal},
      {"rejected/identity_policy_3.json", "us-west-2", no_principal,
       no_principal},
      {"rejected/identity_policy_4.json", "us-west-2", no_principal,
       no_principal},
      {"rejected/identity_policy_5.json", "us-west-2", no_principal,
       no_principal},
      {"rejected/identity_policy_6.json", "us-west-2", no_principal,
       no_principal},
      {"rejected/identity_policy_7.json", "us-west-2", no_principal,
       no_principal},
      {"rejected/identity_policy_8.json", "us-west-2", no_principal,
       no_principal},
      {"rejected/identity_policy_9.json", "us-west-2", no_principal,
       no_principal},
      // The policy has three such resources.
      {"rejected/rules_foreign_account_resource.json", "us-east-1", none,
       "INVALID_ARN_ACCOUNT INVALID_ARN_ACCOUNT INVALID_ARN_ACCOUNT"},
      {"rejected/rules_nonexistent_user.json", "us-east-1", none,
       "INVALID_PRINCIPAL_NAME"},
      // An ARN of S3 has another service and has neither region nor account.
      {"rejected/rules_s3_resource.json", "us-east-1", none,
       "INVALID_SERVICE INVALID_ARN_REGION INVALID_ARN_ACCOUNT"},
  };
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_FALSE(file.fail()) << path;
  return text.str();
}

std::string CodesOf(const std::string& text, PolicyChecks level,
                    const std::string& region) {
  CatalogContext catalog;
  catalog.account_id = "123456789012";
  catalog.region = region;
  return absl::StrJoin(CheckPolicy(text, level, catalog), " ",
                       [](std::string* out, const Finding& finding) {
                         absl::StrAppend(out, FindingCodeName(finding.code));
                       });
}

TEST(SamplePolicies, AreTakenOrRefusedForTheReasonThatTheGuideGives) {
  for (const Sample& sample : Samples()) {
    SCOPED_TRACE(sample.file);
    const std::string text = ReadFile(kFolder + sample.file);
    EXPECT_EQ(CodesOf(text, PolicyChecks::kGlue, sample.region), sample.glue);
    EXPECT_EQ(CodesOf(text, PolicyChecks::kGrammar, sample.region),
              sample.grammar);
    EXPECT_EQ(CodesOf(text, PolicyChecks::kJson, sample.region), "");
    EXPECT_EQ(CodesOf(text, PolicyChecks::kNone, sample.region), "");
    const bool is_accepted = absl::StartsWith(sample.file, "accepted/");
    EXPECT_EQ(sample.glue.empty(), is_accepted);
  }
}

TEST(SamplePolicies, OfAnotherRegion_AreRefused) {
  for (const Sample& sample : Samples()) {
    if (!absl::StartsWith(sample.file, "accepted/")) continue;
    SCOPED_TRACE(sample.file);
    const std::string text = ReadFile(kFolder + sample.file);
    const std::string codes = CodesOf(text, PolicyChecks::kGlue, "eu-west-1");
    for (const absl::string_view code : absl::StrSplit(codes, ' ')) {
      EXPECT_EQ(code, "INVALID_ARN_REGION");
    }
  }
}

TEST(SamplePolicies, NoneOfTheFolderIsLeftOut) {
  std::vector<std::string> listed;
  for (const char* folder : {"accepted", "rejected"}) {
    for (const auto& entry :
         std::filesystem::directory_iterator(std::string(kFolder) + folder)) {
      listed.push_back(
          absl::StrCat(folder, "/", entry.path().filename().string()));
    }
  }
  std::sort(listed.begin(), listed.end());
  std::vector<std::string> tested;
  for (const Sample& sample : Samples()) tested.push_back(sample.file);
  std::sort(tested.begin(), tested.end());
  EXPECT_EQ(listed, tested);
}

// Rows look like | accepted | cross_account_1.json | us-east-1 | … |
TEST(SamplePolicies, HaveTheRegionsOfTheReadme) {
  std::vector<std::string> told;
  const std::string readme = ReadFile(std::string(kFolder) + "README.md");
  for (const absl::string_view line : absl::StrSplit(readme, '\n')) {
    const std::vector<std::string> cells = absl::StrSplit(line, " | ");
    if (cells.size() != 5 || !absl::EndsWith(cells[1], ".json")) continue;
    told.push_back(absl::StrCat(absl::StripPrefix(cells[0], "| "), "/",
                                cells[1], " ", cells[2]));
  }
  std::sort(told.begin(), told.end());
  std::vector<std::string> tested;
  for (const Sample& sample : Samples()) {
    tested.push_back(absl::StrCat(sample.file, " ", sample.region));
  }
  std::sort(tested.begin(), tested.end());
  EXPECT_EQ(told, tested);
}

}  // namespace
}  // namespace glue_security
