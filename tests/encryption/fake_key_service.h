// FakeKeyService: a key service with the few rules that the tests of this
// folder need.

#ifndef GLUE_SECURITY_TESTS_ENCRYPTION_FAKE_KEY_SERVICE_H_
#define GLUE_SECURITY_TESTS_ENCRYPTION_FAKE_KEY_SERVICE_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/model/key_call.h"

namespace glue_security {

// Not thread-safe. A ciphertext is bound to its key and context, and holds
// nothing of the plaintext. Keys are named by ARN, or by an alias of an account
// and a region.
class FakeKeyService : public KeyService {
 public:
  // Adds a key and returns its ARN. `name` is the id of the key.
  std::string AddKey(absl::string_view account, absl::string_view region,
                     absl::string_view name);

  // Lets `alias`, such as "alias/aws/glue", stand for the key of that ARN.
  void AddAlias(absl::string_view alias, const std::string& key_arn);

  // Refuses all use of the key with DisabledException.
  void Disable(const std::string& key_arn) { disabled_.insert(key_arn); }
  void Enable(const std::string& key_arn) { disabled_.erase(key_arn); }

  // Refuses `action`, such as "kms:Encrypt", on the key to everybody.
  void Deny(absl::string_view action, const std::string& key_arn);
  // Refuses `action` on the key to all but the principal, an ARN or a service.
  void AllowOnly(absl::string_view action, const std::string& key_arn,
                 const std::string& principal);

  // Refuses each call; nullopt: none.
  void RefuseAll(std::optional<KeyRefusal> refusal) {
    refusal_ = std::move(refusal);
  }

  // All calls since the last time, in their order.
  std::vector<KeyCall> TakeCalls() { return std::exchange(calls_, {}); }

  // KeyService:
  KeyAnswerOf<EncryptResult> Encrypt(const KeyCaller& caller,
                                     const EncryptCall& call) override;
  KeyAnswerOf<DecryptResult> Decrypt(const KeyCaller& caller,
                                     const DecryptCall& call) override;
  KeyAnswerOf<GenerateDataKeyResult> GenerateDataKey(
      const KeyCaller& caller, const GenerateDataKeyCall& call) override;
  KeyAnswerOf<DescribeKeyResult> DescribeKey(
      const KeyCaller& caller, const DescribeKeyCall& call) override;

 private:
  // Returns the ARN of a key that may be used, or the refusal.
  KeyAnswerOf<std::string> Resolve(const KeyCaller& caller,
                                   absl::string_view action,
                                   const std::string& key) const;
  std::string MakeBlob(const std::string& key_arn,
                       const EncryptionContext& context,
                       absl::string_view plaintext);

  std::set<std::string> keys_;
  std::map<std::string, std::string> aliases_;
  std::set<std::string> disabled_;
  // Action and key, and the principal who may use it; "": nobody.
  std::map<std::pair<std::string, std::string>, std::string> only_;
  std::optional<KeyRefusal> refusal_;
  std::vector<KeyCall> calls_;
  unsigned made_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_ENCRYPTION_FAKE_KEY_SERVICE_H_
