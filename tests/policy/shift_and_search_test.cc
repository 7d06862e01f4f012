// Compares ShiftAndSearch with a search that tries every place.

#include "glue_security/policy/match/shift_and_search.h"

#include <cstddef>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "glue_security/policy/match/utf8_characters.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

// A sequence of characters; "" is an open one.
using Characters = std::vector<std::string>;

WildcardSegment ToSegment(const Characters& characters) {
  WildcardSegment what;
  for (const std::string& character : characters) {
    if (character.empty()) {
      what.AppendOpen();
    } else {
      what.AppendLiteral(character);
    }
  }
  return what;
}

std::string Join(const Characters& characters) {
  std::string text;
  for (const std::string& character : characters) text += character;
  return text;
}

// Tries every place of `text`, which is split into characters.
size_t NaiveFind(const Characters& what, const std::string& text,
                 size_t begin) {
  Characters in;
  for (size_t at = begin; at < text.size();) {
    const size_t end = EndOfCharacter(text, at);
    in.push_back(text.substr(at, end - at));
    at = end;
  }
  size_t start = begin;
  for (size_t first = 0; first + what.size() <= in.size(); ++first) {
    size_t end = start;
    size_t i = 0;
    for (; i < what.size(); ++i) {
      const std::string& character = in[first + i];
      if (!what[i].empty() && what[i] != character) break;
      end += character.size();
    }
    if (i == what.size()) return end;
    start += in[first].size();
  }
  return std::string::npos;
}

// Returns letters of one to four bytes.
Characters Alphabet(size_t size) {
  Characters alphabet = {"a", "\xC3\xA9", "\xE6\xBC\xA2", "\xF0\x9F\x99\x82",
                         "b"};
  for (size_t i = 0; alphabet.size() < size; ++i) {
    alphabet.push_back({'\xE6', static_cast<char>(0x80 + i / 64),
                        static_cast<char>(0x80 + i % 64)});
  }
  alphabet.resize(size);
  return alphabet;
}

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  size_t Below(size_t n) { return static_cast<size_t>(engine_() % n); }
  Characters Pick(const Characters& from, size_t size) {
    Characters characters;
    while (characters.size() < size) {
      characters.push_back(from[Below(from.size())]);
    }
    return characters;
  }

 private:
  std::mt19937_64 engine_;
};

// The pattern is cut from the text, has some characters opened, and sometimes
// has one changed. The sizes exceed several words of bits. The character of an
// alphabet of one has a row; those of an alphabet of 1000 have none.
TEST(ShiftAndSearch, FindsWhatTryingEveryPlaceFinds) {
  Random random(11);
  size_t found = 0;
  size_t cases = 0;
  for (const size_t letters : {1, 2, 3, 5, 40, 1000}) {
    const Characters alphabet = Alphabet(letters);
    for (int i = 0; i < 1500; ++i, ++cases) {
      const Characters text =
          random.Pick(alphabet, 1 + random.Below(1 + random.Below(900)));
      const size_t size = 1 + random.Below(text.size());
      const auto first =
          text.begin() +
          static_cast<std::ptrdiff_t>(random.Below(text.size() - size + 1));
      Characters what(first, first + static_cast<std::ptrdiff_t>(size));
      const size_t open = random.Below(3) == 0 ? size : random.Below(4);
      for (size_t k = 0; k < open; ++k) what[random.Below(size)].clear();
      if (random.Below(2) == 0) {
        what[random.Below(size)] =
            random.Below(4) == 0 ? "z" : random.Pick(alphabet, 1)[0];
      }
      const std::string all = Join(text);
      // The start of a character.
      size_t begin = 0;
      for (size_t k = random.Below(3) * text.size() / 4; k > 0; --k) {
        begin = EndOfCharacter(all, begin);
      }
      const WildcardSegment segment = ToSegment(what);
      const size_t expected = NaiveFind(what, all, begin);
      ASSERT_EQ(ShiftAndSearch(segment).Find(all, begin), expected)
          << letters << " letters, case " << i << ": " << size
          << " characters in " << text.size();
      found += expected != std::string::npos ? 1 : 0;
    }
  }
  EXPECT_GT(found, cases / 4);
  EXPECT_LT(found, cases * 3 / 4);
}

// Tests every size around multiples of a word. The pattern starts with a letter
// that occurs once in the text, so that only the last place matches, unless
// that letter is the open one.
TEST(ShiftAndSearch, FindsAMatchAtTheEnd_WhateverTheSizes) {
  for (const size_t size :
       {1, 2, 63, 64, 65, 127, 128, 129, 511, 512, 513, 575, 576, 577, 640}) {
    for (const size_t before : {0, 1, 2, 62, 63, 64, 65, 66, 500, 700}) {
      for (const size_t open_at : {size_t{0}, size / 2, size - 1}) {
        Characters what(size, "a");
        what.front() = "b";
        what[open_at].clear();
        std::string text = std::string(before, 'a') + std::string(size, 'a');
        text[before] = 'b';
        const WildcardSegment segment = ToSegment(what);
        const ShiftAndSearch search(segment);
        const size_t expected = NaiveFind(what, text, 0);
        EXPECT_EQ(search.Find(text, 0), expected)
            << size << " behind " << before << ", open at " << open_at;
        text.back() = 'c';
        EXPECT_EQ(search.Find(text, 0), NaiveFind(what, text, 0))
            << size << " behind " << before << ", open at " << open_at;
      }
    }
  }
}

TEST(ShiftAndSearch, MalformedText_IsReadAsCharactersThatGoOn) {
  Random random(12);
  const Characters bytes = {"a", "\x80", "\xBF", "\xC3", "\xF0", "?"};
  for (int i = 0; i < 5000; ++i) {
    const std::string text = Join(random.Pick(bytes, random.Below(20)));
    Characters what;
    const std::string literal = Join(random.Pick(bytes, random.Below(6)));
    for (size_t at = 0; at < literal.size();) {
      const size_t end = EndOfCharacter(literal, at);
      what.push_back(literal.substr(at, end - at));
      at = end;
    }
    what.insert(what.begin() +
                    static_cast<std::ptrdiff_t>(random.Below(what.size() + 1)),
                "");
    // The text after the open character must not continue it.
    WildcardSegment segment = ToSegment(what);
    ASSERT_EQ(ShiftAndSearch(segment).Find(text, 0), NaiveFind(what, text, 0))
        << i;
  }
}

}  // namespace
}  // namespace glue_security
