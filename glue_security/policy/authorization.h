// What an authorization decision is asked about: who does what to which
// resource, under which circumstances. Plain values; `PolicyEvaluator`
// (policy_evaluator.h) decides. All texts are UTF-8; in malformed ones a
// character is a byte and those after it that could go on with it.

#ifndef GLUE_SECURITY_POLICY_AUTHORIZATION_H_
#define GLUE_SECURITY_POLICY_AUTHORIZATION_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace glue_security {

// The one who asks. Members that do not apply are empty; all empty is an
// anonymous caller. ARNs are compared byte for byte.
struct Principal {
  // Of a root user ("arn:aws:iam::123456789012:root"), a user
  // ("arn:aws:iam::123456789012:user/division/alice"), an assumed-role session
  // ("arn:aws:sts::123456789012:assumed-role/reader/session") or a federated
  // user ("arn:aws:sts::123456789012:federated-user/bob").
  std::string arn;
  // Of an assumed-role session: the ARN of its role, which has a path where the
  // session's ARN has none ("arn:aws:iam::123456789012:role/team/reader").
  std::string role_arn;
  // The unique id of the user or, for a session, of the role: "AIDA…", "AROA…".
  std::string unique_id;
  // A service that calls on its own behalf: "glue.amazonaws.com".
  std::string service;
  // The identity provider of somebody who signed in elsewhere and has no ARN:
  // "cognito-identity.amazonaws.com", or the ARN of a SAML provider.
  std::string federated;
  // A canonical user id.
  std::string canonical_user;
};

// Compares without regard to the case of ASCII letters.
struct AsciiCaseLess {
  bool operator()(const std::string& a, const std::string& b) const;
};

// The context of a request: key ("aws:SourceIp", its case does not matter) to
// values, as text ("203.0.113.7", "true", "12", "2026-01-31T12:00:00Z",
// base64). A key without values counts as absent.
using ContextKeys =
    std::map<std::string, std::vector<std::string>, AsciiCaseLess>;

// The principal whose ARN is `arn`, as far as an ARN tells: of an assumed-role
// session it also sets the role's ARN, without a path. A text that is no such
// ARN is kept as `arn` and names nobody else.
Principal PrincipalFromArn(absl::string_view arn);

// The context keys that follow from who asks, as far as they are known:
// aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalType, aws:username and
// aws:userid; aws:PrincipalIsAWSService, and aws:PrincipalServiceName of a
// service. docs/decisions/access.md has them for each kind of principal.
ContextKeys PrincipalContext(const Principal& principal);

struct AuthorizationRequest {
  Principal principal;
  // "glue:GetTable".
  std::string action;
  // "arn:aws:glue:us-east-1:123456789012:table/default/orders".
  std::string resource;
  ContextKeys context;
};

// What a policy says of a request.
enum class DecisionKind {
  kAllow,         // a statement allows it and none denies it
  kExplicitDeny,  // a statement denies it
  kImplicitDeny,  // no statement applies
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_AUTHORIZATION_H_
