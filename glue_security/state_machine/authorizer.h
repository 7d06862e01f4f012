// Authorizer: who may call which operation. Optional; without one every
// operation is allowed. For a ready one that judges by the stored policy, see
// `PolicyAuthorizer` (glue_security/access/policy_authorizer.h).

#ifndef GLUE_SECURITY_STATE_MACHINE_AUTHORIZER_H_
#define GLUE_SECURITY_STATE_MACHINE_AUTHORIZER_H_

#include <optional>
#include <string>

#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/stored_record.h"

namespace glue_security {

// An operation that somebody asks for. References live as long as the call that
// they are given to.
struct OperationAccess {
  const Caller& caller;
  Operation operation;
  // The catalog that the operation is about: the caller's, or that of a
  // CatalogId.
  const CatalogKey& catalog;
  // The policy that is in force in that catalog; nullptr when there is none.
  const ResourcePolicyView* policy;

  // "glue:PutResourcePolicy".
  std::string action() const;
  // "arn:aws:glue:us-east-1:123456789012:catalog".
  std::string resource() const;
};

// Asked first of all, after the size of the request.
// What it sees of the policy is of the same instant as all that the operation
// reads, and an operation that writes fails to commit where the policy has
// changed since. Pure: the same access gives the same answer, without a look at
// a clock or anything that changes. Thread-safe. The engine may ask while its
// storage waits for it: an authorizer must neither block nor call the engine or
// its storage.
class Authorizer {
 public:
  virtual ~Authorizer() = default;

  // nullopt when the operation may go on. Else the message of the
  // AccessDeniedException that it ends with; nothing was changed.
  virtual std::optional<std::string> Refuse(
      const OperationAccess& access) const = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_AUTHORIZER_H_
