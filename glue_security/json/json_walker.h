// The inside of json_walk.h: how simdjson is made to look at every value.

#ifndef GLUE_SECURITY_JSON_JSON_WALKER_H_
#define GLUE_SECURITY_JSON_JSON_WALKER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/string_view.h"
#include "glue_security/json/json_number.h"
#include "simdjson.h"

namespace glue_security {

enum class JsonType : uint8_t {
  kNull,
  kBoolean,
  kNumber,
  kString,
  kArray,
  kObject,
};

// Why a text is not a JSON object, and where.
struct JsonError {
  // For a message; it quotes nothing of the text.
  std::string message;
  // In bytes from the start of the text; at most its size.
  size_t offset = 0;
};

namespace json_internal {

using simdjson::error_code;
namespace ondemand = simdjson::ondemand;

inline constexpr size_t kDepthLimit = 1024;
inline constexpr size_t kCapacityMin = 1024;

inline absl::string_view ToAbsl(std::string_view text) {
  return {text.data(), text.size()};
}

inline bool IsJsonBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// A scalar's token comes with the blanks that follow it.
inline absl::string_view WithoutBlanks(std::string_view raw) {
  absl::string_view token = ToAbsl(raw);
  while (!token.empty() && IsJsonBlank(token.back())) token.remove_suffix(1);
  return token;
}

// `at` is where simdjson stood, nullptr before the walk; `begin` where its copy
// of `text` starts. Throws std::bad_alloc for MEMALLOC.
JsonError MakeError(error_code error, absl::string_view text, const char* begin,
                    const char* at, size_t depth_max);

// Where, behind the object that `text` starts with, something follows; its size
// when nothing does, or the object does not end.
size_t EndOfObject(absl::string_view text);

// Looks at every value, since simdjson validates only what is looked at, and
// tells `sink` of it.
template <typename Sink>
class Walk {
 public:
  explicit Walk(Sink* sink) : sink_(*sink) {}

  // `begin` is where the object starts.
  error_code Object(const char* begin, ondemand::object object,
                    size_t depth_left) {
    if (depth_left == 0) return FailAt(begin, simdjson::DEPTH_ERROR);
    const size_t opened = sink_.Open(JsonType::kObject, begin);
    size_t size = 0;
    for (auto field : object) {
      ondemand::field member;
      if (auto error = std::move(field).get(member)) return error;
      const char* const key_begin = member.key().raw() - 1;
      std::string_view key;
      if (auto error = member.unescaped_key().get(key)) {
        return FailAt(key_begin, error);
      }
      sink_.Key(key_begin, ToAbsl(key));
      if (auto error = Value(member.value(), depth_left - 1)) return error;
      ++size;
    }
    sink_.Close(opened, size);
    return simdjson::SUCCESS;
  }

  // The value that is at fault, where it is a value; else nullptr.
  const char* failed_at() const { return failed_at_; }

 private:
  error_code Array(const char* begin, ondemand::array array,
                   size_t depth_left) {
    if (depth_left == 0) return FailAt(begin, simdjson::DEPTH_ERROR);
    const size_t opened = sink_.Open(JsonType::kArray, begin);
    size_t size = 0;
    for (auto element : array) {
      ondemand::value value;
      if (auto error = element.get(value)) return error;
      if (auto error = Value(value, depth_left - 1)) return error;
      ++size;
    }
    sink_.Close(opened, size);
    return simdjson::SUCCESS;
  }

  error_code Value(ondemand::value value, size_t depth_left) {
    const std::string_view raw = value.raw_json_token();
    const char* const begin = raw.data();
    switch (*begin) {
      case '{': {
        ondemand::object object;
        if (auto error = value.get_object().get(object)) return error;
        return Object(begin, object, depth_left);
      }
      case '[': {
        ondemand::array array;
        if (auto error = value.get_array().get(array)) return error;
        return Array(begin, array, depth_left);
      }
      case '"': {
        std::string_view text;
        if (auto error = value.get_string().get(text)) {
          return FailAt(begin, error);
        }
        sink_.String(begin, ToAbsl(text));
        return simdjson::SUCCESS;
      }
      case 't':
      case 'f': {
        const absl::string_view token = WithoutBlanks(raw);
        if (token != "true" && token != "false") {
          return FailAt(begin, simdjson::T_ATOM_ERROR);
        }
        sink_.Scalar(JsonType::kBoolean, token);
        bool unused;
        return value.get_bool().get(unused);
      }
      case 'n': {
        const absl::string_view token = WithoutBlanks(raw);
        if (token != "null") return FailAt(begin, simdjson::N_ATOM_ERROR);
        sink_.Scalar(JsonType::kNull, token);
        return simdjson::SUCCESS;
      }
      default: {
        const absl::string_view token = WithoutBlanks(raw);
        if (!IsJsonNumber(token)) {
          const bool is_number = absl::ascii_isdigit(*begin) || *begin == '-';
          return FailAt(
              begin, is_number ? simdjson::NUMBER_ERROR : simdjson::TAPE_ERROR);
        }
        sink_.Scalar(JsonType::kNumber, token);
        return simdjson::SUCCESS;
      }
    }
  }

  error_code FailAt(const char* begin, error_code error) {
    failed_at_ = begin;
    return error;
  }

  Sink& sink_;
  const char* failed_at_ = nullptr;
};

}  // namespace json_internal

}  // namespace glue_security

#endif  // GLUE_SECURITY_JSON_JSON_WALKER_H_
