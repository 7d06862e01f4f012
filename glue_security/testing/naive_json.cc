#include "glue_security/testing/naive_json.h"

#include <cstdint>

namespace glue_security {
namespace {

// Recursive descent over code points, one method per rule of the RFC. A method
// that returns false has found an error; the position is then meaningless.
class Reader {
 public:
  Reader(const std::u32string& text, size_t depth_max)
      : text_(text), depth_max_(depth_max) {}

  bool ReadWholeObject() {
    SkipSpace();
    if (Peek() != U'{' || !ReadValue(0)) return false;
    SkipSpace();
    return position_ == text_.size();
  }

 private:
  static constexpr char32_t kEnd = 0xFFFFFFFF;

  char32_t Peek() const {
    return position_ < text_.size() ? text_[position_] : kEnd;
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

  // `depth`: how many arrays and objects are around the value.
  bool ReadValue(size_t depth) {
    switch (Peek()) {
      case U'{':
        return depth < depth_max_ && ReadObject(depth + 1);
      case U'[':
        return depth < depth_max_ && ReadArray(depth + 1);
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

  bool ReadObject(size_t depth) {
    Accept(U'{');
    SkipSpace();
    if (Accept(U'}')) return true;
    do {
      SkipSpace();
      if (!ReadString()) return false;
      SkipSpace();
      if (!Accept(U':')) return false;
      SkipSpace();
      if (!ReadValue(depth)) return false;
      SkipSpace();
    } while (Accept(U','));
    return Accept(U'}');
  }

  bool ReadArray(size_t depth) {
    Accept(U'[');
    SkipSpace();
    if (Accept(U']')) return true;
    do {
      SkipSpace();
      if (!ReadValue(depth)) return false;
      SkipSpace();
    } while (Accept(U','));
    return Accept(U']');
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

  // One digit or more.
  bool ReadDigits() {
    const size_t start = position_;
    while (Peek() >= U'0' && Peek() <= U'9') ++position_;
    return position_ > start;
  }

  const std::u32string& text_;
  const size_t depth_max_;
  size_t position_ = 0;
};

}  // namespace

std::optional<std::u32string> NaiveCodePoints(absl::string_view text) {
  std::u32string points;
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<uint8_t>(text[i]);
    size_t length;
    uint32_t point;
    uint32_t smallest;  // Of the code points that need this many bytes.
    if (lead < 0x80) {
      length = 1, point = lead, smallest = 0;
    } else if (lead >= 0xC0 && lead < 0xE0) {
      length = 2, point = lead & 0x1Fu, smallest = 0x80;
    } else if (lead >= 0xE0 && lead < 0xF0) {
      length = 3, point = lead & 0x0Fu, smallest = 0x800;
    } else if (lead >= 0xF0 && lead < 0xF8) {
      length = 4, point = lead & 0x07u, smallest = 0x10000;
    } else {
      return std::nullopt;
    }
    if (text.size() - i < length) return std::nullopt;
    for (size_t j = 1; j < length; ++j) {
      const auto next = static_cast<uint8_t>(text[i + j]);
      if (next < 0x80 || next > 0xBF) return std::nullopt;
      point = point * 64 + (next & 0x3Fu);
    }
    if (point < smallest || point > 0x10FFFF) return std::nullopt;
    if (point >= 0xD800 && point <= 0xDFFF) return std::nullopt;
    points.push_back(point);
    i += length;
  }
  return points;
}

bool NaiveIsJsonObject(absl::string_view text, size_t depth_max) {
  const std::optional<std::u32string> points = NaiveCodePoints(text);
  return points.has_value() && Reader(*points, depth_max).ReadWholeObject();
}

}  // namespace glue_security
