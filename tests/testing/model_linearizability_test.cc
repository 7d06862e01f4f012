// Tests of CheckLinearizable with models of one's own: the examples of
// docs/testing_kit/own_properties.md, and random small histories of three
// models, compared with the definition: every order is tried.
//
// The seed is printed; GLUE_SECURITY_SEED=N sets it again.

#include "glue_security/testing/histories/model_linearizability.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iostream>
#include <mutex>
#include <new>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/backend/history.h"
#include "glue_security/testing/choices/choice_source.h"
#include "glue_security/testing/histories/model_history.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/randomized_test.h"

namespace glue_security {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// [register]
struct Register {
  using State = int;
  struct Input {
    bool write = false;
    int value = 0;
  };
  using Output = int;

  State Init() const { return 0; }
  std::optional<State> Step(const State& state, const Input& input,
                            const std::optional<Output>& output) const {
    if (input.write) return input.value;
    if (output.has_value() && *output != state) return std::nullopt;
    return state;
  }
};
// [register end]

// [set]
struct NameSet {
  using State = bool;  // True when the name is in the set.
  struct Input {
    enum { kAdd, kRemove, kContains } operation = kAdd;
    std::string name;
  };
  using Output = bool;  // True when the set has changed, or contains the name.

  State Init() const { return false; }
  std::optional<State> Step(const State& state, const Input& input,
                            const std::optional<Output>& output) const {
    const bool adds = input.operation == Input::kAdd;
    if (output.has_value() && *output != (adds ? !state : state)) {
      return std::nullopt;
    }
    return input.operation == Input::kContains ? state : adds;
  }
  bool IsRead(const Input& input) const {
    return input.operation == Input::kContains;
  }
  // No call is about two names, so each name is judged by itself.
  std::string PartOf(const Input& input) const { return input.name; }
  std::string DescribeCall(const Input& input,
                           const std::optional<Output>& output) const {
    static constexpr const char* kNames[] = {"Add ", "Remove ", "Contains "};
    return absl::StrCat(kNames[input.operation], input.name, " -> ",
                        !output.has_value() ? "no answer"
                        : *output           ? "true"
                                            : "false");
  }
};
// [set end]

// The set without anything that makes it faster.
struct PlainNameSet {
  using State = std::set<std::string>;
  using Input = NameSet::Input;
  using Output = bool;

  static State Init() { return {}; }
  static std::optional<State> Step(const State& state, const Input& input,
                                   const std::optional<Output>& output) {
    const bool contains = state.count(input.name) != 0;
    const bool adds = input.operation == Input::kAdd;
    if (output.has_value() && *output != (adds ? !contains : contains)) {
      return std::nullopt;
    }
    State next = state;
    if (adds) next.insert(input.name);
    if (input.operation == Input::kRemove) next.erase(input.name);
    return next;
  }
};

// A first-in-first-out queue, whose state has a hash of its own.
struct Queue {
  struct State {
    std::deque<int> values;

    friend bool operator==(const State& a, const State& b) {
      return a.values == b.values;
    }
    template <typename H>
    friend H AbslHashValue(H h, const State& state) {
      return H::combine(std::move(h), state.values);
    }
  };
  using Input = std::optional<int>;  // Pushes a value, or pops one.
  using Output = int;                // A pop's value; -1: empty, or a push.

  State Init() const { return {}; }
  std::optional<State> Step(const State& state, const Input& input,
                            const std::optional<Output>& output) const {
    State next = state;
    int answer = -1;
    if (input.has_value()) {
      next.values.push_back(*input);
    } else if (!next.values.empty()) {
      answer = next.values.front();
      next.values.pop_front();
    }
    if (output.has_value() && *output != answer) return std::nullopt;
    return next;
  }
};

Register::Input RandomInput(const Register&, ChoiceSource& choices) {
  return {choices.OneIn(2), static_cast<int>(choices.Below(3))};
}
Register::Output RandomOutput(const Register&, ChoiceSource& choices) {
  return static_cast<int>(choices.Below(3));
}
template <typename Set>
NameSet::Input RandomInput(const Set&, ChoiceSource& choices) {
  NameSet::Input input;
  input.operation = choices.Pick({NameSet::Input::kAdd, NameSet::Input::kRemove,
                                  NameSet::Input::kContains});
  input.name = choices.Pick<std::string>({"a", "b"});
  return input;
}
template <typename Set>
bool RandomOutput(const Set&, ChoiceSource& choices) {
  return choices.OneIn(2);
}
Queue::Input RandomInput(const Queue&, ChoiceSource& choices) {
  if (choices.OneIn(2)) return std::nullopt;
  return static_cast<int>(choices.Below(2));
}
Queue::Output RandomOutput(const Queue&, ChoiceSource& choices) {
  return static_cast<int>(choices.Below(3)) - 1;
}

// Returns calls that overlap by chance, most of them with the answers of some
// order.
template <typename Model>
ModelHistory<Model> RandomHistory(const Model& model, ChoiceSource& choices) {
  const size_t calls = 1 + choices.Below(7);
  ModelHistory<Model> history;
  typename Model::State state = model.Init();
  for (size_t i = 0; i < calls; ++i) {
    ModelCall<Model> call;
    call.client = static_cast<int>(i);
    call.input = RandomInput(model, choices);
    // Each call takes effect at 50 + 20 * i, in this order. It starts before
    // and ends after that, so that calls overlap. Positions differ by the
    // call's number.
    call.start = (50 + 20 * i - choices.Below(50)) * 100 + i;
    call.end = (50 + 20 * i + choices.Below(50)) * 100 + 50 + i;
    for (int tries = 0; tries < 20; ++tries) {
      call.output = RandomOutput(model, choices);
      const auto next = model.Step(state, call.input, call.output);
      if (!next.has_value()) continue;
      state = *next;
      break;
    }
    if (choices.OneIn(6)) call.output = RandomOutput(model, choices);
    if (choices.OneIn(8)) call.output.reset();
    history.push_back(std::move(call));
  }
  std::sort(history.begin(), history.end(),
            [](const auto& a, const auto& b) { return a.start < b.start; });
  return history;
}

// The definition: an order of the calls in which none precedes one that was
// over before it began. Open calls may be left out.
template <typename Model>
class EveryOrder {
 public:
  EveryOrder(const Model& model, const ModelHistory<Model>& history)
      : model_(model), history_(history), placed_(history.size()) {}

  bool IsLegal() { return Search(model_.Init()); }

 private:
  bool MayBeNext(size_t call) const {
    for (size_t i = 0; i < history_.size(); ++i) {
      if (!placed_[i] && history_[i].output.has_value() &&
          history_[i].end < history_[call].start) {
        return false;
      }
    }
    return !placed_[call];
  }

  bool Search(const typename Model::State& state) {
    bool done = true;
    for (size_t i = 0; i < history_.size(); ++i) {
      done = done && (placed_[i] || !history_[i].output.has_value());
    }
    if (done) return true;
    for (size_t i = 0; i < history_.size(); ++i) {
      if (!MayBeNext(i)) continue;
      const auto next =
          model_.Step(state, history_[i].input, history_[i].output);
      if (!next.has_value()) continue;
      placed_[i] = true;
      const bool found = Search(*next);
      placed_[i] = false;
      if (found) return true;
    }
    return false;
  }

  const Model& model_;
  const ModelHistory<Model>& history_;
  std::vector<bool> placed_;
};

// Returns the same history for another model with the same calls.
ModelHistory<NameSet> ForNameSet(const ModelHistory<PlainNameSet>& history) {
  ModelHistory<NameSet> copy;
  for (const auto& call : history) {
    copy.push_back(
        {call.client, call.input, call.output, call.start, call.end});
  }
  return copy;
}

struct Counts {
  int legal = 0;
  int illegal = 0;
};

// Compares the checker with the definition, and checks that the calls that it
// names are illegal by themselves.
template <typename Model>
void Compare(const Model& model, const ModelHistory<Model>& history,
             Counts* counts) {
  const bool legal = EveryOrder<Model>(model, history).IsLegal();
  ++(legal ? counts->legal : counts->illegal);
  const LinearizabilityResult result = CheckLinearizable(model, history);
  ASSERT_EQ(result.verdict, legal ? Verdict::kOk : Verdict::kIllegal)
      << result.explanation;
  if (legal) return;
  const uint64_t last = history[result.violation->last_answer].end;
  ModelHistory<Model> smaller;
  for (const size_t call : result.violation->calls) {
    smaller.push_back(history[call]);
    if (smaller.back().end > last) smaller.back().output.reset();
  }
  EXPECT_FALSE(EveryOrder<Model>(model, smaller).IsLegal())
      << result.explanation;
}

template <typename Model>
void CompareMany(const Model& model) {
  const int histories = IsShortRun() ? 2'000 : 20'000;
  Counts counts;
  for (int n = 0; n < histories; ++n) {
    const uint64_t seed = RunSeed() + static_cast<uint64_t>(n);
    SCOPED_TRACE(seed);
    SeededChoices choices(seed);
    Compare(model, RandomHistory(model, choices), &counts);
    if (testing::Test::HasFailure()) return;
  }
  std::cout << counts.legal << " legal, " << counts.illegal << " illegal\n";
  EXPECT_GE(counts.legal, histories / 4);
  EXPECT_GE(counts.illegal, histories / 20);
}

TEST(ModelLinearizability, ARegisterIsJudgedAsByEveryOrder) {
  CompareMany(Register());
}

TEST(ModelLinearizability, ASetIsJudgedAsByEveryOrder) {
  CompareMany(PlainNameSet());
}

TEST(ModelLinearizability, AQueueIsJudgedAsByEveryOrder) {
  CompareMany(Queue());
}

TEST(ModelLinearizability, PartsAndReadsDoNotChangeTheVerdict) {
  int illegal = 0;
  for (uint64_t n = 0; n < 5'000; ++n) {
    const uint64_t seed = RunSeed() + n;
    SeededChoices choices(seed);
    const auto history = RandomHistory(PlainNameSet(), choices);
    const LinearizabilityResult plain =
        CheckLinearizable(PlainNameSet(), history);
    ASSERT_EQ(CheckLinearizable(NameSet(), ForNameSet(history)).verdict,
              plain.verdict)
        << "seed " << seed << "\n"
        << plain.explanation;
    if (plain.verdict == Verdict::kIllegal) ++illegal;
  }
  EXPECT_GE(illegal, 100);
}

TEST(ModelLinearizability, AStaleReadIsExplained) {
  NameSet::Input add = {NameSet::Input::kAdd, "a"};
  NameSet::Input contains = {NameSet::Input::kContains, "a"};
  NameSet::Input other = {NameSet::Input::kContains, "b"};
  ModelHistory<NameSet> history = {{0, add, true, 0, 1},
                                   {1, other, false, 2, 3},
                                   {1, contains, true, 4, 5},
                                   {1, contains, false, 6, 7}};
  const LinearizabilityResult result = CheckLinearizable(NameSet(), history);
  EXPECT_EQ(result.verdict, Verdict::kIllegal);
  EXPECT_EQ(result.partitions, 2u);
  EXPECT_THAT(result.violation->calls, ElementsAre(0u, 3u));
  EXPECT_EQ(result.violation->last_answer, 3u);
  EXPECT_EQ(result.explanation,
            "not linearizable: a\n"
            "No order of these calls explains their answers. The answer of #3 "
            "(>) shows it; calls under way at that time (?) may or may not "
            "have taken effect.\n"
            "  #0 client 0 [0..1] Add a -> true\n"
            "> #3 client 1 [6..7] Contains a -> false\n"
            "The longest orders, and why they end:\n"
            "  #0, then true\n"
            "    #3 cannot be next: answered Contains a -> false\n");
}

TEST(ModelLinearizability, AnOpenCallMayTakeEffectLaterOrNever) {
  ModelHistory<Register> history = {{0, {true, 1}, std::nullopt, 0, 1},
                                    {1, {false, 0}, 0, 2, 3},
                                    {1, {false, 0}, 1, 4, 5}};
  EXPECT_EQ(CheckLinearizable(Register(), history).verdict, Verdict::kOk);
  // Once it has taken effect, it does not go away.
  history.push_back({1, {false, 0}, 0, 6, 7});
  EXPECT_EQ(CheckLinearizable(Register(), history).verdict, Verdict::kIllegal);
  // A call that was answered takes effect before its end.
  history.pop_back();
  history[0].output = 0;
  EXPECT_EQ(CheckLinearizable(Register(), history).verdict, Verdict::kIllegal);
}

TEST(ModelLinearizability, WithoutABudgetThereIsNoVerdict) {
  ModelHistory<Register> history;
  for (uint64_t i = 0; i < 12; ++i) {
    history.push_back(
        {static_cast<int>(i), {true, static_cast<int>(i)}, 0, i, 100 + i});
  }
  history.push_back({20, {false, 0}, 99, 200, 201});
  SearchBounds bounds;
  bounds.states_max = 50;
  const LinearizabilityResult result =
      CheckLinearizable(Register(), history, bounds);
  EXPECT_EQ(result.verdict, Verdict::kUnknown);
  EXPECT_EQ(result.states, 50u);
  EXPECT_EQ(result.explanation,
            "not decided within the budget: the history, 13 calls\n");
}

// A set whose `Add` looks first and then writes, unless it holds a lock.
class SharedSet {
 public:
  explicit SharedSet(bool holds_lock) : holds_lock_(holds_lock) {}

  bool Call(const NameSet::Input& input) {
    std::unique_lock<std::mutex> lock(mutex_);
    const bool contains = names_.count(input.name) != 0;
    if (input.operation == NameSet::Input::kContains) return contains;
    if (!holds_lock_) {
      lock.unlock();
      std::this_thread::yield();
      lock.lock();
    }
    if (input.operation == NameSet::Input::kAdd) {
      names_.insert(input.name);
      return !contains;
    }
    names_.erase(input.name);
    return contains;
  }

 private:
  const bool holds_lock_;
  std::mutex mutex_;
  std::set<std::string> names_;
};

LinearizabilityResult CheckSharedSet(bool holds_lock, uint64_t seed) {
  // [threads]
  SharedSet set(holds_lock);
  ModelClientsOptions run;
  run.seed = seed;
  const auto history = RunModelClients<NameSet>(
      run,
      [](ChoiceSource& choices) {
        NameSet::Input input;
        input.operation =
            choices.Pick({NameSet::Input::kAdd, NameSet::Input::kRemove,
                          NameSet::Input::kContains});
        input.name = choices.Pick<std::string>({"a", "b"});
        return input;
      },
      [&](const NameSet::Input& input) { return set.Call(input); });
  LinearizabilityResult result = CheckLinearizable(NameSet(), history);
  // [threads end]
  EXPECT_EQ(history.size(), 32u);
  return result;
}

TEST(ModelLinearizability, ASetWithALockPasses) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const LinearizabilityResult result = CheckSharedSet(true, seed);
    ASSERT_EQ(result.verdict, Verdict::kOk) << result.explanation;
  }
}

TEST(ModelLinearizability, ASetThatLetsItsLockGoIsFound) {
  for (uint64_t seed = 0; seed < 20'000; ++seed) {
    const LinearizabilityResult result = CheckSharedSet(false, seed);
    if (result.verdict != Verdict::kIllegal) continue;
    EXPECT_THAT(result.explanation, HasSubstr("cannot be next: answered "));
    return;
  }
  FAIL() << "20000 histories were linearizable";
}

TEST(ModelLinearizability, ACallThatThrowsStaysOpen) {
  ModelRecorder<Register> recorder;
  EXPECT_THROW(
      recorder.Record(0, {true, 1}, []() -> int { throw std::bad_alloc(); }),
      std::bad_alloc);
  EXPECT_EQ(recorder.Record(1, {false, 0}, [] { return 1; }), 1);
  const ModelHistory<Register> history = recorder.Snapshot();
  ASSERT_EQ(history.size(), 2u);
  EXPECT_FALSE(history[0].output.has_value());
  EXPECT_EQ(history[0].end, kNoEnd);
  EXPECT_EQ(history[1].end, 2u);
  EXPECT_EQ(CheckLinearizable(Register(), history).verdict, Verdict::kOk);
}

}  // namespace
}  // namespace glue_security
