// The implementation of json_walk.h: the walk over the tokens that simdjson
// finds.

#ifndef GLUE_SECURITY_JSON_JSON_WALKER_H_
#define GLUE_SECURITY_JSON_JSON_WALKER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "glue_security/json/json_number.h"
#include "glue_security/json/json_scratch.h"
#include "glue_security/json/json_type.h"
#include "simdjson.h"

namespace glue_security {

namespace json_internal {

using simdjson::error_code;

inline constexpr size_t kDepthLimit = 1024;
inline constexpr size_t kLevelsMin = 16;

inline bool IsJsonBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// Removes the blanks that follow a scalar in its token.
inline absl::string_view WithoutBlanks(absl::string_view token) {
  while (!token.empty() && IsJsonBlank(token.back())) token.remove_suffix(1);
  return token;
}

// Makes the error for `text`. `begin` is the start of the scratch's copy of
// `text`; `at` is the position of the walk, or nullptr when it has not started.
JsonError MakeError(error_code error, absl::string_view text, const char* begin,
                    const char* at, size_t depth_max);

// Returns the offset of the first text after the object at the start of `text`;
// the size of `text` when nothing follows or the object is not closed.
size_t EndOfObject(absl::string_view text);

// One pass over the tokens that simdjson's first stage has found in the text of
// `scratch`: brackets, commas, colons, and the starts of strings and other
// scalars. Reports every value to `sink`. Open arrays and objects are kept in
// `scratch`, so the stack does not grow with the text.
template <typename Sink>
class Walk {
 public:
  Walk(size_t depth_max, JsonScratch* scratch, Sink* sink)
      : sink_(*sink),
        depth_max_(depth_max),
        levels_(scratch->levels),
        parser_(*scratch->dom_parser.implementation),
        text_(scratch->padded.data()),
        next_(parser_.structural_indexes.get()),
        strings_end_(scratch->strings.get()) {}

  // Walks through the object that the first token opens. Afterwards `next()` is
  // the first token after the object, or the end of the text; after an error,
  // it is the token or value at fault.
  error_code Run() {
    error_code error = Open(next());
    while (!error && depth_ > 0) {
      error = level_->is_object ? GoOn</*kIsObject=*/true>()
                                : GoOn</*kIsObject=*/false>();
    }
    return error;
  }

  const char* next() const { return text_ + *next_; }

 private:
  // Continues in the innermost array or object, after its start or a comma,
  // until another one starts or this one has ended.
  template <bool kIsObject>
  error_code GoOn() {
    size_t size = level_->size;
    while (true) {
      if constexpr (kIsObject) {
        if (const error_code error = ReadKey()) return error;
      }
      ++size;
      const char* const begin = next();
      if (*begin == '"') {
        absl::string_view text;
        if (!Unescape(begin, &text)) return simdjson::STRING_ERROR;
        sink_.String(begin, text);
      } else if (*begin == '{' || *begin == '[') {
        level_->size = size;
        return Open(begin);
      } else if (const error_code error = ReadScalar(*begin)) {
        return error;
      }
      ++next_;
      if (*next() != ',') break;
      ++next_;
    }
    level_->size = size;
    return ReadEnds();
  }

  // Reads the key of a member and the colon.
  error_code ReadKey() {
    const char* const begin = next();
    if (*begin != '"') return simdjson::TAPE_ERROR;
    ++next_;
    if (*next() != ':') return simdjson::TAPE_ERROR;
    absl::string_view text;
    if (!Unescape(begin, &text)) {
      --next_;
      return simdjson::STRING_ERROR;
    }
    ++next_;
    sink_.Key(begin, text);
    return simdjson::SUCCESS;
  }

  // Reads a number, true, false or null, which starts with `first`.
  error_code ReadScalar(char first) {
    const absl::string_view token = Token();
    switch (first) {
      case 't':
      case 'f':
        if (token != "true" && token != "false") return simdjson::T_ATOM_ERROR;
        sink_.Scalar(JsonType::kBoolean, token);
        break;
      case 'n':
        if (token != "null") return simdjson::N_ATOM_ERROR;
        sink_.Scalar(JsonType::kNull, token);
        break;
      default:
        if (!IsJsonNumber(token)) {
          return absl::ascii_isdigit(first) || first == '-'
                     ? simdjson::NUMBER_ERROR
                     : simdjson::TAPE_ERROR;
        }
        sink_.Scalar(JsonType::kNumber, token);
        break;
    }
    return simdjson::SUCCESS;
  }

  // Reads the start of an array or object, and also its end when it is empty.
  error_code Open(const char* begin) {
    if (depth_ == depth_max_) return simdjson::DEPTH_ERROR;
    if (depth_ == levels_.size()) levels_.resize(2 * depth_ + kLevelsMin);
    level_ = &levels_[depth_++];
    const bool is_object = *begin == '{';
    level_->is_object = is_object;
    level_->opened =
        sink_.Open(is_object ? JsonType::kObject : JsonType::kArray, begin);
    level_->size = 0;
    ++next_;
    return *next() == (is_object ? '}' : ']') ? ReadEnds() : simdjson::SUCCESS;
  }

  // Reads the ends of arrays and objects after a value, then a comma, unless
  // the walk has ended.
  error_code ReadEnds() {
    while (true) {
      if (*next() != (level_->is_object ? '}' : ']')) {
        return simdjson::TAPE_ERROR;
      }
      ++next_;
      sink_.Close(level_->opened, level_->size);
      if (--depth_ == 0) return simdjson::SUCCESS;
      --level_;
      if (*next() == ',') break;
    }
    ++next_;
    return simdjson::SUCCESS;
  }

  // Returns the text of the next token, a scalar other than a string. The index
  // after the last token is the end of the text.
  absl::string_view Token() const {
    return WithoutBlanks({text_ + next_[0], next_[1] - next_[0]});
  }

  // Unescapes the string whose opening quote is at `begin`. Returns false when
  // an escape is malformed.
  bool Unescape(const char* begin, absl::string_view* text) {
    uint8_t* const start = strings_end_;
    uint8_t* const end = parser_.parse_string(
        reinterpret_cast<const uint8_t*>(begin + 1), start);
    if (end == nullptr) return false;
    strings_end_ = end;
    *text = {reinterpret_cast<const char*>(start),
             static_cast<size_t>(end - start)};
    return true;
  }

  Sink& sink_;
  const size_t depth_max_;
  // The first `depth_` levels are the open arrays and objects; `level_` is the
  // innermost of them.
  std::vector<JsonLevel>& levels_;
  JsonLevel* level_ = nullptr;
  size_t depth_ = 0;
  const simdjson::internal::dom_parser_implementation& parser_;
  const char* const text_;
  // The entry for the next token: its offset in the text.
  const uint32_t* next_;
  // The end of the unescaped strings so far; the next one is written here.
  uint8_t* strings_end_;
};

}  // namespace json_internal

}  // namespace glue_security

#endif  // GLUE_SECURITY_JSON_JSON_WALKER_H_
