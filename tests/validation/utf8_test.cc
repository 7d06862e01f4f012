// The decoder, compared with a naive reading of RFC 3629: decoded characters
// are encoded again, so that overlong forms, surrogates and the like need no
// rule.

#include "glue_security/validation/utf8.h"

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "tests/validation/encode.h"

namespace glue_security {
namespace {

bool IsSurrogate(uint32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

TEST(Utf8, EveryCodePoint_DecodesToItself) {
  for (uint32_t c = 0; c <= 0x10FFFF; ++c) {
    const std::string text = Encode(c);
    const DecodedCodePoint decoded = DecodeUtf8(text);
    if (IsSurrogate(c)) {
      ASSERT_EQ(decoded.length, 0u) << c;
    } else {
      ASSERT_EQ(decoded.length, text.size()) << c;
      ASSERT_EQ(uint32_t{decoded.code_point}, c);
    }
  }
}

TEST(Utf8, WhatFollows_IsNotLookedAt) {
  for (const uint32_t c : {0x41u, 0xE9u, 0x20ACu, 0x1F600u}) {
    for (const char after : {'\0', 'a', '\x80', '\xFF'}) {
      const DecodedCodePoint decoded = DecodeUtf8(Encode(c) + after);
      EXPECT_EQ(decoded.length, Encode(c).size()) << c;
      EXPECT_EQ(uint32_t{decoded.code_point}, c);
    }
  }
}

TEST(Utf8, ACutSequence_IsMalformed) {
  for (const uint32_t c :
       {0x80u, 0x7FFu, 0x800u, 0xFFFFu, 0x10000u, 0x10FFFFu}) {
    const std::string whole = Encode(c);
    for (size_t size = 1; size < whole.size(); ++size) {
      // The bytes behind the end would complete it, and must not be read.
      const absl::string_view cut = absl::string_view(whole).substr(0, size);
      EXPECT_EQ(DecodeUtf8(cut).length, 0u) << c << " cut to " << size;
    }
  }
}

// Every text of up to four bytes that are edges of their classes.
TEST(Utf8, SequencesOfEdges_DecodeOnlyToWhatEncodesToThem) {
  constexpr uint8_t kEdges[] = {0x00, 0x3F, 0x40, 0x7F, 0x80, 0x8F, 0x90, 0x9F,
                                0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xED,
                                0xEF, 0xF0, 0xF4, 0xF5, 0xF7, 0xF8, 0xFF};
  const auto check = [](const std::string& text) {
    const DecodedCodePoint decoded = DecodeUtf8(text);
    // The naive answer is the one code point that the text starts with.
    size_t length = 0;
    for (const size_t size : {1, 2, 3, 4}) {
      if (size > text.size()) break;
      const auto lead = static_cast<uint8_t>(text[0]);
      uint32_t c = size == 1 ? lead : lead & (0x7Fu >> size);
      for (size_t i = 1; i < size; ++i) {
        c = c << 6 | (static_cast<uint8_t>(text[i]) & 0x3F);
      }
      if (c > 0x10FFFF || IsSurrogate(c)) continue;
      if (Encode(c) == text.substr(0, size)) length = size;
    }
    ASSERT_EQ(decoded.length, length) << testing::PrintToString(text);
    if (length > 0) {
      ASSERT_EQ(Encode(uint32_t{decoded.code_point}), text.substr(0, length));
    }
  };
  for (const uint8_t a : kEdges) {
    std::string text(1, static_cast<char>(a));
    check(text);
    for (const uint8_t b : kEdges) {
      for (const uint8_t c : kEdges) {
        for (const uint8_t d : kEdges) {
          check({static_cast<char>(a), static_cast<char>(b),
                 static_cast<char>(c), static_cast<char>(d)});
        }
        check(
            {static_cast<char>(a), static_cast<char>(b), static_cast<char>(c)});
      }
      check({static_cast<char>(a), static_cast<char>(b)});
    }
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace glue_security
