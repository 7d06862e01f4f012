// ExhaustiveChoices: all streams of choices, one after another.

#ifndef GLUE_SECURITY_TESTING_CHOICES_EXHAUSTIVE_CHOICES_H_
#define GLUE_SECURITY_TESTING_CHOICES_EXHAUSTIVE_CHOICES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "glue_security/testing/choices/choice_source.h"

namespace glue_security {

// Draws 0 everywhere at first. Each `Next` goes to the next stream in
// lexicographic order, until all were drawn. Every value that the generator can
// make comes up, and every stream comes up once:
//
//   ExhaustiveChoices choices(/*choices_max=*/8);
//   do {
//     auto value = Generate(choices);
//     ...
//   } while (choices.Next());
class ExhaustiveChoices : public ChoiceSource {
 public:
  // Draws 0 after the first `choices_max` numbers of a stream. A generator that
  // never draws more is covered completely; see `truncated`.
  explicit ExhaustiveChoices(size_t choices_max) : choices_max_(choices_max) {}

  // Goes to the next stream. Returns false when there is none left; the first
  // stream is then next again. REQUIRES: the generator draws the same numbers
  // whenever it is given the same choices.
  bool Next();

  // The numbers of the current stream that were drawn so far.
  Choices choices() const;

  // True when some stream so far was longer than `choices_max`, so that it
  // stands for several streams.
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
  // The number of digits that the current run has drawn.
  size_t position_ = 0;
  bool truncated_ = false;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_CHOICES_EXHAUSTIVE_CHOICES_H_
