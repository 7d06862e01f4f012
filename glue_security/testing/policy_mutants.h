// Policies that break exactly one rule: every rule, at every place of a good
// policy where it can be broken.

#ifndef GLUE_SECURITY_TESTING_POLICY_MUTANTS_H_
#define GLUE_SECURITY_TESTING_POLICY_MUTANTS_H_

#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/testing/policy_node.h"

namespace glue_security {

// All mutants of `policy` that break a rule of `level` or a lower one; the JSON
// itself stays whole. Each has one mark: the code of the rule it breaks, at the
// place where the finding must be. They are made for the catalog and the caller
// of `SampleCatalog`.
//
// REQUIRES: `policy` has no findings at `level`. Of one of the samples there
// are some thousands.
std::vector<PolicyNode> PolicyMutants(const PolicyNode& policy,
                                      PolicyChecks level);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_POLICY_MUTANTS_H_
