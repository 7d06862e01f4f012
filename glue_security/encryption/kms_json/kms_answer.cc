#include "glue_security/encryption/kms_json/kms_answer.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/encryption/keys/key_names.h"
#include "glue_security/encryption/keys/kms_constraints.h"
#include "glue_security/encryption/kms_json/json_object.h"
#include "glue_security/encryption/kms_json/kms_exceptions.h"

namespace glue_security {
namespace {

constexpr absl::string_view kAlgorithms[] = {
    "RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SYMMETRIC_DEFAULT"};
constexpr absl::string_view kSymmetricAlgorithm = kAlgorithms[2];
constexpr absl::string_view kDataKeySpecs[] = {"AES_256", "AES_128"};
constexpr size_t kAes128Bytes = 16;
constexpr absl::string_view kOrigins[] = {"AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM",
                                          "EXTERNAL_KEY_STORE"};
constexpr size_t kKeyStoreIdLengthMax = 64;
constexpr size_t kXksKeyIdLengthMax = 128;

using Refusal = std::optional<KeyRefusal>;

KeyRefusal Refuse(absl::string_view code, std::string message) {
  KeyRefusal refusal;
  refusal.code = std::string(code);
  refusal.message = std::move(message);
  return refusal;
}

KeyRefusal Unsupported(absl::string_view what) {
  return Refuse("UnsupportedOperationException",
                absl::StrCat(what, " is not supported here"));
}

WireResponse Answered(JsonObject object) {
  WireResponse response;
  const WipedText text = object.Finish();
  response.body.assign(text.data(), text.size());
  return response;
}

// Encodes the answer of an operation without a result.
WireResponse Done(const Refusal& refusal) {
  if (refusal.has_value()) return EncodeKmsRefusal(*refusal);
  return WireResponse();
}

// Encodes an answer; `write` writes the members of a result.
template <typename Result, typename Write>
WireResponse Encode(const KeyAnswerOf<Result>& answer, Write write) {
  if (const auto* const refusal = std::get_if<KeyRefusal>(&answer)) {
    return EncodeKmsRefusal(*refusal);
  }
  JsonObject object;
  write(std::get<Result>(answer), &object);
  return Answered(std::move(object));
}

void WriteMetadata(const KeyMetadata& key, JsonObject* out) {
  out->Text("AWSAccountId", key.account_id);
  out->Text("KeyId", key.key_id);
  out->Text("Arn", key.arn);
  out->Time("CreationDate", key.creation_date);
  out->Boolean("Enabled", key.state == KeyState::kEnabled);
  out->Text("Description", key.description);
  out->Text("KeyUsage", KeyUsageName(key.usage));
  out->Text("KeyState", KeyStateName(key.state));
  if (key.deletion_date.has_value()) {
    out->Time("DeletionDate", *key.deletion_date);
  }
  out->Text("Origin", "AWS_KMS");
  out->Text("KeyManager", KeyManagerName(key.manager));
  out->Text("CustomerMasterKeySpec", key.key_spec);
  out->Text("KeySpec", key.key_spec);
  const char* const algorithms =
      key.usage == KeyUsage::kEncryptDecrypt ? "EncryptionAlgorithms"
      : key.usage == KeyUsage::kSignVerify   ? "SigningAlgorithms"
                                             : "MacAlgorithms";
  out->Texts(algorithms, key.algorithms);
  out->Boolean("MultiRegion", false);
}

WireResponse EncodeMetadata(const KeyAnswerOf<KeyMetadata>& answer) {
  return Encode<KeyMetadata>(
      answer, [](const KeyMetadata& key, JsonObject* out) {
        JsonObject metadata;
        WriteMetadata(key, &metadata);
        const WipedText text = metadata.Finish();
        out->Json("KeyMetadata", {text.data(), text.size()});
      });
}

void WritePage(const std::optional<std::string>& next_marker, JsonObject* out) {
  if (next_marker.has_value()) out->Text("NextMarker", *next_marker);
  out->Boolean("Truncated", next_marker.has_value());
}

JsonObject AliasObject(const AliasEntry& alias) {
  JsonObject object;
  object.Text("AliasName", alias.name);
  object.Text("AliasArn", alias.arn);
  if (alias.target_key_id.has_value()) {
    object.Text("TargetKeyId", *alias.target_key_id);
  }
  if (alias.creation_date.has_value()) {
    object.Time("CreationDate", *alias.creation_date);
  }
  if (alias.last_updated_date.has_value()) {
    object.Time("LastUpdatedDate", *alias.last_updated_date);
  }
  return object;
}

JsonObject GrantObject(const GrantEntry& grant) {
  JsonObject object;
  object.Text("KeyId", grant.key_arn);
  object.Text("GrantId", grant.grant_id);
  if (grant.name.has_value()) object.Text("Name", *grant.name);
  object.Time("CreationDate", grant.creation_date);
  object.Text("GranteePrincipal", grant.grantee_principal);
  if (grant.retiring_principal.has_value()) {
    object.Text("RetiringPrincipal", *grant.retiring_principal);
  }
  object.Text("IssuingAccount", grant.issuing_account);
  object.Texts("Operations", grant.operations);
  const GrantConstraints& given = grant.constraints;
  if (!(given == GrantConstraints())) {
    JsonObject constraints;
    if (given.encryption_context_subset.has_value()) {
      constraints.Map("EncryptionContextSubset",
                      *given.encryption_context_subset);
    }
    if (given.encryption_context_equals.has_value()) {
      constraints.Map("EncryptionContextEquals",
                      *given.encryption_context_equals);
    }
    const WipedText text = constraints.Finish();
    object.Json("Constraints", {text.data(), text.size()});
  }
  return object;
}

// One request, with what its operations have in common.
class Request {
 public:
  Request(LocalKms* kms, const KeyCaller& caller, const KmsMembers& members)
      : kms_(*kms), caller_(caller), in_(members) {}

  WireResponse CreateKey() {
    KmsConstraints constraints;
    CreateKeyCall call;
    call.description = in_.description.value_or("");
    call.key_usage = in_.key_usage;
    call.policy = in_.policy;
    call.bypass_policy_lockout_safety_check =
        in_.bypass_policy_lockout_safety_check;
    if (in_.key_spec.has_value()) {
      call.key_spec = *in_.key_spec;
    } else if (in_.customer_master_key_spec.has_value()) {
      call.key_spec = *in_.customer_master_key_spec;
    }
    AddConstraints(call, &constraints);
    if (in_.origin.has_value()) {
      constraints.OneOf("origin", *in_.origin, kOrigins);
    }
    if (in_.custom_key_store_id.has_value()) {
      constraints.Length("customKeyStoreId", *in_.custom_key_store_id, 1,
                         kKeyStoreIdLengthMax);
    }
    if (in_.xks_key_id.has_value()) {
      constraints.Length("xksKeyId", *in_.xks_key_id, 1, kXksKeyIdLengthMax);
    }
    if (auto refusal = constraints.Refusal()) return Done(refusal);
    if (auto refusal = RefuseKindOfKey()) return Done(refusal);
    return EncodeMetadata(kms_.CreateKey(caller_, call));
  }

  WireResponse DescribeKey() {
    DescribeKeyCall call;
    call.key = KeyId();
    call.grant_tokens = Tokens();
    if (auto refusal = RefuseBrokenIn(call)) return Done(refusal);
    return EncodeMetadata(kms_.GetKeyMetadata(caller_, call));
  }

  WireResponse CreateAlias() {
    const std::string name = Required("aliasName", in_.alias_name);
    const std::string target = Required("targetKeyId", in_.target_key_id);
    KmsConstraints constraints(absent_);
    AddAliasConstraints(name, target, &constraints);
    if (auto refusal = constraints.Refusal()) return Done(refusal);
    return Done(kms_.CreateAlias(caller_, name, target));
  }

  WireResponse ListAliases() {
    ListAliasesCall call;
    call.key = in_.key_id;
    call.limit = in_.limit;
    call.marker = in_.marker;
    return Encode<ListAliasesResult>(
        kms_.ListAliases(caller_, call),
        [](const ListAliasesResult& result, JsonObject* out) {
          std::vector<JsonObject> aliases;
          for (const AliasEntry& alias : result.aliases) {
            aliases.push_back(AliasObject(alias));
          }
          out->Json("Aliases", JsonList(std::move(aliases)));
          WritePage(result.next_marker, out);
        });
  }

  WireResponse Encrypt() {
    EncryptCall call;
    call.key = KeyId();
    call.plaintext = Required("plaintext", in_.plaintext);
    call.context = in_.encryption_context.value_or(EncryptionContext());
    call.grant_tokens = Tokens();
    if (auto refusal = RefuseBrokenIn(call)) return Done(refusal);
    const auto answer = kms_.Encrypt(caller_, call);
    if (auto refusal = RefuseUse(answer)) return Done(refusal);
    return Encode<EncryptResult>(
        answer, [](const EncryptResult& result, JsonObject* out) {
          out->Bytes("CiphertextBlob", result.blob);
          out->Text("KeyId", result.key_arn);
          out->Text("EncryptionAlgorithm", kSymmetricAlgorithm);
        });
  }

  WireResponse Decrypt() {
    DecryptCall call;
    call.blob =
        std::string(Required("ciphertextBlob", in_.ciphertext_blob).view());
    call.key = in_.key_id.value_or("");
    call.context = in_.encryption_context.value_or(EncryptionContext());
    call.grant_tokens = Tokens();
    KmsConstraints constraints(absent_);
    AddConstraints(call, &constraints);
    // An empty text stands for none in the call.
    if (in_.key_id.has_value() && in_.key_id->empty()) constraints.Key("");
    AddAlgorithm(&constraints);
    if (auto refusal = constraints.Refusal()) return Done(refusal);
    if (in_.recipient.has_value()) return Done(Unsupported("Recipient"));
    const auto answer = kms_.Decrypt(caller_, call);
    if (auto refusal = RefuseUse(answer)) return Done(refusal);
    return Encode<DecryptResult>(
        answer, [](const DecryptResult& result, JsonObject* out) {
          out->Text("KeyId", result.key_arn);
          out->Bytes("Plaintext", result.plaintext.view());
          out->Text("EncryptionAlgorithm", kSymmetricAlgorithm);
        });
  }

  WireResponse GenerateDataKey() {
    GenerateDataKeyCall call;
    call.key = KeyId();
    call.context = in_.encryption_context.value_or(EncryptionContext());
    call.grant_tokens = Tokens();
    KmsConstraints constraints(absent_);
    constraints.Key(call.key);
    if (in_.number_of_bytes.has_value()) {
      const int64_t bytes = *in_.number_of_bytes;
      constexpr int64_t kMax{GenerateDataKeyCall::kDataKeyBytesMax};
      constraints.Range("numberOfBytes", bytes, 1, kMax);
      if (bytes >= 1 && bytes <= kMax) {
        call.data_key_bytes = static_cast<size_t>(bytes);
      }
    }
    if (in_.key_spec.has_value()) {
      constraints.OneOf("keySpec", *in_.key_spec, kDataKeySpecs);
      if (*in_.key_spec != kDataKeySpecs[0]) call.data_key_bytes = kAes128Bytes;
    }
    constraints.GrantTokens(call.grant_tokens);
    if (auto refusal = constraints.Refusal()) return Done(refusal);
    if (in_.key_spec.has_value() == in_.number_of_bytes.has_value()) {
      return Done(Refuse("ValidationException",
                         "Please specify either number of bytes or key spec."));
    }
    if (in_.recipient.has_value()) return Done(Unsupported("Recipient"));
    const auto answer = kms_.GenerateDataKey(caller_, call);
    if (auto refusal = RefuseUse(answer)) return Done(refusal);
    return Encode<GenerateDataKeyResult>(
        answer, [](const GenerateDataKeyResult& result, JsonObject* out) {
          out->Bytes("CiphertextBlob", result.blob);
          out->Bytes("Plaintext", result.plaintext.view());
          out->Text("KeyId", result.key_arn);
        });
  }

  WireResponse EnableKey() {
    const std::string key = KeyId();
    if (auto refusal = RefuseKeyId(key)) return Done(refusal);
    return Done(kms_.EnableKey(caller_, key));
  }

  WireResponse DisableKey() {
    const std::string key = KeyId();
    if (auto refusal = RefuseKeyId(key)) return Done(refusal);
    return Done(kms_.DisableKey(caller_, key));
  }

  WireResponse ScheduleKeyDeletion() {
    ScheduleKeyDeletionCall call;
    call.key = KeyId();
    call.pending_window_in_days = in_.pending_window_in_days;
    if (auto refusal = RefuseBrokenIn(call)) return Done(refusal);
    return Encode<ScheduleKeyDeletionResult>(
        kms_.ScheduleKeyDeletion(caller_, call),
        [](const ScheduleKeyDeletionResult& result, JsonObject* out) {
          out->Text("KeyId", result.key_arn);
          out->Time("DeletionDate", result.deletion_date);
          out->Text("KeyState", KeyStateName(result.state));
          out->Number("PendingWindowInDays", result.pending_window_in_days);
        });
  }

  WireResponse CancelKeyDeletion() {
    const std::string key = KeyId();
    if (auto refusal = RefuseKeyId(key)) return Done(refusal);
    return Encode<std::string>(kms_.CancelKeyDeletion(caller_, key),
                               [](const std::string& arn, JsonObject* out) {
                                 out->Text("KeyId", arn);
                               });
  }

  WireResponse PutKeyPolicy() {
    PutKeyPolicyCall call;
    call.key = KeyId();
    call.policy = Required("policy", in_.policy);
    if (in_.policy_name.has_value()) call.policy_name = *in_.policy_name;
    call.bypass_policy_lockout_safety_check =
        in_.bypass_policy_lockout_safety_check;
    if (auto refusal = RefuseBrokenIn(call)) return Done(refusal);
    return Done(kms_.PutKeyPolicy(caller_, call));
  }

  WireResponse GetKeyPolicy() {
    GetKeyPolicyCall call;
    call.key = KeyId();
    if (in_.policy_name.has_value()) call.policy_name = *in_.policy_name;
    if (auto refusal = RefuseBrokenIn(call)) return Done(refusal);
    const std::string name = call.policy_name;
    return Encode<std::string>(
        kms_.GetKeyPolicy(caller_, call),
        [&name](const std::string& policy, JsonObject* out) {
          out->Text("Policy", policy);
          out->Text("PolicyName", name);
        });
  }

  WireResponse CreateGrant() {
    CreateGrantCall call;
    call.key = KeyId();
    call.grantee_principal =
        Required("granteePrincipal", in_.grantee_principal);
    call.operations = Required("operations", in_.operations);
    call.retiring_principal = in_.retiring_principal;
    call.constraints.encryption_context_equals = in_.constraints_equals;
    call.constraints.encryption_context_subset = in_.constraints_subset;
    call.name = in_.name;
    call.grant_tokens = Tokens();
    if (auto refusal = RefuseBrokenIn(call)) return Done(refusal);
    if (in_.dry_run.value_or(false)) return Done(Unsupported("DryRun"));
    return Encode<CreateGrantResult>(
        kms_.CreateGrant(caller_, call),
        [](const CreateGrantResult& result, JsonObject* out) {
          out->Text("GrantToken", result.grant_token);
          out->Text("GrantId", result.grant_id);
        });
  }

  WireResponse RevokeGrant() {
    const std::string key = KeyId();
    const std::string grant_id = Required("grantId", in_.grant_id);
    KmsConstraints constraints(absent_);
    AddRevokeGrantConstraints(key, grant_id, &constraints);
    if (auto refusal = constraints.Refusal()) return Done(refusal);
    if (in_.dry_run.value_or(false)) return Done(Unsupported("DryRun"));
    return Done(kms_.RevokeGrant(caller_, key, grant_id));
  }

  WireResponse ListGrants() {
    ListGrantsCall call;
    call.key = KeyId();
    call.grant_id = in_.grant_id;
    call.grantee_principal = in_.grantee_principal;
    call.limit = in_.limit;
    call.marker = in_.marker;
    if (auto refusal = RefuseBrokenIn(call)) return Done(refusal);
    return Encode<ListGrantsResult>(
        kms_.ListGrants(caller_, call),
        [](const ListGrantsResult& result, JsonObject* out) {
          std::vector<JsonObject> grants;
          for (const GrantEntry& grant : result.grants) {
            grants.push_back(GrantObject(grant));
          }
          out->Json("Grants", JsonList(std::move(grants)));
          WritePage(result.next_marker, out);
        });
  }

 private:
  // Returns the member, or an empty value, and notes that it is absent.
  template <typename T>
  T Required(const char* name, const std::optional<T>& member) {
    if (member.has_value()) return *member;
    absent_.emplace_back(name);
    return T();
  }
  std::string KeyId() { return Required("keyId", in_.key_id); }

  std::vector<std::string> Tokens() const {
    return in_.grant_tokens.value_or(std::vector<std::string>());
  }

  void AddAlgorithm(KmsConstraints* constraints) const {
    if (!in_.encryption_algorithm.has_value()) return;
    constraints->OneOf("encryptionAlgorithm", *in_.encryption_algorithm,
                       kAlgorithms);
  }

  template <typename Call>
  Refusal RefuseBrokenIn(const Call& call) const {
    KmsConstraints constraints(absent_);
    AddConstraints(call, &constraints);
    AddAlgorithm(&constraints);
    return constraints.Refusal();
  }

  Refusal RefuseKeyId(const std::string& key) const {
    KmsConstraints constraints(absent_);
    constraints.Key(key);
    return constraints.Refusal();
  }

  // Returns the refusal of a key that LocalKms cannot make.
  Refusal RefuseKindOfKey() const {
    if (in_.key_spec.has_value() && in_.customer_master_key_spec.has_value()) {
      return Refuse("ValidationException",
                    "You cannot specify KeySpec and CustomerMasterKeySpec in "
                    "the same request. CustomerMasterKeySpec is deprecated.");
    }
    if (in_.custom_key_store_id.has_value()) {
      return Refuse("CustomKeyStoreNotFoundException",
                    "there are no custom key stores here");
    }
    if (in_.origin.has_value() && *in_.origin != kOrigins[0]) {
      return Unsupported(absl::StrCat("the origin ", *in_.origin));
    }
    if (in_.xks_key_id.has_value()) return Unsupported("XksKeyId");
    if (in_.multi_region.value_or(false)) return Unsupported("MultiRegion");
    return std::nullopt;
  }

  // Returns the refusal of a use of a key that succeeded but must not have.
  template <typename Result>
  Refusal RefuseUse(const KeyAnswerOf<Result>& answer) const {
    const auto* const result = std::get_if<Result>(&answer);
    if (result == nullptr) return std::nullopt;
    if (in_.encryption_algorithm.has_value() &&
        *in_.encryption_algorithm != kSymmetricAlgorithm) {
      return Refuse("InvalidKeyUsageException",
                    absl::StrCat(result->key_arn,
                                 " key spec is SYMMETRIC_DEFAULT, which does "
                                 "not have the encryption algorithm ",
                                 *in_.encryption_algorithm, "."));
    }
    if (in_.dry_run.value_or(false)) {
      return Refuse("DryRunOperationException",
                    "The request would have succeeded, but the DryRun option "
                    "is set.");
    }
    return std::nullopt;
  }

  LocalKms& kms_;
  const KeyCaller& caller_;
  const KmsMembers& in_;
  // The required members that are not given.
  std::vector<std::string> absent_;
};

// In the order of the enumeration.
constexpr WireResponse (Request::*kAnswers[kKmsOperations])() = {
    &Request::CreateKey,         &Request::DescribeKey,
    &Request::CreateAlias,       &Request::ListAliases,
    &Request::Encrypt,           &Request::Decrypt,
    &Request::GenerateDataKey,   &Request::EnableKey,
    &Request::DisableKey,        &Request::ScheduleKeyDeletion,
    &Request::CancelKeyDeletion, &Request::PutKeyPolicy,
    &Request::GetKeyPolicy,      &Request::CreateGrant,
    &Request::RevokeGrant,       &Request::ListGrants,
};

}  // namespace

WireResponse AnswerKmsRequest(LocalKms* kms, const KeyCaller& caller,
                              const KmsRequest& request) {
  Request run(kms, caller, request.members);
  return (run.*kAnswers[static_cast<size_t>(request.operation)])();
}

WireResponse EncodeKmsRefusal(const KeyRefusal& refusal) {
  JsonObject object;
  object.Text("__type", refusal.code);
  if (refusal.message.has_value()) object.Text("message", *refusal.message);
  WireResponse response = Answered(std::move(object));
  response.http_status = KmsStatusOf(refusal.code);
  response.error_type = refusal.code;
  return response;
}

}  // namespace glue_security
