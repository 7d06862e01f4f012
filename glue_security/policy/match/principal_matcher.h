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

// A principal with what its ARN tells, found out once for all statements.
struct PrincipalFacts {
  explicit PrincipalFacts(const Principal& who);

  const Principal& principal;
  std::optional<ArnFields> arn;
  bool is_session = false;
  // Of a session: the role's ARN, without a path when it is not known.
  std::string role_arn;
};

// Built from its entries, then only read. Thread-safe once built.
class PrincipalMatcher {
 public:
  // Adds "*", alone or as an entry: everybody is named.
  void AddEverybody() { everybody_ = "*"; }

  // Adds an entry of a kind: "AWS", "Service", "Federated" or "CanonicalUser".
  void Add(absl::string_view kind, absl::string_view text);

  // Principal: the entry that names the principal, "*" included; nullptr when
  // none does.
  const std::string* FindEntry(const PrincipalFacts& facts) const;

  // NotPrincipal with Deny: the entry that spares the principal; nullptr when
  // it is not spared. All that it is made of must be listed: its account, its
  // role if it is a session, and itself.
  const std::string* FindSparing(const PrincipalFacts& facts) const;

 private:
  struct AwsEntry {
    std::string text;
    // The account that a root ARN or 12 digits name; else empty.
    std::string account;
    // Of a root ARN; empty: any.
    std::string partition;
  };

  const std::string* FindOther(const Principal& principal) const;
  const std::string* FindAccount(const PrincipalFacts& facts) const;
  // Entry with exactly this text, which must not be empty.
  const std::string* FindText(absl::string_view text) const;
  const std::string* FindRole(const PrincipalFacts& facts) const;
  const std::string* FindSelf(const PrincipalFacts& facts) const;

  // Set: everybody is named.
  std::optional<std::string> everybody_;
  std::vector<AwsEntry> aws_;
  std::vector<std::string> services_;
  std::vector<std::string> federated_;
  std::vector<std::string> canonical_users_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_PRINCIPAL_MATCHER_H_
