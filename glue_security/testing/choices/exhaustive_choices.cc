#include "glue_security/testing/choices/exhaustive_choices.h"

namespace glue_security {

bool ExhaustiveChoices::Next() {
  // The last run may have drawn fewer digits than an earlier one.
  digits_.resize(position_);
  position_ = 0;
  while (!digits_.empty()) {
    Digit& last = digits_.back();
    if (last.value + 1 < last.bound) {
      ++last.value;
      return true;
    }
    digits_.pop_back();
  }
  return false;
}

Choices ExhaustiveChoices::choices() const {
  Choices choices;
  for (size_t i = 0; i < position_; ++i) choices.push_back(digits_[i].value);
  return choices;
}

uint64_t ExhaustiveChoices::Draw(uint64_t bound) {
  if (position_ == choices_max_) {
    truncated_ = true;
    return 0;
  }
  if (position_ == digits_.size()) digits_.push_back({0, bound});
  return digits_[position_++].value;
}

}  // namespace glue_security
