// CheckStoredConnections, measured by engines with planted defects in what they
// store of connections and in their key calls.

#include "glue_security/testing/defects/connections/defective_connections.h"

#include <set>
#include <string>
#include <vector>

#include "glue_security/testing/defects/connections/stored_connections.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

TEST(CheckStoredConnections, FindsNothingWrongWithTheEngine) {
  for (const StoredFinding& finding :
       CheckStoredConnections([] { return ConnectionParts(); })) {
    ADD_FAILURE() << finding.rule << ": " << finding.text;
  }
}

TEST(DefectiveConnections, EachIsFoundByTheRulesThatItNames) {
  std::set<std::string> names;
  std::set<std::string> used;
  for (const DefectiveConnection& defect : DefectiveConnections()) {
    SCOPED_TRACE(defect.name);
    EXPECT_TRUE(names.insert(defect.name).second);
    EXPECT_EQ(defect.sentence.back(), '.');
    std::set<std::string> found;
    std::string texts;
    for (const StoredFinding& finding : CheckStoredConnections(defect.make)) {
      found.insert(finding.rule);
      texts += finding.rule + ": " + finding.text + "\n";
    }
    ASSERT_FALSE(defect.found_by.empty());
    for (const std::string& rule : defect.found_by) {
      EXPECT_EQ(found.count(rule), 1u) << rule << ", but\n" << texts;
      used.insert(rule);
    }
    // A defect that breaks everything would show nothing about a rule.
    EXPECT_LE(found.size() + 5, StoredConnectionRules().size()) << texts;
  }
  EXPECT_GE(names.size(), 20u);
  // Each rule finds some defect.
  const std::vector<std::string> rules = StoredConnectionRules();
  EXPECT_EQ(used, std::set<std::string>(rules.begin(), rules.end()));
}

}  // namespace
}  // namespace glue_security
