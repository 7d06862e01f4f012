#include "glue_security/policy/policy_document.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "glue_security/policy/json_dom.h"
#include "glue_security/policy/json_number.h"
#include "glue_security/policy/json_scratch.h"
#include "simdjson.h"

namespace glue_security {

namespace ondemand = simdjson::ondemand;
using simdjson::error_code;

namespace {

constexpr size_t kDepthLimit = 1024;
constexpr size_t kCapacityMin = 1024;

absl::string_view ToAbsl(std::string_view text) {
  return {text.data(), text.size()};
}

bool IsJsonBlank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// A scalar's token comes with the blanks that follow it.
absl::string_view WithoutBlanks(std::string_view raw) {
  absl::string_view token = ToAbsl(raw);
  while (!token.empty() && IsJsonBlank(token.back())) token.remove_suffix(1);
  return token;
}

// Takes note of nothing: for a text that is only checked.
struct Discard {
  void String(const char*, absl::string_view) {}
  void Scalar(PolicyDocument::Type, absl::string_view) {}
  size_t Open(PolicyDocument::Type, const char*) { return 0; }
  void Close(size_t, size_t) {}
};

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
    const size_t opened = sink_.Open(PolicyDocument::Type::kObject, begin);
    size_t size = 0;
    for (auto field : object) {
      ondemand::field member;
      if (auto error = std::move(field).get(member)) return error;
      const char* const key_begin = member.key().raw() - 1;
      std::string_view key;
      if (auto error = member.unescaped_key().get(key)) {
        return FailAt(key_begin, error);
      }
      sink_.String(key_begin, ToAbsl(key));
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
    const size_t opened = sink_.Open(PolicyDocument::Type::kArray, begin);
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
        sink_.Scalar(PolicyDocument::Type::kBoolean, token);
        bool unused;
        return value.get_bool().get(unused);
      }
      case 'n': {
        const absl::string_view token = WithoutBlanks(raw);
        if (token != "null") return FailAt(begin, simdjson::N_ATOM_ERROR);
        sink_.Scalar(PolicyDocument::Type::kNull, token);
        return simdjson::SUCCESS;
      }
      default: {
        const absl::string_view token = WithoutBlanks(raw);
        if (!IsJsonNumber(token)) {
          const bool is_number = absl::ascii_isdigit(*begin) || *begin == '-';
          return FailAt(
              begin, is_number ? simdjson::NUMBER_ERROR : simdjson::TAPE_ERROR);
        }
        sink_.Scalar(PolicyDocument::Type::kNumber, token);
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

std::string MessageFor(error_code error, size_t depth_max) {
  switch (error) {
    case simdjson::INCORRECT_TYPE:
      return "the text does not start with an object";
    case simdjson::DEPTH_ERROR:
      return absl::StrCat("arrays and objects nest deeper than ", depth_max);
    case simdjson::TRAILING_CONTENT:
      return "text follows the object";
    case simdjson::UTF8_ERROR:
      return "the text is not well-formed UTF-8";
    case simdjson::NUMBER_ERROR:
      return "a number is malformed";
    case simdjson::STRING_ERROR:
      return "a string has a malformed escape";
    case simdjson::UNCLOSED_STRING:
      return "a string is not closed";
    case simdjson::UNESCAPED_CHARS:
      return "a string has a control character that is not escaped";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
      return "a literal is none of true, false and null";
    case simdjson::EMPTY:
      return "the text is empty";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT:
      return "an array or object is not closed";
    default:
      return "the text is not JSON";
  }
}

// How many bytes of `text` are well-formed UTF-8.
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

// Where, as `error` says, a string of `text` has a control character or does
// not end.
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

// Where, behind the object that `text` starts with, something follows; its size
// when nothing does, or the object does not end.
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

// `at`: where simdjson stood; nullptr: before the walk.
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

// Parses `text`, telling `sink` of what it finds. nullopt when all is well.
template <typename Sink>
std::optional<JsonError> ParseObject(absl::string_view text, size_t depth_max,
                                     JsonScratch* scratch, Sink* sink) {
  depth_max = std::clamp<size_t>(depth_max, 1, kDepthLimit);
  scratch->SetText(text);
  std::string& padded = scratch->padded;
  ondemand::parser& parser = scratch->parser;
  const auto fail = [&](error_code error, const char* at) {
    return JsonError{MessageFor(error, depth_max),
                     Locate(error, text, padded.data(), at)};
  };
  // Its own bound counts the document and a scalar as levels, too.
  if (parser.capacity() < text.size() ||
      parser.max_depth() != kDepthLimit + 8) {
    const auto error = parser.allocate(
        std::max<size_t>(text.size(), kCapacityMin), kDepthLimit + 8);
    if (error) return fail(error, nullptr);
  }
  ondemand::document document;
  if (auto error = parser.iterate(padded.data(), text.size(), padded.capacity())
                       .get(document)) {
    return fail(error, nullptr);
  }
  const auto fail_here = [&](error_code error) {
    const char* at = nullptr;
    if (document.current_location().get(at)) at = nullptr;
    return fail(error, at);
  };
  const char* const begin = document.current_location().value_unsafe();
  ondemand::object object;
  if (auto error = document.get_object().get(object)) {
    // It looks at the end of the text first.
    const size_t end = EndOfObject(text);
    return end < text.size()
               ? fail(simdjson::TRAILING_CONTENT, padded.data() + end)
               : fail_here(error);
  }
  Walk<Sink> walk(sink);
  if (auto error = walk.Object(begin, object, depth_max)) {
    if (walk.failed_at() != nullptr) return fail(error, walk.failed_at());
    return fail_here(error);
  }
  const char* at;
  if (document.current_location().get(at) == simdjson::OUT_OF_BOUNDS) {
    return std::nullopt;
  }
  return fail(simdjson::TRAILING_CONTENT, at);
}

}  // namespace

// Makes the nodes of a document while its text is parsed.
class DocumentBuilder {
 public:
  // `source` is what is parsed, a copy of the document's text.
  DocumentBuilder(PolicyDocument* document, const std::string* source)
      : document_(*document), source_(*source) {}

  void String(const char* begin, absl::string_view text) {
    // Without an escape the unescaped text is the source itself. Where there is
    // one, it stands within the first bytes, as many as the result has.
    const char* const raw = begin + 1;
    Add(PolicyDocument::Type::kString, begin, raw, text.size());
    if (text.empty() || std::memchr(raw, '\\', text.size()) == nullptr) return;
    PolicyDocument::Node& node = document_.nodes_.back();
    node.is_unescaped = true;
    node.begin = static_cast<uint32_t>(document_.unescaped_.size());
    document_.unescaped_.append(text.data(), text.size());
  }

  void Scalar(PolicyDocument::Type type, absl::string_view token) {
    Add(type, token.data(), token.data(), token.size());
  }

  size_t Open(PolicyDocument::Type type, const char* begin) {
    Add(type, begin, begin, 0);
    return document_.nodes_.size() - 1;
  }

  void Close(size_t opened, size_t size) {
    PolicyDocument::Node& node = document_.nodes_[opened];
    node.size = static_cast<uint32_t>(size);
    node.next = static_cast<uint32_t>(document_.nodes_.size());
  }

 private:
  void Add(PolicyDocument::Type type, const char* begin, const char* text,
           size_t size) {
    const char* const source = source_.data();
    document_.nodes_.push_back(
        {type, false, static_cast<uint32_t>(begin - source),
         static_cast<uint32_t>(text - source), static_cast<uint32_t>(size),
         static_cast<uint32_t>(document_.nodes_.size() + 1)});
  }

  PolicyDocument& document_;
  const std::string& source_;
};

std::optional<JsonError> FindJsonObjectError(absl::string_view text,
                                             size_t depth_max) {
  if (JsonDom(text, depth_max).ok()) return std::nullopt;
  const BorrowedJsonScratch scratch;
  Discard sink;
  return ParseObject(text, depth_max, scratch.get(), &sink);
}

std::variant<PolicyDocument, JsonError> PolicyDocument::Parse(
    absl::string_view text, size_t depth_max) {
  PolicyDocument document;
  document.text_.assign(text.data(), text.size());
  // A guess that holds for most policies.
  document.nodes_.reserve(text.size() / 16 + 8);
  const BorrowedJsonScratch scratch;
  DocumentBuilder builder(&document, &scratch->padded);
  auto error = ParseObject(text, depth_max, scratch.get(), &builder);
  if (error.has_value()) return *std::move(error);
  return document;
}

PolicyDocument::Value PolicyDocument::root() const { return {this, 0}; }

PolicyDocument::Elements PolicyDocument::Value::elements() const {
  return Elements(*this);
}

PolicyDocument::Members PolicyDocument::Value::members() const {
  return Members(*this);
}

std::optional<PolicyDocument::Value> PolicyDocument::Value::Find(
    absl::string_view key) const {
  if (!is_object()) return std::nullopt;
  for (const auto [name, value] : members()) {
    if (name.text() == key) return value;
  }
  return std::nullopt;
}

}  // namespace glue_security
