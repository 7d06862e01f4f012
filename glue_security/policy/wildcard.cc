#include "glue_security/policy/wildcard.h"

#include <cstring>
#include <map>

namespace glue_security {
namespace {

constexpr size_t kNone = absl::string_view::npos;

// A byte of UTF-8 that goes on with a character.
bool Continues(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

// Where the character at `at` ends. REQUIRES: at < text.size().
size_t EndOfCharacter(absl::string_view text, size_t at) {
  ++at;
  while (at < text.size() && Continues(text[at])) ++at;
  return at;
}

size_t CountCharacters(absl::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); at = EndOfCharacter(text, at)) ++count;
  return count;
}

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
  Segment& segment = segments_.back();
  segment.literal.append(text.data(), text.size());
  segment.characters += CountCharacters(text);
}

void WildcardPattern::AppendAnyCharacter() {
  Segment& segment = segments_.back();
  segment.open.push_back(segment.literal.size());
  ++segment.characters;
}

void WildcardPattern::AppendAnyCharacters() {
  // Two in a row are one.
  const bool second = segments_.size() > 1 && segments_.back().characters == 0;
  if (!second) segments_.emplace_back();
}

bool WildcardPattern::Matches(absl::string_view text) const {
  const size_t start = MatchAt(segments_.front(), text, 0);
  if (segments_.size() == 1) return start == text.size();
  if (start == kNone) return false;
  size_t at = start;
  // Whatever follows a `*` may as well match as early as it can.
  for (size_t i = 1; i + 1 < segments_.size(); ++i) {
    at = Search(segments_[i], text, at);
    if (at == kNone) return false;
  }
  const Segment& last = segments_.back();
  if (last.open.empty()) {
    return text.size() - at >= last.literal.size() &&
           text.substr(text.size() - last.literal.size()) == last.literal;
  }
  size_t begin = text.size();
  for (size_t i = 0; i < last.characters; ++i) {
    if (begin <= at) return false;
    --begin;
    while (begin > at && Continues(text[begin])) --begin;
  }
  return MatchAt(last, text, begin) == text.size();
}

size_t WildcardPattern::MatchAt(const Segment& segment, absl::string_view text,
                                size_t begin) {
  const absl::string_view literal = segment.literal;
  size_t done = 0;
  size_t at = begin;
  const auto match_literal = [&](size_t end) {
    const size_t size = end - done;
    if (text.size() - at < size ||
        std::memcmp(text.data() + at, literal.data() + done, size) != 0) {
      return false;
    }
    at += size;
    done = end;
    return true;
  };
  for (const size_t open : segment.open) {
    if (!match_literal(open) || at == text.size()) return kNone;
    at = EndOfCharacter(text, at);
  }
  return match_literal(literal.size()) ? at : kNone;
}

size_t WildcardPattern::Search(const Segment& segment, absl::string_view text,
                               size_t begin) {
  if (!segment.open.empty()) return SearchOpen(segment, text, begin);
  if (segment.literal.empty()) return begin;
  if (begin == text.size()) return kNone;
  // Linear, which string_view::find is not.
  const void* const found =
      memmem(text.data() + begin, text.size() - begin, segment.literal.data(),
             segment.literal.size());
  if (found == nullptr) return kNone;
  return static_cast<size_t>(static_cast<const char*>(found) - text.data()) +
         segment.literal.size();
}

// Shift-And: bit i of the state says that the first i + 1 characters of the
// segment match what was read last.
size_t WildcardPattern::SearchOpen(const Segment& segment,
                                   absl::string_view text, size_t begin) {
  constexpr size_t kBits = 64;
  const size_t words = (segment.characters + kBits - 1) / kBits;
  using Bits = std::vector<uint64_t>;
  const auto set = [](Bits* bits, size_t i) {
    (*bits)[i / kBits] |= uint64_t{1} << (i % kBits);
  };
  // The places of each character, and of the open ones, which are any.
  Bits open(words);
  std::map<absl::string_view, Bits> places;
  const absl::string_view literal = segment.literal;
  size_t next_open = 0;
  size_t place = 0;
  for (size_t at = 0; place < segment.characters; ++place) {
    if (next_open < segment.open.size() && segment.open[next_open] == at) {
      ++next_open;
      set(&open, place);
      continue;
    }
    const size_t end = EndOfCharacter(literal, at);
    Bits& bits = places[literal.substr(at, end - at)];
    bits.resize(words);
    set(&bits, place);
    at = end;
  }
  const size_t last = segment.characters - 1;
  Bits state(words);
  for (size_t at = begin; at < text.size();) {
    const size_t end = EndOfCharacter(text, at);
    const auto found = places.find(text.substr(at, end - at));
    uint64_t carry = 1;
    for (size_t w = 0; w < words; ++w) {
      const uint64_t shifted = state[w] << 1 | carry;
      carry = state[w] >> (kBits - 1);
      state[w] =
          shifted & (open[w] | (found == places.end() ? 0 : found->second[w]));
    }
    at = end;
    if ((state[last / kBits] >> (last % kBits) & 1) != 0) return at;
  }
  return kNone;
}

}  // namespace glue_security
