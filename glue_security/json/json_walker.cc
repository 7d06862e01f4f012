#include "glue_security/json/json_walker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace glue_security {
namespace json_internal {
namespace {

// Lets simdjson select its code for this processor when the program starts. It
// allocates memory for that, in a function that must not throw, so that running
// out of memory in the first call would end the process without a word.
[[maybe_unused]] const bool kIsPrepared = simdjson::validate_utf8("", 0);

std::string MessageFor(error_code error, size_t depth_max) {
  switch (error) {
    case simdjson::INCORRECT_TYPE:
      return "the text does not start with an object; write one, as in {}";
    case simdjson::DEPTH_ERROR:
      return absl::StrCat("arrays and objects nest deeper than ", depth_max);
    case simdjson::TRAILING_CONTENT:
      return "text follows the object; remove it";
    case simdjson::UTF8_ERROR:
      return "the text is not well-formed UTF-8; write this character in UTF-8";
    case simdjson::NUMBER_ERROR:
      return "a number is malformed; write it like -12, 0.5 or 1e6";
    case simdjson::STRING_ERROR:
      return "a string has a malformed escape; write \\\\ for a backslash, \\u "
             "with four hexadecimal digits";
    case simdjson::UNCLOSED_STRING:
      return "a string is not closed; end it with a double quote";
    case simdjson::UNESCAPED_CHARS:
      return "a string has a control character that is not escaped; write it "
             "as "
             "in \\n or \\u0001";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
      return "a literal must be true, false or null, in lower case";
    case simdjson::EMPTY:
      return "the text is empty; write an object, as in {}";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return "an array or object is not closed; end it with ] or }";
    default:
      return "the text is not JSON; write a value, a comma, a colon or a "
             "bracket "
             "here, strings and keys in double quotes";
  }
}

// Returns the size of the longest prefix of `text` that is valid UTF-8.
size_t WellFormedPrefix(absl::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<uint8_t>(text[at]);
    const size_t length = lead < 0x80   ? 1
                          : lead < 0xE0 ? 2
                          : lead < 0xF0 ? 3
                                        : 4;
    if (text.size() - at < length ||
        !simdjson::validate_utf8(text.data() + at, length)) {
      break;
    }
    at += length;
  }
  return at;
}

// Returns the offset of the control character in a string (UNESCAPED_CHARS), or
// of the quote of the string that does not end (UNCLOSED_STRING).
size_t LocateInString(absl::string_view text, error_code error) {
  bool inside = false;
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      inside = !inside;
      start = i;
    } else if (inside && text[i] == '\\') {
      ++i;
    } else if (inside && error == simdjson::UNESCAPED_CHARS &&
               static_cast<uint8_t>(text[i]) < 0x20) {
      return i;
    }
  }
  return start;
}

// Returns the offset of `error`. `at` is the position of the walk, or nullptr
// when it has not started.
size_t Locate(error_code error, absl::string_view text, const char* begin,
              const char* at) {
  switch (error) {
    case simdjson::UTF8_ERROR:
      return WellFormedPrefix(text);
    case simdjson::UNCLOSED_STRING:
    case simdjson::UNESCAPED_CHARS:
      return LocateInString(text, error);
    default:
      break;
  }
  if (at == nullptr || at < begin) return 0;
  return std::min(static_cast<size_t>(at - begin), text.size());
}

}  // namespace

size_t EndOfObject(absl::string_view text) {
  size_t depth = 0;
  bool inside = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inside) {
      if (c == '\\') ++i;
      inside = c != '"';
    } else if (c == '"') {
      inside = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && depth > 0 && --depth == 0) {
      ++i;
      while (i < text.size() && IsJsonBlank(text[i])) ++i;
      return i;
    }
  }
  return text.size();
}

JsonError MakeError(error_code error, absl::string_view text, const char* begin,
                    const char* at, size_t depth_max) {
  return {MessageFor(error, depth_max), Locate(error, text, begin, at)};
}

}  // namespace json_internal
}  // namespace glue_security
