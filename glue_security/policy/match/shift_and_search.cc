#include "glue_security/policy/match/shift_and_search.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "glue_security/model/out_of_memory.h"
#include "glue_security/policy/match/utf8_characters.h"

namespace glue_security {
namespace {

constexpr size_t kBits = 64;

void Set(size_t bit, uint64_t* words) {
  words[bit / kBits] |= uint64_t{1} << (bit % kBits);
}

// Moves the state by one character: bit i + 1 is set if bit i was and `allowed`
// has bit i + 1. Only the words of [first, last] change.
void Advance(const uint64_t* allowed, size_t first, size_t last,
             uint64_t* state) {
  // Goes backwards, so that each word is read before it changes. The blocks
  // have a constant size, which the compiler vectorizes.
  constexpr size_t kBlock = 8;
  size_t end = last + 1;
  for (; end > first + kBlock; end -= kBlock) {
    uint64_t* const to = state + end - kBlock;
    const uint64_t* const mask = allowed + end - kBlock;
    uint64_t moved[kBlock];
    for (size_t i = 0; i < kBlock; ++i) {
      const uint64_t* const from = to + i;
      moved[i] = (from[0] << 1 | from[-1] >> (kBits - 1)) & mask[i];
    }
    std::memcpy(to, moved, sizeof(moved));
  }
  for (size_t w = end - 1; w > first; --w) {
    state[w] = (state[w] << 1 | state[w - 1] >> (kBits - 1)) & allowed[w];
  }
  // A match may start anywhere.
  const uint64_t carry = first == 0 ? 1 : state[first - 1] >> (kBits - 1);
  state[first] = (state[first] << 1 | carry) & allowed[first];
}

}  // namespace

int ShiftAndSearch::Alphabet::Find(absl::string_view character) const {
  const auto first = static_cast<uint8_t>(character.front());
  if (character.size() == 1 && first < ascii_.size()) return ascii_[first];
  const auto found = others_.find(character);
  return found == others_.end() ? -1 : found->second;
}

int ShiftAndSearch::Alphabet::FindOrAdd(absl::string_view character) {
  const auto first = static_cast<uint8_t>(character.front());
  int& number =
      character.size() == 1 && first < ascii_.size()
          ? ascii_[first]
          : *OrEnd([&] {
              return &others_.try_emplace(character, -1).first->second;
            });
  if (number < 0) number = size_++;
  return number;
}

ShiftAndSearch::ShiftAndSearch(const WildcardSegment& what)
    : characters_(what.characters()),
      words_((what.characters() + kBits - 1) / kBits),
      open_(words_) {
  // The number and the place of each character that is not open.
  std::vector<std::pair<int, size_t>> numbers;
  numbers.reserve(characters_ - what.open().size());
  const absl::string_view literal = what.literal();
  auto next_open = what.open().begin();
  for (size_t place = 0, at = 0; place < characters_; ++place) {
    if (next_open != what.open().end() && *next_open == at) {
      ++next_open;
      Set(place, open_.data());
      continue;
    }
    // A run of characters ends at an open one, whatever its bytes are.
    const absl::string_view run = literal.substr(
        0, next_open != what.open().end() ? *next_open : literal.size());
    const size_t end = EndOfCharacter(run, at);
    numbers.emplace_back(alphabet_.FindOrAdd(run.substr(at, end - at)), place);
    at = end;
  }
  occurrences_.resize(static_cast<size_t>(alphabet_.size()));
  for (const auto& [number, place] : numbers) {
    ++occurrences_[static_cast<size_t>(number)].count;
  }
  size_t begin = 0;
  for (Occurrences& of : occurrences_) {
    of.begin = begin;
    begin += of.count;
    // Rows for all characters could take the square of the size of the pattern.
    // A character gets a row if it has more places than words.
    if (of.count > words_) {
      of.has_row = true;
      of.row = rows_.size();
      rows_.insert(rows_.end(), open_.begin(), open_.end());
    }
    of.count = 0;
  }
  places_.resize(begin);
  for (const auto& [number, place] : numbers) {
    Occurrences& of = occurrences_[static_cast<size_t>(number)];
    places_[of.begin + of.count++] = place;
    if (of.has_row) Set(place, &rows_[of.row]);
  }
}

size_t ShiftAndSearch::Find(absl::string_view text, size_t begin) const {
  if (characters_ > text.size() - begin) return absl::string_view::npos;
  // Bit i is set if the first i + 1 characters match the last i + 1 that were
  // read.
  absl::InlinedVector<uint64_t, 4> state(words_);
  // A copy of `open_`, to which each step adds the places of a character for a
  // while.
  absl::InlinedVector<uint64_t, 4> few(open_.begin(), open_.end());
  const size_t final_bit = characters_ - 1;
  size_t read = 0;
  for (size_t at = begin; at < text.size(); ++read) {
    const size_t end = EndOfCharacter(text, at);
    // Words are skipped if their bits need more characters than the text has
    // left, since these bits cannot lead to a match.
    const size_t left = text.size() - end;
    const size_t first = left < final_bit ? (final_bit - left) / kBits : 0;
    const size_t last = std::min(read, final_bit) / kBits;
    if (first > last) return absl::string_view::npos;
    const int number = alphabet_.Find(text.substr(at, end - at));
    if (number < 0) {
      Advance(open_.data(), first, last, state.data());
    } else if (const Occurrences& of =
                   occurrences_[static_cast<size_t>(number)];
               of.has_row) {
      Advance(&rows_[of.row], first, last, state.data());
    } else {
      // The places within the words [first, last].
      const size_t* const all = &places_[of.begin];
      const size_t* const places =
          std::lower_bound(all, all + of.count, first * kBits);
      const size_t* const end_of_places =
          std::lower_bound(places, all + of.count, (last + 1) * kBits);
      for (const size_t* i = places; i != end_of_places; ++i) {
        Set(*i, few.data());
      }
      Advance(few.data(), first, last, state.data());
      for (const size_t* i = places; i != end_of_places; ++i) {
        few[*i / kBits] = open_[*i / kBits];
      }
    }
    at = end;
    if ((state[final_bit / kBits] >> (final_bit % kBits) & 1) != 0) return at;
  }
  return absl::string_view::npos;
}

}  // namespace glue_security
