#include "tests/support/freed_memory.h"

#include <malloc.h>
#include <openssl/crypto.h>

#include <cstdlib>
#include <cstring>
#include <new>

namespace glue_security {
namespace {

struct State {
  absl::string_view text;
  int found = 0;
  int freed = 0;
};

thread_local State state;

void Free(void* memory) {
  if (memory != nullptr && !state.text.empty()) {
    ++state.freed;
    if (memmem(memory, malloc_usable_size(memory), state.text.data(),
               state.text.size()) != nullptr) {
      ++state.found;
    }
  }
  std::free(memory);
}

void* Allocate(size_t bytes) {
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* Allocate(size_t bytes, std::align_val_t alignment) {
  const auto step = static_cast<size_t>(alignment);
  // The size must be a multiple of the alignment.
  void* const memory = std::aligned_alloc(step, (bytes / step + 1) * step);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* CryptoMalloc(size_t bytes, const char* /*file*/, int /*line*/) {
  return std::malloc(bytes);
}

// Moves always, so that the old block is searched.
void* CryptoRealloc(void* memory, size_t bytes, const char* /*file*/,
                    int /*line*/) {
  void* const moved = std::malloc(bytes);
  if (moved == nullptr || memory == nullptr) return moved;
  const size_t held = malloc_usable_size(memory);
  std::memcpy(moved, memory, held < bytes ? held : bytes);
  Free(memory);
  return moved;
}

void CryptoFree(void* memory, const char* /*file*/, int /*line*/) {
  Free(memory);
}

}  // namespace

FreedMemory::FreedMemory(absl::string_view text) { state = {text, 0, 0}; }
FreedMemory::~FreedMemory() { state.text = {}; }

int FreedMemory::found() const { return state.found; }
int FreedMemory::freed() const { return state.freed; }

bool SearchLibcrypto() {
  return CRYPTO_set_mem_functions(CryptoMalloc, CryptoRealloc, CryptoFree) == 1;
}

}  // namespace glue_security

// The other operators of the standard library call these.

void* operator new(size_t bytes) { return glue_security::Allocate(bytes); }
void* operator new[](size_t bytes) { return glue_security::Allocate(bytes); }
void* operator new(size_t bytes, std::align_val_t alignment) {
  return glue_security::Allocate(bytes, alignment);
}
void* operator new[](size_t bytes, std::align_val_t alignment) {
  return glue_security::Allocate(bytes, alignment);
}

void operator delete(void* memory) noexcept { glue_security::Free(memory); }
void operator delete[](void* memory) noexcept { glue_security::Free(memory); }
void operator delete(void* memory, size_t) noexcept {
  glue_security::Free(memory);
}
void operator delete[](void* memory, size_t) noexcept {
  glue_security::Free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  glue_security::Free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  glue_security::Free(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  glue_security::Free(memory);
}
void operator delete[](void* memory, size_t, std::align_val_t) noexcept {
  glue_security::Free(memory);
}
