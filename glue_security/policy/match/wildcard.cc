#include "glue_security/policy/match/wildcard.h"

#include <algorithm>
#include <cstring>

#include "glue_security/policy/match/shift_and_search.h"
#include "glue_security/policy/match/utf8_characters.h"

namespace glue_security {
namespace {

constexpr size_t kNone = absl::string_view::npos;

}  // namespace

WildcardPattern::WildcardPattern(absl::string_view text) : segments_(1) {
  size_t begin = 0;
  while (begin <= text.size()) {
    size_t end = text.find_first_of("*?", begin);
    if (end == kNone) end = text.size();
    AppendLiteral(text.substr(begin, end - begin));
    if (end < text.size()) {
      if (text[end] == '*') {
        AppendAnyCharacters();
      } else {
        AppendAnyCharacter();
      }
    }
    begin = end + 1;
  }
}

void WildcardPattern::AppendLiteral(absl::string_view text) {
  segments_.back().AppendLiteral(text);
}

void WildcardPattern::AppendAnyCharacter() { segments_.back().AppendOpen(); }

void WildcardPattern::AppendAnyCharacters() {
  // Two `*` in a row are one.
  const bool second =
      segments_.size() > 1 && segments_.back().characters() == 0;
  if (!second) segments_.emplace_back();
}

bool WildcardPattern::Matches(absl::string_view text) const {
  const size_t start = segments_.front().MatchAt(text, 0);
  if (segments_.size() == 1) return start == text.size();
  if (start == kNone) return false;
  size_t at = start;
  // A segment after a `*` may match at the earliest place.
  for (size_t i = 1; i + 1 < segments_.size(); ++i) {
    at = Search(segments_[i], text, at);
    if (at == kNone) return false;
  }
  const WildcardSegment& last = segments_.back();
  if (last.open().empty()) {
    return text.size() - at >= last.literal().size() &&
           text.substr(text.size() - last.literal().size()) == last.literal();
  }
  size_t begin = text.size();
  for (size_t i = 0; i < last.characters(); ++i) {
    if (begin <= at) return false;
    --begin;
    while (begin > at && ContinuesCharacter(text[begin])) --begin;
  }
  return last.MatchAt(text, begin) == text.size();
}

std::vector<PatternElement> WildcardPattern::Elements() const {
  using Kind = PatternElement::Kind;
  std::vector<PatternElement> elements;
  for (const WildcardSegment& segment : segments_) {
    if (&segment != &segments_.front()) {
      elements.push_back({Kind::kAnyCharacters, {}});
    }
    const absl::string_view literal = segment.literal();
    size_t at = 0;
    const auto add_until = [&](size_t end) {
      while (at < end) {
        const size_t next = std::min(end, EndOfCharacter(literal, at));
        elements.push_back({Kind::kCharacter, literal.substr(at, next - at)});
        at = next;
      }
    };
    for (const size_t open : segment.open()) {
      add_until(open);
      elements.push_back({Kind::kAnyCharacter, {}});
    }
    add_until(literal.size());
  }
  return elements;
}

size_t WildcardPattern::Search(const WildcardSegment& segment,
                               absl::string_view text, size_t begin) {
  if (!segment.open().empty()) return SearchOpen(segment, text, begin);
  const std::string& literal = segment.literal();
  if (literal.empty()) return begin;
  if (begin == text.size()) return kNone;
  // memmem takes linear time; string_view::find does not.
  const void* const found = memmem(text.data() + begin, text.size() - begin,
                                   literal.data(), literal.size());
  if (found == nullptr) return kNone;
  return static_cast<size_t>(static_cast<const char*>(found) - text.data()) +
         literal.size();
}

size_t WildcardPattern::SearchOpen(const WildcardSegment& segment,
                                   absl::string_view text, size_t begin) {
  if (text.size() - begin < segment.characters()) return kNone;
  // Up to this many characters, trying every place takes no longer at worst.
  constexpr size_t kFew = 8;
  if (segment.characters() > kFew) {
    return ShiftAndSearch(segment).Find(text, begin);
  }
  while (text.size() - begin >= segment.characters()) {
    const size_t end = segment.MatchAt(text, begin);
    if (end != kNone) return end;
    begin = EndOfCharacter(text, begin);
  }
  return kNone;
}

}  // namespace glue_security
