#include "glue_security/testing/schedules/schedule_graph.h"

#include <algorithm>
#include <map>
#include <optional>
#include <variant>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/model/key_call.h"
#include "glue_security/model/operation.h"
#include "glue_security/testing/schedules/answer_text.h"
#include "glue_security/testing/schedules/settings_rule.h"
#include "glue_security/testing/schedules/stand_in_keys.h"
#include "glue_security/v1/options.pb.h"
#include "glue_security/v1/stored_record.pb.h"

namespace glue_security {
namespace testing_internal {
namespace {

using Need = ScheduledOperation::Need;

constexpr int64_t kStartMs = kScheduleStartMs;
constexpr int64_t kCommitMs = 10;
constexpr int64_t kSkewMs = 25;

// The slot of runs outside a scenario; no scenario has it.
constexpr int kSetupSlot = 1000;

ScheduleObject ObjectOf(RecordKind kind) {
  switch (kind) {
    case RecordKind::kResourcePolicy:
      return ScheduleObject::kPolicy;
    case RecordKind::kEncryptionSettings:
    case RecordKind::kConnection:
    case RecordKind::kConnectionCount:
      return ScheduleObject::kSettings;
    case RecordKind::kSecurityConfiguration:
    case RecordKind::kConfigurationCount:
      break;
  }
  return ScheduleObject::kConfigurations;
}

CommitId CommitIdOf(int slot) {
  CommitId id{};
  id[0] = 0x5C;
  id[1] = static_cast<uint8_t>(slot >> 8);
  id[2] = static_cast<uint8_t>(slot);
  return id;
}

void AppendText(absl::string_view text, std::string* key) {
  absl::StrAppend(key, text.size(), ":", text);
}
void AppendKey(const RecordKey& record_key, std::string* key) {
  absl::StrAppend(key, static_cast<int>(record_key.kind), "/");
  AppendText(record_key.id, key);
}
void AppendValue(const std::optional<std::string>& value, std::string* key) {
  if (value.has_value()) {
    AppendText(*value, key);
  } else {
    absl::StrAppend(key, "-");
  }
}
void AppendRevision(const std::optional<Revision>& revision, std::string* key) {
  absl::StrAppend(key, "@");
  if (revision.has_value()) absl::StrAppend(key, *revision, ";");
}
void AppendCatalog(const CatalogKey& catalog, std::string* key) {
  AppendText(catalog.catalog_id, key);
  AppendText(catalog.region, key);
}

std::string KeyOf(const ReadSet& read_set) {
  std::string key;
  AppendCatalog(read_set.catalog, &key);
  for (const RecordKey& record : read_set.keys) AppendKey(record, &key);
  if (read_set.range.has_value()) {
    const RangeRead& range = *read_set.range;
    absl::StrAppend(&key, " range ", static_cast<int>(range.kind), " ",
                    range.records_max, " ", range.bytes_max, " ");
    AppendValue(range.after, &key);
  }
  return key;
}

std::string KeyOf(const Snapshot& snapshot) {
  std::string key = absl::StrCat(snapshot.branch, " ");
  for (const std::optional<Record>& record : snapshot.records) {
    if (record.has_value()) {
      AppendRevision(record->revision, &key);
      AppendText(record->value, &key);
    } else {
      absl::StrAppend(&key, "-");
    }
  }
  if (snapshot.range.has_value()) {
    absl::StrAppend(&key, " range ", snapshot.range->more);
    for (const RangeRecord& record : snapshot.range->records) {
      AppendText(record.id, &key);
      AppendRevision(record.revision, &key);
      AppendText(record.value, &key);
    }
  }
  return key;
}

std::string KeyOf(const WriteBatch& batch) {
  std::string key = absl::StrCat(batch.branch, " ");
  AppendCatalog(batch.catalog, &key);
  for (const Precondition& precondition : batch.preconditions) {
    AppendKey(precondition.key, &key);
    AppendRevision(precondition.revision, &key);
  }
  absl::StrAppend(&key, " writes ");
  for (const Mutation& mutation : batch.mutations) {
    AppendKey(mutation.key, &key);
    AppendValue(mutation.value, &key);
  }
  return key;
}

struct Shown {
  const char* name;
  v1::Request request;
};

std::vector<Shown> AllThatIsShown() {
  std::vector<Shown> shown = {{"policy", {}},
                              {"settings", {}},
                              {"configurations", {}},
                              {"connections", {}}};
  shown[0].request.mutable_get_resource_policy();
  shown[1].request.mutable_get_data_catalog_encryption_settings();
  shown[2].request.mutable_get_security_configurations()->set_max_results(1000);
  shown[3].request.mutable_get_connections()->set_max_results(1000);
  return shown;
}

std::string KeyCallText(const KeyCall& call) {
  if (const auto* encrypt = std::get_if<EncryptCall>(&call.call)) {
    return absl::StrCat("Encrypt under ", encrypt->key);
  }
  if (const auto* generate = std::get_if<GenerateDataKeyCall>(&call.call)) {
    return absl::StrCat("GenerateDataKey under ", generate->key);
  }
  if (const auto* decrypt = std::get_if<DecryptCall>(&call.call)) {
    const auto blob = ReadStandInCiphertext(decrypt->blob);
    return absl::StrCat("Decrypt under ",
                        blob.has_value() ? blob->key_arn : "no key");
  }
  return "DescribeKey";
}

// Returns the count record; -1 when it is damaged.
int64_t CountIn(const SimulatedState& state, const Caller& caller) {
  const CatalogKey catalog{caller.account_id, caller.region};
  const auto it =
      state.records.find({catalog, {RecordKind::kConfigurationCount, ""}});
  if (it == state.records.end()) return 0;
  v1::StoredRecord record;
  if (!record.ParseFromString(it->second.value)) return -1;
  return record.configuration_count().count();
}

}  // namespace

ScheduleObject ObjectOf(Operation operation) {
  switch (GetOperationInfo(operation).resource()) {
    case v1::RESOURCE_POLICY:
      return ScheduleObject::kPolicy;
    case v1::RESOURCE_ENCRYPTION_SETTINGS:
    case v1::RESOURCE_CONNECTION:
      return ScheduleObject::kSettings;
    default:
      return ScheduleObject::kConfigurations;
  }
}

ScheduleGraph::ScheduleGraph(const ScheduleAlphabet* alphabet,
                             const SimulatedStorage* storage,
                             ScheduledOperationFactory new_operation)
    : alphabet_(alphabet),
      storage_(storage),
      new_operation_(std::move(new_operation)),
      clock_(absl::FromUnixMillis(kStartMs)) {
  options_.behavior = alphabet->behavior;
  options_.limits = alphabet->limits;
  runs_.emplace_back();  // 0 is none
  for (const ScheduleOperation& operation : alphabet->operations) {
    objects_.push_back(
        testing_internal::ObjectOf(operation.request.operation_case()));
  }
  MakeInitialStates();
}

void ScheduleGraph::MakeInitialStates() {
  for (const ScheduleInitialState& initial : alphabet_->initial_states) {
    StorageState state;
    ReferenceModel model(alphabet_->behavior, alphabet_->limits, &clock_);
    int slot = kSetupSlot;
    for (const v1::Request& request : initial.requests) {
      const auto object =
          static_cast<size_t>(ObjectOf(request.operation_case()));
      clock_.Set(
          absl::FromUnixMillis(kStartMs + kCommitMs * state.commits[object]));
      Execute(request, slot++, &state);
      model.Execute(alphabet_->caller, request);
    }
    initial_storages_.push_back(AddStorage(std::move(state)));
    const std::string fingerprint = model.StateFingerprint();
    initial_models_.push_back(models_.Add(fingerprint, std::move(model)));
  }
}

v1::Response ScheduleGraph::Execute(const v1::Request& request, int slot,
                                    StorageState* storage) const {
  const SimulatedStorage faithful;
  const auto object = static_cast<size_t>(ObjectOf(request.operation_case()));
  const absl::Time now =
      absl::FromUnixMillis(kStartMs + kCommitMs * storage->commits[object]);
  OperationRun run(alphabet_->caller, request, &options_, CommitIdOf(slot));
  while (run.need() == Need::kRead || run.need() == Need::kKeyCall) {
    if (run.need() == Need::kRead) {
      run.SnapshotRead(faithful.Read(storage->state, run.read_set()), now);
    } else {
      run.KeyAnswered(StandInAnswer(run.key_call()));
    }
  }
  if (run.need() == Need::kCommit) {
    faithful.Commit(run.TakeWriteBatch(), &storage->state);
    ++storage->commits[object];
    run.Committed();
  }
  return ToResponse(run.TakeOutcome());
}

Id ScheduleGraph::AddStorage(StorageState storage) {
  std::string key = absl::StrCat(storage.state.last_revision);
  for (const int64_t commits : storage.commits) {
    absl::StrAppend(&key, " ", commits);
  }
  for (const auto& [name, record] : storage.state.records) {
    AppendCatalog(name.first, &key);
    AppendKey(name.second, &key);
    AppendRevision(record.revision, &key);
    AppendText(record.value, &key);
  }
  return storages_.Add(key, std::move(storage));
}

std::unique_ptr<ScheduledOperation> ScheduleGraph::NewRun(int operation,
                                                          int slot) const {
  return new_operation_(
      alphabet_->caller,
      alphabet_->operations[static_cast<size_t>(operation)].request, &options_,
      CommitIdOf(slot));
}

Id ScheduleGraph::Start(int operation, int slot) {
  const auto [it, is_new] = starts_.try_emplace({operation, slot}, 0);
  if (is_new) {
    RunNode node;
    node.operation = operation;
    node.slot = slot;
    const auto run = NewRun(operation, slot);
    it->second = AddRun(std::move(node), *run);
  }
  return it->second;
}

void ScheduleGraph::Feed(Id id, ScheduledOperation& run) const {
  std::vector<Id> path;
  for (; runs_[id].parent != 0; id = runs_[id].parent) path.push_back(id);
  for (auto it = path.rbegin(); it != path.rend(); ++it) {
    const RunNode& node = runs_[*it];
    if (runs_[node.parent].need == Need::kCommit &&
        node.input != RunInput::kGivenUp) {
      run.TakeWriteBatch();
    }
    switch (node.input) {
      case RunInput::kSnapshot:
        run.SnapshotRead(snapshot(node.snapshot),
                         absl::FromUnixMillis(node.now_ms));
        break;
      case RunInput::kReadFailed:
        run.ReadFailed();
        break;
      case RunInput::kReadDataLoss:
        run.ReadFoundDataLoss();
        break;
      case RunInput::kCommitted:
        run.Committed();
        break;
      case RunInput::kConflicted:
        run.Conflicted();
        break;
      case RunInput::kNotApplied:
        run.CommitNotApplied();
        break;
      case RunInput::kUnknown:
        run.CommitUnknown();
        break;
      case RunInput::kCommitDataLoss:
        run.CommitFoundDataLoss();
        break;
      case RunInput::kKeyAnswered:
        run.KeyAnswered(StandInAnswer(run.key_call()));
        break;
      case RunInput::kKeyRefused:
        run.KeyAnswered(StandInTimeout());
        break;
      case RunInput::kWaited:
        run.Waited();
        break;
      case RunInput::kGivenUp:
      case RunInput::kGivenUpCommitting:
        run.GiveUp();
        break;
    }
  }
}

Id ScheduleGraph::Advance(Id run, RunInput input, Id snapshot, int64_t now_ms) {
  const auto [it, is_new] =
      advances_.try_emplace({run, input, snapshot, now_ms}, 0);
  if (!is_new) return it->second;
  const RunNode& parent = runs_[run];
  RunNode node = parent;
  node.parent = run;
  node.input = input;
  node.snapshot = snapshot;
  node.now_ms = now_ms;
  if (parent.need == Need::kRead && input != RunInput::kGivenUp) ++node.reads;
  if (parent.need == Need::kCommit && input != RunInput::kGivenUp) {
    ++node.commits;
  }
  if (input == RunInput::kConflicted) ++node.conflicts;
  if (input == RunInput::kUnknown) {
    node.told_unknown = true;
    node.unknown_batch = parent.batch;
  }
  if (input == RunInput::kSnapshot) {
    if (std::count(node.nows_ms.begin(), node.nows_ms.end(), now_ms) == 0) {
      node.nows_ms.push_back(now_ms);
    }
    node.saw_own_batch = ShowsBatch(parent, snapshot);
  } else if (input != RunInput::kCommitted && input != RunInput::kConflicted &&
             input != RunInput::kKeyAnswered && input != RunInput::kWaited) {
    node.disturbed = true;
  }
  if (input == RunInput::kKeyRefused) node.key_refused = true;
  // The node is added for `Feed`, which follows its parents, and then removed.
  const auto fresh = NewRun(node.operation, node.slot);
  runs_.push_back(node);
  Feed(static_cast<Id>(runs_.size() - 1), *fresh);
  runs_.pop_back();
  const Id id = AddRun(std::move(node), *fresh);
  it->second = id;
  return id;
}

Id ScheduleGraph::AddRun(RunNode node, ScheduledOperation& run) {
  Look(run, node);
  runs_.push_back(std::move(node));
  return static_cast<Id>(runs_.size() - 1);
}

bool ScheduleGraph::Strays(const RunNode& node) const {
  const auto is_other = [&](const RecordKey& key) {
    return ObjectOf(key.kind) != object(node.operation);
  };
  if (node.read_set != 0) {
    const ReadSet& reads = read_set(node.read_set);
    return std::any_of(reads.keys.begin(), reads.keys.end(), is_other) ||
           (reads.range.has_value() && is_other({reads.range->kind, ""}));
  }
  if (node.batch == 0) return false;
  const WriteBatch& writes = batch(node.batch);
  const auto has_other_key = [&](const auto& element) {
    return is_other(element.key);
  };
  return std::any_of(writes.mutations.begin(), writes.mutations.end(),
                     has_other_key) ||
         std::any_of(writes.preconditions.begin(), writes.preconditions.end(),
                     has_other_key);
}

void ScheduleGraph::Look(ScheduledOperation& run, RunNode& node) {
  const int attempts_max = std::max(alphabet_->limits.attempts_max, 1);
  node.need = run.need();
  node.read_set = 0;
  node.batch = 0;
  node.key_call = 0;
  if (node.reads > attempts_max + node.key_rounds + 1 ||
      node.commits > attempts_max) {
    node.violation = absl::StrCat("the run exceeds its bound of ", attempts_max,
                                  " attempts: ", node.reads, " reads, ",
                                  node.commits, " commits");
    return;
  }
  switch (node.need) {
    case Need::kRead:
      node.read_set = read_sets_.Add(KeyOf(run.read_set()), run.read_set());
      break;
    case Need::kCommit: {
      WriteBatch batch = run.TakeWriteBatch();
      const std::string key = KeyOf(batch);
      node.batch = batches_.Add(key, std::move(batch));
      break;
    }
    case Need::kKeyCall:
      node.key_call = AddText(KeyCallText(run.key_call()));
      if (runs_[node.parent].need != Need::kKeyCall) ++node.key_rounds;
      break;
    case Need::kWait:
      break;
    case Need::kDone:
      TakeAnswer(run, node);
      CheckAnswer(node);
      break;
  }
  if (Strays(node)) {
    node.violation =
        "the run accesses a record that does not belong to its operation";
  }
}

void ScheduleGraph::TakeAnswer(ScheduledOperation& run, RunNode& node) {
  const v1::Response response = ToResponse(run.TakeOutcome());
  std::string text = AnswerText(response);
  node.answer = AnswerClass::kSucceeded;
  if (response.has_error()) {
    switch (response.error().detail()) {
      case v1::Error::DETAIL_NOT_APPLIED:
        node.answer = AnswerClass::kNotApplied;
        absl::StrAppend(&text, " (not_applied)");
        break;
      case v1::Error::DETAIL_DATA_LOSS:
        node.answer = AnswerClass::kNotApplied;
        absl::StrAppend(&text, " (data_loss)");
        break;
      case v1::Error::DETAIL_OUTCOME_UNKNOWN:
        node.answer = AnswerClass::kUnknown;
        absl::StrAppend(&text, " (outcome_unknown)");
        break;
      default:
        node.answer = AnswerClass::kRefused;
        break;
    }
    if (response.error().code() == v1::ERROR_CODE_GLUE_ENCRYPTION &&
        node.key_refused) {
      node.answer = AnswerClass::kNotApplied;
      absl::StrAppend(&text, " (the key call failed)");
    }
  }
  node.response = AddText(text);
}

void ScheduleGraph::CheckAnswer(RunNode& node) const {
  const bool failed = node.answer == AnswerClass::kNotApplied ||
                      node.answer == AnswerClass::kUnknown;
  if (failed && !node.disturbed &&
      node.conflicts + node.key_rounds <
          std::max(alphabet_->limits.attempts_max, 1)) {
    node.violation = "the run answers that the storage failed, but it did not";
  } else if (node.answer == AnswerClass::kUnknown && !node.told_unknown &&
             node.input != RunInput::kGivenUpCommitting) {
    node.violation =
        "the run answers that its outcome is unknown, but the outcomes of its "
        "commits were known";
  } else if (node.answer == AnswerClass::kUnknown && node.saw_own_batch) {
    node.violation =
        "the run answers that its outcome is unknown, although it has read "
        "what it wrote";
  }
}

bool ScheduleGraph::ShowsBatch(const RunNode& parent, Id snapshot_id) const {
  if (parent.unknown_batch == 0) return false;
  const auto& keys = read_set(parent.read_set).keys;
  const Snapshot& shown = snapshot(snapshot_id);
  for (const Mutation& mutation : batch(parent.unknown_batch).mutations) {
    const auto it = std::find(keys.begin(), keys.end(), mutation.key);
    if (it == keys.end()) return false;
    const auto& record = shown.records[static_cast<size_t>(it - keys.begin())];
    if (record.has_value() != mutation.value.has_value()) return false;
    if (record.has_value() && record->value != *mutation.value) return false;
  }
  return true;
}

Id ScheduleGraph::Read(Id storage, Id read_set_id) {
  const auto [it, is_new] = reads_.try_emplace({storage, read_set_id}, 0);
  if (is_new) {
    Snapshot snapshot = storage_->Read(state(storage), read_set(read_set_id));
    const std::string key = KeyOf(snapshot);
    it->second = snapshots_.Add(key, std::move(snapshot));
  }
  return it->second;
}

Id ScheduleGraph::Commit(Id storage, Id batch_id) {
  const auto [it, is_new] = commits_.try_emplace({storage, batch_id}, 0);
  if (!is_new) return it->second;
  StorageState next = storages_.at(storage);
  const WriteBatch& write_batch = batch(batch_id);
  if (storage_->Commit(write_batch, &next.state) == CommitResult::kConflict) {
    return 0;
  }
  if (!write_batch.mutations.empty()) {
    ++next.commits[static_cast<size_t>(
        ObjectOf(write_batch.mutations[0].key.kind))];
  }
  const Id id = AddStorage(std::move(next));
  it->second = id;
  return id;
}

std::string ScheduleGraph::BrokenRule(Id before, Id batch_id) const {
  return BrokenSettingsRule(options_.behavior, state(before), batch(batch_id));
}

int64_t ScheduleGraph::NowMs(Id storage, ScheduleObject object,
                             int client) const {
  return kStartMs +
         kCommitMs *
             storages_.at(storage).commits[static_cast<size_t>(object)] -
         kSkewMs * client;
}

ScheduleGraph::ModelStep ScheduleGraph::StepModel(Id model, int operation,
                                                  int64_t now_ms) {
  const auto [it, is_new] =
      model_steps_.try_emplace({model, operation, now_ms}, ModelStep{0, 0});
  if (!is_new) return it->second;
  ReferenceModel next = models_.at(model);
  clock_.Set(absl::FromUnixMillis(now_ms));
  const std::string text = AnswerText(next.Execute(
      alphabet_->caller,
      alphabet_->operations[static_cast<size_t>(operation)].request));
  const std::string fingerprint = next.StateFingerprint();
  const ModelStep step{models_.Add(fingerprint, std::move(next)),
                       AddText(text)};
  it->second = step;
  return step;
}

Id ScheduleGraph::VisibleInStorage(Id storage) {
  const auto [it, is_new] = visible_in_storage_.try_emplace(storage, 0);
  if (is_new) {
    StorageState copy = storages_.at(storage);
    std::string text;
    for (const auto& [name, request] : AllThatIsShown()) {
      absl::StrAppend(&text, "  ", name, ": ",
                      AnswerText(Execute(request, kSetupSlot, &copy)), "\n");
    }
    absl::StrAppend(&text, "  count: ", CountIn(copy.state, alphabet_->caller),
                    "\n");
    it->second = AddText(text);
  }
  return it->second;
}

Id ScheduleGraph::VisibleInModel(Id model) {
  const auto [it, is_new] = visible_in_model_.try_emplace(model, 0);
  if (is_new) {
    ReferenceModel copy = models_.at(model);
    std::string text;
    int count = 0;
    for (const auto& [name, request] : AllThatIsShown()) {
      const v1::Response response = copy.Execute(alphabet_->caller, request);
      absl::StrAppend(&text, "  ", name, ": ", AnswerText(response), "\n");
      if (response.has_get_security_configurations()) {
        count = response.get_security_configurations()
                    .security_configurations_size();
      }
    }
    absl::StrAppend(&text, "  count: ", count, "\n");
    it->second = AddText(text);
  }
  return it->second;
}

}  // namespace testing_internal
}  // namespace glue_security
