// PolicyMutants: makes policies that break exactly one rule. Every rule is
// broken at every place of a valid policy where it can be broken.

#ifndef GLUE_SECURITY_TESTING_GENERATORS_POLICY_MUTANTS_H_
#define GLUE_SECURITY_TESTING_GENERATORS_POLICY_MUTANTS_H_

#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/testing/generators/policy_node.h"

namespace glue_security {

// Returns all mutants of `policy` that break a rule of `level` or of a lower
// level. The text stays valid JSON. Each mutant has one mark: the code of the
// broken rule, at the place where the finding must be. The mutants are for the
// catalog and the caller of `SampleCatalog`.
//
// REQUIRES: `policy` has no findings at `level`. A sample policy has some
// thousand mutants.
std::vector<PolicyNode> PolicyMutants(const PolicyNode& policy,
                                      PolicyChecks level);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_GENERATORS_POLICY_MUTANTS_H_
