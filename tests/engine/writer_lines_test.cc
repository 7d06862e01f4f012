#include "glue_security/engine/writer_lines.h"

#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace glue_security {
namespace {

using Choice = WriterLines::Choice;

// Returns a catalog whose lines are as wanted.
CatalogKey CatalogWith(const std::function<bool(const Choice&)>& wanted) {
  for (int i = 0;; ++i) {
    const CatalogKey catalog = {absl::StrCat(i), "us-east-1"};
    if (wanted(WriterLines::ChoiceOf(catalog))) return catalog;
  }
}

// Checks that a writer of `catalog` waits until `held` is free.
void ExpectWaits(WriterLines* lines, const CatalogKey& catalog,
                 std::unique_lock<std::mutex> held) {
  std::atomic<bool> started{false};
  std::atomic<bool> is_free{false};
  std::thread writer([&] {
    started = true;
    const auto line = lines->Enter(catalog);
    EXPECT_TRUE(is_free);
  });
  while (!started) std::this_thread::yield();
  is_free = true;
  held.unlock();
  writer.join();
}

TEST(WriterLinesTest, AWriterOfTheSameCatalogWaits) {
  WriterLines lines;
  const CatalogKey catalog = {"123456789012", "us-east-1"};
  for (int i = 0; i < 100; ++i) {
    ExpectWaits(&lines, catalog, lines.Enter(catalog));
  }
}

TEST(WriterLinesTest, ThreadsOfOneCatalog_AreOneAtATime) {
  WriterLines lines;
  int inside = 0;
  std::thread threads[4];
  for (std::thread& thread : threads) {
    thread = std::thread([&] {
      for (int i = 0; i < 1000; ++i) {
        const auto line = lines.Enter({"123456789012", "us-east-1"});
        ++inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(inside, 4000);
}

// One that waited would wait for ever.
TEST(WriterLinesTest, AWriterWhoseLineIsHeldForAnotherCatalog_DoesNotWait) {
  WriterLines lines;
  const CatalogKey one = {"123456789012", "us-east-1"};
  const size_t shared = WriterLines::ChoiceOf(one).first;
  const CatalogKey other = CatalogWith([&](const Choice& choice) {
    return choice.first == shared && choice.second != shared;
  });
  const auto held = lines.Enter(one);
  const auto second = lines.Enter(other);
  EXPECT_TRUE(second.owns_lock());
  EXPECT_NE(second.mutex(), held.mutex());
}

TEST(WriterLinesTest, AWriterWhoseLinesAreBothHeld_WaitsForTheFirst) {
  WriterLines lines;
  const CatalogKey one = {"123456789012", "us-east-1"};
  const size_t first = WriterLines::ChoiceOf(one).first;
  const CatalogKey two =
      CatalogWith([&](const Choice& choice) { return choice.first != first; });
  const size_t second = WriterLines::ChoiceOf(two).first;
  const CatalogKey both = CatalogWith([&](const Choice& choice) {
    return choice.first == first && choice.second == second;
  });
  auto held = lines.Enter(one);
  const auto also_held = lines.Enter(two);
  ExpectWaits(&lines, both, std::move(held));
}

}  // namespace
}  // namespace glue_security
