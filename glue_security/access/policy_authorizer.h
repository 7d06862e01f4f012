// PolicyAuthorizer: an `Authorizer` that judges by the resource policy of the
// catalog, as the service does.
//
//   PolicyAuthorizer authorizer;
//   EngineOptions options;
//   options.authorizer = &authorizer;
//   Engine engine(&storage, options);
//
// Callers of the catalog's own account may then do what their identity policies
// allow (by default everything), unless the catalog's policy denies it. Those
// of other accounts also need the catalog's policy to allow it:
//
//   v1::PutDataCatalogEncryptionSettingsRequest request;
//   request.set_catalog_id("123456789012");
//   engine.PutDataCatalogEncryptionSettings(caller_of_210987654321, request);
//       // PermissionDenied, ERROR_CODE_ACCESS_DENIED; nothing was changed

#ifndef GLUE_SECURITY_ACCESS_POLICY_AUTHORIZER_H_
#define GLUE_SECURITY_ACCESS_POLICY_AUTHORIZER_H_

#include <functional>
#include <optional>
#include <string>

#include "glue_security/model/behavior.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/state_machine/authorizer.h"

namespace glue_security {

// Immutable, thread-safe. A stored text that is no policy by the grammar (see
// PolicyChecks) neither allows nor denies.
class PolicyAuthorizer : public Authorizer {
 public:
  // What a caller's identity policies say of an operation. Pure, thread-safe;
  // as an `Authorizer` it must neither block nor call the engine or its
  // storage.
  using IdentityPolicy = std::function<DecisionKind(const OperationAccess&)>;

  // Empty `identity`: they allow everything. Of `behavior` it uses
  // `explain_denials`.
  explicit PolicyAuthorizer(Behavior behavior = Behavior::Documented(),
                            IdentityPolicy identity = nullptr);

  std::optional<std::string> Refuse(
      const OperationAccess& access) const override;

 private:
  const Behavior behavior_;
  const IdentityPolicy identity_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ACCESS_POLICY_AUTHORIZER_H_
