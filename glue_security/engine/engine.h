// Engine: the AWS Glue Security API in your process, as typed methods over a
// storage. It is neither a client of AWS nor a server, and encrypts nothing.
//
//   MemoryStorage storage;
//   Engine engine(&storage);
//   const Caller caller{"123456789012", "us-east-1", ""};
//
//   v1::PutResourcePolicyRequest put;
//   put.set_policy_in_json(
//       R"({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*",)"
//       R"("Resource": "arn:aws:glue:us-east-1:123456789012:*"}})");
//   absl::StatusOr<v1::PutResourcePolicyResponse> first =
//       engine.PutResourcePolicy(caller, put);
//   // first->policy_hash() names the policy that is in force
//
// A Put with a stale hash fails:
//
//   put.set_policy_hash_condition("stale");
//   absl::Status status = engine.PutResourcePolicy(caller, put).status();
//   ErrorCodeOf(status);  // v1::ERROR_CODE_CONDITION_CHECK_FAILURE
//   // the policy and its hash are unchanged
//
// Errors. A status that is not OK carries a `v1::Error` (see ErrorFromStatus in
// glue_security/model/error.h) with the code, the message and, for broken
// constraints, all of them. The methods below list their codes in order of
// precedence. Last of all, every method can return the errors that only a
// failing storage or hook causes:
//
//   InternalServiceException   with detail `not_applied` or `data_loss`
//   OperationTimeoutException  with detail `outcome_unknown`
//
// Exceptions. No call throws, except OpenCatalog when memory runs out. What a
// storage, a hook of EngineOptions or a visitor throws, std::bad_alloc
// included, ends only its call: with `not_applied`, or, once a commit has no
// answer, with what a read finds out about it, or `outcome_unknown`. What an
// observer throws is ignored. Running out of memory while a protobuf message is
// built ends the process (docs/out_of_memory.md).
//
// State after an error: unchanged; after OperationTimeoutException, unknown.
// "Constraints" below means InvalidInputException (ValidationException with
// Behavior::Observed()) with every broken constraint of the request. If
// EngineOptions has an authorizer, AccessDeniedException comes before them.
//
// Threads: any number of threads may call any methods at once. Each operation
// takes effect at one instant between its call and its return.
//
// Ownership: everything that the engine is given must outlive it.

#ifndef GLUE_SECURITY_ENGINE_ENGINE_H_
#define GLUE_SECURITY_ENGINE_ENGINE_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/access/access_query.h"
#include "glue_security/access/policy_cache.h"
#include "glue_security/backend/backend.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/engine/commit_ids.h"
#include "glue_security/engine/engine_options.h"
#include "glue_security/engine/observer.h"
#include "glue_security/engine/writer_lines.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/operation_run.h"
#include "glue_security/state_machine/step_types.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

struct NeededAccess;

class Engine : public Backend {
 public:
  explicit Engine(Storage* storage, EngineOptions options = EngineOptions());

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Returns the encryption settings of the catalog (CatalogId, or the caller's
  // account) in the caller's region, or defaults if none were put.
  //
  // Errors: constraints.
  absl::StatusOr<v1::GetDataCatalogEncryptionSettingsResponse>
  GetDataCatalogEncryptionSettings(
      const Caller& caller,
      const v1::GetDataCatalogEncryptionSettingsRequest& request);

  // Replaces all settings. A part that is not given goes back to its default.
  //
  // Errors: constraints; InvalidInputException (rules of Behavior::Observed()).
  absl::StatusOr<v1::PutDataCatalogEncryptionSettingsResponse>
  PutDataCatalogEncryptionSettings(
      const Caller& caller,
      const v1::PutDataCatalogEncryptionSettingsRequest& request);

  // Creates or replaces the policy of the caller's catalog, under conditions.
  //
  // Errors: constraints; InvalidInputException (ResourceArn, EnableHybrid, the
  // document); ConditionCheckFailureException (existence, then hash; also
  // EntityNotFoundException, see Behavior::must_exist_error_code).
  absl::StatusOr<v1::PutResourcePolicyResponse> PutResourcePolicy(
      const Caller& caller, const v1::PutResourcePolicyRequest& request);

  // Returns the policy as it was put, its hash and its times. With
  // Behavior::Observed() the text is printed as the service prints it.
  //
  // Errors: constraints; EntityNotFoundException.
  absl::StatusOr<v1::GetResourcePolicyResponse> GetResourcePolicy(
      const Caller& caller, const v1::GetResourcePolicyRequest& request);

  // Deletes the policy.
  //
  // Errors: constraints; InvalidInputException (ResourceArn);
  // EntityNotFoundException; ConditionCheckFailureException (another hash).
  absl::StatusOr<v1::DeleteResourcePolicyResponse> DeleteResourcePolicy(
      const Caller& caller, const v1::DeleteResourcePolicyRequest& request);

  // Creates a security configuration. There is no update.
  //
  // Errors: constraints; InvalidInputException (rules of Behavior::Observed());
  // AlreadyExistsException, for an identical body too;
  // ResourceNumberLimitExceededException.
  absl::StatusOr<v1::CreateSecurityConfigurationResponse>
  CreateSecurityConfiguration(
      const Caller& caller,
      const v1::CreateSecurityConfigurationRequest& request);

  // Deletes a security configuration.
  //
  // Errors: constraints; EntityNotFoundException.
  absl::StatusOr<v1::DeleteSecurityConfigurationResponse>
  DeleteSecurityConfiguration(
      const Caller& caller,
      const v1::DeleteSecurityConfigurationRequest& request);

  // Returns a security configuration exactly as it was given.
  //
  // Errors: constraints; EntityNotFoundException.
  absl::StatusOr<v1::GetSecurityConfigurationResponse> GetSecurityConfiguration(
      const Caller& caller, const v1::GetSecurityConfigurationRequest& request);

  // Returns a page of the configurations, in ascending bytewise order of their
  // names. Creating or deleting entries between two pages never skips or
  // repeats an entry that existed all along.
  //
  // Errors: constraints; InvalidInputException (page size with
  // Behavior::Observed(), then the token).
  absl::StatusOr<v1::GetSecurityConfigurationsResponse>
  GetSecurityConfigurations(
      const Caller& caller,
      const v1::GetSecurityConfigurationsRequest& request);

  // Returns a list of the one policy, or an empty list. Since 2020-07-07.
  //
  // Errors: InvalidInputException (Behavior::api_date); constraints;
  // InvalidInputException (the token).
  absl::StatusOr<v1::GetResourcePoliciesResponse> GetResourcePolicies(
      const Caller& caller, const v1::GetResourcePoliciesRequest& request);

  // Creates a connection. Its passwords are encrypted, and then the whole of
  // it, as the settings in force at its commit say (docs/encryption.md).
  //
  // Errors: constraints; AlreadyExistsException;
  // ResourceNumberLimitExceededException; GlueEncryptionException (the key of
  // the passwords, then that of the catalog).
  absl::StatusOr<v1::CreateConnectionResponse> CreateConnection(
      const Caller& caller, const v1::CreateConnectionRequest& request);

  // Returns a connection. Passwords are decrypted with the caller's rights,
  // unless the settings say that they stay encrypted, or HidePassword that they
  // are left out.
  //
  // Errors: constraints; EntityNotFoundException; GlueEncryptionException (the
  // key of the catalog, then that of the passwords).
  absl::StatusOr<v1::GetConnectionResponse> GetConnection(
      const Caller& caller, const v1::GetConnectionRequest& request);

  // Returns a page of the connections that the filter lets pass, in ascending
  // bytewise order of their names; like GetConnection for each, and like
  // GetSecurityConfigurations for the pages. The filter is applied to a page,
  // which may then have fewer than MaxResults and still be followed by others.
  //
  // Errors: constraints; InvalidInputException (the token);
  // GlueEncryptionException, if one connection of the page cannot be read.
  absl::StatusOr<v1::GetConnectionsResponse> GetConnections(
      const Caller& caller, const v1::GetConnectionsRequest& request);

  // Replaces all of a connection but its name and CreationTime. A password that
  // is not given is gone.
  //
  // Errors: constraints; InvalidInputException (another name within the input);
  // EntityNotFoundException; GlueEncryptionException as CreateConnection.
  absl::StatusOr<v1::UpdateConnectionResponse> UpdateConnection(
      const Caller& caller, const v1::UpdateConnectionRequest& request);

  // Deletes a connection, for which no key is needed.
  //
  // Errors: constraints; EntityNotFoundException.
  absl::StatusOr<v1::DeleteConnectionResponse> DeleteConnection(
      const Caller& caller, const v1::DeleteConnectionRequest& request);

  // Deletes the connections that exist, all at once, and returns an error for
  // each of the others.
  //
  // Errors: constraints.
  absl::StatusOr<v1::BatchDeleteConnectionResponse> BatchDeleteConnection(
      const Caller& caller, const v1::BatchDeleteConnectionRequest& request);

  // Returns OK if the caller may run the operation: if the stored policy of a
  // catalog and the caller's identity policies allow it on all resources that
  // it needs (see DecideAccess). `report` may be null.
  //
  // Errors: InvalidInputException for an operation or object that does not
  // exist; InternalServiceException when the storage could not be read; both
  // leave `report` as it was. AccessDeniedException with the service's text.
  absl::Status Authorize(const Caller& caller, const OperationQuery& query,
                         AccessReport* report = nullptr);

  // Does so for one action on one resource, which may be less than an operation
  // needs.
  absl::Status AuthorizeResource(const Caller& caller,
                                 const ResourceQuery& query,
                                 AccessReport* report = nullptr);

  // Executes any request. One without an operation is InvalidInputException.
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override;

  // A catalog that is looked up once, for frequent reads. Cheap to copy.
  // Thread-safe. The engine must outlive it.
  class Catalog {
   public:
    // Does GetResourcePolicy without a copy: calls `visitor` once with the
    // policy in force, which is valid until it returns. The visitor must
    // neither block nor call the engine.
    //
    // Errors: as GetResourcePolicy if the visitor was not called;
    // InternalServiceException if it was called and threw.
    absl::Status VisitResourcePolicy(
        absl::FunctionRef<void(const ResourcePolicyView&)> visitor) const;

   private:
    friend class Engine;
    Catalog(Engine* engine, Caller caller);

    Engine* engine_;
    ReadSet read_set_;  // the key of the policy
    Caller caller_;
    // The last revision whose texts were found to be valid. Shared by copies.
    std::shared_ptr<std::atomic<Revision>> checked_;
  };

  // Returns the catalog of `caller`'s account and region; it may be empty.
  Catalog OpenCatalog(const Caller& caller);

 private:
  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(const Caller& caller, const Request& request);
  // Drives `run` to its end, even if something throws. The run owns the result.
  Outcome&& Finish(const Caller& caller, RequestRef request,
                   OperationRun* run) noexcept;
  // Returns the error of a call in which a hook threw before there was a run.
  v1::Error NotBegun(const Caller& caller, RequestRef request);
  // Takes the steps of `run`. Releases `line`, if not null, while it waits.
  void Drive(OperationRun* run, std::unique_lock<std::mutex>* line);
  CommitId CommitIdFor(RequestRef request);
  void Observe(const OperationEvent& event);
  // Returns the key service of the options, or the engine's own, which is made
  // at its first use.
  KeyService* Keys();
  // Does the work of Authorize and AuthorizeResource. Throws what the storage
  // or a hook throws.
  absl::Status AskPolicy(const Caller& caller, const AccessFacts& facts,
                         const NeededAccess& needed, AccessReport* report);
  // Returns the policy in force in `catalog`, or nullptr when there is none.
  // Errors: the storage's; DataLoss for a damaged record.
  absl::StatusOr<std::shared_ptr<const CachedPolicy>> PolicyInForce(
      const CatalogKey& catalog);
  // Asks the authorizer, if there is one. Returns its refusal.
  std::optional<v1::Error> Refuse(const Caller& caller, Operation operation,
                                  const CatalogKey& catalog,
                                  const ResourcePolicyView* policy) const;

  Storage* const storage_;
  const EngineOptions options_;
  const CoreOptions core_options_;
  CommitIds commit_ids_;
  WriterLines lines_;
  PolicyCache policies_;
  std::once_flag own_keys_made_;
  std::unique_ptr<KeyService> own_keys_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENGINE_ENGINE_H_
