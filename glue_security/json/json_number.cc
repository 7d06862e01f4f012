#include "glue_security/json/json_number.h"

#include <cstddef>

#include "absl/strings/ascii.h"

namespace glue_security {
namespace {

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

}  // namespace glue_security
