#include "glue_security/testing/oracle/naive_json.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_format.h"

namespace glue_security {
namespace {

// Reads well-formed UTF-8, with one method for each rule of the RFC that does
// not contain itself. It reads bytes: all tokens of the grammar are ASCII, and
// a byte of 0x80 or more can only be in a string. A method that returns false
// has found an error; the position is then meaningless.
class Reader {
 public:
  Reader(absl::string_view text, size_t depth_max)
      : text_(text), depth_max_(depth_max) {}

  bool ReadWholeObject() {
    SkipSpace();
    if (Peek() != U'{') return false;
    do {
      if (!StartValue()) return false;
    } while (!open_.empty());
    SkipSpace();
    return position_ == text_.size();
  }

 private:
  static constexpr char32_t kEnd = 0xFFFFFFFF;

  char32_t Peek() const {
    return position_ < text_.size() ? static_cast<uint8_t>(text_[position_])
                                    : kEnd;
  }

  char32_t Next() {
    const char32_t c = Peek();
    if (c != kEnd) ++position_;
    return c;
  }

  bool Accept(char32_t c) {
    if (Peek() != c) return false;
    ++position_;
    return true;
  }

  void SkipSpace() {
    while (Accept(U' ') || Accept(U'\t') || Accept(U'\n') || Accept(U'\r')) {
    }
  }

  bool ReadWord(const char* word) {
    for (; *word != '\0'; ++word) {
      if (!Accept(static_cast<char32_t>(*word))) return false;
    }
    return true;
  }

  // Reads a value, or the start of an array or object that is not empty; then
  // everything up to the next value or the end of the text.
  bool StartValue() {
    if (Peek() == U'{' || Peek() == U'[') {
      if (open_.size() >= depth_max_) return false;
      open_ += static_cast<char>(Next());
      SkipSpace();
      if (!AcceptEnd()) return open_.back() == '[' || ReadKey();
    } else if (!ReadScalar()) {
      return false;
    }
    while (!open_.empty()) {
      SkipSpace();
      if (Accept(U',')) {
        SkipSpace();
        return open_.back() == '[' || ReadKey();
      }
      if (!AcceptEnd()) return false;
    }
    return true;
  }

  // Reads the end of the innermost array or object.
  bool AcceptEnd() {
    if (!Accept(open_.back() == '{' ? U'}' : U']')) return false;
    open_.pop_back();
    return true;
  }

  // Reads a member's name, and everything up to its value.
  bool ReadKey() {
    if (!ReadString()) return false;
    SkipSpace();
    if (!Accept(U':')) return false;
    SkipSpace();
    return true;
  }

  bool ReadScalar() {
    switch (Peek()) {
      case U'"':
        return ReadString();
      case U't':
        return ReadWord("true");
      case U'f':
        return ReadWord("false");
      case U'n':
        return ReadWord("null");
      default:
        return ReadNumber();
    }
  }

  bool ReadString() {
    if (!Accept(U'"')) return false;
    while (true) {
      const char32_t c = Next();
      if (c == U'"') return true;
      if (c == kEnd || c < 0x20) return false;
      if (c == U'\\' && !ReadEscape()) return false;
    }
  }

  bool ReadEscape() {
    switch (Next()) {
      case U'"':
      case U'\\':
      case U'/':
      case U'b':
      case U'f':
      case U'n':
      case U'r':
      case U't':
        return true;
      case U'u':
        break;
      default:
        return false;
    }
    const std::optional<uint32_t> first = ReadFourDigits();
    if (!first.has_value()) return false;
    if (*first < 0xD800 || *first > 0xDFFF) return true;
    if (*first > 0xDBFF) return false;  // A low surrogate comes second.
    if (!Accept(U'\\') || !Accept(U'u')) return false;
    const std::optional<uint32_t> second = ReadFourDigits();
    return second.has_value() && *second >= 0xDC00 && *second <= 0xDFFF;
  }

  std::optional<uint32_t> ReadFourDigits() {
    uint32_t value = 0;
    for (int i = 0; i < 4; ++i) {
      const char32_t c = Next();
      value *= 16;
      if (c >= U'0' && c <= U'9') {
        value += c - U'0';
      } else if (c >= U'a' && c <= U'f') {
        value += c - U'a' + 10;
      } else if (c >= U'A' && c <= U'F') {
        value += c - U'A' + 10;
      } else {
        return std::nullopt;
      }
    }
    return value;
  }

  bool ReadNumber() {
    Accept(U'-');
    if (!Accept(U'0') && !ReadDigits()) return false;
    if (Accept(U'.') && !ReadDigits()) return false;
    if (Accept(U'e') || Accept(U'E')) {
      if (!Accept(U'+')) Accept(U'-');
      return ReadDigits();
    }
    return true;
  }

  // Reads one digit or more.
  bool ReadDigits() {
    const size_t start = position_;
    while (Peek() >= U'0' && Peek() <= U'9') ++position_;
    return position_ > start;
  }

  const absl::string_view text_;
  const size_t depth_max_;
  size_t position_ = 0;
  // The open brackets around the current position.
  std::string open_;
};

std::string ToUtf8(uint32_t c) {
  const auto byte = [](uint32_t value) { return static_cast<char>(value); };
  if (c < 0x80) return {byte(c)};
  if (c < 0x800) return {byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F))};
  if (c < 0x10000) {
    return {byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)),
            byte(0x80 | (c & 0x3F))};
  }
  return {byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)),
          byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F))};
}

uint32_t Hex(absl::string_view text) {
  return static_cast<uint32_t>(
      std::stoul(std::string(text.substr(0, 4)), nullptr, 16));
}

// Returns the contents of a legal string in quotes, with the fewest escapes.
std::string Requote(absl::string_view text) {
  static const std::map<char, char> kShort = {
      {'b', '\b'}, {'f', '\f'}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'}};
  std::string out = "\"";
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    if (c != 'u') {
      const auto found = kShort.find(c);
      out += NaiveEscaped({found == kShort.end() ? c : found->second});
      continue;
    }
    uint32_t point = Hex(text.substr(i + 1));
    i += 4;
    if (point >= 0xD800 && point <= 0xDBFF) {
      point = 0x10000 + (point - 0xD800) * 0x400 +
              (Hex(text.substr(i + 3)) - 0xDC00);
      i += 6;
    }
    out += NaiveEscaped(ToUtf8(point));
  }
  return out + '"';
}

}  // namespace

std::string NaiveEscaped(const std::string& character) {
  static const std::map<std::string, std::string> kShort = {
      {"\"", "\\\""}, {"\\", "\\\\"}, {"\b", "\\b"}, {"\f", "\\f"},
      {"\n", "\\n"},  {"\r", "\\r"},  {"\t", "\\t"}};
  const auto found = kShort.find(character);
  if (found != kShort.end()) return found->second;
  const auto first = static_cast<uint8_t>(character[0]);
  if (first >= 0x20) return character;
  return absl::StrFormat("\\u%04X", first);
}

bool NaiveForEachCodePoint(absl::string_view text,
                           absl::FunctionRef<void(char32_t)> visit) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    size_t length;
    uint32_t point;
    uint32_t smallest;  // The least code point that needs this many bytes.
    if (lead < 0x80) {
      length = 1, point = lead, smallest = 0;
    } else if (lead >= 0xC0 && lead < 0xE0) {
      length = 2, point = lead & 0x1Fu, smallest = 0x80;
    } else if (lead >= 0xE0 && lead < 0xF0) {
      length = 3, point = lead & 0x0Fu, smallest = 0x800;
    } else if (lead >= 0xF0 && lead < 0xF8) {
      length = 4, point = lead & 0x07u, smallest = 0x10000;
    } else {
      return false;
    }
    if (text.size() - i < length) return false;
    for (size_t j = 1; j < length; ++j) {
      const auto next = static_cast<uint8_t>(text[i + j]);
      if (next < 0x80 || next > 0xBF) return false;
      point = point * 64 + (next & 0x3Fu);
    }
    if (point < smallest || point > 0x10FFFF) return false;
    if (point >= 0xD800 && point <= 0xDFFF) return false;
    visit(point);
    i += length;
  }
  return true;
}

std::optional<std::u32string> NaiveCodePoints(absl::string_view text) {
  std::u32string points;
  const bool well_formed = NaiveForEachCodePoint(
      text, [&](char32_t point) { points.push_back(point); });
  if (!well_formed) return std::nullopt;
  return points;
}

size_t NaiveBytesWithoutBlanks(absl::string_view text) {
  size_t bytes = 0;
  size_t i = 0;
  while (i < text.size()) {
    if (text[i] != '"') {
      if (absl::string_view(" \t\r\n").find(text[i]) ==
          absl::string_view::npos) {
        ++bytes;
      }
      ++i;
      continue;
    }
    const size_t start = i++;
    while (i < text.size() && text[i] != '"') i += text[i] == '\\' ? 2 : 1;
    i = std::min(i + 1, text.size());  // After the quotation mark.
    bytes += i - start;
  }
  return bytes;
}

std::string NaiveReprint(absl::string_view text) {
  std::string out;
  size_t objects = 0;
  size_t i = 0;
  const auto skip_space = [&] {
    while (i < text.size() && absl::StrContains(" \t\r\n", text[i])) ++i;
  };
  const auto new_line = [&] {
    out += '\n';
    out += std::string(2 * objects, ' ');
  };
  // The open brackets: '{' or '['.
  std::string open;
  for (skip_space(); i < text.size(); skip_space()) {
    const char c = text[i++];
    switch (c) {
      case '{':
      case '[':
        skip_space();
        out += c;
        if (text[i] == '}' || text[i] == ']') {
          out += ' ';
          out += text[i++];
          break;
        }
        open += c;
        objects += c == '{' ? 1 : 0;
        if (c == '{') {
          new_line();
        } else {
          out += ' ';
        }
        break;
      case '}':
        --objects;
        open.pop_back();
        new_line();
        out += c;
        break;
      case ']':
        open.pop_back();
        out += " ]";
        break;
      case ',':
        out += c;
        if (open.back() == '{') {
          new_line();
        } else {
          out += ' ';
        }
        break;
      case ':':
        out += " : ";
        break;
      case '"': {
        const size_t start = i;
        for (; text[i] != '"'; ++i) i += text[i] == '\\' ? 1 : 0;
        out += Requote(text.substr(start, i - start));
        ++i;
        break;
      }
      default:
        out += c;
    }
  }
  return out;
}

bool NaiveIsJsonObject(absl::string_view text, size_t depth_max) {
  return NaiveForEachCodePoint(text, [](char32_t) {}) &&
         Reader(text, depth_max).ReadWholeObject();
}

}  // namespace glue_security
