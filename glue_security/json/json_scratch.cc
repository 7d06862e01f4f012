#include "glue_security/json/json_scratch.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "glue_security/model/secret.h"

namespace glue_security {
namespace {

// The pool of scratches. It is never destroyed and is shared by all threads, so
// that a parse may happen at any time in the life of a process.
class ScratchPool {
 public:
  static ScratchPool& Get() {
    static auto* const kPool = new ScratchPool();
    return *kPool;
  }

  std::unique_ptr<JsonScratch> Take() {
    std::unique_ptr<JsonScratch> spare(spare_.exchange(nullptr));
    if (spare != nullptr) return spare;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (free_.empty()) return std::make_unique<JsonScratch>();
    std::unique_ptr<JsonScratch> scratch = std::move(free_.back());
    free_.pop_back();
    return scratch;
  }

  // Takes back a scratch. Frees one that grew for a large text. Does not throw.
  void Return(std::unique_ptr<JsonScratch> scratch) {
    if (scratch->padded.capacity() > kKeptBytesMax) return;
    scratch.reset(spare_.exchange(scratch.release()));
    if (scratch == nullptr) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (free_.size() < kKeptMax) free_.push_back(std::move(scratch));
  }

 private:
  // Reserves capacity, because `Return` is called by a destructor and must not
  // fail.
  ScratchPool() { free_.reserve(kKeptMax); }

  static constexpr size_t kKeptBytesMax = size_t{64} * 1024;
  static constexpr size_t kKeptMax = 64;

  // The scratch that was used last. Taking it needs no lock.
  std::atomic<JsonScratch*> spare_{nullptr};
  std::mutex mutex_;
  std::vector<std::unique_ptr<JsonScratch>> free_;
};

}  // namespace

void JsonScratch::SetText(absl::string_view text) {
  constexpr size_t kCapacityMin = 4096;
  padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  padded.assign(text.data(), text.size());
  const size_t capacity = std::max(text.size(), kCapacityMin);
  const size_t needed = std::max<size_t>(text.size(), 1);
  // `allocate` fails only when out of memory, and without an exception.
  if (dom_parser.capacity() < needed &&
      dom_parser.allocate(capacity, kDomDepthMax)) {
    throw std::bad_alloc();
  }
  if (strings_capacity < needed) {
    strings_capacity = 0;
    strings.reset(new uint8_t[capacity + simdjson::SIMDJSON_PADDING]);
    strings_capacity = capacity;
  }
}

void JsonScratch::Wipe() {
  // The strings take no more than the text that they come from, but each may be
  // followed by bytes that simdjson wrote in advance.
  const size_t strings_size =
      std::min(strings_capacity, padded.size()) + simdjson::SIMDJSON_PADDING;
  if (strings_capacity > 0) WipeBytes(strings.get(), strings_size);
  WipeBytes(padded.data(), padded.size());
}

BorrowedJsonScratch::BorrowedJsonScratch()
    : scratch_(ScratchPool::Get().Take()) {}

BorrowedJsonScratch::~BorrowedJsonScratch() {
  ScratchPool::Get().Return(std::move(scratch_));
}

}  // namespace glue_security
