#include "glue_security/encryption/keys/key_policy.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/substitute.h"
#include "glue_security/encryption/keys/kms_refusal.h"
#include "glue_security/json/json_document.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/partition.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/finding.h"
#include "glue_security/policy/policy.h"

namespace glue_security {
namespace {

using Value = JsonDocument::Value;

KeyRefusal Malformed(std::string message) {
  return Refuse("MalformedPolicyDocumentException", std::move(message));
}

KeyRefusal MalformedBy(const Finding& finding) {
  switch (finding.code) {
    case FindingCode::kJsonSyntaxError:
      return Malformed("This policy contains invalid Json");
    case FindingCode::kInvalidPrincipalFormat:
    case FindingCode::kInvalidPrincipalKey:
    case FindingCode::kUnsupportedWildcardInPrincipal:
      return Malformed(
          "Policy contains a statement with one or more invalid principals.");
    default:
      return Malformed(
          absl::StrCat(finding.message, " (at \"", finding.pointer, "\")"));
  }
}

// REQUIRES: the statement conforms to the grammar.
bool IsOverlyPermissive(Value statement) {
  const auto block = statement.Find("Condition");
  if (!block.has_value()) return false;
  for (const auto op : block->members()) {
    if (!absl::StartsWith(op.key.text(), "ForAllValues:")) continue;
    for (const auto key : op.value.members()) {
      if (absl::StartsWithIgnoreCase(key.key.text(),
                                     "kms:EncryptionContext:")) {
        return true;
      }
    }
  }
  return false;
}

bool IsOverlyPermissive(const Policy& policy) {
  const Value statements = *policy.document().root().Find("Statement");
  if (!statements.is_array()) return IsOverlyPermissive(statements);
  for (const Value statement : statements.elements()) {
    if (IsOverlyPermissive(statement)) return true;
  }
  return false;
}

}  // namespace

std::variant<KeyPolicy, KeyRefusal> ParseKeyPolicy(std::string text) {
  if (text.size() > kKeyPolicyBytesMax) {
    return Refuse("LimitExceededException",
                  absl::StrCat("a key policy may have at most ",
                               kKeyPolicyBytesMax, " bytes"));
  }
  auto parsed = ParsePolicy(text, PolicyChecks::kGrammar, CatalogContext());
  if (const auto* findings = std::get_if<std::vector<Finding>>(&parsed)) {
    return MalformedBy(findings->front());
  }
  const auto& policy = std::get<Policy>(parsed);
  if (IsOverlyPermissive(policy)) {
    return Malformed(
        "OverlyPermissiveCondition:EncryptionContext: Using the ForAllValues "
        "set operator with a single-valued condition key matches requests "
        "without the specified encryption context or with an unspecified "
        "encryption context. To fix, remove ForAllValues.");
  }
  return KeyPolicy{std::move(text), PolicyEvaluator(policy)};
}

std::string DefaultKeyPolicy(const Caller& caller,
                             absl::string_view account_id) {
  return absl::Substitute(
      R"({
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "$0"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
})",
      RootArn({caller.region, account_id, caller.partition}));
}

std::string GlueKeyPolicy(const Caller& caller, absl::string_view account_id) {
  const CatalogName owner = {caller.region, account_id, caller.partition};
  return absl::Substitute(
      R"({
  "Version" : "2012-10-17",
  "Id" : "auto-glue-1",
  "Statement" : [ {
    "Sid" : "Allow access through Glue for all principals in the account that are authorized to use Glue",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "*"
    },
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {
      "StringEquals" : {
        "kms:CallerAccount" : "$0",
        "kms:ViaService" : "glue.$1"
      }
    }
  }, {
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "$2"
    },
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  } ]
})",
      account_id,
      absl::StrCat(caller.region, ".",
                   DnsSuffixOfPartition(PartitionOf(owner))),
      RootArn(owner));
}

}  // namespace glue_security
