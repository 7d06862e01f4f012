// KeyNeeds: the key calls that an operation needs answered, as its handler
// finds them.

#ifndef GLUE_SECURITY_STATE_MACHINE_KEY_NEEDS_H_
#define GLUE_SECURITY_STATE_MACHINE_KEY_NEEDS_H_

#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "glue_security/model/key_call.h"
#include "glue_security/state_machine/key_answers.h"
#include "glue_security/state_machine/step_types.h"

namespace glue_security {

// Thread-compatible.
class KeyNeeds {
 public:
  // `answers` outlives this.
  explicit KeyNeeds(const KeyAnswers* answers) : answers_(answers) {}

  // Returns the answer to `call`, which lives as long as the answers; nullptr
  // when it was not made yet, or was refused.
  template <typename Result>
  const Result* Ask(KeyCall call) {
    const KeyAnswer* const answer = AskForAnswer(std::move(call));
    if (answer == nullptr) return nullptr;
    const auto* const result = std::get_if<Result>(answer);
    if (result == nullptr && bad_answer_ == nullptr) bad_answer_ = answer;
    return result;
  }

  // Returns the answer to `call`, be it a refusal, under which nothing fails;
  // nullptr when it was not made yet.
  const KeyAnswer* AskForAnswer(KeyCall call) {
    const AnsweredKeyCall* const answered = answers_->Find(call, &next_);
    if (answered != nullptr) return &answered->answer;
    missing_.push_back(std::move(call));
    return nullptr;
  }

  // Returns true when every call was answered, and none was refused.
  bool met() const { return missing_.empty() && bad_answer_ == nullptr; }

  // Returns the transition of an operation whose needs are not met: the calls
  // to make, or the error of the first that was refused.
  Transition ToTransition();

 private:
  const KeyAnswers* const answers_;
  // The next answer is probably here.
  size_t next_ = 0;
  std::vector<KeyCall> missing_;
  // The first refusal, or the first answer that belongs to another call.
  const KeyAnswer* bad_answer_ = nullptr;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_KEY_NEEDS_H_
