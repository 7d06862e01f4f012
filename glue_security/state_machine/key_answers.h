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

  // Returns the answer to `call`, or nullptr when it was not made. Fast when
  // the calls are asked for in the order in which they were made.
  const AnsweredKeyCall* Find(const KeyCall& call) const {
    for (size_t i = 0; i < calls_.size(); ++i) {
      const size_t place = (next_ + i) % calls_.size();
      if (!(calls_[place]->call == call)) continue;
      next_ = place + 1;
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
  // The place after the last one that was found.
  mutable size_t next_ = 0;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_STATE_MACHINE_KEY_ANSWERS_H_
