// The pure core: the operations as functions of their inputs. No I/O, no clock,
// no lock, no random source; the same input gives the same bytes.
//
// It serves model checking, property tests and drivers of your own. To use the
// API, see `Engine` (glue_security/engine/engine.h). For the loop around these
// functions, without threads and without a storage, see `OperationRun`
// (operation_run.h).
//
//   CoreOptions options;
//   options.behavior.policy_checks = PolicyChecks::kJson;
//   Caller caller{"123456789012", "us-east-1", ""};
//   v1::PutResourcePolicyRequest request;
//   request.set_policy_in_json("{}");
//
//   auto prepared = Prepare(caller, request, &options);
//   const auto& operation = std::get<PreparedOperation>(prepared);
//   Snapshot snapshot = ...;  // read operation.read_set from the storage
//   Transition transition = Apply(operation, snapshot, now, commit_id);
//   // Commit transition.write_batch; transition.outcome is then the answer.
//
// With a stale hash the same call is refused, and there is nothing to commit:
//
//   request.set_policy_hash_condition("stale");
//   ...
//   std::get<v1::Error>(transition.outcome).code();
//       // ERROR_CODE_CONDITION_CHECK_FAILURE
//   transition.write_batch.empty();  // true
//
// ## The order of checks (docs/reference/constraints.md)
//
// Request size, access, constraints, business rules; then existence, hash
// condition and number limit. The first group that fails gives the error.
// `Prepare` checks size, constraints and business rules; `Apply` checks the
// rest. Access needs the policy: with an authorizer, `Apply` checks it before
// it reports broken constraints and business rules.

#ifndef GLUE_SECURITY_STATE_MACHINE_STEP_H_
#define GLUE_SECURITY_STATE_MACHINE_STEP_H_

#include <utility>
#include <variant>

#include "absl/time/time.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/key_answers.h"
#include "glue_security/state_machine/step_types.h"
#include "glue_security/v1/error.pb.h"

namespace glue_security {

// Checks `request` and plans what to read. An error is final: the operation has
// failed and changed nothing. Errors, in order of precedence:
//
//   InvalidInputException   no operation is set, the request is larger than
//                           `Limits::request_bytes_max`, or the operation is
//                           not in force at `Behavior::api_date`
//   InvalidInputException   constraints are broken, all of them reported; the
//   or ValidationException  code is `Behavior::constraint_error_code`
//   InvalidInputException   a business rule is broken: ResourceArn,
//                           EnableHybrid, the policy document, the service
//                           role, the rules of a security configuration, the
//                           page token
//   EntityNotFoundException GetResourcePolicy of another ResourceArn
//
// A member that is not in force is as if absent.
//
// With an authorizer, `Prepare` returns only the first of these. The others are
// kept in the result, and `Apply` reports them to callers who may make the
// request.
//
// REQUIRES: `caller`, `request`'s message and `options` outlive the result.
std::variant<v1::Error, PreparedOperation> Prepare(const Caller& caller,
                                                   RequestRef request,
                                                   const CoreOptions* options);

// Applies the operation to a snapshot. Every request gets an outcome; an error
// comes with an empty write batch. `now` is the time at which the snapshot was
// taken, rounded down to milliseconds. `commit_id` is written into every record
// of the batch.
//
// Operations on connections may need a key service. The result then has
// `key_calls`: make them, in any order, add their answers to `answers`, and
// call `pending->Resume(answers)` where the result has that, or apply the
// operation again, to a new snapshot. A call that `answers` has is not asked
// for again. Only calls that do not depend on each other's answers are asked
// for together, so this may happen twice. Without `answers` no call has been
// made.
//
// Errors: those that the operation's page in docs/reference/ lists after its
// constraints and business rules, in its order. A damaged record is
// InternalServiceException with detail `data_loss`, reported only when the
// operation needs the record's contents:
//
//   Put, Get and DeleteResourcePolicy,   before every other error; invalid
//   GetResourcePolicies                  UTF-8 in a text only by the reads
//   GetDataCatalogEncryptionSettings     before every other error
//   PutDataCatalogEncryptionSettings     never: it replaces the record
//   CreateSecurityConfiguration          the count, after AlreadyExists
//   DeleteSecurityConfiguration          the count, after EntityNotFound;
//                                        never the configuration
//   GetSecurityConfiguration             after EntityNotFound
//   GetSecurityConfigurations            any configuration of the page
//   CreateConnection                     the count and the settings, after
//                                        AlreadyExists
//   UpdateConnection, GetConnection      the connection and the settings, after
//                                        EntityNotFound; the count by Update
//   GetConnections                       the settings, before every other
//                                        error; any connection of the page
//   DeleteConnection,                    the count, if something is deleted;
//   BatchDeleteConnection                never the connection
//
// An authorizer needs the policy for every operation of a catalog: if it is
// damaged, or has invalid UTF-8, that is reported before every other error.
//
// REQUIRES: `snapshot` is the result of reading `operation.read_set`.
Transition Apply(const PreparedOperation& operation,
                 const SnapshotView& snapshot, absl::Time now,
                 const CommitId& commit_id,
                 const KeyAnswers& answers = KeyAnswers());

// Calls `Prepare`, `read` and `Apply`. `read` takes a ReadSet and returns a
// Snapshot. An operation that needs a key service is only begun: the result has
// `key_calls`, but never `pending`, and answers have no way in. To go on, call
// `Prepare` and `Apply`.
template <typename ReadFunction>
Transition Step(const Caller& caller, RequestRef request,
                const CoreOptions& options, absl::Time now,
                const CommitId& commit_id, ReadFunction&& read) {
  auto prepared = Prepare(caller, request, &options);
  if (auto* error = std::get_if<v1::Error>(&prepared)) {
    return Transition{std::move(*error), WriteBatch()};
  }
  const auto& operation = std::get<PreparedOperation>(prepared);
  Transition transition =
      Apply(operation, read(operation.read_set), now, commit_id);
  // It refers to `operation`, which ends here.
  transition.pending.reset();
  return transition;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_STEP_H_
