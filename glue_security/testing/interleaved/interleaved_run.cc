#include "glue_security/testing/interleaved/interleaved_run.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "glue_security/state_machine/policy_hasher.h"
#include "glue_security/testing/choices/shrink_steps.h"
#include "glue_security/testing/histories/stepped_client.h"
#include "glue_security/testing/interleaved/watched_storage.h"
#include "glue_security/v1/error.pb.h"
#include "glue_security/v1/options.pb.h"

namespace glue_security {
namespace interleaved_internal {
namespace {

using history_internal::SteppedClient;
using Need = OperationRun::Need;

// A commit is made to fail once in this many commits.
constexpr uint64_t kFailsOnceIn = 6;
// The ways in which a commit can fail that are tried.
constexpr uint64_t kWaysMax = 64;
// Most turns for an event do nothing.
constexpr uint64_t kEventOnceIn = 3;

// Stands still mostly, or goes forward or back by a few milliseconds with a
// fraction.
absl::Duration DrawMove(ChoiceSource& choices) {
  const uint64_t kind = choices.Below(8);
  if (kind < 5) return absl::ZeroDuration();
  const auto micros = static_cast<int64_t>(choices.Below(2500));
  return absl::Microseconds(kind == 7 ? -2 * micros : micros);
}

// One run. A turn is a choice: 0 goes on with the call that made the last step,
// n makes a step of the n-th client, and one more is an event of the storage.
// So a client's turns mean the same when the calls of others are removed.
class OneRun {
 public:
  OneRun(const StorageUnderTest& target,
         const StorageInterleavedOptions& options, const CoreOptions& core,
         uint64_t ways, StorageWorkload* workload, FakeClock* clock,
         RecordingChoices* choices, bool keeps_lines)
      : target_(target),
        options_(options),
        ways_(ways),
        workload_(*workload),
        clock_(*clock),
        choices_(*choices),
        keys_(clock),
        calls_per_client_(std::max(options.calls_per_client, 1)),
        watch_(options.may_fail, keeps_lines) {
    const int count = std::max(options.clients, 1);
    for (int number = 0; number < count; ++number) {
      storages_.push_back(std::make_unique<WatchedStorage>(number, &watch_));
      clients_.emplace_back(number, storages_.back().get(), &core, clock,
                            keys_.service());
    }
    steps_of_calls_.resize(clients_.size(), kNoStep);
    is_inside_.resize(clients_.size(), false);
    if (target.settle) events_.push_back([this] { Settle(); });
    if (target.reopen) events_.push_back([this] { Reopen(); });
  }

  // Makes the run on `storage`.
  void Go(std::unique_ptr<Storage> storage) {
    storage_ = std::move(storage);
    watch_.storage = storage_.get();
    SetStep([this] { GoInside(); });
    if (!options_.generator) workload_.StartRun(choices_);
    Attribute(kNoStep);
    while (!over() && AnyCanMove()) {
      const uint64_t turn = DrawTurn(events_.empty() ? 0 : 1);
      if (turn > clients_.size()) {
        MakeEvent();
        continue;
      }
      const std::optional<size_t> client =
          turn == 0 ? WhoGoesOn() : NextThatCanMove(turn - 1);
      if (!client.has_value()) break;
      turns_.back().client = *client + 1;
      Move(*client);
    }
    Attribute(kNoStep);
    SetStep(nullptr);
    storage_.reset();
  }

  void MoveTo(RunResult* result) {
    if (watch_.failure.has_value()) {
      result->fault = fault_;
      result->clause = watch_.failed_clause;
      result->text = *watch_.failure;
    }
    result->history = std::move(history_);
    result->counts = std::move(watch_.counts);
    result->counts.steps = result->steps = watch_.log.steps();
    result->lines = watch_.log.lines();
    result->steps_of_choices = std::move(steps_of_choices_);
    result->turns = std::move(turns_);
  }

 private:
  bool over() const { return watch_.failure.has_value(); }

  bool CanStart(size_t client) const {
    return clients_[client].idle() &&
           clients_[client].calls() < calls_per_client_;
  }
  bool CanMove(size_t client) const {
    return !is_inside_[client] &&
           (!clients_[client].idle() || CanStart(client));
  }
  bool AnyCanMove() const {
    for (size_t i = 0; i < clients_.size(); ++i) {
      if (CanMove(i)) return true;
    }
    return false;
  }

  size_t NextThatCanMove(size_t client) const {
    while (!CanMove(client)) client = (client + 1) % clients_.size();
    return client;
  }

  // Returns the client of the last step, or else that of the oldest call; the
  // first client before the first call. nullopt: the run is over.
  std::optional<size_t> WhoGoesOn() const {
    if (history_.empty()) return 0;
    if (!clients_[last_].idle()) return last_;
    std::optional<size_t> oldest;
    for (size_t i = 0; i < clients_.size(); ++i) {
      if (clients_[i].idle()) continue;
      if (!oldest.has_value() ||
          clients_[i].entry() < clients_[*oldest].entry()) {
        oldest = i;
      }
    }
    return oldest;
  }

  uint64_t DrawTurn(uint64_t more) {
    turns_.push_back({choices_.choices().size(), 0});
    return choices_.Below(clients_.size() + 1 + more);
  }

  // Says to which call or event the choices belong that were drawn since the
  // last time.
  void Attribute(size_t step) {
    steps_of_choices_.resize(choices_.choices().size(), step);
  }

  // Makes the next step of a client. REQUIRES: CanMove(client).
  void Move(size_t client) {
    last_ = client;
    if (clients_[client].idle()) {
      watch_.Guard("StorageInterleavedOptions::generator",
                   [&] { Start(client); });
      return;
    }
    const Need need = clients_[client].need();
    if (need == Need::kCommit && ways_ > 0) MaybeFail();
    Attribute(steps_of_calls_[client]);
    is_inside_[client] = true;
    inside_.push_back(client);
    clients_[client].Step(position_++, &history_);
    inside_.pop_back();
    is_inside_[client] = false;
    last_ = client;
    if (need == Need::kDone) Answered(client);
  }

  void Start(size_t client) {
    steps_of_calls_[client] = next_step_++;
    const absl::Duration moved = DrawMove(choices_);
    Call call = options_.generator
                    ? options_.generator(choices_, clients_[client].known())
                    : workload_.Next(choices_, clients_[client].known());
    Attribute(steps_of_calls_[client]);
    clock_.Advance(moved);
    watch_.log.Add(
        watch_.log.keeps_lines()
            ? absl::StrCat("client ", client, " calls #", history_.size(), " ",
                           TextOf(CatalogKey{call.caller.account_id,
                                             call.caller.region}),
                           BriefRequest(call.request),
                           moved == absl::ZeroDuration()
                               ? ""
                               : absl::StrCat(", the clock has moved by ",
                                              absl::FormatDuration(moved)))
            : "");
    clients_[client].Start(std::move(call), history_.size() + 1, position_++,
                           &history_);
  }

  void Answered(size_t client) {
    const size_t entry = clients_[client].entry();
    const HistoryEntry& call = history_[entry];
    watch_.log.Add(watch_.log.keeps_lines()
                       ? absl::StrCat("client ", client, " has its answer to #",
                                      entry, ": ", BriefResponse(call.response))
                       : "");
    const v1::Error& error = call.response->error();
    if (error.code() != v1::ERROR_CODE_INTERNAL_SERVICE ||
        error.detail() != v1::Error::DETAIL_DATA_LOSS || watch_.saw_data_loss ||
        over()) {
      return;
    }
    fault_ = RunFault::kDamaged;
    watch_.Fail(
        "", absl::StrCat("a record that the storage returned is none that was "
                         "written, or does not belong to the others of its "
                         "snapshot: #",
                         entry, " was answered ", error.message()));
  }

  // Makes the next commit fail in one way that the storage knows, or not.
  void MaybeFail() {
    if (!choices_.OneIn(kFailsOnceIn)) return;
    const auto way = static_cast<int>(choices_.Below(ways_));
    watch_.Guard("fail_next_commit", [&] {
      watch_.expects_failure = target_.fail_next_commit(*storage_, way);
    });
    if (!watch_.expects_failure) return;
    ++watch_.counts.failures_made;
    watch_.log.Add(absl::StrCat("the next commit fails in way ", way));
  }

  void MakeEvent() {
    const uint64_t event = choices_.Below(kEventOnceIn * events_.size());
    Attribute(next_step_++);
    if (event < events_.size()) events_[event]();
  }
  void Settle() {
    watch_.log.Add("all that is under way arrives");
    watch_.Guard("settle", [this] { target_.settle(*storage_); });
    watch_.Disturb();
  }
  void Reopen() {
    watch_.log.Add("the storage is opened again");
    ++watch_.counts.reopenings;
    SetStep(nullptr);
    watch_.Guard("reopen",
                 [this] { storage_ = target_.reopen(std::move(storage_)); });
    if (storage_ == nullptr) {
      watch_.Fail("", "`reopen` returned no storage");
      return;
    }
    watch_.storage = storage_.get();
    watch_.lends.reset();
    watch_.Disturb();
    SetStep([this] { GoInside(); });
  }

  void SetStep(std::function<void()> step) {
    if (!target_.set_step || storage_ == nullptr) return;
    watch_.Guard("set_step",
                 [&] { target_.set_step(*storage_, std::move(step)); });
  }

  // Called where another thread may come between, within a call of the storage.
  // Lets other clients make steps, each on another thread, until the choices
  // say that the call goes on.
  void GoInside() {
    // A storage may mark a point outside of a call of a client: in a hook.
    if (inside_.empty()) return;
    const size_t outer = inside_.back();
    while (!over()) {
      const uint64_t turn = DrawTurn(0);
      if (turn == 0 || !CanMove(turn - 1)) break;
      turns_.back().client = turn;
      ++watch_.counts.steps_inside;
      std::thread([&] { Move(turn - 1); }).join();
    }
    Attribute(steps_of_calls_[outer]);
    last_ = outer;
  }

  const StorageUnderTest& target_;
  const StorageInterleavedOptions& options_;
  const uint64_t ways_;
  StorageWorkload& workload_;
  FakeClock& clock_;
  RecordingChoices& choices_;
  history_internal::RunKeys keys_;
  const int calls_per_client_;
  StorageWatch watch_;
  std::vector<std::unique_ptr<WatchedStorage>> storages_;
  std::vector<SteppedClient> clients_;
  // The events that can happen to the storage between two steps.
  std::vector<std::function<void()>> events_;

  std::unique_ptr<Storage> storage_;
  History history_;
  uint64_t position_ = 0;
  RunFault fault_ = RunFault::kStorage;
  // The client of the last step.
  size_t last_ = 0;
  // The clients within a call of the storage, the outermost first; the same for
  // each client.
  std::vector<size_t> inside_;
  std::vector<bool> is_inside_;

  // The number that the next call or event gets, and those of the clients'
  // current calls.
  size_t next_step_ = 0;
  std::vector<size_t> steps_of_calls_;
  std::vector<size_t> steps_of_choices_;
  std::vector<RunResult::Turn> turns_;
};

Behavior WithoutPolicyChecks(Behavior behavior) {
  behavior.policy_checks = PolicyChecks::kJson;
  return behavior;
}

}  // namespace

bool SameFault(const RunResult& a, const RunResult& b) {
  return a.fault == b.fault && a.clause == b.clause;
}

InterleavedRunner::InterleavedRunner(const StorageUnderTest& target,
                                     const StorageInterleavedOptions& options)
    : target_(target),
      options_(options),
      clients_(static_cast<uint64_t>(std::max(options.clients, 1))),
      workload_(WithoutPolicyChecks(options.behavior)),
      own_clock_(absl::FromUnixSeconds(1'567'296'000)),
      clock_(options.clock == nullptr ? own_clock_ : *options.clock),
      start_(clock_.Now()) {
  core_.behavior = WithoutPolicyChecks(options.behavior);
  core_.limits = options.limits;
  judging_.behavior = core_.behavior;
  judging_.limits = core_.limits;
  judging_.policy_hash = [](const std::string& text) {
    return PolicyHasher::Default()->Hash(text);
  };
  if (target.fail_next_commit) ways_ = CountWays();
}

uint64_t InterleavedRunner::CountWays() const {
  uint64_t ways = 0;
  // An exception shows again in the first run.
  StorageWatch watch(/*may_fail_on_its_own=*/false, /*keeps_lines=*/false);
  const bool counted = watch.Guard("fail_next_commit", [&] {
    const std::unique_ptr<Storage> storage = target_.create();
    while (storage != nullptr && ways < kWaysMax &&
           target_.fail_next_commit(*storage, static_cast<int>(ways))) {
      ++ways;
    }
  });
  return counted ? ways : 1;
}

RunResult InterleavedRunner::Run(RecordingChoices& choices, bool keeps_lines) {
  RunResult result;
  clock_.Set(start_);
  OneRun run(target_, options_, core_, ways_, &workload_, &clock_, &choices,
             keeps_lines);
  StorageWatch creation(/*may_fail_on_its_own=*/false, /*keeps_lines=*/false);
  std::unique_ptr<Storage> storage;
  creation.Guard("create", [&] { storage = target_.create(); });
  if (storage == nullptr) {
    creation.Fail("", "`create` returned no storage");
    result.fault = RunFault::kNoStorage;
    result.text = *creation.failure;
    return result;
  }
  run.Go(std::move(storage));
  run.MoveTo(&result);
  clock_.Set(start_);
  if (result.fault == RunFault::kNone) Judge(keeps_lines, &result);
  return result;
}

void InterleavedRunner::Judge(bool explains, RunResult* result) const {
  LinearizabilityOptions judging = judging_;
  judging.shrink = explains;
  result->judged = CheckLinearizable(result->history, judging);
  if (result->judged.verdict == Verdict::kIllegal) {
    result->fault = RunFault::kIllegal;
  }
  if (result->judged.verdict == Verdict::kUnknown) ++result->counts.undecided;
}

}  // namespace interleaved_internal
}  // namespace glue_security
