// Connections: CreateConnection, GetConnection, GetConnections,
// UpdateConnection, DeleteConnection, BatchDeleteConnection.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/policy/arn.h"
#include "glue_security/state_machine/connection_record.h"
#include "glue_security/state_machine/key_needs.h"
#include "glue_security/state_machine/operation_handler.h"
#include "glue_security/state_machine/page_token.h"
#include "glue_security/state_machine/record_time.h"
#include "glue_security/state_machine/settings_record.h"
#include "glue_security/state_machine/stored_record.h"
#include "glue_security/state_machine/transition_steps.h"
#include "glue_security/v1/connection.pb.h"
#include "glue_security/validation/quote.h"

namespace glue_security {
namespace {

// The indices of the keys that the operations on one connection read: the
// connection and, for writes, the catalog's count of them. Every write rewrites
// the count, which is never removed, so that its commit id can be found after
// an unknown commit.
constexpr size_t kConnection = 0;
constexpr size_t kCount = 1;

RecordKey ConnectionKey(absl::string_view name) {
  return {RecordKind::kConnection, std::string(name)};
}

RecordKey ConnectionCountKey() { return {RecordKind::kConnectionCount, ""}; }

// Returns the place of `key` in the read set.
size_t PlaceOf(const PreparedOperation& operation, const RecordKey& key) {
  const auto& keys = operation.read_set.keys;
  return static_cast<size_t>(std::find(keys.begin(), keys.end(), key) -
                             keys.begin());
}

std::string TextAbout(const std::string& name, absl::string_view what,
                      const CoreOptions& options) {
  return absl::StrCat(
      "connection \"",
      QuoteValue(name, QuotedCodePointsMax(options.behavior, options.limits)),
      "\" ", what);
}

constexpr char kDoesNotExist[] = "does not exist";

Transition FailNotFound(const std::string& name, const CoreOptions& options) {
  return Fail(v1::ERROR_CODE_ENTITY_NOT_FOUND,
              TextAbout(name, kDoesNotExist, options));
}

Transition FailFor(ConnectionProblem problem, KeyNeeds* needs) {
  switch (problem) {
    case ConnectionProblem::kKeyNeeds:
      return needs->ToTransition();
    case ConnectionProblem::kDamaged:
    case ConnectionProblem::kNone:
      break;
    case ConnectionProblem::kKeyService:
      return FailForKeyService();
  }
  return FailDamaged();
}

// Returns the end of an ARN, after the account: "user/alice". Empty when `arn`
// is not an ARN.
std::string EndOfArn(absl::string_view arn) {
  const auto fields = SplitArn(arn);
  return fields.has_value() ? std::string(fields->resource) : "";
}

// Decodes the record of `record_case` at `place`: nullopt when it is damaged.
// The default message when there is none.
std::optional<v1::StoredRecord> ReadRecord(
    const ApplyInput& input, size_t place,
    v1::StoredRecord::RecordCase record_case) {
  if (!input.snapshot.has(place)) return v1::StoredRecord();
  return DecodeRecord(input.snapshot.value(place), record_case);
}

// Returns the settings in force, or nullopt when their record is damaged.
std::optional<v1::DataCatalogEncryptionSettings> ReadSettings(
    const ApplyInput& input) {
  return ReadEncryptionSettings(
      input.snapshot, PlaceOf(input.operation, EncryptionSettingsKey()));
}

ConnectionScene SceneOf(const ApplyInput& input,
                        const v1::DataCatalogEncryptionSettings& settings) {
  return {*input.operation.options, *input.operation.caller,
          input.operation.read_set.catalog, settings};
}

// Adds the precondition that the settings are unchanged.
void GuardSettings(const ApplyInput& input, WriteBatch* batch) {
  const RecordKey key = EncryptionSettingsKey();
  batch->preconditions.push_back(
      {key, input.snapshot.revision(PlaceOf(input.operation, key))});
}

std::optional<int64_t> ReadCount(const ApplyInput& input, size_t place) {
  const auto record =
      ReadRecord(input, place, v1::StoredRecord::kConnectionCount);
  if (!record.has_value()) return std::nullopt;
  return record->connection_count().count();
}

std::string EncodeCount(const CommitId& commit_id, int64_t count) {
  v1::StoredRecord record;
  OrEnd([&] { record.mutable_connection_count()->set_count(count); });
  return EncodeRecord(commit_id, std::move(record));
}

// Adds the write of a connection.
void WriteConnection(const ApplyInput& input, const std::string& name,
                     v1::StoredConnection stored, WriteBatch* batch) {
  v1::StoredRecord record;
  OrEnd([&] {
    stored.set_last_updated_by(EndOfArn(input.operation.caller->principal_arn));
    *record.mutable_connection() = std::move(stored);
  });
  StartBatch(input, batch);
  Rewrite(ConnectionKey(name), input.snapshot.revision(kConnection),
          EncodeRecord(input.commit_id, std::move(record)), batch);
}

std::optional<v1::Error> PlanCreate(PreparedOperation* operation) {
  const auto& request = operation->request.as<v1::CreateConnectionRequest>();
  auto& keys = operation->read_set.keys;
  keys.push_back(ConnectionKey(request.connection_input().name()));
  keys.push_back(ConnectionCountKey());
  keys.push_back(EncryptionSettingsKey());
  return std::nullopt;
}

Transition ApplyCreate(const ApplyInput& input) {
  const auto& connection =
      input.operation.request.as<v1::CreateConnectionRequest>()
          .connection_input();
  const CoreOptions& options = *input.operation.options;
  if (input.snapshot.has(kConnection)) {
    return Fail(v1::ERROR_CODE_ALREADY_EXISTS,
                TextAbout(connection.name(), "already exists", options));
  }
  const auto count = ReadCount(input, kCount);
  const auto settings = ReadSettings(input);
  if (!count.has_value() || !settings.has_value()) return FailDamaged();
  const int64_t count_max =
      std::max<int64_t>(options.limits.connections_max, 0);
  if (*count >= count_max) {
    return Fail(v1::ERROR_CODE_RESOURCE_NUMBER_LIMIT_EXCEEDED,
                absl::StrCat("the catalog is at its limit of ", count_max,
                             " connections"));
  }
  KeyNeeds needs(&input.key_answers);
  v1::StoredConnection stored;
  const auto problem =
      StoreConnection(SceneOf(input, *settings), connection, &needs, &stored);
  if (problem != ConnectionProblem::kNone) return FailFor(problem, &needs);
  stored.set_creation_time_ms(input.now_ms);
  stored.set_last_updated_time_ms(input.now_ms);

  Transition transition;
  WriteConnection(input, connection.name(), std::move(stored),
                  &transition.write_batch);
  Rewrite(ConnectionCountKey(), input.snapshot.revision(kCount),
          EncodeCount(input.commit_id, *count + 1), &transition.write_batch);
  GuardSettings(input, &transition.write_batch);
  transition.outcome.emplace<v1::CreateConnectionResponse>();
  return transition;
}

std::optional<v1::Error> PlanUpdate(PreparedOperation* operation) {
  const auto& request = operation->request.as<v1::UpdateConnectionRequest>();
  operation->read_set.keys.push_back(ConnectionKey(request.name()));
  operation->read_set.keys.push_back(ConnectionCountKey());
  operation->read_set.keys.push_back(EncryptionSettingsKey());
  if (request.name() != request.connection_input().name()) {
    return InvalidInput("connectionInput.name must be the name");
  }
  return std::nullopt;
}

Transition ApplyUpdate(const ApplyInput& input) {
  const auto& request =
      input.operation.request.as<v1::UpdateConnectionRequest>();
  if (!input.snapshot.has(kConnection)) {
    return FailNotFound(request.name(), *input.operation.options);
  }
  const auto before =
      ReadRecord(input, kConnection, v1::StoredRecord::kConnection);
  const auto count = ReadCount(input, kCount);
  const auto settings = ReadSettings(input);
  if (!before.has_value() || !count.has_value() || !settings.has_value()) {
    return FailDamaged();
  }
  KeyNeeds needs(&input.key_answers);
  v1::StoredConnection stored;
  const auto problem = StoreConnection(
      SceneOf(input, *settings), request.connection_input(), &needs, &stored);
  if (problem != ConnectionProblem::kNone) return FailFor(problem, &needs);
  stored.set_creation_time_ms(before->connection().creation_time_ms());
  // Times never go back (docs/decisions/times.md).
  stored.set_last_updated_time_ms(
      std::max(input.now_ms, before->connection().last_updated_time_ms()));

  Transition transition;
  WriteConnection(input, request.name(), std::move(stored),
                  &transition.write_batch);
  Rewrite(ConnectionCountKey(), input.snapshot.revision(kCount),
          EncodeCount(input.commit_id, *count), &transition.write_batch);
  GuardSettings(input, &transition.write_batch);
  transition.outcome.emplace<v1::UpdateConnectionResponse>();
  return transition;
}

// Fills in a connection of a response. REQUIRES: called within OrEnd.
void ShowConnection(const std::string& name, const v1::StoredConnection& stored,
                    v1::ConnectionInput object, v1::Connection* shown) {
  shown->set_name(name);
  if (object.has_description()) {
    shown->set_description(std::move(*object.mutable_description()));
  }
  if (object.has_connection_type()) {
    shown->set_connection_type(object.connection_type());
  }
  if (object.has_match_criteria()) {
    *shown->mutable_match_criteria() =
        std::move(*object.mutable_match_criteria());
  }
  shown->mutable_connection_properties()->mutable_elements()->swap(
      *object.mutable_connection_properties()->mutable_elements());
  if (object.has_physical_connection_requirements()) {
    *shown->mutable_physical_connection_requirements() =
        std::move(*object.mutable_physical_connection_requirements());
  }
  *shown->mutable_creation_time() = ToTimestamp(stored.creation_time_ms());
  *shown->mutable_last_updated_time() =
      ToTimestamp(stored.last_updated_time_ms());
  if (!stored.last_updated_by().empty()) {
    shown->set_last_updated_by(stored.last_updated_by());
  }
}

std::optional<v1::Error> PlanGet(PreparedOperation* operation) {
  const auto& request = operation->request.as<v1::GetConnectionRequest>();
  operation->read_set.keys.push_back(ConnectionKey(request.name()));
  operation->read_set.keys.push_back(EncryptionSettingsKey());
  return std::nullopt;
}

// A GetConnection that has read its records.
class ConnectionRead : public PendingRead {
 public:
  ConnectionRead(const PreparedOperation& operation,
                 v1::DataCatalogEncryptionSettings settings,
                 v1::StoredRecord record)
      : operation_(&operation),
        settings_(std::move(settings)),
        record_(std::move(record)) {}
  ~ConnectionRead() override { WipeProperties(&object_); }
  ConnectionRead(ConnectionRead&&) = default;
  ConnectionRead& operator=(ConnectionRead&&) = delete;

  Transition Resume(const KeyAnswers& answers) override {
    const auto& request = operation_->request.as<v1::GetConnectionRequest>();
    const ConnectionScene scene = {*operation_->options, *operation_->caller,
                                   operation_->read_set.catalog, settings_};
    if (!is_open_) {
      KeyNeeds needs(&answers);
      const auto problem =
          OpenConnection(scene, request.name(), record_.mutable_connection(),
                         &needs, &object_);
      if (problem != ConnectionProblem::kNone) return FailFor(problem, &needs);
      is_open_ = true;
    }
    KeyNeeds needs(&answers);
    const auto problem =
        ShowPasswords(scene, request.hide_password(), &needs, &object_);
    if (problem != ConnectionProblem::kNone) return FailFor(problem, &needs);
    Transition transition;
    auto& response = transition.outcome.emplace<v1::GetConnectionResponse>();
    OrEnd([&] {
      ShowConnection(request.name(), record_.connection(), std::move(object_),
                     response.mutable_connection());
    });
    return transition;
  }

 private:
  const PreparedOperation* operation_;
  v1::DataCatalogEncryptionSettings settings_;
  v1::StoredRecord record_;
  // The object of the record has moved into `object_`.
  bool is_open_ = false;
  v1::ConnectionInput object_;
};

Transition ApplyGet(const ApplyInput& input) {
  const auto& request = input.operation.request.as<v1::GetConnectionRequest>();
  if (!input.snapshot.has(kConnection)) {
    return FailNotFound(request.name(), *input.operation.options);
  }
  auto record = ReadRecord(input, kConnection, v1::StoredRecord::kConnection);
  auto settings = ReadSettings(input);
  if (!record.has_value() || !settings.has_value()) return FailDamaged();
  ConnectionRead read(input.operation, *std::move(settings),
                      *std::move(record));
  Transition transition = read.Resume(input.key_answers);
  if (!transition.key_calls.empty()) {
    transition.pending = std::make_unique<ConnectionRead>(std::move(read));
  }
  return transition;
}

std::optional<v1::Error> PlanGetPage(PreparedOperation* operation) {
  const auto& request = operation->request.as<v1::GetConnectionsRequest>();
  operation->read_set.keys.push_back(EncryptionSettingsKey());
  const Limits& limits = operation->options->limits;
  const int32_t page_size = request.has_max_results()
                                ? request.max_results()
                                : limits.page_size_default;
  RangeRead& range = operation->read_set.range.emplace();
  range.kind = RecordKind::kConnection;
  range.records_max = static_cast<size_t>(std::max(page_size, 1));
  range.bytes_max = std::max<size_t>(limits.response_bytes_max, 1);
  if (!request.next_token().empty()) {
    range.after =
        DecodePageToken(operation->read_set.catalog, request.next_token());
    if (!range.after.has_value()) return InvalidInput(kWrongPageToken);
  }
  return std::nullopt;
}

// Returns true when the filter lets the connection pass: it has the type, and
// all of the criteria.
bool Passes(const v1::GetConnectionsFilter& filter,
            const v1::ConnectionInput& connection) {
  if (filter.has_connection_type() &&
      filter.connection_type() != connection.connection_type()) {
    return false;
  }
  const auto& has = connection.match_criteria().elements();
  const auto& wanted = filter.match_criteria().elements();
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& criterion) {
    return std::find(has.begin(), has.end(), criterion) != has.end();
  });
}

// The filter is applied to the connections of a page, so that a page may have
// fewer than MaxResults and still be followed by others.
Transition ApplyGetPage(const ApplyInput& input) {
  const auto& request = input.operation.request.as<v1::GetConnectionsRequest>();
  const auto settings = ReadSettings(input);
  if (!settings.has_value()) return FailDamaged();
  const ConnectionScene scene = SceneOf(input, *settings);
  const RangeResult& range = input.snapshot.range();
  KeyNeeds needs(&input.key_answers);
  Transition transition;
  auto& response = transition.outcome.emplace<v1::GetConnectionsResponse>();
  for (const RangeRecord& entry : range.records) {
    auto record = DecodeRecord(entry.value, v1::StoredRecord::kConnection);
    if (!record.has_value()) return FailDamaged();
    v1::StoredConnection* const stored = record->mutable_connection();
    v1::ConnectionInput object;
    auto problem = OpenConnection(scene, entry.id, stored, &needs, &object);
    if (problem == ConnectionProblem::kNone) {
      if (!Passes(request.filter(), object)) continue;
      problem = ShowPasswords(scene, request.hide_password(), &needs, &object);
    }
    // Asks for the calls of all connections of the page together.
    if (problem == ConnectionProblem::kKeyNeeds) continue;
    if (problem != ConnectionProblem::kNone) return FailFor(problem, &needs);
    OrEnd([&] {
      ShowConnection(entry.id, *stored, std::move(object),
                     response.add_connection_list());
    });
  }
  if (!needs.met()) return needs.ToTransition();
  if (range.more) {
    std::string token = EncodePageToken(input.operation.read_set.catalog,
                                        range.records.back().id);
    OrEnd([&] { response.set_next_token(std::move(token)); });
  } else if (input.operation.options->behavior.empty_token_on_last_page) {
    OrEnd([&] { response.set_next_token(""); });
  }
  return transition;
}

std::optional<v1::Error> PlanDelete(PreparedOperation* operation) {
  const auto& request = operation->request.as<v1::DeleteConnectionRequest>();
  operation->read_set.keys.push_back(ConnectionKey(request.connection_name()));
  operation->read_set.keys.push_back(ConnectionCountKey());
  return std::nullopt;
}

Transition ApplyDelete(const ApplyInput& input) {
  const auto& request =
      input.operation.request.as<v1::DeleteConnectionRequest>();
  if (!input.snapshot.has(kConnection)) {
    return FailNotFound(request.connection_name(), *input.operation.options);
  }
  const auto count = ReadCount(input, kCount);
  // The connection exists, so the count is at least 1 unless it is damaged.
  if (!count.has_value() || *count < 1) return FailDamaged();
  Transition transition;
  StartBatch(input, &transition.write_batch);
  Rewrite(ConnectionKey(request.connection_name()),
          input.snapshot.revision(kConnection), std::nullopt,
          &transition.write_batch);
  Rewrite(ConnectionCountKey(), input.snapshot.revision(kCount),
          EncodeCount(input.commit_id, *count - 1), &transition.write_batch);
  transition.outcome.emplace<v1::DeleteConnectionResponse>();
  return transition;
}

// Reads each name once, however often it is listed.
std::optional<v1::Error> PlanBatchDelete(PreparedOperation* operation) {
  const auto& request =
      operation->request.as<v1::BatchDeleteConnectionRequest>();
  auto& keys = operation->read_set.keys;
  for (const std::string& name : request.connection_name_list().elements()) {
    RecordKey key = ConnectionKey(name);
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
      keys.push_back(std::move(key));
    }
  }
  keys.push_back(ConnectionCountKey());
  return std::nullopt;
}

Transition ApplyBatchDelete(const ApplyInput& input) {
  const auto& keys = input.operation.read_set.keys;
  const size_t count_place = PlaceOf(input.operation, ConnectionCountKey());
  const auto count = ReadCount(input, count_place);
  Transition transition;
  auto& response =
      transition.outcome.emplace<v1::BatchDeleteConnectionResponse>();
  StartBatch(input, &transition.write_batch);
  int64_t deleted = 0;
  for (size_t i = 0; i < count_place; ++i) {
    if (input.snapshot.has(i)) {
      ++deleted;
      Rewrite(keys[i], input.snapshot.revision(i), std::nullopt,
              &transition.write_batch);
      OrEnd([&] { response.add_succeeded(keys[i].id); });
      continue;
    }
    OrEnd([&] {
      v1::ErrorDetail& detail = (*response.mutable_errors())[keys[i].id];
      const absl::string_view code =
          ErrorCodeName(v1::ERROR_CODE_ENTITY_NOT_FOUND);
      detail.set_error_code(code.data(), code.size());
      detail.set_error_message(
          TextAbout(keys[i].id, kDoesNotExist, *input.operation.options));
    });
  }
  if (deleted == 0) return transition;
  if (!count.has_value() || *count < deleted) return FailDamaged();
  Rewrite(ConnectionCountKey(), input.snapshot.revision(count_place),
          EncodeCount(input.commit_id, *count - deleted),
          &transition.write_batch);
  return transition;
}

}  // namespace

const OperationHandler kCreateConnectionHandler = {PlanCreate, ApplyCreate};
const OperationHandler kGetConnectionHandler = {PlanGet, ApplyGet};
const OperationHandler kGetConnectionsHandler = {PlanGetPage, ApplyGetPage};
const OperationHandler kUpdateConnectionHandler = {PlanUpdate, ApplyUpdate};
const OperationHandler kDeleteConnectionHandler = {PlanDelete, ApplyDelete};
const OperationHandler kBatchDeleteConnectionHandler = {PlanBatchDelete,
                                                        ApplyBatchDelete};

}  // namespace glue_security
