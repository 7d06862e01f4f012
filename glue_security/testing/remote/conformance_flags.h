// The command line of the program glue-conformance.

#ifndef GLUE_SECURITY_TESTING_REMOTE_CONFORMANCE_FLAGS_H_
#define GLUE_SECURITY_TESTING_REMOTE_CONFORMANCE_FLAGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/remote/remote_backend.h"

namespace glue_security {

struct ConformanceFlags {
  enum class Format { kText, kJson, kHtml };

  // The text of --help or --version; empty when neither is given.
  std::string information;
  std::string url;
  // Empty when none is given.
  std::string profile;
  RemoteBackendOptions remote;
  bool contract_only = false;
  // The operations that the mock does not have, beside those on connections.
  std::vector<Operation> without;
  Format format = Format::kText;
};

// Returns the flags. Errors: kInvalidArgument, with a readable message about
// the first flag that is wrong.
absl::StatusOr<ConformanceFlags> ParseConformanceFlags(int argc,
                                                       const char* const* argv);

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_REMOTE_CONFORMANCE_FLAGS_H_
