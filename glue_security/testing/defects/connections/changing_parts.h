// ChangingStorage, ChangingKeys, ChangingBackend: a storage, a key service and
// a backend whose calls a planted defect changes.

#ifndef GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_CHANGING_PARTS_H_
#define GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_CHANGING_PARTS_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "glue_security/backend/backend.h"
#include "glue_security/encryption/keys/key_service.h"
#include "glue_security/model/caller.h"
#include "glue_security/model/record.h"
#include "glue_security/storage/forwarding_storage.h"
#include "glue_security/v1/service.pb.h"
#include "glue_security/v1/stored_record.pb.h"

namespace glue_security::connection_internal {

// The steps that a defect replaces; an empty one changes nothing.
struct StorageSteps {
  // Change a connection's record on its way to the storage and back. `id` is
  // its name; `before` is what the storage has under it, or nullptr.
  std::function<void(const CatalogKey& catalog, const std::string& id,
                     const v1::StoredRecord* before, v1::StoredRecord* record)>
      store;
  std::function<void(const CatalogKey& catalog, const std::string& id,
                     v1::StoredRecord* record)>
      show;
  std::function<void(WriteBatch* batch)> batch;
  // Replaces a read.
  std::function<absl::StatusOr<Snapshot>(Storage* base,
                                         const ReadSet& read_set)>
      read;
  // A conflict is an error.
  bool conflicts_fail = false;
};

class ChangingStorage : public ForwardingStorage {
 public:
  ChangingStorage(Storage* base, StorageSteps steps)
      : ForwardingStorage(base), steps_(std::move(steps)) {}

  absl::StatusOr<Snapshot> Read(const ReadSet& read_set) override;
  absl::StatusOr<CommitResult> Commit(const WriteBatch& batch) override;
  // Connections are never lent, so that each is shown changed.
  absl::Status VisitRecord(const CatalogKey& catalog, const RecordKey& key,
                           RecordVisitor visitor) override;

 private:
  const StorageSteps steps_;
};

struct KeySteps {
  std::function<void(KeyCaller* caller)> caller;
  // Changes the call before it is made.
  std::function<void(EncryptCall* call)> encrypt;
  std::function<void(DecryptCall* call)> decrypt;
  std::function<void(GenerateDataKeyCall* call)> data_key;
  // Sees, and may replace, an answer.
  std::function<void(const EncryptCall& call, EncryptResult* result)> encrypted;
  std::function<void(GenerateDataKeyResult* result)> made;
  // Each call is made twice.
  bool twice = false;
};

class ChangingKeys : public KeyService {
 public:
  ChangingKeys(KeyService* base, KeySteps steps)
      : base_(*base), steps_(std::move(steps)) {}

  KeyAnswerOf<EncryptResult> Encrypt(const KeyCaller& caller,
                                     const EncryptCall& call) override;
  KeyAnswerOf<DecryptResult> Decrypt(const KeyCaller& caller,
                                     const DecryptCall& call) override;
  KeyAnswerOf<GenerateDataKeyResult> GenerateDataKey(
      const KeyCaller& caller, const GenerateDataKeyCall& call) override;
  KeyAnswerOf<DescribeKeyResult> DescribeKey(
      const KeyCaller& caller, const DescribeKeyCall& call) override;

 private:
  KeyCaller Changed(KeyCaller caller) const;

  KeyService& base_;
  const KeySteps steps_;
};

class ChangingBackend : public Backend {
 public:
  using Step = std::function<v1::Response(Backend* base, const Caller& caller,
                                          const v1::Request& request)>;
  ChangingBackend(Backend* base, Step step)
      : base_(base), step_(std::move(step)) {}

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    return step_(base_, caller, request);
  }

 private:
  Backend* const base_;
  const Step step_;
};

}  // namespace glue_security::connection_internal

#endif  // GLUE_SECURITY_TESTING_DEFECTS_CONNECTIONS_CHANGING_PARTS_H_
