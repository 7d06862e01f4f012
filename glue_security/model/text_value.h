// Values that users write as text, in flags and in bodies of control. Each
// function sets a value, or returns what is wrong with the text, to follow the
// name of the value in a message:
//
//   PolicyChecks checks;
//   SetWord("x", kPolicyChecksNames, &checks);
//       // "must be none, json, grammar or glue"

#ifndef GLUE_SECURITY_MODEL_TEXT_VALUE_H_
#define GLUE_SECURITY_MODEL_TEXT_VALUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace glue_security {

// Words and the values that they stand for.
template <typename Value, size_t kSize>
using Words = std::array<std::pair<const char*, Value>, kSize>;

// Returns "must be none, json, grammar or glue".
std::string MustBeOneOf(const std::vector<absl::string_view>& words);

// Sets `to` to the value of a word. Returns "" or, `to` unchanged,
// `MustBeOneOf` the words.
template <typename Value, size_t kSize>
std::string SetWord(absl::string_view text, const Words<Value, kSize>& words,
                    Value* to) {
  std::vector<absl::string_view> known;
  for (const auto& [word, value] : words) {
    if (text == word) {
      *to = value;
      return "";
    }
    known.emplace_back(word);
  }
  return MustBeOneOf(known);
}

// Returns the word that stands for a value; "" when there is none.
template <typename Value, size_t kSize>
absl::string_view WordOf(Value value, const Words<Value, kSize>& words) {
  for (const auto& [word, its_value] : words) {
    if (its_value == value) return word;
  }
  return "";
}

// Sets `to` to a decimal number within bounds, both included. Returns "" or,
// `to` unchanged, "must be a number from 0 to 65535".
std::string SetNumber(absl::string_view text, int64_t min, int64_t max,
                      int64_t* to);

// Does so for a number of another type. REQUIRES: it can hold both bounds.
template <typename Number>
std::string SetNumber(absl::string_view text, int64_t min, int64_t max,
                      Number* to) {
  int64_t number = 0;
  std::string wrong = SetNumber(text, min, max, &number);
  if (wrong.empty()) *to = static_cast<Number>(number);
  return wrong;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_MODEL_TEXT_VALUE_H_
