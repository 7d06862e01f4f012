// CheckLinearizable for a type of your own: finds out whether a recorded
// history can come from an object that executes one call after another. It is
// the search of linearizability.h, with a sequential model that you write
// (Porcupine's `Model`).
//
//   struct Register {
//     using State = int;
//     struct Input { bool write; int value; };
//     using Output = int;
//     State Init() const { return 0; }
//     std::optional<State> Step(const State& state, const Input& input,
//                               const std::optional<Output>& output) const {
//       if (input.write) return input.value;
//       if (output.has_value() && *output != state) return std::nullopt;
//       return state;
//     }
//   };
//
//   const LinearizabilityResult result =
//       CheckLinearizable(Register(), recorder.Snapshot());
//   EXPECT_EQ(result.verdict, Verdict::kOk) << result.explanation;
//
// A history that fails: the write of 1 was over before the read began.
//
//   #0 client 0 [0..1] write 1 -> 0
//   #1 client 1 [2..3] read -> 0       kIllegal
//
// A model has
//
//   - `State`: default-constructible and copyable, with `==` and a hash of
//     Abseil. Standard containers of numbers and strings have both; give a
//     struct an `AbslHashValue`. States that compare equal must have the same
//     future.
//   - `Input` and `Output`: the arguments and the answer of a call, copyable.
//   - `Init()`: the state before the first call.
//   - `Step(state, input, output)`: the state after the call when `output` is
//     its answer in `state`; nullopt when it is not. Without an output the
//     answer is not known: the state after the call if it takes effect. A pure
//     function, const.
//
// and may have
//
//   - `bool IsRead(const Input&) const`: true when the call never changes a
//     state. Reads are placed without alternatives, so the search is faster,
//     and are left out of a violation that does not need them.
//   - `std::string PartOf(const Input&) const`: the name of the part of the
//     object that the call is about, as a key. Parts are judged one by one,
//     each from `Init()`. REQUIRES: no call reads or writes another part.
//   - `std::string DescribeCall(const Input&,
//                               const std::optional<Output>&) const`,
//     `std::string DescribeState(const State&) const`: texts for the
//     explanation. Without them they are printed by testing::PrintToString.
//
// tests/testing/model_linearizability_test.cc has a register and a set.

#ifndef GLUE_SECURITY_TESTING_HISTORIES_MODEL_LINEARIZABILITY_H_
#define GLUE_SECURITY_TESTING_HISTORIES_MODEL_LINEARIZABILITY_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "glue_security/backend/history.h"
#include "glue_security/testing/histories/linearizability_result.h"
#include "glue_security/testing/histories/model_history.h"
#include "glue_security/testing/histories/model_spec.h"
#include "glue_security/testing/histories/order_checker.h"
#include "glue_security/testing/histories/search_bounds.h"
#include "glue_security/testing/histories/violation_text.h"

namespace glue_security {
// Checks one history. A pure function if `model` is one. REQUIRES: the calls
// are in the order of their starts, and all positions differ.
template <typename Model>
LinearizabilityResult CheckLinearizable(
    const Model& model, const ModelHistory<Model>& history,
    const SearchBounds& bounds = SearchBounds()) {
  using history_internal::DescribeModelCall;
  const auto end_of = [&](size_t call) {
    return history[call].output.has_value() ? history[call].end : kNoEnd;
  };
  const auto answer_of = [&](size_t call) {
    return DescribeModelCall(model, history[call]);
  };
  const auto text_of = [&](size_t call) {
    const uint64_t end = end_of(call);
    return absl::StrCat(
        "#", call, " client ", history[call].client, " [", history[call].start,
        "..", end == kNoEnd ? "" : absl::StrCat(end), "] ", answer_of(call));
  };
  return history_internal::CheckParts(
      history_internal::SplitModelHistory(model, history),
      [&](const history_internal::ModelPart<Model>&) {
        return history_internal::ModelSpec<Model>(&model);
      },
      bounds,
      [&](const Violation& violation) {
        return history_internal::FormatViolation(violation, end_of, text_of,
                                                 answer_of);
      });
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_HISTORIES_MODEL_LINEARIZABILITY_H_
