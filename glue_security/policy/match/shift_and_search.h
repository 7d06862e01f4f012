// ShiftAndSearch: finds characters, some of them open, in a text.

#ifndef GLUE_SECURITY_POLICY_MATCH_SHIFT_AND_SEARCH_H_
#define GLUE_SECURITY_POLICY_MATCH_SHIFT_AND_SEARCH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "glue_security/policy/match/wildcard_segment.h"

namespace glue_security {

// The algorithm of Baeza-Yates and Gonnet, "A new approach to text searching":
// one bit for each character of what is searched for, 64 of them moved at once.
// For m characters it takes some m steps and words of memory to make.
// Immutable, so thread-safe.
class ShiftAndSearch {
 public:
  // REQUIRES: at least one character; `what` outlives the search.
  explicit ShiftAndSearch(const OpenText& what);

  // The end of the first match that starts at `begin` or later; npos: none.
  // With n bytes of text behind `begin` it takes at most n + 3 * n * m / 64
  // steps, and fewer the less n is more than m: it never goes back.
  size_t Find(absl::string_view text, size_t begin) const;

 private:
  using Bits = std::vector<uint64_t>;

  // The characters that are not open, numbered from 0.
  class Alphabet {
   public:
    Alphabet() { ascii_.fill(-1); }
    // The number of `character`, or -1.
    int Find(absl::string_view character) const;
    int FindOrAdd(absl::string_view character);
    int size() const { return size_; }

   private:
    int size_ = 0;
    std::array<int, 128> ascii_;
    absl::flat_hash_map<absl::string_view, int> others_;
  };

  // Where a character stands.
  struct Occurrences {
    // As many as in `places_` from `begin` on.
    size_t count = 0;
    size_t begin = 0;
    // Of `rows_`, when it is not worth while to go through the places.
    bool has_row = false;
    size_t row = 0;
  };

  const size_t characters_;
  const size_t words_;
  Alphabet alphabet_;
  // Of each character of the alphabet.
  std::vector<Occurrences> occurrences_;
  std::vector<size_t> places_;
  // Where any character may stand.
  Bits open_;
  // The places of one character and the open ones, `words_` for each.
  Bits rows_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_SHIFT_AND_SEARCH_H_
