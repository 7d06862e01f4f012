#include "glue_security/testing/defects/connections/stored_scene.h"

#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace glue_security::connection_internal {
namespace {

LocalKmsOptions KmsOptions(Clock* clock) {
  LocalKmsOptions options;
  options.clock = clock;
  return options;
}

EngineOptions OptionsOf(Clock* clock, KeyService* keys) {
  EngineOptions options;
  options.behavior = Behavior::Current();
  options.clock = clock;
  options.key_service = keys;
  return options;
}

ReadSet ReadSetOf(const std::string& name) {
  ReadSet read_set;
  read_set.catalog = HomeCatalog();
  read_set.keys = {{RecordKind::kConnection, name}};
  return read_set;
}

// Forwards, so that every part of an engine is there.
class SameBackend : public Backend {
 public:
  explicit SameBackend(Backend* base) : base_(*base) {}
  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    return base_.Execute(caller, request);
  }

 private:
  Backend& base_;
};

}  // namespace

Caller Alice() {
  return Caller{"123456789012", "us-east-1",
                "arn:aws:iam::123456789012:user/alice"};
}

CatalogKey HomeCatalog() { return {"123456789012", "us-east-1"}; }

std::string SeenKeyCall::ToString() const {
  std::string text = absl::StrCat(name, " with ", key, " {");
  for (const auto& [name_of, value] : context) {
    absl::StrAppend(&text, name_of, ": ", value);
  }
  return absl::StrCat(text, "} as ", caller.caller.principal_arn, " through ",
                      caller.via_service);
}

absl::StatusOr<Snapshot> SeenStorage::Read(const ReadSet& read_set) {
  reads.push_back(read_set);
  return ForwardingStorage::Read(read_set);
}

absl::StatusOr<CommitResult> SeenStorage::Commit(const WriteBatch& batch) {
  if (before_commit) std::exchange(before_commit, nullptr)();
  commits.push_back(batch);
  return ForwardingStorage::Commit(batch);
}

KeyAnswerOf<EncryptResult> SeenKeys::Encrypt(const KeyCaller& caller,
                                             const EncryptCall& call) {
  if (before_call) std::exchange(before_call, nullptr)();
  auto answer = base_.Encrypt(caller, call);
  const auto* result = std::get_if<EncryptResult>(&answer);
  calls.push_back({"Encrypt", caller, call.key, call.context,
                   std::string(call.plaintext.view()),
                   result == nullptr ? "" : result->blob});
  return answer;
}

KeyAnswerOf<DecryptResult> SeenKeys::Decrypt(const KeyCaller& caller,
                                             const DecryptCall& call) {
  if (before_call) std::exchange(before_call, nullptr)();
  auto answer = base_.Decrypt(caller, call);
  calls.push_back(
      {"Decrypt", caller, call.key, call.context, std::string(), call.blob});
  return answer;
}

KeyAnswerOf<GenerateDataKeyResult> SeenKeys::GenerateDataKey(
    const KeyCaller& caller, const GenerateDataKeyCall& call) {
  if (before_call) std::exchange(before_call, nullptr)();
  auto answer = base_.GenerateDataKey(caller, call);
  const auto* result = std::get_if<GenerateDataKeyResult>(&answer);
  calls.push_back(
      {"GenerateDataKey", caller, call.key, call.context,
       result == nullptr ? "" : std::string(result->plaintext.view()),
       result == nullptr ? "" : result->blob});
  return answer;
}

KeyAnswerOf<DescribeKeyResult> SeenKeys::DescribeKey(
    const KeyCaller& caller, const DescribeKeyCall& call) {
  return base_.DescribeKey(caller, call);
}

StoredScene::StoredScene(const MakeConnectionParts& make)
    : clock_(absl::FromUnixSeconds(1'600'000'000)),
      kms_(KmsOptions(&clock_)),
      beside_(&memory_, OptionsOf(&clock_, &kms_)) {
  const ConnectionParts parts = make();
  Storage* storage = &storage_;
  if (parts.storage) {
    own_storage_ = parts.storage(storage);
    storage = own_storage_.get();
  }
  KeyService* keys = &keys_;
  if (parts.keys) {
    own_keys_ = parts.keys(keys);
    keys = own_keys_.get();
  }
  engine_.emplace(storage, OptionsOf(&clock_, keys));
  own_backend_ = parts.backend ? parts.backend(&*engine_)
                               : std::make_unique<SameBackend>(&*engine_);
}

v1::Response StoredScene::Call(const v1::Request& request) {
  return own_backend_->Execute(Alice(), request);
}

v1::Response StoredScene::CallBeside(const v1::Request& request) {
  return beside_.Execute(Alice(), request);
}

std::optional<v1::StoredConnection> StoredScene::Stored(
    const std::string& name) {
  const auto snapshot = memory_.Read(ReadSetOf(name));
  if (!snapshot.ok() || !snapshot->records[0].has_value()) return std::nullopt;
  v1::StoredRecord record;
  if (!record.ParseFromString(snapshot->records[0]->value) ||
      !record.has_connection()) {
    return std::nullopt;
  }
  return record.connection();
}

void StoredScene::Move(const std::string& from, const std::string& to) {
  const auto snapshot = memory_.Read(ReadSetOf(from));
  if (!snapshot.ok() || !snapshot->records[0].has_value()) return;
  WriteBatch batch;
  batch.catalog = HomeCatalog();
  batch.branch = snapshot->branch;
  batch.mutations = {
      {{RecordKind::kConnection, to}, snapshot->records[0]->value}};
  memory_.Commit(batch).status().IgnoreError();
}

v1::DataCatalogEncryptionSettings ScenarioSettings(bool protects, bool seals) {
  v1::DataCatalogEncryptionSettings settings;
  settings.mutable_connection_password_encryption()
      ->set_return_connection_password_encrypted(protects);
  settings.mutable_encryption_at_rest()->set_catalog_encryption_mode(
      seals ? v1::CATALOG_ENCRYPTION_MODE_SSE_KMS
            : v1::CATALOG_ENCRYPTION_MODE_DISABLED);
  return settings;
}

}  // namespace glue_security::connection_internal
