// CheckJobEncryption: would the encryption of a job's outputs work? Asks the
// key service before the job runs.
//
//   const JobEncryptionPlan plan = PlanJobEncryption(configuration, location);
//   for (const JobEncryptionFailure& failure :
//        CheckJobEncryption(plan, role, &keys)) {
//     std::cerr << JobOutputName(failure.output) << ": " << failure.message;
//   }
//
// With the key disabled:
//
//   S3Encryption: KEYARN is disabled. (Service: AWSKMS; ...)

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_JOB_ENCRYPTION_CHECK_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_JOB_ENCRYPTION_CHECK_H_

#include <optional>
#include <string>
#include <vector>

#include "glue_security/encryption/job_encryption.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/key_call.h"

namespace glue_security {

// One thing that would fail.
struct JobEncryptionFailure {
  JobOutput output = JobOutput::kS3;
  // The action that is refused, such as "kms:GenerateDataKey"; for logs
  // "logs:AssociateKmsKey". Empty when the configuration itself is the problem.
  std::string action;
  // Why, as the service says it.
  std::string message;
  // The refusal of the key service, if there is one.
  std::optional<KeyRefusal> refusal;
};

// Returns what would fail, in the order of the plan's steps and of their
// permissions; empty: everything works. `role` is the role of the job, with the
// account and the region where it runs.
//
// The answers are found by making the calls: a data key is made, a text of one
// byte is encrypted, and what came of it is decrypted. No key changes. The
// calls for S3 and data quality are made through those services, those for
// bookmarks directly, those for logs by the service of CloudWatch Logs itself:
// its KeyCaller has the service's name, such as "logs.us-east-1.amazonaws.com",
// as the ARN of its principal.
//
// Not asked, because no key service knows them: the role's permissions outside
// of KMS (logs:AssociateKmsKey, S3), and conditions of the key's policy on the
// encryption context of S3, which names the object.
std::vector<JobEncryptionFailure> CheckJobEncryption(
    const JobEncryptionPlan& plan, const Caller& role, KeyService* keys);

// Returns the statement as an object of a key's policy, on one line. Its
// resource is "*", the key itself.
std::string KeyPolicyStatementJson(const KeyPolicyStatement& statement);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_JOB_ENCRYPTION_CHECK_H_
