// ChoiceSource: the one stream that everything in this kit is generated from.
//
// A generator is a function that draws numbers from a source and makes a value
// of them. It does not know where they come from: from a seed, from a fuzzer's
// bytes, from an enumeration of all there are, from RapidCheck. What it made
// can be made again from the numbers alone, and made simpler by making them
// smaller (shrink.h), without a word about the type of the value.
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
//   - Ask "another one?" before each element of a list, rather than for the
//     length before all of them; then an element can be taken out of the middle
//     of the stream.
//   - No other source of chance, no clock, no order of a hash map.
//
// Sources: SeededChoices and RecordedChoices below, ByteChoices
// (byte_choices.h), ExhaustiveChoices (exhaustive_choices.h), RapidCheck
// (rapidcheck_choices.h).

#ifndef GLUE_SECURITY_TESTING_CHOICE_SOURCE_H_
#define GLUE_SECURITY_TESTING_CHOICE_SOURCE_H_

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

// Numbers that were drawn, in order.
using Choices = std::vector<uint64_t>;

// Choices as a short text ("3.0.17") and back; nullopt for any other text. The
// empty text is the empty list.
std::string FormatChoices(const Choices& choices);
std::optional<Choices> ParseChoices(absl::string_view text);

// Not thread-safe: one thread at a time.
class ChoiceSource {
 public:
  virtual ~ChoiceSource() = default;

  // A number below `bound`. REQUIRES: bound >= 1. A bound of 1 draws nothing.
  uint64_t Below(uint64_t bound) { return bound == 1 ? 0 : Draw(bound); }

  // True once in `n` times. REQUIRES: n >= 1. The simplest choice is false,
  // save for n = 1.
  bool OneIn(uint64_t n) { return Below(n) == n - 1; }

  // An element of `values`; the first is the simplest. REQUIRES: not empty.
  template <typename T>
  const T& Pick(const std::vector<T>& values) {
    return values[Below(values.size())];
  }
  template <typename T>
  T Pick(std::initializer_list<T> values) {
    return values.begin()[Below(values.size())];
  }

 protected:
  // A number below `bound`, which is 2 or more.
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

// Draws from a list: a number that is too large counts as the largest that is
// not, and after the end of the list every number is 0.
class RecordedChoices : public ChoiceSource {
 public:
  explicit RecordedChoices(Choices choices) : choices_(std::move(choices)) {}

  // How many numbers were asked for beyond the end of the list.
  size_t missing() const { return missing_; }

 protected:
  uint64_t Draw(uint64_t bound) override;

 private:
  const Choices choices_;
  size_t position_ = 0;
  size_t missing_ = 0;
};

// Passes on what another source gives, and keeps it.
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

#endif  // GLUE_SECURITY_TESTING_CHOICE_SOURCE_H_
