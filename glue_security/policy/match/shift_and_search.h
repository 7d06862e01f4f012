// ShiftAndSearch: a search for a sequence of characters, some of them open, in
// a text.

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
// one bit for each character of the pattern, 64 of them shifted at once.
// Preparing m characters takes about m steps and words of memory. Immutable, so
// thread-safe.
class ShiftAndSearch {
 public:
  // REQUIRES: at least one character; `what` outlives the search.
  explicit ShiftAndSearch(const WildcardSegment& what);

  // Returns the end of the first match that starts at `begin` or later, or
  // npos. Takes at most n + 3 * n * m / 64 steps for the n bytes of text after
  // `begin`, and fewer the closer n is to m. It never goes back.
  size_t Find(absl::string_view text, size_t begin) const;

 private:
  using Bits = std::vector<uint64_t>;

  // The characters that are not open, numbered from 0.
  class Alphabet {
   public:
    Alphabet() { ascii_.fill(-1); }
    // Returns the number of `character`, or -1.
    int Find(absl::string_view character) const;
    int FindOrAdd(absl::string_view character);
    int size() const { return size_; }

   private:
    int size_ = 0;
    std::array<int, 128> ascii_;
    absl::flat_hash_map<absl::string_view, int> others_;
  };

  // The places of one character in the pattern.
  struct Occurrences {
    // The range in `places_`.
    size_t count = 0;
    size_t begin = 0;
    // The row in `rows_`, if there are too many places to visit one by one.
    bool has_row = false;
    size_t row = 0;
  };

  const size_t characters_;
  const size_t words_;
  Alphabet alphabet_;
  // The occurrences of each character of the alphabet.
  std::vector<Occurrences> occurrences_;
  std::vector<size_t> places_;
  // The places of the open characters.
  Bits open_;
  // The rows: the places of one character and the open ones, in `words_` words
  // each.
  Bits rows_;
};

}  // namespace glue_security

#endif  // GLUE_SECURITY_POLICY_MATCH_SHIFT_AND_SEARCH_H_
