// EncryptionScene: an engine with the keys of
// tests/data/encryption_outcomes.txt, which is taken through the steps of a row
// and says what came of them.

#ifndef GLUE_SECURITY_TESTS_ENGINE_ENCRYPTION_SCENE_H_
#define GLUE_SECURITY_TESTS_ENGINE_ENCRYPTION_SCENE_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "glue_security/backend/fake_clock.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/encryption/keys/random_source.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/behavior.h"
#include "glue_security/model/key_call.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/v1/stored_record.pb.h"
#include "tests/engine/encryption_outcomes.h"

namespace glue_security {

// Notes the calls to another key service, and lets some keys take too long.
class NotedKeys : public KeyService {
 public:
  // Returns the name of the key of a call; for Decrypt, of the blob.
  using Namer = std::function<std::string(const KeyCall& call)>;

  NotedKeys(KeyService* keys, Namer namer)
      : keys_(*keys), namer_(std::move(namer)) {}

  KeyAnswerOf<EncryptResult> Encrypt(const KeyCaller& caller,
                                     const EncryptCall& call) override;
  KeyAnswerOf<DecryptResult> Decrypt(const KeyCaller& caller,
                                     const DecryptCall& call) override;
  KeyAnswerOf<GenerateDataKeyResult> GenerateDataKey(
      const KeyCaller& caller, const GenerateDataKeyCall& call) override;
  KeyAnswerOf<DescribeKeyResult> DescribeKey(
      const KeyCaller& caller, const DescribeKeyCall& call) override;

  // The keys, by name, that answer no call in time.
  void set_late(std::set<std::string> names) { late_ = std::move(names); }
  // Returns the calls since the last time, such as "Encrypt@P1".
  std::vector<std::string> Take() { return std::exchange(calls_, {}); }
  void set_role(std::string arn) { role_ = std::move(arn); }

 private:
  std::optional<KeyRefusal> Note(const char* name, const KeyCaller& caller,
                                 const KeyCall& call);

  KeyService& keys_;
  const Namer namer_;
  std::set<std::string> late_;
  std::vector<std::string> calls_;
  std::string role_;
};

// The words of a row, as a step made them.
struct EncryptionOutcome {
  std::string result;
  std::string kms_error;
  std::string status;
  std::string shown;
  std::vector<std::string> calls;
  std::string stored_password;
  std::string stored_object;
  std::string changed;
};

class EncryptionScene {
 public:
  explicit EncryptionScene(const Behavior& behavior);

  // Takes the steps of `row` and returns what came of them. An error of the
  // steps before the operation is a failure of the test.
  EncryptionOutcome Play(const OutcomeRow& row);

 private:
  struct Key {
    std::string arn;
    bool is_signing = false;
  };

  void MakeKeys(const OutcomeRow& row);
  void Strike(const OutcomeRow& row);
  // Undoes what Strike did to the keys.
  void Heal();
  // Exchanges the data key of the stored object for one of another catalog.
  void PutForeignDataKey();
  void PutSettings(const std::string& word, const std::string& number);
  v1::ConnectionInput Input(const OutcomeRow& row, const std::string& column);
  // Returns base64 of a new blob under `key` that holds `text`.
  std::string Ciphertext(const std::string& key, const std::string& text,
                         const EncryptionContext& context);
  v1::Response Call(const OutcomeRow& row, const Caller& caller);
  void Judge(const v1::Response& response, EncryptionOutcome* outcome);
  // Says which password a reader was shown.
  std::string Shown(const v1::Connection& connection);
  // Says what `record` holds: the words of stored_password and stored_object.
  void Look(const std::string& record, EncryptionOutcome* outcome);
  std::string NameOfText(const std::string& encrypted_password);
  // Returns the name of the key whose blob this is, or "-". `text` may be null.
  std::string NameOfBlob(const std::string& blob, std::string* text);
  std::string NameOfArn(const std::string& arn) const;
  std::string Stored();

  FakeClock clock_;
  SeededRandom random_{1};
  // Returns true for a request that the identity policies do not allow.
  std::function<bool(const AuthorizationRequest&)> denied_;
  LocalKms kms_;
  NotedKeys keys_;
  MemoryStorage storage_;
  Engine engine_;
  std::map<std::string, Key> names_;
  // The ENCRYPTED_PASSWORDs that were given.
  std::set<std::string> given_;
  v1::ConnectionInput input_;
  std::string expected_clear_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTS_ENGINE_ENCRYPTION_SCENE_H_
