// SampleDocuments: policy documents of the AWS Glue Developer Guide in the form
// that PutResourcePolicy gets.

#ifndef GLUE_SECURITY_TESTING_BACKEND_SUITE_SAMPLE_DOCUMENTS_H_
#define GLUE_SECURITY_TESTING_BACKEND_SUITE_SAMPLE_DOCUMENTS_H_

#include <string>
#include <vector>

namespace glue_security::conformance_internal {

struct SampleDocument {
  // The file name in tests/policy/policies without ".json".
  std::string name;
  bool accepted = false;
  // The region of the catalog, whose account is 123456789012.
  std::string region;
  std::string why;
  std::string text;
};

// Lives forever.
const std::vector<SampleDocument>& SampleDocuments();

}  // namespace glue_security::conformance_internal

#endif  // GLUE_SECURITY_TESTING_BACKEND_SUITE_SAMPLE_DOCUMENTS_H_
