// Checks a resource policy that it reads, and prints the findings:
//
//   ./bazelw run //examples:policy_check < my_policy.json
//
//   5:17: Effect must be "Allow" or "Deny", in exactly this case
//   [INVALID_EFFECT]
//
// //glue_security/policy:glue-policy does more.

#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy.h"

int main() {
  using glue_security::Finding;
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  glue_security::CatalogContext catalog;
  catalog.account_id = "123456789012";
  catalog.region = "us-east-1";
  const std::vector<Finding> findings = glue_security::CheckPolicy(
      text, glue_security::PolicyChecks::kGlue, catalog);
  for (const Finding& f : findings) {
    std::cout << f.line << ":" << f.column << ": " << f.message << " ["
              << FindingCodeName(f.code) << "]\n";
  }
  return findings.empty() ? 0 : 1;
}
