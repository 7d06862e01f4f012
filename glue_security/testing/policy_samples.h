// Good policies that between them have every element that a policy can have,
// and the catalog that they are of.

#ifndef GLUE_SECURITY_TESTING_POLICY_SAMPLES_H_
#define GLUE_SECURITY_TESTING_POLICY_SAMPLES_H_

#include <string>
#include <vector>

#include "glue_security/model/behavior.h"
#include "glue_security/policy/policy.h"

namespace glue_security {

// The account and region of the samples' catalog, and who puts them.
inline constexpr char kSampleAccount[] = "123456789012";
inline constexpr char kSampleRegion[] = "us-east-1";
inline constexpr char kSampleCaller[] = "arn:aws:iam::123456789012:user/admin";

// That catalog. In it everybody exists, save the account 999999999999 and those
// with GHOST in their name.
CatalogContext SampleCatalog();

struct PolicySample {
  std::string name;
  // The highest level that takes it.
  PolicyChecks level;
  std::string text;
};

std::vector<PolicySample> PolicySamples();

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_POLICY_SAMPLES_H_
