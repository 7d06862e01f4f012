// The request about which an authorization decision is made: the principal, the
// action, the resource and the context. Plain values; `PolicyEvaluator`
// (policy_evaluator.h) decides. All texts are UTF-8. In invalid UTF-8 a
// character is a byte and the continuation bytes after it.

#ifndef GLUE_SECURITY_POLICY_AUTHORIZATION_H_
#define GLUE_SECURITY_POLICY_AUTHORIZATION_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/model/caller.h"

namespace glue_security {

// The principal who makes a request. Members that do not apply are empty; an
// anonymous caller has only empty members. Names in ARNs are compared byte for
// byte.
struct Principal {
  // The ARN of a root user ("arn:aws:iam::123456789012:root"), a user
  // ("arn:aws:iam::123456789012:user/division/alice"), an assumed-role session
  // ("arn:aws:sts::123456789012:assumed-role/reader/session") or a federated
  // user ("arn:aws:sts::123456789012:federated-user/bob").
  std::string arn;
  // The ARN of an assumed-role session's role, with its path, which the
  // session's ARN does not have ("arn:aws:iam::123456789012:role/team/reader").
  // Empty: the path is unknown; so it is when this is not the ARN of the role
  // that the session names. Empty for other principals.
  std::string role_arn;
  // The unique id of the user or, for a session, of the role: "AIDA…", "AROA…".
  // Empty: unknown. Root users, federated users and services have none.
  std::string unique_id;
  // A service that calls on its own behalf: "glue.amazonaws.com".
  std::string service;
  // The identity provider of a principal that is federated and has no ARN:
  // "cognito-identity.amazonaws.com", or the ARN of a SAML provider.
  std::string federated;
  // A canonical user id.
  std::string canonical_user;
};

// How strongly an entry of a Principal names a principal.
enum class NamedAs {
  kNobody,
  // Only the account of the principal is named. An Allow delegates to the
  // account, whose identity policies must allow the request, too.
  kAccount,
  // "*".
  kEverybody,
  // The role of a session, by ARN or unique id.
  kRole,
  // The principal itself. A root user only by its ARN, not by 12 digits.
  kSelf,
};

// Compares without regard to the case of ASCII letters.
struct AsciiCaseLess {
  bool operator()(const std::string& a, const std::string& b) const;
};

// The context of a request. Maps a key such as "aws:SourceIp", in any case, to
// its values as text: "203.0.113.7", "true", "12", "2026-01-31T12:00:00Z",
// base64. A key without values counts as absent.
using ContextKeys =
    std::map<std::string, std::vector<std::string>, AsciiCaseLess>;

// The names of keys, in any case.
using KeyNames = std::set<std::string, AsciiCaseLess>;

// Returns the principal whose ARN is `arn`. Text that is not the ARN of a
// principal is kept as `arn` and names nobody else.
Principal PrincipalFromArn(absl::string_view arn);

// Returns the principal of a caller.
Principal PrincipalOf(const Caller& caller);

struct AuthorizationRequest {
  Principal principal;
  // "glue:GetTable".
  std::string action;
  // "arn:aws:glue:us-east-1:123456789012:table/default/orders".
  std::string resource;
  // True: the `*` at the end of `resource` stands for any text. The question is
  // then about all of these resources. Without a `*` at the end it has no
  // effect.
  bool resource_is_set = false;
  // The keys that are given, and those that are absent: without values.
  ContextKeys context;
  // The keys of which it is unknown whether the request has them. Those in
  // `context` are known, even if they are listed here.
  KeyNames unknown_keys;
  // True: all keys that are not in `context` are unknown. Otherwise they are
  // absent, unless `unknown_keys` has them.
  bool other_keys_unknown = false;
};

// Adds to `request` what follows from its principal: keys that are given,
// absent or unknown, among aws:PrincipalArn, aws:PrincipalAccount,
// aws:PrincipalType, aws:username, aws:userid, aws:PrincipalIsAWSService and
// aws:PrincipalServiceName. docs/decisions/access.md lists them for each kind
// of principal. Keys that `request` already has are kept.
void AddPrincipalContext(AuthorizationRequest* request);

// The decision of a policy about a request.
enum class DecisionKind {
  kAllow,         // a statement allows it and none denies it
  kExplicitDeny,  // a statement denies it
  kImplicitDeny,  // no statement applies
  // It depends on facts that are unknown (docs/decisions/unknown-facts.md).
  // As the decision of identity policies it counts as an explicit deny.
  kUndecided,
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_AUTHORIZATION_H_
