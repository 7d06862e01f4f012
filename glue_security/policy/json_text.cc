#include "glue_security/policy/json_text.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "simdjson.h"

namespace glue_security {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

constexpr size_t kDepthLimit = 1024;

size_t CountDigits(absl::string_view* token) {
  size_t count = 0;
  while (count < token->size() && absl::ascii_isdigit((*token)[count])) ++count;
  token->remove_prefix(count);
  return count;
}

// RFC 8259, section 6. simdjson would also hold a number to a range.
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

error_code WalkValue(ondemand::value value, size_t depth_left);

// simdjson validates only what is looked at, so everything is.
error_code WalkObject(ondemand::object object, size_t depth_left) {
  if (depth_left == 0) return simdjson::DEPTH_ERROR;
  for (auto field : object) {
    ondemand::field member;
    if (auto error = std::move(field).get(member)) return error;
    std::string_view key;
    if (auto error = member.unescaped_key().get(key)) return error;
    if (auto error = WalkValue(member.value(), depth_left - 1)) return error;
  }
  return simdjson::SUCCESS;
}

error_code WalkArray(ondemand::array array, size_t depth_left) {
  if (depth_left == 0) return simdjson::DEPTH_ERROR;
  for (auto element : array) {
    ondemand::value value;
    if (auto error = element.get(value)) return error;
    if (auto error = WalkValue(value, depth_left - 1)) return error;
  }
  return simdjson::SUCCESS;
}

// What a scalar's token is, without the blanks that follow it.
absl::string_view Token(ondemand::value value) {
  const std::string_view token = value.raw_json_token();
  return absl::StripTrailingAsciiWhitespace(
      absl::string_view(token.data(), token.size()));
}

error_code WalkValue(ondemand::value value, size_t depth_left) {
  ondemand::json_type type;
  if (auto error = value.type().get(type)) return error;
  switch (type) {
    case ondemand::json_type::object: {
      ondemand::object object;
      if (auto error = value.get_object().get(object)) return error;
      return WalkObject(object, depth_left);
    }
    case ondemand::json_type::array: {
      ondemand::array array;
      if (auto error = value.get_array().get(array)) return error;
      return WalkArray(array, depth_left);
    }
    case ondemand::json_type::string: {
      std::string_view text;
      return value.get_string().get(text);
    }
    case ondemand::json_type::number:
      return IsJsonNumber(Token(value)) ? simdjson::SUCCESS
                                        : simdjson::NUMBER_ERROR;
    case ondemand::json_type::boolean: {
      bool unused;
      return value.get_bool().get(unused);
    }
    case ondemand::json_type::null:
      return Token(value) == "null" ? simdjson::SUCCESS
                                    : simdjson::N_ATOM_ERROR;
  }
  return simdjson::TAPE_ERROR;
}

// Whether simdjson's DOM, the fastest strict parser there is, takes the text
// for an object. False says nothing: the DOM also refuses numbers out of its
// range.
bool IsCertainlyObject(absl::string_view text, size_t depth_max) {
  // Only memory: nothing of a text outlives the call that parses it.
  thread_local simdjson::dom::parser parser;
  if (parser.capacity() < text.size() || parser.max_depth() != depth_max) {
    if (parser.allocate(text.size(), depth_max) != simdjson::SUCCESS) {
      return false;
    }
  }
  simdjson::dom::element root;
  return parser.parse(text.data(), text.size()).get(root) ==
             simdjson::SUCCESS &&
         root.is_object();
}

error_code WalkDocument(absl::string_view text, size_t depth_max) {
  const simdjson::padded_string padded(text.data(), text.size());
  ondemand::parser parser;
  // Its own bound counts the document and a scalar as levels, too.
  if (auto error = parser.allocate(padded.size(), kDepthLimit + 8)) {
    return error;
  }
  ondemand::document document;
  if (auto error = parser.iterate(padded).get(document)) return error;
  ondemand::object object;
  if (auto error = document.get_object().get(object)) return error;
  if (auto error = WalkObject(object, depth_max)) return error;
  const char* location;
  return document.current_location().get(location) == simdjson::OUT_OF_BOUNDS
             ? simdjson::SUCCESS
             : simdjson::TRAILING_CONTENT;
}

}  // namespace

std::optional<std::string> FindJsonObjectError(absl::string_view text,
                                               size_t depth_max) {
  depth_max = std::clamp<size_t>(depth_max, 1, kDepthLimit);
  if (IsCertainlyObject(text, depth_max)) return std::nullopt;
  const error_code error = WalkDocument(text, depth_max);
  switch (error) {
    case simdjson::SUCCESS:
      return std::nullopt;
    case simdjson::INCORRECT_TYPE:
      return "the text is JSON but not an object";
    case simdjson::DEPTH_ERROR:
      return absl::StrCat("arrays and objects nest deeper than ", depth_max);
    case simdjson::TRAILING_CONTENT:
      return "text follows the object";
    case simdjson::UTF8_ERROR:
      return "the text is not well-formed UTF-8";
    case simdjson::NUMBER_ERROR:
      return "a number is malformed";
    case simdjson::STRING_ERROR:
    case simdjson::UNCLOSED_STRING:
    case simdjson::UNESCAPED_CHARS:
      return "a string is malformed";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
      return "a literal is none of true, false and null";
    case simdjson::EMPTY:
      return "the text is empty";
    default:
      return "the text is not JSON";
  }
}

}  // namespace glue_security
