#include "glue_security/encryption/hmac_sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

namespace glue_security {
namespace {

using Digest = std::array<uint8_t, 32>;

constexpr uint8_t kInnerPad = 0x36;
constexpr uint8_t kOuterPad = 0x5C;

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// The arguments are right, so that libcrypto fails only without memory.
void RequireMemory(bool has_succeeded) {
  if (!has_succeeded) throw std::bad_alloc();
}

// One block of SHA-256 that holds the key and a pad. Wiped at its end.
class PaddedKey {
 public:
  PaddedKey(const Secret& key, uint8_t pad) {
    block_.fill(pad);
    for (size_t i = 0; i < key.size(); ++i) {
      block_[i] = static_cast<uint8_t>(pad ^ key.view()[i]);
    }
  }
  PaddedKey(const PaddedKey&) = delete;
  PaddedKey& operator=(const PaddedKey&) = delete;
  ~PaddedKey() { WipeBytes(block_.data(), block_.size()); }

  absl::string_view view() const {
    return {reinterpret_cast<const char*>(block_.data()), block_.size()};
  }

 private:
  std::array<uint8_t, kHmacSha256KeyBytesMax> block_;
};

// SHA-256 of one text after the other.
class Hasher {
 public:
  Hasher() : context_(EVP_MD_CTX_new()) {
    // Looked up once: it takes longer than a small text.
    static EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    RequireMemory(context_ != nullptr && kSha256 != nullptr);
    sha256_ = kSha256;
  }

  void Begin() {
    RequireMemory(EVP_DigestInit_ex2(context_.get(), sha256_, nullptr) == 1);
  }
  void Add(absl::string_view text) {
    RequireMemory(EVP_DigestUpdate(context_.get(), text.data(), text.size()) ==
                  1);
  }
  Digest End() {
    Digest digest;
    RequireMemory(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) ==
                  1);
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, FreeDigest> context_;
  const EVP_MD* sha256_ = nullptr;
};

}  // namespace

std::array<uint8_t, 32> HmacSha256(
    const Secret& key, std::initializer_list<absl::string_view> parts) {
  if (key.size() > kHmacSha256KeyBytesMax) std::abort();
  Hasher hasher;
  hasher.Begin();
  hasher.Add(PaddedKey(key, kInnerPad).view());
  for (const absl::string_view part : parts) hasher.Add(part);
  const Digest inner = hasher.End();
  hasher.Begin();
  hasher.Add(PaddedKey(key, kOuterPad).view());
  hasher.Add({reinterpret_cast<const char*>(inner.data()), inner.size()});
  return hasher.End();
}

}  // namespace glue_security
