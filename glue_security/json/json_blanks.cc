#include "glue_security/json/json_blanks.h"

namespace glue_security {

size_t SizeWithoutBlanks(absl::string_view text) {
  size_t size = 0;
  bool in_string = false;
  bool escaped = false;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (in_string || !blank) ++size;
    if (escaped) {
      escaped = false;
    } else if (c == '"') {
      in_string = !in_string;
    } else {
      escaped = in_string && c == '\\';
    }
  }
  return size;
}

}  // namespace glue_security
