// The values that pass between the steps of the pure core (step.h).

#ifndef GLUE_SECURITY_STATE_MACHINE_STEP_TYPES_H_
#define GLUE_SECURITY_STATE_MACHINE_STEP_TYPES_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/limits.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/authorizer.h"
#include "glue_security/state_machine/policy_hasher.h"
#include "glue_security/v1/error.pb.h"
#include "google/protobuf/message.h"

namespace glue_security {

struct OperationHandler;

// Returns `Limits::request_bytes_max` as it counts: 1 byte to 1 GiB, half of
// what protobuf can serialize.
inline size_t RequestBytesMax(const Limits& limits) {
  constexpr size_t kBytesMax = size_t{1} << 30;
  return std::clamp<size_t>(limits.request_bytes_max, 1, kBytesMax);
}

// The options of the core. Its answers depend on these, the call and the
// records, and on nothing else.
struct CoreOptions {
  Behavior behavior = Behavior::Documented();
  Limits limits;
  // Not owned.
  const PolicyHasher* hasher = PolicyHasher::Default();
  // Not owned. When null, every operation is allowed.
  const Authorizer* authorizer = nullptr;
  // Used at PolicyChecks::kGlue. Returns true when a principal exists that a
  // policy names by account, ARN or unique id. Pure. When empty, every
  // principal exists.
  std::function<bool(absl::string_view)> principal_exists;
};

// A request that passed every check that needs no record. With an authorizer,
// it passed only the check of its size.
struct PreparedOperation {
  // Starts with an empty read set and no handler.
  PreparedOperation(const Caller& its_caller, RequestRef its_request,
                    const CoreOptions* its_options)
      : caller(&its_caller), request(its_request), options(its_options) {}

  // The handler of the operation. `Prepare` sets it.
  const OperationHandler* handler = nullptr;
  // Borrowed: the caller and the request's message must outlive this.
  const Caller* caller;
  RequestRef request;
  // Set when the caller's message sets members that are not in force: a copy
  // without them, to which `request` refers.
  std::shared_ptr<const google::protobuf::Message> request_in_force;
  // Not owned.
  const CoreOptions* options;
  // The records that `Apply` needs.
  ReadSet read_set;
  // PutResourcePolicy: the text to store, when it differs from the request's.
  std::optional<std::string> reprinted_policy;
  // With an authorizer: the error of the request, reported only to callers who
  // may make it.
  std::optional<v1::Error> deferred_error;
};

class KeyAnswers;
struct Transition;

// A read that waits for key calls, with a copy of what it has read.
class PendingRead {
 public:
  virtual ~PendingRead() = default;

  // Goes on with the answers. Returns the outcome, or further key calls, after
  // whose answers this is called again.
  virtual Transition Resume(const KeyAnswers& answers) = 0;
};

// The changes that an operation makes to the records, and its outcome once they
// are committed.
struct Transition {
  Outcome outcome;
  // The batch to commit; empty for a read and for an error. Every key that it
  // writes has a precondition and was read.
  WriteBatch write_batch;
  // Not empty: `Apply` needs the answers of a key service to these calls before
  // it can decide. There is no outcome yet, and nothing to commit.
  std::vector<KeyCall> key_calls = {};
  // Set with `key_calls` by some reads: they go on here, with the snapshot that
  // they have. Otherwise the operation is applied again, to a new snapshot.
  // Refers to the arguments of `Apply`, but not to the snapshot.
  std::unique_ptr<PendingRead> pending = nullptr;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_STEP_TYPES_H_
