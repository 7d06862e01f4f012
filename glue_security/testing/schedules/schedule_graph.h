// ScheduleGraph: the nodes and edges of the schedule explorer's search: states
// of the storage, of the runs and of the model, and the steps between them.
// Each state is made once and then known by a number. The same few thousand
// states occur in millions of schedules.

#ifndef GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_GRAPH_H_
#define GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_GRAPH_H_

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "glue_security/backend/fake_clock.h"
#include "glue_security/model/operation.h"
#include "glue_security/model/record.h"
#include "glue_security/state_machine/step_types.h"
#include "glue_security/testing/oracle/reference_model.h"
#include "glue_security/testing/schedules/schedule_alphabet.h"
#include "glue_security/testing/schedules/scheduled_operation.h"
#include "glue_security/testing/schedules/simulated_storage.h"

namespace glue_security {
namespace testing_internal {

// The number of a state or value; 0 is none.
using Id = uint32_t;

// The objects of a catalog. Operations on different objects share no record,
// and a history is linearizable exactly when its part on each object is.
// Connections are written under the settings, and are one object with them.
enum class ScheduleObject : uint8_t { kPolicy, kSettings, kConfigurations };

ScheduleObject ObjectOf(Operation operation);

// The input of a run: an answer of the storage, or an event.
enum class RunInput : uint8_t {
  kSnapshot,
  kReadFailed,
  kReadDataLoss,
  kCommitted,
  kConflicted,
  kNotApplied,
  kUnknown,
  kCommitDataLoss,
  kKeyAnswered,
  kKeyRefused,
  kWaited,
  kGivenUp,
  // The run was given up after its batch was taken and before the answer came.
  kGivenUpCommitting,
};

// The effect of an operation, as its answer reports it.
enum class AnswerClass : uint8_t {
  kNone,        // not done
  kSucceeded,   // the model's response is the same
  kRefused,     // the model's error is the same
  kNotApplied,  // the storage or a key failed, and nothing was changed
  kUnknown,     // the storage failed, and the effect is unknown
};

// A run after its inputs so far.
struct RunNode {
  // The run before, and the last input.
  Id parent = 0;
  RunInput input = RunInput::kSnapshot;
  Id snapshot = 0;
  int64_t now_ms = 0;

  int operation = 0;
  int slot = 0;
  ScheduledOperation::Need need = ScheduledOperation::Need::kDone;
  Id read_set = 0;  // while need is kRead
  Id batch = 0;     // while need is kCommit
  Id key_call = 0;  // while need is kKeyCall: its text

  // The answer's text, while need is kDone.
  AnswerClass answer = AnswerClass::kNone;
  Id response = 0;

  int reads = 0;
  int commits = 0;
  int conflicts = 0;
  int key_rounds = 0;
  bool key_refused = false;
  bool told_unknown = false;
  // True when it was told of a failure.
  bool disturbed = false;
  // The batch whose outcome is unknown, and whether the last snapshot shows it.
  Id unknown_batch = 0;
  bool saw_own_batch = false;
  // The times of its snapshots, each once.
  std::vector<int64_t> nows_ms;
  // The rule that the run broke; empty: none.
  std::string violation;
};

class ScheduleGraph {
 public:
  // `storage` and `alphabet` outlive the graph.
  ScheduleGraph(const ScheduleAlphabet* alphabet,
                const SimulatedStorage* storage,
                ScheduledOperationFactory new_operation);

  Id InitialStorage(int initial_state) const {
    return initial_storages_[static_cast<size_t>(initial_state)];
  }
  Id InitialModel(int initial_state) const {
    return initial_models_[static_cast<size_t>(initial_state)];
  }

  // Runs. `slot` numbers the operations of a scenario; the commit id is made
  // from it.
  Id Start(int operation, int slot);
  Id Advance(Id run, RunInput input, Id snapshot = 0, int64_t now_ms = 0);
  const RunNode& run(Id id) const { return runs_[id]; }

  // The storage. Commit returns the new state, or 0 for a conflict.
  Id Read(Id storage, Id read_set);
  Id Commit(Id storage, Id batch);
  // Returns how `batch`, applied to `before`, breaks a rule about what is
  // stored;
  // "": it breaks none.
  std::string BrokenRule(Id before, Id batch) const;
  // The time on the clock of `client`: 10 ms for each batch that was ever
  // applied to the object, and 25 ms behind the clock of the client before it.
  int64_t NowMs(Id storage, ScheduleObject object, int client) const;

  // The model. Returns the state after `operation` and the text of its answer.
  struct ModelStep {
    Id model;
    Id response;
  };
  ModelStep StepModel(Id model, int operation, int64_t now_ms);

  // The state that callers can see, with times and the count of configurations.
  Id VisibleInStorage(Id storage);
  Id VisibleInModel(Id model);

  const std::string& text(Id id) const { return texts_.at(id); }
  const ReadSet& read_set(Id id) const { return read_sets_.at(id); }
  const Snapshot& snapshot(Id id) const { return snapshots_.at(id); }
  const WriteBatch& batch(Id id) const { return batches_.at(id); }
  const SimulatedState& state(Id id) const { return storages_.at(id).state; }
  ScheduleObject object(int operation) const {
    return objects_[static_cast<size_t>(operation)];
  }
  const ScheduleAlphabet& alphabet() const { return *alphabet_; }
  size_t runs_made() const { return runs_.size() - 1; }
  size_t storages_made() const { return storages_.size(); }
  size_t models_made() const { return models_.size(); }

 private:
  // Values by number, each stored once.
  template <typename T>
  class Interned {
   public:
    // REQUIRES: keys are equal exactly when the values are.
    Id Add(const std::string& key, T thing) {
      const auto [it, is_new] =
          ids_.try_emplace(key, static_cast<Id>(things_.size() + 1));
      if (is_new) things_.push_back(std::move(thing));
      return it->second;
    }
    const T& at(Id id) const { return things_[id - 1]; }
    size_t size() const { return things_.size(); }

   private:
    absl::flat_hash_map<std::string, Id> ids_;
    std::deque<T> things_;
  };

  struct StorageState {
    SimulatedState state;
    // The number of batches applied to each object.
    std::array<int64_t, 3> commits{};
  };

  Id AddText(const std::string& text) { return texts_.Add(text, text); }
  Id AddStorage(StorageState storage);
  void MakeInitialStates();
  // Executes one request alone, without faults.
  v1::Response Execute(const v1::Request& request, int slot,
                       StorageState* storage) const;
  std::unique_ptr<ScheduledOperation> NewRun(int operation, int slot) const;
  // Gives `run` all inputs on the path to `id`.
  void Feed(Id id, ScheduledOperation& run) const;
  // Copies the need of `run`, and its read set, batch or answer, into `node`.
  void Look(ScheduledOperation& run, RunNode& node);
  // Returns true when the run reads or writes another object's records.
  bool Strays(const RunNode& node) const;
  void TakeAnswer(ScheduledOperation& run, RunNode& node);
  void CheckAnswer(RunNode& node) const;
  bool ShowsBatch(const RunNode& parent, Id snapshot) const;
  Id AddRun(RunNode node, ScheduledOperation& run);

  const ScheduleAlphabet* const alphabet_;
  const SimulatedStorage* const storage_;
  const ScheduledOperationFactory new_operation_;
  CoreOptions options_;
  FakeClock clock_;
  std::vector<ScheduleObject> objects_;
  std::vector<Id> initial_storages_;
  std::vector<Id> initial_models_;

  Interned<std::string> texts_;
  Interned<ReadSet> read_sets_;
  Interned<Snapshot> snapshots_;
  Interned<WriteBatch> batches_;
  Interned<StorageState> storages_;
  Interned<ReferenceModel> models_;
  std::deque<RunNode> runs_;

  absl::flat_hash_map<std::pair<int, int>, Id> starts_;
  absl::flat_hash_map<std::tuple<Id, RunInput, Id, int64_t>, Id> advances_;
  absl::flat_hash_map<std::pair<Id, Id>, Id> reads_;
  absl::flat_hash_map<std::pair<Id, Id>, Id> commits_;
  absl::flat_hash_map<std::tuple<Id, int, int64_t>, ModelStep> model_steps_;
  absl::flat_hash_map<Id, Id> visible_in_storage_;
  absl::flat_hash_map<Id, Id> visible_in_model_;
};

}  // namespace testing_internal
}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_SCHEDULES_SCHEDULE_GRAPH_H_
