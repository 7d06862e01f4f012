// Finding: one thing that is wrong with a policy document.

#ifndef GLUE_SECURITY_POLICY_FINDING_H_
#define GLUE_SECURITY_POLICY_FINDING_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"

namespace glue_security {

// Which rule is broken. Where IAM Access Analyzer's policy checks have a name
// for it, that name is used. The names are stable; the numbers are not.
enum class FindingCode {
  // PolicyChecks::kJson.
  kJsonSyntaxError,  // not one JSON object, or nested too deep

  // PolicyChecks::kGrammar.
  kDuplicateKeys,                   // a key stands twice in one object
  kDuplicateKeysWithDifferentCase,  // condition keys that differ only in case
  kInvalidPolicyElement,            // a key that no policy or statement has
  kDataTypeMismatch,                // a value of another JSON type
  kInvalidVersion,
  kMissingStatement,  // none, or an empty list
  kUniqueSidsRequired,
  kMissingEffect,
  kInvalidEffect,
  kMissingPrincipal,
  kMissingAction,
  kMissingResource,
  kUnsupportedElementCombination,  // an element beside its Not… twin
  kAllowWithNotPrincipal,
  kInvalidPrincipalKey,     // neither AWS, Service, Federated nor
                            // CanonicalUser
  kInvalidPrincipalFormat,  // an AWS entry that names nobody
  kUnsupportedWildcardInPrincipal,
  kInvalidAction,
  kInvalidConditionOperator,
  kNullWithIfExists,

  // PolicyChecks::kGlue.
  kUnsupportedPrincipal,  // a kind other than AWS and Service
  kInvalidPrincipalName,  // characters that no user, role or session has
  kNonexistentPrincipal,  // the hook says that there is none
  kInvalidArnPrefix,      // a resource that is no ARN
  kInvalidPartition,
  kInvalidService,
  kInvalidArnRegion,   // not the catalog's
  kInvalidArnAccount,  // not the catalog's
  kInvalidArnResource,
  kPolicyLocksOutCaller,
};

// "INVALID_EFFECT".
absl::string_view FindingCodeName(FindingCode code);

// The level of checks that gives `code`.
PolicyChecks FindingCodeLevel(FindingCode code);

struct Finding {
  FindingCode code = FindingCode::kJsonSyntaxError;
  // Where: a JSON pointer (RFC 6901) to the value, or to the object that lacks
  // something; "" is the document.
  std::string pointer;
  // The same place in the text: bytes from its start, and line and column, both
  // from 1. A column counts code points; lines end with LF, CR or CRLF.
  size_t offset = 0;
  size_t line = 1;
  size_t column = 1;
  // What to write instead. It quotes nothing of the document.
  std::string message;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_FINDING_H_
