// PrincipalMatcher: the Principal or NotPrincipal of a statement, compiled.

#ifndef GLUE_SECURITY_POLICY_MATCH_PRINCIPAL_MATCHER_H_
#define GLUE_SECURITY_POLICY_MATCH_PRINCIPAL_MATCHER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/truth.h"

namespace glue_security {

// A principal with facts that are derived from its ARN once for all statements.
struct PrincipalFacts {
  explicit PrincipalFacts(const Principal& who);

  // Returns true if `text`, the ARN or unique id of an entry, could be the
  // unique id of the principal, which is unknown.
  bool MayHaveId(absl::string_view text) const;

  const Principal& principal;
  std::optional<ArnFields> arn;
  bool is_root = false;
  bool is_session = false;
  // The principal is a role, which only stands for its sessions.
  bool is_role = false;
  // The role, or that of a session: its account and name. Empty for other
  // principals.
  absl::string_view role_account;
  absl::string_view role_partition;
  absl::string_view role_name;
  // The first characters of the unique id if that is unknown, or if the ARN is
  // not one of a principal; otherwise empty.
  absl::string_view unknown_id_start;
};

// The result of looking for a principal in a Principal or NotPrincipal.
struct PrincipalMatch {
  // The element, its negation included, is fulfilled.
  Truth fulfilled = Truth::kFalse;
  // It is even if only the entries count that name the principal at least as
  // kEverybody, or as kSelf.
  Truth more_than_account = Truth::kFalse;
  Truth as_self = Truth::kFalse;
  // The entry that names the principal most strongly. For NotPrincipal, the one
  // that spares it. An entry that certainly names it is preferred to one that
  // may. nullptr: there is none.
  const std::string* entry = nullptr;
  NamedAs named_as = NamedAs::kNobody;
};

// Built from its entries, and constant afterwards. Thread-safe once built.
class PrincipalMatcher {
 public:
  // Adds "*", alone or as an entry. It names everybody.
  void AddEverybody() { everybody_ = "*"; }

  // Adds an entry of a kind: "AWS", "Service", "Federated" or "CanonicalUser".
  void Add(absl::string_view kind, absl::string_view text);

  // Matches a principal with the entries of Principal.
  PrincipalMatch Match(const PrincipalFacts& facts) const;

  // Matches a principal with the entries of NotPrincipal in a Deny, which is
  // fulfilled unless they spare it. A principal is spared only if its account,
  // its role if it is a session, and itself are listed
  // (docs/decisions/iam-not-principal.md).
  PrincipalMatch MatchNot(const PrincipalFacts& facts) const;

 private:
  struct AwsEntry {
    std::string text;
    // The account of 12 digits, a root ARN or a role's ARN; otherwise empty.
    std::string account;
    // The partition of such an ARN; empty for 12 digits, in any partition.
    std::string partition;
    // The name of a role, without its path; otherwise empty.
    std::string role;
  };
  // An entry that was found, and whether it certainly names the principal.
  struct Found {
    Truth named = Truth::kFalse;
    const std::string* entry = nullptr;
  };

  Found FindOther(const Principal& principal) const;
  Found FindAccount(const PrincipalFacts& facts) const;
  // Returns the entry with exactly this text. Empty text matches none.
  Found FindText(absl::string_view text) const;
  // Returns the entry with the principal's unique id.
  Found FindId(const PrincipalFacts& facts) const;
  Found FindRole(const PrincipalFacts& facts) const;
  Found FindSelf(const PrincipalFacts& facts) const;
  Found FindSparing(const PrincipalFacts& facts) const;

  // Set if everybody is named.
  std::optional<std::string> everybody_;
  bool names_nobody_else_ = true;
  std::vector<AwsEntry> aws_;
  std::vector<std::string> services_;
  std::vector<std::string> federated_;
  std::vector<std::string> canonical_users_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_PRINCIPAL_MATCHER_H_
