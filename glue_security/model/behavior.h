// Behavior: the points where the published contract and the real service
// differ, one field for each.

#ifndef GLUE_SECURITY_MODEL_BEHAVIOR_H_
#define GLUE_SECURITY_MODEL_BEHAVIOR_H_

#include "absl/time/civil_time.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {

// The date of the contract, and of the newest model of the service that this
// library knows.
inline constexpr absl::CivilDay kContractDate(2019, 9, 12);
inline constexpr absl::CivilDay kNewestApiDate(2025, 12, 1);

// How thoroughly PutResourcePolicy checks the policy document. Each level
// includes the one before it. The bounds of its size (2 to 10240 bytes of
// UTF-8) hold at every level.
enum class PolicyChecks {
  // Any text of legal length.
  kNone,
  // The text is one JSON object (RFC 8259), nested no deeper than
  // `Limits::policy_depth_max`.
  kJson,
  // The text follows the grammar of IAM's resource-based JSON policies.
  kGrammar,
  // The text also follows the rules of AWS Glue: it names only principals and
  // resources that a catalog's policy may name, and does not lock its author
  // out.
  kGlue,
};

// When the passwords of connections are encrypted as they are written.
enum class PasswordProtection {
  // When ReturnConnectionPasswordEncrypted is true.
  kFlag,
  // When an AwsKmsKeyId is given.
  kKey,
  // In either case.
  kFlagOrKey,
};

// A value; copy and change it freely. Start from one of the three presets:
//
//   Behavior behavior = Behavior::Documented();
//   behavior.require_hash_to_overwrite = true;
//
// Current() has the values of Observed() but for what is said otherwise.
// Evidence: [DOC] the contract, [REC] an answer of the real service recorded in
// public, [CHOICE] ours. docs/decisions/ has the details.
struct Behavior {
  // Returns the behavior exactly as the contract describes it. It is the
  // default everywhere.
  static Behavior Documented();

  // Returns the behavior that was recorded from the real service.
  static Behavior Observed();

  // Returns the behavior that was recorded from the real service, with its
  // newest model: what today's SDKs expect.
  static Behavior Current();

  // The model in force: members, enum values, operations and constraints are
  // those of this day. A member that came later is ignored as an unknown one, a
  // later enum value breaks its constraint, and a later operation is
  // InvalidInputException in a typed call and unknown on the wire. A day before
  // `kContractDate` counts as that day. Documented and Observed:
  // `kContractDate` [DOC]. Current: `kNewestApiDate` [DOC, the history of the
  // service's model]. See docs/decisions/api-date.md.
  absl::CivilDay api_date = kContractDate;

  // A request with a member that is not in force, or that no model has, is a
  // SerializationException that names it. On the wire only. False in all
  // presets: such a member is ignored [REC].
  bool refuse_unknown_members = false;

  // A ResourceArn is known at every date; on PutResourcePolicy and
  // DeleteResourcePolicy any is an InvalidInputException. Documented: false; it
  // is known since 2020-07-07 [DOC], and only one of the caller's own catalog
  // is as if absent. Observed: true [REC for Put, CHOICE for Delete].
  bool refuse_resource_arns = false;

  // Grants were also made in the console, so that since 2020-07-07 a
  // PutResourcePolicy without EnableHybrid TRUE is an InvalidInputException.
  // False in all presets [DOC].
  bool console_grants_exist = false;

  // The mode SSE-KMS-WITH-SERVICE-ROLE without CatalogEncryptionServiceRole is
  // an InvalidInputException. Documented: false, the member is not required
  // [DOC]. Observed: true [CHOICE].
  bool require_role_for_service_role_mode = false;

  // KmsKeyArn is held to the pattern that the real service checks, which also
  // accepts the empty string and the other partitions. [REC] Documented: false,
  // pattern #14 [DOC].
  bool observed_patterns = false;

  // A message quotes only the first `Limits::quoted_value_code_points_max` code
  // points of a value that breaks a constraint. Documented: true [CHOICE].
  // Observed: false [REC].
  bool cut_quoted_values = true;

  // The code of a request that breaks constraints. Documented:
  // InvalidInputException, the only client error that every operation lists
  // [DOC]. Observed: ValidationException [REC].
  v1::ErrorCode constraint_error_code = v1::ERROR_CODE_INVALID_INPUT;

  // The code of a PutResourcePolicy with MUST_EXIST on a catalog without a
  // policy: ConditionCheckFailureException in all presets [CHOICE]. The
  // contract also lists EntityNotFoundException.
  v1::ErrorCode must_exist_error_code = v1::ERROR_CODE_CONDITION_CHECK_FAILURE;

  // A PutResourcePolicy over an existing policy without a PolicyHashCondition
  // is a ConditionCheckFailureException. The contract says that the hash "must
  // be included", but does not mark the member as required, and the service
  // does not enforce it: false in all presets [REC].
  bool require_hash_to_overwrite = false;

  // How thoroughly PutResourcePolicy checks the document; the same in all
  // presets.
  PolicyChecks policy_checks = PolicyChecks::kGlue;

  // PolicyInJson is stored, and therefore returned and hashed, as the real
  // service prints it: indented, with its keys and lists in the order of the
  // request. At PolicyChecks::kNone the text is stored unchanged. Documented:
  // false, the text is stored unchanged [CHOICE]. Observed: true [REC].
  bool reprint_policies = false;

  // An AccessDeniedException also says which kind of policy denies the action
  // or failed to allow it. Documented: false [DOC]. Observed: true [REC].
  bool explain_denials = false;

  // The AccessDeniedException of an operation that needs several resources
  // names the first that is not allowed, starting with the catalog. Documented:
  // false, it starts with the object [DOC, the guide's example]. Observed: true
  // [REC].
  bool denials_name_outermost = false;

  // When the passwords of connections are encrypted. The contract names both
  // the flag and the key, and does not say what a key beside a false flag does:
  // kFlagOrKey in all presets [CHOICE].
  PasswordProtection password_protection = PasswordProtection::kFlagOrKey;

  // GetResourcePolicies is a GlueEncryptionException while the catalog is
  // encrypted and the caller, or the service role, may not decrypt with its
  // key. No policy is encrypted. Documented and Observed: false. Current: true
  // [DOC].
  bool policies_need_catalog_key = false;

  // GetDataCatalogEncryptionSettings shows the key "alias/aws/glue" where the
  // mode is one of KMS, or passwords are encrypted, and no key was given.
  // Documented: false, the member is absent. Observed: true [REC].
  bool show_default_keys = false;

  // The EntityNotFoundException and AlreadyExistsException of a security
  // configuration name the configuration. Documented: true [CHOICE]. Observed:
  // false, the message is empty [REC].
  bool name_configurations_in_errors = true;

  // More than one element of S3Encryption is an InvalidInputException.
  // Documented: false, "an array" [DOC]. Observed: true [REC].
  bool limit_s3_encryption_to_one = false;

  // A KMS mode without a KmsKeyArn is an InvalidInputException. Documented:
  // false, the member is not required [DOC]. Observed: true [REC].
  bool require_key_for_kms_modes = false;

  // A MaxResults above `Limits::page_size_observed_max` is an
  // InvalidInputException. Documented: false, the constraint of at most 1000 is
  // the only bound [DOC]. Observed: true [REC].
  bool limit_page_size = false;

  // The last page carries an empty NextToken. Documented: false, it carries
  // none. Observed: true [REC].
  bool empty_token_on_last_page = false;
};

// Returns true when policies are stored re-printed: with
// `Behavior::reprint_policies`, except at PolicyChecks::kNone.
inline bool ReprintsPolicies(const Behavior& behavior) {
  return behavior.reprint_policies &&
         behavior.policy_checks != PolicyChecks::kNone;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_BEHAVIOR_H_
