// LocalKms: a key management service in the process, with keys, aliases, key
// policies and grants. It answers as KMS does, the texts of refusals included.
//
//   LocalKms kms;
//   KeyCaller alice;
//   alice.caller = {"123456789012", "us-east-1",
//                   "arn:aws:iam::123456789012:user/alice"};
//   const auto key = std::get<KeyMetadata>(kms.CreateKey(alice, {}));
//   kms.CreateAlias(alice, "alias/orders", key.key_id);
//
//   EncryptCall call;
//   call.key = "alias/orders";
//   call.plaintext = Secret("hunter2");
//   const auto encrypted = std::get<EncryptResult>(kms.Encrypt(alice, call));
//
// Another encryption context does not decrypt it:
//
//   const auto answer =
//       kms.Decrypt(alice, {encrypted.blob, "", {{"table", "orders"}}, {}});
//   std::get<KeyRefusal>(answer).code;  // "InvalidCiphertextException"
//
// Keys live in memory, and are gone with the object. There are no tags, no
// imported or multi-region keys, no rotation by itself and no retiring of
// grants. Keys that are not symmetric exist so that their use is refused.
// docs/local_kms.md shows more; docs/decisions/local-kms.md has the choices.

#ifndef GLUE_SECURITY_ENCRYPTION_KEYS_LOCAL_KMS_H_
#define GLUE_SECURITY_ENCRYPTION_KEYS_LOCAL_KMS_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/encryption/keys/local_kms_calls.h"
#include "glue_security/encryption/keys/local_kms_options.h"
#include "glue_security/model/key_call.h"

namespace glue_security {

struct KmsCore;

// Thread-safe; each call takes effect at one instant. A refused call has
// changed nothing, except that the first call in an account and region that
// names alias/aws/glue makes its key. A text by which a call names a key or
// alias is 1 to 2,048 characters. Where only the id or ARN of a key is asked
// for, an alias is refused with NotFoundException.
//
// A caller without a principal's ARN is taken for the root user of its account.
//
// Refusals come in the order of `KeyService`. Every method may be refused with
// - ValidationException, with all broken constraints;
// - InvalidArnException and NotFoundException for the name of a key or alias:
//   another region's ARN, no id, or nothing by this name in the own account;
// - AccessDeniedException, also for whatever does not exist in another account;
// in this order, and then with the ones that it lists. Only Encrypt, Decrypt,
// GenerateDataKey, DescribeKey, CreateGrant, ListGrants and RevokeGrant work on
// keys of other accounts; to the others they do not exist.
class LocalKms : public KeyService {
 public:
  // REQUIRES: `options.clock` and `options.random` outlive this object.
  explicit LocalKms(LocalKmsOptions options = {});
  ~LocalKms() override;

  // Forgets all keys, aliases and grants, of all accounts. What was encrypted
  // under them stays unreadable. Calls under way end before or after it.
  void Reset();

  // The plaintext has 1 to 4,096 bytes. Refusals: DisabledException,
  // KMSInvalidStateException, InvalidKeyUsageException.
  KeyAnswerOf<EncryptResult> Encrypt(const KeyCaller& caller,
                                     const EncryptCall& call) override;

  // The ciphertext has 1 to 6,144 bytes. Without a key it is the one that the
  // ciphertext names. Refusals: DisabledException, KMSInvalidStateException,
  // IncorrectKeyException for another key than the ciphertext's, or one that is
  // not symmetric; InvalidKeyUsageException; InvalidCiphertextException.
  KeyAnswerOf<DecryptResult> Decrypt(const KeyCaller& caller,
                                     const DecryptCall& call) override;

  // As Encrypt.
  KeyAnswerOf<GenerateDataKeyResult> GenerateDataKey(
      const KeyCaller& caller, const GenerateDataKeyCall& call) override;

  KeyAnswerOf<DescribeKeyResult> DescribeKey(
      const KeyCaller& caller, const DescribeKeyCall& call) override;

  // Does as DescribeKey, and returns all that is known about the key.
  KeyAnswerOf<KeyMetadata> GetKeyMetadata(const KeyCaller& caller,
                                          const DescribeKeyCall& call);

  // Makes an enabled key in the caller's account and region. Refusals:
  // ValidationException also for a spec and a usage that do not go together,
  // and for a caller whose account is not 12 digits; as of PutKeyPolicy for the
  // policy; LimitExceededException for too many keys.
  KeyAnswerOf<KeyMetadata> CreateKey(const KeyCaller& caller,
                                     const CreateKeyCall& call);

  // `key` is an id or ARN. Refusals: KMSInvalidStateException for a key that is
  // pending deletion. A key that is already in the state stays there.
  std::optional<KeyRefusal> EnableKey(const KeyCaller& caller,
                                      absl::string_view key);
  std::optional<KeyRefusal> DisableKey(const KeyCaller& caller,
                                       absl::string_view key);

  // Makes the key pending deletion. Once the clock shows the date, the key, its
  // aliases and its grants are gone, for good. Refusals:
  // KMSInvalidStateException for a key that is already pending deletion.
  KeyAnswerOf<ScheduleKeyDeletionResult> ScheduleKeyDeletion(
      const KeyCaller& caller, const ScheduleKeyDeletionCall& call);

  // Makes the key disabled, and returns its ARN. `key` is an id or ARN.
  // Refusals: KMSInvalidStateException for a key that is not pending deletion.
  KeyAnswerOf<std::string> CancelKeyDeletion(const KeyCaller& caller,
                                             absl::string_view key);

  // Gives the key new material for what is encrypted from now on, and returns
  // its ARN. What was encrypted before stays readable. `key` is an id or ARN.
  // Refusals: DisabledException, KMSInvalidStateException,
  // UnsupportedOperationException for a key that is not symmetric,
  // LimitExceededException for too many rotations.
  KeyAnswerOf<std::string> RotateKeyOnDemand(const KeyCaller& caller,
                                             absl::string_view key);

  // Gives a key a name: "alias/" and then letters, digits, "/", "_" and "-", at
  // most 256 in all. `target_key` is an id or ARN. The caller needs access to
  // the alias, by its identity policies, and to the key. Refusals:
  // ValidationException also for a name without "alias/" and a target that is
  // an alias, NotAuthorizedException for a name that begins with "alias/aws/",
  // both before the key is looked for; AlreadyExistsException;
  // KMSInvalidStateException for a key that is pending deletion;
  // LimitExceededException for too many aliases of the key.
  std::optional<KeyRefusal> CreateAlias(const KeyCaller& caller,
                                        absl::string_view name,
                                        absl::string_view target_key);

  // Lets an alias name another key of the same kind and usage; otherwise it is
  // refused with ValidationException. The caller needs access to the alias and
  // to both keys. Other refusals as of CreateAlias, with NotFoundException for
  // an alias that does not exist in the place of AlreadyExistsException.
  std::optional<KeyRefusal> UpdateAlias(const KeyCaller& caller,
                                        absl::string_view name,
                                        absl::string_view target_key);

  // The caller needs access to the alias and to its key.
  std::optional<KeyRefusal> DeleteAlias(const KeyCaller& caller,
                                        absl::string_view name);

  // Lists the aliases of the caller's account and region, alias/aws/glue
  // included, before its key is made, too. Refusals: InvalidMarkerException for
  // a marker that is not of this list.
  KeyAnswerOf<ListAliasesResult> ListAliases(const KeyCaller& caller,
                                             const ListAliasesCall& call);

  // Replaces the policy. Refusals: NotFoundException for another name than
  // "default"; LimitExceededException for more than 32,768 bytes;
  // MalformedPolicyDocumentException for text that is not a policy, and for a
  // policy that does not allow the caller to put the next one, unless the call
  // says that it may.
  std::optional<KeyRefusal> PutKeyPolicy(const KeyCaller& caller,
                                         const PutKeyPolicyCall& call);

  // Returns the policy as it was given. Refusals: NotFoundException for another
  // name than "default".
  KeyAnswerOf<std::string> GetKeyPolicy(const KeyCaller& caller,
                                        const GetKeyPolicyCall& call);

  // Allows a principal some operations on the key. A caller whose access comes
  // from a grant can give no more than that grant has. Refusals:
  // InvalidArnException for principals that are none, after the key was found;
  // DisabledException, KMSInvalidStateException; ValidationException for
  // operations and constraints that the kind of key does not have;
  // LimitExceededException for too many grants.
  KeyAnswerOf<CreateGrantResult> CreateGrant(const KeyCaller& caller,
                                             const CreateGrantCall& call);

  // `key` is an id or ARN. Refusals: InvalidGrantIdException for text that is
  // not an id of grants, NotFoundException for a grant that the key does not
  // have.
  std::optional<KeyRefusal> RevokeGrant(const KeyCaller& caller,
                                        absl::string_view key,
                                        absl::string_view grant_id);

  // Refusals: InvalidMarkerException for a marker that is not of this list.
  KeyAnswerOf<ListGrantsResult> ListGrants(const KeyCaller& caller,
                                           const ListGrantsCall& call);

 private:
  const std::unique_ptr<KmsCore> core_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_ENCRYPTION_KEYS_LOCAL_KMS_H_
