// Comments name the page of the IAM User Guide, and its section, that settles a
// rule. "Open" marks a rule that the guide leaves open.

#include "tests/policy/naive_principal.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "glue_security/policy/authorization.h"
#include "glue_security/policy/truth.h"
#include "tests/policy/naive_document.h"
#include "tests/policy/naive_pattern.h"

namespace glue_security::naive {
namespace {

// The parts of a principal's ARN (reference_identifiers, IAM ARNs).
struct Identity {
  enum Kind { kNone, kRoot, kUser, kRole, kSession, kFederatedUser };
  Kind kind = kNone;
  std::string partition;
  std::string account;
  std::string name;  // of a role, also of a session's role; without its path
};

std::vector<std::string> SplitPath(const std::string& text) {
  std::vector<std::string> parts = {""};
  for (char c : text) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// Parses the ARN of a principal. The kind of another text is kNone.
Identity Identify(const std::string& text) {
  const std::vector<std::string> arn = SplitArn(text);
  if (arn.size() != 6 || arn[0] != "arn" || !arn[3].empty()) return {};
  if (arn[1] != "aws" && !StartsWith(arn[1], "aws-")) return {};
  if (arn[4].size() != 12 || !AllDigits(arn[4])) return {};
  if (text.find_first_of("*?") != std::string::npos) return {};
  Identity identity{Identity::kNone, arn[1], arn[4], ""};
  const std::vector<std::string> path = SplitPath(arn[5]);
  if (arn[2] == "iam" && arn[5] == "root") {
    identity.kind = Identity::kRoot;
    return identity;
  }
  if (path.size() < 2 || path.back().empty()) return {};
  if (arn[2] == "iam" && path[0] == "user") identity.kind = Identity::kUser;
  if (arn[2] == "iam" && path[0] == "role") {
    identity.kind = Identity::kRole;
    identity.name = path.back();
  }
  if (arn[2] == "sts" && path[0] == "assumed-role" && path.size() == 3) {
    if (path[1].empty()) return {};
    identity.kind = Identity::kSession;
    identity.name = path[1];
  }
  if (arn[2] == "sts" && path[0] == "federated-user" && path.size() == 2) {
    identity.kind = Identity::kFederatedUser;
  }
  return identity;
}

// Returns the account of a principal, or "" if the principal has no ARN.
std::string AccountOf(const Principal& principal) {
  const std::vector<std::string> arn = SplitArn(principal.arn);
  return arn.size() == 6 ? arn[4] : "";
}

// Returns true for the 12 digits and the root ARN, which both mean the account
// and not only its root user (reference_policies_elements_principal, AWS
// account principals).
bool NamesAccount(const std::string& entry, const Principal& principal) {
  const std::string account = AccountOf(principal);
  if (account.empty()) return false;
  if (entry.size() == 12 && AllDigits(entry)) return entry == account;
  return entry ==
         "arn:" + SplitArn(principal.arn)[1] + ":iam::" + account + ":root";
}

// Compares an entry with the unique id (reference_identifiers, unique
// identifiers). Users have ids AIDA…, roles AROA…. One that is not given is
// unknown.
Truth NamesId(const std::string& entry, const Principal& principal) {
  if (!principal.unique_id.empty()) {
    return TruthOf(entry == principal.unique_id);
  }
  const Identity::Kind kind = Identify(principal.arn).kind;
  std::string prefix;
  if (kind == Identity::kUser) prefix = "AIDA";
  if (kind == Identity::kRole || kind == Identity::kSession) prefix = "AROA";
  if (prefix.empty() || !StartsWith(entry, prefix)) return Truth::kFalse;
  return Truth::kUndecided;
}

// Returns true if the entry is the ARN of the role of a role or session. Its
// path does not count, since the name alone is unique in the account
// (reference_iam-quotas).
bool NamesRoleArn(const std::string& entry, const Principal& principal) {
  const Identity role = Identify(entry);
  const Identity own = Identify(principal.arn);
  return role.kind == Identity::kRole &&
         (own.kind == Identity::kRole || own.kind == Identity::kSession) &&
         role.partition == own.partition && role.account == own.account &&
         role.name == own.name;
}

// Tells whether the entry is the ARN or the unique id of a session's role
// (reference_policies_elements_principal, IAM role principals).
Truth NamesRoleOfSession(const std::string& entry, const Principal& principal) {
  if (!IsSession(principal)) return Truth::kFalse;
  if (NamesRoleArn(entry, principal)) return Truth::kTrue;
  return NamesId(entry, principal);
}

// Tells whether the entry is the ARN or unique id of the user, role, session,
// federated user or root user itself.
Truth NamesSelf(const std::string& entry, const Principal& principal) {
  if (entry.empty()) return Truth::kFalse;
  if (entry == principal.arn) return Truth::kTrue;
  if (IsSession(principal)) return Truth::kFalse;
  if (NamesRoleArn(entry, principal)) return Truth::kTrue;
  return NamesId(entry, principal);
}

bool Contains(const Json& list, const std::string& text) {
  for (const std::string& item : Texts(list)) {
    if (!text.empty() && item == text) return true;
  }
  return false;
}

// Returns true for "*" and {"AWS": "*"} (All principals). An asterisk under the
// other keys, or within a longer text, is not a wildcard.
bool NamesEverybody(const Json& element) {
  if (element.is_string()) return element.get<std::string>() == "*";
  return element.contains("AWS") && Contains(element["AWS"], "*");
}

// Returns true for the kinds of principal that have other keys and are named in
// full: AWS services, web identity and SAML providers, canonical users.
bool NamesByOtherKey(const Json& element, const Principal& principal) {
  if (element.contains("Service") &&
      Contains(element["Service"], principal.service)) {
    return true;
  }
  if (element.contains("Federated") &&
      Contains(element["Federated"], principal.federated)) {
    return true;
  }
  return element.contains("CanonicalUser") &&
         Contains(element["CanonicalUser"], principal.canonical_user);
}

std::vector<std::string> AwsEntries(const Json& element) {
  if (!element.is_object() || !element.contains("AWS")) return {};
  return Texts(element["AWS"]);
}

Truth NamesPrincipal(const Json& element, const Principal& principal) {
  if (NamesEverybody(element)) return Truth::kTrue;
  if (!element.is_object()) return Truth::kFalse;
  Truth named = TruthOf(NamesByOtherKey(element, principal));
  for (const std::string& entry : AwsEntries(element)) {
    named = Or(named, TruthOf(NamesAccount(entry, principal)));
    named = Or(named, NamesRoleOfSession(entry, principal));
    named = Or(named, NamesSelf(entry, principal));
  }
  return named;
}

// Tells whether NotPrincipal with Deny spares the principal. The account is
// checked, then the role, then the session or user; each has to be listed.
// Listing the account does not spare everybody in it: the example lists Bob and
// his account, and denies everybody but Bob
// (reference_policies_elements_notprincipal, NotPrincipal with Deny).
Truth SparedFromDeny(const Json& element, const Principal& principal) {
  if (NamesEverybody(element)) return Truth::kTrue;
  if (!element.is_object()) return Truth::kFalse;
  if (NamesByOtherKey(element, principal)) return Truth::kTrue;  // Open.
  // An account that is not known need not be listed.
  Truth account = TruthOf(principal.arn.empty());
  Truth role = TruthOf(!IsSession(principal));
  Truth self = Truth::kFalse;
  for (const std::string& entry : AwsEntries(element)) {
    const Truth names_account = TruthOf(NamesAccount(entry, principal));
    account = Or(account, names_account);
    role = Or(role, NamesRoleOfSession(entry, principal));
    self = Or(self, NamesSelf(entry, principal));
    // The root user is the account.
    if (Identify(principal.arn).kind == Identity::kRoot) {
      self = Or(self, names_account);
    }
  }
  return And(account, And(role, self));
}

// Returns the way in which an entry of AWS certainly names the principal. An id
// AROA… is a role's, also if the principal has no ARN.
Naming NamingOf(const std::string& entry, const Principal& principal) {
  if (NamesSelf(entry, principal) == Truth::kTrue) {
    const bool is_role = Identify(principal.arn).kind == Identity::kRole ||
                         StartsWith(entry, "AROA");
    return is_role ? Naming::kOther : Naming::kSelf;
  }
  if (NamesRoleOfSession(entry, principal) == Truth::kTrue || entry == "*") {
    return Naming::kOther;
  }
  return NamesAccount(entry, principal) ? Naming::kAccount : Naming::kNot;
}

}  // namespace

bool IsSession(const Principal& principal) {
  return Identify(principal.arn).kind == Identity::kSession;
}

std::vector<Pattern> PossibleRoleArns(const Principal& principal) {
  const Identity own = Identify(principal.arn);
  const std::string start =
      "arn:" + own.partition + ":iam::" + own.account + ":role/";
  Pattern with_path = LiteralPattern(start);
  with_path.push_back({Symbol::kAnyOne, "?"});
  with_path.push_back({Symbol::kAnyRun, "*"});
  AppendLiteral("/" + own.name, &with_path);
  return {LiteralPattern(start + own.name), with_path};
}

Truth PrincipalApplies(const Json& statement, const Principal& principal) {
  if (statement.contains("Principal")) {
    return NamesPrincipal(statement["Principal"], principal);
  }
  if (!statement.contains("NotPrincipal")) return Truth::kFalse;
  // NotPrincipal with Allow means everybody except those that it names.
  if (statement["Effect"] == "Allow") {
    return Not(NamesPrincipal(statement["NotPrincipal"], principal));
  }
  return Not(SparedFromDeny(statement["NotPrincipal"], principal));
}

Naming StrongestNaming(const Json& element, const Principal& principal) {
  if (element.is_string()) {
    return NamesEverybody(element) ? Naming::kOther : Naming::kNot;
  }
  if (NamesByOtherKey(element, principal)) return Naming::kSelf;
  Naming strongest = Naming::kNot;
  for (const std::string& entry : AwsEntries(element)) {
    strongest = std::max(strongest, NamingOf(entry, principal));
  }
  return strongest;
}

}  // namespace glue_security::naive
