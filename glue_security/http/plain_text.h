// PlainText: makes text from the network safe for messages.

#ifndef GLUE_SECURITY_HTTP_PLAIN_TEXT_H_
#define GLUE_SECURITY_HTTP_PLAIN_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"

namespace glue_security {

// Returns `text` with a question mark in place of each byte that is not
// printable ASCII. A text of more than `bytes_max` bytes is cut there and
// followed by three dots. The result can be used in a header, in a line of a
// log and in any message.
inline std::string PlainText(absl::string_view text, size_t bytes_max = 100) {
  std::string plain(text.substr(0, bytes_max));
  for (char& c : plain) {
    if (!absl::ascii_isprint(static_cast<unsigned char>(c))) c = '?';
  }
  if (text.size() > bytes_max) plain += "...";
  return plain;
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_PLAIN_TEXT_H_
