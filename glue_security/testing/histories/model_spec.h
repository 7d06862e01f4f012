// ModelSpec: a sequential model of a user as a specification of order_search.h.
// model_linearizability.h says what a model has.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_MODEL_SPEC_H_
#define GLUE_SECURITY_TESTING_HISTORIES_MODEL_SPEC_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/backend/history.h"
#include "glue_security/testing/histories/model_history.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace history_internal {

// True when `Model` has the optional member.
template <typename Model, typename = void>
struct HasIsRead : std::false_type {};
template <typename Model>
struct HasIsRead<Model, std::void_t<decltype(&Model::IsRead)>>
    : std::true_type {};
template <typename Model, typename = void>
struct HasPartOf : std::false_type {};
template <typename Model>
struct HasPartOf<Model, std::void_t<decltype(&Model::PartOf)>>
    : std::true_type {};
template <typename Model, typename = void>
struct HasDescribeCall : std::false_type {};
template <typename Model>
struct HasDescribeCall<Model, std::void_t<decltype(&Model::DescribeCall)>>
    : std::true_type {};
template <typename Model, typename = void>
struct HasDescribeState : std::false_type {};
template <typename Model>
struct HasDescribeState<Model, std::void_t<decltype(&Model::DescribeState)>>
    : std::true_type {};

// A call of one part; see order_search.h.
template <typename Model>
struct ModelOp {
  const ModelCall<Model>* entry = nullptr;
  size_t call = 0;
  uint64_t start = 0;
  uint64_t end = kNoEnd;
  bool unknown = false;
  bool read_only = false;

  bool effectless() const { return !unknown && read_only; }
};

template <typename Model>
struct ModelPart {
  std::string title;
  std::vector<ModelOp<Model>> ops;
};

// The specification of a part.
template <typename Model>
class ModelSpec {
 public:
  using Op = ModelOp<Model>;
  using State = typename Model::State;
  using Key = std::pair<std::vector<uint64_t>, State>;

  // REQUIRES: `model` outlives this.
  explicit ModelSpec(const Model* model) : model_(*model) {}

  static constexpr uint64_t kAssumptionsMax = 1;
  uint64_t assumption_count() const { return 1; }
  void Assume(uint64_t) {}

  static Key KeyOf(const std::vector<uint64_t>& placed, const State& state) {
    return {placed, state};
  }

  State Initial() const { return model_.Init(); }

  bool Apply(const Op& op, bool unknown, const State& state,
             State* next) const {
    std::optional<State> after =
        unknown ? model_.Step(state, op.entry->input, std::nullopt)
                : model_.Step(state, op.entry->input, op.entry->output);
    if (!after.has_value()) return false;
    *next = *std::move(after);
    return true;
  }

  std::string Describe(const State& state) const {
    if constexpr (HasDescribeState<Model>::value) {
      return model_.DescribeState(state);
    } else {
      return testing::PrintToString(state);
    }
  }

  // The model does not say it.
  std::string Expected(const Op&, const State&) const { return ""; }

 private:
  const Model& model_;
};

template <typename Model>
std::vector<ModelPart<Model>> SplitModelHistory(
    const Model& model, const ModelHistory<Model>& history) {
  std::map<std::string, std::vector<ModelOp<Model>>> ops_of;
  for (size_t i = 0; i < history.size(); ++i) {
    ModelOp<Model> op;
    op.entry = &history[i];
    op.call = i;
    op.start = history[i].start;
    op.unknown = !history[i].output.has_value();
    if (!op.unknown) op.end = history[i].end;
    if constexpr (HasIsRead<Model>::value) {
      op.read_only = model.IsRead(history[i].input);
    }
    // A read without an answer says nothing.
    if (op.unknown && op.read_only) continue;
    std::string part;
    if constexpr (HasPartOf<Model>::value) part = model.PartOf(op.entry->input);
    ops_of[part].push_back(op);
  }
  std::vector<ModelPart<Model>> parts;
  parts.reserve(ops_of.size());
  for (auto& [title, ops] : ops_of) {
    parts.push_back({title.empty() ? "the history" : title, std::move(ops)});
  }
  return parts;
}

// Returns the call and, unless it is open, its answer on one line.
template <typename Model>
std::string DescribeModelCall(const Model& model,
                              const ModelCall<Model>& call) {
  if constexpr (HasDescribeCall<Model>::value) {
    return model.DescribeCall(call.input, call.output);
  } else {
    return absl::StrCat(testing::PrintToString(call.input), " -> ",
                        call.output.has_value()
                            ? testing::PrintToString(*call.output)
                            : "no answer");
  }
}

}  // namespace history_internal

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_MODEL_SPEC_H_
