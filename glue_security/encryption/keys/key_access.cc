#include "glue_security/encryption/keys/key_access.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "glue_security/encryption/keys/grant_rules.h"
#include "glue_security/encryption/keys/key_names.h"
#include "glue_security/encryption/keys/kms_refusal.h"
#include "glue_security/policy/access.h"
#include "glue_security/policy/arn.h"
#include "glue_security/policy/match/principal_matcher.h"
#include "glue_security/policy/truth.h"

namespace glue_security {
namespace {

const char* BoolText(bool value) { return value ? "true" : "false"; }

Principal PrincipalOf(const KeyCaller& caller) {
  if (!caller.service.empty()) {
    Principal service;
    service.service = caller.service;
    return service;
  }
  const Caller& who = caller.caller;
  // A caller who is not known more closely acts for its account.
  if (who.principal_arn.empty()) {
    return PrincipalFromArn(
        RootArn({who.region, who.account_id, who.partition}));
  }
  return glue_security::PrincipalOf(who);
}

void AddEncryptionContext(const EncryptionContext& context, ContextKeys* keys) {
  std::vector<std::string>& names = (*keys)["kms:EncryptionContextKeys"];
  for (const auto& [key, value] : context) {
    names.push_back(key);
    (*keys)[absl::StrCat("kms:EncryptionContext:", key)].push_back(value);
  }
}

void AddKeyFacts(const KeyMetadata& key, ContextKeys* keys) {
  const std::string usage(KeyUsageName(key.usage));
  (*keys)["aws:ResourceAccount"] = {key.account_id};
  (*keys)["kms:KeyOrigin"] = {"AWS_KMS"};
  (*keys)["kms:KeySpec"] = {key.key_spec};
  (*keys)["kms:CustomerMasterKeySpec"] = {key.key_spec};
  (*keys)["kms:KeyUsage"] = {usage};
  (*keys)["kms:CustomerMasterKeyUsage"] = {usage};
  (*keys)["kms:MultiRegion"] = {"false"};
}

void AddGrantFacts(const CreateGrantCall& grant, ContextKeys* keys) {
  (*keys)["kms:GranteePrincipal"] = {grant.grantee_principal};
  if (grant.retiring_principal.has_value()) {
    (*keys)["kms:RetiringPrincipal"] = {*grant.retiring_principal};
  }
  (*keys)["kms:GrantOperations"] = grant.operations;
  const GrantConstraints& constraints = grant.constraints;
  std::vector<std::string>& types = (*keys)["kms:GrantConstraintType"];
  EncryptionContext context;
  if (constraints.encryption_context_equals.has_value()) {
    types.emplace_back("EncryptionContextEquals");
    context = *constraints.encryption_context_equals;
  }
  if (constraints.encryption_context_subset.has_value()) {
    types.emplace_back("EncryptionContextSubset");
    context.insert(constraints.encryption_context_subset->begin(),
                   constraints.encryption_context_subset->end());
  }
  AddEncryptionContext(context, keys);
}

AuthorizationRequest RequestOf(const KeyQuestion& question, absl::Time now) {
  const KeyCaller& caller = question.caller;
  AuthorizationRequest request;
  request.principal = PrincipalOf(caller);
  request.action = absl::StrCat("kms:", question.operation);
  request.resource =
      question.key == nullptr ? question.named_arn : question.key->metadata.arn;
  request.context = question.more;
  ContextKeys& keys = request.context;
  keys["kms:CallerAccount"] = {caller.caller.account_id};
  if (!caller.via_service.empty()) {
    keys["kms:ViaService"] = {caller.via_service};
  }
  keys["aws:ViaAWSService"] = {BoolText(!caller.via_service.empty())};
  keys["aws:RequestedRegion"] = {caller.caller.region};
  keys["aws:CurrentTime"] = {
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", now, absl::UTCTimeZone())};
  keys["aws:EpochTime"] = {absl::StrCat(absl::ToUnixSeconds(now))};
  if (!question.alias.empty()) keys["kms:RequestAlias"] = {question.alias};
  if (question.context != nullptr) {
    keys["kms:EncryptionAlgorithm"] = {std::string(kSymmetricKeySpec)};
    AddEncryptionContext(*question.context, &keys);
  }
  if (question.key != nullptr) AddKeyFacts(question.key->metadata, &keys);
  if (question.new_grant != nullptr) AddGrantFacts(*question.new_grant, &keys);
  AddPrincipalContext(&request);
  return request;
}

DecisionKind IdentityDecision(const KeyQuestion& question,
                              const AuthorizationRequest& request,
                              const LocalKmsOptions& options) {
  if (!options.identity) return DecisionKind::kAllow;
  if (question.key == nullptr) return options.identity(request);
  // Only identity policies have this condition key.
  AuthorizationRequest with_aliases = request;
  with_aliases.context["kms:ResourceAliases"].assign(
      question.key->aliases.begin(), question.key->aliases.end());
  return options.identity(with_aliases);
}

// Returns true if the operations and constraints of a new grant stay within
// those of the grant by which it is made.
bool IsWithin(const CreateGrantCall& made, const GrantEntry& by) {
  return IsAtLeastAsStrict(made.constraints, by.constraints) &&
         std::all_of(made.operations.begin(), made.operations.end(),
                     [&](const std::string& operation) {
                       return std::find(by.operations.begin(),
                                        by.operations.end(),
                                        operation) != by.operations.end();
                     });
}

bool GrantAllows(const KeyGrant& grant, const KeyQuestion& question,
                 const PrincipalFacts& who, DecisionKind identity) {
  const GrantEntry& entry = grant.entry;
  if (std::find(entry.operations.begin(), entry.operations.end(),
                question.operation) == entry.operations.end()) {
    return false;
  }
  const PrincipalMatch match = grant.grantee.Match(who);
  // A grant to an account delegates to its identity policies.
  if (match.more_than_account != Truth::kTrue &&
      (match.fulfilled != Truth::kTrue || identity != DecisionKind::kAllow)) {
    return false;
  }
  if (question.new_grant != nullptr) {
    return IsWithin(*question.new_grant, entry);
  }
  // Operations without a context are not constrained.
  return question.context == nullptr ||
         Fulfils(*question.context, entry.constraints);
}

bool AnyGrantAllows(const KeyQuestion& question, const Principal& principal,
                    DecisionKind identity) {
  if (question.key->grants.empty()) return false;
  const PrincipalFacts who(principal);
  return std::any_of(question.key->grants.begin(), question.key->grants.end(),
                     [&](const auto& numbered) {
                       return GrantAllows(numbered.second, question, who,
                                          identity);
                     });
}

bool IsOfOwnAccount(const KeyQuestion& question) {
  return question.key != nullptr &&
         question.key->scope.account_id == question.caller.caller.account_id;
}

// Unlike the resource policies of other services, a key policy must allow
// everything, if only by delegating it to the account.
AccessResult DecideKeyAccess(const KeyQuestion& question,
                             const AuthorizationRequest& request,
                             const PolicyEvaluator* policy,
                             DecisionKind identity) {
  const bool is_service = !question.caller.service.empty();
  if (!is_service && (identity == DecisionKind::kExplicitDeny ||
                      identity == DecisionKind::kUndecided)) {
    return AccessResult::kDeniedByIdentity;
  }
  PolicyAnswer answer;
  if (policy != nullptr) answer = policy->Answer(request);
  const bool is_denied = answer.denies != Truth::kFalse;
  if (!is_denied && question.key != nullptr &&
      AnyGrantAllows(question, request.principal, identity)) {
    return AccessResult::kAllowed;
  }
  const bool needs_identity = !is_service && identity != DecisionKind::kAllow;
  // Whatever the key's policy says, so that it does not tell whether another
  // account has the key.
  if (needs_identity && !IsOfOwnAccount(question)) {
    return AccessResult::kNotAllowedByIdentity;
  }
  if (is_denied) return AccessResult::kDeniedByResource;
  if (answer.allows != Truth::kTrue) {
    return AccessResult::kNotAllowedByResource;
  }
  return needs_identity && answer.allows_more_than_account != Truth::kTrue
             ? AccessResult::kNotAllowedByIdentity
             : AccessResult::kAllowed;
}

// Names neither a key of another account nor one that only a ciphertext names,
// and does not tell whether there is one.
std::string DenialText(AccessResult result, const KeyQuestion& question,
                       AuthorizationRequest request) {
  const bool is_own_account = IsOfOwnAccount(question);
  const bool is_by_resource = result == AccessResult::kDeniedByResource ||
                              result == AccessResult::kNotAllowedByResource;
  if (!question.is_by_ciphertext && (is_own_account || !is_by_resource)) {
    if (!is_own_account) request.resource = question.named_arn;
    return DenialMessage(result, request, /*explain=*/true);
  }
  request.resource = "*";
  const std::string start = DenialMessage(result, request, /*explain=*/false);
  std::string reason =
      " because the resource does not exist in this Region, no resource-based "
      "policies allow access, or a resource-based policy explicitly denies "
      "access";
  if (!is_by_resource) {
    reason =
        DenialMessage(result, request, /*explain=*/true).substr(start.size());
  }
  return absl::StrCat(start,
                      question.is_by_ciphertext
                          ? " on the resource associated with this ciphertext"
                          : " on this resource",
                      reason);
}

KeyRefusal AccessDenied(std::string message) {
  return Refuse("AccessDeniedException", std::move(message));
}

}  // namespace

std::optional<KeyRefusal> RefuseKeyAccess(const KeyQuestion& question,
                                          const PolicyEvaluator* policy,
                                          const LocalKmsOptions& options,
                                          absl::Time now) {
  AuthorizationRequest request = RequestOf(question, now);
  const AccessResult result = DecideKeyAccess(
      question, request, policy, IdentityDecision(question, request, options));
  if (result == AccessResult::kAllowed) return std::nullopt;
  return AccessDenied(DenialText(result, question, std::move(request)));
}

std::optional<KeyRefusal> RefuseIdentityAccess(const KeyQuestion& question,
                                               const LocalKmsOptions& options,
                                               absl::Time now) {
  const AuthorizationRequest request = RequestOf(question, now);
  const DecisionKind identity = IdentityDecision(question, request, options);
  if (identity == DecisionKind::kAllow) return std::nullopt;
  return AccessDenied(DenialMessage(identity == DecisionKind::kImplicitDeny
                                        ? AccessResult::kNotAllowedByIdentity
                                        : AccessResult::kDeniedByIdentity,
                                    request, /*explain=*/true));
}

}  // namespace glue_security
