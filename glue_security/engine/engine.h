// Engine: the AWS Glue Security API in your process. Nine typed methods over a
// storage.
//
// It is not a client of AWS, and not a server: it answers calls itself, and it
// encrypts nothing.
//
//   MemoryStorage storage;
//   Engine engine(&storage);
//   const Caller caller{"123456789012", "us-east-1"};
//
//   v1::PutResourcePolicyRequest put;
//   put.set_policy_in_json(
//       R"({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*",)"
//       R"("Resource": "arn:aws:glue:us-east-1:123456789012:*"}})");
//   absl::StatusOr<v1::PutResourcePolicyResponse> first =
//       engine.PutResourcePolicy(caller, put);
//   // first->policy_hash() names the policy that is in force
//
// A call that fails: the same Put with a hash that is not the policy's.
//
//   put.set_policy_hash_condition("stale");
//   absl::Status status = engine.PutResourcePolicy(caller, put).status();
//   ErrorCodeOf(status);  // v1::ERROR_CODE_CONDITION_CHECK_FAILURE
//   // the policy and its hash are what they were
//
// Errors. A status that is not OK carries a `v1::Error` (see ErrorFromStatus in
// glue_security/model/error.h): code, message and, for broken constraints, all
// of them. The methods below list their codes in order of precedence. Every one
// can also give, last of all, what only a failing storage or hook causes:
//
//   InternalServiceException   with detail `not_applied` or `data_loss`
//   OperationTimeoutException  with detail `outcome_unknown`
//
// Exceptions: no call throws, but OpenCatalog for want of memory. What a
// storage, a hook of EngineOptions or a visitor throws, std::bad_alloc
// included, ends the call in which it is thrown, and no other:
//
//   a read of the storage     is a read that failed: `not_applied`
//   a commit of the storage   is one that got no answer: the call finds out
//                             what became of it, or says `outcome_unknown`
//   a hook                    `not_applied`; after a commit that got no answer,
//                             `outcome_unknown`
//   an observer               changes nothing
//
// Where memory ends while a message is being made, the process ends, too: see
// docs/out_of_memory.md.
//
// State after an error: unchanged; after OperationTimeoutException, unknown.
// "Constraints" below means InvalidInputException (ValidationException with
// Behavior::Observed()) with every broken constraint of the request. Where
// EngineOptions has an authorizer, AccessDeniedException comes before them.
//
// Threads: any number of threads may call any methods at once. Each operation
// takes effect at one instant between its call and its return.
//
// Ownership: the engine owns nothing that it is given; all of it must outlive
// it.

#ifndef GLUE_SECURITY_ENGINE_ENGINE_H_
#define GLUE_SECURITY_ENGINE_ENGINE_H_

#include <array>
#include <atomic>
#include <cstdint>
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
#include "glue_security/engine/engine_options.h"
#include "glue_security/engine/observer.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/operation_run.h"
#include "glue_security/state_machine/step_types.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/storage/storage.h"

namespace glue_security {

class Engine : public Backend {
 public:
  explicit Engine(Storage* storage, EngineOptions options = EngineOptions());

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // The encryption settings of the catalog (CatalogId or the caller's account)
  // in the caller's region; defaults where none were put.
  //
  // Errors: constraints.
  absl::StatusOr<v1::GetDataCatalogEncryptionSettingsResponse>
  GetDataCatalogEncryptionSettings(
      const Caller& caller,
      const v1::GetDataCatalogEncryptionSettingsRequest& request);

  // Replaces the settings whole: a part not given goes back to its default.
  //
  // Errors: constraints.
  absl::StatusOr<v1::PutDataCatalogEncryptionSettingsResponse>
  PutDataCatalogEncryptionSettings(
      const Caller& caller,
      const v1::PutDataCatalogEncryptionSettingsRequest& request);

  // Creates or replaces the policy of the caller's catalog, under conditions.
  //
  // Errors: constraints; InvalidInputException (the document);
  // ConditionCheckFailureException (existence, then hash; also
  // EntityNotFoundException, see Behavior::must_exist_error_code).
  absl::StatusOr<v1::PutResourcePolicyResponse> PutResourcePolicy(
      const Caller& caller, const v1::PutResourcePolicyRequest& request);

  // The policy as it was put, its hash and its times. With Behavior::Observed()
  // the text is that which the service prints.
  //
  // Errors: EntityNotFoundException.
  absl::StatusOr<v1::GetResourcePolicyResponse> GetResourcePolicy(
      const Caller& caller, const v1::GetResourcePolicyRequest& request);

  // Deletes the policy.
  //
  // Errors: constraints; EntityNotFoundException;
  // ConditionCheckFailureException (another hash).
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

  // A security configuration, exactly as it was given.
  //
  // Errors: constraints; EntityNotFoundException.
  absl::StatusOr<v1::GetSecurityConfigurationResponse> GetSecurityConfiguration(
      const Caller& caller, const v1::GetSecurityConfigurationRequest& request);

  // A page of the configurations, ascending bytewise by name. Creating or
  // deleting entries between two pages never skips or repeats one that existed
  // all along.
  //
  // Errors: constraints; InvalidInputException (page size with
  // Behavior::Observed(), then the token).
  absl::StatusOr<v1::GetSecurityConfigurationsResponse>
  GetSecurityConfigurations(
      const Caller& caller,
      const v1::GetSecurityConfigurationsRequest& request);

  // Whether the caller may do what `query` says, by the stored policy of a
  // catalog and the caller's identity policies: within an account either
  // suffices, from another account both must allow, an explicit deny wins. OK
  // when it may. `report`, when not null, is filled in in both cases.
  //
  // Errors: AccessDeniedException with the service's text;
  // InternalServiceException when the storage could not be read, which leaves
  // `report` as it was.
  absl::Status Authorize(const Caller& caller, const AccessQuery& query,
                         AccessReport* report = nullptr);

  // Any of the nine. A request without an operation is InvalidInputException.
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override;

  // A catalog looked up once, for hot reads. Cheap to copy; the engine must
  // outlive it. Thread-safe.
  class Catalog {
   public:
    // GetResourcePolicy without copying: calls `visitor` once with the policy
    // that is in force. What it is shown is dead when it returns. It must
    // neither block nor call back into the engine.
    //
    // Errors, where the visitor was not called: as GetResourcePolicy. Where it
    // was, and threw: InternalServiceException.
    absl::Status VisitResourcePolicy(
        absl::FunctionRef<void(const ResourcePolicyView&)> visitor) const;

   private:
    friend class Engine;
    Catalog(Engine* engine, Caller caller);

    Engine* engine_;
    // The policy.
    ReadSet read_set_;
    Caller caller_;
  };

  // The catalog of `caller`'s own account and region. It need not have records.
  Catalog OpenCatalog(const Caller& caller);

 private:
  // One lock for each share of the catalogs: writers of one catalog in this
  // process line up instead of conflicting.
  static constexpr size_t kLineCount = 64;

  template <typename Response, typename Request>
  absl::StatusOr<Response> Call(const Caller& caller, const Request& request);
  // Drives `run` to its end, whatever throws. The answer is in the run.
  Outcome&& Finish(const Caller& caller, RequestRef request,
                   OperationRun* run) noexcept;
  // The answer where a hook threw before there was a run.
  v1::Error NotBegun(const Caller& caller, RequestRef request);
  // `line`: what the run holds while it does not wait; nullptr: nothing.
  void Drive(OperationRun* run, std::unique_lock<std::mutex>* line);
  std::mutex& LineOf(const CatalogKey& catalog);
  CommitId CommitIdFor(RequestRef request);
  void Observe(const OperationEvent& event);
  // Authorize, which throws what its parts throw.
  absl::Status AskPolicy(const Caller& caller, const AccessQuery& query,
                         AccessReport* report);
  // The policy that is in force in `catalog`; nullptr when there is none.
  // Errors: the storage's; DataLoss for a damaged record.
  absl::StatusOr<std::shared_ptr<const CachedPolicy>> PolicyInForce(
      const CatalogKey& catalog);
  // Asks the authorizer, where there is one.
  std::optional<v1::Error> Refuse(const Caller& caller, Operation operation,
                                  const CatalogKey& catalog,
                                  const ResourcePolicyView* policy) const;

  Storage* const storage_;
  const EngineOptions options_;
  const CoreOptions core_options_;
  const uint64_t commit_id_prefix_;
  std::atomic<uint64_t> commit_id_counter_{1};
  std::array<std::mutex, kLineCount> lines_;
  PolicyCache policies_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENGINE_ENGINE_H_
