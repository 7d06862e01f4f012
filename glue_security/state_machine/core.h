// The pure core: nine operations as functions of their inputs. No I/O, no
// clock, no lock, no random source; the same input gives the same bytes.
//
// It is for model checking, property tests and drivers of your own. To just use
// the API, see `Engine` (glue_security/engine/engine.h); for the loop around
// these functions without a thread or a storage, see `OperationRun`
// (operation_run.h).
//
//   CoreOptions options;
//   Caller caller{"123456789012", "us-east-1"};
//   v1::PutResourcePolicyRequest request;
//   request.set_policy_in_json("{}");
//
//   auto prepared = Prepare(caller, request, &options);
//   const auto& operation = std::get<PreparedOperation>(prepared);
//   Snapshot snapshot = ...;  // what operation.read_set asks for
//   Transition transition = Apply(operation, snapshot, now, commit_id);
//   // commit transition.write_batch; then transition.outcome is the answer
//
// With a stale hash the same call is refused, and there is nothing to commit:
//
//   request.set_policy_hash_condition("stale");
//   ...
//   std::get<v1::Error>(transition.outcome).code();
//       // ERROR_CODE_CONDITION_CHECK_FAILURE
//   transition.write_batch.empty();  // true
//
// ## The order of checks (behaviour, section 3)
//
// request size, access, constraints, business rules: `Prepare`; access, which
// needs the policy, and what comes after it, in `Apply`. Existence, hash
// condition, number limit: `Apply`. The first group that fails answers.

#ifndef GLUE_SECURITY_STATE_MACHINE_CORE_H_
#define GLUE_SECURITY_STATE_MACHINE_CORE_H_

#include <utility>
#include <variant>

#include "absl/time/time.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/core_types.h"
#include "glue_security/v1/error.pb.h"

namespace glue_security {

// Checks `request` and says what to read. An error is final: the operation has
// failed and changed nothing. Errors, in order of precedence:
//
//   InvalidInputException   no operation is set; the request is larger than
//                           `Limits::request_bytes_max`
//   InvalidInputException   constraints are broken, all of them reported; the
//   or ValidationException  code is `Behavior::constraint_error_code`
//   InvalidInputException   a business rule is broken: the policy document, the
//                           rules of a security configuration, the page token
//
// With an authorizer only the first of them is final here; the others are kept
// in the result, and `Apply` gives them to those who may make the request.
//
// REQUIRES: `caller`, `request`'s message and `options` outlive the result.
std::variant<v1::Error, PreparedOperation> Prepare(const Caller& caller,
                                                   RequestRef request,
                                                   const CoreOptions* options);

// Applies the operation to what was read. Total: every request gets an outcome,
// and an error outcome has an empty write batch. `now` is the time at which the
// snapshot was taken, used to the millisecond, rounded down. `commit_id` is
// written into every record of the batch.
//
// Errors: those that the operation's page in docs/reference/ lists after its
// constraints and business rules, in its order. A damaged record is reported,
// as InternalServiceException with detail `data_loss`, where the operation
// first needs its contents, and only there:
//
//   Put, Get and DeleteResourcePolicy    before anything else; a text that is
//                                        no UTF-8, Get only
//   GetDataCatalogEncryptionSettings     before anything else
//   PutDataCatalogEncryptionSettings     never: it replaces the record
//   CreateSecurityConfiguration          the count, after a name that is taken
//   DeleteSecurityConfiguration          the count, after a name that is not;
//                                        never the configuration
//   GetSecurityConfiguration             after a name that is not taken
//   GetSecurityConfigurations            any configuration of the page
//
// REQUIRES: `snapshot` is an answer to `operation.read_set`.
Transition Apply(const PreparedOperation& operation,
                 const SnapshotView& snapshot, absl::Time now,
                 const CommitId& commit_id);

// Both in one call, where `read` answers a ReadSet with a Snapshot.
template <typename ReadFunction>
Transition Step(const Caller& caller, RequestRef request,
                const CoreOptions& options, absl::Time now,
                const CommitId& commit_id, ReadFunction&& read) {
  auto prepared = Prepare(caller, request, &options);
  if (auto* error = std::get_if<v1::Error>(&prepared)) {
    return Transition{std::move(*error), WriteBatch()};
  }
  const auto& operation = std::get<PreparedOperation>(prepared);
  return Apply(operation, read(operation.read_set), now, commit_id);
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_CORE_H_
