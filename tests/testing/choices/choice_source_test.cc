#include "glue_security/testing/choices/choice_source.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "glue_security/testing/choices/byte_choices.h"
#include "glue_security/testing/choices/exhaustive_choices.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

TEST(ChoicesTextTest, EveryListOfChoicesComesBack) {
  for (const Choices& choices :
       {Choices{}, Choices{0}, Choices{3, 0, 17}, Choices{~uint64_t{0}, 1}}) {
    EXPECT_EQ(ParseChoices(FormatChoices(choices)), choices);
  }
  EXPECT_EQ(FormatChoices({3, 0, 17}), "3.0.17");
}

TEST(ChoicesTextTest, OtherTextsAreRefused) {
  for (const char* text : {"x", ".", "1.", ".1", "1..2", "-1", "+1", " 1", "1 ",
                           "18446744073709551616"}) {
    EXPECT_EQ(ParseChoices(text), std::nullopt) << text;
  }
}

TEST(SeededChoicesTest, TheSameSeedGivesTheSameNumbersOnEveryPlatform) {
  // The generator is the 64-bit Mersenne twister with its default seed, whose
  // 10000th output the C++ standard fixes. `Below` takes the upper half of a
  // product with it.
  SeededChoices choices(5489);
  EXPECT_EQ(choices.Below(1000), 786u);
  EXPECT_EQ(choices.Below(1000), 250u);
  EXPECT_EQ(choices.Below(1000), 710u);
  SeededChoices same(5489);
  SeededChoices other(5490);
  int differences = 0;
  choices = SeededChoices(5489);
  for (int i = 0; i < 100; ++i) {
    const uint64_t number = choices.Below(1'000'000);
    EXPECT_EQ(number, same.Below(1'000'000));
    if (number != other.Below(1'000'000)) ++differences;
  }
  EXPECT_GT(differences, 90);
}

TEST(SeededChoicesTest, EveryNumberBelowTheBoundComesUpAboutAsOften) {
  SeededChoices choices(1);
  for (const uint64_t bound : {uint64_t{2}, uint64_t{3}, uint64_t{10}}) {
    std::map<uint64_t, int> counts;
    for (int i = 0; i < 10'000; ++i) ++counts[choices.Below(bound)];
    ASSERT_EQ(counts.size(), bound);
    EXPECT_EQ(counts.rbegin()->first, bound - 1);
    for (const auto& [number, count] : counts) {
      EXPECT_NEAR(count, 10'000.0 / static_cast<double>(bound), 300) << number;
    }
  }
}

TEST(SeededChoicesTest, TheLargestBoundIsReached) {
  SeededChoices choices(1);
  uint64_t largest = 0;
  for (int i = 0; i < 100; ++i) {
    largest = std::max(largest, choices.Below(~uint64_t{0}));
  }
  EXPECT_GT(largest, uint64_t{1} << 63);
}

TEST(ChoiceSourceTest, ABoundOfOneDrawsNothing) {
  RecordedChoices recorded({5});
  RecordingChoices recording(&recorded);
  EXPECT_EQ(recording.Below(1), 0u);
  EXPECT_TRUE(recording.choices().empty());
  EXPECT_EQ(recording.Below(10), 5u);
}

TEST(ChoiceSourceTest, TheSimplestChoiceIsFalseAndTheFirst) {
  RecordedChoices zeros({});
  EXPECT_FALSE(zeros.OneIn(2));
  EXPECT_TRUE(zeros.OneIn(1));
  EXPECT_EQ(zeros.Pick({7, 8}), 7);
  const std::vector<std::string> words = {"first", "second"};
  EXPECT_EQ(zeros.Pick(words), "first");
  RecordedChoices ones({1, 1});
  EXPECT_TRUE(ones.OneIn(2));
  EXPECT_EQ(ones.Pick(words), "second");
}

TEST(RecordedChoicesTest, LargeNumbersCountAsTheLargestAndTheEndIsZeros) {
  RecordedChoices choices({9, 2});
  EXPECT_EQ(choices.Below(4), 3u);
  EXPECT_EQ(choices.Below(4), 2u);
  EXPECT_EQ(choices.missing(), 0u);
  EXPECT_EQ(choices.Below(4), 0u);
  EXPECT_EQ(choices.missing(), 1u);
}

TEST(RecordingChoicesTest, WhatWasRecordedGivesTheSameNumbersAgain) {
  SeededChoices seeded(7);
  RecordingChoices recording(&seeded);
  std::vector<uint64_t> drawn;
  for (uint64_t bound = 1; bound < 100; ++bound) {
    drawn.push_back(recording.Below(bound));
  }
  RecordedChoices again(recording.choices());
  for (uint64_t bound = 1; bound < 100; ++bound) {
    EXPECT_EQ(again.Below(bound), drawn[bound - 1]);
  }
}

TEST(ByteChoicesTest, TakesAsManyBytesAsTheBoundNeeds) {
  ByteChoices choices({"\x05\xFF\x01\x02\x07", 5});
  EXPECT_EQ(choices.Below(256), 5u);
  EXPECT_EQ(choices.Below(10), 5u);  // 255 modulo 10.
  EXPECT_EQ(choices.Below(257), 258u % 257u);
  EXPECT_FALSE(choices.at_end());
  EXPECT_EQ(choices.Below(65536), 0x0700u);  // Half of it is missing.
  EXPECT_TRUE(choices.at_end());
  EXPECT_EQ(choices.Below(100), 0u);
}

TEST(ByteChoicesTest, EveryNumberCanComeUp) {
  std::set<uint64_t> numbers;
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    ByteChoices choices({&c, 1});
    numbers.insert(choices.Below(256));
  }
  EXPECT_EQ(numbers.size(), 256u);
}

// Generates pairs and single numbers; the second choice depends on the first.
std::string Generate(ChoiceSource& choices) {
  const uint64_t first = choices.Below(3);
  std::string text = std::to_string(first);
  if (first != 1) text += "," + std::to_string(choices.Below(2));
  return text;
}

TEST(ExhaustiveChoicesTest, EveryStreamComesUpOnceInOrder) {
  ExhaustiveChoices choices(10);
  std::vector<std::string> texts;
  do {
    texts.push_back(Generate(choices));
  } while (choices.Next());
  EXPECT_EQ(texts, (std::vector<std::string>{"0,0", "0,1", "1", "2,0", "2,1"}));
  EXPECT_FALSE(choices.truncated());
  // The choices start again.
  EXPECT_EQ(Generate(choices), "0,0");
}

TEST(ExhaustiveChoicesTest, BeyondTheBoundOnlyZerosAndItSaysSo) {
  ExhaustiveChoices choices(1);
  std::vector<std::string> texts;
  do {
    texts.push_back(Generate(choices));
  } while (choices.Next());
  EXPECT_EQ(texts, (std::vector<std::string>{"0,0", "1", "2,0"}));
  EXPECT_TRUE(choices.truncated());
}

TEST(ExhaustiveChoicesTest, ItsChoicesGiveTheSameValueAgain) {
  ExhaustiveChoices choices(10);
  do {
    const std::string text = Generate(choices);
    RecordedChoices recorded(choices.choices());
    EXPECT_EQ(Generate(recorded), text);
    EXPECT_EQ(recorded.missing(), 0u);
  } while (choices.Next());
}

}  // namespace
}  // namespace glue_security
