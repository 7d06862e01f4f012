#include "glue_security/testing/defects/connections/changing_parts.h"

#include <cstddef>
#include <optional>
#include <variant>

namespace glue_security::connection_internal {
namespace {

bool IsConnection(const RecordKey& key) {
  return key.kind == RecordKind::kConnection;
}

void Change(const std::function<void(v1::StoredRecord*)>& change,
            std::string* value) {
  v1::StoredRecord record;
  if (!record.ParseFromString(*value)) return;
  change(&record);
  *value = record.SerializeAsString();
}

}  // namespace

absl::StatusOr<Snapshot> ChangingStorage::Read(const ReadSet& read_set) {
  auto snapshot = steps_.read ? steps_.read(base(), read_set)
                              : ForwardingStorage::Read(read_set);
  if (!snapshot.ok() || !steps_.show) return snapshot;
  const auto show = [&](const std::string& id, std::string* value) {
    Change(
        [&](v1::StoredRecord* record) {
          steps_.show(read_set.catalog, id, record);
        },
        value);
  };
  for (size_t i = 0; i < read_set.keys.size(); ++i) {
    auto& record = snapshot->records[i];
    if (IsConnection(read_set.keys[i]) && record.has_value()) {
      show(read_set.keys[i].id, &record->value);
    }
  }
  if (read_set.range.has_value() &&
      read_set.range->kind == RecordKind::kConnection) {
    for (RangeRecord& record : snapshot->range->records) {
      show(record.id, &record.value);
    }
  }
  return snapshot;
}

absl::StatusOr<CommitResult> ChangingStorage::Commit(const WriteBatch& batch) {
  WriteBatch changed = batch;
  if (steps_.batch) steps_.batch(&changed);
  if (steps_.store) {
    for (Mutation& mutation : changed.mutations) {
      if (!IsConnection(mutation.key) || !mutation.value.has_value()) continue;
      std::optional<v1::StoredRecord> before;
      base()
          ->VisitRecord(batch.catalog, mutation.key,
                        [&](BranchId, const RecordView* record) {
                          if (record == nullptr) return;
                          (void)before.emplace().ParseFromString(
                              std::string(record->value));
                        })
          .IgnoreError();
      Change(
          [&](v1::StoredRecord* record) {
            steps_.store(batch.catalog, mutation.key.id,
                         before.has_value() ? &*before : nullptr, record);
          },
          &*mutation.value);
    }
  }
  auto result = ForwardingStorage::Commit(changed);
  if (steps_.conflicts_fail && result.ok() &&
      *result == CommitResult::kConflict) {
    return absl::UnavailableError("a conflict");
  }
  return result;
}

absl::Status ChangingStorage::VisitRecord(const CatalogKey& catalog,
                                          const RecordKey& key,
                                          RecordVisitor visitor) {
  if (IsConnection(key)) return absl::UnimplementedError("not lent");
  return ForwardingStorage::VisitRecord(catalog, key, visitor);
}

KeyCaller ChangingKeys::Changed(KeyCaller caller) const {
  if (steps_.caller) steps_.caller(&caller);
  return caller;
}

KeyAnswerOf<EncryptResult> ChangingKeys::Encrypt(const KeyCaller& caller,
                                                 const EncryptCall& call) {
  EncryptCall changed = call;
  if (steps_.encrypt) steps_.encrypt(&changed);
  if (steps_.twice) base_.Encrypt(Changed(caller), changed);
  auto answer = base_.Encrypt(Changed(caller), changed);
  auto* const result = std::get_if<EncryptResult>(&answer);
  if (result != nullptr && steps_.encrypted) steps_.encrypted(call, result);
  return answer;
}

KeyAnswerOf<DecryptResult> ChangingKeys::Decrypt(const KeyCaller& caller,
                                                 const DecryptCall& call) {
  DecryptCall changed = call;
  if (steps_.decrypt) steps_.decrypt(&changed);
  return base_.Decrypt(Changed(caller), changed);
}

KeyAnswerOf<GenerateDataKeyResult> ChangingKeys::GenerateDataKey(
    const KeyCaller& caller, const GenerateDataKeyCall& call) {
  GenerateDataKeyCall changed = call;
  if (steps_.data_key) steps_.data_key(&changed);
  auto answer = base_.GenerateDataKey(Changed(caller), changed);
  auto* const result = std::get_if<GenerateDataKeyResult>(&answer);
  if (result != nullptr && steps_.made) steps_.made(result);
  return answer;
}

KeyAnswerOf<DescribeKeyResult> ChangingKeys::DescribeKey(
    const KeyCaller& caller, const DescribeKeyCall& call) {
  return base_.DescribeKey(caller, call);
}

}  // namespace glue_security::connection_internal
