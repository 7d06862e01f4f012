// OneLine: makes a message of a program one line of visible ASCII.

#ifndef GLUE_SECURITY_FLAGS_ONE_LINE_H_
#define GLUE_SECURITY_FLAGS_ONE_LINE_H_

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace glue_security {

// Returns `message` with each byte that is not printable ASCII as C writes it,
// "\n" or "\xc3". Values of flags, paths and names in a storage are then shown,
// but can neither add a line nor control a terminal.
inline std::string OneLine(absl::string_view message) {
  std::string line;
  line.reserve(message.size());
  for (const char c : message) {
    if (absl::ascii_isprint(static_cast<unsigned char>(c))) {
      line.push_back(c);
    } else {
      absl::StrAppend(&line, absl::CHexEscape(absl::string_view(&c, 1)));
    }
  }
  return line;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_FLAGS_ONE_LINE_H_
