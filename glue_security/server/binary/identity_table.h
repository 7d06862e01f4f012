// IdentityTable: what the identity policies of the callers say, from a
// credentials file.

#ifndef GLUE_SECURITY_SERVER_BINARY_IDENTITY_TABLE_H_
#define GLUE_SECURITY_SERVER_BINARY_IDENTITY_TABLE_H_

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "glue_security/http/credentials.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/policy_evaluator.h"
#include "glue_security/state_machine/authorizer.h"

namespace glue_security {

// Immutable, thread-safe.
class IdentityTable {
 public:
  // Returns the contents of a file, or an error with its name.
  using ReadFile =
      std::function<absl::StatusOr<std::string>(const std::string&)>;

  // Reads the files that the credentials name, relative to `folder`. Errors:
  // those of `read_file`; kInvalidArgument for a file that is not an identity
  // policy, with the place of its first error, and for a principal that has two
  // of them.
  static absl::StatusOr<IdentityTable> Create(const Credentials& credentials,
                                              const std::string& folder,
                                              const ReadFile& read_file);

  // Returns the decision for a caller; kAllow for one who is not listed.
  DecisionKind Decide(const OperationAccess& access) const;
  // Does the same for a request whose context is complete, such as one of a
  // LocalKms.
  DecisionKind Decide(const AuthorizationRequest& request) const;

 private:
  struct Entry {
    std::string setting;
    // The policy of a file; otherwise `kind` is the decision.
    std::optional<PolicyEvaluator> policy;
    DecisionKind kind = DecisionKind::kAllow;
  };

  // By the ARN of the principal.
  std::map<std::string, Entry> entries_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_SERVER_BINARY_IDENTITY_TABLE_H_
