// StoredScene: an engine whose storage and key service are watched from below.

#ifndef GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_STORED_SCENE_H_
#define GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_STORED_SCENE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "glue_security/backend/backend.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/engine/engine.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/storage/memory/memory_storage.h"
#include "glue_security/testing/defects/connections/connection_parts.h"
#include "glue_security/v1/catalog_encryption.pb.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/v1/service.pb.h"
#include "glue_security/v1/stored_record.pb.h"

namespace glue_security::connection_internal {

// The user of all calls, and the name of her catalog.
Caller Alice();
CatalogKey HomeCatalog();

// A key call as it reached the key service.
struct SeenKeyCall {
  // "Encrypt", "Decrypt", "GenerateDataKey".
  std::string name;
  KeyCaller caller;
  std::string key;
  EncryptionContext context;
  // The plaintext and the ciphertext, as far as the call has them.
  std::string plaintext;
  std::string blob;

  // "Encrypt with alias/aws/glue {} as ARN through glue.us-east-1…".
  std::string ToString() const;
};

// Notes what reaches a storage.
class SeenStorage : public ForwardingStorage {
 public:
  using ForwardingStorage::ForwardingStorage;
  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override;

  std::vector<ReadSet> reads;
  std::vector<WriteBatch> commits;
  // Runs before the next commit, once.
  std::function<void()> before_commit;
};

// Notes what reaches a key service.
class SeenKeys : public KeyService {
 public:
  explicit SeenKeys(KeyService* base) : base_(*base) {}

  KeyAnswerOf<EncryptResult> Encrypt(const KeyCaller& caller,
                                     const EncryptCall& call) override;
  KeyAnswerOf<DecryptResult> Decrypt(const KeyCaller& caller,
                                     const DecryptCall& call) override;
  KeyAnswerOf<GenerateDataKeyResult> GenerateDataKey(
      const KeyCaller& caller, const GenerateDataKeyCall& call) override;
  KeyAnswerOf<DescribeKeyResult> DescribeKey(
      const KeyCaller& caller, const DescribeKeyCall& call) override;

  std::vector<SeenKeyCall> calls;
  // Runs before the next call, once.
  std::function<void()> before_call;

 private:
  KeyService& base_;
};

class StoredScene {
 public:
  explicit StoredScene(const MakeConnectionParts& make);

  v1::Response Call(const v1::Request& request);
  // Makes the call through an engine without parts over the same storage and
  // keys, as another process has it.
  v1::Response CallBeside(const v1::Request& request);

  // Returns the record of a connection as it is stored; nullopt: none, or
  // damaged.
  std::optional<v1::StoredConnection> Stored(const std::string& name);
  // Writes the bytes of the record `from` under the name `to`.
  void Move(const std::string& from, const std::string& to);

  SeenStorage& storage() { return storage_; }
  SeenKeys& keys() { return keys_; }

 private:
  FakeClock clock_;
  MemoryStorage memory_;
  SeenStorage storage_{&memory_};
  LocalKms kms_;
  SeenKeys keys_{&kms_};
  Engine beside_;
  std::unique_ptr<Storage> own_storage_;
  std::unique_ptr<KeyService> own_keys_;
  std::optional<Engine> engine_;
  std::unique_ptr<Backend> own_backend_;
};

// Returns settings: the flag, and the mode SSE-KMS.
v1::DataCatalogEncryptionSettings ScenarioSettings(bool protects, bool seals);

}  // namespace glue_security::connection_internal

#endif  // GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_STORED_SCENE_H_
