// Engine: the AWS Glue Security API in your process, as typed methods over a
// storage. It is neither a client of AWS nor a server.
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
// constraints, all of them. The methods list their codes in order of
// precedence (engine_operations.h). Last of all, every method can return the
// errors that only a failing storage or hook causes:
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
#include "glue_security/engine/engine_operations.h"
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

class Engine : public Backend, public EngineOperations {
 public:
  explicit Engine(Storage* storage, EngineOptions options = EngineOptions());

  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

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
  friend class EngineOperations;

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
