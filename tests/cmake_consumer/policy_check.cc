// A program of another project: checks a policy that grants the whole catalog
// of another account, and finds what is wrong.

#include <iostream>
#include <vector>

#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy.h"

int main() {
  glue_security::CatalogContext catalog;
  catalog.account_id = "123456789012";
  catalog.region = "us-east-1";
  const std::vector<glue_security::Finding> findings =
      glue_security::CheckPolicy(
          R"({"Statement": {"Effect": "Allow", "Principal": "*",)"
          R"( "Action": "glue:*",)"
          R"( "Resource": "arn:aws:glue:us-east-1:210987654321:*"}})",
          glue_security::PolicyChecks::kGlue, catalog);
  if (findings.size() != 1 ||
      findings[0].code != glue_security::FindingCode::kInvalidArnAccount) {
    std::cerr << findings.size() << " findings\n";
    return 1;
  }
  std::cout << findings[0].message << "\n";
  return 0;
}
