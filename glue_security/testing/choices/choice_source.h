// ChoiceSource: the one stream that everything in this kit is generated from.
//
// A generator is a function that draws numbers from a source and makes a value
// of them. It does not know whether the numbers come from a seed, from the
// bytes of a fuzzer, from an enumeration of all streams, or from RapidCheck.
// The numbers alone are enough to make the value again. Smaller numbers make a
// simpler value (shrink.h), whatever its type is.
//
//   std::string GenerateName(ChoiceSource& choices) {
//     return choices.Pick<std::string>({"a", "b", "c"});
//   }
//
//   SeededChoices choices(42);
//   GenerateName(choices);  // always the same one for 42, on every platform
//
// Rules for a generator:
//
//   - 0 is the simplest choice: put the plain case first, so that a smaller
//     stream makes a simpler value.
//   - Ask "another one?" before each element of a list, instead of drawing the
//     length first. Then an element can be taken out of the middle of the
//     stream.
//   - Use no other source of randomness, no clock, and no order of a hash map.
//
// Sources: SeededChoices and RecordedChoices below, ByteChoices
// (byte_choices.h), ExhaustiveChoices (exhaustive_choices.h), RapidCheck
// (rapidcheck_choices.h).

#ifndef GLUE_SECURITY_TESTING_CHOICES_CHOICE_SOURCE_H_
#define GLUE_SECURITY_TESTING_CHOICES_CHOICE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace glue_security {

// The numbers that were drawn, in order.
using Choices = std::vector<uint64_t>;

// Converts choices to a short text ("3.0.17") and back; nullopt for any other
// text. The empty text is the empty list.
std::string FormatChoices(const Choices& choices);
std::optional<Choices> ParseChoices(absl::string_view text);

// The source of a generator's numbers. Not thread-safe.
class ChoiceSource {
 public:
  virtual ~ChoiceSource() = default;

  // Returns a number below `bound`. REQUIRES: bound >= 1. A bound of 1 draws
  // nothing.
  uint64_t Below(uint64_t bound) { return bound == 1 ? 0 : Draw(bound); }

  // Returns true once in `n` times. REQUIRES: n >= 1. The simplest choice is
  // false, except for n = 1.
  bool OneIn(uint64_t n) { return Below(n) == n - 1; }

  // Returns an element of `values`; the first is the simplest. REQUIRES: not
  // empty.
  template <typename T>
  const T& Pick(const std::vector<T>& values) {
    return values[Below(values.size())];
  }
  template <typename T>
  T Pick(std::initializer_list<T> values) {
    return values.begin()[Below(values.size())];
  }

 protected:
  // Returns a number below `bound`, which is 2 or more.
  virtual uint64_t Draw(uint64_t bound) = 0;
};

// An endless stream that a seed determines, the same on every platform.
class SeededChoices : public ChoiceSource {
 public:
  explicit SeededChoices(uint64_t seed) : engine_(seed) {}

 protected:
  uint64_t Draw(uint64_t bound) override;

 private:
  std::mt19937_64 engine_;
};

// Draws from a list. A number that is too large becomes the largest one
// allowed, and after the end of the list every number is 0.
class RecordedChoices : public ChoiceSource {
 public:
  explicit RecordedChoices(Choices choices) : choices_(std::move(choices)) {}

  // The number of draws beyond the end of the list.
  size_t missing() const { return missing_; }

 protected:
  uint64_t Draw(uint64_t bound) override;

 private:
  const Choices choices_;
  size_t position_ = 0;
  size_t missing_ = 0;
};

// Passes on the numbers of another source, and records them.
class RecordingChoices : public ChoiceSource {
 public:
  // REQUIRES: `source` outlives this.
  explicit RecordingChoices(ChoiceSource* source) : source_(source) {}

  const Choices& choices() const { return choices_; }

 protected:
  uint64_t Draw(uint64_t bound) override;

 private:
  ChoiceSource* const source_;
  Choices choices_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_TESTING_CHOICES_CHOICE_SOURCE_H_
