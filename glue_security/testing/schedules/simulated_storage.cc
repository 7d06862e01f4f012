#include "glue_security/testing/schedules/simulated_storage.h"

#include <string>

namespace glue_security {
namespace {

RangeResult ReadRange(const SimulatedState& state, const CatalogKey& catalog,
                      const RangeRead& range) {
  RangeResult result;
  size_t bytes = 0;
  auto it = state.records.lower_bound({catalog, {range.kind, ""}});
  for (; it != state.records.end(); ++it) {
    const auto& [key, record] = *it;
    if (key.first != catalog || key.second.kind != range.kind) break;
    const std::string& id = key.second.id;
    if (range.after.has_value() && id <= *range.after) continue;
    bytes += id.size() + record.value.size();
    if (!result.records.empty() &&
        (result.records.size() >= range.records_max ||
         bytes > range.bytes_max)) {
      result.more = true;
      break;
    }
    result.records.push_back({id, record.revision, record.value});
  }
  return result;
}

}  // namespace

Snapshot SimulatedStorage::Read(const SimulatedState& state,
                                const ReadSet& read_set) const {
  Snapshot snapshot;
  for (const RecordKey& key : read_set.keys) {
    const auto it = state.records.find({read_set.catalog, key});
    snapshot.records.push_back(it == state.records.end()
                                   ? std::optional<Record>()
                                   : std::optional<Record>(it->second));
  }
  if (read_set.range.has_value()) {
    snapshot.range = ReadRange(state, read_set.catalog, *read_set.range);
  }
  return snapshot;
}

CommitResult SimulatedStorage::Commit(const WriteBatch& batch,
                                      SimulatedState* state) const {
  if (batch.branch != 0) return CommitResult::kConflict;
  for (const Precondition& precondition : batch.preconditions) {
    const auto it = state->records.find({batch.catalog, precondition.key});
    const bool holds = it == state->records.end()
                           ? !precondition.revision.has_value()
                           : precondition.revision == it->second.revision;
    if (!holds) return CommitResult::kConflict;
  }
  const Revision revision = ++state->last_revision;
  for (const Mutation& mutation : batch.mutations) {
    if (mutation.value.has_value()) {
      state->records[{batch.catalog, mutation.key}] = {revision,
                                                       *mutation.value};
    } else {
      state->records.erase({batch.catalog, mutation.key});
    }
  }
  return CommitResult::kCommitted;
}

}  // namespace glue_security
