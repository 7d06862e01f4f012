// A mock of the API in one file to copy. It keeps its records in a map, leaves
// the rules to the pure core, and is tested against the whole contract.
//
//   ./bazelw test //examples:custom_backend
//
// Your mock may keep its records anywhere, and need not use the core. The suite
// only calls `Execute`.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>

#include "glue_security/backend/backend.h"
#include "glue_security/encryption/keys/local_kms.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/key_answers.h"
#include "glue_security/state_machine/step.h"
#include "glue_security/testing/backend_suite/backend_conformance.h"
#include "gtest/gtest.h"

namespace {

using namespace glue_security;

class MapBackend : public Backend {
 public:
  explicit MapBackend(const BackendSetup& setup)
      : clock_(setup.clock), keys_(KeysWith(setup.clock)) {
    options_.behavior = setup.behavior;
    options_.limits = setup.limits;
  }

  v1::Response Execute(const Caller& caller,
                       const v1::Request& request) override {
    // Runs one call at a time, so no record changes between the read and the
    // writes, and the preconditions of the batch hold.
    const std::lock_guard<std::mutex> lock(mutex_);
    auto prepared = Prepare(caller, request, &options_);
    if (auto* error = std::get_if<v1::Error>(&prepared)) {
      return ToResponse(std::move(*error));
    }
    const auto& operation = std::get<PreparedOperation>(prepared);
    const Snapshot snapshot = Read(operation.read_set);
    const CommitId commit_id = NextCommitId();
    // A connection that is encrypted needs the answers of a key service.
    KeyAnswers answers;
    Transition transition;
    do {
      for (KeyCall& call : transition.key_calls) {
        KeyAnswer answer = keys_.Answer(call);
        answers.Add({std::move(call), std::move(answer)});
      }
      transition =
          Apply(operation, snapshot, clock_->Now(), commit_id, answers);
    } while (!transition.key_calls.empty());
    Write(transition.write_batch);
    return ToResponse(std::move(transition.outcome));
  }

 private:
  using Records = std::map<RecordKey, Record>;

  static LocalKmsOptions KeysWith(Clock* clock) {
    LocalKmsOptions options;
    options.clock = clock;
    return options;
  }

  Snapshot Read(const ReadSet& read_set) const {
    Snapshot snapshot;
    const auto catalog = catalogs_.find(read_set.catalog);
    const Records& records =
        catalog == catalogs_.end() ? no_records_ : catalog->second;
    for (const RecordKey& key : read_set.keys) {
      const auto it = records.find(key);
      snapshot.records.emplace_back();
      if (it != records.end()) snapshot.records.back() = it->second;
    }
    if (read_set.range.has_value()) {
      snapshot.range = ReadRange(records, *read_set.range);
    }
    return snapshot;
  }

  static RangeResult ReadRange(const Records& records, const RangeRead& range) {
    RangeResult result;
    size_t bytes = 0;
    auto it = range.after.has_value()
                  ? records.upper_bound({range.kind, *range.after})
                  : records.lower_bound({range.kind, ""});
    for (; it != records.end() && it->first.kind == range.kind; ++it) {
      bytes += it->first.id.size() + it->second.value.size();
      if (result.records.size() == range.records_max ||
          (bytes > range.bytes_max && !result.records.empty())) {
        result.more = true;
        break;
      }
      result.records.push_back(
          {it->first.id, it->second.revision, it->second.value});
    }
    return result;
  }

  void Write(const WriteBatch& batch) {
    for (const Mutation& mutation : batch.mutations) {
      Records& records = catalogs_[batch.catalog];
      if (mutation.value.has_value()) {
        records[mutation.key] = {++last_revision_, *mutation.value};
      } else {
        records.erase(mutation.key);
      }
    }
  }

  // Returns a different id for each call.
  CommitId NextCommitId() {
    CommitId id = {};
    ++calls_;
    for (size_t i = 0; i < sizeof(calls_); ++i) {
      id[i] = static_cast<uint8_t>(calls_ >> (8 * i));
    }
    return id;
  }

  CoreOptions options_;
  Clock* const clock_;
  LocalKms keys_;
  const Records no_records_;
  std::mutex mutex_;
  std::map<CatalogKey, Records> catalogs_;
  Revision last_revision_ = 0;
  uint64_t calls_ = 0;
};

// [the suite]
BackendUnderTest MapBackendUnderTest() {
  BackendUnderTest target;
  target.name = "MapBackend";
  target.create = [](const BackendSetup& setup) {
    return std::make_unique<MapBackend>(setup);
  };
  return target;
}

INSTANTIATE_TEST_SUITE_P(
    MapBackend, BackendConformance,
    testing::ValuesIn(BackendConformanceCases(MapBackendUnderTest())),
    BackendConformanceCaseName);
// [the suite end]

}  // namespace
