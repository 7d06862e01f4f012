// The work that a security configuration gives to a job: which headers it
// sends, which key each of its outputs uses, and what its role must be allowed.
// A pure function of the configuration. It is not the job: nothing is
// encrypted.
//
//   const JobEncryptionPlan plan =
//       PlanJobEncryption(configuration, {"123456789012", "us-east-1"});
//   for (const JobEncryptionStep& step : plan.steps) ...
//
// CheckJobEncryption (glue_security/encryption/embedder/job_encryption_check.h)
// says which steps would fail. docs/encryption.md has the table.

#ifndef GLUE_SECURITY_ENCRYPTION_JOB_ENCRYPTION_H_
#define GLUE_SECURITY_ENCRYPTION_JOB_ENCRYPTION_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "glue_security/v1/security_configuration.pb.h"

namespace glue_security {

// The place where a job runs.
struct JobLocation {
  std::string account_id;
  std::string region;
  // The job's log group. The service gives continuous logs the group
  // "/aws-glue/jobs/logs-v2-NAME", where NAME is that of the configuration.
  std::string log_group = "/aws-glue/jobs/logs-v2";
  // Empty: the partition of the region.
  std::string partition = {};
};

// An output of a job.
enum class JobOutput { kS3, kCloudWatchLogs, kJobBookmarks, kDataQuality };

// Returns the block of the configuration for an output: "S3Encryption".
const char* JobOutputName(JobOutput output);

// A statement that a key's policy must have.
struct KeyPolicyStatement {
  // The service that uses the key: "logs.us-east-1.amazonaws.com".
  std::string service;
  // "kms:Encrypt*" and the like.
  std::vector<std::string> actions;
  // The encryption context that the statement asks for, one pair:
  // "aws:logs:arn" and the ARN of the log group.
  std::pair<std::string, std::string> context;
};

// An action that the role of the job must be allowed.
struct RolePermission {
  // "kms:Decrypt".
  std::string action;
  // An ARN, or what the configuration has in its place.
  std::string resource;

  friend bool operator==(const RolePermission& a, const RolePermission& b) {
    return a.action == b.action && a.resource == b.resource;
  }
};

// The encryption of one output.
struct JobEncryptionStep {
  JobOutput output = JobOutput::kS3;
  // The key as the configuration has it. Empty: none is used, or S3 takes its
  // own key of the account, alias/aws/s3, which everybody there may use through
  // S3.
  std::string key;
  // The job encrypts the output itself, before it sends it.
  bool client_side = false;
  // The headers of each request that writes to S3, names and values.
  std::vector<std::pair<std::string, std::string>> headers;
  // The needs of the role, in the order of the guide.
  std::vector<RolePermission> role_permissions;
  // The statement that the policy of the key must have besides.
  std::optional<KeyPolicyStatement> key_policy;
  // The service through which the role uses the key; empty: directly.
  std::string via_service;
  // The reason why the output cannot be encrypted as the configuration says;
  // empty: it can. With a problem, all other members but `output` and `key` are
  // empty.
  std::string problem;
};

struct JobEncryptionPlan {
  JobLocation location;
  // One step for each output that is encrypted, in the order of JobOutput.
  std::vector<JobEncryptionStep> steps;
};

// Returns what a job has to do. Every configuration has a plan: a mode that is
// absent counts as DISABLED, an empty key as none. A step has a problem when
// - S3Encryption has several elements: a job writes in one way;
// - a mode that needs a key has none (all with KMS, except that of S3);
// - a mode is not known.
JobEncryptionPlan PlanJobEncryption(
    const v1::EncryptionConfiguration& configuration,
    const JobLocation& location);

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_JOB_ENCRYPTION_H_
