// The request about which an authorization decision is made: the principal, the
// action, the resource and the context. Plain values; `PolicyEvaluator`
// (policy_evaluator.h) decides. All texts are UTF-8. In invalid UTF-8 a
// character is a byte and the continuation bytes after it.

#ifndef GLUE_SECURITY_POLICY_AUTHORIZATION_H_
#define GLUE_SECURITY_POLICY_AUTHORIZATION_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace glue_security {

// The principal who makes a request. Members that do not apply are empty; an
// anonymous caller has only empty members. ARNs are compared byte for byte.
struct Principal {
  // The ARN of a root user ("arn:aws:iam::123456789012:root"), a user
  // ("arn:aws:iam::123456789012:user/division/alice"), an assumed-role session
  // ("arn:aws:sts::123456789012:assumed-role/reader/session") or a federated
  // user ("arn:aws:sts::123456789012:federated-user/bob").
  std::string arn;
  // The ARN of an assumed-role session's role; empty for other principals. It
  // may have a path, which the session's ARN does not have
  // ("arn:aws:iam::123456789012:role/team/reader").
  std::string role_arn;
  // The unique id of the user or, for a session, of the role: "AIDA…", "AROA…".
  std::string unique_id;
  // A service that calls on its own behalf: "glue.amazonaws.com".
  std::string service;
  // The identity provider of a principal that is federated and has no ARN:
  // "cognito-identity.amazonaws.com", or the ARN of a SAML provider.
  std::string federated;
  // A canonical user id.
  std::string canonical_user;
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

// Returns the principal whose ARN is `arn`. For an assumed-role session it also
// sets the role's ARN, without a path. Text that is not the ARN of a principal
// is kept as `arn` and names nobody else.
Principal PrincipalFromArn(absl::string_view arn);

// Returns the context keys that follow from the principal, as far as they are
// known: aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalType,
// aws:username, aws:userid, aws:PrincipalIsAWSService and, for a service,
// aws:PrincipalServiceName. docs/decisions/access.md lists them for each kind
// of principal.
ContextKeys PrincipalContext(const Principal& principal);

struct AuthorizationRequest {
  Principal principal;
  // "glue:GetTable".
  std::string action;
  // "arn:aws:glue:us-east-1:123456789012:table/default/orders".
  std::string resource;
  ContextKeys context;
};

// The decision of a policy about a request.
enum class DecisionKind {
  kAllow,         // a statement allows it and none denies it
  kExplicitDeny,  // a statement denies it
  kImplicitDeny,  // no statement applies
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_AUTHORIZATION_H_
