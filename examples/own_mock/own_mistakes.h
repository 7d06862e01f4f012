// Mistakes that people make. OwnMock makes one of them if it is told to, to
// see whether a test finds it.

#ifndef EXAMPLES_OWN_MOCK_OWN_MISTAKES_H_
#define EXAMPLES_OWN_MOCK_OWN_MISTAKES_H_

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <iterator>
#include <mutex>
#include <string>
#include <thread>

namespace own_mock {

enum class Mistake {
  kNone,
  // A Put of settings keeps what it does not name.
  kMergesSettings,
  // A policy is deleted whatever hash is given.
  kIgnoresHashOnDelete,
  // A policy that is replaced has a new CreateTime.
  kResetsCreateTime,
  // NOT_EXIST is refused where a policy was deleted.
  kDeletedPolicyExists,
  // The regions of an account are one catalog.
  kIgnoresRegion,
  // Other calls come between the checks of a call and its write.
  kDropsLock,
  // A page token says how many entries come before the page.
  kOffsetIsToken,
  // Lengths are counted in characters, not in bytes.
  kCountsCharacters,
};

// Returns the number of characters in a text of UTF-8.
inline size_t CharactersIn(const std::string& text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// Releases a mutex that is held, and takes it again.
inline void LetOthersRun(std::mutex* mutex) {
  mutex->unlock();
  std::this_thread::yield();
  mutex->lock();
}

// Returns the number of entries before `place`, and the place after that
// number.
template <typename Entries>
std::string OffsetOf(typename Entries::const_iterator place,
                     const Entries& all) {
  return std::to_string(std::distance(all.begin(), place));
}
template <typename Entries>
typename Entries::const_iterator AtOffset(const std::string& text,
                                          const Entries& all) {
  const size_t offset = std::strtoul(text.c_str(), nullptr, 10);
  return std::next(all.begin(),
                   static_cast<std::ptrdiff_t>(std::min(offset, all.size())));
}

}  // namespace own_mock

#endif  // EXAMPLES_OWN_MOCK_OWN_MISTAKES_H_
