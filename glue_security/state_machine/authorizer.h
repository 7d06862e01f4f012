// Authorizer: decides who may call which operation. Optional; without one every
// operation is allowed. `PolicyAuthorizer`
// (glue_security/access/policy_authorizer.h) decides by the stored policy.

#ifndef GLUE_SECURITY_STATE_MACHINE_AUTHORIZER_H_
#define GLUE_SECURITY_STATE_MACHINE_AUTHORIZER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/stored_record.h"

namespace glue_security {

// A resource on which an operation needs permission.
struct AccessResource {
  // "arn:aws:glue:us-east-1:123456789012:connection/orders", or "*" for an
  // operation that has no resource type.
  std::string arn;
  // The `*` at its end stands for any text.
  bool is_set = false;
};

// The operation that a caller wants to run. The references are valid only
// during the call of `Refuse`.
struct OperationAccess {
  const Caller& caller;
  Operation operation;
  // The catalog of the operation: the one that its CatalogId names, else the
  // caller's.
  const CatalogKey& catalog;
  // The current policy of that catalog; nullptr when there is none, or when the
  // operation is not a catalog call: identity policies decide alone about the
  // operations on security configurations.
  const ResourcePolicyView* policy;
  // The names of the connections that the operation is about, as the request
  // has them; empty for an operation on other resources.
  absl::Span<const std::string> objects = {};

  // "glue:PutResourcePolicy".
  std::string action() const;
  // All resources on which the operation must be allowed, at least one, from
  // the object outwards: the connections, or the set of all of them, then the
  // catalog.
  std::vector<AccessResource> resources() const;
  // The last of these: "arn:aws:glue:us-east-1:123456789012:catalog".
  std::string resource() const;
};

// Decides before every other check except the size of the request
// (docs/reference/constraints.md). It sees the policy as of the same instant as
// everything else that the operation reads, and a write does not commit when
// the policy has changed since. Pure: the same access gives the same answer; it
// uses no clock and no other changing state. Thread-safe. The engine may call
// it while its storage waits, so it must not block and must not call the engine
// or its storage.
class Authorizer {
 public:
  virtual ~Authorizer() = default;

  // Returns nullopt when the operation is allowed. Else returns the message of
  // the AccessDeniedException with which it ends; nothing was changed.
  virtual std::optional<std::string> Refuse(
      const OperationAccess& access) const = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_AUTHORIZER_H_
