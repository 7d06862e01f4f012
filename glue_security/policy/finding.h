// Finding: one thing that is wrong, or odd, in a policy document.

#ifndef GLUE_SECURITY_POLICY_FINDING_H_
#define GLUE_SECURITY_POLICY_FINDING_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"

namespace glue_security {

// The rule that is broken, or the oddity. The codes have the names of IAM
// Access Analyzer's policy checks where it has one. The names are stable; the
// numbers are not.
enum class FindingCode {
  // PolicyChecks::kJson.
  kJsonSyntaxError,  // not one JSON object, or nested too deep

  // PolicyChecks::kGrammar.
  kDuplicateKeys,                   // a key occurs twice in one object
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
  kUnsupportedElementCombination,  // an element and its Not… twin
  kAllowWithNotPrincipal,
  kInvalidPrincipalKey,     // neither AWS, Service, Federated nor
                            // CanonicalUser
  kInvalidPrincipalFormat,  // an AWS entry that names nobody
  kUnsupportedWildcardInPrincipal,
  kInvalidAction,
  kInvalidConditionOperator,
  kNullWithIfExists,
  kTypeMismatchDate,

  // PolicyChecks::kGlue.
  kUnsupportedPrincipal,  // a kind other than AWS and Service
  kInvalidPrincipalName,  // characters that no user, role or session has
  kNonexistentPrincipal,  // the hook says that it does not exist
  kInvalidArnPrefix,      // a resource that is not an ARN
  kInvalidPartition,
  kInvalidService,
  kInvalidArnRegion,   // not the catalog's
  kInvalidArnAccount,  // not the catalog's
  kInvalidArnResource,
  kPolicyLocksOutCaller,

  // Warnings, which refuse nothing (policy_warnings.h).
  kPolicySizeExceeded,   // more bytes than a Put takes by default
  kTypeMismatchBoolean,  // values that never match
  kTypeMismatchNumber,
  kTypeMismatchIpRange,
  kInvalidConditionKeyFormat,  // no service before the name
  kEmptyArrayAction,
  kEmptyArrayResource,
  kEmptyArrayCondition,
  kEmptyObjectCondition,
  kEmptyObjectPrincipal,
  kNotPrincipal,
  kRedundantStatement,  // an Allow that a Deny covers
};

enum class Severity {
  kError,
  // The policy is legal, but hardly means what it says.
  kWarning,
};

// Returns a name like "INVALID_EFFECT".
absl::string_view FindingCodeName(FindingCode code);

// Returns the level of checks that reports `code` as an error. A code that is
// only a warning has the level kGrammar, since only policies have warnings.
PolicyChecks FindingCodeLevel(FindingCode code);

// Returns true if `code` is never an error.
bool IsWarningOnly(FindingCode code);

struct Finding {
  FindingCode code = FindingCode::kJsonSyntaxError;
  // kTypeMismatchDate and kInvalidPrincipalFormat occur in both.
  Severity severity = Severity::kError;
  // A JSON pointer (RFC 6901) to the value, or to the object that lacks
  // something; "" is the document.
  std::string pointer;
  // The place in the text: the offset in bytes, and the line and column, both
  // from 1. A column counts code points. Lines end with LF, CR or CRLF.
  size_t offset = 0;
  size_t line = 1;
  size_t column = 1;
  // The text that says what to write instead. It quotes nothing of the
  // document.
  std::string message;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_FINDING_H_
