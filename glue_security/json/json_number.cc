#include "glue_security/json/json_number.h"

#include <cstddef>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"

namespace glue_security {
namespace {

constexpr auto kMin = std::numeric_limits<int32_t>::min();
constexpr auto kMax = std::numeric_limits<int32_t>::max();

double ToDouble(absl::string_view token) {
  double number = 0;
  // Returns false when the number is beyond a double, and sets an infinity.
  static_cast<void>(absl::SimpleAtod(token, &number));
  return number;
}

size_t CountDigits(absl::string_view* token) {
  size_t count = 0;
  while (count < token->size() && absl::ascii_isdigit((*token)[count])) ++count;
  token->remove_prefix(count);
  return count;
}

}  // namespace

bool IsJsonNumber(absl::string_view token) {
  if (!token.empty() && token.front() == '-') token.remove_prefix(1);
  const bool leading_zero = !token.empty() && token.front() == '0';
  const size_t integer_digits = CountDigits(&token);
  if (integer_digits == 0 || (leading_zero && integer_digits > 1)) return false;
  if (!token.empty() && token.front() == '.') {
    token.remove_prefix(1);
    if (CountDigits(&token) == 0) return false;
  }
  if (!token.empty() && (token.front() == 'e' || token.front() == 'E')) {
    token.remove_prefix(1);
    if (!token.empty() && (token.front() == '+' || token.front() == '-')) {
      token.remove_prefix(1);
    }
    if (CountDigits(&token) == 0) return false;
  }
  return token.empty();
}

int32_t ClampedInt32(absl::string_view token) {
  int32_t whole = 0;
  if (absl::SimpleAtoi(token, &whole)) return whole;
  const double number = ToDouble(token);
  if (number <= kMin) return kMin;
  if (number >= kMax) return kMax;
  return static_cast<int32_t>(number);
}

bool IsBeyondInt32(absl::string_view token) {
  const double number = ToDouble(token);
  return number <= kMin - 1.0 || number >= kMax + 1.0;
}

bool IsClampedTo(int32_t value, absl::string_view text) {
  return IsJsonNumber(text) && IsBeyondInt32(text) &&
         ClampedInt32(text) == value;
}

}  // namespace glue_security
