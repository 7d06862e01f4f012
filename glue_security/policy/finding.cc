#include "glue_security/policy/finding.h"

namespace glue_security {

absl::string_view FindingCodeName(FindingCode code) {
  switch (code) {
    case FindingCode::kJsonSyntaxError:
      return "JSON_SYNTAX_ERROR";
    case FindingCode::kDuplicateKeys:
      return "DUPLICATE_KEYS";
    case FindingCode::kDuplicateKeysWithDifferentCase:
      return "DUPLICATE_KEYS_WITH_DIFFERENT_CASE";
    case FindingCode::kInvalidPolicyElement:
      return "INVALID_POLICY_ELEMENT";
    case FindingCode::kDataTypeMismatch:
      return "DATA_TYPE_MISMATCH";
    case FindingCode::kInvalidVersion:
      return "INVALID_VERSION";
    case FindingCode::kMissingStatement:
      return "MISSING_STATEMENT";
    case FindingCode::kUniqueSidsRequired:
      return "UNIQUE_SIDS_REQUIRED";
    case FindingCode::kMissingEffect:
      return "MISSING_EFFECT";
    case FindingCode::kInvalidEffect:
      return "INVALID_EFFECT";
    case FindingCode::kMissingPrincipal:
      return "MISSING_PRINCIPAL";
    case FindingCode::kMissingAction:
      return "MISSING_ACTION";
    case FindingCode::kMissingResource:
      return "MISSING_RESOURCE";
    case FindingCode::kUnsupportedElementCombination:
      return "UNSUPPORTED_ELEMENT_COMBINATION";
    case FindingCode::kAllowWithNotPrincipal:
      return "ALLOW_WITH_NOT_PRINCIPAL";
    case FindingCode::kInvalidPrincipalKey:
      return "INVALID_PRINCIPAL_KEY";
    case FindingCode::kInvalidPrincipalFormat:
      return "INVALID_PRINCIPAL_FORMAT";
    case FindingCode::kUnsupportedWildcardInPrincipal:
      return "UNSUPPORTED_WILDCARD_IN_PRINCIPAL";
    case FindingCode::kInvalidAction:
      return "INVALID_ACTION";
    case FindingCode::kInvalidConditionOperator:
      return "INVALID_CONDITION_OPERATOR";
    case FindingCode::kNullWithIfExists:
      return "NULL_WITH_IF_EXISTS";
    case FindingCode::kTypeMismatchDate:
      return "TYPE_MISMATCH_DATE";
    case FindingCode::kUnsupportedPrincipal:
      return "UNSUPPORTED_PRINCIPAL";
    case FindingCode::kInvalidPrincipalName:
      return "INVALID_PRINCIPAL_NAME";
    case FindingCode::kNonexistentPrincipal:
      return "NONEXISTENT_PRINCIPAL";
    case FindingCode::kInvalidArnPrefix:
      return "INVALID_ARN_PREFIX";
    case FindingCode::kInvalidPartition:
      return "INVALID_PARTITION";
    case FindingCode::kInvalidService:
      return "INVALID_SERVICE";
    case FindingCode::kInvalidArnRegion:
      return "INVALID_ARN_REGION";
    case FindingCode::kInvalidArnAccount:
      return "INVALID_ARN_ACCOUNT";
    case FindingCode::kInvalidArnResource:
      return "INVALID_ARN_RESOURCE";
    case FindingCode::kPolicyLocksOutCaller:
      return "POLICY_LOCKS_OUT_CALLER";
  }
  return "";
}

PolicyChecks FindingCodeLevel(FindingCode code) {
  if (code == FindingCode::kJsonSyntaxError) return PolicyChecks::kJson;
  return code < FindingCode::kUnsupportedPrincipal ? PolicyChecks::kGrammar
                                                   : PolicyChecks::kGlue;
}

}  // namespace glue_security
