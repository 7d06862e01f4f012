// ExhaustiveChoices: all streams of choices, one after the other.

#ifndef GLUE_SECURITY_TESTING_EXHAUSTIVE_CHOICES_H_
#define GLUE_SECURITY_TESTING_EXHAUSTIVE_CHOICES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "glue_security/testing/choice_source.h"

namespace glue_security {

// Draws 0 everywhere at first; each `Next` goes to the next stream in
// lexicographic order, until all were drawn. Every value that the generator can
// make comes up, each stream once:
//
//   ExhaustiveChoices choices(/*choices_max=*/8);
//   do {
//     auto value = Generate(choices);
//     ...
//   } while (choices.Next());
class ExhaustiveChoices : public ChoiceSource {
 public:
  // After the first `choices_max` numbers of a stream all are 0. A generator
  // that never draws more is covered completely; see `truncated`.
  explicit ExhaustiveChoices(size_t choices_max) : choices_max_(choices_max) {}

  // Goes to the next stream; false when that was the last, and then the first
  // one is next again. REQUIRES: what is drawn depends on the choices alone.
  bool Next();

  // The present stream, as far as it was drawn.
  Choices choices() const;

  // Some stream so far was longer than `choices_max` and so stands for several.
  bool truncated() const { return truncated_; }

 protected:
  uint64_t Draw(uint64_t bound) override;

 private:
  struct Digit {
    uint64_t value;
    uint64_t bound;
  };

  const size_t choices_max_;
  std::vector<Digit> digits_;
  // How many digits the present run has drawn.
  size_t position_ = 0;
  bool truncated_ = false;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_EXHAUSTIVE_CHOICES_H_
