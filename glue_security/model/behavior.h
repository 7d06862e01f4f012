// Behavior: the points where the published contract and the real service
// differ, one field for each.

#ifndef GLUE_SECURITY_MODEL_BEHAVIOR_H_
#define GLUE_SECURITY_MODEL_BEHAVIOR_H_

#include "glue_security/v1/options.pb.h"

namespace glue_security {

// How thoroughly PutResourcePolicy checks the policy document. Each level
// includes the one before it. The constraints of the member (2 to 10240 bytes
// of UTF-8) hold at every level.
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

// A value; copy and change it freely. Start from one of the two presets:
//
//   Behavior behavior = Behavior::Documented();
//   behavior.require_hash_to_overwrite = true;
//
// Evidence: [DOC] the contract, [REC] an answer of the real service recorded in
// public, [CHOICE] ours. docs/decisions/ has the details.
struct Behavior {
  // Returns the behavior exactly as the contract describes it. It is the
  // default everywhere.
  static Behavior Documented();

  // Returns the behavior that was recorded from the real service.
  static Behavior Observed();

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
  // policy: ConditionCheckFailureException in both presets [CHOICE]. The
  // contract also lists EntityNotFoundException.
  v1::ErrorCode must_exist_error_code = v1::ERROR_CODE_CONDITION_CHECK_FAILURE;

  // A PutResourcePolicy over an existing policy without a PolicyHashCondition
  // is a ConditionCheckFailureException. The contract says that the hash "must
  // be included", but does not mark the member as required, and the service
  // does not enforce it: false in both presets [REC].
  bool require_hash_to_overwrite = false;

  // How thoroughly PutResourcePolicy checks the document; the same in both
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

  // GetDataCatalogEncryptionSettings shows the key "alias/aws/glue" where the
  // mode is SSE-KMS, or passwords are encrypted, and no key was given.
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

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_BEHAVIOR_H_
