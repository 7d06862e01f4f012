// What passes between the steps of the pure core (core.h).

#ifndef GLUE_SECURITY_STATE_MACHINE_CORE_TYPES_H_
#define GLUE_SECURITY_STATE_MACHINE_CORE_TYPES_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/limits.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/authorizer.h"
#include "glue_security/state_machine/policy_hasher.h"
#include "glue_security/v1/error.pb.h"

namespace glue_security {

struct OperationHandler;

// What the core's answers depend on besides the call and the records.
struct CoreOptions {
  Behavior behavior = Behavior::Documented();
  Limits limits;
  // Not owned.
  const PolicyHasher* hasher = PolicyHasher::Default();
  // Not owned. Null: every operation is allowed.
  const Authorizer* authorizer = nullptr;
  // At PolicyChecks::kGlue: whether there is the account or the one whose ARN
  // or unique id a policy names as an AWS principal. Pure. Empty: everybody
  // exists.
  std::function<bool(absl::string_view)> principal_exists;
};

// A request that passed every check that needs no record; with an authorizer,
// the size alone.
struct PreparedOperation {
  // Reads nothing yet.
  PreparedOperation(const Caller& its_caller, RequestRef its_request,
                    const CoreOptions* its_options)
      : caller(&its_caller), request(its_request), options(its_options) {}

  // Of the operation. `Prepare` sets it.
  const OperationHandler* handler = nullptr;
  // Borrowed: the caller and the request's message must outlive this.
  const Caller* caller;
  RequestRef request;
  // Not owned.
  const CoreOptions* options;
  // What `Apply` must be shown.
  ReadSet read_set;
  // Of PutResourcePolicy: the text to store, where it is not the one that was
  // put.
  std::optional<std::string> reprinted_policy;
  // With an authorizer: what is wrong with the request, told only to those who
  // may make it.
  std::optional<v1::Error> deferred_error;
};

// What an operation does to the records, and what it answers once that is done.
struct Transition {
  Outcome outcome;
  // What to commit; empty for a read and for an error. Every key that it writes
  // has a precondition and was read.
  WriteBatch write_batch;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_CORE_TYPES_H_
