#include "glue_security/policy/match/text_set.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/strings/string_view.h"
#include "glue_security/policy/match/utf8_characters.h"

namespace glue_security {
namespace {

constexpr size_t kWordBits = 64;

// A set of places in a pattern. Place `i` is before its element `i`; the last
// place is its end.
using Places = std::vector<uint64_t>;

void Insert(size_t place, Places* places) {
  (*places)[place / kWordBits] |= uint64_t{1} << place % kWordBits;
}

bool Contains(const Places& places, size_t place) {
  return (places[place / kWordBits] >> place % kWordBits & 1U) != 0;
}

std::vector<absl::string_view> CharactersOf(absl::string_view text) {
  std::vector<absl::string_view> characters;
  for (size_t at = 0; at < text.size();) {
    const size_t end = EndOfCharacter(text, at);
    characters.push_back(text.substr(at, end - at));
    at = end;
  }
  return characters;
}

// A pattern as an automaton whose states are its places.
class Automaton {
 public:
  explicit Automaton(const WildcardPattern& pattern)
      : elements_(pattern.Elements()),
        none_(elements_.size() / kWordBits + 1),
        any_character_(none_),
        any_characters_(none_) {
    for (size_t i = 0; i < elements_.size(); ++i) {
      switch (elements_[i].kind) {
        case PatternElement::Kind::kCharacter:
          characters_.try_emplace(elements_[i].character, none_);
          Insert(i, &characters_.at(elements_[i].character));
          break;
        case PatternElement::Kind::kAnyCharacter:
          Insert(i, &any_character_);
          ++open_;
          break;
        case PatternElement::Kind::kAnyCharacters:
          Insert(i, &any_characters_);
          break;
      }
    }
  }

  size_t end() const { return elements_.size(); }
  // The number of `?`.
  size_t open() const { return open_; }
  // Returns true if there is a `*` at `place`.
  bool IsStar(size_t place) const { return Contains(any_characters_, place); }

  // Returns the places that a match reaches before any text is read.
  Places Start() const {
    Places places = none_;
    Insert(0, &places);
    PassStars(&places);
    return places;
  }

  // Reads a character: moves `places` to those after it. Empty text is a
  // character that the pattern does not have.
  void Read(absl::string_view character, Places* places) const {
    const auto known = characters_.find(character);
    uint64_t carry = 0;
    for (size_t i = 0; i < places->size(); ++i) {
      const uint64_t all = (*places)[i];
      uint64_t taken = all & any_character_[i];
      if (known != characters_.end()) taken |= all & known->second[i];
      // A `*` takes the character and stays.
      (*places)[i] = (all & any_characters_[i]) | taken << 1 | carry;
      carry = taken >> (kWordBits - 1);
    }
    PassStars(places);
  }

  void ReadAll(absl::string_view text, Places* places) const {
    for (const absl::string_view c : CharactersOf(text)) Read(c, places);
  }

  // Returns the places from which `text`, read to its end, reaches the end of
  // the pattern.
  Places Accepting(absl::string_view text) const {
    const std::vector<absl::string_view> characters = CharactersOf(text);
    Places places = none_;
    Insert(end(), &places);
    PassStarsBack(&places);
    for (auto c = characters.rbegin(); c != characters.rend(); ++c) {
      const auto known = characters_.find(*c);
      uint64_t carry = 0;
      for (size_t i = places.size(); i-- > 0;) {
        const uint64_t after = places[i];
        uint64_t takes = any_character_[i];
        if (known != characters_.end()) takes |= known->second[i];
        places[i] = (after & any_characters_[i]) |
                    ((after >> 1 | carry << (kWordBits - 1)) & takes);
        carry = after & 1U;
      }
      PassStarsBack(&places);
    }
    return places;
  }

 private:
  // Adds the place after each `*`, which may take nothing. The pattern has no
  // two `*` in a row.
  void PassStars(Places* places) const {
    uint64_t carry = 0;
    for (size_t i = 0; i < places->size(); ++i) {
      const uint64_t stars = (*places)[i] & any_characters_[i];
      (*places)[i] |= stars << 1 | carry;
      carry = stars >> (kWordBits - 1);
    }
  }
  void PassStarsBack(Places* places) const {
    uint64_t carry = 0;
    for (size_t i = places->size(); i-- > 0;) {
      const uint64_t before = (*places)[i] >> 1 | carry << (kWordBits - 1);
      carry = (*places)[i] & 1U;
      (*places)[i] |= before & any_characters_[i];
    }
  }

  const std::vector<PatternElement> elements_;
  const Places none_;
  size_t open_ = 0;
  Places any_character_;
  Places any_characters_;
  std::map<absl::string_view, Places> characters_;
};

bool Intersect(const Places& a, const Places& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    if ((a[i] & b[i]) != 0) return true;
  }
  return false;
}

}  // namespace

Truth MatchSet(const WildcardPattern& pattern, const TextSet& set) {
  const Automaton automaton(pattern);
  Places places = automaton.Start();
  automaton.ReadAll(set.prefix, &places);
  const Places accepting = automaton.Accepting(set.suffix);

  // In the gap any character may follow, so that every place after one that was
  // reached is reached, too, at the latest after as many characters.
  size_t first = 0;
  while (first <= automaton.end() && !Contains(places, first)) ++first;
  size_t last = automaton.end();
  while (last > 0 && !Contains(accepting, last)) --last;
  if (!Contains(accepting, last)) return Truth::kFalse;
  for (size_t i = 0; i < set.gap_min && first <= last; ++i) {
    if (!automaton.IsStar(first)) ++first;
  }
  if (first > last) return Truth::kFalse;

  // A gap of a character that the pattern does not have is taken by wildcards
  // alone, which take any other text of the same length, too. From one length
  // on, in which some `*` takes a part of it, all longer ones match as well.
  const size_t gap_max = std::max(set.gap_min, automaton.open() + 1);
  for (size_t gap = 0; gap <= gap_max; ++gap) {
    if (gap >= set.gap_min && !Intersect(places, accepting)) {
      return Truth::kUndecided;
    }
    automaton.Read("", &places);
  }
  return Truth::kTrue;
}

}  // namespace glue_security
