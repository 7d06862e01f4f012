// Caller: the identity on whose behalf an operation runs.

#ifndef GLUE_SECURITY_MODEL_CALLER_H_
#define GLUE_SECURITY_MODEL_CALLER_H_

#include <string>

namespace glue_security {

// The identity of a call. On the wire it comes from the signature's credential
// scope; an embedder fills it in. The texts are not checked: an account id is
// usually 12 digits ("123456789012"), a region "us-east-1".
//
// The catalog of a call is (account_id or the request's CatalogId, region), so
// two accounts see each other's records only through an explicit CatalogId, and
// two regions never do.
struct Caller {
  std::string account_id;
  std::string region;
  // The ARN of the principal; empty when unknown.
  std::string principal_arn;
  // The partition of the account, such as "aws-cn"; empty: that of the region.
  std::string partition = {};
  // The ARN of the role of an assumed-role session, with its path. The ARN of
  // the session does not have the path, so that without this member it is
  // unknown.
  std::string role_arn = {};
  // The unique id of a user, or of a session's role ("AIDA…", "AROA…"); empty
  // when unknown.
  std::string unique_id = {};

  friend bool operator==(const Caller& a, const Caller& b) {
    return a.account_id == b.account_id && a.region == b.region &&
           a.principal_arn == b.principal_arn && a.partition == b.partition &&
           a.role_arn == b.role_arn && a.unique_id == b.unique_id;
  }
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_CALLER_H_
