#include "glue_security/testing/defects/connection_schedules.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "glue_security/testing/defects/batch_edits.h"

namespace glue_security {
namespace {

const RecordKey kSettingsKey{RecordKind::kEncryptionSettings, ""};
const RecordKey kCountKey{RecordKind::kConnectionCount, ""};

template <typename Run>
ScheduledOperationFactory FactoryOf() {
  return [](const Caller& caller, RequestRef request,
            const CoreOptions* options, const CommitId& commit_id) {
    return std::make_unique<Run>(
        NewEngineOperation(caller, request, options, commit_id));
  };
}

bool WritesConnection(const WriteBatch& batch) {
  return std::any_of(batch.mutations.begin(), batch.mutations.end(),
                     [](const Mutation& mutation) {
                       return mutation.key.kind == RecordKind::kConnection;
                     });
}

class SettingsNotGuarded : public ForwardingOperation {
 public:
  using ForwardingOperation::ForwardingOperation;
  WriteBatch TakeWriteBatch() override {
    WriteBatch batch = base().TakeWriteBatch();
    if (WritesConnection(batch)) EraseKey(kSettingsKey, &batch.preconditions);
    return batch;
  }
};

class CountNotRewritten : public ForwardingOperation {
 public:
  using ForwardingOperation::ForwardingOperation;
  WriteBatch TakeWriteBatch() override {
    WriteBatch batch = base().TakeWriteBatch();
    if (WritesConnection(batch)) {
      EraseKey(kCountKey, &batch.preconditions);
      EraseKey(kCountKey, &batch.mutations);
    }
    return batch;
  }
};

// Takes the settings of the first snapshot for those of the others.
class SettingsReadOnce : public ForwardingOperation {
 public:
  using ForwardingOperation::ForwardingOperation;
  void SnapshotRead(Snapshot snapshot, absl::Time now) override {
    const auto& keys = read_set().keys;
    const auto found = std::find(keys.begin(), keys.end(), kSettingsKey);
    // Only the connections' operations read them beside other records.
    if (found != keys.end() && (keys.size() > 1 || read_set().range)) {
      auto& settings =
          snapshot.records[static_cast<size_t>(found - keys.begin())];
      if (!has_first_) first_ = settings;
      has_first_ = true;
      if (settings.has_value() && first_.has_value()) {
        settings->value = first_->value;
      }
    }
    base().SnapshotRead(std::move(snapshot), now);
  }

 private:
  bool has_first_ = false;
  std::optional<Record> first_;
};

// Gives the plaintext back where it asks for a ciphertext that does not come.
class RefusalAsPlaintext : public ForwardingOperation {
 public:
  using ForwardingOperation::ForwardingOperation;
  void KeyAnswered(KeyAnswer answer) override {
    const auto* const encrypt = std::get_if<EncryptCall>(&key_call().call);
    if (std::holds_alternative<KeyRefusal>(answer) && encrypt != nullptr) {
      answer = EncryptResult{std::string(encrypt->plaintext.view()), "none"};
    }
    base().KeyAnswered(std::move(answer));
  }
};

}  // namespace

std::vector<DefectiveSchedule> ConnectionScheduleDefects() {
  std::vector<DefectiveSchedule> defects = {
      {"settings_not_guarded",
       "a connection is written whatever became of the settings that were read",
       FactoryOf<SettingsNotGuarded>()},
      {"settings_read_once",
       "after a key call or a conflict the settings of the first read are used "
       "with the revision of the last",
       FactoryOf<SettingsReadOnce>()},
      {"connection_count_not_rewritten",
       "a write of a connection leaves the count, and no commit id, behind",
       FactoryOf<CountNotRewritten>()},
      {"key_refusal_as_plaintext",
       "a password that could not be encrypted is stored in clear",
       FactoryOf<RefusalAsPlaintext>()},
  };
  for (DefectiveSchedule& defect : defects) defect.is_of_connections = true;
  return defects;
}

}  // namespace glue_security
