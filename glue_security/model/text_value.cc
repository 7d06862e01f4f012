#include "glue_security/model/text_value.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace glue_security {

std::string MustBeOneOf(const std::vector<absl::string_view>& words) {
  std::string text = "must be ";
  for (size_t i = 0; i < words.size(); ++i) {
    const char* const before = i == 0                  ? ""
                               : i + 1 == words.size() ? " or "
                                                       : ", ";
    absl::StrAppend(&text, before, words[i]);
  }
  return text;
}

std::string SetNumber(absl::string_view text, int64_t min, int64_t max,
                      int64_t* to) {
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || number < min || number > max) {
    return absl::StrCat("must be a number from ", min, " to ", max);
  }
  *to = number;
  return "";
}

}  // namespace glue_security
