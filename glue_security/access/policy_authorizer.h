// PolicyAuthorizer: an `Authorizer` that decides by the resource policy of the
// catalog and by the identity policies of the caller, as the service does.
//
//   PolicyAuthorizer authorizer(DecisionKind::kAllow);
//   EngineOptions options;
//   options.authorizer = &authorizer;
//   Engine engine(&storage, options);
//
// In this example every caller's identity policies allow everything. Callers of
// the catalog's own account may do what its policy does not deny. Callers of
// other accounts also need the catalog's policy to allow it:
//
//   v1::PutDataCatalogEncryptionSettingsRequest request;
//   request.set_catalog_id("123456789012");
//   engine.PutDataCatalogEncryptionSettings(caller_of_210987654321, request);
//       // PermissionDenied, ERROR_CODE_ACCESS_DENIED; nothing was changed
//
// With DecisionKind::kImplicitDeny only the catalog's policy allows anything.
// As long as the catalog has no policy, nobody can put one.

#ifndef GLUE_SECURITY_ACCESS_POLICY_AUTHORIZER_H_
#define GLUE_SECURITY_ACCESS_POLICY_AUTHORIZER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "glue_security/access/bounded_memo.h"
#include "glue_security/access/policy_cache.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/policy/authorization.h"
#include "glue_security/policy/policy_evaluator.h"
#include "glue_security/state_machine/authorizer.h"

namespace glue_security {

// Thread-safe; one authorizer may serve several engines. A stored text that
// breaks the grammar (see PolicyChecks) neither allows nor denies. A bounded
// number of compiled policies and answers is kept, so that an operation under
// an unchanged policy is judged by a look-up.
class PolicyAuthorizer : public Authorizer {
 public:
  // Returns the decision of a caller's identity policies about an operation.
  // Pure, thread-safe. Like an `Authorizer` it must neither block nor call the
  // engine or its storage.
  using IdentityPolicy = std::function<DecisionKind(const OperationAccess&)>;

  // An empty `identity` decides DecisionKind::kImplicitDeny. Only
  // `explain_denials` and `denials_name_outermost` of `behavior` are used.
  explicit PolicyAuthorizer(IdentityPolicy identity,
                            const Behavior& behavior = Behavior::Documented());

  // Takes one decision of the identity policies for all operations.
  explicit PolicyAuthorizer(DecisionKind identity,
                            const Behavior& behavior = Behavior::Documented());

  std::optional<std::string> Refuse(
      const OperationAccess& access) const override;

 private:
  // An answer, and everything that it follows from.
  struct KnownAnswer {
    Caller caller;
    Operation operation;
    CatalogKey catalog;
    DecisionKind identity;
    // The id of the policy in `policies_`; 0: there is none.
    uint64_t policy;
    std::optional<std::string> refusal;
  };

  static bool IsAnswerTo(const KnownAnswer& answer,
                         const OperationAccess& access, DecisionKind identity,
                         uint64_t policy);
  std::optional<std::string> Judge(const OperationAccess& access,
                                   DecisionKind identity,
                                   const PolicyEvaluator* policy) const;

  const IdentityPolicy identity_;
  const bool explain_denials_;
  const bool denials_name_outermost_;
  mutable PolicyCache policies_;
  mutable ThreadedMemo<KnownAnswer> answers_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ACCESS_POLICY_AUTHORIZER_H_
