// PolicySamples: valid policies for one catalog. Together they have every
// element that a policy can have.

#ifndef GLUE_SECURITY_TESTING_GENERATORS_POLICY_SAMPLES_H_
#define GLUE_SECURITY_TESTING_GENERATORS_POLICY_SAMPLES_H_

#include <string>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/policy/policy.h"

namespace glue_security {

// The account and region of the samples' catalog, and the caller that puts
// them.
inline constexpr char kSampleAccount[] = "123456789012";
inline constexpr char kSampleRegion[] = "us-east-1";
inline constexpr char kSampleCaller[] = "arn:aws:iam::123456789012:user/admin";

// Returns the samples' catalog. Every principal exists in it, except the
// account 999999999999 and principals with GHOST in their name.
CatalogContext SampleCatalog();

struct PolicySample {
  std::string name;
  // The highest level at which the policy is valid.
  PolicyChecks level;
  std::string text;
};

std::vector<PolicySample> PolicySamples();

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_GENERATORS_POLICY_SAMPLES_H_
