#include "glue_security/encryption/keys/kms_core.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "glue_security/encryption/keys/kms_refusal.h"
#include "glue_security/encryption/keys/random_source.h"
#include "glue_security/policy/arn.h"
#include "glue_security/validation/quote.h"
#include "simdjson.h"

namespace glue_security {
namespace {

constexpr size_t kTokenKeyBytes = 32;
constexpr size_t kMaterialBytes = 32;
constexpr size_t kPlaceBytesMax = 64;

// Returns true for text that can be a region or a partition.
bool IsPlace(absl::string_view text) {
  return text.size() <= kPlaceBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '-';
         });
}

KeyRefusal DoesNotExist(const KeyReference& reference) {
  return Refuse("NotFoundException",
                reference.kind == KeyReference::Kind::kAlias
                    ? absl::StrCat("Alias ", reference.arn, " is not found.")
                    : absl::StrCat("Key '", reference.arn, "' does not exist"));
}

}  // namespace

KmsCore::KmsCore(LocalKmsOptions given)
    : options(std::move(given)), grant_tokens(RandomSecret(kTokenKeyBytes)) {}

std::string KmsCore::RandomBytes(size_t size) const {
  std::string bytes(size, '\0');
  options.random->Fill(bytes.data(), size);
  return bytes;
}

Secret KmsCore::RandomSecret(size_t size) const {
  return Secret::Filled(
      size, [&](char* bytes) { options.random->Fill(bytes, size); });
}

std::string KmsCore::NewUuid() const { return RandomUuid(options.random); }

void KmsCore::Complete(KeyRefusal* refusal) const {
  refusal->request_id = NewUuid();
  // The caller's ARN and region are given as they are, and may be no text.
  if (refusal->message.has_value() &&
      !simdjson::validate_utf8(refusal->message->data(),
                               refusal->message->size())) {
    refusal->message = QuoteValue(*refusal->message, std::nullopt);
  }
}

ContextKeys BypassKey(std::optional<bool> bypass) {
  ContextKeys keys;
  if (bypass.has_value()) {
    keys["kms:BypassPolicyLockoutSafetyCheck"] = {*bypass ? "true" : "false"};
  }
  return keys;
}

KmsCall::KmsCall(KmsCore* core, const KeyCaller& caller)
    : core_(*core),
      caller_(caller),
      lock_(core->mutex),
      now_(core->options.clock->Now()) {
  store().RemoveGone(now_);
}

std::optional<KeyRefusal> KmsCall::Open(const KeyRequest& request,
                                        KeyRecord** key) {
  Found found;
  if (auto refusal = request.is_by_ciphertext
                         ? FindByCiphertext(request, &found)
                         : Find(request, &found)) {
    return refusal;
  }
  if (request.grant_tokens != nullptr) {
    if (auto refusal = RefuseTokens(*request.grant_tokens)) return refusal;
  }
  if (!request.changed_alias.empty()) {
    if (auto refusal =
            RefuseAccessTo(request.operation, request.changed_alias)) {
      return refusal;
    }
  }
  KeyQuestion question{caller_, request.operation};
  question.key = found.key;
  question.named_arn = found.reference.arn;
  if (found.reference.kind == KeyReference::Kind::kAlias) {
    question.alias = found.reference.name;
  }
  question.context = request.context;
  question.new_grant = request.new_grant;
  question.is_by_ciphertext = request.is_by_ciphertext;
  question.more = request.more;
  if (auto refusal = RefuseKeyAccess(
          question,
          found.key == nullptr ? nullptr : &found.key->policy.evaluator,
          core_.options, now_)) {
    return refusal;
  }
  *key = found.key;
  return std::nullopt;
}

std::optional<KeyRefusal> KmsCall::Find(const KeyRequest& request,
                                        Found* found) {
  auto parsed = ParseKeyReference(request.key, caller_.caller);
  if (auto* const refusal = std::get_if<KeyRefusal>(&parsed)) {
    return std::move(*refusal);
  }
  found->reference = std::get<KeyReference>(std::move(parsed));
  const KeyReference& reference = found->reference;
  if (reference.kind == KeyReference::Kind::kAlias &&
      !request.accepts_aliases) {
    return RefuseKeyId(request.key);
  }
  const bool is_own = reference.scope == scope();
  if (is_own || request.reaches_other_accounts) found->key = Look(reference);
  if (found->key == nullptr && is_own) return DoesNotExist(reference);
  return std::nullopt;
}

std::optional<KeyRefusal> KmsCall::FindByCiphertext(const KeyRequest& request,
                                                    Found* found) {
  auto reference = ParseKeyArn(request.key);
  if (!reference.has_value()) {
    return RefuseWithoutText("InvalidCiphertextException");
  }
  found->reference = *std::move(reference);
  if (found->reference.scope.region == caller_.caller.region) {
    found->key = Look(found->reference);
  }
  return std::nullopt;
}

KeyRecord* KmsCall::Look(const KeyReference& reference) {
  if (reference.kind == KeyReference::Kind::kAlias) {
    return LookBehindAlias(reference);
  }
  KeyRecord* const key = store().Find(reference.scope, reference.name);
  // The partitions may differ.
  return key != nullptr && key->metadata.arn == reference.arn ? key : nullptr;
}

KeyRecord* KmsCall::LookBehindAlias(const KeyReference& reference) {
  const KeyStore::Alias* const alias =
      store().FindAlias(reference.scope, reference.name);
  if (alias != nullptr) {
    return store().Find(reference.scope, alias->target_key_id);
  }
  if (reference.name != kGlueAlias || !(reference.scope == scope()) ||
      RefuseNewKey().has_value() ||
      store().Keys() >= core_.options.limits.keys_in_all_max) {
    return nullptr;
  }
  return MakeGlueKey();
}

KeyRecord* KmsCall::MakeGlueKey() {
  // The document is ours, and legal.
  KeyPolicy policy = std::get<KeyPolicy>(
      ParseKeyPolicy(GlueKeyPolicy(caller_.caller, caller_.caller.account_id)));
  KeyRecord key =
      MakeKey(*FindKeySpec(kSymmetricKeySpec), KeyUsage::kEncryptDecrypt,
              KeyManager::kAws, std::move(policy));
  key.metadata.description =
      "Default key that protects my Glue data when no other key is defined";
  return store().AddWithAlias(std::move(key), std::string(kGlueAlias), now_);
}

std::optional<KeyRefusal> KmsCall::FindOwnKey(absl::string_view text,
                                              KeyRecord** key) {
  KeyRequest request;
  request.key = text;
  Found found;
  if (auto refusal = Find(request, &found)) return refusal;
  if (found.key == nullptr) return DoesNotExist(found.reference);
  *key = found.key;
  return std::nullopt;
}

std::optional<KeyRefusal> KmsCall::RefuseTokens(
    const std::vector<std::string>& tokens) {
  for (const std::string& token : tokens) {
    const std::optional<GrantName> grant = core_.grant_tokens.Parse(token);
    std::optional<KeyReference> reference;
    if (grant.has_value()) reference = ParseKeyArn(grant->key_arn);
    KeyRecord* const key = reference.has_value() ? Look(*reference) : nullptr;
    if (key == nullptr || key->FindGrant(grant->grant_id) == nullptr) {
      return Refuse("InvalidGrantTokenException",
                    "the grant token is not one of a grant that exists");
    }
  }
  return std::nullopt;
}

std::optional<KeyRefusal> KmsCall::RefuseAccess(absl::string_view operation,
                                                const KeyRecord& key) const {
  KeyQuestion question{caller_, operation};
  question.key = &key;
  question.named_arn = key.metadata.arn;
  return RefuseKeyAccess(question, &key.policy.evaluator, core_.options, now_);
}

std::optional<KeyRefusal> KmsCall::RefuseLockOut(
    const KeyRecord& key, const PolicyEvaluator& policy,
    std::optional<bool> bypass) const {
  if (bypass.value_or(false)) return std::nullopt;
  KeyQuestion question{caller_, "PutKeyPolicy"};
  question.key = &key;
  question.named_arn = key.metadata.arn;
  if (!RefuseKeyAccess(question, &policy, core_.options, now_).has_value()) {
    return std::nullopt;
  }
  return Refuse("MalformedPolicyDocumentException",
                "The new key policy will not allow you to update the key "
                "policy in the future.");
}

std::optional<KeyRefusal> KmsCall::RefuseAccessTo(absl::string_view operation,
                                                  std::string resource,
                                                  ContextKeys more) const {
  KeyQuestion question{caller_, operation};
  question.named_arn = std::move(resource);
  question.more = std::move(more);
  return RefuseIdentityAccess(question, core_.options, now_);
}

std::optional<KeyRefusal> KmsCall::RefuseNewKey() const {
  const Caller& who = caller_.caller;
  if (IsPlace(who.region) && IsPlace(who.partition) &&
      ParsePrincipalArn(RootArn({who.region, who.account_id, who.partition}))
          .has_value()) {
    return std::nullopt;
  }
  return Refuse("ValidationException",
                "a key belongs to an account of 12 digits and a region");
}

KeyRecord KmsCall::MakeKey(const KeySpec& spec, KeyUsage usage,
                           KeyManager manager, KeyPolicy policy) const {
  const Caller& who = caller_.caller;
  KeyMetadata metadata;
  metadata.account_id = who.account_id;
  metadata.key_id = core_.NewUuid();
  metadata.arn =
      KmsArn(who, who.account_id, absl::StrCat("key/", metadata.key_id));
  metadata.key_spec = std::string(spec.name);
  metadata.kind = spec.kind;
  metadata.usage = usage;
  metadata.manager = manager;
  metadata.creation_date = now_;
  for (const absl::string_view algorithm : spec.algorithms(usage)) {
    metadata.algorithms.push_back(std::string(algorithm));
  }
  KeyRecord key(std::move(metadata), ScopeOf(who), std::move(policy));
  if (key.is_symmetric()) key.material.push_back(NewMaterial());
  return key;
}

std::shared_ptr<const Secret> KmsCall::NewMaterial() const {
  return std::make_shared<const Secret>(core_.RandomSecret(kMaterialBytes));
}

}  // namespace glue_security
