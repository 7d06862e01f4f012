// Functions of the fields of a request or an answer.

#ifndef GLUE_SECURITY_HTTP_HTTP_FIELDS_H_
#define GLUE_SECURITY_HTTP_HTTP_FIELDS_H_

#include <cstddef>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "boost/beast/core/string.hpp"
#include "boost/beast/http/field.hpp"

namespace glue_security {

// The largest number of fields in a header.
inline constexpr size_t kHttpFieldsMax = 256;
// The memory of Boost.Beast for a field besides its text.
inline constexpr size_t kHttpFieldBytes = 112;

// Converts a string view of Boost to one of Abseil.
inline absl::string_view ToAbsl(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

// Returns true for a message whose end is ambiguous. `Fields` is one of
// Boost.Beast; `version` is 10 for HTTP/1.0, 11 for HTTP/1.1.
template <typename Fields>
bool IsAmbiguous(const Fields& fields, unsigned version) {
  using boost::beast::http::field;
  const auto lengths = fields.count(field::content_length);
  const auto codings = fields.count(field::transfer_encoding);
  // RFC 9112, section 6.1.
  if (codings > 0 && version < 11) return true;
  if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0)) return true;
  if (lengths > 0) {
    // Boost.Beast accepts "4, 4" as 4.
    const absl::string_view length = ToAbsl(fields[field::content_length]);
    return length.empty() ||
           length.find_first_not_of("0123456789") != absl::string_view::npos;
  }
  return codings > 0 &&
         !absl::EqualsIgnoreCase(ToAbsl(fields[field::transfer_encoding]),
                                 "chunked");
}

}  // namespace glue_security

#endif  // GLUE_SECURITY_HTTP_HTTP_FIELDS_H_
