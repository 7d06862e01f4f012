#include "glue_security/policy/finding.h"

#include <cstddef>
#include <iterator>

namespace glue_security {
namespace {

// The names in the order of the codes.
constexpr absl::string_view kNames[] = {
    "JSON_SYNTAX_ERROR",
    "DUPLICATE_KEYS",
    "DUPLICATE_KEYS_WITH_DIFFERENT_CASE",
    "INVALID_POLICY_ELEMENT",
    "DATA_TYPE_MISMATCH",
    "INVALID_VERSION",
    "MISSING_STATEMENT",
    "UNIQUE_SIDS_REQUIRED",
    "MISSING_EFFECT",
    "INVALID_EFFECT",
    "MISSING_PRINCIPAL",
    "MISSING_ACTION",
    "MISSING_RESOURCE",
    "UNSUPPORTED_ELEMENT_COMBINATION",
    "ALLOW_WITH_NOT_PRINCIPAL",
    "INVALID_PRINCIPAL_KEY",
    "INVALID_PRINCIPAL_FORMAT",
    "UNSUPPORTED_WILDCARD_IN_PRINCIPAL",
    "INVALID_ACTION",
    "INVALID_CONDITION_OPERATOR",
    "NULL_WITH_IF_EXISTS",
    "TYPE_MISMATCH_DATE",
    "UNSUPPORTED_PRINCIPAL",
    "INVALID_PRINCIPAL_NAME",
    "NONEXISTENT_PRINCIPAL",
    "INVALID_ARN_PREFIX",
    "INVALID_PARTITION",
    "INVALID_SERVICE",
    "INVALID_ARN_REGION",
    "INVALID_ARN_ACCOUNT",
    "INVALID_ARN_RESOURCE",
    "POLICY_LOCKS_OUT_CALLER",
    "POLICY_SIZE_EXCEEDED",
    "TYPE_MISMATCH_BOOLEAN",
    "TYPE_MISMATCH_NUMBER",
    "TYPE_MISMATCH_IP_RANGE",
    "INVALID_CONDITION_KEY_FORMAT",
    "EMPTY_ARRAY_ACTION",
    "EMPTY_ARRAY_RESOURCE",
    "EMPTY_ARRAY_CONDITION",
    "EMPTY_OBJECT_CONDITION",
    "EMPTY_OBJECT_PRINCIPAL",
    "NOT_PRINCIPAL",
    "REDUNDANT_STATEMENT",
};
static_assert(std::size(kNames) ==
              static_cast<size_t>(FindingCode::kRedundantStatement) + 1);

}  // namespace

absl::string_view FindingCodeName(FindingCode code) {
  const auto index = static_cast<size_t>(code);
  return index < std::size(kNames) ? kNames[index] : absl::string_view();
}

PolicyChecks FindingCodeLevel(FindingCode code) {
  if (code == FindingCode::kJsonSyntaxError) return PolicyChecks::kJson;
  return code < FindingCode::kUnsupportedPrincipal || IsWarningOnly(code)
             ? PolicyChecks::kGrammar
             : PolicyChecks::kGlue;
}

bool IsWarningOnly(FindingCode code) {
  return code > FindingCode::kPolicyLocksOutCaller;
}

}  // namespace glue_security
