#include "glue_security/encryption/keys/random_source.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

std::string Bytes(RandomSource* source, size_t size) {
  std::string bytes(size, '\0');
  source->Fill(bytes.data(), size);
  return bytes;
}

TEST(SystemRandom, Bytes_DifferEachTime) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(seen.insert(Bytes(RandomSource::System(), 16)).second);
  }
}

// The system gives 256 bytes at a time.
TEST(SystemRandom, ManyBytes_AreAllRandom) {
  for (const size_t size : {0, 1, 255, 256, 257, 1000}) {
    std::string any(size, '\0');
    for (int i = 0; i < 20; ++i) {
      const std::string bytes = Bytes(RandomSource::System(), size);
      for (size_t at = 0; at < size; ++at) any[at] |= bytes[at];
    }
    EXPECT_EQ(any.find('\0'), std::string::npos) << size;
  }
}

TEST(SeededRandom, SameSeed_GivesTheSameBytes) {
  SeededRandom first(7);
  SeededRandom second(7);
  SeededRandom other(8);
  for (const size_t size : {1, 12, 32, 100}) {
    const std::string bytes = Bytes(&first, size);
    EXPECT_EQ(bytes, Bytes(&second, size));
    EXPECT_NE(bytes, Bytes(&other, size));
  }
}

// The ten thousandth number of the default seed is in the C++ standard,
// [rand.predef].
TEST(SeededRandom, Bytes_AreThoseOfTheStandardsEngine) {
  SeededRandom random(5489);
  for (int i = 1; i < 10000; ++i) Bytes(&random, 8);
  const uint64_t number = 9981545732273789042U;
  std::string expected;
  for (int i = 0; i < 8; ++i) {
    expected.push_back(static_cast<char>(number >> 8 * i & 0xFF));
  }
  EXPECT_EQ(absl::BytesToHexString(Bytes(&random, 8)),
            absl::BytesToHexString(expected));
}

TEST(SeededRandom, ThreadsShareOneSequence) {
  constexpr int kThreads = 4;
  constexpr int kCalls = 200;
  SeededRandom random(7);
  std::vector<std::vector<std::string>> taken(kThreads);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&random, &mine = taken[i]] {
      for (int call = 0; call < kCalls; ++call) {
        mine.push_back(Bytes(&random, 8));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::multiset<std::string> all;
  for (const auto& mine : taken) all.insert(mine.begin(), mine.end());
  SeededRandom again(7);
  std::multiset<std::string> expected;
  for (int i = 0; i < kThreads * kCalls; ++i) expected.insert(Bytes(&again, 8));
  EXPECT_EQ(all, expected);
}

}  // namespace
}  // namespace glue_security
