// Tests generated policies that break exactly one rule. Every rule is broken at
// every place of several good policies where it can be broken. There must be
// one finding, with the code of that rule, at that place.

#include "glue_security/testing/generators/policy_mutants.h"

#include <cstddef>
#include <functional>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "glue_security/json/json_document.h"
#include "glue_security/model/behavior.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy.h"
#include "glue_security/testing/generators/policy_node.h"
#include "glue_security/testing/generators/policy_samples.h"
#include "glue_security/testing/oracle/naive_json.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

constexpr PolicyChecks kLevels[] = {PolicyChecks::kNone, PolicyChecks::kJson,
                                    PolicyChecks::kGrammar,
                                    PolicyChecks::kGlue};

std::vector<FindingCode> AllCodes() {
  std::vector<FindingCode> codes;
  for (int i = 0; !FindingCodeName(static_cast<FindingCode>(i)).empty(); ++i) {
    codes.push_back(static_cast<FindingCode>(i));
  }
  return codes;
}

// Returns the line and column of `offset`, both from 1, counted in code points.
std::pair<size_t, size_t> LineAndColumn(const std::string& text,
                                        size_t offset) {
  const auto points = NaiveCodePoints(text.substr(0, offset));
  size_t line = 1;
  size_t column = 1;
  for (size_t i = 0; points.has_value() && i < points->size(); ++i) {
    const char32_t point = (*points)[i];
    const bool crlf =
        point == U'\r' && i + 1 < points->size() && (*points)[i + 1] == U'\n';
    if (point == U'\n' || (point == U'\r' && !crlf)) {
      ++line;
      column = 1;
    } else {
      ++column;
    }
  }
  return {line, column};
}

// Returns true if the JSON pointer leads to a value that starts at `offset` or
// whose key starts there.
bool LeadsTo(const JsonDocument& document, const std::string& pointer,
             size_t offset) {
  std::vector<JsonDocument::Value> values = {document.root()};
  std::vector<size_t> offsets = {document.root().offset()};
  std::vector<std::string> tokens = absl::StrSplit(pointer, '/');
  tokens.erase(tokens.begin());
  for (const std::string& escaped : tokens) {
    const std::string token =
        absl::StrReplaceAll(escaped, {{"~1", "/"}, {"~0", "~"}});
    std::vector<JsonDocument::Value> inner;
    offsets.clear();
    for (const auto value : values) {
      if (value.is_object()) {
        for (const auto member : value.members()) {
          if (member.key.text() != token) continue;
          inner.push_back(member.value);
          offsets.push_back(member.key.offset());
          offsets.push_back(member.value.offset());
        }
      } else if (value.is_array()) {
        size_t i = 0;
        for (const auto element : value.elements()) {
          if (absl::StrCat(i++) != token) continue;
          inner.push_back(element);
          offsets.push_back(element.offset());
        }
      }
    }
    values = inner;
  }
  for (const size_t other : offsets) {
    if (other == offset) return true;
  }
  return false;
}

// ---------------------------------------------------------------------------
// The tests.

// Expects the same number of findings without the hook. Without it a good
// policy is checked by faster code, which must agree with the check of the
// document.
void ExpectSameWithoutHook(const std::string& text, PolicyChecks level) {
  // ParsePolicy takes the lower levels as kGrammar.
  if (level < PolicyChecks::kGrammar) return;
  CatalogContext catalog = SampleCatalog();
  catalog.principal_exists = nullptr;
  for (const char* caller : {kSampleCaller, ""}) {
    catalog.caller.arn = caller;
    const auto parsed = ParsePolicy(text, level, catalog);
    const auto* findings = std::get_if<std::vector<Finding>>(&parsed);
    EXPECT_EQ(CheckPolicy(text, level, catalog).size(),
              findings == nullptr ? 0 : findings->size())
        << "at level " << static_cast<int>(level) << "\n"
        << text;
  }
}

void ExpectNoFindings(const PolicyNode& document, PolicyChecks highest) {
  for (const PolicyLayout& layout : PolicyLayouts()) {
    PolicyWriter writer(layout);
    writer.WriteDocument(document);
    for (const PolicyChecks level : kLevels) {
      if (level > highest) continue;
      const auto findings = CheckPolicy(writer.text(), level, SampleCatalog());
      EXPECT_TRUE(findings.empty())
          << FindingCodeName(findings[0].code) << " at " << findings[0].pointer
          << " in " << writer.text();
      ExpectSameWithoutHook(writer.text(), level);
    }
  }
}

void ExpectFinding(const Finding& finding, const PolicyMark& mark,
                   const JsonDocument& document) {
  EXPECT_EQ(FindingCodeName(finding.code), FindingCodeName(mark.code));
  EXPECT_EQ(finding.pointer, mark.pointer);
  EXPECT_EQ(finding.offset, mark.offset);
  EXPECT_EQ(std::make_pair(finding.line, finding.column),
            LineAndColumn(document.text(), mark.offset));
  EXPECT_TRUE(LeadsTo(document, finding.pointer, finding.offset));
  EXPECT_NE(finding.message, "");
  EXPECT_FALSE(absl::EndsWith(finding.message, ".")) << finding.message;
}

// Expects, at each level up to `highest`, exactly the findings that are marked
// and belong to that level or a lower one.
void ExpectMarkedFindings(const PolicyNode& document,
                          const PolicyLayout& layout, PolicyChecks highest) {
  PolicyWriter writer(layout);
  writer.WriteDocument(document);
  const auto parsed = JsonDocument::Parse(writer.text());
  for (const PolicyChecks level : kLevels) {
    if (level > highest) continue;
    std::vector<PolicyMark> marks;
    for (const PolicyMark& mark : writer.marks()) {
      if (FindingCodeLevel(mark.code) <= level) marks.push_back(mark);
    }
    const auto findings = CheckPolicy(writer.text(), level, SampleCatalog());
    ASSERT_EQ(findings.size(), marks.size())
        << "at level " << static_cast<int>(level) << "\n"
        << writer.text() << "\nfirst: "
        << (findings.empty() ? "nothing" : FindingCodeName(findings[0].code));
    ExpectSameWithoutHook(writer.text(), level);
    for (size_t i = 0; i < marks.size(); ++i) {
      ExpectFinding(findings[i], marks[i], std::get<JsonDocument>(parsed));
    }
    if (testing::Test::HasFailure()) {
      FAIL() << "at level " << static_cast<int>(level) << "\n" << writer.text();
    }
  }
}

TEST(PolicyMutants, TheirOriginalsHaveNoFindings) {
  for (const PolicySample& base : PolicySamples()) {
    SCOPED_TRACE(base.name);
    ExpectNoFindings(NodeFromObject(base.text), base.level);
  }
}

TEST(PolicyMutants, EachHasTheOneFindingOfTheRuleThatItBreaksAtItsPlace) {
  const std::vector<PolicyLayout> layouts = PolicyLayouts();
  size_t count = 0;
  for (const PolicySample& base : PolicySamples()) {
    SCOPED_TRACE(base.name);
    for (const PolicyNode& mutant :
         PolicyMutants(NodeFromObject(base.text), base.level)) {
      const PolicyLayout& layout = layouts[count++ % layouts.size()];
      // A short run takes one of 23.
      if (IsShortRun() && count % 23 != 0) continue;
      ExpectMarkedFindings(mutant, layout, base.level);
      if (HasFailure()) return;
    }
  }
  std::cout << count << " mutants\n";
  EXPECT_GT(count, 6'000u);
}

// A prefix of an object is never an object, nor is an object with more text
// after it.
TEST(PolicyMutants, OfTheTextItself_HaveOneJsonSyntaxError) {
  size_t count = 0;
  for (const PolicySample& base : PolicySamples()) {
    PolicyWriter writer(PolicyLayouts()[count++ % PolicyLayouts().size()]);
    writer.WriteDocument(NodeFromObject(base.text));
    const std::string text(absl::StripTrailingAsciiWhitespace(writer.text()));
    std::vector<std::string> mutants = {"{\n", "{\r", "{\r\n", "{\r\n\r\n"};
    for (size_t size = 0; size < text.size(); size += 1 + size / 100) {
      mutants.push_back(text.substr(0, size));
    }
    for (const char* more : {"x", "{}", "}", ",", "\xFF", "\"", "/**/"}) {
      mutants.push_back(text + more);
      mutants.push_back(more + text);
    }
    for (const std::string& mutant : mutants) {
      EXPECT_TRUE(
          CheckPolicy(mutant, PolicyChecks::kNone, SampleCatalog()).empty());
      for (const PolicyChecks level :
           {PolicyChecks::kJson, PolicyChecks::kGrammar, PolicyChecks::kGlue}) {
        const auto findings = CheckPolicy(mutant, level, SampleCatalog());
        ASSERT_EQ(findings.size(), 1u) << mutant;
        EXPECT_EQ(findings[0].code, FindingCode::kJsonSyntaxError);
        EXPECT_EQ(findings[0].pointer, "");
        EXPECT_LE(findings[0].offset, mutant.size());
        EXPECT_EQ(std::make_pair(findings[0].line, findings[0].column),
                  LineAndColumn(mutant, findings[0].offset));
      }
    }
  }
}

TEST(PolicyMutants, EveryCodeIsMadeByOne) {
  // The test above makes the first code.
  std::map<FindingCode, int> made = {{FindingCode::kJsonSyntaxError, 1}};
  for (const PolicySample& base : PolicySamples()) {
    for (const PolicyNode& mutant :
         PolicyMutants(NodeFromObject(base.text), base.level)) {
      PolicyWriter writer(PolicyLayouts()[0]);
      writer.Write(mutant);
      ASSERT_EQ(writer.marks().size(), 1u) << writer.text();
      ++made[writer.marks()[0].code];
    }
  }
  for (const FindingCode code : AllCodes()) {
    if (IsWarningOnly(code)) continue;
    EXPECT_GT(made[code], 0) << FindingCodeName(code);
  }
  EXPECT_GT(AllCodes().size(), 30u);
}

// Statements of different mutants are put in one list. None hides another's
// finding.
TEST(PolicyMutants, Together_HaveAllFindingsInTheOrderOfTheText) {
  const PolicySample base = PolicySamples()[1];
  std::vector<PolicyNode> statements;
  for (const PolicyNode& mutant :
       PolicyMutants(NodeFromObject(base.text), base.level)) {
    PolicyWriter writer(PolicyLayouts()[0]);
    writer.Write(mutant);
    const PolicyMark& mark = writer.marks().front();
    if (mutant.members.size() == 1 && mutant.members[0].key == "Statement" &&
        mutant.members[0].value.kind == PolicyNode::Kind::kObject &&
        !mutant.members[0].key_mark.has_value() &&
        mark.code != FindingCode::kPolicyLocksOutCaller) {
      statements.push_back(mutant.members[0].value);
    }
  }
  ASSERT_GT(statements.size(), 100u);
  std::mt19937_64 random(20261124);
  const std::vector<PolicyLayout> layouts = PolicyLayouts();
  for (int round = 0; round < 2'000; ++round) {
    PolicyNode list = NodeFromJson("[]");
    for (size_t size = 2 + random() % 6; size > 0; --size) {
      list.elements.push_back(statements[random() % statements.size()]);
    }
    PolicyNode document = NodeFromJson("{}");
    AppendMember(document, "Statement", list);
    ExpectMarkedFindings(document, layouts[random() % layouts.size()],
                         PolicyChecks::kGlue);
    if (HasFailure()) return;
  }
}

// ---------------------------------------------------------------------------
// The messages.

// Calls `visit` with every key and every string, which it may change.
void ForEachText(PolicyNode& node,
                 const std::function<void(std::string&)>& visit) {
  if (node.kind == PolicyNode::Kind::kString) visit(node.text);
  for (PolicyNode& element : node.elements) ForEachText(element, visit);
  for (PolicyNode::Member& member : node.members) {
    visit(member.key);
    ForEachText(member.value, visit);
  }
}

TEST(PolicyMutants, NoMessageQuotesTheDocument) {
  const std::string marker = "MARKER";
  size_t findings_seen = 0;
  const auto expect_unquoted = [&](const std::string& text) {
    for (const PolicyChecks level : kLevels) {
      for (const Finding& finding : CheckPolicy(text, level, SampleCatalog())) {
        ++findings_seen;
        ASSERT_FALSE(absl::StrContains(finding.message, marker))
            << finding.message;
      }
    }
  };
  for (const PolicySample& base : PolicySamples()) {
    PolicyNode document = NodeFromObject(base.text);
    size_t texts = 0;
    ForEachText(document, [&](std::string&) { ++texts; });
    for (size_t i = 0; i < texts; ++i) {
      for (const char* pattern : {"M", "$M", "M$", "$:M", "$/M"}) {
        PolicyNode mutant = document;
        size_t at = 0;
        ForEachText(mutant, [&](std::string& text) {
          if (at++ != i) return;
          text = absl::StrReplaceAll(pattern, {{"M", marker}, {"$", text}});
        });
        PolicyWriter writer(PolicyLayouts()[0]);
        writer.Write(mutant);
        expect_unquoted(writer.text());
        const size_t place = writer.text().find(marker);
        expect_unquoted(writer.text().substr(0, place + marker.size()));
        expect_unquoted(writer.text() + marker);
      }
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(findings_seen, 1000u);
}

}  // namespace
}  // namespace glue_security
