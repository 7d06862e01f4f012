#include "glue_security/testing/interleaved/step_log.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "glue_security/backend/history.h"
#include "glue_security/testing/interleaved/storage_workload.h"
#include "glue_security/v1/stored_record.pb.h"

namespace glue_security {
namespace interleaved_internal {
namespace {

std::string TextOf(const RecordKey& key) {
  std::string kind;
  switch (key.kind) {
    case RecordKind::kResourcePolicy:
      kind = "policy";
      break;
    case RecordKind::kEncryptionSettings:
      kind = "settings";
      break;
    case RecordKind::kSecurityConfiguration:
      return absl::StrCat("configuration ", QuoteShort(key.id));
    case RecordKind::kConnection:
      return absl::StrCat("connection ", QuoteShort(key.id));
    case RecordKind::kConfigurationCount:
      kind = "count";
      break;
    case RecordKind::kConnectionCount:
      kind = "count of connections";
      break;
  }
  return key.id.empty() ? kind : absl::StrCat(kind, " ", QuoteShort(key.id));
}

// Returns the bytes of a record as what the engine stores in them.
std::string TextOfValue(absl::string_view value) {
  v1::StoredRecord record;
  if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    return absl::StrCat("damaged bytes ", QuoteShort(value));
  }
  switch (record.record_case()) {
    case v1::StoredRecord::kResourcePolicy:
      return record.resource_policy().deleted()
                 ? "deleted"
                 : QuoteShort(record.resource_policy().policy_in_json());
    case v1::StoredRecord::kEncryptionSettings:
      return absl::StrCat(
          "{",
          record.encryption_settings().settings().ShortDebugString().substr(0,
                                                                            60),
          "}");
    case v1::StoredRecord::kSecurityConfiguration:
      return absl::StrCat(value.size(), " bytes");
    case v1::StoredRecord::kConnection:
      return absl::StrCat(value.size(), " bytes");
    case v1::StoredRecord::kConnectionCount:
      return absl::StrCat(record.connection_count().count());
    case v1::StoredRecord::kConfigurationCount:
      return absl::StrCat(record.configuration_count().count());
    case v1::StoredRecord::RECORD_NOT_SET:
      break;
  }
  return absl::StrCat("no record but ", value.size(), " bytes");
}

std::string TextOf(const std::optional<Record>& record) {
  if (!record.has_value()) return "none";
  return absl::StrCat(TextOfValue(record->value), " at ", record->revision);
}

}  // namespace

int64_t StepLog::Add(const std::string& text) {
  ++steps_;
  if (keeps_lines_) AddLine(absl::StrCat(steps_, "."), text);
  return steps_;
}

int64_t StepLog::Begin(const std::string& text) {
  const int64_t step = Add(text);
  ++depth_;
  return step;
}

void StepLog::End(int64_t step, const std::string& answer) {
  --depth_;
  if (!keeps_lines_) return;
  if (step == steps_) {
    absl::StrAppend(&lines_.back(), " -> ", answer);
  } else {
    AddLine("", absl::StrCat("step ", step, " -> ", answer));
  }
}

void StepLog::Drop(int64_t step) {
  if (step != steps_) return End(step, "not supported");
  --depth_;
  --steps_;
  if (keeps_lines_) lines_.pop_back();
}

void StepLog::AddLine(absl::string_view number, const std::string& text) {
  lines_.push_back(
      absl::StrFormat("%5s %s%s", number, std::string(2 * depth_, ' '), text));
}

std::string TextOf(const CatalogKey& catalog) {
  const Caller& usual = StorageWorkload::UsualCaller();
  if (catalog.catalog_id == usual.account_id &&
      catalog.region == usual.region) {
    return "";
  }
  return absl::StrCat("in ", QuoteShort(catalog.catalog_id, 40), "/",
                      QuoteShort(catalog.region, 40), ": ");
}

std::string TextOf(const ReadSet& read_set) {
  std::vector<std::string> parts;
  for (const RecordKey& key : read_set.keys) parts.push_back(TextOf(key));
  if (read_set.range.has_value()) {
    const RangeRead& range = *read_set.range;
    parts.push_back(
        absl::StrCat("at most ", range.records_max, " configurations",
                     range.after.has_value()
                         ? absl::StrCat(" after ", QuoteShort(*range.after))
                         : ""));
  }
  return absl::StrCat(TextOf(read_set.catalog), absl::StrJoin(parts, ", "));
}

std::string TextOf(const WriteBatch& batch) {
  std::vector<std::string> parts;
  for (const Mutation& mutation : batch.mutations) {
    std::string part =
        mutation.value.has_value()
            ? absl::StrCat(TextOf(mutation.key), " = ",
                           TextOfValue(*mutation.value))
            : absl::StrCat("the removal of ", TextOf(mutation.key));
    const auto precondition = std::find_if(
        batch.preconditions.begin(), batch.preconditions.end(),
        [&](const Precondition& one) { return one.key == mutation.key; });
    if (precondition != batch.preconditions.end()) {
      absl::StrAppend(&part, precondition->revision.has_value()
                                 ? absl::StrCat(" (if it is at ",
                                                *precondition->revision, ")")
                                 : " (if there is none)");
    }
    parts.push_back(std::move(part));
  }
  return absl::StrCat(TextOf(batch.catalog), absl::StrJoin(parts, ", "));
}

std::string TextOf(const Snapshot& snapshot) {
  std::vector<std::string> parts;
  for (const auto& record : snapshot.records) parts.push_back(TextOf(record));
  if (snapshot.range.has_value()) {
    std::vector<std::string> ids;
    for (const RangeRecord& record : snapshot.range->records) {
      ids.push_back(
          absl::StrCat(QuoteShort(record.id), " at ", record.revision));
    }
    parts.push_back(absl::StrCat("[", absl::StrJoin(ids, ", "), "]",
                                 snapshot.range->more ? " and more" : ""));
  }
  return absl::StrJoin(parts, ", ");
}

std::string TextOf(const RecordView* record) {
  if (record == nullptr) return "none";
  return TextOf(Record{record->revision, std::string(record->value)});
}

}  // namespace interleaved_internal
}  // namespace glue_security
