// PrincipalMatcher: the Principal or NotPrincipal of a statement, compiled.

#ifndef GLUE_SECURITY_POLICY_MATCH_PRINCIPAL_MATCHER_H_
#define GLUE_SECURITY_POLICY_MATCH_PRINCIPAL_MATCHER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/authorization.h"

namespace glue_security {

// A principal with facts that are derived from its ARN once for all statements.
struct PrincipalFacts {
  explicit PrincipalFacts(const Principal& who);

  const Principal& principal;
  std::optional<ArnFields> arn;
  bool is_session = false;
  // The ARN of the session's role, without a path when the path is not known.
  // Empty for other principals.
  std::string role_arn;
};

// Built from its entries, and constant afterwards. Thread-safe once built.
class PrincipalMatcher {
 public:
  // Adds "*", alone or as an entry. It names everybody.
  void AddEverybody() { everybody_ = "*"; }

  // Adds an entry of a kind: "AWS", "Service", "Federated" or "CanonicalUser".
  void Add(absl::string_view kind, absl::string_view text);

  // Returns, for Principal, the entry that names the principal, "*" included;
  // nullptr when none does.
  const std::string* FindEntry(const PrincipalFacts& facts) const;

  // Returns, for NotPrincipal with Deny, the entry that spares the principal;
  // nullptr when it is not spared. A principal is spared only if its account,
  // its role if it is a session, and itself are listed
  // (docs/decisions/iam-not-principal.md).
  const std::string* FindSparing(const PrincipalFacts& facts) const;

 private:
  struct AwsEntry {
    std::string text;
    // The account that a root ARN or 12 digits name; otherwise empty.
    std::string account;
    // The partition of a root ARN; otherwise empty, which matches any.
    std::string partition;
  };

  const std::string* FindOther(const Principal& principal) const;
  const std::string* FindAccount(const PrincipalFacts& facts) const;
  // Returns the entry with exactly this text, or nullptr. Empty text matches
  // none.
  const std::string* FindText(absl::string_view text) const;
  const std::string* FindRole(const PrincipalFacts& facts) const;
  const std::string* FindSelf(const PrincipalFacts& facts) const;

  // Set if everybody is named.
  std::optional<std::string> everybody_;
  std::vector<AwsEntry> aws_;
  std::vector<std::string> services_;
  std::vector<std::string> federated_;
  std::vector<std::string> canonical_users_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_PRINCIPAL_MATCHER_H_
