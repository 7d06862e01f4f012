// KeyAnswers: the key calls that a run of an operation has made, with their
// answers.

#ifndef GLUE_SECURITY_STATE_MACHINE_KEY_ANSWERS_H_
#define GLUE_SECURITY_STATE_MACHINE_KEY_ANSWERS_H_

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "glue_security/model/key_call.h"

namespace glue_security {

struct AnsweredKeyCall {
  KeyCall call;
  KeyAnswer answer;
};

// Thread-compatible.
class KeyAnswers {
 public:
  void Add(AnsweredKeyCall answered) {
    calls_.push_back(std::make_unique<AnsweredKeyCall>(std::move(answered)));
  }

  // Returns the answer to `call`, or nullptr when it was not made. The search
  // begins at `*next` and goes around; any value is right. `*next` is then the
  // place after the answer, so that a search is short when the calls are looked
  // for in the order in which they were added.
  const AnsweredKeyCall* Find(const KeyCall& call, size_t* next) const {
    for (size_t i = 0; i < calls_.size(); ++i) {
      const size_t place = (*next + i) % calls_.size();
      if (!(calls_[place]->call == call)) continue;
      *next = place + 1;
      return calls_[place].get();
    }
    return nullptr;
  }

  // The answers in the order in which they were added.
  size_t size() const { return calls_.size(); }
  const AnsweredKeyCall& operator[](size_t i) const { return *calls_[i]; }

 private:
  // Each by itself, since they are large to move.
  std::vector<std::unique_ptr<AnsweredKeyCall>> calls_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_KEY_ANSWERS_H_
