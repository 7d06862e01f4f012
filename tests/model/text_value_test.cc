#include "glue_security/model/text_value.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "gtest/gtest.h"

namespace glue_security {
namespace {

TEST(TextValue, AWordStandsForItsValue) {
  constexpr Words<int, 3> kWords = {{{"one", 1}, {"two", 2}, {"three", 3}}};
  int value = 7;
  EXPECT_EQ(SetWord("three", kWords, &value), "");
  EXPECT_EQ(value, 3);
  for (const char* text : {"", "Three", "three ", "thre", "threes"}) {
    EXPECT_EQ(SetWord(text, kWords, &value), "must be one, two or three");
    EXPECT_EQ(value, 3) << text;
  }
}

TEST(TextValue, AMessageListsAnyNumberOfWords) {
  EXPECT_EQ(MustBeOneOf({"one"}), "must be one");
  EXPECT_EQ(MustBeOneOf({"one", "two"}), "must be one or two");
}

TEST(TextValue, ANumberIsWithinItsBounds) {
  int64_t value = 7;
  EXPECT_EQ(SetNumber("-3", -3, 5, &value), "");
  EXPECT_EQ(value, -3);
  EXPECT_EQ(SetNumber("5", -3, 5, &value), "");
  EXPECT_EQ(value, 5);
  for (const char* text : {"-4", "6", "", "x", "1.5", "1e0", "0x1", "1 1",
                           "99999999999999999999999"}) {
    EXPECT_EQ(SetNumber(text, -3, 5, &value), "must be a number from -3 to 5");
    EXPECT_EQ(value, 5) << text;
  }
}

TEST(TextValue, ANumberMayHaveAnotherType) {
  uint16_t port = 7;
  EXPECT_EQ(SetNumber("65535", 0, 65535, &port), "");
  EXPECT_EQ(port, 65535);
  EXPECT_EQ(SetNumber("65536", 0, 65535, &port),
            "must be a number from 0 to 65535");
  EXPECT_EQ(port, 65535);
  size_t bytes = 0;
  EXPECT_EQ(SetNumber("1000000000000", 0, 1'000'000'000'000, &bytes), "");
  EXPECT_EQ(bytes, 1'000'000'000'000u);
}

}  // namespace
}  // namespace glue_security
